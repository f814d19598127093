//! Terminals of all sizes, without colour, without Unicode, and read aloud.

use game_core::{Bot, Cell, Level, Mark, Position, Rules};

use crate::{
    screen::{CTRL_C, ESC, Launch, Screen},
    server::Server,
};

/// The sizes with a layout of their own.
const LAYOUTS: [Layout; 3] = [
    Layout { size: (80, 24), center: (22, 10), pitch: (14, 6) },
    Layout { size: (40, 12), center: (11, 5), pitch: (6, 2) },
    Layout { size: (20, 7), center: (9, 3), pitch: (6, 2) },
];

/// The places of the cells on a screen, in columns and rows.
#[derive(Debug, Clone, Copy)]
struct Layout {
    size: (u16, u16),
    /// The middle of the middle cell.
    center: (u16, u16),
    /// From one cell to the next.
    pitch: (u16, u16),
}

/// A game against the easy bot of seed 1, which is played here a second time to know its answers.
struct BotGame {
    screen: Screen,
    layout: Layout,
    bot: Bot,
    position: Position,
}

impl BotGame {
    #[track_caller]
    fn start(launch: Launch, layout: Layout) -> Self {
        let rules = Rules::default();
        let bot = Bot::new(Level::Easy, &rules, 1).unwrap();
        let (columns, rows) = layout.size;
        let screen = launch.size(columns, rows).start();
        let game = Self { screen, layout, bot, position: Position::new(rules) };
        game.wait_for_board();
        game
    }

    /// Plays on the first free cell and waits for the bot's answer.
    #[track_caller]
    fn play_one(&mut self) {
        let cell = self.position.legal_moves().next().unwrap();
        self.screen.keys(&cell.numpad().unwrap().to_string());
        self.position.play(cell).unwrap();
        if let Some(answer) = self.bot.choose(&self.position) {
            self.position.play(answer).unwrap();
        }
        if self.position.outcome().is_none() {
            self.wait_for_board();
        }
    }

    #[track_caller]
    fn play_to_the_end(&mut self) {
        while self.position.outcome().is_none() {
            self.play_one();
        }
    }

    /// Waits until the whole board is shown as it must be.
    #[track_caller]
    fn wait_for_board(&self) {
        let expected: Vec<String> = cells_as_read()
            .map(|cell| match self.position.board().mark_at(cell) {
                // The middle of a drawn O is empty, that of an X is full.
                Some(Mark::O) if self.layout.pitch.1 > 2 => " ".into(),
                Some(mark) => mark.to_string(),
                None => cell.numpad().unwrap().to_string(),
            })
            .collect();
        self.screen.wait_until(&format!("the board is {}", expected.concat()), |screen| {
            shown_board(screen, self.layout) == expected
        });
    }
}

/// The cells of the classic board, top left first.
fn cells_as_read() -> impl Iterator<Item = Cell> {
    [7, 8, 9, 4, 5, 6, 1, 2, 3].into_iter().filter_map(Cell::from_numpad)
}

/// The middles of the board's cells as a screen shows them.
fn shown_board(screen: &vt100::Screen, layout: Layout) -> Vec<String> {
    let Layout { center, pitch, .. } = layout;
    let middle = |cell: Cell| {
        let row = center.1 + pitch.1 - pitch.1 * u16::from(cell.row());
        let column = center.0 + pitch.0 * u16::from(cell.column()) - pitch.0;
        screen.cell(row, column).map(|cell| cell.contents().replace('█', "X"))
    };
    let shown = cells_as_read().filter_map(middle);
    shown.map(|shown| if shown.is_empty() { " ".into() } else { shown }).collect()
}

fn easy_bot() -> Launch {
    Launch::oxo("bot --seed 1 --level easy --name ana")
}

#[test]
fn a_whole_game_is_played_in_every_layout() {
    for layout in LAYOUTS {
        let mut game = BotGame::start(easy_bot(), layout);
        if layout.size.1 > 7 {
            for said in ["ana", "the bot", "to move", "Your turn. You are X.", "? help"] {
                game.screen.wait_for(said);
            }
        } else {
            for said in ["X you 0 O the bot", "Your turn."] {
                game.screen.wait_for(said);
            }
        }
        game.play_to_the_end();
        game.screen.wait_until("it says the result", |screen| {
            let text = screen.contents();
            ["You won.", "You lost.", "Draw."].iter().any(|result| text.contains(result))
        });
        game.screen.keys(CTRL_C);
        assert_eq!(game.screen.exit_code(), Some(0), "after the match it asks nothing");
    }
}

#[test]
fn the_terminal_may_change_its_size_during_a_game() {
    let mut game = BotGame::start(easy_bot(), LAYOUTS[0]);
    game.play_one();
    for layout in LAYOUTS.into_iter().rev() {
        game.screen.resize(1, 1);
        game.screen.resize(layout.size.0, layout.size.1);
        game.layout = layout;
        game.wait_for_board();
    }
    game.play_to_the_end();
    game.screen.wait_for("r rematch");
}

#[test]
fn too_small_a_terminal_says_what_it_needs_and_is_still_played_in() {
    let server = Server::start();
    let mut ana = Launch::oxo(&format!("join {} --name ana", server.addr)).size(18, 5).start();
    ana.wait_for("oxo needs 20x7,");
    ana.wait_for("this is 18x5.");
    // The first to come plays X.
    ana.wait_for("Nobody has come.");
    let mut ben = Launch::oxo(&format!("join {} --name ben", server.addr)).start();
    for (mine, theirs) in [("7", "4"), ("8", "5")] {
        ana.wait_for("YOUR TURN.");
        ana.keys(mine);
        ben.wait_for(&format!("({mine})."));
        ana.wait_for("Not your turn.");
        ben.keys(theirs);
    }
    ana.wait_for("YOUR TURN.");
    ana.keys("9");
    ben.wait_for("You lost.");
    // Twice: what ben knows, ana need not know yet.
    ana.keys(&CTRL_C.repeat(2));
    assert_eq!(ana.exit_code(), Some(0));
    ana.assert_restored();
}

#[test]
fn too_small_a_terminal_still_asks_before_it_quits() {
    let mut screen = Launch::oxo("local").size(18, 5).start();
    screen.wait_for("YOUR TURN.");
    screen.keys(CTRL_C);
    screen.wait_for("Quit?");
    screen.keys(CTRL_C);
    assert_eq!(screen.exit_code(), Some(0));
}

#[test]
fn without_colour_weight_and_shape_remain() {
    for launch in [easy_bot().env("NO_COLOR", "1"), Launch::oxo("bot --seed 1 --level easy --color never")] {
        let mut game = BotGame::start(launch, LAYOUTS[0]);
        game.play_to_the_end();
        game.screen.wait_for("r rematch");
        let codes = sgr_codes(&game.screen.raw());
        let colours: Vec<&u16> = codes.iter().filter(|code| is_colour(**code)).collect();
        assert!(colours.is_empty(), "{colours:?}");
        assert!(codes.contains(&1), "bold is no colour");
        assert!(codes.contains(&7), "neither is reverse");
    }
}

#[test]
fn with_colour_there_is_some() {
    let game = BotGame::start(easy_bot(), LAYOUTS[0]);
    assert!(sgr_codes(&game.screen.raw()).into_iter().any(is_colour));
}

/// The numbers of all "select graphic rendition" sequences (ECMA-48 8.3.117).
fn sgr_codes(raw: &[u8]) -> Vec<u16> {
    let text = str::from_utf8(raw).unwrap();
    let sequences = text.split("\x1b[").skip(1).filter_map(|rest| {
        let (parameters, _) = rest.split_once('m')?;
        parameters
            .chars()
            .all(|character| character.is_ascii_digit() || character == ';')
            .then_some(parameters)
    });
    sequences.flat_map(|parameters| parameters.split(';').filter_map(|code| code.parse().ok())).collect()
}

/// Sets a colour of the text or of what is behind it; 39 and 49 take them back.
const fn is_colour(code: u16) -> bool {
    matches!(code, 30..=38 | 40..=48 | 90..=97 | 100..=107)
}

#[test]
fn ascii_output_is_ascii_alone() {
    let launches = [easy_bot().env("LC_ALL", "C"), Launch::oxo("bot --seed 1 --level easy --ascii")];
    for launch in launches {
        let mut game = BotGame::start(launch, LAYOUTS[0]);
        game.screen.keys("?");
        game.screen.wait_for("Help");
        game.screen.keys("?");
        game.screen.wait_while("Help");
        game.play_to_the_end();
        game.screen.wait_for("r rematch");
        assert!(game.screen.raw().is_ascii());
    }
}

#[test]
fn help_opens_scrolls_and_closes_in_every_layout() {
    for layout in LAYOUTS {
        let mut game = BotGame::start(easy_bot(), layout);
        game.screen.keys("?");
        game.screen.wait_for("Help");
        game.screen.wait_for("1-9");
        if layout.size.1 < 24 {
            game.screen.wait_for("more lines");
            game.screen.keys("j");
            game.screen.wait_while("1-9");
            game.screen.keys(&"\x1b[6~".repeat(14));
            game.screen.wait_for("diagonally.");
            // Fewer keys lead back than were pressed: those beyond the end did not count.
            game.screen.keys(&"\x1b[5~".repeat(11));
            game.screen.wait_for("1-9");
        } else {
            game.screen.wait_for("in turn");
        }
        game.screen.keys(ESC);
        game.screen.wait_while("Help");
        game.wait_for_board();
    }
}

#[test]
fn the_board_is_said_in_words_in_every_layout() {
    for layout in LAYOUTS {
        let mut game = BotGame::start(easy_bot(), layout);
        game.screen.keys("i");
        game.screen.wait_for("The board");
        game.screen.wait_for("Top: 7 free,");
        // What does not fit is scrolled.
        game.screen.keys("\x1b[6~");
        game.screen.wait_for("3 free.");
        game.screen.keys(ESC);
        game.screen.wait_while("The board");
        game.wait_for_board();
    }
}
