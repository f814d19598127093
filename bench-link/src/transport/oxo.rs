//! Ours, over TCP.

use std::net::SocketAddr;

use anyhow::Context as _;
use bytes::Bytes;
use net::{
    bind::bind_tcp,
    connect::{configure_tcp, dial_tcp},
    link::Link,
    tcp::{self, PREFACE_TIMEOUT},
};
use tokio::{net::TcpListener, task, time::Instant};

use super::{Connection, Transport};

/// Our frames on TCP, with the options that we set.
#[derive(Debug)]
pub(crate) struct OxoTcp;

impl Transport for OxoTcp {
    type Listener = TcpListener;
    type Connection = Link;

    async fn listen(&self, addr: SocketAddr) -> anyhow::Result<TcpListener> {
        Ok(bind_tcp(&addr.to_string().parse()?)?.socket)
    }

    async fn serve(&self, listener: TcpListener, each: fn(Link)) -> anyhow::Result<()> {
        loop {
            let (stream, _peer) = listener.accept().await?;
            task::spawn_local(async move {
                configure_tcp(&stream)?;
                // A client may have given up meanwhile.
                if let Ok(link) = tcp::accept(stream, Instant::now() + PREFACE_TIMEOUT).await {
                    each(link);
                }
                anyhow::Ok(())
            });
        }
    }

    async fn connect(&self, addr: SocketAddr) -> anyhow::Result<Link> {
        let stream = dial_tcp(addr).await.map_err(|failure| anyhow::anyhow!("{failure}"))?;
        tcp::open(stream).await.map_err(|failure| anyhow::anyhow!("{failure}"))
    }
}

impl Connection for Link {
    async fn send(&mut self, message: &[u8]) -> anyhow::Result<()> {
        Ok(Self::send(self, message)?)
    }

    async fn recv(&mut self) -> anyhow::Result<Bytes> {
        Self::recv(self).await?.context("the peer has gone")
    }
}
