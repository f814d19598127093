//! The program `oxo-server` under a service manager.

use std::{
    io::Read,
    net::{TcpListener, UdpSocket},
    os::{fd::OwnedFd, unix::net::UnixDatagram},
    process::{Command, Stdio},
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};

use crate::{arena::Peer, program::Program};

/// A socket of a service manager, on which a test hears what it is told.
fn notified(name: &str) -> (UnixDatagram, String) {
    let path = format!("{}/{name}", env!("CARGO_TARGET_TMPDIR"));
    let _gone_or_never_there = std::fs::remove_file(&path);
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    (socket, path)
}

fn heard(socket: &UnixDatagram) -> String {
    let mut message = [0; 256];
    let length = socket.recv(&mut message).expect("the service manager is told in time");
    String::from_utf8_lossy(&message[..length]).into_owned()
}

#[test]
fn the_start_and_the_end_are_told() {
    let (socket, path) = notified("notify-start");
    let mut command = Command::new(env!("CARGO_BIN_EXE_oxo-server"));
    command.args(["--listen", "127.0.0.1:0", "--no-discovery", "--no-store"]).env("NOTIFY_SOCKET", path);
    let program = Program::spawn(command.stderr(Stdio::null()));
    assert_eq!(heard(&socket), format!("READY=1\nSTATUS=Listening on {}\n", program.addr));
    let pid = Pid::from_child(&program.child);
    kill_process(pid, Signal::TERM).unwrap();
    assert_eq!(heard(&socket), "STOPPING=1\nSTATUS=Telling every player\n");
}

#[test]
fn a_watchdog_hears_a_sign_of_life_again_and_again() {
    let (socket, path) = notified("notify-watchdog");
    let mut command = Command::new(env!("CARGO_BIN_EXE_oxo-server"));
    command.args(["--listen", "127.0.0.1:0", "--no-discovery", "--no-store"]).env("NOTIFY_SOCKET", path);
    let _program = Program::spawn(command.env("WATCHDOG_USEC", "300000").stderr(Stdio::null()));
    assert!(heard(&socket).starts_with("READY=1\n"));
    for _ in 0..3 {
        assert_eq!(heard(&socket), "WATCHDOG=1\n");
    }
}

/// Starts the server with these sockets as its third and fourth file, as a service manager does (`sd_listen_fds(3)`).
fn activated(first: OwnedFd, second: OwnedFd) -> Program {
    let mut command = Command::new("sh");
    let script = r#"exec 3<&0 4>&2 2> /dev/null; LISTEN_PID=$$ LISTEN_FDS=2 exec "$0" --listen 203.0.113.77:1 --no-discovery --no-store"#;
    command.args(["-c", script, env!("CARGO_BIN_EXE_oxo-server")]);
    Program::spawn(command.stdin(first).stderr(second))
}

#[tokio::test]
async fn sockets_of_the_service_manager_take_the_place_of_the_settings() {
    let tcp = TcpListener::bind("127.0.0.1:0").unwrap();
    let udp = UdpSocket::bind("127.0.0.1:0").unwrap();
    let addr = tcp.local_addr().unwrap();
    let program = activated(udp.into(), tcp.into());
    assert_eq!(program.addr, addr);
    let (_peer, welcome) = Peer::enter(program.addr, "ann").await;
    assert!(!welcome.server.as_str().is_empty());
}

#[test]
fn a_socket_of_another_kind_is_refused_with_a_sentence() {
    let (socket, _other) = UnixDatagram::pair().unwrap();
    let mut command = Command::new("sh");
    let script = r#"exec 3<&0; LISTEN_PID=$$ LISTEN_FDS=1 exec "$0" --no-discovery --no-store"#;
    command.args(["-c", script, env!("CARGO_BIN_EXE_oxo-server")]).stderr(Stdio::piped());
    let mut child = command.stdin(OwnedFd::from(socket)).spawn().unwrap();
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    let sentence = "oxo-server: socket 0 of the service manager is neither for TCP nor for UDP\n";
    assert!(told.contains(sentence), "{told}");
    assert_eq!(child.wait().unwrap().code(), Some(1));
}
