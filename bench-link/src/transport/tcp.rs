//! The kernel's TCP, with no option but `TCP_NODELAY`.

use std::net::SocketAddr;

use tokio::net::{
    TcpListener, TcpStream,
    tcp::{OwnedReadHalf, OwnedWriteHalf},
};

use super::{Transport, framed::Framed};

/// The kernel's TCP.
#[derive(Debug)]
pub(crate) struct Tcp;

impl Transport for Tcp {
    type Connection = Framed<OwnedReadHalf, OwnedWriteHalf>;

    async fn serve(&self, addr: SocketAddr, ready: fn(), each: fn(Self::Connection)) -> anyhow::Result<()> {
        let listener = TcpListener::bind(addr).await?;
        ready();
        loop {
            each(connection(listener.accept().await?.0)?);
        }
    }

    async fn connect(&self, addr: SocketAddr) -> anyhow::Result<Self::Connection> {
        connection(TcpStream::connect(addr).await?)
    }
}

fn connection(stream: TcpStream) -> anyhow::Result<Framed<OwnedReadHalf, OwnedWriteHalf>> {
    stream.set_nodelay(true)?;
    let (reader, writer) = stream.into_split();
    Ok(Framed::new(reader, writer))
}
