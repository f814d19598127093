//! The search for one game: by its code, or any open one.

use std::time::{Duration, Instant};

use net::{
    addr::HostPort,
    proto::{RoomCode, Terms},
};

use crate::{
    failure::Failure,
    goal::{Goal, RoomKey},
    lan_games::{LanGame, LanGames},
    quick_match::Quick,
    request::Request,
    ticks::after_second,
};

/// A search for one game on this network.
#[derive(Debug)]
pub struct GameSearch {
    /// The game.
    pub what: SearchTarget,
    /// The start.
    pub since: Instant,
    /// The end.
    pub until: Instant,
    /// The quick match that it is for.
    pub quick: Quick,
    /// A machine that may be called like the code, in place of a game.
    pub machine: Option<HostPort>,
}

/// A game to search for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchTarget {
    /// The game with this code.
    Code {
        /// The code.
        code: RoomCode,
        /// True to watch it.
        watches: bool,
    },
    /// Any open game; if there is none, one is hosted.
    Any,
}

/// The time of the search for a code. A host answers within 0.12 s (RFC 6762 section 6), but not at all for a second after
/// it has answered somebody else; its announcement is repeated after a second.
pub const SEEK: Duration = Duration::from_secs(2);

/// The least time of the search before a quick match hosts: two questions, the second of them after 1 s.
pub const QUICK_SEEK: Duration = Duration::from_millis(1300);

/// The wait for a second game with the same code: twice the time a host may take to answer.
pub const SETTLE: Duration = Duration::from_millis(250);

impl GameSearch {
    /// The search for a code.
    pub(crate) fn code(now: Instant, code: RoomCode, machine: Option<HostPort>, watches: bool) -> Self {
        let what = SearchTarget::Code { code, watches };
        Self { what, since: now, until: now + SEEK, quick: Quick::default(), machine }
    }

    /// The search for any open game, which counts the time that the network was searched before.
    pub(crate) fn any(now: Instant, games: &LanGames, quick: Quick) -> Self {
        let until = (games.since().unwrap_or(now) + QUICK_SEEK).max(now);
        Self { what: SearchTarget::Any, since: now, until, quick, machine: None }
    }

    /// Goes on once the game was found, or is not to be found.
    pub(crate) fn proceed(&self, now: Instant, games: &LanGames, terms: Option<Terms>) -> Option<Request> {
        let is_late = now >= self.until;
        let is_hopeless = is_late || games.failure().is_some();
        match self.what {
            SearchTarget::Any => match self.quick.find(now, games, terms, None) {
                Some(game) => Some(enter(game, false).unwrap_or(Request::Connect(Goal::Host))),
                None => is_hopeless.then_some(Request::Connect(Goal::Host)),
            },
            SearchTarget::Code { code, watches } => {
                let found = games.with_code(code);
                // A second game with this code would have been found about when the first one was.
                let is_settled = found.iter().any(|game| now >= game.found_at + SETTLE) && !games.is_asking();
                match found.as_slice() {
                    [] if is_hopeless => Some(Request::NotFound(code)),
                    _ if !is_late && !is_settled => None,
                    [game] => Some(enter(*game, watches).unwrap_or(Request::NotFound(code))),
                    several => Some(Request::Ambiguous { code, count: several.len(), watches }),
                }
            }
        }
    }

    /// The next instant at which the search may end, or a time on the screen changes.
    pub(crate) fn poll_timeout(&self, now: Instant, games: &LanGames) -> Instant {
        let settles = match self.what {
            SearchTarget::Code { code, .. } => {
                games.with_code(code).first().map(|game| game.found_at + SETTLE)
            }
            SearchTarget::Any => None,
        };
        let next = after_second(self.since, now).min(self.until);
        settles.filter(|settles| *settles > now).map_or(next, |settles| next.min(settles))
    }
}

fn enter(game: LanGame<'_>, watches: bool) -> Option<Request> {
    let key = RoomKey { code: game.room.code, passcode: None };
    game.found.target().map(|target| Request::EnterFound { target, key, watches })
}

/// The usual reasons why no game is found, most likely first.
pub(crate) const REASONS: [&str; 3] = [
    "Nobody hosts yet.",
    "You are on different networks (guest Wi-Fi, VPN, mobile data).",
    "A firewall drops UDP 5353 (the search), or UDP or TCP 1952.",
];

/// The failure of a search for a code.
pub fn not_found(code: RoomCode, games: &LanGames) -> Failure {
    let hint = format!("the host's screen shows an address, too: {code}@192.168.1.7 needs no search");
    let others = games.of_other_versions().map(other_version);
    Failure {
        causes: others.chain(REASONS.map(str::to_owned)).collect(),
        hint: Some(hint),
        ..Failure::new(format!("No game {code} answered on this network"))
    }
}

/// The sentence about a server of another version.
pub fn other_version(server: &str) -> String {
    format!("{server} serves another version of oxo, which this one does not understand.")
}
