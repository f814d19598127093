//! A room: two seats, the matches that are played between them, and who watches.

use std::{sync::Arc, time::Instant};

use game_core::{Cell, IllegalMove, Mark, Record};
use net::proto::{
    Access, Claim, Claimable, Door, Ending, Name, OfferKind, PerSeat, Phase, Reject, RoomCode, RoomLine,
    Score, Seat, SessionId, Setting, Snapshot, Terms,
};

use super::{
    Limits,
    clock::{MatchClock, millis},
    epoch::Epoch,
    offer::Offers,
    seat::{Chair, Heard, Sitter},
};

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
    watchers_may_talk: bool,
    is_chat_open: bool,
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

/// A move as a command names it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Move {
    pub(super) match_number: u32,
    pub(super) branch: u16,
    pub(super) ply: u16,
    pub(super) cell: Cell,
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
            watchers_may_talk: false,
            is_chat_open: true,
            scheduled: None,
            listed: None,
            limits,
        }
    }

    /// Seats the second player and begins the first match. Strangers do not talk before one of them wants to.
    pub(super) fn seat_guest(
        &mut self,
        now: Instant,
        guest: Sitter,
        is_stranger: bool,
    ) -> Result<(), Reject> {
        if self.phase != Phase::Waiting {
            return Err(Reject::RoomFull);
        }
        self.seats.guest = Chair::Taken(guest);
        self.is_chat_open = !is_stranger;
        self.enter(now, Phase::Playing);
        Ok(())
    }

    /// Plays a move.
    ///
    /// A move names the match, the branch and the ply that it answers, so one that comes twice is known for what it
    /// is, even after the match was over, and one that comes late cannot be taken for another.
    pub(super) fn play(&mut self, now: Instant, seat: Seat, mv: Move) -> Result<Change, Reject> {
        self.check_match(mv.match_number)?;
        if mv.branch != self.branch {
            return Err(Reject::OtherPly);
        }
        let is_mine = self.seat_at(mv.ply) == seat;
        if is_mine && self.record.moves().get(usize::from(mv.ply)) == Some(&mv.cell) {
            return Ok(Change::MadeBefore);
        }
        self.check_playing()?;
        if mv.ply != self.record.position().ply() {
            return Err(Reject::OtherPly);
        }
        if !is_mine {
            return Err(Reject::NotYourTurn);
        }
        self.record.play(mv.cell).map_err(|illegal| match illegal {
            IllegalMove::Finished => Reject::NoMatch,
            IllegalMove::Outside => Reject::NoSuchCell,
            IllegalMove::Occupied => Reject::CellTaken,
        })?;
        self.offers.clear();
        if let Some(clock) = &mut self.clock {
            let is_first_of_next = mv.ply == 0 && self.branch == 0;
            clock.handle_move(now, seat, is_first_of_next, &self.limits);
        }
        if self.record.position().outcome().is_some() {
            self.end(now, Ending::OnBoard);
        }
        Ok(Change::Made)
    }

    /// Gives up the running match.
    pub(super) fn resign(&mut self, now: Instant, seat: Seat, match_number: u32) -> Result<Change, Reject> {
        self.check_match(match_number)?;
        match self.phase {
            Phase::Playing => {
                self.end(now, Ending::Resigned(seat));
                Ok(Change::Made)
            }
            Phase::Over(Ending::Resigned(resigned)) if resigned == seat => Ok(Change::MadeBefore),
            Phase::Waiting | Phase::Adjourned | Phase::Over(_) => Err(Reject::NoMatch),
        }
    }

    /// Notes that a player wants another match, and begins it once both do.
    pub(super) fn want_rematch(
        &mut self,
        now: Instant,
        seat: Seat,
        match_number: u32,
    ) -> Result<Change, Reject> {
        self.check_match(match_number)?;
        match self.phase {
            Phase::Waiting => return Err(Reject::NoMatch),
            Phase::Playing | Phase::Adjourned => return Err(Reject::MatchRunning),
            Phase::Over(_) => {}
        }
        let until = now + self.limits.offer_lifetime;
        let theirs = match self.seats[seat.other()].sitter() {
            Some(theirs) => theirs.rematch_until,
            None => return Err(Reject::OpponentGone),
        };
        let Some(mine) = self.seats[seat].sitter_mut() else { return Err(Reject::OpponentGone) };
        if mine.rematch_until.is_some() {
            return Ok(Change::MadeBefore);
        }
        mine.rematch_until = Some(until);
        if theirs.is_some() {
            self.begin_next(now);
        }
        Ok(Change::Made)
    }

    /// Offers the other player something.
    pub(super) fn offer(
        &mut self,
        now: Instant,
        seat: Seat,
        match_number: u32,
        kind: OfferKind,
    ) -> Result<Change, Reject> {
        self.check_match(match_number)?;
        self.check_playing()?;
        let own = (seat, self.own_moves(seat));
        self.offers.make(now, own, (self.offer_number + 1, kind), &self.limits)?;
        self.offer_number += 1;
        Ok(Change::Made)
    }

    /// What an accept of this offer would bring about now.
    pub(super) fn acceptable(&self, now: Instant, seat: Seat, number: u32) -> Result<OfferKind, Reject> {
        self.offers.acceptable(now, seat, number).map(|(kind, _)| kind)
    }

    /// Accepts what the other player offers.
    pub(super) fn accept(&mut self, now: Instant, seat: Seat, number: u32) -> Result<Change, Reject> {
        let (kind, by) = self.offers.acceptable(now, seat, number)?;
        self.check_playing()?;
        match kind {
            OfferKind::Draw => self.end(now, Ending::DrawAgreed),
            OfferKind::Takeback => self.take_back(by)?,
            OfferKind::Adjourn => self.enter(now, Phase::Adjourned),
        }
        self.offers.clear();
        Ok(Change::Made)
    }

    /// Declines what the other player offers, or withdraws what this one did.
    pub(super) fn decline(&mut self, number: u32) -> Result<Change, Reject> {
        self.offers.decline(number)?;
        Ok(Change::Made)
    }

    /// Decides a match whose other player has stayed away for too long.
    pub(super) fn claim(
        &mut self,
        now: Instant,
        seat: Seat,
        match_number: u32,
        claim: Claim,
    ) -> Result<Change, Reject> {
        self.check_match(match_number)?;
        if self.phase != Phase::Playing {
            return Err(Reject::NoMatch);
        }
        let absent = seat.other();
        let claimable_at = self.claimable_at(absent).ok_or(Reject::NotAbsent)?;
        if now < claimable_at {
            return Err(Reject::ClaimTooEarly);
        }
        match claim {
            Claim::Win => self.end(now, Ending::Abandoned(absent)),
            Claim::Draw => self.end(now, Ending::DrawCalled(absent)),
            Claim::Adjourn => self.enter(now, Phase::Adjourned),
        }
        Ok(Change::Made)
    }

    /// Changes the room as a player wants it. Returns who watched and may no more.
    pub(super) fn set(&mut self, seat: Seat, setting: Setting) -> Result<Vec<SessionId>, Reject> {
        if seat != Seat::Host && setting != Setting::OpenChat {
            return Err(Reject::NotOwner);
        }
        match setting {
            Setting::Access(access) => self.access = access,
            Setting::WatchersMayTalk(may_talk) => self.watchers_may_talk = may_talk,
            Setting::OpenChat => self.is_chat_open = true,
            Setting::Watchable(is_watchable) => {
                self.is_watchable = is_watchable;
                if !is_watchable {
                    return Ok(std::mem::take(&mut self.watchers));
                }
            }
        }
        Ok(Vec::new())
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

    /// Notes whether a player is heard; `true` if that is news. An adjourned match goes on once both are.
    pub(super) fn attend(&mut self, now: Instant, seat: Seat, news: Heard) -> bool {
        let Some(sitter) = self.seats[seat].sitter_mut() else { return false };
        let is_news = sitter.attend(now, news);
        if sitter.is_away() {
            self.offers.clear();
        }
        if self.phase == Phase::Adjourned && self.are_both_present() {
            self.enter(now, Phase::Playing);
        }
        is_news
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
            door: self.door(),
            watchers: u16::try_from(self.watchers.len()).unwrap_or(u16::MAX),
            is_watchable: self.is_watchable,
            is_chat_open: self.is_chat_open,
            watchers_may_talk: self.watchers_may_talk,
        }
    }

    /// The room as the list shows it, its time left out; `None` if it is not on the list.
    pub(super) fn line(&self) -> Option<RoomLine> {
        let is_shown = matches!(self.phase, Phase::Waiting | Phase::Playing) && self.door() != Door::Hidden;
        let host = self.seats.host.name().filter(|_| is_shown)?;
        Some(RoomLine {
            code: self.code,
            host,
            guest: self.seats.guest.name(),
            terms: self.terms,
            is_locked: self.door() == Door::Locked,
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

    /// Whether a quick match on these terms may lead here.
    pub(super) fn takes_stranger(&self, terms: Option<&Terms>) -> bool {
        let is_host_present = self.seats.host.sitter().is_some_and(Sitter::is_present);
        self.is_open() && is_host_present && terms.is_none_or(|terms| *terms == self.terms)
    }

    /// Whether it waits for a second player, whoever that is.
    pub(super) fn is_open(&self) -> bool {
        self.phase == Phase::Waiting && self.door() == Door::Public
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

    pub(super) const fn is_chat_open(&self) -> bool {
        self.is_chat_open
    }

    pub(super) const fn watchers_may_talk(&self) -> bool {
        self.watchers_may_talk
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

    fn flag_at(&self) -> Option<Instant> {
        self.clock.as_ref().and_then(MatchClock::flag_at)
    }

    /// When the other player may claim against this one, if this one is absent and the other is not.
    fn claimable_at(&self, absent: Seat) -> Option<Instant> {
        let other = self.seats[absent.other()].sitter()?;
        let claimable_at = self.seats[absent].sitter()?.claimable_at(self.phase_since, other, &self.limits);
        claimable_at.filter(|_| self.phase == Phase::Playing)
    }

    const fn door(&self) -> Door {
        match self.access {
            Access::Public => Door::Public,
            Access::Hidden => Door::Hidden,
            Access::Passcode(_) => Door::Locked,
        }
    }

    const fn check_match(&self, match_number: u32) -> Result<(), Reject> {
        if match_number == self.match_number { Ok(()) } else { Err(Reject::OtherMatch) }
    }

    /// Whether the match runs and is not paused.
    fn check_playing(&self) -> Result<(), Reject> {
        if self.phase != Phase::Playing {
            return Err(Reject::NoMatch);
        }
        if self.sitters().any(|(_, sitter)| sitter.is_away()) { Err(Reject::Paused) } else { Ok(()) }
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

    /// How many moves a player has on the board.
    fn own_moves(&self, seat: Seat) -> u16 {
        let is_first = self.seat_at(0) == seat;
        self.ply() / 2 + u16::from(is_first && !self.ply().is_multiple_of(2))
    }

    /// Restores the position before the last move of a player, and the clocks as they were then.
    fn take_back(&mut self, by: Seat) -> Result<(), Reject> {
        let last = (0..self.ply()).rev().find(|&ply| self.seat_at(ply) == by);
        let ply = last.ok_or(Reject::NothingToTakeBack)?;
        self.branch = self.branch.checked_add(1).ok_or(Reject::NothingToTakeBack)?;
        self.record.truncate(ply);
        if let Some(clock) = &mut self.clock {
            clock.take_back(ply);
        }
        self.offers.note_takeback(by, self.own_moves(by));
        Ok(())
    }

    fn end(&mut self, now: Instant, ending: Ending) {
        self.enter(now, Phase::Over(ending));
        self.offers.clear();
        match ending.winner(&self.record, self.x) {
            Some(seat) => self.score.wins[seat] = self.score.wins[seat].saturating_add(1),
            None => self.score.draws = self.score.draws.saturating_add(1),
        }
    }

    fn enter(&mut self, now: Instant, phase: Phase) {
        self.phase = phase;
        self.phase_since = now;
        if phase == Phase::Playing {
            for seat in Seat::BOTH {
                if let Some(sitter) = self.seats[seat].sitter_mut() {
                    sitter.begin();
                }
            }
        }
    }

    /// Begins the next match, of the same series or, once that is decided, of a new one.
    fn begin_next(&mut self, now: Instant) {
        self.match_number += 1;
        self.branch = 0;
        self.x = self.x.other();
        self.record = Record::new(self.terms.rules);
        self.clock = MatchClock::new(self.terms.time, &self.limits);
        self.offers = Offers::default();
        if self.terms.best_of.is_some_and(|best_of| self.score.series_winner(best_of).is_some()) {
            self.score = Score::default();
        }
        self.enter(now, Phase::Playing);
    }
}
