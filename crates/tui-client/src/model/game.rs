//! A room as this player sees it: where it is played, what was last shown of it, and what is under way.

use std::time::{Duration, Instant};

use game_core::Cell;
use net::{
    link::Transport,
    proto::{AdjournedLine, CloseReason, Command, Passcode, Phase, Presence, Seat, Snapshot},
    server_clock::ClockOffset,
};

use super::Joined;
use crate::{cmd::Cmd, keymap::Context, talk::TalkLog};

/// A room, as this player sees it.
#[derive(Debug)]
pub struct Game {
    /// Where it is played.
    pub place: Place,
    /// What we are there.
    pub role: Role,
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
    /// Until when that is said: news that is old only hides what is now.
    pub notice_until: Option<Instant>,
    /// The same, until then.
    pub passing_notice: Option<(String, Instant)>,
    /// What was said in it.
    pub talk: TalkLog,
    /// Whether what others say is not shown, and what the other player offers is declined at once.
    pub is_muted: bool,
    /// The last offer that was declined or withdrawn here.
    pub declined: Option<u32>,
    /// The half-move for which the bell has told that time runs out.
    pub rung_for: Option<MoveId>,
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

impl Unconfirmed {
    /// What is sent to make it.
    pub const fn command(&self) -> Command {
        let MoveId { match_number, branch, ply } = self.id;
        Command::Play { match_number, branch, ply, cell: self.cell }
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
            Place::Keyboard => self.snapshot.to_move().unwrap_or_else(|| self.viewpoint()),
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

    /// Forgets the notice if it is old, and returns it otherwise.
    pub(crate) fn fresh_notice(&mut self, now: Instant) -> Option<String> {
        if self.notice_until.take_if(|until| *until <= now).is_some() {
            self.notice = None;
        }
        self.notice.clone()
    }

    /// Which keys mean what here.
    pub(super) fn context(&self) -> Context {
        match self.snapshot.phase {
            _ if self.down().is_some() => Context::LinkDown,
            _ if self.is_watching() => Context::Watching,
            Phase::Waiting => Context::Waiting,
            // An offer is gone long before a claim is.
            Phase::Playing if self.incoming_offer().is_some() => Context::Offer,
            Phase::Playing if self.claim().is_some() => Context::Absent,
            Phase::Playing => Context::Match,
            Phase::Adjourned => Context::Adjourned,
            Phase::Over(_) => Context::Over,
        }
    }

    /// Whether to end the game here and now would cost somebody a match. Nobody minds a game against the bot; an
    /// adjourned match is kept by its server, unless that is ours.
    pub fn is_at_stake(&self) -> bool {
        match (self.snapshot.phase, &self.place) {
            _ if self.is_watching() => false,
            (Phase::Playing, Place::Keyboard | Place::Server(_)) => true,
            (Phase::Adjourned, Place::Server(online)) => online.joined.target.is_none(),
            (_, Place::Keyboard | Place::Bot) | (Phase::Waiting | Phase::Over(_), _) => false,
        }
    }
}

impl Down {
    /// How long the seat is kept from now, counted from when the loss was noticed here.
    pub fn kept_for(&self, grace: Duration, now: Instant) -> Duration {
        (self.since + grace).saturating_duration_since(now)
    }
}
