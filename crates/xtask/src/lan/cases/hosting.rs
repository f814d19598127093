//! The words of a host's screen about the way to the game, on networks that come, go and lead nowhere.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use crate::lan::desk::script;
use crate::lan::firewall::filter;
use crate::lan::lab::Lan;
use crate::lan::matches::play_to_the_end;
use crate::lan::network::{Machine, Temporary};
use crate::lan::player::{Player, SOON};
use crate::netns::ip;

/// The interface is off when the game is hosted, and comes up later: the screen follows, and the game is found.
pub(super) fn without_a_network(lan: &Lan) -> anyhow::Result<()> {
    lan.network.set_interface(Machine::Host, false)?;
    let (host, code) = lan.hosts(Machine::Host, &[])?;
    let on_this_machine = format!("oxo join {code}@localhost");
    host.sees(&on_this_machine, SOON)?;
    host.sees("This machine is on no network", SOON)?;
    shows(&host, &["This machine is on no network", &on_this_machine]);
    let here =
        Player::start(&lan.programs, &lan.desk(Machine::Host), &["join", &format!("{code}@localhost")])?;
    here.reads(&["Waiting for host to play X"], SOON)?;
    here.kill()?;
    host.kill()?;

    let (host, code) = lan.hosts(Machine::Host, &[])?;
    host.sees("This machine is on no network", SOON)?;
    lan.network.set_interface(Machine::Host, true)?;
    host.sees(&format!("{code}@10.77.0.1"), SOON)?;
    host.sees("Everybody on this LAN can see it.", SOON)?;
    shows(&host, &["Everybody on this LAN", "10.77.0.1"]);
    let guest = lan.sits_down(&code)?;
    play_to_the_end([host, guest], 0)
}

/// Home Assistant's bridge, with a container in it that knows nobody: its address is nobody's way to the game.
pub(super) fn beside_containers(lan: &Lan) -> anyhow::Result<()> {
    let host = lan.network.namespace(Machine::Host);
    println!("  {:<5} $ ip link add hassio type bridge", Machine::Host);
    ip(&format!("-n {host} link add hassio type bridge"))?;
    let bridge = Temporary::new([format!("-n {host} link del hassio"), format!("-n {host} link del veth1a")]);
    ip(&format!("-n {host} link add veth1a type veth peer name veth1b"))?;
    for link in ["veth1a", "veth1b"] {
        ip(&format!("-n {host} link set {link} up"))?;
    }
    ip(&format!("-n {host} link set veth1a master hassio"))?;
    ip(&format!("-n {host} addr add 10.7.0.1/23 dev hassio"))?;
    ip(&format!("-n {host} link set hassio up"))?;
    let (player, code) = lan.hosts(Machine::Host, &[])?;
    player.sees(&format!("{code}@10.77.0.1"), SOON)?;
    let screen = player.screen();
    shows(&player, &["10.77.0.1", "10.7.0.1"]);
    ensure!(!screen.contains("10.7.0.1"), "the bridge's address is shown:\n{screen}");
    player.kill()?;

    // The operator's own bridge carries the LAN, and is all there is.
    drop(bridge);
    println!("  {:<5} $ ip link set eth0 master br0", Machine::Host);
    let _cable = Temporary::new([
        format!("-n {host} addr add 10.77.0.1/24 dev eth0"),
        format!("-n {host} addr add fd4d:77::1/64 dev eth0 nodad"),
        format!("-n {host} link del br0"),
    ]);
    ip(&format!("-n {host} link add br0 type bridge"))?;
    ip(&format!("-n {host} addr flush dev eth0 scope global"))?;
    ip(&format!("-n {host} link set eth0 master br0"))?;
    ip(&format!("-n {host} addr add 10.77.0.1/24 dev br0"))?;
    ip(&format!("-n {host} link set br0 up"))?;
    let (player, code) = lan.hosts(Machine::Host, &[])?;
    player.sees(&format!("{code}@10.77.0.1"), SOON)?;
    shows(&player, &["10.77.0.1"]);
    let guest = lan.sits_down(&code)?;
    guest.kill()?;
    player.kill()
}

/// Two games on one machine: the second one takes a free port, and its code leads there.
pub(super) fn on_a_busy_port(lan: &Lan) -> anyhow::Result<()> {
    let (first, other) = lan.hosts(Machine::Host, &[])?;
    let (second, code) = lan.hosts(Machine::Host, &[])?;
    let screen = second.screen();
    let line = screen.lines().find(|line| line.contains(&format!("{code}@10.77.0.1:")));
    let line = line.with_context(|| format!("no address with another port is shown:\n{screen}"))?;
    second.tell(line.trim());
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
        let holder = lan.desk(Machine::Host).starts(&script(&format!("hold.py 5353 {held}")))?;
        holder.printed.begins("held", SOON)?;
        let (host, code) = lan.hosts(Machine::Host, &[])?;
        host.sees(words, SOON)?;
        shows(&host, &[words, "oxo join"]);
        let by_address = lan.sits_down(&format!("{code}@10.77.0.1"))?;
        by_address.kill()?;
        host.kill()?;

        let (host, code) = lan.hosts(Machine::Host, &[])?;
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
    let namespace = lan.network.namespace(Machine::Host);
    let quiet = filter(Machine::Host, &namespace, "inet quiet", "output", &["udp dport 5353 drop"])?;
    let (host, code) = lan.hosts(Machine::Host, &[])?;
    host.sees("The announcement failed, and is tried again", SOON)?;
    shows(&host, &["The announcement failed", &format!("oxo join {code}@10.77.0.1")]);
    drop(quiet);
    host.sees("Everybody on this LAN can see it.", AGAIN)?;
    host.kill()
}

/// A sandbox without netlink, in which the system does not list this machine's addresses.
pub(super) fn without_netlink(lan: &Lan) -> anyhow::Result<()> {
    let without_netlink = script("without_netlink.py");
    let namespace = lan.network.namespace(Machine::Host);
    let router = Temporary::new([format!("-n {namespace} route del default")]);
    ip(&format!("-n {namespace} route add default via 10.77.0.2"))?;
    let by: Vec<&str> = without_netlink.split(' ').collect();
    let host = Player::start_by(&by, &lan.programs, &lan.desk(Machine::Host), &["host", "--no-web"])?;
    host.sees("the system does not tell this machine's networks", SOON)?;
    host.sees("@10.77.0.1", SOON)?;
    shows(&host, &["does not tell", "@10.77.0.1"]);
    host.kill()?;
    drop(router);
    let list = format!("{without_netlink} {}", lan.oxo("list"));
    let (code, _, said) = lan.desk(Machine::Host).starts(&list)?.ends()?;
    println!("  {:<5} : {}", Machine::Host, said.trim());
    ensure!(code == 1 && said.contains("the system does not tell this machine's networks"), "{code}: {said}");
    Ok(())
}

/// Two players ask for a quick match at once, find nobody, and both host: they are joined all the same. So are four, of
/// whom two sit at one machine.
pub(super) fn quick_at_once(lan: &Lan, machines: &[Machine]) -> anyhow::Result<()> {
    let at = |machine: &Machine| Player::start(&lan.programs, &lan.desk(*machine), &[]);
    let mut players = machines.iter().map(at).collect::<anyhow::Result<Vec<_>>>()?;
    for player in &players {
        player.sees("Quick match", SOON)?;
    }
    let start = Instant::now();
    for player in &mut players {
        player.press("q")?;
    }
    for player in &players {
        player.sees("game 1", AGAIN)?;
        println!("  {:<5} : plays {:.1} s after the key", "lan", start.elapsed().as_secs_f64());
    }
    players.into_iter().try_for_each(Player::kill)
}

/// A machine is called like the code of a game; another name is that of neither.
pub(super) fn on_a_machine_called_like_a_code(lan: &Lan) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    for machine in [Machine::Ana, Machine::Ben] {
        println!("  {machine:<5} $ cat /etc/hosts: 10.77.0.1 pine-64");
        lan.network.write_hosts(machine, "10.77.0.1 pine-64\n")?;
    }
    play_to_the_end(lan.table("pine-64", None).join_both()?, 0)?;
    let player = Player::start(&lan.programs, &lan.desk(Machine::Ana), &["join", "nacho-99"])?;
    let (_, left) = player.ends(SOON)?;
    for words in ["No game NACHO-99 answered", "as a machine: cannot reach nacho-99:1952"] {
        ensure!(left.replace('\n', " ").contains(words), "{words:?} is not said");
    }
    Ok(())
}

/// Prints the lines of the screen that contain any of these words.
fn shows(player: &Player, words: &[&str]) {
    for line in player.screen().lines() {
        if words.iter().any(|word| line.contains(word)) {
            player.tell(line.trim());
        }
    }
}

/// The limit for another try to announce.
const AGAIN: Duration = Duration::from_secs(20);
