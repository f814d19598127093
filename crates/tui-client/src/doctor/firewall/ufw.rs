//! The files of ufw: `ufw.conf`, `/etc/default/ufw` and `user.rules`.

use net::link::Transport;

use super::{Reason, Stance, has_port};
use crate::doctor::report::Plain;

/// Reads what ufw does about a port: `conf` says whether it is on, `defaults` what it does without a rule, and `rules`
/// what was allowed, which not everybody may read.
pub fn read_ufw(conf: &str, defaults: &str, rules: Option<&str>, port: u16) -> Stance {
    if setting(conf, "ENABLED") != Some("yes") {
        return Stance::Inactive;
    }
    if setting(defaults, "DEFAULT_INPUT_POLICY") == Some("ACCEPT") {
        return Stance::Open;
    }
    let Some(rules) = rules else {
        let why = Plain::new("it is active, and its rules are the administrator's to read");
        return Stance::Unknown { why, ask: Plain::new(format!("sudo ufw status | grep {port}")) };
    };
    let reason = |transport: Transport| {
        (!is_allowed(rules, transport, port)).then(|| Reason {
            says: Plain::new(format!("it is active and has no rule for {port}/{transport}")),
            cure: Plain::new(format!("sudo ufw allow {port}/{transport}")),
        })
    };
    Stance::of(reason(Transport::Tcp), reason(Transport::Udp))
}

/// Whether a rule lets a transport in. Each stands in a comment, as `### tuple ### allow tcp 1952 0.0.0.0/0 any … in`.
fn is_allowed(rules: &str, transport: Transport, port: u16) -> bool {
    rules.lines().filter_map(|line| line.strip_prefix("### tuple ### ")).any(|tuple| {
        let mut words = tuple.split_whitespace();
        let (action, protocol, ports) = (words.next(), words.next(), words.next());
        matches!(action, Some("allow" | "limit"))
            && (protocol == Some("any") || protocol == Some(&transport.to_string()))
            && ports.is_some_and(|ports| ports == "any" || has_port(ports, port))
    })
}

/// The value of a setting of a shell's file.
fn setting<'a>(file: &'a str, name: &str) -> Option<&'a str> {
    let mut values = file.lines().filter_map(|line| line.trim().strip_prefix(name)?.strip_prefix('='));
    values.next_back().map(|value| value.trim().trim_matches('"'))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ON: &str = "# comment\nENABLED=yes\nLOGLEVEL=low\n";
    const DROPS: &str = "IPV6=yes\nDEFAULT_INPUT_POLICY=\"DROP\"\n";

    #[track_caller]
    fn check(rules: &str, tcp: bool, udp: bool) {
        let stance = read_ufw(ON, DROPS, Some(rules), 1952);
        let closed = (stance.closes(Transport::Tcp), stance.closes(Transport::Udp));
        assert_eq!(closed, (tcp, udp), "{stance:?}\n{rules}");
    }

    #[test]
    fn what_no_rule_allows_is_closed() {
        check("", true, true);
        check("### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in", true, true);
        check("### tuple ### allow tcp 1952 0.0.0.0/0 any 0.0.0.0/0 in", false, true);
        check("### tuple ### allow any 1952 0.0.0.0/0 any 0.0.0.0/0 in", false, false);
        check("### tuple ### limit udp 1900:2000 0.0.0.0/0 any 0.0.0.0/0 in", true, false);
        check("### tuple ### deny any 1952 0.0.0.0/0 any 0.0.0.0/0 in", true, true);
        check("### tuple ###", true, true);
    }

    #[test]
    fn it_may_be_off_or_let_everything_in_or_keep_its_rules_to_itself() {
        assert_eq!(read_ufw("ENABLED=no", DROPS, None, 1952), Stance::Inactive);
        assert_eq!(read_ufw("", "", None, 1952), Stance::Inactive);
        assert_eq!(read_ufw(ON, "DEFAULT_INPUT_POLICY=\"ACCEPT\"", None, 1952), Stance::Open);
        let Stance::Unknown { ask, .. } = read_ufw(ON, DROPS, None, 1952) else {
            panic!("it cannot be known")
        };
        assert_eq!(ask.as_str(), "sudo ufw status | grep 1952");
    }
}
