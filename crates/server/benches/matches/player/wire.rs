//! A player's connection.

use std::{net::SocketAddr, ops::Range};

use anyhow::{Context, ensure};
use bytes::{Bytes, BytesMut};
use net::{
    arq::Config,
    frame::{self, HEADER_BYTES, MAX_FRAME},
    link::Link,
    proto::{PREFACE_BYTES, PROTOCOL, Preface},
    udp,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// One connection, which keeps the payload that came last.
pub(super) enum Wire {
    Stream(Stream),
    /// Our own ARQ, as clients have it. It is more work than a stream for the driver, and so takes its core from
    /// nobody but the driver.
    Session {
        link: Link,
        payload: Bytes,
    },
}

/// Frames on a TCP stream, read by a loop of its own: a link would cost more than it has to, and it is not the
/// driver that is measured.
pub(super) struct Stream {
    socket: TcpStream,
    inbound: Box<[u8]>,
    /// The part of `inbound` that has arrived and was not taken.
    unread: Range<usize>,
    /// The part of `inbound` with the last payload.
    payload: Range<usize>,
    outbound: BytesMut,
    bytes: u64,
}

impl Wire {
    /// Connects to a relay.
    pub(super) async fn to_relay(address: SocketAddr) -> anyhow::Result<Self> {
        Ok(Self::Stream(Stream::connect(address).await?))
    }

    /// Connects to a server over TCP.
    pub(super) async fn over_tcp(address: SocketAddr) -> anyhow::Result<Self> {
        let mut stream = Stream::connect(address).await?;
        stream.socket.write_all(&Preface(PROTOCOL).encode()).await?;
        stream.socket.read_exact(&mut [0; PREFACE_BYTES]).await?;
        Ok(Self::Stream(stream))
    }

    /// Connects to a server over UDP.
    pub(super) async fn over_udp(address: SocketAddr) -> anyhow::Result<Self> {
        let config = Config { datagrams_per_second: NO_LIMIT, ..Config::client() };
        Ok(Self::Session { link: udp::dial(address, config).await?.into(), payload: Bytes::new() })
    }

    pub(super) async fn send(&mut self, payload: &[u8]) -> anyhow::Result<()> {
        match self {
            Self::Stream(stream) => stream.send(payload).await,
            Self::Session { link, .. } => Ok(link.send(payload)?),
        }
    }

    /// Waits for the next message, whose payload is there until the next call. Cancel-safe.
    pub(super) async fn receive(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Stream(stream) => stream.receive().await,
            Self::Session { link, payload } => {
                *payload = link.recv().await?.context("the server hung up")?;
                Ok(())
            }
        }
    }

    /// The payload that came last.
    pub(super) fn payload(&self) -> &[u8] {
        match self {
            Self::Stream(stream) => &stream.inbound[stream.payload.clone()],
            Self::Session { payload, .. } => payload,
        }
    }

    /// Bytes, and over UDP datagrams, in both directions.
    pub(super) fn carried(&self) -> (u64, u64) {
        match self {
            Self::Stream(stream) => (stream.bytes, 0),
            Self::Session { link, .. } => link.session_counts().map_or((0, 0), |counts| {
                (counts.sent_bytes + counts.received_bytes, counts.sent + counts.received)
            }),
        }
    }
}

impl Stream {
    async fn connect(address: SocketAddr) -> anyhow::Result<Self> {
        let socket = TcpStream::connect(address).await?;
        // Nothing else: an ordinary program sets no times for acknowledgements or retransmissions.
        socket.set_nodelay(true)?;
        Ok(Self {
            socket,
            inbound: vec![0; 2 * MAX_FRAME].into(),
            unread: 0..0,
            payload: 0..0,
            outbound: BytesMut::new(),
            bytes: 0,
        })
    }

    async fn send(&mut self, payload: &[u8]) -> anyhow::Result<()> {
        self.outbound.clear();
        frame::encode(payload, &mut self.outbound);
        self.socket.write_all(&self.outbound).await?;
        self.bytes += u64::try_from(self.outbound.len())?;
        Ok(())
    }

    async fn receive(&mut self) -> anyhow::Result<()> {
        loop {
            if let Some(&header) = self.inbound[self.unread.clone()].first_chunk() {
                let start = self.unread.start + HEADER_BYTES;
                let end = start + usize::from(u16::from_be_bytes(header));
                if end <= self.unread.end {
                    self.unread.start = end;
                    self.payload = start..end;
                    return Ok(());
                }
            }
            self.inbound.copy_within(self.unread.clone(), 0);
            self.unread = 0..self.unread.len();
            let count = self.socket.read(&mut self.inbound[self.unread.end..]).await?;
            ensure!(count > 0, "the server hung up");
            self.unread.end += count;
            self.bytes += u64::try_from(count)?;
        }
    }
}

/// Datagrams a second: more than anything here sends.
const NO_LIMIT: u32 = 100_000_000;
