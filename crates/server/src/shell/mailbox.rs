//! What the host task has for one link, in the order in which the link is to say it.
//!
//! A queue of messages, a place for the newest snapshot of the room, and the last word. A channel of tokio has no such
//! place, and keeps room for 32 messages for a session that is told nothing.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
};

use net::proto::CloseReason;

/// Messages that may wait for one link. When full, the link is closed.
///
/// The host task handles a whole [`super::host::BATCH`] before a link's task runs, and answers a command by
/// three messages at most.
const PLACES: usize = 3 * super::host::BATCH;

/// Messages for which an empty mailbox keeps the room: what the shortest allocation of a queue holds.
const KEPT: usize = 4;

/// The host task's end. When it is dropped, the link is to end.
#[derive(Debug)]
pub(super) struct Mailbox(Arc<Shared>);

/// The link's end.
#[derive(Debug)]
pub(super) struct Mail(Arc<Shared>);

/// What a link is to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outbound {
    /// Send this message, already encoded.
    Message(Arc<[u8]>),
    /// Send this message, which takes the session out of its room: what was shown and has not gone out goes out no more.
    EndOfShow(Arc<[u8]>),
    /// Send this snapshot as soon as the peer keeps up, unless a newer one comes before.
    Newest(Arc<[u8]>),
    /// End the link.
    Close(CloseReason),
}

/// There are as many messages as may wait; this one was dropped.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Full;

/// Opens a mailbox.
pub(super) fn mailbox() -> (Mailbox, Mail) {
    let waiting = Waiting { messages: VecDeque::new(), newest: None, last: None, reader: None };
    let shared = Arc::new(Shared(Mutex::new(waiting)));
    (Mailbox(Arc::clone(&shared)), Mail(shared))
}

impl Mailbox {
    /// Puts a message in.
    pub(super) fn tell(&self, payload: Arc<[u8]>) -> Result<(), Full> {
        self.put(Outbound::Message(payload))
    }

    /// Puts in a message that takes the session out of its room. What was shown and has not been taken is gone.
    pub(super) fn end_show(&self, payload: Arc<[u8]>) -> Result<(), Full> {
        self.0.lock().newest = None;
        self.put(Outbound::EndOfShow(payload))
    }

    /// Puts in a snapshot, in the place of an older one. It comes out behind all messages.
    pub(super) fn show(&self, payload: Arc<[u8]>) {
        let mut waiting = self.0.lock();
        waiting.newest = Some(payload);
        wake(waiting);
    }

    /// Ends the link once what was put in has come out.
    pub(super) fn close(self, reason: CloseReason) {
        self.0.lock().last = Some(reason);
    }

    fn put(&self, message: Outbound) -> Result<(), Full> {
        let mut waiting = self.0.lock();
        if waiting.messages.len() >= PLACES {
            return Err(Full);
        }
        waiting.messages.push_back(message);
        wake(waiting);
        Ok(())
    }
}

impl Drop for Mailbox {
    fn drop(&mut self) {
        let mut waiting = self.0.lock();
        // Nobody drops it without a reason but a host task that is gone.
        waiting.last.get_or_insert(CloseReason::ShuttingDown);
        wake(waiting);
    }
}

impl Mail {
    /// Waits for the next thing to do.
    pub(super) fn poll_take(&self, context: &Context<'_>) -> Poll<Outbound> {
        let mut waiting = self.0.lock();
        if let Some(message) = waiting.messages.pop_front() {
            if waiting.messages.is_empty() && waiting.messages.capacity() > KEPT {
                waiting.messages = VecDeque::new();
            }
            return Poll::Ready(message);
        }
        if let Some(newest) = waiting.newest.take() {
            return Poll::Ready(Outbound::Newest(newest));
        }
        if let Some(last) = waiting.last {
            return Poll::Ready(Outbound::Close(last));
        }
        waiting.reader = Some(context.waker().clone());
        Poll::Pending
    }
}

/// Locked for the moments of putting in and of taking out, by one task each.
#[derive(Debug)]
struct Shared(Mutex<Waiting>);

#[derive(Debug)]
struct Waiting {
    /// At most [`PLACES`].
    messages: VecDeque<Outbound>,
    newest: Option<Arc<[u8]>>,
    last: Option<CloseReason>,
    /// Who waits, if anybody does.
    reader: Option<Waker>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // Nothing in here fails half-way.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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

#[cfg(test)]
mod tests {
    use super::*;

    fn payload(text: &str) -> Arc<[u8]> {
        text.as_bytes().into()
    }

    /// What is in a mailbox, in a sentence, up to the last word or to nothing.
    #[track_caller]
    fn check(mail: &Mail, expected: &str) {
        let mut taken = Vec::new();
        while let Poll::Ready(outbound) = mail.poll_take(&Context::from_waker(Waker::noop())) {
            let text = |payload: Arc<[u8]>| String::from_utf8(payload.to_vec()).unwrap();
            match outbound {
                Outbound::Message(payload) => taken.push(text(payload)),
                Outbound::EndOfShow(payload) => taken.push(format!("end:{}", text(payload))),
                Outbound::Newest(payload) => taken.push(format!("newest:{}", text(payload))),
                Outbound::Close(reason) => {
                    taken.push(format!("close:{reason:?}"));
                    break;
                }
            }
        }
        assert_eq!(taken.join(" "), expected);
    }

    #[test]
    fn of_several_snapshots_the_newest_comes_out_behind_the_messages() {
        let (mailbox, mail) = mailbox();
        mailbox.tell(payload("watching")).unwrap();
        for snapshot in ["1", "2", "3"] {
            mailbox.show(payload(snapshot));
        }
        mailbox.tell(payload("said")).unwrap();
        check(&mail, "watching said newest:3");
        mailbox.show(payload("4"));
        check(&mail, "newest:4");
    }

    #[test]
    fn what_was_shown_does_not_come_out_behind_the_way_out_of_the_room() {
        let (mailbox, mail) = mailbox();
        mailbox.show(payload("1"));
        mailbox.end_show(payload("unseated")).unwrap();
        check(&mail, "end:unseated");
        mailbox.show(payload("1"));
        mailbox.end_show(payload("unseated")).unwrap();
        mailbox.tell(payload("watching")).unwrap();
        mailbox.show(payload("2"));
        check(&mail, "end:unseated watching newest:2");
    }

    #[test]
    fn a_full_mailbox_takes_snapshots_and_the_last_word() {
        let (mailbox, mail) = mailbox();
        for _ in 0..PLACES {
            mailbox.tell(payload("a")).unwrap();
        }
        assert_eq!(mailbox.tell(payload("b")), Err(Full));
        for _ in 0..1_000 {
            mailbox.show(payload("1"));
        }
        mailbox.close(CloseReason::SlowConsumer);
        check(&mail, &format!("{}newest:1 close:SlowConsumer", "a ".repeat(PLACES)));
        check(&mail, "close:SlowConsumer");
        assert!(mail.0.lock().messages.capacity() <= KEPT);
    }

    #[test]
    fn a_host_task_that_is_gone_ends_the_link() {
        let (mailbox, mail) = mailbox();
        mailbox.tell(payload("a")).unwrap();
        drop(mailbox);
        check(&mail, "a close:ShuttingDown");
    }
}
