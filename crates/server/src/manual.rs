//! The manual page and the completions of a program, made from its command line.

use std::io::{self, Write};

use clap::{Command, Subcommand};
use clap_complete::Shell;
use clap_mangen::{
    Man,
    roff::{Roff, bold, roman},
};

/// Commands that print the texts that come with a program.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum Printed {
    /// Print the completions for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page, for `man -l -`
    Man,
}

/// A chapter of a manual page that no command line tells.
#[derive(Debug, Clone, Default)]
pub struct Chapter {
    /// The heading, in capitals.
    pub title: &'static str,
    /// The entries: a heading of their own or none, the term, and its meaning.
    pub entries: Vec<(Option<String>, String, String)>,
}

impl Chapter {
    /// A chapter of terms and their meanings.
    pub fn new(title: &'static str, entries: &[(&str, &str)]) -> Self {
        let entry = |(term, meaning): &(&str, &str)| (None, (*term).to_owned(), (*meaning).to_owned());
        Self { title, entries: entries.iter().map(entry).collect() }
    }
}

impl Printed {
    /// The text. `section` is that of the manual, such as `6` for games.
    pub fn text(self, mut command: Command, section: &str, chapters: &[Chapter]) -> String {
        match self {
            Self::Completions { shell } => {
                let name = command.get_name().to_owned();
                let mut script = Vec::new();
                clap_complete::generate(shell, &mut command, name, &mut script);
                String::from_utf8_lossy(&script).into_owned()
            }
            Self::Man => page(command, section, chapters),
        }
    }
}

/// One page with everything: the options, those of each command, and the chapters.
fn page(command: Command, section: &str, chapters: &[Chapter]) -> String {
    let mut command = command.disable_help_subcommand(true).subcommand_help_heading("COMMAND");
    command.build();
    let name = command.get_name().to_owned();
    let man = Man::new(command.clone())
        .title(name.to_uppercase())
        .section(section)
        .manual(format!("Manual of {name}"));
    let mut text = Roff::new().render();
    for render in [
        Man::render_title,
        Man::render_name_section,
        Man::render_synopsis_section,
        Man::render_description_section,
        Man::render_options_section,
    ] {
        text += &part(&man, render);
    }
    let mut commands = command.get_subcommands().filter(|it| !it.is_hide_set()).peekable();
    if commands.peek().is_some() {
        text += &inner(&Roff::new().control("SH", ["COMMANDS"]).render());
    }
    for command in commands {
        text += &section_of(command);
    }
    let mut rest = Roff::new();
    for chapter in chapters {
        add_chapter(&mut rest, chapter);
    }
    text + &inner(&rest.render())
}

/// The section of a command: its meaning, and the options that are its own.
fn section_of(command: &Command) -> String {
    let own = command.clone().mut_args(|arg| {
        let is_common = arg.is_global_set() || arg.get_id() == "help";
        arg.hide(is_common)
    });
    let title = own.get_bin_name().unwrap_or_else(|| own.get_name()).to_owned();
    let man = Man::new(own);
    let body = part(&man, Man::render_description_section) + &part(&man, Man::render_options_section);
    // The headings of a page mean nothing inside a section of it.
    let lines = body.lines().filter(|line| !line.starts_with(".SH "));
    let heading = inner(&Roff::new().control("SS", [&*title]).render());
    lines.fold(heading, |text, line| text + line + "\n")
}

fn add_chapter(roff: &mut Roff, Chapter { title, entries }: &Chapter) {
    roff.control("SH", [*title]);
    let mut last = None;
    for (heading, term, meaning) in entries {
        if let Some(heading) = heading
            && last != Some(heading)
        {
            roff.control("SS", [heading.as_str()]);
            last = Some(heading);
        }
        roff.control("TP", []).text([bold(term)]).text([roman(meaning)]);
    }
}

/// One part of a page, rendered.
fn part(man: &Man, render: fn(&Man, &mut dyn Write) -> io::Result<()>) -> String {
    let mut bytes = Vec::new();
    render(man, &mut bytes).expect("a vector takes every byte");
    inner(&String::from_utf8_lossy(&bytes))
}

/// A rendered part without the definitions that every rendered text begins with; a page needs them once.
fn inner(rendered: &str) -> String {
    rendered.strip_prefix(&*Roff::new().render()).unwrap_or(rendered).to_owned()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    /// Plays a game
    #[derive(Debug, Parser)]
    #[command(name = "game", version)]
    struct Args {
        #[command(subcommand)]
        command: Option<Sub>,
        /// Says more
        #[arg(long, global = true)]
        verbose: bool,
    }

    #[derive(Debug, Subcommand)]
    enum Sub {
        /// Begins
        Begin {
            /// The first one's move
            #[arg(long)]
            first: Option<u8>,
        },
        #[command(flatten)]
        Printed(Printed),
    }

    fn printed(command: &str) -> String {
        let args = Args::parse_from(["game"].into_iter().chain(command.split_whitespace()));
        let Some(Sub::Printed(printed)) = args.command else { panic!("{args:?}") };
        let command = <Args as clap::CommandFactory>::command();
        printed.text(command, "6", &[Chapter::new("FILES", &[("~/.game", "The player's settings.")])])
    }

    #[test]
    fn the_page_has_each_command_each_chapter_and_common_options_once() {
        let page = printed("man");
        for line in
            [".TH GAME 6 ", "game \\- Plays a game", ".SS \"game begin\"", "\\fB\\-\\-first\\fR", ".SH FILES"]
        {
            assert!(page.contains(line), "no {line} in\n{page}");
        }
        assert_eq!(page.matches("Says more").count(), 1, "{page}");
        assert_eq!(
            page.matches(".ds Aq").count(),
            2,
            "the definitions stand once, for each kind of roff:\n{page}"
        );
        assert!(page.contains("The player\\*(Aqs settings."), "{page}");
    }

    #[test]
    fn every_shell_has_completions() {
        for shell in <Shell as clap::ValueEnum>::value_variants() {
            let script = printed(&format!("completions {shell}"));
            assert!(script.contains("begin") && script.contains("verbose"), "{shell}:\n{script}");
        }
    }
}
