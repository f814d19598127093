//! The host task's end of a link. Messages leave at once where the socket takes them, without waking the link's task.

use std::{
    future::poll_fn,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll},
};

use futures_util::task::AtomicWaker;
use net::{
    heartbeat::Pace,
    link::{LinkSender, SendError},
    proto::CloseReason,
};
use tokio::sync::mpsc;

/// Messages that may wait for a link whose task sends them, as soon as it runs and its peer reads: more than one session is
/// told by all the inputs that the host task handles meanwhile, and more than twice the answers to all the messages that it
/// may send at once. When full, the link is closed.
const QUEUE: usize = 256;

/// The encoding of the messages that a link is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// As [`codec`](net::proto::codec) writes them.
    Binary,
    /// As [`json`](net::proto::json) writes them.
    Json,
}

/// The way to one link. When it is dropped, the link ends.
#[derive(Debug)]
pub(super) struct Outlet {
    route: Route,
    control: Arc<Control>,
}

/// The relation of a message to the others of its link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is sent behind those before it.
    Ordinary,
    /// It is a snapshot, which takes the place of an older one that has not left yet.
    Newest,
    /// It takes the session out of its room: a snapshot that has not left yet is dropped.
    EndOfShow,
}

/// The orders of the host task, as the link's task sees them.
#[derive(Debug, Clone)]
pub(super) struct Orders(Arc<Control>);

/// Encoded messages for a link whose task sends them, and the orders for that task.
#[derive(Debug)]
pub(super) struct Inbox {
    messages: mpsc::Receiver<Box<[u8]>>,
    newest: Newest,
    orders: Orders,
}

/// The newest snapshot that has not been taken.
type Newest = Arc<Mutex<Option<Box<[u8]>>>>;

#[derive(Debug)]
enum Route {
    Link(LinkSender),
    Queue { messages: mpsc::Sender<Box<[u8]>>, newest: Newest, encoding: Encoding },
}

#[derive(Debug, Default)]
struct Control {
    /// No match is on: see [`Pace::Idle`].
    is_idle: AtomicBool,
    /// The welcome was sent.
    is_welcomed: AtomicBool,
    close: OnceLock<CloseReason>,
    /// Something has changed that the link's task has not looked at.
    has_changed: AtomicBool,
    task: AtomicWaker,
}

impl Outlet {
    /// The way to a link, which sends by itself.
    pub(super) fn to_link(sender: LinkSender) -> (Self, Orders) {
        let control = Arc::new(Control::default());
        (Self { route: Route::Link(sender), control: Arc::clone(&control) }, Orders(control))
    }

    /// The way to a link whose task takes the messages, encoded like this, and sends them.
    pub(super) fn to_queue(encoding: Encoding) -> (Self, Inbox) {
        let control = Arc::new(Control::default());
        let (sender, messages) = mpsc::channel(QUEUE);
        let newest = Newest::default();
        let route = Route::Queue { messages: sender, newest: Arc::clone(&newest), encoding };
        (Self { route, control: Arc::clone(&control) }, Inbox { messages, newest, orders: Orders(control) })
    }

    /// The encoding of the messages to send.
    pub(super) const fn encoding(&self) -> Encoding {
        match &self.route {
            Route::Link(_) => Encoding::Binary,
            Route::Queue { encoding, .. } => *encoding,
        }
    }

    /// Sends an encoded message; on a link that is to end, nothing.
    pub(super) fn send(&self, kind: Kind, payload: &[u8]) -> Result<(), SendError> {
        if self.control.close.get().is_some() {
            return Ok(());
        }
        match &self.route {
            Route::Link(sender) => {
                if kind == Kind::Newest {
                    sender.send_newest(payload);
                    return Ok(());
                }
                if kind == Kind::EndOfShow {
                    sender.forget_newest();
                }
                sender.send(payload)
            }
            Route::Queue { messages, newest, .. } => {
                if kind == Kind::Newest {
                    *lock(newest) = Some(payload.into());
                    self.control.note_change();
                    return Ok(());
                }
                if kind == Kind::EndOfShow {
                    *lock(newest) = None;
                }
                messages.try_send(payload.into()).map_err(|_full| SendError)
            }
        }
    }

    /// Notes that the welcome was sent, if it was.
    pub(super) fn welcome(&self) {
        let is_sent = self.control.close.get().is_none();
        self.control.is_welcomed.store(is_sent, Ordering::Relaxed);
    }

    /// Tells whether the welcome was sent.
    pub(super) fn is_welcomed(&self) -> bool {
        self.control.is_welcomed.load(Ordering::Relaxed)
    }

    /// Messages that wait for the link's task. A link that sends by itself has none.
    pub(super) fn queued(&self) -> usize {
        match &self.route {
            Route::Link(_) => 0,
            Route::Queue { messages, .. } => messages.max_capacity() - messages.capacity(),
        }
    }

    /// Sets how often the link's peer is asked for a sign of life.
    pub(super) fn set_pace(&self, pace: Pace) {
        let is_idle = pace == Pace::Idle;
        if self.control.is_idle.swap(is_idle, Ordering::Relaxed) != is_idle {
            self.control.note_change();
        }
    }

    /// Ends the link once it has sent what it was given. The first reason counts.
    pub(super) fn close(&self, reason: CloseReason) {
        self.control.close.get_or_init(|| reason);
        self.control.note_change();
    }
}

impl Drop for Outlet {
    fn drop(&mut self) {
        // It is dropped without a reason only when the host task is gone, or the link.
        self.close(CloseReason::ShuttingDown);
    }
}

impl Control {
    fn note_change(&self) {
        self.has_changed.store(true, Ordering::Release);
        self.task.wake();
    }
}

impl Orders {
    /// Waits for a change. Only one task may wait.
    ///
    /// Cancel-safe.
    pub(super) async fn changed(&self) {
        poll_fn(|context| {
            // Before the look, so that no change falls between the two.
            self.0.task.register(context.waker());
            if self.0.has_changed.swap(false, Ordering::AcqRel) { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
    }

    /// The reason to end the link, once there is one.
    pub(super) fn close_reason(&self) -> Option<CloseReason> {
        self.0.close.get().copied()
    }

    pub(super) fn pace(&self) -> Pace {
        if self.0.is_idle.load(Ordering::Relaxed) { Pace::Idle } else { Pace::Match }
    }
}

impl Inbox {
    /// The orders for the link's task.
    pub(super) fn orders(&self) -> Orders {
        self.orders.clone()
    }

    /// Polls for the next message: the queued ones in order, then the newest snapshot, whose coming wakes the one who waits
    /// for [changed orders](Orders::changed).
    pub(super) fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Box<[u8]>> {
        if let Poll::Ready(Some(message)) = self.messages.poll_recv(context) {
            return Poll::Ready(message);
        }
        lock(&self.newest).take().map_or(Poll::Pending, Poll::Ready)
    }

    /// Waits until there is something to [take](Self::take), and returns it if it is a message.
    pub(super) async fn ready(&mut self) -> Option<Box<[u8]>> {
        tokio::select! {
            message = self.messages.recv() => message,
            () = self.orders.changed() => None,
        }
    }

    /// Takes what is there: messages in order, then the newest snapshot; at last the reason to end.
    pub(super) fn take(&mut self) -> Result<Option<Box<[u8]>>, CloseReason> {
        let payload = self.messages.try_recv().ok().or_else(|| lock(&self.newest).take());
        match self.orders.close_reason() {
            Some(reason) if payload.is_none() => Err(reason),
            Some(_) | None => Ok(payload),
        }
    }
}

fn lock(newest: &Newest) -> MutexGuard<'_, Option<Box<[u8]>>> {
    // One assignment cannot be left half-done.
    newest.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Checks what a text client is given, in order, up to the reason to end or to nothing.
    #[track_caller]
    fn check(inbox: &mut Inbox, expected: &str) {
        let mut taken = Vec::new();
        loop {
            match inbox.take() {
                Ok(Some(payload)) => taken.push(String::from_utf8(payload.into()).unwrap()),
                Ok(None) => break,
                Err(reason) => {
                    taken.push(format!("close:{reason:?}"));
                    break;
                }
            }
        }
        assert_eq!(taken.join(" "), expected);
    }

    #[test]
    fn of_several_snapshots_the_newest_comes_out_behind_the_messages() {
        let (outlet, mut inbox) = Outlet::to_queue(Encoding::Binary);
        outlet.send(Kind::Ordinary, b"watching").unwrap();
        for snapshot in [b"1", b"2", b"3"] {
            outlet.send(Kind::Newest, snapshot).unwrap();
        }
        outlet.send(Kind::Ordinary, b"said").unwrap();
        check(&mut inbox, "watching said 3");
        outlet.send(Kind::Newest, b"4").unwrap();
        check(&mut inbox, "4");
    }

    #[test]
    fn a_snapshot_does_not_come_out_behind_the_way_out_of_the_room() {
        let (outlet, mut inbox) = Outlet::to_queue(Encoding::Binary);
        outlet.send(Kind::Newest, b"1").unwrap();
        outlet.send(Kind::EndOfShow, b"unseated").unwrap();
        check(&mut inbox, "unseated");
        outlet.send(Kind::Newest, b"1").unwrap();
        outlet.send(Kind::EndOfShow, b"unseated").unwrap();
        outlet.send(Kind::Ordinary, b"watching").unwrap();
        outlet.send(Kind::Newest, b"2").unwrap();
        check(&mut inbox, "unseated watching 2");
    }

    #[test]
    fn a_full_queue_takes_snapshots_and_the_reason_to_end() {
        let (outlet, mut inbox) = Outlet::to_queue(Encoding::Binary);
        for _ in 0..QUEUE {
            outlet.send(Kind::Ordinary, b"a").unwrap();
        }
        assert_eq!(outlet.send(Kind::Ordinary, b"b"), Err(SendError));
        for _ in 0..1_000 {
            outlet.send(Kind::Newest, b"1").unwrap();
        }
        outlet.close(CloseReason::SlowConsumer);
        check(&mut inbox, &format!("{}1 close:SlowConsumer", "a ".repeat(QUEUE)));
        check(&mut inbox, "close:SlowConsumer");
    }

    #[test]
    fn a_host_task_that_is_gone_ends_the_link() {
        let (outlet, mut inbox) = Outlet::to_queue(Encoding::Binary);
        outlet.send(Kind::Ordinary, b"a").unwrap();
        drop(outlet);
        check(&mut inbox, "a close:ShuttingDown");
    }
}
