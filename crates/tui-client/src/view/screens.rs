//! The screens without a board: the menu, the forms, connections and searches under way, failures.

use game_core::Mark;
use ratatui::{
    Frame,
    layout::{Position, Rect, Size},
    text::{Line, Span},
    widgets::Paragraph,
};
use unicode_width::UnicodeWidthStr;

use super::{
    input,
    new_game::strength,
    pixels::{self, Fill, MarkSize},
    text::{fit, wrap_hard},
    ui::{Breakpoint, Ui},
};
use crate::{
    buttons::Target,
    cmd::SavedSeat,
    connecting::{Connecting, PasscodeForm},
    failure::Failure,
    format,
    game::Game,
    game_search::GameSearch,
    goal::Purpose,
    history::History,
    join_form::JoinForm,
    keymap::{Action, Context},
    lan_games::LanGames,
    menu::Menu,
    new_game::NewGame,
    status_line,
    theme::Role,
};

/// The part of the model that the menu shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct MenuView<'a> {
    pub(super) menu: &'a Menu,
    pub(super) saved_seats: &'a [SavedSeat],
    pub(super) lan: &'a LanGames,
    pub(super) new_game: &'a NewGame,
    pub(super) history: &'a History,
}

/// Rows of the program's name and of the line under it, with the free ones.
const LOGO_ROWS: u16 = 7;

/// Columns of an entry's name, after its key.
const TITLE_COLUMNS: usize = 14;

/// The room for so many entries, a free row between two groups of them, and the program's name.
pub(super) fn menu_block(entries: usize) -> Size {
    let rows = u16::try_from(entries).unwrap_or(u16::MAX);
    Size { width: 70, height: rows.saturating_add(1 + LOGO_ROWS) }
}

pub(super) fn menu(ui: &Ui, view: MenuView<'_>, frame: &mut Frame<'_>) {
    let games = status_line::lan_briefly(view.lan);
    let right = match ui.breakpoint() {
        Breakpoint::Full => format!("{} {} {games}", ui.me, ui.theme.dot()),
        Breakpoint::Compact => games,
        Breakpoint::Tiny => String::new(),
    };
    ui.header([concat!("v", env!("CARGO_PKG_VERSION")), "", &right], frame);
    let entries = view.menu.entries(view.saved_seats.len());
    let chosen = view.menu.chosen(view.saved_seats.len());
    let mut lines = Vec::new();
    let mut rows_of_entries = Vec::new();
    let mut chosen_row = 0;
    let body = ui.body();
    let has_logo = ui.is_full() && menu_block(entries.len()).height <= body.height;
    let key_columns =
        entries.iter().map(|entry| ui.keymap.key(Context::Menu, *entry).width()).max().unwrap_or(1);
    for entry in &entries {
        // Games at this machine stand apart where there is room.
        if has_logo && *entry == Action::Bot {
            lines.push(Line::raw(""));
        }
        let row = u16::try_from(lines.len()).unwrap_or(u16::MAX);
        rows_of_entries.push(row);
        if *entry == chosen {
            chosen_row = row;
        }
        lines.push(entry_line(ui, view, (*entry, *entry == chosen), key_columns));
    }
    let list = if has_logo {
        draw_logo(ui, body, frame);
        Rect { y: body.y + LOGO_ROWS, height: body.height - LOGO_ROWS, ..body }
    } else {
        body
    };
    // The chosen entry stays in view.
    let hidden = (chosen_row + 1).saturating_sub(list.height);
    let has_more = [hidden > 0, usize::from(hidden + list.height) < lines.len()];
    frame.render_widget(Paragraph::new(lines).scroll((hidden, 0)), list);
    let place = |row: u16| Rect { y: list.y + row - hidden, height: 1, ..list };
    for (row, entry) in rows_of_entries.into_iter().zip(entries) {
        if (hidden..hidden + list.height).contains(&row) {
            ui.note(place(row), Target::Act(entry));
        }
    }
    let row = place(chosen_row);
    ui.choose(row, ui.theme.style(Role::Mark(Mark::X)), frame);
    let edges = [list.y, list.bottom().saturating_sub(1)];
    for ((has_more, sign), y) in has_more.into_iter().zip(ui.theme.more()).zip(edges) {
        if has_more {
            frame.buffer_mut().set_string(list.right() - 1, y, sign, ui.theme.style(Role::Strong));
        }
    }
}

/// `  q  Quick match   join an open game, or host one and wait`
fn entry_line(
    ui: &Ui,
    view: MenuView<'_>,
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
        Span::styled(format!("  {key:<key_columns$}  "), ui.theme.style(Role::Mark(Mark::X))),
        Span::styled(format!("{title:<TITLE_COLUMNS$}"), ui.theme.style(title_role)),
        Span::styled(help, ui.theme.style(help_role)),
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
            Line::from(vec![
                Span::raw(format!("{typed:<22}")),
                Span::styled(meaning, ui.theme.style(Role::Faint)),
            ])
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
    let body = ui.body();
    let margin = u16::from(!ui.is_full());
    let area = Rect {
        x: body.x + margin,
        width: body.width - 2 * margin,
        y: body.y + body.height / 3,
        height: body.height - body.height / 3,
    };
    let lines = wrap_hard(&ui.theme.text(text), area.width.into());
    let lines = lines.into_iter().map(|line| Line::styled(line, ui.theme.style(Role::Strong)));
    frame.render_widget(Paragraph::new(lines.collect::<Vec<_>>()), area);
}

pub(super) fn failed(ui: &Ui, failure: &Failure, frame: &mut Frame<'_>) {
    ui.header(["", "that did not work", ui.me.as_str()], frame);
    let theme = ui.theme;
    let (body, above, margin) = (ui.body(), if ui.is_full() { 3 } else { 0 }, u16::from(!ui.is_full()));
    let area = Rect {
        x: body.x + margin,
        width: body.width - 2 * margin,
        y: body.y + above,
        height: body.height.saturating_sub(above),
    };
    let columns = usize::from(area.width);
    let sentence = wrap_hard(&theme.text(&failure.sentence), columns);
    let mut lines: Vec<Line<'_>> =
        sentence.into_iter().map(|line| Line::styled(line, theme.style(Role::Bad))).collect();
    for cause in &failure.causes {
        let cause = wrap_hard(&theme.text(cause), columns.saturating_sub(2));
        lines.extend(cause.into_iter().map(|line| Line::raw(format!("  {line}"))));
    }
    frame.render_widget(Paragraph::new(lines), area);
}

fn entry_words(ui: &Ui, view: MenuView<'_>, entry: Action) -> (&'static str, String) {
    let pick = |long: &str, short: &str| if ui.is_full() { long.to_owned() } else { short.to_owned() };
    match entry {
        Action::Resume => {
            let what = |game: &Game| {
                if game.is_watching() {
                    return format!("watching {}", game.snapshot.code);
                }
                format!("against {}", game.other_name())
            };
            ("Resume", ui.theme.text(&view.menu.game.as_deref().map(what).unwrap_or_default()))
        }
        Action::ReturnTo(nth) => {
            let seat = usize::from(nth).checked_sub(1).and_then(|index| view.saved_seats.get(index));
            let words = seat.map(|seat| pick(&return_to(seat), &status_line::saved_seat(seat)));
            ("Return", ui.theme.text(&words.unwrap_or_default()))
        }
        Action::QuickMatch => ("Quick match", pick("join an open game, or host and wait", "join or host")),
        Action::Host => ("Host", pick("choose the game, get a code for your friend", "get a code")),
        Action::Join => ("Join by code", pick("KITE-42   or   192.168.1.7:1952", "or by address")),
        Action::Browse => ("Browse LAN", ui.text(&status_line::games_found(view.lan, !ui.is_full()))),
        Action::Watch => ("Watch", status_line::games_in_play(view.lan)),
        Action::LeaveGame if view.menu.game.as_ref().is_some_and(|game| game.online().is_some()) => {
            ("Leave it", pick("stop trying; you can return from here", "return from here"))
        }
        Action::LeaveGame => ("Leave it", pick("give up the running game", "give it up")),
        Action::Bot => ("Play the bot", strength(view.new_game.bot_level()).to_owned()),
        Action::TwoPlayers => ("Two players", "share this keyboard".to_owned()),
        Action::Replays => ("Replays", status_line::kept_matches(view.history)),
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
        let style = theme.style(Role::Mark(mark));
        if theme.is_ascii {
            for (y, row) in (body.y..).zip(pixels::ascii_mark(mark, MarkSize::Medium)) {
                frame.buffer_mut().set_string(x, y, row, style);
            }
        } else {
            let picture = pixels::mark(mark, MarkSize::Medium);
            pixels::draw(picture, Position::new(x, body.y), (Fill::Solid, style), frame.buffer_mut());
        }
    }
    let words = Line::styled("tic-tac-toe for two people on one network", theme.style(Role::Faint));
    frame.render_widget(words.centered(), Rect { y: body.y + 4, height: 1, ..body });
}
