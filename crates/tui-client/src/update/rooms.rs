//! The list of rooms, and the passcodes of those that are locked.

use std::time::Instant;

use net::{
    addr::HostPort,
    discovery::RoomState,
    proto::{Access, Command, Passcode, Reject, RoomList, Setting, Terms, Visibility},
};

use crate::{
    cmd::Cmd,
    field::Field,
    keymap::Action,
    model::{Connecting, Goal, List, Menu, Model, PasscodeForm, RoomKey, Screen},
    rooms::{Rooms, group},
};

/// Characters of a passcode that can be typed: as many as the longest has, if each takes one byte.
const MAX_PASSCODE: usize = 32;

/// Rows that a page of the list is taken for.
const PAGE: isize = 8;

impl Model {
    /// Watches a room, or shows the rooms of a server.
    pub(super) fn watch(&mut self, now: Instant, target: HostPort, key: Option<RoomKey>) -> Vec<Cmd> {
        let goal = match key {
            Some(key) => Goal::Watch { target, key },
            None => Goal::Browse { target },
        };
        self.connect(now, goal)
    }

    /// A key on the list.
    pub(super) fn pick(&mut self, now: Instant, action: Action) -> Vec<Cmd> {
        let Screen::Rooms(rooms) = &mut self.screen else { return Vec::new() };
        match action {
            Action::Up => rooms.move_by(-1),
            Action::Down => rooms.move_by(1),
            Action::PageUp => rooms.move_by(-PAGE),
            Action::PageDown => rooms.move_by(PAGE),
            Action::Select => return self.enter(now, false),
            Action::Watch => return self.enter(now, true),
            Action::Join => {
                let mut cmds = vec![Cmd::HangUp];
                cmds.extend(self.open_join_form());
                return cmds;
            }
            Action::Host => {
                let mut cmds = vec![Cmd::HangUp];
                cmds.extend(self.host(now));
                return cmds;
            }
            Action::Back => return self.abandon(),
            _ => {}
        }
        Vec::new()
    }

    /// Joins or watches the chosen room, over the connection that the list came by.
    fn enter(&mut self, now: Instant, wants_to_watch: bool) -> Vec<Cmd> {
        let Screen::Rooms(rooms) = &mut self.screen else { return Vec::new() };
        if rooms.is_lost {
            let target = rooms.target.clone();
            return self.watch(now, target, None);
        }
        let Some(room) = rooms.selected().copied() else { return Vec::new() };
        let watches = wants_to_watch || room.guest.is_some();
        if watches && !room.is_watchable {
            rooms.notice = Some(format!("{} is not open to watchers.", room.code));
            return Vec::new();
        }
        rooms.notice = None;
        let key = RoomKey { code: room.code, passcode: None };
        let target = rooms.target.clone();
        let goal = if watches { Goal::Watch { target, key } } else { Goal::Join { target, key: Some(key) } };
        let arrival = rooms.arrival.clone();
        let what = format!("{} at {}", room.code, rooms.target);
        let needs_passcode = group(&room) == RoomState::Locked;
        let list = match std::mem::replace(&mut self.screen, Screen::Menu(Menu::default())) {
            Screen::Rooms(rooms) => Some(List::Rooms(rooms)),
            _ => None,
        };
        let connecting = Connecting { what, since: now, goal, arrival, list };
        if needs_passcode {
            self.ask_passcode(connecting, None);
            return Vec::new();
        }
        let cmds = connecting.goal.command(self.wish()).map(Cmd::Send).into_iter().collect();
        self.screen = Screen::Connecting(Box::new(connecting));
        cmds
    }

    /// Takes in a part of the list of rooms.
    pub(super) fn listed(&mut self, now: Instant, part: RoomList) -> Vec<Cmd> {
        if let Screen::Connecting(connecting) = &mut self.screen
            && let Goal::Browse { target } = &connecting.goal
        {
            let arrival = connecting.arrival.clone();
            let rooms = Rooms::new(now, connecting.what.clone(), target.clone(), arrival);
            self.fails_fast = false;
            self.screen = Screen::Rooms(Box::new(rooms));
        }
        let rooms = match &mut self.screen {
            Screen::Rooms(rooms) => Some(rooms),
            Screen::Connecting(connecting) => connecting.rooms_mut(),
            Screen::Passcode(form) => form.connecting.rooms_mut(),
            Screen::Menu(_)
            | Screen::JoinForm(_)
            | Screen::Lan(_)
            | Screen::Seeking(_)
            | Screen::Game(_)
            | Screen::Failed(_) => None,
        };
        if let Some(rooms) = rooms {
            rooms.take_in(now, part);
        }
        Vec::new()
    }

    /// Does what can be done about a room that refuses us; `None` if that is nothing.
    pub(super) fn help_refused(&mut self, reject: Reject) -> Option<Vec<Cmd>> {
        let menu = Screen::Menu(Menu::default());
        let mut connecting = match std::mem::replace(&mut self.screen, menu) {
            Screen::Connecting(connecting) => *connecting,
            other => {
                self.screen = other;
                return None;
            }
        };
        let is_asked = matches!(reject, Reject::NeedsPasscode | Reject::WrongPasscode);
        if is_asked && connecting.goal.key().is_some() {
            let error = (reject == Reject::WrongPasscode).then(|| format!("Not let in: {reject}."));
            self.ask_passcode(connecting, error);
            return Some(Vec::new());
        }
        let Some(mut list) = connecting.list.take() else {
            self.screen = Screen::Connecting(Box::new(connecting));
            return None;
        };
        *list.notice_mut() = Some(format!("Not let in: {reject}."));
        Some(self.return_to_list(list))
    }

    /// Shows a list again from which a room was chosen.
    fn return_to_list(&mut self, list: List) -> Vec<Cmd> {
        match list {
            List::Rooms(rooms) => {
                self.screen = Screen::Rooms(rooms);
                Vec::new()
            }
            List::Lan(list) => {
                self.screen = Screen::Lan(list);
                vec![Cmd::HangUp]
            }
        }
    }

    /// Stops what is under way: back to the list of this network, if it came from there, else to the menu.
    pub(super) fn give_up(&mut self) -> Vec<Cmd> {
        if let Screen::Connecting(connecting) = &mut self.screen
            && let Some(list) = connecting.list.take_if(|list| matches!(list, List::Lan(_)))
        {
            return self.return_to_list(list);
        }
        self.abandon()
    }

    fn ask_passcode(&mut self, connecting: Connecting, error: Option<String>) {
        let Some(RoomKey { code, .. }) = connecting.goal.key() else { return };
        let mut field = Field::new(MAX_PASSCODE);
        field.error = error;
        self.overlay = None;
        self.fails_fast = false;
        self.screen = Screen::Passcode(Box::new(PasscodeForm { field, code, connecting }));
    }

    /// Enter and Esc in the field for a passcode.
    pub(super) fn passcode(&mut self, action: Action) -> Vec<Cmd> {
        let wish = self.wish();
        let Screen::Passcode(form) = &mut self.screen else { return Vec::new() };
        match action {
            Action::Select => match form.field.text().parse::<Passcode>() {
                Ok(passcode) => {
                    form.connecting.goal.unlock(passcode);
                    let command = form.connecting.goal.command(wish);
                    let menu = Screen::Menu(Menu::default());
                    if let Screen::Passcode(form) = std::mem::replace(&mut self.screen, menu) {
                        self.screen = Screen::Connecting(Box::new(form.connecting));
                    }
                    command.map(Cmd::Send).into_iter().collect()
                }
                Err(error) => {
                    form.field.error = Some(format!("{error}.").replacen('a', "A", 1));
                    Vec::new()
                }
            },
            Action::Back => match form.connecting.list.take() {
                Some(list) => self.return_to_list(list),
                None => self.abandon(),
            },
            _ => Vec::new(),
        }
    }

    /// What is asked for where a goal does not say it.
    pub(super) const fn wish(&self) -> Wish {
        Wish { terms: self.terms, quick_terms: self.quick_terms, access: self.access() }
    }

    /// Who may come into a room opened from here.
    pub(super) const fn access(&self) -> Access {
        match self.visibility {
            Visibility::Public => Access::Public,
            Visibility::Hidden => Access::Hidden,
            Visibility::Locked => Access::Passcode(self.passcode),
        }
    }

    /// Opens, hides or locks the room in which we wait.
    pub(super) fn next_visibility(&mut self) -> Vec<Cmd> {
        let Some(game) = self.game().filter(|game| game.is_owner()) else { return Vec::new() };
        let next = match game.snapshot.visibility {
            Visibility::Public => Visibility::Hidden,
            Visibility::Hidden => Visibility::Locked,
            Visibility::Locked => Visibility::Public,
        };
        self.visibility = next;
        let setting = Setting::Access(self.access());
        vec![Cmd::Send(Command::Set { setting })]
    }
}

impl Connecting {
    /// The list of the server, if the room was chosen from one.
    const fn rooms_mut(&mut self) -> Option<&mut Box<Rooms>> {
        match &mut self.list {
            Some(List::Rooms(rooms)) => Some(rooms),
            Some(List::Lan(_)) | None => None,
        }
    }
}

impl List {
    const fn notice_mut(&mut self) -> &mut Option<String> {
        match self {
            Self::Rooms(rooms) => &mut rooms.notice,
            Self::Lan(list) => &mut list.notice,
        }
    }
}

/// What is asked of a server, beside where and what for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wish {
    /// What is played in a room that is opened.
    terms: Terms,
    /// What a quick match is asked for.
    quick_terms: Option<Terms>,
    /// Who may come into a room that is opened.
    access: Access,
}

impl Goal {
    /// The room that it leads to, if it names one.
    const fn key(&self) -> Option<RoomKey> {
        match self {
            Self::Join { key, .. } => *key,
            Self::Watch { key, .. } => Some(*key),
            Self::Host | Self::Browse { .. } | Self::Return { .. } | Self::Local { .. } => None,
        }
    }

    /// Keeps what opens the room.
    const fn unlock(&mut self, passcode: Passcode) {
        match self {
            Self::Join { key: Some(key), .. } | Self::Watch { key, .. } => key.passcode = Some(passcode),
            Self::Join { key: None, .. }
            | Self::Host
            | Self::Browse { .. }
            | Self::Return { .. }
            | Self::Local { .. } => {}
        }
    }

    /// What is asked of the server for it; nothing in order to return, which the hello asks for.
    pub(super) const fn command(&self, wish: Wish) -> Option<Command> {
        match self {
            Self::Host => Some(Command::Create { terms: wish.terms, access: wish.access }),
            Self::Join { key: Some(RoomKey { code, passcode }), .. } => {
                Some(Command::Join { code: *code, passcode: *passcode })
            }
            Self::Join { key: None, .. } => Some(Command::QuickMatch { terms: wish.quick_terms }),
            Self::Watch { key: RoomKey { code, passcode }, .. } => {
                Some(Command::Watch { code: *code, passcode: *passcode })
            }
            Self::Browse { .. } => Some(Command::Browse { rules: None }),
            Self::Return { .. } | Self::Local { .. } => None,
        }
    }

    /// The server that it leads to; `None` for our own, and for a game at this machine.
    pub(super) const fn target(&self) -> Option<&HostPort> {
        match self {
            Self::Join { target, .. } | Self::Watch { target, .. } | Self::Browse { target } => Some(target),
            Self::Return { seat, .. } => Some(&seat.target),
            Self::Host | Self::Local { .. } => None,
        }
    }
}
