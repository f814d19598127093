//! Messages on a stream of bytes: each behind its length, a big-endian `u16`.

use anyhow::ensure;
use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};

use super::Connection;

/// Bytes of the length.
const LENGTH_BYTES: usize = 2;

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
        // In one piece, so that it is one packet.
        let mut frame = BytesMut::with_capacity(LENGTH_BYTES + message.len());
        frame.put_u16(message.len().try_into()?);
        frame.put_slice(message);
        Ok(self.writer.write_all(&frame).await?)
    }

    async fn recv(&mut self) -> anyhow::Result<Bytes> {
        loop {
            if let Some(message) = take(&mut self.inbound) {
                return Ok(message);
            }
            ensure!(self.reader.read_buf(&mut self.inbound).await? > 0, "the peer has gone");
        }
    }
}

/// Takes the first message, if all of it is there.
fn take(inbound: &mut BytesMut) -> Option<Bytes> {
    let (length, rest) = inbound.split_first_chunk::<LENGTH_BYTES>()?;
    let length = usize::from(u16::from_be_bytes(*length));
    if rest.len() < length {
        return None;
    }
    inbound.advance(LENGTH_BYTES);
    Some(inbound.split_to(length).freeze())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_taken_when_they_are_whole() {
        let mut inbound = BytesMut::new();
        let mut taken = Vec::new();
        for byte in *b"\0\x02ab\0\x01c" {
            inbound.put_u8(byte);
            taken.extend(take(&mut inbound));
        }
        assert_eq!(taken, [&b"ab"[..], b"c"]);
        assert!(inbound.is_empty());
    }
}
