//! Ours, over UDP and over TCP.

use std::net::SocketAddr;

use anyhow::{Context as _, anyhow};
use bytes::Bytes;
use net::{
    arq,
    bind::{bind_tcp, bind_udp},
    connect::{configure_tcp, dial_tcp},
    link::Link,
    tcp::{self, Accepted, PREFACE_TIMEOUT},
    udp,
};
use tokio::{net::TcpListener, task, time::Instant};

use super::{Connection, Transport};

/// Our ARQ on UDP.
#[derive(Debug)]
pub(crate) struct OxoUdp;

impl Transport for OxoUdp {
    type Listener = udp::Listener;
    type Connection = Link;

    async fn listen(&self, addr: SocketAddr) -> anyhow::Result<udp::Listener> {
        let bound = bind_udp(&addr.to_string().parse()?)?;
        Ok(udp::Listener::new(bound.socket, arq::Config::default())?)
    }

    #[expect(clippy::infinite_loop, reason = "it serves for ever, as it is asked to")]
    async fn serve(&self, mut listener: udp::Listener, each: fn(Link)) -> anyhow::Result<()> {
        loop {
            each(listener.accept().await);
        }
    }

    async fn connect(&self, addr: SocketAddr) -> anyhow::Result<Link> {
        udp::dial(addr, arq::Config::client()).await.map_err(|failure| anyhow!("{failure}"))
    }
}

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
                if let Ok(Accepted::Link(link)) = tcp::accept(stream, Instant::now() + PREFACE_TIMEOUT).await
                {
                    each(link);
                }
                anyhow::Ok(())
            });
        }
    }

    async fn connect(&self, addr: SocketAddr) -> anyhow::Result<Link> {
        let stream = dial_tcp(addr).await.map_err(|failure| anyhow!("{failure}"))?;
        tcp::open(stream).await.map_err(|failure| anyhow!("{failure}"))
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
