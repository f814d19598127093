//! The cases on the LAN, one function each.

mod bad_link;
mod broken;
mod discovery;
mod doctor;
mod firewalled;
mod floods;
mod hosting;
mod lines;
mod reached;
mod routers;
mod unreached;
mod upper_echo;

use self::routers::Router;
use super::lab::Lan;
use super::network::Machine;
use net::link::Transport::{self, Tcp, Udp};

/// A case.
#[derive(Debug)]
pub(super) struct Case {
    /// With `{}` for the transport.
    name: &'static str,
    run: Run,
}

#[derive(Debug)]
enum Run {
    Once(fn(&Lan) -> anyhow::Result<()>),
    /// Runs over UDP, then over TCP.
    Over(fn(&Lan, Transport) -> anyhow::Result<()>),
}

impl Case {
    /// The transports that it runs over, one after the other.
    pub(super) const fn transports(&self) -> &'static [Transport] {
        match self.run {
            Run::Once(_) => &[Udp],
            Run::Over(_) => &[Udp, Tcp],
        }
    }

    pub(super) fn name(&self, transport: Transport) -> String {
        self.name.replace("{}", &transport.to_string())
    }

    pub(super) fn run(&self, lan: &Lan, transport: Transport) -> anyhow::Result<()> {
        match self.run {
            Run::Once(run) => run(lan),
            Run::Over(run) => run(lan, transport),
        }
    }
}

const fn once(name: &'static str, run: fn(&Lan) -> anyhow::Result<()>) -> Case {
    Case { name, run: Run::Once(run) }
}

const fn over(name: &'static str, run: fn(&Lan, Transport) -> anyhow::Result<()>) -> Case {
    Case { name, run: Run::Over(run) }
}

/// Every case, the plainest first.
pub(super) const CASES: &[Case] = &[
    once("a match over IPv4", reached::over_ipv4),
    over("a match over IPv4, by {} alone", |lan, by| reached::over(lan, "10.77.0.1", by)),
    over("a match over a unique local address, by {} alone", |lan, by| reached::over(lan, "fd4d:77::1", by)),
    over("a match over a link-local address and its interface, by {} alone", reached::over_link_local),
    once("a link-local address is meant on the only interface", reached::on_the_only_interface),
    once("a match by a name whose IPv6 address is dead", reached::by_name_with_a_dead_family),
    once("a match by the code and address on the host's screen", reached::by_code),
    once("the page by the address for browsers on the host's screen", reached::by_url),
    once("a match by the host's second IPv4 address", |lan| reached::second_address(lan, "10.79.0.1")),
    once("a match by the host's second IPv6 address", |lan| reached::second_address(lan, "fd4d:79::1")),
    once("a port on which nobody listens", unreached::refused),
    once("an address that nobody has", unreached::nobody),
    once("a machine that says nothing", unreached::silent),
    once("a link-local address without its interface", unreached::without_scope),
    once("a name that nobody knows", unreached::unknown_name),
    once("a firewall lets nothing in", unreached::firewalled),
    once("behind two routers: the first, which tells names and routes IPv4 alone, by a name", |lan| {
        routers::by_name(lan, Router::Names)
    }),
    once("behind two routers: the first, by an IPv6 address", |lan| routers::by_ipv6(lan, Router::Names)),
    once("behind two routers: the second, which routes IPv6 and tells no names, by a name", |lan| {
        routers::by_name(lan, Router::Ipv6)
    }),
    once("behind two routers: the second, by an IPv6 address", |lan| routers::by_ipv6(lan, Router::Ipv6)),
    over("a firewall lets no {} in: the match is over the other transport", firewalled::from_the_start),
    over(
        "a firewall begins to let no {} in: the match goes on over the other one",
        firewalled::in_the_middle,
    ),
    once("a firewall says for 1 s that nobody listens: the match over udp goes on", firewalled::refusing),
    once("oxo doctor reaches the host", doctor::reached),
    over("oxo doctor and a firewall that drops {} only", doctor::firewalled),
    once("oxo doctor and a firewall that drops both", doctor::firewalled_off),
    once("oxo doctor and a port on which nobody listens", doctor::nobody_listens),
    once("oxo doctor and an address that nobody has", doctor::nobody_there),
    once("oxo doctor and a network that this one does not know", doctor::another_network),
    once("oxo doctor and a name whose IPv6 address is dead", doctor::dead_family),
    once("oxo doctor and a link-local address without its interface", doctor::link_local),
    once("oxo doctor and a switch that drops multicast", doctor::no_multicast),
    once("oxo doctor and a way that is too narrow for a hello over udp", doctor::narrow),
    once("matches over udp, 2 ms and no loss", |lan| bad_link::matches(lan, 0, Udp)),
    once("matches over udp, 2 ms and 10 % loss", |lan| bad_link::matches(lan, 10, Udp)),
    once("matches over udp, 2 ms and 20 % loss", |lan| bad_link::matches(lan, 20, Udp)),
    once("for comparison, matches over tcp, 2 ms and 20 % loss", |lan| {
        bad_link::for_comparison(lan, 20, Tcp);
        Ok(())
    }),
    over("an IPv4 address that changes in a match over {}", bad_link::moved_ipv4),
    once("an IPv6 address that changes in a match over udp", |lan| bad_link::moved_ipv6(lan, Udp)),
    over("a link down for 5 s, over {}: a move made meanwhile arrives once", broken::for_a_moment),
    over("a link down for 10 s, over {}: back in the seat, and the move is sent again", broken::for_long),
    over("a link down for 10 s, over {}: the other player's move waits", broken::while_the_other_is_to_move),
    once("a link down for longer than the seat is kept: back in it without a key", broken::beyond_the_grace),
    once(
        "a host that sleeps for longer than the seat is kept: the guest is back in it without a key",
        broken::host_asleep,
    ),
    over("a server that is killed, over {}: both are told", broken::server_killed),
    once("a server that is replaced at once, over udp: both are told", broken::server_replaced),
    over("a player's program that is killed, over {}: the other is told", broken::player_killed),
    once("discovery: two games are listed by three machines within 1 s", discovery::within_a_second),
    once("discovery: a code without an address is enough", discovery::by_code_alone),
    once("discovery: two games with one code are both named", discovery::same_code),
    once(
        "discovery: a host that leaves is gone at once, one that is killed in time",
        discovery::leaves_and_dies,
    ),
    once("discovery: a host on two networks is one game", discovery::two_networks),
    once("discovery: a switch that drops multicast, and an address that works", discovery::no_multicast),
    once("discovery: avahi-browse sees our game", discovery::seen_by_avahi),
    once("discovery: what avahi-publish announces is listed", discovery::sees_avahi),
    once("discovery: ten thousand services that nobody has", discovery::flood),
    once(
        "discovery: link-local addresses alone, and six more interfaces on each machine",
        discovery::link_local_alone,
    ),
    once("discovery: the bytes that one query can cause", discovery::reflector),
    once("hosting without a network, which comes later: the screen follows", hosting::without_a_network),
    once("hosting beside a bridge of containers: its address is not shown", hosting::beside_containers),
    once(
        "hosting on a port that is busy: a free one is taken, and the code leads there",
        hosting::on_a_busy_port,
    ),
    once("hosting while another program holds port 5353, and after it", hosting::while_5353_is_held),
    once("hosting behind a firewall that lets no announcement out", hosting::behind_a_firewall_of_its_own),
    once("hosting and searching in a sandbox without netlink", hosting::without_netlink),
    once("two quick matches at the same instant are joined", |lan| {
        hosting::quick_at_once(lan, &[Machine::Ana, Machine::Ben])
    }),
    once("four quick matches at the same instant are joined, two of them at one machine", |lan| {
        hosting::quick_at_once(lan, &[Machine::Ana, Machine::Ben, Machine::Host, Machine::Ana])
    }),
    once("a machine that is called like the code of a game", hosting::on_a_machine_called_like_a_code),
    once("a match by netcat, over IPv4, against oxo", |lan| lines::by_netcat(lan, "10.77.0.1")),
    once("a match by netcat, over IPv6, against oxo", |lan| lines::by_netcat(lan, "fd4d:77::1")),
    once("a match by a script of python that sends a line and reads once, against oxo", lines::by_python),
    once(
        "curl gets the page, and ssh and a script that sends no newline are told how to play",
        lines::by_other_programs,
    ),
    once("a flood of connections that say one byte, from 100 addresses", |lan| {
        floods::from_ipv4(lan, "byte")
    }),
    once("a flood of connections that say a preface, from 100 addresses", |lan| {
        floods::from_ipv4(lan, "preface")
    }),
    once("a flood of handshakes over udp, from 100 addresses", |lan| floods::from_ipv4(lan, "udp")),
    once("a flood of texts that say nothing useful, from 100 addresses", |lan| {
        floods::from_ipv4(lan, "text")
    }),
    once("a flood of sessions that do nothing, from 100 addresses", |lan| floods::from_ipv4(lan, "hello")),
    once("a flood of sessions that do nothing, from 1000 link-local addresses", |lan| {
        floods::from_link_local(lan, "hello")
    }),
    once("a flood of handshakes over udp, from 1000 link-local addresses", |lan| {
        floods::from_link_local(lan, "udp")
    }),
    over("upper_echo serves python, netcat and itself over {}", upper_echo::serves),
    over("upper_echo asks a server in python over {}", upper_echo::asks_python),
    over("upper_echo asks a server of netcat over {}", upper_echo::asks_netcat),
    once("upper_echo answers from the host's address that was asked", upper_echo::second_address),
    over("upper_echo over {}, 2 ms and 20 % loss", upper_echo::with_loss),
];
