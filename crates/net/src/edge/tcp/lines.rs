//! Lines of text on a TCP stream, for programs that do not speak our protocol.

use std::{io, net::SocketAddr, time::Duration};

use bytes::{Bytes, BytesMut};
use socket2::{SockRef, TcpKeepalive};
use thiserror::Error;
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};
use tracing::debug;

use super::{farewell::finish, link::FRAME_TIMEOUT};
use crate::{
    line::{self, LineTooLong, MAX_LINE},
    transport::FAREWELL_TIMEOUT,
};

/// Time for the system to take a reply: as for a frame.
const SEND_TIMEOUT: Duration = FRAME_TIMEOUT;

/// Silence before the system probes the peer's machine, and the time between two probes. Nobody can answer our pings by hand,
/// but every machine answers these.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// Unanswered probes after which the connection is broken: a minute in all, with the silence.
#[cfg(target_os = "linux")]
const KEEPALIVE_RETRIES: u32 = 3;

/// Lines in and replies out, on one stream.
#[derive(Debug)]
pub struct Lines {
    stream: TcpStream,
    peer: SocketAddr,
    /// Received bytes that were not taken yet: less than a line, except between two reads. Without storage while empty.
    inbound: BytesMut,
}

/// The reason why no more lines come.
#[derive(Debug, Error)]
pub enum LinesError {
    /// A line was too long.
    #[error(transparent)]
    TooLong(#[from] LineTooLong),
    /// The peer did not read a reply in time.
    #[error("a reply was not read in time")]
    Unread,
    /// The system reported an error.
    #[error("the connection broke")]
    Io(#[from] io::Error),
}

impl Lines {
    /// Takes over a stream of which `opening` has been read. `peer` is canonical.
    pub(super) fn new(stream: TcpStream, peer: SocketAddr, opening: BytesMut) -> Self {
        let keepalive = TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE);
        #[cfg(target_os = "linux")]
        let keepalive = keepalive.with_retries(KEEPALIVE_RETRIES);
        if let Err(error) = SockRef::from(&stream).set_tcp_keepalive(&keepalive) {
            debug!(%error, "the system does not probe a silent peer");
        }
        Self { stream, peer, inbound: opening }
    }

    /// The peer's canonical address.
    pub const fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Waits for the next line; `None` once the peer has ended the stream. The last line needs no newline.
    ///
    /// Cancel-safe: no line is lost when the future is dropped.
    ///
    /// # Errors
    ///
    /// [`LinesError`] when no more can come.
    pub async fn recv(&mut self) -> Result<Option<Bytes>, LinesError> {
        loop {
            if let Some(line) = line::decode(&mut self.inbound)? {
                return Ok(Some(line));
            }
            if self.inbound.is_empty() {
                self.inbound = BytesMut::new();
            }
            self.stream.readable().await?;
            self.inbound.reserve(MAX_LINE);
            match self.stream.try_read_buf(&mut self.inbound) {
                Ok(0) if self.inbound.is_empty() => return Ok(None),
                Ok(0) => return Ok(Some(self.inbound.split().freeze())),
                Ok(_) => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Sends a reply in one write and waits until the system has taken it.
    ///
    /// # Errors
    ///
    /// [`LinesError`] when the peer does not read it in time or the stream is broken.
    pub async fn send(&mut self, reply: &[u8]) -> Result<(), LinesError> {
        let written = timeout(SEND_TIMEOUT, self.stream.write_all(reply)).await;
        written.map_err(|_elapsed| LinesError::Unread)?.map_err(LinesError::from)
    }

    /// Ends the stream, within [`FAREWELL_TIMEOUT`].
    pub async fn close(self) {
        // A peer that does not listen to the end has its own reasons; there is nobody left to tell.
        let _gone = timeout(FAREWELL_TIMEOUT, finish(&self.stream)).await;
    }
}
