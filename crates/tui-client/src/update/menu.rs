//! The menu, and the form that asks where to join.

use std::time::Instant;

use game_core::Level;
use net::{
    addr::{HostPort, ParseAddrError},
    proto::{Phase, RoomCode, Terms, TimeControl},
};

use crate::{
    cmd::{Cmd, Opponent},
    field::Field,
    keymap::Action,
    lan_list::LanList,
    model::{Arrival, Connecting, Goal, JoinForm, Menu, Model, Purpose, RoomKey, Screen},
};

/// Characters of the longest thing typed into the form: a host name takes at most 253 (RFC 1035 section 2.3.4).
const MAX_TYPED: usize = 280;

/// Kept seats that the menu lists: as many as have a digit for their key.
const MAX_LISTED: usize = 8;

impl Model {
    /// What the menu offers now, first things first.
    pub fn menu_entries(&self) -> Vec<Action> {
        let resume = self.game().map(|_| Action::Resume);
        let seats = (1..).zip(self.saved_seats.iter().take(MAX_LISTED)).map(|(nth, _)| Action::ReturnTo(nth));
        // A game at this machine is left by choice; one on a server is resigned first.
        let is_local = self.game().is_some_and(|game| game.online().is_none());
        let leave = is_local.then_some(Action::LeaveGame);
        let others = [
            Action::QuickMatch,
            Action::Browse,
            Action::Host,
            Action::Join,
            Action::Watch,
            Action::Bot,
            Action::TwoPlayers,
        ];
        resume.into_iter().chain(leave).chain(seats).chain(others).collect()
    }

    pub(super) fn choose(&mut self, now: Instant, action: Action) -> Vec<Cmd> {
        let entries = self.menu_entries();
        let is_online = self.game().is_some_and(|game| game.online().is_some());
        let is_playing = self.is_match_running();
        let Screen::Menu(menu) = &mut self.screen else { return Vec::new() };
        menu.notice = None;
        match action {
            Action::Up => {
                menu.selected = menu.selected.saturating_sub(1);
                Vec::new()
            }
            Action::Down => {
                menu.selected = (menu.selected + 1).min(entries.len() - 1);
                Vec::new()
            }
            Action::Select => {
                let chosen = entries[menu.selected.min(entries.len() - 1)];
                self.choose(now, chosen)
            }
            Action::Back if menu.background.is_none() => Vec::new(),
            Action::Resume if menu.background.is_none() => self.return_to(now, 1),
            Action::Resume | Action::Back => self.resume(),
            Action::ReturnTo(nth) if usize::from(nth) > self.saved_seats.len() => Vec::new(),
            Action::LeaveGame => match menu.background {
                Some(_) if !is_online => self.leave(),
                Some(_) | None => Vec::new(),
            },
            // It is kept while something else is done.
            Action::ReturnTo(_)
            | Action::QuickMatch
            | Action::Host
            | Action::Join
            | Action::Browse
            | Action::Watch
                if is_playing && !is_online =>
            {
                self.aside = menu.background.take();
                self.choose(now, action)
            }
            _ if opens(action) && is_playing => {
                menu.notice = Some(menu.why_not().into());
                menu.selected = 0;
                Vec::new()
            }
            _ if opens(action) && menu.background.is_some() => {
                // The game behind the menu is over, or its server keeps it: leave it, and go on.
                let mut cmds = self.leave();
                cmds.extend(self.choose(now, action));
                cmds
            }
            Action::ReturnTo(nth) => self.return_to(now, nth),
            Action::Host => self.host(now),
            Action::Join => self.open_join_form(),
            Action::QuickMatch => self.quick_match(now),
            Action::Browse => self.show_lan(LanList::new(now, false)),
            Action::Watch => self.show_lan(LanList::new(now, true)),
            Action::Bot => self.play_bot(now),
            Action::TwoPlayers => self.play_local(now, Opponent::Person),
            _ => Vec::new(),
        }
    }

    pub(crate) fn open_join_form(&mut self) -> Vec<Cmd> {
        self.screen = Screen::JoinForm(JoinForm::new(Purpose::Join));
        Vec::new()
    }

    pub(super) fn join_form(&mut self, now: Instant, action: Action) -> Vec<Cmd> {
        let Screen::JoinForm(form) = &mut self.screen else { return Vec::new() };
        match action {
            Action::Back => self.show_menu(),
            Action::Select => match (parse_place(form.field.text()), form.purpose) {
                (Ok(Place::Code(code)), Purpose::Join) => self.look_for(now, code, false),
                (Ok(Place::Code(code)), Purpose::Watch) => self.look_for(now, code, true),
                (Ok(Place::Code(code)), Purpose::Browse) => {
                    form.field.error =
                        Some(format!("{code} is the code of one game; the list is at an address."));
                    Vec::new()
                }
                (Ok(Place::Server { target, code }), Purpose::Join) => {
                    let key = code.map(|code| RoomKey { code, passcode: None });
                    self.connect(now, Goal::Join { target, key })
                }
                (Ok(Place::Server { target, code }), Purpose::Watch) => {
                    let key = code.map(|code| RoomKey { code, passcode: None });
                    self.watch(now, target, key)
                }
                (Ok(Place::Server { target, .. }), Purpose::Browse) => self.watch(now, target, None),
                (Err(problem), _) => {
                    form.field.error = Some(problem);
                    Vec::new()
                }
            },
            _ => Vec::new(),
        }
    }

    pub(super) fn host(&mut self, now: Instant) -> Vec<Cmd> {
        self.connect(now, Goal::Host)
    }

    pub(super) fn play_local(&mut self, now: Instant, opponent: Opponent) -> Vec<Cmd> {
        // The solver knows boards of nine cells, so the menu's bot plays the best that it can.
        let opponent = match opponent {
            Opponent::Bot { level, seed } if !level.supports(&self.terms.rules) && !self.fails_fast => {
                Opponent::Bot { level: Level::Easy, seed }
            }
            other => other,
        };
        self.connect(now, Goal::Local { opponent })
    }

    /// Begins to connect for a purpose.
    pub(super) fn connect(&mut self, now: Instant, goal: Goal) -> Vec<Cmd> {
        use crate::cmd::Dial;
        let (what, cmd) = match &goal {
            Goal::Host => ("our own server".into(), Cmd::Serve),
            Goal::Join { target, .. } | Goal::Watch { target, .. } | Goal::Browse { target } => {
                (target.to_string(), Cmd::Dial(Dial { target: Some(target.clone()), resume: None }))
            }
            Goal::Return { seat, .. } => (
                format!("{} at {}", seat.code, seat.target),
                Cmd::Dial(Dial { target: Some(seat.target.clone()), resume: Some(seat.token) }),
            ),
            Goal::Local { opponent } => {
                // What is left for a match, and found again after it, must not be lost on time.
                let time = if self.aside.is_some() { TimeControl::Off } else { self.terms.time };
                let terms = Terms { time, ..self.terms };
                ("the board".into(), Cmd::PlayLocal { terms, opponent: *opponent })
            }
        };
        self.wait_for(what, now, goal);
        vec![cmd]
    }

    /// Stops what is under way and returns to the menu.
    pub(super) fn abandon(&mut self) -> Vec<Cmd> {
        let mut cmds = vec![Cmd::HangUp];
        cmds.extend(self.show_menu());
        cmds
    }

    /// Shows the menu; a game that was kept aside goes on behind it.
    pub(super) fn show_menu(&mut self) -> Vec<Cmd> {
        self.overlay = None;
        self.fails_fast = false;
        self.screen = Screen::Menu(Menu { background: self.aside.take(), ..Menu::default() });
        Vec::new()
    }

    fn wait_for(&mut self, what: String, now: Instant, goal: Goal) {
        self.overlay = None;
        let arrival = Arrival::default();
        self.screen =
            Screen::Connecting(Box::new(Connecting { what, since: now, goal, arrival, list: None }));
    }

    fn resume(&mut self) -> Vec<Cmd> {
        let Screen::Menu(menu) = &mut self.screen else { return Vec::new() };
        let Some(game) = menu.background.take() else { return Vec::new() };
        let cmds = game.rejoin();
        self.screen = Screen::Game(game);
        cmds
    }

    /// Returns to one of the kept seats, the first of which is number 1.
    fn return_to(&mut self, now: Instant, nth: u8) -> Vec<Cmd> {
        let seat = usize::from(nth).checked_sub(1).and_then(|index| self.saved_seats.get(index)).cloned();
        seat.map_or_else(Vec::new, |seat| self.connect(now, Goal::Return { seat, otherwise: None }))
    }
}

impl Menu {
    /// Why the game behind the menu is not left for another one.
    fn why_not(&self) -> &'static str {
        if self.background.as_ref().is_some_and(|game| game.snapshot.phase == Phase::Adjourned) {
            "Your adjourned match is served from here and would end. Enter returns to it."
        } else {
            "Your game still runs. Enter returns to it; resign there with R."
        }
    }
}

impl JoinForm {
    /// An empty form.
    pub(super) fn new(purpose: Purpose) -> Self {
        Self { purpose, field: Field::new(MAX_TYPED) }
    }
}

/// Whether an entry begins something that takes the place of the game behind the menu.
const fn opens(action: Action) -> bool {
    matches!(
        action,
        Action::ReturnTo(_)
            | Action::QuickMatch
            | Action::Host
            | Action::Join
            | Action::Browse
            | Action::Watch
            | Action::Bot
            | Action::TwoPlayers
    )
}

/// A place, as a person types it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A game somewhere on this network.
    Code(RoomCode),
    /// A server, and a game on it.
    Server {
        /// The server.
        target: HostPort,
        /// The game.
        code: Option<RoomCode>,
    },
}

/// Reads where to join: `CODE`, `HOST`, `HOST:PORT`, or `CODE@` before either.
///
/// # Errors
///
/// What was wrong with it and what would be right, in words.
pub fn parse_place(typed: &str) -> Result<Place, String> {
    let typed = typed.trim();
    if let Ok(code) = RoomCode::parse_typed(typed) {
        return Ok(Place::Code(code));
    }
    let (code, address) = match typed.split_once('@') {
        Some((code, address)) => {
            (Some(RoomCode::parse_typed(code).map_err(|error| error.to_string())?), address)
        }
        None => (None, typed),
    };
    let target = address.parse().map_err(|error: ParseAddrError| format!("{error}; {}", error.hint()))?;
    Ok(Place::Server { target, code })
}
