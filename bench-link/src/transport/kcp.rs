//! KCP in the mode that its author calls fastest, sending and acknowledging at once.
//!
//! It has no handshake: the server learns of a connection by its first message.

use std::net::SocketAddr;

use bytes::Bytes;
use tokio_kcp::{KcpConfig, KcpListener, KcpNoDelayConfig, KcpStream};

use super::{Connection, Transport};

/// KCP over UDP, whole messages.
#[derive(Debug)]
pub(crate) struct Kcp;

impl Transport for Kcp {
    type Connection = KcpStream;

    async fn serve(&self, addr: SocketAddr, ready: fn(), each: fn(KcpStream)) -> anyhow::Result<()> {
        let mut listener = KcpListener::bind(config(), addr).await?;
        ready();
        loop {
            each(listener.accept().await?.0);
        }
    }

    async fn connect(&self, addr: SocketAddr) -> anyhow::Result<KcpStream> {
        Ok(KcpStream::connect(&config(), addr).await?)
    }
}

impl Connection for KcpStream {
    async fn send(&mut self, message: &[u8]) -> anyhow::Result<()> {
        Self::send(self, message).await?;
        Ok(())
    }

    async fn recv(&mut self) -> anyhow::Result<Bytes> {
        let mut message = [0; 1500];
        let length = Self::recv(self, &mut message).await?;
        anyhow::ensure!(length > 0, "the peer has gone");
        Ok(Bytes::copy_from_slice(&message[..length]))
    }
}

/// `ikcp_nodelay(kcp, 1, 10, 2, 1)`. Without the flushes a message would wait for the next tick of 10 ms.
fn config() -> KcpConfig {
    KcpConfig {
        nodelay: KcpNoDelayConfig { nodelay: true, interval: 10, resend: 2, nc: true },
        flush_write: true,
        flush_acks_input: true,
        stream: false,
        ..KcpConfig::default()
    }
}
