//! The command line of `oxo-server`, and its combination with the settings file.

use std::{env, net::SocketAddr, path::PathBuf, time::Duration};

use clap::{CommandFactory as _, Parser, Subcommand, ValueEnum};
use humantime_serde::re::humantime;
use net::{addr::ListenAddr, proto::Name};
use server::manual::{Chapter, Printed};

use crate::{matches::Matches, settings::Settings};

/// Hosts matches of oxo, tic-tac-toe for two people on one network
#[derive(Debug, Parser)]
#[command(name = "oxo-server", version, args_conflicts_with_subcommands = true)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) errand: Option<Errand>,

    /// Addresses to listen on.
    #[arg(
        long,
        value_name = "ADDR",
        help = "Address to listen on; repeat it for several, port 0 picks a free one [default: [::]:1952]"
    )]
    listen: Vec<ListenAddr>,

    /// Settings file in TOML; flags take precedence over it
    #[arg(long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,

    #[cfg_attr(
        not(windows),
        doc = "Folder in which games are kept [default: `$STATE_DIRECTORY`, or `oxo/server` in the folder of XDG for state]"
    )]
    #[cfg_attr(windows, doc = r"Folder in which games are kept [default: `%LOCALAPPDATA%\oxo\server`]")]
    #[arg(long, value_name = "DIR", global = true)]
    data_dir: Option<PathBuf>,

    /// Keep nothing: a stop of the server ends its games
    #[arg(long, conflicts_with = "data_dir")]
    no_store: bool,

    /// Name of the server as players see it [default: this machine's name]
    #[arg(long, value_parser = Name::parse_typed)]
    name: Option<Name>,

    /// Do not announce the server to the network: players must type the address
    #[arg(long)]
    no_discovery: bool,

    /// Give browsers no page to play on
    #[arg(long)]
    no_web: bool,

    /// Serve metrics and a health check at this address, such as 127.0.0.1:9952; port 0 picks a free one
    #[arg(long, value_name = "ADDR")]
    admin: Option<SocketAddr>,

    /// Maximum of sessions, including those with a lost connection [default: 4000]
    #[arg(long, value_name = "N")]
    max_sessions: Option<usize>,

    /// Maximum of rooms [default: 2000]
    #[arg(long, value_name = "N")]
    max_rooms: Option<usize>,

    /// Time for which the seat of a lost connection is kept [default: 30]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    grace: Option<Duration>,

    /// Time for a connection to complete its hello [default: 5]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    hello_timeout: Option<Duration>,

    /// Share of one address in sessions, rooms and all else that is counted by address, in percent [default: 25]
    #[arg(long, value_name = "N")]
    percent_per_address: Option<usize>,

    /// New sessions over UDP a second from one address [default: 50]
    #[arg(long, value_name = "N")]
    hellos_per_address: Option<u32>,

    /// Datagrams a second to one session over UDP [default: 200]
    #[arg(long, value_name = "N")]
    datagrams_per_second: Option<u32>,

    /// Messages a second from one session, at least 50 [default: 50]
    #[arg(long, value_name = "N")]
    messages_per_second: Option<u32>,

    /// Messages at once from one session after a pause, at least 100 [default: 100]
    #[arg(long, value_name = "N")]
    message_burst: Option<u32>,

    /// Format of the log on standard error
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) log_format: LogFormat,

    /// Log every command of every session, including chat, to find a fault
    #[arg(short, long, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// An errand in place of serving.
#[derive(Debug, Subcommand)]
pub(crate) enum Errand {
    /// Print the finished matches, also while a server runs
    Matches(Matches),
    /// Copy the database into a new file, also while a server runs
    Backup {
        /// The copy
        file: PathBuf,
    },
    /// Print a text that comes with the program.
    #[command(flatten)]
    Printed(Printed),
}

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for machines.
    Json,
}

impl Args {
    /// The settings: flags take precedence over the file, and the file over the defaults.
    pub(crate) fn settings(&self) -> anyhow::Result<Settings> {
        let mut settings = self.config.as_deref().map(Settings::read).transpose()?.unwrap_or_default();
        self.apply(&mut settings);
        settings.validate()?;
        Ok(settings)
    }

    /// The text that is asked for instead of a server.
    pub(crate) fn printed(&self) -> Option<String> {
        let Some(Errand::Printed(printed)) = self.errand else { return None };
        let chapters = [
            Chapter::new("ENVIRONMENT", ENVIRONMENT),
            Chapter::new("FILES", FILES),
            Chapter::new("SIGNALS", SIGNALS),
            Chapter::new("EXIT STATUS", EXIT_STATUS),
            Chapter::new("SEE ALSO", SEE_ALSO),
        ];
        Some(printed.text(Self::command(), "1", &chapters))
    }

    fn apply(&self, settings: &mut Settings) {
        let Settings { name, listen, discovery, web, web_names: _, admin, data_dir, store, .. } = settings;
        if !self.listen.is_empty() {
            listen.clone_from(&self.listen);
        }
        *name = self.name.or(*name);
        *discovery &= !self.no_discovery;
        *web &= !self.no_web;
        *admin = self.admin.or(*admin);
        if let Some(folder) = &self.data_dir {
            *data_dir = Some(folder.clone());
        }
        *store = !self.no_store && (*store || self.data_dir.is_some());
        let Settings { limits, links, udp, .. } = settings;
        set(&mut limits.sessions, self.max_sessions);
        set(&mut limits.rooms, self.max_rooms);
        set(&mut limits.percent_per_address, self.percent_per_address);
        set(&mut limits.grace, self.grace);
        set(&mut links.hello_timeout, self.hello_timeout);
        set(&mut links.messages_per_second, self.messages_per_second);
        set(&mut links.message_burst, self.message_burst);
        set(&mut udp.hellos_per_address, self.hellos_per_address);
        set(&mut udp.datagrams_per_second, self.datagrams_per_second);
    }
}

/// The folder in which games are kept where none is named: that of systemd for this service, or the player's own.
pub(crate) fn usual_folder() -> Option<PathBuf> {
    let given = |name| env::var_os(name).filter(|value| !value.is_empty());
    if let Some(folders) = given("STATE_DIRECTORY") {
        // Of several folders (systemd.exec), the first.
        return env::split_paths(&folders).next();
    }
    if cfg!(windows) {
        return Some(PathBuf::from(given("LOCALAPPDATA")?).join(r"oxo\server"));
    }
    let state = given("XDG_STATE_HOME").map(PathBuf::from).filter(|folder| folder.is_absolute());
    let state = state.or_else(|| Some(PathBuf::from(given("HOME")?).join(".local/state")))?;
    Some(state.join("oxo/server"))
}

fn set<T: Copy>(setting: &mut T, flag: Option<T>) {
    *setting = flag.unwrap_or(*setting);
}

/// Reads a time; without a unit, it is in seconds.
fn seconds(typed: &str) -> Result<Duration, humantime::DurationError> {
    typed.parse().map(Duration::from_secs).or_else(|_no_number| humantime::parse_duration(typed))
}

const ENVIRONMENT: &[(&str, &str)] = &[
    (
        "LISTEN_FDS, LISTEN_PID",
        "Sockets that the service manager has opened. They are used instead of --listen.",
    ),
    ("NOTIFY_SOCKET", "The socket of the service manager, which is told the start and the end."),
    ("WATCHDOG_USEC, WATCHDOG_PID", "The time in which the service manager wants a sign of life."),
];

const FILES: &[(&str, &str)] = &[(
    "/etc/oxo-server.toml",
    "The settings of the service that the package of the server installs, each with its default and its reason.",
)];

const SIGNALS: &[(&str, &str)] = &[(
    "SIGINT, SIGTERM",
    "The server tells every player, and ends within some seconds. A second signal ends it at once.",
)];

const EXIT_STATUS: &[(&str, &str)] = &[
    ("0", "It was stopped in order."),
    ("1", "It could not start, for the reason on standard error."),
    ("2", "A flag is wrong."),
    ("130", "It was ended by a second signal."),
];

const SEE_ALSO: &[(&str, &str)] = &[("oxo(6)", "The game for one terminal.")];

#[cfg(test)]
mod tests {
    use super::*;

    const FLAGS: [(&str, &str); 9] = [
        ("--max-sessions", "max_sessions"),
        ("--max-rooms", "max_rooms"),
        ("--grace", "grace"),
        ("--hello-timeout", "hello_timeout"),
        ("--percent-per-address", "percent_per_address"),
        ("--hellos-per-address", "hellos_per_address"),
        ("--datagrams-per-second", "datagrams_per_second"),
        ("--messages-per-second", "messages_per_second"),
        ("--message-burst", "message_burst"),
    ];

    #[track_caller]
    fn settings(typed: &[&str], file: &str) -> Settings {
        let args = Args::parse_from(["oxo-server"].iter().chain(typed));
        let mut settings = Settings::parse(file).unwrap();
        args.apply(&mut settings);
        settings
    }

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    /// The default that the help shows changes nothing when it is typed.
    #[test]
    fn the_defaults_in_the_help_are_the_defaults() {
        let command = Args::command();
        for (flag, id) in FLAGS {
            let argument = command.get_arguments().find(|argument| argument.get_id() == id).unwrap();
            let help = argument.get_help().unwrap().to_string();
            let value = help.rsplit_once("[default: ").and_then(|(_, rest)| rest.strip_suffix(']')).unwrap();
            assert_eq!(settings(&[flag, value], ""), Settings::default(), "{flag} {value}");
            assert_ne!(settings(&[flag, "77"], ""), Settings::default(), "{flag} does nothing");
        }
    }

    #[test]
    fn a_flag_goes_before_the_file_and_the_file_before_the_default() {
        let file = "name = \"attic\"\nlisten = [\"127.0.0.1:0\"]\n[limits]\nrooms = 1\ngrace = \"500s\"\n";
        let typed = ["--max-rooms", "2", "--listen", "[::1]:0", "--listen", "[::1]:5", "--name", "den"];
        let with = settings(&typed, file);
        assert_eq!(with.limits.rooms, 2);
        assert_eq!(with.limits.grace.as_secs(), 500);
        assert_eq!(with.name.unwrap().as_str(), "den");
        assert_eq!(with.listen.len(), 2);
        let without = settings(&[], file);
        assert_eq!(without.listen, ["127.0.0.1:0".parse().unwrap()]);
        assert_eq!(without.name.unwrap().as_str(), "attic");
    }

    #[test]
    fn a_time_is_in_seconds_unless_it_has_a_unit() {
        for typed in ["90", "90s", "1m 30s", "90000ms"] {
            assert_eq!(settings(&["--grace", typed], "").limits.grace.as_secs(), 90, "{typed}");
        }
    }

    #[test]
    fn discovery_is_switched_off_by_a_flag_or_by_the_file() {
        assert!(settings(&[], "").discovery);
        assert!(!settings(&["--no-discovery"], "discovery = true\n").discovery);
        assert!(!settings(&[], "discovery = false\n").discovery);
    }

    #[test]
    fn the_page_is_switched_off_by_a_flag_or_by_the_file() {
        assert!(settings(&[], "").to_config().is_web_open);
        assert!(!settings(&["--no-web"], "web = true\n").to_config().is_web_open);
        assert!(!settings(&[], "web = false\n").to_config().is_web_open);
    }

    #[test]
    fn metrics_are_served_where_the_flag_or_the_file_says() {
        let file = "admin = \"127.0.0.1:9952\"\n";
        assert_eq!(settings(&[], "").admin, None);
        assert_eq!(settings(&[], file).admin, Some("127.0.0.1:9952".parse().unwrap()));
        assert_eq!(settings(&["--admin", "[::1]:1"], file).admin, Some("[::1]:1".parse().unwrap()));
    }

    #[test]
    fn games_are_kept_unless_a_flag_or_the_file_says_otherwise() {
        #[track_caller]
        fn check(typed: &[&str], file: &str, store: bool, folder: Option<&str>) {
            let settings = settings(typed, file);
            assert_eq!((settings.store, settings.data_dir), (store, folder.map(PathBuf::from)), "{typed:?}");
        }
        let file = "data-dir = \"/srv/oxo\"\n";
        check(&[], "", true, None);
        check(&[], file, true, Some("/srv/oxo"));
        check(&["--data-dir", "/var/oxo"], file, true, Some("/var/oxo"));
        check(&["--data-dir", "/var/oxo"], "store = false\n", true, Some("/var/oxo"));
        check(&["--no-store"], file, false, Some("/srv/oxo"));
        check(&[], "store = false\n", false, None);
    }

    #[test]
    fn links_follow_the_sessions() {
        let config = settings(&["--max-sessions", "10"], "").to_config();
        assert_eq!(config.most_links(), 10 + 1_024);
    }
}
