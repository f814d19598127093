//! One end of a match, with its connection.

use std::ops::Range;

use anyhow::{bail, ensure};
use bytes::BytesMut;
use net::{
    connect::configure_tcp,
    frame::{self, HEADER_BYTES, MAX_FRAME},
    proto::{
        ClientMessage, Command as Ask, Event, Hello, PREFACE_BYTES, PROTOCOL, Preface, ServerMessage, codec,
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{Subject, server::Server};

/// A player as fast as it gets.
pub(crate) struct Player {
    pub(crate) subject: Subject,
    stream: Stream,
    outbound: BytesMut,
    /// Whether it has answered a ping. The first comes with the welcome.
    has_ponged: bool,
    states: u64,
    state_bytes: u64,
}

/// Frames on a TCP stream, read by a loop of its own: a link would cost more than it has to, and it is not the
/// driver that is measured.
struct Stream {
    socket: TcpStream,
    inbound: Box<[u8]>,
    /// The part of `inbound` that has arrived and was not taken.
    unread: Range<usize>,
    /// Where in `inbound` the last payload is.
    payload: Range<usize>,
    bytes: u64,
}

/// What went over a connection, in both directions.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Traffic {
    pub(crate) bytes: u64,
    pub(crate) states: u64,
    pub(crate) state_bytes: u64,
}

impl Player {
    /// Connects, and in oxo opens a session.
    pub(crate) async fn connect(server: &Server, subject: Subject, name: &str) -> anyhow::Result<Self> {
        let mut player = Self {
            subject,
            stream: Stream::connect(server, subject).await?,
            outbound: BytesMut::new(),
            has_ponged: false,
            states: 0,
            state_bytes: 0,
        };
        if let Subject::Oxo = subject {
            player.say(&ClientMessage::Hello(Hello { name: name.parse()?, resume: None })).await?;
            loop {
                player.stream.receive().await?;
                if let ServerMessage::Welcome(_) = codec::decode(player.stream.payload())? {
                    break;
                }
                player.answer().await?;
            }
        }
        Ok(player)
    }

    /// Answers the first ping, unless that is done.
    pub(crate) async fn pong_first(&mut self) -> anyhow::Result<()> {
        while !self.has_ponged {
            self.stream.receive().await?;
            self.answer().await?;
        }
        Ok(())
    }

    /// Asks for something. The relay is sent as much as it is to tell.
    pub(crate) async fn ask(&mut self, ask: Ask) -> anyhow::Result<()> {
        match self.subject {
            Subject::Oxo => self.say(&ClientMessage::Command(ask)).await,
            Subject::Relay { payload } => {
                if self.outbound.is_empty() {
                    frame::encode(&vec![0; payload], &mut self.outbound);
                }
                self.stream.send(&self.outbound).await
            }
        }
    }

    /// Waits for the next state, and answers pings meanwhile.
    ///
    /// A snapshot is known by its first bytes: decoding each would measure the driver. [`crate::play::Match::verify`]
    /// decodes the last.
    pub(crate) async fn next_state(&mut self) -> anyhow::Result<()> {
        const EVENT: u8 = 1;
        const SNAPSHOT: u8 = 1;
        loop {
            self.stream.receive().await?;
            let payload = self.stream.payload();
            let is_state = match self.subject {
                Subject::Oxo => payload.starts_with(&[EVENT, SNAPSHOT]),
                Subject::Relay { .. } => true,
            };
            if is_state {
                self.states += 1;
                self.state_bytes += u64::try_from(HEADER_BYTES + payload.len())?;
                return Ok(());
            }
            self.answer().await?;
        }
    }

    /// The payload that came last.
    pub(crate) fn last_payload(&self) -> &[u8] {
        self.stream.payload()
    }

    pub(crate) const fn traffic(&self) -> Traffic {
        Traffic { bytes: self.stream.bytes, states: self.states, state_bytes: self.state_bytes }
    }

    async fn say(&mut self, message: &ClientMessage) -> anyhow::Result<()> {
        self.outbound.clear();
        frame::encode(&codec::encode(message), &mut self.outbound);
        self.stream.send(&self.outbound).await
    }

    /// Answers a ping, and takes note of a seat.
    async fn answer(&mut self) -> anyhow::Result<()> {
        match codec::decode(self.stream.payload())? {
            ServerMessage::Ping { nonce, .. } => {
                self.has_ponged = true;
                self.say(&ClientMessage::Pong { nonce }).await
            }
            ServerMessage::Event(Event::Seated { .. }) => Ok(()),
            message => bail!("{message:?} in place of a state"),
        }
    }
}

impl Stream {
    async fn connect(server: &Server, subject: Subject) -> anyhow::Result<Self> {
        let mut socket = TcpStream::connect(server.address).await?;
        configure_tcp(&socket)?;
        if let Subject::Oxo = subject {
            socket.write_all(&Preface(PROTOCOL).encode()).await?;
            socket.read_exact(&mut [0; PREFACE_BYTES]).await?;
        }
        Ok(Self { socket, inbound: vec![0; 2 * MAX_FRAME].into(), unread: 0..0, payload: 0..0, bytes: 0 })
    }

    async fn send(&mut self, frame: &[u8]) -> anyhow::Result<()> {
        self.socket.write_all(frame).await?;
        self.bytes += u64::try_from(frame.len())?;
        Ok(())
    }

    /// Waits for a whole frame, whose payload is there until the next call.
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

    fn payload(&self) -> &[u8] {
        &self.inbound[self.payload.clone()]
    }
}
