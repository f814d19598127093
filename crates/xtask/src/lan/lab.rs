//! Everything that a case is given: the built programs and the network.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::desk::Desk;
use super::network::{Machine, Network};
use super::player::{Player, SOON};
use super::server::Server;
use crate::shell;
use net::link::Transport;

/// The programs and the network.
#[derive(Debug)]
pub(super) struct Lan {
    /// The directory with `oxo` and `oxo-server` in it, and the examples below.
    pub(super) programs: PathBuf,
    pub(super) network: Network,
}

/// Two desks, and the arguments that their players type to meet.
#[derive(Debug)]
pub(super) struct Table<'a> {
    /// The directory with `oxo` in it.
    pub(super) programs: &'a Path,
    /// Ana, who begins, and Ben.
    pub(super) desks: [Desk; 2],
    /// The server's address, name or code.
    pub(super) place: &'a str,
    /// The transport that they insist on, if any.
    pub(super) only: Option<Transport>,
}

impl Table<'_> {
    /// Starts `oxo join PLACE` at Ana's desk and then at Ben's, and waits until they see the board.
    pub(super) fn join_both(&self) -> anyhow::Result<[Player; 2]> {
        let ana = self.join(0)?;
        ana.sees("waiting for a friend", SOON)?;
        let ben = self.join(1)?;
        ben.reads(&["Waiting for ana to play X"], SOON)?;
        ana.reads(&["Your turn"], SOON)?;
        Ok([ana, ben])
    }

    /// Starts `oxo join PLACE` at one of the desks.
    pub(super) fn join(&self, desk: usize) -> anyhow::Result<Player> {
        let transport = self.only.map(|transport| transport.to_string());
        let transport = transport.iter().flat_map(|transport| ["--transport", transport]);
        let arguments: Vec<_> = ["join", self.place].into_iter().chain(transport).collect();
        Player::start(self.programs, &self.desks[desk], &arguments)
    }
}

impl Lan {
    /// Builds the programs and makes the network.
    ///
    /// # Errors
    ///
    /// Names the command that failed.
    pub(super) fn new() -> anyhow::Result<Self> {
        shell::run(&mut shell::cargo(&["build", "--locked", "-p", "tui-client", "-p", "server"]))?;
        shell::run(&mut shell::cargo(&["build", "--locked", "-p", "net", "-p", "server", "--examples"]))?;
        let own = env::current_exe().context("cannot tell where this program is")?;
        let target = own.ancestors().nth(2).context("this program is in a directory of a profile")?;
        Ok(Self { programs: target.join("debug"), network: Network::new()? })
    }

    /// Starts `oxo-server` on the host.
    pub(super) fn serve(&self) -> anyhow::Result<Server> {
        self.serve_on(&self.desk(Machine::Host))
    }

    /// Starts `oxo-server` on another host.
    pub(super) fn serve_on(&self, host: &Desk) -> anyhow::Result<Server> {
        Server::start(host, &self.programs.join("oxo-server").display().to_string())
    }

    /// Starts `oxo host` on a machine, and reads the code from its screen. It has no page for browsers: beside a QR code the
    /// sentences that the cases read would be broken over several lines.
    pub(super) fn hosts(&self, machine: Machine, arguments: &[&str]) -> anyhow::Result<(Player, String)> {
        let arguments: Vec<_> = ["host", "--no-web"].into_iter().chain(arguments.iter().copied()).collect();
        let player = Player::start(&self.programs, &self.desk(machine), &arguments)?;
        player.sees("oxo join ", SOON)?;
        // The end of the frame: half of one may show half a code.
        player.sees("stop waiting", SOON)?;
        let screen = player.screen();
        let command = screen.lines().find_map(|line| Some(line.split_once("oxo join ")?.1));
        let command =
            command.with_context(|| format!("the screen shows no command to join with:\n{screen}"))?;
        let code = command.split(['@', ' ']).next().unwrap_or_default().to_owned();
        Ok((player, code))
    }

    /// Starts `oxo join PLACE` at Ana's desk, and waits until she sits opposite the host.
    pub(super) fn sits_down(&self, place: &str) -> anyhow::Result<Player> {
        let guest = self.table(place, None).join(0)?;
        guest.reads(&["Waiting for host to play X"], SOON)?;
        Ok(guest)
    }

    /// Ana's machine and Ben's.
    pub(super) fn table<'a>(&'a self, place: &'a str, only: Option<Transport>) -> Table<'a> {
        let desks = [Machine::Ana, Machine::Ben].map(|machine| self.desk(machine));
        Table { programs: &self.programs, desks, place, only }
    }

    pub(super) fn desk(&self, machine: Machine) -> Desk {
        Desk { namespace: self.network.namespace(machine), name: machine.name() }
    }

    /// The command line of `oxo` with these arguments.
    pub(super) fn oxo(&self, arguments: &str) -> String {
        format!("{} {arguments}", self.programs.join("oxo").display())
    }

    /// The command line of an example of `net`.
    pub(super) fn example(&self, line: &str) -> String {
        self.programs.join("examples").join(line).display().to_string()
    }
}
