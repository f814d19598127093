//! What `firewall-cmd --list-all` prints of the zone that is used unless another is said.

use net::link::Transport;

use super::{Reason, Stance, has_port};
use crate::doctor::report::Plain;

/// Reads what firewalld does about a port.
pub fn read_firewalld(zone: &str, port: u16) -> Stance {
    let value = |name: &str| {
        let mut values = zone.lines().filter_map(|line| line.trim().strip_prefix(name)?.strip_prefix(':'));
        values.next().unwrap_or_default().trim()
    };
    if value("target") == "ACCEPT" {
        return Stance::Open;
    }
    let reason = |transport: Transport| {
        let is_open = value("ports").split_whitespace().any(|opened| {
            opened
                .split_once('/')
                .is_some_and(|(ports, protocol)| protocol == transport.to_string() && has_port(ports, port))
        });
        (!is_open).then(|| Reason {
            says: Plain::new(format!("it is running and opens no {port}/{transport}")),
            cure: Plain::new(format!(
                "sudo firewall-cmd --permanent --add-port={port}/{transport} && sudo firewall-cmd --reload"
            )),
        })
    };
    Stance::of(reason(Transport::Tcp), reason(Transport::Udp))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(target: &str, ports: &str, tcp: bool, udp: bool) {
        let zone = format!(
            "public (active)\n  target: {target}\n  services: ssh\n  ports: {ports}\n  forward-ports: \n"
        );
        let stance = read_firewalld(&zone, 1952);
        let closed = (stance.closes(Transport::Tcp), stance.closes(Transport::Udp));
        assert_eq!(closed, (tcp, udp), "{stance:?}\n{zone}");
    }

    #[test]
    fn what_the_zone_does_not_open_is_closed() {
        check("default", "", true, true);
        check("default", "22/tcp 1952/udp", true, false);
        check("default", "1025-65535/udp 1025-65535/tcp", false, false);
        check("ACCEPT", "", false, false);
    }
}
