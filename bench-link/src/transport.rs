//! The transports: one file for each, and their common interface.

pub(crate) mod enet;
pub(crate) mod framed;
pub(crate) mod kcp;
pub(crate) mod oxo;
pub(crate) mod quinn;
pub(crate) mod tcp;

use std::net::SocketAddr;

use bytes::Bytes;

/// A way to carry whole messages, in order.
pub(crate) trait Transport {
    /// A connection; both ends have the same type.
    type Connection: Connection;

    /// Listens at `addr`, calls `ready` once clients may connect, and hands every connection to `each`, for ever.
    async fn serve(&self, addr: SocketAddr, ready: fn(), each: fn(Self::Connection)) -> anyhow::Result<()>;

    /// Connects to `addr`: once it returns, messages may be sent.
    async fn connect(&self, addr: SocketAddr) -> anyhow::Result<Self::Connection>;
}

/// A connection.
pub(crate) trait Connection: 'static {
    /// Sends a message.
    async fn send(&mut self, message: &[u8]) -> anyhow::Result<()>;

    /// Waits for a message. Dropping the future loses none.
    async fn recv(&mut self) -> anyhow::Result<Bytes>;
}
