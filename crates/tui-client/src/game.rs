//! A room as this player sees it: where it is played, its last snapshot, and what is under way.
//!
//! `keys` and `events` change it; `clocks` counts its times.

mod absence;
mod chat;
pub mod clocks;
mod events;
mod keeping;
mod keys;
mod news;
mod offers;

use std::time::Instant;

use game_core::{Bitboard, Cell, Level, Rules};
use net::proto::{Claimable, Command, Offer, Passcode, Phase, Presence, Score, Seat, Snapshot, Visibility};
use server::phrases::{self, Reader};

use crate::{
    chat::ChatLog,
    cmd::{Cmd, SavedSeat},
    history::{KeptMatch, Tally},
    keymap::{Context, When},
    move_times::MoveTimes,
    notice::Notices,
    online::{Down, Online},
    quick_match::Quick,
    request::Request,
};

/// A room, as this player sees it.
#[derive(Debug)]
pub struct Game {
    /// The place where it is played.
    pub place: Place,
    /// The player's role there.
    pub role: Role,
    /// The room as the server last showed it.
    pub snapshot: Snapshot,
    /// The instant, by our clock, that every time in the snapshot counts from.
    pub shown_at: Instant,
    /// The instant at which its phase was first shown.
    pub phase_since: Instant,
    /// The cell that the keys act on.
    pub cursor: Cell,
    /// A move that the server has not confirmed.
    pub unconfirmed: Option<Unconfirmed>,
    /// The notices.
    pub notices: Notices,
    /// The chat.
    pub chat: ChatLog,
    /// True if the chat of others is hidden and offers of the other player are declined at once.
    pub is_muted: bool,
    /// The other player is blocked for the rooms of this one.
    pub is_blocked: bool,
    /// The last offer that was declined or withdrawn here.
    pub declined: Option<u32>,
    /// The best moves of a half-move, if they were asked for.
    pub hint: Option<(MoveId, Bitboard)>,
    /// True if hints can be asked for.
    pub(crate) has_hints: bool,
    /// The half-move for which the bell has warned of the time.
    pub rung_for: Option<MoveId>,
    /// The times of the moves.
    pub times: MoveTimes,
    /// The number of the match that began in the middle, from a position of a replay.
    pub branched: Option<u32>,
    /// The account of the last match that has ended here.
    pub finished: Option<Box<Finished>>,
    /// The requests of the last keys and messages, until the model carries them out.
    pub(crate) requests: Vec<Request>,
}

/// A match that has ended in this room.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The match, as it is kept.
    pub kept: KeptMatch,
    /// The account of all matches against the player across, with this one.
    pub tally: Tally,
    /// The move that lost it, counted from 0, where that is certain.
    pub turning_point: Option<usize>,
}

/// A role in a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A player. At one keyboard, the host stands for both.
    Player(Seat),
    /// A spectator.
    Watcher {
        /// The passcode of the room, to enter again over a new connection.
        passcode: Option<Passcode>,
    },
}

/// The place where a game is played.
#[derive(Debug)]
pub enum Place {
    /// At this machine, between two people.
    Keyboard,
    /// At this machine, against the bot.
    Bot,
    /// On a server.
    Server(Box<Online>),
}

/// A move that was made here and is not in the snapshot yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unconfirmed {
    /// The half-move.
    pub id: MoveId,
    /// The cell.
    pub cell: Cell,
    /// Its progress.
    pub sending: Sending,
}

/// A half-move of a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MoveId {
    /// The match of the room.
    pub match_number: u32,
    /// The number of takebacks in that match.
    pub branch: u16,
    /// The half-move of that match, from 0.
    pub ply: u16,
}

/// The progress of an unconfirmed move.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sending {
    /// It was sent.
    Sent,
    /// It is held until there is a connection and the match is not paused.
    Held,
    /// It was sent again, after the match was paused. If refused once more, it is given up.
    SentAgain,
}

impl Unconfirmed {
    /// The command that makes the move.
    pub const fn command(&self) -> Command {
        let MoveId { match_number, branch, ply } = self.id;
        Command::Play { match_number, branch, ply, cell: self.cell }
    }
}

impl Game {
    /// A game that has just begun, or was just entered.
    pub(crate) fn new(place: Place, role: Role, snapshot: Snapshot, shown_at: Instant) -> Self {
        Self {
            cursor: middle(snapshot.record.rules()),
            place,
            role,
            snapshot,
            shown_at,
            phase_since: shown_at,
            unconfirmed: None,
            notices: Notices::default(),
            chat: ChatLog::default(),
            is_muted: false,
            is_blocked: false,
            declined: None,
            hint: None,
            has_hints: true,
            rung_for: None,
            times: MoveTimes::default(),
            branched: None,
            finished: None,
            requests: Vec::new(),
        }
    }

    /// The network's part, if there is one.
    pub fn online(&self) -> Option<&Online> {
        match &self.place {
            Place::Server(online) => Some(online),
            Place::Keyboard | Place::Bot => None,
        }
    }

    /// The network's part, to change it.
    pub fn online_mut(&mut self) -> Option<&mut Online> {
        match &mut self.place {
            Place::Server(online) => Some(online),
            Place::Keyboard | Place::Bot => None,
        }
    }

    /// The lost connection, while it is lost.
    pub fn down(&self) -> Option<&Down> {
        self.online()?.down()
    }

    /// Tells whether the session has ended, so that the room is only looked at.
    pub fn is_ended(&self) -> bool {
        self.online().is_some_and(|online| online.ended().is_some())
    }

    /// The seat from which the room is seen: a player's own, and the host's for a spectator.
    pub const fn viewpoint(&self) -> Seat {
        match self.role {
            Role::Player(seat) => seat,
            Role::Watcher { .. } => Seat::Host,
        }
    }

    /// The seat across.
    pub const fn other(&self) -> Seat {
        self.viewpoint().other()
    }

    /// The name of a seat, or `nobody`.
    pub fn name(&self, seat: Seat) -> &str {
        phrases::name(&self.snapshot, seat)
    }

    /// The name across.
    pub fn other_name(&self) -> &str {
        self.name(self.other())
    }

    /// The player as the reader of a sentence that begins with a seat.
    pub fn reader(&self) -> Reader<'_> {
        let seat = (!self.is_shared()).then(|| self.viewpoint());
        Reader { snapshot: &self.snapshot, seat, begins_sentence: true }
    }

    /// Tells whether the player is a spectator.
    pub const fn is_watching(&self) -> bool {
        matches!(self.role, Role::Watcher { .. })
    }

    /// Tells whether nobody is "you": both players look at this screen, or a spectator does.
    pub const fn is_shared(&self) -> bool {
        matches!(self.place, Place::Keyboard) || self.is_watching()
    }

    /// Tells whether a seat is the player's own, and not that of one of two people at this keyboard.
    pub fn is_own(&self, seat: Seat) -> bool {
        self.role == Role::Player(seat) && !matches!(self.place, Place::Keyboard)
    }

    /// Tells whether the player opened this room on a server.
    pub fn is_owner(&self) -> bool {
        self.online().is_some() && self.role == Role::Player(Seat::Host)
    }

    /// Sends a command of the seat that acts here.
    pub(crate) fn send(&mut self, command: Command) {
        self.send_as(self.acting_seat(), command);
    }

    fn send_as(&mut self, seat: Seat, command: Command) {
        let sent = self.to_send(seat, command);
        self.requests.push(sent.into());
    }

    /// The effect that sends a command of a seat. On a server there is only the player's own.
    const fn to_send(&self, seat: Seat, command: Command) -> Cmd {
        match self.place {
            Place::Keyboard | Place::Bot => Cmd::SendLocal { seat, command },
            Place::Server(_) => Cmd::Send(command),
        }
    }

    /// The seat that acts by this keyboard: the player's own, or at one keyboard the one to move.
    pub fn acting_seat(&self) -> Seat {
        match self.place {
            Place::Keyboard => self.snapshot.to_move().unwrap_or_else(|| self.viewpoint()),
            Place::Bot | Place::Server(_) => self.viewpoint(),
        }
    }

    /// Tells whether the seat that acts here is to move, and has not moved yet.
    pub fn may_move(&self) -> bool {
        !self.is_watching()
            && !self.is_ended()
            && self.unconfirmed.is_none()
            && self.snapshot.to_move() == Some(self.acting_seat())
    }

    /// The presence of a player.
    pub fn presence(&self, seat: Seat) -> Option<Presence> {
        self.snapshot.seats[seat].occupant().map(|occupant| occupant.presence)
    }

    /// The presence of the player across.
    pub fn opponent_presence(&self) -> Option<Presence> {
        self.presence(self.other())
    }

    /// Tells whether the player across is in the room, as far as is known.
    pub fn is_opponent_here(&self) -> bool {
        let is_here = matches!(self.opponent_presence(), Some(Presence::Present | Presence::Silent { .. }));
        is_here && self.down().is_none()
    }

    /// The best moves, while they are shown.
    pub fn shown_hint(&self) -> Option<Bitboard> {
        self.hint.filter(|(id, _)| *id == self.move_id() && self.may_move()).map(|(_, best)| best)
    }

    /// Tells whether there is a perfect player to ask: not against another one on a server, who has none.
    pub(crate) fn may_hint(&self) -> bool {
        self.online().is_none() && Level::Perfect.supports(&self.snapshot.record.rules())
    }

    /// The half-move to be made next.
    pub const fn move_id(&self) -> MoveId {
        MoveId {
            match_number: self.snapshot.match_number,
            branch: self.snapshot.branch,
            ply: self.snapshot.record.position().ply(),
        }
    }

    /// The absence of the other player, if this one may claim for it now or soon.
    pub fn claim(&self) -> Option<Claimable> {
        self.snapshot
            .claim
            .filter(|claim| claim.absent == self.other() && self.online().is_some() && !self.is_watching())
    }

    /// An offer to the seat that acts here.
    pub fn incoming_offer(&self) -> Option<Offer> {
        let is_mine = |offer: &Offer| match self.place {
            Place::Keyboard => true,
            Place::Bot | Place::Server(_) => offer.by != self.viewpoint() && !self.is_watching(),
        };
        self.snapshot.offer.filter(|offer| is_mine(offer) && !self.is_muted)
    }

    /// An offer of this player.
    pub fn own_offer(&self) -> Option<Offer> {
        self.snapshot.offer.filter(|offer| self.is_own(offer.by))
    }

    /// Tells whether the other player waits in the room of the adjourned match and wants to go on.
    pub fn is_awaited(&self) -> bool {
        let lines = self.online().map(|online| online.adjourned.as_slice()).unwrap_or_default();
        lines.iter().any(|line| line.code == self.snapshot.code && line.is_opponent_there)
    }

    /// The context of the keys.
    pub(crate) fn context(&self) -> Context {
        match self.snapshot.phase {
            _ if self.is_ended() => Context::Ended,
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

    /// Tells whether there is a player to block. A room that waits has the number of its first match until a guest has left it.
    pub(crate) fn may_block(&self) -> bool {
        let has_guest = self.snapshot.phase != Phase::Waiting || self.snapshot.match_number > 1;
        self.online().is_some() && !self.is_watching() && has_guest
    }

    /// The conditions of keys that hold now, or with `may_come` those that may also hold before the match is over. Those of a
    /// replay and of the link are not among them.
    pub(crate) fn facts(&self, may_come: bool) -> Vec<When> {
        let is_online = self.online().is_some();
        let has_digits = self.snapshot.record.rules().cells() == 9;
        let is_paused = self.snapshot.is_paused();
        // Without a connection a move is kept until it is back.
        let may_place = may_come || self.may_move() && (self.down().is_some() || !is_paused);
        let may_offer = may_come || !is_paused && self.incoming_offer().is_none();
        let may_take_back = may_come || may_offer && !self.snapshot.record.moves().is_empty();
        let is_open = self.snapshot.is_chat_open || self.is_watching();
        let conditions = [
            (When::Always, true),
            (When::IsOnline, is_online),
            (When::MayPlace, may_place),
            (When::MayPlaceByDigit, may_place && has_digits),
            (When::MayPlaceByName, may_place && !has_digits),
            (When::MayChat, is_online && (may_come || self.is_heard() && is_open)),
            (When::HasPage, self.page_url().is_some()),
            (When::MayBlock, self.may_block()),
            (When::MayOffer, may_offer),
            (When::MayTakeBack, may_take_back),
            (When::MayHint, may_place && self.has_hints && self.may_hint()),
            (When::NextGame, self.is_opponent_here() && self.series_goes_on()),
            (When::Rematch, self.is_opponent_here() && !self.series_goes_on()),
            (When::HostAgain, self.may_host_again()),
            (When::MayReplay, self.finished.is_some()),
        ];
        conditions.into_iter().filter_map(|(when, holds)| holds.then_some(when)).collect()
    }

    /// Tells whether the end of the game would cost somebody a match. Nobody minds a game against the bot; an adjourned
    /// match is kept by its server, unless that is our own.
    pub fn is_at_stake(&self) -> bool {
        match (self.snapshot.phase, &self.place) {
            _ if self.is_watching() || self.is_ended() => false,
            (Phase::Playing, Place::Keyboard | Place::Server(_)) => true,
            (Phase::Adjourned, Place::Server(online)) => online.is_own_server(),
            (_, Place::Keyboard | Place::Bot) | (Phase::Waiting | Phase::Over(_), _) => false,
        }
    }

    /// The quick match that looks for company while our own room waits.
    pub(crate) fn quick_match(&self) -> Option<&Quick> {
        let is_open = self.snapshot.phase == Phase::Waiting && self.snapshot.visibility == Visibility::Public;
        self.online().filter(|online| is_open && online.is_own_server())?.quick.as_ref()
    }

    /// Tells whether the start of another game has to ask before it ends this one.
    pub(crate) fn is_running(&self) -> bool {
        let is_played = self.snapshot.phase == Phase::Playing && !self.is_watching() && !self.is_ended();
        is_played || self.is_at_stake() || self.is_waiting()
    }

    /// Tells whether it is a room of the player's that waits for a friend.
    pub(crate) fn is_waiting(&self) -> bool {
        self.snapshot.phase == Phase::Waiting
            && self.online().is_some()
            && !self.is_watching()
            && !self.is_ended()
    }

    /// Tells whether the match is part of a series that is not decided.
    pub(crate) fn series_goes_on(&self) -> bool {
        self.snapshot.best_of.is_some() && self.snapshot.series_winner().is_none()
    }

    /// Tells whether the other player is there for the next game of a series.
    pub(crate) fn is_within_series(&self) -> bool {
        self.series_goes_on() && self.online().is_some() && self.opponent_presence().is_some()
    }

    /// Tells whether the match is over and only a new room leads to another one, because the other player has left, or
    /// the room is gone.
    pub(crate) fn may_host_again(&self) -> bool {
        let has_left =
            matches!(self.opponent_presence(), None | Some(Presence::Away { is_on_purpose: true, .. }));
        let is_over = matches!(self.snapshot.phase, Phase::Over(_)) && !self.is_watching();
        is_over && self.online().is_some() && (has_left || self.is_ended())
    }

    /// The seat as a later run of the program needs it. One on our own server is kept with its room, once that has a guest.
    pub(crate) fn saved_seat(&self) -> Option<SavedSeat> {
        let online = self.online().filter(|_| !self.is_watching() && !self.is_ended())?;
        let session = &online.session;
        let own = online.own_place.as_ref().and_then(|place| place.store.as_ref());
        let own = own.filter(|_| self.snapshot.phase != Phase::Waiting);
        Some(SavedSeat {
            target: session.target.as_ref().or_else(|| own.map(|own| &own.target))?.clone(),
            hosted: own.map(|own| own.number),
            code: self.snapshot.code,
            token: session.token,
            opponent: self.snapshot.seats[self.other()].name().copied(),
            is_adjourned: self.snapshot.phase == Phase::Adjourned,
        })
    }

    /// The seat, if its match is not over and its server is not known to be gone, as our own is when it is left.
    pub(crate) fn kept_seat(&self) -> Option<SavedSeat> {
        let is_begun = matches!(self.snapshot.phase, Phase::Playing | Phase::Adjourned);
        let is_own = self.online().is_some_and(Online::is_own_server);
        let is_lost = is_own || self.is_on_trial() || self.down().is_some_and(Down::is_server_gone);
        self.saved_seat().filter(|_| is_begun && !is_lost)
    }

    /// Tells whether the player is a guest for whom nothing is kept: not both have moved yet.
    pub(crate) fn is_on_trial(&self) -> bool {
        let Snapshot { phase, branch, score, record, .. } = &self.snapshot;
        self.role == Role::Player(Seat::Guest)
            && *phase == Phase::Playing
            && (*branch, *score) == (0, Score::default())
            && record.moves().len() < 2
    }
}

/// The middle of a board.
const fn middle(rules: Rules) -> Cell {
    Cell::new(rules.columns() / 2, rules.rows() / 2).expect("the middle of a board is on it")
}
