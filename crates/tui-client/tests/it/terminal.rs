//! The terminal is given back: after every end of the program, while it is suspended, and when the window is closed.

use std::{fs, time::Duration};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open},
    termios::LocalModes,
};

use crate::screen::{CTRL_C, CTRL_L, CTRL_Z, Launch, PATIENCE, Screen, home, text};

/// The time in which a program without a terminal has to end.
const SOON: Duration = Duration::from_secs(10);

/// The most CPU time of a program that ends: a spin of that length would take three times as much.
const MODEST_CPU_TICKS: u64 = 150;

fn in_a_match(screen: &Screen) {
    screen.wait_for("Your turn, Player 1.");
    // The end of the frame.
    screen.wait_for("R resign");
    assert!(screen.look(vt100::Screen::alternate_screen));
    assert!(screen.look(vt100::Screen::bracketed_paste));
    assert_eq!(screen.look(vt100::Screen::mouse_protocol_mode), vt100::MouseProtocolMode::PressRelease);
}

#[test]
fn quitting_a_match_asks_once_and_restores_the_terminal() {
    let mut screen = Launch::oxo("local").start();
    in_a_match(&screen);
    screen.keys(CTRL_C);
    screen.wait_for("Quit?");
    screen.keys("n");
    screen.wait_for("Your turn, Player 1.");
    screen.keys(CTRL_C);
    screen.wait_for("Quit?");
    screen.keys(CTRL_C);
    assert_eq!(screen.exit_code(), Some(0));
    screen.assert_restored();
    assert_eq!(screen.text(), "", "nothing is left on the screen");
}

#[test]
fn the_last_output_undoes_every_mode() {
    let mut screen = Launch::oxo("").start();
    screen.wait_for("Quick match");
    screen.keys(CTRL_C);
    assert_eq!(screen.exit_code(), Some(0));
    let raw = String::from_utf8(screen.raw()).unwrap();
    let last_frame = raw.rfind("\x1b[?1049h").unwrap();
    let (_, end) = raw.split_at(last_frame);
    for undone in ["\x1b[?1006l", "\x1b[?1000l", "\x1b[<u", "\x1b[?2004l", "\x1b[?1049l", "\x1b[?25h"] {
        assert!(end.contains(undone), "{undone:?} in {end:?}");
    }
    assert!(raw.ends_with("\x1b[?25h"), "{end:?}");
    screen.assert_restored();
}

#[test]
fn a_signal_ends_it_with_130_and_restores_the_terminal() {
    for signal in [Signal::TERM, Signal::INT, Signal::HUP, Signal::QUIT] {
        let mut screen = Launch::oxo("local").start();
        in_a_match(&screen);
        screen.signal(signal);
        assert_eq!(screen.exit_code(), Some(130), "{signal:?}");
        screen.assert_restored();
    }
}

#[test]
fn without_the_mouse_the_terminal_keeps_it() {
    let screen = Launch::oxo("local --no-mouse").start();
    screen.wait_for("Your turn, Player 1.");
    assert_eq!(screen.look(vt100::Screen::mouse_protocol_mode), vt100::MouseProtocolMode::None);
}

#[test]
fn ctrl_z_suspends_and_the_shell_brings_the_same_screen_back() {
    // A shell with job control: alone, or in an orphaned process group, a program cannot be suspended.
    let script = r#"set -m; "$OXO" local; echo "it stopped with $?"; read line; fg >/dev/null; echo "it ended with $?""#;
    let mut screen = Launch::sh(script).start();
    in_a_match(&screen);
    screen.keys("7");
    screen.wait_for("Your turn, Player 2.");
    let before = screen.text();

    screen.keys(CTRL_Z);
    // 128 and SIGTSTP.
    screen.wait_for("it stopped with 148");
    screen.assert_restored();
    screen.keys("\n");
    screen.wait_until("it is back", |now| now.alternate_screen() && text(now) == before);
    in_a_match_of_player_2(&mut screen);
    screen.keys(CTRL_C);
    screen.wait_for("Quit?");
    screen.keys("y");
    screen.wait_for("it ended with 0");
    assert_eq!(screen.exit_code(), Some(0));
    screen.assert_restored();
}

fn in_a_match_of_player_2(screen: &mut Screen) {
    assert_ne!(screen.look(vt100::Screen::mouse_protocol_mode), vt100::MouseProtocolMode::None);
    assert!(screen.look(vt100::Screen::bracketed_paste));
    assert!(!screen.modes().local_modes.intersects(LocalModes::ICANON | LocalModes::ECHO));
    screen.keys("5");
    screen.wait_for("Your turn, Player 1.");
}

/// The shell sees no key before such a stop, and gives nothing back after it.
#[test]
fn a_program_that_was_stopped_from_outside_takes_its_terminal_back() {
    let home = home();
    let script = r#"set -m; sh -c 'echo $$ >pid; exec "$OXO" local'; stty sane; echo "it stopped with $?"
        read line; fg >/dev/null; echo "it ended with $?""#;
    let mut screen = Launch::sh(script).home(&home).start();
    in_a_match(&screen);
    screen.keys("7");
    screen.wait_for("Your turn, Player 2.");
    let before = screen.text();

    let pid: i32 = fs::read_to_string(home.path().join("pid")).unwrap().trim().parse().unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), Signal::STOP).unwrap();
    screen.wait_for("it stopped with");
    screen.spoil();
    screen.keys("\n");
    screen.wait_until("it is back", |now| text(now) == before);
    in_a_match_of_player_2(&mut screen);
    screen.keys(CTRL_C);
    screen.wait_for("Quit?");
    screen.keys("y");
    screen.wait_for("it ended with 0");
    assert_eq!(screen.exit_code(), Some(0));
    screen.assert_restored();
}

#[test]
fn replies_of_the_terminal_are_no_keys_and_take_none_away() {
    let mut screen = Launch::oxo("local").start();
    in_a_match(&screen);
    screen.keys("\x1b[?1004;1$y\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\\x1bP>|term 12\x1b\\5");
    screen.wait_for("Player 1 played the center (5).");
    screen.keys("\x1b]11;rgb:12");
    screen.keys(CTRL_C);
    screen.wait_for("Quit?");
}

#[test]
fn the_mouse_is_the_terminals_where_no_click_does_anything() {
    let screen = Launch::oxo("").size(18, 5).start();
    screen.wait_for("oxo needs 20x7");
    let mode = vt100::Screen::mouse_protocol_mode;
    assert_eq!(screen.look(mode), vt100::MouseProtocolMode::None);
    screen.resize(80, 24);
    screen.wait_for("Quick match");
    assert_eq!(screen.look(mode), vt100::MouseProtocolMode::PressRelease);
}

#[test]
fn a_terminal_that_does_not_tell_its_size_is_drawn_on() {
    let mut screen = Launch::oxo("local").size(0, 0).start();
    in_a_match(&screen);
    screen.wait_for("? help");
    screen.keys("5");
    screen.wait_for("Player 1 played the center (5).");
    screen.resize(40, 12);
    screen.wait_until("it is drawn anew", |now| {
        now.contents().lines().count() <= 12 && now.contents().contains("? help")
    });

    let small = Launch::oxo("local").size(0, 0).env("COLUMNS", "18").env("LINES", "5").start();
    small.wait_for("this is 18x5.");
}

#[test]
fn ctrl_l_draws_everything_again() {
    let mut screen = Launch::oxo("local").start();
    in_a_match(&screen);
    let before = (screen.text(), screen.raw().len());
    screen.spoil();
    screen.keys(CTRL_L);
    screen.wait_until("it is as it was", |now| text(now) == before.0);
}

/// Several times, since crossterm#793 depends on the order in which the end and the signal are noticed.
#[test]
fn it_ends_when_its_terminal_is_closed() {
    for args in ["", "local", "host --listen 127.0.0.1:0"].repeat(4) {
        let mut screen = Launch::oxo(args).start();
        screen.wait_for("? help");
        screen.close_terminal();
        let ended = screen.wait_for_end(SOON);
        assert_eq!(ended.code, Some(130), "oxo {args}");
        assert!(ended.cpu_ticks < MODEST_CPU_TICKS, "oxo {args} took {} ticks", ended.cpu_ticks);
    }
}

/// As under `nohup`, or in a session that is not the terminal's: no signal comes.
#[test]
fn it_ends_with_its_terminal_even_if_no_signal_comes() {
    let home = home();
    let script = r#"trap "" HUP; setsid -w sh -c 'echo $$ >pid; exec "$OXO" local'"#;
    let mut screen = Launch::sh(script).home(&home).start();
    in_a_match(&screen);
    let pid: i32 = fs::read_to_string(home.path().join("pid")).unwrap().trim().parse().unwrap();
    let program = pidfd_open(Pid::from_raw(pid).unwrap(), PidfdFlags::empty()).unwrap();
    screen.close_terminal();
    let timeout = Timespec { tv_sec: SOON.as_secs().try_into().unwrap(), tv_nsec: 0 };
    let ended = poll(&mut [PollFd::new(&program, PollFlags::IN)], Some(&timeout)).unwrap();
    assert_eq!(ended, 1, "it lives on without a terminal");
    screen.wait_for_end(PATIENCE);
}

/// The colours of all texts on the screen.
fn colors(screen: &vt100::Screen) -> Vec<vt100::Color> {
    let (rows, columns) = screen.size();
    let cells = (0..rows.get()).flat_map(|row| (0..columns.get()).map(move |column| (row, column)));
    cells.filter_map(|(row, column)| screen.cell(row, column).map(vt100::Cell::fgcolor)).collect()
}

#[test]
fn a_light_background_that_is_told_two_seconds_late_changes_colours_and_plays_nothing() {
    let launch = Launch::oxo("local --clock 30s").env("COLORTERM", "truecolor");
    let mut screen = launch.start();
    screen.wait_for("Your turn, Player 1.");
    let is_asked = screen.raw().windows(7).any(|bytes| bytes == b"\x1b]11;?\x1b");
    assert!(is_asked, "the terminal is asked for its background");
    let (dark, light) = (vt100::Color::Rgb(0x56, 0xb4, 0xe9), vt100::Color::Rgb(0x00, 0x60, 0x9d));
    screen.wait_until("the marks are light blue", |screen| colors(screen).contains(&dark));
    screen.keys("5");
    screen.wait_for("Player 1 played the center (5).");
    // The clock on the screen tells the time. Then the answer comes, in two parts, with digits that would be moves.
    screen.wait_for("0:28");
    screen.keys("\x1b]11;rgb:fdfd/f6");
    screen.keys("f6/e3e3\x1b\\");
    screen.wait_until("the marks are dark blue", |screen| {
        let colors = colors(screen);
        colors.contains(&light) && !colors.contains(&dark)
    });
    screen.keys("1");
    screen.wait_for("Player 2 played bottom left (1).");
    screen.wait_for("1 X 5 O 1");
}
