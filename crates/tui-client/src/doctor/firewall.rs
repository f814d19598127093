//! The active firewalls of this machine, and the commands that open a port in them.
//!
//! Their rules are not read: a rule may depend on addresses, interfaces, services or other rules, so that only a packet
//! from another machine shows whether a port is open. `oxo doctor HOST` sends one.

use std::{env, fs, io, path::PathBuf, process::Stdio, time::Duration};

use net::addr::DEFAULT_PORT;
use serde::Serialize;
use tokio::{io::AsyncReadExt, process::Command, time::timeout};

use super::report::{Section, Status};

/// A firewall that is active, or may be.
#[derive(Debug, Serialize)]
pub(super) struct Firewall {
    pub(super) name: &'static str,
    /// The sign of its activity, in words.
    pub(super) finding: String,
    /// The commands that open the port, or the one that shows more.
    pub(super) commands: Vec<String>,
}

/// Finds the active firewalls.
pub(super) async fn find() -> Vec<Firewall> {
    if cfg!(windows) {
        return vec![windows_defender()];
    }
    let managers: Vec<_> = [ufw(), firewalld().await].into_iter().flatten().collect();
    if managers.is_empty() {
        [nftables().await, iptables()].into_iter().flatten().collect()
    } else {
        // They make the rules of the kernel's own firewalls.
        managers
    }
}

/// Reports the firewalls, and how to measure what they do. `addr` is an address of this machine.
pub(super) fn report(firewalls: &[Firewall], addr: &str, section: &mut Section) {
    if firewalls.is_empty() {
        section.add(Status::Ok, "no active firewall was found");
    }
    for Firewall { finding, commands, .. } in firewalls {
        section.explain(Status::Note, finding, commands);
    }
    let measure = format!("there, while `oxo host` runs here: oxo doctor {addr}");
    section.explain(
        Status::Note,
        format!("another machine can tell whether port {DEFAULT_PORT} is open"),
        [measure],
    );
}

/// The firewall that every Windows has. Nothing tells a program whether it is switched off.
fn windows_defender() -> Firewall {
    let open = |transport| {
        format!(
            "netsh advfirewall firewall add rule name=oxo dir=in action=allow protocol={transport} localport={DEFAULT_PORT}"
        )
    };
    Firewall {
        name: "Windows Defender Firewall",
        finding: "Windows Defender Firewall drops what comes in, unless a rule or its owner says otherwise; as an administrator:".into(),
        commands: ["TCP", "UDP"].map(open).into(),
    }
}

fn ufw() -> Option<Firewall> {
    let is_enabled = read("/etc/ufw/ufw.conf")?.is_ok_and(|conf| is_ufw_enabled(&conf));
    is_enabled.then(|| Firewall {
        name: "ufw",
        finding: "ufw is enabled".into(),
        commands: vec![format!("sudo ufw allow {DEFAULT_PORT}")],
    })
}

/// Reads `ufw.conf`, which is a shell script of assignments.
fn is_ufw_enabled(conf: &str) -> bool {
    let mut values = conf.lines().filter_map(|line| line.trim().strip_prefix("ENABLED="));
    values.next_back().is_some_and(|value| value.trim_matches(['"', '\'']).eq_ignore_ascii_case("yes"))
}

async fn firewalld() -> Option<Firewall> {
    let state = run("firewall-cmd", &["--state"]).await?.unwrap_or_default();
    (state.trim() == "running").then(|| Firewall {
        name: "firewalld",
        finding: "firewalld is running".into(),
        commands: vec![format!(
            "sudo firewall-cmd --permanent --add-port={DEFAULT_PORT}/tcp --add-port={DEFAULT_PORT}/udp && sudo firewall-cmd --reload"
        )],
    })
}

async fn nftables() -> Option<Firewall> {
    let Ok(listed) = run("nft", &["list", "chains"]).await? else { return Some(hidden("nftables")) };
    let chains = input_chains(&listed);
    let open = |chain| {
        format!("sudo nft 'insert rule {chain} meta l4proto {{ tcp, udp }} th dport {DEFAULT_PORT} accept'")
    };
    (!chains.is_empty()).then(|| Firewall {
        name: "nftables",
        finding: format!("nftables filters what comes in, in {}", chains.join(", ")),
        commands: chains.iter().map(open).collect(),
    })
}

/// The chains at the input hook, as in `inet filter input`.
fn input_chains(listed: &str) -> Vec<String> {
    let (mut table, mut chain) = ("", "");
    let mut chains = Vec::new();
    for line in listed.lines().map(str::trim) {
        if let Some(name) = line.strip_prefix("table ") {
            table = name.trim_end_matches(" {");
        } else if let Some(name) = line.strip_prefix("chain ") {
            chain = name.trim_end_matches(" {");
        } else if line.contains("hook input") && chains.len() < MAX_CHAINS {
            chains.push(format!("{table} {chain}"));
        }
    }
    chains
}

/// Finds rules outside nftables, whose tables the kernel lists once they are loaded.
fn iptables() -> Option<Firewall> {
    let programs = [("iptables", "/proc/net/ip_tables_names"), ("ip6tables", "/proc/net/ip6_tables_names")];
    let mut commands = Vec::new();
    for (program, tables) in programs {
        match read(tables) {
            Some(Ok(names)) if names.lines().any(|name| name == "filter") => {
                let open = |transport| {
                    format!("sudo {program} -I INPUT -p {transport} --dport {DEFAULT_PORT} -j ACCEPT")
                };
                commands.extend(["tcp", "udp"].map(open));
            }
            Some(Ok(_)) | None => {}
            Some(Err(_)) => return Some(hidden("iptables")),
        }
    }
    let finding = "iptables has its table `filter` loaded".into();
    (!commands.is_empty()).then_some(Firewall { name: "iptables", finding, commands })
}

fn hidden(name: &'static str) -> Firewall {
    let finding = format!("only root can see whether {name} has rules");
    Firewall { name, finding, commands: vec!["sudo oxo doctor".into()] }
}

/// Reads a small file; `None` if it does not exist.
fn read(path: &str) -> Option<io::Result<String>> {
    match fs::read_to_string(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        read => Some(read),
    }
}

/// Runs a program and returns what it prints; `None` if it is not installed.
async fn run(name: &str, args: &[&str]) -> Option<io::Result<String>> {
    // Root's folders are not on everybody's path.
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(["/usr/sbin", "/sbin", "/usr/local/sbin"].map(PathBuf::from));
    let program = folders.map(|folder| folder.join(name)).find(|program| program.is_file())?;
    let mut command = Command::new(program);
    command.args(args).env("LC_ALL", "C").kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let talk = async {
        let mut child = command.spawn()?;
        let mut printed = String::new();
        if let Some(stdout) = child.stdout.take() {
            stdout.take(MAX_OUTPUT).read_to_string(&mut printed).await?;
        }
        if child.wait().await?.success() { Ok(printed) } else { Err(io::Error::other("it failed")) }
    };
    Some(timeout(PROGRAM_LIMIT, talk).await.unwrap_or_else(|elapsed| Err(elapsed.into())))
}

/// The time limit of one program. Two are run.
pub(super) const PROGRAM_LIMIT: Duration = Duration::from_secs(1);

/// Bytes read of a program's output; what is longer is cut off.
const MAX_OUTPUT: u64 = 64 * 1024;

/// Chains named at most: one for each line of a terminal that a person still reads.
const MAX_CHAINS: usize = 8;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ufw_is_enabled_by_its_last_assignment() {
        for (conf, expected) in [
            ("# comment\nENABLED=yes\nLOGLEVEL=low\n", true),
            ("ENABLED=\"Yes\"", true),
            ("ENABLED=yes\nENABLED=no", false),
            ("#ENABLED=yes", false),
            ("", false),
        ] {
            assert_eq!(is_ufw_enabled(conf), expected, "{conf}");
        }
    }

    #[test]
    fn only_chains_at_the_input_hook_filter_what_comes_in() {
        let listed = "table inet filter {\n\tchain input {\n\t\ttype filter hook input priority filter; policy drop;\n\t}\n\
             \tchain ours {\n\t}\n\tchain forward {\n\t\ttype filter hook forward priority filter; policy drop;\n\t}\n}\n\
             table ip nat {\n\tchain out {\n\t\ttype nat hook output priority 0; policy accept;\n\t}\n}\n\
             table inet no_udp {\n\tchain mine {\n\t\ttype filter hook input priority filter; policy accept;\n\t}\n}\n";
        assert_eq!(input_chains(listed), ["inet filter input", "inet no_udp mine"]);
        assert_eq!(input_chains(""), [""; 0]);
        assert_eq!(input_chains("}\nchain\ntable {\nhook input").len(), 1, "rubbish is no panic");
        assert_eq!(input_chains(&"hook input\n".repeat(100)).len(), MAX_CHAINS);
    }
}
