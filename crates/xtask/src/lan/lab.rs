//! The things that people do on the LAN: serve, host, and sit down opposite each other.

use anyhow::Context as _;

use super::desk::Desk;
use super::matches::{play, turn};
use super::network::Lan;
use super::player::{Player, SOON};
use super::server::Server;
use net::link::Transport;

impl Lan {
    /// Starts `oxo-server` on the host.
    pub(super) fn serve(&self) -> anyhow::Result<Server> {
        Server::start(&self.host, "oxo-server")
    }

    /// Starts `oxo join PLACE` at Ana's desk, and waits until she sits opposite the host.
    pub(super) fn sits_down(&self, place: &str) -> anyhow::Result<Player> {
        let guest = join(&self.ana, place, None)?;
        guest.reads(&["Waiting for host to play X"], SOON)?;
        Ok(guest)
    }

    /// Ana and Ben join at their desks.
    pub(super) fn meet(&self, place: &str, only: Option<Transport>) -> anyhow::Result<[Player; 2]> {
        meet([&self.ana, &self.ben], place, only)
    }

    /// Ana and Ben play some half-moves on the host's server, until the next to move has seen the last one.
    pub(super) fn begin(
        &self,
        place: &str,
        only: Option<Transport>,
        plies: usize,
    ) -> anyhow::Result<(Server, [Player; 2])> {
        let server = self.serve()?;
        let mut players = self.meet(place, only)?;
        play(&mut players, 0, plies)?;
        players[plies % 2].reads(&turn(plies), SOON)?;
        Ok((server, players))
    }
}

/// Starts `oxo join PLACE` at Ana's desk and then at Ben's, and waits until they see the board.
pub(super) fn meet(
    [ana, ben]: [&Desk; 2],
    place: &str,
    only: Option<Transport>,
) -> anyhow::Result<[Player; 2]> {
    let ana = wait(ana, place, only)?;
    let ben = join(ben, place, only)?;
    ben.reads(&["Waiting for ana to play X"], SOON)?;
    ana.reads(&["Your turn"], SOON)?;
    Ok([ana, ben])
}

/// Starts `oxo join PLACE`, and waits until it waits for somebody else.
pub(super) fn wait(desk: &Desk, place: &str, only: Option<Transport>) -> anyhow::Result<Player> {
    let player = join(desk, place, only)?;
    player.sees("waiting for a friend", SOON)?;
    Ok(player)
}

/// Starts `oxo join PLACE`, by a transport if the player insists on one.
pub(super) fn join(desk: &Desk, place: &str, only: Option<Transport>) -> anyhow::Result<Player> {
    let transport = only.map(|transport| format!(" --transport {transport}"));
    Player::start(desk, &format!("oxo join {place}{}", transport.unwrap_or_default()))
}

/// Starts `oxo host` on a machine, and reads the code from its screen. It has no page for browsers: beside a QR code the
/// sentences that the cases read would be broken over several lines.
pub(super) fn hosts(desk: &Desk, options: &str) -> anyhow::Result<(Player, String)> {
    let player = Player::start(desk, format!("oxo host --no-web {options}").trim_end())?;
    player.sees("oxo join ", SOON)?;
    // The end of the frame: half of one may show half a code.
    player.sees("stop waiting", SOON)?;
    let screen = player.screen();
    let command = screen.lines().find_map(|line| Some(line.split_once("oxo join ")?.1));
    let command = command.with_context(|| format!("the screen shows no command to join with:\n{screen}"))?;
    let code = command.split(['@', ' ']).next().unwrap_or_default().to_owned();
    Ok((player, code))
}
