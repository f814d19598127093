//! A program in a pty of its own. Tests wait for what its screen says and for nothing else.

use std::{
    fs::{self, OpenOptions},
    io::{self, Read, Write},
    num::NonZero,
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{
        Arc, Condvar, Mutex, MutexGuard,
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    thread,
    time::{Duration, Instant},
};

use portable_pty::{CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::{
    fs::OFlags,
    process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid},
    termios::{LocalModes, Termios, tcgetattr},
};
use tempfile::TempDir;

/// How long a screen may take to say what is waited for: two busy cores, not what a player would bear.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// The name of Ctrl-C as a terminal types it.
pub(crate) const CTRL_C: &str = "\x03";
/// Ctrl-L.
pub(crate) const CTRL_L: &str = "\x0c";
/// Ctrl-Z.
pub(crate) const CTRL_Z: &str = "\x1a";
/// The Esc key. It must be the last of what is typed at once: with more behind it, it begins a sequence.
pub(crate) const ESC: &str = "\x1b";

/// What to start, and in what surroundings.
#[derive(Debug)]
pub(crate) struct Launch {
    program: PathBuf,
    args: Vec<String>,
    columns: u16,
    rows: u16,
    env: Vec<(&'static str, &'static str)>,
    home: Arc<TempDir>,
}

/// A running program and its terminal.
pub(crate) struct Screen {
    shared: Arc<Shared>,
    /// Nothing once the terminal is closed.
    terminal: Option<Terminal>,
    pid: Pid,
    ended: Receiver<Ended>,
    tty: PathBuf,
    /// How the terminal was set before the program came.
    modes_before: Termios,
    has_ended: bool,
}

/// How a process ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Ended {
    /// Its exit code; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    /// The processor time it took, in clock ticks of 10 ms.
    pub(crate) cpu_ticks: u64,
}

struct Terminal {
    master: Box<dyn MasterPty + Send>,
    keys: Box<dyn Write + Send>,
    reader: thread::JoinHandle<()>,
}

struct Shared {
    seen: Mutex<Seen>,
    changed: Condvar,
}

struct Seen {
    parser: vt100::Parser,
    raw: Vec<u8>,
    /// Nothing more will be shown.
    is_closed: bool,
    /// The reader is to end after what it reads next.
    is_unwatched: bool,
}

/// A home for programs that are to find what earlier ones left.
pub(crate) fn home() -> Arc<TempDir> {
    Arc::new(tempfile::tempdir().unwrap())
}

impl Launch {
    /// `oxo` with these arguments, at 80x24.
    pub(crate) fn oxo(args: &str) -> Self {
        Self::program(Path::new(env!("CARGO_BIN_EXE_oxo")), args.split_whitespace().map(String::from))
    }

    /// A script for `sh`, in which `$OXO` is the program.
    pub(crate) fn sh(script: &str) -> Self {
        let args = ["-c", script].map(String::from);
        Self::program(Path::new("/bin/sh"), args).env("OXO", env!("CARGO_BIN_EXE_oxo"))
    }

    fn program(program: &Path, args: impl IntoIterator<Item = String>) -> Self {
        Self {
            program: program.to_owned(),
            args: args.into_iter().collect(),
            columns: 80,
            rows: 24,
            env: Vec::new(),
            home: home(),
        }
    }

    pub(crate) fn size(self, columns: u16, rows: u16) -> Self {
        Self { columns, rows, ..self }
    }

    pub(crate) fn env(mut self, name: &'static str, value: &'static str) -> Self {
        self.env.push((name, value));
        self
    }

    pub(crate) fn home(self, home: &Arc<TempDir>) -> Self {
        Self { home: Arc::clone(home), ..self }
    }

    pub(crate) fn start(self) -> Screen {
        let size = PtySize { rows: self.rows, cols: self.columns, pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).unwrap();
        let tty = pty.master.tty_name().unwrap();
        let modes_before = modes(&tty);
        let mut command = CommandBuilder::new(&self.program);
        command.args(&self.args);
        command.env_clear();
        command.cwd(self.home.path());
        for (name, value) in environment(self.home.path()).into_iter().chain(self.env) {
            command.env(name, value);
        }
        let child = pty.slave.spawn_command(command).unwrap();
        let pid = Pid::from_raw(child.process_id().unwrap().try_into().unwrap()).unwrap();
        // The last holder of this side but the program itself: the program's end must close it.
        drop(pty.slave);

        let parser = vt100::Parser::new(size_of(self.rows), size_of(self.columns), 0);
        let seen = Seen { parser, raw: Vec::new(), is_closed: false, is_unwatched: false };
        let shared = Arc::new(Shared { seen: Mutex::new(seen), changed: Condvar::new() });
        let reader = {
            let (shared, output) = (Arc::clone(&shared), pty.master.try_clone_reader().unwrap());
            thread::spawn(move || shared.watch(output))
        };
        let (tell, ended) = mpsc::channel();
        let home = self.home;
        thread::spawn(move || {
            let mut child = child;
            let _nobody_asks = tell.send(Ended::wait_for(pid));
            child.wait().unwrap();
            // Kept until nobody lives in it.
            drop(home);
        });
        let keys = pty.master.take_writer().unwrap();
        let terminal = Some(Terminal { master: pty.master, keys, reader });
        Screen { shared, terminal, pid, ended, tty, modes_before, has_ended: false }
    }
}

/// The surroundings of every program: nothing of ours, a home of its own.
pub(crate) fn environment(home: &Path) -> [(&'static str, &str); 6] {
    let path = home.to_str().unwrap();
    [
        ("HOME", path),
        ("XDG_STATE_HOME", path),
        ("LANG", "C.UTF-8"),
        ("TERM", "xterm-256color"),
        ("USER", "tester"),
        ("PATH", "/usr/bin:/bin"),
    ]
}

impl Screen {
    /// Waits until the screen says this. Line ends and runs of spaces count as one space, so that a sentence is
    /// found however it is broken into lines.
    #[track_caller]
    pub(crate) fn wait_for(&self, text: &str) {
        let words = squeeze(text);
        self.wait_until(&format!("it says {text:?}"), |screen| squeeze(&screen.contents()).contains(&words));
    }

    /// Waits until the screen says this no more.
    #[track_caller]
    pub(crate) fn wait_while(&self, text: &str) {
        let words = squeeze(text);
        self.wait_until(&format!("{text:?} is gone"), |screen| !squeeze(&screen.contents()).contains(&words));
    }

    /// Waits until the screen is as the condition wants it.
    #[track_caller]
    pub(crate) fn wait_until(&self, what: &str, holds: impl Fn(&vt100::Screen) -> bool) {
        let deadline = Instant::now() + PATIENCE;
        let mut seen = self.shared.lock();
        while !holds(seen.parser.screen()) {
            let left = deadline.saturating_duration_since(Instant::now());
            if seen.is_closed || left.is_zero() {
                let why = if seen.is_closed { "the program ended" } else { "time is up" };
                let text = seen.parser.screen().contents();
                // A poisoned lock would hide the first failure behind others.
                drop(seen);
                panic!("waited until {what}, but {why}; the screen:\n{text}");
            }
            seen = self.shared.changed.wait_timeout(seen, left).unwrap().0;
        }
    }

    /// Types.
    #[track_caller]
    pub(crate) fn keys(&mut self, keys: &str) {
        let terminal = self.terminal.as_mut().unwrap();
        terminal.keys.write_all(keys.as_bytes()).unwrap();
        terminal.keys.flush().unwrap();
    }

    /// Types the same over and over from now on, as fast as the program reads. Nothing else can be typed any more.
    pub(crate) fn flood(&mut self, keys: &'static str) {
        let terminal = self.terminal.as_mut().unwrap();
        let mut writer = std::mem::replace(&mut terminal.keys, Box::new(io::sink()));
        // It ends with the terminal.
        thread::spawn(move || while writer.write_all(keys.as_bytes()).is_ok() {});
    }

    /// How often the bell was rung. The same byte ends each naming of the window, and rings nothing there.
    pub(crate) fn bells(&self) -> usize {
        let raw = String::from_utf8(self.raw()).unwrap();
        raw.matches('\x07').count() - raw.matches("\x1b]0;").count()
    }

    /// What the window was called, in order.
    pub(crate) fn titles(&self) -> Vec<String> {
        let raw = String::from_utf8(self.raw()).unwrap();
        let named = raw.split("\x1b]0;").skip(1);
        named.filter_map(|rest| Some(rest.split_once('\x07')?.0.to_owned())).collect()
    }

    /// Waits until the window is called this.
    #[track_caller]
    pub(crate) fn wait_for_title(&self, title: &str) {
        let wanted = format!("\x1b]0;{title}\x07");
        let deadline = Instant::now() + PATIENCE;
        let mut seen = self.shared.lock();
        while !String::from_utf8_lossy(&seen.raw).contains(&wanted) {
            let left = deadline.saturating_duration_since(Instant::now());
            if seen.is_closed || left.is_zero() {
                drop(seen);
                panic!("the window was never called {title:?}, but {:?}", self.titles());
            }
            seen = self.shared.changed.wait_timeout(seen, left).unwrap().0;
        }
    }

    /// Presses the left mouse button on a cell of the screen, counted from 0, and lets it go.
    pub(crate) fn click(&mut self, column: u16, row: u16) {
        let (x, y) = (column + 1, row + 1);
        self.keys(&format!("\x1b[<0;{x};{y}M\x1b[<0;{x};{y}m"));
    }

    /// Gives the terminal another size.
    pub(crate) fn resize(&self, columns: u16, rows: u16) {
        // The parser first: what the program draws for the new size must not meet the old one.
        self.shared.lock().parser.screen_mut().set_size(size_of(rows), size_of(columns));
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        self.terminal.as_ref().unwrap().master.resize(size).unwrap();
    }

    /// What the screen shows.
    pub(crate) fn text(&self) -> String {
        self.shared.lock().parser.screen().contents()
    }

    /// Looks at the screen.
    pub(crate) fn look<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.shared.lock().parser.screen())
    }

    /// Writes over the screen, as another program's message does; what is drawn does not know.
    pub(crate) fn spoil(&self) {
        self.shared.lock().parser.process(b"\x1b[H\x1b[2Kspoiled");
    }

    /// How the terminal is set now.
    pub(crate) fn modes(&self) -> Termios {
        modes(&self.tty)
    }

    /// Everything that the program has written.
    pub(crate) fn raw(&self) -> Vec<u8> {
        self.shared.lock().raw.clone()
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid, signal).unwrap();
    }

    /// Waits for the end of the program and of its output, and returns its exit code.
    #[track_caller]
    pub(crate) fn exit_code(&mut self) -> Option<i32> {
        let ended = self.wait_for_end(PATIENCE);
        let deadline = Instant::now() + PATIENCE;
        let mut seen = self.shared.lock();
        while !seen.is_closed {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "the program has ended, but its terminal is still open");
            seen = self.shared.changed.wait_timeout(seen, left).unwrap().0;
        }
        ended.code
    }

    /// Closes the terminal, as a window is closed.
    pub(crate) fn close_terminal(&mut self) {
        self.shared.lock().is_unwatched = true;
        // Something to read, so that the reader ends and its side of the terminal with it.
        self.keys(CTRL_L);
        let Terminal { master, keys, reader } = self.terminal.take().unwrap();
        reader.join().unwrap();
        drop((keys, master));
    }

    #[track_caller]
    pub(crate) fn wait_for_end(&mut self, patience: Duration) -> Ended {
        match self.ended.recv_timeout(patience) {
            Ok(ended) => {
                self.has_ended = true;
                ended
            }
            Err(RecvTimeoutError::Timeout) => {
                panic!("the program does not end; the screen:\n{}", self.text())
            }
            Err(RecvTimeoutError::Disconnected) => panic!("its end was waited for twice, or not seen"),
        }
    }

    /// Asserts that the terminal is as it was: its modes, the screen, the cursor, the mouse and pasting.
    #[track_caller]
    pub(crate) fn assert_restored(&self) {
        let (before, after) = (&self.modes_before, self.modes());
        let cooked = LocalModes::ICANON | LocalModes::ECHO | LocalModes::ISIG;
        assert!(after.local_modes.contains(cooked), "{:?}", after.local_modes);
        assert_eq!(after.local_modes, before.local_modes);
        assert_eq!(after.input_modes, before.input_modes);
        assert_eq!(after.output_modes, before.output_modes);
        let seen = self.shared.lock();
        let screen = seen.parser.screen();
        assert!(!screen.alternate_screen(), "the alternate screen is left");
        assert!(!screen.hide_cursor(), "the cursor is shown");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
        assert!(!screen.bracketed_paste(), "pasted text comes as it is");
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if !self.has_ended {
            let _it_has_just_ended = kill_process(self.pid, Signal::KILL);
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    /// Takes in what the program writes, until its end.
    fn watch(&self, mut output: impl Read) {
        let mut buffer = [0; 4096];
        loop {
            // The end of a terminal is an error on Linux.
            let count = output.read(&mut buffer).unwrap_or(0);
            let mut seen = self.lock();
            seen.parser.process(&buffer[..count]);
            seen.raw.extend_from_slice(&buffer[..count]);
            seen.is_closed = count == 0;
            let is_over = seen.is_closed || seen.is_unwatched;
            drop(seen);
            self.changed.notify_all();
            if is_over {
                return;
            }
        }
    }
}

impl Ended {
    /// Waits for the end of a child, and leaves it to be reaped.
    fn wait_for(pid: Pid) -> Self {
        let options = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
        let status = waitid(WaitId::Pid(pid), options).unwrap().unwrap();
        let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).unwrap_or_default();
        // proc_pid_stat(5): utime and stime are fields 14 and 15; the name before may hold spaces.
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        let ticks =
            after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok());
        Self { code: status.exit_status(), cpu_ticks: ticks.sum() }
    }
}

/// How a terminal is set.
fn modes(tty: &Path) -> Termios {
    let flags = i32::try_from(OFlags::NOCTTY.bits()).unwrap();
    let terminal = OpenOptions::new().read(true).write(true).custom_flags(flags).open(tty).unwrap();
    tcgetattr(&terminal).unwrap()
}

/// A text with every run of white space as one space.
fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

const fn size_of(cells: u16) -> NonZero<u16> {
    NonZero::new(cells).expect("a terminal has a size")
}
