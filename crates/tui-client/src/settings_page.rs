//! The page of the settings.

use clap::ValueEnum;

use crate::{config::Config, setting::Setting, text_input::TextInput};

/// The page of the settings.
#[derive(Debug, Clone)]
pub struct SettingsPage {
    /// The index of the chosen setting.
    pub chosen: usize,
    /// The value of the chosen setting, if it is typed.
    pub input: TextInput,
}

impl SettingsPage {
    /// The page with a setting chosen.
    pub(crate) fn at(chosen: usize, config: &Config) -> Self {
        let text = config.text(Self::settings()[chosen]);
        Self { chosen, input: TextInput::with_text(MAX_TYPED, &text) }
    }

    /// The settings of the page, in their order. The last two are left to the file: the door for browsers, and plain mode,
    /// which is no choice of somebody who sees them.
    pub(crate) fn settings() -> &'static [Setting] {
        let all = Setting::value_variants();
        &all[..all.len() - 2]
    }

    /// The chosen setting.
    pub fn setting(&self) -> Setting {
        Self::settings()[self.chosen]
    }

    /// Tells whether the chosen setting is typed.
    pub fn is_typed(&self) -> bool {
        Config::choices(self.setting()).is_empty()
    }
}

/// Characters of a typed value at most: an address with a scope is the longest.
const MAX_TYPED: usize = 64;
