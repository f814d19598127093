//! The keyboard: reads the terminal, and gives the bytes and the time to the parser.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a shell: it reads the clock and asks the system"
)]

use std::{
    fs::File,
    io::{self, Read},
    iter,
    os::fd::AsFd,
    time::Instant,
};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use tokio::{
    io::{Interest, unix::AsyncFd},
    time::timeout_at,
};

use crate::input::{Event, Parser};

/// The terminal's input.
#[derive(Debug)]
pub(crate) struct Keyboard {
    terminal: AsyncFd<File>,
    parser: Parser,
}

/// Bytes read at once at most. A frame is drawn after each read, so that a flood of keys cannot keep the screen from showing.
const CHUNK: usize = 256;

impl Keyboard {
    /// Opens standard input.
    #[expect(
        deprecated,
        reason = "its successor is unsafe, for types that change their descriptor; a `File` keeps it"
    )]
    pub(crate) fn open() -> io::Result<Self> {
        // The descriptor is shared with the shell, which does not expect `O_NONBLOCK` on it. So `read` asks first.
        let terminal = File::from(io::stdin().as_fd().try_clone_to_owned()?);
        let terminal = AsyncFd::with_interest(terminal, Interest::READABLE)?;
        Ok(Self { terminal, parser: Parser::default() })
    }

    /// Waits for events, at least one. `None` is the end of the terminal.
    pub(crate) async fn next(&mut self) -> Option<Vec<Event>> {
        loop {
            let events: Vec<Event> = iter::from_fn(|| self.parser.poll_event()).collect();
            if !events.is_empty() {
                return Some(events);
            }
            let mut bytes = [0; CHUNK];
            let count = match self.parser.poll_timeout() {
                None => self.read(&mut bytes).await,
                Some(due) => match timeout_at(due.into(), self.read(&mut bytes)).await {
                    Ok(count) => count,
                    // On a busy machine the time may be up although the rest has arrived, and was only not read yet.
                    Err(_) if is_ready(self.terminal.get_ref()) => self.read(&mut bytes).await,
                    Err(_) => {
                        self.parser.handle_timeout(Instant::now());
                        continue;
                    }
                },
            };
            match count {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(0) | Err(_) => return None,
                Ok(count) => self.parser.handle_bytes(Instant::now(), &bytes[..count]),
            }
        }
    }

    /// Reads what has come, at least one byte; none is the end.
    async fn read(&self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = |mut terminal: &File| {
            if is_ready(terminal) { terminal.read(bytes) } else { Err(io::ErrorKind::WouldBlock.into()) }
        };
        self.terminal.async_io(Interest::READABLE, read).await
    }
}

/// Tells whether there is something to read, be it the end.
fn is_ready(terminal: &File) -> bool {
    let mut terminal = [PollFd::new(terminal, PollFlags::IN)];
    poll(&mut terminal, Some(&Timespec::default())).is_ok_and(|count| count > 0)
}
