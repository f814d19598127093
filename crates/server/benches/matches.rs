//! How fast `oxo-server` is, beside the least that any server could do in its place.
//!
//! The least is a relay: tokio and one thread as in `oxo-server`, but no rules, no rooms and no decoding. It
//! passes each frame to both players of a pair, and it gets frames as long as an oxo snapshot. One driver plays
//! the same matches on both, in turns, since only ratios within one run count.
//!
//! ```text
//! cargo bench -p server --bench matches -- [--seconds 1.5]
//! ```
//!
//! A move is sent once both players have the last state, and is done once both have the next. Both dialects
//! play nine moves and then ask, from both seats, for the next match; asking takes time and is not counted.

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

use std::{
    env,
    io::{BufRead, BufReader},
    net::SocketAddr,
    ops::Range,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use bytes::BytesMut;
use game_core::Cell;
use net::{
    connect::configure_tcp,
    frame::{self, HEADER_BYTES, MAX_FRAME},
    proto::{
        ClientMessage, Command as Ask, Event, Hello, PREFACE_BYTES, PROTOCOL, Preface, ServerMessage, codec,
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    runtime::{Builder, Runtime},
    task::JoinSet,
    time::{sleep, timeout},
};

/// Matches played at once: one mostly measures the waking of a core, a hundred the work.
const CONCURRENCIES: [usize; 3] = [1, 10, 100];

/// How often everything is measured. The medians count.
const ROUNDS: usize = 3;

/// Play before each measurement, so that allocators and caches are as they stay.
const WARM_UP: Duration = Duration::from_millis(200);

/// Sessions whose memory is measured: enough that what a server takes for itself disappears.
const SESSIONS: u16 = 1000;

/// A measurement that takes this much longer than it should has hung.
const PATIENCE: Duration = Duration::from_secs(20);

/// The life of a relay whose bench was killed.
const RELAY_LIFE: Duration = Duration::from_mins(10);

/// Clock ticks a second in `/proc/PID/stat`: `USER_HZ`, 100 on all of Linux's current architectures.
const TICKS_PER_SECOND: f64 = 100.0;

/// Nine moves without a winner, as digits of a numeric keypad.
///
/// ```text
/// X O O      7 8 9
/// O O X      4 5 6
/// X X O      1 2 3
/// ```
const GAME: [u8; 9] = [1, 3, 2, 4, 6, 5, 7, 8, 9];

/// What each measurement yields, in the order of [`Sample`].
const HEADINGS: [&str; 5] = ["moves/s", "p50 us", "p99 us", "server CPU ms / 1000 moves", "bytes / move"];

/// One measurement.
type Sample = [f64; HEADINGS.len()];

/// What is spoken with a server.
#[derive(Debug, Clone, Copy)]
enum Dialect {
    Oxo,
    /// Frames with a payload of this many bytes, whatever they mean.
    Relay {
        payload: usize,
    },
}

/// A server in a process of its own, which ends with this value.
struct Server {
    child: Child,
    address: SocketAddr,
}

/// One end of a match, with its connection.
struct Player {
    stream: TcpStream,
    dialect: Dialect,
    inbound: Box<[u8]>,
    /// The part of `inbound` that has arrived and was not taken.
    unread: Range<usize>,
    /// Where in `inbound` the last state is, until the next read.
    state: Range<usize>,
    outbound: BytesMut,
    /// Whether it has answered a ping. The first comes with the welcome.
    has_ponged: bool,
    traffic: Traffic,
}

/// What went over a connection, in both directions.
#[derive(Debug, Clone, Copy, Default)]
struct Traffic {
    bytes: u64,
    states: u64,
    state_bytes: u64,
}

/// Two players who play one match after another.
struct Match {
    /// The host and the guest.
    players: [Player; 2],
    number: u32,
    ply: u16,
    /// From the sending of each move until both had the new state.
    latencies: Vec<Duration>,
}

fn main() -> anyhow::Result<()> {
    let mut seconds = 1.5;
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "relay" => return runtime()?.block_on(relay()),
            "--seconds" => seconds = arguments.next().context("how many seconds?")?.parse()?,
            // Cargo's.
            "--bench" => {}
            _ => bail!("cannot do `{argument}`: there is only `--seconds N`, for each measurement"),
        }
    }
    runtime()?.block_on(bench(Duration::try_from_secs_f64(seconds)?))
}

fn runtime() -> anyhow::Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

async fn bench(length: Duration) -> anyhow::Result<()> {
    let payload = measured_payload().await?;
    let dialects = [Dialect::Oxo, Dialect::Relay { payload }];
    println!(
        "A snapshot takes {} bytes on average, and so does each frame of the relay.",
        payload + HEADER_BYTES
    );
    println!("{ROUNDS} rounds of {length:?}; medians, and of the ratios of each round the median.\n");
    println!("| N | | {} |", HEADINGS.join(" | "));
    println!("| ---: | --- |{}", " ---: |".repeat(HEADINGS.len()));
    for concurrency in CONCURRENCIES {
        let mut samples = [const { Vec::new() }; 2];
        for _ in 0..ROUNDS {
            for (dialect, samples) in dialects.into_iter().zip(&mut samples) {
                let measured = timeout(length + PATIENCE, measure(dialect, concurrency, length));
                samples.push(measured.await.context("a measurement hangs")??);
            }
        }
        let [oxo, relay] = &samples;
        let ratios: Vec<Sample> =
            oxo.iter().zip(relay).map(|(a, b)| std::array::from_fn(|index| a[index] / b[index])).collect();
        print_row(concurrency, "oxo", oxo, 1);
        print_row(concurrency, "relay", relay, 1);
        print_row(concurrency, "**oxo / relay**", &ratios, 2);
    }

    println!(
        "\n| KiB of server memory per session, {SESSIONS} sessions | oxo | relay |\n| --- | ---: | ---: |"
    );
    let mut rows = [("connected", Vec::new()), ("seated, two to a room", Vec::new())];
    for dialect in dialects {
        let measured = timeout(PATIENCE, memory(dialect)).await.context("a measurement hangs")??;
        for ((_, row), kibibytes) in rows.iter_mut().zip(measured) {
            row.push(format!("{kibibytes:.2}"));
        }
    }
    for (name, row) in rows {
        println!("| {name} | {} |", row.join(" | "));
    }
    Ok(())
}

fn print_row(concurrency: usize, name: &str, samples: &[Sample], decimals: usize) {
    let cells: Vec<String> = (0..HEADINGS.len())
        .map(|index| {
            let mut values: Vec<f64> = samples.iter().map(|sample| sample[index]).collect();
            values.sort_by(f64::total_cmp);
            format!("{:.decimals$}", values[values.len() / 2])
        })
        .collect();
    println!("| {concurrency} | {name} | {} |", cells.join(" | "));
}

/// The bytes of an average snapshot of the matches that are played here.
async fn measured_payload() -> anyhow::Result<usize> {
    let server = Server::start(Dialect::Oxo)?;
    let mut one = Match::open(&server, Dialect::Oxo, 0).await?;
    timeout(PATIENCE, one.play_until(Instant::now() + WARM_UP)).await.context("the first match hangs")??;
    let Traffic { states, state_bytes, .. } = one.traffic();
    Ok(usize::try_from(state_bytes.div_ceil(states))? - HEADER_BYTES)
}

/// Plays some matches at once on a fresh server.
async fn measure(dialect: Dialect, concurrency: usize, length: Duration) -> anyhow::Result<Sample> {
    let server = Server::start(dialect)?;
    let mut matches = Vec::with_capacity(concurrency);
    for index in 0..concurrency {
        matches.push(Match::open(&server, dialect, index).await?);
    }
    matches = play(matches, WARM_UP).await?;

    for playing in &mut matches {
        playing.latencies.clear();
    }
    let bytes_before: u64 = matches.iter().map(|playing| playing.traffic().bytes).sum();
    let ticks_before = server.cpu_ticks()?;
    let begun = Instant::now();
    let matches = play(matches, length).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let ticks = server.cpu_ticks()? - ticks_before;
    let bytes = matches.iter().map(|playing| playing.traffic().bytes).sum::<u64>() - bytes_before;

    let mut latencies: Vec<Duration> = Vec::new();
    for playing in &matches {
        playing.verify()?;
        latencies.extend(&playing.latencies);
    }
    latencies.sort_unstable();
    let moves = float(u64::try_from(latencies.len())?)?;
    let percentile = |percent| {
        let index = latencies.len() * percent / 100;
        latencies.get(index).map_or(f64::NAN, |latency: &Duration| latency.as_secs_f64() * 1e6)
    };
    Ok([
        moves / seconds,
        percentile(50),
        percentile(99),
        float(ticks)? / TICKS_PER_SECOND * 1e6 / moves,
        float(bytes)? / moves,
    ])
}

async fn play(matches: Vec<Match>, length: Duration) -> anyhow::Result<Vec<Match>> {
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

/// What a fresh server takes for each session that is connected, and then that is seated, in KiB.
async fn memory(dialect: Dialect) -> anyhow::Result<[f64; 2]> {
    /// For the last pongs to be heard.
    const SETTLE: Duration = Duration::from_millis(200);

    let server = Server::start(dialect)?;
    let before = server.resident_kibibytes()?;
    let per_session =
        |kibibytes: u64| anyhow::Ok(float(kibibytes.saturating_sub(before))? / f64::from(SESSIONS));

    let mut players = Vec::with_capacity(SESSIONS.into());
    for index in 0..SESSIONS {
        players.push(Player::connect(&server, dialect, &format!("player {index}")).await?);
    }
    if let Dialect::Oxo = dialect {
        for player in &mut players {
            player.pong_first().await?;
        }
    }
    sleep(SETTLE).await;
    let connected = per_session(server.resident_kibibytes()?)?;

    let mut players = players.into_iter();
    let mut matches = Vec::with_capacity(usize::from(SESSIONS) / 2);
    while let Some(players) = players.next().zip(players.next()) {
        matches.push(Match::begin(players.into()).await?);
    }
    sleep(SETTLE).await;
    Ok([connected, per_session(server.resident_kibibytes()?)?])
}

impl Server {
    /// Starts a server that listens on a port of the system's choice.
    fn start(dialect: Dialect) -> anyhow::Result<Self> {
        const NO_LIMIT: &str = "100000000";
        let mut command = match dialect {
            Dialect::Oxo => {
                let mut command = Command::new(env!("CARGO_BIN_EXE_oxo-server"));
                command.args(["--listen", "127.0.0.1:0", "--name", "bench"]);
                command.args(["--messages-per-second", NO_LIMIT, "--message-burst", NO_LIMIT]);
                command
            }
            Dialect::Relay { .. } => {
                let mut command = Command::new(env::current_exe()?);
                command.arg("relay");
                command
            }
        };
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let output = child.stdout.take();
        // Made here, so that a child that says something else is ended too.
        let mut server = Self { child, address: SocketAddr::from(([127, 0, 0, 1], 0)) };
        let mut line = String::new();
        BufReader::new(output.context("no output")?).read_line(&mut line)?;
        let address = line.trim().strip_prefix("listening tcp ").context("the server did not say where")?;
        server.address = address.parse()?;
        Ok(server)
    }

    /// The processor time used so far, by the program and by the kernel on its behalf: fields 14 and 15.
    fn cpu_ticks(&self) -> anyhow::Result<u64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The second field is the program's name in brackets, with whatever is in it.
        let (_, fields) = stat.rsplit_once(')').context("no name")?;
        let mut fields = fields.split_whitespace().skip(11);
        let mut ticks = || anyhow::Ok(fields.next().context("a field is missing")?.parse::<u64>()?);
        Ok(ticks()? + ticks()?)
    }

    /// The memory that the server occupies now.
    fn resident_kibibytes(&self) -> anyhow::Result<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse()?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // If it has ended by itself there is nothing to end.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

impl Player {
    /// Connects, and in oxo opens a session.
    async fn connect(server: &Server, dialect: Dialect, name: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(server.address).await?;
        configure_tcp(&stream)?;
        let mut player = Self {
            stream,
            dialect,
            inbound: vec![0; 2 * MAX_FRAME].into(),
            unread: 0..0,
            state: 0..0,
            outbound: BytesMut::new(),
            has_ponged: false,
            traffic: Traffic::default(),
        };
        if let Dialect::Oxo = dialect {
            player.stream.write_all(&Preface(PROTOCOL).encode()).await?;
            player.stream.read_exact(&mut [0; PREFACE_BYTES]).await?;
            player.say(&ClientMessage::Hello(Hello { name: name.parse()?, resume: None })).await?;
            loop {
                let payload = player.frame().await?;
                if let ServerMessage::Welcome(_) = codec::decode(&player.inbound[payload.clone()])? {
                    break;
                }
                player.answer(payload).await?;
            }
        }
        Ok(player)
    }

    /// Answers the first ping, unless that is done.
    async fn pong_first(&mut self) -> anyhow::Result<()> {
        while !self.has_ponged {
            let payload = self.frame().await?;
            self.answer(payload).await?;
        }
        Ok(())
    }

    /// Asks for something. The relay is sent as much as it is to tell.
    async fn ask(&mut self, ask: Ask) -> anyhow::Result<()> {
        match self.dialect {
            Dialect::Oxo => self.say(&ClientMessage::Command(ask)).await,
            Dialect::Relay { payload } => {
                if self.outbound.is_empty() {
                    frame::encode(&vec![0; payload], &mut self.outbound);
                }
                self.write_out().await
            }
        }
    }

    async fn say(&mut self, message: &ClientMessage) -> anyhow::Result<()> {
        self.outbound.clear();
        frame::encode(&codec::encode(message), &mut self.outbound);
        self.write_out().await
    }

    async fn write_out(&mut self) -> anyhow::Result<()> {
        self.stream.write_all(&self.outbound).await?;
        self.traffic.bytes += u64::try_from(self.outbound.len())?;
        Ok(())
    }

    /// Waits for the next state, and answers pings meanwhile.
    ///
    /// A snapshot is known by its first bytes: decoding each would measure the driver. [`Match::verify`]
    /// decodes the last.
    async fn next_state(&mut self) -> anyhow::Result<()> {
        const EVENT: u8 = 1;
        const SNAPSHOT: u8 = 1;
        loop {
            let payload = self.frame().await?;
            let is_state = match self.dialect {
                Dialect::Oxo => self.inbound[payload.clone()].starts_with(&[EVENT, SNAPSHOT]),
                Dialect::Relay { .. } => true,
            };
            if is_state {
                self.traffic.states += 1;
                self.traffic.state_bytes += u64::try_from(HEADER_BYTES + payload.len())?;
                self.state = payload;
                return Ok(());
            }
            self.answer(payload).await?;
        }
    }

    /// Answers a ping, and takes note of a seat.
    async fn answer(&mut self, payload: Range<usize>) -> anyhow::Result<()> {
        match codec::decode(&self.inbound[payload])? {
            ServerMessage::Ping { nonce, .. } => {
                self.has_ponged = true;
                self.say(&ClientMessage::Pong { nonce }).await
            }
            ServerMessage::Event(Event::Seated { .. }) => Ok(()),
            message => bail!("{message:?} in place of a state"),
        }
    }

    /// Waits for a whole frame. Returns where in `inbound` its payload is.
    async fn frame(&mut self) -> anyhow::Result<Range<usize>> {
        loop {
            if let Some(&header) = self.inbound[self.unread.clone()].first_chunk() {
                let start = self.unread.start + HEADER_BYTES;
                let end = start + usize::from(u16::from_be_bytes(header));
                if end <= self.unread.end {
                    self.unread.start = end;
                    return Ok(start..end);
                }
            }
            self.inbound.copy_within(self.unread.clone(), 0);
            self.unread = 0..self.unread.len();
            let count = self.stream.read(&mut self.inbound[self.unread.end..]).await?;
            ensure!(count > 0, "the server hung up");
            self.unread.end += count;
            self.traffic.bytes += u64::try_from(count)?;
        }
    }
}

impl Match {
    async fn open(server: &Server, dialect: Dialect, index: usize) -> anyhow::Result<Self> {
        let host = Player::connect(server, dialect, &format!("host {index}")).await?;
        let guest = Player::connect(server, dialect, &format!("guest {index}")).await?;
        Self::begin([host, guest]).await
    }

    /// Seats two players in a room. For the relay, whose first two connections are a pair, it is a frame.
    async fn begin([mut host, mut guest]: [Player; 2]) -> anyhow::Result<Self> {
        if let Dialect::Oxo = host.dialect {
            host.ask(Ask::QuickMatch { rules: None }).await?;
            host.next_state().await?;
        }
        guest.ask(Ask::QuickMatch { rules: None }).await?;
        host.next_state().await?;
        guest.next_state().await?;
        Ok(Self { players: [host, guest], number: 1, ply: 0, latencies: Vec::new() })
    }

    async fn play_until(&mut self, until: Instant) -> anyhow::Result<()> {
        loop {
            let ply = usize::from(self.ply);
            let cell = Cell::from_numpad(GAME[ply]).context("no such cell")?;
            let beginner = usize::from(self.number.is_multiple_of(2));
            let sent_at = Instant::now();
            let play = Ask::Play { match_number: self.number, ply: self.ply, cell };
            self.players[(beginner + ply) % 2].ask(play).await?;
            for player in &mut self.players {
                player.next_state().await?;
            }
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
        for player in &mut self.players {
            player.ask(Ask::Rematch { match_number: self.number }).await?;
        }
        for player in &mut self.players {
            // One for each of the two wishes.
            player.next_state().await?;
            player.next_state().await?;
        }
        self.number += 1;
        self.ply = 0;
        Ok(())
    }

    /// Checks that the match has come as far on the server as it has here.
    fn verify(&self) -> anyhow::Result<()> {
        for player in &self.players {
            let Dialect::Oxo = player.dialect else { continue };
            let message = codec::decode(&player.inbound[player.state.clone()])?;
            let ServerMessage::Event(Event::Snapshot(snapshot)) = message else { bail!("no snapshot") };
            let reached = (snapshot.match_number, snapshot.record.position().ply());
            ensure!(reached == (self.number, self.ply), "{reached:?} on the server, {} here", self.number);
        }
        Ok(())
    }

    const fn traffic(&self) -> Traffic {
        let [a, b] = [self.players[0].traffic, self.players[1].traffic];
        Traffic {
            bytes: a.bytes + b.bytes,
            states: a.states + b.states,
            state_bytes: a.state_bytes + b.state_bytes,
        }
    }
}

/// Makes pairs of connections in the order of their arrival, and passes what one sends to both.
async fn relay() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening tcp {}", listener.local_addr()?);
    let pairs = async {
        loop {
            let (host, _) = listener.accept().await?;
            let (guest, _) = listener.accept().await?;
            configure_tcp(&host)?;
            configure_tcp(&guest)?;
            let (from_host, to_host) = host.into_split();
            let (from_guest, to_guest) = guest.into_split();
            let pair = Arc::new([to_host, to_guest]);
            tokio::spawn(pass(from_host, Arc::clone(&pair)));
            tokio::spawn(pass(from_guest, pair));
        }
    };
    // A relay that nobody ends any more ends itself.
    timeout(RELAY_LIFE, pairs).await.unwrap_or(Ok(()))
}

/// Passes whole frames until the connection ends or a player does not read.
async fn pass(mut from: OwnedReadHalf, pair: Arc<[OwnedWriteHalf; 2]>) -> anyhow::Result<()> {
    let mut inbound = vec![0; MAX_FRAME];
    let mut arrived = 0;
    loop {
        let count = from.read(&mut inbound[arrived..]).await?;
        if count == 0 {
            return Ok(());
        }
        arrived += count;
        let mut start = 0;
        while let Some(&header) = inbound[start..arrived].first_chunk() {
            let end = start + HEADER_BYTES + usize::from(u16::from_be_bytes(header));
            ensure!(end - start <= MAX_FRAME, "a frame that is too long");
            if end > arrived {
                break;
            }
            for to in &*pair {
                ensure!(to.try_write(&inbound[start..end])? == end - start, "a player does not read");
            }
            start = end;
        }
        inbound.copy_within(start..arrived, 0);
        arrived -= start;
    }
}

fn float(count: u64) -> anyhow::Result<f64> {
    Ok(f64::from(u32::try_from(count).context("more than 32 bits can count")?))
}
