//! The watch for a closed terminal, which crossterm does not survive.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use rustix::event::{PollFd, PollFlags, poll};

/// The exit code of a program that was ended by a signal, as shells expect of an interrupt.
pub(crate) const INTERRUPTED: u8 = 130;

/// Waits until the terminal is closed. crossterm reads its end over and over (crossterm#793) and does not return, and the
/// signal that goes with it reaches only processes of the terminal's session.
///
/// The wait has a thread of its own, which polls for the end alone, so that no key wakes it.
pub(crate) async fn terminal_gone() {
    let (tell, told) = tokio::sync::oneshot::channel();
    let is_noticed = Arc::new(AtomicBool::new(false));
    let watch = {
        let is_noticed = Arc::clone(&is_noticed);
        move || {
            while !is_terminal_gone(None) {}
            let _program_has_ended = tell.send(());
            thread::park_timeout(NOTICE);
            if is_noticed.load(Ordering::Relaxed) {
                thread::park_timeout(ORDERLY_END);
            }
            end_now();
        }
    };
    let thread = thread::Builder::new().name("terminal-watch".into()).spawn(watch);
    if thread.is_err() || told.await.is_err() {
        // Without the watch the game still works; the system's signal has to do.
        std::future::pending::<()>().await;
    }
    is_noticed.store(true, Ordering::Relaxed);
}

/// Ends a program whose main thread is caught in crossterm's loop and cannot end itself.
#[expect(clippy::exit, reason = "the main thread does not return, and there is no terminal to restore")]
fn end_now() -> ! {
    std::process::exit(INTERRUPTED.into())
}

/// Waits until the terminal is closed, for a time or for ever. Returns whether it is.
pub(crate) fn is_terminal_gone(wait: Option<Duration>) -> bool {
    let stdin = io::stdin();
    let mut terminal = [PollFd::new(&stdin, PollFlags::empty())];
    let wait = wait.and_then(|wait| wait.try_into().ok());
    poll(&mut terminal, wait.as_ref()).is_ok_and(|count| count > 0)
}

/// The time for the main thread to notice a closed terminal, before it counts as caught in crossterm's loop, where it uses
/// a whole core. It takes microseconds; the rest is for a busy machine.
const NOTICE: Duration = Duration::from_millis(500);

/// The time for the program to end in order once its terminal is closed: longer than its goodbyes take.
const ORDERLY_END: Duration = Duration::from_secs(5);
