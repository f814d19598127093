//! `oxo doctor` as people and scripts see it.

use std::net::{TcpListener, UdpSocket};

use serde_json::Value;

use crate::{command_line::run, screen::Launch, server::Server};

/// Runs `oxo doctor` and returns its exit code and what it prints.
#[track_caller]
fn doctor(args: &str) -> (Option<i32>, String) {
    let output = run(&format!("doctor {args}"));
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(said, "", "oxo doctor {args}");
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

/// Runs `oxo doctor --json`, whose exit code must agree with what it prints.
#[track_caller]
fn doctor_json(args: &str) -> Value {
    let (code, printed) = doctor(&format!("{args} --json"));
    let json: Value = serde_json::from_str(&printed).unwrap_or_else(|error| panic!("{error}: {printed}"));
    let can_play = json["can_play"].as_bool().unwrap();
    assert_eq!(code, Some(i32::from(!can_play)), "{printed}");
    json
}

#[test]
fn this_machine_is_told_in_lines_with_a_status_and_one_sentence() {
    let (_, printed) = doctor("");
    let is_line = |line: &&str| {
        let more = "        ";
        ["  ok    ", "  note  ", "  skip  ", "  FAIL  ", more].iter().any(|start| line.starts_with(start))
    };
    let titles: Vec<_> = printed.lines().filter(|line| !line.is_empty() && !is_line(line)).collect();
    let [head, "Terminal", "Network", "Files", result] = titles[..] else { panic!("{printed}") };
    assert!(head.starts_with(concat!("oxo ", env!("CARGO_PKG_VERSION"), "   protocol ")), "{printed}");
    assert!(result.starts_with("Result: "), "{printed}");
    assert!(printed.contains("  note  standard output is no terminal here\n"), "{printed}");
    assert!(printed.contains("  skip  lo 127.0.0.1/8  this machine itself\n"), "{printed}");
}

#[test]
fn this_machine_is_told_as_json() {
    let json = doctor_json("");
    assert_eq!(json["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(json["found"]["terminal"]["size"], Value::Null);
    assert_eq!(json["found"]["ports"].as_array().unwrap().len(), 4);
    assert_eq!(json["found"]["files"]["seats"], 0);
    let addresses = json["found"]["addresses"].as_array().unwrap();
    assert!(addresses.iter().any(|address| address["ip"] == "127.0.0.1" && address["kind"] == "loopback"));
    let sections = json["sections"].as_array().unwrap();
    let titles: Vec<_> = sections.iter().map(|section| &section["title"]).collect();
    assert_eq!(titles, ["Terminal", "Network", "Files"]);
    let has = |line: &Value, status, text| line["status"] == status && line["text"] == text;
    let lines = sections.iter().flat_map(|section| section["lines"].as_array().unwrap());
    assert!(lines.into_iter().any(|line| has(line, "skip", "lo 127.0.0.1/8  this machine itself")), "{json}");
}

#[test]
fn a_terminal_that_answers_nothing_holds_nothing_up() {
    let screen = Launch::oxo("doctor").size(150, 60).start();
    screen.wait_for("ok    150x60, where every screen is complete");
    screen.wait_for("mouse: unknown, this terminal gives no answer; focus events: unknown");
    screen.wait_for("Result: ");
    screen.assert_restored();
}

#[test]
fn a_server_that_answers_is_a_match() {
    let server = Server::start();
    let place = server.addr.to_string();
    let (code, printed) = doctor(&place);
    assert_eq!(code, Some(0), "{printed}");
    for words in [
        "  ok    this machine itself\n",
        "  ok    UDP  handshake in ",
        "the server is den\n",
        "  ok    UDP  10 of 10 questions answered in ",
        "  ok    UDP  datagrams of 1200 bytes, the largest, pass whole both ways\n",
        "  ok    TCP  10 of 10 questions answered in ",
    ] {
        assert!(printed.contains(words), "{words} in {printed}");
    }
    assert!(printed.ends_with(&format!("\nResult: a match can be played with {place}\n")), "{printed}");

    let json = doctor_json(&place);
    let lines = json["sections"][1]["lines"].as_array().unwrap();
    let told: Vec<_> = lines.iter().map(|line| line["text"].as_str().unwrap()).collect();
    for transport in ["UDP", "TCP"] {
        assert!(told.iter().any(|text| text.starts_with(&format!("{transport}  handshake in "))), "{json}");
    }
    // A machine that is busy may have to send a datagram again.
    let is_calm = |line: &Value| {
        let is_repeat = line["text"].as_str().is_some_and(|text| text.ends_with(" had to be sent again"));
        line["status"] == "ok" || is_repeat
    };
    assert!(lines.iter().all(is_calm), "{json}");
    let tries = json["found"]["tries"].as_array().unwrap();
    let transports: Vec<_> = tries.iter().map(|tried| &tried["transport"]).collect();
    assert_eq!(transports, ["udp", "tcp"]);
    for tried in tries {
        let reached = &tried["outcome"]["ok"];
        assert_eq!(reached["welcome"]["ok"], "den", "{json}");
        assert!(reached["handshake_millis"].as_f64().is_some_and(|millis| millis < 4000.0), "{json}");
        assert_eq!(reached["round_trip_millis"].as_array().unwrap().len(), 10, "{json}");
    }
}

#[test]
fn a_closed_port_is_no_match_and_the_sentence_is_advice() {
    // A UDP port that is held, so that no other program gets it, and connected elsewhere, so that it refuses our datagrams.
    let held = UdpSocket::bind("127.0.0.1:0").unwrap();
    held.connect("127.0.0.1:9").unwrap();
    let addr = held.local_addr().unwrap();
    let json = doctor_json(&addr.to_string());
    assert_eq!(json["can_play"], false);
    let verdict = json["verdict"].as_str().unwrap();
    let expected = format!("no match can be played with {addr}: start `oxo host` on that machine");
    assert!(verdict.starts_with(&expected), "{verdict}");
    let tries = json["found"]["tries"].as_array().unwrap();
    let failures: Vec<_> = tries.iter().map(|tried| &tried["outcome"]["error"]["failure"]).collect();
    assert_eq!(failures, ["refused", "refused"], "{json}");
}

#[test]
fn another_program_on_the_port_is_told_from_a_server() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let place = listener.local_addr().unwrap().to_string();
    let other = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        std::io::Write::write_all(&mut stream, b"220 mail.test ESMTP\x1b[2J\r\n").unwrap();
        // Until the other side hangs up.
        let _ended = std::io::Read::read_to_end(&mut stream, &mut Vec::new());
    });
    let (code, printed) = doctor(&place);
    other.join().unwrap();
    assert_eq!(code, Some(1), "{printed}");
    assert!(printed.contains("  FAIL  TCP  answered, but is not oxo, known after "), "{printed}");
    assert!(printed.contains("Result: no match can be played with "), "{printed}");
    assert!(!printed.contains('\x1b'), "{printed:?}");
}

#[test]
fn an_unknown_name_comes_with_a_hint() {
    let (code, printed) = doctor("nobody.invalid");
    assert_eq!(code, Some(1), "{printed}");
    assert!(printed.contains("  FAIL  no machine called `nobody.invalid` is known here\n"), "{printed}");
    assert!(printed.contains("        type the address that `oxo host` shows on that machine"), "{printed}");
}

#[test]
fn the_list_of_games_checks_the_network_on_a_key() {
    let mut screen = Launch::oxo("join").start();
    screen.wait_for("games on this network");
    screen.keys("d");
    screen.wait_for("Your network");
    screen.wait_for("skip  lo 127.0.0.1/8");
    screen.keys("\x1b");
    screen.wait_while("Your network");
    screen.keys("\x03");
    assert_eq!(screen.exit_code(), Some(0));
}
