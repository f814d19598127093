//! One room as the witness knows it: who sits there and since when they are absent, and how each snapshot follows from
//! the one before.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::{Duration, Instant},
};

use net::proto::{
    Access, Claim, Claimable, Command, Door, Ending, Name, Occupant, OfferKind, PerSeat, Phase, Presence,
    Score, Seat, SeatView, ServerTime, SessionId, Snapshot, Terms,
};
use server::lobby::{Limits, Parting};

use super::{Moment, people::Person, turn::Turn};
use crate::sim::figures::Figures;

/// A room, from the moment somebody is seated in it.
#[derive(Debug)]
pub(super) struct Room {
    pub(super) number: u64,
    pub(super) access: Access,
    terms: Terms,
    pub(super) seats: PerSeat<Chair>,
    pub(super) watchers: BTreeSet<SessionId>,
    pub(super) last: Option<Box<Snapshot>>,
    pub(super) offers: Offers,
    turn: Turn,
    /// Since when the phase is what it is.
    since: Instant,
}

/// A seat.
#[derive(Debug)]
pub(super) enum Chair {
    Vacant,
    Taken(Sitter),
    Gone { name: Name, since: Instant },
}

/// Who has a seat, and whether they are heard.
#[derive(Debug)]
pub(super) struct Sitter {
    pub(super) session: SessionId,
    name: Name,
    heard: Heard,
    absent_before: Duration,
    longest_rtt: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Heard {
    Now { since: Instant },
    NotSince(Instant),
    Parted { since: Instant, parting: Parting },
}

/// What was offered in this match.
#[derive(Debug, Default)]
pub(super) struct Offers {
    pub(super) pending: Option<Pending>,
    last_number: u32,
    /// Who has offered something and made no move since.
    pub(super) has_offered: PerSeat<bool>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Pending {
    pub(super) number: u32,
    pub(super) kind: OfferKind,
    pub(super) by: Seat,
    pub(super) opens_at: Instant,
    gone_at: Instant,
}

impl Room {
    pub(super) fn new(
        now: Instant,
        number: u64,
        (access, terms): (Access, Terms),
        (session, person): (SessionId, &Person),
    ) -> Self {
        let host = Chair::Taken(Sitter::new(now, session, person));
        Self {
            number,
            access,
            terms,
            seats: PerSeat { host, guest: Chair::Vacant },
            watchers: BTreeSet::new(),
            last: None,
            offers: Offers::default(),
            turn: Turn::default(),
            since: now,
        }
    }

    /// Somebody is given a seat, or takes their own again.
    pub(super) fn seat(
        &mut self,
        moment: Moment<'_>,
        seat: Seat,
        (session, person): (SessionId, &Person),
        figures: &mut Figures,
    ) {
        let command = moment.command_of(Some(session));
        match &mut self.seats[seat] {
            Chair::Vacant => {
                assert_eq!((self.phase_or_waiting(), seat), (Phase::Waiting, Seat::Guest));
                match command {
                    Some(Command::Join { .. }) => figures.count("joins by code"),
                    Some(Command::QuickMatch { terms }) => {
                        assert_eq!(self.access, Access::Public, "a stranger is led to no public room");
                        assert!(terms.is_none_or(|terms| terms == self.terms), "on other terms");
                        assert!(self.seats.host.is_here(), "to somebody who is not heard");
                        figures.count("quick matches");
                    }
                    command => panic!("{command:?} seats a guest"),
                }
                self.seats[seat] = Chair::Taken(Sitter::new(moment.now, session, person));
            }
            Chair::Taken(sitter) => {
                assert_eq!(sitter.session, session, "a seat of somebody else");
                assert_eq!(self.phase_or_waiting(), Phase::Adjourned, "{command:?}");
                assert!(matches!(command, Some(Command::Join { .. })));
                self.heard(moment.now, seat);
                figures.count("returns to an adjourned match");
            }
            Chair::Gone { .. } => panic!("a seat that was left is taken"),
        }
    }

    /// Looks at the next snapshot.
    pub(super) fn see(
        &mut self,
        moment: Moment<'_>,
        next: &Snapshot,
        figures: &mut Figures,
        start: Instant,
    ) {
        let at = u64::try_from((moment.now - start).as_millis()).unwrap();
        assert_eq!(next.at, ServerTime(at), "made now");
        self.check_alone(moment, next);
        match self.last.take() {
            None => {
                assert_eq!((next.phase, next.match_number), (Phase::Waiting, 1), "how a room begins");
                self.turn.begin(moment.now, next);
            }
            Some(last) => self.follow(moment, &last, next, figures),
        }
        self.note_phase(moment, next);
        assert_eq!(next.claim, self.claim(moment.now, next.phase, moment.limits), "the claim");
        self.last = Some(Box::new(next.clone()));
    }

    /// What is so in every snapshot.
    fn check_alone(&self, moment: Moment<'_>, next: &Snapshot) {
        assert_eq!(next.terms(), self.terms, "the terms are kept");
        let door = match self.access {
            Access::Public => Door::Public,
            Access::Hidden => Door::Hidden,
            Access::Passcode(_) => Door::Locked,
        };
        let is_set = matches!(moment.command_of(self.session(Seat::Host)), Some(Command::Set { .. }));
        assert!(next.door == door || is_set, "the door");
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
                let are_there = Seat::BOTH.into_iter().all(|seat| !self.seats[seat].is_away_or_gone());
                assert!(are_there, "a wish for a rematch outlives who went");
            }
        }
        let watchers = u16::try_from(self.watchers.len()).unwrap();
        assert_eq!(next.watchers, watchers, "so many watch");
        assert!(next.is_watchable || watchers == 0, "somebody watches what nobody may");
    }

    /// Each seat is shown as it is.
    pub(super) fn check_presence(&self, next: &Snapshot, people: &BTreeMap<SessionId, Person>) {
        for seat in Seat::BOTH {
            match (&next.seats[seat], &self.seats[seat]) {
                (SeatView::Vacant, Chair::Vacant) => {}
                (SeatView::Gone { name }, Chair::Gone { name: known, .. }) => assert_eq!(name, known),
                (SeatView::Taken(shown), Chair::Taken(sitter)) => {
                    assert_eq!(shown.name, sitter.name, "another's name");
                    sitter.check(shown);
                    let has_link = people.get(&sitter.session).is_some_and(|person| person.link.is_some());
                    let is_heard = matches!(shown.presence, Presence::Present | Presence::Silent { .. });
                    assert!(has_link || !is_heard, "{seat:?} has no link and is shown as if");
                }
                (shown, known) => panic!("{seat:?} is shown as {shown:?} and is {known:?}"),
            }
        }
    }

    /// How one snapshot follows from another.
    fn follow(&mut self, moment: Moment<'_>, last: &Snapshot, next: &Snapshot, figures: &mut Figures) {
        if next.match_number != last.match_number {
            self.follow_with_a_new_match(moment, last, next, figures);
            self.turn.begin(moment.now, next);
            self.offers = Offers { last_number: self.offers.last_number, ..Offers::default() };
            return;
        }
        assert_eq!(next.x, last.x, "a mark changes within a match");
        let mover = self.follow_record(moment, last, next, figures);
        self.follow_phase(moment, last, next, figures);
        self.follow_score(last, next);
        self.follow_offer(moment, next, mover, figures);
        let longest_rtt = |seat: Seat| self.seats[seat].sitter().map_or(Duration::ZERO, |it| it.longest_rtt);
        let longest_rtt = PerSeat { host: longest_rtt(Seat::Host), guest: longest_rtt(Seat::Guest) };
        self.turn.follow((moment.now, moment.limits), (last, next), mover, longest_rtt);
        self.follow_settings(moment, last, next);
    }

    fn follow_with_a_new_match(
        &self,
        moment: Moment<'_>,
        last: &Snapshot,
        next: &Snapshot,
        figures: &mut Figures,
    ) {
        assert_eq!(next.match_number, last.match_number + 1);
        assert!(matches!(last.phase, Phase::Over(_)), "a running match is replaced");
        assert_eq!((next.x, next.branch), (last.x.other(), 0), "the sides change");
        assert!(next.record.moves().is_empty() && next.phase == Phase::Playing, "a match begins at its beginning");
        let asks = Seat::BOTH.into_iter().find(|&seat| {
            let rematch = Command::Rematch { match_number: last.match_number };
            moment.command_of(self.session(seat)) == Some(&rematch)
        });
        let asks = asks.expect("a rematch that nobody asked for");
        let wish = last.seats[asks.other()].occupant().and_then(|occupant| occupant.rematch_millis);
        assert!(wish.is_some(), "a rematch that only one wants");
        figures.count("rematches");
        let is_decided = last.series_winner().is_some();
        let score = if is_decided { Score::default() } else { last.score };
        assert_eq!(next.score, score, "a decided series begins anew, another one goes on");
        if is_decided {
            figures.count("series begun anew");
        }
    }

    /// The moves follow from those before. Returns who has made one.
    fn follow_record(
        &mut self,
        moment: Moment<'_>,
        last: &Snapshot,
        next: &Snapshot,
        figures: &mut Figures,
    ) -> Option<Seat> {
        let (before, moves) = (last.record.moves(), next.record.moves());
        if next.branch != last.branch {
            assert_eq!(next.branch, last.branch + 1, "one takeback at a time");
            let pending = self.offers.pending.expect("a takeback that nobody offered");
            assert_eq!(pending.kind, OfferKind::Takeback);
            self.check_accept(moment, pending);
            let plies = 0..before.len();
            let own = plies.rev().find(|&ply| last.seat(game_core::Mark::at_ply(u16::try_from(ply).unwrap())) == pending.by);
            assert_eq!(moves, &before[..own.expect("a move to take back")], "back to before the asker's last move");
            figures.count("takebacks");
            return None;
        }
        assert!(moves.starts_with(before), "a move that was made stays made");
        let [cell] = moves[before.len()..] else {
            assert_eq!(moves.len(), before.len(), "one move at a time");
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
        figures.count("moves");
        Some(mover)
    }

    fn follow_phase(&self, moment: Moment<'_>, last: &Snapshot, next: &Snapshot, figures: &mut Figures) {
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
                assert!(self.seats.guest.sitter().is_some(), "a match without a guest");
                figures.count("matches begun by two");
            }
            (Phase::Adjourned, Phase::Playing) => {
                assert!(Seat::BOTH.into_iter().all(|seat| self.seats[seat].is_here()), "it goes on without one");
                figures.count("adjourned matches that went on");
            }
            (Phase::Playing, Phase::Adjourned) => self.check_adjourned(moment, figures),
            (Phase::Playing, Phase::Over(ending)) => {
                assert!(has_moved == (ending == Ending::OnBoard), "a move and {ending:?} at once");
                match ending {
                    Ending::OnBoard => figures.count("matches ended: on the board"),
                    Ending::Resigned(seat) => {
                        assert!(resigns(seat), "{seat:?} did not resign");
                        figures.count("matches ended: resigned");
                    }
                    Ending::OutOfTime(seat) => {
                        assert!(moment.is_due, "a flag falls while nothing is due");
                        self.turn.check_flag_fallen(moment.now, last, seat);
                        figures.count("matches ended: flag");
                    }
                    Ending::Abandoned(absent) => {
                        self.check_claim(moment, absent, Claim::Win);
                        figures.count("matches ended: claimed as won");
                    }
                    Ending::DrawCalled(absent) => {
                        self.check_claim(moment, absent, Claim::Draw);
                        figures.count("matches ended: claimed as drawn");
                    }
                    Ending::DrawAgreed => {
                        let pending = self.offers.pending.expect("a draw that nobody offered");
                        assert_eq!(pending.kind, OfferKind::Draw);
                        self.check_accept(moment, pending);
                        figures.count("matches ended: draw agreed");
                    }
                }
                if next.series_winner().is_some() {
                    figures.count("series decided");
                }
            }
            (from, to) => panic!("{from:?} becomes {to:?}"),
        }
    }

    fn check_adjourned(&self, moment: Moment<'_>, figures: &mut Figures) {
        let claims = Seat::BOTH.into_iter().find(|&seat| {
            matches!(
                moment.command_of(self.session(seat)),
                Some(Command::Claim { claim: Claim::Adjourn, .. })
            )
        });
        if let Some(seat) = claims {
            self.check_claim(moment, seat.other(), Claim::Adjourn);
            figures.count("matches adjourned by a claim");
        } else {
            let pending = self.offers.pending.expect("put off though nobody offered it");
            assert_eq!(pending.kind, OfferKind::Adjourn);
            self.check_accept(moment, pending);
            figures.count("matches adjourned by both");
        }
    }

    fn follow_score(&self, last: &Snapshot, next: &Snapshot) {
        let mut expected = last.score;
        if last.phase == Phase::Playing && matches!(next.phase, Phase::Over(_)) {
            match next.winner() {
                Some(winner) => expected.wins[winner] += 1,
                None => expected.draws += 1,
            }
        }
        assert_eq!(next.score, expected, "every outcome counts once");
    }

    fn follow_offer(
        &mut self,
        moment: Moment<'_>,
        next: &Snapshot,
        mover: Option<Seat>,
        figures: &mut Figures,
    ) {
        let millis = |instant: Instant| {
            u32::try_from(instant.saturating_duration_since(moment.now).as_millis()).unwrap()
        };
        match (self.offers.pending, next.offer) {
            (None, None) => {}
            (Some(pending), Some(offer)) if pending.number == offer.number => {
                assert_eq!(mover, None, "an offer outlives a move");
                assert!(moment.now < pending.gone_at, "an offer outlives its time");
                assert_eq!((offer.kind, offer.by), (pending.kind, pending.by));
                let times = (millis(pending.opens_at), millis(pending.gone_at));
                assert_eq!((offer.opens_in_millis, offer.gone_in_millis), times);
            }
            (Some(pending), Some(offer)) => panic!("{offer:?} takes the place of {pending:?}"),
            (None, Some(offer)) => {
                let command = Command::Offer { match_number: next.match_number, kind: offer.kind };
                let by = self.session(offer.by);
                assert_eq!(moment.command_of(by), Some(&command), "an offer that nobody made");
                assert!(offer.number > self.offers.last_number, "a number that was given before");
                assert!(!self.offers.has_offered[offer.by], "a second offer without a move");
                assert!(!next.is_paused(), "an offer while the match is paused");
                self.offers.last_number = offer.number;
                self.offers.has_offered[offer.by] = true;
                self.offers.pending = Some(Pending {
                    number: offer.number,
                    kind: offer.kind,
                    by: offer.by,
                    opens_at: moment.now + moment.limits.offer_opens_after,
                    gone_at: moment.now + moment.limits.offer_lifetime,
                });
                figures.count("offers made");
            }
            (Some(pending), None) => {
                self.offers.pending = None;
                figures.count(self.fate(moment, pending, next, mover));
            }
        }
    }

    /// Why an offer is gone.
    fn fate(
        &self,
        moment: Moment<'_>,
        pending: Pending,
        next: &Snapshot,
        mover: Option<Seat>,
    ) -> &'static str {
        let (by, other) = (self.session(pending.by), self.session(pending.by.other()));
        let decline = Command::Decline { number: pending.number };
        if moment.command_of(other) == Some(&Command::Accept { number: pending.number }) {
            "offers accepted"
        } else if moment.command_of(other) == Some(&decline) {
            "offers declined"
        } else if moment.command_of(by) == Some(&decline) {
            "offers withdrawn"
        } else if mover.is_some() {
            "offers overtaken by a move"
        } else if Seat::BOTH.into_iter().any(|seat| self.seats[seat].is_away_or_gone()) {
            "offers ended by an absence"
        } else if moment.now >= pending.gone_at {
            "offers not answered"
        } else {
            assert_ne!(next.phase, Phase::Playing, "an offer is gone for no reason: {pending:?}");
            "offers ended with the match"
        }
    }

    fn check_accept(&self, moment: Moment<'_>, pending: Pending) {
        let accept = Command::Accept { number: pending.number };
        let other = self.session(pending.by.other());
        assert_eq!(moment.command_of(other), Some(&accept), "not accepted by the other");
        assert!(moment.now >= pending.opens_at, "accepted before there was time to read it");
        assert!(moment.now < pending.gone_at, "accepted when it was gone");
        let are_there = Seat::BOTH.into_iter().all(|seat| !self.seats[seat].is_away_or_gone());
        assert!(are_there, "accepted while the match was paused");
    }

    fn check_claim(&self, moment: Moment<'_>, absent: Seat, claim: Claim) {
        let claims = self.session(absent.other());
        assert!(
            matches!(moment.command_of(claims), Some(Command::Claim { claim: made, .. }) if *made == claim),
            "{claim:?} of nobody"
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
        if next.watchers_may_talk != last.watchers_may_talk {
            assert_eq!(owner, Some(Setting::WatchersMayTalk(next.watchers_may_talk)));
        }
        if next.is_chat_open != last.is_chat_open {
            let is_stranger = last.phase == Phase::Waiting && next.phase == Phase::Playing;
            let is_opened = [owner, guest].contains(&Some(Setting::OpenChat));
            assert!(if next.is_chat_open { is_opened } else { is_stranger }, "the talk opens or closes by itself");
        }
        if let Some(Setting::Access(access)) = owner {
            self.access = access;
        }
    }

    fn note_phase(&mut self, moment: Moment<'_>, next: &Snapshot) {
        if self.turn.is_new_phase(next) {
            self.since = moment.now;
            if next.phase == Phase::Playing {
                for seat in Seat::BOTH {
                    if let Chair::Taken(sitter) = &mut self.seats[seat] {
                        sitter.absent_before = Duration::ZERO;
                    }
                }
            }
            if next.phase != Phase::Playing {
                self.offers.pending = None;
            }
        }
    }

    fn claim(&self, now: Instant, phase: Phase, limits: &Limits) -> Option<Claimable> {
        let absent = Seat::BOTH.into_iter().find(|&seat| self.claimable_at(seat, limits).is_some());
        let absent = absent.filter(|_| phase == Phase::Playing)?;
        let left = self.claimable_at(absent, limits)?.saturating_duration_since(now);
        Some(Claimable { absent, in_millis: u32::try_from(left.as_millis()).unwrap() })
    }

    /// When the other may claim against this one; `None` unless exactly this one is absent.
    pub(super) fn claimable_at(&self, absent: Seat, limits: &Limits) -> Option<Instant> {
        let sitter = self.seats[absent].sitter()?;
        let Heard::Now { since: waits_since } = self.seats[absent.other()].sitter()?.heard else { return None };
        let (since, grace) = match sitter.heard {
            Heard::Now { .. } => return None,
            Heard::NotSince(since) | Heard::Parted { since, parting: Parting::Lost } => (since, limits.grace),
            Heard::Parted { since, parting: Parting::OnPurpose } => (since, limits.grace_on_purpose),
        };
        let patience = grace.min(limits.absence_per_match.saturating_sub(sitter.absent_before));
        Some(since.max(waits_since).max(self.since) + patience)
    }

    pub(super) fn silent(&mut self, seat: Seat, since: Instant) {
        if let Chair::Taken(sitter) = &mut self.seats[seat]
            && matches!(sitter.heard, Heard::Now { .. })
        {
            sitter.heard = Heard::NotSince(since);
        }
    }

    pub(super) fn heard(&mut self, now: Instant, seat: Seat) {
        if let Chair::Taken(sitter) = &mut self.seats[seat]
            && let Heard::NotSince(since) | Heard::Parted { since, .. } = sitter.heard
        {
            sitter.absent_before += now.saturating_duration_since(since);
            sitter.heard = Heard::Now { since: now };
        }
    }

    pub(super) fn part(&mut self, now: Instant, seat: Seat, parting: Parting) {
        if let Chair::Taken(sitter) = &mut self.seats[seat] {
            let since = match sitter.heard {
                Heard::Now { .. } => now,
                Heard::NotSince(since) => since,
                Heard::Parted { .. } => return,
            };
            sitter.heard = Heard::Parted { since, parting };
        }
    }

    pub(super) fn measured(&mut self, seat: Seat, rtt: Duration) {
        if let Chair::Taken(sitter) = &mut self.seats[seat] {
            sitter.longest_rtt = sitter.longest_rtt.max(rtt);
        }
    }

    pub(super) fn vacate(&mut self, now: Instant, seat: Seat) {
        if let Chair::Taken(sitter) = &self.seats[seat] {
            self.seats[seat] = Chair::Gone { name: sitter.name, since: now };
        }
    }

    /// When the room ends, unless somebody comes before.
    pub(super) fn ends_at(&self, limits: &Limits) -> Option<Instant> {
        let empty_since = |seat: Seat| match &self.seats[seat] {
            Chair::Taken(Sitter { heard: Heard::Parted { since, .. }, .. }) | Chair::Gone { since, .. } => {
                Some(*since)
            }
            Chair::Taken(_) | Chair::Vacant => None,
        };
        let kept_until = |seat: Seat| match self.seats[seat].sitter()?.heard {
            Heard::Parted { since, parting: Parting::Lost } => Some(since + limits.grace),
            Heard::Parted { since, parting: Parting::OnPurpose } => Some(since + limits.grace_on_purpose),
            Heard::Now { .. } | Heard::NotSince(_) => None,
        };
        let both_since = || Some(empty_since(Seat::Host)?.max(empty_since(Seat::Guest)?));
        match self.phase_or_waiting() {
            Phase::Waiting => Some(empty_since(Seat::Host)? + limits.unstarted_room),
            Phase::Playing => {
                Some(kept_until(Seat::Host)?.max(kept_until(Seat::Guest)?) + limits.empty_room)
            }
            Phase::Adjourned => Some(both_since()? + limits.adjourned_room),
            Phase::Over(_) => Some(both_since()? + limits.finished_room),
        }
    }

    /// No flag hangs though its time is over.
    pub(super) fn check_flag(&self, now: Instant, limits: &Limits) {
        if let Some(last) = &self.last {
            self.turn.check_flag_hanging(now, last, limits);
        }
    }

    pub(super) fn phase(&self) -> Phase {
        self.phase_or_waiting()
    }

    fn phase_or_waiting(&self) -> Phase {
        self.last.as_ref().map_or(Phase::Waiting, |last| last.phase)
    }

    pub(super) fn session(&self, seat: Seat) -> Option<SessionId> {
        self.seats[seat].sitter().map(|sitter| sitter.session)
    }

    /// Whether the session has an adjourned match here.
    pub(super) fn is_adjourned_of(&self, session: SessionId) -> bool {
        self.phase() == Phase::Adjourned
            && Seat::BOTH.into_iter().any(|seat| self.session(seat) == Some(session))
    }
}

impl Chair {
    pub(super) const fn sitter(&self) -> Option<&Sitter> {
        match self {
            Self::Taken(sitter) => Some(sitter),
            Self::Vacant | Self::Gone { .. } => None,
        }
    }

    /// Whether somebody is there and heard.
    pub(super) const fn is_here(&self) -> bool {
        matches!(self, Self::Taken(Sitter { heard: Heard::Now { .. }, .. }))
    }

    pub(super) const fn is_away_or_gone(&self) -> bool {
        match self {
            Self::Taken(sitter) => matches!(sitter.heard, Heard::Parted { .. }),
            Self::Gone { .. } => true,
            Self::Vacant => false,
        }
    }
}

impl Sitter {
    const fn new(now: Instant, session: SessionId, person: &Person) -> Self {
        Self {
            session,
            name: person.name,
            heard: Heard::Now { since: now },
            absent_before: Duration::ZERO,
            longest_rtt: person.longest_rtt,
        }
    }

    fn check(&self, shown: &Occupant) {
        let is_shown_so = match (self.heard, shown.presence) {
            (Heard::Now { .. }, Presence::Present) | (Heard::NotSince(_), Presence::Silent { .. }) => true,
            (Heard::Parted { parting, .. }, Presence::Away { is_on_purpose, .. }) => {
                is_on_purpose == (parting == Parting::OnPurpose)
            }
            (Heard::Now { .. } | Heard::NotSince(_) | Heard::Parted { .. }, _) => false,
        };
        assert!(is_shown_so, "{} is {:?} and shown as {:?}", self.name, self.heard, shown.presence);
    }
}
