//! The X-ray: the packets of the player's own link beside the board, and the dial that makes the link bad.

use std::{fmt::Display, time::Duration};

use game_core::Mark;
use net::{
    arq::Window,
    proto::Seat,
    xray::{Decoded, Fate, Kind, LinkPicture, MAX_ROUND_TRIPS, Picture, TcpPicture, Traced, Way},
};
use ratatui::{
    Frame,
    layout::Rect,
    text::{Line, Span},
    widgets::Paragraph,
};
use unicode_width::UnicodeWidthStr as _;

use super::{
    board::BoardLayout,
    chat,
    game::Composition,
    players,
    text::{fit, wrap},
    ui::{Breakpoint, Regions, Ui, below},
};
use crate::{
    format::exact,
    game::Game,
    theme::Role,
    xray::{Knob, LinkDial, Sight, UNKNOWN},
};

/// The columns of the packets in the full layout: the least, and the most that they make use of.
const PACKETS: (u16, u16) = (48, 76);

/// Rows below the board: a free one, two players, a free one, and the dial.
const PLAYERS_ROWS: u16 = 4;

/// The number of knobs.
const DIAL_ROWS: u16 = 6;

/// The most rows of the block: more would part the board from the line in words.
const MOST_ROWS: u16 = 34;

/// Columns beside the board in the smaller layouts, where the numbers stand without explanations.
const COMPACT_PANEL: u16 = 22;
const TINY_PANEL: u16 = 8;

impl Composition {
    /// The composition of a match with the X-ray beside the board.
    pub(super) fn seen_through(game: &Game, has_dial: bool, area: Rect) -> Option<Self> {
        let regions = Regions::of(area, area.as_size())?;
        let rules = game.snapshot.record.rules();
        // A board and the packets share the columns of an area.
        let shared = |area: Rect, panel: u16, gap: u16| {
            let room = Rect { width: area.width.saturating_sub(panel + gap), ..area };
            let board = BoardLayout::fitted(rules, game.cursor, room.as_size());
            let x = room.x + board.size().width + gap;
            (board.at(room.as_position()), Rect { x, width: area.right().saturating_sub(x), ..area })
        };
        Some(match regions.breakpoint {
            Breakpoint::Full => {
                // Between the bars, with margins, and with the line in words and a free row below.
                let height = (area.height - 6).min(MOST_ROWS);
                let block = Rect {
                    x: area.x + 2,
                    y: area.y + 2 + (area.height - 6 - height) / 2,
                    width: area.width - 4,
                    height,
                };
                let rows = height - PLAYERS_ROWS - chat_rows(game) - if has_dial { DIAL_ROWS } else { 0 };
                let (board, panel) = shared(Rect { height: rows, ..block }, PACKETS.0, 3);
                let left = panel.x - 3 - block.x;
                // The players need some columns, too.
                let more = PLAYER_COLUMNS.saturating_sub(left);
                let panel = Rect { x: panel.x + more, width: panel.width - more, height, ..panel };
                let panel = Rect { width: panel.width.min(PACKETS.1), ..panel };
                let players = Rect { y: block.y + board.size().height + 1, width: left + more, ..block };
                let players = Rect { height: block.bottom() - players.y, ..players };
                let status = Rect { x: block.x, y: block.bottom() + 1, width: block.width, height: 2 };
                Self { regions: Regions { status, ..regions }, board, players, panel }
            }
            Breakpoint::Compact => {
                let body = Rect { x: regions.body.x + 1, width: regions.body.width - 2, ..regions.body };
                let (board, panel) = shared(below(body, 2), COMPACT_PANEL, 2);
                Self { regions, board, players: Rect { height: 2, ..regions.body }, panel }
            }
            Breakpoint::Tiny => {
                let (board, panel) = shared(regions.body, TINY_PANEL, 1);
                Self { regions, board, players: Rect::ZERO, panel }
            }
        })
    }
}

/// Columns of the players' lines.
const PLAYER_COLUMNS: u16 = 25;

/// Draws the packets, and below the board the players, the dial and the last of the chat.
pub(super) fn draw(
    ui: &Ui,
    game: &Game,
    (sight, dial): (&Sight, Option<&LinkDial>),
    composition: Composition,
    frame: &mut Frame<'_>,
) {
    let Composition { players, panel, .. } = composition;
    for (row, seat) in players.rows().zip(Seat::BOTH) {
        players::line(ui, game, seat, row, frame);
    }
    let lines = match (sight, ui.breakpoint()) {
        (Sight::Unseen, _) => Vec::new(),
        (Sight::Unknown, _) => wrap(UNKNOWN, panel.width.into()).into_iter().map(Line::raw).collect(),
        (Sight::Seen(LinkPicture::Udp(picture)), Breakpoint::Full) => udp(ui, picture, panel),
        (Sight::Seen(LinkPicture::Tcp(picture)), Breakpoint::Full) => tcp(ui, picture, panel.width.into()),
        (Sight::Seen(picture), _) => brief(ui, picture, dial, panel),
    };
    frame.render_widget(Paragraph::new(lines), panel);
    if !ui.is_full() {
        return;
    }
    let mut rest = below(players, 3);
    if let Some(dial) = dial {
        for (row, knob) in rest.rows().zip(Knob::ALL) {
            let text = format!("  {knob:<11}{}", dial.value(knob));
            frame.render_widget(fit(&text, row.width.into()), row);
            if knob == dial.knob {
                ui.choose(row, ui.theme.style(Role::Mark(Mark::X)), frame);
            }
        }
        rest = below(rest, DIAL_ROWS);
        if let Sight::Seen(LinkPicture::Udp(picture)) = sight
            && let Some(it) = picture.conditions.filter(|_| rest.height > chat_rows(game))
        {
            // A damaged packet is dropped, too.
            let [out, came] = [it.outbound, it.inbound].map(|counts| counts.lost + counts.corrupted);
            let text = format!("  it lost {out} out, {came} in");
            frame.render_widget(ui.span(fit(&text, rest.width.into()), Role::Faint), rest);
        }
    }
    let chat = Rect { y: rest.bottom() - chat_rows(game).min(rest.height), ..rest };
    chat::compact(ui.theme, game, chat.intersection(rest), frame);
}

/// The rows of the last lines of the chat.
fn chat_rows(game: &Game) -> u16 {
    if game.chat.newest_first().next().is_some() { 2 } else { 0 }
}

/// The picture of a session over UDP: numbers, the time line, and the newest packet.
fn udp(ui: &Ui, picture: &Picture, area: Rect) -> Vec<Line<'static>> {
    let (columns, rows) = (usize::from(area.width), usize::from(area.height));
    let Picture { vitals, tally, .. } = picture;
    let counts = vitals.counts;
    let [srtt, rttvar] = [vitals.srtt, vitals.rttvar].map(|known| known.map_or_else(|| "-".into(), exact));
    let window = |it: Window| format!("{} of {}, {} B", it.messages, it.most, it.bytes);
    let interval = exact(vitals.interval);
    let mut lines = vec![facts(ui, &[("SRTT", &srtt), ("RTTVAR", &rttvar), ("interval", &interval)])];
    lines.extend(chart(ui, &picture.round_trips, columns, if rows < TALL { 1 } else { 3 }));
    lines.extend([
        facts(ui, &[("window out", &window(vitals.outbound)), ("in", &window(vitals.inbound))]),
        counted(
            ui,
            "sent",
            [(counts.sent, ""), (counts.sent_bytes, "B"), (counts.copies, "copies"), (tally.lost, "lost")],
        ),
        counted(
            ui,
            "received",
            [
                (counts.received, ""),
                (counts.received_bytes, "B"),
                (counts.duplicates, "twice"),
                (tally.missing, "missing"),
            ],
        ),
        counted(ui, "dropped", [(counts.invalid, "invalid"), (counts.flooded, "flooded")]),
    ]);
    let left = rows.saturating_sub(lines.len());
    let newest = picture
        .newest
        .as_ref()
        .map_or_else(Vec::new, |newest| fields(ui, newest, columns, left.saturating_sub(LEAST_PACKETS + 1)));
    lines.push(title(ui, "time line", columns));
    let shown = left.saturating_sub(newest.len() + 1);
    let first = picture.packets.len().saturating_sub(shown);
    lines.extend(picture.packets.iter().skip(first).map(|packet| traced(ui, packet, columns)));
    // The newest packet stays at the bottom.
    lines.resize(rows.saturating_sub(newest.len()), Line::default());
    lines.extend(newest);
    lines
}

/// Rows from which the chart has more than one.
const TALL: usize = 24;

/// Packets of the time line that stay above the newest packet.
const LEAST_PACKETS: usize = 6;

/// The picture of a connection over TCP.
fn tcp(ui: &Ui, picture: &TcpPicture, columns: usize) -> Vec<Line<'static>> {
    let mut lines = vec![
        title(ui, "TCP_INFO", columns),
        facts(ui, &[("round trip", &exact(picture.rtt)), ("variation", &exact(picture.rttvar))]),
        facts(ui, &[("sends again after", &exact(picture.interval))]),
        facts(ui, &[("unacknowledged", &picture.unacknowledged), ("window", &picture.window)]),
        facts(ui, &[("retransmits", &picture.retransmits), ("in a row now", &picture.retransmits_now)]),
        facts(ui, &[("acknowledged", &format!("{} B", picture.bytes_acknowledged))]),
        facts(ui, &[("received", &format!("{} B", picture.bytes_received))]),
        Line::default(),
    ];
    let said = wrap(TCP, columns).into_iter();
    lines.extend(said.map(|line| ui.line(ui.theme.text(&line), Role::Faint)));
    lines
}

/// The reason why no packet of TCP is shown.
const TCP: &str =
    "Over TCP the system sends and repeats the packets, and tells their numbers only. Try the same over UDP.";

/// The numbers that matter most, where there is little room; in a lab the chosen knob, else the newest packet.
fn brief(ui: &Ui, picture: &LinkPicture, dial: Option<&LinkDial>, area: Rect) -> Vec<Line<'static>> {
    let columns = usize::from(area.width);
    let is_tiny = ui.breakpoint() == Breakpoint::Tiny;
    let [rtt, sent, again, came] = match picture {
        LinkPicture::Udp(picture) => {
            let (counts, tally) = (picture.vitals.counts, picture.tally);
            let rtt = picture.vitals.srtt.map_or_else(|| "-".into(), exact);
            let missing = if is_tiny { String::new() } else { format!(", {} missing", tally.missing) };
            let (sent, again) = (format!("{} sent", counts.sent), format!("{} again", counts.copies));
            [rtt, sent, again, format!("{} lost{missing}", tally.lost)]
        }
        LinkPicture::Tcp(picture) => [
            exact(picture.rtt),
            format!("{} out", picture.unacknowledged),
            format!("{} again", picture.retransmits),
            format!("{} B", picture.bytes_received),
        ],
    };
    let mut lines = if is_tiny {
        vec![rtt, sent, again, came]
    } else {
        vec![format!("round trip {rtt}"), format!("{sent}, {again}"), came]
    };
    lines.extend(dial.map(|dial| match dial.value(dial.knob) {
        value if is_tiny => value.replace(' ', ""),
        value => format!("{} {value}", dial.knob),
    }));
    let mut lines: Vec<Line<'static>> =
        lines.into_iter().map(|line| Line::raw(ui.theme.text(fit(&line, columns).trim_end()))).collect();
    if let (false, LinkPicture::Udp(picture)) = (is_tiny, picture) {
        lines.extend(picture.packets.last().map(|packet| event(ui, packet, columns)));
    }
    lines
}

/// `SRTT 31.2 ms   RTTVAR 2.1 ms`
fn facts(ui: &Ui, facts: &[(&str, &dyn Display)]) -> Line<'static> {
    let spans = facts.iter().enumerate().flat_map(|(index, (name, value))| {
        let gap = if index == 0 { "" } else { "  " };
        [ui.span(format!("{gap}{name} "), Role::Faint), Span::raw(value.to_string())]
    });
    spans.collect()
}

/// Counters in columns, so that two lines can be compared: `sent     43   1690 B   7 copies   6 lost`.
fn counted<const N: usize>(ui: &Ui, title: &str, counts: [(u64, &str); N]) -> Line<'static> {
    let counts = counts.into_iter().flat_map(|(count, name)| {
        let columns = if name.len() > 1 { 7 } else { 2 * name.len() };
        [Span::raw(format!("{count:>5} ")), ui.span(format!("{name:<columns$}"), Role::Faint)]
    });
    [ui.span(format!("{title:<8}"), Role::Faint)].into_iter().chain(counts).collect()
}

/// A title on a rule.
fn title(ui: &Ui, text: &str, columns: usize) -> Line<'static> {
    let text = fit(&format!("{text} "), columns.min(text.width() + 1));
    let rule = ui.theme.horizontal().repeat(columns.saturating_sub(text.width()));
    let text = ui.span(ui.theme.text(&text), Role::Strong);
    Line::from(vec![text, ui.span(rule, Role::Rule)])
}

/// The round trips as columns, the newest at the right, and the longest of them in words.
fn chart(ui: &Ui, round_trips: &[Duration], columns: usize, rows: usize) -> Vec<Line<'static>> {
    let steps: &[char] = if ui.theme.is_ascii {
        &[' ', '.', ':', '|']
    } else {
        &[' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
    };
    let most = steps.len() - 1;
    let longest = round_trips.iter().max().copied().unwrap_or_default();
    let words = format!("  up to {}", exact(longest));
    let shown = columns.saturating_sub(words.width()).min(MAX_ROUND_TRIPS);
    let last = round_trips.iter().skip(round_trips.len().saturating_sub(shown));
    let heights: Vec<usize> = last
        .map(|rtt| {
            let all = u128::try_from(rows * most).unwrap_or(1);
            usize::try_from((rtt.as_micros() * all).div_ceil(longest.as_micros().max(1))).unwrap_or(most)
        })
        .collect();
    let row = |from_below: usize| {
        let column = |height: &usize| steps[height.saturating_sub(from_below * most).min(most)];
        let text: String = heights.iter().map(column).collect();
        let words = if from_below == 0 { words.as_str() } else { "" };
        Line::from(vec![
            ui.span(format!("{text:<shown$}"), Role::Mark(Mark::X)),
            ui.span(words.to_owned(), Role::Faint),
        ])
    };
    (0..rows).rev().map(row).collect()
}

/// Columns of a packet's age.
const TIME_COLUMNS: usize = 8;

/// The columns by which what comes stands to the right of what goes.
const INDENT: usize = 16;

/// `12.301  > 41 again, acked after 31.2 ms`
fn traced(ui: &Ui, packet: &Traced, columns: usize) -> Line<'static> {
    let indent = if packet.way == Way::In { INDENT } else { 0 };
    let at = format!("{:<TIME_COLUMNS$.3}", packet.at.as_secs_f64());
    let at = ui.span(format!("{at}{}", " ".repeat(indent)), Role::Faint);
    let mut line = event(ui, packet, columns.saturating_sub(at.width()));
    line.spans.insert(0, at);
    line
}

/// `> 41 again, acked after 31.2 ms`
fn event(ui: &Ui, packet: &Traced, columns: usize) -> Line<'static> {
    let [.., left, right] = ui.theme.more();
    let arrow = if packet.way == Way::Out { right } else { left };
    let number = packet.number.map(|number| format!("{number} ")).unwrap_or_default();
    let (kind, role) = match packet.kind {
        Kind::Messages => ("new", Role::Plain),
        Kind::SentAgain => ("again", Role::Strong),
        Kind::EarlyCopy => ("early copy", Role::Strong),
        Kind::Acknowledgement => ("acknowledges", Role::Faint),
        Kind::Question => ("asks", Role::Faint),
        Kind::Control(name) => (name, Role::Plain),
        Kind::Dropped => ("dropped", Role::Bad),
        Kind::Missing => ("missing", Role::Bad),
    };
    let (fate, role) = match packet.fate {
        Fate::Unknown | Fate::Arrived => (String::new(), role),
        // Nobody has to acknowledge it, and nothing depends on when.
        Fate::Acknowledged(_) if packet.kind == Kind::Acknowledgement => (String::new(), role),
        Fate::Acknowledged(after) => (format!(", acked after {}", exact(after)), role),
        Fate::Lost if packet.kind == Kind::Missing => (String::new(), role),
        Fate::Lost => (", lost".into(), Role::Bad),
    };
    let text = fit(&format!("{arrow} {number}{kind}{fate}"), columns);
    Line::from(ui.span(text.trim_end().to_owned(), role))
}

/// Columns of a field's bytes, with a gap behind them, and the most of its value.
const HEX_COLUMNS: usize = 10;
const VALUE_COLUMNS: usize = 24;

/// Bytes of a field that are shown.
const SHOWN_BYTES: usize = 4;

/// The newest packet: each field's bytes, name and value. A packet of more fields than there are rows ends with their number.
fn fields(ui: &Ui, newest: &Decoded, columns: usize, rows: usize) -> Vec<Line<'static>> {
    let way = if newest.way == Way::Out { "sent" } else { "received" };
    let mut lines = vec![title(ui, &format!("newest packet, {way}, {} bytes", newest.bytes.len()), columns)];
    let room = rows.saturating_sub(1);
    let shown = if newest.fields.len() > room { room.saturating_sub(1) } else { room };
    lines.extend(newest.fields.iter().take(shown).map(|field| {
        let bytes = newest.bytes.get(field.range.clone()).unwrap_or_default();
        let mut hex =
            bytes.iter().take(SHOWN_BYTES).fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"));
        hex.push_str(if bytes.len() > SHOWN_BYTES { "~" } else { "" });
        let value = fit(&ui.theme.text(&field.value), field.value.width().min(VALUE_COLUMNS));
        // Where both do not fit, the value matters more.
        let room = columns.saturating_sub(HEX_COLUMNS + 2 + value.width());
        let name = fit(field.name, room.min(field.name.width()));
        let name = ui.span(format!("{hex:<HEX_COLUMNS$}{name}: "), Role::Faint);
        Line::from(vec![name, Span::raw(value)])
    }));
    let more = newest.fields.len().saturating_sub(shown);
    if more > 0 {
        let [_, sign, ..] = ui.theme.more();
        lines.push(ui.line(format!("{sign} {more} more fields"), Role::Faint));
    }
    lines
}
