//! What the terminal says of itself.

use std::{
    io::{self, IsTerminal, Read, Write},
    time::{Duration, Instant},
};

use crossterm::terminal::{disable_raw_mode, enable_raw_mode};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    termios::{QueueSelector, tcflush},
};

use crate::{
    doctor::terminal::{Ability, Terminal},
    env::TerminalEnv,
};

/// Looks at the terminal.
pub(super) fn examine() -> Terminal {
    let env = TerminalEnv::read();
    let size = io::stdout().is_terminal().then(crossterm::terminal::size).and_then(Result::ok);
    let abilities = match env.term.as_deref() {
        // Those of the kernel have neither, and would draw a part of the question.
        Some("linux") => [Ability::No; 2],
        Some("dumb") | None => [Ability::Unknown; 2],
        Some(_) if size.is_some() && io::stdin().is_terminal() => {
            ask().map_or([Ability::Unknown; 2], |answer| abilities(&answer))
        }
        Some(_) => [Ability::Unknown; 2],
    };
    Terminal::new(&env, size, abilities)
}

/// Asks, and returns what comes until the answer to the last question, which every terminal knows, or the time is over.
fn ask() -> io::Result<Vec<u8>> {
    enable_raw_mode()?;
    let answer = ask_raw();
    // What is late must not be typed into the shell.
    let _still_there = tcflush(io::stdin(), QueueSelector::IFlush);
    disable_raw_mode()?;
    answer
}

fn ask_raw() -> io::Result<Vec<u8>> {
    let (mut stdin, mut stdout) = (io::stdin().lock(), io::stdout());
    stdout.write_all(QUESTIONS)?;
    stdout.flush()?;
    let deadline = Instant::now() + PATIENCE;
    let mut answer = Vec::new();
    while answer.len() < MAX_ANSWER && !is_whole(&answer) {
        let left = deadline.saturating_duration_since(Instant::now());
        let timeout = Timespec::try_from(left).map_err(io::Error::other)?;
        let mut ready = [PollFd::new(&stdin, PollFlags::IN)];
        if poll(&mut ready, Some(&timeout))? == 0 {
            break;
        }
        let mut bytes = [0; 64];
        match stdin.read(&mut bytes)? {
            0 => break,
            count => answer.extend_from_slice(&bytes[..count]),
        }
    }
    Ok(answer)
}

/// Whether the answer to the last question is there: `CSI ? … c`.
fn is_whole(answer: &[u8]) -> bool {
    let at = answer.windows(3).rposition(|window| window == b"\x1b[?");
    at.is_some_and(|at| answer[at + 3..].contains(&b'c'))
}

/// What the answers say about the mouse and about focus: `CSI ? mode ; state $ y`.
fn abilities(answer: &[u8]) -> [Ability; 2] {
    ["1006", "1004"].map(|mode| {
        let text = String::from_utf8_lossy(answer);
        let state = text.split("\x1b[?").find_map(|part| part.strip_prefix(mode)?.strip_prefix(';'));
        match state.and_then(|state| state.split_once("$y")) {
            // Set, reset, or set for good.
            Some(("1" | "2" | "3", _)) => Ability::Yes,
            // Not known, or reset for good.
            Some(("0" | "4", _)) => Ability::No,
            Some(_) | None => Ability::Unknown,
        }
    })
}

/// Whether it knows the modes of a mouse in SGR form and of focus (DECRQM, ctlseqs of xterm), and what it is (DA1).
const QUESTIONS: &[u8] = b"\x1b[?1006$p\x1b[?1004$p\x1b[c";

/// How long a terminal may take: one at the far end of the world, over SSH, answers in this.
const PATIENCE: Duration = Duration::from_millis(400);

/// Bytes of the answers at most; they have some fifty.
const MAX_ANSWER: usize = 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_says_what_it_can_do() {
        use Ability::{No, Unknown, Yes};
        assert_eq!(abilities(b"\x1b[?1006;2$y\x1b[?1004;1$y\x1b[?62;22c"), [Yes, Yes]);
        assert_eq!(abilities(b"\x1b[?1006;0$y\x1b[?1004;4$y\x1b[?6c"), [No, No]);
        assert_eq!(abilities(b"\x1b[?6c"), [Unknown, Unknown]);
        assert_eq!(abilities(b"\x1b[?1006;9$y"), [Unknown, Unknown]);
    }

    #[test]
    fn the_answer_ends_with_what_the_terminal_is() {
        assert!(is_whole(b"\x1b[?1006;2$y\x1b[?62;22c"));
        assert!(!is_whole(b"\x1b[?1006;2$y\x1b[?62;2"));
        assert!(!is_whole(b"c"));
    }
}
