//! The environment variables that describe the terminal.

use std::env;

/// The environment variables that decide how the game looks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TerminalEnv {
    /// `NO_COLOR` is set (no-color.org).
    pub no_color: bool,
    /// `TERM`, the kind of terminal.
    pub term: Option<String>,
    /// `COLORTERM`, by which a terminal announces more colours than its kind has.
    pub colorterm: Option<String>,
    /// The locale, and the variable that sets it.
    pub locale: Option<(&'static str, String)>,
}

impl TerminalEnv {
    /// Reads the environment of this process.
    pub fn read() -> Self {
        let text = |name| env::var_os(name).map(|value| value.to_string_lossy().into_owned());
        let given = |name| text(name).filter(|value| !value.is_empty());
        Self {
            no_color: given("NO_COLOR").is_some(),
            term: given("TERM"),
            colorterm: given("COLORTERM"),
            // The first of the three that is set decides (POSIX 8.2).
            locale: ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| Some((name, given(name)?))),
        }
    }

    /// Tells whether to use colours where no option decides.
    pub fn has_color(&self) -> bool {
        !self.no_color && self.term.as_deref() != Some("dumb")
    }

    /// Tells whether the locale's characters are UTF-8.
    pub fn is_utf8(&self) -> bool {
        let locale = self.locale.as_ref().map(|(_, value)| value.to_ascii_lowercase());
        locale.is_some_and(|locale| locale.contains("utf-8") || locale.contains("utf8"))
    }
}
