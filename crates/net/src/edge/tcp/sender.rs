//! The sending half of a TCP link.

use std::{
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll, Waker, ready},
};

use bytes::{Buf, BytesMut};
use tokio::net::{TcpStream, tcp::OwnedWriteHalf};

use crate::{frame, traffic::Traffic, transport::SendError};

/// Bytes that may wait for a peer that does not read: fifteen of the largest frames, beyond the system's own
/// buffers.
const MAX_UNSENT: usize = 16 * 1024;

/// Writes frames to a stream, from any task. Bytes that the system does not take wait for the task that receives.
#[derive(Debug)]
pub struct TcpSender {
    stream: OwnedWriteHalf,
    traffic: Arc<Traffic>,
    /// Locked for the moment of one write.
    waiting: Mutex<Waiting>,
}

/// Bytes on the way out.
#[derive(Debug, Default)]
struct Waiting {
    /// Bytes that the system has not taken yet. Without storage while empty, so that an idle link costs none.
    unsent: BytesMut,
    /// The message that is sent once the system has taken the rest, unless a newer one replaces it.
    newest: Option<Box<[u8]>>,
    /// The link is being closed and sends nothing new.
    is_closing: bool,
    /// The task that receives, and writes the rest.
    receiver: Option<Waker>,
}

impl TcpSender {
    pub(super) fn new(stream: OwnedWriteHalf, traffic: Arc<Traffic>) -> Self {
        Self { stream, traffic, waiting: Mutex::default() }
    }

    /// Sends a message: writes it at once where the system takes it, and leaves the rest to the task that receives. Once the
    /// link is closed or broken, the message is dropped.
    ///
    /// # Errors
    ///
    /// [`SendError`] when too much is waiting; nothing of this message was taken.
    pub fn send(&self, payload: &[u8]) -> Result<(), SendError> {
        let mut waiting = self.lock();
        if waiting.unsent.len() > MAX_UNSENT {
            return Err(SendError);
        }
        if !waiting.is_closing {
            self.write(&mut waiting, &frame::encode(payload));
        }
        Ok(())
    }

    /// Sends a message, unless a newer one replaces it before the system takes all earlier ones.
    pub fn send_newest(&self, payload: &[u8]) {
        let mut waiting = self.lock();
        if waiting.is_closing {
            return;
        }
        if waiting.unsent.is_empty() {
            self.write(&mut waiting, &frame::encode(payload));
        } else {
            waiting.newest = Some(payload.into());
        }
    }

    /// Drops the message that [`send_newest`](Self::send_newest) keeps.
    pub fn forget_newest(&self) {
        self.lock().newest = None;
    }

    /// Sends bytes outside any frame.
    pub(super) fn send_raw(&self, bytes: &[u8]) {
        self.write(&mut self.lock(), bytes);
    }

    /// Takes nothing new; what waits can still be [flushed](Self::poll_flush).
    pub(super) fn close(&self) {
        let mut waiting = self.lock();
        waiting.is_closing = true;
        waiting.newest = None;
    }

    /// Writes the bytes that wait, as far as the system takes them; ready when none is left. `context` is woken for more.
    pub(super) fn poll_flush(&self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let mut waiting = self.lock();
        match &mut waiting.receiver {
            Some(receiver) => receiver.clone_from(context.waker()),
            None => waiting.receiver = Some(context.waker().clone()),
        }
        loop {
            if waiting.unsent.is_empty() {
                let Some(newest) = waiting.newest.take() else { return Poll::Ready(Ok(())) };
                waiting.unsent.extend_from_slice(&frame::encode(&newest));
            }
            ready!(self.stream.as_ref().poll_write_ready(context))?;
            let count = self.try_write(&waiting.unsent)?;
            waiting.unsent.advance(count);
            if waiting.unsent.is_empty() {
                waiting.unsent = BytesMut::new();
            }
        }
    }

    /// The counter of the link's bytes.
    pub(super) fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    pub(super) fn stream(&self) -> &TcpStream {
        self.stream.as_ref()
    }

    /// Writes bytes at once unless others wait before them, and keeps what the system does not take. An error is left for
    /// the next read to find.
    fn write(&self, waiting: &mut Waiting, bytes: &[u8]) {
        let was_idle = waiting.unsent.is_empty();
        let count = if was_idle { self.try_write(bytes).unwrap_or(0) } else { 0 };
        if count == bytes.len() {
            return;
        }
        waiting.unsent.extend_from_slice(&bytes[count..]);
        if was_idle && let Some(receiver) = &waiting.receiver {
            receiver.wake_by_ref();
        }
    }

    /// Writes as much as the system takes now, and returns the number of bytes.
    fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self.stream.try_write(bytes) {
            Ok(count) => {
                self.traffic.note_sent(count);
                Ok(count)
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            Err(error) => Err(error),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // No holder of the lock leaves it half-changed.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
