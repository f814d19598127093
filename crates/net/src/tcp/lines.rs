//! Lines on one stream.

use std::{io, time::Duration};

use bytes::{Bytes, BytesMut};
use socket2::{SockRef, TcpKeepalive};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::timeout};
use tracing::debug;

use crate::{
    line::{self, MAX_LINE},
    lines::LinesError,
};

/// How long the system may take a reply that the peer does not read: as long as a frame may take.
const SEND_TIMEOUT: Duration = super::FRAME_TIMEOUT;

/// Silence after which the system asks whether the peer's machine is there, and the time from one question to the next.
/// Nobody can answer our pings by hand, but every machine answers these.
const KEEPALIVE: Duration = Duration::from_secs(15);

/// Questions without an answer until the connection is broken: a minute in all, with the silence.
#[cfg(target_os = "linux")]
const KEEPALIVE_RETRIES: u32 = 3;

/// Lines on one stream.
#[derive(Debug)]
pub(crate) struct TcpLines {
    stream: TcpStream,
    /// What has arrived and was not taken: less than a line, except between two reads. Without storage while empty.
    inbound: BytesMut,
}

impl TcpLines {
    /// Goes on with a stream of which `opening` has been read.
    pub(super) fn new(stream: TcpStream, opening: BytesMut) -> Self {
        let keepalive = TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE);
        #[cfg(target_os = "linux")]
        let keepalive = keepalive.with_retries(KEEPALIVE_RETRIES);
        if let Err(error) = SockRef::from(&stream).set_tcp_keepalive(&keepalive) {
            debug!(%error, "the system does not ask whether a peer is there");
        }
        Self { stream, inbound: opening }
    }

    /// See [`Lines::recv`](crate::lines::Lines::recv).
    pub(crate) async fn recv(&mut self) -> Result<Option<Bytes>, LinesError> {
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

    /// See [`Lines::send`](crate::lines::Lines::send).
    pub(crate) async fn send(&mut self, reply: &[u8]) -> Result<(), LinesError> {
        let written = timeout(SEND_TIMEOUT, self.stream.write_all(reply)).await;
        written.map_err(|_elapsed| LinesError::Unread)?.map_err(LinesError::from)
    }

    /// See [`Lines::close`](crate::lines::Lines::close).
    pub(crate) async fn finish(&mut self) -> io::Result<()> {
        super::finish(&mut self.stream).await
    }
}
