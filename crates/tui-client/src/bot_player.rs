//! The bot as a player of a room: at this machine, or as a guest on our own server.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a shell: the guest waits as if it thought"
)]

use std::time::Duration;

use futures_util::future::OptionFuture;
use game_core::Bot;
use net::{
    addr::HostPort,
    connect::TransportChoice,
    proto::{Command, Event, Name, Occupant, Offer, OfferKind, Phase, RoomCode, Seat, Snapshot},
};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

use crate::{connection::Connection, msg::NetMsg, xray::Lens};

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

/// The next command of the bot in this seat, and the time until then. It moves, answers offers and takes a rematch.
pub(crate) fn plan(bot: &mut Bot, snapshot: &Snapshot, seat: Seat) -> Option<(Duration, Command)> {
    let person = seat.other();
    let position = snapshot.record.position();
    let match_number = snapshot.match_number;
    if let Some(offer) = snapshot.offer.filter(|offer| offer.by == person) {
        return Some(answer(&offer));
    }
    if snapshot.to_move() == Some(seat) {
        let cell = bot.choose(position)?;
        let (branch, ply) = (snapshot.branch, position.ply());
        return Some((THINKING, Command::Play { match_number, branch, ply, cell }));
    }
    let wants_more = snapshot.seats[person].occupant().is_some_and(Occupant::wants_rematch);
    let is_over = matches!(snapshot.phase, Phase::Over(_));
    (is_over && wants_more).then_some((THINKING, Command::Rematch { match_number }))
}

/// Joins a room on our own server as its guest, and plays there until the connection ends.
pub(crate) async fn join(target: HostPort, transport: TransportChoice, code: RoomCode, mut bot: Bot) {
    // Nobody looks at its link.
    let (_, lens) = watch::channel(Lens::default());
    let mut connection = Connection::dial((target, Vec::new()), transport, (name(), None), lens);
    let (mut own, mut planned) = (Seat::Guest, None);
    loop {
        tokio::select! {
            messages = connection.next() => for message in messages {
                match message {
                    NetMsg::Welcome(_) => connection.send(Command::Join { code, passcode: None }),
                    NetMsg::Event(Event::Seated { seat, .. }) => own = seat,
                    NetMsg::Event(Event::Snapshot(snapshot)) => {
                        let next = plan(&mut bot, &snapshot, own);
                        planned = next.map(|(after, command)| (Instant::now() + after, command));
                    }
                    NetMsg::Closed(_) | NetMsg::Unreachable(_) => return,
                    NetMsg::Connected(_)
                    | NetMsg::Event(_)
                    | NetMsg::Pinged { .. }
                    | NetMsg::Silent { .. }
                    | NetMsg::Heard
                    | NetMsg::Seen(_) => {}
                }
            },
            Some(()) = OptionFuture::from(planned.as_ref().map(|(at, _)| sleep_until(*at))) => {
                if let Some((_, command)) = planned.take() {
                    connection.send(command);
                }
            }
        }
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
