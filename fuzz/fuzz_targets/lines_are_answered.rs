//! Each line that one of three people types has a reply of bounded length that is nothing but text and ends with the
//! state.

#![no_main]

use std::time::{Duration, Instant};

use libfuzzer_sys::fuzz_target;
use net::line::{LineDecoder, MAX_LINE};
use net::proto::{Hello, ServerMessage, ServerTime, SessionId, Welcome};
use server::lobby::{DisconnectReason, Limits, Lobby, Origin};
use server::text::{MAX_REPLY, TextSession, Then};

fuzz_target!(|input: &[u8]| {
    let mut now = Instant::now();
    let mut lobby = Lobby::new(now, Limits::default(), 1);
    let mut people: [(TextSession, Option<SessionId>); 3] =
        std::array::from_fn(|_| (TextSession::default(), None));
    let mut pieces = input.chunks(MAX_LINE);
    let mut stream = LineDecoder::default();
    let mut turn = 0;
    let mut next_line = || {
        loop {
            match stream.take() {
                Ok(None) => stream.push(pieces.next()?),
                Ok(Some(line)) => return Some(line),
                Err(_too_long) => return None,
            }
        }
    };
    while let Some(line) = next_line() {
        turn += 1;
        let who = turn % people.len();
        let (text, session) = &mut people[who];
        let deed = text.handle_line(&line);
        if let Some(name) = deed.opens {
            if let Some(old) = session.take() {
                lobby.disconnect(now, old, DisconnectReason::OnPurpose);
            }
            let hello = Hello { name, resume: None };
            let admission = lobby.connect(now, &hello, [7; 16], Origin(1)).expect("there is room for three");
            *session = Some(admission.token.session);
            text.handle_message(ServerMessage::Welcome(Welcome {
                token: admission.token,
                name: admission.name,
                server: "den".parse().expect("a name"),
                grace_millis: 30_000,
                grace_on_purpose_millis: 10_000,
            }));
        }
        if let (Then::Ask(commands), Some(session)) = (deed.then, *session) {
            commands.into_iter().for_each(|command| lobby.handle(now, session, command));
        }
        while let Some(effect) = lobby.poll_effect() {
            let Some((to, event)) = effect.into_event() else { continue };
            for (text, session) in &mut people {
                if session.is_some_and(|session| to.contains(&session)) {
                    text.handle_message(ServerMessage::Event(event.clone()));
                }
            }
        }
        let reply = people[who].0.reply(ServerTime(1_500 * turn as u64));
        let reply = reply.as_str();
        assert!(reply.len() <= MAX_REPLY && reply.ends_with("\n\n"));
        assert!(!reply.chars().any(|character| character != '\n' && character.is_control()));
        assert!(reply.trim_end().lines().last().is_some_and(|state| state.starts_with("= ")));
        now += Duration::from_millis(1_500);
        lobby.handle_timeout(now);
    }
});
