//! Screens: whole and readable at each layout, and never a panic at any size.

use std::collections::BTreeSet;

use clap::ValueEnum;
use crossterm::event::KeyCode;
use game_core::Rules;
use net::{
    interfaces::{InterfaceKind, Networks},
    proto::{Access, ChatMessage, Command, OfferKind, Terms},
};
use ratatui::{
    Terminal,
    backend::TestBackend,
    buffer::{Buffer, Cell},
    layout::{Position, Size},
    style::Color,
};

use crate::{
    buttons::{Buttons, Target},
    env::ColorDepth,
    failure::Failure,
    goal::Goal,
    keymap::{Action, Context},
    lan_games::LanGames,
    msg::Msg,
    own_place::{OwnPlace, Reach},
    status_line,
    test_harness::{Harness, LanRoom, lan_room, other_keys},
    theme::{Theme, ThemeName},
    update::Start,
    view::{self, target_at},
};

fn harnesses() -> Vec<Harness> {
    let classic = || Harness::new(Rules::default()).join();
    let mut moved = classic().with_ben();
    moved.keys("7");
    moved.ben_plays("b2");
    let mut over = classic().with_ben();
    for (digit, cell) in [("7", "a1"), ("8", "b1"), ("9", "")] {
        over.keys(digit);
        if !cell.is_empty() {
            over.ben_plays(cell);
        }
    }
    let mut asked = classic().with_ben();
    asked.ctrl_c();
    let mut helped = classic().with_ben();
    helped.keys("?");
    let mut entry = classic().with_ben();
    entry.keys("i");
    let mut away = classic().with_ben();
    away.ben_drops();
    let mut down = classic().with_ben();
    down.net(crate::msg::NetMsg::Closed(None));
    let large = Harness::new("19x19:5".parse().unwrap()).with_large_room();
    let mut harnesses = vec![classic(), moved, over, asked, helped, entry, away, down, large];
    harnesses.extend(around());
    harnesses.extend(between_two());
    harnesses.extend(lan());
    harnesses
}

/// Screens around a match.
fn around() -> Vec<Harness> {
    let classic = || Harness::new(Rules::default()).join();
    let long = "a line as long as one can be, with a word of more columns than some panels have: ".to_owned();
    let said = Command::Say { message: ChatMessage::Line((long + &"w".repeat(39)).parse().unwrap()) };
    let mut talking = classic().with_friend();
    talking.ben_asks(said);
    talking.keys("thello");
    let mut emotes = classic().with_friend();
    emotes.keys("e");
    let mut locked = classic();
    locked.keys("vv");
    let mut called = classic();
    called.keys("o5");
    let called = called.with_friend();
    let target: net::addr::HostPort = "192.168.1.7".parse().unwrap();
    let mut empty = Harness::new(Rules::default());
    empty.begin(Start::Connect(Goal::Browse { target: target.clone() }));
    let mut harnesses = vec![talking, emotes, locked, called, empty];
    for keys in [&[][..], &[KeyCode::Enter]] {
        for access in [Access::Public, Access::Passcode("1952".parse().unwrap())] {
            let mut list = Harness::new(Rules::default());
            // As wide as a name may be, in characters that are not ASCII.
            let host = list.somebody("\u{674e}\u{5c0f}\u{674e}\u{5c0f}\u{674e}\u{5c0f}\u{674e}\u{5c0f}");
            list.asks(host, Command::Create { terms: Terms::default(), access });
            let (eve, code) = (list.somebody("eve"), list.code_of(host));
            list.asks(eve, Command::Join { code, passcode: None });
            list.begin(Start::Connect(Goal::Browse { target: target.clone() }));
            for key in keys {
                list.key(*key);
            }
            harnesses.push(list);
        }
    }
    harnesses
}

/// Lists of the games on this network.
fn lan() -> Vec<Harness> {
    let list = |rooms: &[LanRoom]| {
        let mut harness = Harness::new(Rules::default());
        harness.begin(Start::Games { watches: false });
        let used = vec![
            ("wlan0".to_owned(), "192.168.100.190".parse().unwrap(), 24),
            ("enp0s31f6".to_owned(), "fd4d:1234:5678:9abc::19".parse().unwrap(), 64),
        ];
        let skipped = vec![("docker0".to_owned(), InterfaceKind::Virtual)];
        let mut games = LanGames::searching(harness.now);
        games.set_networks(Networks { used, skipped });
        for room in rooms {
            room.is_found(&mut games, harness.now);
        }
        harness.tell(Msg::Lan(games));
        harness
    };
    let wide = "\u{674e}\u{5c0f}\u{674e}\u{5c0f}\u{674e}\u{5c0f}\u{674e}\u{5c0f}";
    let mut locked = lan_room(3, "OAKEN-55", wide, Some(wide));
    locked.room.is_locked = true;
    let rooms = [lan_room(1, "KITE-42", wide, None), lan_room(2, "LIME-19", "eve", Some(wide)), locked];
    let mut filtered = list(&rooms);
    filtered.keys("/kite");
    let mut failed = list(&rooms);
    let failure = Failure { sentence: "No\u{e9}".into(), causes: Vec::new(), hint: Some("wait".into()) };
    let mut games = failed.model.lan.clone();
    games.fail(failure);
    failed.tell(Msg::Lan(games));
    let mut searching = list(&[]);
    searching.keys("jZEBRA-99");
    searching.key(KeyCode::Enter);
    let mut menu = list(&rooms);
    menu.key(KeyCode::Esc);
    let many: Vec<LanRoom> = (1..=40).map(|id| lan_room(id, "KITE-42", wide, None)).collect();
    vec![list(&[]), list(&rooms), list(&many), filtered, failed, searching, menu]
}

/// Screens of a match: clocks, offers, an absent player, a series, an adjourned match.
fn between_two() -> Vec<Harness> {
    let terms =
        Terms { best_of: Some("3".parse().unwrap()), time: "5m+3s".parse().unwrap(), ..Terms::default() };
    let playing = || Harness::with_terms(terms).join().with_ben();
    let after = |seconds: u64, change: &dyn Fn(&mut Harness)| {
        let mut harness = playing();
        change(&mut harness);
        harness.pass(seconds);
        harness
    };
    let mut adjourned = after(30, &Harness::ben_drops);
    adjourned.keys("P");
    let mut aside = after(30, &Harness::ben_drops);
    aside.keys("P");
    aside.key(KeyCode::Esc);
    let mut won = after(30, &Harness::ben_drops);
    won.keys("W");
    won.keys("r");
    vec![
        playing(),
        after(305, &|harness| harness.keys("")),
        after(2, &|harness| harness.ben_offers(OfferKind::Draw)),
        after(0, &|harness| harness.ben_offers(OfferKind::Adjourn)),
        after(2, &|harness| harness.keys("7u")),
        after(16, &Harness::ben_drops),
        after(16, &Harness::ben_quits),
        after(0, &|harness| harness.ben_is_silent(6)),
        adjourned,
        aside,
        won,
    ]
}

impl Harness {
    fn with_large_room(mut self) -> Self {
        self.model.new_game.terms.rules = "19x19:5".parse().unwrap();
        let opponent = crate::cmd::Opponent::Person { names: ["ann", "bob"].map(crate::test_harness::name) };
        let mut game =
            crate::local::LocalGame::new(self.now, self.model.me, self.model.new_game.terms, opponent)
                .unwrap();
        self.model.start(self.now, Start::Connect(Goal::Local { opponent }));
        while let Some(event) = game.poll_event() {
            self.tell(Msg::Local(event));
        }
        self
    }
}

/// The screen with its colours.
fn buffer_of(harness: &Harness) -> Buffer {
    let Size { width, height } = harness.model.size;
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| drop(view::draw(&harness.model, harness.now, frame))).unwrap();
    terminal.backend().buffer().clone()
}

/// A screen of another size, at the time of the harness.
fn seen(harness: &mut Harness, width: u16, height: u16) -> String {
    harness.model.size = Size { width, height };
    harness.screen()
}

/// Around every limit of a layout, and far from them.
const WIDTHS: [u16; 14] = [1, 2, 5, 12, 19, 20, 21, 39, 40, 41, 60, 79, 80, 140];
const HEIGHTS: [u16; 13] = [1, 2, 4, 6, 7, 8, 11, 12, 13, 18, 23, 24, 50];

/// A room on our own server, which has a page for browsers.
fn hosting(reach: Reach) -> Harness {
    let mut harness = Harness::new(Rules::default());
    harness.hosts(reach, true);
    harness
}

/// Every screen that a model can show.
fn screens() -> Vec<Harness> {
    let form = |start: Start, keys: &str| {
        let mut harness = Harness::new(Rules::default());
        harness.begin(start);
        harness.keys(keys);
        harness
    };
    let mut failed = Harness::new(Rules::default());
    let failure = Failure { sentence: "No".into(), causes: vec!["a: refused".into()], hint: None };
    failed.model.fail(failure);
    let mut screens = harnesses();
    screens.extend(["h", "h5x", "o", "t", "s"].map(|keys| form(Start::Menu, keys)));
    screens.extend([form(Start::Menu, ""), form(Start::Menu, "j"), form(Start::Games { watches: true }, "")]);
    screens.push(failed);
    screens.extend([Reach::Everybody, Reach::Failed].map(hosting));
    let mut locked = hosting(Reach::NotAnnounced);
    locked.keys("vv");
    let mut hidden = hosting(Reach::Everybody);
    hidden.keys("q");
    screens.extend([locked, hidden]);
    screens
}

#[test]
fn no_size_breaks_any_screen() {
    for mut harness in screens() {
        for (width, height) in WIDTHS.into_iter().flat_map(|width| HEIGHTS.map(|height| (width, height))) {
            seen(&mut harness, width, height);
        }
    }
}

#[test]
fn no_screen_names_a_key_that_is_bound_no_more() {
    let is_large =
        |harness: &Harness| harness.model.game().is_some_and(|game| game.snapshot.record.rules().cells() > 9);
    // Of a large board the columns have letters.
    for mut harness in screens().into_iter().filter(|harness| !is_large(harness)) {
        harness.model.keymap = other_keys();
        let contexts = [harness.model.screen_context(), harness.model.context()];
        for (width, height) in [(80, 24), (40, 12)] {
            let text = seen(&mut harness, width, height);
            let mut words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '-');
            // Marks, an article, seconds, "v." and watchers.
            let is_letter =
                |word: &str| word.len() == 1 && word.parse::<u8>().is_err() && !"XOAasvw".contains(word);
            let is_fixed = contexts.iter().any(|context| {
                context.is_typing()
                    || matches!(context, Context::JoinForm | Context::NewGame | Context::Match)
            });
            let is_before = |word: &str| is_letter(word) || word == "Enter" && !is_fixed || word == "hjkl";
            assert_eq!(words.find(|word| is_before(word)), None, "{text}");
        }
    }
}

/// Every theme, in every depth, on either background.
fn themes(is_ascii: bool) -> Vec<Theme> {
    let depths = [ColorDepth::Mono, ColorDepth::Sixteen, ColorDepth::Indexed, ColorDepth::True];
    let grounds = depths.map(|depth| [false, true].map(|is_light| (depth, is_light)));
    let names = ThemeName::value_variants().iter();
    let theme = |name: ThemeName| {
        grounds.iter().flatten().map(move |&(depth, is_light)| Theme { depth, name, is_light, is_ascii })
    };
    names.copied().flat_map(theme).collect()
}

#[test]
fn no_theme_changes_the_words_of_a_screen() {
    for mut harness in screens() {
        for (width, height) in [(80, 24), (40, 12), (20, 7), (18, 5)] {
            for is_ascii in [false, true] {
                let mut texts: [Option<String>; 8] = [const { None }; 8];
                for theme in themes(is_ascii) {
                    harness.model.theme = theme;
                    harness.model.size = Size { width, height };
                    let buffer = buffer_of(&harness);
                    let text: String = buffer.content.iter().map(Cell::symbol).collect();
                    assert!(!is_ascii || text.is_ascii(), "{buffer:?}");
                    let is_plain = |cell: &Cell| (cell.fg, cell.bg) == (Color::Reset, Color::Reset);
                    let is_mono = theme.depth == ColorDepth::Mono || theme.name == ThemeName::Mono;
                    assert!(!is_mono || buffer.content.iter().all(is_plain), "{buffer:?}");
                    // Where colours fill no cell, brackets stand in it; one theme draws its boards in dots; and without
                    // colours there is no QR code.
                    let facts = [theme.needs_brackets(), theme.is_dotted(), is_mono];
                    let kind = facts.into_iter().fold(0, |kind, fact| 2 * kind + usize::from(fact));
                    let expected = texts[kind].get_or_insert_with(|| text.clone());
                    assert_eq!(text, *expected, "{theme:?}");
                }
            }
        }
    }
}

/// A size of each layout, and of large screens.
const SIZES: [(u16, u16); 5] = [(20, 7), (40, 12), (80, 24), (120, 40), (220, 60)];

#[test]
fn no_text_touches_a_rule() {
    let is_rule = |cell: &Cell| "─│┼┌┐└┘".contains(cell.symbol());
    let is_text = |cell: &Cell| cell.symbol().chars().any(char::is_alphanumeric);
    for mut harness in screens() {
        for (width, height) in SIZES {
            harness.model.size = Size { width, height };
            let buffer = buffer_of(&harness);
            for row in buffer.content.chunks(width.into()) {
                let touch = row.windows(2).any(|pair| {
                    is_rule(&pair[0]) && is_text(&pair[1]) || is_text(&pair[0]) && is_rule(&pair[1])
                });
                assert!(!touch, "{buffer:?}");
            }
        }
    }
}

/// The words on a screen, as they stand between spaces.
fn words(harness: &mut Harness, (width, height): (u16, u16)) -> BTreeSet<String> {
    harness.model.size = Size { width, height };
    let buffer = buffer_of(harness);
    let rows = buffer.content.chunks(width.into());
    let rows = rows.map(|row| row.iter().map(Cell::symbol).collect::<String>());
    rows.flat_map(|row| row.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect()
}

#[test]
fn no_word_is_clipped_without_a_mark() {
    let is_word =
        |word: &&String| word.chars().all(|letter| letter.is_ascii_alphabetic() || ".,:;?'".contains(letter));
    for mut harness in screens() {
        let large = words(&mut harness, (120, 40));
        for (width, height) in [(20, 7), (40, 12), (80, 24)] {
            // A word that is cut is another one where there is more room.
            let wider = [1, 9].map(|more| words(&mut harness, (width + more, height)));
            let known: BTreeSet<String> = wider.into_iter().flatten().chain(large.iter().cloned()).collect();
            let shown = words(&mut harness, (width, height));
            let clipped: Vec<&String> = shown.difference(&known).filter(is_word).collect();
            assert!(clipped.is_empty(), "{clipped:?} on\n{}", seen(&mut harness, width, height));
            let line = status_line::line(&harness.model, harness.now);
            let is_whole =
                line.split_whitespace().filter(|word| word.is_ascii()).all(|word| shown.contains(word));
            let is_marked = shown.iter().any(|word| word.ends_with('~'));
            let is_other = status_line::tiny_line(&harness.model, harness.now).is_some() && width == 20;
            assert!(
                is_whole || is_marked || is_other || harness.model.overlay.is_some(),
                "{line:?} on\n{}",
                seen(&mut harness, width, height)
            );
        }
    }
}

#[test]
fn every_button_is_on_the_screen_and_does_what_a_key_does() {
    for mut harness in screens() {
        for (width, height) in [(80, 24), (40, 12), (20, 7), (120, 40)] {
            harness.model.size = Size { width, height };
            let (model, now) = (&harness.model, harness.now);
            let is_bound = |action| match action {
                Action::GoToMatch => model.calling_game().is_some(),
                Action::ReturnTo(_) | Action::Emote(_) => true,
                _ => model.keymap.binding(model.context(), action).is_some(),
            };
            let places = (0..height).flat_map(|y| (0..width).map(move |x| Position::new(x, y)));
            let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
            let mut buttons = Buttons::default();
            terminal.draw(|frame| buttons = view::draw(model, now, frame)).unwrap();
            let targets: Vec<Target> = places.filter_map(|place| buttons.at(place)).collect();
            for target in &targets {
                assert!(!matches!(target, Target::Act(action) if !is_bound(*action)), "{target:?}");
            }
            assert!(!targets.is_empty() || height < 24, "{}", harness.screen());
        }
    }
}

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
        harness.tell(Msg::Serving(OwnPlace { addresses, reach: Reach::Everybody, web }));
        for (width, height) in [(80, 24), (120, 40)] {
            harness.model.size = Size { width, height };
            let url = format!("HTTP://{}/{code}", address.to_uppercase());
            let expected = ((width, height) >= smallest).then_some(url);
            assert_eq!(scanned(&buffer_of(&harness)), expected, "{}", harness.screen());
        }
    }
}
