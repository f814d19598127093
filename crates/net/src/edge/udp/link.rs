//! One session and what moves it: its datagrams, its timer, and the way out.

use std::{
    fmt,
    future::poll_fn,
    io,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::{Bytes, BytesMut};
use tokio::{
    sync::mpsc,
    time::{Instant, Sleep, sleep_until, timeout},
};
use tracing::debug;

use super::{
    inbox::InboxReceiver,
    peer::{PeerSocket, Received},
    socket::Socket,
};
use crate::{
    addr::canonical,
    arq::{Cid, CloseCode, Closed, Event, Path, SendError as ArqSendError, Session, SessionCounts},
    transport::{FAREWELL_TIMEOUT, LinkError, SendError},
};

/// A session with its socket.
pub struct UdpLink {
    session: Session,
    route: Route,
    /// Armed for the session's next deadline or for an earlier one: most datagrams move the deadline on, and a timer
    /// that fires early costs less than one that is set anew each time.
    timer: Pin<Box<Sleep>>,
    /// What goes out when the peer has taken most of what was sent, unless something newer takes its place.
    newest: Option<Bytes>,
}

/// How datagrams come and go.
pub(super) enum Route {
    /// Over a socket of its own, connected to the peer.
    Own(Box<PeerSocket>),
    /// Over the socket of a listener.
    Shared {
        socket: Arc<Socket>,
        path: Path,
        datagrams: InboxReceiver,
        /// The place that is kept for saying that the link has ended.
        end: Option<mpsc::OwnedPermit<Cid>>,
    },
}

impl UdpLink {
    pub(super) fn new(session: Session, route: Route) -> Self {
        Self { session, route, timer: Box::pin(sleep_until(Instant::now())), newest: None }
    }

    /// The peer's canonical address.
    pub fn peer(&self) -> SocketAddr {
        canonical(match &self.route {
            Route::Own(socket) => socket.peer(),
            Route::Shared { path, .. } => path.peer,
        })
    }

    /// Sends a message: at once if the session may, and else when [`recv`](Self::recv) finds that it may.
    ///
    /// # Errors
    ///
    /// [`SendError`] when too much is waiting; nothing of this message was taken.
    pub fn send(&mut self, payload: &[u8]) -> Result<(), SendError> {
        let now = Instant::now();
        match self.session.send(now.into_std(), Bytes::copy_from_slice(payload)) {
            Ok(()) => {
                self.transmit(now);
                Ok(())
            }
            // The end of the session is left for the next `recv` to find, as the end of a stream is.
            Err(ArqSendError::Closed) => Ok(()),
            Err(ArqSendError::Full | ArqSendError::Length) => Err(SendError),
        }
    }

    /// Sends a message, unless a newer one replaces it before the peer has most of the earlier ones.
    pub fn send_newest(&mut self, payload: &[u8]) {
        self.newest = Some(Bytes::copy_from_slice(payload));
        self.transmit(Instant::now());
    }

    /// Drops the message that [`send_newest`](Self::send_newest) keeps.
    pub fn forget_newest(&mut self) {
        self.newest = None;
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
            match self.session.poll_event() {
                Some(Event::Message(payload)) => return Ok(Some(payload)),
                Some(Event::Closed(closed)) => {
                    self.transmit(Instant::now());
                    return match closed {
                        Closed::ByUs | Closed::ByPeer(_) => Ok(None),
                        Closed::Reset | Closed::Silent | Closed::Refused | Closed::Exhausted => {
                            Err(LinkError::Session(closed))
                        }
                    };
                }
                // Its end has been told, and who asks again hears it again.
                None if self.session.is_over() => return Ok(None),
                None => self.step().await?,
            }
        }
    }

    /// Delivers all messages but the one that [`send_newest`](Self::send_newest) keeps, and closes the session, within
    /// [`FAREWELL_TIMEOUT`].
    pub async fn close(mut self) {
        // A peer that does not listen to the end has its own reasons; there is nobody left to tell.
        let _gone = timeout(FAREWELL_TIMEOUT, self.finish()).await;
    }

    /// Delivers what was sent, closes the session, and waits until the peer knows.
    async fn finish(&mut self) -> io::Result<()> {
        self.session.finish(Instant::now().into_std());
        while !self.session.is_over() {
            self.step().await?;
            // Who ends a link has no more ears.
            while self.session.poll_event().is_some() {}
        }
        Ok(())
    }

    /// The counters of the session.
    pub const fn counts(&self) -> SessionCounts {
        self.session.counts()
    }

    /// Does what is due, and waits until a datagram or a deadline has come.
    async fn step(&mut self) -> io::Result<()> {
        let now = Instant::now();
        self.session.handle_timeout(now.into_std());
        self.transmit(now);
        if self.session.poll_timeout().is_none() {
            return Ok(());
        }
        poll_fn(|context| self.poll_step(context)).await
    }

    fn poll_step(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.poll_datagrams(context) {
            Poll::Ready(Ok(())) => return Poll::Ready(Ok(())),
            Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            Poll::Pending => {}
        }
        let Some(deadline) = self.session.poll_timeout().map(Instant::from_std) else {
            return Poll::Ready(Ok(()));
        };
        if self.timer.is_elapsed() || deadline < self.timer.deadline() {
            self.timer.as_mut().reset(deadline);
        }
        self.timer.as_mut().poll(context).map(Ok)
    }

    /// Takes in the datagrams that are there, at most [`TURN`] of them.
    fn poll_datagrams(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut is_any = false;
        for _ in 0..TURN {
            let polled = match &mut self.route {
                Route::Shared { datagrams, .. } => datagrams.poll_take(context).map(|taken| {
                    let datagram = taken.ok_or(io::ErrorKind::BrokenPipe)?;
                    self.session.handle_datagram(Instant::now().into_std(), &datagram);
                    Ok(())
                }),
                Route::Own(socket) => poll_own(socket, &mut self.session, context),
            };
            match polled {
                Poll::Ready(Ok(())) => is_any = true,
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => break,
            }
        }
        if is_any { Poll::Ready(Ok(())) } else { Poll::Pending }
    }

    /// Sends what the session has to say, and what was kept if there is room for it now.
    fn transmit(&mut self, now: Instant) {
        if self.session.undelivered() < BACKED_UP
            && let Some(payload) = self.newest.take()
        {
            let _over_or_room = self.session.send(now.into_std(), payload);
        }
        let mut datagram = BytesMut::new();
        while self.session.poll_transmit(now.into_std(), &mut datagram) {
            match &self.route {
                Route::Own(socket) => {
                    if socket.send(&datagram) {
                        self.session.handle_refused(now.into_std());
                    }
                }
                Route::Shared { socket, path, .. } => socket.send(*path, &datagram),
            }
        }
    }
}

/// Takes in what one read of a socket of our own brings.
fn poll_own(
    socket: &mut PeerSocket,
    session: &mut Session,
    context: &mut Context<'_>,
) -> Poll<io::Result<()>> {
    let now = || Instant::now().into_std();
    let received = socket.poll_receive(context, |datagram| session.handle_datagram(now(), datagram));
    received.map_ok(|received| match received {
        Received::Datagrams => {}
        Received::Refused => session.handle_refused(now()),
        Received::Failed(error) => debug!(%error, "a UDP socket reports an error"),
    })
}

impl Drop for UdpLink {
    fn drop(&mut self) {
        let now = Instant::now();
        self.session.close(now.into_std(), CloseCode::Abandoned);
        self.transmit(now);
        if let Route::Shared { end, .. } = &mut self.route
            && let Some(end) = end.take()
        {
            end.send(self.session.local_cid());
        }
    }
}

impl fmt::Debug for UdpLink {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("UdpLink").field("session", &self.session).finish_non_exhaustive()
    }
}

/// Messages on their way from which on a peer does not keep up. A room changes some times a second at most, so over any
/// path that is worth playing on there are fewer; and it is a quarter of what the peer holds for its reader.
const BACKED_UP: usize = 8;

/// Datagrams that are taken in before the messages in them are given out: bounded, so that a flood does not keep a task
/// from its other work.
const TURN: usize = 32;
