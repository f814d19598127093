//! The bot as a player of a room.

use std::time::Duration;

use game_core::Bot;
use net::proto::{Command, Name, Occupant, Offer, OfferKind, Phase, Seat, Snapshot};

/// The time the bot seems to think, so that its move is noticed.
const THINKING: Duration = Duration::from_millis(400);

/// The name of the bot.
///
/// # Panics
///
/// Never: `the bot` is a name.
pub(crate) fn name() -> Name {
    server::phrases::BOT.parse().expect("a plain name")
}

/// A bot that moves, answers offers and takes a rematch.
#[derive(Debug)]
pub(crate) struct BotPlayer(pub(crate) Bot);

impl BotPlayer {
    /// The next command of the bot in this seat, and the time until then.
    pub(crate) fn plan(&mut self, snapshot: &Snapshot, seat: Seat) -> Option<(Duration, Command)> {
        let person = seat.other();
        let position = snapshot.record.position();
        let match_number = snapshot.match_number;
        if let Some(offer) = snapshot.offer.filter(|offer| offer.by == person) {
            return Some(answer(&offer));
        }
        if snapshot.to_move() == Some(seat) {
            let cell = self.0.choose(position)?;
            let (branch, ply) = (snapshot.branch, position.ply());
            return Some((THINKING, Command::Play { match_number, branch, ply, cell }));
        }
        let wants_more = snapshot.seats[person].occupant().is_some_and(Occupant::wants_rematch);
        let is_over = matches!(snapshot.phase, Phase::Over(_));
        (is_over && wants_more).then_some((THINKING, Command::Rematch { match_number }))
    }
}

/// The bot's answer to an offer: it declines draws and grants takebacks.
fn answer(offer: &Offer) -> (Duration, Command) {
    let number = offer.number;
    match offer.kind {
        OfferKind::Takeback => {
            let opens_in = Duration::from_millis(offer.opens_in_millis.into());
            (opens_in.max(THINKING), Command::Accept { number })
        }
        OfferKind::Draw | OfferKind::Adjourn => (Duration::ZERO, Command::Decline { number }),
    }
}
