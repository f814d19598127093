//! What a host's screen says of the way to the game, on networks that come, go and lead nowhere.

use anyhow::{Context as _, ensure};

use super::discovery::hosts;
use crate::lan::lab::Lan;
use crate::lan::matches::play_to_the_end;
use crate::lan::network::{Machine, Temporary};
use crate::lan::player::{Player, SOON};
use crate::netns::ip;

/// The interface is off when the game is hosted, and comes up later: the screen follows, and the game is found.
pub(super) fn without_a_network(lan: &Lan) -> anyhow::Result<()> {
    lan.network.set_interface(Machine::Host, false)?;
    let (host, code) = hosts(lan, Machine::Host, &[])?;
    let on_this_machine = format!("oxo join {code}@localhost");
    host.sees(&on_this_machine, SOON)?;
    host.sees("This machine is on no network", SOON)?;
    shows(&host, &["This machine is on no network", &on_this_machine]);
    let here =
        Player::start(&lan.programs, &lan.desk(Machine::Host), &["join", &format!("{code}@localhost")])?;
    here.reads(&["Waiting for host to play X"], SOON)?;
    here.kill()?;
    host.kill()?;

    let (host, code) = hosts(lan, Machine::Host, &[])?;
    host.sees("This machine is on no network", SOON)?;
    lan.network.set_interface(Machine::Host, true)?;
    host.sees(&format!("{code}@10.77.0.1"), SOON)?;
    host.sees("Everybody on this LAN can see it.", SOON)?;
    shows(&host, &["Everybody on this LAN", "10.77.0.1"]);
    let guest = lan.table(&code, None).join(0)?;
    guest.reads(&["Waiting for host to play X"], SOON)?;
    play_to_the_end([host, guest], 0)
}

/// Home Assistant's bridge, with a container in it that knows nobody: its address is nobody's way to the game.
pub(super) fn beside_containers(lan: &Lan) -> anyhow::Result<()> {
    let host = lan.network.namespace(Machine::Host);
    println!("  {:<5} $ ip link add hassio type bridge", Machine::Host);
    ip(&format!("-n {host} link add hassio type bridge"))?;
    let _bridge =
        Temporary::new([format!("-n {host} link del hassio"), format!("-n {host} link del veth1a")]);
    ip(&format!("-n {host} link add veth1a type veth peer name veth1b"))?;
    for link in ["veth1a", "veth1b"] {
        ip(&format!("-n {host} link set {link} up"))?;
    }
    ip(&format!("-n {host} link set veth1a master hassio"))?;
    ip(&format!("-n {host} addr add 10.7.0.1/23 dev hassio"))?;
    ip(&format!("-n {host} link set hassio up"))?;
    let (player, code) = hosts(lan, Machine::Host, &[])?;
    player.sees(&format!("{code}@10.77.0.1"), SOON)?;
    let screen = player.screen();
    shows(&player, &["10.77.0.1", "10.7.0.1"]);
    ensure!(!screen.contains("10.7.0.1:"), "the bridge's address is shown:\n{screen}");
    player.kill()
}

/// Two games on one machine: the second one takes a free port, and its code leads there.
pub(super) fn on_a_busy_port(lan: &Lan) -> anyhow::Result<()> {
    let (first, other) = hosts(lan, Machine::Host, &[])?;
    let (second, code) = hosts(lan, Machine::Host, &[])?;
    let screen = second.screen();
    let line = screen.lines().find(|line| line.contains(&format!("{code}@10.77.0.1:")));
    let line = line.with_context(|| format!("no address with another port is shown:\n{screen}"))?;
    second.tell(line.trim());
    ensure!(code != other, "both have drawn {code}");
    let guest = lan.table(&code, None).join(0)?;
    guest.reads(&["Waiting for host to play X"], SOON)?;
    play_to_the_end([second, guest], 0)?;
    first.kill()
}

/// Prints the lines of the screen that contain any of these words.
fn shows(player: &Player, words: &[&str]) {
    for line in player.screen().lines() {
        if words.iter().any(|word| line.contains(word)) {
            player.tell(line.trim());
        }
    }
}
