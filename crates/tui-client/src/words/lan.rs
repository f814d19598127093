//! What is said of the games of this network and of the search for them.

use std::time::{Duration, Instant};

use net::discovery::{Advert, RoomState};

use crate::{
    lan_games::{LanGames, Search},
    lan_list::{LanList, Seeking, Sought},
    model::Model,
};

/// Why no game may be found, most likely first.
pub const fn reasons() -> [&'static str; 3] {
    [
        "Nobody hosts yet, or the game is hidden.",
        "You are on different networks (guest Wi-Fi, VPN, mobile data).",
        "A firewall drops UDP 5353 (the search), or UDP or TCP 1952.",
    ]
}

/// Where is searched and when something was heard last, or why it cannot be.
pub fn search(games: &LanGames, now: Instant) -> String {
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

/// A round trip: `2 ms`, `<1 ms`.
pub fn milliseconds(rtt: Duration) -> String {
    match rtt.as_millis() {
        0 => "<1 ms".into(),
        millis => format!("{millis} ms"),
    }
}

/// What is looked for.
pub fn sought(seeking: &Seeking) -> String {
    match seeking.what {
        Sought::Code { code, .. } => format!("Looking for {code} on this network"),
        Sought::Any => "Looking for an open game on this network".into(),
    }
}

pub(super) fn seeking_line(seeking: &Seeking) -> String {
    let else_what = match seeking.what {
        Sought::Code { .. } => "",
        Sought::Any => " If there is none, one is hosted.",
    };
    format!("{}.{else_what} Esc gives up.", sought(seeking))
}

/// The line under the list of games.
pub(super) fn list_line(model: &Model, list: &LanList) -> String {
    let rows = list.rows(&model.lan);
    let state = match rows.get(list.chosen(&rows)).map(|game| game.room.advert) {
        _ if list.is_filtering => "Type a code, a name or a board. Enter goes to the list.".into(),
        Some(advert) => enter(&advert, list.watches),
        None if model.lan.failure().is_some() => "j takes a code with an address, without a search.".into(),
        None if !model.lan.is_empty() => "/ and Esc show all games again.".into(),
        None => "A new game shows here by itself.".into(),
    };
    match &list.notice {
        Some(notice) => format!("{notice} {state}"),
        None => state,
    }
}

/// What Enter does.
fn enter(advert: &Advert, watches: bool) -> String {
    let Advert { code, host, guest, is_watchable, .. } = advert;
    if !advert.is_understood() {
        return format!("{code} is of another version of oxo.");
    }
    match advert.state() {
        _ if !is_watchable && (watches || guest.is_some()) => format!("{code} is not open to watchers."),
        RoomState::Locked => format!("Enter asks for the passcode of {code}."),
        RoomState::InPlay => format!("Enter watches {code}."),
        RoomState::Open if watches => format!("Enter watches {code}."),
        RoomState::Open => format!("Enter joins {code} and plays {host}."),
    }
}

/// What the header of the menu says of the games: `LAN: 3 games`.
pub fn lan_briefly(games: &LanGames) -> String {
    match (&games.search, games.len()) {
        (Search::Failed(_), _) => "LAN: no search".into(),
        (Search::Off | Search::On { .. }, 1) => "LAN: 1 game".into(),
        (Search::Off | Search::On { .. }, count) => format!("LAN: {count} games"),
    }
}

/// What the menu says beside the list: `3 games found, 1 open`.
pub fn games_found(games: &LanGames, is_short: bool) -> String {
    let open = games.count(RoomState::Open);
    match (&games.search, games.len()) {
        (Search::Failed(_), _) => "cannot search; it says why".into(),
        (Search::Off | Search::On { .. }, 0) if is_short => "none found yet".into(),
        (Search::Off | Search::On { .. }, 0) => "the games of this network; none found yet".into(),
        (Search::Off | Search::On { .. }, found) if is_short => format!("{found} found, {open} open"),
        (Search::Off | Search::On { .. }, 1) => format!("1 game found, {open} open"),
        (Search::Off | Search::On { .. }, found) => format!("{found} games found, {open} open"),
    }
}

/// What the menu says beside watching: `2 games in play`.
pub fn games_in_play(games: &LanGames) -> String {
    match games.count(RoomState::InPlay) {
        0 => "a game that others play".into(),
        1 => "1 game in play".into(),
        count => format!("{count} games in play"),
    }
}
