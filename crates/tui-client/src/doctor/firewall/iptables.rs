//! What `iptables-save` and `ip6tables-save` print.

use std::collections::BTreeMap;

use net::link::Transport;

use super::{Action, Chain, Decision, MAX_RULES, Reason, Rule, Stance, Takes, has_port, who_closes};
use crate::doctor::report::Plain;

/// Reads what iptables does about a port. `command` is what adds a rule: `iptables` or `ip6tables`.
pub fn read_iptables(saved: &str, command: &str, port: u16) -> Stance {
    let chains = chains(saved, port);
    if chains.is_empty() {
        return Stance::Inactive;
    }
    let reason = |transport| {
        let says = match who_closes(&chains, transport)? {
            Decision::In => return None,
            Decision::OutByRule(_, rule) => format!("`{}`", rule.text),
            Decision::OutByPolicy(chain) => format!("the policy of {} is to drop", chain.place),
        };
        let cure = format!("sudo {command} -I INPUT -p {transport} --dport {port} -j ACCEPT");
        Some(Reason { says: Plain::new(says), cure: Plain::new(cure) })
    };
    Stance::of(reason(Transport::Tcp), reason(Transport::Udp))
}

/// The chains of the table `filter`.
fn chains(saved: &str, port: u16) -> BTreeMap<String, Chain> {
    let mut chains = BTreeMap::<String, Chain>::new();
    let mut is_filter = false;
    for line in saved.lines().map(str::trim).take(MAX_RULES) {
        if let Some(table) = line.strip_prefix('*') {
            is_filter = table == "filter";
        } else if !is_filter {
        } else if let Some(chain) = line.strip_prefix(':') {
            let mut words = chain.split_whitespace();
            let (Some(name), Some(policy)) = (words.next(), words.next()) else { continue };
            let chain = Chain {
                place: name.to_owned(),
                is_input: name == "INPUT",
                drops: policy == "DROP",
                rules: Vec::new(),
            };
            chains.insert(name.to_owned(), chain);
        } else if let Some(rule) = line.strip_prefix("-A ")
            && let Some((name, rule)) = rule.split_once(' ')
            && let Some(chain) = chains.get_mut(name)
        {
            chain.rules.push(read_rule(line, rule, port));
        }
    }
    chains
}

/// Reads a rule, without the chain that it is added to.
fn read_rule(line: &str, rule: &str, port: u16) -> Rule {
    let words: Vec<&str> = rule.split_whitespace().collect();
    let after = |options: &[&str]| {
        let at = words.iter().position(|word| options.contains(word))?;
        // A `!` before it turns it around; that is not weighed.
        (at == 0 || words[at - 1] != "!").then(|| words.get(at + 1).copied()).flatten()
    };
    let action = match after(&["-j", "-g"]) {
        Some("ACCEPT") => Action::Accept,
        Some("DROP" | "REJECT") => Action::Drop,
        Some("RETURN" | "LOG" | "NFLOG" | "MARK" | "CONNMARK") | None => Action::Pass,
        Some(chain) => Action::Jump(chain.to_owned()),
    };
    let takes = if words.first() == Some(&"-j") {
        Takes::All
    } else if after(&["--dport", "--dports", "--destination-ports"])
        .is_some_and(|ports| has_port(ports, port))
    {
        Takes::Port { tcp: after(&["-p"]) == Some("tcp"), udp: after(&["-p"]) == Some("udp") }
    } else {
        Takes::Other
    };
    Rule { text: line.to_owned(), takes, action }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(policy: &str, rules: &str, tcp: bool, udp: bool) {
        let saved = format!(
            "*nat\n:INPUT DROP [0:0]\nCOMMIT\n*filter\n:INPUT {policy} [0:0]\n:FORWARD DROP [0:0]\n:ours - [0:0]\n{rules}\nCOMMIT\n"
        );
        let stance = read_iptables(&saved, "iptables", 1952);
        let closed = (stance.closes(Transport::Tcp), stance.closes(Transport::Udp));
        assert_eq!(closed, (tcp, udp), "{stance:?}\n{saved}");
    }

    #[test]
    fn the_first_rule_that_takes_the_port_decides_and_else_the_policy() {
        check("ACCEPT", "", false, false);
        check("DROP", "-A INPUT -i lo -j ACCEPT", true, true);
        check("DROP", "-A INPUT -p tcp -m tcp --dport 1952 -j ACCEPT", false, true);
        check("DROP", "-A INPUT -p udp -m multiport --dports 53,1900:2000 -j ACCEPT", true, false);
        check("DROP", "-A INPUT -p tcp -m tcp ! --dport 1952 -j ACCEPT", true, true);
        check(
            "ACCEPT",
            "-A INPUT -p udp --dport 1952 -j REJECT --reject-with icmp-port-unreachable",
            false,
            true,
        );
        check("ACCEPT", "-A INPUT -j LOG\n-A INPUT -j DROP", true, true);
        check(
            "DROP",
            "-A INPUT -j ours\n-A ours -p udp --dport 1952 -j ACCEPT\n-A ours -j ours",
            true,
            false,
        );
    }

    #[test]
    fn no_rules_keep_nobody_out() {
        assert_eq!(read_iptables("", "iptables", 1952), Stance::Inactive);
        assert_eq!(read_iptables("*\n:\n-A\n-A INPUT\n", "iptables", 1952), Stance::Inactive);
    }
}
