//! Two players who play one match after another, and how long each move takes.
//!
//! A move is sent once both players have the last state, and is done once both have the next. Both dialects play nine
//! moves and then ask, from both seats, for the next match; asking takes time and is not counted.

use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use game_core::Cell;
use net::proto::{Command as Ask, Event, ServerMessage};
use tokio::{sync::watch, task::JoinSet};

use crate::{
    Subject,
    player::{Player, Traffic},
    server::Server,
};

/// A match, and those after it.
pub(crate) struct Match {
    /// The host and the guest.
    players: [Player; 2],
    number: u32,
    ply: u16,
    /// From the sending of each move until both had the new state.
    pub(crate) latencies: Vec<Duration>,
}

/// Plays matches at once.
pub(crate) async fn play(matches: Vec<Match>, length: Duration) -> anyhow::Result<Vec<Match>> {
    let until = Instant::now() + length;
    let mut playing = JoinSet::new();
    for mut one in matches {
        playing.spawn(async move { one.play_until(until).await.map(|()| one) });
    }
    let mut played = Vec::with_capacity(playing.len());
    while let Some(ended) = playing.join_next().await {
        played.push(ended??);
    }
    Ok(played)
}

impl Match {
    pub(crate) async fn open(server: &Server, subject: Subject, index: usize) -> anyhow::Result<Self> {
        let host = Player::connect(server, subject, &format!("host {index}")).await?;
        let guest = Player::connect(server, subject, &format!("guest {index}")).await?;
        Self::begin([host, guest]).await
    }

    /// Seats two players in a room. For the relay, whose first two connections are a pair, it is a frame.
    pub(crate) async fn begin([mut host, mut guest]: [Player; 2]) -> anyhow::Result<Self> {
        if host.subject.has_rooms() {
            host.ask(Ask::QuickMatch { terms: None }).await?;
            host.next_state().await?;
        }
        guest.ask(Ask::QuickMatch { terms: None }).await?;
        host.next_state().await?;
        guest.next_state().await?;
        Ok(Self { players: [host, guest], number: 1, ply: 0, latencies: Vec::new() })
    }

    /// Answers pings until `waking` has lost its sender.
    pub(crate) async fn rest(mut self, waking: watch::Receiver<()>) -> anyhow::Result<Self> {
        let [host, guest] = self.players;
        let rested = tokio::try_join!(host.rest(waking.clone()), guest.rest(waking))?;
        self.players = rested.into();
        Ok(self)
    }

    /// The players, who stay where they are.
    pub(crate) fn into_players(self) -> [Player; 2] {
        self.players
    }

    pub(crate) async fn play_until(&mut self, until: Instant) -> anyhow::Result<()> {
        loop {
            let ply = usize::from(self.ply);
            let cell = Cell::from_numpad(GAME[ply]).context("no such cell")?;
            let beginner = usize::from(self.number.is_multiple_of(2));
            let sent_at = Instant::now();
            let play = Ask::Play { match_number: self.number, branch: 0, ply: self.ply, cell };
            self.players[(beginner + ply) % 2].ask(play).await?;
            self.next_states().await?;
            let done_at = Instant::now();
            self.latencies.push(done_at - sent_at);
            self.ply += 1;
            if usize::from(self.ply) == GAME.len() {
                self.rematch().await?;
            }
            if done_at >= until {
                return Ok(());
            }
        }
    }

    async fn rematch(&mut self) -> anyhow::Result<()> {
        for index in 0..self.players.len() {
            self.players[index].ask(Ask::Rematch { match_number: self.number }).await?;
            // In turn: of two states at once only the newer would have to come.
            self.next_states().await?;
        }
        self.number += 1;
        self.ply = 0;
        Ok(())
    }

    /// Waits until both have the next state. For both at once, since a link sends again what was lost only while its
    /// owner waits for it.
    async fn next_states(&mut self) -> anyhow::Result<()> {
        let [host, guest] = &mut self.players;
        tokio::try_join!(host.next_state(), guest.next_state())?;
        Ok(())
    }

    /// Checks that the match has come as far on the server as it has here.
    pub(crate) fn verify(&self) -> anyhow::Result<()> {
        for player in &self.players {
            if !player.subject.has_rooms() {
                continue;
            }
            let ServerMessage::Event(Event::Snapshot(snapshot)) = player.last_message()? else {
                bail!("no snapshot")
            };
            let reached = (snapshot.match_number, snapshot.record.position().ply());
            ensure!(reached == (self.number, self.ply), "{reached:?} on the server, {} here", self.number);
        }
        Ok(())
    }

    pub(crate) fn traffic(&self) -> Traffic {
        let [a, b] = [self.players[0].traffic(), self.players[1].traffic()];
        Traffic {
            bytes: a.bytes + b.bytes,
            datagrams: a.datagrams + b.datagrams,
            states: a.states + b.states,
            state_bytes: a.state_bytes + b.state_bytes,
        }
    }
}

/// Nine moves without a winner, as digits of a numeric keypad.
///
/// ```text
/// X O O      7 8 9
/// O O X      4 5 6
/// X X O      1 2 3
/// ```
const GAME: [u8; 9] = [1, 3, 2, 4, 6, 5, 7, 8, 9];
