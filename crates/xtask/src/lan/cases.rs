//! The cases on the LAN, one function each.

mod bad_link;
mod broken;
mod discovery;
mod doctor;
mod firewalled;
mod lines;
mod reached;
mod unreached;
mod upper_echo;

use super::lab::Lan;
use super::transport::Transport::{Tcp, Udp};

/// A case.
#[derive(Debug)]
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) run: fn(&Lan) -> anyhow::Result<()>,
}

/// Every case, what works first.
pub(super) const CASES: &[Case] = &[
    case("a match over IPv4", reached::over_ipv4),
    case("a match over IPv4, by udp alone", |lan| reached::over(lan, "10.77.0.1", Udp)),
    case("a match over IPv4, by tcp alone", |lan| reached::over(lan, "10.77.0.1", Tcp)),
    case("a match over a unique local address, by udp alone", |lan| reached::over(lan, "fd4d:77::1", Udp)),
    case("a match over a unique local address, by tcp alone", |lan| reached::over(lan, "fd4d:77::1", Tcp)),
    case("a match over a link-local address and its interface, by udp alone", |lan| {
        reached::over_link_local(lan, Udp)
    }),
    case("a match over a link-local address and its interface, by tcp alone", |lan| {
        reached::over_link_local(lan, Tcp)
    }),
    case("a link-local address is meant on the only interface", reached::on_the_only_interface),
    case("a match by a name whose IPv6 address is dead", reached::by_name_with_a_dead_family),
    case("a match by the code and address on the host's screen", reached::by_code),
    case("a match by the host's second IPv4 address", |lan| reached::second_address(lan, "10.79.0.1")),
    case("a match by the host's second IPv6 address", |lan| reached::second_address(lan, "fd4d:79::1")),
    case("a port on which nobody listens", unreached::refused),
    case("an address that nobody has", unreached::nobody),
    case("a machine that says nothing", unreached::silent),
    case("a link-local address without its interface", unreached::without_scope),
    case("a name that nobody knows", unreached::unknown_name),
    case("a firewall lets nothing in", unreached::firewalled),
    case("a firewall lets no udp in: the match is over tcp", |lan| firewalled::from_the_start(lan, Udp)),
    case("a firewall lets no tcp in: the match is over udp", |lan| firewalled::from_the_start(lan, Tcp)),
    case("a firewall begins to let no udp in: the match goes on over tcp", |lan| {
        firewalled::in_the_middle(lan, Udp)
    }),
    case("a firewall begins to let no tcp in, but udp: the match goes on over udp", |lan| {
        firewalled::in_the_middle(lan, Tcp)
    }),
    case("a firewall says for 1 s that nobody listens: the match over udp goes on", firewalled::refusing),
    case("oxo doctor reaches the host", doctor::reached),
    case("oxo doctor and a firewall that drops udp only", |lan| doctor::firewalled(lan, Udp)),
    case("oxo doctor and a firewall that drops tcp only", |lan| doctor::firewalled(lan, Tcp)),
    case("oxo doctor and a firewall that drops both", doctor::firewalled_off),
    case("oxo doctor and a port on which nobody listens", doctor::nobody_listens),
    case("oxo doctor and an address that nobody has", doctor::nobody_there),
    case("oxo doctor and a network that this one does not know", doctor::another_network),
    case("oxo doctor and a name whose IPv6 address is dead", doctor::dead_family),
    case("oxo doctor and a link-local address without its interface", doctor::link_local),
    case("oxo doctor and a switch that drops multicast", doctor::no_multicast),
    case("oxo doctor and a way that is too narrow for a hello over udp", doctor::narrow),
    case("matches over udp, 2 ms and no loss", |lan| bad_link::matches(lan, 0, Udp)),
    case("matches over udp, 2 ms and 10 % loss", |lan| bad_link::matches(lan, 10, Udp)),
    case("matches over udp, 2 ms and 20 % loss", |lan| bad_link::matches(lan, 20, Udp)),
    case("for comparison, matches over tcp, 2 ms and 20 % loss", |lan| {
        bad_link::for_comparison(lan, 20, Tcp);
        Ok(())
    }),
    case("an IPv4 address that changes in a match over udp", |lan| bad_link::moved_ipv4(lan, Udp)),
    case("an IPv6 address that changes in a match over udp", |lan| bad_link::moved_ipv6(lan, Udp)),
    case("an IPv4 address that changes in a match over tcp", |lan| bad_link::moved_ipv4(lan, Tcp)),
    case("a link down for 5 s, over udp: a move made meanwhile arrives once", |lan| {
        broken::for_a_moment(lan, Udp)
    }),
    case("a link down for 5 s, over tcp: a move made meanwhile arrives once", |lan| {
        broken::for_a_moment(lan, Tcp)
    }),
    case("a link down for 10 s, over udp: back in the seat, and the move is sent again", |lan| {
        broken::for_long(lan, Udp)
    }),
    case("a link down for 10 s, over tcp: back in the seat, and the move is sent again", |lan| {
        broken::for_long(lan, Tcp)
    }),
    case("a link down for 10 s, over udp: the other player's move waits", |lan| {
        broken::while_the_other_is_to_move(lan, Udp)
    }),
    case("a link down for 10 s, over tcp: the other player's move waits", |lan| {
        broken::while_the_other_is_to_move(lan, Tcp)
    }),
    case("a server that is killed, over udp: both are told", |lan| broken::server_killed(lan, Udp)),
    case("a server that is killed, over tcp: both are told", |lan| broken::server_killed(lan, Tcp)),
    case("a server that is replaced at once, over udp: both are told", broken::server_replaced),
    case("a player's program that is killed, over udp: the other is told", |lan| {
        broken::player_killed(lan, Udp)
    }),
    case("a player's program that is killed, over tcp: the other is told", |lan| {
        broken::player_killed(lan, Tcp)
    }),
    case("discovery: two games are listed by three machines within 1 s", discovery::within_a_second),
    case("discovery: a code without an address is enough", discovery::by_code_alone),
    case("discovery: two games with one code are both said", discovery::same_code),
    case(
        "discovery: a host that leaves is gone at once, one that is killed in time",
        discovery::leaves_and_dies,
    ),
    case("discovery: a host on two networks is one game", discovery::two_networks),
    case("discovery: a switch that drops multicast, and an address that works", discovery::no_multicast),
    case("discovery: avahi-browse sees our game", discovery::seen_by_avahi),
    case("discovery: what avahi-publish says is listed", discovery::sees_avahi),
    case("discovery: ten thousand services that nobody has", discovery::flood),
    case("a match by netcat, over IPv4, against oxo", |lan| lines::by_netcat(lan, "10.77.0.1")),
    case("a match by netcat, over IPv6, against oxo", |lan| lines::by_netcat(lan, "fd4d:77::1")),
    case("a match by a script of python that sends a line and reads once, against oxo", lines::by_python),
    case("upper_echo serves python, netcat and itself over udp", |lan| upper_echo::serves(lan, Udp)),
    case("upper_echo serves python, netcat and itself over tcp", |lan| upper_echo::serves(lan, Tcp)),
    case("upper_echo asks a server in python over udp", |lan| upper_echo::asks_python(lan, Udp)),
    case("upper_echo asks a server in python over tcp", |lan| upper_echo::asks_python(lan, Tcp)),
    case("upper_echo asks a server of netcat over udp", |lan| upper_echo::asks_netcat(lan, Udp)),
    case("upper_echo asks a server of netcat over tcp", |lan| upper_echo::asks_netcat(lan, Tcp)),
    case("upper_echo answers from the host's address that was asked", upper_echo::second_address),
    case("upper_echo over udp, 2 ms and 20 % loss", |lan| upper_echo::with_loss(lan, Udp)),
    case("upper_echo over tcp, 2 ms and 20 % loss", |lan| upper_echo::with_loss(lan, Tcp)),
];

const fn case(name: &'static str, run: fn(&Lan) -> anyhow::Result<()>) -> Case {
    Case { name, run }
}
