//! A room: waiting for a friend, the match, and its end.

use std::time::Instant;

use net::proto::{Phase, Presence, Seat};
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Position, Rect},
    text::{Line, Span},
    widgets::{Block, Paragraph},
};

use super::{Parts, Room, board::BoardLayout, header, link_words, mark_style};
use crate::{
    keymap::Context,
    model::{Game, Model, Retry},
    theme::Role,
    words,
};

/// Columns of the panel beside the board.
const PANEL: u16 = 34;

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
    let rules = words::rules(game.snapshot.record.rules());
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
    let middle = format!("{rules}, game {}", game.snapshot.match_number);
    if parts.room == Room::Tiny {
        frame.render_widget(Paragraph::new(tiny_players(model, game)), parts.header);
    } else {
        header(model, parts, [&format!("oxo{code}"), &middle, &right], frame);
    }
    let [players_area, _, panel] = areas(parts);
    let Some(ShownBoard { layout, rules }) = board_layout(game, parts) else { return };
    let has_cursor = matches!(model.screen_context(), Context::Match | Context::LinkDown);
    let cursor = has_cursor.then_some(game.cursor);
    layout.draw(game, cursor, model.theme, frame.buffer_mut());
    if has_cursor && model.overlay.is_none() {
        frame.set_cursor_position(layout.middle(rules, game.cursor));
    }
    match parts.room {
        Room::Full => full_panel(model, game, now, panel, frame),
        Room::Compact => {
            let lines: Vec<Line<'_>> = Seat::BOTH.map(|seat| player_line(model, game, seat, now)).into();
            frame.render_widget(Paragraph::new(lines), players_area);
            compact_panel(model, game, panel, frame);
        }
        Room::Tiny | Room::TooSmall => {}
    }
}

/// The players' lines, the board and the panel.
fn areas(parts: Parts) -> [Rect; 3] {
    let body = parts.body;
    match parts.room {
        Room::Full => {
            let [board, panel] =
                body.layout(&Layout::horizontal([Constraint::Fill(1), Constraint::Length(PANEL)]));
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

/// `X ana (you) 0   << YOUR TURN`
fn player_line(model: &Model, game: &Game, seat: Seat, now: Instant) -> Line<'static> {
    let theme = model.theme;
    let snapshot = &game.snapshot;
    let mark = snapshot.mark(seat);
    let is_own = game.is_own(seat);
    let you = if is_own { " (you)" } else { "" };
    let name = theme.text(&words::name(game, seat));
    let wins = snapshot.score.wins[seat];
    let state = seat_state(game, seat, now);
    let role = if state.starts_with('!') { Role::Warning } else { Role::Call };
    Line::from(vec![
        Span::raw(" "),
        Span::styled(mark.to_string(), mark_style(theme, mark, false)),
        Span::raw(format!(" {:<20} {wins:>2}  ", format!("{name}{you}"))),
        Span::styled(state, theme.style(role)),
    ])
}

/// What there is to say about a seat: its turn, its wish, its trouble.
fn seat_state(game: &Game, seat: Seat, now: Instant) -> String {
    let snapshot = &game.snapshot;
    let is_own = game.is_own(seat);
    if !is_own && let Some((presence, time)) = words::seat_unheard_for(game, seat, now) {
        return match presence {
            Presence::Away { .. } => format!("! away {}", words::clock(time)),
            Presence::Present | Presence::Silent { .. } => format!("! silent {} s", time.as_secs()),
        };
    }
    if is_own && game.down().is_some() {
        return "! link down".into();
    }
    let wants_rematch = snapshot.seats[seat].occupant().is_some_and(|occupant| occupant.wants_rematch());
    match (snapshot.to_move() == Some(seat), is_own) {
        (true, true) if game.unconfirmed.is_some() => "sent?".into(),
        (true, true) => "<< YOUR TURN".into(),
        (true, false) => "<< to move".into(),
        (false, _) if wants_rematch => "READY".into(),
        (false, _) => String::new(),
    }
}

/// `X you  O ben`, or who won.
fn tiny_players(model: &Model, game: &Game) -> Line<'static> {
    let snapshot = &game.snapshot;
    let you = if words::is_shared(game) { words::name(game, game.viewpoint()) } else { "you".into() };
    let other = words::name(game, game.viewpoint().other());
    let wins = snapshot.score.wins;
    Line::raw(model.theme.text(&format!(
        " {} {you} {}  {} {other} {}",
        snapshot.mark(game.viewpoint()),
        wins[game.viewpoint()],
        snapshot.mark(game.viewpoint().other()),
        wins[game.viewpoint().other()],
    )))
}

fn full_panel(model: &Model, game: &Game, now: Instant, area: Rect, frame: &mut Frame<'_>) {
    let theme = model.theme;
    let mut boxes: Vec<(String, Vec<Line<'static>>)> = Vec::new();
    let players = Seat::BOTH.into_iter().flat_map(|seat| player_box(model, game, seat, now)).collect();
    boxes.push((String::new(), players));
    boxes.extend(trouble_box(game, now));
    if let Phase::Over(_) = game.snapshot.phase {
        boxes.push(result_box(model, game));
    }
    let mut area = area;
    for (title, lines) in boxes {
        let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2).min(area.height);
        let [here, rest] = area.layout(&Layout::vertical([Constraint::Length(height), Constraint::Fill(1)]));
        let block = Block::bordered().border_set(theme.border()).title(title);
        frame.render_widget(Paragraph::new(lines).block(block), here);
        area = rest;
    }
    let area = super::talk::panel(model, game, area, frame);
    frame.render_widget(Paragraph::new(move_lines(game, area.height)), area);
}

fn player_box(model: &Model, game: &Game, seat: Seat, now: Instant) -> Vec<Line<'static>> {
    let theme = model.theme;
    let mark = game.snapshot.mark(seat);
    let wins = game.snapshot.score.wins[seat];
    let is_own = game.is_own(seat);
    let you = if is_own { " (you)" } else { "" };
    let state = seat_state(game, seat, now);
    let role = if state.starts_with('!') { Role::Warning } else { Role::Call };
    let name = theme.text(&words::name(game, seat));
    vec![
        Line::from(vec![
            Span::raw(" "),
            Span::styled(mark.to_string(), mark_style(theme, mark, false)),
            Span::styled(format!("  {name}{you}"), theme.style(Role::Strong)),
        ]),
        Line::from(vec![
            Span::raw(format!("    {wins} {:<7}", if wins == 1 { "win" } else { "wins" })),
            Span::styled(state, theme.style(role)),
        ]),
    ]
}

/// What to do about a lost link, ours or theirs.
fn trouble_box(game: &Game, now: Instant) -> Option<(String, Vec<Line<'static>>)> {
    let is_playing = game.snapshot.phase == Phase::Playing;
    if let (Some(down), Some(online)) = (game.down(), game.online()) {
        let ago = words::clock(now.saturating_duration_since(down.since));
        let kept = words::clock(down.kept_for(online.joined.grace, now));
        let next = match down.retry {
            Retry::At(at) => {
                format!(" next try in {} s", at.saturating_duration_since(now).as_secs_f32().ceil())
            }
            Retry::UnderWay => format!(" try {} is under way", down.tries),
            Retry::OnDemand => " not tried any more".into(),
        };
        let lines = [
            format!(" lost {ago} ago"),
            next,
            if down.retry == Retry::OnDemand {
                " your seat may be gone".into()
            } else {
                format!(" your seat is kept for {kept}")
            },
            String::new(),
            " Enter  try now".into(),
            if down.retry == Retry::OnDemand || !is_playing {
                " Esc    leave".into()
            } else {
                " Esc    menu, the seat is kept".into()
            },
        ];
        return Some((" Your connection ".into(), lines.map(Line::raw).into()));
    }
    let (presence, time) = words::unheard_for(game, now).filter(|_| is_playing && !game.is_watching())?;
    let what = match presence {
        Presence::Away { .. } => format!(" connection lost {} ago", words::clock(time)),
        Presence::Present | Presence::Silent { .. } => format!(" no answer for {} s", time.as_secs()),
    };
    let lines = [
        what,
        " wait  the seat is kept".into(),
        " Esc   menu, the game goes on".into(),
        " R     resign (asks)".into(),
    ];
    Some((" What you can do ".into(), lines.map(Line::raw).into()))
}

fn result_box(model: &Model, game: &Game) -> (String, Vec<Line<'static>>) {
    let theme = model.theme;
    let columns = usize::from(PANEL - 4);
    let result = theme.text(&words::result(game));
    let result = super::wrap(&result, columns).into_iter();
    let mut lines: Vec<Line<'static>> =
        result.map(|line| Line::styled(format!(" {line}"), theme.style(Role::Call))).collect();
    let score = game.snapshot.score;
    let name = |seat| theme.text(&words::name(game, seat));
    lines.push(Line::raw(format!(
        " {} {}  {} {}  draws {}",
        name(Seat::Host),
        score.wins.host,
        name(Seat::Guest),
        score.wins.guest,
        score.draws
    )));
    let starter = name(game.snapshot.x.other());
    lines.push(Line::raw(format!(" Next: game {}, {starter} starts", game.snapshot.match_number + 1)));
    (" Result ".into(), lines)
}

fn compact_panel(model: &Model, game: &Game, area: Rect, frame: &mut Frame<'_>) {
    let rules = game.snapshot.record.rules();
    let lines = match game.snapshot.phase {
        Phase::Over(_) => {
            vec![
                Line::styled(words::headline(game), model.theme.style(Role::Call)),
                Line::raw(format!("draws {}", game.snapshot.score.draws)),
            ]
        }
        Phase::Waiting | Phase::Playing | Phase::Adjourned => game
            .snapshot
            .record
            .last()
            .map(|last| Line::raw(format!("last: {}", words::short_cell(rules, last))))
            .into_iter()
            .collect(),
    };
    let area = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
    let used = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(area.height);
    let rest = Rect { y: area.y + used, height: area.height - used, ..area };
    frame.render_widget(Paragraph::new(lines), area);
    super::talk::compact(model, game, rest, frame);
}

/// The last moves that fit: `1  X 7         O 8`.
fn move_lines(game: &Game, height: u16) -> Vec<Line<'static>> {
    let rules = game.snapshot.record.rules();
    let moves = game.snapshot.record.moves();
    let pairs: Vec<String> = (1..)
        .zip(moves.chunks(2))
        .map(|(number, pair)| {
            let text = |index: usize| pair.get(index).map(|cell| words::short_cell(rules, *cell));
            let answer = text(1).map(|cell| format!("O {cell}")).unwrap_or_default();
            format!(" {number:>3}  X {:<9} {answer}", text(0).unwrap_or_default())
        })
        .collect();
    let room = usize::from(height).saturating_sub(1);
    let first = pairs.len().saturating_sub(room);
    let title = if moves.is_empty() { None } else { Some(Line::raw(" Moves")) };
    title.into_iter().chain(pairs[first..].iter().cloned().map(Line::raw)).collect()
}
