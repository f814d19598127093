//! The bound on what a server can make this client do in a second.
//!
//! A server that floods is read slowly, and the flood waits on the network. Snapshots and talk are read on, since a watcher of a
//! fast match has to see its present state: snapshots are whole, so only the newest has to be shown, and more talk than
//! anybody can read is dropped.

use std::time::Instant;

use net::{
    proto::{Event, ServerMessage, Snapshot},
    token_bucket::TokenBucket,
};

/// Messages read in a second, and at once after a pause: ten times the moves of two players who send as fast as every server
/// lets them (50 messages a second).
const READ_PER_SECOND: u32 = 1_000;

/// Messages that reach the screen in a second: more frames than anybody tells apart.
const SHOWN_PER_SECOND: u32 = 50;

/// Messages that may reach the screen at once after a pause: several times the longest list of rooms, which comes in parts.
const SHOWN_BURST: u32 = 100;

/// Lets through as many messages as one client has to take in.
#[derive(Debug)]
pub(crate) struct Intake {
    read: TokenBucket,
    shown: TokenBucket,
    /// The newest snapshot, while it is too early to show it.
    held: Option<Box<Snapshot>>,
}

impl Intake {
    /// The intake of a connection that begins.
    pub(crate) fn new(now: Instant) -> Self {
        Self {
            read: TokenBucket::new(now, READ_PER_SECOND, READ_PER_SECOND),
            shown: TokenBucket::new(now, SHOWN_PER_SECOND, SHOWN_BURST),
            held: None,
        }
    }

    /// The time from which the next message may be read.
    pub(crate) fn ready_at(&self) -> Instant {
        self.read.ready_at().max(self.shown.settled_at())
    }

    /// Takes in a message. Returns those that are to be acted on, in order.
    pub(crate) fn handle(
        &mut self,
        now: Instant,
        message: ServerMessage,
    ) -> impl Iterator<Item = ServerMessage> + use<> {
        self.read.take_on_credit(now);
        let (before, message) = match message {
            ServerMessage::Event(Event::Snapshot(snapshot)) => {
                self.held = Some(snapshot);
                (None, self.handle_timeout(now))
            }
            ServerMessage::Event(Event::Said { .. }) => (None, self.shown.take(now).then_some(message)),
            other => {
                self.shown.take_on_credit(now);
                (self.held.take().map(shown), Some(other))
            }
        };
        before.into_iter().chain(message)
    }

    /// The time to call [`handle_timeout`](Self::handle_timeout).
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.held.is_some().then(|| self.shown.ready_at())
    }

    /// Returns the snapshot that had to wait, once it may be shown.
    pub(crate) fn handle_timeout(&mut self, now: Instant) -> Option<ServerMessage> {
        if self.held.is_some() && self.shown.take(now) { self.held.take().map(shown) } else { None }
    }
}

const fn shown(snapshot: Box<Snapshot>) -> ServerMessage {
    ServerMessage::Event(Event::Snapshot(snapshot))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use net::proto::{ChatMessage, Emote, Seat, ServerTime, Speaker, Unseating};

    use super::*;
    use crate::test_harness::{Harness, name, start};

    const SECOND: Duration = Duration::from_secs(1);

    /// A snapshot that can be told apart by its match number.
    fn snapshot(match_number: u32) -> ServerMessage {
        let harness = Harness::new(game_core::Rules::default()).join();
        let snapshot = harness.model.game().unwrap().snapshot.clone();
        shown(Box::new(Snapshot { match_number, ..snapshot }))
    }

    fn talk() -> ServerMessage {
        let message = ChatMessage::Emote(Emote::Hi);
        ServerMessage::Event(Event::Said { speaker: Speaker::Player(Seat::Host), name: name("eve"), message })
    }

    const fn unseated() -> ServerMessage {
        ServerMessage::Event(Event::Unseated(Unseating::Left))
    }

    /// The match number of a snapshot, and 0 for other messages.
    fn number(message: &ServerMessage) -> u32 {
        match message {
            ServerMessage::Event(Event::Snapshot(snapshot)) => snapshot.match_number,
            _ => 0,
        }
    }

    /// Floods an intake for ten seconds as fast as it reads, and checks how many messages it reads, and how many it lets
    /// through. Returns the numbers of the last read and of the last let through.
    #[track_caller]
    fn flood(message: &ServerMessage, reads: u32) -> (u32, u32) {
        let start = start();
        let mut intake = Intake::new(start);
        let (mut now, mut read, mut passed) = (start, 0, Vec::new());
        while now < start + 10 * SECOND {
            read += 1;
            let mut message = message.clone();
            if let ServerMessage::Event(Event::Snapshot(snapshot)) = &mut message {
                snapshot.match_number = read;
            }
            passed.extend(intake.handle(now, message));
            now = now.max(intake.ready_at());
        }
        passed.extend(intake.poll_timeout().and_then(|at| intake.handle_timeout(at)));
        assert!((reads - 2..=reads + 2).contains(&read), "{read} were read");
        assert!((598..=602).contains(&passed.len()), "{} were let through", passed.len());
        (read, passed.last().map_or(0, number))
    }

    #[test]
    fn of_a_flood_of_snapshots_some_are_shown_and_the_last_one_is() {
        let (last_read, last_shown) = flood(&snapshot(1), 10 * READ_PER_SECOND + READ_PER_SECOND);
        assert_eq!(last_shown, last_read);
    }

    #[test]
    fn of_a_flood_of_talk_some_is_shown() {
        flood(&talk(), 10 * READ_PER_SECOND + READ_PER_SECOND);
    }

    #[test]
    fn a_flood_of_anything_else_waits_and_nothing_of_it_is_lost() {
        let ping = ServerMessage::Ping { nonce: 1, rtt_micros: None, at: ServerTime(1) };
        for message in [unseated(), ping] {
            flood(&message, 10 * SHOWN_PER_SECOND + SHOWN_BURST);
        }
    }

    #[test]
    fn a_snapshot_that_waits_comes_before_what_follows_it() {
        let start = start();
        let mut intake = Intake::new(start);
        let passed: Vec<u32> = (1..=SHOWN_BURST + 2)
            .flat_map(|count| intake.handle(start, snapshot(count)))
            .map(|it| number(&it))
            .collect();
        assert_eq!(passed, (1..=SHOWN_BURST).collect::<Vec<_>>());
        let passed: Vec<u32> = intake.handle(start, unseated()).map(|it| number(&it)).collect();
        assert_eq!(passed, [SHOWN_BURST + 2, 0]);
        assert_eq!(intake.poll_timeout(), None);
    }

    #[test]
    fn a_match_and_its_talk_pass_at_once() {
        let start = start();
        let mut intake = Intake::new(start);
        for count in 1..200 {
            let now = start + count * SECOND / 10;
            assert!(intake.ready_at() <= now);
            assert_eq!(intake.handle(now, talk()).count(), 1);
            assert_eq!(
                intake.handle(now, snapshot(count)).map(|it| number(&it)).collect::<Vec<_>>(),
                [count]
            );
        }
    }
}
