//! Screens: whole and readable at each layout, and never a panic at any size.

use crossterm::event::KeyCode;
use game_core::Rules;
use ratatui::layout::{Position, Size};

use crate::{
    model::Model,
    msg::Failure,
    stage::{Stage, draw, model, start},
    theme::Theme,
    update::Start,
    view::cell_at,
};

fn stages() -> Vec<Stage> {
    let classic = || Stage::new(Rules::default()).join();
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
    let mut spoken = classic().with_ben();
    spoken.keys("i");
    let mut away = classic().with_ben();
    away.ben_drops();
    let mut down = classic().with_ben();
    down.net(crate::msg::NetMsg::Closed(None));
    let large = Stage::new("19x19:5".parse().unwrap()).with_large_room();
    vec![classic(), moved, over, asked, helped, spoken, away, down, large]
}

impl Stage {
    fn with_large_room(mut self) -> Self {
        self.model.terms.rules = "19x19:5".parse().unwrap();
        let opponent = crate::cmd::Opponent::Person;
        let mut game =
            crate::local::LocalGame::new(self.now, self.model.me, self.model.terms, opponent).unwrap();
        self.model.start(self.now, Start::Local { opponent });
        while let Some(event) = game.poll_event() {
            self.tell(crate::msg::Msg::Local(event));
        }
        self
    }
}

fn at(model: &mut Model, width: u16, height: u16) -> String {
    model.size = Size { width, height };
    draw(model, start())
}

/// Around every limit of a layout, and far from them.
const WIDTHS: [u16; 14] = [1, 2, 5, 12, 19, 20, 21, 39, 40, 41, 60, 79, 80, 140];
const HEIGHTS: [u16; 13] = [1, 2, 4, 6, 7, 8, 11, 12, 13, 18, 23, 24, 50];

#[test]
fn no_size_breaks_any_screen() {
    let mut form = model(80, 24);
    form.start(start(), Start::JoinForm);
    let mut failed = model(80, 24);
    failed.fail(Failure { sentence: "No".into(), causes: vec!["a: refused".into()], hint: None });
    let games = stages().into_iter().map(|stage| stage.model);
    for mut model in games.chain([model(80, 24), form, failed]) {
        for (width, height) in WIDTHS.into_iter().flat_map(|width| HEIGHTS.map(|height| (width, height))) {
            at(&mut model, width, height);
        }
    }
}

#[test]
fn ascii_means_ascii() {
    for mut stage in stages() {
        stage.model.theme = Theme { has_color: false, is_ascii: true };
        for (width, height) in [(80, 24), (40, 12), (20, 7), (18, 5)] {
            let screen = at(&mut stage.model, width, height);
            assert!(screen.is_ascii(), "{screen}");
        }
    }
}

#[test]
fn the_turn_is_said_at_every_size() {
    let mut stage = Stage::new(Rules::default()).join().with_ben();
    for (width, height) in [(80, 24), (40, 12), (20, 7)] {
        let screen = at(&mut stage.model, width, height);
        assert!(screen.contains("Your turn"), "{screen}");
    }
    let screen = at(&mut stage.model, 18, 5);
    assert!(screen.contains("oxo needs 20x7,") && screen.contains("this is 18x5."), "{screen}");
    assert!(screen.contains("YOUR TURN"), "{screen}");
}

#[test]
fn the_smallest_layout_shows_the_whole_board() {
    let mut stage = Stage::new(Rules::default()).join().with_ben();
    stage.keys("7");
    stage.ben_plays("b2");
    let screen = at(&mut stage.model, 20, 7);
    for row in ["[X] │  8  │  9", " 4  │ (O) │  6", " 1  │  2  │  3"] {
        assert!(screen.contains(row), "no {row:?} on\n{screen}");
    }
}

#[test]
fn a_click_finds_the_cell_that_is_drawn_there() {
    let stage = Stage::new(Rules::default()).join().with_ben();
    let screen = stage.screen();
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
        let cell = cell_at(&stage.model, found).unwrap();
        assert_eq!(cell.numpad(), Some(digit));
    }
    assert_eq!(cell_at(&stage.model, Position::new(70, 20)), None);
}

#[test]
fn a_board_too_large_for_the_screen_shows_a_window_around_the_cursor() {
    let mut stage = Stage::new(Rules::default()).with_large_room();
    for _ in 0..18 {
        stage.key(KeyCode::Right);
        stage.key(KeyCode::Up);
    }
    let screen = at(&mut stage.model, 40, 12);
    assert!(screen.contains("[.]"), "the cursor is shown\n{screen}");
}
