//! The listeners of a server, over both transports.

use std::{
    future::{Future, poll_fn},
    io, mem,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use net::{addr::canonical, link::Link, udp};
use tokio::{
    net::{TcpListener, TcpStream, UdpSocket},
    time::{Instant, Sleep, sleep},
};
use tracing::warn;

use super::{
    admin::Admin,
    files::{SpareFiles, is_out_of_files},
    limited::Limited,
    shared::Shared,
};

/// The pause after the system could not accept a connection: long enough for a link to end that is cut off for it.
const ACCEPT_PAUSE: Duration = Duration::from_millis(20);

/// The bound sockets that a server serves on.
#[derive(Debug, Default)]
pub struct Sockets {
    /// Listening streams.
    pub tcp: Vec<TcpListener>,
    /// Sockets for datagrams.
    pub udp: Vec<UdpSocket>,
    /// The door for those who watch over the server, if there is one.
    pub admin: Option<Admin>,
}

impl Sockets {
    /// The addresses of the listeners, those of TCP first.
    ///
    /// # Errors
    ///
    /// The system's, if a socket has none.
    pub fn addresses(&self) -> io::Result<(Vec<SocketAddr>, Vec<SocketAddr>)> {
        let tcp = self.tcp.iter().map(TcpListener::local_addr).collect::<io::Result<_>>()?;
        Ok((tcp, self.udp.iter().map(UdpSocket::local_addr).collect::<io::Result<_>>()?))
    }
}

/// A new connection.
#[derive(Debug)]
pub(super) enum Arrival {
    /// A stream that nothing is known about.
    Stream {
        stream: TcpStream,
        /// The peer's canonical address.
        peer: SocketAddr,
        /// It took one of the last open files.
        is_last: bool,
    },
    /// A link over UDP, whose address is proven.
    Link(Link),
    /// No stream twice in a row, because there is no open file left for one.
    OutOfFiles,
}

#[derive(Debug)]
pub(super) struct Listeners {
    udp: Vec<udp::Listener>,
    tcp: Vec<TcpListener>,
    /// The listener to ask first, counted over both transports, so that no listener starves behind a busy one.
    turn: usize,
    /// While it runs, no TCP listener is asked, because the system could not accept a connection.
    pause: Option<Pin<Box<Sleep>>>,
    /// The last connection could not be accepted for want of a file, spare ones included.
    is_stuck: bool,
    limited: Limited,
    /// The last files, by which players return while all others are taken.
    spare: SpareFiles,
}

impl Listeners {
    /// A UDP socket that cannot be set up is left out, with a warning: the game goes on over TCP.
    pub(super) fn new(Sockets { tcp, udp, admin: _ }: Sockets, shared: &Shared) -> Self {
        let listen = |socket| {
            let (config, asked) = (shared.config.arq.clone(), shared.asked.clone());
            udp::Listener::answering(socket, config, asked, Arc::clone(&shared.udp))
                .inspect_err(|error| warn!(%error, "a UDP socket cannot be used"))
                .ok()
        };
        Self {
            udp: udp.into_iter().filter_map(listen).collect(),
            tcp,
            turn: 0,
            pause: None,
            is_stuck: false,
            limited: Limited::new(Instant::now().into_std()),
            spare: SpareFiles::new(),
        }
    }

    /// Waits for a connection on any listener.
    pub(super) async fn accept(&mut self) -> Arrival {
        self.spare.restore();
        poll_fn(|context| self.poll_accept(context)).await
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
        let index = index - self.udp.len();
        let mut accepted = ready!(self.tcp[index].poll_accept(context));
        let mut is_last = false;
        if let Err(error) = &accepted
            && is_out_of_files(error)
            && self.spare.give()
        {
            self.is_stuck = false;
            let Poll::Ready(again) = self.tcp[index].poll_accept(context) else {
                // The system complains before it looks whether anybody is there.
                self.spare.restore();
                return Poll::Pending;
            };
            if let Err(error) = mem::replace(&mut accepted, again) {
                self.log(&error);
            }
            is_last = true;
        }
        match accepted {
            Ok((stream, peer)) => {
                self.is_stuck = false;
                Poll::Ready(Arrival::Stream { stream, peer: canonical(peer), is_last })
            }
            Err(error) => {
                self.log(&error);
                let mut pause = Box::pin(sleep(ACCEPT_PAUSE));
                // Polled, so that its end wakes this task.
                if pause.as_mut().poll(context).is_pending() {
                    self.pause = Some(pause);
                }
                // During the first pause, links that were cut off a moment ago give their files back. To cut off another at
                // once could hit a player who is just returning, with nobody left to come.
                let was_stuck = mem::replace(&mut self.is_stuck, is_out_of_files(&error));
                if was_stuck && self.is_stuck { Poll::Ready(Arrival::OutOfFiles) } else { Poll::Pending }
            }
        }
    }

    fn log(&mut self, error: &io::Error) {
        if let Some(unlogged) = self.limited.take(Instant::now().into_std()) {
            warn!(%error, unlogged, "cannot accept a connection");
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
