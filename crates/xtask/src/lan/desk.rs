//! A machine and the person who sits there: programs typed at a shell, with lines in and lines out.

use std::fs;
use std::time::Instant;

use anyhow::{Context as _, ensure};

use crate::netns::{self, Namespace, ip};
use crate::running::{PATIENCE, Running};
use net::link::Transport;

/// A machine and the person who sits there.
#[derive(Debug, Clone)]
pub(super) struct Desk {
    /// The network namespace that is the machine.
    pub(super) namespace: String,
    /// The person's login.
    pub(super) name: &'static str,
}

impl Desk {
    /// Starts a command.
    ///
    /// # Errors
    ///
    /// Fails when it cannot be started.
    pub(super) fn starts(&self, line: &str) -> anyhow::Result<Running> {
        println!("  {:<5} $ {}", self.name, shown(line));
        self.spawn(&format!("exec {line}"))
    }

    /// Starts a script that listens on [`PORT`], and waits until it does.
    ///
    /// # Errors
    ///
    /// Fails when it does not listen in time.
    pub(super) fn listens(&self, transport: Transport, script: &str) -> anyhow::Result<Running> {
        println!("  {:<5} $ {}", self.name, shown(script));
        let deadline = Instant::now() + PATIENCE;
        let kind = if transport == Transport::Udp { "-Hlnu" } else { "-Hlnt" };
        let filter = format!("sport = :{PORT}");
        let is_free =
            || anyhow::Ok(ip(&format!("netns exec {} ss {kind} {filter}", self.namespace))?.is_empty());
        // The last process that listened here was killed and may still be ending.
        while !is_free()? {
            ensure!(Instant::now() < deadline, "somebody else listens on port {PORT} after {PATIENCE:?}");
        }
        let running = self.spawn(script)?;
        // A netcat gives no sign when it listens.
        while is_free()? {
            ensure!(Instant::now() < deadline, "nobody listens on port {PORT} after {PATIENCE:?}");
        }
        Ok(running)
    }

    /// Runs a command to its end, with these lines as its input, and checks its output.
    ///
    /// # Errors
    ///
    /// Shows other output, or a failure.
    pub(super) fn prints(&self, line: &str, input: &str, expected: &str) -> anyhow::Result<()> {
        let piped = format!("printf '{}' | {line}", input.escape_default());
        let (code, printed, _) = self.runs(&piped)?;
        ensure!(code == 0 && printed == expected, "`{line}` printed {printed:?}, and ended with {code}");
        Ok(())
    }

    /// Runs a command to its end, shows its output, and returns its exit code, its output and its standard error.
    ///
    /// # Errors
    ///
    /// Fails when it cannot be started or goes on.
    pub(super) fn runs(&self, line: &str) -> anyhow::Result<(i32, String, String)> {
        let start = Instant::now();
        let (code, printed, said) = self.starts(line)?.ends()?;
        for line in printed.lines().chain(said.lines()).filter(|line| !line.is_empty()) {
            println!("  {:<5} | {line}", self.name);
        }
        println!("  {:<5} : exit code {code} after {:.2} s", self.name, start.elapsed().as_secs_f64());
        Ok((code, printed, said))
    }

    /// Sets the names that the machine knows, as the text of its hosts(5) file, which `ip netns exec` puts in place.
    pub(super) fn knows(&self, names: &str) -> anyhow::Result<()> {
        for name in names.lines() {
            println!("  {:<5} $ echo {name} >>/etc/hosts", self.name);
        }
        let directory = netns::etc(&self.namespace);
        fs::create_dir_all(&directory)
            .and_then(|()| {
                fs::write(directory.join("hosts"), format!("127.0.0.1 localhost\n::1 localhost\n{names}"))
            })
            .with_context(|| format!("cannot write to {}", directory.display()))
    }

    /// The link-local address that the kernel gives the machine, without its scope.
    pub(super) fn link_local(&self) -> anyhow::Result<String> {
        netns::link_local(&self.namespace, "eth0")
    }

    fn spawn(&self, script: &str) -> anyhow::Result<Running> {
        Running::start(self.name, netns::command(&self.namespace, "sh").args(["-ec", script]))
    }
}

/// Makes the machines of a network, each with its person. They last as long as their namespaces.
///
/// # Errors
///
/// Names the command that failed, with its error.
pub(super) fn desks<const N: usize>(
    family: &str,
    names: [&'static str; N],
) -> anyhow::Result<([Desk; N], Vec<Namespace>)> {
    let prefix = netns::prefix(family);
    let desks = names.map(|name| Desk { namespace: format!("{prefix}-{name}"), name });
    let namespaces = desks.iter().map(|desk| Namespace::add(desk.namespace.clone()));
    Ok((desks.clone(), namespaces.collect::<anyhow::Result<_>>()?))
}

/// Checks that a text has all of these words.
pub(super) fn has_all(text: &str, words: &[&str]) -> anyhow::Result<()> {
    let missing = words.iter().find(|words| !text.contains(**words));
    ensure!(missing.is_none(), "{missing:?} is missing in {text}");
    Ok(())
}

/// A command as one would type it who has its programs at hand: of a path, the last part.
pub(super) fn shown(line: &str) -> String {
    line.split(' ').map(|word| word.rsplit('/').next().unwrap_or(word)).collect::<Vec<_>>().join(" ")
}

/// The command line of one of the scripts in python beside this file.
pub(super) fn script(line: &str) -> String {
    format!("python3 {}/src/lan/{line}", env!("CARGO_MANIFEST_DIR"))
}

/// The port of the lab's programs, which is not that of the game.
pub(super) const PORT: u16 = 4000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_without_the_places_of_its_programs() {
        assert_eq!(shown("/a/b/upper_echo serve --listen :4000"), "upper_echo serve --listen :4000");
    }
}
