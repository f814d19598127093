//! The command table. Dispatch, the footer and the help are made from it, so that no key is promised that does nothing,
//! and none works that is not listed.

#[cfg(test)]
mod tests;

use crossterm::event::{KeyCode, KeyModifiers};
use net::proto::OfferKind;

use crate::key::Key;

/// The context of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// Every screen, unless a more particular context takes the key.
    Everywhere,
    /// The menu.
    Menu,
    /// The form for a place.
    JoinForm,
    /// The form for a passcode.
    Passcode,
    /// The list of the rooms of a server.
    Rooms,
    /// The list of the games on this network.
    Lan,
    /// The filter of that list.
    Filter,
    /// A connection or a search under way.
    Connecting,
    /// A room that waits for a friend.
    Waiting,
    /// A running match.
    Match,
    /// A running match with an offer of the other player.
    Offer,
    /// A running match whose other player is absent.
    Absent,
    /// An adjourned match.
    Adjourned,
    /// A match between others.
    Watching,
    /// The input for a chat line.
    Chat,
    /// The input for the name of a cell.
    Cell,
    /// The choice of an emote.
    Emotes,
    /// A game at this machine, while a match on a server waits.
    Called,
    /// A game whose connection is lost.
    LinkDown,
    /// A game whose session has ended: its last position is looked at.
    Ended,
    /// A match that is over.
    Over,
    /// A failure.
    Failed,
    /// A question.
    Confirm,
    /// The help, or a text to read.
    Help,
}

/// The action of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table says what each does, in the words that the help shows")]
pub enum Action {
    Help,
    Back,
    Quit,
    Suspend,
    Redraw,
    Up,
    Down,
    Left,
    Right,
    PageUp,
    PageDown,
    Select,
    Place,
    Numpad(u8),
    TypeCell,
    Resign,
    OfferDraw,
    OfferTakeback,
    OfferAdjourn,
    Accept,
    Decline,
    ClaimWin,
    CallDraw,
    Adjourn,
    GoOn,
    SayBoard,
    Hint,
    Rematch,
    TryNow,
    Yes,
    No,
    Resume,
    ReturnTo(u8),
    QuickMatch,
    Host,
    Join,
    Filter,
    Doctor,
    Rescan,
    Bot,
    TwoPlayers,
    Browse,
    Watch,
    LeaveGame,
    Forget,
    Chat,
    Emotes,
    Emote(u8),
    Mute,
    Block,
    OpenChat,
    Watchable,
    WatchersTalk,
    Visibility,
    GoToMatch,
    Copy,
}

/// One row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Binding {
    /// Its context.
    pub context: Context,
    /// The keys.
    pub keys: &'static [KeyCode],
    /// The modifiers, exactly; Shift is part of a capital letter.
    pub modifiers: KeyModifiers,
    /// Their action, unless the keys are digits.
    pub action: Action,
    /// The action of each digit, if the keys are digits.
    by_digit: Option<fn(u8) -> Action>,
    /// The keys in writing; empty if another row describes them.
    pub label: &'static str,
    /// Their action in words.
    pub help: &'static str,
    /// The text of the footer, if there is room; empty for none.
    pub footer: &'static str,
    /// The condition for a place in the footer.
    pub when: When,
}

/// A condition for a key to have an effect in a game.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// It always has one.
    Always,
    /// The game is on a server.
    IsOnline,
    /// A mark can be placed.
    MayPlace,
    /// A mark can be placed by a digit.
    MayPlaceByDigit,
    /// A mark can be placed by the name of its cell.
    MayPlaceByName,
    /// Chat is possible.
    MayChat,
    /// There is a player to block: the other one, or the guest who has left.
    MayBlock,
    /// A draw or a break can be offered, or the offer withdrawn.
    MayOffer,
    /// There is a move to take back.
    MayTakeBack,
    /// A perfect player knows the best move, and nobody across a network minds.
    MayHint,
    /// The match is over, and its series goes on with the player who is there.
    NextGame,
    /// The match is over, and so is its series, if it was part of one; the other player is there.
    Rematch,
    /// The match is over, and nobody is left to play another one in its room.
    HostAgain,
}

impl When {
    /// All conditions. Without a game they all hold.
    pub(crate) const ALL: [Self; 13] = [
        Self::Always,
        Self::IsOnline,
        Self::MayPlace,
        Self::MayPlaceByDigit,
        Self::MayPlaceByName,
        Self::MayChat,
        Self::MayBlock,
        Self::MayOffer,
        Self::MayTakeBack,
        Self::MayHint,
        Self::NextGame,
        Self::Rematch,
        Self::HostAgain,
    ];
}

/// The action of a key in a context.
pub fn action(context: Context, key: &Key) -> Option<Action> {
    // Typed text reaches no binding.
    if !key.is_pressed() || context.is_typing() && key.is_text() {
        return None;
    }
    readings(context, key).find_map(|code| {
        let binding = bindings(context).find(|binding| binding.matches(code, key))?;
        Some(binding.action_of(code))
    })
}

/// The binding of an action in a context, whatever its keys are. Actions of digits have none.
pub(crate) fn binding(context: Context, action: Action) -> Option<&'static Binding> {
    bindings(context).find(|binding| binding.action == action && binding.by_digit.is_none())
}

/// Tells whether a context itself, without those below it, binds a key.
pub fn is_bound(context: Context, key: &Key) -> bool {
    let binds =
        |code| BINDINGS.iter().any(|binding| binding.context == context && binding.matches(code, key));
    key.is_pressed() && readings(context, key).any(binds)
}

/// The readings of a key in a context, the closest first: those of the key itself, a digit of the keypad, and small letters.
fn readings(context: Context, key: &Key) -> impl Iterator<Item = KeyCode> {
    let typed = key.readings().into_iter().flatten();
    // Without NumLock the keypad types other keys, which most terminals do not tell from those beside it.
    let on_keypad = context.takes_moves().then(|| digit_on_keypad(key.event.code)).flatten();
    let small = typed.clone().filter(|_| !key.is_held()).filter_map(move |code| small_letter(context, code));
    typed.chain(on_keypad).chain(small)
}

/// The digit beside another meaning on a keypad. Its arrows move the cursor.
const fn digit_on_keypad(code: KeyCode) -> Option<KeyCode> {
    Some(Char(match code {
        KeyCode::Home => '7',
        KeyCode::PageUp => '9',
        KeyCode::KeypadBegin => '5',
        KeyCode::End => '1',
        KeyCode::PageDown => '3',
        _ => return None,
    }))
}

/// The small letter that a capital stands for, as with Caps Lock: not in a game if any game binds the capital, since one
/// decides what the other only offers, and a game may have changed while the key was on its way.
fn small_letter(context: Context, code: KeyCode) -> Option<KeyCode> {
    let Char(capital @ 'A'..='Z') = code else { return None };
    let is_of_a_game =
        || BINDINGS.iter().any(|binding| binding.context.is_game() && binding.keys.contains(&code));
    (!context.is_game() || !is_of_a_game()).then(|| Char(capital.to_ascii_lowercase()))
}

/// The bindings in the help of a context, its own first. `possible` are the conditions that may hold there at all.
pub(crate) fn help(context: Context, possible: &[When]) -> impl Iterator<Item = &'static Binding> {
    bindings(context).filter(move |binding| {
        !binding.label.is_empty() && possible.contains(&binding.when) && !binding.is_hidden_in(context)
    })
}

/// The bindings in the footer of a context, the help first. `is_called` is true while a match waits behind another game.
pub(crate) fn footer(
    context: Context,
    is_called: bool,
    facts: &[When],
) -> impl Iterator<Item = &'static Binding> {
    let has_help = context != Context::Help && !context.is_typing();
    let help = bindings(Context::Everywhere).filter(move |_| has_help);
    let call = BINDINGS.iter().filter(move |binding| is_called && binding.context == Context::Called);
    let own = bindings(context).filter(|binding| binding.context != Context::Everywhere);
    // A key that does something else here has its place already.
    let mut taken = Vec::new();
    help.chain(call).chain(own).filter(move |binding| {
        let is_shown = !binding.footer.is_empty()
            && facts.contains(&binding.when)
            && !binding.keys.iter().any(|key| taken.contains(key));
        if is_shown {
            taken.extend(binding.keys);
        }
        is_shown
    })
}

/// All bindings of a context, the most particular first.
pub fn bindings(context: Context) -> impl Iterator<Item = &'static Binding> {
    let layers = std::iter::successors(Some(context), |context| context.below());
    layers.flat_map(|layer| BINDINGS.iter().filter(move |binding| binding.context == layer))
}

/// The key of an action in writing.
pub fn label(context: Context, action: Action) -> &'static str {
    BINDINGS
        .iter()
        .find(|binding| binding.context == context && binding.action == action)
        .map_or("", |binding| binding.label)
}

/// The key that makes an offer, and withdraws it.
pub(crate) fn offer_key(kind: OfferKind) -> &'static str {
    let action = match kind {
        OfferKind::Draw => Action::OfferDraw,
        OfferKind::Takeback => Action::OfferTakeback,
        OfferKind::Adjourn => Action::OfferAdjourn,
    };
    label(Context::Match, action)
}

impl Context {
    /// The context that takes the keys that are not bound here.
    const fn below(self) -> Option<Self> {
        match self {
            Self::Everywhere => None,
            Self::Offer | Self::Absent => Some(Self::Match),
            Self::Menu
            | Self::JoinForm
            | Self::Passcode
            | Self::Rooms
            | Self::Lan
            | Self::Filter
            | Self::Connecting
            | Self::Waiting
            | Self::Match
            | Self::Adjourned
            | Self::Watching
            | Self::Chat
            | Self::Cell
            | Self::Emotes
            | Self::Called
            | Self::LinkDown
            | Self::Ended
            | Self::Over
            | Self::Failed
            | Self::Confirm
            | Self::Help => Some(Self::Everywhere),
        }
    }

    /// Tells whether a match runs.
    pub const fn is_match(self) -> bool {
        matches!(self, Self::Match | Self::Offer | Self::Absent)
    }

    /// Tells whether a move can be made: in a match, and while its connection is lost.
    pub const fn takes_moves(self) -> bool {
        self.is_match() || matches!(self, Self::LinkDown)
    }

    /// Tells whether a room may be on the screen, where a key may decide something between two players.
    const fn is_game(self) -> bool {
        !matches!(
            self,
            Self::Menu
                | Self::JoinForm
                | Self::Rooms
                | Self::Lan
                | Self::Connecting
                | Self::Failed
                | Self::Confirm
                | Self::Help
        )
    }

    /// Tells whether every character is text.
    pub const fn is_typing(self) -> bool {
        matches!(self, Self::Chat | Self::Cell | Self::Passcode | Self::Filter)
    }
}

impl Binding {
    /// Tells whether a more particular context takes all its keys.
    fn is_hidden_in(&self, context: Context) -> bool {
        let is_taken = |key: &KeyCode| {
            let first = bindings(context)
                .find(|binding| binding.modifiers == self.modifiers && binding.keys.contains(key));
            first.is_some_and(|binding| binding.context != self.context)
        };
        self.keys.iter().all(is_taken)
    }

    /// Adds a condition.
    const fn when(mut self, when: When) -> Self {
        self.when = when;
        self
    }

    fn action_of(&self, key: KeyCode) -> Action {
        match (self.by_digit, key) {
            (Some(action), Char(digit)) => action(u8::try_from(digit).map_or(0, |digit| digit - b'0')),
            _ => self.action,
        }
    }

    fn matches(&self, code: KeyCode, key: &Key) -> bool {
        let held = key.event.modifiers;
        let modifiers = if key.is_text() { held - KeyModifiers::SHIFT } else { held };
        modifiers == self.modifiers && self.keys.contains(&code)
    }
}

const fn bind(
    context: Context,
    keys: &'static [KeyCode],
    action: Action,
    [label, help, footer]: [&'static str; 3],
) -> Binding {
    let (modifiers, by_digit, when) = (KeyModifiers::NONE, None, When::Always);
    Binding { context, keys, modifiers, action, by_digit, label, help, footer, when }
}

const fn ctrl(keys: &'static [KeyCode], action: Action, [label, help, footer]: [&'static str; 3]) -> Binding {
    let modifiers = KeyModifiers::CONTROL;
    Binding { modifiers, ..bind(Context::Everywhere, keys, action, [label, help, footer]) }
}

/// Digits, each with an action of its own.
const fn digits(
    context: Context,
    keys: &'static [KeyCode],
    action: fn(u8) -> Action,
    words: [&'static str; 3],
) -> Binding {
    Binding { by_digit: Some(action), ..bind(context, keys, Action::Select, words) }
}

const NINE: &[KeyCode] =
    &[Char('1'), Char('2'), Char('3'), Char('4'), Char('5'), Char('6'), Char('7'), Char('8'), Char('9')];
const EIGHT: &[KeyCode] = NINE.split_at(8).0;
const SIX: &[KeyCode] = NINE.split_at(6).0;

/// The words of a row that another one describes.
const SILENT: [&str; 3] = ["", "", ""];

use Action as A;
use Context as C;
use KeyCode::{Char, Enter, Esc};
use When as W;

/// All keys of the program.
#[rustfmt::skip]
pub const BINDINGS: &[Binding] = &[
    bind(C::Everywhere, &[Char('?')], A::Help, ["?", "help", "help"]),
    ctrl(&[Char('c')], A::Quit, ["Ctrl-C", "quit (asks once during a match)", ""]),
    ctrl(&[Char('z')], A::Suspend, ["Ctrl-Z", "suspend", ""]),
    ctrl(&[Char('l')], A::Redraw, ["Ctrl-L", "redraw", ""]),

    bind(C::Menu, &[Enter, Char(' ')], A::Select, ["Enter", "select", "select"]),
    bind(C::Menu, &[KeyCode::Up], A::Up, ["arrows", "move", "move"]),
    bind(C::Menu, &[KeyCode::Down], A::Down, SILENT),
    bind(C::Menu, &[Char('r')], A::Resume, ["r", "return to the running game", ""]),
    digits(C::Menu, EIGHT, A::ReturnTo, ["1-8", "return to a kept seat", ""]),
    bind(C::Menu, &[Char('Q')], A::Quit, ["Q", "quit", "quit"]),
    bind(C::Menu, &[Char('q')], A::QuickMatch, ["q", "join an open game, or host and wait", ""]),
    bind(C::Menu, &[Char('h')], A::Host, ["h", "host a game", ""]),
    bind(C::Menu, &[Char('j')], A::Join, ["j", "join by code or address", ""]),
    bind(C::Menu, &[Char('x')], A::LeaveGame, ["x", "leave a game at this machine, or one without a connection", ""]),
    bind(C::Menu, &[Char('f'), KeyCode::Delete], A::Forget, ["f", "forget the chosen seat", ""]),
    bind(C::Menu, &[Char('b')], A::Browse, ["b", "list the games on this network", ""]),
    bind(C::Menu, &[Char('w')], A::Watch, ["w", "watch a game", ""]),
    bind(C::Menu, &[Char('o')], A::Bot, ["o", "play the bot", ""]),
    bind(C::Menu, &[Char('t')], A::TwoPlayers, ["t", "two players, one keyboard", ""]),
    bind(C::Menu, &[Esc], A::Back, ["Esc", "back to the running game", ""]),

    bind(C::JoinForm, &[Enter], A::Select, ["Enter", "join", "join"]),
    bind(C::JoinForm, &[Esc], A::Back, ["Esc", "back", "back"]),

    bind(C::Passcode, &[Enter], A::Select, ["Enter", "try it", "try it"]),
    bind(C::Passcode, &[Esc], A::Back, ["Esc", "give up", "give up"]),

    bind(C::Rooms, &[Enter], A::Select, ["Enter", "join the game, or watch one in play", "join or watch"]),
    bind(C::Rooms, &[Char('w')], A::Watch, ["w", "watch it", "watch"]),
    bind(C::Rooms, &[KeyCode::Up, Char('k')], A::Up, ["arrows j k", "move", ""]),
    bind(C::Rooms, &[KeyCode::Down, Char('j')], A::Down, SILENT),
    bind(C::Rooms, &[KeyCode::PageUp], A::PageUp, SILENT),
    bind(C::Rooms, &[KeyCode::PageDown], A::PageDown, SILENT),
    bind(C::Rooms, &[Char('h')], A::Host, ["h", "host a game yourself", "host"]),
    bind(C::Rooms, &[Char('c')], A::Join, ["c", "type a code or an address", "code"]),
    bind(C::Rooms, &[Esc], A::Back, ["Esc", "back to the menu", "back"]),

    bind(C::Lan, &[Enter], A::Select, ["Enter", "join the game, or watch one in play", "join"]),
    bind(C::Lan, &[Char('/')], A::Filter, ["/", "filter the list", "filter"]),
    bind(C::Lan, &[Char('h')], A::Host, ["h", "host a game yourself", "host"]),
    bind(C::Lan, &[Char('j')], A::Join, ["j", "type a code or an address", "code"]),
    bind(C::Lan, &[Char('d')], A::Doctor, ["d", "check the network", "check"]),
    bind(C::Lan, &[Char('r')], A::Rescan, ["r", "search again", ""]),
    bind(C::Lan, &[Esc], A::Back, ["Esc", "back to the menu", "back"]),
    bind(C::Lan, &[Char('w')], A::Watch, ["w", "watch it", ""]),
    bind(C::Lan, &[Char('o')], A::Bot, ["o", "play the bot", ""]),
    bind(C::Lan, &[Char('s')], A::Browse, ["s", "the games of a server, by its address", ""]),
    bind(C::Lan, &[KeyCode::Up], A::Up, ["arrows", "move", ""]),
    bind(C::Lan, &[KeyCode::Down], A::Down, SILENT),
    bind(C::Lan, &[KeyCode::PageUp], A::PageUp, SILENT),
    bind(C::Lan, &[KeyCode::PageDown], A::PageDown, SILENT),

    bind(C::Filter, &[Enter], A::Select, ["Enter", "back to the list", "list"]),
    bind(C::Filter, &[Esc], A::Back, ["Esc", "show all", "show all"]),

    bind(C::Connecting, &[Esc], A::Back, ["Esc", "give up", "give up"]),

    bind(C::Waiting, &[Char('c')], A::Copy, ["c", "copy the command for your friend", "copy"]),
    bind(C::Waiting, &[Char('o')], A::Bot, ["o", "play the bot meanwhile (you are called back)", "bot"]),
    bind(C::Waiting, &[Char('v')], A::Visibility, ["v", "show to all, hide, or lock by a passcode", "visibility"]),
    bind(C::Waiting, &[Char('w')], A::Watchable, ["w", "allow or forbid watching", ""]).when(W::IsOnline),
    bind(C::Waiting, &[Char('s')], A::WatchersTalk, ["s", "hear or mute watchers", ""]).when(W::IsOnline),
    bind(C::Waiting, &[Char('b')], A::Block, ["b", "block the guest who left, or undo it", "block"]).when(W::MayBlock),
    bind(C::Waiting, &[Esc], A::Back, ["Esc", "stop waiting", "stop waiting"]),

    digits(C::Match, NINE, A::Numpad, ["1-9", "play, 7 is top left", "play"]).when(W::MayPlaceByDigit),
    bind(C::Match, &[KeyCode::Up, Char('k')], A::Up, ["arrows hjkl", "move the cursor", ""]),
    bind(C::Match, &[KeyCode::Down, Char('j')], A::Down, SILENT),
    bind(C::Match, &[KeyCode::Left, Char('h')], A::Left, SILENT),
    bind(C::Match, &[KeyCode::Right, Char('l')], A::Right, SILENT),
    bind(C::Match, &[Enter, Char(' ')], A::Place, ["Enter Space", "place (so does a click)", "place"]).when(W::MayPlace),
    bind(C::Match, &[Char('/')], A::TypeCell, ["/", "place by the name of a cell, as in /b2", "name a cell"]).when(W::MayPlaceByName),
    bind(C::Match, &[Char('g')], A::Hint, ["g", "show where a perfect player goes, or hide it", "hint"]).when(W::MayHint),
    bind(C::Match, &[Char('t')], A::Chat, ["t", "write in the chat", "chat"]).when(W::MayChat),
    bind(C::Match, &[Char('d')], A::OfferDraw, ["d", "offer a draw, or withdraw it", "draw"]).when(W::MayOffer),
    bind(C::Match, &[Char('u')], A::OfferTakeback, ["u", "ask to take your last move back", "takeback"]).when(W::MayTakeBack),
    bind(C::Match, &[Char('R')], A::Resign, ["R", "resign (asks)", "resign"]),
    bind(C::Match, &[Char('i')], A::SayBoard, ["i", "say the board in words", "say the board"]),
    bind(C::Match, &[Char('e')], A::Emotes, ["e 1-6", "emote: hi gg oops wow thx re", "emote"]).when(W::MayChat),
    bind(C::Match, &[Char('a')], A::OfferAdjourn, ["a", "ask to adjourn the match", ""]).when(W::IsOnline),
    bind(C::Match, &[Char('m')], A::Mute, ["m", "mute chat and offers", ""]).when(W::IsOnline),
    bind(C::Match, &[Char('b')], A::Block, ["b", "block the player for your rooms, or undo it", ""]).when(W::MayBlock),
    bind(C::Match, &[Char('o')], A::OpenChat, ["o", "open the chat between strangers", ""]).when(W::IsOnline),
    bind(C::Match, &[Char('w')], A::Watchable, ["w", "allow or forbid watching (owner)", ""]).when(W::IsOnline),
    bind(C::Match, &[Char('s')], A::WatchersTalk, ["s", "hear or mute watchers (owner)", ""]).when(W::IsOnline),
    bind(C::Match, &[Esc], A::Back, ["Esc", "menu (the game goes on)", "menu"]),

    bind(C::Offer, &[Char('Y')], A::Accept, ["Y", "accept the offer (after a second)", "accept"]),
    bind(C::Offer, &[Char('N')], A::Decline, ["N", "decline it; so does a move", "decline"]),

    bind(C::Absent, &[Char('W')], A::ClaimWin, ["W", "claim the win, once you may", "win"]),
    bind(C::Absent, &[Char('C')], A::CallDraw, ["C", "call it a draw, once you may", "call a draw"]),
    bind(C::Absent, &[Char('P')], A::Adjourn, ["P", "put it off (adjourn), once you may", "put it off"]),

    bind(C::Adjourned, &[Enter], A::GoOn, ["Enter", "go on (both players must agree)", "go on"]),
    bind(C::Adjourned, &[Char('R')], A::Resign, ["R", "resign (asks)", "resign"]),
    bind(C::Adjourned, &[Char('i')], A::SayBoard, ["i", "say the board in words", "say the board"]),
    bind(C::Adjourned, &[Char('t')], A::Chat, ["t", "write in the chat", "chat"]).when(W::MayChat),
    bind(C::Adjourned, &[Esc], A::Back, ["Esc", "menu (the match is kept)", "menu"]),

    bind(C::Watching, &[Char('t')], A::Chat, ["t", "write in the chat", "chat"]).when(W::MayChat),
    bind(C::Watching, &[Char('e')], A::Emotes, ["e 1-6", "emote: hi gg oops wow thx re", "emote"]).when(W::MayChat),
    bind(C::Watching, &[Char('m')], A::Mute, ["m", "mute the chat", "mute"]).when(W::IsOnline),
    bind(C::Watching, &[Char('i')], A::SayBoard, ["i", "say the board in words", "say the board"]),
    bind(C::Watching, &[Esc], A::Back, ["Esc", "leave", "leave"]),

    bind(C::Chat, &[Enter], A::Select, ["Enter", "say it", "say it"]),
    bind(C::Chat, &[Esc], A::Back, ["Esc", "close", "close"]),

    bind(C::Cell, &[Enter], A::Select, ["Enter", "place the mark", "place"]),
    bind(C::Cell, &[Esc], A::Back, ["Esc", "close", "close"]),

    digits(C::Emotes, SIX, A::Emote, ["1-6", "hi gg oops wow thx re", "hi gg oops wow thx re"]),
    bind(C::Emotes, &[Esc], A::Back, ["Esc", "close", "close"]),

    bind(C::Called, &[Enter, Esc], A::GoToMatch, ["Enter", "go to the match", "go to the match"]),

    bind(C::LinkDown, &[Enter], A::TryNow, ["Enter", "try now", "try now"]),
    digits(C::LinkDown, NINE, A::Numpad, ["1-9", "play; sent when the link is back", "play"]).when(W::MayPlaceByDigit),
    bind(C::LinkDown, &[KeyCode::Up, Char('k')], A::Up, ["arrows hjkl", "move the cursor", ""]),
    bind(C::LinkDown, &[KeyCode::Down, Char('j')], A::Down, SILENT),
    bind(C::LinkDown, &[KeyCode::Left, Char('h')], A::Left, SILENT),
    bind(C::LinkDown, &[KeyCode::Right, Char('l')], A::Right, SILENT),
    bind(C::LinkDown, &[Char(' ')], A::Place, ["Space", "place", ""]).when(W::MayPlace),
    bind(C::LinkDown, &[Char('/')], A::TypeCell, ["/", "place by the name of a cell, as in /b2", ""]).when(W::MayPlaceByName),
    bind(C::LinkDown, &[Char('i')], A::SayBoard, ["i", "say the board in words", ""]),
    bind(C::LinkDown, &[Esc], A::Back, ["Esc", "menu while reconnecting, then leave", "back"]),

    bind(C::Ended, &[Char('r')], A::Rematch, ["r", "host a game with the same terms", "host again"]).when(W::HostAgain),
    bind(C::Ended, &[Char('i')], A::SayBoard, ["i", "say the board in words", "say the board"]),
    bind(C::Ended, &[Esc], A::Back, ["Esc", "leave", "leave"]),

    bind(C::Over, &[Char('r')], A::Rematch, ["r", "next game (both players must agree)", "next game"]).when(W::NextGame),
    bind(C::Over, &[Char('r')], A::Rematch, ["r", "rematch (both players must agree)", "rematch"]).when(W::Rematch),
    bind(C::Over, &[Char('r')], A::Rematch, ["r", "host a game with the same terms", "host again"]).when(W::HostAgain),
    bind(C::Over, &[Char('i')], A::SayBoard, ["i", "say the board in words", "say the board"]),
    bind(C::Over, &[Char('y')], A::Copy, ["y", "copy the result", "copy"]),
    bind(C::Over, &[Char('t')], A::Chat, ["t", "write in the chat", "chat"]).when(W::MayChat),
    bind(C::Over, &[Char('e')], A::Emotes, ["e 1-6", "emote: hi gg oops wow thx re", ""]).when(W::MayChat),
    bind(C::Over, &[Char('m')], A::Mute, ["m", "mute chat and offers", ""]).when(W::IsOnline),
    bind(C::Over, &[Char('b')], A::Block, ["b", "block the player for your rooms, or undo it", ""]).when(W::MayBlock),
    bind(C::Over, &[Char('o')], A::OpenChat, ["o", "open the chat between strangers", ""]).when(W::IsOnline),
    bind(C::Over, &[Char('w')], A::Watchable, ["w", "allow or forbid watching (owner)", ""]).when(W::IsOnline),
    bind(C::Over, &[Char('s')], A::WatchersTalk, ["s", "hear or mute watchers (owner)", ""]).when(W::IsOnline),
    bind(C::Over, &[Esc], A::Back, ["Esc", "leave", "leave"]),

    bind(C::Failed, &[Enter, Esc], A::Back, ["Enter Esc", "back to the menu", "back"]),

    bind(C::Confirm, &[Char('y'), Char('Y')], A::Yes, ["y", "yes", "yes"]),
    bind(C::Confirm, &[Char('n'), Char('N'), Esc], A::No, ["n", "no", "no"]),

    bind(C::Help, &[KeyCode::Up, Char('k')], A::Up, ["j/k PgUp PgDn", "scroll", "scroll"]),
    bind(C::Help, &[KeyCode::Down, Char('j')], A::Down, SILENT),
    bind(C::Help, &[KeyCode::PageUp], A::PageUp, SILENT),
    bind(C::Help, &[KeyCode::PageDown, Char(' ')], A::PageDown, SILENT),
    bind(C::Help, &[Esc, Enter], A::Back, ["Esc", "close", "close"]),
];
