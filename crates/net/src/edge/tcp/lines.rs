//! Lines of text on a TCP stream, for programs that do not speak our protocol.

use std::{io, net::SocketAddr, sync::Arc, time::Duration};

use bytes::Bytes;
use socket2::{SockRef, TcpKeepalive};
use thiserror::Error;
use tokio::{
    io::AsyncWriteExt,
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};
use tracing::debug;

use super::{farewell::finish, link::FRAME_TIMEOUT};
use crate::{
    line::{LineDecoder, LineTooLong, MAX_LINE},
    traffic::Traffic,
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
    traffic: Arc<Traffic>,
    decoder: LineDecoder,
    /// The time of the last read.
    read_at: Instant,
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
    pub(super) fn new(stream: TcpStream, peer: SocketAddr, traffic: Arc<Traffic>, opening: &[u8]) -> Self {
        let keepalive = TcpKeepalive::new().with_time(KEEPALIVE).with_interval(KEEPALIVE);
        #[cfg(target_os = "linux")]
        let keepalive = keepalive.with_retries(KEEPALIVE_RETRIES);
        if let Err(error) = SockRef::from(&stream).set_tcp_keepalive(&keepalive) {
            debug!(%error, "the system does not probe a silent peer");
        }
        let mut decoder = LineDecoder::default();
        decoder.push(opening);
        Self { stream, peer, traffic, decoder, read_at: Instant::now() }
    }

    /// The peer's canonical address.
    pub const fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Waits for the next line, which a newline, a pause or the end of the stream ends; `None` after the end.
    ///
    /// Cancel-safe: no line is lost when the future is dropped, and no pause grows longer.
    ///
    /// # Errors
    ///
    /// [`LinesError`] when no more can come.
    pub async fn recv(&mut self) -> Result<Option<Bytes>, LinesError> {
        loop {
            if let Some(line) = self.decoder.take()? {
                return Ok(Some(line));
            }
            let readable = self.stream.readable();
            match self.decoder.pause() {
                Some(pause) => match timeout_at(self.read_at + pause, readable).await {
                    Ok(readable) => readable?,
                    Err(_paused) => return Ok(self.decoder.end_line()),
                },
                None => readable.await?,
            }
            // Not held across the wait, or the task would have room for it all its life.
            let mut received = [0; MAX_LINE];
            match self.stream.try_read(&mut received) {
                Ok(0) => return Ok(self.decoder.end_line()),
                Ok(count) => {
                    self.decoder.push(&received[..count]);
                    self.traffic.note_received(count);
                    self.read_at = Instant::now();
                }
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
        written.map_err(|_elapsed| LinesError::Unread)??;
        self.traffic.note_sent(reply.len());
        Ok(())
    }

    /// Ends the stream, within [`FAREWELL_TIMEOUT`].
    pub async fn close(self) {
        // A peer that does not listen to the end has its own reasons; there is nobody left to tell.
        let _gone = timeout(FAREWELL_TIMEOUT, finish(&self.stream)).await;
    }
}
