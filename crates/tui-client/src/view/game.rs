//! A room: waiting for a friend, the match, and its end.

use std::time::Instant;

use net::proto::{Phase, Seat};
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Position, Rect},
    text::Line,
    widgets::Paragraph,
};

use super::{Parts, Room, board::BoardLayout, header, link_words, players, side};
use server::phrases;

use crate::model::{Game, Model};

/// The layout of the board with the rules that it needs to be asked.
pub(super) struct ShownBoard {
    layout: BoardLayout,
    rules: game_core::Rules,
}

impl ShownBoard {
    pub(super) fn cell_at(&self, position: Position) -> Option<game_core::Cell> {
        self.layout.cell_at(self.rules, position)
    }
}

/// Where the board of a game is drawn, if one is.
pub(super) fn board_layout(game: &Game, parts: Parts) -> Option<ShownBoard> {
    if game.snapshot.phase == Phase::Waiting {
        return None;
    }
    let rules = game.snapshot.record.rules();
    let [_, board, _] = areas(parts);
    Some(ShownBoard { layout: BoardLayout::fit(rules, game.cursor, board), rules })
}

pub(super) fn draw(model: &Model, game: &Game, now: Instant, parts: Parts, frame: &mut Frame<'_>) {
    let right = link_words(model, now);
    let code = game.online().map(|_| format!("  {}", game.snapshot.code)).unwrap_or_default();
    if game.snapshot.phase == Phase::Waiting {
        let title = "WAITING FOR A FRIEND";
        header(
            model,
            parts,
            [if parts.room == Room::Full { "oxo" } else { "oxo waiting" }, title, &right],
            frame,
        );
        return super::waiting::draw(model, game, now, parts, frame);
    }
    let series = phrases::series(&game.snapshot.terms());
    let middle = format!("{series}, game {}", game.snapshot.game_number());
    if parts.room == Room::Tiny {
        let players = players::tiny(model, game, now, parts.header.width);
        frame.render_widget(Paragraph::new(players), parts.header);
    } else {
        let left = match parts.room {
            Room::Full => format!("oxo{code}"),
            // An alarm needs the room.
            Room::Compact if right.starts_with('!') => code.trim_start().to_owned(),
            Room::Compact | Room::Tiny | Room::TooSmall => compact_title(game),
        };
        header(model, parts, [&left, &middle, &right], frame);
    }
    let [players_area, _, panel] = areas(parts);
    let Some(ShownBoard { layout, rules }) = board_layout(game, parts) else { return };
    let has_cursor = model.screen_context().takes_moves();
    let cursor = has_cursor.then_some(game.cursor);
    layout.draw(game, cursor, model.theme, frame.buffer_mut());
    if has_cursor && model.overlay.is_none() {
        frame.set_cursor_position(layout.middle(rules, game.cursor));
    }
    match parts.room {
        Room::Full => side::full(model, game, now, panel, frame),
        Room::Compact => {
            let lines: Vec<Line<'_>> = Seat::BOTH.map(|seat| players::line(model, game, seat, now)).into();
            frame.render_widget(Paragraph::new(lines), players_area);
            side::compact(model, game, now, panel, frame);
        }
        Room::Tiny | Room::TooSmall => {}
    }
}

/// `KITE-42 g2 bo3`
fn compact_title(game: &Game) -> String {
    let code = game.online().map_or_else(|| "oxo".into(), |_| game.snapshot.code.to_string());
    let series = game.snapshot.best_of.map(|best_of| format!(" bo{best_of}")).unwrap_or_default();
    format!("{code} g{}{series}", game.snapshot.game_number())
}

/// The players' lines, the board and the panel.
fn areas(parts: Parts) -> [Rect; 3] {
    let body = parts.body;
    match parts.room {
        Room::Full => {
            let [board, panel] =
                body.layout(&Layout::horizontal([Constraint::Fill(1), Constraint::Length(side::COLUMNS)]));
            [Rect::ZERO, board, panel]
        }
        Room::Compact => {
            let [players, rest] =
                body.layout(&Layout::vertical([Constraint::Length(2), Constraint::Fill(1)]));
            let [board, panel] =
                rest.layout(&Layout::horizontal([Constraint::Fill(1), Constraint::Length(15)]));
            [players, board, panel]
        }
        Room::Tiny | Room::TooSmall => [Rect::ZERO, body, Rect::ZERO],
    }
}
