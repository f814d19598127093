//! The log of the program, where nobody reads it or it cannot be written, and the bounds on it.

use std::{
    fs::File,
    io::{self, BufRead, BufReader, PipeReader, PipeWriter, Read, Write, pipe},
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use net::proto::{ChatMessage, Command};
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};

use crate::{
    arena::{Peer, create, join},
    program::Program,
};

/// The longest time that an orderly end takes, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// Plays a move with two new players.
async fn play_on(program: &Program) {
    let (mut ann, _) = Peer::enter(program.addr, "ann").await;
    ann.command(create("3x3")).await;
    let (code, _waiting) = (ann.seat().await, ann.snapshot().await);
    let (mut ben, _) = Peer::enter(program.addr, "ben").await;
    ben.command(join(code)).await;
    ann.snapshot().await;
    ann.command(Command::Play { match_number: 1, branch: 0, ply: 0, cell: "b2".parse().unwrap() }).await;
    assert_eq!(ann.snapshot().await.record.moves().len(), 1);
}

/// Stops the program in order, and checks that it ends so in time.
fn stop(program: &mut Program) {
    kill_process(Pid::from_child(&program.child), Signal::TERM).unwrap();
    assert_eq!(wait(&mut program.child), Some(0));
}

/// Waits for the end, and returns the exit code.
fn wait(child: &mut Child) -> Option<i32> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match child.try_wait().unwrap() {
            Some(ended) => return ended.code(),
            None => assert!(Instant::now() < deadline, "it goes on"),
        }
        std::thread::yield_now();
    }
}

/// Makes log lines: a session that says something ever so often. Returns the number of lines.
pub(crate) async fn chat(program: &Program) -> usize {
    const LINES: usize = 4_000;

    let (mut peer, _) = Peer::enter(program.addr, "eve").await;
    let message = ChatMessage::Line("x".repeat(100).parse().unwrap());
    for _ in 0..LINES {
        peer.command(Command::Say { message: message.clone() }).await;
        peer.reject().await;
    }
    LINES
}

pub(crate) const TALKATIVE: [&str; 6] = [
    "--listen=127.0.0.1:0",
    "--no-discovery",
    "-v",
    "--name=den",
    "--messages-per-second=10000",
    "--message-burst=10000",
];

fn quiet() -> &'static [&'static str] {
    &TALKATIVE[..2]
}

#[tokio::test]
async fn a_log_that_cannot_be_written_ends_nothing() {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let mut program = Program::start_logging_to(full, quiet());
    play_on(&program).await;
    stop(&mut program);

    let (reader, writer) = pipe().unwrap();
    let mut program = Program::start_logging_to(writer, quiet());
    drop(reader);
    play_on(&program).await;
    stop(&mut program);

    let path = concat!(env!("CARGO_TARGET_TMPDIR"), "/may-not-grow.log");
    let mut program = Program::start_logging_to(File::create(path).unwrap(), quiet());
    let limit = Rlimit { current: Some(1), maximum: Some(1) };
    prlimit(Some(Pid::from_child(&program.child)), Resource::Fsize, limit).unwrap();
    play_on(&program).await;
    stop(&mut program);
}

#[tokio::test]
async fn a_log_that_nobody_reads_holds_up_nobody_and_what_is_dropped_is_counted() {
    let (reader, writer) = pipe().unwrap();
    let mut program = Program::start_logging_to(writer, &TALKATIVE);
    let said = chat(&program).await;
    play_on(&program).await;
    // The pipe and the queue are full. Now it is read again.
    let mut lines = BufReader::new(reader).lines();
    let mut heard = 0;
    let dropped = loop {
        let line = lines.next().expect("it goes on").unwrap();
        if let Some((_, dropped)) = line.split_once("log lines were dropped lines=") {
            break dropped.parse::<usize>().unwrap();
        }
        heard += usize::from(line.contains("x".repeat(100).as_str()));
    };
    assert!(heard < said && heard + dropped >= said, "{heard} heard and {dropped} dropped of {said}");
    stop(&mut program);
}

#[tokio::test]
async fn a_log_that_nobody_reads_is_not_waited_for_at_the_end() {
    let (_reader, writer) = pipe().unwrap();
    let mut program = Program::start_logging_to(writer, &TALKATIVE);
    chat(&program).await;
    stop(&mut program);
}

/// A pipe that takes no more until it is read.
fn full_pipe() -> (PipeReader, PipeWriter) {
    let (reader, mut writer) = pipe().unwrap();
    // As much as a pipe holds (pipe(7)).
    writer.write_all(&vec![b'x'; 1 << 16]).unwrap();
    (reader, writer)
}

/// A program that is started again and again by another one, which does not read.
#[test]
fn a_failure_to_start_is_not_waited_for_either() {
    let (_reader, writer) = full_pipe();
    let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_oxo-server"));
    let mut child = program.args(["--config", "/nowhere/oxo.toml"]).stderr(writer).spawn().unwrap();
    assert_eq!(wait(&mut child), Some(1));
}

/// The place to listen is told by the log, too.
#[tokio::test]
async fn a_server_starts_where_nobody_reads_its_output() {
    let full_disk = File::options().write(true).open("/dev/full").unwrap();
    start_and_play(full_disk.into()).await;
    let (_reader, writer) = full_pipe();
    start_and_play(writer.into()).await;
}

async fn start_and_play(stdout: Stdio) {
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_oxo-server"))
        .args(quiet())
        .arg("--no-store")
        .stdout(stdout)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let log = BufReader::new(child.stderr.take().unwrap());
    let line = log
        .lines()
        .map_while(Result::ok)
        .find_map(|line| Some(line.split_once("listening local=")?.1.to_owned()));
    let mut program = Program { child, addr: line.unwrap().parse().unwrap() };
    play_on(&program).await;
    stop(&mut program);
}

/// The log of a program that was stopped.
fn rest(mut program: Program, mut log: PipeReader) -> io::Result<String> {
    stop(&mut program);
    let mut text = String::new();
    log.read_to_string(&mut text).map(|_| text)
}

#[tokio::test]
async fn a_name_is_quoted_in_the_log() {
    for (format, expected) in [
        ("text", r#" name="q is_return=true" is_return=false "#),
        ("json", r#""name":"q is_return=true","is_return":false"#),
    ] {
        let (log, writer) = pipe().unwrap();
        let program = Program::start_logging_to(writer, &[quiet(), &["--log-format", format]].concat());
        Peer::enter(program.addr, "q is_return=true").await;
        let log = rest(program, log).unwrap();
        assert!(log.contains(expected), "{log}");
    }
}

/// Prints the bytes of log a second.
#[tokio::test]
async fn sessions_that_come_and_go_are_logged_within_bounds() {
    const SESSIONS: usize = 500;

    let (log, writer) = pipe().unwrap();
    let program = Program::start_logging_to(writer, quiet());
    let start = Instant::now();
    for _ in 0..SESSIONS {
        let (mut peer, _) = Peer::enter(program.addr, "eve").await;
        peer.command(create("3x3")).await;
    }
    let log = rest(program, log).unwrap();
    let took = start.elapsed();
    let bytes_per_second = u128::try_from(log.len()).unwrap() * 1_000 / took.as_millis();
    eprintln!("{} lines of log in {took:?}: {bytes_per_second} bytes a second", log.lines().count());
    // Of each of three kinds 50 lines at once and 5 a second; and a few others.
    let allowed = 3 * (50 + 5 * (1 + took.as_secs())) + 10;
    assert!(log.lines().count() <= usize::try_from(allowed).unwrap(), "{log}");
    for kind in ["session opened", "session lost its link", "link ended"] {
        assert!(log.contains(kind), "{log}");
    }
}
