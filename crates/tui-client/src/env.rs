//! What the environment says about the terminal, before anything is asked of it.

use std::env;

/// The variables that decide how the game looks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TerminalEnv {
    /// Whether `NO_COLOR` is set (no-color.org).
    pub no_color: bool,
    /// What kind of terminal it is.
    pub term: Option<String>,
    /// Whether it knows more colours than its kind says.
    pub colorterm: Option<String>,
    /// The locale, and which variable says it.
    pub locale: Option<(&'static str, String)>,
}

impl TerminalEnv {
    /// Reads them.
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

    /// Whether colours are wanted where nothing else was said.
    pub fn has_color(&self) -> bool {
        !self.no_color && self.term.as_deref() != Some("dumb")
    }

    /// Whether the locale says UTF-8.
    pub fn is_utf8(&self) -> bool {
        let locale = self.locale.as_ref().map(|(_, value)| value.to_ascii_lowercase());
        locale.is_some_and(|locale| locale.contains("utf-8") || locale.contains("utf8"))
    }
}
