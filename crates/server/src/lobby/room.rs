//! A room: two seats, the matches that are played between them, and who watches.

mod round;

use std::{sync::Arc, time::Instant};

use game_core::{Mark, Record};
use net::proto::{
    Access, Claimable, Ending, Name, PerSeat, Phase, Reject, RoomCode, RoomLine, Score, Seat, SessionId,
    Setting, Snapshot, Terms, Visibility,
};

use super::{
    Limits,
    clock::{MatchClock, millis},
    epoch::Epoch,
    offer::Offers,
    seat::{Chair, Heard, Sitter},
    session::ChatBudget,
};

pub(super) use self::round::Move;

/// One room, from its opening until its end.
///
/// Every change is followed by [`settle`](Self::settle), which lets the clocks run or stop as the change wants it.
#[derive(Debug)]
pub(super) struct Room {
    limits: Arc<Limits>,
    code: RoomCode,
    /// Which room of the lobby this is, so that the oldest is found.
    number: u64,
    terms: Terms,
    access: Access,
    match_number: u32,
    /// How many takebacks this match has seen.
    branch: u16,
    /// Who plays X in this match. The host begins the first; each rematch swaps.
    x: Seat,
    phase: Phase,
    /// When the match began or went on, or the waiting did.
    phase_since: Instant,
    record: Record,
    seats: PerSeat<Chair>,
    score: Score,
    clock: Option<MatchClock>,
    offers: Offers,
    /// The number of the last offer of the room.
    offer_number: u32,
    watchers: Vec<SessionId>,
    is_watchable: bool,
    watchers_may_chat: bool,
    is_chat_open: bool,
    chat: ChatBudget,
    /// The place of this room among the lobby's deadlines.
    pub(super) scheduled: Option<Instant>,
    /// What the list of rooms says of it, but for the time.
    pub(super) listed: Option<RoomLine>,
}

/// Whether a command changed the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    /// It did.
    Made,
    /// It had done so before: it came twice, and the sender needs to hear that it counted.
    MadeBefore,
}

/// What a deadline brings about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Due {
    Nothing,
    /// The room has changed.
    Changed,
    /// Its time is over.
    Closed,
}

impl Room {
    /// A room in which its host waits.
    pub(super) fn new(
        now: Instant,
        limits: Arc<Limits>,
        (code, number): (RoomCode, u64),
        (terms, access): (Terms, Access),
        host: Sitter,
    ) -> Self {
        Self {
            code,
            number,
            terms,
            access,
            match_number: 1,
            branch: 0,
            x: Seat::Host,
            phase: Phase::Waiting,
            phase_since: now,
            record: Record::new(terms.rules),
            seats: PerSeat { host: Chair::Taken(host), guest: Chair::Vacant },
            score: Score::default(),
            clock: MatchClock::new(terms.time, &limits),
            offers: Offers::default(),
            offer_number: 0,
            watchers: Vec::new(),
            is_watchable: true,
            watchers_may_chat: false,
            is_chat_open: true,
            chat: ChatBudget::default(),
            scheduled: None,
            listed: None,
            limits,
        }
    }

    /// Seats the second player and begins the first match. Strangers cannot chat until one of them opens the chat.
    pub(super) fn seat_guest(
        &mut self,
        now: Instant,
        guest: Sitter,
        is_stranger: bool,
    ) -> Result<(), Reject> {
        if self.phase != Phase::Waiting {
            return Err(Reject::RoomFull);
        }
        if self.seats.host.sitter().is_none_or(Sitter::is_away) {
            return Err(Reject::HostAway);
        }
        self.seats.guest = Chair::Taken(guest);
        self.is_chat_open = !is_stranger;
        self.enter(now, Phase::Playing);
        Ok(())
    }

    /// Changes the room as a player wants it.
    pub(super) fn set(&mut self, seat: Seat, setting: Setting) -> Result<Change, Reject> {
        if seat != Seat::Host && setting != Setting::OpenChat {
            return Err(Reject::NotOwner);
        }
        let is_change = match setting {
            Setting::Access(access) => std::mem::replace(&mut self.access, access) != access,
            Setting::WatchersMayChat(may_talk) => {
                std::mem::replace(&mut self.watchers_may_chat, may_talk) != may_talk
            }
            Setting::OpenChat => !std::mem::replace(&mut self.is_chat_open, true),
            Setting::Watchable(may_watch) => {
                std::mem::replace(&mut self.is_watchable, may_watch) != may_watch
            }
        };
        Ok(if is_change { Change::Made } else { Change::MadeBefore })
    }

    /// Takes out those who watch, if nobody may.
    pub(super) fn take_barred_watchers(&mut self) -> Vec<SessionId> {
        if self.is_watchable { Vec::new() } else { std::mem::take(&mut self.watchers) }
    }

    /// Lets a session watch.
    pub(super) fn watch(&mut self, session: SessionId) -> Result<(), Reject> {
        if !self.is_watchable {
            return Err(Reject::NotWatchable);
        }
        if self.watchers.len() >= self.limits.watchers_per_room {
            return Err(Reject::TooManyWatchers);
        }
        self.watchers.push(session);
        Ok(())
    }

    pub(super) fn stop_watching(&mut self, session: SessionId) {
        self.watchers.retain(|watcher| *watcher != session);
    }

    /// Takes a player out of their seat for good.
    pub(super) fn vacate(&mut self, now: Instant, seat: Seat) {
        if let Some(name) = self.seats[seat].name() {
            self.seats[seat] = Chair::Gone { name, since: now };
        }
        if let Some(other) = self.seats[seat.other()].sitter_mut() {
            other.rematch_until = None;
        }
    }

    /// Notes whether a player is heard; `true` if that changes the room.
    pub(super) fn attend(&mut self, now: Instant, seat: Seat, news: Heard) -> bool {
        let other = self.seats[seat.other()].sitter().map(|other| other.attendance);
        let phase_since = self.phase_since;
        let Some(sitter) = self.seats[seat].sitter_mut() else { return false };
        // Who was away when the match was put off has not agreed to it, and goes on when they are back.
        let was_away = sitter.is_away() && sitter.absent_since().is_some_and(|since| since < phase_since);
        let is_news = sitter.attend(now, news, other);
        if sitter.is_away() {
            self.offers.clear();
            for seat in Seat::BOTH {
                if let Some(sitter) = self.seats[seat].sitter_mut() {
                    sitter.rematch_until = None;
                }
            }
        }
        if was_away && self.phase == Phase::Adjourned && news == Heard::Again {
            self.want_to_go_on(now, seat);
        } else {
            self.go_on_if_both_want_to(now);
        }
        is_news
    }

    /// Notes that a player wants to go on with an adjourned match.
    pub(super) fn want_to_go_on(&mut self, now: Instant, seat: Seat) {
        if let Some(sitter) = self.seats[seat].sitter_mut() {
            sitter.wants_to_go_on = true;
        }
        self.go_on_if_both_want_to(now);
    }

    fn go_on_if_both_want_to(&mut self, now: Instant) {
        let do_both = self.sitters().all(|(_, sitter)| sitter.wants_to_go_on && sitter.is_present());
        if do_both && self.phase == Phase::Adjourned {
            self.enter(now, Phase::Playing);
        }
    }

    /// Takes one thing said by anybody here, `false` if it is more than the room has to listen to.
    pub(super) fn take_chat(&mut self, now: Instant) -> bool {
        self.chat.take(now, self.limits.room_chat_burst, self.limits.room_chat_every)
    }

    pub(super) const fn set_rtt(&mut self, seat: Seat, rtt: std::time::Duration) {
        let chair = match seat {
            Seat::Host => &mut self.seats.host,
            Seat::Guest => &mut self.seats.guest,
        };
        if let Some(sitter) = chair.sitter_mut() {
            sitter.rtt = rtt;
        }
    }

    /// Does what is due.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> Due {
        if self.closes_at().is_some_and(|closes_at| closes_at <= now) {
            return Due::Closed;
        }
        let mut due = Due::Nothing;
        if self.flag_at().is_some_and(|flag_at| flag_at <= now)
            && let Some(seat) = self.to_move()
        {
            self.end(now, Ending::OutOfTime(seat));
            due = Due::Changed;
        }
        if self.offers.handle_timeout(now) {
            due = Due::Changed;
        }
        for seat in Seat::BOTH {
            if let Some(sitter) = self.seats[seat].sitter_mut()
                && sitter.rematch_until.take_if(|until| *until <= now).is_some()
            {
                due = Due::Changed;
            }
        }
        due
    }

    /// When [`handle_timeout`](Self::handle_timeout) has something to do.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let wishes = self.sitters().filter_map(|(_, sitter)| sitter.rematch_until).min();
        [self.flag_at(), self.offers.poll_timeout(), wishes, self.closes_at()].into_iter().flatten().min()
    }

    /// Lets the clock of the side to move run, or stops it while anybody is not heard. After every change.
    pub(super) fn settle(&mut self, now: Instant) {
        let both_present = self.are_both_present();
        let to_move = self.to_move().filter(|_| both_present);
        let rtt = to_move.and_then(|seat| self.seats[seat].sitter()).map(|sitter| sitter.rtt);
        let Some(clock) = &mut self.clock else { return };
        match to_move.zip(rtt) {
            Some((seat, rtt)) => clock.start(now, seat, rtt, &self.limits),
            None => clock.pause(now),
        }
    }

    pub(super) fn snapshot(&self, now: Instant, epoch: Epoch) -> Snapshot {
        let claim = Seat::BOTH.into_iter().find_map(|absent| {
            let at = self.claimable_at(absent)?;
            Some(Claimable { absent, in_millis: millis(at.saturating_duration_since(now)) })
        });
        Snapshot {
            at: epoch.time(now),
            code: self.code,
            match_number: self.match_number,
            branch: self.branch,
            x: self.x,
            phase: self.phase,
            record: self.record.clone(),
            seats: PerSeat { host: self.seats.host.view(now), guest: self.seats.guest.view(now) },
            score: self.score,
            best_of: self.terms.best_of,
            time: self.terms.time,
            clocks: self.clock.as_ref().map(|clock| clock.view(now)),
            offer: self.offers.view(now),
            claim,
            visibility: self.visibility(),
            watchers: u16::try_from(self.watchers.len()).unwrap_or(u16::MAX),
            is_watchable: self.is_watchable,
            is_chat_open: self.is_chat_open,
            watchers_may_chat: self.watchers_may_chat,
        }
    }

    /// The room as the list shows it, its time left out; `None` if it is not on the list.
    pub(super) fn line(&self) -> Option<RoomLine> {
        let is_shown =
            matches!(self.phase, Phase::Waiting | Phase::Playing) && self.visibility() != Visibility::Hidden;
        let host = self.seats.host.name().filter(|_| is_shown)?;
        Some(RoomLine {
            code: self.code,
            host,
            guest: self.seats.guest.name(),
            terms: self.terms,
            is_locked: self.visibility() == Visibility::Locked,
            is_watchable: self.is_watchable,
            watchers: u16::try_from(self.watchers.len()).unwrap_or(u16::MAX),
            seconds: 0,
        })
    }

    /// How long it has been waiting, or its match has run, in seconds.
    pub(super) fn seconds(&self, now: Instant) -> u32 {
        let time = now.saturating_duration_since(self.phase_since);
        u32::try_from(time.as_secs()).unwrap_or(u32::MAX)
    }

    /// Whether a quick match may lead here: it waits for whoever comes, and its owner is there.
    pub(super) fn is_open(&self) -> bool {
        let is_host_present = self.seats.host.sitter().is_some_and(Sitter::is_present);
        self.phase == Phase::Waiting && self.visibility() == Visibility::Public && is_host_present
    }

    pub(super) const fn access(&self) -> &Access {
        &self.access
    }

    pub(super) const fn terms(&self) -> &Terms {
        &self.terms
    }

    pub(super) const fn phase(&self) -> Phase {
        self.phase
    }

    pub(super) const fn number(&self) -> u64 {
        self.number
    }

    pub(super) const fn ply(&self) -> u16 {
        self.record.position().ply()
    }

    pub(super) const fn watchers(&self) -> &[SessionId] {
        self.watchers.as_slice()
    }

    /// Since when nobody has been here, if the room has nothing to keep for anybody but a waiting or a result.
    pub(super) fn unused_since(&self) -> Option<Instant> {
        let host_gone = self.seats.host.empty_since()?;
        match self.phase {
            Phase::Waiting => Some(host_gone),
            Phase::Over(_) => Some(host_gone.max(self.seats.guest.empty_since()?)),
            Phase::Playing | Phase::Adjourned => None,
        }
    }

    pub(super) const fn is_chat_open(&self) -> bool {
        self.is_chat_open
    }

    pub(super) const fn watchers_may_chat(&self) -> bool {
        self.watchers_may_chat
    }

    /// The seat that belongs to a session.
    pub(super) fn seat_of(&self, session: SessionId) -> Option<Seat> {
        self.sitters().find(|(_, sitter)| sitter.session == session).map(|(seat, _)| seat)
    }

    /// Who has a seat here, heard or not.
    pub(super) fn sitters(&self) -> impl Iterator<Item = (Seat, &Sitter)> {
        Seat::BOTH.into_iter().filter_map(|seat| Some((seat, self.seats[seat].sitter()?)))
    }

    /// The name of who sits or sat in a seat.
    pub(super) fn name(&self, seat: Seat) -> Option<Name> {
        self.seats[seat].name()
    }

    /// When the room ends, unless somebody comes back before: see the lifetimes of [`Limits`].
    fn closes_at(&self) -> Option<Instant> {
        let host_gone = self.seats.host.empty_since()?;
        let guest_gone = || self.seats.guest.empty_since();
        match self.phase {
            Phase::Waiting => Some(host_gone + self.limits.unstarted_room),
            Phase::Playing => {
                let kept_until = |seat: Seat| self.seats[seat].sitter()?.kept_until(&self.limits);
                Some(kept_until(Seat::Host)?.max(kept_until(Seat::Guest)?) + self.limits.empty_room)
            }
            Phase::Adjourned => Some(host_gone.max(guest_gone()?) + self.limits.adjourned_room),
            Phase::Over(_) => Some(host_gone.max(guest_gone()?) + self.limits.finished_room),
        }
    }

    /// When the flag of the side to move falls.
    fn flag_at(&self) -> Option<Instant> {
        self.to_move().and(self.clock.as_ref()).and_then(MatchClock::flag_at)
    }

    /// When the other player may claim against this one, if this one is absent and the other is not.
    fn claimable_at(&self, absent: Seat) -> Option<Instant> {
        let other = self.seats[absent.other()].sitter()?;
        let claimable_at = self.seats[absent].sitter()?.claimable_at(other, &self.limits);
        claimable_at.filter(|_| self.phase == Phase::Playing)
    }

    const fn visibility(&self) -> Visibility {
        match self.access {
            Access::Public => Visibility::Public,
            Access::Hidden => Visibility::Hidden,
            Access::Passcode(_) => Visibility::Locked,
        }
    }

    fn are_both_present(&self) -> bool {
        self.sitters().filter(|(_, sitter)| sitter.is_present()).count() == 2
    }

    fn to_move(&self) -> Option<Seat> {
        (self.phase == Phase::Playing && self.record.position().outcome().is_none())
            .then(|| self.seat_at(self.ply()))
    }

    /// Whose move a ply is.
    fn seat_at(&self, ply: u16) -> Seat {
        if ply.is_multiple_of(2) == (Mark::FIRST == Mark::X) { self.x } else { self.x.other() }
    }

    fn enter(&mut self, now: Instant, phase: Phase) {
        self.offers.clear();
        self.phase = phase;
        self.phase_since = now;
        for seat in Seat::BOTH {
            if let Some(sitter) = self.seats[seat].sitter_mut() {
                match phase {
                    Phase::Playing => sitter.begin(now),
                    Phase::Adjourned => sitter.wants_to_go_on = false,
                    Phase::Waiting | Phase::Over(_) => {}
                }
            }
        }
    }
}
