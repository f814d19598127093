//! The window's title and the bell, which call the player back.

use std::time::{Duration, Instant};

use net::proto::{Occupant, OfferKind, Phase, RoomCode, Seat};
use server::phrases::absence;

use crate::{
    cmd::{Cmd, Signal},
    config::Bell,
    game::Game,
    theme::Theme,
};

/// The pause after each ring, so that no other player can make the bell ring on and on.
const BELL_REST: Duration = Duration::from_secs(5);

/// The pause after each warning of the time, for which a server could always find another reason.
const WARNING_REST: Duration = BELL_REST;

/// The time after a key for which the player counts as present where the terminal does not report the focus: about as long
/// as one thinks.
const LOOKING: Duration = Duration::from_secs(10);

/// The title without a game, and the end of every other.
const PLAIN_TITLE: &str = "oxo";

/// The state of the title and the bell.
#[derive(Debug, Default)]
pub struct Notifier {
    /// The occasions for the bell.
    pub(crate) bell: Bell,
    /// True while the window has the focus; `None` if the terminal never reported it.
    is_focused: Option<bool>,
    /// The last call.
    call: Option<Call>,
    /// The present title; `None` without a game.
    title: Option<String>,
    /// The last key.
    typed_at: Option<Instant>,
    /// The end of the pause.
    rests_until: Option<Instant>,
    /// The end of the pause of warnings.
    warns_from: Option<Instant>,
    /// True if the bell has to ring then.
    is_owed: bool,
}

/// A reason to call the player. Each call rings once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Call {
    /// Another player has joined.
    Arrival { code: RoomCode },
    /// The other player waits for a move.
    Turn { match_number: u32, branch: u16, ply: u16 },
    /// The other player has made an offer.
    Offer { number: u32, kind: OfferKind },
    /// A match is over.
    Result { match_number: u32 },
    /// The other player wants a rematch.
    Rematch { match_number: u32 },
}

impl Notifier {
    /// Notes a key. The player has then seen everything that the bell would call for but an arrival.
    pub(crate) const fn typed(&mut self, now: Instant) {
        self.typed_at = Some(now);
        if !matches!(self.call, Some(Call::Arrival { .. })) {
            self.is_owed = false;
        }
    }

    /// The instant at which the bell may have to ring.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.due_at().filter(|_| self.is_owed)
    }

    /// The instant before which the bell must not ring.
    fn due_at(&self) -> Option<Instant> {
        // An arrival rings at once; for all else, a player who has just typed counts as present.
        let is_arrival = matches!(self.call, Some(Call::Arrival { .. }));
        let is_known = self.is_focused.is_some() || self.bell == Bell::Always;
        let looks_until =
            self.typed_at.filter(|_| !is_arrival && !is_known).map(|typed_at| typed_at + LOOKING);
        [self.rests_until, looks_until].into_iter().flatten().max()
    }

    /// Rings, if a ring is owed and due.
    fn ring(&mut self, now: Instant) -> Option<Cmd> {
        let is_due = self.due_at().is_none_or(|at| at <= now);
        if !self.is_owed || !is_due {
            return None;
        }
        self.is_owed = false;
        self.rests_until = Some(now + BELL_REST);
        self.rung()
    }

    /// Rings because the time for a move runs out, whether or not the player was called before.
    pub(crate) fn warn(&mut self, now: Instant) -> Option<Cmd> {
        if self.warns_from.is_some_and(|from| now < from) {
            return None;
        }
        self.warns_from = Some(now + WARNING_REST);
        self.rung()
    }

    fn rung(&self) -> Option<Cmd> {
        (self.bell != Bell::Never).then_some(Cmd::Signal(Signal::Bell))
    }

    /// Notes whether the window has the focus.
    pub(crate) const fn focus(&mut self, is_focused: bool) {
        self.is_focused = Some(is_focused);
        if is_focused {
            self.is_owed = false;
        }
    }

    /// Notes for what the player is called, and rings if that is new. `is_behind` is true if it is for a game that another one
    /// hides.
    pub(crate) fn call(&mut self, now: Instant, call: Option<Call>, is_behind: bool) -> Option<Cmd> {
        let is_wanted = is_behind || self.is_focused != Some(true) || self.bell == Bell::Always;
        if call != self.call {
            self.is_owed = is_wanted && call.is_some();
            self.call = call;
        }
        self.ring(now)
    }

    /// Names the window.
    pub(crate) fn name_window(&mut self, title: Option<String>, theme: Theme) -> Option<Cmd> {
        if title == self.title {
            return None;
        }
        self.title.clone_from(&title);
        let named = |title: String| format!("{} - {PLAIN_TITLE}", theme.text(&title));
        Some(Cmd::Signal(Signal::Title(title.map_or_else(|| PLAIN_TITLE.into(), named))))
    }
}

/// The reason for which a game on a server needs the player.
pub(crate) fn call_of(game: &Game) -> Option<Call> {
    if game.is_shared() || game.down().is_some() {
        return None;
    }
    let snapshot = &game.snapshot;
    let match_number = snapshot.match_number;
    let ply = snapshot.record.position().ply();
    match snapshot.phase {
        Phase::Waiting | Phase::Adjourned => None,
        Phase::Over(_) => {
            let other = snapshot.seats[game.other()].occupant();
            let wants_more = other.is_some_and(Occupant::wants_rematch);
            Some(if wants_more { Call::Rematch { match_number } } else { Call::Result { match_number } })
        }
        Phase::Playing => match game.incoming_offer() {
            Some(offer) if !game.is_own(offer.by) => {
                Some(Call::Offer { number: offer.number, kind: offer.kind })
            }
            Some(_) | None if is_arrival(game) => Some(Call::Arrival { code: snapshot.code }),
            Some(_) | None => snapshot.to_move().filter(|seat| game.is_own(*seat)).map(|_| Call::Turn {
                match_number,
                branch: snapshot.branch,
                ply,
            }),
        },
    }
}

/// Tells whether the player who waited has not acted since the other one came.
fn is_arrival(game: &Game) -> bool {
    let snapshot = &game.snapshot;
    let is_first = snapshot.match_number == 1 && snapshot.record.position().ply() == 0;
    is_first && game.is_own(Seat::Host)
}

/// The state of a game as a title: a call, or whose turn it is.
pub(crate) fn title_of(game: &Game) -> Option<String> {
    let other = game.other_name();
    let absent = game.opponent_presence().and_then(absence);
    let Some(call) = call_of(game) else {
        return Some(match game.snapshot.phase {
            _ if game.down().is_some() => "No connection".into(),
            // The other player of a game at this machine takes a seat at once.
            Phase::Waiting => game.online().map(|_| "Waiting for a friend".into())?,
            Phase::Adjourned => "Adjourned".into(),
            Phase::Over(_) => game.reader().headline(),
            Phase::Playing => format!("{} to move", game.name(game.snapshot.to_move()?)),
        });
    };
    Some(match call {
        Call::Arrival { .. } => format!("{other} {}", absent.unwrap_or("is here")),
        Call::Turn { .. } => absent.map_or_else(|| "Your turn".into(), |absent| format!("{other} {absent}")),
        Call::Offer { kind: OfferKind::Draw, .. } => format!("{other} offers a draw"),
        Call::Offer { kind: OfferKind::Takeback, .. } => format!("{other} asks for a takeback"),
        Call::Offer { kind: OfferKind::Adjourn, .. } => format!("{other} offers to adjourn"),
        Call::Result { .. } => game.reader().headline(),
        Call::Rematch { .. } if game.series_goes_on() => format!("{other} is ready for the next game"),
        Call::Rematch { .. } => format!("{other} wants a rematch"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_harness::start;

    #[test]
    fn a_server_that_finds_reasons_to_warn_rings_once_in_five_seconds() {
        let mut notifier = Notifier::default();
        let start = start();
        let count = (0..600).filter(|tick| notifier.warn(start + *tick * BELL_REST / 300).is_some()).count();
        assert_eq!(count, 2);
    }
}
