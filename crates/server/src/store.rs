//! The store: what outlives the server.
//!
//! A [`Store`] knows no rules. It gives back what was kept, and keeps a [`Batch`] of changes whole or not at all.
//! [`Sqlite`] is the one that ships. Tests have one in memory, which fails when they want it to.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a shell: it touches the disk and the calendar"
)]

mod batch;
mod error;
mod files;
mod matches;
mod sqlite;

pub use self::{
    batch::{Batch, Store},
    error::StoreError,
    files::{Folder, make_private},
    matches::{KeptMatch, Wanted, back_up, read_matches},
    sqlite::{Sqlite, reason},
};
