//! The chat of a room, as far as it is kept.

use std::collections::VecDeque;

use net::proto::{ChatLine, ChatMessage, Name};

/// Lines that are kept of what was said: more than any panel shows.
const MAX_LINES: usize = 50;

/// The last things said in a room, oldest first.
#[derive(Debug, Clone, Default)]
pub struct ChatLog {
    lines: VecDeque<Spoken>,
    /// Our line that the server has not said to all yet.
    pub unheard: Option<ChatLine>,
    /// Our line that the server has refused, to be said again.
    pub refused: Option<ChatLine>,
    /// Whether the last line is news: said since anything else happened.
    pub is_news: bool,
}

/// One thing said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// By whom.
    pub name: Name,
    /// Whether they only watch.
    pub is_watcher: bool,
    /// What.
    pub message: ChatMessage,
}

impl ChatLog {
    /// Takes in what was said; of too many lines the oldest goes.
    pub fn push(&mut self, spoken: Spoken) {
        if self.lines.len() == MAX_LINES {
            self.lines.pop_front();
        }
        self.lines.push_back(spoken);
        self.is_news = true;
    }

    /// What was said, the newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Spoken> {
        self.lines.iter().rev()
    }

    /// What was said last, while nothing else has happened.
    pub fn news(&self) -> Option<&Spoken> {
        self.lines.back().filter(|_| self.is_news)
    }
}

impl Spoken {
    /// `ben: gl hf`, and `eve*: nice` for somebody who watches.
    pub fn in_one_line(&self) -> String {
        format!("{}: {}", self.speaker(), self.message.as_str())
    }

    /// The name, with a star for who watches.
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
        let said = |text: &str| Spoken {
            name: "eve".parse().unwrap(),
            is_watcher: true,
            message: ChatMessage::Line(text.parse().unwrap()),
        };
        for number in 0..=MAX_LINES {
            log.push(said(&number.to_string()));
        }
        assert_eq!(log.newest_first().count(), MAX_LINES);
        assert_eq!(log.newest_first().last(), Some(&said("1")));
        log.push(Spoken { message: ChatMessage::Emote(Emote::GoodGame), ..said("x") });
        assert_eq!(log.news().unwrap().in_one_line(), "eve*: gg");
    }
}
