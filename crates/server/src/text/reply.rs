//! One reply: as many of the pending lines as fit.

use std::fmt::Write as _;

/// Bytes of the longest reply: the usual argument of `recv`, and below the segment size of any network.
pub const MAX_REPLY: usize = 1024;

/// The parts of a reply, of which the most important always fit.
#[derive(Debug, Default)]
pub(super) struct Draft<'a> {
    /// The direct answer to the line: a few lines at most.
    pub(super) answer: &'a str,
    /// The news, one line each, the newest last. If there is too much, the oldest is left out.
    pub(super) news: &'a [String],
    /// The number of lines that were left out before.
    pub(super) forgotten: usize,
    /// The board, left out if there is no room for it.
    pub(super) board: Option<String>,
    /// The last line: what comes next.
    pub(super) state: &'a str,
}

impl Draft<'_> {
    /// Writes the reply: whole lines, the last of them empty, [`MAX_REPLY`] bytes together at most.
    pub(super) fn reply(self) -> String {
        let mut room = MAX_REPLY - MARGIN;
        let mut take = |text: &str| {
            let fits = text.len() < room;
            if fits {
                room -= text.len() + 1;
            }
            fits
        };
        let state = if take(self.state) { self.state } else { "" };
        let answer = if take(self.answer) { self.answer } else { "" };
        let newest = self.news.last().is_some_and(|line| take(line));
        let board = self.board.as_deref().filter(|board| take(board));
        let mut told = usize::from(newest);
        while newest && told < self.news.len() && take(&self.news[self.news.len() - 1 - told]) {
            told += 1;
        }
        let untold = self.forgotten + self.news.len() - told;

        let mut text = String::with_capacity(MAX_REPLY);
        push_line(&mut text, answer);
        if untold > 0 {
            writeln!(text, "- {untold} earlier lines are left out").expect("a string takes everything");
        }
        self.news[self.news.len() - told..].iter().for_each(|line| push_line(&mut text, line));
        match (board, self.board.is_some()) {
            (Some(board), _) => text.push_str(board),
            (None, true) => text.push_str("- `board` shows the board\n"),
            (None, false) => {}
        }
        push_line(&mut text, state);
        text.push('\n');
        debug_assert!(text.len() <= MAX_REPLY, "{} bytes", text.len());
        text
    }
}

fn push_line(text: &mut String, line: &str) {
    text.push_str(line);
    if !line.is_empty() && !line.ends_with('\n') {
        text.push('\n');
    }
}

/// Bytes reserved for the line about lines that were left out, and for the empty line.
const MARGIN: usize = 72;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_too_much_is_left_out_from_the_oldest_on() {
        let news: Vec<String> = ["a", "b", "c"].map(|letter| format!("- {}", letter.repeat(400))).into();
        let reply = Draft { news: &news, state: "= your turn", ..Draft::default() }.reply();
        assert!(reply.as_str().starts_with("- 1 earlier lines are left out\n- bbb"), "{reply}");
        assert!(reply.as_str().ends_with("c\n= your turn\n\n"), "{reply}");
    }

    #[test]
    fn the_newest_line_goes_before_the_board() {
        let board = Some("x".repeat(840));
        let news = ["- 1".to_owned(), format!("- {}", "2".repeat(200))];
        let reply = Draft { news: &news, board, state: "=", ..Draft::default() }.reply();
        assert!(reply.as_str().ends_with("222\n- `board` shows the board\n=\n\n"), "{reply}");
        assert!(reply.as_str().starts_with("- 1\n"), "{reply}");
    }

    proptest! {
        #[test]
        fn no_reply_is_too_long(
            answer in "[a-zé\n]{0,1200}",
            news in prop::collection::vec("- [a-zé]{0,600}", 0..20),
            board in prop::option::of("[x\n]{0,1000}"),
            state in "= [a-z]{0,200}",
        ) {
            let draft = Draft { answer: &answer, news: &news, forgotten: 99_999, board, state: &state };
            let reply = draft.reply();
            prop_assert!(reply.len() <= MAX_REPLY);
            let end = format!("{state}\n\n");
            prop_assert!(reply.as_str().ends_with(&end));
        }
    }
}
