//! A person at a terminal on one of the machines: what they type, and what they see.

use std::io::{Read as _, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use super::transport::Transport;

/// A machine, and who sits there.
#[derive(Debug, Clone)]
pub(super) struct Desk {
    /// The network namespace that is the machine.
    pub(super) namespace: String,
    /// The login of who sits there.
    pub(super) name: &'static str,
}

/// A running `oxo`, its terminal, and a home that nobody else uses.
pub(super) struct Player {
    name: &'static str,
    child: Box<dyn Child + Send + Sync>,
    keyboard: Box<dyn Write + Send>,
    /// What it has drawn as far as we have looked, and what it has printed since. That ends when it does.
    drawn: vt100::Parser,
    printed: Receiver<Vec<u8>>,
    has_ended: bool,
    /// Held because the terminal is gone without it.
    _master: Box<dyn MasterPty + Send>,
    /// Held because the program writes there.
    _home: TempDir,
}

impl Player {
    /// Starts `oxo` with these arguments, and prints the command as the player typed it.
    ///
    /// # Errors
    ///
    /// Says what the terminal or the program lacked.
    pub(super) fn start(programs: &Path, desk: &Desk, arguments: &[&str]) -> anyhow::Result<Self> {
        let Desk { namespace, name } = desk;
        println!("  {name:<5} $ oxo {}", arguments.join(" "));
        let home = tempfile::tempdir().context("cannot make a home for a player")?;
        let size = PtySize { rows: ROWS.get(), cols: COLUMNS.get(), pixel_width: 0, pixel_height: 0 };
        let pty = native_pty_system().openpty(size).context("cannot open a terminal")?;

        let mut command = CommandBuilder::new("ip");
        command.args(["netns", "exec", namespace]);
        command.arg(programs.join("oxo"));
        command.args(arguments);
        command.env_clear();
        for (variable, value) in
            [("USER", *name), ("LANG", "C.UTF-8"), ("TERM", "xterm-256color"), ("PATH", PATH)]
        {
            command.env(variable, value);
        }
        for variable in ["HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"] {
            command.env(variable, home.path());
        }
        let child = pty.slave.spawn_command(command).context("cannot start `oxo`")?;
        // The terminal ends with the last program that has it open, which must not be us.
        drop(pty.slave);

        let mut output = pty.master.try_clone_reader().context("cannot read a terminal")?;
        let (print, printed) = mpsc::channel();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            // At the end of its last program a terminal reports an error rather than its end (EIO).
            while let Ok(count @ 1..) = output.read(&mut bytes) {
                if print.send(bytes[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Ok(Self {
            name,
            child,
            keyboard: pty.master.take_writer().context("cannot write to a terminal")?,
            drawn: vt100::Parser::new(ROWS, COLUMNS, 0),
            printed,
            has_ended: false,
            _master: pty.master,
            _home: home,
        })
    }

    /// Presses keys, one after the other.
    pub(super) fn press(&mut self, keys: &str) -> anyhow::Result<()> {
        let pressed = self.keyboard.write_all(keys.as_bytes()).and_then(|()| self.keyboard.flush());
        pressed.with_context(|| format!("{} cannot press {keys:?}", self.name))
    }

    /// Waits until `text` stands somewhere on the screen.
    ///
    /// # Errors
    ///
    /// Shows the screen that stood there instead.
    pub(super) fn sees(&mut self, text: &str, timeout: Duration) -> anyhow::Result<()> {
        self.wait(text, timeout, |player| player.screen().contains(text))
    }

    /// Waits until the line in words contains all of these, and prints it.
    ///
    /// # Errors
    ///
    /// Shows the screen that stood there instead.
    pub(super) fn reads(&mut self, words: &[&str], timeout: Duration) -> anyhow::Result<()> {
        self.reads_silently(words, timeout)?;
        self.tell(&event_line(&self.screen()));
        Ok(())
    }

    /// The same, without printing it.
    pub(super) fn reads_silently(&mut self, words: &[&str], timeout: Duration) -> anyhow::Result<()> {
        let is_read = |line: &str| words.iter().all(|words| line.contains(words));
        self.wait(&words.join(" … "), timeout, |player| is_read(&event_line(&player.screen())))
    }

    /// Waits until the header says that the link is up, and over what, and prints it.
    ///
    /// # Errors
    ///
    /// Shows the screen that stood there instead.
    pub(super) fn is_on(&mut self, transport: Transport, timeout: Duration) -> anyhow::Result<()> {
        let words = format!("* {transport}");
        self.wait(&words, timeout, |player| link_words(&player.screen()).starts_with(&words))?;
        self.tell(&link_words(&self.screen()));
        Ok(())
    }

    /// Prints something that the player saw.
    pub(super) fn tell(&self, what: &str) {
        for line in what.lines() {
            println!("  {:<5} | {line}", self.name);
        }
    }

    /// What stands on the screen, a line for each row.
    pub(super) fn screen(&self) -> String {
        self.drawn.screen().rows(0, COLUMNS.get()).collect::<Vec<_>>().join("\n")
    }

    /// Waits for the program's end, prints what it left on the terminal, and returns its exit code and that.
    ///
    /// # Errors
    ///
    /// Shows the screen when it goes on.
    pub(super) fn ends(mut self, timeout: Duration) -> anyhow::Result<(u32, String)> {
        self.wait("the end of `oxo`", timeout, |player| player.has_ended)?;
        // It has closed its terminal, so its end is a matter of a moment.
        let status = self.child.wait().context("cannot learn how `oxo` ended")?;
        let left = self.drawn.screen().contents().trim().to_owned();
        self.tell(&left);
        Ok((status.exit_code(), left))
    }

    /// Kills the program, without a chance to say goodbye.
    ///
    /// # Errors
    ///
    /// Says so when that does not work.
    pub(super) fn kill(mut self) -> anyhow::Result<()> {
        let process = self.child.process_id().context("a running program has a number")?;
        println!("  {:<5} $ kill -KILL {process}", self.name);
        // Not by the method of the child, which sends other signals before.
        let process = process.try_into().ok().and_then(Pid::from_raw).context("a number is not negative")?;
        kill_process(process, Signal::KILL).context("cannot kill `oxo`")?;
        self.child.wait().context("`oxo` does not die").map(drop)
    }

    /// Leaves the seat of a finished match and quits.
    ///
    /// # Errors
    ///
    /// Says so when that does not work, or the exit code is not 0.
    pub(super) fn leaves(mut self) -> anyhow::Result<()> {
        self.press("\x1b")?;
        self.sees("MAIN MENU", SOON)?;
        self.press("\x03")?;
        let name = self.name;
        let (code, _) = self.ends(SOON)?;
        ensure!(code == 0, "`oxo` of {name} ended with exit code {code}");
        Ok(())
    }

    /// Looks at the terminal until `is_so`; `what` says what is waited for.
    fn wait(&mut self, what: &str, timeout: Duration, is_so: impl Fn(&Self) -> bool) -> anyhow::Result<()> {
        let deadline = Instant::now() + timeout;
        loop {
            while let Ok(bytes) = self.printed.try_recv() {
                self.drawn.process(&bytes);
            }
            if is_so(self) {
                return Ok(());
            }
            match self.printed.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
                Ok(bytes) => self.drawn.process(&bytes),
                Err(RecvTimeoutError::Disconnected) if !self.has_ended => self.has_ended = true,
                Err(_) => bail!(
                    "{} did not see {what:?} within {:.1} s, but\n{}",
                    self.name,
                    timeout.as_secs_f64(),
                    framed(&self.screen())
                ),
            }
        }
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        // One that has ended by itself is no longer there to kill.
        let _has_ended = self.child.kill();
        let _is_reaped = self.child.wait();
    }
}

/// The line of a screen that says in words what happened last: the third from below, above a rule and the keys.
fn event_line(screen: &str) -> String {
    let line = screen.lines().nth(usize::from(ROWS.get()) - 3);
    line.unwrap_or_default().trim().to_owned()
}

/// The state of the link, which ends the first line of a screen.
fn link_words(screen: &str) -> String {
    let header = screen.lines().next().unwrap_or_default().trim();
    header.rsplit("  ").next().unwrap_or_default().trim().to_owned()
}

/// A screen between two rules, without its empty lines.
fn framed(screen: &str) -> String {
    let lines = screen.lines().filter(|line| !line.trim().is_empty());
    let lines: Vec<_> = lines.map(|line| format!("    {}", line.trim_end())).collect();
    let rule = "  ".to_owned() + &"-".repeat(78);
    format!("{rule}\n{}\n{rule}", lines.join("\n"))
}

/// How long anything may take that needs no more than a round trip: a second would do on an idle machine.
pub(super) const SOON: Duration = Duration::from_secs(10);

/// Rows of a terminal.
const ROWS: NonZero<u16> = NonZero::new(30).expect("30 is not 0");

/// Columns of a terminal: enough for every sentence to stand on one line.
const COLUMNS: NonZero<u16> = NonZero::new(120).expect("120 is not 0");

/// Where programs are found; `ip` is in one of the last two.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_ends_with_the_link() {
        assert_eq!(link_words("   oxo  BERRY-20      3x3, game 1       * udp <1 ms \n"), "* udp <1 ms");
        assert_eq!(link_words(""), "");
    }

    #[test]
    fn the_line_in_words_is_the_third_from_below() {
        let mut lines = vec![""; usize::from(ROWS.get())];
        lines[27] = "  Your turn. You are X.  ";
        assert_eq!(event_line(&lines.join("\n")), "Your turn. You are X.");
        assert_eq!(event_line("oxo: no\n"), "");
    }
}
