//! The chat of a room, as far as it is kept.

use std::collections::VecDeque;

use net::proto::{ChatLine, ChatMessage, Name};

/// The most lines kept: more than any panel shows.
const MAX_LINES: usize = 50;

/// The last chat messages of a room, oldest first.
#[derive(Debug, Clone, Default)]
pub struct ChatLog {
    lines: VecDeque<ChatEntry>,
    /// All messages so far, also those no longer kept.
    count: u64,
    /// An own line that has not come back from the server yet.
    pub unheard: Option<ChatLine>,
    /// An own line that the server has refused, to be sent again.
    pub refused: Option<ChatLine>,
    /// True while nothing has happened since the last line.
    pub is_news: bool,
}

/// One chat message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChatEntry {
    /// The name of the author.
    pub name: Name,
    /// True if the author is a spectator.
    pub is_watcher: bool,
    /// The message.
    pub message: ChatMessage,
}

impl ChatLog {
    /// Adds a message. If there are too many, the oldest one goes.
    pub fn push(&mut self, entry: ChatEntry) {
        if self.lines.len() == MAX_LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(entry);
        self.count += 1;
        self.is_news = true;
    }

    /// The messages, newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &ChatEntry> {
        self.lines.iter().rev()
    }

    /// The number of messages so far.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// The last message, while nothing else has happened.
    pub fn news(&self) -> Option<&ChatEntry> {
        self.lines.back().filter(|_| self.is_news)
    }
}

impl ChatEntry {
    /// `ben: gl hf`, or `eve*: nice` from a spectator.
    pub fn in_one_line(&self) -> String {
        format!("{}: {}", self.speaker(), self.message.as_str())
    }

    /// The author's name, with a star for a spectator.
    pub fn speaker(&self) -> String {
        let star = if self.is_watcher { "*" } else { "" };
        format!("{}{star}", self.name)
    }
}

#[cfg(test)]
mod tests {
    use net::proto::Emote;

    use super::*;

    #[test]
    fn the_oldest_line_goes_when_there_are_too_many() {
        let mut log = ChatLog::default();
        let said = |text: &str| ChatEntry {
            name: "eve".parse().unwrap(),
            is_watcher: true,
            message: ChatMessage::Line(text.parse().unwrap()),
        };
        for number in 0..=MAX_LINES {
            log.push(said(&number.to_string()));
        }
        assert_eq!(log.newest_first().count(), MAX_LINES);
        assert_eq!(log.newest_first().last(), Some(&said("1")));
        log.push(ChatEntry { message: ChatMessage::Emote(Emote::GoodGame), ..said("x") });
        assert_eq!(log.news().unwrap().in_one_line(), "eve*: gg");
    }
}
