//! The places of things in the layouts of a match, and on the waiting screen.

use crossterm::event::KeyCode;
use game_core::Rules;
use net::proto::{Command, OfferKind, Terms};
use ratatui::{
    buffer::{Buffer, Cell},
    layout::{Position, Size},
    style::Color,
};

use super::screens::{buffer_of, hosting, seen, themes};
use crate::{
    buttons::Target,
    env::ColorDepth,
    msg::Msg,
    own_place::{OwnPlace, Reach},
    test_harness::Harness,
    theme::ThemeName,
    view::target_at,
};

#[test]
fn the_turn_is_said_at_every_size() {
    let mut harness = Harness::new(Rules::default()).join().with_ben();
    for (width, height) in [(80, 24), (40, 12), (20, 7)] {
        let screen = seen(&mut harness, width, height);
        assert!(screen.contains("Your turn"), "{screen}");
    }
    let screen = seen(&mut harness, 18, 5);
    assert!(screen.contains("oxo needs 20x7,") && screen.contains("this is 18x5."), "{screen}");
    assert!(screen.contains("YOUR TURN"), "{screen}");
}

/// The colour in which the result is told beside the board.
fn color_of_result(harness: &mut Harness, (width, height): (u16, u16), result: &str) -> Color {
    harness.model.size = Size { width, height };
    let buffer = buffer_of(harness);
    let width = usize::from(width);
    let rows = buffer.content.chunks(width).map(|row| row.iter().map(Cell::symbol).collect::<Vec<_>>());
    let found = rows.enumerate().find_map(|(row, symbols)| {
        let column = (0..width).find(|&column| symbols[column..].concat().starts_with(result))?;
        Some(buffer.content[row * width + column].fg)
    });
    found.unwrap_or_else(|| panic!("no {result:?} in {buffer:?}"))
}

#[test]
fn a_loss_has_not_the_colour_of_a_win() {
    let end = |command: Command| {
        let mut harness = Harness::new(Rules::default()).join().with_ben();
        harness.both_move();
        harness.ben_asks(command);
        harness
    };
    let mut won = end(Command::Resign { match_number: 1 });
    let mut lost = Harness::new(Rules::default()).join().with_ben();
    lost.keys("Ry");
    let mut drawn = end(Command::Offer { match_number: 1, kind: OfferKind::Draw });
    drawn.pass(1);
    drawn.keys("Y");
    for size in [(80, 24), (40, 12)] {
        let win = color_of_result(&mut won, size, "You won.");
        assert_ne!(color_of_result(&mut lost, size, "You lost."), win);
        assert_ne!(color_of_result(&mut drawn, size, "Draw."), win);
    }
}

#[test]
fn the_smallest_layout_shows_the_whole_board() {
    let mut harness = Harness::new(Rules::default()).join().with_ben();
    harness.keys("7");
    harness.ben_plays("b2");
    let screen = seen(&mut harness, 20, 7);
    for row in [" X  │  8  │  9", "[4] │ (O) │  6", " 1  │  2  │  3"] {
        assert!(screen.contains(row), "no {row:?} on\n{screen}");
    }
}

#[test]
fn a_click_finds_the_cell_that_is_drawn_there() {
    let harness = Harness::new(Rules::default()).join().with_ben();
    let screen = harness.screen();
    for digit in 1..=9_u8 {
        // The panel has no digits before the first move but the score, which stands right of the board.
        let mut lines = screen.lines().enumerate().skip(3);
        let found = lines
            .find_map(|(row, line)| {
                let board: String = line.trim_start_matches('"').chars().take(46).collect();
                let column = board.chars().position(|symbol| symbol == char::from(b'0' + digit))?;
                Some(Position::new(u16::try_from(column).unwrap(), u16::try_from(row).unwrap()))
            })
            .unwrap_or_else(|| panic!("no {digit} on\n{screen}"));
        let target = target_at(&harness.model, harness.now, found).unwrap();
        assert!(matches!(target, Target::Cell(cell) if cell.numpad() == Some(digit)), "{target:?}");
    }
    assert_eq!(target_at(&harness.model, harness.now, Position::new(70, 20)), None);
}

#[test]
fn a_board_too_large_for_the_screen_shows_a_window_around_the_cursor() {
    let mut harness = Harness::new(Rules::default()).with_large_room();
    for _ in 0..18 {
        harness.key(KeyCode::Right);
        harness.key(KeyCode::Up);
    }
    let screen = seen(&mut harness, 40, 12);
    assert!(screen.contains("[·]"), "the cursor is shown\n{screen}");
}

#[test]
fn a_question_is_shown_at_every_size() {
    let mut offered = Harness::new(Rules::default()).join().with_ben();
    offered.ben_offers(OfferKind::Draw);
    let mut away = Harness::new(Rules::default()).join().with_ben();
    away.both_move();
    away.ben_drops();
    away.pass(30);
    for (width, height) in [(80, 24), (40, 12), (20, 7)] {
        let screen = seen(&mut offered, width, height);
        assert!(screen.contains("DRAW") && screen.contains('Y') && screen.contains('N'), "{screen}");
        let screen = seen(&mut away, width, height);
        assert!(
            screen.contains("ben") && ["W ", "C ", "P"].iter().all(|key| screen.contains(key)),
            "{screen}"
        );
    }
}

#[test]
fn both_clocks_are_shown_at_every_size_and_the_own_one_first() {
    let terms = Terms { time: "30s".parse().unwrap(), ..Terms::default() };
    let mut harness = Harness::with_terms(terms).join().with_ben();
    harness.keys("7");
    harness.ben_plays("b2");
    harness.pass(4);
    for (width, height) in [(80, 24), (40, 12)] {
        let screen = seen(&mut harness, width, height);
        assert!(screen.contains("0:26") && screen.contains("0:30"), "{screen}");
    }
    assert!(seen(&mut harness, 20, 7).contains("X you 0:26  O ben"));
    assert!(seen(&mut harness, 18, 5).contains("YOUR TURN, 0:26."));
}

#[test]
fn a_large_board_leaves_room_for_the_names_of_both_cells_of_a_turn() {
    let mut harness = Harness::new("19x19:5".parse().unwrap()).join().with_ben();
    harness.key(KeyCode::Enter);
    harness.ben_plays("k11");
    harness.key(KeyCode::Up);
    harness.key(KeyCode::Enter);
    let screen = harness.screen();
    let moves = harness.model.game().unwrap().snapshot.record.moves();
    assert_eq!(moves.len(), 3);
    assert!(moves.iter().all(|cell| screen.contains(&cell.to_string())), "{moves:?}\n{screen}");
}

/// The text of the QR code on a screen, if there is one: its pixels are read as a camera would see them.
fn scanned(buffer: &Buffer) -> Option<String> {
    let is_module = |color: Color| match color {
        Color::Black | Color::Indexed(16) | Color::Rgb(0, 0, 0) => Some(true),
        Color::White | Color::Indexed(231) | Color::Rgb(255, 255, 255) => Some(false),
        _ => None,
    };
    let (width, height) = (usize::from(buffer.area.width), usize::from(buffer.area.height));
    // What is no module is as dark as a terminal. A reader wants modules of more than one pixel.
    let scale = 3;
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width * scale, height * 2 * scale, |x, y| {
        let (x, y) = (x / scale, y / scale);
        let cell = &buffer.content[y / 2 * width + x];
        let color = if y % 2 == 0 && cell.symbol() == "▀" { cell.fg } else { cell.bg };
        if is_module(color) == Some(false) { 255 } else { 0 }
    });
    Some(image.detect_grids().first()?.decode().unwrap().1)
}

#[test]
fn the_qr_code_is_the_url_of_the_room_in_every_theme_with_colours() {
    let mut harness = hosting(Reach::Everybody);
    let code = harness.model.game().unwrap().snapshot.code;
    for theme in [false, true].map(themes).concat() {
        harness.model.theme = theme;
        for (width, height) in [(80, 24), (120, 40), (79, 24), (80, 23), (40, 12), (20, 7)] {
            harness.model.size = Size { width, height };
            let has_colors = theme.depth != ColorDepth::Mono && theme.name != ThemeName::Mono;
            let is_shown = has_colors && !theme.is_ascii && (width, height) >= (80, 24);
            let expected = is_shown.then(|| format!("HTTP://192.168.1.9:1952/{code}"));
            assert_eq!(scanned(&buffer_of(&harness)), expected, "{theme:?} {width}x{height}");
            let screen = harness.screen();
            assert_eq!(screen.contains("q QR"), is_shown, "{screen}");
            assert!(width < 40 || screen.contains(&format!("http://192.168.1.9:1952/{code}")), "{screen}");
        }
    }
}

#[test]
fn a_qr_code_takes_the_room_that_its_url_needs() {
    let mut harness = hosting(Reach::Everybody);
    let code = harness.model.game().unwrap().snapshot.code;
    for (address, smallest) in [
        ("10.0.0.1:1952", (80, 24)),
        ("192.168.100.190:40123", (80, 24)),
        ("[fd4d::9]:1952", (80, 24)),
        ("[fd4d:1234:5678:9abc:1234:5678:9abc:def0]:40123", (120, 40)),
    ] {
        let web = Some(format!("http://{address}"));
        let addresses = vec![address.to_owned()];
        harness.tell(Msg::Serving(OwnPlace { addresses, reach: Reach::Everybody, web, store: None }));
        for (width, height) in [(80, 24), (120, 40)] {
            harness.model.size = Size { width, height };
            let url = format!("HTTP://{}/{code}", address.to_uppercase());
            let expected = ((width, height) >= smallest).then_some(url);
            assert_eq!(scanned(&buffer_of(&harness)), expected, "{}", harness.screen());
        }
    }
}

/// The match of the design, with its times: X 7, O 8, X 6, O 4, X 3, O 9, X 5.
fn design() -> Harness {
    let kept = crate::history::KeptMatch::parse(
        r#"{"v":1,"ended":1795430520,"place":"server","code":"KITE-42","match_number":2,"game_number":2,
        "host":"ana","guest":"ben","x":"host","own":"host","rules":"3x3","best_of":3,"time":"30s","ending":"on-board",
        "moves":["a3","b3","c2","a2","c1","c3","b2"],"took_millis":[2100,1400,3000,900,1200,2200,null]}"#,
    );
    let mut harness = Harness::new(Rules::default());
    harness.model.history.matches.push(kept.unwrap());
    harness.begin(crate::update::Start::Menu);
    harness.keys("p\r");
    harness
}

#[test]
fn a_replay_tells_each_move_and_what_it_was_worth() {
    let mut harness = design();
    harness.sees("ana plays X, ben plays O, 7 moves. You won. X has the diagonal 7-5-3.");
    harness.sees("Lost by move 4.");
    harness.keys("llll");
    let screen = harness.screen();
    for row in
        ["  1  X 7 ", "2.1 s  draw", "  2  O 8   ? ", "1.4 s  X wins", "  5  X 3   ! ", "  7  X 5   # "]
    {
        assert!(screen.contains(row), "no {row:?} on\n{screen}");
    }
    harness.sees("Move 4 of 7: O at left middle (4), after 0.9 s. It loses; 5 held the draw.");
    harness.sees("X wins with 3.");
    let screen = seen(&mut harness, 40, 12);
    assert!(screen.contains("O 4 ?") && screen.contains("X wins") && screen.contains("4/7"), "{screen}");
    let screen = seen(&mut harness, 20, 7);
    assert!(screen.contains("4/7 O 4 ? X wins"), "{screen}");
    harness.keys("$");
    let screen = seen(&mut harness, 80, 24);
    assert!(screen.contains("X won"), "{screen}");
}

#[test]
fn the_list_of_matches_has_opponent_result_and_date() {
    let mut harness = design();
    harness.key(KeyCode::Esc);
    harness.sees("1 ben won 3x3 2026-11-23 10:42");
    harness.sees("You v. ben: 1 won, 0 drawn, 0 lost.");
    let screen = seen(&mut harness, 40, 12);
    assert!(screen.contains("ben") && screen.contains("won") && screen.contains("2026-11-23"), "{screen}");
    let screen = seen(&mut harness, 20, 7);
    assert!(screen.contains("ben") && screen.contains("won"), "{screen}");
}
