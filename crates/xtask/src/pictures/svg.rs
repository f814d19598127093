//! A screen as an SVG.

use std::fmt::Write as _;

/// The colours of a terminal where a program names none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ground {
    paper: &'static str,
    ink: &'static str,
}

impl Ground {
    pub(super) const DARK: Self = Self { paper: "#16181d", ink: "#d7dae0" };
    pub(super) const LIGHT: Self = Self { paper: "#fbfbf8", ink: "#1f2328" };
}

/// Pixels of one character, and of the margin.
const CELL: (u16, u16) = (9, 18);
const MARGIN: u16 = 12;

/// Draws a screen: for each run of characters that look alike a rectangle for the background, and a text or rectangles for the
/// characters.
pub(super) fn draw(screen: &vt100::Screen, ground: Ground) -> String {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let (width, height) = (columns * CELL.0 + 2 * MARGIN, rows * CELL.1 + 2 * MARGIN);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" \
         font-size=\"15\">\n<title>oxo in a terminal</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{}\"/>\n",
        ground.paper
    );
    for row in 0..rows {
        let mut column = 0;
        while column < columns {
            let start = column;
            let look = Look::of(screen, row, column, ground);
            let mut text = String::new();
            while column < columns && Look::of(screen, row, column, ground) == look {
                let contents = screen.cell(row, column).map(vt100::Cell::contents).unwrap_or_default();
                text.push_str(if contents.is_empty() { " " } else { contents });
                column += 1;
            }
            look.draw(&mut svg, (start, row), &text, ground);
        }
    }
    svg.push_str("</svg>\n");
    svg
}

/// The look of a character.
#[derive(Debug, Clone, PartialEq)]
struct Look {
    ink: String,
    paper: String,
    is_bold: bool,
    /// The columns, the first row and the rows of a character that is a block, in halves of a character.
    block: Option<(u16, u16, u16)>,
}

impl Look {
    fn of(screen: &vt100::Screen, row: u16, column: u16, ground: Ground) -> Self {
        let color = |color: vt100::Color, default: &str| match color {
            vt100::Color::Rgb(red, green, blue) => format!("#{red:02x}{green:02x}{blue:02x}"),
            vt100::Color::Default | vt100::Color::Idx(_) => default.to_owned(),
        };
        let cell = screen.cell(row, column).expect("the place is on the screen");
        let (mut ink, mut paper) = (color(cell.fgcolor(), ground.ink), color(cell.bgcolor(), ground.paper));
        if cell.inverse() {
            std::mem::swap(&mut ink, &mut paper);
        }
        let block = match cell.contents() {
            "█" => Some((2, 0, 2)),
            "▀" => Some((2, 0, 1)),
            "▄" => Some((2, 1, 1)),
            "▌" => Some((1, 0, 2)),
            _ => None,
        };
        Self { ink, paper, is_bold: cell.bold(), block }
    }

    fn draw(&self, svg: &mut String, (column, row): (u16, u16), text: &str, ground: Ground) {
        let (x, y) = (MARGIN + column * CELL.0, MARGIN + row * CELL.1);
        let width = u16::try_from(text.chars().count()).unwrap_or_default() * CELL.0;
        let mut rectangle = |y: u16, (width, height): (u16, u16), fill: &str| {
            let _written = writeln!(
                svg,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{fill}\"/>"
            );
        };
        if self.paper != ground.paper {
            rectangle(y, (width, CELL.1), &self.paper);
        }
        let half = CELL.1 / 2;
        match self.block {
            Some((columns, top, rows)) => {
                rectangle(y + top * half, (width * columns / 2, rows * half), &self.ink);
            }
            None if text.trim().is_empty() => {}
            None => {
                let weight = if self.is_bold { " font-weight=\"bold\"" } else { "" };
                let text = text.replace('&', "&amp;").replace('<', "&lt;");
                let (baseline, fill) = (y + 14, &self.ink);
                let _written = writeln!(
                    svg,
                    "<text x=\"{x}\" y=\"{baseline}\" textLength=\"{width}\" xml:space=\"preserve\" \
                     fill=\"{fill}\"{weight}>{text}</text>"
                );
            }
        }
    }
}
