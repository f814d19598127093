//! The terminal on Windows, which is not asked: a console gives answers as keys, and every one reports clicks and the focus.

use std::io::{self, IsTerminal};

use crate::{
    doctor::terminal::{Ability, Answers, Terminal},
    env::TerminalEnv,
    terminal,
};

/// Examines the terminal.
pub(super) fn examine() -> Terminal {
    let size = io::stdout().is_terminal().then(terminal::told_size);
    Terminal::new(
        &TerminalEnv::read(),
        size.map(Into::into),
        Answers { mouse: Ability::Yes, focus: Ability::Yes, ambiguous_columns: None },
    )
}
