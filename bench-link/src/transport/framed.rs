//! Messages on a stream of bytes, in our own frames: each behind its length, a big-endian `u16`.

use anyhow::ensure;
use bytes::{Bytes, BytesMut};
use net::frame;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::Connection;

/// Messages on the two halves of a stream.
#[derive(Debug)]
pub(crate) struct Framed<R, W> {
    reader: R,
    writer: W,
    inbound: BytesMut,
}

impl<R, W> Framed<R, W> {
    pub(crate) fn new(reader: R, writer: W) -> Self {
        Self { reader, writer, inbound: BytesMut::new() }
    }
}

impl<R, W> Connection for Framed<R, W>
where
    R: AsyncRead + Unpin + 'static,
    W: AsyncWrite + Unpin + 'static,
{
    async fn send(&mut self, message: &[u8]) -> anyhow::Result<()> {
        // One write makes one packet.
        Ok(self.writer.write_all(&frame::encode(message)).await?)
    }

    async fn recv(&mut self) -> anyhow::Result<Bytes> {
        loop {
            if let Some(message) = frame::decode(&mut self.inbound)? {
                return Ok(message);
            }
            ensure!(self.reader.read_buf(&mut self.inbound).await? > 0, "the peer has gone");
        }
    }
}
