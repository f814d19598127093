//! One end of a match, with its connection.

mod wire;

use anyhow::bail;
use net::{
    frame::{HEADER_BYTES, MAX_FRAME},
    link::Transport,
    proto::{ClientMessage, Command as Ask, Event, Hello, ServerMessage, codec, json},
};
use tokio::sync::watch;

use self::wire::Wire;
use crate::{Subject, server::Server};

/// A player as fast as it gets.
pub(crate) struct Player {
    pub(crate) subject: Subject,
    wire: Wire,
    states: u64,
    state_bytes: u64,
}

/// The traffic of connections, in both directions.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Traffic {
    /// Of streams, or of UDP payload.
    pub(crate) bytes: u64,
    /// None over TCP, where the system makes the segments.
    pub(crate) datagrams: u64,
    pub(crate) states: u64,
    pub(crate) state_bytes: u64,
}

impl Player {
    /// Connects, and in oxo opens a session.
    pub(crate) async fn connect(server: &Server, subject: Subject, name: &str) -> anyhow::Result<Self> {
        let wire = match subject {
            Subject::Oxo(Transport::Tcp) | Subject::Kept => Wire::over_tcp(server.address).await?,
            Subject::Oxo(Transport::Udp) => Wire::over_udp(server.address).await?,
            Subject::Web => Wire::over_websocket(server.address).await?,
            Subject::Relay { .. } => Wire::to_relay(server.address).await?,
        };
        let mut player = Self { subject, wire, states: 0, state_bytes: 0 };
        if subject.has_rooms() {
            player.say(&ClientMessage::Hello(Hello { name: name.parse()?, resume: None })).await?;
            loop {
                player.wire.receive().await?;
                if let ServerMessage::Welcome(_) = player.last_message()? {
                    break;
                }
                player.answer().await?;
            }
        }
        Ok(player)
    }

    /// Does no more than it takes to be believed there, until `waking` has lost its sender.
    pub(crate) async fn rest(mut self, mut waking: watch::Receiver<()>) -> anyhow::Result<Self> {
        loop {
            tokio::select! {
                // All at once, so that nobody sees another one go.
                biased;
                _sender_is_gone = waking.changed() => return Ok(self),
                received = self.wire.receive() => {
                    received?;
                    self.answer().await?;
                }
            }
        }
    }

    /// Asks for something. The relay is sent as much as it is to tell.
    pub(crate) async fn ask(&mut self, ask: Ask) -> anyhow::Result<()> {
        match self.subject {
            Subject::Oxo(_) | Subject::Web | Subject::Kept => self.say(&ClientMessage::Command(ask)).await,
            Subject::Relay { payload } => self.wire.send(&[0; MAX_FRAME][..payload]).await,
        }
    }

    /// Waits for the next state, and answers pings meanwhile.
    ///
    /// A snapshot is known by its first bytes: decoding each would measure the driver. [`crate::play::Match::verify`]
    /// decodes the last.
    pub(crate) async fn next_state(&mut self) -> anyhow::Result<()> {
        const EVENT: u8 = 1;
        const SNAPSHOT: u8 = 1;
        const IN_JSON: &[u8] = br#"{"type":"event","value":{"type":"snapshot","#;
        loop {
            self.wire.receive().await?;
            let payload = self.wire.payload();
            let is_state = match self.subject {
                Subject::Oxo(_) | Subject::Kept => payload.starts_with(&[EVENT, SNAPSHOT]),
                Subject::Web => payload.starts_with(IN_JSON),
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

    /// The message that came last.
    pub(crate) fn last_message(&self) -> anyhow::Result<ServerMessage> {
        let payload = self.wire.payload();
        Ok(match self.subject {
            Subject::Web => json::decode(str::from_utf8(payload)?)?,
            Subject::Oxo(_) | Subject::Kept | Subject::Relay { .. } => codec::decode(payload)?,
        })
    }

    /// The traffic of its connection.
    pub(crate) fn traffic(&self) -> Traffic {
        let (bytes, datagrams) = self.wire.carried();
        Traffic { bytes, datagrams, states: self.states, state_bytes: self.state_bytes }
    }

    async fn say(&mut self, message: &ClientMessage) -> anyhow::Result<()> {
        match self.subject {
            Subject::Web => self.wire.send(json::encode(message).as_bytes()).await,
            Subject::Oxo(_) | Subject::Kept | Subject::Relay { .. } => {
                self.wire.send(&codec::encode(message)).await
            }
        }
    }

    /// Answers a ping, and takes note of a seat.
    async fn answer(&mut self) -> anyhow::Result<()> {
        match self.last_message()? {
            ServerMessage::Ping { nonce, .. } => self.say(&ClientMessage::Pong { nonce }).await,
            ServerMessage::Event(Event::Seated { .. }) => Ok(()),
            message => bail!("{message:?} in place of a state"),
        }
    }
}
