//! One running session: messages out, messages in, and what is said about them.

use std::{
    fmt,
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use thiserror::Error;

use super::{
    config::{Config, Timing},
    liveness::Liveness,
    packet::{Cid, CloseCode, Data, Messages, Packet, PacketAcks},
    packets::{Acknowledged, ReceivedPackets, Sample, SentPackets},
    recv_window::{Arrival, RecvWindow},
    rtt::RttEstimator,
    send_window::{Full, SendWindow},
    seq::Seq,
    timer::{ResendTimer, resend_interval},
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
/// - What [`poll_event`](Self::poll_event) gives out is always a prefix of what the peer's `send` took.
/// - A datagram changes everything it says or nothing.
/// - At most 64 messages and 16 KiB wait on the way out, at most 64 messages on the way in.
#[derive(Debug)]
pub struct Session {
    timing: Timing,
    local_cid: Cid,
    remote_cid: Cid,
    state: State,
    outbound: SendWindow,
    inbound: RecvWindow,
    resend: ResendTimer,
    rtt: RttEstimator,
    /// How long the peer delays its acknowledgements, of late.
    peer_delay: Duration,
    sent: SentPackets,
    received: ReceivedPackets,
    liveness: Liveness,
    sending: TokenBucket,
    receiving: TokenBucket,
    counts: SessionCounts,
}

/// What a session has to tell its owner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The next message of the peer.
    Message(Bytes),
    /// The session is over; this is its last event.
    Closed(Closed),
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// We closed it, and the peer knows or was told as often as is of use.
    ByUs,
    /// The peer closed it.
    ByPeer(CloseCode),
    /// The peer does not know the session: it was restarted.
    Reset,
    /// Nothing was heard for the idle timeout.
    Silent,
    /// The peer is silent, and its machine says that nobody listens there.
    Refused,
    /// The numbers are used up.
    Exhausted,
}

/// Why a payload was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum SendError {
    /// Too much waits to be acknowledged; try again later.
    #[error("too much waits to be acknowledged")]
    Full,
    /// The session is closing or over.
    #[error("the session is over")]
    Closed,
    /// The payload is empty or longer than a message may be.
    #[error("a payload of an impossible length")]
    Length,
}

/// What a session did so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SessionCounts {
    /// Datagrams sent.
    pub sent: u64,
    /// Bytes of UDP payload sent.
    pub sent_bytes: u64,
    /// Datagrams sent that only repeated messages.
    pub copies: u64,
    /// Datagrams taken in.
    pub received: u64,
    /// Bytes of UDP payload taken in.
    pub received_bytes: u64,
    /// Datagrams dropped as malformed, impossible or foreign.
    pub invalid: u64,
    /// Datagrams dropped because there were too many.
    pub flooded: u64,
    /// Messages that arrived more than once.
    pub duplicates: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    /// Everything is to be delivered, then closed.
    Finishing,
    /// Closes are being sent.
    Closing {
        code: CloseCode,
        sent: u8,
        next_at: Instant,
        end: Closed,
    },
    /// It is over; a last word to the peer may be owed.
    Closed {
        end: Closed,
        owed: Owed,
        is_told: bool,
    },
}

/// What a session that is over still has to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owed {
    Nothing,
    /// The answer to the peer's close.
    CloseAck,
    /// That we heard nothing, in case the peer hears us: so both ends are over at once.
    Close,
}

impl fmt::Display for Closed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::ByUs => "closed here",
            Self::ByPeer(_) => "closed by the peer",
            Self::Reset => "the peer does not know it any more",
            Self::Silent => "the peer is silent",
            Self::Refused => "the peer is silent, and nobody listens there",
            Self::Exhausted => "its numbers are used up",
        })
    }
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
            state: State::Open,
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
        }
    }

    /// Takes in a datagram that came from the peer's address.
    pub fn handle_datagram(&mut self, now: Instant, datagram: &[u8]) {
        self.liveness.drive(now, &self.timing);
        // Read before it is counted, so that who does not know the session cannot use up what its peer may send.
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
                self.end_by_peer(code);
                true
            }
            Packet::CloseAck { .. } => self.handle_close_ack(),
            Packet::Reset { .. } => {
                self.end(Closed::Reset);
                true
            }
            Packet::Hello(_) | Packet::Retry { .. } | Packet::Accept(_) | Packet::Refuse(_) => false,
        };
        if is_taken {
            self.counts.received += 1;
            self.counts.received_bytes += u64::try_from(datagram.len()).unwrap_or(u64::MAX);
        } else {
            self.counts.invalid += 1;
        }
    }

    /// Does what is due. To call it early changes nothing.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.liveness.drive(now, &self.timing);
        match self.state {
            State::Open | State::Finishing => {
                if now >= self.liveness.gives_up_at(&self.timing) {
                    self.end(if self.liveness.is_refused() { Closed::Refused } else { Closed::Silent });
                    self.owe(Owed::Close);
                }
            }
            State::Closing { sent, next_at, end, .. } => {
                if sent >= CLOSES && now >= next_at {
                    self.end(end);
                }
            }
            State::Closed { .. } => {}
        }
    }

    /// The peer's machine says that nobody listens there. That may be a lie, and shortens only our patience.
    pub fn handle_refused(&mut self, now: Instant) {
        self.liveness.drive(now, &self.timing);
        self.liveness.refuse();
    }

    /// Takes a message to be delivered.
    ///
    /// # Errors
    ///
    /// [`SendError`]; nothing was taken.
    pub fn send(&mut self, now: Instant, payload: Bytes) -> Result<(), SendError> {
        self.liveness.drive(now, &self.timing);
        if self.state != State::Open {
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

    /// Closes once everything that was sent is delivered.
    pub fn finish(&mut self, now: Instant) {
        if self.state == State::Open {
            self.state = State::Finishing;
            self.close_when_delivered(now);
        }
    }

    /// Closes now. What is not delivered yet may never be.
    pub fn close(&mut self, now: Instant, code: CloseCode) {
        self.start_closing(now, code, Closed::ByUs);
    }

    /// Writes the next datagram for the peer, `false` if there is none. Call until then.
    #[must_use]
    pub fn poll_transmit(&mut self, now: Instant, datagram: &mut BytesMut) -> bool {
        let is_written = match self.state {
            State::Open | State::Finishing => self.transmit_data(now, datagram),
            State::Closing { .. } => self.transmit_close(now, datagram),
            State::Closed { end, owed, is_told } => {
                self.state = State::Closed { end, owed: Owed::Nothing, is_told };
                match owed {
                    Owed::Nothing => false,
                    Owed::CloseAck => {
                        Packet::CloseAck { cid: self.local_cid }.encode(datagram);
                        true
                    }
                    Owed::Close => {
                        Packet::Close { cid: self.remote_cid, code: CloseCode::Silent }.encode(datagram);
                        true
                    }
                }
            }
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
        match &mut self.state {
            State::Closed { end, is_told, .. } if !*is_told => {
                *is_told = true;
                Some(Event::Closed(*end))
            }
            State::Open | State::Finishing | State::Closing { .. } | State::Closed { .. } => None,
        }
    }

    /// When to call [`handle_timeout`](Self::handle_timeout) and to poll again; `None` once the session is over.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Open | State::Finishing => {
                // Whatever is due waits for its token.
                let due_at = self.data_due_at().max(self.sending.ready_at());
                Some(due_at.min(self.liveness.gives_up_at(&self.timing)))
            }
            State::Closing { next_at, .. } => Some(next_at),
            State::Closed { .. } => None,
        }
    }

    /// Whether the session is over and has nothing more to send.
    pub const fn is_over(&self) -> bool {
        matches!(self.state, State::Closed { owed: Owed::Nothing, .. })
    }

    /// Messages that were sent and are not known to have arrived.
    pub fn undelivered(&self) -> usize {
        self.outbound.unacknowledged()
    }

    /// Messages that have arrived and were not taken by [`poll_event`](Self::poll_event), in order or not.
    pub fn untaken(&self) -> usize {
        self.inbound.len()
    }

    /// The smoothed round-trip time, once there is one.
    pub fn rtt(&self) -> Option<Duration> {
        self.rtt.srtt()
    }

    /// What the session did so far.
    pub const fn counts(&self) -> SessionCounts {
        self.counts
    }

    /// What we receive under.
    pub const fn local_cid(&self) -> Cid {
        self.local_cid
    }

    /// Whether a packet belongs to the session: what asks carries our cid, what answers the peer's. A second ACCEPT is the
    /// answer to a second HELLO, and old news.
    fn is_addressed(&self, packet: &Packet<'_>) -> bool {
        match packet {
            Packet::Data(data) => data.cid == self.local_cid,
            Packet::Close { cid, .. } => *cid == self.local_cid,
            Packet::CloseAck { cid } | Packet::Reset { cid } => *cid == self.remote_cid,
            Packet::Hello(_) | Packet::Retry { .. } | Packet::Accept(_) | Packet::Refuse(_) => false,
        }
    }

    fn handle_data(&mut self, now: Instant, data: &Data<'_>) -> bool {
        let Data { cid: _, number, acks, received, wants_ack, messages } = data;
        if !matches!(self.state, State::Open | State::Finishing) {
            // What was under way when we closed is late, and not wrong.
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

    fn handle_close_ack(&mut self) -> bool {
        let State::Closing { end, .. } = self.state else { return false };
        self.end(end);
        true
    }

    /// Writes a packet if anything is due.
    fn transmit_data(&mut self, now: Instant, datagram: &mut BytesMut) -> bool {
        if self.data_due_at() > now || !self.sending.take(now) {
            return false;
        }
        let Some(number) = self.sent.take_number() else {
            // The close takes the place of the packet that has no number.
            self.exhaust(now);
            return self.transmit_close(now, datagram);
        };
        let is_asking = self.liveness.asks_at(&self.timing) <= now;
        let is_fresh = self.outbound.has_unsent();
        // A question that is asked anyway carries what waits.
        let is_resend = self.outbound.has_unacknowledged() && (self.resend.is_due(now) || is_asking);
        let carries_messages = is_fresh || is_resend;
        let wants_ack = carries_messages || is_asking;
        datagram.clear();
        self.header(now, number, wants_ack).encode(datagram);
        let is_all = carries_messages && self.outbound.fill(datagram);
        let interval = self.resend_interval();
        if is_resend && (is_all || !is_fresh) {
            self.resend.sent_copy(now, interval, &self.timing);
        }
        if is_fresh {
            self.resend.sent_fresh(now, interval, &self.timing);
        } else if is_resend {
            self.counts.copies += 1;
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

    /// Writes a close if one is due.
    fn transmit_close(&mut self, now: Instant, datagram: &mut BytesMut) -> bool {
        let State::Closing { code, sent, next_at, end } = self.state else { return false };
        let is_due = sent < CLOSES && next_at <= now;
        if is_due {
            let wait = self.timing.hello_interval * (1 + u32::from(sent));
            self.state = State::Closing { code, sent: sent + 1, next_at: now + wait, end };
            Packet::Close { cid: self.remote_cid, code }.encode(datagram);
        }
        is_due
    }

    /// When a packet is due, however many tokens there are.
    fn data_due_at(&self) -> Instant {
        if self.outbound.has_unsent() {
            // It was due when it was taken.
            return self.liveness.asked_at();
        }
        let due = self.resend.deadline().into_iter().chain(self.received.due_at());
        due.fold(self.liveness.asks_at(&self.timing), Instant::min)
    }

    fn resend_interval(&self) -> Duration {
        resend_interval(&self.rtt, self.peer_delay, &self.timing)
    }

    fn close_when_delivered(&mut self, now: Instant) {
        if self.state == State::Finishing && self.outbound.is_empty() {
            self.start_closing(now, CloseCode::Done, Closed::ByUs);
        }
    }

    fn exhaust(&mut self, now: Instant) {
        self.start_closing(now, CloseCode::Exhausted, Closed::Exhausted);
    }

    fn start_closing(&mut self, now: Instant, code: CloseCode, end: Closed) {
        if matches!(self.state, State::Open | State::Finishing) {
            self.state = State::Closing { code, sent: 0, next_at: now, end };
            self.release();
        }
    }

    /// The peer closes. It is answered each time, since the answer may be lost; what it sent before still counts.
    fn end_by_peer(&mut self, code: CloseCode) {
        let end = match self.state {
            State::Closing { end, .. } => end,
            State::Open | State::Finishing | State::Closed { .. } => Closed::ByPeer(code),
        };
        self.end(end);
        self.owe(Owed::CloseAck);
    }

    fn end(&mut self, end: Closed) {
        if !matches!(self.state, State::Closed { .. }) {
            self.state = State::Closed { end, owed: Owed::Nothing, is_told: false };
            self.release();
        }
    }

    const fn owe(&mut self, word: Owed) {
        if let State::Closed { owed, .. } = &mut self.state {
            *owed = word;
        }
    }

    /// What waited to be sent has nobody to go to.
    fn release(&mut self) {
        self.outbound = SendWindow::new(Seq::FIRST);
        self.resend = ResendTimer::default();
    }
}

/// Closes that are sent, 50 and 100 ms apart: all three are lost once in 125 times at 20 % loss, and then the peer
/// finds out by its idle timeout, or by a reset.
const CLOSES: u8 = 3;

/// Datagrams of a peer a second, and at once, that are taken in at least: four times what the protocol lets it send, since
/// they may arrive in a bunch. What is more is dropped.
const RECEIVED_PER_SECOND: u32 = 800;
const RECEIVED_AT_ONCE: u32 = 200;

/// Who sends more than the protocol says, since it was told to, takes in as many times more.
const RECEIVE_FACTOR: u32 = 4;
