//! What `nft list ruleset` prints.

use std::collections::BTreeMap;

use net::link::Transport;

use super::{Action, Chain, Decision, MAX_RULES, Reason, Rule, Stance, Takes, has_port, who_closes};
use crate::doctor::report::Plain;

/// Reads what nftables does about a port.
pub fn read_nft(ruleset: &str, port: u16) -> Stance {
    let chains = chains(ruleset, port);
    if chains.is_empty() {
        return Stance::Inactive;
    }
    let reason = |transport| who_closes(&chains, transport).and_then(|by| reason(by, transport, port));
    Stance::of(reason(Transport::Tcp), reason(Transport::Udp))
}

fn reason(by: Decision<'_>, transport: Transport, port: u16) -> Option<Reason> {
    let (says, chain) = match by {
        Decision::In => return None,
        Decision::OutByRule(chain, rule) => (format!("`{}` in {}", rule.text, chain.place), chain),
        Decision::OutByPolicy(chain) => (format!("the policy of {} is to drop", chain.place), chain),
    };
    let cure = format!("sudo nft insert rule {} {transport} dport {port} accept", chain.place);
    Some(Reason { says: Plain::new(says), cure: Plain::new(cure) })
}

fn chains(ruleset: &str, port: u16) -> BTreeMap<String, Chain> {
    let mut chains = BTreeMap::<String, Chain>::new();
    let (mut table, mut current) = (String::new(), None);
    for line in ruleset.lines().map(str::trim).take(MAX_RULES) {
        if let Some(name) = line.strip_prefix("table ").and_then(|line| line.strip_suffix(" {")) {
            (table, current) = (name.to_owned(), None);
        } else if let Some(name) = line.strip_prefix("chain ").and_then(|line| line.strip_suffix(" {")) {
            let place = format!("{table} {name}");
            chains.insert(place.clone(), Chain { place: place.clone(), ..Chain::default() });
            current = Some(place);
        } else if line == "}" {
            current = None;
        } else if let Some(chain) = current.as_ref().and_then(|place| chains.get_mut(place)) {
            if line.starts_with("type ") {
                chain.is_input = line.contains("hook input");
                chain.drops = line.contains("policy drop");
            } else {
                chain.rules.extend(rule(line, &table, port));
            }
        }
    }
    chains
}

/// Reads a rule; `None` if it has no end that we know.
fn rule(line: &str, table: &str, port: u16) -> Option<Rule> {
    let bare = line.split(" comment \"").next().unwrap_or(line);
    let words: Vec<&str> = bare.split_whitespace().collect();
    let at = words.iter().position(|word| {
        matches!(*word, "accept" | "drop" | "reject" | "jump" | "goto" | "return" | "continue" | "queue")
    })?;
    let action = match words[at] {
        "accept" => Action::Accept,
        "drop" | "reject" => Action::Drop,
        "jump" | "goto" => Action::Jump(format!("{table} {}", words.get(at + 1)?)),
        _ => Action::Pass,
    };
    Some(Rule { text: bare.to_owned(), takes: takes(&words[..at], port), action })
}

/// Which packets the conditions of a rule let through.
fn takes(conditions: &[&str], port: u16) -> Takes {
    let Some(at) = conditions.iter().position(|word| *word == "dport") else {
        let is_all = conditions.iter().all(|word| {
            matches!(*word, "counter" | "packets" | "bytes") || word.bytes().all(|byte| byte.is_ascii_digit())
        });
        return if is_all { Takes::All } else { Takes::Other };
    };
    let ports: Vec<&str> = match conditions.get(at + 1) {
        Some(&"{") => conditions[at + 2..].iter().take_while(|word| **word != "}").copied().collect(),
        Some(one) => vec![one],
        None => Vec::new(),
    };
    if !has_port(&ports.concat(), port) {
        return Takes::Other;
    }
    let before = at.checked_sub(1).map_or("", |before| conditions[before]);
    match before {
        "tcp" => Takes::Port { tcp: true, udp: false },
        "udp" => Takes::Port { tcp: false, udp: true },
        "th" => {
            let has = |protocol| conditions[..at].iter().any(|word| word.trim_matches(',') == protocol);
            let is_any = !has("tcp") && !has("udp");
            Takes::Port { tcp: is_any || has("tcp"), udp: is_any || has("udp") }
        }
        _ => Takes::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A ruleset of one input chain.
    fn input(policy: &str, rules: &str) -> String {
        format!(
            "table inet filter {{\n\tchain input {{\n\t\ttype filter hook input priority filter; policy {policy};\n\
             \t\tct state established,related accept\n\t\tiif \"lo\" accept\n\t\t{rules}\n\t}}\n}}\n"
        )
    }

    /// Checks which of TCP and UDP a ruleset keeps out.
    #[track_caller]
    fn check(ruleset: &str, tcp: bool, udp: bool) {
        let stance = read_nft(ruleset, 1952);
        let closed = (stance.closes(Transport::Tcp), stance.closes(Transport::Udp));
        assert_eq!(closed, (tcp, udp), "{stance:?}\n{ruleset}");
    }

    #[test]
    fn the_first_rule_that_takes_the_port_decides_and_else_the_policy() {
        check(&input("accept", ""), false, false);
        check(&input("drop", ""), true, true);
        check(&input("drop", "tcp dport 1952 accept"), false, true);
        check(
            &input(
                "drop",
                "tcp dport { 22, 1952 } accept\nudp dport 1900-2000 counter packets 0 bytes 0 accept",
            ),
            false,
            false,
        );
        check(&input("drop", "meta l4proto { tcp, udp } th dport 1952 accept"), false, false);
        check(&input("drop", "meta l4proto udp th dport 1952 accept"), true, false);
        check(
            &input("drop", "tcp dport 19520 accept\ntcp dport != 1952 accept\ntcp sport 1952 accept"),
            true,
            true,
        );
        check(&input("accept", "udp dport 1952 drop comment \"accept\""), false, true);
        check(&input("accept", "tcp dport 22 accept\ncounter packets 7 bytes 9 drop"), true, true);
        check(&input("accept", "reject with icmpx admin-prohibited\ntcp dport 1952 accept"), true, true);
        check(&input("accept", "tcp dport @ours drop"), false, false);
    }

    #[test]
    fn chains_are_followed_and_every_table_has_a_say() {
        let zone = "table inet a {\n chain input {\n type filter hook input priority 0; policy drop;\n iifname \"eth0\" goto zone\n }\n \
                    chain zone {\n tcp dport 1952 accept\n jump input\n }\n}\n";
        check(zone, false, true);
        check(
            &(input("accept", "")
                + "table inet no_udp {\n chain input {\n type filter hook input priority filter; policy accept;\n udp dport 1952 drop\n }\n}\n"),
            false,
            true,
        );
    }

    #[test]
    fn other_hooks_and_no_rules_keep_nobody_out() {
        check(
            "table ip nat {\n chain out {\n type nat hook output priority 0; policy drop;\n drop\n }\n}\n",
            false,
            false,
        );
        assert_eq!(read_nft("", 1952), Stance::Inactive);
        check("}\n{\nchain\ntable {\nchain  {\n}}", false, false);
    }

    #[test]
    fn what_closes_a_port_is_quoted_with_a_cure() {
        let ruleset = input("accept", "udp dport 1952 drop");
        let Stance::Closed { tcp: None, udp: Some(reason) } = read_nft(&ruleset, 1952) else {
            panic!("{ruleset}")
        };
        assert_eq!(reason.says.as_str(), "`udp dport 1952 drop` in inet filter input");
        assert_eq!(reason.cure.as_str(), "sudo nft insert rule inet filter input udp dport 1952 accept");
    }
}
