//! The view: a screen from a model and a time. Pure: the same model, time and size give the same screen.
//!
//! Every screen has a header, a body, a status line that says what happened and what can be done, and a footer of keys.
//! There are three layouts, from 80x24, from 40x12 and from 20x7, and below the smallest a message that still says whose
//! turn it is.

mod board;
mod chat;
mod form;
mod game;
mod input;
mod list;
mod new_game;
mod pixels;
mod players;
mod popup;
mod qr_code;
mod replay;
mod replays;
mod screens;
mod settings;
mod side;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod ui;
mod waiting;
mod xray;

use std::{cell::RefCell, time::Instant};

use net::proto::Phase;
use ratatui::{
    Frame, Terminal,
    backend::TestBackend,
    layout::{Position, Rect, Size},
    text::{Line, Span},
    widgets::{Clear, Paragraph},
};

pub use self::popup::max_scroll;
use self::{
    game::Composition,
    text::wrap_within,
    ui::{Breakpoint, Regions, Ui, below},
};
use crate::{
    buttons::{Buttons, Target},
    format,
    game::Game,
    keymap::When,
    model::{Model, Screen},
    overlay::Overlay,
    status_line,
    theme::Role,
};

/// Draws one frame, and returns its buttons.
pub fn draw(model: &Model, now: Instant, frame: &mut Frame<'_>) -> Buttons {
    let composition = composition(model, frame.area());
    let regions = composition.map(|it| it.regions).or_else(|| regions(model, frame.area()));
    let Some(regions) = regions else {
        too_small(model, now, frame);
        return Buttons::default();
    };
    let Model { theme, me, ref keymap, .. } = *model;
    let (context, has_focus) = (model.screen_context(), model.overlay.is_none());
    let ui = Ui { theme, keymap, context, now, me, has_focus, regions, buttons: RefCell::default() };
    match &model.screen {
        Screen::Menu(menu) => screens::menu(&ui, menu, model, frame),
        Screen::Replays(list) => replays::draw(&ui, (list, list.history(&model.history), &model.zone), frame),
        Screen::Replay(shown) => replay::draw(&ui, (shown, composition, &model.zone), frame),
        Screen::NewGame(form) => new_game::draw(&ui, form, frame),
        Screen::JoinForm(form) => screens::join_form(&ui, form, frame),
        Screen::Connecting(connecting) => match &connecting.passcode {
            Some(form) => screens::passcode(&ui, form, frame),
            None => screens::connecting(&ui, connecting, frame),
        },
        Screen::Rooms(rooms) => list::rooms(&ui, rooms, &model.history, frame),
        Screen::Lan(shown) => list::lan(&ui, shown, (&model.lan, &model.history), frame),
        Screen::Searching(searching) => screens::searching(&ui, searching, frame),
        Screen::Failed(failure) => screens::failed(&ui, failure, frame),
        Screen::Game(shown) => {
            let is_seen_through = model.shows_xray();
            game::draw(&ui, (shown, composition), model.new_game.shown_passcode(), is_seen_through, frame);
            if let Some(composition) = composition.filter(|_| is_seen_through) {
                xray::draw(&ui, shown, (&model.xray.sight, model.dial()), composition, frame);
            }
        }
    }
    if !matches!(model.overlay, Some(Overlay::Welcome) | None) {
        ui.buttons.borrow_mut().clear();
    }
    let page = popup::regions(model, frame.area());
    let ui = Ui { regions: page.unwrap_or(ui.regions), ..ui };
    if page.is_some() {
        // Nothing of the screen below shows beside the text.
        frame.render_widget(Clear, below(frame.area(), 1));
    }
    let status = status_line::line(model, now);
    draw_status(&ui, model, &status, frame);
    if let Some(calling) = model.calling_game() {
        chat::banner(&ui, calling, frame);
    }
    let is_turn = model.game().is_some_and(Game::may_move);
    let is_covered =
        model.overlay.as_ref().is_some_and(|overlay| chat::overlay(&ui, overlay, is_turn, frame));
    if !is_covered {
        draw_footer(&ui, model, frame);
    }
    if let (Some(Overlay::Welcome), Screen::Game(game)) = (&model.overlay, &model.screen) {
        popup::welcome(&ui, game, frame);
    } else if let Some(Overlay::Settings(page)) = &model.overlay {
        settings::draw(&ui, page, &model.config, frame);
    } else if page.is_some() {
        popup::page(model, ui.regions, frame);
    }
    ui.buttons.into_inner()
}

/// The places of a match that is shown.
fn composition(model: &Model, area: Rect) -> Option<Composition> {
    match &model.screen {
        Screen::Game(shown) if model.shows_xray() => {
            Composition::seen_through(shown, model.dial().is_some(), area)
        }
        Screen::Game(shown) => Composition::of(shown, area),
        Screen::Replay(shown) => replay::composition(shown, area),
        _ => None,
    }
}

/// The regions of a screen without a board.
fn regions(model: &Model, area: Rect) -> Option<Regions> {
    let block = match &model.screen {
        Screen::Rooms(rooms) => list_block(rooms.rows().len(), area),
        Screen::Lan(_) => list_block(model.lan.len(), area),
        Screen::Replays(list) => list_block(list.history(&model.history).matches.len(), area),
        Screen::NewGame(_) => Size { width: 70, height: new_game::ROWS },
        Screen::Game(game) => waiting::block(model.theme, game),
        Screen::Menu(menu) => screens::menu_block(menu.entries(model.saved_seats.len()).len()),
        _ => Size { width: 70, height: 18 },
    };
    Regions::of(area, block)
}

fn list_block(games: usize, area: Rect) -> Size {
    Size { width: area.width.saturating_sub(4).min(100), height: table::rows_needed(games) }
}

/// The meaning of a click at a position of the screen as it would be drawn now.
pub fn target_at(model: &Model, now: Instant, position: Position) -> Option<Target> {
    let mut screen = Terminal::new(TestBackend::new(model.size.width, model.size.height)).ok()?;
    let mut buttons = Buttons::default();
    screen.draw(|frame| buttons = draw(model, now, frame)).ok()?;
    buttons.at(position)
}

/// Draws the status line under the body. What happened stands out, in the colour of the player whom it concerns.
fn draw_status(ui: &Ui, model: &Model, status: &str, frame: &mut Frame<'_>) {
    let short = status_line::tiny_line(model, ui.now).filter(|_| ui.breakpoint() == Breakpoint::Tiny);
    let text = ui.theme.text(short.as_deref().unwrap_or(status));
    let is_urgent = matches!(model.overlay, Some(Overlay::Confirm(_)))
        || model.game().is_some_and(|game| game.hurry(ui.now).is_some());
    let role = if is_urgent { Role::Bad } else { lead_role(model, ui.now) };
    let area = ui.regions.status;
    let lines = wrap_within(&text, area.as_size());
    let rows = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    // Small layouts fill the region from below.
    let y = if ui.is_full() { area.y } else { area.bottom() - rows };
    let mut lead = lead(&text).len();
    let lines = lines.into_iter().map(|line| {
        let (strong, rest) = line.split_at(line.floor_char_boundary(lead));
        lead = lead.saturating_sub(line.len() + 1);
        let strong = Span::styled(strong.to_owned(), ui.theme.style(role));
        Line::from(vec![strong, Span::raw(rest.to_owned())])
    });
    let lines: Vec<Line<'_>> = lines.collect();
    frame.render_widget(Paragraph::new(lines), Rect { y, height: rows, ..area });
}

/// The first statement of a line in words.
fn lead(text: &str) -> &str {
    text.split_inclusive([':', '.', ',', '?']).next().unwrap_or_default()
}

/// The role of the first statement: the mark of the player to move or of the winner, or trouble.
fn lead_role(model: &Model, now: Instant) -> Role {
    let Some(game) = model.game().filter(|_| matches!(model.screen, Screen::Game(_))) else {
        return Role::Strong;
    };
    if game.down().is_some() {
        return Role::Bad;
    }
    // A notice comes before the turn.
    if game.notices.current(now).is_some() {
        return Role::Strong;
    }
    let seat = match game.snapshot.phase {
        Phase::Playing if game.may_move() => game.snapshot.to_move(),
        Phase::Over(_) => game.snapshot.winner().filter(|seat| game.is_shared() || *seat == game.viewpoint()),
        Phase::Waiting => Some(game.viewpoint()).filter(|_| !game.is_watching()),
        Phase::Playing | Phase::Adjourned => None,
    };
    seat.map_or(Role::Strong, |seat| Role::Mark(game.snapshot.mark(seat)))
}

/// Draws the keys of the context that have a place in the footer.
fn draw_footer(ui: &Ui, model: &Model, frame: &mut Frame<'_>) {
    let is_called = model.calling_game().is_some() && model.overlay.is_none();
    if matches!(&model.screen, Screen::Replay(replay) if replay.is_recorded) {
        return;
    }
    let mut facts = model.facts(false);
    let has_code = model.game().is_some_and(|game| waiting::qr_code(ui, game).is_some());
    facts.retain(|fact| *fact != When::HasPage || has_code);
    let bindings = model.keymap.footer(model.context(), is_called, &facts);
    ui.footer(bindings, frame);
}

/// Draws a message on a screen that is too small. The seat stays playable: the keys work, and the message says whose turn
/// it is.
fn too_small(model: &Model, now: Instant, frame: &mut Frame<'_>) {
    let area = frame.area();
    let turn = match model.game() {
        Some(game) if game.snapshot.is_paused() => "Paused.".to_owned(),
        Some(game) if game.may_move() => match game.clock(game.acting_seat(), now) {
            Some(clock) => format!("YOUR TURN, {}.", format::countdown(clock.left)),
            None => "YOUR TURN.".to_owned(),
        },
        Some(game) if matches!(game.snapshot.phase, Phase::Over(_)) => {
            format!("{}.", game.reader().headline())
        }
        Some(game) if game.is_watching() => "You watch.".to_owned(),
        Some(game) if game.snapshot.phase == Phase::Waiting => "Nobody has come.".to_owned(),
        Some(_) => "Not your turn.".to_owned(),
        None => String::new(),
    };
    let question = match &model.overlay {
        Some(Overlay::Confirm(question)) => question.in_few_words(),
        Some(_) => "Esc goes back.",
        None if model.calling_game().is_some() => "<called.go-to-match>: the match.",
        None => "",
    };
    let plays_by_digit =
        |game: &Game| game.context().takes_moves() && game.facts(false).contains(&When::MayPlaceByDigit);
    let keys = if model.game().is_some_and(plays_by_digit) {
        "<match.numpad 1>-<match.numpad 9> still play."
    } else {
        ""
    };
    let size = format!("this is {}x{}.", area.width, area.height);
    let lines = [question, "oxo needs 20x7,", &size, &turn, keys, "Ctrl-C quits."];
    let lines = lines.into_iter().filter(|line| !line.is_empty());
    let lines: Vec<Line<'_>> =
        lines.map(|line| model.keymap.fill(model.screen_context(), line).into()).collect();
    frame.render_widget(Paragraph::new(lines), area);
}
