//! The words of a host's screen about the way to the game, on networks that come, go and lead nowhere.

use std::time::{Duration, Instant};

use anyhow::ensure;

use crate::lan::desk::{Desk, has_all, script};
use crate::lan::firewall::filter;
use crate::lan::lab::hosts;
use crate::lan::matches::play_to_the_end;
use crate::lan::network::{Lan, Temporary, set_interface};
use crate::lan::player::{Player, SOON};
use crate::netns::{add_address, ip};

/// The interface is off when the game is hosted, and comes up later: the screen follows, and the game is found.
pub(super) fn without_a_network(lan: &Lan) -> anyhow::Result<()> {
    set_interface(&lan.host, false)?;
    let (host, code) = hosts(&lan.host, "")?;
    let on_this_machine = format!("oxo join {code}@localhost");
    host.sees(&on_this_machine, SOON)?;
    host.sees("This machine is on no network", SOON)?;
    host.shows(&on_this_machine)?;
    let here = Player::start(&lan.host, &on_this_machine)?;
    here.reads(&["Waiting for host to play X"], SOON)?;
    here.kill()?;
    host.kill()?;

    let (host, code) = hosts(&lan.host, "")?;
    host.sees("This machine is on no network", SOON)?;
    set_interface(&lan.host, true)?;
    host.sees(&format!("{code}@10.77.0.1"), SOON)?;
    host.sees("Everybody on this LAN can see it.", SOON)?;
    let guest = lan.sits_down(&code)?;
    play_to_the_end([host, guest], 0)
}

/// Home Assistant's bridge, with a container in it that knows nobody: its address is nobody's way to the game.
pub(super) fn beside_containers(lan: &Lan) -> anyhow::Result<()> {
    let mut bridge = Temporary::new([]);
    bridge.ip(&lan.host, "link add hassio type bridge")?;
    bridge.ip(&lan.host, "link add veth1a type veth peer name veth1b")?;
    let host = &lan.host.namespace;
    for link in ["veth1a master hassio", "veth1a", "veth1b", "hassio"] {
        ip(&format!("-n {host} link set {link} up"))?;
    }
    add_address(host, "hassio", "10.7.0.1/23")?;
    let (player, code) = hosts(&lan.host, "")?;
    player.sees(&format!("{code}@10.77.0.1"), SOON)?;
    let screen = player.screen();
    ensure!(!screen.contains("10.7.0.1"), "the bridge's address is shown:\n{screen}");
    player.kill()?;

    // The operator's own bridge carries the LAN, and is all there is.
    drop(bridge);
    let mut cable = Temporary::new([]);
    cable.ip(&lan.host, "addr del 10.77.0.1/24 dev eth0")?;
    cable.ip(&lan.host, "addr del fd4d:77::1/64 dev eth0 nodad")?;
    cable.ip(&lan.host, "link add br0 type bridge")?;
    add_address(host, "br0", "10.77.0.1/24")?;
    for link in ["eth0 master br0", "br0"] {
        ip(&format!("-n {host} link set {link} up"))?;
    }
    let (player, code) = hosts(&lan.host, "")?;
    player.sees(&format!("{code}@10.77.0.1"), SOON)?;
    let guest = lan.sits_down(&code)?;
    guest.kill()?;
    player.kill()
}

/// Two games on one machine: the second one takes a free port, and its code leads there.
pub(super) fn on_a_busy_port(lan: &Lan) -> anyhow::Result<()> {
    let (first, other) = hosts(&lan.host, "")?;
    let (second, code) = hosts(&lan.host, "")?;
    second.shows(&format!("{code}@10.77.0.1:"))?;
    ensure!(code != other, "both have drawn {code}");
    let guest = lan.sits_down(&code)?;
    play_to_the_end([second, guest], 0)?;
    first.kill()
}

/// Another program holds the port of multicast DNS for itself, in both families or in one, and ends.
pub(super) fn while_5353_is_held(lan: &Lan) -> anyhow::Result<()> {
    for (held, words) in [
        ("0.0.0.0 ::", "The announcement failed, and is tried again"),
        ("0.0.0.0", "It is announced over IPv6 alone"),
        ("::", "It is announced over IPv4 alone"),
    ] {
        let holder = lan.host.starts(&script(&format!("hold.py 5353 {held}")))?;
        holder.printed.begins("held", SOON)?;
        let (host, code) = hosts(&lan.host, "")?;
        host.sees(words, SOON)?;
        let by_address = lan.sits_down(&format!("{code}@10.77.0.1"))?;
        by_address.kill()?;
        host.kill()?;

        let (host, code) = hosts(&lan.host, "")?;
        host.sees(words, SOON)?;
        drop(holder);
        let start = Instant::now();
        host.sees("Everybody on this LAN can see it.", AGAIN)?;
        host.tell(&format!("announced {:.1} s after the port was free", start.elapsed().as_secs_f64()));
        let guest = lan.sits_down(&code)?;
        guest.kill()?;
        host.kill()?;
    }
    Ok(())
}

/// The host's own firewall lets no multicast DNS out.
pub(super) fn behind_a_firewall_of_its_own(lan: &Lan) -> anyhow::Result<()> {
    let quiet = filter(&lan.host, "inet quiet", "output", &["udp dport 5353 drop"])?;
    let (host, _) = hosts(&lan.host, "")?;
    host.sees("The announcement failed, and is tried again", SOON)?;
    drop(quiet);
    host.sees("Everybody on this LAN can see it.", AGAIN)?;
    host.kill()
}

/// A sandbox without netlink, in which the system does not list this machine's addresses.
pub(super) fn without_netlink(lan: &Lan) -> anyhow::Result<()> {
    let mut router = Temporary::new([]);
    router.ip(&lan.host, "route add default via 10.77.0.2")?;
    let host = Player::start(&lan.host, &script("without_netlink.py oxo host --no-web"))?;
    host.sees("the system does not tell this machine's networks", SOON)?;
    host.sees("@10.77.0.1", SOON)?;
    host.kill()?;
    drop(router);
    let (code, _, said) = lan.host.runs(&script("without_netlink.py oxo list"))?;
    ensure!(code == 1 && said.contains("the system does not tell this machine's networks"), "{code}: {said}");
    Ok(())
}

/// Two players ask for a quick match at once, find nobody, and both host: they are joined all the same. So are four, of
/// whom two sit at one machine.
pub(super) fn quick_at_once(desks: &[&Desk]) -> anyhow::Result<()> {
    let mut players =
        desks.iter().map(|desk| Player::start(desk, "oxo")).collect::<anyhow::Result<Vec<_>>>()?;
    for player in &players {
        player.sees("Quick match", SOON)?;
    }
    let start = Instant::now();
    for player in &mut players {
        player.press("q")?;
    }
    for player in &players {
        player.sees("game 1", AGAIN)?;
        player.tell(&format!("plays {:.1} s after the key", start.elapsed().as_secs_f64()));
    }
    players.into_iter().try_for_each(Player::kill)
}

/// A machine is called like the code of a game; another name is that of neither.
pub(super) fn on_a_machine_called_like_a_code(lan: &Lan) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    for desk in [&lan.ana, &lan.ben] {
        desk.knows("10.77.0.1 pine-64\n")?;
    }
    play_to_the_end(lan.meet("pine-64", None)?, 0)?;
    let (_, left) = Player::start(&lan.ana, "oxo join nacho-99")?.ends(SOON)?;
    let told = ["No game NACHO-99 answered", "as a machine: cannot reach nacho-99:1952"];
    has_all(&left.replace('\n', " "), &told)
}

/// The limit for another try to announce.
const AGAIN: Duration = Duration::from_secs(20);
