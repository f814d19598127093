//! The X-ray beside the board.

use net::proto::Phase;

use super::screens::{seen, seen_through};
use crate::{
    test_harness::Harness,
    xray::{LinkDial, sample},
};

/// The X-ray over UDP, with the dial.
fn lab() -> Harness {
    seen_through().remove(0)
}

#[track_caller]
fn check(screen: &str, texts: &[&str]) {
    let squeezed = screen.split_whitespace().collect::<Vec<_>>().join(" ");
    for text in texts {
        assert!(squeezed.contains(text), "no {text:?} on\n{screen}");
    }
}

#[test]
fn packets_numbers_and_dial_stand_beside_a_board_that_is_played_on() {
    let mut lab = lab();
    let screen = seen(&mut lab, 80, 24);
    check(&screen, &["SRTT 31.0 ms RTTVAR 2.00 ms interval 39.0 ms", "up to 68.0 ms"]);
    check(&screen, &["window out 1 of 64, 24 B in 0 of 64, 0 B"]);
    check(&screen, &["sent 43 1690 B 7 copies 6 lost", "received 41 2950 B 2 twice 3 missing"]);
    check(&screen, &["dropped 5 invalid 4 flooded", "14.592 ▸ 43 asks", "13.091 ◂ 43 missing"]);
    check(&screen, &["newest packet, sent, 45 bytes", "00 type: DATA", "▾ 9 more fields"]);
    check(
        &screen,
        &["▌ loss 0%", "reordering no", "it lost 6 out, 3 in", "ben: gl hf", "Your turn. You are X."],
    );
    lab.keys("7");
    check(&seen(&mut lab, 80, 24), &["Waiting for ben to play O."]);
    check(&seen(&mut lab, 120, 40), &["13.060 ▸ 42 again, acked after 32.0 ms", "40 new, lost"]);
    check(
        &seen(&mut lab, 120, 40),
        &["26272829~ message: Command Play", "first message that has not arrived: 19"],
    );
}

#[test]
fn the_numbers_that_matter_most_stand_on_small_screens() {
    let mut lab = lab();
    check(
        &seen(&mut lab, 40, 12),
        &["round trip 31.0 ms", "43 sent, 7 again", "6 lost, 3 missing", "loss 0%"],
    );
    check(&seen(&mut lab, 20, 7), &["31.0 ms", "43 sent", "7 again", "6 lost", "4 │[5]│ 6", "Your turn."]);
}

#[test]
fn a_link_of_which_nothing_is_told_says_so() {
    let mut silent = seen_through().remove(5);
    assert_eq!(silent.model.xray.dial.as_ref().map(LinkDial::conditions), None);
    check(&seen(&mut silent, 80, 24), &["The system tells nothing of this link"]);
    let mut tcp = seen_through().remove(2);
    check(
        &seen(&mut tcp, 80, 24),
        &["TCP_INFO", "retransmits 8 in a row now 1", "unacknowledged 3 window 10"],
    );
}

#[test]
fn a_match_without_a_link_has_no_x_ray() {
    let mut local = Harness::new("3x3".parse().unwrap());
    local.begin(crate::update::Start::Menu);
    local.keys("o\rx");
    assert!(!local.model.xray.is_open);
    local.model.xray.is_open = true;
    local.model.xray.sight = sample::udp();
    let screen = seen(&mut local, 80, 24);
    assert!(!screen.contains("SRTT"), "{screen}");
    assert_eq!(local.model.game().unwrap().snapshot.phase, Phase::Playing);
}
