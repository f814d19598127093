//! Guesses of the two things that let people into a room: its code, and its passcode.

use std::time::Instant;

use net::proto::{Passcode, Reject};

use super::{
    attempt_limiter::{Allowance, AttemptLimiter, Guesser},
    keep::{KeptAccess, SecretHash},
    limits::Limits,
    origin::Origin,
    people::Person,
    room::Room,
};

/// Checks codes and passcodes, and limits the wrong ones.
#[derive(Debug)]
pub(super) struct Guesses {
    codes: AttemptLimiter,
    passcodes: AttemptLimiter,
}

impl Guesses {
    pub(super) fn new(limits: &Limits) -> Self {
        let limiter = |per_session, per_origin| {
            let (window, counts) = (limits.attempt_window, limits.attempt_counts);
            AttemptLimiter::new(Allowance { per_session, per_origin, window, counts })
        };
        Self {
            codes: limiter(u32::MAX, limits.code_attempts_per_origin),
            passcodes: limiter(limits.passcode_attempts_per_session, limits.passcode_attempts_per_origin),
        }
    }

    /// Returns the room that a code has led to, or rejects the code. Wrong ones are counted, since a code is all that a hidden
    /// room asks for; the codes of rooms on the list are no secret.
    pub(super) fn check_code<'a>(
        &mut self,
        now: Instant,
        origin: Option<Origin>,
        room: Option<&'a Room>,
    ) -> Result<&'a Room, Reject> {
        if let Some(room) = room.filter(|room| room.is_listed()) {
            return Ok(room);
        }
        let guesser = origin.map(Guesser::Origin);
        self.codes.check(guesser.as_slice())?;
        room.ok_or_else(|| {
            self.codes.note_wrong(now, guesser.as_slice());
            Reject::NoSuchRoom
        })
    }

    /// Rejects a wrong passcode, or none, where a room needs one.
    pub(super) fn check_passcode(
        &mut self,
        now: Instant,
        person: &Person,
        room: &Room,
        shown: Option<Passcode>,
    ) -> Result<(), Reject> {
        let KeptAccess::Locked(right) = room.access else { return Ok(()) };
        let shown = shown.ok_or(Reject::NeedsPasscode)?;
        let origin = person.origin.map(Guesser::Origin);
        let guessers: Vec<Guesser> = origin.into_iter().chain([Guesser::Session(person.session)]).collect();
        self.passcodes.check(&guessers)?;
        if !right.matches(&SecretHash::of_passcode(room.number, &shown)) {
            self.passcodes.note_wrong(now, &guessers);
            return Err(Reject::WrongPasscode);
        }
        Ok(())
    }

    /// Forgets what is old enough.
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        self.codes.handle_timeout(now);
        self.passcodes.handle_timeout(now);
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        [&self.codes, &self.passcodes].into_iter().filter_map(AttemptLimiter::poll_timeout).min()
    }
}
