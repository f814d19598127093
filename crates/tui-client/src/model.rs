//! Everything that the screen depends on.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use std::time::{Duration, Instant};

use game_core::{Cell, Level};
use net::{
    addr::HostPort,
    link::Transport,
    proto::{
        AdjournedLine, CloseReason, Command, Name, Phase, Presence, RoomCode, Seat, Snapshot, Terms, Token,
    },
    server_clock::ClockOffset,
};
use ratatui::layout::Size;
use tui_input::Input;

use crate::{
    clock::after_second,
    cmd::{Opponent, SavedSeat},
    keymap::Context,
    msg::Failure,
    theme::Theme,
};

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
    /// Seats to return to that are not on the screen: of earlier runs of the program, and of adjourned matches.
    pub saved_seats: Vec<SavedSeat>,
    /// What is played in the games that are opened from here.
    pub terms: Terms,
    /// What a quick match is asked for; `None` takes any game there is.
    pub quick_terms: Option<Terms>,
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
    Host,
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
    /// How the server's clock stands to ours.
    pub clock: Option<ClockOffset>,
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
    /// When it was made, by our clock: the instant that every time in it counts from.
    pub shown_at: Instant,
    /// The cell that the keys act on.
    pub cursor: Cell,
    /// A move that the server has not confirmed.
    pub unconfirmed: Option<Unconfirmed>,
    /// What to say besides the state of the game.
    pub notice: Option<String>,
    /// Whether what the other player says and offers is kept from this one.
    pub is_muted: bool,
    /// The last offer that was declined by itself, because of that.
    pub declined: Option<u32>,
    /// The half-move for which the bell has told that time runs out.
    pub rung_for: Option<MoveId>,
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
    /// How the server's clock stands to ours.
    pub clock: Option<ClockOffset>,
    /// Whether we sit in the room: not while its match is adjourned and we have gone to the menu.
    pub is_in_room: bool,
    /// The adjourned matches of this session, and who waits there.
    pub adjourned: Vec<AdjournedLine>,
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

/// A move that was made here and is not in the snapshot yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unconfirmed {
    /// As which half-move.
    pub id: MoveId,
    /// Where.
    pub cell: Cell,
    /// Where it is.
    pub sending: Sending,
}

impl Unconfirmed {
    /// What is sent to make it.
    pub const fn command(&self) -> Command {
        let MoveId { match_number, branch, ply } = self.id;
        Command::Play { match_number, branch, ply, cell: self.cell }
    }
}

/// Which half-move of a room one is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MoveId {
    /// In which match of the room.
    pub match_number: u32,
    /// How many takebacks that match had seen.
    pub branch: u16,
    /// Which half-move of that match, from 0.
    pub ply: u16,
}

/// Where a move is that is not confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    /// On its way.
    Sent,
    /// Here, until there is a link and the match is not paused.
    Held,
    /// On its way once more, after it came while the match was paused. Refused again, it is given up.
    SentAgain,
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

    /// Whether quitting now could cost somebody a match.
    pub fn is_match_at_stake(&self) -> bool {
        self.game().is_some_and(Game::is_at_stake)
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
            return Some(after_second(connecting.since, now));
        }
        let game = self.game()?;
        let counting = game.next_tick(now);
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

    /// Whether to end the game here and now would cost somebody a match. Nobody minds a game against the bot; an
    /// adjourned match is kept by its server, unless that is ours.
    pub fn is_at_stake(&self) -> bool {
        match (self.snapshot.phase, &self.place) {
            (Phase::Playing, Place::Keyboard | Place::Server(_)) => true,
            (_, Place::Keyboard | Place::Bot) | (Phase::Waiting | Phase::Over(_), _) => false,
            (Phase::Adjourned, Place::Server(online)) => online.joined.target.is_none(),
        }
    }

    fn context(&self) -> Context {
        match self.snapshot.phase {
            _ if self.down().is_some() => Context::LinkDown,
            Phase::Waiting => Context::Waiting,
            Phase::Playing if self.claim().is_some() => Context::Absent,
            Phase::Playing if self.incoming_offer().is_some() => Context::Offer,
            Phase::Playing => Context::Match,
            Phase::Adjourned => Context::Adjourned,
            Phase::Over(_) => Context::Over,
        }
    }
}

impl Down {
    /// How long the seat is kept from now, counted from when the loss was noticed here.
    pub fn kept_for(&self, grace: Duration, now: Instant) -> Duration {
        (self.since + grace).saturating_duration_since(now)
    }
}
