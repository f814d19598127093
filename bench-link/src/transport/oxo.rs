//! Ours, over UDP and over TCP.

use std::{net::SocketAddr, sync::Arc};

use anyhow::Context as _;
use bytes::Bytes;
use net::{
    arq,
    bind::bind,
    link::{HANDSHAKE_TIMEOUT, Link},
    tcp::{self, Accepted},
    udp,
};
use tokio::{task, time::Instant};

use super::{Connection, Transport};

/// Our ARQ on UDP.
#[derive(Debug)]
pub(crate) struct OxoUdp;

impl Transport for OxoUdp {
    type Connection = Link;

    #[expect(clippy::infinite_loop, reason = "it serves for ever, as it is asked to")]
    async fn serve(&self, addr: SocketAddr, ready: fn(), each: fn(Link)) -> anyhow::Result<()> {
        let socket = bind(&addr.to_string().parse()?)?.udp;
        let mut listener = udp::Listener::new(socket, arq::Config::default())?;
        ready();
        loop {
            each(listener.accept().await.into());
        }
    }

    async fn connect(&self, addr: SocketAddr) -> anyhow::Result<Link> {
        Ok(udp::dial(addr, arq::Config::client()).await?.into())
    }
}

/// Our frames on TCP, with the options that we set.
#[derive(Debug)]
pub(crate) struct OxoTcp;

impl Transport for OxoTcp {
    type Connection = Link;

    async fn serve(&self, addr: SocketAddr, ready: fn(), each: fn(Link)) -> anyhow::Result<()> {
        let listener = bind(&addr.to_string().parse()?)?.tcp;
        ready();
        loop {
            let (stream, _peer) = listener.accept().await?;
            task::spawn_local(async move {
                tcp::set_options(&stream)?;
                // A client may have given up meanwhile.
                if let Ok(Accepted::Link(link)) =
                    tcp::accept(stream, Instant::now() + HANDSHAKE_TIMEOUT, false, &Arc::default()).await
                {
                    each(link.into());
                }
                anyhow::Ok(())
            });
        }
    }

    async fn connect(&self, addr: SocketAddr) -> anyhow::Result<Link> {
        Ok(tcp::open(tcp::connect(addr).await?).await?.into())
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
