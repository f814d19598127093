//! The screens without a board: the menu, the forms, connections and searches under way, failures.

use game_core::Level;
use ratatui::{
    Frame,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::{Block, Paragraph, Wrap},
};

use super::{
    input,
    ui::{Breakpoint, Ui},
};
use crate::{
    cmd::SavedSeat,
    connecting::{Connecting, PasscodeForm},
    failure::Failure,
    format,
    game::Game,
    game_search::GameSearch,
    goal::Purpose,
    join_form::JoinForm,
    keymap::{self, Action, Context},
    lan_games::LanGames,
    menu::Menu,
    status_line,
    theme::Role,
};

/// The part of the model that the menu shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct MenuView<'a> {
    pub(super) menu: &'a Menu,
    pub(super) saved_seats: &'a [SavedSeat],
    pub(super) lan: &'a LanGames,
    pub(super) bot_level: Level,
}

/// Rows of the menu that belong to the picture, if there is room for it.
const PICTURE_ROWS: u16 = 9;

pub(super) fn menu(ui: &Ui, view: MenuView<'_>, frame: &mut Frame<'_>) {
    let version = concat!("oxo ", env!("CARGO_PKG_VERSION"));
    let games = status_line::lan_briefly(view.lan);
    let right = match ui.breakpoint() {
        Breakpoint::Full => format!("{} | {games}", ui.me),
        Breakpoint::Compact => games,
        Breakpoint::Tiny => String::new(),
    };
    ui.header([version, "MAIN MENU", &right], frame);
    let entries = view.menu.entries(view.saved_seats.len());
    let chosen = view.menu.chosen(view.saved_seats.len());
    let chosen = entries.iter().position(|entry| *entry == chosen).unwrap_or(0);
    let line = |(index, entry): (usize, &Action)| {
        let is_chosen = index == chosen;
        let (title, help) = entry_words(ui, view, *entry);
        let pointer = if is_chosen { ">" } else { " " };
        let style = if is_chosen { ui.theme.style(Role::Chosen) } else { Style::new() };
        let key = match entry {
            Action::ReturnTo(nth) => nth.to_string(),
            _ => keymap::label(Context::Menu, *entry).to_owned(),
        };
        let text = format!(" {pointer} {key}  {title:<14}");
        let help = if ui.breakpoint() == Breakpoint::Tiny { String::new() } else { help };
        Line::from(vec![Span::styled(text, style), Span::raw(format!(" {help}"))])
    };
    let lines: Vec<Line<'_>> = entries.iter().enumerate().map(line).collect();
    let body = ui.body();
    if !ui.is_full() {
        // The chosen entry stays in view.
        let hidden = (chosen + 1).saturating_sub(usize::from(body.height));
        let hidden = u16::try_from(hidden).unwrap_or(u16::MAX);
        return frame.render_widget(Paragraph::new(lines).scroll((hidden, 0)), body);
    }
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).saturating_add(2);
    let list = body.centered(76.into(), height.into());
    // Many entries take the place of the picture.
    let has_picture = height <= body.height.saturating_sub(PICTURE_ROWS);
    if has_picture {
        let picture = body.centered(29.into(), 5.into());
        draw_logo(ui, Rect { y: body.y + 2, width: 60.min(body.width), height: 5, ..picture }, frame);
    }
    let y = body.y + if has_picture { PICTURE_ROWS } else { 1 };
    let list = Rect { y, ..list }.intersection(body);
    let block = Block::bordered().border_set(ui.theme.border());
    frame.render_widget(Paragraph::new(lines).block(block), list);
}

pub(super) fn join_form(ui: &Ui, form: &JoinForm, frame: &mut Frame<'_>) {
    let ([short, title], label) = match form.purpose {
        Purpose::Join => (["oxo join", "JOIN A GAME"], "Code, or address, or code@address:"),
        Purpose::Browse => (["oxo browse", "GAMES OF A SERVER"], "Address of the server:"),
        Purpose::Watch => (["oxo watch", "WATCH A GAME"], "Code, or address, or code@address:"),
    };
    ui.header([short, title, ui.me.as_str()], frame);
    let area = ui.body();
    let field = input::labelled(ui, &form.input, label, frame);
    if ui.is_full() {
        let without_code = match form.purpose {
            Purpose::Join => "  192.168.1.7            any open game there, or wait for one",
            Purpose::Browse | Purpose::Watch => "  192.168.1.7            the list of games there",
        };
        let examples = [
            "For example:",
            "  KITE-42                the game with this code on this network",
            "  KITE-42@192.168.1.7    the game with this code on that machine",
            without_code,
            "  laptop.local:1952      by name, with a port",
            "  fe80::1%eth0           link-local, with your own interface",
        ];
        let place =
            Rect { y: field.y + 2, height: 6, width: area.width.saturating_sub(field.x - area.x), ..field };
        let lines: Vec<Line<'_>> = examples.map(Line::raw).into();
        frame.render_widget(Paragraph::new(lines), place.intersection(area));
    }
}

pub(super) fn passcode(ui: &Ui, form: &PasscodeForm, frame: &mut Frame<'_>) {
    ui.header(["oxo", "A LOCKED ROOM", ui.me.as_str()], frame);
    input::labelled(ui, &form.input, &format!("Passcode of {}:", form.code), frame);
}

pub(super) fn connecting(ui: &Ui, connecting: &Connecting, frame: &mut Frame<'_>) {
    let waited = format::clock(ui.now.saturating_duration_since(connecting.since));
    under_way(ui, "CONNECTING", &format!("Connecting to {}  {waited}", connecting.goal.place()), frame);
}

pub(super) fn searching(ui: &Ui, searching: &GameSearch, frame: &mut Frame<'_>) {
    under_way(ui, "LOOKING AROUND", &status_line::search_target(searching), frame);
}

fn under_way(ui: &Ui, title: &str, text: &str, frame: &mut Frame<'_>) {
    ui.header(["oxo", title, ui.me.as_str()], frame);
    let body = ui.body();
    let area = Rect { y: body.y + body.height / 3, height: 2, ..body }.intersection(body);
    frame.render_widget(Paragraph::new(ui.theme.text(text)).centered().wrap(Wrap { trim: true }), area);
}

pub(super) fn failed(ui: &Ui, failure: &Failure, frame: &mut Frame<'_>) {
    ui.header(["oxo", "THAT DID NOT WORK", ui.me.as_str()], frame);
    let theme = ui.theme;
    let mut lines =
        vec![Line::raw(""), Line::styled(theme.text(&failure.sentence), theme.style(Role::Warning))];
    lines.extend(failure.causes.iter().map(|cause| Line::raw(theme.text(&format!("  {cause}")))));
    let body = ui.body();
    let area = Rect { x: body.x + 2, width: body.width.saturating_sub(4), ..body };
    frame.render_widget(Paragraph::new(lines).wrap(Wrap { trim: false }), area);
}

fn entry_words(ui: &Ui, view: MenuView<'_>, entry: Action) -> (&'static str, String) {
    let pick = |long: &str, short: &str| if ui.is_full() { long.to_owned() } else { short.to_owned() };
    let bot = match view.bot_level {
        Level::Easy => "it plays anywhere",
        Level::Perfect => "it never loses",
    };
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
        Action::Host => ("Host", pick("show a code your friend can type", "get a code")),
        Action::Join => ("Join by code", pick("KITE-42   or   192.168.1.7:1952", "or by address")),
        Action::Browse => ("Browse LAN", status_line::games_found(view.lan, !ui.is_full())),
        Action::Watch => ("Watch", status_line::games_in_play(view.lan)),
        Action::LeaveGame if view.menu.game.as_ref().is_some_and(|game| game.online().is_some()) => {
            ("Leave it", pick("stop trying; you can return from here", "return from here"))
        }
        Action::LeaveGame => ("Leave it", pick("give up the running game", "give it up")),
        Action::Bot => ("Play the bot", bot.to_owned()),
        Action::TwoPlayers => ("Two players", "share this keyboard".to_owned()),
        _ => ("", String::new()),
    }
}

/// A saved seat, in as many words as a wide menu has room for.
fn return_to(seat: &SavedSeat) -> String {
    let against = seat.opponent.map(|opponent| format!(" against {opponent}")).unwrap_or_default();
    let adjourned = if seat.is_adjourned { ", adjourned" } else { "" };
    format!("{}{against}{adjourned}, {}", seat.code, seat.target)
}

/// The game in small, as it stands in the menu.
fn draw_logo(ui: &Ui, area: Rect, frame: &mut Frame<'_>) {
    const ROWS: [[&str; 3]; 3] = [["X", "O", "X"], ["O", "X", " "], [" ", " ", "O"]];
    let theme = ui.theme;
    let (bar, dash, cross) = (theme.vertical(), theme.horizontal().repeat(5), theme.cross());
    let rule = Line::styled(format!("{dash}{cross}{dash}{cross}{dash}"), theme.style(Role::Faint));
    let says = ["", "tic-tac-toe", "for two people on one network"];
    let mut lines = Vec::new();
    for (row, says) in ROWS.iter().zip(says) {
        if !lines.is_empty() {
            lines.push(rule.clone());
        }
        let [a, b, c] = row.map(|symbol| format!("  {symbol}  "));
        lines.push(Line::raw(format!("{a}{bar}{b}{bar}{c}       {says}")));
    }
    frame.render_widget(Paragraph::new(lines), area);
}
