//! Frames on one stream.

use std::{
    future::poll_fn,
    io,
    mem::MaybeUninit,
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use tokio::{
    io::{AsyncRead, ReadBuf},
    net::{TcpStream, tcp::OwnedReadHalf},
    time::{Instant, timeout, timeout_at},
};

use super::{farewell::finish, sender::TcpSender};
use crate::{
    frame::{self, MAX_FRAME},
    traffic::Traffic,
    transport::{FAREWELL_TIMEOUT, LinkError, SendError},
    xray::TcpPicture,
};

/// Time for a frame from its first byte to its last. A frame fits one segment, so that even the retransmissions of a
/// lossy link are done by then.
pub const FRAME_TIMEOUT: Duration = Duration::from_secs(5);

/// Bytes asked of the system at once: two largest frames, so that a burst of small ones takes one read.
const READ_BYTES: usize = 2 * MAX_FRAME;

/// A link over one TCP stream.
#[derive(Debug)]
pub struct TcpLink {
    stream: OwnedReadHalf,
    sender: Arc<TcpSender>,
    peer: SocketAddr,
    /// Received bytes that were not taken yet: less than a frame, except between two reads. Without storage while empty, so
    /// that an idle link costs none.
    inbound: BytesMut,
    /// The deadline of the frame at the head of `inbound`; `None` if there is none.
    frame_deadline: Option<Instant>,
}

impl TcpLink {
    /// Takes over a stream whose prefaces have been exchanged. `peer` is canonical.
    pub(super) fn new(stream: TcpStream, peer: SocketAddr, traffic: Arc<Traffic>) -> Self {
        let (stream, sender) = stream.into_split();
        let sender = Arc::new(TcpSender::new(sender, traffic));
        Self { stream, sender, peer, inbound: BytesMut::new(), frame_deadline: None }
    }

    /// The peer's canonical address.
    pub const fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// The half that sends, from any task.
    pub const fn sender(&self) -> &Arc<TcpSender> {
        &self.sender
    }

    /// The state of the connection, if the system tells it: on Linux.
    #[cfg(target_os = "linux")]
    pub fn picture(&self) -> Option<TcpPicture> {
        super::info::picture(self.sender.stream())
    }

    /// The state of the connection, if the system tells it: on Linux.
    #[cfg(not(target_os = "linux"))]
    pub const fn picture(&self) -> Option<TcpPicture> {
        None
    }

    /// Sends a message: see [`TcpSender::send`].
    ///
    /// # Errors
    ///
    /// [`SendError`] when too much is waiting; nothing of this message was taken.
    pub fn send(&mut self, payload: &[u8]) -> Result<(), SendError> {
        self.sender.send(payload)
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
            self.sender.traffic().note_received(count);
            if count == 0 {
                return if self.inbound.is_empty() { Ok(None) } else { Err(LinkError::Truncated) };
            }
        }
    }

    /// Delivers all messages but the one that [`TcpSender::send_newest`] keeps, and ends the stream, within
    /// [`FAREWELL_TIMEOUT`].
    pub async fn close(self) {
        self.sender.close();
        // A peer that does not listen to the end has its own reasons; there is nobody left to tell.
        let _gone = timeout(FAREWELL_TIMEOUT, async {
            poll_fn(|context| self.sender.poll_flush(context)).await?;
            finish(self.sender.stream()).await
        })
        .await;
    }

    /// Writes what waits, as far as the system takes it, and reads once. Returns the bytes read.
    fn poll_step(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if let Poll::Ready(flushed) = self.sender.poll_flush(context) {
            flushed?;
        }
        let mut space = [MaybeUninit::uninit(); READ_BYTES];
        let mut read = ReadBuf::uninit(&mut space);
        ready!(Pin::new(&mut self.stream).poll_read(context, &mut read))?;
        self.inbound.extend_from_slice(read.filled());
        Poll::Ready(Ok(read.filled().len()))
    }
}
