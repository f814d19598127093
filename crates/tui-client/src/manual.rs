//! The chapters of `oxo man` beside its commands. The keys are those of the command table.

use server::manual::Chapter;
use tui_client::keymap::Keymap;

/// All of them, in the order of the page.
pub(crate) fn chapters() -> Vec<Chapter> {
    let keymap = Keymap::default();
    let row = |(context, keys, meaning): (String, &str, &str)| (Some(context), keys.into(), meaning.into());
    let keys = Chapter { title: "KEYS", entries: keymap.table().map(row).collect() };
    vec![
        keys,
        Chapter::new("ENVIRONMENT", ENVIRONMENT),
        Chapter::new("FILES", FILES),
        Chapter::new("EXIT STATUS", EXIT_STATUS),
        Chapter::new("SEE ALSO", SEE_ALSO),
    ]
}

const ENVIRONMENT: &[(&str, &str)] = &[
    ("NO_COLOR", "No colours are used, whatever its value, unless --color asks for them."),
    ("COLORTERM, COLORFGBG, TERM", "The number of colours, and whether the background is dark or light."),
    ("LC_ALL, LC_CTYPE, LANG", "Only ASCII characters are drawn where the locale is not UTF-8."),
    ("COLUMNS, LINES", "The size of a terminal that does not tell it."),
    (
        "XDG_CONFIG_HOME, XDG_DATA_HOME, XDG_STATE_HOME",
        "The folders of the files below, instead of the usual ones.",
    ),
];

const FILES: &[(&str, &str)] = &[
    ("~/.config/oxo/config.toml", "The settings. oxo config --print prints all of them with their defaults."),
    ("~/.local/share/oxo/matches.jsonl", "The finished matches, one a line."),
    ("~/.local/state/oxo/", "The seats that lead back into a match after the program has ended."),
];

const EXIT_STATUS: &[(&str, &str)] = &[
    ("0", "All went well; for oxo doctor: a match can be played."),
    ("1", "It failed, for the reason on standard error."),
    ("2", "The command line makes no sense."),
    ("130", "It was interrupted."),
];

const SEE_ALSO: &[(&str, &str)] = &[("oxo-server(1)", "The server that hosts matches without a screen.")];
