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
    doctor::terminal::{Ability, Terminal},
    env::TerminalEnv,
};

/// Examines the terminal.
pub(super) fn examine() -> Terminal {
    let env = TerminalEnv::read();
    let size = io::stdout().is_terminal().then(crossterm::terminal::size).and_then(Result::ok);
    let abilities = match env.term.as_deref() {
        // The kernel's terminals have neither, and would draw a part of the question.
        Some("linux") => [Ability::No; 2],
        Some(term) if term != "dumb" && size.is_some() && io::stdin().is_terminal() => {
            ask().map_or([Ability::Unknown; 2], |answer| abilities(&answer))
        }
        Some(_) | None => [Ability::Unknown; 2],
    };
    Terminal::new(&env, size, abilities)
}

/// Asks the terminal. Returns its answers up to the last one, which every terminal gives, or up to the time limit.
fn ask() -> io::Result<Vec<u8>> {
    enable_raw_mode()?;
    let answer = ask_raw();
    // A late answer must not be typed into the shell.
    let _closed = tcflush(io::stdin(), QueueSelector::IFlush);
    disable_raw_mode()?;
    answer
}

fn ask_raw() -> io::Result<Vec<u8>> {
    let (stdin, mut stdout) = (io::stdin().lock(), io::stdout());
    stdout.write_all(QUESTIONS)?;
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
const QUESTIONS: &[u8] = b"\x1b[?1006$p\x1b[?1004$p\x1b[c";

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
    fn the_kind_of_terminal_is_the_last_answer() {
        assert!(is_whole(b"\x1b[?1006;2$y\x1b[?62;22c"));
        assert!(!is_whole(b"\x1b[?1006;2$y\x1b[?62;2"));
        assert!(!is_whole(b"c"));
    }
}
