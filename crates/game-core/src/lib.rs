//! The rules of tic-tac-toe and of its larger relatives, the *m,n,k-games*: legal moves, the end of a game, and the
//! winner.
//!
//! The server uses this crate to decide and the client to know what to show, so both follow the same rules. There is no
//! I/O here, no clock, no text for a screen and no allocation: every type is a plain value of fixed size. Resigning,
//! clocks and seats belong to the server.
//!
//! # A tour
//!
//! A [`Cell`] is named as on a chessboard, a letter for its column and a number for its row:
//!
//! ```text
//! 3 │ a3 │ b3 │ c3
//!   │────┼────┼────
//! 2 │ a2 │ b2 │ c2
//!   │────┼────┼────
//! 1 │ a1 │ b1 │ c1
//!     a    b    c
//! ```
//!
//! A [`Position`] is a board and the side to move; [`Position::play`] accepts a legal move and refuses
//! any other, leaving the position as it was:
//!
//! ```
//! use game_core::{Cell, IllegalMove, Mark, Position, Rules};
//!
//! let mut position = Position::new(Rules::default());
//! assert_eq!(position.to_move(), Some(Mark::X));
//! assert_eq!(position.legal_moves().count(), 9);
//!
//! let centre: Cell = "b2".parse()?;
//! position.play(centre)?;
//! assert_eq!(position.board().mark_at(centre), Some(Mark::X));
//! assert_eq!(position.play(centre), Err(IllegalMove::Occupied));
//! assert_eq!(position.to_move(), Some(Mark::O));
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! [`Rules`] have a short notation: columns, rows and how many in a row. A [`Record`] remembers the moves,
//! and the [`Outcome`] of a won game carries the lines that won it:
//!
//! ```
//! # use game_core::{Cell, Mark, Outcome, Record, Rules};
//! let rules: Rules = "5x4:4".parse()?;
//! let mut record = Record::new(rules);
//! for cell in ["a1", "a4", "b2", "b4", "c3", "c4", "d4"] {
//!     record.play(cell.parse()?)?;
//! }
//!
//! // 4 │ O  O  O  X  ·
//! // 3 │ ·  ·  X  ·  ·
//! // 2 │ ·  X  ·  ·  ·
//! // 1 │ X  ·  ·  ·  ·
//! //     a  b  c  d  e
//! let Some(Outcome::Win { winner, lines }) = record.position().outcome() else { unreachable!() };
//! assert_eq!(winner, Mark::X);
//! assert!(lines.contains("c3".parse()?));
//! assert_eq!(record.moves().len(), 7);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```
//!
//! The classic board is small enough to be searched to its end:
//!
//! ```
//! # use game_core::{Bot, Level, Position, Rules};
//! use game_core::{Value, solve};
//!
//! let position = Position::new(Rules::default());
//! assert_eq!(solve(&position), Some(Value::Draw));
//!
//! let mut bot = Bot::new(Level::Perfect, &position.rules(), 42)?;
//! assert!(bot.choose(&position).is_some());
//! # Ok::<_, game_core::BotError>(())
//! ```
//!
//! # Features
//!
//! - `serde`: implements `Serialize` and `Deserialize` for what travels: [`Mark`], [`Cell`], [`Rules`] and
//!   [`Record`]. Whatever decodes is valid; a record decodes by being played again, move by move.

#![no_std]

mod cell;
mod mark;
mod rules;

#[cfg(feature = "serde")]
mod notation;

mod bitboard;
mod board;
mod line;

mod outcome;
mod position;
mod record;

mod perft;
mod solver;

mod bot;
mod rng;

pub use self::{
    bitboard::Bitboard,
    board::Board,
    bot::{Bot, BotError, Level},
    cell::{Cell, MAX_CELLS, MAX_SIDE, ParseCellError},
    line::{Line, Lines},
    mark::Mark,
    outcome::Outcome,
    perft::perft,
    position::{IllegalMove, Position},
    record::Record,
    rng::SplitMix64,
    rules::{MIN_IN_ROW, MIN_SIDE, Rules, RulesError},
    solver::{Value, best_moves, move_values, solve},
};
