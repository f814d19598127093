//! How fast `oxo-server` is, beside the least that any server could do in its place.
//!
//! The least is a [`relay`], which passes each frame to both players of a pair, and gets frames as long as an oxo
//! snapshot. One driver plays the same matches on both, in turns, since only ratios within one run count.
//!
//! ```text
//! cargo bench -p server --bench matches -- [--seconds 1.5]
//! ```

#![expect(clippy::print_stdout, reason = "a bench prints its figures")]

mod play;
mod player;
mod relay;
mod report;
mod server;

use std::{
    env,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use net::frame::HEADER_BYTES;
use tokio::{
    runtime::{Builder, Runtime},
    time::{sleep, timeout},
};

use crate::{
    play::{Match, play},
    player::{Player, Traffic},
    report::{Sample, print_headings, print_ratios, print_row},
    server::{Server, TICKS_PER_SECOND},
};

/// What is measured.
#[derive(Debug, Clone, Copy)]
enum Subject {
    Oxo,
    /// Frames with a payload of this many bytes, whatever they mean.
    Relay {
        payload: usize,
    },
}

fn main() -> anyhow::Result<()> {
    let mut seconds = 1.5;
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "relay" => return runtime()?.block_on(relay::relay()),
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
    let subjects = [Subject::Oxo, Subject::Relay { payload }];
    println!(
        "A snapshot takes {} bytes on average, and so does each frame of the relay.",
        payload + HEADER_BYTES
    );
    println!("{ROUNDS} rounds of {length:?}; medians, and of the ratios of each round the median.\n");
    print_headings();
    for concurrency in CONCURRENCIES {
        let mut samples = [const { Vec::new() }; 2];
        for _ in 0..ROUNDS {
            for (subject, samples) in subjects.into_iter().zip(&mut samples) {
                let measured = timeout(length + PATIENCE, measure(subject, concurrency, length));
                samples.push(measured.await.context("a measurement hangs")??);
            }
        }
        let [oxo, relay] = &samples;
        print_row(concurrency, "oxo", oxo, 1);
        print_row(concurrency, "relay", relay, 1);
        print_ratios(concurrency, "oxo / relay", oxo, relay);
    }

    println!(
        "\n| KiB of server memory per session, {SESSIONS} sessions | oxo | relay |\n| --- | ---: | ---: |"
    );
    let mut rows = [("connected", Vec::new()), ("seated, two to a room", Vec::new())];
    for subject in subjects {
        let measured = timeout(PATIENCE, memory(subject)).await.context("a measurement hangs")??;
        for ((_, row), kibibytes) in rows.iter_mut().zip(measured) {
            row.push(format!("{kibibytes:.2}"));
        }
    }
    for (name, row) in rows {
        println!("| {name} | {} |", row.join(" | "));
    }
    Ok(())
}

/// The bytes of an average snapshot of the matches that are played here.
async fn measured_payload() -> anyhow::Result<usize> {
    let server = Server::start(Subject::Oxo)?;
    let mut one = Match::open(&server, Subject::Oxo, 0).await?;
    timeout(PATIENCE, one.play_until(Instant::now() + WARM_UP)).await.context("the first match hangs")??;
    let Traffic { states, state_bytes, .. } = one.traffic();
    Ok(usize::try_from(state_bytes.div_ceil(states))? - HEADER_BYTES)
}

/// Plays some matches at once on a fresh server.
async fn measure(subject: Subject, concurrency: usize, length: Duration) -> anyhow::Result<Sample> {
    let server = Server::start(subject)?;
    let mut matches = Vec::with_capacity(concurrency);
    for index in 0..concurrency {
        matches.push(Match::open(&server, subject, index).await?);
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

/// What a fresh server takes for each session that is connected, and then that is seated, in KiB.
async fn memory(subject: Subject) -> anyhow::Result<[f64; 2]> {
    /// For the last pongs to be heard.
    const SETTLE: Duration = Duration::from_millis(200);

    let server = Server::start(subject)?;
    let before = server.resident_kibibytes()?;
    let per_session =
        |kibibytes: u64| anyhow::Ok(float(kibibytes.saturating_sub(before))? / f64::from(SESSIONS));

    let mut players = Vec::with_capacity(SESSIONS.into());
    for index in 0..SESSIONS {
        players.push(Player::connect(&server, subject, &format!("player {index}")).await?);
    }
    if let Subject::Oxo = subject {
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

fn float(count: u64) -> anyhow::Result<f64> {
    Ok(f64::from(u32::try_from(count).context("more than 32 bits can count")?))
}

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
