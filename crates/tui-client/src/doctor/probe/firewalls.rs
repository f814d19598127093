//! The firewalls of this machine, read and never changed. Most of them let only root read their rules.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{io::AsyncReadExt, process::Command, time::timeout};

use super::names::read;
use crate::doctor::{
    firewall::{Firewall, Stance, read_firewalld, read_iptables, read_nft, read_ufw},
    report::Plain,
};

/// Reads what each firewall that is there does about a port.
pub(super) async fn examine(port: u16) -> Vec<Firewall> {
    let mut found = Vec::new();
    let mut add = |name, stance: Option<Stance>| found.extend(stance.map(|stance| Firewall { name, stance }));
    add("ufw", ufw(port));
    add("firewalld", firewalld(port).await);
    add("nftables", nft(port).await);
    add("iptables", iptables("iptables", "/proc/net/ip_tables_names", port).await);
    add("ip6tables", iptables("ip6tables", "/proc/net/ip6_tables_names", port).await);
    // Those two put their rules into nftables: who has read what they mean need not read what they make of it.
    let is_managed = found.iter().any(|firewall| match firewall {
        Firewall { name: "ufw" | "firewalld", stance: Stance::Open | Stance::Closed { .. } } => true,
        Firewall { .. } => false,
    });
    if is_managed {
        found.retain(|firewall| !matches!(firewall.stance, Stance::Unknown { .. }));
    }
    found
}

fn ufw(port: u16) -> Option<Stance> {
    let conf = read(Path::new("/etc/ufw/ufw.conf"))?;
    let defaults = read(Path::new("/etc/default/ufw")).unwrap_or_default();
    Some(read_ufw(&conf, &defaults, read(Path::new("/etc/ufw/user.rules")).as_deref(), port))
}

async fn firewalld(port: u16) -> Option<Stance> {
    let program = program("firewall-cmd")?;
    let state = run(&program, &["--state"]).await.ok()?;
    if state.trim() != "running" {
        return Some(Stance::Inactive);
    }
    let ask = "sudo firewall-cmd --list-all";
    Some(match run(&program, &["--list-all"]).await {
        Ok(zone) => read_firewalld(&zone, port),
        Err(error) => unknown(&error, ask),
    })
}

async fn nft(port: u16) -> Option<Stance> {
    let program = program("nft")?;
    Some(match run(&program, &["list", "ruleset"]).await {
        Ok(ruleset) => read_nft(&ruleset, port),
        Err(error) => unknown(&error, "sudo nft list ruleset"),
    })
}

/// The rules that are not in nftables. The list of tables is there once somebody has used them.
async fn iptables(command: &str, tables: &str, port: u16) -> Option<Stance> {
    match fs::metadata(tables) {
        Err(_) => return None,
        Ok(_) if read(Path::new(tables)).is_some_and(|names| names.trim().is_empty()) => return None,
        Ok(_) => {}
    }
    let legacy = program(&format!("{command}-legacy-save"));
    let program = legacy.or_else(|| program(&format!("{command}-save")))?;
    Some(match run(&program, &[]).await {
        Ok(saved) => read_iptables(&saved, command, port),
        Err(error) => unknown(&error, &format!("sudo {}", program.display())),
    })
}

fn unknown(error: &io::Error, ask: &str) -> Stance {
    Stance::Unknown { why: Plain::new(error.to_string()), ask: Plain::new(ask) }
}

/// Finds a program, also where only root looks for it.
fn program(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let folders = env::split_paths(&path).chain(ROOTS_PATH.iter().map(PathBuf::from));
    folders.map(|folder| folder.join(name)).find(|program| program.is_file())
}

/// Runs a program and returns what it prints, as far as it is of use.
async fn run(program: &Path, args: &[&str]) -> io::Result<String> {
    let mut command = Command::new(program);
    command.args(args).env("LC_ALL", "C").kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let talk = async {
        let mut child = command.spawn()?;
        let mut printed = Vec::new();
        if let Some(stdout) = child.stdout.take() {
            stdout.take(MAX_OUTPUT).read_to_end(&mut printed).await?;
        }
        let status = child.wait().await?;
        Ok((status.success(), printed))
    };
    match timeout(PATIENCE, talk).await {
        Ok(Ok((true, printed))) => Ok(String::from_utf8_lossy(&printed).into_owned()),
        Ok(Ok((false, _))) => Err(io::Error::other("its rules are the administrator's to read")),
        Ok(Err(error)) => Err(error),
        Err(_elapsed) => Err(io::Error::other("it does not answer in time")),
    }
}

/// Where the programs of the administrator are, which are not on everybody's path.
const ROOTS_PATH: [&str; 3] = ["/usr/sbin", "/sbin", "/usr/local/sbin"];

/// How long one program may take. They read what the kernel has at hand.
const PATIENCE: Duration = Duration::from_secs(1);

/// Bytes of rules that are read.
const MAX_OUTPUT: u64 = 512 * 1024;
