//! The probes of this machine.

use std::{
    fs,
    path::{Path, PathBuf},
};

use net::{
    addr::DEFAULT_PORT,
    bind::{BindError, PortCheck, check_port},
    interfaces::local_addresses,
};

use super::{multicast, owner::owner_of, terminal, waiting::ask_for_patience};
use crate::{
    config_file::Loaded,
    doctor::{
        firewall,
        local::{Files, Folder, Local, Port, PortState},
        terminal::{Answers, Terminal},
    },
    env::TerminalEnv,
    saved_seats,
    system::is_writable,
};

/// Examines this machine.
pub(in crate::doctor) async fn examine_local(log: Option<&Path>, config: &Loaded) -> Local {
    let terminal = terminal::examine();
    ask_for_patience("listening for others on the network", firewall::PROGRAM_LIMIT * 2);
    Local { terminal, files: files(log, config), ..examine_network().await }
}

/// Examines this machine, but neither its terminal nor its files.
pub(in crate::doctor) async fn examine_network() -> Local {
    let (addresses, no_addresses) = match local_addresses() {
        Ok(addresses) => (addresses, None),
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    let (multicast, firewalls) = tokio::join!(multicast::ask_everywhere(&addresses), firewall::find());
    Local {
        terminal: Terminal::new(&TerminalEnv::default(), None, Answers::default()),
        addresses,
        no_addresses,
        ports: check_port(DEFAULT_PORT).into_iter().map(port).collect(),
        multicast,
        firewalls,
        files: Files { state: None, seats: 0, config: None, config_problems: Vec::new(), log: None },
    }
}

fn port(PortCheck { transport, is_ipv6, outcome }: PortCheck) -> Port {
    let state = match outcome {
        Ok(()) => PortState::Free,
        Err(BindError::PortBusy(..)) => PortState::Busy(owner_of(transport, is_ipv6, DEFAULT_PORT)),
        Err(BindError::NotHere(..)) => PortState::NoFamily,
        Err(BindError::Denied(_, source) | BindError::Other(_, source)) => {
            PortState::Denied(source.to_string())
        }
        Err(error @ (BindError::Scope(_) | BindError::Twice(_))) => PortState::Denied(error.to_string()),
    };
    Port { name: format!("{} {}", transport.name(), if is_ipv6 { "IPv6" } else { "IPv4" }), state }
}

fn files(log: Option<&Path>, config: &Loaded) -> Files {
    let kept = saved_seats::folder();
    let seats = kept.as_ref().and_then(|folder| fs::read_dir(folder).ok());
    Files {
        state: kept.as_deref().and_then(Path::parent).map(folder),
        seats: seats.map_or(0, |seats| seats.take(MAX_SEATS).count()),
        config: config.file.as_ref().map(|file| folder(&file.path)),
        config_problems: config.problems.clone(),
        log: log.map(folder),
    }
}

/// Tells whether a path can be written, or made if it does not exist yet.
fn folder(path: &Path) -> Folder {
    let nearest =
        path.ancestors().find(|path| path.exists()).map_or_else(|| PathBuf::from("."), PathBuf::from);
    // The parent of a relative path of one part is the empty path, which stands for the current folder.
    let nearest = if nearest.as_os_str().is_empty() { Path::new(".") } else { &nearest };
    Folder {
        path: path.to_string_lossy().into_owned(),
        exists: path.exists(),
        is_writable: is_writable(nearest),
    }
}

/// Seats counted at most.
const MAX_SEATS: usize = 1000;
