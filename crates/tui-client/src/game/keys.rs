//! The keys on a room: moves, the cursor, resigning, the rematch, leaving.

use std::time::Instant;

use game_core::{Cell, best_moves};
use net::proto::{Claim, Command, OfferKind, Phase, Seat};
use server::phrases;

use super::{Game, Place, Sending, Unconfirmed};
use crate::{
    cmd::{Cmd, Signal},
    keymap::{Action, Context},
    notice::Notice,
    overlay::{Overlay, Question},
    request::Request,
    text_input::TextInput,
};

/// The most characters of the name of a cell: a letter and two digits.
const CELL_CHARACTERS: usize = 3;

impl Game {
    /// Does what a key asks for.
    pub(crate) fn handle_action(&mut self, now: Instant, action: Action) {
        match action {
            Action::Up | Action::Down | Action::Left | Action::Right => self.move_cursor(action),
            Action::Place => self.place_mark(self.cursor),
            Action::Numpad(digit) => self.numpad(digit),
            Action::Hint => self.hint(),
            Action::OfferDraw => self.make_offer(OfferKind::Draw),
            Action::OfferTakeback => self.make_offer(OfferKind::Takeback),
            Action::OfferAdjourn => self.make_offer(OfferKind::Adjourn),
            Action::Accept => self.accept(now),
            Action::Decline => self.decline(),
            Action::ClaimWin => self.make_claim(now, Claim::Win),
            Action::CallDraw => self.make_claim(now, Claim::Draw),
            Action::Adjourn => self.make_claim(now, Claim::Adjourn),
            Action::GoOn => self.go_on(),
            Action::Rematch if self.may_host_again() => self.requests.push(Request::HostAgain),
            Action::Rematch => self.want_rematch(),
            Action::TryNow => self.retry(),
            Action::Mute => self.mute(),
            Action::Block => self.block(),
            Action::OpenChat | Action::Watchable | Action::WatchersTalk => self.change_setting(action),
            Action::Copy => self.copy(),
            Action::QrCode => self.toggle_qr_code(),
            Action::TypeCell => self.open_cell(),
            Action::Chat => self.open_chat(),
            Action::Emotes => self.open_emotes(),
            Action::Resign => self.open(Overlay::Confirm(Question::Resign)),
            Action::SayBoard => self.open(Overlay::Position { scroll: 0 }),
            Action::Visibility => self.requests.push(Request::NextVisibility),
            Action::Bot => self.requests.push(Request::PlayBot),
            Action::Replay if self.finished.is_some() => self.requests.push(Request::Replay),
            Action::Back => self.go_back(now),
            _ => {}
        }
    }

    pub(super) fn open(&mut self, overlay: Overlay) {
        self.requests.push(Request::Open(overlay));
    }

    /// Places the mark of the seat that acts here, or notes why not.
    pub(crate) fn place_mark(&mut self, cell: Cell) {
        if self.snapshot.phase != Phase::Playing {
            return;
        }
        let refusal = if self.unconfirmed.is_some() {
            Some(Notice::MoveUnderWay)
        } else if !self.may_move() {
            Some(Notice::NotYourTurn)
        } else if self.snapshot.is_paused() && self.down().is_none() {
            Some(Notice::Paused)
        } else {
            self.cursor = cell;
            let is_free = self.snapshot.record.position().board().is_free(cell);
            (!is_free).then_some(Notice::CellTaken)
        };
        let is_refused = refusal.is_some();
        self.notices.set(refusal);
        if is_refused {
            return;
        }
        // Without a connection the move is sent once the seat is taken again.
        let sending = if self.down().is_some() { Sending::Held } else { Sending::Sent };
        let mv = Unconfirmed { id: self.move_id(), cell, sending };
        self.unconfirmed = Some(mv);
        if sending == Sending::Sent {
            self.send(mv.command());
        }
    }

    /// Opens the input for the name of a cell, or notes why no mark can be placed.
    fn open_cell(&mut self) {
        if self.may_move() {
            self.open(Overlay::Cell(TextInput::new(CELL_CHARACTERS)));
        } else {
            self.notices.set(Notice::NotYourTurn);
        }
    }

    /// Moves the cursor to the cell that is typed, so that the board shows it before Enter.
    pub(crate) fn point_at(&mut self, typed: &str) -> Option<Cell> {
        let rules = self.snapshot.record.rules();
        let cell = typed.trim().parse().ok().filter(|cell| rules.contains(*cell))?;
        self.cursor = cell;
        Some(cell)
    }

    fn numpad(&mut self, digit: u8) {
        if self.snapshot.record.rules().cells() > 9 {
            self.notices.set(Notice::DigitsElsewhere);
        } else if let Some(cell) = Cell::from_numpad(digit) {
            self.place_mark(cell);
        }
    }

    /// Shows the best moves of the side to move, or hides them.
    fn hint(&mut self) {
        let is_shown = self.shown_hint().is_some();
        let position = *self.snapshot.record.position();
        let best = || best_moves(&position).map(|best| (self.move_id(), best));
        let (hint, notice) = if is_shown {
            (None, None)
        } else if self.online().is_some() {
            (None, Some(Notice::NoHintsBetweenPlayers))
        } else if !self.may_move() {
            (None, Some(Notice::NotYourTurn))
        } else if let Some((id, best)) = best().filter(|_| self.may_hint()) {
            (Some((id, best)), Some(Notice::Hint(best)))
        } else {
            (None, Some(Notice::NobodyKnows))
        };
        self.hint = hint;
        self.notices.set(notice);
    }

    fn move_cursor(&mut self, direction: Action) {
        let rules = self.snapshot.record.rules();
        let (column, row) = (self.cursor.column(), self.cursor.row());
        let (column, row) = match direction {
            Action::Up => (column, (row + 1).min(rules.rows() - 1)),
            Action::Down => (column, row.saturating_sub(1)),
            Action::Left => (column.saturating_sub(1), row),
            _ => ((column + 1).min(rules.columns() - 1), row),
        };
        self.cursor = Cell::new(column, row).unwrap_or(self.cursor);
    }

    /// Resigns, once the player has confirmed it.
    pub(crate) fn resign(&mut self) {
        if self.down().is_some() {
            self.notices.set(Notice::NotResigned);
        } else {
            self.send(Command::Resign { match_number: self.snapshot.match_number });
        }
    }

    fn want_rematch(&mut self) {
        let command = Command::Rematch { match_number: self.snapshot.match_number };
        match self.place {
            // Two people at one keyboard agree by one key.
            Place::Keyboard => Seat::BOTH.into_iter().for_each(|seat| self.send_as(seat, command.clone())),
            Place::Bot | Place::Server(_) => self.send(command),
        }
    }

    /// Copies the command for a friend, or the result.
    fn copy(&mut self) {
        let (text, notice) = match self.snapshot.phase {
            Phase::Waiting => (self.join_command(), Notice::CommandCopied),
            Phase::Over(_) => (phrases::result_to_copy(&self.snapshot), Notice::ResultCopied),
            Phase::Playing | Phase::Adjourned => return,
        };
        self.notices.set(notice);
        self.requests.push(Cmd::Signal(Signal::Copy(text)).into());
    }

    /// The command with which a friend joins the room.
    pub(crate) fn join_command(&self) -> String {
        let best = self.online().and_then(|online| {
            let own = online.own_place.as_ref().and_then(|place| place.addresses.first().cloned());
            own.or_else(|| online.session.target.as_ref().map(ToString::to_string))
        });
        best.map_or_else(|| format!("oxo join {}", self.snapshot.code), |best| self.command_to_join_at(&best))
    }

    /// The command that leads to the room at a place.
    pub(crate) fn command_to_join_at(&self, place: &str) -> String {
        format!("oxo join {}@{}", self.snapshot.code, place.strip_suffix(":1952").unwrap_or(place))
    }

    /// The URL at which a browser on another machine opens our own room.
    pub(crate) fn page_url(&self) -> Option<String> {
        let web = self.online()?.own_place.as_ref()?.web.as_ref()?;
        Some(format!("{web}/{}", self.snapshot.code))
    }

    fn toggle_qr_code(&mut self) {
        if let Some(online) = self.online_mut() {
            online.hides_qr_code = !online.hides_qr_code;
        }
    }

    fn go_back(&mut self, now: Instant) {
        match self.context() {
            Context::Match | Context::Offer | Context::Absent => self.requests.push(Request::MenuOverGame),
            Context::LinkDown if self.returns_behind_menu(now) => self.requests.push(Request::MenuOverGame),
            Context::Adjourned => self.leave_adjourned(),
            // A friend may have been told the code.
            Context::Waiting | Context::LinkDown if self.is_waiting() => {
                self.open(Overlay::Confirm(Question::StopWaiting));
            }
            Context::Over if self.is_within_series() => self.open(Overlay::Confirm(Question::LeaveSeries)),
            _ => self.requests.push(Request::Leave),
        }
    }
}
