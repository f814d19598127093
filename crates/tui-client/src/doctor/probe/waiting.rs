//! The line that asks for patience.

use std::{
    io::{self, IsTerminal, Write},
    time::Duration,
};

/// Tells on standard error what is waited for, if that is a terminal, until this is dropped.
#[derive(Debug)]
pub(super) struct Waiting {
    columns: usize,
}

impl Waiting {
    pub(super) fn until(what: &str, at_most: Duration) -> Self {
        let mut stderr = io::stderr();
        if !stderr.is_terminal() {
            return Self { columns: 0 };
        }
        let text = format!("{what}, at most {} s ...", at_most.as_secs_f64().ceil());
        // Without the line nothing is lost but patience.
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
