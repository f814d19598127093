//! One link of a client: its end of the ARQ, and the two directions of the path to the server.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use bytes::{Bytes, BytesMut};
use net::{
    arq::{Cid, Config, Dialer, Event, Session},
    proto::{
        ClientMessage, ServerMessage,
        codec::{self, Message},
    },
    sim::{Delivery, Link, LinkConfig},
};

/// The time after which a client gives up dialling.
const DIAL: Duration = Duration::from_secs(5);

/// A path and the client's end of a link over it. The server's end is in the [`SimServer`](super::server::SimServer).
#[derive(Debug)]
pub(super) struct Wire {
    /// The address of the client's end; each link has its own.
    pub(super) addr: SocketAddr,
    pub(super) up: Link,
    pub(super) down: Link,
    end: End,
    /// The end of the current cut of the path.
    pub(super) heals_at: Option<Instant>,
}

#[derive(Debug)]
enum End {
    Dialing(Box<Dialer>),
    Open(Box<Session>),
    /// The process is gone or has given up the link. Later messages are ignored.
    Gone,
}

/// An event of a link for its client.
#[derive(Debug)]
pub(super) enum News {
    /// The link is open.
    Open,
    /// A message of the server.
    Message(Box<ServerMessage>, Bytes),
    /// The link has ended.
    Closed,
}

impl Wire {
    /// A new link that dials. `cid` has not been used before.
    pub(super) fn new(now: Instant, addr: SocketAddr, paths: [LinkConfig; 2], cid: u64) -> Self {
        let [up, down] = paths;
        Self {
            addr,
            up: Link::new(up, cid),
            down: Link::new(down, !cid),
            end: End::Dialing(Box::new(Dialer::new(now, now + DIAL, Config::client(), Cid(cid)))),
            heals_at: None,
        }
    }

    /// Sends a message to the server; `false` if that is impossible.
    pub(super) fn say(&mut self, now: Instant, message: &ClientMessage) -> bool {
        let said = match &mut self.end {
            End::Open(session) => session.send(now, encoded(message)).is_ok(),
            End::Dialing(_) | End::Gone => false,
        };
        self.transmit(now);
        said
    }

    /// Closes the link once everything has been sent.
    pub(super) fn finish(&mut self, now: Instant) {
        match &mut self.end {
            End::Open(session) => session.finish(now),
            End::Dialing(_) | End::Gone => self.end = End::Gone,
        }
        self.transmit(now);
    }

    /// Ends silently, like a process that is killed.
    pub(super) fn abandon(&mut self) {
        self.end = End::Gone;
    }

    /// Cuts one direction or both for a while. Packets in flight still arrive.
    pub(super) const fn cut(&mut self, up: bool, down: bool, until: Instant) {
        self.up.set_cut(up);
        self.down.set_cut(down);
        self.heals_at = Some(until);
    }

    /// Handles arrived packets and sends due ones. Returns the events for the client.
    pub(super) fn drive(&mut self, now: Instant) -> Vec<News> {
        let mut news = Vec::new();
        if self.heals_at.is_some_and(|at| at <= now) {
            self.heals_at = None;
            self.up.set_cut(false);
            self.down.set_cut(false);
        }
        while let Some(Delivery { packet, is_corrupt }) = self.down.poll(now) {
            // The checksum of UDP keeps damage from us.
            if !is_corrupt {
                self.take_in(now, &packet, &mut news);
            }
        }
        match &mut self.end {
            End::Dialing(dialer) => {
                if dialer.handle_timeout(now).is_some() {
                    self.end = End::Gone;
                    news.push(News::Closed);
                }
            }
            End::Open(session) => {
                session.handle_timeout(now);
                while let Some(event) = session.poll_event() {
                    news.push(match event {
                        Event::Message(bytes) => {
                            let message = codec::decode(&bytes).expect("a server's message is one");
                            News::Message(Box::new(message), bytes)
                        }
                        Event::Closed(_) => News::Closed,
                    });
                }
            }
            End::Gone => {}
        }
        self.transmit(now);
        news
    }

    fn take_in(&mut self, now: Instant, packet: &[u8], news: &mut Vec<News>) {
        match &mut self.end {
            End::Dialing(dialer) => match dialer.handle_datagram(now, packet) {
                Some(Ok(session)) => {
                    self.end = End::Open(Box::new(session));
                    news.push(News::Open);
                }
                Some(Err(_)) => {
                    self.end = End::Gone;
                    news.push(News::Closed);
                }
                None => {}
            },
            End::Open(session) => session.handle_datagram(now, packet),
            End::Gone => {}
        }
    }

    fn transmit(&mut self, now: Instant) {
        let mut datagram = BytesMut::new();
        loop {
            let is_written = match &mut self.end {
                End::Dialing(dialer) => dialer.poll_transmit(now, &mut datagram),
                End::Open(session) => session.poll_transmit(now, &mut datagram),
                End::Gone => false,
            };
            if !is_written {
                return;
            }
            self.up.send(now, datagram.split().freeze());
        }
    }

    /// The next deadline of the client's end.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        let end = match &self.end {
            End::Dialing(dialer) => Some(dialer.poll_timeout()),
            End::Open(session) => session.poll_timeout(),
            End::Gone => None,
        };
        end.into_iter().chain(self.down.poll_timeout()).chain(self.heals_at).min()
    }

    /// The client is done with the link.
    pub(super) fn is_gone(&self) -> bool {
        match &self.end {
            End::Open(session) => session.is_over(),
            End::Dialing(_) => false,
            End::Gone => true,
        }
    }
}

/// The bytes of a message, as links pass them on.
pub(super) fn encoded(message: &impl Message) -> Bytes {
    Bytes::copy_from_slice(&codec::encode(message))
}
