//! The program in a real terminal: real binaries, real ptys, and the screens and keys of a person.

#![cfg(target_os = "linux")] // Its ptys, signals and `/proc`.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests stand outside of what they test"
)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

/// A cable between a program and a server, which can be pulled.
mod cable;
/// The program on pipes, without a terminal.
mod piped;
/// A program in a pty: its screen, its keys, its end.
mod screen;
/// The headless server, as a process of its own.
mod server;

mod around;
mod between_two;
mod boards;
mod command_line;
mod doctor;
mod keys;
mod lab;
mod matches;
mod mouse;
mod new_game;
mod plain;
mod replays;
mod settings;
mod sizes;
mod terminal;
