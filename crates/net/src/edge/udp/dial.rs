//! The client's side: a socket of its own for one server.

use std::{io, net::SocketAddr};

use bytes::BytesMut;
use tokio::time::{Instant, timeout_at};

use super::{
    link::{Route, UdpLink},
    socket::{Batch, Socket},
};
use crate::{
    addr::canonical,
    arq::{Cid, Config, DialError, Dialer, Session},
    connect::{Failure, dial_udp},
    link::Link,
    proto::PROTOCOL,
    tcp::PREFACE_TIMEOUT,
};

/// Opens a link to a server at `addr`.
///
/// # Errors
///
/// [`Failure`], when there is none.
pub async fn dial(addr: SocketAddr, config: Config) -> Result<Link, Failure> {
    let socket = dial_udp(addr).await?;
    // Before it was told that it may, tokio sends nothing at all, and the first hello would be lost.
    socket.writable().await?;
    let socket = Socket::new(socket)?;
    let mut cid = [0; 8];
    getrandom::fill(&mut cid).map_err(io::Error::from)?;
    let now = Instant::now();
    let cid = Cid(u64::from_be_bytes(cid));
    let dialer = Dialer::new(now.into_std(), (now + PREFACE_TIMEOUT).into_std(), config, cid);
    let mut batch = Box::new(Batch::new(&socket));
    let session = shake_hands(&socket, &mut batch, addr, dialer).await?;
    let link = UdpLink::new(session, Route::Own { socket: Box::new(socket), batch, peer: addr });
    Ok(Link::udp(link, canonical(addr)))
}

async fn shake_hands(
    socket: &Socket,
    batch: &mut Batch<1>,
    addr: SocketAddr,
    mut dialer: Dialer,
) -> Result<Session, Failure> {
    let mut refusals = 0;
    let mut datagram = BytesMut::new();
    loop {
        let now = Instant::now().into_std();
        if let Some(error) = dialer.handle_timeout(now) {
            return Err(error.into());
        }
        while dialer.poll_transmit(now, &mut datagram) {
            refusals += u32::from(socket.send_connected(addr, &datagram));
        }
        if refusals >= REFUSALS {
            return Err(Failure::Refused);
        }
        let deadline = Instant::from_std(dialer.poll_timeout());
        let Ok(readable) = timeout_at(deadline, socket.inner().readable()).await else { continue };
        readable?;
        let now = Instant::now().into_std();
        let mut outcome = None;
        let received = socket.receive(batch, |_path, datagram| {
            // What comes behind the last word of the handshake is sent again.
            if outcome.is_none() {
                outcome = dialer.handle_datagram(now, datagram);
            }
        });
        match received {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => refusals += 1,
            Err(error) => return Err(error.into()),
        }
        if let Some(outcome) = outcome {
            return Ok(outcome?);
        }
    }
}

impl From<DialError> for Failure {
    fn from(error: DialError) -> Self {
        match error {
            DialError::TimedOut => Self::TimedOut,
            DialError::Full => Self::ServerFull,
            DialError::Version(theirs) => Self::Version { ours: PROTOCOL, theirs },
        }
    }
}

/// How often the peer's machine must say that nobody listens there: a single one may be meant for whoever had our port
/// before.
const REFUSALS: u32 = 2;
