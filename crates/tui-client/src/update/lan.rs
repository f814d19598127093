//! The games of this network: the search, the list, and what is looked for by its code or in haste.

use std::time::Instant;

use net::{addr::HostPort, proto::RoomCode};

use crate::{
    cmd::{Cmd, SavedSeat},
    failure::Failure,
    keymap::Action,
    lan_games::{LanGame, LanGames, Ping, Search},
    lan_list::{LanList, QUICK_SEEK, SEEK, SETTLE, Seeking, Sought},
    model::{Goal, JoinForm, List, Model, Purpose, RoomKey, Screen},
    words,
};

/// Rows that a page of the list is taken for.
const PAGE: isize = 8;

impl Model {
    /// Begins or ends the search, as the screen wants it: not while a match is played.
    pub(super) fn search(&mut self, now: Instant) -> Vec<Cmd> {
        let is_wanted = match &self.screen {
            Screen::Menu(_) => !self.is_match_running(),
            Screen::JoinForm(form) => form.purpose != Purpose::Browse,
            Screen::Lan(_) | Screen::Seeking(_) => true,
            Screen::Connecting(_)
            | Screen::Passcode(_)
            | Screen::Rooms(_)
            | Screen::Game(_)
            | Screen::Failed(_) => false,
        };
        match (&self.lan.search, is_wanted) {
            (Search::Off, true) => {
                self.lan = LanGames::searching(now);
                vec![Cmd::Search]
            }
            (Search::On { .. } | Search::Failed(_), false) => {
                self.lan = LanGames::default();
                vec![Cmd::EndSearch]
            }
            (Search::Off, false) | (Search::On { .. } | Search::Failed(_), true) => Vec::new(),
        }
    }

    /// Takes in what the search says.
    pub(super) fn found(&mut self, now: Instant, games: LanGames) -> Vec<Cmd> {
        // Words of a search that was ended meanwhile do not count.
        if !matches!(self.lan.search, Search::Off) {
            self.lan = games;
        }
        if let Screen::Lan(list) = &mut self.screen {
            list.keep_place(&self.lan);
        }
        self.seek(now)
    }

    /// Shows the games of this network.
    pub(super) fn show_lan(&mut self, list: LanList) -> Vec<Cmd> {
        self.overlay = None;
        self.fails_fast = false;
        let mut list = Box::new(list);
        list.keep_place(&self.lan);
        self.screen = Screen::Lan(list);
        Vec::new()
    }

    /// Looks for a game with this code, for a short time.
    pub(super) fn look_for(&mut self, now: Instant, code: RoomCode, watches: bool) -> Vec<Cmd> {
        let what = Sought::Code { code, watches };
        self.screen = Screen::Seeking(Seeking { what, since: now, until: now + SEEK });
        self.seek(now)
    }

    /// Looks for an open game, unless that was done long enough.
    pub(super) fn quick_match(&mut self, now: Instant) -> Vec<Cmd> {
        let until = self.lan.since().map_or(now, |since| since + QUICK_SEEK).max(now);
        self.screen = Screen::Seeking(Seeking { what: Sought::Any, since: now, until });
        self.seek(now)
    }

    /// Goes on once what is looked for was found, or is not to be found.
    pub(super) fn seek(&mut self, now: Instant) -> Vec<Cmd> {
        let Screen::Seeking(Seeking { what, until, .. }) = &self.screen else { return Vec::new() };
        let (what, is_late) = (*what, now >= *until);
        match what {
            Sought::Any => self.seek_any(now, is_late),
            Sought::Code { code, watches } => self.seek_code(now, code, watches, is_late),
        }
    }

    fn seek_any(&mut self, now: Instant, is_late: bool) -> Vec<Cmd> {
        match self.lan.quick(self.quick_terms) {
            Some(game) if !is_late && game.ping == Ping::Awaited => Vec::new(),
            Some(game) => match (game.target(), game.room.advert.code) {
                (Some(target), code) => self.enter_found(now, target, code, false),
                (None, _) => self.host(now),
            },
            None if is_late || self.lan.failure().is_some() => self.host(now),
            None => Vec::new(),
        }
    }

    fn seek_code(&mut self, now: Instant, code: RoomCode, watches: bool, is_late: bool) -> Vec<Cmd> {
        let found = self.lan.with_code(code);
        // A second game with this code would have answered about when the first one did.
        let is_settled = found.iter().any(|game| now >= game.found_at + SETTLE);
        match found.as_slice() {
            [] if is_late || self.lan.failure().is_some() => self.not_found(now, code),
            _ if !is_late && !is_settled => Vec::new(),
            [game] if !is_late && game.ping == Ping::Awaited => Vec::new(),
            [game] if !game.room.advert.is_understood() => {
                self.fail(Failure { sentence: other_version(game), causes: Vec::new(), hint: None })
            }
            [game] => match game.target() {
                Some(target) => self.enter_found(now, target, code, watches),
                None => self.not_found(now, code),
            },
            several => {
                let notice = format!("{} games have the code {code}.", several.len());
                let mut list = LanList::filtered(now, watches, code.as_str());
                list.notice = Some(notice);
                self.show_lan(list)
            }
        }
    }

    /// Says why a code may lead nowhere, unless a seat is kept there.
    fn not_found(&mut self, now: Instant, code: RoomCode) -> Vec<Cmd> {
        if let Some(seat) = self.saved_seats.iter().find(|seat| seat.code == code).cloned() {
            return self.connect(now, Goal::Return { seat, otherwise: None });
        }
        let failure = self.lan.failure().cloned().unwrap_or_else(|| Failure {
            sentence: format!("No game {code} answered on this network"),
            causes: words::reasons().map(str::to_owned).to_vec(),
            hint: Some(format!(
                "the host's screen shows an address, too: {code}@192.168.1.7 needs no search"
            )),
        });
        self.fail(failure)
    }

    /// Joins or watches a game that was found.
    fn enter_found(&mut self, now: Instant, target: HostPort, code: RoomCode, watches: bool) -> Vec<Cmd> {
        let key = RoomKey { code, passcode: None };
        let goal = if watches { Goal::Watch { target, key } } else { self.goal_to_join(target, Some(key)) };
        self.connect(now, goal)
    }

    /// To join somewhere: by returning to the seat that is kept there, if one is.
    pub(super) fn goal_to_join(&self, target: HostPort, key: Option<RoomKey>) -> Goal {
        // An adjourned match waits until it is asked for by its code.
        let is_meant = |seat: &&SavedSeat| {
            seat.target == target && key.map_or(!seat.is_adjourned, |key| key.code == seat.code)
        };
        let seat = self.saved_seats.iter().find(is_meant).cloned();
        let join = Goal::Join { target, key };
        match seat {
            Some(seat) => Goal::Return { seat, otherwise: Some(Box::new(join)) },
            None => join,
        }
    }

    /// A key on the list.
    pub(super) fn browse_lan(&mut self, now: Instant, action: Action) -> Vec<Cmd> {
        let Screen::Lan(list) = &mut self.screen else { return Vec::new() };
        match action {
            Action::Up => list.move_by(&self.lan, -1),
            Action::Down => list.move_by(&self.lan, 1),
            Action::PageUp => list.move_by(&self.lan, -PAGE),
            Action::PageDown => list.move_by(&self.lan, PAGE),
            Action::Filter => {
                list.is_filtering = true;
                list.notice = None;
            }
            Action::Doctor => {
                list.notice =
                    Some("`oxo doctor`, typed in a shell, checks this machine and its network.".into());
            }
            Action::Rescan => {
                self.lan = LanGames::searching(now);
                list.since = now;
                list.notice = None;
                return vec![Cmd::EndSearch, Cmd::Search];
            }
            Action::Select => {
                let watches = list.watches;
                return self.enter_chosen(now, watches);
            }
            Action::Watch => return self.enter_chosen(now, true),
            Action::Join => {
                let purpose = if list.watches { Purpose::Watch } else { Purpose::Join };
                self.screen = Screen::JoinForm(JoinForm::new(purpose));
            }
            Action::Browse => self.screen = Screen::JoinForm(JoinForm::new(Purpose::Browse)),
            Action::Host | Action::Bot => return self.leave_lan_for(now, action),
            Action::Back => return self.show_menu(),
            _ => {}
        }
        Vec::new()
    }

    /// A key while a filter is typed.
    pub(super) fn filter(&mut self, action: Action) -> Vec<Cmd> {
        if let Screen::Lan(list) = &mut self.screen {
            match action {
                Action::Select => list.is_filtering = false,
                Action::Back => {
                    list.is_filtering = false;
                    list.filter.clear();
                }
                _ => {}
            }
            list.keep_place(&self.lan);
        }
        Vec::new()
    }

    /// Begins something else, as the menu does: a game that is kept aside comes back behind it first.
    fn leave_lan_for(&mut self, now: Instant, action: Action) -> Vec<Cmd> {
        let mut cmds = self.show_menu();
        cmds.extend(self.choose(now, action));
        cmds
    }

    /// Joins or watches the chosen game.
    fn enter_chosen(&mut self, now: Instant, wants_to_watch: bool) -> Vec<Cmd> {
        let Screen::Lan(list) = &mut self.screen else { return Vec::new() };
        let rows = list.rows(&self.lan);
        let Some(game) = rows.get(list.chosen(&rows)) else { return Vec::new() };
        let advert = game.room.advert;
        let watches = wants_to_watch || advert.guest.is_some();
        list.notice = None;
        if !advert.is_understood() {
            list.notice = Some(format!("{}.", other_version(game)));
            return Vec::new();
        }
        if watches && !advert.is_watchable {
            list.notice = Some(format!("{} is not open to watchers.", advert.code));
            return Vec::new();
        }
        let Some(target) = game.target() else { return Vec::new() };
        let list = match std::mem::replace(&mut self.screen, Screen::Menu(crate::model::Menu::default())) {
            Screen::Lan(list) => Some(List::Lan(list)),
            _ => None,
        };
        let cmds = self.enter_found(now, target, advert.code, watches);
        if let Screen::Connecting(connecting) = &mut self.screen {
            connecting.list = list;
        }
        cmds
    }
}

fn other_version(game: &LanGame) -> String {
    let code = game.room.advert.code;
    format!("{code} is served by another version of oxo, which this one does not understand")
}
