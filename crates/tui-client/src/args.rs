//! The command line of `oxo`: the arguments as typed, and their meaning.

use std::{path::PathBuf, str::FromStr};

use clap::{Args as ClapArgs, ColorChoice, CommandFactory, Parser, Subcommand, ValueEnum, error::ErrorKind};
use game_core::{Level, Rules, SplitMix64};
use net::{
    addr::{HostPort, ListenAddr},
    connect::TransportChoice,
    link::Transport,
    proto::{BestOf, Name, ParsePasscodeError, Passcode, RoomCode, Terms, TimeControl, Visibility},
};
use tui_client::{
    cmd::Opponent,
    doctor::Checkup,
    env::{ColorDepth, TerminalEnv},
    goal::{Goal, RoomKey},
    model::Model,
    runtime::{self, Settings, login_name},
    theme::{Theme, ThemeName},
    typed_place::{TypedPlace, parse_place},
    update::Start,
};

use crate::list::FoundPlace;

/// Tic-tac-toe for two people on one network, in the terminal
#[derive(Debug, Parser)]
#[command(name = "oxo", version, args_conflicts_with_subcommands = false)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Option<Command>,

    /// Your name [default: your login name]
    #[arg(long, global = true, value_parser = Name::parse_typed)]
    name: Option<Name>,

    /// Draw with ASCII characters only
    #[arg(long, global = true)]
    ascii: bool,

    /// Tell and ask by lines, without a screen: for screen readers, pipes and terminals that cannot draw
    #[arg(long, global = true)]
    plain: bool,

    /// Use colours
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: ColorChoice,

    /// The colours
    #[arg(long, global = true, value_name = "NAME", default_value = "auto")]
    theme: ThemeName,

    /// Leave the mouse to the terminal
    #[arg(long, global = true)]
    no_mouse: bool,

    /// Write a log to this file
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,

    /// Log more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Host a game on this machine and play in it
    Host {
        #[command(flatten)]
        terms: TermsArgs,
        /// Lock the game with this word; without one, four digits are made up and shown
        #[arg(long, value_name = "WORD", num_args = 0..=1, default_missing_value = "", conflicts_with = "hidden")]
        passcode: Option<PasscodeArg>,
        /// Keep the game off every list; only its code leads to it
        #[arg(long)]
        hidden: bool,
        /// The address to listen on; port 0 takes a free one [default: port 1952 of all addresses, or a free port if that is taken]
        #[arg(long, value_name = "ADDR")]
        listen: Option<ListenAddr>,
        /// Do not announce the game on the network; a friend must type the address
        #[arg(long)]
        no_discovery: bool,
    },
    /// Join a game on another machine; without a place, choose from the games of this network
    Join {
        #[command(flatten)]
        target: TargetArgs,
        #[command(flatten)]
        terms: TermsArgs,
    },
    /// Watch a game on another machine; without a place, choose from the games of this network
    Watch {
        #[command(flatten)]
        target: TargetArgs,
    },
    /// Check the terminal, the network and the firewall, or the way to another machine
    Doctor {
        /// HOST or HOST:PORT of the machine to reach; without it, check this machine
        #[arg(value_name = "HOST")]
        target: Option<HostPort>,
        /// Print JSON, for programs
        #[arg(long)]
        json: bool,
    },
    /// List the games on this network
    List {
        /// Print JSON, for programs
        #[arg(long)]
        json: bool,
    },
    /// Play with a friend at one keyboard
    Local {
        #[command(flatten)]
        terms: TermsArgs,
        /// Your names; X begins the first game
        #[arg(long, num_args = 2, value_names = ["X", "O"], value_parser = Name::parse_typed)]
        names: Vec<Name>,
    },
    /// Play against the bot
    Bot {
        #[command(flatten)]
        terms: TermsArgs,
        /// The strength of the bot
        #[arg(long, default_value = "perfect")]
        level: LevelArg,
        /// The one who plays X and begins the first game
        #[arg(long, value_name = "WHO", default_value = "you")]
        first: FirstArg,
        /// The seed of its choices; the same seed plays the same
        #[arg(long, value_name = "N")]
        seed: Option<u64>,
    },
}

#[derive(Debug, Clone, ClapArgs)]
struct TargetArgs {
    /// CODE for a game on this network, HOST or HOST:PORT of a server, or CODE@ before either
    #[arg(value_name = "PLACE")]
    place: Vec<String>,
    /// The passcode of a locked game
    #[arg(long, value_name = "WORD", value_parser = Passcode::parse_typed)]
    passcode: Option<Passcode>,
    /// The transport of the connection
    #[arg(long, default_value = "auto")]
    transport: TransportArg,
}

#[derive(Debug, Clone, Copy, ClapArgs)]
struct TermsArgs {
    /// Columns x rows : in a row, such as 3x3, 5x5:4 or 15x15:5 [default: 3x3]
    #[arg(long, value_name = "BOARD")]
    board: Option<Rules>,
    /// Completing a line loses
    #[arg(long)]
    misere: bool,
    /// Play a series, won by the majority of N games
    #[arg(long, value_name = "N")]
    best_of: Option<BestOf>,
    /// Time for a move, such as 30s, or for a game and each move, such as 5m+3s [default: off]
    #[arg(long, value_name = "TIME")]
    clock: Option<TimeControl>,
}

/// The passcode of a room to host.
#[derive(Debug, Clone, Copy)]
enum PasscodeArg {
    MadeUp,
    Word(Passcode),
}

/// A command that needs no screen.
#[derive(Debug, Clone)]
pub(crate) enum Errand {
    /// List the games on this network.
    List { is_json: bool },
    /// Check what keeps people from a match.
    Check(Checkup),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum LevelArg {
    Easy,
    Perfect,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FirstArg {
    You,
    Bot,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum TransportArg {
    /// UDP and TCP, whichever answers first
    Auto,
    /// UDP only: faster where the network loses packets
    Udp,
    /// TCP only
    Tcp,
}

impl Args {
    /// Parses the command line. Ends the program if it makes no sense, or asks for help.
    pub(crate) fn from_command_line() -> Self {
        let args = Self::parse();
        if let Some(Command::Join { target, .. } | Command::Watch { target }) = &args.command
            && let [_, unexpected, ..] = &*target.place
            && target.code().is_none()
        {
            let message = format!("unexpected argument '{unexpected}' found");
            Self::command().error(ErrorKind::UnknownArgument, message).exit();
        }
        args
    }

    /// The command, if it needs no screen.
    pub(crate) fn errand(&self) -> Option<Errand> {
        if let Some(Command::List { json }) = self.command {
            return Some(Errand::List { is_json: json });
        }
        let Some(Command::Doctor { target, json }) = &self.command else { return None };
        let name = self.name.unwrap_or_else(login_name);
        let (target, log) = (target.clone(), self.log.clone());
        Some(Errand::Check(Checkup { target, name, log, is_json: *json }))
    }

    /// The code without an address, whose host must be found before [`meaning`](Self::meaning) is called, and the machine
    /// that is meant if there is none.
    pub(crate) fn code_to_find(&self) -> Option<(RoomCode, Option<HostPort>)> {
        let Some(Command::Join { target, .. } | Command::Watch { target }) = &self.command else {
            return None;
        };
        target.code()
    }

    /// The model, its start, and the settings of the runtime.
    ///
    /// `found` is the host of [`code_to_find`](Self::code_to_find).
    ///
    /// # Errors
    ///
    /// A sentence about a place that makes no sense.
    pub(crate) fn meaning(
        &self,
        random_seed: u64,
        found: Option<FoundPlace>,
    ) -> Result<(Model, Start, Settings), String> {
        let name = self.name.unwrap_or_else(login_name);
        let mut model = Model::new(name, self.appearance(), random_seed, random_passcode(random_seed));
        let mut settings = Settings {
            listen: None,
            is_announced: true,
            transport: TransportChoice::Auto,
            has_mouse: !self.no_mouse,
            is_plain: self.plain || !runtime::has_terminal() || !TerminalEnv::read().has_screen(),
        };
        let start = match &self.command {
            None | Some(Command::List { .. } | Command::Doctor { .. }) => Start::Menu,
            Some(Command::Host { terms, passcode, hidden, listen, no_discovery }) => {
                model.visibility = match (passcode, hidden) {
                    (Some(_), _) => Visibility::Locked,
                    (None, true) => Visibility::Hidden,
                    (None, false) => Visibility::Public,
                };
                if let Some(PasscodeArg::Word(word)) = passcode {
                    model.passcode = *word;
                }
                model.terms = terms.terms();
                settings.listen.clone_from(listen);
                settings.is_announced = !no_discovery;
                Start::Connect(Goal::Host)
            }
            Some(Command::Join { target, terms }) => {
                settings.transport = target.transport.choice();
                model.terms = terms.terms();
                model.quick_terms = terms.is_given().then_some(model.terms);
                target.start(found, false)?
            }
            Some(Command::Watch { target }) => {
                settings.transport = target.transport.choice();
                target.start(found, true)?
            }
            Some(Command::Local { terms, names }) => {
                model.terms = terms.terms();
                model.names = names.as_slice().try_into().unwrap_or(model.names);
                Start::Connect(Goal::Local { opponent: Opponent::Person { names: model.names } })
            }
            Some(Command::Bot { terms, level, first, seed }) => {
                model.terms = terms.terms();
                model.bot_level = level.level();
                model.bot_begins = *first == FirstArg::Bot;
                let (level, begins) = (model.bot_level, model.bot_begins);
                let opponent = Opponent::Bot { level, seed: seed.unwrap_or(random_seed), begins };
                Start::Connect(Goal::Local { opponent })
            }
        };
        Ok((model, start, settings))
    }

    /// The theme and its terminal; the environment decides what no option does.
    fn appearance(&self) -> Theme {
        let env = TerminalEnv::read();
        let (depth, _) = match self.color {
            ColorChoice::Auto => env.color_depth(),
            ColorChoice::Always => env.deepest_color(),
            ColorChoice::Never => (ColorDepth::Mono, String::new()),
        };
        Theme { depth, name: self.theme, is_light: env.is_light(), is_ascii: self.ascii || !env.is_utf8() }
    }
}

impl TargetArgs {
    /// The place as typed, if one was. A code may be two words, as it is said.
    fn typed(&self) -> Option<String> {
        (!self.place.is_empty()).then(|| self.place.join(" "))
    }

    /// The code, if nothing else was typed, and the machine that may be meant. A passcode opens a game and no machine.
    fn code(&self) -> Option<(RoomCode, Option<HostPort>)> {
        match parse_place(&self.typed()?) {
            Ok(TypedPlace::Code { code, machine }) => {
                Some((code, machine.filter(|_| self.passcode.is_none())))
            }
            Ok(TypedPlace::Server { .. }) | Err(_) => None,
        }
    }

    /// The start of the program at the place that was typed. `found` is the place of a code alone.
    fn start(&self, found: Option<FoundPlace>, watches: bool) -> Result<Start, String> {
        let game = match found {
            Some(FoundPlace::Machine { target, tried }) => {
                return Ok(Start::Machine { target, watches, tried });
            }
            Some(FoundPlace::Game { target, .. }) => Some(target),
            None => None,
        };
        Ok(match (self.place(game)?, watches) {
            (None, _) => Start::Games { watches },
            (Some((target, key)), false) => Start::Connect(Goal::Join { target, key }),
            (Some((target, Some(key))), true) => Start::Connect(Goal::Watch { target, key }),
            (Some((target, None)), true) => Start::Connect(Goal::Browse { target }),
        })
    }

    /// The server and the room on it, if a place was typed. The host of a code alone is `found`.
    fn place(&self, found: Option<HostPort>) -> Result<Option<(HostPort, Option<RoomKey>)>, String> {
        let passcode = self.passcode;
        if let (Some(target), Some((code, _))) = (found, self.code()) {
            return Ok(Some((target, Some(RoomKey { code, passcode }))));
        }
        match (
            self.typed().as_deref().map(parse_place).transpose().map_err(|error| error.to_string())?,
            passcode,
        ) {
            (Some(TypedPlace::Code { code, .. }), _) => Err(format!("the host of {code} was not looked for")),
            (Some(TypedPlace::Server { target, code: Some(code) }), passcode) => {
                Ok(Some((target, Some(RoomKey { code, passcode }))))
            }
            (Some(TypedPlace::Server { target, code: None }), None) => Ok(Some((target, None))),
            (None, None) => Ok(None),
            (Some(TypedPlace::Server { code: None, .. }) | None, Some(_)) => {
                Err("a passcode opens one game: name it, as in KITE-42@192.168.1.7".into())
            }
        }
    }
}

/// Makes up four digits. The server limits the guesses.
fn random_passcode(seed: u64) -> Passcode {
    // Not the numbers that the bot draws from the same seed.
    let digits = SplitMix64::new(seed.rotate_left(32)).below(10_000);
    format!("{digits:04}").parse().expect("four digits are a passcode")
}

impl TermsArgs {
    fn terms(self) -> Terms {
        let rules = self.board.unwrap_or_default().with_misere(self.misere);
        Terms { rules, best_of: self.best_of, time: self.clock.unwrap_or_default() }
    }

    const fn is_given(self) -> bool {
        self.board.is_some() || self.misere || self.best_of.is_some() || self.clock.is_some()
    }
}

impl FromStr for PasscodeArg {
    type Err = ParsePasscodeError;

    fn from_str(typed: &str) -> Result<Self, ParsePasscodeError> {
        if typed.is_empty() { Ok(Self::MadeUp) } else { Passcode::parse_typed(typed).map(Self::Word) }
    }
}

impl TransportArg {
    const fn choice(self) -> TransportChoice {
        match self {
            Self::Auto => TransportChoice::Auto,
            Self::Udp => TransportChoice::Only(Transport::Udp),
            Self::Tcp => TransportChoice::Only(Transport::Tcp),
        }
    }
}

impl LevelArg {
    const fn level(self) -> Level {
        match self {
            Self::Easy => Level::Easy,
            Self::Perfect => Level::Perfect,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use tui_client::failure::Failure;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
    }

    #[test]
    fn a_series_and_a_clock_reach_the_terms() {
        let args = Args::parse_from(["oxo", "host", "--best-of", "3", "--clock", "5m+3s"]);
        let (model, _, _) = args.meaning(0, None).unwrap();
        assert_eq!(model.terms.best_of, BestOf::new(3));
        assert_eq!(model.terms.time.to_string(), "5m+3s");
    }

    #[test]
    fn a_join_asks_for_terms_only_if_some_were_given() {
        let quick_terms = |typed: &str| {
            let args = Args::parse_from(typed.split_whitespace());
            args.meaning(0, None).unwrap().0.quick_terms
        };
        assert_eq!(quick_terms("oxo join 192.168.1.7"), None);
        let time = "30s".parse().unwrap();
        let asked = Terms { time, ..Terms::default() };
        assert_eq!(quick_terms("oxo join 192.168.1.7 --clock 30s"), Some(asked));
        assert_eq!(quick_terms("oxo join 192.168.1.7 --board 3x3"), Some(Terms::default()));
    }

    #[test]
    fn a_code_alone_is_where_it_was_found() {
        let args = |typed: &str| Args::parse_from(["oxo", "join", typed]);
        for typed in ["KITE-42", "kite42", "Kite 42"] {
            let code: RoomCode = "KITE-42".parse().unwrap();
            let machine = typed.parse().ok();
            assert_eq!(args(typed).code_to_find(), Some((code, machine)), "{typed}");
            let found: HostPort = "192.168.1.7".parse().unwrap();
            let place = FoundPlace::Game { target: found.clone(), addresses: Vec::new() };
            let (_, start, _) = args(typed).meaning(0, Some(place)).unwrap();
            let Start::Connect(Goal::Join { target, key }) = start else { panic!("{start:?}") };
            assert_eq!((target, key.map(|key| key.code)), (found, Some(code)));
        }
        let words = Args::parse_from(["oxo", "join", "kite", "—", "42", "--passcode", "tuna"]);
        assert_eq!(words.code_to_find(), Some(("KITE-42".parse().unwrap(), None)));
        for typed in ["KITE-42@192.168.1.7", "192.168.1.7", "laptop", "kite-42:1952"] {
            assert_eq!(args(typed).code_to_find(), None, "{typed}");
        }
    }

    #[test]
    fn a_code_may_be_the_name_of_a_machine() {
        let target: HostPort = "pine-64".parse().unwrap();
        for (command, expected) in [("join", false), ("watch", true)] {
            let args = Args::parse_from(["oxo", command, "pine-64"]);
            let (_, machine) = args.code_to_find().unwrap();
            assert_eq!(machine.as_ref(), Some(&target));
            let found = FoundPlace::Machine { target: target.clone(), tried: Failure::new("none") };
            let (_, start, _) = args.meaning(0, Some(found)).unwrap();
            assert!(matches!(start, Start::Machine { watches, .. } if watches == expected), "{start:?}");
        }
        let args = Args::parse_from(["oxo", "join", "pine-64", "--passcode", "1952"]);
        assert!(args.code_to_find().unwrap().1.is_none(), "a passcode opens a game");
    }

    #[test]
    fn names_and_who_begins_reach_the_game() {
        let opponent = |typed: &str| {
            let (_, start, _) =
                Args::try_parse_from(typed.split_whitespace()).ok()?.meaning(0, None).unwrap();
            let Start::Connect(Goal::Local { opponent }) = start else { panic!("{start:?}") };
            Some(opponent)
        };
        let names = ["ana", "ben"].map(|name| name.parse().unwrap());
        assert_eq!(opponent("oxo local --names ana ben"), Some(Opponent::Person { names }));
        assert_eq!(opponent("oxo local --names ana"), None);
        for (typed, expected) in
            [("oxo bot --first bot", true), ("oxo bot --first you", false), ("oxo bot", false)]
        {
            assert!(matches!(opponent(typed), Some(Opponent::Bot { begins, .. }) if begins == expected));
        }
    }

    #[test]
    fn misere_reaches_the_rules() {
        let args = Args::parse_from(["oxo", "local", "--board", "5x5:4", "--misere"]);
        let (model, _, _) = args.meaning(0, None).unwrap();
        assert_eq!(model.terms.rules, "5x5:4".parse::<Rules>().unwrap().with_misere(true));
    }
}
