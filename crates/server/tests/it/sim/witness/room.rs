//! One room as the witness knows it: its players, their absences, and the transition from each snapshot to the next.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use game_core::Record;
use net::proto::{
    Access, Claim, Clocks, Command, Ending, OfferKind, PerSeat, Phase, Presence, Score, Seat, SeatView,
    ServerTime, SessionId, Snapshot, Terms, Visibility,
};
use server::lobby::{Limits, Origin};

use super::{
    Call, Moment,
    offers::Offers,
    people::{KnownAs, Person},
    seat::{Player, SeatState},
    turn::Turn,
};
use crate::sim::coverage::Coverage;

/// A room, from the moment at which its host is seated.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) number: u64,
    pub(super) access: Access,
    terms: Terms,
    pub(super) seats: PerSeat<SeatState>,
    pub(super) watchers: BTreeSet<SessionId>,
    pub(super) last: Option<Box<Snapshot>>,
    pub(super) offers: Offers,
    /// The times of chat messages in it.
    pub(super) said_at: Vec<Instant>,
    turn: Turn,
    /// Both have moved, or a match has ended.
    pub(super) is_proven: bool,
    /// Guests who left before.
    pub(super) early_leavers: Vec<KnownAs>,
    /// The origin from which it was opened.
    pub(super) origin: Origin,
    /// The session that opened it, though it may have left.
    pub(super) owner: SessionId,
    /// The beginning of the phase.
    pub(super) since: Instant,
    /// The last owners of the seats.
    last_seats: [Option<SessionId>; 2],
}

impl Room {
    pub(super) fn new(
        now: Instant,
        number: u64,
        (access, terms): (Access, Terms),
        (session, person): (SessionId, &Person),
    ) -> Self {
        let host = SeatState::Taken(Player::new(now, session, person));
        Self {
            number,
            access,
            terms,
            seats: PerSeat { host, guest: SeatState::Vacant },
            watchers: BTreeSet::new(),
            last: None,
            offers: Offers::default(),
            said_at: Vec::new(),
            turn: Turn::default(),
            is_proven: false,
            early_leavers: Vec::new(),
            origin: person.origin,
            owner: session,
            since: now,
            last_seats: [Some(session), None],
        }
    }

    /// Notes that a session is given a seat or takes its own again.
    pub(super) fn seat(
        &mut self,
        moment: Moment<'_>,
        seat: Seat,
        (session, person): (SessionId, &Person),
        coverage: &mut Coverage,
    ) {
        let command = moment.command_of(Some(session));
        match &mut self.seats[seat] {
            SeatState::Vacant => {
                assert_eq!((self.phase(), seat), (Phase::Waiting, Seat::Guest));
                match command {
                    Some(Command::Join { .. }) => coverage.count("joins by code"),
                    Some(Command::QuickMatch { terms }) => {
                        assert_eq!(self.access, Access::Public, "a stranger is led to no public room");
                        assert!(
                            terms.is_none_or(|terms| terms == self.terms),
                            "a quick match on other terms"
                        );
                        assert!(self.seats.host.is_here(), "a quick match with a host who is silent");
                        coverage.count("quick matches");
                    }
                    command => panic!("{command:?} must not seat a guest"),
                }
                self.seats[seat] = SeatState::Taken(Player::new(moment.now, session, person));
            }
            SeatState::Taken(player) => {
                assert_eq!(player.session, session, "a session takes the seat of another one");
                assert_eq!(self.phase(), Phase::Adjourned, "{command:?}");
                assert!(matches!(command, Some(Command::Join { .. } | Command::Watch { .. })));
                self.heard(moment.now, seat);
                coverage.count("returns to an adjourned match");
            }
            SeatState::Gone { .. } => panic!("a seat that was left is taken again"),
        }
    }

    /// Checks the next snapshot.
    pub(super) fn see(
        &mut self,
        moment: Moment<'_>,
        next: &Snapshot,
        coverage: &mut Coverage,
        start: Instant,
    ) {
        let at = u64::try_from((moment.now - start).as_millis()).unwrap();
        assert_eq!(next.at, ServerTime(at), "the time of the snapshot");
        self.check_alone(moment, next);
        match self.last.take() {
            None => {
                assert_eq!((next.phase, next.match_number), (Phase::Waiting, 1), "the beginning of a room");
                self.turn.begin(moment.now, next);
            }
            Some(last) => self.follow(moment, &last, next, coverage),
        }
        self.note_phase(moment, next);
        self.is_proven |= next.record.moves().len() >= 2 || matches!(next.phase, Phase::Over(_));
        assert!(
            next.phase != Phase::Adjourned || !self.do_both_go_on(),
            "both want to continue, and the match stays adjourned"
        );
        assert_eq!(next.claim, self.claim(moment.now, next.phase, moment.limits), "the claim");
        self.last = Some(Box::new(next.clone()));
        self.last_seats = Seat::BOTH.map(|seat| self.session(seat));
    }

    /// Puts the room back to waiting, as the next snapshot has to show it.
    pub(super) fn wait_again(&mut self, now: Instant) {
        let last = self.last.as_mut().expect("the room has been shown");
        last.phase = Phase::Waiting;
        last.match_number += 1;
        last.branch = 0;
        last.x = Seat::Host;
        last.record = Record::new(last.record.rules());
        last.seats.guest = SeatView::Vacant;
        last.clocks = last.time.initial().map(|initial| {
            let initial = u32::try_from(initial.as_millis()).unwrap();
            Clocks { left_millis: PerSeat { host: initial, guest: initial }, running: None, grace_millis: 0 }
        });
        last.offer = None;
        last.claim = None;
        last.is_chat_open = true;
        self.turn.begin(now, last);
        self.seats.guest = SeatState::Vacant;
        self.offers = Offers { last_number: self.offers.last_number, ..Offers::default() };
    }

    /// The other player, or the one who was there last.
    pub(super) fn opponent(&self, seat: Seat) -> Option<KnownAs> {
        match &self.seats[seat.other()] {
            SeatState::Taken(Player { known_as, .. }) | SeatState::Gone { known_as, .. } => Some(*known_as),
            SeatState::Vacant => self.early_leavers.last().copied(),
        }
    }

    /// Notes that the server has slept.
    pub(super) fn excuse(&mut self, slept: Duration, until: Instant) {
        self.turn.sleep(slept);
        if self.phase() != Phase::Adjourned {
            self.excuse_absences(until);
        }
    }

    /// Checks what holds in every snapshot.
    fn check_alone(&self, moment: Moment<'_>, next: &Snapshot) {
        assert_eq!(next.terms(), self.terms, "the terms of a room have changed");
        let visibility = match self.access {
            Access::Public => Visibility::Public,
            Access::Hidden => Visibility::Hidden,
            Access::Passcode(_) => Visibility::Locked,
        };
        let is_set = matches!(moment.command_of(self.session(Seat::Host)), Some(Command::Set { .. }));
        assert!(next.visibility == visibility || is_set, "the visibility");
        let outcome = next.record.position().outcome();
        assert!(outcome.is_none() || matches!(next.phase, Phase::Over(_)), "a decided board ends the match");
        assert_eq!(next.clocks.is_some(), next.time.initial().is_some(), "clocks where there are any");
        let both_here = Seat::BOTH.into_iter().all(|seat| self.seats[seat].is_here());
        if let Some(clocks) = next.clocks {
            let expected = next.to_move().filter(|_| both_here);
            assert_eq!(clocks.running, expected, "the clock of the side to move runs while both are heard");
        }
        if next.phase != Phase::Playing {
            assert_eq!(next.offer, None, "an offer without a match");
            assert_eq!(next.claim, None, "a claim without a match");
        }
        for seat in Seat::BOTH {
            let wish = next.seats[seat].occupant().and_then(|occupant| occupant.rematch_millis);
            if let Some(millis) = wish {
                assert!(matches!(next.phase, Phase::Over(_)), "a rematch of a match that is not over");
                assert!(Duration::from_millis(millis.into()) <= moment.limits.offer_lifetime);
                let goes = matches!(moment.call, Call::Disconnect { .. })
                    || matches!(moment.call, Call::Handle { command: Command::Leave, .. });
                let is_watcher = !self.is_in_seat(moment.call);
                assert!(!goes || is_watcher, "a request for a rematch outlives its player's absence");
            }
        }
        let watchers = u16::try_from(self.watchers.len()).unwrap();
        assert_eq!(next.watchers, watchers, "the number of watchers");
        // Barred watchers are told after this.
        assert!(next.is_watchable || watchers == 0 || is_set, "a room that cannot be watched has watchers");
    }

    /// Checks that each seat is shown correctly.
    pub(super) fn check_presence(&self, next: &Snapshot, people: &BTreeMap<SessionId, Person>) {
        for seat in Seat::BOTH {
            match (&next.seats[seat], &self.seats[seat]) {
                (SeatView::Vacant, SeatState::Vacant) => {}
                (SeatView::Gone { name }, SeatState::Gone { known_as, .. }) => assert_eq!(*name, known_as.2),
                (SeatView::Taken(shown), SeatState::Taken(player)) => {
                    assert_eq!(shown.name, player.name, "the name in a seat");
                    player.check(shown);
                    let has_link = people.get(&player.session).is_some_and(|person| person.link.is_some());
                    let is_heard = matches!(shown.presence, Presence::Present | Presence::Silent { .. });
                    assert!(has_link || !is_heard, "{seat:?} has no link and is shown as if");
                }
                (shown, known) => panic!("{seat:?} is shown as {shown:?} and is {known:?}"),
            }
        }
    }

    /// Checks the transition from one snapshot to the next.
    fn follow(&mut self, moment: Moment<'_>, last: &Snapshot, next: &Snapshot, coverage: &mut Coverage) {
        if next.match_number != last.match_number {
            self.follow_with_a_new_match(moment, last, next, coverage);
            self.turn.begin(moment.now, next);
            self.offers = Offers { last_number: self.offers.last_number, ..Offers::default() };
            return;
        }
        assert_eq!(next.x, last.x, "a mark changes within a match");
        let mover = self.follow_record(moment, last, next, coverage);
        self.follow_phase(moment, last, next, coverage);
        check_score(last, next);
        self.follow_offer(moment, next, mover, coverage);
        let longest_rtt = |seat: Seat| self.seats[seat].player().map_or(Duration::ZERO, |it| it.longest_rtt);
        let longest_rtt = PerSeat { host: longest_rtt(Seat::Host), guest: longest_rtt(Seat::Guest) };
        self.turn.follow((moment.now, moment.limits), (last, next), mover, longest_rtt);
        self.follow_settings(moment, last, next);
    }

    fn follow_with_a_new_match(
        &self,
        moment: Moment<'_>,
        last: &Snapshot,
        next: &Snapshot,
        coverage: &mut Coverage,
    ) {
        assert_eq!(next.match_number, last.match_number + 1);
        assert!(matches!(last.phase, Phase::Over(_)), "a running match is replaced");
        assert_eq!((next.x, next.branch), (last.x.other(), 0), "the sides change");
        assert!(
            next.record.moves().is_empty() && next.phase == Phase::Playing,
            "a match begins at its beginning"
        );
        let asks = Seat::BOTH.into_iter().find(|&seat| {
            let rematch = Command::Rematch { match_number: last.match_number };
            moment.command_of(self.session(seat)) == Some(&rematch)
        });
        let asks = asks.expect("a rematch without a request");
        let wish = last.seats[asks.other()].occupant().and_then(|occupant| occupant.rematch_millis);
        assert!(wish.is_some(), "a rematch at the request of one player");
        coverage.count("rematches");
        let is_decided = last.series_winner().is_some();
        let score = if is_decided { Score::default() } else { last.score };
        assert_eq!(next.score, score, "a decided series begins anew, another one goes on");
        if is_decided {
            coverage.count("series begun anew");
        }
    }

    /// Checks that the moves continue the earlier ones. Returns the mover.
    fn follow_record(
        &mut self,
        moment: Moment<'_>,
        last: &Snapshot,
        next: &Snapshot,
        coverage: &mut Coverage,
    ) -> Option<Seat> {
        let (before, moves) = (last.record.moves(), next.record.moves());
        if next.branch != last.branch {
            assert_eq!(next.branch, last.branch + 1, "one takeback at a time");
            let pending = self.offers.pending.expect("a takeback without an offer");
            assert_eq!(pending.kind, OfferKind::Takeback);
            self.check_accept(moment, pending);
            let plies = 0..before.len();
            let own = plies
                .rev()
                .find(|&ply| last.seat(game_core::Mark::at_ply(u16::try_from(ply).unwrap())) == pending.by);
            assert_eq!(
                moves,
                &before[..own.expect("a move to take back")],
                "back to before the asker's last move"
            );
            self.offers.has_offered[pending.by] = false;
            coverage.count("takebacks");
            return None;
        }
        assert!(moves.starts_with(before), "a move has been changed");
        let [cell] = moves[before.len()..] else {
            assert_eq!(moves.len(), before.len(), "one move at a time");
            if matches!(moment.call, Call::Handle { command: Command::Play { .. }, .. }) && !moment.is_due {
                coverage.count("moves that came twice");
            }
            return None;
        };
        let mover = last.to_move().expect("a move while no match runs");
        let play = Command::Play {
            match_number: last.match_number,
            branch: last.branch,
            ply: u16::try_from(before.len()).unwrap(),
            cell,
        };
        assert_eq!(moment.command_of(self.session(mover)), Some(&play), "a move that its side did not make");
        assert!(!last.is_paused(), "a move while the match is paused");
        self.offers.has_offered[mover] = false;
        coverage.count("moves");
        Some(mover)
    }

    fn follow_phase(&self, moment: Moment<'_>, last: &Snapshot, next: &Snapshot, coverage: &mut Coverage) {
        if next.phase == last.phase {
            return;
        }
        let has_moved = next.record.moves().len() > last.record.moves().len();
        let resigns = |seat: Seat| {
            let resign = Command::Resign { match_number: last.match_number };
            moment.command_of(self.session(seat)) == Some(&resign)
        };
        match (last.phase, next.phase) {
            (Phase::Waiting, Phase::Playing) => {
                assert!(self.seats.guest.player().is_some(), "a match without a guest");
                coverage.count("matches begun by two");
            }
            (Phase::Adjourned, Phase::Playing) => {
                assert!(self.do_both_go_on(), "it goes on without one");
                coverage.count("adjourned matches that went on");
            }
            (Phase::Playing, Phase::Adjourned) => self.check_adjourned(moment, coverage),
            (Phase::Adjourned, Phase::Over(Ending::Resigned(seat))) => {
                assert!(resigns(seat), "{seat:?} did not resign");
                coverage.count("matches ended: resigned when adjourned");
            }
            (Phase::Playing, Phase::Over(ending)) => {
                assert!(has_moved == (ending == Ending::OnBoard), "a move and {ending:?} at once");
                match ending {
                    Ending::OnBoard => coverage.count("matches ended: on the board"),
                    Ending::Resigned(seat) => {
                        assert!(resigns(seat), "{seat:?} did not resign");
                        coverage.count("matches ended: resigned");
                    }
                    Ending::OutOfTime(seat) => {
                        assert!(moment.is_due, "a flag falls while nothing is due");
                        self.turn.check_flag_fallen(moment.now, last, seat);
                        coverage.count("matches ended: flag");
                    }
                    Ending::Abandoned(absent) => {
                        self.check_claim(moment, absent, Claim::Win);
                        coverage.count("matches ended: claimed as won");
                    }
                    Ending::DrawCalled(absent) => {
                        self.check_claim(moment, absent, Claim::Draw);
                        coverage.count("matches ended: claimed as drawn");
                    }
                    Ending::DrawAgreed => {
                        let pending = self.offers.pending.expect("a draw without an offer");
                        assert_eq!(pending.kind, OfferKind::Draw);
                        self.check_accept(moment, pending);
                        coverage.count("matches ended: draw agreed");
                    }
                }
                if next.series_winner().is_some() {
                    coverage.count("series decided");
                }
            }
            (from, to) => panic!("{from:?} becomes {to:?}"),
        }
    }

    fn check_adjourned(&self, moment: Moment<'_>, coverage: &mut Coverage) {
        if let Some(seat) = self.claimer(moment) {
            self.check_claim(moment, seat.other(), Claim::Adjourn);
            coverage.count("matches adjourned by a claim");
        } else {
            let pending = self.offers.pending.expect("an adjournment without an offer");
            assert_eq!(pending.kind, OfferKind::Adjourn);
            self.check_accept(moment, pending);
            coverage.count("matches adjourned by both");
        }
    }

    /// The player who adjourns the match by a claim.
    fn claimer(&self, moment: Moment<'_>) -> Option<Seat> {
        Seat::BOTH.into_iter().find(|&seat| {
            let command = moment.command_of(self.session(seat));
            matches!(command, Some(Command::Claim { claim: Claim::Adjourn, .. }))
        })
    }

    fn check_claim(&self, moment: Moment<'_>, absent: Seat, claim: Claim) {
        let claims = self.session(absent.other());
        assert!(
            matches!(moment.command_of(claims), Some(Command::Claim { claim: made, .. }) if *made == claim),
            "{claim:?} without a claimant"
        );
        let at = self.claimable_at(absent, moment.limits).expect("a claim against somebody who is heard");
        assert!(moment.now >= at, "a claim {:?} before its time", at - moment.now);
    }

    fn follow_settings(&mut self, moment: Moment<'_>, last: &Snapshot, next: &Snapshot) {
        use net::proto::Setting;

        let by = |seat: Seat| match moment.command_of(self.session(seat)) {
            Some(Command::Set { setting }) => Some(*setting),
            _ => None,
        };
        let (owner, guest) = (by(Seat::Host), by(Seat::Guest));
        if next.is_watchable != last.is_watchable {
            assert_eq!(owner, Some(Setting::Watchable(next.is_watchable)));
        }
        if next.watchers_may_chat != last.watchers_may_chat {
            assert_eq!(owner, Some(Setting::WatchersMayChat(next.watchers_may_chat)));
        }
        if next.is_chat_open != last.is_chat_open {
            let is_stranger = last.phase == Phase::Waiting && next.phase == Phase::Playing;
            let is_opened = [owner, guest].contains(&Some(Setting::OpenChat));
            assert!(
                if next.is_chat_open { is_opened } else { is_stranger },
                "the chat opens or closes by itself"
            );
        }
        if let Some(Setting::Access(access)) = owner {
            self.access = access;
        }
    }

    fn note_phase(&mut self, moment: Moment<'_>, next: &Snapshot) {
        if self.turn.is_new_phase(next) {
            self.since = moment.now;
            match next.phase {
                Phase::Playing => self.begin(moment.now),
                Phase::Adjourned => self.put_off(self.claimer(moment)),
                Phase::Waiting | Phase::Over(_) => {}
            }
            if next.phase != Phase::Playing {
                self.offers.pending = None;
            }
        }
    }

    /// Checks that no flag stays up after its time.
    pub(super) fn check_flag(&self, now: Instant, limits: &Limits) {
        if let Some(last) = &self.last {
            self.turn.check_flag_hanging(now, last, limits);
        }
    }

    pub(super) fn phase(&self) -> Phase {
        self.last.as_ref().map_or(Phase::Waiting, |last| last.phase)
    }

    pub(super) fn session(&self, seat: Seat) -> Option<SessionId> {
        self.seats[seat].player().map(|player| player.session)
    }

    /// A call comes from a session that had a seat here.
    fn is_in_seat(&self, call: &Call) -> bool {
        match call {
            Call::Handle { session, .. } | Call::Disconnect { session, .. } => {
                self.last_seats.contains(&Some(*session))
            }
            Call::Connect { .. }
            | Call::Silence { .. }
            | Call::Rtt { .. }
            | Call::Sleep { .. }
            | Call::Timeout => false,
        }
    }

    /// A quick match on these terms may lead here.
    pub(super) fn takes_stranger(&self, wish: Option<Terms>) -> bool {
        let is_open = self.phase() == Phase::Waiting && self.access == Access::Public;
        is_open && self.seats.host.is_here() && wish.is_none_or(|terms| terms == self.terms)
    }

    /// The session has an adjourned match here.
    pub(super) fn is_adjourned_of(&self, session: SessionId) -> bool {
        self.phase() == Phase::Adjourned
            && Seat::BOTH.into_iter().any(|seat| self.session(seat) == Some(session))
    }
}

/// Checks that the score follows from the outcome.
fn check_score(last: &Snapshot, next: &Snapshot) {
    let mut expected = last.score;
    if !matches!(last.phase, Phase::Over(_)) && matches!(next.phase, Phase::Over(_)) {
        match next.winner() {
            Some(winner) => expected.wins[winner] += 1,
            None => expected.draws += 1,
        }
    }
    assert_eq!(next.score, expected, "every outcome counts once");
}
