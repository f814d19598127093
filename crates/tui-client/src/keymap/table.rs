//! The command table: all keys of the program, and the words for them.

use std::borrow::Cow;

use crossterm::event::{
    KeyCode::{self, Char, Enter, Esc},
    KeyModifiers,
};

use super::{
    binding::{Action as A, Binding, When as W},
    context::Context as C,
};

/// All keys of the program, as they are until the player binds others.
#[rustfmt::skip]
pub(super) const BINDINGS: &[Binding] = &[
    bind(C::Everywhere, &[Char('?')], A::Help, ["?", "help", "help"]),
    ctrl(&[Char('c')], A::Quit, ["Ctrl-C", "quit (asks once during a match)", ""]),
    // Nothing would resume the program on Windows.
    #[cfg(unix)]
    ctrl(&[Char('z')], A::Suspend, ["Ctrl-Z", "suspend", ""]),
    ctrl(&[Char('l')], A::Redraw, ["Ctrl-L", "redraw", ""]),

    bind(C::Menu, &[Enter, Char(' ')], A::Select, ["Enter", "select", "select"]),
    bind(C::Menu, &[KeyCode::Up], A::Up, ["arrows", "move", "move"]),
    bind(C::Menu, &[KeyCode::Down], A::Down, SILENT),
    bind(C::Menu, &[Char('r')], A::Resume, ["r", "return to the running game", ""]),
    digits(C::Menu, EIGHT, A::ReturnTo, ["1-8", "return to a kept seat", ""]),
    bind(C::Menu, &[Char('Q')], A::AskToQuit, ["Q", "quit (asks)", "quit"]),
    bind(C::Menu, &[Char('q')], A::QuickMatch, ["q", "join an open game, or host and wait", ""]),
    bind(C::Menu, &[Char('h')], A::Host, ["h", "host a game", ""]),
    bind(C::Menu, &[Char('j')], A::Join, ["j", "join by code or address", ""]),
    bind(C::Menu, &[Char('x')], A::LeaveGame, ["x", "leave a game at this machine, or one without a connection", ""]),
    bind(C::Menu, &[Char('f'), KeyCode::Delete], A::Forget, ["f", "forget the chosen seat", ""]),
    bind(C::Menu, &[Char('b')], A::Browse, ["b", "list the games on this network", ""]),
    bind(C::Menu, &[Char('w')], A::Watch, ["w", "watch a game", ""]),
    bind(C::Menu, &[Char('o')], A::Bot, ["o", "play the bot", ""]),
    bind(C::Menu, &[Char('t')], A::TwoPlayers, ["t", "two players, one keyboard", ""]),
    bind(C::Menu, &[Char('p')], A::Replays, ["p", "replays of finished matches", ""]),
    bind(C::Menu, &[Char('s')], A::Settings, ["s", "settings", ""]),
    bind(C::Menu, &[Esc], A::Back, ["Esc", "back to the running game", ""]),

    bind(C::Replays, &[Enter], A::Select, ["Enter", "replay the match", "replay"]),
    bind(C::Replays, &[KeyCode::Up, Char('k')], A::Up, ["arrows j k", "move", "move"]),
    bind(C::Replays, &[KeyCode::Down, Char('j')], A::Down, SILENT),
    bind(C::Replays, &[KeyCode::PageUp], A::PageUp, SILENT),
    bind(C::Replays, &[KeyCode::PageDown], A::PageDown, SILENT),
    bind(C::Replays, &[KeyCode::Home], A::First, SILENT),
    bind(C::Replays, &[KeyCode::End], A::Last, SILENT),
    bind(C::Replays, &[Esc], A::Back, ["Esc", "back", "back"]),

    bind(C::Replay, &[KeyCode::Left, Char('h')], A::Backward, ["h l", "step back and forward; so do the arrows", "step"]),
    bind(C::Replay, &[KeyCode::Right, Char('l')], A::Forward, SILENT),
    bind(C::Replay, &[Char('0'), KeyCode::Home], A::First, ["0 $", "first and last position", ""]),
    bind(C::Replay, &[Char('$'), KeyCode::End], A::Last, SILENT),
    bind(C::Replay, &[Char(' ')], A::Run, ["Space", "run, or stand still", "run"]),
    bind(C::Replay, &[Char('+')], A::Faster, ["+ -", "run faster or slower", ""]),
    bind(C::Replay, &[Char('-')], A::Slower, SILENT),
    bind(C::Replay, &[Char('n')], A::NextMistake, ["n", "next mistake", "mistake"]).when(W::HasMistakes),
    bind(C::Replay, &[Char('b')], A::Branch, ["b", "play on from here against the bot", "branch"]).when(W::MayBranch),
    bind(C::Replay, &[Char('x')], A::Export, ["x", "write a recording into this folder", "export"]),
    bind(C::Replay, &[Esc], A::Back, ["Esc", "back", "back"]),

    bind(C::NewGame, &[Enter], A::Select, ["Enter", "start the game", "start"]),
    bind(C::NewGame, &[Esc], A::Back, ["Esc", "back to the menu", "back"]),
    bind(C::NewGame, &[KeyCode::Up], A::Up, ["arrows", "choose a setting, and change it", "change"]),
    bind(C::NewGame, &[KeyCode::Down, KeyCode::Tab], A::Down, SILENT),
    bind(C::NewGame, &[KeyCode::Left], A::Left, SILENT),
    bind(C::NewGame, &[KeyCode::Right, Char(' ')], A::Right, SILENT),

    bind(C::NewGameText, &[Enter], A::Select, ["Enter", "take the value", "take it"]),
    bind(C::NewGameText, &[Esc], A::Back, ["Esc", "leave the value as it was", "leave it"]),
    bind(C::NewGameText, &[KeyCode::Up], A::Up, ["arrows", "take it, and go to another setting", "go on"]),
    bind(C::NewGameText, &[KeyCode::Down, KeyCode::Tab], A::Down, SILENT),

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
    bind(C::Waiting, &[Char('q')], A::QrCode, ["q", "show or hide the QR code, where it fits", "QR"]).when(W::HasPage),
    bind(C::Waiting, &[Char('w')], A::Watchable, ["w", "allow or forbid watching", ""]).when(W::IsOnline),
    bind(C::Waiting, &[Char('s')], A::WatchersTalk, ["s", "hear or mute watchers", ""]).when(W::IsOnline),
    bind(C::Waiting, &[Char('b')], A::Block, ["b", "block the guest who left, or undo it", "block"]).when(W::MayBlock),
    bind(C::Waiting, &[Esc], A::Back, ["Esc", "stop waiting", "stop waiting"]),

    digits(C::Match, NINE, A::Numpad, ["1-9", "play, 7 is top left", "play"]).when(W::MayPlaceByDigit),
    bind(C::Match, &[KeyCode::Up, Char('k')], A::Up, ["arrows hjkl", "move the cursor", ""]),
    bind(C::Match, &[KeyCode::Down, Char('j')], A::Down, SILENT),
    bind(C::Match, &[KeyCode::Left, Char('h')], A::Left, SILENT),
    bind(C::Match, &[KeyCode::Right, Char('l')], A::Right, SILENT),
    bind(C::Match, &[Enter, Char(' ')], A::Place, ["Enter", "place (so do Space and a click)", "place"]).when(W::MayPlace),
    bind(C::Match, &[Char('/')], A::TypeCell, ["/", "place by the name of a cell, as in /b2", "name a cell"]).when(W::MayPlaceByName),
    bind(C::Match, &[Char('g')], A::Hint, ["g", "show where a perfect player goes, or hide it", "hint"]).when(W::MayHint),
    bind(C::Match, &[Char('d')], A::OfferDraw, ["d", "offer a draw, or withdraw it", "draw"]).when(W::MayOffer),
    bind(C::Match, &[Char('u')], A::OfferTakeback, ["u", "ask to take your last move back", "takeback"]).when(W::MayTakeBack),
    bind(C::Match, &[Char('R')], A::Resign, ["R", "resign (asks)", "resign"]),
    bind(C::Match, &[Char('t')], A::Chat, ["t", "write in the chat", "chat"]).when(W::MayChat),
    bind(C::Match, &[Char('i')], A::SayBoard, ["i", "say the board in words", "say the board"]),
    bind(C::Match, &[Char('e')], A::Emotes, ["e 1-6", "emote: hi gg oops wow thx re", "emote"]).when(W::MayChat),
    bind(C::Match, &[Char('a')], A::OfferAdjourn, ["a", "ask to adjourn the match", ""]).when(W::IsOnline),
    bind(C::Match, &[Char('m')], A::Mute, ["m", "mute chat and offers", ""]).when(W::IsOnline),
    bind(C::Match, &[Char('b')], A::Block, ["b", "block the player for your rooms, or undo it", ""]).when(W::MayBlock),
    bind(C::Match, &[Char('o')], A::OpenChat, ["o", "open the chat between strangers", ""]).when(W::IsOnline),
    bind(C::Match, &[Char('w')], A::Watchable, ["w", "allow or forbid watching (owner)", ""]).when(W::IsOnline),
    bind(C::Match, &[Char('s')], A::WatchersTalk, ["s", "hear or mute watchers (owner)", ""]).when(W::IsOnline),
    bind(C::Match, &[Esc], A::Back, ["Esc", "menu (the game goes on)", "menu"]).when(W::XRayIsClosed),
    bind(C::Match, &[Esc], A::Back, ["Esc", "close the X-ray", "close"]).when(W::XRayIsOpen),

    bind(C::Offer, &[Char('Y')], A::Accept, ["Y", "accept the offer (after a second)", "accept"]),
    bind(C::Offer, &[Char('N')], A::Decline, ["N", "decline it; so does a move", "decline"]),

    bind(C::Absent, &[Char('W')], A::ClaimWin, ["W", "claim the win, once you may", "win"]),
    bind(C::Absent, &[Char('C')], A::CallDraw, ["C", "call it a draw, once you may", "call a draw"]),
    bind(C::Absent, &[Char('P')], A::Adjourn, ["P", "put it off (adjourn), once you may", "put it off"]),

    bind(C::Adjourned, &[Enter], A::GoOn, ["Enter", "go on (both players must agree)", "go on"]),
    bind(C::Adjourned, &[Char('R')], A::Resign, ["R", "resign (asks)", "resign"]),
    bind(C::Adjourned, &[Char('i')], A::SayBoard, ["i", "say the board in words", "say the board"]),
    bind(C::Adjourned, &[Char('t')], A::Chat, ["t", "write in the chat", "chat"]).when(W::MayChat),
    bind(C::Adjourned, &[Esc], A::Back, ["Esc", "menu (the match is kept)", "menu"]).when(W::XRayIsClosed),
    bind(C::Adjourned, &[Esc], A::Back, ["Esc", "close the X-ray", "close"]).when(W::XRayIsOpen),

    bind(C::Watching, &[Char('t')], A::Chat, ["t", "write in the chat", "chat"]).when(W::MayChat),
    bind(C::Watching, &[Char('e')], A::Emotes, ["e 1-6", "emote: hi gg oops wow thx re", "emote"]).when(W::MayChat),
    bind(C::Watching, &[Char('m')], A::Mute, ["m", "mute the chat", "mute"]).when(W::IsOnline),
    bind(C::Watching, &[Char('i')], A::SayBoard, ["i", "say the board in words", "say the board"]),
    bind(C::Watching, &[Esc], A::Back, ["Esc", "leave", "leave"]).when(W::XRayIsClosed),
    bind(C::Watching, &[Esc], A::Back, ["Esc", "close the X-ray", "close"]).when(W::XRayIsOpen),

    bind(C::Link, &[KeyCode::Tab], A::NextKnob, ["Tab", "choose what to make of your link", "choose"]).when(W::HasDial),
    bind(C::Link, &[Char('+'), Char('=')], A::TurnUp, ["+ -", "more of it, or less", "change"]).when(W::HasDial),
    bind(C::Link, &[Char('-')], A::TurnDown, SILENT).when(W::HasDial),
    bind(C::Link, &[Char('0')], A::ResetDial, ["0", "make the link perfect again", "perfect"]).when(W::HasDial),
    bind(C::Link, &[Char('x')], A::XRay, ["x", "show the packets of your link, or hide them", "X-ray"]).when(W::IsOnline),

    bind(C::Chat, &[Enter], A::Select, ["Enter", "say it", "say it"]),
    bind(C::Chat, &[Esc], A::Back, ["Esc", "close", "close"]),

    bind(C::Cell, &[Enter], A::Select, ["Enter", "place the mark", "place"]),
    bind(C::Cell, &[Esc], A::Back, ["Esc", "close", "close"]),

    bind(C::Settings, &[KeyCode::Left], A::Left, ["Left Right", "change it", "change"]),
    bind(C::Settings, &[KeyCode::Right, Char(' '), Enter], A::Right, SILENT),
    bind(C::Settings, &[KeyCode::Up, Char('k')], A::Up, ["Up Down", "choose another setting", "choose"]),
    bind(C::Settings, &[KeyCode::Down, Char('j')], A::Down, SILENT),
    bind(C::Settings, &[Esc], A::Back, ["Esc", "back", "back"]),

    bind(C::SettingText, &[Enter], A::Select, ["Enter", "take what is typed", "take it"]),
    bind(C::SettingText, &[KeyCode::Up], A::Up, ["Up Down", "choose another setting", "choose"]),
    bind(C::SettingText, &[KeyCode::Down], A::Down, SILENT),
    bind(C::SettingText, &[Esc], A::Back, ["Esc", "back", "back"]),

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
    bind(C::LinkDown, &[Esc], A::Back, ["Esc", "menu while reconnecting, then leave", "back"]).when(W::XRayIsClosed),
    bind(C::LinkDown, &[Esc], A::Back, ["Esc", "close the X-ray", "close"]).when(W::XRayIsOpen),

    bind(C::Ended, &[Char('r')], A::Rematch, ["r", "host a game with the same terms", "host again"]).when(W::HostAgain),
    bind(C::Ended, &[Char('v')], A::Replay, ["v", "replay the match", "replay"]).when(W::MayReplay),
    bind(C::Ended, &[Char('i')], A::SayBoard, ["i", "say the board in words", "say the board"]),
    bind(C::Ended, &[Esc], A::Back, ["Esc", "leave", "leave"]),

    bind(C::Over, &[Char('r')], A::Rematch, ["r", "next game (both players must agree)", "next game"]).when(W::NextGame),
    bind(C::Over, &[Char('r')], A::Rematch, ["r", "rematch (both players must agree)", "rematch"]).when(W::Rematch),
    bind(C::Over, &[Char('r')], A::Rematch, ["r", "host a game with the same terms", "host again"]).when(W::HostAgain),
    bind(C::Over, &[Char('v')], A::Replay, ["v", "replay the match", "replay"]).when(W::MayReplay),
    bind(C::Over, &[Char('i')], A::SayBoard, ["i", "say the board in words", "say the board"]),
    bind(C::Over, &[Char('y')], A::Copy, ["y", "copy the result", "copy"]),
    bind(C::Over, &[Char('t')], A::Chat, ["t", "write in the chat", "chat"]).when(W::MayChat),
    bind(C::Over, &[Char('e')], A::Emotes, ["e 1-6", "emote: hi gg oops wow thx re", ""]).when(W::MayChat),
    bind(C::Over, &[Char('m')], A::Mute, ["m", "mute chat and offers", ""]).when(W::IsOnline),
    bind(C::Over, &[Char('b')], A::Block, ["b", "block the player for your rooms, or undo it", ""]).when(W::MayBlock),
    bind(C::Over, &[Char('o')], A::OpenChat, ["o", "open the chat between strangers", ""]).when(W::IsOnline),
    bind(C::Over, &[Char('w')], A::Watchable, ["w", "allow or forbid watching (owner)", ""]).when(W::IsOnline),
    bind(C::Over, &[Char('s')], A::WatchersTalk, ["s", "hear or mute watchers (owner)", ""]).when(W::IsOnline),
    bind(C::Over, &[Esc], A::Back, ["Esc", "leave", "leave"]).when(W::XRayIsClosed),
    bind(C::Over, &[Esc], A::Back, ["Esc", "close the X-ray", "close"]).when(W::XRayIsOpen),

    bind(C::Failed, &[Enter, Esc], A::Back, ["Enter Esc", "back to the menu", "back"]),

    bind(C::Confirm, &[Char('y'), Char('Y')], A::Yes, ["y", "yes", "yes"]),
    bind(C::Confirm, &[Char('n'), Char('N'), Esc], A::No, ["n", "no", "no"]),

    bind(C::Help, &[KeyCode::Up, Char('k')], A::Up, ["j/k PgUp PgDn", "scroll", "scroll"]),
    bind(C::Help, &[KeyCode::Down, Char('j')], A::Down, SILENT),
    bind(C::Help, &[KeyCode::PageUp], A::PageUp, SILENT),
    bind(C::Help, &[KeyCode::PageDown, Char(' ')], A::PageDown, SILENT),
    bind(C::Help, &[Esc, Enter], A::Back, ["Esc", "close", "close"]),
];

const fn bind(
    context: C,
    keys: &'static [KeyCode],
    action: A,
    [label, help, footer]: [&'static str; 3],
) -> Binding {
    let (modifiers, by_digit, when) = (KeyModifiers::NONE, None, W::Always);
    let (keys, label) = (Cow::Borrowed(keys), Cow::Borrowed(label));
    Binding { context, keys, modifiers, action, by_digit, label, help, footer, when }
}

const fn ctrl(keys: &'static [KeyCode], action: A, words: [&'static str; 3]) -> Binding {
    let mut binding = bind(C::Everywhere, keys, action, words);
    binding.modifiers = KeyModifiers::CONTROL;
    binding
}

/// Digits, each with an action of its own.
const fn digits(
    context: C,
    keys: &'static [KeyCode],
    action: fn(u8) -> A,
    words: [&'static str; 3],
) -> Binding {
    let mut binding = bind(context, keys, A::Select, words);
    binding.by_digit = Some(action);
    binding
}

const NINE: &[KeyCode] =
    &[Char('1'), Char('2'), Char('3'), Char('4'), Char('5'), Char('6'), Char('7'), Char('8'), Char('9')];
const EIGHT: &[KeyCode] = NINE.split_at(8).0;
const SIX: &[KeyCode] = NINE.split_at(6).0;

/// The words of a row that another one describes.
const SILENT: [&str; 3] = ["", "", ""];
