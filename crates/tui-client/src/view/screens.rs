//! The screens without a board: the menu, the forms, connections and searches under way, failures.

use game_core::Mark;
use ratatui::{
    Frame,
    layout::{Rect, Size},
    text::{Line, Span},
    widgets::{Paragraph, Wrap},
};
use unicode_width::UnicodeWidthStr;

use super::{
    input,
    new_game::strength,
    pixels::{self, MarkSize, Pen},
    text::{fit, wrap_hard},
    ui::{Breakpoint, Ui, below},
};
use crate::{
    buttons::Target,
    cmd::SavedSeat,
    connecting::{Connecting, PasscodeForm},
    failure::Failure,
    format,
    game_search::GameSearch,
    goal::Purpose,
    join_form::JoinForm,
    keymap::{Action, Context},
    menu::Menu,
    model::Model,
    status_line,
    theme::Role,
};

/// Rows of the program's name and of the line under it, with the free ones.
const LOGO_ROWS: u16 = 7;

/// Columns of an entry's name, after its key.
const TITLE_COLUMNS: usize = 14;

/// The room for so many entries, a free row between two groups of them, and the program's name.
pub(super) fn menu_block(entries: usize) -> Size {
    let rows = u16::try_from(entries).unwrap_or(u16::MAX);
    Size { width: 70, height: rows.saturating_add(1 + LOGO_ROWS) }
}

pub(super) fn menu(ui: &Ui, menu: &Menu, model: &Model, frame: &mut Frame<'_>) {
    let games = status_line::lan_briefly(&model.lan);
    let right = match ui.breakpoint() {
        Breakpoint::Full => format!("{} {} {games}", ui.me, ui.theme.dot()),
        Breakpoint::Compact => games,
        Breakpoint::Tiny => String::new(),
    };
    ui.header([concat!("v", env!("CARGO_PKG_VERSION")), "", &right], frame);
    let entries = menu.entries(model.saved_seats.len());
    let chosen = menu.chosen(model.saved_seats.len());
    let body = ui.body();
    let has_logo = ui.is_full() && menu_block(entries.len()).height <= body.height;
    if has_logo {
        draw_logo(ui, body, frame);
    }
    // Games at this machine stand apart where there is room.
    let free_row = |entry: &Action| (has_logo && *entry == Action::Bot).then_some(None);
    let rows = entries.iter().flat_map(|entry| free_row(entry).into_iter().chain([Some(*entry)]));
    let rows: Vec<Option<Action>> = rows.collect();
    let key_columns =
        entries.iter().map(|entry| ui.keymap.key(Context::Menu, *entry).width()).max().unwrap_or(1);
    let list = below(body, if has_logo { LOGO_ROWS } else { 0 });
    let height = usize::from(list.height);
    // The chosen entry stays in view.
    let chosen_row = rows.iter().position(|row| *row == Some(chosen)).unwrap_or_default();
    let hidden = (chosen_row + 1).saturating_sub(height);
    for (place, entry) in list.rows().zip(rows.iter().skip(hidden)) {
        let Some(entry) = *entry else { continue };
        frame.render_widget(entry_line(ui, (menu, model), (entry, entry == chosen), key_columns), place);
        ui.note(place, Target::Act(entry));
        if entry == chosen {
            ui.choose(place, ui.theme.style(Role::Mark(Mark::X)), frame);
        }
    }
    ui.draw_more([hidden > 0, hidden + height < rows.len()], list, list.right() - 1, frame);
}

/// `  q  Quick match   join an open game, or host one and wait`
fn entry_line(
    ui: &Ui,
    view: (&Menu, &Model),
    (entry, is_chosen): (Action, bool),
    key_columns: usize,
) -> Line<'static> {
    let (title, help) = entry_words(ui, view, entry);
    let key = ui.keymap.key(Context::Menu, entry);
    let help = if ui.breakpoint() == Breakpoint::Tiny { String::new() } else { help };
    let help = fit(&help, usize::from(ui.body().width).saturating_sub(4 + key_columns + TITLE_COLUMNS + 1));
    let [title_role, help_role] =
        if is_chosen { [Role::Strong, Role::Plain] } else { [Role::Plain, Role::Faint] };
    Line::from(vec![
        ui.span(format!("  {key:<key_columns$}  "), Role::Mark(Mark::X)),
        ui.span(format!("{title:<TITLE_COLUMNS$}"), title_role),
        ui.span(help, help_role),
    ])
}

pub(super) fn join_form(ui: &Ui, form: &JoinForm, frame: &mut Frame<'_>) {
    let (title, label) = match form.purpose {
        Purpose::Join => ("join a game", "Code, or address, or code@address:"),
        Purpose::Browse => ("games of a server", "Address of the server:"),
        Purpose::Watch => ("watch a game", "Code, or address, or code@address:"),
    };
    ui.header(["", title, ui.me.as_str()], frame);
    let area = ui.body();
    let field = input::labelled(ui, &form.input, label, frame);
    if ui.is_full() {
        let without_code = match form.purpose {
            Purpose::Join => "any open game there, or wait for one",
            Purpose::Browse | Purpose::Watch => "the list of games there",
        };
        let examples = [
            ("KITE-42", "the game with this code on this network"),
            ("KITE-42@192.168.1.7", "the game with this code on that machine"),
            ("192.168.1.7", without_code),
            ("laptop.local:1952", "by name, with a port"),
            ("fe80::1%eth0", "link-local, with your own interface"),
        ];
        let lines = examples.map(|(typed, meaning)| {
            Line::from(vec![Span::raw(format!("{typed:<22}")), ui.span(meaning, Role::Faint)])
        });
        let place = Rect { x: field.x + 3, y: field.y + 2, height: 5, ..field };
        frame.render_widget(Paragraph::new(Vec::from(lines)), place.intersection(area));
    }
}

pub(super) fn passcode(ui: &Ui, form: &PasscodeForm, frame: &mut Frame<'_>) {
    ui.header(["", "a locked room", ui.me.as_str()], frame);
    input::labelled(ui, &form.input, &format!("Passcode of {}:", form.code), frame);
}

pub(super) fn connecting(ui: &Ui, connecting: &Connecting, frame: &mut Frame<'_>) {
    let waited = format::clock(ui.now.saturating_duration_since(connecting.since));
    under_way(ui, "connecting", &format!("Connecting to {}  {waited}", connecting.goal.place()), frame);
}

pub(super) fn searching(ui: &Ui, searching: &GameSearch, frame: &mut Frame<'_>) {
    under_way(ui, "looking around", &status_line::search_target(searching), frame);
}

fn under_way(ui: &Ui, title: &str, text: &str, frame: &mut Frame<'_>) {
    ui.header(["", title, ui.me.as_str()], frame);
    let area = below(ui.regions.text(), ui.body().height / 3);
    let text = Paragraph::new(ui.theme.text(text)).wrap(Wrap { trim: false });
    frame.render_widget(text.style(ui.theme.style(Role::Strong)), area);
}

pub(super) fn failed(ui: &Ui, failure: &Failure, frame: &mut Frame<'_>) {
    ui.header(["", "that did not work", ui.me.as_str()], frame);
    let area = below(ui.regions.text(), if ui.is_full() { 3 } else { 0 });
    let columns = usize::from(area.width);
    let sentence = wrap_hard(&ui.theme.text(&failure.sentence), columns);
    let mut lines: Vec<Line<'_>> = sentence.into_iter().map(|line| ui.line(line, Role::Bad)).collect();
    for cause in &failure.causes {
        let cause = wrap_hard(&ui.theme.text(cause), columns.saturating_sub(2));
        lines.extend(cause.into_iter().map(|line| Line::raw(format!("  {line}"))));
    }
    frame.render_widget(Paragraph::new(lines), area);
}

fn entry_words(ui: &Ui, (menu, model): (&Menu, &Model), entry: Action) -> (&'static str, String) {
    let pick = |long: &str, short: &str| if ui.is_full() { long.to_owned() } else { short.to_owned() };
    match entry {
        Action::Resume => {
            let what = match menu.game.as_deref() {
                Some(game) if game.is_watching() => format!("watching {}", game.snapshot.code),
                Some(game) => format!("against {}", game.other_name()),
                None => String::new(),
            };
            ("Resume", ui.theme.text(&what))
        }
        Action::ReturnTo(nth) => {
            let seat = usize::from(nth).checked_sub(1).and_then(|index| model.saved_seats.get(index));
            let words = seat.map(|seat| pick(&return_to(seat), &status_line::saved_seat(seat)));
            ("Return", ui.theme.text(&words.unwrap_or_default()))
        }
        Action::QuickMatch => ("Quick match", pick("join an open game, or host and wait", "join or host")),
        Action::Host => ("Host", pick("choose the game, get a code for your friend", "get a code")),
        Action::Join => ("Join by code", pick("KITE-42   or   192.168.1.7:1952", "or by address")),
        Action::Browse => ("Browse LAN", ui.text(&status_line::games_found(&model.lan, !ui.is_full()))),
        Action::Watch => ("Watch", status_line::games_in_play(&model.lan)),
        Action::LeaveGame if menu.game.as_ref().is_some_and(|game| game.online().is_some()) => {
            ("Leave it", pick("stop trying; you can return from here", "return from here"))
        }
        Action::LeaveGame => ("Leave it", pick("give up the running game", "give it up")),
        Action::Bot => ("Play the bot", strength(model.new_game.bot_level()).to_owned()),
        Action::TwoPlayers => ("Two players", "share this keyboard".to_owned()),
        Action::Replays => ("Replays", status_line::kept_matches(&model.history)),
        Action::Settings => ("Settings", pick("your name, colours, mouse, bell", "name, colours, bell")),
        _ => ("", String::new()),
    }
}

/// A saved seat, in as many words as a wide menu has room for.
fn return_to(seat: &SavedSeat) -> String {
    let against = seat.opponent.map(|opponent| format!(" against {opponent}")).unwrap_or_default();
    let adjourned = if seat.is_adjourned { ", adjourned" } else { "" };
    match seat.hosted {
        Some(_) => format!("{}{against}{adjourned}: host it again", seat.code),
        None => format!("{}{against}{adjourned}, {}", seat.code, seat.target),
    }
}

/// The program's name, drawn with the marks of the game.
fn draw_logo(ui: &Ui, body: Rect, frame: &mut Frame<'_>) {
    /// Columns from one letter to the next.
    const PITCH: u16 = 8;
    let theme = ui.theme;
    let left = body.x + (body.width - (2 * PITCH + 5)) / 2;
    for (x, mark) in (left..).step_by(PITCH.into()).zip([Mark::O, Mark::X, Mark::O]) {
        let pen = if theme.is_ascii { Pen::Ascii } else { Pen::Pixels };
        for (y, row) in (body.y..).zip(pixels::mark(mark, MarkSize::Medium, pen)) {
            frame.buffer_mut().set_string(x, y, row, theme.style(Role::Mark(mark)));
        }
    }
    let words = ui.line("tic-tac-toe for two people on one network", Role::Faint);
    frame.render_widget(words.centered(), Rect { y: body.y + 4, height: 1, ..body });
}
