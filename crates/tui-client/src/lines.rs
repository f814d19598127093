//! The edge of plain mode: reads lines of standard input, and writes lines to standard output.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a shell: a thread waits for standard input, which may be a file or a pipe"
)]

use std::{
    io::{self, BufRead, IsTerminal, Read, Write},
    thread,
};

use tokio::sync::mpsc;

use crate::{cmd::Signal, plain::Plain, theme::Theme};

/// Bytes of a line at most, several times the longest command; the rest of it is dropped.
const MAX_LINE: u64 = 1024;

/// Lines read ahead. When they are full, the writer of the lines waits.
const AHEAD: usize = 16;

/// The conversation by lines, and its standard streams.
#[derive(Debug)]
pub(crate) struct Lines {
    pub(crate) plain: Plain,
    /// Lines as they are typed.
    typed: mpsc::Receiver<String>,
    /// The next line to be taken in.
    next: Option<String>,
    has_ended: bool,
}

impl Lines {
    /// Begins to read standard input.
    pub(crate) fn open() -> io::Result<Self> {
        let (tell, typed) = mpsc::channel(AHEAD);
        // Nothing waits for it: it may be blocked in a read when the program ends.
        thread::Builder::new().name("lines".into()).spawn(move || read(&tell))?;
        Ok(Self { plain: Plain::default(), typed, next: None, has_ended: false })
    }

    /// Waits until a line has come, or the end of them.
    pub(crate) async fn wait(&mut self) {
        if self.has_ended || self.next.is_some() {
            return std::future::pending().await;
        }
        self.next = self.typed.recv().await;
        self.has_ended = self.next.is_none();
    }

    /// The next line, if the condition takes it.
    pub(crate) fn take_if(&mut self, is_taken: impl Fn(&str) -> bool) -> Option<String> {
        self.next.take_if(|line| is_taken(line))
    }

    /// Tells whether all lines have come and were taken.
    pub(crate) const fn have_ended(&self) -> bool {
        self.has_ended
    }

    /// Tells whether a person types the lines.
    pub(crate) fn are_typed() -> bool {
        io::stdin().is_terminal()
    }

    /// Writes the lines that are to be told. A text to copy is one of them; other signals are for a screen.
    pub(crate) fn write(&mut self, signals: impl Iterator<Item = Signal>, theme: Theme) -> io::Result<()> {
        let mut out = io::stdout().lock();
        for line in self.plain.take_lines() {
            writeln!(out, "{}", theme.text(&line))?;
        }
        for signal in signals {
            if let Signal::Copy(copied) = signal {
                writeln!(out, "{copied}")?;
            }
        }
        out.flush()
    }
}

/// Reads lines until their end, or until nobody wants them.
fn read(tell: &mpsc::Sender<String>) {
    let mut input = io::stdin().lock();
    let mut line = Vec::new();
    loop {
        line.clear();
        let count = input.by_ref().take(MAX_LINE).read_until(b'\n', &mut line);
        if !count.is_ok_and(|count| count > 0) {
            return;
        }
        if !line.ends_with(b"\n") && input.skip_until(b'\n').is_err() {
            return;
        }
        if tell.blocking_send(String::from_utf8_lossy(&line).into_owned()).is_err() {
            return;
        }
    }
}
