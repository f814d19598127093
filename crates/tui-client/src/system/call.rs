//! Signals to the program, whatever the system calls them.

/// A signal to the program.
#[cfg_attr(windows, allow(dead_code, reason = "Windows has no signals for the last two"))]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Call {
    /// The player wants to stop what is going on.
    Interrupt,
    /// The program has to end.
    End,
    /// The program goes on after a stop, in which everything may have changed.
    Continue,
    /// The terminal has another size.
    Resize,
}
