//! A program in a terminal, for tests: they wait for what its screen says and for nothing else, and fail when it does not
//! come.

use std::{sync::Arc, time::Duration};

use pty_driver::{Ended, Output, Program};
use rustix::{
    process::Signal,
    termios::{LocalModes, Termios},
};
use tempfile::TempDir;

pub(crate) use pty_driver::{environment, home};

/// The limit of every wait: two busy cores, not what a player would bear.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Ctrl-C as a terminal types it.
pub(crate) const CTRL_C: &str = "\x03";
/// Ctrl-L.
pub(crate) const CTRL_L: &str = "\x0c";
/// Ctrl-Z.
pub(crate) const CTRL_Z: &str = "\x1a";
/// The Esc key. It must be the last of what is typed at once: with more behind it, it begins a sequence.
pub(crate) const ESC: &str = "\x1b";

/// A program to start.
#[derive(Debug)]
pub(crate) struct Launch(pty_driver::Launch);

/// A running program and its terminal.
#[derive(Debug)]
pub(crate) struct Screen(Program);

impl Launch {
    /// `oxo` with these arguments, at 80x24.
    pub(crate) fn oxo(args: &str) -> Self {
        Self(pty_driver::Launch::new(OXO, args.split_whitespace()))
    }

    /// A script for `sh`, in which `$OXO` is the program.
    pub(crate) fn sh(script: &str) -> Self {
        Self(pty_driver::Launch::new("/bin/sh", ["-c", script]).env("OXO", OXO))
    }

    pub(crate) fn size(self, columns: u16, rows: u16) -> Self {
        Self(self.0.size(columns, rows))
    }

    pub(crate) fn env(self, name: &str, value: &str) -> Self {
        Self(self.0.env(name, value))
    }

    pub(crate) fn home(self, home: &Arc<TempDir>) -> Self {
        Self(self.0.home(home))
    }

    pub(crate) fn start(self) -> Screen {
        Screen(self.0.start().unwrap())
    }
}

impl Screen {
    /// Waits until the screen says this, however it is broken into lines.
    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) {
        self.wait(&format!("it says {text:?}"), |output| output.says(text));
    }

    /// Waits until the screen says this no more.
    #[track_caller]
    pub(crate) fn wait_while(&self, text: &str) {
        self.wait(&format!("{text:?} is gone"), |output| !output.says(text));
    }

    /// Waits until the screen is as the condition wants it.
    #[track_caller]
    pub(crate) fn wait_until(&self, what: &str, holds: impl Fn(&vt100::Screen) -> bool) {
        self.wait(what, |output| holds(output.screen()));
    }

    /// Waits until the window is called this.
    #[track_caller]
    pub(crate) fn wait_for_title(&self, title: &str) {
        let named = format!("\x1b]0;{title}\x07");
        let is_named = |output: &Output| String::from_utf8_lossy(output.raw()).contains(&named);
        self.wait(&format!("the window is called {title:?}"), is_named);
    }

    #[track_caller]
    fn wait(&self, what: &str, holds: impl Fn(&Output) -> bool) {
        if let Err(error) = self.0.wait(PATIENCE, holds) {
            panic!("waited until {what}, but {error}");
        }
    }

    /// Types.
    #[track_caller]
    pub(crate) fn keys(&mut self, keys: &str) {
        self.0.keys(keys).unwrap();
    }

    /// Types the same over and over from now on.
    pub(crate) fn flood(&mut self, keys: &'static str) {
        self.0.flood(keys);
    }

    /// Presses the left mouse button on a cell of the screen, counted from 0, and lets it go.
    pub(crate) fn click(&mut self, column: u16, row: u16) {
        let (x, y) = (column + 1, row + 1);
        self.keys(&format!("\x1b[<0;{x};{y}M\x1b[<0;{x};{y}m"));
    }

    /// Clicks on a place until the screen says this: no click counts on something that has only just appeared.
    #[track_caller]
    pub(crate) fn click_until(&mut self, (column, row): (u16, u16), text: &str) {
        for _ in 0..PATIENCE.as_secs() {
            self.click(column, row);
            if self.0.wait(Duration::from_secs(1), |output| output.says(text)).is_ok() {
                return;
            }
        }
        panic!("clicked at {column}, {row} until it says {text:?}, but it says\n{}", self.text());
    }

    /// The first place where a line of the screen says this.
    #[track_caller]
    pub(crate) fn place_of(&self, text: &str) -> (u16, u16) {
        let found = |screen: &vt100::Screen| {
            let (_, columns) = screen.size();
            screen.rows(0, columns.get()).zip(0..).find_map(|(line, row)| {
                let column = line.split_once(text)?.0.chars().count();
                Some((u16::try_from(column).unwrap(), row))
            })
        };
        self.wait_until(&format!("a line says {text:?}"), |screen| found(screen).is_some());
        self.look(found).unwrap()
    }

    /// Clicks on a text until the screen says another one.
    #[track_caller]
    pub(crate) fn click_on(&mut self, text: &str, until: &str) {
        let place = self.place_of(text);
        self.click_until(place, until);
    }

    /// Gives the terminal another size.
    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        self.0.resize(columns, rows).unwrap();
    }

    /// The text of the screen.
    pub(crate) fn text(&self) -> String {
        self.look(text)
    }

    /// Looks at the screen.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        self.0.look(|output| look(output.screen()))
    }

    /// Everything that the program has written.
    pub(crate) fn raw(&self) -> Vec<u8> {
        self.0.look(|output| output.raw().to_vec())
    }

    /// The number of times that the bell rang. The same byte ends each naming of the window, and rings nothing there.
    pub(crate) fn bells(&self) -> usize {
        let raw = String::from_utf8(self.raw()).unwrap();
        raw.matches('\x07').count() - raw.matches("\x1b]0;").count()
    }

    /// The names that the window had, in order.
    pub(crate) fn titles(&self) -> Vec<String> {
        let raw = String::from_utf8(self.raw()).unwrap();
        let named = raw.split("\x1b]0;").skip(1);
        named.filter_map(|rest| Some(rest.split_once('\x07')?.0.to_owned())).collect()
    }

    /// Writes over the screen, as another program's message does; `oxo` does not know.
    pub(crate) fn spoil(&self) {
        self.0.overwrite(b"\x1b[H\x1b[2Kspoiled");
    }

    /// The settings of the terminal.
    pub(crate) fn modes(&self) -> Termios {
        self.0.modes().unwrap()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        self.0.signal(signal).unwrap();
    }

    /// Waits for the end of the program and of its output, and returns its exit code.
    #[track_caller]
    pub(crate) fn exit_code(&mut self) -> Option<i32> {
        let ended = self.wait_for_end(PATIENCE);
        self.wait("its terminal is closed", Output::is_closed);
        ended.code
    }

    /// Closes the terminal, as a window is closed.
    pub(crate) fn close_terminal(&mut self) {
        self.0.close_terminal().unwrap();
    }

    #[track_caller]
    pub(crate) fn wait_for_end(&mut self, patience: Duration) -> Ended {
        self.0.wait_for_end(patience).unwrap()
    }

    /// Asserts that the terminal is as it was: its modes, the screen, the cursor, the mouse and pasting.
    #[track_caller]
    pub(crate) fn assert_restored(&self) {
        let (before, after) = (self.0.modes_before(), self.modes());
        let cooked = LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
        assert!(after.local_modes.contains(cooked), "{:?}", after.local_modes);
        assert_eq!(after.local_modes, before.local_modes);
        assert_eq!(after.input_modes, before.input_modes);
        assert_eq!(after.output_modes, before.output_modes);
        self.look(|screen| {
            assert!(!screen.alternate_screen(), "the alternate screen is left");
            assert!(!screen.hide_cursor(), "the cursor is shown");
            assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
            assert!(!screen.bracketed_paste(), "pasted text comes as it is");
        });
    }
}

/// The program under test.
const OXO: &str = env!("CARGO_BIN_EXE_oxo");

/// The text of a screen. The spaces at the ends of its rows depend on how it was drawn, so they do not count.
pub(crate) fn text(screen: &vt100::Screen) -> String {
    screen.contents().lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}
