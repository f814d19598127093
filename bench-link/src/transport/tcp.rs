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
    type Listener = TcpListener;
    type Connection = Framed<OwnedReadHalf, OwnedWriteHalf>;

    async fn listen(&self, addr: SocketAddr) -> anyhow::Result<TcpListener> {
        Ok(TcpListener::bind(addr).await?)
    }

    async fn serve(&self, listener: TcpListener, each: fn(Self::Connection)) -> anyhow::Result<()> {
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
