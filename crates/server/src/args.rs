//! The command line of `oxo-server`: what was typed, and what it means.

use std::time::Duration;

use clap::{Parser, ValueEnum};
use net::{addr::ListenAddr, arq, proto::Name};
use server::{lobby::Limits, shell::Config};

/// Hosts matches of oxo, the tic-tac-toe for two people on one network
#[derive(Debug, Parser)]
#[command(name = "oxo-server", version)]
pub(crate) struct Args {
    /// Where to listen; may be given several times, and port 0 asks the system for a free one
    #[arg(long, value_name = "ADDR", default_value = "[::]:1952")]
    pub(crate) listen: Vec<ListenAddr>,

    /// What players see the server called [default: this machine's name]
    #[arg(long)]
    name: Option<Name>,

    /// Sessions at most, those with a lost connection included
    #[arg(long, value_name = "N", default_value_t = Limits::default().sessions, value_parser = at_least_one)]
    max_sessions: usize,

    /// Rooms at most
    #[arg(long, value_name = "N", default_value_t = Limits::default().rooms, value_parser = room_count)]
    max_rooms: usize,

    /// How long a seat is kept for a lost connection
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    grace: Duration,

    /// How long a connection may take to say its hello
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    hello_timeout: Duration,

    /// Sessions over UDP that one address may have
    #[arg(long, value_name = "N", default_value_t = arq::Config::default().sessions_per_address, value_parser = at_least_one)]
    sessions_per_address: usize,

    /// New sessions over UDP that one address may open in a second
    #[arg(long, value_name = "N", default_value_t = arq::Config::default().hellos_per_address, value_parser = clap::value_parser!(u32).range(1..))]
    hellos_per_address: u32,

    /// Datagrams a second that a session over UDP is sent
    #[arg(long, value_name = "N", default_value_t = arq::Config::default().datagrams_per_second, value_parser = clap::value_parser!(u32).range(1..))]
    datagrams_per_second: u32,

    /// Messages a second that a session may send
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    messages_per_second: u32,

    /// Messages that a session may send at once after a pause
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    message_burst: u32,

    /// How log lines on standard error are written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,

    /// Log more; twice for every command of every session
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

impl Args {
    /// The settings that were asked for.
    pub(crate) fn config(&self) -> Config {
        let limits = Limits {
            sessions: self.max_sessions,
            rooms: self.max_rooms,
            grace: self.grace,
            ..Limits::default()
        };
        let base = Config::new(self.name.unwrap_or_else(machine_name));
        let links = self.max_sessions.saturating_add(base.links - base.limits.sessions);
        let arq = arq::Config {
            sessions: links,
            sessions_per_address: self.sessions_per_address,
            hellos_per_address: self.hellos_per_address,
            datagrams_per_second: self.datagrams_per_second,
            ..base.arq
        };
        Config {
            links,
            arq,
            limits,
            hello_timeout: self.hello_timeout,
            messages_per_second: self.messages_per_second,
            message_burst: self.message_burst,
            ..base
        }
    }
}

/// This machine's name, as far as it makes a name, else the program's.
fn machine_name() -> Name {
    let uname = rustix::system::uname();
    let node = uname.nodename().to_string_lossy();
    let host = node.split('.').next().unwrap_or_default();
    Name::sanitize(host).unwrap_or_else(|| "oxo-server".parse().expect("ten letters and a hyphen"))
}

fn seconds(typed: &str) -> Result<Duration, String> {
    match typed.parse() {
        Ok(count @ 1..=86_400) => Ok(Duration::from_secs(count)),
        _ => Err("a whole number of seconds from 1 to 86400 is needed".into()),
    }
}

fn at_least_one(typed: &str) -> Result<usize, String> {
    match typed.parse() {
        Ok(count @ 1..=1_000_000) => Ok(count),
        _ => Err("a number from 1 to 1000000 is needed".into()),
    }
}

fn room_count(typed: &str) -> Result<usize, String> {
    match typed.parse() {
        Ok(count) if (1..=Limits::MAX_ROOMS).contains(&count) => Ok(count),
        _ => Err(format!("a number from 1 to {} is needed: half of all room codes", Limits::MAX_ROOMS)),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn the_defaults_are_those_of_the_library() {
        let args = Args::parse_from(["oxo-server", "--name", "den"]);
        let default = Config::new("den".parse().unwrap());
        assert_eq!(format!("{:?}", args.config()), format!("{default:?}"));
    }
}
