//! The path of a dialled session: its socket, and between the two the conditions and the recorder that somebody may want.

use std::{
    io,
    net::SocketAddr,
    task::{Context, Poll},
};

use bytes::Bytes;
use tokio::time::Instant;
use tracing::debug;

use super::peer::{PeerSocket, Received};
use crate::{
    arq::Session,
    sim::{Link, LinkConfig},
    xray::{Conditions, Picture, Recorder},
};

/// A socket of one session.
pub(super) struct OwnPath {
    socket: PeerSocket,
    recorder: Option<Box<Recorder>>,
    conditions: Option<Box<BadPath>>,
}

/// Simulated conditions, both ways.
struct BadPath {
    outbound: Link,
    inbound: Link,
}

impl OwnPath {
    pub(super) const fn new(socket: PeerSocket) -> Self {
        Self { socket, recorder: None, conditions: None }
    }

    pub(super) const fn peer(&self) -> SocketAddr {
        self.socket.peer()
    }

    /// Begins to record, unless that is going on, or stops.
    pub(super) fn observe(&mut self, now: Instant, session: &Session, is_open: bool) {
        let recorder = self.recorder.take().filter(|_| is_open);
        let begin = || Box::new(Recorder::new(now.into_std(), &session.vitals()));
        self.recorder = is_open.then(|| recorder.unwrap_or_else(begin));
    }

    /// The picture, if one is recorded.
    pub(super) fn picture(&mut self, now: Instant, session: &Session) -> Option<Picture> {
        let conditions = self
            .conditions
            .as_ref()
            .map(|path| Conditions { outbound: path.outbound.counts(), inbound: path.inbound.counts() });
        let recorder = self.recorder.as_mut()?;
        Some(recorder.picture(now.into_std(), session.vitals(), conditions))
    }

    /// Changes the conditions, sets the first ones, or takes them away.
    pub(super) fn set_conditions(&mut self, config: Option<LinkConfig>, seed: u64) {
        match (config, &mut self.conditions) {
            (None, conditions) => *conditions = None,
            (Some(config), Some(path)) => {
                path.outbound.set_config(config.clone());
                path.inbound.set_config(config);
            }
            (Some(config), none) => {
                let outbound = Link::new(config.clone(), seed);
                // Another seed, so that the two ways do not lose the same packets.
                *none = Some(Box::new(BadPath { outbound, inbound: Link::new(config, !seed) }));
            }
        }
    }

    /// The time at which a packet under way arrives.
    pub(super) fn poll_timeout(&self) -> Option<std::time::Instant> {
        let path = self.conditions.as_ref()?;
        path.outbound.poll_timeout().into_iter().chain(path.inbound.poll_timeout()).min()
    }

    /// Sends a datagram of the session, which had sent `early_copies` before it.
    pub(super) fn send(&mut self, session: &mut Session, now: Instant, datagram: &[u8], early_copies: u64) {
        if let Some(recorder) = &mut self.recorder {
            recorder.sent(now.into_std(), datagram, session.early_copies() > early_copies);
        }
        match &mut self.conditions {
            None => self.put_out(session, now, datagram),
            Some(path) => {
                path.outbound.send(now.into_std(), Bytes::copy_from_slice(datagram));
                self.let_out(session, now);
            }
        }
    }

    /// Lets the packets go on that have come through the conditions. Returns whether any went to the session.
    pub(super) fn deliver(&mut self, session: &mut Session) -> bool {
        if self.conditions.is_none() {
            return false;
        }
        let now = Instant::now();
        self.let_out(session, now);
        let mut is_any = false;
        while let Some(arrived) = self.conditions.as_mut().and_then(|path| path.inbound.poll(now.into_std()))
        {
            // As by UDP's checksum.
            if !arrived.is_corrupt {
                take_in(&mut self.recorder, session, &arrived.packet);
                is_any = true;
            }
        }
        is_any
    }

    /// Waits for the outcome of a read, and hands what it brings to the session.
    pub(super) fn poll_receive(
        &mut self,
        session: &mut Session,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        let Self { socket, recorder, conditions } = self;
        let received = socket.poll_receive(context, |datagram| match conditions {
            None => take_in(recorder, session, datagram),
            Some(path) => path.inbound.send(Instant::now().into_std(), Bytes::copy_from_slice(datagram)),
        });
        received.map_ok(|received| match received {
            Received::Datagrams => {
                self.deliver(session);
            }
            Received::Refused => session.handle_refused(Instant::now().into_std()),
            Received::Failed(error) => debug!(%error, "a UDP socket reports an error"),
        })
    }

    fn let_out(&mut self, session: &mut Session, now: Instant) {
        while let Some(leaving) = self.conditions.as_mut().and_then(|path| path.outbound.poll(now.into_std()))
        {
            if !leaving.is_corrupt {
                self.put_out(session, now, &leaving.packet);
            }
        }
    }

    fn put_out(&self, session: &mut Session, now: Instant, datagram: &[u8]) {
        if self.socket.send(datagram) {
            session.handle_refused(now.into_std());
        }
    }
}

fn take_in(recorder: &mut Option<Box<Recorder>>, session: &mut Session, datagram: &[u8]) {
    let now = Instant::now().into_std();
    let received = session.counts().received;
    session.handle_datagram(now, datagram);
    if let Some(recorder) = recorder {
        recorder.received(now, datagram, session.counts().received > received);
    }
}
