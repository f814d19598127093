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
use super::network::Lan;
use net::link::Transport::{Tcp, Udp};

/// The name of a case, and its steps.
type Case = (&'static str, fn(&Lan) -> anyhow::Result<()>);

/// Every case, the plainest first. One with `{}` for the transport in its name runs over UDP, then over TCP.
pub(super) const CASES: &[Case] = &[
    ("a match over IPv4", |lan| reached::over(lan, "10.77.0.1", None)),
    ("a match over IPv4, by {} alone", |lan| reached::over(lan, "10.77.0.1", Some(lan.by))),
    ("a match over a unique local address, by {} alone", |lan| {
        reached::over(lan, "fd4d:77::1", Some(lan.by))
    }),
    ("a match over a link-local address and its interface, by {} alone", reached::over_link_local),
    ("a link-local address is meant on the only interface", reached::on_the_only_interface),
    ("a match by a name whose IPv6 address is dead", reached::by_name_with_a_dead_family),
    ("a match by the code and address on the host's screen", reached::by_code),
    ("the page by the address for browsers on the host's screen", reached::by_url),
    ("a match by the host's second IPv4 address", |lan| reached::second_address(lan, "10.79.0.1")),
    ("a match by the host's second IPv6 address", |lan| reached::second_address(lan, "fd4d:79::1")),
    ("a port on which nobody listens", unreached::refused),
    ("an address that nobody has", unreached::nobody),
    ("a machine that says nothing", unreached::silent),
    ("a link-local address without its interface", unreached::without_scope),
    ("a name that nobody knows", unreached::unknown_name),
    ("a firewall lets nothing in", unreached::firewalled),
    ("behind two routers: the first, which tells names and routes IPv4 alone, by a name", |_| {
        routers::by_name(Router::Names)
    }),
    ("behind two routers: the first, by an IPv6 address", |_| routers::by_ipv6(Router::Names)),
    ("behind two routers: the second, which routes IPv6 and tells no names, by a name", |_| {
        routers::by_name(Router::Ipv6)
    }),
    ("behind two routers: the second, by an IPv6 address", |_| routers::by_ipv6(Router::Ipv6)),
    ("a firewall lets no {} in: the match is over the other transport", firewalled::from_the_start),
    ("a firewall begins to let no {} in: the match goes on over the other one", firewalled::in_the_middle),
    ("a firewall says for 1 s that nobody listens: the match over udp goes on", firewalled::refusing),
    ("oxo doctor reaches the host", doctor::reached),
    ("oxo doctor and a firewall that drops {} only", doctor::firewalled),
    ("oxo doctor and a firewall that drops both", doctor::firewalled_off),
    ("oxo doctor and a port on which nobody listens", doctor::nobody_listens),
    ("oxo doctor and an address that nobody has", doctor::nobody_there),
    ("oxo doctor and a network that this one does not know", doctor::another_network),
    ("oxo doctor and a name whose IPv6 address is dead", doctor::dead_family),
    ("oxo doctor and a link-local address without its interface", doctor::link_local),
    ("oxo doctor and a switch that drops multicast", doctor::no_multicast),
    ("oxo doctor and a way that is too narrow for a hello over udp", doctor::narrow),
    ("matches over udp, 2 ms and no loss", |_| bad_link::matches(0, Udp)),
    ("matches over udp, 2 ms and 10 % loss", |_| bad_link::matches(10, Udp)),
    ("matches over udp, 2 ms and 20 % loss", |_| bad_link::matches(20, Udp)),
    ("for comparison, matches over tcp, 2 ms and 20 % loss", |_| {
        bad_link::for_comparison(20, Tcp);
        Ok(())
    }),
    ("an IPv4 address that changes in a match over {}", |lan| {
        bad_link::moved(|machine| machine.ipv4().into(), lan.by)
    }),
    ("an IPv6 address that changes in a match over udp", |_| {
        bad_link::moved(|machine| machine.ipv6().into(), Udp)
    }),
    ("a link down for 5 s, over {}: a move made meanwhile arrives once", broken::for_a_moment),
    ("a link down for 10 s, over {}: back in the seat, and the move is sent again", broken::for_long),
    ("a link down for 10 s, over {}: the other player's move waits", broken::while_the_other_is_to_move),
    ("a link down for longer than the seat is kept: back in it without a key", broken::beyond_the_grace),
    (
        "a host that sleeps for longer than the seat is kept: the guest is back in it without a key",
        broken::host_asleep,
    ),
    ("a server that is killed, over {}: both are told", broken::server_killed),
    ("a server that is replaced at once, over udp: both are told", broken::server_replaced),
    ("a player's program that is killed, over {}: the other is told", broken::player_killed),
    ("discovery: two games are listed by three machines within 1 s", discovery::within_a_second),
    ("discovery: a code without an address is enough", discovery::by_code_alone),
    ("discovery: two games with one code are both named", discovery::same_code),
    ("discovery: a host that leaves is gone at once, one that is killed in time", discovery::leaves_and_dies),
    ("discovery: a host on two networks is one game", discovery::two_networks),
    ("discovery: a switch that drops multicast, and an address that works", discovery::no_multicast),
    ("discovery: avahi-browse sees our game", discovery::seen_by_avahi),
    ("discovery: what avahi-publish announces is listed", discovery::sees_avahi),
    ("discovery: ten thousand services that nobody has", discovery::flood),
    (
        "discovery: link-local addresses alone, and six more interfaces on each machine",
        discovery::link_local_alone,
    ),
    ("discovery: the bytes that one query can cause", discovery::reflector),
    ("hosting without a network, which comes later: the screen follows", hosting::without_a_network),
    ("hosting beside a bridge of containers: its address is not shown", hosting::beside_containers),
    (
        "hosting on a port that is busy: a free one is taken, and the code leads there",
        hosting::on_a_busy_port,
    ),
    ("hosting while another program holds port 5353, and after it", hosting::while_5353_is_held),
    ("hosting behind a firewall that lets no announcement out", hosting::behind_a_firewall_of_its_own),
    ("hosting and searching in a sandbox without netlink", hosting::without_netlink),
    ("two quick matches at the same instant are joined", |lan| hosting::quick_at_once(&[&lan.ana, &lan.ben])),
    ("four quick matches at the same instant are joined, two of them at one machine", |lan| {
        hosting::quick_at_once(&[&lan.ana, &lan.ben, &lan.host, &lan.ana])
    }),
    ("a machine that is called like the code of a game", hosting::on_a_machine_called_like_a_code),
    ("a match by netcat, over IPv4, against oxo", |lan| lines::by_netcat(lan, "10.77.0.1")),
    ("a match by netcat, over IPv6, against oxo", |lan| lines::by_netcat(lan, "fd4d:77::1")),
    ("a match by a script of python that sends a line and reads once, against oxo", lines::by_python),
    (
        "curl gets the page, and ssh and a script that sends no newline are told how to play",
        lines::by_other_programs,
    ),
    ("a flood of connections that say one byte, from 100 addresses", |lan| floods::ipv4(lan, "byte")),
    ("a flood of connections that say a preface, from 100 addresses", |lan| floods::ipv4(lan, "preface")),
    ("a flood of handshakes over udp, from 100 addresses", |lan| floods::ipv4(lan, "udp")),
    ("a flood of texts that say nothing useful, from 100 addresses", |lan| floods::ipv4(lan, "text")),
    ("a flood of sessions that do nothing, from 100 addresses", |lan| floods::ipv4(lan, "hello")),
    ("a flood of sessions that do nothing, from 1000 link-local addresses", |lan| {
        floods::link_local(lan, "hello")
    }),
    ("a flood of handshakes over udp, from 1000 link-local addresses", |lan| floods::link_local(lan, "udp")),
    ("upper_echo serves python, netcat and itself over {}", upper_echo::serves),
    ("upper_echo asks a server in python over {}", upper_echo::asks_python),
    ("upper_echo asks a server of netcat over {}", upper_echo::asks_netcat),
    ("upper_echo answers from the host's address that was asked", upper_echo::second_address),
    ("upper_echo over {}, 2 ms and 20 % loss", upper_echo::with_loss),
];
