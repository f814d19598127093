//! The listeners of a server, over both transports.

use std::{
    future::{Future, poll_fn},
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use net::{link::Link, udp};
use tokio::{
    net::{TcpListener, TcpStream, UdpSocket},
    sync::{Semaphore, SemaphorePermit},
    time::{Sleep, sleep},
};
use tracing::warn;

use super::config::Config;

/// The pause after the system could not accept a connection, most likely for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// The bound sockets that a server serves on.
#[derive(Debug, Default)]
pub struct Sockets {
    /// Listening streams.
    pub tcp: Vec<TcpListener>,
    /// Sockets for datagrams.
    pub udp: Vec<UdpSocket>,
}

/// A new connection: a stream that nothing is known about, or a link over UDP whose address is proven.
#[derive(Debug)]
pub(super) enum Arrival {
    Stream(TcpStream),
    Link(Link),
}

#[derive(Debug)]
pub(super) struct Listeners {
    udp: Vec<udp::Listener>,
    tcp: Vec<TcpListener>,
    /// The listener to ask first, counted over both transports, so that no listener starves behind a busy one.
    turn: usize,
    /// While it runs, no TCP listener is asked, because the system could not accept a connection.
    pause: Option<Pin<Box<Sleep>>>,
}

impl Listeners {
    /// A UDP socket that cannot be set up is left out, with a warning: the game goes on over TCP.
    pub(super) fn new(Sockets { tcp, udp }: Sockets, config: &Config) -> Self {
        let listen = |socket| {
            udp::Listener::new(socket, config.arq.clone())
                .inspect_err(|error| warn!(%error, "a UDP socket cannot be used"))
                .ok()
        };
        Self { udp: udp.into_iter().filter_map(listen).collect(), tcp, turn: 0, pause: None }
    }

    fn poll_accept(&mut self, context: &mut Context<'_>) -> Poll<Arrival> {
        self.pause.take_if(|pause| pause.as_mut().poll(context).is_ready());
        let count = self.udp.len() + self.tcp.len();
        for index in (self.turn..self.turn + count).map(|index| index % count) {
            if let Poll::Ready(arrival) = self.poll_one(index, context) {
                self.turn = (index + 1) % count;
                return Poll::Ready(arrival);
            }
        }
        Poll::Pending
    }

    fn poll_one(&mut self, index: usize, context: &mut Context<'_>) -> Poll<Arrival> {
        if let Some(listener) = self.udp.get_mut(index) {
            return listener.poll_accept(context).map(|link| Arrival::Link(link.into()));
        }
        if self.pause.is_some() {
            return Poll::Pending;
        }
        match ready!(self.tcp[index - self.udp.len()].poll_accept(context)) {
            Ok((stream, _)) => Poll::Ready(Arrival::Stream(stream)),
            Err(error) => {
                warn!(%error, "cannot accept a connection");
                let mut pause = Box::pin(sleep(ACCEPT_PAUSE));
                // Polled, so that its end wakes this task.
                if pause.as_mut().poll(context).is_pending() {
                    self.pause = Some(pause);
                }
                Poll::Pending
            }
        }
    }

    /// Accepts nothing more. The listeners that are returned serve their links until those end.
    pub(super) fn close(mut self) -> Vec<udp::Listener> {
        for listener in &mut self.udp {
            listener.close();
        }
        self.udp
    }
}

/// Waits for a permit, then for a connection on any listener, so that a full server leaves connections to the
/// kernel's backlog.
pub(super) async fn accept<'a>(
    listeners: &mut Listeners,
    permits: &'a Semaphore,
) -> (Arrival, SemaphorePermit<'a>) {
    let permit = permits.acquire().await.expect("the semaphore is never closed");
    (poll_fn(|context| listeners.poll_accept(context)).await, permit)
}
