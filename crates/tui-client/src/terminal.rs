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
    Frame, Terminal as Ratatui, TerminalOptions, Viewport,
    backend::CrosstermBackend,
    layout::{Position, Rect, Size},
};

use crate::{cmd::Signal, env::TerminalEnv, system::terminal_size};

/// True while the terminal is ours. Static, since the panic hook knows nothing else.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal while it is ours.
#[derive(Debug)]
pub(crate) struct Terminal {
    /// Never dropped: ratatui's `Drop` prints to standard error, which panics once the terminal is gone.
    screen: ManuallyDrop<Ratatui<CrosstermBackend<Stdout>>>,
    /// True while the terminal reports clicks.
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

/// Reports of clicks (1000), in a form without a limit of columns (1006); none of motion, which nothing here needs.
const ENABLE_MOUSE: &str = "\x1b[?1000h\x1b[?1006h";

const DISABLE_MOUSE: &str = "\x1b[?1006l\x1b[?1000l";

/// Asks for the colour of the background (xterm's OSC 11). Terminals that do not know it stay silent.
const ASK_BACKGROUND: &str = "\x1b]11;?\x1b\\";

/// Asks for every key by its number, position and text (1 + 4 + 8 + 16 of kitty's keyboard protocol), so that letters of any
/// layout lead to commands and Caps Lock is told from Shift. Other terminals ignore it.
const PUSH_KEYS: &str = "\x1b[>29u";

const POP_KEYS: &str = "\x1b[<u";

/// Tells whether there is a terminal to play in.
pub(crate) fn is_there() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

/// The size of the terminal; see [`TerminalEnv::size`] for one that does not tell.
pub(crate) fn size() -> Size {
    TerminalEnv::read().size(told_size())
}

/// The size that the terminal tells; zero for unknown.
pub(crate) fn told_size() -> Size {
    terminal_size().unwrap_or_default()
}

impl Terminal {
    /// Takes the terminal over: raw mode, the alternate screen, bracketed paste.
    pub(crate) fn take() -> io::Result<Self> {
        // The theme decides on colours; crossterm would drop bold and reverse with them.
        crossterm::style::force_color_output(true);
        install_hook();
        enter()?;
        // Fixed, since ratatui would draw nothing on a terminal that does not tell its size.
        let viewport = Viewport::Fixed(Rect::from((Position::ORIGIN, size())));
        let backend = CrosstermBackend::new(io::stdout());
        let screen = ManuallyDrop::new(Ratatui::with_options(backend, TerminalOptions { viewport })?);
        Ok(Self { screen, has_mouse: false, title: String::new() })
    }

    /// Draws a frame, and asks for reports of clicks if it wants them.
    pub(crate) fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>) -> bool) -> io::Result<()> {
        let Self { screen, has_mouse, .. } = self;
        screen.try_draw(|frame| {
            let wants_clicks = draw(frame);
            if std::mem::replace(has_mouse, wants_clicks) == wants_clicks {
                return Ok(());
            }
            report_clicks(wants_clicks)
        })?;
        Ok(())
    }

    /// Gives the terminal back for a while.
    pub(crate) fn lend(&mut self) -> io::Result<()> {
        self.screen.flush()?;
        give_back();
        self.has_mouse = false;
        Ok(())
    }

    /// Takes it over again and forgets the last frame.
    pub(crate) fn retake(&mut self) -> io::Result<()> {
        enter()?;
        if !self.title.is_empty() {
            execute!(io::stdout(), terminal::SetTitle(&self.title))?;
        }
        self.forget()
    }

    /// Sets everything anew that others may have changed while the program was stopped.
    pub(crate) fn restore(&mut self) -> io::Result<()> {
        // First: in the background this stops the program until it may have the terminal.
        terminal::disable_raw_mode()?;
        self.lend()?;
        self.retake()
    }

    /// Sends a signal. Texts hold no control characters: they are made of our own and of parsed names.
    pub(crate) fn tell(&mut self, signal: Signal) -> io::Result<()> {
        match signal {
            // A console of Windows would give the answer as keys.
            Signal::AskBackground if cfg!(windows) => Ok(()),
            Signal::AskBackground => execute!(io::stdout(), Print(ASK_BACKGROUND)),
            Signal::Bell => execute!(io::stdout(), Print(BELL)),
            Signal::Title(title) => {
                self.title = title;
                execute!(io::stdout(), terminal::SetTitle(&self.title))
            }
            Signal::Copy(text) => execute!(io::stdout(), CopyToClipboard::to_clipboard_from(text)),
        }
    }

    /// Forgets the last frame and the size, so that the next one draws everything.
    pub(crate) fn forget(&mut self) -> io::Result<()> {
        self.screen.resize(Rect::from((Position::ORIGIN, size())))
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back();
    }
}

fn enter() -> io::Result<()> {
    terminal::enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    if cfg!(windows) {
        // The console tells focus and pastes in its own way, and has no stack of titles.
        return execute!(io::stdout(), terminal::EnterAlternateScreen);
    }
    execute!(
        io::stdout(),
        Print(PUSH_TITLE),
        terminal::EnterAlternateScreen,
        // The alternate screen has a stack of its own.
        Print(PUSH_KEYS),
        EnableBracketedPaste,
        EnableFocusChange
    )
}

/// Asks for reports of clicks, or for none.
fn report_clicks(are_wanted: bool) -> io::Result<()> {
    let mut out = io::stdout();
    match are_wanted {
        true if cfg!(windows) => execute!(out, EnableMouseCapture),
        false if cfg!(windows) => execute!(out, DisableMouseCapture),
        true => execute!(out, Print(ENABLE_MOUSE)),
        false => execute!(out, Print(DISABLE_MOUSE)),
    }
}

/// Undoes every step, even if others fail: the terminal may be gone.
fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    let _gone = report_clicks(false);
    if cfg!(unix) {
        let _gone = execute!(out, Print(POP_KEYS), DisableFocusChange, DisableBracketedPaste);
    }
    // Where titles have no stack, an empty one is better than ours.
    let _gone = execute!(out, terminal::SetTitle(""));
    if cfg!(unix) {
        let _gone = execute!(out, Print(POP_TITLE));
    }
    let _gone = execute!(out, terminal::LeaveAlternateScreen, cursor::Show);
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
