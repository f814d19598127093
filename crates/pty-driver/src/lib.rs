//! Drives a program in a pseudo-terminal: starts it, types, and waits for what its screen shows.
//!
//! This crate is for development alone and ships with nothing. The tests of `tui-client`, the cases of `cargo xtask lan`
//! and the pictures of the README all need a person at a terminal; tests of one crate and a program of another can share
//! that person only through a crate. It knows nothing of the game: its callers name the program and read the screen.
//!
//! Every wait has a time limit, and an error shows the screen that stood there instead.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a shell: it starts programs and waits for them"
)]

use std::{
    ffi::OsStr,
    fmt,
    fs::{self, OpenOptions},
    io::{self, Read, Write},
    num::NonZero,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        mpsc::{self, Receiver},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::{
    fs::OFlags,
    process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid},
    termios::{Termios, tcgetattr},
};
use tempfile::TempDir;

/// A program to start, its terminal and its environment.
#[derive(Debug)]
pub struct Launch {
    command: CommandBuilder,
    size: PtySize,
    home: Arc<TempDir>,
}

/// A running program in a terminal of its own. It is killed when this is dropped.
pub struct Program {
    shared: Arc<Shared>,
    /// `None` once the terminal is closed.
    terminal: Option<Terminal>,
    pid: Pid,
    ended: Receiver<Ended>,
    tty: PathBuf,
    modes_before: Termios,
    has_ended: bool,
}

/// The output of a program so far.
pub struct Output {
    parser: vt100::Parser,
    raw: Vec<u8>,
    is_closed: bool,
    /// The reader ends after its next read.
    is_unwatched: bool,
}

/// The end of a process.
#[derive(Debug, Clone, Copy)]
pub struct Ended {
    /// Its exit code; `None` when a signal ended it.
    pub code: Option<i32>,
    /// The processor time it took, in clock ticks of 10 ms.
    pub cpu_ticks: u64,
}

struct Terminal {
    master: Box<dyn MasterPty + Send>,
    keyboard: Box<dyn Write + Send>,
    reader: thread::JoinHandle<()>,
}

struct Shared {
    output: Mutex<Output>,
    changed: Condvar,
}

/// Makes a home for programs that are to find what earlier ones left: that of somebody who has played before.
///
/// # Panics
///
/// Panics when no temporary directory can be made.
pub fn home() -> Arc<TempDir> {
    let home = tempfile::tempdir().expect("a temporary directory can be made");
    let state = home.path().join("oxo");
    fs::create_dir(&state)
        .and_then(|()| fs::write(state.join("played"), ""))
        .expect("a temporary directory can be written to");
    Arc::new(home)
}

/// The whole environment of a program: nothing of ours, and a home of its own.
pub fn environment(home: &Path) -> [(&'static str, &OsStr); 7] {
    let home = home.as_os_str();
    [
        ("HOME", home),
        ("XDG_STATE_HOME", home),
        ("XDG_CONFIG_HOME", home),
        ("LANG", OsStr::new("C.UTF-8")),
        ("TERM", OsStr::new("xterm-256color")),
        ("USER", OsStr::new("tester")),
        ("PATH", OsStr::new("/usr/bin:/bin")),
    ]
}

impl Launch {
    /// A program with these arguments, in a terminal of 80x24 and a home of its own.
    pub fn new<A: AsRef<OsStr>>(program: impl AsRef<OsStr>, args: impl IntoIterator<Item = A>) -> Self {
        let mut command = CommandBuilder::new(program);
        command.args(args);
        command.env_clear();
        let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let home = home();
        Self { command, size, home: Arc::clone(&home) }.home(&home)
    }

    /// Sets the size of the terminal. With 0x0 it does not tell its size, which is 80x24.
    #[must_use]
    pub const fn size(mut self, columns: u16, rows: u16) -> Self {
        self.size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Makes `home` the home and the working directory.
    #[must_use]
    pub fn home(mut self, home: &Arc<TempDir>) -> Self {
        for (name, value) in environment(home.path()) {
            self.command.env(name, value);
        }
        self.command.cwd(home.path());
        self.home = Arc::clone(home);
        self
    }

    /// Starts the program.
    ///
    /// # Errors
    ///
    /// Fails when there is no terminal or no such program.
    pub fn start(self) -> anyhow::Result<Program> {
        let pty = native_pty_system().openpty(self.size).context("cannot open a terminal")?;
        let tty = pty.master.tty_name().context("a terminal has a name")?;
        let modes_before = modes(&tty)?;
        let mut child = pty.slave.spawn_command(self.command).context("cannot start a program")?;
        // The program must be the last to hold this side, so that its end closes the terminal.
        drop(pty.slave);
        let pid = child.process_id().and_then(|pid| Pid::from_raw(pid.try_into().ok()?));
        let pid = pid.context("a running program has a number")?;

        // A terminal that does not tell its size has one all the same.
        let (rows, columns) = match (self.size.rows, self.size.cols) {
            (0, 0) => (24, 80),
            told => told,
        };
        let parser = vt100::Parser::new(cells(rows), cells(columns), 0);
        let output = Output { parser, raw: Vec::new(), is_closed: false, is_unwatched: false };
        let shared = Arc::new(Shared { output: Mutex::new(output), changed: Condvar::new() });
        let reader = {
            let (shared, source) = (Arc::clone(&shared), pty.master.try_clone_reader()?);
            thread::spawn(move || shared.watch(source))
        };
        let (tell, ended) = mpsc::channel();
        let home = self.home;
        thread::spawn(move || {
            if let Ok(end) = Ended::wait_for(pid) {
                let _nobody_asks = tell.send(end);
            }
            let _is_reaped = child.wait();
            // Kept until nobody lives in it.
            drop(home);
        });
        let keyboard = pty.master.take_writer()?;
        let terminal = Some(Terminal { master: pty.master, keyboard, reader });
        Ok(Program { shared, terminal, pid, ended, tty, modes_before, has_ended: false })
    }
}

impl Program {
    /// Waits until the output is as `holds` wants it.
    ///
    /// # Errors
    ///
    /// Shows the screen when the time is up, or when the program has closed its terminal.
    pub fn wait(&self, timeout: Duration, holds: impl Fn(&Output) -> bool) -> anyhow::Result<()> {
        let deadline = Instant::now() + timeout;
        let mut output = self.shared.lock();
        while !holds(&output) {
            let left = deadline.saturating_duration_since(Instant::now());
            if output.is_closed || left.is_zero() {
                let why = if output.is_closed { "the program ended" } else { "time is up" };
                bail!("{why}; the screen:\n{}", output.screen().contents());
            }
            output = self.shared.changed.wait_timeout(output, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        Ok(())
    }

    /// Looks at the output.
    pub fn look<T>(&self, look: impl FnOnce(&Output) -> T) -> T {
        look(&self.shared.lock())
    }

    /// Types.
    ///
    /// # Errors
    ///
    /// Fails when the terminal is closed.
    pub fn keys(&mut self, keys: &str) -> io::Result<()> {
        let terminal = self.terminal.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        terminal.keyboard.write_all(keys.as_bytes())?;
        terminal.keyboard.flush()
    }

    /// Types the same over and over from now on, as fast as the program reads, until its terminal closes. Nothing else can
    /// be typed any more.
    pub fn flood(&mut self, keys: &'static str) {
        if let Some(terminal) = &mut self.terminal {
            let mut keyboard = std::mem::replace(&mut terminal.keyboard, Box::new(io::sink()));
            thread::spawn(move || while keyboard.write_all(keys.as_bytes()).is_ok() {});
        }
    }

    /// Gives the terminal another size.
    ///
    /// # Errors
    ///
    /// Fails when the terminal is closed.
    pub fn resize(&self, columns: u16, rows: u16) -> anyhow::Result<()> {
        let terminal = self.terminal.as_ref().context("the terminal is closed")?;
        // The parser first: what the program draws for the new size must not meet the old one.
        self.shared.lock().parser.screen_mut().set_size(cells(rows), cells(columns));
        terminal.master.resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 })
    }

    /// Writes on the screen as another program would; this one does not know.
    pub fn overwrite(&self, bytes: &[u8]) {
        self.shared.lock().parser.process(bytes);
    }

    /// The settings of the terminal before the program came.
    pub const fn modes_before(&self) -> &Termios {
        &self.modes_before
    }

    /// The settings of the terminal now.
    ///
    /// # Errors
    ///
    /// Fails when the terminal is closed.
    pub fn modes(&self) -> io::Result<Termios> {
        modes(&self.tty)
    }

    /// Sends the program a signal.
    ///
    /// # Errors
    ///
    /// Fails when the program has ended.
    pub fn signal(&self, signal: Signal) -> io::Result<()> {
        Ok(kill_process(self.pid, signal)?)
    }

    /// Waits for the end of the program.
    ///
    /// # Errors
    ///
    /// Shows the screen when the program goes on.
    pub fn wait_for_end(&mut self, timeout: Duration) -> anyhow::Result<Ended> {
        let end = self.ended.recv_timeout(timeout);
        let end = end.with_context(|| {
            format!("the program does not end; the screen:\n{}", self.look(|it| it.screen().contents()))
        })?;
        self.has_ended = true;
        Ok(end)
    }

    /// Closes the terminal, as a window is closed.
    ///
    /// # Errors
    ///
    /// Fails when it is closed already.
    pub fn close_terminal(&mut self) -> io::Result<()> {
        self.shared.lock().is_unwatched = true;
        // Something to draw, so that the reader ends and its side of the terminal with it: Ctrl-L.
        self.keys("\x0c")?;
        let Terminal { master, keyboard, reader } = self.terminal.take().ok_or(io::ErrorKind::BrokenPipe)?;
        reader.join().map_err(|_panic| io::Error::other("the reader panicked"))?;
        drop((keyboard, master));
        Ok(())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if !self.has_ended && self.ended.try_recv().is_err() {
            let _it_has_just_ended = kill_process(self.pid, Signal::KILL);
        }
    }
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program").field("pid", &self.pid).field("tty", &self.tty).finish_non_exhaustive()
    }
}

impl Output {
    /// The screen.
    pub fn screen(&self) -> &vt100::Screen {
        self.parser.screen()
    }

    /// Finds a text on the screen. Line ends and runs of spaces count as one space, so that a sentence is found however it is
    /// broken into lines.
    pub fn says(&self, text: &str) -> bool {
        let squeeze = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        squeeze(&self.screen().contents()).contains(&squeeze(text))
    }

    /// Everything that the program has written.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// True once the program has closed its terminal.
    pub const fn is_closed(&self) -> bool {
        self.is_closed
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Output").field(&self.screen().contents()).finish()
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Output> {
        // What panics with the lock is a condition of a caller, which changes nothing.
        self.output.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in what the program writes, until its end.
    fn watch(&self, mut source: impl Read) {
        let mut buffer = [0; 4096];
        loop {
            // The end of a terminal is an error on Linux (EIO).
            let count = source.read(&mut buffer).unwrap_or(0);
            let mut output = self.lock();
            output.parser.process(&buffer[..count]);
            output.raw.extend_from_slice(&buffer[..count]);
            output.is_closed = count == 0;
            let is_over = output.is_closed || output.is_unwatched;
            drop(output);
            self.changed.notify_all();
            if is_over {
                return;
            }
        }
    }
}

impl Ended {
    /// Waits for the end of a child, and leaves it to be reaped.
    fn wait_for(pid: Pid) -> io::Result<Self> {
        let status = waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)?;
        let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
        // proc_pid_stat(5): utime and stime are fields 14 and 15; the name before may hold spaces.
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        let ticks =
            after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok());
        Ok(Self { code: status.and_then(|status| status.exit_status()), cpu_ticks: ticks.sum() })
    }
}

/// The settings of a terminal.
fn modes(tty: &Path) -> io::Result<Termios> {
    let flags = OFlags::NOCTTY.bits().cast_signed();
    let terminal = OpenOptions::new().read(true).write(true).custom_flags(flags).open(tty)?;
    Ok(tcgetattr(&terminal)?)
}

const fn cells(count: u16) -> NonZero<u16> {
    NonZero::new(count).expect("a terminal has a size")
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    #[test]
    fn a_program_is_typed_at_read_and_ended() {
        let script = "printf 'your\\n  name? '; read name; echo \"hello $name\"; exit 3";
        let mut program = Launch::new("/bin/sh", ["-c", script]).start().unwrap();
        program.wait(PATIENCE, |output| output.says("your name?")).unwrap();
        program.keys("ana\n").unwrap();
        program.wait(PATIENCE, |output| output.says("hello ana")).unwrap();
        assert_eq!(program.wait_for_end(PATIENCE).unwrap().code, Some(3));
        program.wait(PATIENCE, Output::is_closed).unwrap();
    }

    #[test]
    fn a_text_that_does_not_come_shows_the_screen_instead() {
        let program = Launch::new("/bin/sh", ["-c", "echo something else"]).start().unwrap();
        let error = program.wait(PATIENCE, |output| output.says("hello")).unwrap_err();
        assert_eq!(error.to_string(), "the program ended; the screen:\nsomething else");
    }
}
