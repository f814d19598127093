//! Checks that a command is rejected for a true reason, and accepted only if there is none.

use std::time::{Duration, Instant};

use net::proto::{
    Access, Command, CommandKind, Event, OfferKind, Passcode, Phase, Reject, Seat, SessionId, Setting,
    Snapshot,
};
use server::lobby::{Effect, Origin};

use super::{
    Call, Moment, Place, Witness, chat::is_listable, offers::own_moves, people::Person, room::Room,
    shares::Space,
};
use crate::document::check_reject;

impl Witness {
    /// Checks that a rejected command changes nothing and that its reason is true.
    pub(super) fn check_reject(&mut self, moment: Moment<'_>, effects: &[Effect]) {
        let rejects: Vec<_> = effects
            .iter()
            .filter_map(|effect| match effect {
                Effect::Tell { to, event: Event::Rejected { command, reject } } => {
                    Some((to, *command, *reject))
                }
                Effect::Tell { .. }
                | Effect::Show { .. }
                | Effect::Unseat { .. }
                | Effect::Dismiss { .. }
                | Effect::Keep(_) => None,
            })
            .collect();
        let [(to, kind, reject)] = rejects[..] else {
            assert!(rejects.is_empty(), "two rejections of one command");
            return;
        };
        let Call::Handle { session, command, .. } = moment.call else {
            panic!("a rejection without a command: {reject}")
        };
        assert_eq!(
            (&to[..], kind),
            (&[*session][..], command.kind()),
            "the rejection of another command, or for another session"
        );
        assert!(effects.len() == 1 || moment.is_due, "a rejected command changes something: {effects:?}");
        self.coverage.reject(kind, reject);
        check_reject(kind, reject);
        // The reason may be something that has just become due.
        if !moment.is_due {
            let holds = self.holds(moment, *session, command, reject);
            assert!(holds, "{command:?} of {session} is rejected, and this does not hold: {reject}");
        }
        let origin = self.people[session].origin;
        let keep = (moment.now, self.limits.attempt_window, self.limits.attempt_counts);
        match reject {
            Reject::WrongPasscode => {
                self.wrong_passcodes.note(keep, Guesser::Session(*session));
                self.wrong_passcodes.note(keep, Guesser::Origin(origin));
            }
            Reject::NoSuchRoom => self.wrong_codes.note(keep, Guesser::Origin(origin)),
            _ => {}
        }
    }

    /// The reason for a reject was true before the command.
    fn holds(&self, moment: Moment<'_>, session: SessionId, command: &Command, reject: Reject) -> bool {
        let person = &self.people[&session];
        let seated = self.seat_of(session).map(|(code, seat)| (&self.rooms[&code], seat));
        let target = match command {
            Command::Join { code, .. } | Command::Watch { code, .. } => self.rooms.get(code),
            _ => None,
        };
        let last_of = |room: &Room| room.last.clone().expect("a new room has been shown");
        match reject {
            // The shell's alone.
            Reject::NotSaving => false,
            Reject::AlreadySeated => person.place.is_some(),
            Reject::NotSeated => person.place.is_none(),
            Reject::OnlyWatching => matches!(person.place, Some(Place::Watching(_))),
            Reject::NoSuchRoom => target.is_none(),
            Reject::RoomFull => {
                target.is_some_and(|room| room.phase() != Phase::Waiting && last_of(room).is_watchable)
            }
            Reject::RoomFullUnwatchable => {
                target.is_some_and(|room| room.phase() != Phase::Waiting && !last_of(room).is_watchable)
            }
            Reject::Barred => target.is_some_and(|room| self.is_barred(session, room)),
            Reject::AddressFull => self.is_share_held(person, command, target, seated),
            Reject::TooManyRooms => self.space_for_room(person.origin) == Err(Space::AllHeld),
            Reject::HostAway => target.is_some_and(|room| room.seats.host.is_away_or_gone()),
            Reject::NeedsPasscode => target.is_some_and(is_locked) && passcode_of(command).is_none(),
            Reject::WrongPasscode => target.is_some_and(|room| !is_opened(room, passcode_of(command))),
            Reject::TooManyAttempts => {
                (target.is_some_and(is_locked) && self.has_guessed(moment.now, session))
                    || (!target.is_some_and(is_listable) && self.has_guessed_codes(moment.now, session))
            }
            Reject::NotWatchable => target.is_some_and(|room| !last_of(room).is_watchable),
            Reject::TooManyWatchers => {
                target.is_some_and(|room| self.space_to_watch(person.origin, room) == Space::AllHeld)
            }
            Reject::NotOwner => seated.is_some_and(|(_, seat)| seat == Seat::Guest),
            Reject::TooFast => self.has_said_enough(person),
            Reject::ChatClosed => seated.is_some_and(|(room, _)| !last_of(room).is_chat_open),
            Reject::TooManyAdjourned => {
                seated.is_some_and(|(room, _)| self.space_to_adjourn(room) == Err(Space::AllHeld))
            }
            Reject::TooManyBrowsers => {
                let browsers = self.people.values().filter(|person| person.is_browsing).count();
                browsers >= self.limits.browsers
            }
            Reject::MatchAtStake => person.place.is_some_and(|place| {
                seated.is_some_and(|(room, _)| room.phase() == Phase::Playing) && !self.is_on_trial(place)
            }),
            Reject::NoMatch
            | Reject::MatchRunning
            | Reject::OpponentGone
            | Reject::Paused
            | Reject::OtherMatch
            | Reject::NotYourTurn
            | Reject::NotAbsent
            | Reject::ClaimTooEarly => {
                seated.is_some_and(|seated| is_so_of_match(moment, seated, command, reject))
            }
            Reject::OtherPly | Reject::CellTaken | Reject::NoSuchCell => {
                seated.is_some_and(|(room, _)| is_so_of_move(&last_of(room), command, reject))
            }
            Reject::OfferPending
            | Reject::AlreadyOffered
            | Reject::NothingToTakeBack
            | Reject::NoSuchOffer
            | Reject::OwnOffer
            | Reject::TooSoon => {
                seated.is_some_and(|seated| is_so_of_offer(moment.now, seated, command, reject))
            }
        }
    }

    fn has_said_enough(&self, person: &Person) -> bool {
        let said_here = match person.place {
            Some(Place::Seat(code, _) | Place::Watching(code)) => self.rooms[&code].said_at.len(),
            None => 0,
        };
        person.said_at.len() >= usize::try_from(self.limits.chat_burst).unwrap()
            || said_here >= usize::try_from(self.limits.room_chat_burst).unwrap()
    }

    /// Checks that there was no reason to reject an accepted command.
    pub(super) fn check_accepted(&mut self, moment: Moment<'_>, effects: &[Effect]) {
        let Call::Handle { session, command, .. } = moment.call else { return };
        let is_reject =
            |effect: &Effect| matches!(effect, Effect::Tell { event: Event::Rejected { .. }, .. });
        if effects.iter().any(is_reject) {
            return;
        }
        self.note_browsing(*session, command);
        if moment.is_due {
            return;
        }
        let is_told =
            |effect: &Effect| effect.clone().into_event().is_some_and(|(to, _)| to.contains(session));
        let is_quiet = matches!(command.kind(), CommandKind::Browse | CommandKind::StopBrowsing);
        assert!(is_quiet || effects.iter().any(is_told), "{session} gets no answer to {command:?}");
        let never = |reject: Reject| {
            assert!(
                !self.holds(moment, *session, command, reject),
                "{command:?} is carried out, and this holds: {reject}"
            );
        };
        match command {
            Command::QuickMatch { .. } | Command::Create { .. } | Command::Browse { .. } => {
                never(Reject::AlreadySeated);
            }
            Command::Join { .. } | Command::Watch { .. } => {
                self.check_came_in(moment, *session, command);
            }
            Command::Leave => [Reject::NotSeated, Reject::MatchAtStake].into_iter().for_each(never),
            Command::Play { .. } => [Reject::NotSeated, Reject::OnlyWatching].into_iter().for_each(never),
            Command::Resign { .. } | Command::Rematch { .. } => never(Reject::OtherMatch),
            Command::Offer { .. } => [
                Reject::OtherMatch,
                Reject::NoMatch,
                Reject::Paused,
                Reject::OfferPending,
                Reject::AlreadyOffered,
                Reject::NothingToTakeBack,
            ]
            .into_iter()
            .for_each(never),
            Command::Accept { .. } => {
                [Reject::NoSuchOffer, Reject::OwnOffer, Reject::TooSoon].into_iter().for_each(never);
            }
            Command::Decline { .. } => never(Reject::NoSuchOffer),
            Command::Claim { .. } => {
                [Reject::OtherMatch, Reject::NoMatch, Reject::NotAbsent, Reject::ClaimTooEarly]
                    .into_iter()
                    .for_each(never);
            }
            Command::Say { .. } => never(Reject::NotSeated),
            Command::Set { setting } => {
                never(Reject::NotSeated);
                never(Reject::OnlyWatching);
                if !matches!(setting, Setting::OpenChat | Setting::Block(_)) {
                    never(Reject::NotOwner);
                }
            }
            Command::StopBrowsing => {}
        }
    }

    fn note_browsing(&mut self, session: SessionId, command: &Command) {
        let person = self.people.get_mut(&session).expect("the sender has a session");
        match command {
            Command::Browse { rules } => {
                person.is_browsing = true;
                person.wanted = *rules;
                self.coverage.count("lists asked for");
            }
            Command::StopBrowsing => person.is_browsing = false,
            _ => {}
        }
    }

    /// Checks that a session may come into a room.
    fn check_came_in(&mut self, moment: Moment<'_>, session: SessionId, command: &Command) {
        let (Command::Join { code, passcode } | Command::Watch { code, passcode }) = command else { return };
        let room = &self.rooms[code];
        let is_return = room.is_adjourned_of(session);
        assert!(
            is_return || !room.seats.host.is_away_or_gone() || !matches!(command, Command::Join { .. }),
            "to nobody"
        );
        assert!(is_return || is_opened(room, *passcode), "a session enters without the passcode");
        assert!(
            is_return || !is_locked(room) || !self.has_guessed(moment.now, session),
            "a session enters by a guess"
        );
        let is_secret = !is_listable(room);
        assert!(
            is_return || !is_secret || !self.has_guessed_codes(moment.now, session),
            "in by a guess of the code"
        );
        assert!(is_return || !self.is_barred(session, room), "a blocked person enters");
        if is_locked(room) && !is_return {
            self.coverage.count("locked rooms entered by passcode");
        }
        if matches!(command, Command::Watch { .. }) && !is_return {
            assert!(
                room.last.as_ref().is_some_and(|last| last.is_watchable),
                "a watcher in a room that cannot be watched"
            );
        }
    }

    /// Too many wrong passcodes have come from a session or from its address.
    fn has_guessed(&self, now: Instant, session: SessionId) -> bool {
        let limits = &self.limits;
        let count = |guesser| self.wrong_passcodes.count(now, limits.attempt_window, guesser);
        count(Guesser::Session(session)) >= limits.passcode_attempts_per_session
            || count(Guesser::Origin(self.people[&session].origin)) >= limits.passcode_attempts_per_origin
    }

    fn is_share_held(
        &self,
        person: &Person,
        command: &Command,
        target: Option<&Room>,
        seated: Option<(&Room, Seat)>,
    ) -> bool {
        match command {
            Command::Create { .. } | Command::QuickMatch { .. } => {
                self.space_for_room(person.origin) == Err(Space::ShareHeld)
            }
            Command::Watch { .. } => {
                target.is_some_and(|room| self.space_to_watch(person.origin, room) == Space::ShareHeld)
            }
            _ => seated.is_some_and(|(room, _)| self.space_to_adjourn(room) == Err(Space::ShareHeld)),
        }
    }

    /// Too many wrong codes have come from the address of a session.
    fn has_guessed_codes(&self, now: Instant, session: SessionId) -> bool {
        let guesser = Guesser::Origin(self.people[&session].origin);
        let count = self.wrong_codes.count(now, self.limits.attempt_window, guesser);
        count >= self.limits.code_attempts_per_origin
    }
}

/// Wrong guesses in windows, each of which begins with the first guess in it; the oldest window first.
#[derive(Debug, Default)]
pub(super) struct Attempts(Vec<(Guesser, Instant, u32)>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guesser {
    Session(SessionId),
    Origin(Origin),
}

impl Attempts {
    fn note(&mut self, (now, window, most): (Instant, Duration, usize), guesser: Guesser) {
        self.0.retain(|(_, begun_at, _)| now < *begun_at + window);
        if let Some((_, _, count)) = self.0.iter_mut().find(|(known, ..)| *known == guesser) {
            *count += 1;
            return;
        }
        if self.0.len() >= most {
            self.0.remove(0);
        }
        self.0.push((guesser, now, 1));
    }

    fn count(&self, now: Instant, window: Duration, guesser: Guesser) -> u32 {
        let is_his =
            |(known, begun_at, _): &&(Guesser, Instant, u32)| *known == guesser && now < *begun_at + window;
        self.0.iter().find(is_his).map_or(0, |(_, _, count)| *count)
    }
}

fn is_somebody_away(room: &Room) -> bool {
    Seat::BOTH.into_iter().any(|seat| room.seats[seat].is_away_or_gone())
}

const fn is_locked(room: &Room) -> bool {
    matches!(room.access, Access::Passcode(_))
}

fn is_opened(room: &Room, shown: Option<Passcode>) -> bool {
    match room.access {
        Access::Passcode(passcode) => shown == Some(passcode),
        Access::Public | Access::Hidden => true,
    }
}

const fn passcode_of(command: &Command) -> Option<Passcode> {
    match command {
        Command::Join { passcode, .. } | Command::Watch { passcode, .. } => *passcode,
        _ => None,
    }
}

const fn match_of(command: &Command) -> Option<u32> {
    match command {
        Command::Play { match_number, .. }
        | Command::Resign { match_number }
        | Command::Rematch { match_number }
        | Command::Offer { match_number, .. }
        | Command::Claim { match_number, .. } => Some(*match_number),
        _ => None,
    }
}

fn is_so_of_match(
    moment: Moment<'_>,
    (room, seat): (&Room, Seat),
    command: &Command,
    reject: Reject,
) -> bool {
    let last = room.last.as_ref().expect("a new room has been shown");
    let other = seat.other();
    let claimable_at = room.claimable_at(other, moment.limits);
    match (reject, room.phase()) {
        (Reject::NoMatch, Phase::Adjourned) => !matches!(command, Command::Resign { .. }),
        (Reject::NoMatch, phase) => phase != Phase::Playing,
        (Reject::MatchRunning, phase) => matches!(phase, Phase::Playing | Phase::Adjourned),
        (Reject::Paused, phase) => phase == Phase::Playing && is_somebody_away(room),
        (Reject::OpponentGone, _) => room.seats[other].is_away_or_gone(),
        (Reject::OtherMatch, _) => match_of(command) != Some(last.match_number),
        (Reject::NotYourTurn, _) => last.to_move() != Some(seat),
        (Reject::NotAbsent, _) => claimable_at.is_none(),
        (Reject::ClaimTooEarly, _) => {
            let is_here = room.seats[other].is_here();
            claimable_at.map_or(!is_here, |at| moment.now < at)
        }
        _ => false,
    }
}

fn is_so_of_move(last: &Snapshot, command: &Command, reject: Reject) -> bool {
    let Command::Play { branch, ply, cell, .. } = command else { return false };
    let record = &last.record;
    match reject {
        Reject::OtherPly => *branch != last.branch || *ply != record.position().ply(),
        Reject::CellTaken => record.moves().contains(cell),
        Reject::NoSuchCell => !record.rules().contains(*cell),
        _ => false,
    }
}

fn is_so_of_offer(now: Instant, (room, seat): (&Room, Seat), command: &Command, reject: Reject) -> bool {
    let pending = room.offers.pending;
    let last = room.last.as_ref().expect("the room has been shown");
    match (reject, command) {
        (Reject::OfferPending, Command::Offer { .. }) => pending.is_some(),
        (Reject::AlreadyOffered, Command::Offer { .. }) => room.offers.has_offered[seat],
        (Reject::NothingToTakeBack, Command::Offer { kind, .. }) => {
            *kind == OfferKind::Takeback && own_moves(last, seat) == 0
        }
        (Reject::NoSuchOffer, Command::Accept { number } | Command::Decline { number }) => {
            pending.is_none_or(|pending| pending.number != *number)
        }
        (Reject::OwnOffer, Command::Accept { .. }) => pending.is_some_and(|pending| pending.by == seat),
        (Reject::TooSoon, Command::Accept { .. }) => pending.is_some_and(|pending| now < pending.opens_at),
        _ => false,
    }
}
