//! The picture: the p99 of each transport by loss, one panel for each round trip.
//!
//! A hand-written SVG on a card of its own, so that it can be read on any page. Transports differ by marker and dashes as
//! well as by colour, and each line bears its name.

use std::fmt::Write as _;

use super::trial::{LOSSES, Measured, Network, ROUND_TRIPS};

/// Draws the figures.
pub(super) fn svg(measured: &[Measured]) -> String {
    let (width, height) = (PANEL_WIDTH * f64::from(PANELS), PANEL_HEIGHT);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"DejaVu Sans, Verdana, sans-serif\" font-size=\"12\">\n\
         <title>p99 of a message's time on the way, by loss</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{CARD}\"/>\n"
    );
    let slowest = measured.iter().map(|it| it.figures.p99()).fold(1.0, f64::max);
    for (place, rtt_millis) in (0_u32..).zip(ROUND_TRIPS) {
        let panel = Panel {
            left: PANEL_WIDTH * f64::from(place) + MARGIN_LEFT,
            decades: slowest.log10().floor() + 1.0,
            rtt_millis,
        };
        panel.draw(&mut svg, measured);
    }
    svg + "</svg>\n"
}

/// The part of the picture for one round trip.
#[derive(Debug, Clone, Copy)]
struct Panel {
    /// The left end of the axis of losses.
    left: f64,
    /// Powers of ten on the axis of times, which begins at 1 ms.
    decades: f64,
    rtt_millis: u16,
}

/// The look of a transport's line.
#[derive(Debug, Clone, Copy)]
struct Look {
    name: &'static str,
    color: &'static str,
    /// Lengths of strokes and gaps; empty for a whole line.
    dashes: &'static str,
    /// The outline of its marker, around the point 0,0.
    marker: &'static str,
}

impl Panel {
    fn draw(self, svg: &mut String, measured: &[Measured]) {
        self.draw_axes(svg);
        let mut ends = Vec::new();
        // The first ones last, so that ours lie above.
        for look in LOOKS.into_iter().rev() {
            let points = self.points(measured, look.name);
            draw_line(svg, &points, look);
            if let Some(end) = points.last() {
                ends.push((*end, look));
            }
        }
        draw_names(svg, ends);
    }

    fn draw_axes(self, svg: &mut String) {
        let (left, right) = (self.left, self.left + PLOT_WIDTH);
        let title = format!("round trip {} ms: p99 in ms, by loss", self.rtt_millis);
        let _written =
            writeln!(svg, "<text x=\"{left}\" y=\"24\" fill=\"{INK}\" font-size=\"14\">{title}</text>");
        let mut decade = 1.0;
        while self.y(decade) >= self.y(10_f64.powf(self.decades)) - 0.5 {
            for (part, width) in [(1.0, 1.0), (2.0, 0.4), (5.0, 0.4)] {
                let y = self.y(decade * part);
                if y < MARGIN_TOP - 0.5 {
                    continue;
                }
                let _written = writeln!(
                    svg,
                    "<path d=\"M{left:.1} {y:.1}H{right:.1}\" stroke=\"{GRID}\" stroke-width=\"{width}\"/>"
                );
                let _written = writeln!(
                    svg,
                    "<text x=\"{:.1}\" y=\"{:.1}\" fill=\"{INK}\" text-anchor=\"end\">{}</text>",
                    left - 8.0,
                    y + 4.0,
                    decade * part
                );
            }
            decade *= 10.0;
        }
        for (place, loss) in LOSSES.into_iter().enumerate() {
            let (x, y) = (self.x(place), PANEL_HEIGHT - MARGIN_BOTTOM + 20.0);
            let _written = writeln!(
                svg,
                "<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{INK}\" text-anchor=\"middle\">{loss} %</text>"
            );
        }
    }

    /// The points of a transport's line.
    fn points(self, measured: &[Measured], name: &str) -> Vec<(f64, f64)> {
        let networks = LOSSES.map(|loss_percent| Network { rtt_millis: self.rtt_millis, loss_percent });
        let point = |(place, network)| {
            let found = measured.iter().find(|it| it.network == network && it.transport.name == name)?;
            Some((self.x(place), self.y(found.figures.p99())))
        };
        networks.into_iter().enumerate().filter_map(point).collect()
    }

    /// The place of a loss; losses stand at equal distances, so that the small ones do not crowd.
    fn x(self, place: usize) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "there are five losses")]
        let part = place as f64 / (LOSSES.len() - 1) as f64;
        self.left + INSET + part * (PLOT_WIDTH - 2.0 * INSET)
    }

    /// The place of a time.
    fn y(self, millis: f64) -> f64 {
        let plot_height = PANEL_HEIGHT - MARGIN_TOP - MARGIN_BOTTOM;
        PANEL_HEIGHT - MARGIN_BOTTOM - millis.max(1.0).log10() / self.decades * plot_height
    }
}

/// A line with a marker at each point.
fn draw_line(svg: &mut String, points: &[(f64, f64)], look: Look) {
    let Look { color, dashes, marker, name: _ } = look;
    let path: Vec<_> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let _written = writeln!(
        svg,
        "<polyline points=\"{}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\" stroke-dasharray=\"{dashes}\"/>",
        path.join(" ")
    );
    for (x, y) in points {
        let _written = writeln!(
            svg,
            "<path d=\"{marker}\" transform=\"translate({x:.1},{y:.1})\" fill=\"{CARD}\" stroke=\"{color}\" \
             stroke-width=\"2\"/>"
        );
    }
}

/// The names beside the ends of the lines, moved apart where they would meet.
fn draw_names(svg: &mut String, mut ends: Vec<((f64, f64), Look)>) {
    ends.sort_by(|((_, y), ..), ((_, other_y), ..)| y.total_cmp(other_y));
    let places = spread(&ends.iter().map(|((_, y), ..)| *y).collect::<Vec<_>>());
    for (((x, y), Look { name, color, .. }), place) in ends.into_iter().zip(places) {
        let (from, to) = (x + 9.0, x + 24.0);
        let _written = writeln!(
            svg,
            "<path d=\"M{from:.1} {y:.1}L{to:.1} {place:.1}\" stroke=\"{color}\" stroke-width=\"0.8\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" fill=\"{color}\">{name}</text>",
            to + 4.0,
            place + 4.0
        );
    }
}

/// Places as near to `wanted`, which is sorted, as [`NAME_HEIGHT`] between each two allows: those that meet are moved
/// up and down about their middle.
fn spread(wanted: &[f64]) -> Vec<f64> {
    let mut places = wanted.to_vec();
    for _ in 0..SPREADING {
        for lower in 1..places.len() {
            let missing = NAME_HEIGHT - (places[lower] - places[lower - 1]);
            if missing > 0.0 {
                places[lower - 1] -= missing / 2.0;
                places[lower] += missing / 2.0;
            }
        }
    }
    places
}

/// The looks of all transports.
const LOOKS: [Look; 7] = [
    Look { name: "oxo-udp", color: "#ffffff", dashes: "", marker: "M-5 0A5 5 0 1 0 5 0A5 5 0 1 0 -5 0Z" },
    Look { name: "oxo-tcp", color: "#ffffff", dashes: "6 3", marker: "M-4.5 -4.5H4.5V4.5H-4.5Z" },
    Look { name: "tcp", color: "#f47067", dashes: "", marker: "M0 -6V6M-6 0H6" },
    Look { name: "quinn", color: "#6cb6ff", dashes: "7 4", marker: "M0 -6L6 5H-6Z" },
    Look { name: "quinn-tuned", color: "#6cb6ff", dashes: "", marker: "M0 6L6 -5H-6Z" },
    Look { name: "enet", color: "#8ddb8c", dashes: "2 3", marker: "M0 -6L6 0L0 6L-6 0Z" },
    Look { name: "kcp", color: "#dcbdfb", dashes: "9 3 2 3", marker: "M-5 -5L5 5M-5 5L5 -5" },
];

/// Pixels of the picture's parts.
const PANEL_WIDTH: f64 = 480.0;
const PANEL_HEIGHT: f64 = 420.0;
const PLOT_WIDTH: f64 = 310.0;
const MARGIN_LEFT: f64 = 56.0;
const MARGIN_TOP: f64 = 44.0;
const MARGIN_BOTTOM: f64 = 40.0;

/// Pixels between the sides of a plot and its first and last points.
const INSET: f64 = 14.0;

/// Pixels from one name to the next, at least.
const NAME_HEIGHT: f64 = 15.0;

/// Rounds in which names are moved apart; a handful of names has come to rest by then.
const SPREADING: u32 = 200;

/// One panel for each round trip.
const PANELS: u32 = 2;

/// The colours of the card, of text and of the grid: those of the README's picture.
const CARD: &str = "#16181d";
const INK: &str = "#d7dae0";
const GRID: &str = "#4a505a";

#[cfg(test)]
mod tests {
    use super::*;

    use crate::bench_link::trial::TRANSPORTS;

    #[test]
    fn names_are_moved_apart_and_no_farther() {
        let near = |places: &[f64], expected: &[f64]| {
            let pairs = places.iter().zip(expected);
            assert!(pairs.clone().all(|(place, expected)| (place - expected).abs() < 0.1), "{places:?}");
        };
        near(&spread(&[10.0, 100.0]), &[10.0, 100.0]);
        near(&spread(&[100.0, 100.0]), &[92.5, 107.5]);
        near(&spread(&[100.0, 100.0, 100.0, 200.0]), &[85.0, 100.0, 115.0, 200.0]);
    }

    #[test]
    fn every_transport_has_a_look_of_its_own_and_every_round_trip_a_panel() {
        const { assert!(ROUND_TRIPS.len() == PANELS as usize) }
        for transport in TRANSPORTS {
            assert_eq!(LOOKS.iter().filter(|look| look.name == transport.name).count(), 1, "{transport:?}");
        }
        for (index, look) in LOOKS.iter().enumerate() {
            let mut others = LOOKS.iter().skip(index + 1);
            assert!(others.all(|other| other.marker != look.marker), "{look:?}");
        }
    }
}
