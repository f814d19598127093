//! Every kind of message from a client.

use game_core::Rules;
use net::proto::{
    Access, ChatMessage, Claim, ClientMessage, CloseReason, Command, Emote, Hello, OfferKind, Question,
    Setting, Terms,
};

use super::{cell, code, line, name, passcode, rules, series, token};

pub(super) fn all() -> Vec<(&'static str, ClientMessage)> {
    let hello = Hello { name: name("ana"), resume: None };
    let mut samples = vec![
        ("hello", ClientMessage::Hello(hello)),
        ("hello-again", ClientMessage::Hello(Hello { resume: Some(token()), ..hello })),
    ];
    let commands =
        to_come_in().into_iter().chain(to_play()).chain(to_agree()).chain(to_chat()).chain(to_browse());
    samples.extend(commands.map(|(name, command)| (name, ClientMessage::Command(command))));
    samples.push(("pong", ClientMessage::Pong { nonce: 7 }));
    samples.push(("goodbye", ClientMessage::Close(CloseReason::Goodbye)));
    samples.push(("ask-rooms", ClientMessage::Ask(Question::Rooms { first: 16 })));
    samples.push(("ask-code", ClientMessage::Ask(Question::Code(code()))));
    samples
}

fn to_come_in() -> [(&'static str, Command); 13] {
    let open = |terms| Command::Create { terms, access: Access::Public };
    let classic = Terms::default();
    let misere = Terms { rules: Rules::default().with_misere(true), ..classic };
    [
        ("quick-match", Command::QuickMatch { terms: None }),
        ("quick-match-with-terms", Command::QuickMatch { terms: Some(classic) }),
        ("create", open(Terms { rules: rules("7x6:4"), ..classic })),
        ("create-misere", open(misere)),
        ("create-per-move", open(series("3", "30s"))),
        ("create-fischer", open(series("99", "5m+3s"))),
        ("create-hidden", Command::Create { terms: classic, access: Access::Hidden }),
        ("create-locked", Command::Create { terms: classic, access: Access::Passcode(passcode("sesame")) }),
        ("join", Command::Join { code: code(), passcode: None }),
        ("join-locked", Command::Join { code: code(), passcode: Some(passcode("sesame")) }),
        ("watch", Command::Watch { code: code(), passcode: None }),
        ("watch-locked", Command::Watch { code: code(), passcode: Some(passcode("sesame")) }),
        ("leave", Command::Leave),
    ]
}

fn to_play() -> [(&'static str, Command); 4] {
    [
        ("play", Command::Play { match_number: 1, branch: 0, ply: 0, cell: cell("b2") }),
        ("play-late", Command::Play { match_number: 251, branch: 2, ply: 360, cell: cell("s19") }),
        ("resign", Command::Resign { match_number: 2 }),
        ("rematch", Command::Rematch { match_number: 70_000 }),
    ]
}

fn to_agree() -> [(&'static str, Command); 8] {
    let offer = |kind| Command::Offer { match_number: 2, kind };
    let claim = |claim| Command::Claim { match_number: 2, claim };
    [
        ("offer-draw", offer(OfferKind::Draw)),
        ("offer-takeback", offer(OfferKind::Takeback)),
        ("offer-adjourn", offer(OfferKind::Adjourn)),
        ("accept", Command::Accept { number: 4 }),
        ("decline", Command::Decline { number: 4 }),
        ("claim-win", claim(Claim::Win)),
        ("claim-draw", claim(Claim::Draw)),
        ("claim-adjourn", claim(Claim::Adjourn)),
    ]
}

fn to_chat() -> Vec<(&'static str, Command)> {
    let names = ["say-hi", "say-good-game", "say-oops", "say-wow", "say-thanks", "say-rematch"];
    let emotes = names.into_iter().zip(Emote::ALL).map(|(name, emote)| (name, ChatMessage::Emote(emote)));
    let line = ("say-line", ChatMessage::Line(line("good luck, 李!")));
    [line].into_iter().chain(emotes).map(|(name, message)| (name, Command::Say { message })).collect()
}

fn to_browse() -> [(&'static str, Command); 10] {
    let set = |setting| Command::Set { setting };
    [
        ("set-public", set(Setting::Access(Access::Public))),
        ("set-hidden", set(Setting::Access(Access::Hidden))),
        ("set-locked", set(Setting::Access(Access::Passcode(passcode("sesame"))))),
        ("set-watchable", set(Setting::Watchable(true))),
        ("set-watchers-mute", set(Setting::WatchersMayChat(false))),
        ("set-open-chat", set(Setting::OpenChat)),
        ("set-block", set(Setting::Block(true))),
        ("browse", Command::Browse { rules: None }),
        ("browse-rules", Command::Browse { rules: Some(rules("15x15:5")) }),
        ("stop-browsing", Command::StopBrowsing),
    ]
}
