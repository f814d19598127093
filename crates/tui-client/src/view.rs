//! What the model looks like. Pure: the same model, time and size give the same screen.
//!
//! Every screen is a header that says where one is, a body, a line in words that says what happened and what
//! can be done, and a footer of keys. There are three layouts, from 80x24, from 40x12 and from 20x7, and
//! below the smallest a message that still says whose turn it is.

mod board;
mod game;
mod lan;
mod players;
mod popup;
mod rooms;
mod screens;
mod side;
mod talk;
#[cfg(test)]
mod tests;
mod waiting;

use std::time::Instant;

use game_core::Cell;
use net::proto::{Phase, Presence};
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Position, Rect},
    style::Style,
    text::{Line, Span},
    widgets::Paragraph,
};
use unicode_width::UnicodeWidthStr;

use crate::{
    keymap::{self, Action, Binding, Context},
    model::{Game, LinkState, Model, Overlay, Place, Question, Retry, Screen},
    theme::{Role, Theme},
    words,
};

/// Columns that a body uses at most: wider terminals get it in their middle.
const MAX_COLUMNS: u16 = 100;

/// How much there is room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Room {
    /// From 80x24.
    Full,
    /// From 40x12.
    Compact,
    /// From 20x7.
    Tiny,
    /// Less.
    TooSmall,
}

/// The parts of a screen.
#[derive(Debug, Clone, Copy)]
struct Parts {
    room: Room,
    header: Rect,
    body: Rect,
    event: Rect,
    footer: Rect,
}

/// Draws one frame.
pub fn draw(model: &Model, now: Instant, frame: &mut Frame<'_>) {
    let parts = Parts::of(frame.area());
    if parts.room == Room::TooSmall {
        return too_small(model, now, frame);
    }
    let short = words::tiny_line(model, now).filter(|_| parts.room == Room::Tiny);
    let event = short.unwrap_or_else(|| words::event_line(model, now));
    match &model.screen {
        Screen::Menu(menu) => screens::menu(model, menu, parts, frame),
        Screen::JoinForm(form) => screens::join_form(model, form, parts, frame),
        Screen::Connecting(connecting) => screens::connecting(model, connecting, now, parts, frame),
        Screen::Passcode(form) => rooms::passcode(model, form, parts, frame),
        Screen::Rooms(list) => rooms::list(model, list, now, parts, frame),
        Screen::Lan(list) => lan::list(model, list, now, parts, frame),
        Screen::Seeking(seeking) => lan::seeking(model, seeking, parts, frame),
        Screen::Failed(failure) => screens::failed(model, failure, parts, frame),
        Screen::Game(shown) => game::draw(model, shown, now, parts, frame),
    }
    let is_urgent = matches!(model.overlay, Some(Overlay::Confirm(_)))
        || model.game().is_some_and(|game| game.hurry(now).is_some());
    let role = if is_urgent { Role::Warning } else { Role::Strong };
    let lines: Vec<Line<'_>> =
        wrap(&model.theme.text(&event), usize::from(parts.event.width)).into_iter().map(Line::from).collect();
    // At the bottom of its rows, so that it stands on the footer whatever its length.
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(parts.event.height);
    let place = Rect { y: parts.event.bottom() - rows, height: rows, ..parts.event };
    frame.render_widget(Paragraph::new(lines).style(model.theme.style(role)), place);
    talk::banner(model, now, parts, frame);
    if !talk::field(model, parts, frame) {
        footer(model, parts.footer, frame);
    }
    popup::draw(model, now, parts, frame);
}

/// How far the help or the text that is open can be scrolled.
pub fn max_scroll(model: &Model) -> u16 {
    popup::max_scroll(model)
}

/// The cell of the board at a position of the screen, if one is drawn there.
pub fn cell_at(model: &Model, position: Position) -> Option<Cell> {
    let Screen::Game(shown) = &model.screen else { return None };
    let area = Rect::new(0, 0, model.size.width, model.size.height);
    let parts = Parts::of(area);
    game::board_layout(shown, parts)?.cell_at(position)
}

impl Parts {
    fn of(area: Rect) -> Self {
        let room = match (area.width, area.height) {
            (80.., 24..) => Room::Full,
            (40.., 12..) => Room::Compact,
            (20.., 7..) => Room::Tiny,
            _ => Room::TooSmall,
        };
        let inner = |rect: Rect| Rect { x: rect.x + 1, width: rect.width.saturating_sub(2), ..rect };
        let [header, body, event, footer] = match room {
            Room::Full => {
                let [header, _rule, body, event, _second_rule, footer] = area.layout(&Layout::vertical([
                    Constraint::Length(1),
                    Constraint::Length(1),
                    Constraint::Fill(1),
                    Constraint::Length(2),
                    Constraint::Length(1),
                    Constraint::Length(1),
                ]));
                [header, body, event, footer]
            }
            Room::Compact => area.layout(&Layout::vertical([
                Constraint::Length(1),
                Constraint::Fill(1),
                Constraint::Length(3),
                Constraint::Length(1),
            ])),
            Room::Tiny | Room::TooSmall => {
                let [header, body, event] = area.layout(&Layout::vertical([
                    Constraint::Length(1),
                    Constraint::Fill(1),
                    Constraint::Length(1),
                ]));
                [header, body, event, Rect::ZERO]
            }
        };
        let width = body.width.min(MAX_COLUMNS);
        let body = Rect { x: body.x + (body.width - width) / 2, width, ..body };
        Self { room, header, body, event: inner(event), footer }
    }
}

/// Draws the header: where one is, what it is about, and the state of the link.
fn header(model: &Model, parts: Parts, [left, middle, right]: [&str; 3], frame: &mut Frame<'_>) {
    let theme = model.theme;
    let area = parts.header;
    let [left, middle, right] = [left, middle, right].map(|text| theme.text(text));
    let is_alarm = right.starts_with('!');
    let right_role = if is_alarm { Role::Warning } else { Role::Plain };
    let show = |text: String, role: Role| Paragraph::new(Line::styled(text, theme.style(role)));
    frame.render_widget(show(format!(" {left}"), Role::Strong), area);
    if parts.room == Room::Full {
        frame.render_widget(show(middle, Role::Plain).centered(), area);
        rule(theme, Rect { y: area.y + 1, ..area }, frame);
        rule(theme, Rect { y: parts.footer.y - 1, ..area }, frame);
    }
    frame.render_widget(show(format!("{right} "), right_role).right_aligned(), area);
}

/// The state of the link as the header shows it.
fn link_words(model: &Model, now: Instant) -> String {
    let Some(game) = model.game() else { return model.me.to_string() };
    let is_adjourned = game.snapshot.phase == Phase::Adjourned;
    if let Some((presence, time)) = words::unheard_for(game, now).filter(|_| !is_adjourned) {
        let other = words::name(game, game.viewpoint().other());
        let time = words::clock(time);
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
            LinkState::Up { rtt: Some(rtt) } if rtt.as_millis() > 0 => {
                format!("* {} {} ms", online.transport, rtt.as_millis())
            }
            LinkState::Up { rtt: Some(_) } => format!("* {} <1 ms", online.transport),
            LinkState::Up { rtt: None } => format!("* {}", online.transport),
            LinkState::Silent { since } => {
                format!("! no answer {} s", now.saturating_duration_since(*since).as_secs())
            }
            LinkState::Down(down) if down.retry == Retry::OnDemand => "! no connection".into(),
            LinkState::Down(down) => format!("! RECONNECTING, try {}", down.tries.max(1)),
        },
    };
    match game.snapshot.watchers {
        0 => link,
        watchers if model.size.width < 80 => format!("{link} | {watchers} w"),
        watchers => format!("{link} | {watchers} watching"),
    }
}

/// Draws the footer: the keys of the context that have a place in it, help first, as many as fit.
fn footer(model: &Model, area: Rect, frame: &mut Frame<'_>) {
    let context = model.context();
    let called = model.calling_game().is_some() && model.overlay.is_none();
    let own = keymap::bindings(context).filter(|binding| binding.context != Context::Everywhere);
    let call =
        keymap::bindings(Context::Called).filter(|binding| called && binding.context == Context::Called);
    let own = call.chain(own);
    let general = keymap::bindings(Context::Everywhere);
    let help = general.filter(|_| context != Context::Help && !context.is_typing());
    let mut spans = vec![Span::raw(" ")];
    let mut used = 1;
    let is_shown = |binding: &&Binding| !binding.footer.is_empty() && does_something(model, binding.action);
    for binding in help.chain(own).filter(is_shown) {
        let columns = binding.label.width() + 1 + binding.footer.width();
        if used + columns > usize::from(area.width) {
            break;
        }
        spans.push(Span::styled(binding.label, model.theme.style(Role::Strong)));
        spans.push(Span::raw(format!(" {}   ", binding.footer)));
        used += columns + 3;
    }
    frame.render_widget(Paragraph::new(Line::from(spans)), area);
}

/// Whether a key would do something here and now, so that the footer has its room for those that do.
fn does_something(model: &Model, action: Action) -> bool {
    let Some(game) = model.game() else { return true };
    let is_online = game.online().is_some();
    match action {
        Action::Numpad(_) => game.snapshot.record.rules().cells() == 9 && can_place(game),
        Action::Place => can_place(game),
        Action::Talk | Action::Emotes => is_online && (game.snapshot.is_chat_open || game.is_watching()),
        Action::OfferAdjourn => is_online,
        Action::Rematch => game.snapshot.seats[game.viewpoint().other()].occupant().is_some(),
        _ => true,
    }
}

/// Whether a mark can be placed: it is one's own turn, or it is kept until the link is back.
fn can_place(game: &Game) -> bool {
    game.may_move() && (game.down().is_some() || !game.snapshot.is_paused())
}

fn rule(theme: Theme, area: Rect, frame: &mut Frame<'_>) {
    let line = theme.horizontal().repeat(usize::from(area.width));
    let area = Rect { height: 1, ..area };
    frame.render_widget(Paragraph::new(line).style(theme.style(Role::Faint)), area);
}

/// A seat stays playable on any screen: the keys are the same, and the words say whose turn it is.
fn too_small(model: &Model, now: Instant, frame: &mut Frame<'_>) {
    let area = frame.area();
    let turn = match model.game() {
        Some(game) if game.snapshot.is_paused() => "Paused.".to_owned(),
        Some(game) if game.may_move() => match game.clock(game.acting_seat(), now) {
            Some(clock) => format!("YOUR TURN, {}.", words::countdown(clock.left)),
            None => "YOUR TURN.".to_owned(),
        },
        Some(game) if matches!(game.snapshot.phase, Phase::Over(_)) => words::headline(game),
        Some(game) if game.is_watching() => "You watch.".to_owned(),
        Some(_) => "Not your turn.".to_owned(),
        None => String::new(),
    };
    let question = match &model.overlay {
        Some(Overlay::Confirm(Question::Quit)) => "Quit? y or n.",
        Some(Overlay::Confirm(Question::Resign)) => "Resign? y or n.",
        Some(Overlay::Help { .. } | Overlay::Words { .. } | Overlay::Talk(_) | Overlay::Emotes) => {
            "Esc goes back."
        }
        None if model.calling_game().is_some() => "Enter: the match.",
        None => "",
    };
    let lines = [
        question.to_owned(),
        "oxo needs 20x7,".to_owned(),
        format!("this is {}x{}.", area.width, area.height),
        turn,
        "1-9 still play.".to_owned(),
        "Ctrl-C quits.".to_owned(),
    ];
    let lines: Vec<Line<'_>> = lines.into_iter().filter(|line| !line.is_empty()).map(Line::from).collect();
    frame.render_widget(Paragraph::new(lines), area);
}

/// Breaks a text into lines of at most so many columns, between words where possible.
fn wrap(text: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().expect("there is always a line");
        if line.is_empty() {
            line.push_str(word);
        } else if line.width() + 1 + word.width() <= columns {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// The style of a mark, as it stands or in the winning line.
const fn mark_style(theme: Theme, mark: game_core::Mark, is_winning: bool) -> Style {
    theme.style(if is_winning { Role::Winning(mark) } else { Role::Mark(mark) })
}

/// The key of a menu entry.
fn key_of(action: Action) -> &'static str {
    keymap::label(Context::Menu, action)
}
