//! What calls the player back to a window that they do not look at: its title, and the bell.

use std::time::{Duration, Instant};

use net::proto::{Occupant, OfferKind, Phase, Presence, RoomCode, Seat};

use crate::{
    cmd::Cmd,
    model::{Game, Model},
    words,
};

/// How long the bell rests after it has rung, so that no other player can make it ring on and on.
const BELL_REST: Duration = Duration::from_secs(5);

/// How long after a key the window counts as looked at, where the terminal does not say: about as long as one thinks.
const LOOKING: Duration = Duration::from_secs(10);

/// What the window is called while nobody is called.
const PLAIN_TITLE: &str = "oxo";

/// What the window says, and when the bell may ring.
#[derive(Debug, Default)]
pub struct Notifier {
    /// Whether the window is looked at; `None` if the terminal never said.
    is_focused: Option<bool>,
    /// What called last.
    call: Option<Call>,
    /// What the window says now; `None` while nobody is called.
    title: Option<String>,
    /// When a key was pressed last.
    typed_at: Option<Instant>,
    /// When the bell may ring again.
    rests_until: Option<Instant>,
    /// Whether it is to ring then.
    is_owed: bool,
}

/// What the player is needed for. The same call rings once.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Call {
    /// Somebody came into the room.
    Arrival { code: RoomCode },
    /// The other player waits for a move.
    Turn { match_number: u32, branch: u16, ply: u16 },
    /// Something is offered.
    Offer { number: u32, kind: OfferKind },
    /// A match is over.
    Result { match_number: u32 },
    /// The other player wants another match.
    Rematch { match_number: u32 },
}

impl Notifier {
    /// Notes that a key was pressed. Who does that has seen what the bell would call to, unless somebody has just come.
    pub(crate) const fn typed(&mut self, now: Instant) {
        self.typed_at = Some(now);
        if !matches!(self.call, Some(Call::Arrival { .. })) {
            self.is_owed = false;
        }
    }

    /// When the bell has to be thought of again.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.due_at().filter(|_| self.is_owed)
    }

    /// Before when the bell must not ring.
    fn due_at(&self) -> Option<Instant> {
        // Who has come is told of at once; for all else, who has just typed is taken to be still there.
        let is_arrival = matches!(self.call, Some(Call::Arrival { .. }));
        let is_known = self.is_focused.is_some();
        let looks_until =
            self.typed_at.filter(|_| !is_arrival && !is_known).map(|typed_at| typed_at + LOOKING);
        [self.rests_until, looks_until].into_iter().flatten().max()
    }

    /// Rings if that is owed and due.
    fn ring(&mut self, now: Instant) -> Option<Cmd> {
        let is_due = self.due_at().is_none_or(|at| at <= now);
        if !self.is_owed || !is_due {
            return None;
        }
        self.is_owed = false;
        self.rests_until = Some(now + BELL_REST);
        Some(Cmd::Bell)
    }
}

impl Model {
    /// Notes whether the window is looked at.
    pub(crate) const fn focus(&mut self, is_focused: bool) {
        self.notifier.is_focused = Some(is_focused);
        if is_focused {
            self.notifier.is_owed = false;
        }
    }

    /// Says how the window is to be called now, and whether to ring.
    pub(crate) fn notify(&mut self, now: Instant) -> Vec<Cmd> {
        let called = self.online_game().and_then(|game| Some((call_of(game)?, title_of(game)?)));
        let (call, title) = called.unzip();
        let is_away = self.notifier.is_focused != Some(true);
        // Somebody who has come calls back from another game, too.
        let is_wanted = is_away || self.calling_game().is_some();
        if call != self.notifier.call {
            self.notifier.is_owed = is_wanted && call.is_some();
            self.notifier.call = call;
        }
        let title = title.filter(|_| is_wanted);
        let renamed = (title != self.notifier.title).then(|| {
            self.notifier.title.clone_from(&title);
            let named = |title: String| format!("{} - {PLAIN_TITLE}", self.theme.text(&title));
            Cmd::Title(title.map_or_else(|| PLAIN_TITLE.into(), named))
        });
        renamed.into_iter().chain(self.notifier.ring(now)).collect()
    }
}

/// What a game on a server needs the player for.
fn call_of(game: &Game) -> Option<Call> {
    if game.is_watching() || game.down().is_some() {
        return None;
    }
    let snapshot = &game.snapshot;
    let match_number = snapshot.match_number;
    let ply = snapshot.record.position().ply();
    match snapshot.phase {
        Phase::Waiting | Phase::Adjourned => None,
        Phase::Over(_) => {
            let other = snapshot.seats[game.viewpoint().other()].occupant();
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

/// Whether the one who waited has not done anything yet since the other came.
fn is_arrival(game: &Game) -> bool {
    let snapshot = &game.snapshot;
    let is_first = snapshot.match_number == 1 && snapshot.record.position().ply() == 0;
    is_first && game.is_own(Seat::Host)
}

/// The same as a title.
fn title_of(game: &Game) -> Option<String> {
    let other = words::name(game, game.viewpoint().other());
    Some(match call_of(game)? {
        Call::Arrival { .. } => format!("{other} is here"),
        Call::Turn { .. } => match game.opponent_presence() {
            Some(Presence::Away { is_on_purpose: true, .. }) => format!("{other} left"),
            Some(Presence::Away { .. }) => format!("{other} lost the connection"),
            Some(Presence::Present | Presence::Silent { .. }) | None => "Your turn".into(),
        },
        Call::Offer { kind: OfferKind::Draw, .. } => format!("{other} offers a draw"),
        Call::Offer { kind: OfferKind::Takeback, .. } => format!("{other} asks for a takeback"),
        Call::Offer { kind: OfferKind::Adjourn, .. } => format!("{other} offers to adjourn"),
        Call::Result { .. } => words::headline(game).trim_end_matches('.').into(),
        Call::Rematch { .. } => format!("{other} wants a rematch"),
    })
}
