//! Rooms and sessions as they were kept, and the reasons to refuse them.

use std::{sync::Arc, time::Instant};

use net::proto::{Ending, Phase, RoomCode, Seat};
use thiserror::Error;

use super::{
    keep::{Hold, KeptRoom},
    keeper::Keeper,
    limits::Limits,
    room::Room,
    rooms::Rooms,
    session::{Place, Sessions},
};

/// The error for a kept room that cannot be put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the kept room {code} cannot be restored: {why}")]
pub struct RestoreError {
    /// The code of the room.
    pub code: RoomCode,
    /// The reason.
    pub why: Unfit,
}

/// The reason why a kept room cannot be put back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Unfit {
    /// Another kept room has its code.
    #[error("another room has its code")]
    CodeTwice,
    /// It waits for a guest, who would not be kept.
    #[error("it has no match")]
    NoMatch,
    /// The phase, the record and the score contradict each other.
    #[error("the position, the phase and the score do not go together")]
    Phase,
    /// A number is so large that counting from it would end.
    #[error("one of its numbers is out of range")]
    Number,
    /// The record is one of other rules than those of the terms.
    #[error("its moves follow other rules than its terms")]
    Rules,
    /// There are more or fewer times than moves.
    #[error("it has more or fewer times than moves")]
    Times,
    /// It has clocks and its terms none, or the other way round.
    #[error("its clocks do not go with its terms")]
    Clocks,
    /// The session of a seat contradicts another seat, or its name looks like that of another session.
    #[error("the session in the {}'s seat does not go with the other sessions", seat(*.0))]
    Session(Seat),
    /// There are more sessions than the limits allow.
    #[error("there are more than {0} sessions, the limit")]
    TooManySessions(usize),
    /// There are more rooms than the limits allow.
    #[error("there are more than {0} rooms, the limit")]
    TooManyRooms(usize),
    /// There are more adjourned matches, in all or of one player, than the limits allow.
    #[error("there are more than {0} adjourned matches, the limit")]
    TooManyAdjourned(usize),
}

/// Puts kept rooms into `rooms`, which is empty. Everybody is away, and has a grace period to return before that counts.
pub(super) fn restore(
    now: Instant,
    limits: &Arc<Limits>,
    rooms: &mut Rooms,
    kept: Vec<KeptRoom>,
) -> Result<(Sessions, Keeper), RestoreError> {
    let mut sessions = Sessions::default();
    let mut keeper = Keeper::default();
    for kept in kept {
        let refuse = |why| RestoreError { code: kept.code, why };
        kept.check().map_err(refuse)?;
        if rooms.get(kept.code).is_some() {
            return Err(refuse(Unfit::CodeTwice));
        }
        for seat in Seat::BOTH {
            let place = Place::Seat { code: kept.code, seat };
            let session = sessions.restore(now, &kept.seats[seat], place, limits);
            session.ok_or(Unfit::Session(seat)).map_err(refuse)?;
        }
        let away_since = if kept.phase == Phase::Adjourned { now } else { now + limits.grace };
        rooms.restore(now, Room::restore(now, Arc::clone(limits), &kept, away_since));
        check_limits(limits, &sessions, rooms, &kept).map_err(refuse)?;
        keeper.take_in(kept);
    }
    Ok((sessions, keeper))
}

/// Checks that there are not too many sessions, rooms or adjourned matches, once this room is among them.
fn check_limits(limits: &Limits, sessions: &Sessions, rooms: &Rooms, kept: &KeptRoom) -> Result<(), Unfit> {
    let per_session = |seat: Seat| rooms.adjourned_of(kept.seats[seat].session).count();
    let adjourned_of_one = Seat::BOTH.into_iter().map(per_session).max().unwrap_or_default();
    let check = |held, limit, what: fn(usize) -> Unfit| if held > limit { Err(what(limit)) } else { Ok(()) };
    check(sessions.len(), limits.sessions, Unfit::TooManySessions)?;
    check(rooms.len(), limits.rooms, Unfit::TooManyRooms)?;
    check(rooms.adjourned().count(), limits.adjourned, Unfit::TooManyAdjourned)?;
    check(adjourned_of_one, limits.adjourned_per_session, Unfit::TooManyAdjourned)
}

impl KeptRoom {
    /// Checks what the types leave open.
    pub(super) fn check(&self) -> Result<(), Unfit> {
        let moves = self.record.moves().len();
        let is_decided = self.record.position().outcome().is_some();
        let has_left = |seat: Seat| matches!(self.seats[seat].hold, Hold::Elsewhere(_));
        let is_phase_right = match self.phase {
            Phase::Waiting => return Err(Unfit::NoMatch),
            Phase::Playing => self.is_proven && !is_decided && !Seat::BOTH.into_iter().any(has_left),
            Phase::Adjourned => !is_decided,
            Phase::Over(ending) => {
                self.is_proven
                    && is_decided == (ending == Ending::OnBoard)
                    && !Seat::BOTH.into_iter().any(has_left)
            }
        };
        if !is_phase_right {
            return Err(Unfit::Phase);
        }
        let sessions = Seat::BOTH.map(|seat| self.seats[seat].session.0);
        let is_small = [self.number, sessions[0], sessions[1]].iter().all(|number| *number <= u64::MAX / 2)
            && self.match_number <= u32::MAX / 2
            && self.last_offer <= u32::MAX / 2;
        if !is_small || self.match_number == 0 {
            return Err(Unfit::Number);
        }
        if self.record.rules() != self.terms.rules {
            return Err(Unfit::Rules);
        }
        if self.clocks.is_some() != self.terms.time.initial().is_some() {
            return Err(Unfit::Clocks);
        }
        let after_moves = self.clocks.as_ref().map_or(moves, |clocks| clocks.after_moves_millis.len());
        if self.took_millis.len() != moves || after_moves != moves {
            return Err(Unfit::Times);
        }
        if self.seats.host.session == self.seats.guest.session {
            return Err(Unfit::Session(Seat::Guest));
        }
        Ok(())
    }
}

const fn seat(seat: Seat) -> &'static str {
    match seat {
        Seat::Host => "host",
        Seat::Guest => "guest",
    }
}
