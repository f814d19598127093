//! The program `oxo-server` with a settings file, a right one and wrong ones.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
};

use net::proto::Reject;

use crate::arena::{Peer, create};

/// A running server, ended with the test.
pub(crate) struct Program {
    pub(crate) child: Child,
    pub(crate) addr: SocketAddr,
}

impl Drop for Program {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Program {
    fn start(args: &[&str]) -> Self {
        Self::start_logging_to(Stdio::null(), args)
    }

    /// Starts it with its log going to `stderr`, and without a store.
    pub(crate) fn start_logging_to(stderr: impl Into<Stdio>, args: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_oxo-server"));
        Self::spawn(command.arg("--no-store").args(args).stderr(stderr))
    }

    /// Starts it by a command of the test, and reads where it listens.
    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the server starts");
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let addr = line.trim().strip_prefix("listening tcp ").expect("it says where it listens");
        Self { addr: addr.parse().unwrap(), child }
    }
}

/// A file of this text, under a name of its own.
fn file(name: &str, text: &str) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, text).unwrap();
    path
}

/// Opens rooms, each in a session of its own, until one is refused; returns how many there are then.
async fn rooms_that_fit(addr: SocketAddr) -> usize {
    let mut sitting = Vec::new();
    loop {
        let (mut peer, welcome) = Peer::enter(addr, "ann").await;
        assert_eq!(welcome.server.as_str(), "attic");
        peer.command(create("3x3")).await;
        match peer.event().await {
            net::proto::Event::Seated { .. } => sitting.push(peer),
            net::proto::Event::Rejected { reject: Reject::TooManyRooms, .. } => return sitting.len(),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_limit_of_the_file_holds_and_a_flag_goes_before_it() {
    let text = "name = \"attic\"\nlisten = [\"127.0.0.1:0\"]\n[limits]\nrooms = 1\n";
    let path = file("rooms.toml", text);
    let config = ["--config", path.to_str().unwrap()];
    let program = Program::start(&config);
    assert_eq!(rooms_that_fit(program.addr).await, 1);
    let program =
        Program::start(&[&config[..], &["--max-rooms", "3", "--percent-per-address", "100"]].concat());
    assert_eq!(rooms_that_fit(program.addr).await, 3);
}

/// Runs it to its end, which comes at once.
fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_oxo-server")).args(args).output().expect("the server starts")
}

/// Checks the message about a file on standard error, and that the program fails without listening.
#[track_caller]
fn check_refused(name: &str, text: &str, expected: &str) {
    let path = file(name, text);
    let path = path.to_str().unwrap();
    let output = run(&["--listen", "127.0.0.1:0", "--config", path]);
    let mut said = String::new();
    output.stderr.as_slice().read_to_string(&mut said).unwrap();
    assert_eq!(said.replace(path, "FILE"), expected);
    assert_eq!((output.status.code(), output.stdout.len()), (Some(1), 0), "{text}");
}

#[test]
fn a_file_that_is_wrong_is_refused_in_one_sentence() {
    check_refused(
        "none.toml",
        "[limits]\nsessions = 0\n",
        "oxo-server: FILE:2: `sessions` must be from 1 to 1000000, not 0\n",
    );
    check_refused(
        "day.toml",
        "[limits]\n\ngrace = \"24h\"\n",
        "oxo-server: FILE:3: `grace` must be from 1s to 1h, not 1day\n",
    );
    check_refused(
        "unknown.toml",
        "rooms = 3\n",
        "oxo-server: FILE:1: unknown field `rooms`, expected one of `name`, `listen`, `discovery`, `web`, `web-names`, `admin`, \
         `data-dir`, `store`, `limits`, `links`, `udp`\n",
    );
}

#[test]
fn a_file_that_is_not_there_is_a_failure_with_its_cause() {
    let output = run(&["--config", "/nowhere/oxo.toml"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.starts_with("oxo-server: cannot read /nowhere/oxo.toml\n  because: "), "{said}");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_flag_out_of_range_is_wrong_usage_and_says_what_is_allowed() {
    let output = run(&["--grace", "86400"]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("`grace` must be from 1s to 1h"), "{said}");
    assert_eq!(output.status.code(), Some(2));
}
