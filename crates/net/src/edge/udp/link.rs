//! One session and what moves it: its datagrams, its timer, and the way out.

use std::{
    future::poll_fn,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use tokio::{
    sync::mpsc,
    time::{Instant, Sleep, sleep_until, timeout},
};

use super::{own::OwnPath, socket::Socket};
use crate::{
    addr::canonical,
    arq::{Cid, CloseCode, Closed, Event, Path, SendError as ArqSendError, Session, SessionCounts},
    sim::LinkConfig,
    transport::{FAREWELL_TIMEOUT, LinkError, SendError},
    xray::Picture,
};

/// A session, as the task that receives sees it.
#[derive(Debug)]
pub struct UdpLink {
    sender: Arc<UdpSender>,
    /// Armed for the session's next deadline or for an earlier one: most datagrams move the deadline on, and a timer
    /// that fires early costs less than one that is set anew each time.
    timer: Pin<Box<Sleep>>,
}

/// A session, as every task sees it.
#[derive(Debug)]
pub struct UdpSender {
    peer: SocketAddr,
    /// Locked by one task while it drives the session, which never waits.
    state: Mutex<State>,
}

/// A session, as its listener sees it. When it is dropped, no more datagrams come.
#[derive(Debug)]
pub(super) struct Feed(Arc<UdpSender>);

/// The way of a session's datagrams.
#[derive(derive_more::Debug)]
pub(super) enum Route {
    /// Over a socket of its own, connected to the peer.
    #[debug("Own")]
    Own(Box<OwnPath>),
    /// Over the socket of a listener, which takes them in by a [`Feed`].
    #[debug("Shared")]
    Shared {
        socket: Arc<Socket>,
        path: Path,
        /// The place that is kept for telling the listener that the link has ended.
        end: Option<mpsc::OwnedPermit<Cid>>,
    },
}

#[derive(Debug)]
struct State {
    session: Session,
    route: Route,
    /// The message that is sent once the peer has most of the earlier ones, unless a newer one replaces it.
    newest: Option<Bytes>,
    /// Datagrams were taken in that the receiver has not seen.
    is_fed: bool,
    /// The listener is gone.
    is_orphaned: bool,
    /// The task that receives, and the deadline that its timer is armed for.
    receiver: Option<(Waker, Instant)>,
}

impl UdpLink {
    pub(super) fn new(session: Session, route: Route) -> Self {
        let peer = canonical(match &route {
            Route::Own(path) => path.peer(),
            Route::Shared { path, .. } => path.peer,
        });
        let state = State { session, route, newest: None, is_fed: false, is_orphaned: false, receiver: None };
        let sender = Arc::new(UdpSender { peer, state: Mutex::new(state) });
        Self { sender, timer: Box::pin(sleep_until(Instant::now())) }
    }

    /// The listener's end.
    pub(super) fn feed(&self) -> Feed {
        Feed(Arc::clone(&self.sender))
    }

    /// The peer's canonical address.
    pub fn peer(&self) -> SocketAddr {
        self.sender.peer
    }

    /// The half that sends, from any task.
    pub const fn sender(&self) -> &Arc<UdpSender> {
        &self.sender
    }

    /// Sends a message: see [`UdpSender::send`].
    ///
    /// # Errors
    ///
    /// [`SendError`] when too much is waiting; nothing of this message was taken.
    pub fn send(&mut self, payload: &[u8]) -> Result<(), SendError> {
        self.sender.send(payload)
    }

    /// Waits for the next message and sends on what is waiting. Returns `None` once either side has closed the session.
    ///
    /// Cancel-safe: no message is lost when the future is dropped.
    ///
    /// # Errors
    ///
    /// [`LinkError`] when the session was lost.
    pub async fn recv(&mut self) -> Result<Option<Bytes>, LinkError> {
        loop {
            if let Some(received) = self.sender.lock().received() {
                return received;
            }
            self.step().await?;
        }
    }

    /// Delivers all messages but the one that [`UdpSender::send_newest`] keeps, and closes the session, within
    /// [`FAREWELL_TIMEOUT`].
    pub async fn close(mut self) {
        // A peer that does not listen to the end has its own reasons; there is nobody left to tell.
        let _gone = timeout(FAREWELL_TIMEOUT, self.finish()).await;
    }

    /// Delivers what was sent, closes the session, and waits until the peer knows.
    async fn finish(&mut self) -> io::Result<()> {
        self.sender.lock().session.finish(Instant::now().into_std());
        while !self.sender.lock().session.is_over() {
            self.step().await?;
            // Nobody takes messages any more.
            while self.sender.lock().session.poll_event().is_some() {}
        }
        Ok(())
    }

    /// Sets how long a silence is expected: see [`Session::expect_silence`].
    pub fn expect_silence(&self, leniency: Duration) {
        self.sender.lock().session.expect_silence(leniency);
    }

    /// The counters of the session.
    pub fn counts(&self) -> SessionCounts {
        self.sender.lock().session.counts()
    }

    /// Records the datagrams from now on, or stops it. Only a dialled link can.
    pub fn observe(&self, is_open: bool) {
        let mut state = self.sender.lock();
        let State { session, route: Route::Own(path), .. } = &mut *state else { return };
        path.observe(Instant::now(), session, is_open);
    }

    /// The picture of what was recorded, if it is.
    pub fn picture(&self) -> Option<Picture> {
        let mut state = self.sender.lock();
        let State { session, route: Route::Own(path), .. } = &mut *state else { return None };
        path.picture(Instant::now(), session)
    }

    /// Sets the conditions of the path both ways, or none. Only a dialled link can; what is under way is lost with the
    /// conditions.
    pub fn set_conditions(&self, config: Option<LinkConfig>, seed: u64) {
        let mut state = self.sender.lock();
        if let Route::Own(path) = &mut state.route {
            path.set_conditions(config, seed);
        }
    }

    /// Does what is due, and waits until a datagram or a deadline has come.
    async fn step(&mut self) -> io::Result<()> {
        self.sender.lock().drive(Instant::now());
        poll_fn(|context| self.poll_step(context)).await
    }

    fn poll_step(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut state = self.sender.lock();
        if let Poll::Ready(taken) = state.poll_datagrams(context) {
            return Poll::Ready(taken);
        }
        let Some(deadline) = state.poll_timeout().map(Instant::from_std) else {
            return Poll::Ready(Ok(()));
        };
        if self.timer.is_elapsed() || deadline < self.timer.deadline() {
            self.timer.as_mut().reset(deadline);
        }
        state.note_receiver(context.waker(), self.timer.deadline());
        self.timer.as_mut().poll(context).map(Ok)
    }
}

impl UdpSender {
    /// Sends a message: at once if the session may, and else when [`UdpLink::recv`] finds that it may. Once the link is
    /// closed or lost, the message is dropped.
    ///
    /// # Errors
    ///
    /// [`SendError`] when too much is waiting; nothing of this message was taken.
    pub fn send(&self, payload: &[u8]) -> Result<(), SendError> {
        let mut state = self.lock();
        let now = Instant::now();
        match state.session.send(now.into_std(), Bytes::copy_from_slice(payload)) {
            Ok(()) => {
                state.transmit(now);
                state.rearm();
                Ok(())
            }
            // The end of the session is left for the next `recv` to find, as the end of a stream is.
            Err(ArqSendError::Closed) => Ok(()),
            Err(ArqSendError::Full | ArqSendError::Length) => Err(SendError),
        }
    }

    /// Sends a message, unless a newer one replaces it before the peer has most of the earlier ones.
    pub fn send_newest(&self, payload: &[u8]) {
        let mut state = self.lock();
        state.newest = Some(Bytes::copy_from_slice(payload));
        state.transmit(Instant::now());
        state.rearm();
    }

    /// Drops the message that [`send_newest`](Self::send_newest) keeps.
    pub fn forget_newest(&self) {
        self.lock().newest = None;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No holder of the lock leaves it half-changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The next message, or the end; `None` if there is neither yet.
    fn received(&mut self) -> Option<Result<Option<Bytes>, LinkError>> {
        match self.session.poll_event() {
            Some(Event::Message(payload)) => Some(Ok(Some(payload))),
            Some(Event::Closed(closed)) => {
                self.transmit(Instant::now());
                Some(match closed {
                    Closed::ByUs | Closed::ByPeer(_) => Ok(None),
                    Closed::Reset | Closed::Silent | Closed::Refused | Closed::Exhausted => {
                        Err(LinkError::Session(closed))
                    }
                })
            }
            // The end has been told, and is told again to whoever asks again.
            None => self.session.is_over().then_some(Ok(None)),
        }
    }

    fn drive(&mut self, now: Instant) {
        self.session.handle_timeout(now.into_std());
        self.transmit(now);
    }

    /// Takes in the datagrams that are there, at most [`TURN`] of them; those of a listener are in already.
    fn poll_datagrams(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Route::Own(path) = &mut self.route else {
            if self.is_orphaned {
                return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
            }
            return if std::mem::take(&mut self.is_fed) { Poll::Ready(Ok(())) } else { Poll::Pending };
        };
        let mut is_any = path.deliver(&mut self.session);
        for _ in 0..TURN {
            match path.poll_receive(&mut self.session, context) {
                Poll::Ready(Ok(())) => is_any = true,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => break,
            }
        }
        if is_any { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    /// Sends what the session has to send, and the newest message that was kept if there is room for it now.
    fn transmit(&mut self, now: Instant) {
        if self.session.undelivered() < BACKED_UP
            && let Some(payload) = self.newest.take()
        {
            let _over_or_room = self.session.send(now.into_std(), payload);
        }
        let mut datagram = BytesMut::new();
        loop {
            let early_copies = self.session.early_copies();
            if !self.session.poll_transmit(now.into_std(), &mut datagram) {
                break;
            }
            match &mut self.route {
                Route::Own(path) => path.send(&mut self.session, now, &datagram, early_copies),
                Route::Shared { socket, path, .. } => socket.send(*path, &datagram),
            }
        }
    }

    /// The time at which the session or the conditions of its path have something to do.
    fn poll_timeout(&self) -> Option<std::time::Instant> {
        let path = match &self.route {
            Route::Own(path) => path.poll_timeout(),
            Route::Shared { .. } => None,
        };
        let session = self.session.poll_timeout()?;
        Some(path.map_or(session, |path| path.min(session)))
    }

    fn note_receiver(&mut self, waker: &Waker, armed: Instant) {
        match &mut self.receiver {
            Some((known, deadline)) => {
                known.clone_from(waker);
                *deadline = armed;
            }
            None => self.receiver = Some((waker.clone(), armed)),
        }
    }

    /// Wakes the receiver if its timer would fire too late.
    fn rearm(&self) {
        if let Some((waker, armed)) = &self.receiver
            && self.poll_timeout().is_none_or(|deadline| deadline < armed.into_std())
        {
            waker.wake_by_ref();
        }
    }

    fn wake(&self) {
        if let Some((waker, _)) = &self.receiver {
            waker.wake_by_ref();
        }
    }
}

impl Feed {
    /// Takes in a datagram of the link's peer.
    pub(super) fn put(&self, now: std::time::Instant, datagram: &[u8]) {
        let mut state = self.0.lock();
        state.session.handle_datagram(now, datagram);
        state.is_fed = true;
        state.wake();
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.is_orphaned = true;
        state.wake();
    }
}

impl Drop for UdpLink {
    fn drop(&mut self) {
        let now = Instant::now();
        let mut state = self.sender.lock();
        state.session.close(now.into_std(), CloseCode::Abandoned);
        if let Route::Own(path) = &mut state.route {
            // Nobody is left to wait for a delay.
            path.set_conditions(None, 0);
        }
        state.transmit(now);
        let cid = state.session.local_cid();
        if let Route::Shared { end, .. } = &mut state.route
            && let Some(end) = end.take()
        {
            end.send(cid);
        }
    }
}

/// Undelivered messages of a peer that does not keep up. A room changes a few times a second at most, so over any path that
/// is worth playing on there are fewer; and it is a quarter of what the peer holds for its reader.
const BACKED_UP: usize = 8;

/// Datagrams that are taken in before the messages in them are given out: bounded, so that a flood does not keep a task
/// from its other work.
const TURN: usize = 32;
