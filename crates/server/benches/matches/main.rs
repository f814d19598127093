//! The speed of `oxo-server` by each of its doors, compared with the least work that any server could do.
//!
//! The least is a [`relay`], which passes each frame to both players of a pair, and gets frames as long as an oxo
//! snapshot. One driver plays the same matches on all of them in turn, since only ratios within one run count.
//!
//! ```text
//! cargo bench -p server --bench matches -- [--seconds 1.5] [--by tcp,udp,web,store] [--matches 1,10,100] [--json FILE]
//! cargo bench -p server --bench matches -- --memory [--by tcp,udp,web] [--json FILE]
//! ```

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a benchmark reads the clock")]
#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

mod play;
mod player;
mod relay;
mod report;
mod server;

use std::{
    env, fmt, fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use net::{frame::HEADER_BYTES, link::Transport};
use tokio::{
    runtime::{Builder, Runtime},
    sync::watch,
    time::{sleep, timeout},
};

use crate::{
    play::{Match, play},
    player::{Player, Traffic},
    report::{Memory, Rates, Sample},
    server::{Server, TICKS_PER_SECOND},
};

/// A server to be measured.
#[derive(Debug, Clone, Copy)]
enum Subject {
    /// Frames with a payload of this many bytes, whatever they mean.
    Relay {
        payload: usize,
    },
    Oxo(Transport),
    /// JSON over a WebSocket, as browsers have it.
    Web,
    /// Over TCP, with a store: what players are told is on disk before.
    Kept,
}

/// The wishes of a command line.
#[derive(Debug)]
struct Options {
    length: Duration,
    /// The doors of the server.
    doors: Vec<Subject>,
    /// Matches played at once; none of them if only the memory is asked for.
    concurrencies: Vec<usize>,
    is_memory_asked_for: bool,
    /// The file for the figures as data.
    json: Option<PathBuf>,
}

fn main() -> anyhow::Result<()> {
    let mut options = Options {
        length: Duration::from_millis(1500),
        doors: vec![Subject::Oxo(Transport::Tcp), Subject::Oxo(Transport::Udp), Subject::Web],
        concurrencies: CONCURRENCIES.to_vec(),
        is_memory_asked_for: true,
        json: None,
    };
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "relay" => return runtime()?.block_on(relay::relay()),
            "--seconds" => {
                let seconds = arguments.next().context("how many seconds?")?.parse()?;
                options.length = Duration::try_from_secs_f64(seconds)?;
            }
            "--by" => {
                let typed = arguments.next().context("by which doors, such as `tcp,udp,web`?")?;
                options.doors = typed.split(',').map(door).collect::<Result<_, _>>()?;
            }
            "--matches" => {
                let typed = arguments.next().context("how many matches at once, such as `10,100`?")?;
                options.concurrencies = typed.split(',').map(str::parse).collect::<Result<_, _>>()?;
                options.is_memory_asked_for = false;
            }
            "--memory" => options.concurrencies.clear(),
            "--json" => options.json = Some(arguments.next().context("which file?")?.into()),
            // Cargo's.
            "--bench" => {}
            _ => bail!(
                "unknown argument `{argument}`; there are `--seconds N` for each measurement, `--by tcp,udp,web,store`, \
                 `--matches N,N` or `--memory` for a part of the figures, and `--json FILE`"
            ),
        }
    }
    runtime()?.block_on(bench(&options))
}

fn door(typed: &str) -> anyhow::Result<Subject> {
    Ok(match typed {
        "tcp" => Subject::Oxo(Transport::Tcp),
        "udp" => Subject::Oxo(Transport::Udp),
        "web" => Subject::Web,
        "store" => Subject::Kept,
        _ => bail!(
            "`{typed}` is no door; there are `tcp`, `udp`, `web` and `store`, which is TCP with a store"
        ),
    })
}

fn runtime() -> anyhow::Result<Runtime> {
    Ok(Builder::new_current_thread().enable_all().build()?)
}

async fn bench(options: &Options) -> anyhow::Result<()> {
    let payload = measured_payload().await?;
    let mut subjects = vec![Subject::Relay { payload }];
    subjects.extend(&options.doors);
    let length = options.length;
    println!(
        "A snapshot takes {} bytes on average, and so does each frame of the relay.",
        payload + HEADER_BYTES
    );
    println!("{ROUNDS} rounds of {length:?}; medians, and of the ratios of each round the median.\n");
    Rates::print_headings();
    let mut rates = Vec::new();
    for &concurrency in &options.concurrencies {
        let mut samples = vec![Vec::new(); subjects.len()];
        for _ in 0..ROUNDS {
            for (subject, samples) in subjects.iter().zip(&mut samples) {
                let measured = timeout(length + PATIENCE, measure(*subject, concurrency, length));
                samples.push(measured.await.context("a measurement hangs")??);
            }
        }
        let of_concurrency = Rates::of(concurrency, &subjects, &samples);
        of_concurrency.iter().for_each(Rates::print);
        rates.extend(of_concurrency);
    }
    let mut memories = Vec::new();
    if options.is_memory_asked_for {
        for subject in &subjects {
            let kibibytes = timeout(PATIENCE, memory(*subject)).await.context("a measurement hangs")??;
            memories.push(Memory { subject: *subject, kibibytes });
        }
        Memory::print(SESSIONS, &memories);
    }
    if let Some(file) = &options.json {
        let figures = serde_json::json!({
            "frame_bytes": payload + HEADER_BYTES,
            "rounds": ROUNDS,
            "seconds": length.as_secs_f64(),
            "sessions": SESSIONS,
            "rates": rates.iter().map(Rates::to_json).collect::<Vec<_>>(),
            "memory": memories.iter().map(Memory::to_json).collect::<Vec<_>>(),
        });
        fs::write(file, format!("{figures:#}\n"))
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

/// The bytes of an average snapshot of the matches that are played here.
async fn measured_payload() -> anyhow::Result<usize> {
    let subject = Subject::Oxo(Transport::Tcp);
    let server = Server::start(subject)?;
    let mut one = Match::open(&server, subject, 0).await?;
    timeout(PATIENCE, one.play_until(Instant::now() + WARM_UP)).await.context("the first match hangs")??;
    let Traffic { states, state_bytes, .. } = one.traffic();
    Ok(usize::try_from(state_bytes.div_ceil(states))? - HEADER_BYTES)
}

/// Plays some matches at once on a fresh server.
async fn measure(subject: Subject, concurrency: usize, length: Duration) -> anyhow::Result<Sample> {
    let server = Server::start(subject)?;
    let mut resting = Vec::with_capacity(concurrency);
    let (wake, waking) = watch::channel(());
    for index in 0..concurrency {
        let one = Match::open(&server, subject, index).await?;
        // It rests while the others open: a player who answers no ping for 3 s is shown as silent, by a snapshot more.
        resting.push(tokio::spawn(one.rest(waking.clone())));
    }
    drop(wake);
    let mut matches = Vec::with_capacity(concurrency);
    for one in resting {
        matches.push(one.await??);
    }
    matches = play(matches, WARM_UP).await?;

    for playing in &mut matches {
        playing.latencies.clear();
    }
    let carried = |matches: &[Match]| {
        let all = matches.iter().map(Match::traffic);
        all.fold((0, 0), |sum, one| (sum.0 + one.bytes, sum.1 + one.datagrams))
    };
    let (bytes_before, datagrams_before) = carried(&matches);
    let ticks_before = server.cpu_ticks()?;
    let begun = Instant::now();
    let matches = play(matches, length).await?;
    let seconds = begun.elapsed().as_secs_f64();
    let ticks = server.cpu_ticks()? - ticks_before;
    let (bytes, datagrams) = carried(&matches);

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
        float(bytes - bytes_before)? / moves,
        float(datagrams - datagrams_before)? / moves,
    ])
}

/// The memory of a fresh server for each session that is connected, and then that is seated, in KiB.
async fn memory(subject: Subject) -> anyhow::Result<[f64; 2]> {
    let server = Server::start(subject)?;
    // It prints its address before it allocates its buffers.
    sleep(SETTLE).await;
    let before = server.resident_kibibytes()?;
    let per_session = || {
        let grown = server.resident_kibibytes()?.saturating_sub(before);
        anyhow::Ok(float(grown)? / f64::from(SESSIONS))
    };

    let mut resting = Vec::new();
    let (wake, waking) = watch::channel(());
    for index in 0..SESSIONS {
        let player = Player::connect(&server, subject, &format!("player {index}")).await?;
        // It rests while the others connect: a session over UDP is kept up by its owner.
        resting.push(tokio::spawn(player.rest(waking.clone())));
    }
    sleep(SETTLE).await;
    let connected = per_session()?;

    drop(wake);
    let (wake, waking) = watch::channel(());
    let mut rested = resting.into_iter();
    let mut resting = Vec::new();
    while let Some((host, guest)) = rested.next().zip(rested.next()) {
        let [host, guest] = Match::begin([host.await??, guest.await??]).await?.into_players();
        resting.extend([host, guest].map(|player| tokio::spawn(player.rest(waking.clone()))));
    }
    sleep(SETTLE).await;
    let seated = per_session()?;

    drop(wake);
    for player in resting {
        // A session that was lost meanwhile took no memory any more.
        player.await??;
    }
    Ok([connected, seated])
}

fn float(count: u64) -> anyhow::Result<f64> {
    Ok(f64::from(u32::try_from(count).context("more than 32 bits can count")?))
}

impl Subject {
    /// Tells whether it knows sessions and rooms.
    const fn has_rooms(self) -> bool {
        !matches!(self, Self::Relay { .. })
    }

    const fn transport(self) -> Transport {
        match self {
            Self::Relay { .. } | Self::Web | Self::Kept => Transport::Tcp,
            Self::Oxo(transport) => transport,
        }
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Relay { .. } => formatter.write_str("relay"),
            Self::Oxo(transport) => write!(formatter, "oxo {}", transport.name()),
            Self::Web => formatter.write_str("oxo JSON"),
            Self::Kept => formatter.write_str("oxo store"),
        }
    }
}

/// Matches played at once: one mostly measures the waking of a core, a hundred the work, thousands how it grows.
const CONCURRENCIES: [usize; 7] = [1, 10, 100, 500, 1000, 2000, 4000];

/// The number of measurements of each kind. The medians count.
const ROUNDS: usize = 3;

/// Play before each measurement, so that allocators and caches are as they stay.
const WARM_UP: Duration = Duration::from_millis(200);

/// Sessions whose memory is measured: enough that what a server takes for itself disappears.
const SESSIONS: u16 = 1000;

/// For a server to be ready, for the last pongs to be heard, and for the last acknowledgements to go out.
const SETTLE: Duration = Duration::from_millis(300);

/// The time by which a measurement may exceed its length before it counts as hung.
const PATIENCE: Duration = Duration::from_secs(20);
