//! `oxo-server` as a process, on a free port.

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::OnceLock,
};

use rustix::process::{Pid, Signal, kill_process};

/// A running server.
#[derive(Debug)]
pub(crate) struct Server {
    child: Child,
    /// The address it listens on.
    pub(crate) addr: SocketAddr,
}

impl Server {
    /// Starts a server on a free port of the loopback interface.
    pub(crate) fn start() -> Self {
        Self::start_on("127.0.0.1:0".parse().unwrap())
    }

    /// Starts a server on an address, and returns once it listens.
    #[track_caller]
    pub(crate) fn start_on(addr: SocketAddr) -> Self {
        Self::start_with(addr, &[])
    }

    /// Starts a server that keeps the seat of a lost link for only a second.
    pub(crate) fn start_impatient() -> Self {
        Self::start_with("127.0.0.1:0".parse().unwrap(), &["--grace", "1"])
    }

    #[track_caller]
    fn start_with(addr: SocketAddr, args: &[&str]) -> Self {
        let mut child = Command::new(binary())
            .args(["--listen", &addr.to_string(), "--name", "den", "--no-store"])
            .args(args)
            .env_clear()
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let addr = line.trim_end().strip_prefix("listening tcp ").map(|addr| addr.parse().unwrap());
        Self { child, addr: addr.unwrap_or_else(|| panic!("the server said {line:?}")) }
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) fn stop(mut self) -> ExitStatus {
        kill_process(Pid::from_child(&self.child), Signal::TERM).unwrap();
        self.child.wait().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail if it was stopped before.
        let _ended = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// The server's binary. For these tests cargo builds only those of our own crate, so that this one must be asked for; if it
/// exists already, that takes no time.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let folder = Path::new(env!("CARGO_BIN_EXE_oxo")).parent().unwrap();
        let profile = match folder.file_name().and_then(|name| name.to_str()).unwrap() {
            "debug" => "dev",
            name => name,
        };
        let status = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "-p", "server", "--bin", "oxo-server", "--profile", profile])
            .arg("--target-dir")
            .arg(folder.parent().unwrap())
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status()
            .unwrap();
        assert!(status.success(), "the server does not build: {status}");
        folder.join("oxo-server")
    })
}
