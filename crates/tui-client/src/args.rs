//! The command line of `oxo`: the arguments as typed, and their meaning.

mod lab;
mod target;
mod terms;
#[cfg(test)]
mod tests;

use std::path::PathBuf;

use clap::{ColorChoice, CommandFactory, Parser, Subcommand, error::ErrorKind};
use game_core::SplitMix64;
use net::{
    addr::{HostPort, ListenAddr},
    proto::{Name, Passcode, RoomCode, Visibility},
};
use server::manual::Printed;
use tui_client::{
    cmd::Opponent,
    config::{Config, MouseUse},
    config_file::Loaded,
    env::TerminalEnv,
    goal::Goal,
    model::Model,
    new_game::{Field, NewGame},
    runtime::{self, login_name},
    theme::ThemeName,
    update::Start,
};

use self::{lab::LabArgs, target::TargetArgs, terms::TermsArgs};
use crate::{list::FoundPlace, printed::ReplayArgs};

/// Tic-tac-toe for two people on one network, in the terminal
#[derive(Debug, Parser)]
#[command(name = "oxo", version, args_conflicts_with_subcommands = false)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,

    /// Your name [default: your login name]
    #[arg(long, global = true, value_parser = Name::parse_typed)]
    name: Option<Name>,

    /// Draw with ASCII characters only
    #[arg(long, global = true)]
    ascii: bool,

    /// Tell and ask by lines, without a screen: for screen readers, pipes and terminals that cannot draw
    #[arg(long, global = true)]
    plain: bool,

    /// Use colours [default: auto]
    #[arg(long, global = true, value_name = "WHEN")]
    color: Option<ColorChoice>,

    /// The colours [default: auto]
    #[arg(long, global = true, value_name = "NAME")]
    theme: Option<ThemeName>,

    /// Leave the mouse to the terminal
    #[arg(long, global = true)]
    no_mouse: bool,

    /// The file of the settings [default: ~/.config/oxo/config.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,

    /// Write a log to this file
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,

    /// Log more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Host a game on this machine and play in it
    Host {
        #[command(flatten)]
        terms: TermsArgs,
        /// Lock the game with this word; without one, four digits are made up and shown
        #[arg(long, value_name = "WORD", value_parser = Passcode::parse_typed, conflicts_with = "hidden")]
        #[expect(clippy::option_option, reason = "clap's type for a value that may be left out")]
        passcode: Option<Option<Passcode>>,
        /// Keep the game off every list; only its code leads to it
        #[arg(long)]
        hidden: bool,
        /// The address to listen on; port 0 takes a free one [default: port 1952 of all addresses, or a free port if that is taken]
        #[arg(long, value_name = "ADDR")]
        listen: Option<ListenAddr>,
        /// Do not announce the game on the network; a friend must type the address
        #[arg(long)]
        no_discovery: bool,
        /// Give browsers no page to play on
        #[arg(long)]
        no_web: bool,
    },
    /// Join a game on another machine; without a place, choose from the games of this network
    Join {
        #[command(flatten)]
        target: TargetArgs,
        #[command(flatten)]
        terms: Option<TermsArgs>,
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
    /// Tell where the settings are, and the mistakes in them
    Config {
        /// Print a file with all settings and their defaults instead
        #[arg(long)]
        print: bool,
    },
    /// List the games on this network
    List {
        /// Print JSON, for programs
        #[arg(long)]
        json: bool,
    },
    /// Replay a finished match; without one, choose from those that are kept
    Replay(ReplayArgs),
    /// Play with a friend at one keyboard
    Local {
        #[command(flatten)]
        terms: TermsArgs,
        /// Your names; X begins the first game
        #[arg(long, num_args = 2, value_names = ["X", "O"], value_parser = Name::parse_typed, allow_hyphen_values = true)]
        names: Vec<Name>,
    },
    /// Play against the bot
    Bot {
        #[command(flatten)]
        terms: TermsArgs,
        /// The strength of the bot
        #[arg(long, default_value = "perfect", value_parser = ["easy", "perfect"])]
        level: String,
        /// The one who plays X and begins the first game
        #[arg(long, value_name = "WHO", default_value = "you", value_parser = ["you", "bot"])]
        first: String,
        /// The seed of its choices; the same seed plays the same
        #[arg(long, value_name = "N")]
        seed: Option<u64>,
    },
    /// Play over a link that can be made bad, and see its packets: against the bot, or on another machine
    Lab(LabArgs),
    #[command(flatten)]
    Printed(Printed),
}

impl Args {
    /// Parses the command line. Ends the program if it makes no sense, or asks for help.
    pub(crate) fn from_command_line() -> Self {
        let args = Self::parse();
        if let Some(target) = args.target()
            && let Some(unexpected) = target.unexpected()
        {
            let message = format!("unexpected argument '{unexpected}' found");
            Self::command().error(ErrorKind::UnknownArgument, message).exit();
        }
        args
    }

    /// The name of the player in this run.
    pub(crate) fn player(&self, loaded: &Loaded) -> Name {
        self.name.or(loaded.read.config.name).unwrap_or_else(login_name)
    }

    /// The code without an address, whose host must be found before [`meaning`](Self::meaning) is called, and the machine
    /// that is meant if there is none.
    pub(crate) fn code_to_find(&self) -> Option<(RoomCode, Option<HostPort>)> {
        self.target()?.code()
    }

    const fn target(&self) -> Option<&TargetArgs> {
        match &self.command {
            Some(
                Command::Join { target, .. }
                | Command::Watch { target }
                | Command::Lab(LabArgs { target, .. }),
            ) => Some(target),
            _ => None,
        }
    }

    /// The model and its start. What is typed goes before the settings of the file, for this run.
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
        loaded: &Loaded,
    ) -> Result<(Model, Start), String> {
        let env = TerminalEnv::read();
        let config = self.configured(&loaded.read.config, &env);
        let passcode = random_passcode(random_seed);
        let mut model = Model::new(login_name(), config.theme(&env), random_seed, passcode);
        (model.config, model.env) = (config, env);
        model.keymap = loaded.read.keymap.clone();
        model.new_game = NewGame { passcode, ..loaded.read.new_game };
        model.config_problem = loaded.in_brief();
        model.apply_config();
        let start = match &self.command {
            None
            | Some(
                Command::List { .. }
                | Command::Doctor { .. }
                | Command::Config { .. }
                | Command::Printed(_)
                | Command::Replay(_),
            ) => Start::Menu,
            Some(Command::Host { terms, passcode, hidden, listen, no_discovery, no_web }) => {
                model.new_game.visibility = match (passcode, hidden) {
                    (Some(_), _) => Visibility::Locked,
                    (None, true) => Visibility::Hidden,
                    (None, false) => Visibility::Public,
                };
                if let Some(Some(word)) = passcode {
                    model.new_game.passcode = *word;
                }
                model.new_game.terms = terms.terms();
                model.config.listen = listen.clone().or_else(|| model.config.listen.take());
                model.config.announce &= !no_discovery;
                model.config.web &= !no_web;
                Start::Connect(Goal::Host)
            }
            Some(Command::Join { target, terms }) => {
                model.quick_terms = terms.map(TermsArgs::terms);
                model.new_game.terms = model.quick_terms.unwrap_or(model.new_game.terms);
                target.start(&mut model, found, false)?
            }
            Some(Command::Watch { target }) => target.start(&mut model, found, true)?,
            Some(Command::Lab(lab)) => lab.start(&mut model, random_seed, found)?,
            Some(Command::Local { terms, names }) => {
                model.new_game.terms = terms.terms();
                let names = names.as_slice().try_into().unwrap_or_else(|_| NewGame::new(passcode).names);
                model.new_game.names = names;
                Start::Connect(Goal::Local { opponent: Opponent::Person { names } })
            }
            Some(Command::Bot { terms, level, first, seed }) => {
                model.new_game.terms = terms.terms();
                for (field, text) in [(Field::Level, level), (Field::First, first)] {
                    field.set(&mut model.new_game, text)?;
                }
                let NewGame { level, bot_begins: begins, .. } = model.new_game;
                let opponent = Opponent::Bot { level, seed: seed.unwrap_or(random_seed), begins };
                Start::Connect(Goal::Local { opponent })
            }
        };
        Ok((model, start))
    }

    /// The settings of this run.
    fn configured(&self, config: &Config, env: &TerminalEnv) -> Config {
        let has_screen = runtime::has_terminal() && env.has_screen();
        Config {
            name: self.name.or(config.name),
            theme: self.theme.unwrap_or(config.theme),
            color: self.color.unwrap_or(config.color),
            ascii: self.ascii || config.ascii,
            plain: self.plain || config.plain || !has_screen,
            mouse: if self.no_mouse { MouseUse::Off } else { config.mouse },
            ..config.clone()
        }
    }
}

/// Makes up four digits. The server limits the guesses.
fn random_passcode(seed: u64) -> Passcode {
    // Not the numbers that the bot draws from the same seed.
    let digits = SplitMix64::new(seed.rotate_left(32)).below(10_000);
    format!("{digits:04}").parse().expect("four digits are a passcode")
}
