//! The lab: a match over a link that loses packets, and what the screen shows of it.

use std::{fs, path::Path};

use crate::{
    screen::{CTRL_C, ESC, Launch, Screen, home},
    server::Server,
};

/// The counters on a screen: sent, its bytes, copies, received, its bytes, twice, invalid, flooded.
fn counters(text: &str) -> Option<[u64; 8]> {
    let numbers = |title: &str, count: usize| {
        let (_, rest) = text.split_once(title)?;
        let words = rest.split_whitespace().filter_map(|word| word.parse().ok());
        let numbers: Vec<u64> = words.take(count).collect();
        (numbers.len() == count).then_some(numbers)
    };
    let all = [numbers("sent ", 3)?, numbers("received ", 3)?, numbers("dropped ", 2)?].concat();
    all.try_into().ok()
}

/// The counters of the session each time that the program has looked at them, from its log.
fn logged(log: &Path) -> Vec<[u64; 8]> {
    let text = fs::read_to_string(log).unwrap();
    let lines = text.lines().filter_map(|line| line.split_once("counts=Some(SessionCounts {"));
    let names =
        ["sent", "sent_bytes", "copies", "received", "received_bytes", "duplicates", "invalid", "flooded"];
    let counts = |text: &str| {
        names.map(|name| {
            let (_, rest) = text.split_once(&format!(" {name}: ")).unwrap();
            rest.split([',', ' ']).next().unwrap().parse().unwrap()
        })
    };
    lines.map(|(_, counted)| counts(counted)).collect()
}

/// The digit of a free cell on the board, which stands left of the packets.
fn free_cell(text: &str) -> Option<char> {
    let rows = text.lines().map(|line| line.chars().take(22).collect::<String>());
    let rows = rows.filter(|row| row.matches('│').count() == 2);
    rows.flat_map(|row| row.chars().collect::<Vec<_>>()).find(char::is_ascii_digit)
}

fn is_over(text: &str) -> bool {
    ["You won.", "You lost.", "Draw."].iter().any(|end| text.contains(end))
}

/// Plays a free cell whenever it is ana's turn, until the match has ended.
fn play_to_the_end(ana: &mut Screen) {
    for _ in 0..5 {
        ana.wait_until("it is ana's turn, or over", |screen| {
            let text = screen.contents();
            text.contains("Your turn.") || is_over(&text)
        });
        let text = ana.text();
        if is_over(&text) {
            return;
        }
        let cell = free_cell(&text).unwrap();
        ana.keys(&cell.to_string());
        let is_played = |text: &str| free_cell(text) != Some(cell) && !text.contains("sent?");
        ana.wait_until("the move counts", |screen| {
            is_played(&screen.contents()) || is_over(&screen.contents())
        });
    }
}

#[test]
fn a_match_goes_on_while_a_fifth_of_the_packets_is_lost() {
    let home = home();
    let log = home.path().join("log");
    let mut ana =
        Launch::oxo(&format!("lab --seed 5 --name ana -v --log {}", log.display())).home(&home).start();
    ana.wait_for("Your turn. You are X.");
    ana.wait_for("loss 0%");
    // Step by step: 1, 2, 5, 10, 20.
    ana.keys("+++++");
    ana.wait_for("loss 20%");
    ana.wait_for("Your link: loss 20%.");
    play_to_the_end(&mut ana);
    assert!(is_over(&ana.text()), "{}", ana.text());
    ana.wait_until("packets are repeated and lost", |screen| {
        let text = screen.contents();
        let is_repeated = text.contains(" again") || text.contains("early copy");
        is_repeated
            && counters(&text).is_some_and(|[_, _, copies, ..]| copies > 0)
            && !text.contains(" 0 lost")
    });
    // Frame and log are written each in their own time.
    ana.wait_until("it shows counters that the session had", |screen| {
        counters(&screen.contents()).is_some_and(|shown| logged(&log).contains(&shown))
    });
    ana.keys(CTRL_C);
    assert_eq!(ana.exit_code(), Some(0));
}

#[test]
fn over_tcp_the_lab_shows_what_the_system_tells() {
    let mut ana = Launch::oxo("lab --transport tcp --name ana").start();
    ana.wait_for("TCP_INFO");
    ana.wait_for("retransmits 0");
    play_to_the_end(&mut ana);
    ana.keys(CTRL_C);
    assert_eq!(ana.exit_code(), Some(0));
}

#[test]
fn the_lab_joins_a_friend_and_the_packets_of_any_match_are_a_key_away() {
    let server = Server::start();
    let mut ben = Launch::oxo(&format!("join {} --name ben --transport udp", server.addr)).start();
    ben.wait_for("Waiting for a friend.");
    let ana = Launch::oxo(&format!("lab {} --name ana --delay 30ms", server.addr)).start();
    ana.wait_for("Waiting for ben to play X.");
    ana.wait_for("delay 30 ms");
    ben.wait_for("Your turn. You are X.");
    ben.keys("x");
    ben.wait_for("SRTT");
    ben.wait_for("newest packet");
    let text = ben.text();
    assert!(!text.contains("loss") && text.contains("Your turn."), "{text}");
    ben.keys("5");
    ana.wait_for("ben played the center (5).");
    ben.keys(ESC);
    ben.wait_while("SRTT");
    ben.wait_for("Waiting for ana to play O.");
}
