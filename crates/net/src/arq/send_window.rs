//! The messages that await an acknowledgement or their first sending.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use super::{
    packet::{self, MAX_DATAGRAM, MessageAcks},
    recv_window,
    seq::Seq,
    vitals::Window,
};

/// Maximum number of messages that await an acknowledgement or their first sending: ten minutes of chatter, or twice
/// what a server sends in a burst.
const MAX_MESSAGES: usize = 64;

/// Maximum number of their bytes: the same as a TCP link keeps for a peer that does not read.
const MAX_BYTES: usize = 16 * 1024;

/// The messages of one direction that are not known to have arrived, the oldest first.
///
/// # Invariants
///
/// `queue[..unsent]` has been sent, the rest has not, and of the former the first is not acknowledged.
#[derive(Debug)]
pub(super) struct SendWindow {
    /// The payloads; one is empty once it is acknowledged.
    queue: VecDeque<Bytes>,
    /// The number of the first message in the queue, or of the next one if the queue is empty.
    base: Seq,
    unsent: usize,
    bytes: usize,
}

/// The window is full; nothing was taken.
#[derive(Debug)]
pub(super) struct Full;

impl SendWindow {
    pub(super) const fn new(first: Seq) -> Self {
        Self { queue: VecDeque::new(), base: first, unsent: 0, bytes: 0 }
    }

    /// Takes a payload, which is not empty.
    pub(super) fn push(&mut self, payload: Bytes) -> Result<(), Full> {
        if self.queue.len() >= MAX_MESSAGES || self.bytes + payload.len() > MAX_BYTES {
            return Err(Full);
        }
        self.bytes += payload.len();
        self.queue.push_back(payload);
        Ok(())
    }

    /// Returns whether a message awaits its first sending and the peer has room for it.
    pub(super) fn has_unsent(&self) -> bool {
        self.unsent < self.queue.len().min(recv_window::REACH)
    }

    /// Returns whether a message has been sent and is not acknowledged.
    pub(super) const fn has_unacknowledged(&self) -> bool {
        self.unsent > 0
    }

    /// The number of messages that are not acknowledged.
    pub(super) fn unacknowledged(&self) -> usize {
        self.queue.iter().filter(|payload| !payload.is_empty()).count()
    }

    /// The window, to be looked at.
    pub(super) fn window(&self) -> Window {
        Window {
            next: self.number(self.unsent).unwrap_or(Seq::LAST),
            messages: self.unacknowledged(),
            bytes: self.bytes,
            most: MAX_MESSAGES,
        }
    }

    /// Returns whether every message that was pushed is acknowledged.
    pub(super) fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// The number of the next new message; `None` when they are used up.
    pub(super) fn next_number(&self) -> Option<Seq> {
        self.number(self.queue.len()).filter(|number| *number < Seq::LAST)
    }

    /// Returns whether an honest peer can have received exactly these messages.
    pub(super) fn could_have_arrived(&self, acks: MessageAcks) -> bool {
        let Some(sent_end) = self.number(self.unsent) else { return true };
        match sent_end.beyond(acks.next) {
            None => false,
            // Of the `sent` messages from `next` on, the first has not arrived, and the bits stand for the rest.
            Some(sent) => sent > u32::BITS || acks.bits.checked_shr(sent.saturating_sub(1)).unwrap_or(0) == 0,
        }
    }

    /// Releases the messages that have arrived. Returns whether any of that is news.
    pub(super) fn acknowledge(&mut self, acks: MessageAcks) -> bool {
        let mut is_news = false;
        for index in 0..self.unsent {
            let Some(number) = self.number(index) else { break };
            let payload = &mut self.queue[index];
            if acks.contains(number) && !payload.is_empty() {
                is_news = true;
                self.bytes -= std::mem::take(payload).len();
            }
        }
        while self.unsent > 0 && self.queue.front().is_some_and(Bytes::is_empty) {
            let Some(base) = self.base.next() else { break };
            self.base = base;
            self.queue.pop_front();
            self.unsent -= 1;
        }
        if self.queue.is_empty() {
            // An idle session keeps no room.
            self.queue = VecDeque::new();
        }
        is_news
    }

    /// Adds messages to a packet as far as they fit: first those that were never sent, then, in the room that is left,
    /// those that are unacknowledged, the oldest first. They are written by ascending numbers.
    ///
    /// Returns whether the packet has all messages that await an acknowledgement.
    pub(super) fn fill(&mut self, datagram: &mut BytesMut) -> bool {
        let mut room = MAX_DATAGRAM - datagram.len();
        let mut fits = |payload: &Bytes| {
            let rest = room.checked_sub(packet::MESSAGE_HEADER_BYTES + payload.len());
            rest.inspect(|rest| room = *rest).is_some()
        };
        let reach = self.queue.len().min(recv_window::REACH);
        let fresh = self.queue.range(self.unsent..reach.max(self.unsent)).take_while(|it| fits(it)).count();
        let sent = self.queue.range(..self.unsent);
        let old = sent.take_while(|it| it.is_empty() || fits(it)).count();
        for index in (0..old).chain(self.unsent..self.unsent + fresh) {
            let payload = &self.queue[index];
            if let Some(number) = self.number(index)
                && !payload.is_empty()
            {
                packet::put_message(datagram, number, payload);
            }
        }
        let is_all = old == self.unsent;
        self.unsent += fresh;
        is_all
    }

    fn number(&self, index: usize) -> Option<Seq> {
        Seq::new(self.base.get() + u32::try_from(index).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arq::packet::{Messages, Packet};

    fn seq(number: u32) -> Seq {
        Seq::new(number).unwrap()
    }

    fn window(first: u32, payloads: &[&'static [u8]]) -> SendWindow {
        let mut window = SendWindow::new(seq(first));
        for payload in payloads {
            window.push(Bytes::from_static(payload)).unwrap();
        }
        window
    }

    /// The numbers in the next packet.
    fn fill(window: &mut SendWindow) -> Vec<u32> {
        let mut datagram = BytesMut::new();
        packet::Data {
            cid: packet::Cid(1),
            number: Seq::FIRST,
            acks: packet::PacketAcks::default(),
            received: MessageAcks { next: Seq::FIRST, bits: 0 },
            wants_ack: true,
            messages: Messages::default(),
        }
        .encode(&mut datagram);
        window.fill(&mut datagram);
        assert!(datagram.len() <= MAX_DATAGRAM);
        let Ok(Packet::Data(data)) = Packet::decode(&datagram) else { panic!("{datagram:?}") };
        data.messages.iter().map(|(number, _)| number.get()).collect()
    }

    const fn acks(next: u32, bits: u32) -> MessageAcks {
        MessageAcks { next: Seq::new(next).unwrap(), bits }
    }

    #[test]
    fn a_packet_carries_all_that_is_unacknowledged() {
        let mut window = window(1, &[b"a", b"b", b"c"]);
        assert_eq!(fill(&mut window), [1, 2, 3]);
        assert!(window.acknowledge(acks(1, 0b01)));
        assert!(!window.acknowledge(acks(1, 0b01)), "no news");
        assert_eq!(fill(&mut window), [1, 3]);
        assert!(window.acknowledge(acks(3, 0)));
        assert_eq!(fill(&mut window), [3]);
        assert!(window.acknowledge(acks(4, 0)));
        assert!(window.is_empty() && !window.has_unacknowledged());
        assert!(!window.acknowledge(acks(2, 0)), "an old packet changes nothing");
    }

    #[test]
    fn a_new_message_goes_out_before_old_ones_are_repeated() {
        const LONG: &[u8] = &[7; 900];
        let mut window = window(1, &[LONG]);
        assert_eq!(fill(&mut window), [1]);
        window.push(Bytes::from_static(b"new")).unwrap();
        window.push(Bytes::from_static(LONG)).unwrap();
        assert_eq!(fill(&mut window), [2, 3], "both new ones, and no room for the first");
        assert_eq!(fill(&mut window), [1, 2], "nothing is new, so the oldest first");
    }

    #[test]
    fn the_bounds_are_64_messages_and_16_kib() {
        let mut small = SendWindow::new(Seq::FIRST);
        for _ in 0..MAX_MESSAGES {
            small.push(Bytes::from_static(b"x")).unwrap();
        }
        small.push(Bytes::from_static(b"y")).unwrap_err();
        let mut large = SendWindow::new(Seq::FIRST);
        for _ in 0..16 {
            large.push(Bytes::from_static(&[0; 1024])).unwrap();
        }
        large.push(Bytes::from_static(b"x")).unwrap_err();
    }

    #[test]
    fn no_more_is_sent_than_the_peer_can_hold() {
        let mut window = SendWindow::new(Seq::FIRST);
        for _ in 0..MAX_MESSAGES {
            window.push(Bytes::from_static(b"x")).unwrap();
        }
        assert_eq!(fill(&mut window).len(), recv_window::REACH);
        assert!(!window.has_unsent());
        window.acknowledge(acks(2, 0));
        assert!(window.has_unsent());
    }

    #[test]
    fn the_last_number_is_never_used() {
        let before_the_last = Seq::LAST.get() - 1;
        assert_eq!(window(before_the_last, &[]).next_number(), Seq::new(before_the_last));
        assert_eq!(window(before_the_last, &[b"x"]).next_number(), None);
    }

    #[test]
    fn only_what_was_sent_can_have_arrived() {
        for base in [1, (1 << 31) - 40] {
            for sent in 0..40_u32 {
                let mut window = SendWindow::new(seq(base));
                for _ in 0..sent {
                    window.push(Bytes::from_static(b"x")).unwrap();
                    fill(&mut window);
                }
                let sent = sent.min(u32::try_from(recv_window::REACH).unwrap());
                for next in base.saturating_sub(2).max(1)..base + sent + 3 {
                    let Some(next_seq) = Seq::new(next) else { continue };
                    for bit in 0..32 {
                        let claimed = MessageAcks { next: next_seq, bits: 1 << bit };
                        let is_honest = next + 1 + bit < base + sent;
                        assert_eq!(window.could_have_arrived(claimed), is_honest, "{sent} sent, {claimed:?}");
                    }
                    let claimed = MessageAcks { next: next_seq, bits: 0 };
                    assert_eq!(window.could_have_arrived(claimed), next <= base + sent, "{sent} {claimed:?}");
                }
            }
        }
    }
}
