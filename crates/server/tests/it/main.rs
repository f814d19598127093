//! The server: the lobby as a play, the lobby under random commands, and the shell among hostile peers.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

/// A server with two honest players on it.
mod arena;
/// Plays that the lobby performs.

mod stage;
/// A server and players over any link.
mod table;

mod datagrams;
mod hostile;
mod links;

mod lobby;
#[cfg(target_os = "linux")]
mod memory;

mod random_lobby;
mod watchers;
