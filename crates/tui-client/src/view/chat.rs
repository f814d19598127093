//! The chat in the panel, its input, and the call of a match over another game.

use net::proto::{ChatLine, MAX_CHAT_COLUMNS, Seat};
use ratatui::{
    Frame,
    layout::{Constraint, Layout, Rect},
    text::{Line, Span},
    widgets::{Clear, Paragraph},
};
use unicode_width::UnicodeWidthStr;

use super::{
    input,
    text::{labelled, wrap_hard},
    ui::{Breakpoint, Ui},
};
use crate::{
    buttons::Target,
    chat::ChatEntry,
    game::Game,
    keymap::{Action, Binding, Context, When},
    overlay::Overlay,
    status_line,
    text_input::TextInput,
    theme::{Role, Theme},
};

/// Rows of the panel that the chat takes at most beside the moves.
pub(super) const MOST_ROWS: u16 = 5;

/// Columns from which a line is counted in the smallest layout, where the count takes a third of the input.
const COUNTED_FROM: usize = 100;

/// The width of a name before its line.
const NAME_COLUMNS: usize = 6;

/// The lines of the chat in a panel, oldest first, and its keys; empty for a game at this machine.
pub(super) fn panel(ui: &Ui, game: &Game, columns: u16) -> Vec<Line<'static>> {
    if game.online().is_none() {
        return Vec::new();
    }
    let width = usize::from(columns);
    let rows = usize::from(MOST_ROWS) - 1;
    let role = |entry: &ChatEntry| speaker_role(game, entry);
    let mut lines = newest(game, rows, |entry| in_panel((ui.theme, role(entry)), entry, width));
    let hint: Vec<&str> = hint(ui, game).iter().map(|(words, _)| *words).collect();
    let hint = Some(hint.join(GAP)).filter(|hint| !hint.is_empty());
    lines.extend(hint.map(|hint| ui.line(ui.text(&hint), Role::Faint)));
    lines
}

/// Notes the keys in the last line of a panel.
pub(super) fn note_hint(ui: &Ui, game: &Game, line: Rect) {
    let keys = hint(ui, game).into_iter().map(|(words, action)| (ui.text(words), action));
    ui.note_row(keys, GAP, line);
}

/// Draws the last of the chat where there is little room.
pub(super) fn compact(theme: Theme, game: &Game, area: Rect, frame: &mut Frame<'_>) {
    let rows = usize::from(area.height);
    let width = usize::from(area.width);
    let lines = newest(game, rows, |entry| {
        let text = theme.text(&entry.in_one_line());
        let mut before = entry.speaker().len();
        let role = speaker_role(game, entry);
        let lines = wrap_hard(&text, width).into_iter().map(|line| {
            let (name, said) = line.split_at(line.floor_char_boundary(before));
            before = before.saturating_sub(line.len());
            Line::from(vec![Span::styled(name.to_owned(), theme.style(role)), Span::raw(said.to_owned())])
        });
        lines.collect()
    });
    frame.render_widget(Paragraph::new(lines), area);
}

/// Draws the input for a chat line, or the emotes, at the bottom; `false` if neither is open.
pub(super) fn overlay(ui: &Ui, overlay: &Overlay, is_turn: bool, frame: &mut Frame<'_>) -> bool {
    // In the smallest layout the status line is the bottom.
    let is_tiny = ui.breakpoint() == Breakpoint::Tiny;
    let area = if is_tiny { ui.regions.status } else { ui.regions.footer };
    match overlay {
        Overlay::Chat(typed) | Overlay::Cell(typed) => {
            let is_chat = matches!(overlay, Overlay::Chat(_));
            let prompt = match (is_tiny, is_turn) {
                _ if !is_chat => " Cell> ",
                (true, true) => "turn>",
                (true, false) => ">",
                (false, _) => " Say> ",
            };
            frame.render_widget(Clear, area);
            let context = if is_chat { Context::Chat } else { Context::Cell };
            let count = if is_chat { count(ui, typed) } else { Span::raw("") };
            let own = ui.keymap.help(context, When::ALL).filter(|it| it.context == context && ui.is_full());
            let own: Vec<&Binding> = own.collect();
            let columns = own.iter().map(|it| it.label.width() + it.footer.width() + 4).sum();
            let [counted, keys] = [count.width(), columns].map(|it| u16::try_from(it).unwrap_or(u16::MAX));
            let [line, counted, keys] = area.layout(&Layout::horizontal([
                Constraint::Fill(1),
                Constraint::Length(counted),
                Constraint::Length(keys),
            ]));
            input::draw(ui.theme, typed, prompt, line, frame);
            frame.render_widget(count, counted);
            ui.draw_keys(own.into_iter(), keys, frame);
        }
        Overlay::Emotes if is_tiny => {
            frame.render_widget(Clear, area);
            let keys = "<emotes.emote 1>-<emotes.emote 6> hi gg oops wow";
            frame.render_widget(Paragraph::new(ui.text(keys)), area);
        }
        Overlay::Emotes => {
            let emotes = status_line::emotes(ui.keymap);
            frame.render_widget(Paragraph::new(format!(" {}", emotes.join("  "))), area);
            let place = Rect { x: area.x + 1, ..area }.intersection(area);
            ui.note_row(emotes.into_iter().zip((1..).map(Action::Emote)), "  ", place);
        }
        Overlay::Welcome
        | Overlay::Settings(_)
        | Overlay::Help { .. }
        | Overlay::Position { .. }
        | Overlay::Checkup { .. }
        | Overlay::Confirm(_) => {
            return false;
        }
    }
    true
}

/// Draws the call of a match over another game.
pub(super) fn banner(ui: &Ui, calling: &Game, frame: &mut Frame<'_>) {
    let brief = status_line::called_briefly(calling);
    let header = ui.regions.header;
    // The status line says the rest, and in the smallest layout all of it.
    let (area, text) = match ui.breakpoint() {
        Breakpoint::Full => (header, format!("! {brief}.{}", status_line::calling_clock(calling, ui.now))),
        Breakpoint::Compact => (header, format!("! {brief}")),
        Breakpoint::Tiny => return,
    };
    ui.note(area, Target::Act(Action::GoToMatch));
    let style = ui.theme.style(Role::Chosen);
    frame.render_widget(Clear, area);
    frame.render_widget(Paragraph::new(ui.text(&text)).centered().style(style), area);
}

/// The columns typed of those that a line takes.
fn count(ui: &Ui, typed: &TextInput) -> Span<'static> {
    let columns = ChatLine::columns_typed(typed.text());
    if ui.breakpoint() == Breakpoint::Tiny && columns < COUNTED_FROM {
        return Span::raw("");
    }
    let role = if columns > MAX_CHAT_COLUMNS { Role::Bad } else { Role::Faint };
    ui.span(format!(" {columns}/{MAX_CHAT_COLUMNS} "), role)
}

/// The newest lines that fit, oldest first. A line that does not fit shows its beginning.
fn newest<'a>(game: &Game, rows: usize, draw: impl Fn(&ChatEntry) -> Vec<Line<'a>>) -> Vec<Line<'a>> {
    let mut shown: Vec<Vec<Line<'a>>> = Vec::new();
    let mut left = rows;
    for entry in game.chat.newest_first() {
        let mut lines = draw(entry);
        if lines.len() > left && !shown.is_empty() {
            break;
        }
        lines.truncate(left);
        left -= lines.len();
        shown.push(lines);
    }
    shown.into_iter().rev().flatten().collect()
}

/// The role of a speaker's name: their mark, unless they watch.
fn speaker_role(game: &Game, entry: &ChatEntry) -> Role {
    let seat = Seat::BOTH.into_iter().find(|seat| game.name(*seat) == entry.name.as_str());
    match seat.filter(|_| !entry.is_watcher) {
        Some(seat) => Role::Mark(game.snapshot.mark(seat)),
        None => Role::Faint,
    }
}

/// ` ben   gl hf`, and ` eve*  nice` for a spectator.
fn in_panel((theme, role): (Theme, Role), entry: &ChatEntry, width: usize) -> Vec<Line<'static>> {
    let name = theme.text(&entry.speaker());
    let pad = NAME_COLUMNS.saturating_sub(name.width());
    let before = format!("{name}{} ", " ".repeat(pad));
    let text = theme.text(entry.message.as_str());
    // The rest of a line goes on below, under its beginning.
    let indent = NAME_COLUMNS + 1;
    let columns = width.saturating_sub(before.width().max(indent)).max(1);
    labelled(Span::styled(before, theme.style(role)), indent, wrap_hard(&text, columns))
}

/// The keys of the chat that do something now.
fn hint(ui: &Ui, game: &Game) -> Vec<(&'static str, Action)> {
    let mut keys = if game.is_muted {
        vec![("muted: <match.mute> hears again", Action::Mute)]
    } else if !game.snapshot.is_chat_open && !game.is_watching() {
        vec![("chat is off: <match.open-chat> opens it", Action::OpenChat)]
    } else if !game.facts(false).contains(&When::MayChat) {
        Vec::new()
    } else {
        vec![("<match.chat> chat", Action::Chat), ("<match.emotes> emote", Action::Emotes)]
    };
    keys.retain(|(_, action)| ui.keymap.binding(ui.context, *action).is_some());
    keys
}

/// The columns between two keys.
const GAP: &str = "   ";
