//! One running session: messages out, messages in, and their acknowledgements.

use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use thiserror::Error;

use super::{
    config::{Config, Timing},
    ending::{Closed, Ending, LastWord},
    liveness::Liveness,
    packet::{Cid, CloseCode, Data, Messages, Packet, PacketAcks},
    packets::{Acknowledged, ReceivedPackets, Sample, SentPackets},
    recv_window::{Arrival, RecvWindow},
    rtt::RttEstimator,
    send_window::{Full, SendWindow},
    seq::Seq,
    timer::{ResendTimer, resend_interval},
    vitals::{SessionCounts, Vitals},
};
use crate::{proto::MAX_MESSAGE, token_bucket::TokenBucket};

/// A session with one peer, from the moment both have agreed on it.
///
/// Follows the drain rule of [the module](super). Inputs are [`handle_datagram`](Self::handle_datagram),
/// [`handle_timeout`](Self::handle_timeout) and [`handle_refused`](Self::handle_refused); the owner asks for
/// [`send`](Self::send), [`finish`](Self::finish) and [`close`](Self::close); outputs are
/// [`poll_transmit`](Self::poll_transmit), [`poll_event`](Self::poll_event) and [`poll_timeout`](Self::poll_timeout).
///
/// # Invariants
///
/// - The messages from [`poll_event`](Self::poll_event) are always a prefix of those that the peer's `send` took.
/// - A datagram is applied as a whole or not at all.
/// - At most 64 messages and 16 KiB wait on the way out, at most 64 messages on the way in.
#[derive(Debug)]
pub struct Session {
    timing: Timing,
    local_cid: Cid,
    remote_cid: Cid,
    ending: Ending,
    outbound: SendWindow,
    inbound: RecvWindow,
    resend: ResendTimer,
    rtt: RttEstimator,
    /// The recent delay of the peer's acknowledgements.
    peer_delay: Duration,
    sent: SentPackets,
    received: ReceivedPackets,
    liveness: Liveness,
    sending: TokenBucket,
    receiving: TokenBucket,
    counts: SessionCounts,
    early_copies: u64,
}

/// An event for the owner of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The next message from the peer.
    Message(Bytes),
    /// The session is over; this is its last event.
    Closed(Closed),
}

/// The reason why a payload was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SendError {
    /// Too many messages await an acknowledgement; try again later.
    #[error("too much waits to be acknowledged")]
    Full,
    /// The session is closing or over.
    #[error("the session is over")]
    Closed,
    /// The payload is empty or longer than a message may be.
    #[error("a payload of an impossible length")]
    Length,
}

impl Session {
    /// A session that both sides have agreed on. `rtt` is the round trip of the handshake, if it was measured.
    pub fn new(
        now: Instant,
        config: &Config,
        local_cid: Cid,
        remote_cid: Cid,
        rtt: Option<Duration>,
    ) -> Self {
        let mut estimator = RttEstimator::default();
        if let Some(rtt) = rtt {
            estimator.sample(rtt);
        }
        let (rate, burst) = (config.datagrams_per_second, config.datagram_burst);
        Self {
            timing: config.timing.clone(),
            local_cid,
            remote_cid,
            ending: Ending::new(),
            outbound: SendWindow::new(config.first_number),
            inbound: RecvWindow::new(config.first_number),
            resend: ResendTimer::default(),
            rtt: estimator,
            peer_delay: Duration::ZERO,
            sent: SentPackets::new(config.first_number),
            received: ReceivedPackets::new(now),
            liveness: Liveness::new(now),
            sending: TokenBucket::new(now, rate, burst),
            receiving: TokenBucket::new(
                now,
                rate.saturating_mul(RECEIVE_FACTOR).max(RECEIVED_PER_SECOND),
                burst.saturating_mul(RECEIVE_FACTOR).max(RECEIVED_AT_ONCE),
            ),
            counts: SessionCounts::default(),
            early_copies: 0,
        }
    }

    /// Sets how long both sides are expected to have nothing to send; at first, for no time. The session asks the peer for a
    /// sign of life, and gives it up, so much later.
    pub const fn expect_silence(&mut self, leniency: Duration) {
        self.liveness.expect_silence(leniency);
    }

    /// Handles a datagram from the peer's address.
    pub fn handle_datagram(&mut self, now: Instant, datagram: &[u8]) {
        self.liveness.drive(now, &self.timing);
        // Parsed before it is counted, so that nobody who does not know the session can use up its allowance.
        let Some(packet) = Packet::decode(datagram).ok().filter(|packet| self.is_addressed(packet)) else {
            self.counts.invalid += 1;
            return;
        };
        if !self.receiving.take(now) {
            self.counts.flooded += 1;
            return;
        }
        let is_taken = match packet {
            Packet::Data(data) => self.handle_data(now, &data),
            Packet::Close { code, .. } => {
                // Messages that arrived before still count.
                self.ending.handle_close(code);
                self.release();
                true
            }
            Packet::CloseAck { .. } => self.ending.handle_close_ack(),
            Packet::Reset { .. } => {
                self.ending.end(Closed::Reset);
                self.release();
                true
            }
            Packet::Hello(_)
            | Packet::Retry { .. }
            | Packet::Accept(_)
            | Packet::Refuse(_)
            | Packet::Ask(_)
            | Packet::Answer { .. } => false,
        };
        if is_taken {
            self.counts.received += 1;
            self.counts.received_bytes += u64::try_from(datagram.len()).unwrap_or(u64::MAX);
        } else {
            self.counts.invalid += 1;
        }
    }

    /// Does everything that is due. An early call changes nothing.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.liveness.drive(now, &self.timing);
        if !self.ending.is_running() {
            self.ending.handle_timeout(now);
        } else if now >= self.liveness.gives_up_at(&self.timing) {
            let closed = if self.liveness.is_refused() { Closed::Refused } else { Closed::Silent };
            self.ending.give_up(closed);
            self.release();
        }
    }

    /// Handles a report from the peer's machine that nobody listens there. It may be forged, and only shortens our
    /// patience.
    pub fn handle_refused(&mut self, now: Instant) {
        self.liveness.drive(now, &self.timing);
        self.liveness.refuse();
    }

    /// Queues a message for delivery.
    ///
    /// # Errors
    ///
    /// [`SendError`]; nothing was taken.
    pub fn send(&mut self, now: Instant, payload: Bytes) -> Result<(), SendError> {
        self.liveness.drive(now, &self.timing);
        if !self.ending.is_open() {
            return Err(SendError::Closed);
        }
        if payload.is_empty() || payload.len() > MAX_MESSAGE {
            return Err(SendError::Length);
        }
        if self.outbound.next_number().is_none() {
            self.exhaust(now);
            return Err(SendError::Closed);
        }
        self.outbound.push(payload).map_err(|Full| SendError::Full)
    }

    /// Closes the session once every message is delivered.
    pub fn finish(&mut self, now: Instant) {
        self.ending.finish();
        self.close_when_delivered(now);
    }

    /// Closes the session now. Messages that are not delivered yet may never be.
    pub fn close(&mut self, now: Instant, code: CloseCode) {
        self.end(now, code, Closed::ByUs);
    }

    /// Writes the next datagram for the peer; returns `false` if there is none. Call until then.
    #[must_use]
    pub fn poll_transmit(&mut self, now: Instant, datagram: &mut BytesMut) -> bool {
        let is_written = if self.ending.is_running() {
            self.transmit_data(now, datagram)
        } else {
            self.transmit_last_word(now, datagram)
        };
        if is_written {
            self.counts.sent += 1;
            self.counts.sent_bytes += u64::try_from(datagram.len()).unwrap_or(u64::MAX);
        }
        is_written
    }

    /// Returns the next event.
    #[must_use]
    pub fn poll_event(&mut self) -> Option<Event> {
        if let Some(payload) = self.inbound.pop() {
            return Some(Event::Message(payload));
        }
        self.ending.poll_event().map(Event::Closed)
    }

    /// The time at which to call [`handle_timeout`](Self::handle_timeout) and to poll again; `None` once the session is
    /// over.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        if !self.ending.is_running() {
            return self.ending.poll_timeout();
        }
        // A due packet waits for its token.
        let due_at = self.data_due_at().max(self.sending.ready_at());
        Some(due_at.min(self.liveness.gives_up_at(&self.timing)))
    }

    /// Returns whether the session is over and has nothing more to send.
    pub const fn is_over(&self) -> bool {
        self.ending.is_over()
    }

    /// The number of messages that were sent and are not known to have arrived.
    pub fn undelivered(&self) -> usize {
        self.outbound.unacknowledged()
    }

    /// The number of messages that have arrived and were not taken by [`poll_event`](Self::poll_event), in order or
    /// not.
    pub fn untaken(&self) -> usize {
        self.inbound.len()
    }

    /// The smoothed round-trip time, once one was measured.
    pub fn rtt(&self) -> Option<Duration> {
        self.rtt.srtt()
    }

    /// The counters.
    pub const fn counts(&self) -> SessionCounts {
        self.counts
    }

    /// The early ones of the copies that were sent.
    pub const fn early_copies(&self) -> u64 {
        self.early_copies
    }

    /// The inner state, to be looked at.
    pub fn vitals(&self) -> Vitals {
        Vitals {
            srtt: self.rtt.srtt(),
            rttvar: self.rtt.rttvar(),
            interval: self.resend_interval(),
            outbound: self.outbound.window(),
            inbound: self.inbound.window(),
            counts: self.counts,
        }
    }

    /// The cid that we receive under.
    pub const fn local_cid(&self) -> Cid {
        self.local_cid
    }

    /// Returns whether a packet belongs to the session: a packet that asks carries our cid, one that answers the
    /// peer's. A second ACCEPT answers a second HELLO, and is old news.
    fn is_addressed(&self, packet: &Packet<'_>) -> bool {
        match packet {
            Packet::Data(data) => data.cid == self.local_cid,
            Packet::Close { cid, .. } => *cid == self.local_cid,
            Packet::CloseAck { cid } | Packet::Reset { cid } => *cid == self.remote_cid,
            Packet::Hello(_)
            | Packet::Retry { .. }
            | Packet::Accept(_)
            | Packet::Refuse(_)
            | Packet::Ask(_)
            | Packet::Answer { .. } => false,
        }
    }

    fn handle_data(&mut self, now: Instant, data: &Data<'_>) -> bool {
        let Data { cid: _, number, acks, received, wants_ack, messages } = data;
        if !self.ending.is_running() {
            // Packets that were under way when we closed are late, not wrong.
            return true;
        }
        let could_have_arrived =
            self.sent.could_have_arrived(*acks) && self.outbound.could_have_arrived(*received);
        if !could_have_arrived {
            return false;
        }
        if self.received.note(now, *number) {
            self.liveness.hear(now);
        }
        self.handle_acks(now, *acks);
        if self.outbound.acknowledge(*received) {
            let sent_at = self.outbound.has_unacknowledged().then_some(self.liveness.asked_at());
            self.resend.progressed(now, sent_at, self.resend_interval());
            self.close_when_delivered(now);
        }
        let mut has_news = messages.is_empty();
        for (number, payload) in messages.iter() {
            match self.inbound.insert(number, payload) {
                Arrival::New => has_news = true,
                Arrival::Duplicate => self.counts.duplicates += 1,
                Arrival::Dropped => {}
            }
        }
        if *wants_ack && (has_news || !self.received.has_just_told(now, self.rtt.srtt())) {
            self.received.owe(now, self.timing.ack_delay);
        }
        true
    }

    fn handle_acks(&mut self, now: Instant, acks: PacketAcks) {
        let Acknowledged { is_answer, sample } = self.sent.acknowledge(now, acks);
        if is_answer {
            self.liveness.answer();
        }
        if let Some(Sample { rtt, delay }) = sample {
            self.rtt.sample(rtt);
            self.peer_delay = delay.max(self.peer_delay * 7 / 8);
        }
    }

    /// Writes a packet if one is due.
    fn transmit_data(&mut self, now: Instant, datagram: &mut BytesMut) -> bool {
        if self.data_due_at() > now || !self.sending.take(now) {
            return false;
        }
        let Some(number) = self.sent.take_number() else {
            // The close takes the place of the packet that has no number.
            self.exhaust(now);
            return self.transmit_last_word(now, datagram);
        };
        let is_asking = self.liveness.asks_at(&self.timing) <= now;
        let is_fresh = self.outbound.has_unsent();
        // A question that is due anyway carries the unacknowledged messages.
        let is_resend = self.outbound.has_unacknowledged() && (self.resend.is_due(now) || is_asking);
        let carries_messages = is_fresh || is_resend;
        let wants_ack = carries_messages || is_asking;
        datagram.clear();
        self.header(now, number, wants_ack).encode(datagram);
        let is_all = carries_messages && self.outbound.fill(datagram);
        let interval = self.resend_interval();
        let is_early =
            is_resend && (is_all || !is_fresh) && self.resend.sent_copy(now, interval, &self.timing);
        if is_fresh {
            self.resend.sent_fresh(now, interval, &self.timing);
        } else if is_resend {
            self.counts.copies += 1;
            self.early_copies += u64::from(is_early);
        }
        if wants_ack {
            self.liveness.ask(now);
            self.sent.await_ack(now, number);
        }
        true
    }

    fn header(&mut self, now: Instant, number: Seq, wants_ack: bool) -> Data<'static> {
        Data {
            cid: self.remote_cid,
            number,
            acks: self.received.tell(now),
            received: self.inbound.acks(),
            wants_ack,
            messages: Messages::default(),
        }
    }

    /// Writes a packet of the end, if one is due.
    fn transmit_last_word(&mut self, now: Instant, datagram: &mut BytesMut) -> bool {
        let packet = match self.ending.poll_transmit(now, self.timing.hello_interval) {
            None => return false,
            Some(LastWord::Close(code)) => Packet::Close { cid: self.remote_cid, code },
            Some(LastWord::CloseAck) => Packet::CloseAck { cid: self.local_cid },
        };
        packet.encode(datagram);
        true
    }

    /// The time at which a packet is due, tokens aside.
    fn data_due_at(&self) -> Instant {
        if self.outbound.has_unsent() {
            // The message was due when it was queued.
            return self.liveness.asked_at();
        }
        let due = self.resend.deadline().into_iter().chain(self.received.due_at());
        due.fold(self.liveness.asks_at(&self.timing), Instant::min)
    }

    fn resend_interval(&self) -> Duration {
        resend_interval(&self.rtt, self.peer_delay, &self.timing)
    }

    fn close_when_delivered(&mut self, now: Instant) {
        if self.ending.is_finishing() && self.outbound.is_empty() {
            self.end(now, CloseCode::Done, Closed::ByUs);
        }
    }

    fn exhaust(&mut self, now: Instant) {
        self.end(now, CloseCode::Exhausted, Closed::Exhausted);
    }

    fn end(&mut self, now: Instant, code: CloseCode, closed: Closed) {
        self.ending.close(now, code, closed);
        self.release();
    }

    /// Drops the messages that can no longer be delivered.
    fn release(&mut self) {
        self.outbound = SendWindow::new(Seq::FIRST);
        self.resend = ResendTimer::default();
    }
}

/// Datagrams from the peer that are accepted at least, per second and at once: four times what the protocol lets it
/// send, since they may arrive in a bunch. Excess datagrams are dropped.
const RECEIVED_PER_SECOND: u32 = 800;
const RECEIVED_AT_ONCE: u32 = 200;

/// The factor between the two for a side that is configured to send more than the protocol says.
const RECEIVE_FACTOR: u32 = 4;
