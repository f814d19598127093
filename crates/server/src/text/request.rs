//! Requests: the meaning of a line.

use game_core::{Cell, Rules};
use net::proto::{
    Access, ChatLine, ChatMessage, Claim, Command, Emote, Name, OfferKind, ParseChatLineError,
    ParseNameError, Passcode, RoomCode, Setting, Terms,
};
use thiserror::Error;

/// The meaning of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Request {
    Help,
    /// Take this name.
    Name(Name),
    /// Show the rooms from this position of the list on, counted from 1.
    List {
        from: usize,
    },
    /// Ask for what needs no knowledge of the room.
    Command(Command),
    Play(Target),
    Board,
    /// Wait for news.
    Wait,
    Resign,
    Rematch,
    Offer(OfferKind),
    Accept,
    Decline,
    Claim(Claim),
    /// Send news without a request, or stop it.
    Push(bool),
    Quit,
}

/// The cell to play.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    Cell(Cell),
    /// A key of the keypad, which only a board of 3x3 has.
    Key(Cell),
}

/// The error in a line. It does not repeat the line, which may not be fit to be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub(super) enum RequestError {
    #[error("a line is text in UTF-8 without control characters")]
    NotText,
    #[error("no such command; `help` lists them")]
    Unknown,
    #[error("write `{0}`")]
    Usage(&'static str),
    #[error(transparent)]
    Name(#[from] ParseNameError),
    #[error(transparent)]
    Chat(#[from] ParseChatLineError),
}

impl Request {
    /// Reads a line.
    pub(super) fn parse(line: &[u8]) -> Result<Self, RequestError> {
        let text = str::from_utf8(line).map_err(|_not_utf8| RequestError::NotText)?;
        // Some programs mark the first line of a text in UTF-8.
        let text = text.trim_start_matches('\u{feff}').trim_matches([' ', '\t']);
        if text.chars().any(char::is_control) {
            return Err(RequestError::NotText);
        }
        let (command, rest) = text.split_once(' ').unwrap_or((text, ""));
        Self::parse_command(&command.to_ascii_lowercase(), rest.trim_matches(' '))
    }

    fn parse_command(command: &str, rest: &str) -> Result<Self, RequestError> {
        match (command, rest) {
            ("" | "wait", "") => Ok(Self::Wait),
            ("help" | "?", _) => Ok(Self::Help),
            ("name", name) => Ok(Self::Name(Name::parse_typed(name)?)),
            ("list", "") => Ok(Self::List { from: 1 }),
            ("list", from) => {
                let from = from.parse().ok().filter(|from| *from >= 1);
                from.map(|from| Self::List { from }).ok_or(RequestError::Usage("list [FROM]"))
            }
            ("quick", "") => Ok(Self::Command(Command::QuickMatch { terms: None })),
            ("quick", wish) => match parse_wish(wish) {
                Some((terms, Access::Public)) => {
                    Ok(Self::Command(Command::QuickMatch { terms: Some(terms) }))
                }
                Some(_) | None => Err(RequestError::Usage("quick [3x3] [misere] [best 3] [clock 30s]")),
            },
            ("create", wish) => parse_wish(wish)
                .map(|(terms, access)| Self::Command(Command::Create { terms, access }))
                .ok_or(RequestError::Usage(
                    "create [3x3] [misere] [best 3] [clock 30s] [hidden | passcode WORD]",
                )),
            ("join", place) => parse_place(place)
                .map(|(code, passcode)| Self::Command(Command::Join { code, passcode }))
                .ok_or(RequestError::Usage("join CODE [PASSCODE]")),
            ("watch", place) => parse_place(place)
                .map(|(code, passcode)| Self::Command(Command::Watch { code, passcode }))
                .ok_or(RequestError::Usage("watch CODE [PASSCODE]")),
            ("leave", "") => Ok(Self::Command(Command::Leave)),
            ("play", target) => Target::parse(target).map(Self::Play).ok_or(RequestError::Usage("play b2")),
            ("board", "") => Ok(Self::Board),
            ("say", words) => parse_chat(words),
            ("talk", "") => Ok(Self::Command(Command::Set { setting: Setting::OpenChat })),
            ("resign", "") => Ok(Self::Resign),
            ("rematch", "") => Ok(Self::Rematch),
            ("offer", "draw") => Ok(Self::Offer(OfferKind::Draw)),
            ("offer", "takeback") => Ok(Self::Offer(OfferKind::Takeback)),
            ("offer", "adjourn") => Ok(Self::Offer(OfferKind::Adjourn)),
            ("offer", _) => Err(RequestError::Usage("offer draw | takeback | adjourn")),
            ("accept", "") => Ok(Self::Accept),
            ("decline", "") => Ok(Self::Decline),
            ("claim", "win") => Ok(Self::Claim(Claim::Win)),
            ("claim", "draw") => Ok(Self::Claim(Claim::Draw)),
            ("claim", "adjourn") => Ok(Self::Claim(Claim::Adjourn)),
            ("claim", _) => Err(RequestError::Usage("claim win | draw | adjourn")),
            ("push", "on") => Ok(Self::Push(true)),
            ("push", "off") => Ok(Self::Push(false)),
            ("push", _) => Err(RequestError::Usage("push on | off")),
            ("quit", "") => Ok(Self::Quit),
            (target, "") => Target::parse(target).map(Self::Play).ok_or(RequestError::Unknown),
            (_, _) => Err(RequestError::Unknown),
        }
    }
}

impl Target {
    fn parse(text: &str) -> Option<Self> {
        if let [digit @ b'1'..=b'9'] = *text.as_bytes() {
            return Cell::from_numpad(digit - b'0').map(Self::Key);
        }
        text.parse().ok().map(Self::Cell)
    }
}

/// Reads `3x3 misere best of 3 clock 30s hidden`, every part of which may be missing.
fn parse_wish(wish: &str) -> Option<(Terms, Access)> {
    let (mut terms, mut access) = (Terms::default(), Access::Public);
    let mut words = wish.split_ascii_whitespace().peekable();
    while let Some(word) = words.next() {
        match word {
            "misere" => terms.rules = terms.rules.with_misere(true),
            "best" => {
                let _of = words.next_if_eq(&"of");
                terms.best_of = Some(words.next()?.parse().ok()?);
            }
            "clock" => terms.time = words.next()?.parse().ok()?,
            "hidden" => access = Access::Hidden,
            "passcode" => access = Access::Passcode(Passcode::parse_typed(words.next()?).ok()?),
            rules => {
                let rules: Rules = rules.parse().ok()?;
                terms.rules = rules.with_misere(terms.rules.is_misere());
            }
        }
    }
    Some((terms, access))
}

/// Reads a code, which may hold a space, and a passcode behind it.
fn parse_place(place: &str) -> Option<(RoomCode, Option<Passcode>)> {
    let words: Vec<&str> = place.split_ascii_whitespace().collect();
    let (code, rest) = match *words {
        [code, ref rest @ ..] if code.contains(|letter: char| letter.is_ascii_digit()) => {
            (RoomCode::parse_typed(code), rest)
        }
        [word, number, ref rest @ ..] => (RoomCode::parse_typed(&format!("{word}{number}")), rest),
        [] | [_] => return None,
    };
    match *rest {
        [] => Some((code.ok()?, None)),
        [passcode] => Some((code.ok()?, Some(Passcode::parse_typed(passcode).ok()?))),
        [_, _, ..] => None,
    }
}

/// Reads a chat line. A word that has a key elsewhere is that emote here.
fn parse_chat(words: &str) -> Result<Request, RequestError> {
    let emote = Emote::ALL.into_iter().find(|emote| emote.as_str() == words);
    let message = match emote {
        Some(emote) => ChatMessage::Emote(emote),
        None => ChatMessage::Line(ChatLine::parse_typed(words)?),
    };
    Ok(Request::Command(Command::Say { message }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: impl AsRef<[u8]>, expected: &str) {
        let asked = Request::parse(line.as_ref());
        let said = match &asked {
            Ok(request) => format!("{request:?}"),
            Err(error) => format!("error: {error}"),
        };
        assert_eq!(said, expected, "{}", line.as_ref().escape_ascii());
    }

    #[test]
    fn a_line_is_a_command_however_it_is_spaced_and_cased() {
        for line in ["resign", " RESIGN ", "Resign\t"] {
            check(line, "Resign");
        }
        check("\u{feff}list", "List { from: 1 }");
        for line in ["", " ", "wait"] {
            check(line, "Wait");
        }
        check("list", "List { from: 1 }");
        check("list 8", "List { from: 8 }");
        check("push on", "Push(true)");
        check("offer takeback", "Offer(Takeback)");
        check("claim win", "Claim(Win)");
        check("name ann maria", "Name(\"ann maria\")");
        check("name E\u{301}va\u{200d}", "Name(\"Éva\")");
    }

    #[test]
    fn a_cell_is_a_move() {
        for line in ["b2", "B2", "play b2"] {
            check(line, "Play(Cell(b2))");
        }
        check("5", "Play(Key(b2))");
        check("s19", "Play(Cell(s19))");
        for line in ["0", "b", "b0", "t1", "b2 b3", "55"] {
            check(line, "error: no such command; `help` lists them");
        }
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        for line in ["join kite-42", "JOIN Kite 42", "join KITE42"] {
            check(line, "Command(Join { code: KITE-42, passcode: None })");
        }
        check("watch kite 42 sesame", "Command(Watch { code: KITE-42, passcode: Some(Passcode(..)) })");
        for line in ["join", "join kite", "join 42", "join kite-42 a b"] {
            check(line, "error: write `join CODE [PASSCODE]`");
        }
    }

    #[test]
    fn terms_are_read_in_any_order() {
        let all = "create clock 30s misere 15x15:5 best of 3 hidden";
        let Ok(Request::Command(Command::Create { terms, access: Access::Hidden })) =
            Request::parse(all.as_bytes())
        else {
            panic!("{all}")
        };
        assert_eq!(terms.rules, "15x15:5".parse::<Rules>().unwrap().with_misere(true));
        assert_eq!((terms.best_of, terms.time), (Some("3".parse().unwrap()), "30s".parse().unwrap()));
        check("quick", "Command(QuickMatch { terms: None })");
        check("quick hidden", "error: write `quick [3x3] [misere] [best 3] [clock 30s]`");
    }

    #[test]
    fn a_chat_message_is_a_line_or_an_emote() {
        check("say good luck,  have fun", "Command(Say { message: Line(\"good luck,  have fun\") })");
        check("say gg", "Command(Say { message: Emote(GoodGame) })");
        check("say ✌\u{fe0f} e\u{301}t\u{a0}voila\u{300}", "Command(Say { message: Line(\"✌ ét voilà\") })");
        check("say", "error: there is nothing to say");
        check("say \u{202e}abc", "error: a line cannot hold the character U+202E");
    }

    #[test]
    fn what_is_no_text_is_refused_and_not_repeated() {
        for line in [&b"list\0"[..], b"\xc3", b"say \x1b[2J", b"\x7f", b"a\tb", b"\x01\x02\x03"] {
            check(line, "error: a line is text in UTF-8 without control characters");
        }
    }
}
