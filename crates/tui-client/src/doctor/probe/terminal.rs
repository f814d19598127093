//! The terminal's answers about itself.

use std::{
    io::{self, IsTerminal, Write},
    time::{Duration, Instant},
};

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    io::read,
    termios::{QueueSelector, tcflush},
};

use crate::{
    doctor::terminal::{Ability, Answers, Terminal},
    env::TerminalEnv,
    terminal,
};

/// Examines the terminal.
pub(super) fn examine() -> Terminal {
    let env = TerminalEnv::read();
    let size = io::stdout().is_terminal().then(terminal::told_size);
    let answers = match env.term.as_deref() {
        // The kernel's terminals have neither, and would draw a part of the question.
        Some("linux") => Answers { ambiguous_columns: Some(1), mouse: Ability::No, focus: Ability::No },
        Some(_) if env.has_screen() && size.is_some() && io::stdin().is_terminal() => {
            ask(env.is_utf8()).map(|answer| understand(&answer)).unwrap_or_default()
        }
        Some(_) | None => Answers::default(),
    };
    Terminal::new(&env, size.map(Into::into), answers)
}

/// Asks the terminal. Returns its answers up to the last one, which every terminal gives, or up to the time limit.
fn ask(is_utf8: bool) -> io::Result<Vec<u8>> {
    let questions = if is_utf8 { [WIDTH, MODES].concat() } else { MODES.to_vec() };
    enable_raw_mode()?;
    let answer = ask_raw(&questions);
    // A late answer must not be typed into the shell.
    let _closed = tcflush(io::stdin(), QueueSelector::IFlush);
    disable_raw_mode()?;
    answer
}

fn ask_raw(questions: &[u8]) -> io::Result<Vec<u8>> {
    let (stdin, mut stdout) = (io::stdin().lock(), io::stdout());
    stdout.write_all(questions)?;
    stdout.flush()?;
    let deadline = Instant::now() + PATIENCE;
    let mut answer = Vec::new();
    while answer.len() < MAX_ANSWER && !is_whole(&answer) {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).map_err(io::Error::other)?;
        if poll(&mut [PollFd::new(&stdin, PollFlags::IN)], Some(&timeout))? == 0 {
            break;
        }
        // Not by way of `Stdin`, whose buffer `poll` does not see.
        let mut bytes = [0; 64];
        match read(&stdin, &mut bytes)? {
            0 => break,
            count => answer.extend_from_slice(&bytes[..count]),
        }
    }
    Ok(answer)
}

/// Tells whether the last answer is there: `CSI ? … c`.
fn is_whole(answer: &[u8]) -> bool {
    let at = answer.windows(3).rposition(|window| window == b"\x1b[?");
    at.is_some_and(|at| answer[at + 3..].contains(&b'c'))
}

/// Reads the answers.
fn understand(answer: &[u8]) -> Answers {
    let [mouse, focus] = abilities(answer);
    Answers { ambiguous_columns: ambiguous_columns(answer), mouse, focus }
}

/// Reads the column of the cursor after one character at the left edge: `CSI row ; column R`.
fn ambiguous_columns(answer: &[u8]) -> Option<u16> {
    let text = String::from_utf8_lossy(answer);
    let place = text.split("\x1b[").find_map(|part| part.split_once('R')?.0.split_once(';'));
    place?.1.parse::<u16>().ok()?.checked_sub(1).filter(|columns| (1..=2).contains(columns))
}

/// Reads the answers about the mouse and focus: `CSI ? mode ; state $ y`.
fn abilities(answer: &[u8]) -> [Ability; 2] {
    let text = String::from_utf8_lossy(answer);
    ["1006;", "1004;"].map(|mode| {
        let state = text.split("\x1b[?").find_map(|part| part.strip_prefix(mode)?.split_once("$y"));
        match state {
            // Set, reset, or set for good.
            Some(("1" | "2" | "3", _)) => Ability::Yes,
            // Not known, or reset for good.
            Some(("0" | "4", _)) => Ability::No,
            Some(_) | None => Ability::Unknown,
        }
    })
}

/// Asks for the modes of a mouse in SGR form and of focus (DECRQM, ctlseqs of xterm), and for the kind of terminal (DA1).
const MODES: &[u8] = b"\x1b[?1006$p\x1b[?1004$p\x1b[c";

/// Draws a line of a board at the left edge, asks for the cursor's place (CPR), and clears it away.
const WIDTH: &[u8] = b"\r\xe2\x94\x82\x1b[6n\r\x1b[K";

/// The time limit of the answers: a terminal at the far end of the world, over SSH, answers in this.
const PATIENCE: Duration = Duration::from_millis(400);

/// Bytes of the answers at most; they have some fifty.
const MAX_ANSWER: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_tells_its_abilities() {
        use Ability::{No, Unknown, Yes};
        assert_eq!(abilities(b"\x1b[?1006;2$y\x1b[?1004;1$y\x1b[?62;22c"), [Yes, Yes]);
        assert_eq!(abilities(b"\x1b[?1006;0$y\x1b[?1004;4$y\x1b[?6c"), [No, No]);
        assert_eq!(abilities(b"\x1b[?6c"), [Unknown, Unknown]);
        assert_eq!(abilities(b"\x1b[?1006;9$y"), [Unknown, Unknown]);
    }

    #[test]
    fn the_width_of_a_line_is_where_the_cursor_stands_after_it() {
        assert_eq!(ambiguous_columns(b"\x1b[24;2R\x1b[?1006;2$y\x1b[?62;22c"), Some(1));
        assert_eq!(ambiguous_columns(b"\x1b[1;3R\x1b[?6c"), Some(2));
        for no_answer in [&b"\x1b[?6c"[..], b"\x1b[1;1R", b"\x1b[1;40R", b"\x1b[R", b"\x1b[7R\x1b[?6c"] {
            assert_eq!(ambiguous_columns(no_answer), None, "{no_answer:?}");
        }
    }

    #[test]
    fn the_kind_of_terminal_is_the_last_answer() {
        assert!(is_whole(b"\x1b[?1006;2$y\x1b[?62;22c"));
        assert!(!is_whole(b"\x1b[?1006;2$y\x1b[?62;2"));
        assert!(!is_whole(b"c"));
    }
}
