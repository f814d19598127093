//! The client's side of the handshake.

use std::{io, net::SocketAddr};

use bytes::BytesMut;
use tokio::time::Instant;

use super::{
    link::{Route, UdpLink},
    own::OwnPath,
    peer::{PeerSocket, Received},
};
use crate::{
    arq::{Cid, Config, Dialer, Session},
    failure::Failure,
    transport::HANDSHAKE_TIMEOUT,
};

/// Opens a link to a server at `addr`.
///
/// # Errors
///
/// [`Failure`] when the server does not accept us.
pub async fn dial(addr: SocketAddr, config: Config) -> Result<UdpLink, Failure> {
    let mut socket = PeerSocket::connect(addr).await?;
    let cid = fresh_cid()?;
    let now = Instant::now();
    let dialer = Dialer::new(now.into_std(), (now + HANDSHAKE_TIMEOUT).into_std(), config, cid);
    let session = shake_hands(&mut socket, dialer).await?;
    Ok(UdpLink::new(session, Route::Own(Box::new(OwnPath::new(socket)))))
}

/// Draws a cid.
pub(super) fn fresh_cid() -> io::Result<Cid> {
    Ok(Cid(getrandom::u64()?))
}

async fn shake_hands(socket: &mut PeerSocket, mut dialer: Dialer) -> Result<Session, Failure> {
    let mut refusals = 0;
    let mut datagram = BytesMut::new();
    loop {
        let now = Instant::now().into_std();
        if let Some(error) = dialer.handle_timeout(now) {
            return Err(error);
        }
        while dialer.poll_transmit(now, &mut datagram) {
            refusals += u32::from(socket.send(&datagram));
        }
        if refusals >= REFUSALS {
            return Err(Failure::Refused);
        }
        let deadline = Instant::from_std(dialer.poll_timeout());
        let mut outcome = None;
        let received = socket.receive_until(deadline, |datagram| {
            // The datagrams behind the last one of the handshake are sent again.
            if outcome.is_none() {
                outcome = dialer.handle_datagram(Instant::now().into_std(), datagram);
            }
        });
        match received.await? {
            Some(Received::Datagrams) | None => {}
            Some(Received::Refused) => refusals += 1,
            Some(Received::Failed(error)) => return Err(error.into()),
        }
        if let Some(outcome) = outcome {
            return outcome;
        }
    }
}

/// Refusals after which an address counts as closed: a single one may be meant for an earlier owner of our port.
pub(super) const REFUSALS: u32 = 2;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn a_socket_that_stays_readable_ends_in_time() {
        let (mut socket, _silent) = PeerSocket::stuck().await;
        let now = Instant::now();
        let deadline = now + Duration::from_millis(90);
        let dialer = Dialer::new(now.into_std(), deadline.into_std(), Config::client(), Cid(7));
        assert_eq!(shake_hands(&mut socket, dialer).await.unwrap_err(), Failure::TimedOut);
    }
}
