//! Bytes of terminals, and the keys that they stand for.

use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyEventState, KeyModifiers};
use game_core::SplitMix64;
use ratatui::layout::Position;

use super::{Event, MAX_PASTE, Parser};
use crate::key::Key;

/// A parser with a clock of its own.
struct Terminal {
    parser: Parser,
    now: Instant,
}

#[expect(clippy::disallowed_methods, reason = "tests need some instant to count from")]
fn terminal() -> Terminal {
    Terminal { parser: Parser::default(), now: Instant::now() }
}

impl Terminal {
    fn sends(&mut self, bytes: &[u8]) -> Vec<Event> {
        self.parser.handle_bytes(self.now, bytes);
        self.drain()
    }

    fn is_quiet(&mut self, millis: u64) -> Vec<Event> {
        self.now += Duration::from_millis(millis);
        self.parser.handle_timeout(self.now);
        self.drain()
    }

    fn drain(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.parser.poll_event()).collect()
    }
}

fn key(code: KeyCode) -> Event {
    held(code, KeyModifiers::NONE)
}

fn held(code: KeyCode, modifiers: KeyModifiers) -> Event {
    Event::Key(Key::new(code, modifiers))
}

fn ctrl_c() -> Event {
    held(KeyCode::Char('c'), KeyModifiers::CONTROL)
}

/// Asserts that the bytes mean these events, at once and byte by byte, and that nothing is left of them.
#[track_caller]
fn check(bytes: &[u8], expected: &[Event]) {
    assert_eq!(terminal().sends(bytes), expected, "{:?}", bytes.escape_ascii().to_string());
    let mut slow = terminal();
    let mut events = Vec::new();
    for byte in bytes {
        events.extend(slow.sends(&[*byte]));
        slow.now += Duration::from_millis(2);
    }
    assert_eq!(events, expected, "byte by byte: {:?}", bytes.escape_ascii().to_string());
    assert_eq!(
        slow.parser.poll_timeout(),
        None,
        "something is left of {:?}",
        bytes.escape_ascii().to_string()
    );
    assert_eq!(slow.sends(b"7"), [key(KeyCode::Char('7'))]);
}

#[test]
fn a_complete_sequence_that_nobody_understands_is_dropped() {
    for sequence in [
        "\x1b[?1004;1$y",
        "\x1b[?2026;2$y",
        "\x1b[?62;22c",
        "\x1b[>0;276;0c",
        "\x1b[?1u",
        "\x1b[12;40R",
        "\x1b[?997;1n",
        "\x1b[8;24;80t",
        "\x1b[4;5;6;7z",
        "\x1b[57358u",
        "\x1b[16~",
        "\x1bOV",
        "\x1b[[C",
        "\x1b(B",
        "\x1b[1;1:3W",
    ] {
        check(sequence.as_bytes(), &[]);
    }
}

#[test]
fn control_strings_are_swallowed_whole() {
    for text in [
        "\x1b]4;5;rgb:1e1e/1e1e/2e2e\x1b\\",
        "\x1b]10;rgb:1e1e/1e1e/2e2e\x07",
        "\x1bP11;rgb:12\x1b\\",
        "\x1bP>|XTerm(390) dRYN\x1b\\",
        "\x1bP1+r544e=787465726d\x1b\\",
        "\x1b_Gi=31;OK 5\x1b\\",
        "\x1b^private 1\x1b\\",
        "\x1bXstring 2\x1b\\",
        "\x1b]lÜberschrift 5\x1b\\",
        "\x1b]11;rgb:1e1e\x1b]12;5\x07",
    ] {
        check(text.as_bytes(), &[]);
    }
    check(b"\x9d12;rgb:12\x9c", &[]);
    check("\u{9d}12;rgb:12\u{9c}".as_bytes(), &[]);
    let background = Event::Background("rgb:1e1e/1e1e/2e2e".into());
    check(b"\x1b]11;rgb:1e1e/1e1e/2e2e\x1b\\", std::slice::from_ref(&background));
    check(b"\x1b]11;rgb:1e1e/1e1e/2e2e\x07", &[background]);
    check(format!("\x1b]11;{}\x07", "1".repeat(64)).as_bytes(), &[]);
}

#[test]
fn a_long_string_is_swallowed_and_takes_no_memory() {
    let mut terminal = terminal();
    assert_eq!(terminal.sends(b"\x1b]52;c;"), []);
    for _ in 0..10_000 {
        assert_eq!(terminal.sends(b"NTU1NTU1"), []);
    }
    assert_eq!(terminal.sends(b"\x1b\\5"), [key(KeyCode::Char('5'))]);
    let digits = "1".repeat(10_000);
    assert_eq!(terminal.sends(format!("\x1b[{digits}A5").as_bytes()), [key(KeyCode::Char('5'))]);
}

#[test]
fn ctrl_c_ends_whatever_was_begun() {
    for begun in [
        "\x1b",
        "\x1b\x1b",
        "\x1b[",
        "\x1b[?1004",
        "\x1bO",
        "\x1b]11;rgb",
        "\x1bP1",
        "\x1b[M ",
        "\x1b(",
        "\u{e9}",
    ] {
        let mut terminal = terminal();
        let begun = begun.as_bytes();
        terminal.sends(if begun[0] == 0xc3 { &begun[..1] } else { begun });
        assert_eq!(terminal.sends(b"\x035"), [ctrl_c(), key(KeyCode::Char('5'))], "{begun:?}");
    }
}

#[test]
fn what_stays_incomplete_ends_by_time() {
    for begun in [
        &b"\x1b["[..],
        b"\x1b[1;",
        b"\x1bO",
        b"\x1b]11;rgb",
        b"\x1b]",
        b"\x1bP",
        b"\x1b[M!",
        b"\x1b(",
        b"\xe2\x82",
    ] {
        let mut terminal = terminal();
        assert_eq!(terminal.sends(begun), []);
        assert_eq!(terminal.is_quiet(400), [], "its rest may be on the way");
        assert_eq!(terminal.is_quiet(100), []);
        assert_eq!(terminal.sends(b"5"), [key(KeyCode::Char('5'))], "{:?}", begun.escape_ascii().to_string());
    }
}

#[test]
fn a_lone_esc_is_a_key_after_a_moment() {
    let mut terminal = terminal();
    assert_eq!(terminal.sends(b"\x1b"), []);
    assert_eq!(terminal.is_quiet(30), []);
    assert_eq!(terminal.is_quiet(10), [key(KeyCode::Esc)]);
    assert_eq!(terminal.sends(b"\x1b"), []);
    assert_eq!(terminal.is_quiet(2), []);
    assert_eq!(terminal.sends(b"["), []);
    assert_eq!(terminal.is_quiet(2), []);
    assert_eq!(terminal.sends(b"A"), [key(KeyCode::Up)]);
    assert_eq!(terminal.sends(b"\x1b\x1b"), []);
    assert_eq!(terminal.is_quiet(50), [key(KeyCode::Esc), key(KeyCode::Esc)]);
}

#[test]
fn cursor_keys_have_many_encodings() {
    for (code, encodings) in [
        (KeyCode::Up, ["\x1b[A", "\x1bOA", "\x1b[1A", "\x1b[57419u", "\u{9b}A"]),
        (KeyCode::Home, ["\x1b[H", "\x1bOH", "\x1b[1~", "\x1b[7~", "\x1b[57423u"]),
        (KeyCode::End, ["\x1b[F", "\x1bOF", "\x1b[4~", "\x1b[8~", "\x1b[57424u"]),
        (KeyCode::KeypadBegin, ["\x1b[E", "\x1bOE", "\x1b[1E", "\x1b[57427~", "\x1b[57427u"]),
    ] {
        for encoding in encodings {
            let events = terminal().sends(encoding.as_bytes());
            let codes: Vec<KeyCode> = events.iter().map(code_of).collect();
            assert_eq!(codes, [code], "{:?}", encoding.escape_debug().to_string());
        }
    }
    for encoding in ["\x1bOR", "\x1b[13~"] {
        check(encoding.as_bytes(), &[key(KeyCode::F(3))]);
    }
    check(b"\x1b[24~", &[key(KeyCode::F(12))]);
    // The answer to a question for the place of the cursor.
    check(b"\x1b[1R", &[]);
    check(b"\x1b[1;5D", &[held(KeyCode::Left, KeyModifiers::CONTROL)]);
    check(b"\x1bO5D", &[held(KeyCode::Left, KeyModifiers::CONTROL)]);
    check(b"\x1b\x1b[A", &[key(KeyCode::Up)]);
}

fn code_of(event: &Event) -> KeyCode {
    match event {
        Event::Key(key) => key.event.code,
        other => panic!("{other:?} is no key"),
    }
}

#[test]
fn the_keypad_in_application_mode_types_its_digits() {
    for (index, last) in (b'p'..=b'y').enumerate() {
        let digit = char::from_digit(u32::try_from(index).unwrap(), 10).unwrap();
        check(&[0x1b, b'O', last], &[key(KeyCode::Char(digit))]);
    }
    check(b"\x1bOM", &[key(KeyCode::Enter)]);
    check(b"\x1bOk", &[key(KeyCode::Char('+'))]);
    check(b"\r\n", &[key(KeyCode::Enter), key(KeyCode::Enter)]);
}

#[test]
fn keys_by_their_number_tell_text_position_and_caps_lock() {
    let typed = |bytes: &str| match terminal().sends(bytes.as_bytes()).as_slice() {
        [Event::Key(key)] => *key,
        other => panic!("{other:?}"),
    };
    assert_eq!(typed("\x1b[27u"), Key::new(KeyCode::Esc, KeyModifiers::NONE));
    assert_eq!(typed("\x1b[13u"), Key::new(KeyCode::Enter, KeyModifiers::NONE));
    assert_eq!(typed("\x1b[127;2u"), Key::new(KeyCode::Backspace, KeyModifiers::NONE));
    assert_eq!(typed("\x1b[91;5u"), Key::new(KeyCode::Esc, KeyModifiers::NONE));
    assert_eq!(typed("\x1b[109;5u"), Key::new(KeyCode::Enter, KeyModifiers::NONE));
    assert_eq!(typed("\x1b[99;5u"), Key::new(KeyCode::Char('c'), KeyModifiers::CONTROL));
    assert_eq!(typed("\x1b[27;5;99~"), Key::new(KeyCode::Char('c'), KeyModifiers::CONTROL));
    assert_eq!(typed("\x1b[97:65;2;65u"), Key::new(KeyCode::Char('A'), KeyModifiers::SHIFT));
    assert_eq!(typed("\x1b[97;2u"), Key::new(KeyCode::Char('A'), KeyModifiers::SHIFT));
    let caps_lock = KeyEvent { state: KeyEventState::CAPS_LOCK, ..KeyEvent::from(KeyCode::Char('D')) };
    assert_eq!(typed("\x1b[100;65;68u").event, caps_lock);
    assert_eq!(typed("\x1b[100;65u").event, caps_lock);
    let cyrillic = typed("\x1b[1088::104;;1088u");
    assert_eq!((cyrillic.event.code, cyrillic.by_position), (KeyCode::Char('р'), Some('h')));
    let digit = typed("\x1b[57404u").event;
    assert_eq!((digit.code, digit.state), (KeyCode::Char('5'), KeyEventState::KEYPAD));
    assert_eq!(typed("\x1b[97;1:3u").event.kind, KeyEventKind::Release);
    check("\x1b[0;;233:97u".as_bytes(), &[key(KeyCode::Char('é')), key(KeyCode::Char('a'))]);
    check(b"\x1b[57441;2u\x1b[57358;65u", &[]);
    check(b"\x1b[4294967295;4294967295u", &[]);
}

#[test]
fn characters_of_several_bytes_are_whole_and_broken_ones_are_dropped() {
    check(
        "é５🎉".as_bytes(),
        &["é", "５", "🎉"].map(|text| key(KeyCode::Char(text.chars().next().unwrap()))),
    );
    check("É".as_bytes(), &[held(KeyCode::Char('É'), KeyModifiers::SHIFT)]);
    check(b"\xff\xc3q\xe2\x825\xc0\xf4\xbf", &[key(KeyCode::Char('q')), key(KeyCode::Char('5'))]);
}

#[test]
fn clicks_are_those_of_the_first_button() {
    let click = |column, row| Event::Click(Position::new(column, row));
    check(b"\x1b[<0;11;9M\x1b[<0;11;9m", &[click(10, 8)]);
    check(b"\x1b[<16;300;9M", &[click(299, 8)]);
    check(b"\x1b[M +)", &[click(10, 8)]);
    check(b"\x1b[32;11;9M", &[click(10, 8)]);
    // Another button, motion, no place.
    check(b"\x1b[<2;11;9M\x1b[<32;11;9M\x1b[<0;0;9M\x1b[<0;99999;9M\x1b[<0M", &[]);
}

#[test]
fn the_wheel_is_the_arrows() {
    check(b"\x1b[<64;11;9M\x1b[<69;11;9M", &[key(KeyCode::Up), key(KeyCode::Down)]);
    check(b"\x1b[<66;11;9M", &[]);
}

#[test]
fn focus_is_told() {
    check(b"\x1b[I\x1b[O", &[Event::Focus(true), Event::Focus(false)]);
}

#[test]
fn a_paste_is_one_text_whatever_it_holds() {
    check("\x1b[200~a\x1b[Aé\x01\x1b[201~".as_bytes(), &[Event::Paste("a\x1b[Aé\x01".into())]);
    let long = "x".repeat(3 * MAX_PASTE);
    let [Event::Paste(text)] = &*terminal().sends(format!("\x1b[200~{long}\x1b[201~").as_bytes()) else {
        panic!("one paste");
    };
    assert_eq!(text.len(), MAX_PASTE);
}

#[test]
fn a_paste_that_breaks_off_ends_by_time_or_by_ctrl_c() {
    let mut terminal = terminal();
    assert_eq!(terminal.sends(b"\x1b[200~abc"), []);
    assert_eq!(terminal.is_quiet(1_900), []);
    assert_eq!(terminal.is_quiet(100), [Event::Paste("abc".into())]);
    assert_eq!(terminal.sends(b"\x1b[200~abc\x03"), []);
    assert_eq!(terminal.is_quiet(50), [Event::Paste("abc".into()), ctrl_c()]);
    assert_eq!(terminal.sends(b"\x1b[200~ab\x03c\x1b[201~"), [Event::Paste("ab\x03c".into())]);
}

/// No bytes can keep the keyboard: whatever came, Ctrl-C acts within the longest wait.
#[test]
fn ctrl_c_works_after_any_bytes() {
    const PIECES: &[u8] = b"\x1b[]OPX^_?;:0125~u\x9b\x9d<M";
    let mut random = SplitMix64::new(1);
    for _ in 0..20_000 {
        let mut terminal = terminal();
        let bytes: Vec<u8> = (0..12)
            .map(|_| {
                let drawn = random.below(256).to_le_bytes()[0];
                if random.below(3) == 0 { PIECES[usize::from(drawn) % PIECES.len()] } else { drawn }
            })
            .collect();
        terminal.sends(&bytes);
        let mut events = terminal.sends(b"\x03");
        events.extend(terminal.is_quiet(50));
        assert!(events.contains(&ctrl_c()), "{:?}", bytes.escape_ascii().to_string());
    }
}
