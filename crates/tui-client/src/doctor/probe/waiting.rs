//! The line that asks for patience.

use std::{
    io::{self, IsTerminal, Write},
    time::Duration,
};

/// Tells on standard error what is waited for, if that is a terminal.
pub(super) fn ask_for_patience(what: &str, at_most: Duration) {
    let mut stderr = io::stderr();
    if stderr.is_terminal() {
        // Without the line nothing is lost but patience.
        let _closed = writeln!(stderr, "{what}, at most {} s ...", at_most.as_secs_f64().ceil());
    }
}
