//! The terminal: taken over for the game, and always given back.

use std::{
    io::{self, IsTerminal, Stdout, Write},
    mem::ManuallyDrop,
    panic,
    sync::atomic::{AtomicBool, Ordering},
};

use crossterm::{
    clipboard::CopyToClipboard,
    cursor,
    event::{
        DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste,
        EnableFocusChange, EnableMouseCapture,
    },
    execute,
    style::Print,
    terminal,
};
use ratatui::{
    Terminal as Ratatui,
    backend::CrosstermBackend,
    layout::{Position, Rect},
};

use crate::cmd::Signal;

/// True while the terminal is ours. Static, since the panic hook knows nothing else.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal while it is ours.
#[derive(Debug)]
pub(crate) struct Terminal {
    /// Never dropped: ratatui's `Drop` prints to standard error, which panics once the terminal is gone.
    pub(crate) screen: ManuallyDrop<Ratatui<CrosstermBackend<Stdout>>>,
    has_mouse: bool,
    /// The window's title while it is ours; empty before the first one.
    title: String,
}

/// The bell (ECMA-48 8.3.3).
const BELL: char = '\x07';

/// Puts the window's title on the terminal's stack (xterm's XTWINOPS 22;0), where a terminal has one.
const PUSH_TITLE: &str = "\x1b[22;0t";

/// Restores the title from there (XTWINOPS 23;0).
const POP_TITLE: &str = "\x1b[23;0t";

/// Tells whether there is a terminal to play in.
pub(crate) fn is_there() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

impl Terminal {
    /// Takes the terminal over: raw mode, the alternate screen, bracketed paste, and the mouse if wanted.
    pub(crate) fn take(has_mouse: bool) -> io::Result<Self> {
        // The theme decides on colours; crossterm would drop bold and reverse with them.
        crossterm::style::force_color_output(true);
        install_hook();
        enter(has_mouse)?;
        // Made with a known size, so that nothing asks the terminal where its cursor is.
        let screen = ManuallyDrop::new(Ratatui::new(CrosstermBackend::new(io::stdout()))?);
        Ok(Self { screen, has_mouse, title: String::new() })
    }

    /// Gives the terminal back for a while.
    pub(crate) fn lend(&mut self) -> io::Result<()> {
        self.screen.flush()?;
        give_back();
        Ok(())
    }

    /// Takes it over again and forgets the last frame.
    pub(crate) fn retake(&mut self) -> io::Result<()> {
        enter(self.has_mouse)?;
        if !self.title.is_empty() {
            execute!(io::stdout(), terminal::SetTitle(&self.title))?;
        }
        self.forget()
    }

    /// Sends a signal. Texts hold no control characters: they are made of our own and of parsed names.
    pub(crate) fn tell(&mut self, signal: Signal) -> io::Result<()> {
        match signal {
            Signal::Bell => execute!(io::stdout(), Print(BELL)),
            Signal::Title(title) => {
                self.title = title;
                execute!(io::stdout(), terminal::SetTitle(&self.title))
            }
            Signal::Copy(text) => execute!(io::stdout(), CopyToClipboard::to_clipboard_from(text)),
        }
    }

    /// Forgets the last frame, so that the next one draws everything.
    pub(crate) fn forget(&mut self) -> io::Result<()> {
        // Not `clear`, which asks the terminal where its cursor is.
        let size = self.screen.size()?;
        self.screen.resize(Rect::from((Position::ORIGIN, size)))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back();
    }
}

fn enter(has_mouse: bool) -> io::Result<()> {
    terminal::enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    execute!(
        io::stdout(),
        Print(PUSH_TITLE),
        terminal::EnterAlternateScreen,
        EnableBracketedPaste,
        EnableFocusChange
    )?;
    if has_mouse {
        execute!(io::stdout(), EnableMouseCapture)?;
    }
    Ok(())
}

/// Undoes every step, even if others fail: the terminal may be gone.
fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    let _gone = execute!(
        out,
        DisableMouseCapture,
        DisableFocusChange,
        DisableBracketedPaste,
        // Where titles have no stack, an empty one is better than ours.
        terminal::SetTitle(""),
        Print(POP_TITLE),
        terminal::LeaveAlternateScreen,
        cursor::Show
    );
    let _gone = out.flush();
    let _gone = terminal::disable_raw_mode();
}

/// Gives the terminal back before a panic is printed, so that it can be read.
fn install_hook() {
    static INSTALLED: AtomicBool = AtomicBool::new(false);
    if INSTALLED.swap(true, Ordering::SeqCst) {
        return;
    }
    let print = panic::take_hook();
    panic::set_hook(Box::new(move |panic| {
        give_back();
        print(panic);
    }));
}
