//! The hands of the checks: each looks at one thing, changes nothing, and has an end.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a shell: it reads the clock and asks the system"
)]

mod firewalls;
mod local;
mod names;
mod owner;
mod remote;
mod terminal;

use std::{
    io::{self, IsTerminal, Write},
    time::Duration,
};

pub(super) use self::{local::examine_local, remote::examine_remote};

/// Says on standard error, where that is a terminal, what is waited for, until this is dropped.
#[derive(Debug)]
struct Waiting {
    columns: usize,
}

impl Waiting {
    fn until(what: &str, at_most: Duration) -> Self {
        let mut stderr = io::stderr();
        if !stderr.is_terminal() {
            return Self { columns: 0 };
        }
        let text = format!("{what}, at most {} s ...", at_most.as_secs_f64().ceil());
        // Who does not see it misses nothing but patience.
        let _closed = write!(stderr, "\r{text}").and_then(|()| stderr.flush());
        Self { columns: text.chars().count() }
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if self.columns > 0 {
            let _closed = write!(io::stderr(), "\r{:width$}\r", "", width = self.columns);
        }
    }
}
