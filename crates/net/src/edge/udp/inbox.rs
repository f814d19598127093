//! Datagrams on the way from a socket's driver to the task of their session.
//!
//! A channel of one sender and one receiver that keeps no room while nothing is in it. That of tokio keeps 1,056 bytes
//! for a session that hears nothing, a quarter of what all the rest of an idle session takes.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

/// The driver's end. When it is dropped, no more datagrams come.
#[derive(Debug)]
pub(super) struct InboxSender(Arc<Inbox>);

/// The session's end.
#[derive(Debug)]
pub(super) struct InboxReceiver(Arc<Inbox>);

/// There are as many datagrams as may wait; this one was dropped.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

/// Opens an inbox in which at most `places` datagrams wait.
pub(super) fn inbox(places: usize) -> (InboxSender, InboxReceiver) {
    let waiting = Waiting { datagrams: VecDeque::new(), reader: None, is_closed: false };
    let inbox = Arc::new(Inbox { places, waiting: Mutex::new(waiting) });
    (InboxSender(Arc::clone(&inbox)), InboxReceiver(inbox))
}

impl InboxSender {
    /// Puts a copy of a datagram in and wakes the reader.
    pub(super) fn put(&self, datagram: &[u8]) -> Result<(), Full> {
        let mut waiting = self.0.lock();
        if waiting.datagrams.len() >= self.0.places {
            return Err(Full);
        }
        waiting.datagrams.push_back(datagram.into());
        wake(waiting);
        Ok(())
    }
}

impl Drop for InboxSender {
    fn drop(&mut self) {
        let mut waiting = self.0.lock();
        waiting.is_closed = true;
        wake(waiting);
    }
}

impl InboxReceiver {
    /// Waits for the next datagram; `None` once there will be no more.
    pub(super) fn poll_take(&self, context: &Context<'_>) -> Poll<Option<Box<[u8]>>> {
        let mut waiting = self.0.lock();
        if let Some(datagram) = waiting.datagrams.pop_front() {
            if waiting.datagrams.is_empty() && waiting.datagrams.capacity() > KEPT {
                waiting.datagrams = VecDeque::new();
            }
            return Poll::Ready(Some(datagram));
        }
        if waiting.is_closed {
            return Poll::Ready(None);
        }
        waiting.reader = Some(context.waker().clone());
        Poll::Pending
    }
}

#[derive(Debug)]
struct Inbox {
    places: usize,
    /// Locked for the moments of putting in and of taking out, by one task each.
    waiting: Mutex<Waiting>,
}

#[derive(Debug)]
struct Waiting {
    datagrams: VecDeque<Box<[u8]>>,
    /// Who waits, if anybody does.
    reader: Option<Waker>,
    is_closed: bool,
}

impl Inbox {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Nothing in here fails half-way.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Unlocks, and then wakes the reader, who will want the lock.
fn wake(mut waiting: MutexGuard<'_, Waiting>) {
    let reader = waiting.reader.take();
    drop(waiting);
    if let Some(reader) = reader {
        reader.wake();
    }
}

/// Datagrams for which an empty inbox keeps the room: what the shortest allocation of a queue holds.
const KEPT: usize = 4;

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl std::task::Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[test]
    fn datagrams_come_out_in_order_and_then_the_end() {
        let (sender, receiver) = inbox(3);
        let context = Context::from_waker(Waker::noop());
        for datagram in [b"a", b"b", b"c"] {
            assert_eq!(sender.put(datagram), Ok(()));
        }
        assert_eq!(sender.put(b"d"), Err(Full));
        drop(sender);
        let mut taken = Vec::new();
        while let Poll::Ready(Some(datagram)) = receiver.poll_take(&context) {
            taken.push(datagram);
        }
        assert_eq!(taken.concat(), b"abc");
        assert_eq!(receiver.poll_take(&context), Poll::Ready(None));
    }

    #[test]
    fn who_waits_is_woken_once_for_each_time_it_waited() {
        let (sender, receiver) = inbox(3);
        let count = Arc::new(Count::default());
        let waker = Waker::from(Arc::clone(&count));
        let context = Context::from_waker(&waker);
        let woken = || count.0.load(Ordering::Relaxed);
        assert_eq!(receiver.poll_take(&context), Poll::Pending);
        assert_eq!((sender.put(b"a"), sender.put(b"b"), woken()), (Ok(()), Ok(()), 1));
        assert!(receiver.poll_take(&context).is_ready() && receiver.poll_take(&context).is_ready());
        assert_eq!(receiver.poll_take(&context), Poll::Pending);
        drop(sender);
        assert_eq!(woken(), 2);
    }

    #[test]
    fn an_empty_inbox_keeps_no_room_for_a_burst() {
        let (sender, receiver) = inbox(32);
        while sender.put(b"a").is_ok() {}
        let context = Context::from_waker(Waker::noop());
        while receiver.poll_take(&context).is_ready() {}
        assert!(receiver.0.lock().datagrams.capacity() <= KEPT);
    }
}
