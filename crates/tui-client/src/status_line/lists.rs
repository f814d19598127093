//! The status lines of forms and lists, and the words about the games on this network.

use std::time::Instant;

use net::proto::{RoomLine, RoomState};

use super::notices;
use crate::{
    cmd::SavedSeat,
    connecting::PasscodeForm,
    format::counted,
    game_search::{GameSearch, SearchTarget},
    goal::Purpose,
    join_form::JoinForm,
    lan_games::{LanGames, Search},
    lan_list::LanList,
    new_game::Field,
    new_game_form::NewGameForm,
    rooms::Rooms,
    text_input::TextInput,
};

/// The status line of the form for a new game.
pub(super) fn new_game(form: &NewGameForm) -> String {
    match &form.input {
        Some(TextInput { error: Some(error), .. }) => return notices::input(error),
        Some(_) => return "Enter takes it, Esc leaves the value as it was.".into(),
        None => {}
    }
    let change = match form.chosen {
        Field::Board => "Left and right change the board, or type one, such as 7x6:4.",
        Field::BestOf => "Left and right change the series, or type a number.",
        Field::Clock => "Left and right change the clock, or type one, such as 90s or 3m+2s.",
        Field::Passcode => "Type another passcode.",
        Field::X | Field::O => "Type a name.",
        field if field.choices(&form.game).len() == 1 => "The perfect bot plays 3x3 only.",
        Field::Misere | Field::Visibility | Field::Level | Field::First => "Left and right change the value.",
    };
    format!("Enter starts the game. {change}")
}

/// The line in words of the form, in at most 18 columns.
pub(super) const fn new_game_briefly(form: &NewGameForm) -> &'static str {
    match &form.input {
        Some(TextInput { error: Some(_), .. }) => "Not possible.",
        Some(_) => "Enter takes it.",
        None => "Enter starts.",
    }
}

/// The status line of the form for a place.
pub(super) fn join_form(form: &JoinForm) -> String {
    if let Some(error) = &form.input.error {
        return notices::input(error);
    }
    match form.purpose {
        Purpose::Join => "Type a code, an address, or both, then Enter. The host's screen shows them.",
        Purpose::Browse => "Type the address of a server, then Enter.",
        Purpose::Watch => "Type a code, code@address, or an address to see its games, then Enter.",
    }
    .into()
}

/// The status line of the form for a passcode.
pub(super) fn passcode(form: &PasscodeForm) -> String {
    let asked = format!("{} needs a passcode: ask the host. Enter tries it, Esc gives up.", form.code);
    notices::and_state(form.input.error.as_ref().map(notices::input), asked)
}

/// The status line of the rooms of a server.
pub(super) fn rooms(rooms: &Rooms) -> String {
    let state = match rooms.selected() {
        _ if rooms.is_lost => {
            format!("The connection to {} is lost. <rooms.select> looks again.", rooms.target)
        }
        None if rooms.has_come() => "No games there now. New ones appear by themselves.".into(),
        None => format!("Waiting for the list of {}.", rooms.target),
        Some(room) => on_enter(room, false),
    };
    notices::and_state(rooms.notice.map(notices::list), state)
}

/// The status line of the games on this network.
pub(super) fn lan(list: &LanList, games: &LanGames) -> String {
    let rows = list.rows(games);
    let state = match rows.get(list.chosen(&rows)).map(|game| game.room) {
        _ if list.is_filtering => "Type a code, a name or a board. Enter goes to the list.".into(),
        Some(room) => on_enter(room, list.watches),
        None if games.failure().is_some() => {
            "<lan.join> takes a code with an address, without a search.".into()
        }
        None if !games.is_empty() => "<lan.filter> and Esc show all games again.".into(),
        None => "New games appear here by themselves.".into(),
    };
    notices::and_state(list.notice.map(notices::list), state)
}

/// The effect of Enter on a game.
fn on_enter(room: &RoomLine, watches: bool) -> String {
    let RoomLine { code, host, guest, is_watchable, .. } = room;
    match room.state() {
        _ if !is_watchable && (watches || guest.is_some()) => format!("{code} is not open to watchers."),
        RoomState::Locked => format!("<lan.select> asks for the passcode of {code}."),
        RoomState::InPlay => format!("<lan.select> watches {code}."),
        RoomState::Open if watches => format!("<lan.select> watches {code}."),
        RoomState::Open => format!("<lan.select> joins {code} and plays {host}."),
    }
}

/// The game that is searched for.
pub(crate) fn search_target(searching: &GameSearch) -> String {
    match searching.what {
        SearchTarget::Code { code, .. } => format!("Looking for {code} on this network"),
        SearchTarget::Any => "Looking for an open game on this network".into(),
    }
}

/// The status line of a search for one game.
pub(super) fn searching(searching: &GameSearch) -> String {
    let otherwise = match searching.what {
        SearchTarget::Code { .. } => "",
        SearchTarget::Any => " If there is none, one is hosted.",
    };
    format!("{}.{otherwise} Esc gives up.", search_target(searching))
}

/// A seat to return to: `KITE-42 at 192.168.1.7:1952`, `your adjourned match against ben`.
pub(crate) fn saved_seat(seat: &SavedSeat) -> String {
    match seat.opponent.filter(|_| seat.is_adjourned) {
        Some(opponent) => format!("your adjourned match against {opponent}"),
        None if seat.hosted.is_some() => format!("{} on this machine", seat.code),
        None => format!("{} at {}", seat.code, seat.target),
    }
}

/// The networks searched and the last answer, or the failure of the search.
pub(crate) fn search(games: &LanGames, now: Instant) -> String {
    match &games.search {
        Search::Off => String::new(),
        Search::Failed(failure) => {
            let hint = failure.hint.as_deref().map(|hint| format!(" Hint: {hint}.")).unwrap_or_default();
            format!("{}.{hint}", failure.sentence)
        }
        Search::On { networks: None, .. } => "Searching.".into(),
        Search::On { networks: Some(networks), heard_at, .. } => {
            if networks.used.is_empty() {
                return format!("No network to search{networks}. Is Wi-Fi on, or the cable in?");
            }
            let still = if games.is_empty() { "Still searching" } else { "Searching" };
            let heard = heard_at
                .map(|at| format!(" Last answer {} s ago.", now.saturating_duration_since(at).as_secs()));
            format!("{still} {networks}.{}", heard.unwrap_or_default())
        }
    }
}

/// The games in the header of the menu: `LAN: 3 games`.
pub(crate) fn lan_briefly(games: &LanGames) -> String {
    match &games.search {
        Search::Failed(_) => "LAN: no search".into(),
        Search::Off | Search::On { .. } => format!("LAN: {}", counted(games.len(), "game")),
    }
}

/// The games beside the list's entry in the menu: `3 games found, 1 open`.
pub(crate) fn games_found(games: &LanGames, is_short: bool) -> String {
    let open = games.count(RoomState::Open);
    match (&games.search, games.len()) {
        (Search::Failed(_), _) => "search failed; <menu.browse> shows why".into(),
        (Search::Off | Search::On { .. }, 0) if is_short => "none found yet".into(),
        (Search::Off | Search::On { .. }, 0) => "the games of this network; none found yet".into(),
        (Search::Off | Search::On { .. }, found) if is_short => format!("{found} found, {open} open"),
        (Search::Off | Search::On { .. }, found) => format!("{} found, {open} open", counted(found, "game")),
    }
}

/// The games beside the entry for watching: `2 games in play`.
pub(crate) fn games_in_play(games: &LanGames) -> String {
    match games.count(RoomState::InPlay) {
        0 => "a game of others".into(),
        count => format!("{} in play", counted(count, "game")),
    }
}
