//! One running session: messages out, messages in, and what is said about them.

use std::{
    collections::VecDeque,
    fmt,
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use thiserror::Error;

use super::{
    config::{Config, Timing},
    packet::{Cid, CloseCode, Data, Messages, Packet, PacketAcks},
    recv_window::{Arrival, RecvWindow},
    rtt::RttEstimator,
    send_window::{Full, SendWindow},
    seq::{Seen, Seq},
    timer::{ResendTimer, resend_interval},
};
use crate::token_bucket::TokenBucket;

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
    max_message: usize,
    local_cid: Cid,
    remote_cid: Cid,
    state: State,
    outbound: SendWindow,
    inbound: RecvWindow,
    resend: ResendTimer,
    rtt: RttEstimator,
    /// How long the peer delays its acknowledgements, of late.
    peer_delay: Duration,
    /// The number of the next packet.
    next_packet: Seq,
    /// Packets that want an acknowledgement and have none, and when they went out.
    awaited: VecDeque<(Seq, Instant)>,
    /// Packets of the peer's, and when the largest of them came.
    seen: Seen,
    largest_at: Instant,
    ack: AckState,
    /// When something was heard last.
    heard_at: Instant,
    /// When we were called last, by which a suspended process finds out that it was.
    driven_at: Instant,
    /// Whether the peer's machine has said that nobody listens there, since something was heard.
    is_refused: bool,
    /// When a packet that wants an acknowledgement went out last.
    asked_at: Instant,
    /// Since when such packets have gone out and none has been acknowledged.
    unanswered_since: Option<Instant>,
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

/// When the peer is owed an acknowledgement.
#[derive(Debug, Clone, Copy)]
struct AckState {
    due_at: Option<Instant>,
    /// When one went out last, with messages or without.
    sent_at: Option<Instant>,
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
            max_message: config.max_message,
            local_cid,
            remote_cid,
            state: State::Open,
            outbound: SendWindow::new(config.first_number),
            inbound: RecvWindow::new(config.first_number),
            resend: ResendTimer::default(),
            rtt: estimator,
            peer_delay: Duration::ZERO,
            next_packet: config.first_number,
            awaited: VecDeque::new(),
            seen: Seen::default(),
            largest_at: now,
            ack: AckState { due_at: None, sent_at: None },
            heard_at: now,
            driven_at: now,
            is_refused: false,
            asked_at: now,
            unanswered_since: None,
            sending: TokenBucket::new(now, rate, burst),
            receiving: TokenBucket::new(
                now,
                rate.saturating_mul(RECEIVE_FACTOR),
                burst.saturating_mul(RECEIVE_FACTOR),
            ),
            counts: SessionCounts::default(),
        }
    }

    /// Takes in a datagram that came from the peer's address.
    pub fn handle_datagram(&mut self, now: Instant, datagram: &[u8]) {
        self.notice_suspend(now);
        if !self.receiving.take(now) {
            self.counts.flooded += 1;
            return;
        }
        let is_taken = match Packet::decode(datagram) {
            Ok(Packet::Data(data)) => self.handle_data(now, &data),
            Ok(Packet::Close { cid, code }) if cid == self.local_cid => {
                self.end_by_peer(code);
                true
            }
            Ok(Packet::CloseAck { cid }) if cid == self.remote_cid => self.handle_close_ack(),
            Ok(Packet::Reset { cid }) if cid == self.remote_cid => {
                self.end(Closed::Reset);
                true
            }
            // A second ACCEPT is the answer to a second HELLO, and old news.
            Ok(
                Packet::Accept(_)
                | Packet::Hello(_)
                | Packet::Retry { .. }
                | Packet::Refuse(_)
                | Packet::Close { .. }
                | Packet::CloseAck { .. }
                | Packet::Reset { .. },
            )
            | Err(_) => false,
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
        self.notice_suspend(now);
        match self.state {
            State::Open | State::Finishing => {
                if now >= self.gives_up_at() {
                    self.end(if self.is_refused { Closed::Refused } else { Closed::Silent });
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
        self.notice_suspend(now);
        self.is_refused = true;
    }

    /// Takes a message to be delivered.
    ///
    /// # Errors
    ///
    /// [`SendError`]; nothing was taken.
    pub fn send(&mut self, now: Instant, payload: Bytes) -> Result<(), SendError> {
        self.driven_at = self.driven_at.max(now);
        if self.state != State::Open {
            return Err(SendError::Closed);
        }
        if payload.is_empty() || payload.len() > self.max_message {
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
            State::Closing { code, sent, next_at, end } => {
                let is_due = sent < CLOSES && next_at <= now;
                if is_due {
                    let wait = self.timing.hello_interval * (1 + u32::from(sent));
                    self.state = State::Closing { code, sent: sent + 1, next_at: now + wait, end };
                    Packet::Close { cid: self.remote_cid, code }.encode(datagram);
                }
                is_due
            }
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
                Some(due_at.min(self.gives_up_at()))
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

    fn handle_data(&mut self, now: Instant, data: &Data<'_>) -> bool {
        let Data { cid, number, acks, received, wants_ack, messages } = data;
        let was_sent = acks.largest.is_none_or(|largest| largest < self.next_packet);
        let is_open = matches!(self.state, State::Open | State::Finishing);
        if !is_open {
            // What was under way when we closed is late, and not wrong.
            return *cid == self.local_cid;
        }
        if *cid != self.local_cid || !was_sent || !self.outbound.could_have_arrived(*received) {
            return false;
        }
        let is_fresh = self.seen.largest.is_none_or(|largest| *number > largest);
        if self.seen.note(*number) {
            self.heard_at = now;
            self.is_refused = false;
        }
        if is_fresh {
            self.largest_at = now;
        }
        self.handle_acks(now, *acks);
        if self.outbound.acknowledge(*received) {
            let sent_at = self.outbound.has_unacknowledged().then_some(self.asked_at);
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
        if *wants_ack && (has_news || !self.has_just_acknowledged(now)) {
            self.ack.due_at.get_or_insert(now + self.timing.ack_delay);
        }
        true
    }

    /// Whether an acknowledgement is under way that will answer what comes now: an early copy crosses it on any path
    /// that is longer than the early copy's delay. If it is lost, the next copy comes later than this.
    fn has_just_acknowledged(&self, now: Instant) -> bool {
        let on_its_way = self.rtt.srtt().unwrap_or_default() / 2;
        let hush = on_its_way.clamp(MIN_HUSH, MAX_HUSH);
        self.ack.sent_at.is_some_and(|sent_at| now < sent_at + hush)
    }

    /// Measures the round trip if the largest packet is newly acknowledged, and forgets what has arrived.
    fn handle_acks(&mut self, now: Instant, acks: PacketAcks) {
        let Some(largest) = acks.largest else { return };
        if let Some((_, sent_at)) = self.awaited.iter().find(|(number, _)| *number == largest) {
            // An acknowledgement that is later than any that is meant to be was lost before, and tells no time.
            if acks.delay <= MAX_ACK_DELAY {
                self.rtt.sample(now.saturating_duration_since(*sent_at).saturating_sub(acks.delay));
                self.peer_delay = acks.delay.max(self.peer_delay * 7 / 8);
            }
        }
        let seen = acks.seen();
        if self.awaited.iter().any(|(number, _)| seen.contains(*number)) {
            self.unanswered_since = None;
        }
        self.awaited.retain(|(number, _)| !seen.contains(*number) && number.beyond(largest).is_some());
        if self.awaited.is_empty() {
            // An idle session keeps no room.
            self.awaited = VecDeque::new();
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
        let Some(after) = self.next_packet.next().filter(|after| *after < Seq::LAST) else {
            self.exhaust(now);
            return self.poll_close(now, datagram);
        };
        let is_fresh = self.outbound.has_unsent();
        let is_copy = !is_fresh && self.resend.is_due(now);
        let carries_messages = is_fresh || is_copy;
        let wants_ack = carries_messages || self.keepalive_at() <= now;
        let number = std::mem::replace(&mut self.next_packet, after);
        datagram.clear();
        self.header(now, number, wants_ack).encode(datagram);
        if carries_messages {
            self.outbound.fill(datagram);
        }
        let interval = self.resend_interval();
        if is_fresh {
            self.resend.sent_fresh(now, interval, &self.timing);
        } else if is_copy {
            self.counts.copies += 1;
            self.resend.sent_copy(now, interval, &self.timing);
        }
        if wants_ack {
            self.asked_at = now;
            self.unanswered_since.get_or_insert(now);
            if self.awaited.len() >= MAX_AWAITED {
                self.awaited.pop_front();
            }
            self.awaited.push_back((number, now));
        }
        self.ack = AckState { due_at: None, sent_at: Some(now) };
        true
    }

    fn header(&self, now: Instant, number: Seq, wants_ack: bool) -> Data<'static> {
        let Seen { largest, bits } = self.seen;
        let delay = largest.map_or(Duration::ZERO, |_| now.saturating_duration_since(self.largest_at));
        Data {
            cid: self.remote_cid,
            number,
            acks: PacketAcks { largest, bits, delay },
            received: self.inbound.acks(),
            wants_ack,
            messages: Messages::default(),
        }
    }

    /// The first close goes out in place of the packet that has no number left.
    fn poll_close(&mut self, now: Instant, datagram: &mut BytesMut) -> bool {
        let State::Closing { code, end, .. } = self.state else { return false };
        self.state = State::Closing { code, sent: 1, next_at: now + self.timing.hello_interval, end };
        Packet::Close { cid: self.remote_cid, code }.encode(datagram);
        true
    }

    /// When a packet is due, however many tokens there are.
    fn data_due_at(&self) -> Instant {
        if self.outbound.has_unsent() {
            return self.heard_at.min(self.asked_at);
        }
        let due = self.resend.deadline().into_iter().chain(self.ack.due_at);
        due.fold(self.keepalive_at(), Instant::min)
    }

    fn resend_interval(&self) -> Duration {
        resend_interval(&self.rtt, self.peer_delay, &self.timing)
    }

    /// When the peer is asked whether it is there; again soon if it has not answered the last time.
    fn keepalive_at(&self) -> Instant {
        let Timing { keepalive, resend_cap, .. } = self.timing;
        self.asked_at + if self.unanswered_since.is_some() { resend_cap.min(keepalive) } else { keepalive }
    }

    /// When the peer is believed to be gone: nothing was heard of it, or it has not heard of us. The second is how a
    /// path that is dead in one direction ends both ends.
    fn gives_up_at(&self) -> Instant {
        let Timing { idle_timeout, refused_timeout, .. } = self.timing;
        let patience = if self.is_refused { refused_timeout.min(idle_timeout) } else { idle_timeout };
        let unanswered = self.unanswered_since.map(|since| since + idle_timeout);
        unanswered.into_iter().fold(self.heard_at + patience, Instant::min)
    }

    /// A process that was suspended finds the world older than it left it. It asks once whether the peer is still
    /// there before it believes that it is not.
    fn notice_suspend(&mut self, now: Instant) {
        let slept = now.saturating_duration_since(self.driven_at);
        self.driven_at = self.driven_at.max(now);
        let is_open = matches!(self.state, State::Open | State::Finishing);
        // Awake, we are called for a keepalive at least.
        if is_open && slept > self.timing.keepalive + SUSPENDED {
            let patience = self.timing.refused_timeout.min(self.timing.idle_timeout);
            let heard_at = now.checked_sub(self.timing.idle_timeout.saturating_sub(patience)).unwrap_or(now);
            self.heard_at = self.heard_at.max(heard_at);
            self.unanswered_since = self.unanswered_since.map(|since| since.max(heard_at));
        }
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
        self.awaited = VecDeque::new();
    }
}

/// Closes that are sent, 50 and 100 ms apart: all three are lost once in 125 times at 20 % loss, and then the peer
/// finds out by its idle timeout, or by a reset.
const CLOSES: u8 = 3;

/// Packets that may wait for their acknowledgement: as many as an acknowledgement can name, twice.
const MAX_AWAITED: usize = 64;

/// What a peer may claim to have delayed its acknowledgement by: RFC 9000 section 18.2 has the same default.
const MAX_ACK_DELAY: Duration = Duration::from_millis(25);

/// For so long, at least and at most, a copy of what was just acknowledged is not acknowledged again.
const MIN_HUSH: Duration = Duration::from_millis(2);
const MAX_HUSH: Duration = Duration::from_millis(25);

/// A peer may send so many times what we would send ourselves before its datagrams are dropped unread: its settings
/// may be more generous, and its datagrams may arrive in a bunch.
const RECEIVE_FACTOR: u32 = 4;

/// A process that comes so much too late was suspended, or the machine was.
const SUSPENDED: Duration = Duration::from_secs(1);
