//! Two honest players who come, play and return again and again, and measure how long they wait for a server.
//!
//! ```text
//! cargo run -p server --example honest -- 10.77.0.1:1952 udp 20
//! ```

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "it measures the time")]
#![expect(clippy::print_stdout, reason = "it prints its figures")]

use std::{
    env,
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use net::{
    connect::{Candidate, dial_link},
    link::{Link, Transport},
    proto::{Access, ClientMessage, Command, Event, Hello, RoomCode, ServerMessage, Terms, Token, codec},
};
use tokio::time::{sleep, timeout};

/// A wait of this length has failed.
const PATIENCE: Duration = Duration::from_mins(1);

/// The pause before a refused player tries again, as the client does it at first.
const TRY_AGAIN: Duration = Duration::from_millis(250);

/// A player who has been welcomed.
struct Player {
    link: Link,
    token: Token,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let words: Vec<String> = env::args().skip(1).collect();
    let [addr, transport, rounds] = words.as_slice() else { bail!("honest IP:PORT udp|tcp ROUNDS") };
    let transport = if transport == "udp" { Transport::Udp } else { Transport::Tcp };
    let candidate = Candidate { addr: addr.parse::<SocketAddr>()?, transport };
    let (mut came, mut played, mut returned) = (Duration::ZERO, Duration::ZERO, Duration::ZERO);
    for _ in 0..rounds.parse::<u32>()? {
        let start = Instant::now();
        let mut host = served(candidate, None).await?;
        came = came.max(start.elapsed());
        let mut guest = served(candidate, None).await?;
        let start = Instant::now();
        host.ask(&Command::Create { terms: Terms::default(), access: Access::Public })?;
        let code = host.seat().await?;
        guest.ask(&Command::Join { code, passcode: None })?;
        guest.seat().await?;
        for (ply, cell) in (0..).zip(["b2", "a1"]) {
            let mover = if ply == 0 { &mut host } else { &mut guest };
            let cell = cell.parse()?;
            mover.ask(&Command::Play { match_number: 1, branch: 0, ply, cell })?;
            host.sees(ply + 1).await?;
            guest.sees(ply + 1).await?;
        }
        played = played.max(start.elapsed());
        let token = guest.token;
        drop(guest);
        let start = Instant::now();
        let mut guest = served(candidate, Some(token)).await?;
        guest.sees(2).await?;
        returned = returned.max(start.elapsed());
        host.ask(&Command::Resign { match_number: 1 })?;
    }
    println!("longest waits: came {came:.0?}, joined and played {played:.0?}, returned {returned:.0?}");
    Ok(())
}

/// Enters, however often it takes.
async fn served(candidate: Candidate, resume: Option<Token>) -> anyhow::Result<Player> {
    let tries = async {
        loop {
            match enter(candidate, resume).await {
                Ok(player) => return player,
                Err(error) => println!("tries again: {error:#}"),
            }
            sleep(TRY_AGAIN).await;
        }
    };
    timeout(PATIENCE, tries).await.context("not served")
}

async fn enter(candidate: Candidate, resume: Option<Token>) -> anyhow::Result<Player> {
    let mut link = dial_link(candidate).await?;
    link.send(&codec::encode(&ClientMessage::Hello(Hello { name: "honest".parse()?, resume })))?;
    loop {
        match hear(&mut link).await? {
            ServerMessage::Welcome(welcome) => return Ok(Player { link, token: welcome.token }),
            ServerMessage::Ping { .. } => {}
            other => bail!("not welcomed: {other:?}"),
        }
    }
}

impl Player {
    fn ask(&mut self, command: &Command) -> anyhow::Result<()> {
        Ok(self.link.send(&codec::encode(&ClientMessage::Command(command.clone())))?)
    }

    async fn seat(&mut self) -> anyhow::Result<RoomCode> {
        loop {
            if let Event::Seated { code, .. } = self.event().await? {
                return Ok(code);
            }
        }
    }

    /// Waits for a snapshot of a match that has come to `ply`.
    async fn sees(&mut self, ply: u16) -> anyhow::Result<()> {
        loop {
            if let Event::Snapshot(snapshot) = self.event().await?
                && snapshot.record.position().ply() == ply
            {
                return Ok(());
            }
        }
    }

    async fn event(&mut self) -> anyhow::Result<Event> {
        loop {
            match hear(&mut self.link).await? {
                ServerMessage::Event(Event::Rejected { reject, .. }) => bail!("rejected: {reject}"),
                ServerMessage::Event(event) => return Ok(event),
                ServerMessage::Ping { nonce, .. } => {
                    self.link.send(&codec::encode(&ClientMessage::Pong { nonce }))?;
                }
                other => bail!("no event but {other:?}"),
            }
        }
    }
}

async fn hear(link: &mut Link) -> anyhow::Result<ServerMessage> {
    let received = timeout(PATIENCE, link.recv()).await.context("nothing is heard")??;
    Ok(codec::decode(&received.context("the server ended the link")?)?)
}
