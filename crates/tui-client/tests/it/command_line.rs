//! The program as scripts see it: exit codes, and failures in words.

use std::{
    net::TcpListener,
    process::{Command, Output, Stdio},
};

use crate::screen::{Launch, environment, home};

/// Runs `oxo` without a terminal.
pub(crate) fn run(args: &str) -> Output {
    let home = home();
    Command::new(env!("CARGO_BIN_EXE_oxo"))
        .args(args.split_whitespace())
        .env_clear()
        .envs(environment(home.path()))
        .current_dir(home.path())
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

/// Runs `oxo` without a terminal and returns its standard error, which is its only output.
#[track_caller]
fn complaint(args: &str, code: i32) -> String {
    let output = run(args);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "oxo {args}: {said}");
    assert_eq!(output.stdout, b"", "oxo {args}");
    said
}

#[test]
fn without_a_terminal_a_failure_is_a_sentence_and_a_hint() {
    let output = run("join 127.0.0.1:1");
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    let lines: Vec<&str> = said.lines().collect();
    assert!(lines[0].starts_with("oxo: ") && lines[0].contains("127.0.0.1:1"), "{said}");
    assert!(lines.last().unwrap().starts_with("hint: "), "{said}");
}

#[test]
fn a_command_line_without_sense_is_wrong_usage() {
    for args in [
        "frobnicate",
        "--frobnicate",
        "local --board 0x0",
        "local --best-of 2",
        "host --clock 30",
        "bot --level godlike",
        "join a b",
        "watch kite 42 x",
    ] {
        let said = complaint(args, 2);
        assert!(said.starts_with("error: "), "oxo {args}: {said}");
    }
}

#[test]
fn an_address_that_is_none_is_wrong_usage_and_gets_examples() {
    for args in ["join 192.168.1.7:port", "join 192.168.1.7:99999", "join [fe80::1", "join KITE-42@"] {
        let said = complaint(args, 2);
        assert!(said.starts_with("oxo: "), "oxo {args}: {said}");
        assert!(said.contains("192.168.1.7"), "oxo {args} gets an example: {said}");
    }
}

/// This machine may be on no network at all, which is another reason.
#[test]
fn a_code_that_nobody_has_is_told_why() {
    let mut screen = Launch::oxo("join nacho99").start();
    assert_eq!(screen.exit_code(), Some(1));
    screen.assert_restored();
    screen.wait_for("oxo: ");
    screen.wait_for("hint: ");
}

#[test]
fn the_list_of_games_needs_no_terminal() {
    let output = run("list --json");
    let (printed, said) =
        (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    if output.status.success() {
        assert!(printed.starts_with('[') && printed.ends_with("]\n"), "{printed}");
        assert_eq!(said, "");
    } else {
        // There is no network here, or no multicast on it.
        assert_eq!(output.status.code(), Some(1));
        assert!(said.starts_with("oxo: ") && said.contains("hint: "), "{said}");
    }
}

#[test]
fn help_and_version_need_no_terminal() {
    let help = run("--help");
    assert!(help.status.success());
    let text = String::from_utf8(help.stdout).unwrap();
    for command in ["host", "join", "watch", "list", "local", "bot", "doctor"] {
        assert!(text.contains(command), "{command} in {text}");
    }
    let version = run("--version");
    assert!(version.status.success());
    assert_eq!(String::from_utf8(version.stdout).unwrap(), concat!("oxo ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn a_port_that_nobody_listens_on_is_named_after_the_screen_is_restored() {
    let mut screen = Launch::oxo("join 127.0.0.1:1").start();
    assert_eq!(screen.exit_code(), Some(1));
    screen.assert_restored();
    screen.wait_for("oxo: ");
    screen.wait_for("127.0.0.1:1");
    screen.wait_for("refused");
    screen.wait_for("hint: ");
}

#[test]
fn a_busy_port_is_named_and_another_is_offered() {
    let busy = TcpListener::bind("127.0.0.1:0").unwrap();
    let addr = busy.local_addr().unwrap();
    let mut screen = Launch::oxo(&format!("host --listen {addr}")).start();
    assert_eq!(screen.exit_code(), Some(1));
    screen.assert_restored();
    screen.wait_for(&format!("port {} is already in use", addr.port()));
    screen.wait_for("hint: `--listen '[::]:0'`");
}

#[test]
fn a_perfect_bot_on_a_large_board_is_refused_with_a_way_out() {
    let mut screen = Launch::oxo("bot --board 5x5:4").start();
    assert_eq!(screen.exit_code(), Some(1));
    screen.assert_restored();
    screen.wait_for("hint: `--level easy`");
}

#[cfg(target_os = "linux")]
#[test]
fn a_log_on_a_full_disk_tears_no_screen() {
    let screen = Launch::oxo("host --listen 127.0.0.1:0 -v --log /dev/full").start();
    screen.wait_for("waiting for a friend");
    screen.look(|now| assert!(!now.contents().contains("tracing"), "{}", now.contents()));
}

#[cfg(unix)]
#[test]
fn a_log_into_a_pipe_that_nobody_reads_is_refused() {
    let home = home();
    let path = home.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    let said = complaint(&format!("doctor --log {}", path.display()), 1);
    assert!(said.starts_with("oxo: cannot write the log "), "{said}");
}
