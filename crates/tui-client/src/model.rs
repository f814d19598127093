//! Everything that the screen depends on.

mod game;

use std::time::{Duration, Instant};

use game_core::Level;
use net::{
    addr::HostPort,
    link::Transport,
    proto::{Name, Passcode, Phase, RoomCode, Terms, Token, Visibility},
    server_clock::ClockOffset,
};
use ratatui::layout::Size;

pub use self::game::{Down, Game, LinkState, MoveId, Online, Place, Retry, Role, Sending, Unconfirmed};
use crate::{
    clock::after_second,
    cmd::{Opponent, SavedSeat},
    failure::Failure,
    field::Field,
    keymap::Context,
    lan_games::LanGames,
    lan_list::{LanList, SETTLE, Seeking, Sought},
    notify::Notifier,
    rooms::Rooms,
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
    /// A second game: one of the two is at this machine, and the other on a server.
    pub aside: Option<Box<Game>>,
    /// Who may come into the rooms that are opened from here.
    pub visibility: Visibility,
    /// What opens them, if they are locked.
    pub passcode: Passcode,
    /// The games of this network, as far as they are searched for.
    pub lan: LanGames,
    /// Whether our own server tells the network of its games.
    pub is_announced: bool,
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
    /// The games of a server, to be joined or watched.
    Rooms(Box<Rooms>),
    /// The games of this network, likewise.
    Lan(Box<LanList>),
    /// Something is looked for on this network.
    Seeking(Seeking),
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
    pub list: Option<List>,
}

/// A list from which a room was chosen.
#[derive(Debug)]
pub enum List {
    /// Of a server, whose connection is kept.
    Rooms(Box<Rooms>),
    /// Of this network.
    Lan(Box<LanList>),
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
    /// What we are called there.
    pub me: Name,
    /// What to show in order to return.
    pub token: Token,
    /// How long a seat is kept for a lost link.
    pub grace: Duration,
}

impl Model {
    /// The menu, with nothing under way. What is chosen at random follows from the seed.
    pub fn new(me: Name, theme: Theme, seed: u64, passcode: Passcode) -> Self {
        Self {
            me,
            theme,
            size: Size::ZERO,
            screen: Screen::Menu(Menu::default()),
            overlay: None,
            saved_seats: Vec::new(),
            terms: Terms::default(),
            quick_terms: None,
            bot_level: Level::Perfect,
            bot_seed: seed,
            fails_fast: false,
            aside: None,
            visibility: Visibility::Public,
            passcode,
            lan: LanGames::default(),
            is_announced: false,
            notifier: Notifier::default(),
        }
    }

    /// The game that is shown or goes on behind the menu.
    pub fn game(&self) -> Option<&Game> {
        match &self.screen {
            Screen::Game(game) => Some(game),
            Screen::Menu(menu) => menu.background.as_deref(),
            Screen::JoinForm(_)
            | Screen::Connecting(_)
            | Screen::Passcode(_)
            | Screen::Rooms(_)
            | Screen::Lan(_)
            | Screen::Seeking(_)
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
            | Screen::Lan(_)
            | Screen::Seeking(_)
            | Screen::Failed(_) => None,
        }
    }

    /// The game on a server, wherever it is held.
    pub fn online_game(&self) -> Option<&Game> {
        self.games().find(|game| game.online().is_some())
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

    /// The game that quitting now could cost somebody.
    pub fn game_at_stake(&self) -> Option<&Game> {
        self.games().find(|game| game.is_at_stake())
    }

    /// Whether a match is shown or runs behind the menu that must not be ended unasked. One aside is kept anyway.
    pub fn is_match_running(&self) -> bool {
        let is_running = |game: &Game| game.snapshot.phase == Phase::Playing && !game.is_watching();
        self.game().is_some_and(|game| game.is_at_stake() || is_running(game))
    }

    fn games(&self) -> impl Iterator<Item = &Game> {
        [self.game(), self.aside.as_deref()].into_iter().flatten()
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
            Screen::Connecting(_) | Screen::Seeking(_) => Context::Connecting,
            Screen::Passcode(_) => Context::Passcode,
            Screen::Rooms(_) => Context::Rooms,
            Screen::Lan(list) if list.is_filtering => Context::Filter,
            Screen::Lan(_) => Context::Lan,
            Screen::Failed(_) => Context::Failed,
            Screen::Game(game) => game.context(),
        }
    }

    /// When a search for one game may have come to something.
    fn look_again(&self, seeking: &Seeking, now: Instant) -> Instant {
        let settles = match seeking.what {
            Sought::Code { code, .. } => self.lan.with_code(code).first().map(|game| game.found_at + SETTLE),
            Sought::Any => None,
        };
        let next = after_second(seeking.since, now).min(seeking.until);
        settles.filter(|settles| *settles > now).map_or(next, |settles| next.min(settles))
    }

    /// When the screen changes by time alone, or something is to be tried again.
    pub fn poll_timeout(&self, now: Instant) -> Option<Instant> {
        let counting = match &self.screen {
            Screen::Connecting(connecting) => Some(after_second(connecting.since, now)),
            Screen::Rooms(rooms) => rooms.counting_since().map(|since| after_second(since, now)),
            Screen::Lan(list) => Some(after_second(list.since, now)),
            Screen::Seeking(seeking) => Some(self.look_again(seeking, now)),
            Screen::Menu(_)
            | Screen::JoinForm(_)
            | Screen::Passcode(_)
            | Screen::Game(_)
            | Screen::Failed(_) => self.game().and_then(|game| game.next_tick(now)),
        };
        let next_try = self.online_game().and_then(Game::down).and_then(|down| match down.retry {
            Retry::At(at) => Some(at),
            Retry::UnderWay | Retry::OnDemand => None,
        });
        let notice = self.game().and_then(|game| game.notice_until);
        let calling = self.calling_game().and_then(|game| game.next_tick(now));
        [counting, calling, notice, next_try, self.notifier.poll_timeout()].into_iter().flatten().min()
    }
}
