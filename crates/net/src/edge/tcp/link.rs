//! Frames on one stream.

use std::{
    future::{Future, poll_fn},
    io,
    net::SocketAddr,
    pin::pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Buf, Bytes, BytesMut};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout, timeout_at},
};

use super::farewell::finish;
use crate::{
    frame::{self, MAX_FRAME},
    transport::{FAREWELL_TIMEOUT, LinkError, SendError},
};

/// Time for a frame from its first byte to its last. A frame fits one segment, so that even the retransmissions of a
/// lossy link are done by then.
pub const FRAME_TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes that may wait for a peer that does not read: fifteen of the largest frames, beyond the system's own
/// buffers.
const MAX_UNSENT: usize = 16 * 1024;

/// Bytes asked of the system at once: two largest frames, so that a burst of small ones takes one read.
const READ_BYTES: usize = 2 * MAX_FRAME;

/// A link over one TCP stream.
#[derive(Debug)]
pub struct TcpLink {
    stream: TcpStream,
    peer: SocketAddr,
    /// What has arrived and was not taken: less than a frame, except between two reads. Without storage
    /// while empty, so that an idle link costs none.
    inbound: BytesMut,
    /// When the frame at the head of `inbound` has to be whole; `None` if there is none.
    frame_deadline: Option<Instant>,
    /// What the system would not take yet.
    outbound: BytesMut,
    /// What goes out when the system has taken the rest, unless something newer takes its place.
    newest: Option<Box<[u8]>>,
}

impl TcpLink {
    /// Takes over a stream whose prefaces have been exchanged. `peer` is canonical.
    pub(super) fn new(stream: TcpStream, peer: SocketAddr) -> Self {
        Self {
            stream,
            peer,
            inbound: BytesMut::new(),
            frame_deadline: None,
            outbound: BytesMut::new(),
            newest: None,
        }
    }

    /// The peer's canonical address.
    pub const fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Sends a message: writes it at once where the system takes it, and keeps the rest for [`recv`](Self::recv) to send on.
    ///
    /// # Errors
    ///
    /// [`SendError`] when too much is waiting; nothing of this message was taken.
    pub fn send(&mut self, payload: &[u8]) -> Result<(), SendError> {
        if self.outbound.len() > MAX_UNSENT {
            return Err(SendError);
        }
        let was_idle = self.outbound.is_empty();
        frame::encode(payload, &mut self.outbound);
        if was_idle {
            self.write_now();
        }
        Ok(())
    }

    /// Sends a message, unless a newer one replaces it before the system takes all earlier ones.
    pub fn send_newest(&mut self, payload: &[u8]) {
        if self.outbound.is_empty() {
            self.newest = None;
            let _there_is_room = self.send(payload);
        } else {
            self.newest = Some(payload.into());
        }
    }

    /// Drops the message that [`send_newest`](Self::send_newest) keeps.
    pub fn forget_newest(&mut self) {
        self.newest = None;
    }

    /// Waits for the next message and sends on what is waiting. Returns `None` once the peer has ended the stream between two
    /// messages.
    ///
    /// Cancel-safe: no message is lost when the future is dropped.
    ///
    /// # Errors
    ///
    /// [`LinkError`] when the stream broke.
    pub async fn recv(&mut self) -> Result<Option<Bytes>, LinkError> {
        loop {
            if let Some(payload) = frame::decode(&mut self.inbound)? {
                self.frame_deadline = None;
                return Ok(Some(payload));
            }
            if self.inbound.is_empty() {
                self.inbound = BytesMut::new();
            } else if self.frame_deadline.is_none() {
                self.frame_deadline = Some(Instant::now() + FRAME_TIMEOUT);
            }
            let deadline = self.frame_deadline;
            let step = poll_fn(|context| self.poll_step(context));
            let count = match deadline {
                Some(deadline) => {
                    timeout_at(deadline, step).await.map_err(|_elapsed| LinkError::FrameTimeout)??
                }
                None => step.await?,
            };
            if count == 0 {
                return if self.inbound.is_empty() { Ok(None) } else { Err(LinkError::Truncated) };
            }
        }
    }

    /// Delivers all messages but the one that [`send_newest`](Self::send_newest) keeps, and ends the stream, within
    /// [`FAREWELL_TIMEOUT`].
    pub async fn close(mut self) {
        // A peer that does not listen to the end has its own reasons; there is nobody left to tell.
        let _gone = timeout(FAREWELL_TIMEOUT, async {
            self.stream.write_all(&self.outbound).await?;
            finish(&mut self.stream).await
        })
        .await;
    }

    /// Writes what waits, as far as the system takes it, and reads once. Returns the bytes read.
    fn poll_step(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        while !self.outbound.is_empty() && self.stream.poll_write_ready(context)?.is_ready() {
            self.write_some()?;
            self.release_newest();
        }
        // Asked first, so that a link with nothing to read holds no buffer while it waits.
        ready!(self.stream.poll_read_ready(context))?;
        self.inbound.reserve(READ_BYTES);
        let read = pin!(self.stream.read_buf(&mut self.inbound)).poll(context);
        if read.is_pending() && self.inbound.is_empty() {
            self.inbound = BytesMut::new();
        }
        read
    }

    /// Sends what was kept, unless something waits before it.
    fn release_newest(&mut self) {
        if self.outbound.is_empty()
            && let Some(payload) = self.newest.take()
        {
            let _there_is_room = self.send(&payload);
        }
    }

    /// Sends bytes that are no frame.
    pub(super) fn write_or_keep(&mut self, bytes: &[u8]) {
        self.outbound.extend_from_slice(bytes);
        self.write_now();
    }

    /// Tries to write before anybody awaits. An error is left for the next read to find.
    fn write_now(&mut self) {
        let _found_by_recv = self.write_some();
    }

    fn write_some(&mut self) -> io::Result<()> {
        match self.stream.try_write(&self.outbound) {
            Ok(count) => self.outbound.advance(count),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
            Err(error) => return Err(error),
        }
        if self.outbound.is_empty() {
            self.outbound = BytesMut::new();
        }
        Ok(())
    }
}
