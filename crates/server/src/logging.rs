//! Log output that never blocks, never fails and never grows without bound.
//!
//! A program that logs appends to a bounded buffer, and a thread of its own writes that buffer to standard error or a file.
//! Lines that do not fit, or cannot be written, are dropped and counted, and the count is logged as soon as lines are written
//! again. So a full disk, a closed pipe or a reader that has stopped never disturbs a match.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a thread writes; the lock is never held across a write"
)]

use std::{
    io::{self, ErrorKind, Write},
    mem,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

#[cfg(unix)]
use rustix::process::Signal;
#[cfg(unix)]
use tokio::signal::unix::{SignalKind, signal};
use tracing::{Metadata, warn};
use tracing_subscriber::fmt::MakeWriter;

/// Bytes of log lines that may wait for the thread that writes: some thousand lines, a second of the busiest log.
const MAX_WAITING: usize = 256 * 1024;

/// The longest time that a program waits at its end for its last lines to be written.
const FLUSH_TIMEOUT: Duration = Duration::from_millis(500);

/// The pause before a full output is tried again that another program has made non-blocking; other outputs wait by themselves.
/// To wait for it by a poll would take a descriptor, which not every output has.
const RETRY: Duration = Duration::from_millis(20);

/// The target of the line about dropped lines, which is never dropped itself.
const NOTICE: &str = "dropped lines";

/// An output for whole lines, and the thread that writes to it. Dropping it waits for the lines to be written, for half a
/// second at most.
#[derive(Debug)]
pub struct LogQueue(Arc<Shared>);

/// The writer of a [`LogQueue`] for a subscriber of `tracing`.
#[derive(Debug, Clone)]
pub struct LogWriter(Arc<Shared>);

/// One line on its way into the queue.
#[derive(Debug)]
pub struct LogLine<'a> {
    shared: &'a Shared,
    is_notice: bool,
}

#[derive(Debug, Default)]
struct Shared {
    state: Mutex<State>,
    /// Signalled whenever lines come, are written, or the queue is closed.
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Whole lines, at most [`MAX_WAITING`] bytes and one notice.
    waiting: Vec<u8>,
    /// All lines dropped so far.
    dropped: u64,
    /// Of those, the ones that a notice has counted.
    told: u64,
    /// The thread is writing lines that it has taken.
    is_writing: bool,
    is_closed: bool,
}

impl LogQueue {
    /// Starts the thread that writes to `output`.
    ///
    /// # Errors
    ///
    /// The system's, when it gives no thread.
    pub fn start(output: impl Write + Send + 'static) -> io::Result<Self> {
        let shared = Arc::<Shared>::default();
        let of_thread = Arc::clone(&shared);
        thread::Builder::new().name("log".into()).spawn(move || of_thread.write_lines(output))?;
        Ok(Self(shared))
    }

    /// Appends whole lines, or drops them.
    pub fn push(&self, lines: &str) {
        self.0.push(lines.as_bytes(), false);
    }

    /// The writer for a subscriber.
    pub fn writer(&self) -> LogWriter {
        LogWriter(Arc::clone(&self.0))
    }
}

/// Makes a write to a file that may not grow further (`ulimit -f`) an error like any other, where the system would end the
/// program.
///
/// # Errors
///
/// The system's, when it takes no handler.
///
/// # Panics
///
/// Outside of a runtime of tokio.
#[cfg(unix)]
pub fn outlive_size_limit() -> io::Result<()> {
    // The handler stays when its receiver goes.
    signal(SignalKind::from_raw(Signal::XFSZ.as_raw())).map(drop)
}

/// Returns at once: no signal tells of a large file elsewhere.
///
/// # Errors
///
/// None.
#[cfg(not(unix))]
pub const fn outlive_size_limit() -> io::Result<()> {
    Ok(())
}

impl Drop for LogQueue {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.is_closed = true;
        self.0.changed.notify_all();
        let is_busy = |state: &mut State| state.is_writing || !state.waiting.is_empty();
        // After the time is over there is nobody left to tell.
        let _given_up = self.0.changed.wait_timeout_while(state, FLUSH_TIMEOUT, is_busy);
    }
}

impl LogWriter {
    /// The bytes that wait to be written, and the lines dropped so far.
    pub fn counts(&self) -> (usize, u64) {
        let state = self.0.lock();
        (state.waiting.len(), state.dropped)
    }
}

impl<'a> MakeWriter<'a> for LogWriter {
    type Writer = LogLine<'a>;

    fn make_writer(&'a self) -> LogLine<'a> {
        LogLine { shared: &self.0, is_notice: false }
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> LogLine<'a> {
        LogLine { shared: &self.0, is_notice: metadata.target() == NOTICE }
    }
}

impl Write for LogLine<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.shared.push(line, self.is_notice);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Shared {
    fn push(&self, lines: &[u8], is_notice: bool) {
        let mut state = self.lock();
        if is_notice || state.waiting.len() + lines.len() <= MAX_WAITING {
            state.waiting.extend_from_slice(lines);
            self.changed.notify_all();
        } else {
            state.dropped += count(lines);
        }
    }

    /// Writes lines until the queue is closed and empty.
    fn write_lines(&self, mut output: impl Write) {
        let mut lines = Vec::new();
        let mut is_torn = false;
        while self.take(&mut lines) {
            let failed = write(&mut output, &lines, &mut is_torn);
            let mut state = self.lock();
            state.dropped += failed;
            let untold = state.dropped - state.told;
            if failed == 0 && untold > 0 {
                state.told = state.dropped;
                drop(state);
                warn!(target: NOTICE, lines = untold, "log lines were dropped");
            }
        }
    }

    /// Waits for lines and takes them; `false` once there are none and no more come.
    fn take(&self, lines: &mut Vec<u8>) -> bool {
        lines.clear();
        let mut state = self.lock();
        state.is_writing = false;
        self.changed.notify_all();
        while state.waiting.is_empty() {
            if state.is_closed {
                return false;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        mem::swap(lines, &mut state.waiting);
        state.is_writing = true;
        true
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // No holder of the lock leaves it half-changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Writes lines, and returns the number of those that could not be written whole. `is_torn` tells that the last line that was
/// written has no end.
fn write(output: &mut impl Write, lines: &[u8], is_torn: &mut bool) -> u64 {
    let newline: &[u8] = if *is_torn { b"\n" } else { b"" };
    for mut rest in [newline, lines] {
        while !rest.is_empty() {
            match output.write(rest) {
                Ok(written) if written > 0 => {
                    *is_torn = rest[written - 1] != b'\n';
                    rest = &rest[written..];
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => thread::sleep(RETRY),
                Ok(_) | Err(_) => return count(rest),
            }
        }
    }
    u64::from(output.flush().is_err())
}

fn count(lines: &[u8]) -> u64 {
    lines.split(|byte| *byte == b'\n').skip(1).count().try_into().unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

    use super::*;

    /// An output that does with each write as it is told, and passes on what it has written.
    struct Told {
        orders: Receiver<io::Result<usize>>,
        written: SyncSender<String>,
    }

    impl Write for Told {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let count = self.orders.recv().unwrap_or(Ok(usize::MAX))?.min(bytes.len());
            self.written.send(String::from_utf8(bytes[..count].to_vec()).unwrap()).unwrap();
            Ok(count)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    /// A queue, the orders to its output, and what is written.
    fn queue() -> (LogQueue, SyncSender<io::Result<usize>>, Receiver<String>) {
        let (order, orders) = sync_channel(16);
        let (written, seen) = sync_channel(16);
        (LogQueue::start(Told { orders, written }).unwrap(), order, seen)
    }

    fn fails() -> io::Result<usize> {
        Err(ErrorKind::StorageFull.into())
    }

    #[test]
    fn lines_are_written_in_order_and_before_the_end() {
        let (queue, order, seen) = queue();
        drop(order);
        queue.push("one\ntwo\n");
        queue.push("three\n");
        drop(queue);
        assert_eq!(seen.iter().collect::<String>(), "one\ntwo\nthree\n");
    }

    #[test]
    fn a_reader_that_has_stopped_holds_up_nobody_and_lines_are_bounded_and_counted() {
        let (queue, order, seen) = queue();
        queue.push("first\n");
        // The thread has it, and waits for the reader.
        while !queue.0.lock().is_writing {
            thread::yield_now();
        }
        let line = format!("{}\n", "x".repeat(1023));
        (0..MAX_WAITING / 1024 + 7).for_each(|_| queue.push(&line));
        {
            let state = queue.0.lock();
            assert_eq!((state.waiting.len(), state.dropped), (MAX_WAITING, 7));
        }
        drop(order);
        drop(queue);
        assert_eq!(seen.iter().map(|written| count(written.as_bytes())).sum::<u64>(), 1 + 256);
    }

    #[test]
    fn an_end_does_not_wait_for_a_reader_that_has_stopped() {
        let (queue, _order, seen) = queue();
        queue.push("never read\n");
        drop(queue);
        assert!(seen.try_recv().is_err());
    }

    #[test]
    fn what_cannot_be_written_is_counted_and_a_torn_line_is_ended() {
        let (queue, order, seen) = queue();
        let busy = || Err(ErrorKind::WouldBlock.into());
        for result in
            [busy(), Err(ErrorKind::Interrupted.into()), Ok(6), fails(), fails(), busy(), Ok(99), Ok(99)]
        {
            order.send(result).unwrap();
        }
        let wait_until_idle = || {
            let is_busy = |state: &mut State| state.is_writing || !state.waiting.is_empty();
            drop(queue.0.changed.wait_while(queue.0.lock(), is_busy).unwrap());
        };
        queue.push("one\ntwo\n");
        wait_until_idle();
        assert_eq!(queue.0.lock().dropped, 1);
        queue.push("three\n");
        wait_until_idle();
        assert_eq!(queue.0.lock().dropped, 2);
        queue.push("four\n");
        wait_until_idle();
        {
            let state = queue.0.lock();
            assert_eq!((state.dropped, state.told), (2, 2));
        }
        drop((queue, order));
        assert_eq!(seen.iter().collect::<Vec<_>>(), ["one\ntw", "\n", "four\n"]);
    }
}
