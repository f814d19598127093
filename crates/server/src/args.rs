//! The command line of `oxo-server`: what was typed, and what it means together with a file.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use net::{addr::ListenAddr, proto::Name};
use server::shell::Config;
use thiserror::Error;

use crate::{
    file::{self, File, FileError},
    settings::{Chosen, OutOfRange, Setting},
};

/// Hosts matches of oxo, the tic-tac-toe for two people on one network
#[derive(Debug, Parser)]
#[command(name = "oxo-server", version)]
pub(crate) struct Args {
    /// Where to listen.
    #[arg(
        long,
        value_name = "ADDR",
        help = "Where to listen; may be given several times, and port 0 asks the system for a free one [default: [::]:1952]"
    )]
    listen: Vec<ListenAddr>,

    /// Settings in TOML; what is typed here goes before them
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// What players see the server called [default: this machine's name]
    #[arg(long)]
    name: Option<Name>,

    /// Announce no game to the network: players must type the address
    #[arg(long)]
    no_discovery: bool,

    /// Sessions at most, those with a lost connection included [default: 4000]
    #[arg(long, value_name = "N", value_parser = |typed: &str| choose("limits", "sessions", typed))]
    max_sessions: Option<Chosen>,

    /// Rooms at most [default: 2000]
    #[arg(long, value_name = "N", value_parser = |typed: &str| choose("limits", "rooms", typed))]
    max_rooms: Option<Chosen>,

    /// How long the seat of a lost connection is the player's alone [default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = |typed: &str| choose("limits", "grace", typed))]
    grace: Option<Chosen>,

    /// How long a connection may take to say its hello [default: 5]
    #[arg(long, value_name = "SECONDS", value_parser = |typed: &str| choose("links", "hello-timeout", typed))]
    hello_timeout: Option<Chosen>,

    /// Sessions over UDP that one address may have [default: 1024]
    #[arg(long, value_name = "N", value_parser = |typed: &str| choose("udp", "sessions-per-address", typed))]
    sessions_per_address: Option<Chosen>,

    /// New sessions over UDP that one address may open in a second [default: 50]
    #[arg(long, value_name = "N", value_parser = |typed: &str| choose("udp", "hellos-per-address", typed))]
    hellos_per_address: Option<Chosen>,

    /// Datagrams a second that a session over UDP is sent [default: 200]
    #[arg(long, value_name = "N", value_parser = |typed: &str| choose("udp", "datagrams-per-second", typed))]
    datagrams_per_second: Option<Chosen>,

    /// Messages a second that a session may send [default: 50]
    #[arg(long, value_name = "N", value_parser = |typed: &str| choose("links", "messages-per-second", typed))]
    messages_per_second: Option<Chosen>,

    /// Messages that a session may send at once after a pause [default: 100]
    #[arg(long, value_name = "N", value_parser = |typed: &str| choose("links", "message-burst", typed))]
    message_burst: Option<Chosen>,

    /// Speak the line protocol over UDP, too: for a lesson, and not for a hostile network
    #[arg(long)]
    text_udp: bool,

    /// How log lines on standard error are written
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,

    /// Log more, to find a fault: every command of every session, with what players say
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

/// What was asked for, in the file and on the command line.
#[derive(Debug)]
pub(crate) struct Settings {
    /// Where to listen, at least at one place.
    pub(crate) listen: Vec<ListenAddr>,
    pub(crate) config: Config,
}

/// Why there are no settings.
#[derive(Debug, Error)]
pub(crate) enum SettingsError {
    /// The file is of no use.
    #[error(transparent)]
    File(#[from] FileError),
    /// Each session takes a link, and some more are needed for handshakes.
    #[error("`links` is {links}, which is not enough for {sessions} sessions")]
    TooFewLinks { links: usize, sessions: usize },
}

impl Args {
    /// The settings that were asked for: what is typed goes before the file, and the file before the defaults.
    pub(crate) fn settings(&self) -> Result<Settings, SettingsError> {
        let file = self.config.as_deref().map(file::read).transpose()?.unwrap_or_default();
        self.settings_beside(file)
    }

    fn settings_beside(&self, file: File) -> Result<Settings, SettingsError> {
        let name = self.name.or(file.name).unwrap_or_else(machine_name);
        let mut config = Config::new(name);
        config.is_announced = !self.no_discovery && file.is_announced.unwrap_or(config.is_announced);
        let handshakes = config.links - config.limits.sessions;
        let mut chose_links = false;
        for chosen in file.chosen.iter().chain(self.typed()) {
            chosen.apply(&mut config);
            chose_links |= chosen.setting.key == "links";
        }
        config.text_udp |= self.text_udp;
        let sessions = config.limits.sessions;
        if !chose_links {
            config.links = sessions.saturating_add(handshakes);
        }
        if config.links < sessions {
            return Err(SettingsError::TooFewLinks { links: config.links, sessions });
        }
        config.arq.sessions = config.links;
        let typed = Some(self.listen.clone()).filter(|typed| !typed.is_empty());
        let listen = typed.or(file.listen).unwrap_or_else(|| vec![ListenAddr::default()]);
        Ok(Settings { listen, config })
    }

    fn typed(&self) -> impl Iterator<Item = &Chosen> {
        [
            &self.max_sessions,
            &self.max_rooms,
            &self.grace,
            &self.hello_timeout,
            &self.sessions_per_address,
            &self.hellos_per_address,
            &self.datagrams_per_second,
            &self.messages_per_second,
            &self.message_burst,
        ]
        .into_iter()
        .flatten()
    }
}

impl SettingsError {
    /// What to do about it, where there is something.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::File(error) => error.hint(),
            Self::TooFewLinks { .. } => {
                Some("leave `links` out: it is then 96 more than `sessions`".to_owned())
            }
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

/// Reads the value of a setting. A time without a unit is in seconds here.
fn choose(table: &str, key: &str, typed: &str) -> Result<Chosen, OutOfRange> {
    let setting = Setting::find(table, key).expect("a test parses every flag");
    let is_bare = typed.bytes().all(|byte| byte.is_ascii_digit());
    if setting.is_time() && is_bare { setting.choose(&format!("{typed}s")) } else { setting.choose(typed) }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    const FLAGS: [(&str, &str); 9] = [
        ("--max-sessions", "max_sessions"),
        ("--max-rooms", "max_rooms"),
        ("--grace", "grace"),
        ("--hello-timeout", "hello_timeout"),
        ("--sessions-per-address", "sessions_per_address"),
        ("--hellos-per-address", "hellos_per_address"),
        ("--datagrams-per-second", "datagrams_per_second"),
        ("--messages-per-second", "messages_per_second"),
        ("--message-burst", "message_burst"),
    ];

    #[track_caller]
    fn settings(typed: &[&str], file: &str) -> Settings {
        let args = Args::parse_from(["oxo-server", "--name", "den"].iter().chain(typed));
        args.settings_beside(file::parse(file).unwrap()).unwrap()
    }

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn the_defaults_are_those_of_the_library() {
        let default = Config::new("den".parse().unwrap());
        let settings = settings(&[], "");
        assert_eq!(format!("{:?}", settings.config), format!("{default:?}"));
        assert_eq!(settings.listen, [ListenAddr::default()]);
    }

    /// What the help says is typed, and changes nothing.
    #[test]
    fn the_defaults_in_the_help_are_the_defaults() {
        let default = format!("{:?}", settings(&[], "").config);
        let command = Args::command();
        for (flag, id) in FLAGS {
            let argument = command.get_arguments().find(|argument| argument.get_id() == id).unwrap();
            let help = argument.get_help().unwrap().to_string();
            let value = help.rsplit_once("[default: ").and_then(|(_, rest)| rest.strip_suffix(']')).unwrap();
            assert_eq!(format!("{:?}", settings(&[flag, value], "").config), default, "{flag} {value}");
            assert_ne!(format!("{:?}", settings(&[flag, "7"], "").config), default, "{flag} does nothing");
        }
    }

    #[test]
    fn a_flag_goes_before_the_file_and_the_file_before_the_default() {
        let file = "name = \"attic\"\nlisten = [\"127.0.0.1:0\"]\n[limits]\nrooms = 1\ngrace = \"500s\"\n";
        let with = settings(&["--max-rooms", "2", "--listen", "[::1]:0", "--listen", "[::1]:5"], file);
        assert_eq!(with.config.limits.rooms, 2);
        assert_eq!(with.config.limits.grace.as_secs(), 500);
        assert_eq!(with.config.name.as_str(), "den");
        assert_eq!(with.listen.len(), 2);
        assert_eq!(settings(&[], file).listen, ["127.0.0.1:0".parse().unwrap()]);
    }

    #[test]
    fn discovery_is_switched_off_by_a_flag_or_by_the_file() {
        assert!(settings(&[], "").config.is_announced);
        assert!(!settings(&["--no-discovery"], "discovery = true\n").config.is_announced);
        assert!(!settings(&[], "discovery = false\n").config.is_announced);
    }

    #[test]
    fn lines_over_udp_are_spoken_when_that_is_asked_for() {
        assert!(!settings(&[], "").config.text_udp);
        assert!(settings(&["--text-udp"], "").config.text_udp);
        assert!(settings(&[], "[udp]\ntext-udp = true\n").config.text_udp);
        for bad in ["1", "\"true\"", "\"on\""] {
            let wrong = file::parse(&format!("[udp]\ntext-udp = {bad}\n")).unwrap_err().1;
            assert_eq!(wrong.to_string(), format!("`text-udp` is `true` or `false`, not `{bad}`"));
        }
    }

    #[test]
    fn links_follow_the_sessions_unless_they_are_set() {
        let links = |typed: &[&str], file| settings(typed, file).config.links;
        assert_eq!(links(&["--max-sessions", "10"], ""), 106);
        assert_eq!(links(&[], "[limits]\nsessions = 10\n"), 106);
        assert_eq!(links(&[], "[limits]\nsessions = 10\n[links]\nlinks = 12\n"), 12);
        assert_eq!(settings(&["--max-sessions", "10"], "").config.arq.sessions, 106);
        let args = Args::parse_from(["oxo-server", "--max-sessions", "13"]);
        let error = args.settings_beside(file::parse("[links]\nlinks = 12\n").unwrap()).unwrap_err();
        assert_eq!(error.to_string(), "`links` is 12, which is not enough for 13 sessions");
    }
}
