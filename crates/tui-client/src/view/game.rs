//! A room: waiting for a friend, the match, and its end.

use game_core::{Cell, Rules};
use net::proto::{Passcode, Phase, Presence, Seat};
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Position, Rect},
    text::Line,
    widgets::Paragraph,
};
use server::phrases;

use super::{
    board::BoardLayout,
    players, side,
    ui::{Breakpoint, Regions, Ui},
    waiting,
};
use crate::{
    format,
    game::{Game, Place},
    online::LinkState,
};

/// The layout of a board, with its rules.
pub(super) struct ShownBoard {
    layout: BoardLayout,
    rules: Rules,
}

impl ShownBoard {
    pub(super) fn cell_at(&self, position: Position) -> Option<Cell> {
        self.layout.cell_at(self.rules, position)
    }
}

/// The layout of the board, if one is drawn.
pub(super) fn board_layout(game: &Game, regions: Regions) -> Option<ShownBoard> {
    if game.snapshot.phase == Phase::Waiting {
        return None;
    }
    let rules = game.snapshot.record.rules();
    let [_, board, _] = areas(regions);
    Some(ShownBoard { layout: BoardLayout::fit(rules, game.cursor, board), rules })
}

pub(super) fn draw(ui: &Ui, game: &Game, passcode: Option<Passcode>, frame: &mut Frame<'_>) {
    let right = connection(ui, game);
    if game.snapshot.phase == Phase::Waiting {
        let left = if ui.is_full() { "oxo" } else { "oxo waiting" };
        ui.header([left, "WAITING FOR A FRIEND", &right], frame);
        return waiting::draw(ui, game, passcode, frame);
    }
    let code = game.online().map(|_| game.snapshot.code.to_string()).unwrap_or_default();
    let series = phrases::series(&game.snapshot.terms());
    let middle = format!("{series}, game {}", game.snapshot.game_number());
    match ui.breakpoint() {
        Breakpoint::Tiny => {
            frame.render_widget(Paragraph::new(players::tiny(ui, game)), ui.regions.header);
        }
        Breakpoint::Full if code.is_empty() => ui.header(["oxo", &middle, &right], frame),
        Breakpoint::Full => ui.header([&format!("oxo  {code}"), &middle, &right], frame),
        // An alarm needs the room.
        _ if right.starts_with('!') => ui.header([&code, &middle, &right], frame),
        Breakpoint::Compact => ui.header([&compact_title(game), &middle, &right], frame),
    }
    let [players_area, _, panel] = areas(ui.regions);
    let Some(ShownBoard { layout, rules }) = board_layout(game, ui.regions) else { return };
    let has_cursor = game.context().takes_moves();
    let cursor = has_cursor.then_some(game.cursor);
    layout.draw(game, cursor, ui.theme, frame.buffer_mut());
    if has_cursor && ui.has_focus {
        frame.set_cursor_position(layout.middle(rules, game.cursor));
    }
    match ui.breakpoint() {
        Breakpoint::Full => side::full(ui, game, panel, frame),
        Breakpoint::Compact => {
            let lines: Vec<Line<'_>> = Seat::BOTH.map(|seat| players::line(ui, game, seat)).into();
            frame.render_widget(Paragraph::new(lines), players_area);
            side::compact(ui, game, panel, frame);
        }
        Breakpoint::Tiny => {}
    }
}

/// The state of the connection, or the trouble of the other player.
fn connection(ui: &Ui, game: &Game) -> String {
    let is_adjourned = game.snapshot.phase == Phase::Adjourned;
    if let Some((presence, time)) = game.unheard_for(game.other(), ui.now).filter(|_| !is_adjourned) {
        let (other, time) = (game.other_name(), format::clock(time));
        return match presence {
            Presence::Away { is_on_purpose: true, .. } => format!("! {other} left {time}"),
            Presence::Away { .. } => format!("! {other}'s link is down {time}"),
            Presence::Present | Presence::Silent { .. } => format!("! {other}: no answer {time}"),
        };
    }
    let link = match &game.place {
        Place::Keyboard => "at this keyboard".into(),
        Place::Bot => "against the bot".into(),
        Place::Server(online) => match &online.link {
            LinkState::Up { rtt: Some(rtt) } => {
                format!("* {} {}", online.transport, format::milliseconds(*rtt))
            }
            LinkState::Up { rtt: None } => format!("* {}", online.transport),
            LinkState::Silent { since } => {
                format!("! no answer {} s", ui.now.saturating_duration_since(*since).as_secs())
            }
            LinkState::Down(_) if game.is_ended() => "! no connection".into(),
            LinkState::Down(down) => format!("! RECONNECTING, try {}", down.tries.max(1)),
        },
    };
    match game.snapshot.watchers {
        // An alarm needs the room.
        _ if link.starts_with('!') => link,
        0 => link,
        watchers if ui.regions.header.width < 80 => format!("{link} | {watchers} w"),
        watchers => format!("{link} | {watchers} watching"),
    }
}

/// `KITE-42 g2 bo3`
fn compact_title(game: &Game) -> String {
    let code = game.online().map_or_else(|| "oxo".into(), |_| game.snapshot.code.to_string());
    let series = game.snapshot.best_of.map(|best_of| format!(" bo{best_of}")).unwrap_or_default();
    format!("{code} g{}{series}", game.snapshot.game_number())
}

/// The players' lines, the board and the panel.
fn areas(regions: Regions) -> [Rect; 3] {
    let body = regions.body;
    match regions.breakpoint {
        Breakpoint::Full => {
            let [board, panel] =
                body.layout(&Layout::horizontal([Constraint::Fill(1), Constraint::Length(side::COLUMNS)]));
            [Rect::ZERO, board, panel]
        }
        Breakpoint::Compact => {
            let [players, rest] =
                body.layout(&Layout::vertical([Constraint::Length(2), Constraint::Fill(1)]));
            let [board, panel] =
                rest.layout(&Layout::horizontal([Constraint::Fill(1), Constraint::Length(15)]));
            [players, board, panel]
        }
        Breakpoint::Tiny => [Rect::ZERO, body, Rect::ZERO],
    }
}
