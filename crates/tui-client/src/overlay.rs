//! The layers over a screen: help, questions, the chat input.

use crate::{settings_page::SettingsPage, text_input::TextInput};

/// A layer over a screen.
#[derive(Debug, Clone)]
pub enum Overlay {
    /// Three sentences for somebody who has never played.
    Welcome,
    /// The keys.
    Help {
        /// The first line shown.
        scroll: u16,
    },
    /// A question to be answered by yes or no.
    Confirm(Question),
    /// A chat line, as it is typed.
    Chat(TextInput),
    /// The name of a cell, as it is typed.
    Cell(TextInput),
    /// The settings.
    Settings(SettingsPage),
    /// The emotes to choose from.
    Emotes,
    /// The report of a check of the network.
    Checkup {
        /// The report; `None` while the check is under way.
        report: Option<String>,
        /// The first line shown.
        scroll: u16,
    },
    /// The position in words.
    Position {
        /// The first line shown.
        scroll: u16,
    },
}

/// A question before something that cannot be undone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// Quitting while a match is at stake.
    Quit,
    /// Resigning.
    Resign,
    /// Leaving a room that waits for a friend.
    StopWaiting,
    /// Leaving between the games of a series.
    LeaveSeries,
}

impl Question {
    /// The question for the smallest screens.
    pub(crate) const fn in_few_words(self) -> &'static str {
        match self {
            Self::Quit => "Quit? <confirm.yes> or <confirm.no>",
            Self::Resign => "Resign? <confirm.yes> or <confirm.no>",
            Self::StopWaiting | Self::LeaveSeries => "Leave? <confirm.yes> or <confirm.no>",
        }
    }
}
