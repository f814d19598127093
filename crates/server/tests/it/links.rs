//! The facts about a link that the shell gives the lobby: its origin, its end, and the time.

use net::{
    link::Transport,
    proto::{
        Access, ClientMessage, CloseReason, Command, Event, Passcode, Phase, Presence, Reject, RoomCode,
        Seat, ServerMessage, Snapshot, Terms, codec,
    },
};

use crate::{
    arena::{create, join},
    table::{Player, Server, config, hear, play, seated},
};

/// The end of `ben`'s link.
#[derive(Debug, Clone, Copy)]
enum End {
    Says(CloseReason),
    IsCutOff,
}

/// Checks what `ann` sees of `ben` when his link ends like this in the middle of their match.
async fn check_parting(transport: Transport, end: End, expected_on_purpose: bool) {
    let server = Server::start(config());
    let mut players = seated(server.addr, [transport; 2]).await;
    play(&mut players, 0, 2).await;
    let [mut ann, mut ben] = players;
    match end {
        End::Says(reason) => {
            ben.link.send(&codec::encode(&ClientMessage::Close(reason))).unwrap();
            ben.link.close().await;
        }
        End::IsCutOff => drop(ben),
    }
    let shown = until(&mut ann, |shown| presence_of_guest(shown) != Some(Presence::Present)).await;
    let Some(Presence::Away { is_on_purpose, .. }) = presence_of_guest(&shown) else { panic!("{shown:?}") };
    assert_eq!(is_on_purpose, expected_on_purpose, "{transport} {end:?}");
    let claim = shown.claim.unwrap();
    assert_eq!(
        (claim.absent, claim.in_millis <= 10_000),
        (Seat::Guest, expected_on_purpose),
        "{transport} {end:?}"
    );
    server.stop().await;
}

fn presence_of_guest(shown: &Snapshot) -> Option<Presence> {
    shown.seats.guest.occupant().map(|occupant| occupant.presence)
}

/// The first snapshot of which something holds, of a match in which both have moved.
async fn until(player: &mut Player, holds: impl Fn(&Snapshot) -> bool) -> Snapshot {
    loop {
        let shown = player.sees(2).await;
        if holds(&shown) {
            return shown;
        }
    }
}

#[tokio::test]
async fn only_who_says_goodbye_is_away_on_purpose() {
    for transport in [Transport::Tcp, Transport::Udp] {
        check_parting(transport, End::Says(CloseReason::Goodbye), true).await;
        check_parting(transport, End::Says(CloseReason::Silent), false).await;
        check_parting(transport, End::IsCutOff, false).await;
    }
}

#[tokio::test]
async fn pings_and_snapshots_tell_one_time() {
    let server = Server::start(config());
    let mut ann = Player::enter(server.addr, Transport::Udp, "ann", None).await;
    ann.ask(create("3x3"));
    let code = ann.seat().await;
    let mut ben = Player::enter(server.addr, Transport::Tcp, "ben", None).await;
    ben.ask(join(code));
    let mut shown_at = None;
    // The first ping came before the seat, and the second when the match began.
    let pinged_at = loop {
        match hear(&mut ann.link).await.unwrap() {
            ServerMessage::Event(Event::Snapshot(shown)) if shown.phase == Phase::Playing => {
                shown_at = Some(shown.at);
            }
            ServerMessage::Ping { at, .. } if shown_at.is_some() => break at,
            ServerMessage::Ping { .. } | ServerMessage::Event(_) => {}
            other @ (ServerMessage::Welcome(_) | ServerMessage::Close(_) | ServerMessage::Answer(_)) => {
                panic!("{other:?}")
            }
        }
    };
    let since = pinged_at.0.checked_sub(shown_at.unwrap().0).expect("the ping came later");
    assert!(since <= 2_000, "the next ping is {since} ms later");
    server.stop().await;
}

/// Tries to come into a locked room with a wrong passcode.
async fn guess(player: &mut Player, code: RoomCode, wrong: Passcode) -> Reject {
    player.ask(Command::Join { code, passcode: Some(wrong) });
    match player.event().await {
        Event::Rejected { reject, .. } => reject,
        other => panic!("not rejected but {other:?}"),
    }
}

#[tokio::test]
async fn wrong_passcodes_of_one_address_count_together() {
    let server = Server::start(config());
    let limits = config().limits;
    let mut ann = Player::enter(server.addr, Transport::Tcp, "ann", None).await;
    let access = Access::Passcode("sesame".parse().unwrap());
    ann.ask(Command::Create { terms: Terms::default(), access });
    let code = ann.seat().await;
    let wrong: Passcode = "simsim".parse().unwrap();
    let sessions = limits.passcode_attempts_per_origin / limits.passcode_attempts_per_session;
    for index in 0..sessions {
        let transport = if index % 2 == 0 { Transport::Tcp } else { Transport::Udp };
        let mut eve = Player::enter(server.addr, transport, "eve", None).await;
        for _ in 0..limits.passcode_attempts_per_session {
            assert_eq!(guess(&mut eve, code, wrong).await, Reject::WrongPasscode);
        }
        assert_eq!(guess(&mut eve, code, wrong).await, Reject::TooManyAttempts);
    }
    let mut eve = Player::enter(server.addr, Transport::Tcp, "eve", None).await;
    assert_eq!(guess(&mut eve, code, "sesame".parse().unwrap()).await, Reject::TooManyAttempts);
    server.stop().await;
}
