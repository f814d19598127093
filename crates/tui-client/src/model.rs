//! Everything that the screen depends on.

#![deny(clippy::disallowed_methods, clippy::disallowed_types)]

use std::time::{Duration, Instant};

use game_core::{Cell, Level, Rules};
use net::{
    addr::HostPort,
    link::Transport,
    proto::{CloseReason, Command, Door, Name, Passcode, Phase, Presence, RoomCode, Seat, Snapshot, Token},
};
use ratatui::layout::Size;

use crate::{
    cmd::{Cmd, Opponent, SavedSeat},
    field::Field,
    keymap::Context,
    msg::Failure,
    notify::Notifier,
    rooms::Rooms,
    talk::TalkLog,
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
    /// A second game: one of the two is at this machine, and the other on a server.
    pub aside: Option<Box<Game>>,
    /// Who may come into the rooms that are opened from here.
    pub door: Door,
    /// What opens them, if they are locked.
    pub passcode: Passcode,
    /// What calls the player back to a window that they do not look at.
    pub notifier: Notifier,
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
    /// What opens a locked room.
    Passcode(Box<PasscodeForm>),
    /// Rooms that can be joined or watched.
    Rooms(Box<Rooms>),
    /// A room, from waiting for a friend to the result.
    Game(Box<Game>),
    /// Something cannot be done.
    Failed(Failure),
}

/// What lies over a screen.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// The keys, scrolled by lines.
    Help {
        /// The first line shown.
        scroll: u16,
    },
    /// A question to be answered by yes or no.
    Confirm(Question),
    /// A line to say in the room.
    Talk(Field),
    /// The emotes, one of which is said.
    Emotes,
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

/// A place, as it is typed.
#[derive(Debug)]
pub struct JoinForm {
    /// What is to be done there.
    pub purpose: Purpose,
    /// The text field.
    pub field: Field,
}

/// What a place is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To play there.
    Join,
    /// To see the games there.
    Browse,
    /// To watch a game there.
    Watch,
}

/// What opens a locked room, as it is typed.
#[derive(Debug)]
pub struct PasscodeForm {
    /// The text field.
    pub field: Field,
    /// Which room.
    pub code: RoomCode,
    /// What goes on once it is typed.
    pub connecting: Connecting,
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
    /// The list from which the room was chosen, to which a refusal leads back.
    pub list: Option<Box<Rooms>>,
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
        key: Option<RoomKey>,
    },
    /// To watch a room.
    Watch {
        /// The server.
        target: HostPort,
        /// The room.
        key: RoomKey,
    },
    /// To see the rooms of a server.
    Browse {
        /// The server.
        target: HostPort,
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

/// A room, and what opens it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RoomKey {
    /// Its code.
    pub code: RoomCode,
    /// Its passcode, if it has one and we know it.
    pub passcode: Option<Passcode>,
}

/// What has been learned of a connection before its first snapshot.
#[derive(Debug, Clone, Default)]
pub struct Arrival {
    /// The session, its name and the time a seat is kept.
    pub session: Option<Joined>,
    /// What carries it.
    pub transport: Option<Transport>,
    /// What we are in the room.
    pub role: Option<Role>,
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
    /// What we are called there.
    pub me: Name,
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
    /// What we are there.
    pub role: Role,
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
    /// What was said in it.
    pub talk: TalkLog,
    /// Whether what others say is not shown.
    pub is_muted: bool,
}

/// What we are in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A player; at one keyboard, the host stands for both.
    Player(Seat),
    /// Somebody who watches.
    Watcher {
        /// What opened the room, to come in again over a new link.
        passcode: Option<Passcode>,
    },
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
            Screen::JoinForm(_)
            | Screen::Connecting(_)
            | Screen::Passcode(_)
            | Screen::Rooms(_)
            | Screen::Failed(_) => None,
        }
    }

    /// The same, to change it.
    pub fn game_mut(&mut self) -> Option<&mut Game> {
        match &mut self.screen {
            Screen::Game(game) => Some(game),
            Screen::Menu(menu) => menu.background.as_deref_mut(),
            Screen::JoinForm(_)
            | Screen::Connecting(_)
            | Screen::Passcode(_)
            | Screen::Rooms(_)
            | Screen::Failed(_) => None,
        }
    }

    /// The game on a server, wherever it is held.
    pub fn online_game(&self) -> Option<&Game> {
        [self.game(), self.aside.as_deref()].into_iter().flatten().find(|game| game.online().is_some())
    }

    /// The same, to change it.
    pub fn online_game_mut(&mut self) -> Option<&mut Game> {
        if self.game().is_some_and(|game| game.online().is_some()) {
            return self.game_mut();
        }
        self.aside.as_deref_mut().filter(|game| game.online().is_some())
    }

    /// The game at this machine, wherever it is held, to change it.
    pub fn local_game_mut(&mut self) -> Option<&mut Game> {
        if self.game().is_some_and(|game| game.online().is_none()) {
            return self.game_mut();
        }
        self.aside.as_deref_mut().filter(|game| game.online().is_none())
    }

    /// The game on a server that has come to need the player while another one is shown.
    pub fn calling_game(&self) -> Option<&Game> {
        let is_shown = matches!(&self.screen, Screen::Game(shown) if shown.online().is_none());
        let aside = self.aside.as_deref().filter(|_| is_shown)?;
        (aside.online().is_some() && aside.snapshot.phase != Phase::Waiting).then_some(aside)
    }

    /// Whether quitting now would cost a match.
    pub fn is_match_at_stake(&self) -> bool {
        [self.game(), self.aside.as_deref()]
            .into_iter()
            .flatten()
            .any(|game| game.snapshot.phase == Phase::Playing && !game.is_watching())
    }

    /// Which keys mean what now.
    pub fn context(&self) -> Context {
        match &self.overlay {
            Some(Overlay::Confirm(_)) => Context::Confirm,
            Some(Overlay::Help { .. } | Overlay::Words { .. }) => Context::Help,
            Some(Overlay::Talk(_)) => Context::Talk,
            Some(Overlay::Emotes) => Context::Emotes,
            None => self.screen_context(),
        }
    }

    /// Which keys mean what on the screen itself, without what lies over it.
    pub fn screen_context(&self) -> Context {
        match &self.screen {
            Screen::Menu(_) => Context::Menu,
            Screen::JoinForm(_) => Context::JoinForm,
            Screen::Connecting(_) => Context::Connecting,
            Screen::Passcode(_) => Context::Passcode,
            Screen::Rooms(_) => Context::Rooms,
            Screen::Failed(_) => Context::Failed,
            Screen::Game(game) => game.context(),
        }
    }

    /// When the screen changes by time alone, or something is to be tried again.
    pub fn poll_timeout(&self, now: Instant) -> Option<Instant> {
        let since = match &self.screen {
            Screen::Connecting(connecting) => Some(connecting.since),
            Screen::Rooms(rooms) => rooms.counting_since(),
            Screen::Menu(_)
            | Screen::JoinForm(_)
            | Screen::Passcode(_)
            | Screen::Game(_)
            | Screen::Failed(_) => self.game().and_then(Game::counting_since),
        };
        let counting = since.map(|since| next_second(since, now));
        let next_try = self.online_game().and_then(Game::down).and_then(|down| match down.retry {
            Retry::At(at) => Some(at),
            Retry::UnderWay | Retry::OnDemand => None,
        });
        [counting, next_try, self.notifier.poll_timeout()].into_iter().flatten().min()
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

    /// The seat from which the room is seen: a player's own. Who watches sees it as its owner does.
    pub const fn viewpoint(&self) -> Seat {
        match self.role {
            Role::Player(seat) => seat,
            Role::Watcher { .. } => Seat::Host,
        }
    }

    /// Whether we only watch.
    pub const fn is_watching(&self) -> bool {
        matches!(self.role, Role::Watcher { .. })
    }

    /// Whether this is our seat, and not that of one of two people at this keyboard.
    pub fn is_own(&self, seat: Seat) -> bool {
        self.role == Role::Player(seat) && !matches!(self.place, Place::Keyboard)
    }

    /// Whether we opened this room on a server.
    pub fn is_owner(&self) -> bool {
        self.online().is_some() && self.role == Role::Player(Seat::Host)
    }

    /// What asks the room for something, in the name of whoever acts here.
    pub fn send(&self, command: Command) -> Cmd {
        match self.place {
            Place::Keyboard | Place::Bot => Cmd::SendLocal { seat: self.acting_seat(), command },
            Place::Server(_) => Cmd::Send(command),
        }
    }

    /// The seat that acts by this keyboard now: the player's own, or at one keyboard the one to move.
    pub fn acting_seat(&self) -> Seat {
        match self.place {
            Place::Keyboard => self.snapshot.to_move().unwrap_or(self.viewpoint()),
            Place::Bot | Place::Server(_) => self.viewpoint(),
        }
    }

    /// Whether a move can be made here now.
    pub fn may_move(&self) -> bool {
        !self.is_watching()
            && self.unconfirmed.is_none()
            && self.snapshot.to_move() == Some(self.acting_seat())
    }

    /// How the server hears the other player.
    pub fn opponent_presence(&self) -> Option<Presence> {
        self.snapshot.seats[self.viewpoint().other()].occupant().map(|opponent| opponent.presence)
    }

    fn context(&self) -> Context {
        match self.snapshot.phase {
            _ if self.down().is_some() => Context::LinkDown,
            _ if self.is_watching() => Context::Watching,
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
        let is_out = |seat: Seat| {
            let presence = self.snapshot.seats[seat].occupant().map(|occupant| occupant.presence);
            matches!(presence, Some(Presence::Silent { .. } | Presence::Away { .. }))
        };
        let somebody_is_out = Seat::BOTH.into_iter().any(|seat| !self.is_own(seat) && is_out(seat));
        (self.snapshot.phase == Phase::Waiting || somebody_is_out).then_some(self.shown_at)
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
