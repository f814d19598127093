//! The server: the lobby as a play, the lobby in a simulated world, and the shell among hostile peers.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "tests stand outside of what they test"
)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![expect(clippy::print_stderr, reason = "a failing seed is for whoever runs the tests")]

/// A server with two honest players on it.
mod arena;
/// Requests and WebSockets whose bytes a test chooses.
mod browser;
/// A store that forgets what was not committed, and fails when it is told to.
#[cfg(target_os = "linux")]
mod memory_store;
/// The sentences that people hear in a play.
mod narration;
/// The metrics of a server, read strictly.
#[cfg(target_os = "linux")]
mod openmetrics;
/// A server and players over any link.
mod table;
/// Plays that the lobby performs.
mod test_harness;

#[cfg(target_os = "linux")]
mod admin;
mod calls;
mod datagrams;
mod document;
#[cfg(unix)]
mod files;
#[cfg(target_os = "linux")]
mod floods;
mod hostile;
mod keep;
#[cfg(unix)]
mod kills;
mod links;
#[cfg(target_os = "linux")]
mod logs;
#[cfg(target_os = "linux")]
mod memory;
mod plays;
mod program;
mod questions;
#[cfg(unix)]
mod service;
mod sim;
#[cfg(target_os = "linux")]
mod store;
mod text;
mod watchers;
mod web;
