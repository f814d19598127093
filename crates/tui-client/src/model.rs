//! Everything that the screen depends on.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use std::time::{Duration, Instant};

use game_core::{Cell, Level, Rules};
use net::{
    addr::HostPort,
    link::Transport,
    proto::{CloseReason, Name, Phase, Presence, RoomCode, Seat, Snapshot, Token},
};
use ratatui::layout::Size;
use tui_input::Input;

use crate::{
    cmd::{Opponent, SavedSeat},
    keymap::Context,
    msg::Failure,
    theme::Theme,
};

/// How often a time on the screen changes.
pub const SECOND: Duration = Duration::from_secs(1);

/// The whole state of the front end.
#[derive(Debug)]
pub struct Model {
    /// What the player asked to be called.
    pub me: Name,
    /// How things are drawn.
    pub theme: Theme,
    /// The size of the terminal.
    pub size: Size,
    /// What is shown.
    pub screen: Screen,
    /// What lies over it.
    pub overlay: Option<Overlay>,
    /// A seat that an earlier run of the program left behind.
    pub saved_seat: Option<SavedSeat>,
    /// The rules of the games that are opened from here.
    pub rules: Rules,
    /// How well the bot plays that is chosen from the menu.
    pub bot_level: Level,
    /// The seed of the next bot.
    pub bot_seed: u64,
    /// Whether a failure ends the program with an exit code: it was started to join or to host, and has not
    /// come so far yet.
    pub fails_fast: bool,
}

/// What is shown.
#[derive(Debug)]
pub enum Screen {
    /// What can be done.
    Menu(Menu),
    /// Where to join.
    JoinForm(JoinForm),
    /// Something is under way.
    Connecting(Box<Connecting>),
    /// A room, from waiting for a friend to the result.
    Game(Box<Game>),
    /// Something cannot be done.
    Failed(Failure),
}

/// What lies over a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Overlay {
    /// The keys, scrolled by lines.
    Help {
        /// The first line shown.
        scroll: u16,
    },
    /// A question to be answered by yes or no.
    Confirm(Question),
    /// A text to read, scrolled by lines.
    Words {
        /// The text, not yet broken into lines.
        text: String,
        /// The first line shown.
        scroll: u16,
    },
}

/// What is asked before it is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// To quit while a match is at stake.
    Quit,
    /// To resign.
    Resign,
}

/// The menu, and the game that goes on behind it.
#[derive(Debug, Default)]
pub struct Menu {
    /// Which entry the cursor is on.
    pub selected: usize,
    /// A running game.
    pub background: Option<Box<Game>>,
    /// What to say about the last thing that was tried.
    pub notice: Option<String>,
}

/// Where to join, as it is typed.
#[derive(Debug, Default)]
pub struct JoinForm {
    /// The text field.
    pub input: Input,
    /// What was wrong with it.
    pub error: Option<String>,
}

/// A connection under way.
#[derive(Debug)]
pub struct Connecting {
    /// What the player waits for, in words.
    pub what: String,
    /// Since when.
    pub since: Instant,
    /// What to do once it is there.
    pub goal: Goal,
    /// Who was found there, once they have said so.
    pub arrival: Arrival,
}

/// What a connection is for.
#[derive(Debug, Clone)]
pub enum Goal {
    /// To open a room on a server that we run ourselves.
    Host {
        /// Its rules.
        rules: Rules,
    },
    /// To play on somebody's server: in this room, or in any.
    Join {
        /// The server.
        target: HostPort,
        /// The room.
        code: Option<RoomCode>,
    },
    /// To return to a seat.
    Return {
        /// Which.
        seat: SavedSeat,
        /// What to do if the server does not know it any more.
        otherwise: Option<Box<Self>>,
    },
    /// To play at this machine.
    Local {
        /// Against whom.
        opponent: Opponent,
    },
}

/// What has been learned of a connection before its first snapshot.
#[derive(Debug, Clone, Default)]
pub struct Arrival {
    /// The session, its name and the time a seat is kept.
    pub session: Option<Joined>,
    /// What carries it.
    pub transport: Option<Transport>,
    /// The seat taken.
    pub seat: Option<Seat>,
    /// The addresses of our own server, best first.
    pub addresses: Vec<String>,
}

/// A session on a server.
#[derive(Debug, Clone)]
pub struct Joined {
    /// The server; `None` for our own, in this process.
    pub target: Option<HostPort>,
    /// What the server calls itself.
    pub server: Name,
    /// What to show in order to return.
    pub token: Token,
    /// How long a seat is kept for a lost link.
    pub grace: Duration,
}

/// A room, as this player sees it.
#[derive(Debug)]
pub struct Game {
    /// Where it is played.
    pub place: Place,
    /// The player's seat; at one keyboard, the host's.
    pub seat: Seat,
    /// The room as the server last showed it.
    pub snapshot: Snapshot,
    /// When that was.
    pub shown_at: Instant,
    /// The cell that the keys act on.
    pub cursor: Cell,
    /// A move that the server has not confirmed.
    pub unconfirmed: Option<Unconfirmed>,
    /// What to say besides the state of the game.
    pub notice: Option<String>,
}

/// Where a game is played.
#[derive(Debug)]
pub enum Place {
    /// At this machine, two people.
    Keyboard,
    /// At this machine, against the program.
    Bot,
    /// On a server.
    Server(Box<Online>),
}

/// The network's part of a game.
#[derive(Debug)]
pub struct Online {
    /// The session.
    pub joined: Joined,
    /// The addresses of our own server, if it is ours.
    pub addresses: Vec<String>,
    /// What carries the messages now, or did last.
    pub transport: Transport,
    /// The state of the connection.
    pub link: LinkState,
    /// Whether the next snapshot is the first over a new link: it tells which moves were lost.
    pub is_returning: bool,
    /// Tries to return since a link last held, so that one that breaks at once is not dialled at once.
    pub tries: u32,
}

/// The state of the connection to the server.
#[derive(Debug, Clone)]
pub enum LinkState {
    /// It works.
    Up {
        /// The last round trip that the server measured.
        rtt: Option<Duration>,
    },
    /// Nothing is heard.
    Silent {
        /// Since when.
        since: Instant,
    },
    /// It is lost, and tried again.
    Down(Down),
}

/// A lost connection.
#[derive(Debug, Clone)]
pub struct Down {
    /// Since when.
    pub since: Instant,
    /// What the server said, if it said something.
    pub reason: Option<CloseReason>,
    /// How often it was tried since.
    pub tries: u32,
    /// What happens about it.
    pub retry: Retry,
}

/// When a lost connection is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// By itself, then.
    At(Instant),
    /// It is being tried.
    UnderWay,
    /// When the player asks for it: the seat may be gone by now.
    OnDemand,
}

/// A move that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unconfirmed {
    /// In which match of the room.
    pub match_number: u32,
    /// How many takebacks that match had seen.
    pub branch: u16,
    /// As which half-move.
    pub ply: u16,
    /// Where.
    pub cell: Cell,
}

impl Model {
    /// The game that is shown or goes on behind the menu.
    pub fn game(&self) -> Option<&Game> {
        match &self.screen {
            Screen::Game(game) => Some(game),
            Screen::Menu(menu) => menu.background.as_deref(),
            Screen::JoinForm(_) | Screen::Connecting(_) | Screen::Failed(_) => None,
        }
    }

    /// The same, to change it.
    pub fn game_mut(&mut self) -> Option<&mut Game> {
        match &mut self.screen {
            Screen::Game(game) => Some(game),
            Screen::Menu(menu) => menu.background.as_deref_mut(),
            Screen::JoinForm(_) | Screen::Connecting(_) | Screen::Failed(_) => None,
        }
    }

    /// Whether quitting now would cost a match.
    pub fn is_match_at_stake(&self) -> bool {
        self.game().is_some_and(|game| game.snapshot.phase == Phase::Playing)
    }

    /// Which keys mean what now.
    pub fn context(&self) -> Context {
        match &self.overlay {
            Some(Overlay::Confirm(_)) => Context::Confirm,
            Some(Overlay::Help { .. } | Overlay::Words { .. }) => Context::Help,
            None => self.screen_context(),
        }
    }

    /// Which keys mean what on the screen itself, without what lies over it.
    pub fn screen_context(&self) -> Context {
        match &self.screen {
            Screen::Menu(_) => Context::Menu,
            Screen::JoinForm(_) => Context::JoinForm,
            Screen::Connecting(_) => Context::Connecting,
            Screen::Failed(_) => Context::Failed,
            Screen::Game(game) => game.context(),
        }
    }

    /// When the screen changes by time alone, or something is to be tried again.
    pub fn poll_timeout(&self, now: Instant) -> Option<Instant> {
        if let Screen::Connecting(connecting) = &self.screen {
            return Some(next_second(connecting.since, now));
        }
        let game = self.game()?;
        let counting = game.counting_since().map(|since| next_second(since, now));
        let next_try = match &game.place {
            Place::Server(online) => match &online.link {
                LinkState::Down(Down { retry: Retry::At(at), .. }) => Some(*at),
                LinkState::Down(_) | LinkState::Up { .. } | LinkState::Silent { .. } => None,
            },
            Place::Keyboard | Place::Bot => None,
        };
        [counting, next_try].into_iter().flatten().min()
    }
}

impl Game {
    /// The network's part, if there is one.
    pub fn online(&self) -> Option<&Online> {
        match &self.place {
            Place::Server(online) => Some(online),
            Place::Keyboard | Place::Bot => None,
        }
    }

    /// The same, to change it.
    pub fn online_mut(&mut self) -> Option<&mut Online> {
        match &mut self.place {
            Place::Server(online) => Some(online),
            Place::Keyboard | Place::Bot => None,
        }
    }

    /// The lost connection, if it is lost.
    pub fn down(&self) -> Option<&Down> {
        match &self.online()?.link {
            LinkState::Down(down) => Some(down),
            LinkState::Up { .. } | LinkState::Silent { .. } => None,
        }
    }

    /// The seat that acts by this keyboard now: the player's own, or at one keyboard the one to move.
    pub fn acting_seat(&self) -> Seat {
        match self.place {
            Place::Keyboard => self.snapshot.to_move().unwrap_or(self.seat),
            Place::Bot | Place::Server(_) => self.seat,
        }
    }

    /// Whether a move can be made here now.
    pub fn may_move(&self) -> bool {
        self.unconfirmed.is_none() && self.snapshot.to_move() == Some(self.acting_seat())
    }

    /// How the server hears the other player.
    pub fn opponent_presence(&self) -> Option<Presence> {
        self.snapshot.seats[self.seat.other()].occupant().map(|opponent| opponent.presence)
    }

    fn context(&self) -> Context {
        match self.snapshot.phase {
            _ if self.down().is_some() => Context::LinkDown,
            Phase::Waiting => Context::Waiting,
            Phase::Playing => Context::Match,
            Phase::Over(_) | Phase::Adjourned => Context::Over,
        }
    }

    /// Since when a time is counted on the screen, if one is.
    fn counting_since(&self) -> Option<Instant> {
        if let Some(online) = self.online() {
            match &online.link {
                LinkState::Down(down) => return Some(down.since),
                LinkState::Silent { since } => return Some(*since),
                LinkState::Up { .. } => {}
            }
        }
        let opponent_is_out =
            matches!(self.opponent_presence(), Some(Presence::Silent { .. } | Presence::Away { .. }));
        (self.snapshot.phase == Phase::Waiting || opponent_is_out).then_some(self.shown_at)
    }
}

impl Down {
    /// How long the seat is kept from now, counted from when the loss was noticed here.
    pub fn kept_for(&self, grace: Duration, now: Instant) -> Duration {
        (self.since + grace).saturating_duration_since(now)
    }
}

/// The next instant after `now` that is whole seconds after `since`.
fn next_second(since: Instant, now: Instant) -> Instant {
    let elapsed = now.saturating_duration_since(since);
    since + Duration::from_secs(elapsed.as_secs()) + SECOND
}
