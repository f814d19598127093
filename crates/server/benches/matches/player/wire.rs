//! A player's connection.

use std::{net::SocketAddr, ops::Range};

use anyhow::{Context, ensure};
use bytes::{BufMut as _, Bytes, BytesMut};
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
    /// Messages of a WebSocket (RFC 6455) on a stream.
    Web(Stream),
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

    /// Connects to a server as a page does.
    pub(super) async fn over_websocket(address: SocketAddr) -> anyhow::Result<Self> {
        let mut stream = Stream::connect(address).await?;
        let request = format!(
            "GET /ws HTTP/1.1\r\nHost: {address}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Protocol: oxo.3\r\n\r\n"
        );
        stream.socket.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") {
            ensure!(answer.len() < MAX_FRAME, "a head that is too long");
            answer.push(stream.socket.read_u8().await?);
        }
        ensure!(answer.starts_with(b"HTTP/1.1 101 "), "no WebSocket: {}", String::from_utf8_lossy(&answer));
        Ok(Self::Web(stream))
    }

    /// Connects to a server over UDP.
    pub(super) async fn over_udp(address: SocketAddr) -> anyhow::Result<Self> {
        let config = Config { datagrams_per_second: NO_LIMIT, ..Config::client() };
        Ok(Self::Session { link: udp::dial(address, config).await?.into(), payload: Bytes::new() })
    }

    pub(super) async fn send(&mut self, payload: &[u8]) -> anyhow::Result<()> {
        match self {
            Self::Stream(stream) => stream.send(payload, enframe).await,
            Self::Web(stream) => stream.send(payload, mask).await,
            Self::Session { link, .. } => Ok(link.send(payload)?),
        }
    }

    /// Waits for the next message, whose payload is there until the next call. Cancel-safe.
    pub(super) async fn receive(&mut self) -> anyhow::Result<()> {
        match self {
            Self::Stream(stream) => stream.receive(framed).await,
            Self::Web(stream) => stream.receive(unwrapped).await,
            Self::Session { link, payload } => {
                *payload = link.recv().await?.context("the server hung up")?;
                Ok(())
            }
        }
    }

    /// The payload that came last.
    pub(super) fn payload(&self) -> &[u8] {
        match self {
            Self::Stream(stream) | Self::Web(stream) => &stream.inbound[stream.payload.clone()],
            Self::Session { payload, .. } => payload,
        }
    }

    /// Bytes, and over UDP datagrams, in both directions.
    pub(super) fn carried(&self) -> (u64, u64) {
        match self {
            Self::Stream(stream) | Self::Web(stream) => (stream.bytes, 0),
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
            inbound: vec![0; 4 * MAX_FRAME].into(),
            unread: 0..0,
            payload: 0..0,
            outbound: BytesMut::new(),
            bytes: 0,
        })
    }

    async fn send(&mut self, payload: &[u8], wrap: fn(&[u8], &mut BytesMut)) -> anyhow::Result<()> {
        self.outbound.clear();
        wrap(payload, &mut self.outbound);
        self.socket.write_all(&self.outbound).await?;
        self.bytes += u64::try_from(self.outbound.len())?;
        Ok(())
    }

    async fn receive(&mut self, find: fn(&[u8]) -> Option<Range<usize>>) -> anyhow::Result<()> {
        loop {
            if let Some(found) = find(&self.inbound[self.unread.clone()]) {
                self.payload = self.unread.start + found.start..self.unread.start + found.end;
                self.unread.start = self.payload.end;
                return Ok(());
            }
            ensure!(self.unread.len() < self.inbound.len(), "a message that is too long");
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

/// Appends a frame.
fn enframe(payload: &[u8], outbound: &mut BytesMut) {
    outbound.put_slice(&frame::encode(payload));
}

/// The place of the payload of the first frame, if all of it has come.
fn framed(bytes: &[u8]) -> Option<Range<usize>> {
    let end = HEADER_BYTES + usize::from(u16::from_be_bytes(*bytes.first_chunk()?));
    (end <= bytes.len()).then_some(HEADER_BYTES..end)
}

/// The place of the payload of the first message of a WebSocket, which is a text, and of one frame.
fn unwrapped(bytes: &[u8]) -> Option<Range<usize>> {
    let &[first, length] = bytes.first_chunk()?;
    assert_eq!(first, FINAL_TEXT, "a server sends our texts in one frame each");
    let (start, length) = match length {
        EXTENDED => (4, usize::from(u16::from_be_bytes(*bytes.get(2..)?.first_chunk()?))),
        _ => (2, usize::from(length)),
    };
    (start + length <= bytes.len()).then_some(start..start + length)
}

/// Appends a text of a client, under a mask of zeros, with which the server works as with any other.
fn mask(payload: &[u8], outbound: &mut BytesMut) {
    const MASKED: u8 = 0x80;
    outbound.put_u8(FINAL_TEXT);
    match u8::try_from(payload.len()) {
        Ok(length) if length < EXTENDED => outbound.put_u8(MASKED | length),
        _ => {
            outbound.put_u8(MASKED | EXTENDED);
            outbound.put_u16(u16::try_from(payload.len()).unwrap_or(u16::MAX));
        }
    }
    outbound.put_u32(0);
    outbound.put_slice(payload);
}

/// The first byte of a text that is complete.
const FINAL_TEXT: u8 = 0x81;

/// The length that says that the next two bytes are the length.
const EXTENDED: u8 = 126;

/// Any 16 bytes in base64 (RFC 6455 section 4.1).
const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAA==";
