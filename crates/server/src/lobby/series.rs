//! The matches that two players play in a room, one after another.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use net::proto::{Claim, Claimable, Ending, OfferKind, Phase, Reject, Score, Seat, Terms};

use super::{
    clock::millis,
    keep::KeptRoom,
    limits::Limits,
    match_state::{Change, MatchState, Move},
    seat::{LinkNews, Player, Seats},
};

/// Two seats, the match between their players and the score.
///
/// Every change is followed by [`settle`](Self::settle), which starts or stops the clocks accordingly.
#[derive(Debug)]
pub(super) struct Series {
    limits: Arc<Limits>,
    pub(super) terms: Terms,
    pub(super) phase: Phase,
    /// The beginning of the phase.
    pub(super) phase_since: Instant,
    pub(super) seats: Seats,
    pub(super) current: MatchState,
    pub(super) score: Score,
    /// Both players have moved, or a match has ended. Before, the guest's seat is not worth keeping.
    pub(super) is_proven: bool,
}

impl Series {
    /// The series of a room in which the host waits for a guest.
    pub(super) fn new(now: Instant, limits: Arc<Limits>, terms: Terms, host: Player) -> Self {
        Self {
            terms,
            phase: Phase::Waiting,
            phase_since: now,
            seats: Seats::new(host),
            current: MatchState::new(&terms, &limits),
            score: Score::default(),
            is_proven: false,
            limits,
        }
    }

    /// The series of a kept room.
    pub(super) fn restore(now: Instant, limits: Arc<Limits>, kept: &KeptRoom, away_since: Instant) -> Self {
        let player = |seat| Player::restore(&kept.seats[seat], away_since);
        let mut series = Self::new(now, limits, kept.terms, player(Seat::Host));
        series.seats.take(Seat::Guest, player(Seat::Guest));
        let KeptRoom { phase, score, is_proven, .. } = *kept;
        Self { phase, score, is_proven, current: MatchState::restore(kept), ..series }
    }

    /// Seats the guest and begins the first match.
    pub(super) fn seat_guest(&mut self, now: Instant, guest: Player) -> Result<(), Reject> {
        if self.phase != Phase::Waiting {
            return Err(Reject::RoomFull);
        }
        if self.seats.player(Seat::Host).is_none_or(Player::is_away) {
            return Err(Reject::HostAway);
        }
        self.seats.take(Seat::Guest, guest);
        self.enter(now, Phase::Playing);
        Ok(())
    }

    /// Puts the room back to waiting, without the guest.
    pub(super) fn wait_again(&mut self, now: Instant) {
        self.seats.vacate_guest();
        self.current = self.current.next(Seat::Host, &self.terms, &self.limits);
        self.enter(now, Phase::Waiting);
    }

    /// Tells whether the guest may go as if they had never come: a match runs, and not both players have moved.
    pub(super) fn is_guest_on_trial(&self) -> bool {
        self.phase == Phase::Playing && !self.is_proven
    }

    /// The time at which the seat of a guest on trial whose link was lost is given up.
    pub(super) fn guest_given_up_at(&self) -> Option<Instant> {
        let guest = self.seats.player(Seat::Guest).filter(|_| self.is_guest_on_trial())?;
        guest.away_since().map(|since| since + self.limits.grace_on_purpose)
    }

    /// Takes in that the server was not run for a time: clocks stand still for it, and absences begin anew at `excused_until`.
    /// Those from an adjourned match are long.
    pub(super) fn handle_sleep(&mut self, slept: Duration, excused_until: Instant) {
        self.current.stopwatch.handle_sleep(slept);
        if let Some(clock) = &mut self.current.clock {
            clock.handle_sleep(slept);
        }
        if self.phase != Phase::Adjourned {
            self.seats.excuse(excused_until);
        }
    }

    /// Takes in news of a player's link; `true` if it changes the room.
    pub(super) fn handle_link_news(&mut self, now: Instant, seat: Seat, news: LinkNews) -> bool {
        // A player who was away when the match was adjourned did not agree to it. Their return continues it.
        let was_adjourned_without = self.seats.player(seat).is_some_and(Player::is_awaited);
        let is_change = self.seats.handle_link_news(now, seat, news);
        if self.seats.player(seat).is_some_and(Player::is_away) {
            self.current.offers.clear();
        }
        if was_adjourned_without && self.phase == Phase::Adjourned && news == LinkNews::Heard {
            self.want_to_continue(now, seat);
        } else {
            self.continue_if_both_want_to(now);
        }
        is_change
    }

    /// Notes that a player wants to continue an adjourned match.
    pub(super) fn want_to_continue(&mut self, now: Instant, seat: Seat) {
        if let Some(player) = self.seats.player_mut(seat) {
            player.wants_to_continue = true;
        }
        self.continue_if_both_want_to(now);
    }

    pub(super) fn play(&mut self, now: Instant, seat: Seat, mv: Move) -> Result<Change, Reject> {
        let is_running = self.check_running();
        let change = self.current.play(now, seat, mv, is_running)?;
        self.is_proven |= self.current.has_begun();
        if change == Change::Made && self.current.to_move().is_none() {
            self.end(now, Ending::OnBoard);
        }
        Ok(change)
    }

    pub(super) fn resign(&mut self, now: Instant, seat: Seat, match_number: u32) -> Result<Change, Reject> {
        self.current.check_number(match_number)?;
        match self.phase {
            Phase::Playing | Phase::Adjourned => {
                self.end(now, Ending::Resigned(seat));
                Ok(Change::Made)
            }
            Phase::Over(Ending::Resigned(resigned)) if resigned == seat => Ok(Change::Repeated),
            Phase::Waiting | Phase::Over(_) => Err(Reject::NoMatch),
        }
    }

    /// Notes a request for a rematch. The next match begins once both players have asked for it.
    pub(super) fn request_rematch(
        &mut self,
        now: Instant,
        seat: Seat,
        match_number: u32,
    ) -> Result<Change, Reject> {
        self.current.check_number(match_number)?;
        match self.phase {
            Phase::Waiting => return Err(Reject::NoMatch),
            Phase::Playing | Phase::Adjourned => return Err(Reject::MatchRunning),
            Phase::Over(_) => {}
        }
        let other = self.seats.player(seat.other()).ok_or(Reject::OpponentGone)?.rematch_until;
        let player = self.seats.player_mut(seat).ok_or(Reject::OpponentGone)?;
        if player.rematch_until.is_some() {
            return Ok(Change::Repeated);
        }
        player.rematch_until = Some(now + self.limits.offer_lifetime);
        if other.is_some() {
            self.begin_next(now);
        }
        Ok(Change::Made)
    }

    pub(super) fn offer(
        &mut self,
        now: Instant,
        seat: Seat,
        match_number: u32,
        kind: OfferKind,
    ) -> Result<Change, Reject> {
        self.current.check_number(match_number)?;
        self.check_running()?;
        if kind == OfferKind::Takeback && self.current.last_ply_of(seat).is_none() {
            return Err(Reject::NothingToTakeBack);
        }
        self.current.offers.make(now, seat, kind, &self.limits)?;
        Ok(Change::Made)
    }

    /// Accepts the other player's offer. `may_adjourn` matters only for an offer to adjourn.
    pub(super) fn accept(
        &mut self,
        now: Instant,
        seat: Seat,
        number: u32,
        may_adjourn: Result<(), Reject>,
    ) -> Result<Change, Reject> {
        let (kind, by) = self.current.offers.acceptable(now, seat, number)?;
        self.check_running()?;
        match kind {
            OfferKind::Draw => self.end(now, Ending::DrawAgreed),
            OfferKind::Takeback => {
                self.current.take_back(by)?;
                self.current.offers.handle_takeback(by);
            }
            OfferKind::Adjourn => {
                may_adjourn?;
                self.enter(now, Phase::Adjourned);
            }
        }
        self.current.offers.clear();
        Ok(Change::Made)
    }

    /// Declines the other player's offer or withdraws one's own.
    pub(super) fn decline(&mut self, number: u32) -> Result<Change, Reject> {
        self.current.offers.decline(number)?;
        Ok(Change::Made)
    }

    /// Decides a match whose other player has stayed away for too long. `may_adjourn` matters only for a claim to adjourn.
    pub(super) fn claim(
        &mut self,
        now: Instant,
        seat: Seat,
        (match_number, claim): (u32, Claim),
        may_adjourn: Result<(), Reject>,
    ) -> Result<Change, Reject> {
        self.current.check_number(match_number)?;
        if self.phase != Phase::Playing {
            return Err(Reject::NoMatch);
        }
        let absent = seat.other();
        let is_heard = self.seats.player(absent).is_none_or(Player::is_present);
        let too_early = if is_heard { Reject::NotAbsent } else { Reject::ClaimTooEarly };
        let claimable_at = self.claimable_at(absent).ok_or(too_early)?;
        if now < claimable_at {
            return Err(Reject::ClaimTooEarly);
        }
        match claim {
            Claim::Win => self.end(now, Ending::Abandoned(absent)),
            Claim::Draw => self.end(now, Ending::DrawCalled(absent)),
            Claim::Adjourn => {
                may_adjourn?;
                self.enter(now, Phase::Adjourned);
                // The claimant waits for the other player.
                self.want_to_continue(now, seat);
            }
        }
        Ok(Change::Made)
    }

    /// Handles what is due; `true` if it changes the room.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> bool {
        let fallen = self.flag_at().filter(|flag_at| *flag_at <= now).and_then(|_| self.to_move());
        if let Some(seat) = fallen {
            self.end(now, Ending::OutOfTime(seat));
        }
        let has_offer_expired = self.current.offers.handle_timeout(now);
        let has_rematch_expired = self.seats.expire_rematches(now);
        fallen.is_some() || has_offer_expired || has_rematch_expired
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let rematch = self.seats.players().filter_map(|(_, player)| player.rematch_until).min();
        [self.flag_at(), self.current.offers.poll_timeout(), rematch].into_iter().flatten().min()
    }

    /// Starts the clock of the player to move, or stops it while a player is absent.
    pub(super) fn settle(&mut self, now: Instant) {
        let to_move = self.to_move().filter(|_| self.seats.are_both_present());
        match to_move {
            Some(_) => self.current.stopwatch.start(now),
            None => self.current.stopwatch.pause(now),
        }
        let rtt = to_move.and_then(|seat| self.seats.player(seat)).map(|player| player.rtt);
        let Some(clock) = &mut self.current.clock else { return };
        match to_move.zip(rtt) {
            Some((seat, rtt)) => clock.start(now, seat, rtt, &self.limits),
            None => clock.pause(now),
        }
    }

    /// The claim that one player may make against the other, now or later.
    pub(super) fn claimable(&self, now: Instant) -> Option<Claimable> {
        Seat::BOTH.into_iter().find_map(|absent| {
            let at = self.claimable_at(absent)?;
            Some(Claimable { absent, in_millis: millis(at.saturating_duration_since(now)) })
        })
    }

    /// The time since which nobody has been here.
    pub(super) fn empty_since(&self) -> Option<Instant> {
        let host = self.seats.empty_since(Seat::Host)?;
        if self.phase == Phase::Waiting {
            Some(host)
        } else {
            Some(host.max(self.seats.empty_since(Seat::Guest)?))
        }
    }

    /// The end of both grace periods, if both players are away.
    pub(super) fn kept_until(&self) -> Option<Instant> {
        let kept_until = |seat| self.seats.player(seat)?.kept_until(&self.limits);
        Some(kept_until(Seat::Host)?.max(kept_until(Seat::Guest)?))
    }

    fn continue_if_both_want_to(&mut self, now: Instant) {
        let is_ready = |(_, player): (_, &Player)| player.wants_to_continue && player.is_present();
        if self.phase == Phase::Adjourned && self.seats.players().all(is_ready) {
            self.enter(now, Phase::Playing);
        }
    }

    fn end(&mut self, now: Instant, ending: Ending) {
        self.enter(now, Phase::Over(ending));
        self.is_proven = true;
        match ending.winner(&self.current.record, self.current.x) {
            Some(seat) => self.score.wins[seat] = self.score.wins[seat].saturating_add(1),
            None => self.score.draws = self.score.draws.saturating_add(1),
        }
    }

    /// Begins the next match, of the same series or, once that is decided, of a new one.
    fn begin_next(&mut self, now: Instant) {
        self.current = self.current.next(self.current.x.other(), &self.terms, &self.limits);
        if self.terms.best_of.is_some_and(|best_of| self.score.series_winner(best_of).is_some()) {
            self.score = Score::default();
        }
        self.enter(now, Phase::Playing);
    }

    fn enter(&mut self, now: Instant, phase: Phase) {
        self.current.offers.clear();
        self.phase = phase;
        self.phase_since = now;
        for player in Seat::BOTH {
            let Some(player) = self.seats.player_mut(player) else { continue };
            match phase {
                Phase::Playing => player.begin_match(now),
                Phase::Adjourned => player.adjourn(),
                Phase::Waiting | Phase::Over(_) => {}
            }
        }
    }

    /// Checks that a match is being played and is not paused.
    fn check_running(&self) -> Result<(), Reject> {
        if self.phase != Phase::Playing {
            return Err(Reject::NoMatch);
        }
        if self.seats.players().any(|(_, player)| player.is_away()) { Err(Reject::Paused) } else { Ok(()) }
    }

    fn to_move(&self) -> Option<Seat> {
        self.current.to_move().filter(|_| self.phase == Phase::Playing)
    }

    fn flag_at(&self) -> Option<Instant> {
        self.to_move()?;
        self.current.clock.as_ref()?.flag_at()
    }

    /// The time from which the other player may claim against this one.
    fn claimable_at(&self, absent: Seat) -> Option<Instant> {
        let is_awaited = absent == Seat::Guest && self.is_guest_on_trial();
        let other = self.seats.player(absent.other()).filter(|_| !is_awaited)?;
        let claimable_at = self.seats.player(absent)?.claimable_at(other, &self.limits);
        claimable_at.filter(|_| self.phase == Phase::Playing)
    }
}
