//! What has changed from one snapshot to the next that the room itself does not show.

use std::time::{Duration, Instant};

use net::proto::{Occupant, Offer, Phase, Presence, Seat, Snapshot};
use server::phrases::offered;

use super::{is_shared, name};
use crate::model::Game;

/// How exactly the end of an offer is known here: one that ends so close to its time has run out.
const CLOSE: Duration = Duration::from_millis(500);

/// What to say of the change from `before`, which was made at `made_before`, to what the game is now.
pub fn news(before: &Snapshot, made_before: Instant, game: &Game) -> Option<String> {
    let after = &game.snapshot;
    let was_out = matches!(
        before.seats[game.viewpoint().other()].occupant().map(|other| other.presence),
        Some(Presence::Silent { .. } | Presence::Away { .. })
    );
    let is_here = game.opponent_presence() == Some(Presence::Present);
    let other = name(game, game.viewpoint().other());
    if before.phase == Phase::Adjourned && after.phase == Phase::Playing {
        return Some("The match goes on.".into());
    }
    if was_out && is_here {
        return Some(format!("{other} is back."));
    }
    if before.match_number != after.match_number {
        return None;
    }
    match (before.phase, after.phase) {
        (Phase::Playing, Phase::Playing) => {
            let ended =
                before.offer.filter(|offer| after.offer.map(|now| now.number) != Some(offer.number))?;
            offer_ended(&ended, before, made_before, game)
        }
        (Phase::Over(_), Phase::Over(_)) => wish_ended(before, game),
        (Phase::Waiting | Phase::Playing | Phase::Adjourned | Phase::Over(_), _) => None,
    }
}

/// How an offer ended, as far as that is not clear from what was done here.
fn offer_ended(offer: &Offer, before: &Snapshot, made_before: Instant, game: &Game) -> Option<String> {
    let after = &game.snapshot;
    let is_own = offer.by == game.viewpoint() && !is_shared(game);
    let who = |seat: Seat| {
        if seat == game.viewpoint() && !is_shared(game) { "You".into() } else { name(game, seat) }
    };
    let by = who(offer.by);
    let other = name(game, offer.by.other());
    if after.branch != before.branch {
        let whose = if is_own { "your" } else { "their" };
        return Some(format!("{by} took {whose} last move back."));
    }
    let what = offered(offer.kind);
    let has_moved = after.record.moves().len() != before.record.moves().len();
    let gone_at = made_before + Duration::from_millis(offer.gone_in_millis.into());
    let has_run_out = gone_at <= game.shown_at + CLOSE;
    let was_ended_here = game.declined == Some(offer.number);
    match (is_own, has_moved) {
        // Who moves instead of answering has declined; who moves after offering has thought better of it.
        (true, true) if before.to_move() == Some(offer.by.other()) => {
            Some(format!("{other} played on, which declines {what}."))
        }
        (_, true) => None,
        (true, false) if was_ended_here => Some(format!("You withdrew: {what} is offered no more.")),
        (false, false) if was_ended_here => None,
        (_, false) if has_run_out => Some(format!("The time to answer is over: {what} is offered no more.")),
        (true, false) => Some(format!("{other} declined {what}.")),
        (false, false) if is_shared(game) => None,
        (false, false) => Some(format!("{by} withdrew: {what} is offered no more.")),
    }
}

/// A wish for a rematch that is gone, and why.
fn wish_ended(before: &Snapshot, game: &Game) -> Option<String> {
    let wanted = |snapshot: &Snapshot, seat: Seat| {
        snapshot.seats[seat].occupant().is_some_and(Occupant::wants_rematch)
    };
    let has_ended = |seat: Seat| wanted(before, seat) && !wanted(&game.snapshot, seat);
    let other = name(game, game.viewpoint().other());
    // Who has left is named by the line itself.
    game.snapshot.seats[game.viewpoint().other()].occupant()?;
    if has_ended(game.viewpoint().other()) {
        // Nobody takes a wish back: it ends by its time, or with who had it, of whom the line tells.
        let is_away = matches!(game.opponent_presence(), Some(Presence::Away { .. }));
        return (!is_away).then(|| format!("{other}'s wish for a rematch has run out."));
    }
    has_ended(game.viewpoint()).then(|| "Your wish for a rematch has run out.".into())
}
