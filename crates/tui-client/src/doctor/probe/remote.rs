//! The probes of another machine and the way to it.

use std::{net::SocketAddr, time::Duration};

use futures_util::future::join_all;
use net::{
    addr::{Host, HostPort},
    arq::MAX_DATAGRAM,
    connect::{Candidate, ConnectCause, ConnectError, Failure, ResolveError, dial_link, resolve},
    interfaces::{LocalAddress, local_addresses, scope_name},
    link::{Link, Transport},
    proto::{ClientMessage, CloseReason, Command, CommandKind, Event, Hello, Name, ServerMessage, codec},
    udp::largest_passed,
};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::{hosts, multicast, waiting::ask_for_patience};
use crate::doctor::remote::{Found, Missed, Reached, Remote, Try};

/// Looks the target up and tries every address over both transports, all at once.
pub(in crate::doctor) async fn examine_remote(target: &HostPort, name: Name) -> Remote {
    // Without a list of our own addresses less is known of the way.
    let own = local_addresses().unwrap_or_default();
    ask_for_patience(&format!("looking {target} up"), LOOKUP_LIMIT);
    let looked_up = look_up(target).await;
    let addrs = looked_up.as_deref().unwrap_or_default().to_vec();
    let listed = hosts::addresses_of(target.host());
    let found = |addr| Found { place: shown(addr), is_in_hosts_file: listed.contains(&addr.ip()) };
    let lookup = looked_up.map(|addrs| addrs.into_iter().map(found).collect());
    let lookup =
        lookup.map_err(|error| ConnectError { target: target.clone(), cause: ConnectCause::Resolve(error) });
    ask_for_patience(&format!("waiting for {target} to answer"), DIAL_LIMIT);
    let over =
        |addr: SocketAddr| [Transport::Udp, Transport::Tcp].map(|transport| Candidate { addr, transport });
    let by_multicast = async {
        let beside = addrs.iter().find_map(|addr| beside(*addr, &own))?;
        multicast::ask_for(&addrs, beside, &own).await
    };
    let (tries, multicast) = tokio::join!(
        join_all(addrs.iter().copied().flat_map(over).map(|candidate| examine(candidate, name, &own))),
        by_multicast,
    );
    Remote { target: target.clone(), lookup, tries, multicast }
}

async fn look_up(target: &HostPort) -> Result<Vec<SocketAddr>, ResolveError> {
    match (timeout(LOOKUP_LIMIT, resolve(target)).await, target.host()) {
        (Ok(found), _) => found,
        (Err(_elapsed), Host::Name(name)) => Err(ResolveError::LookupTimedOut { name: name.clone() }),
        // It needs no lookup, only the list of interfaces.
        (Err(_elapsed), Host::Literal(_)) => Ok(Vec::new()),
    }
}

/// Tries one address over one transport.
async fn examine(candidate: Candidate, name: Name, own: &[LocalAddress]) -> Try {
    let Candidate { addr, transport } = candidate;
    let limit = match transport {
        Transport::Udp => UDP_LIMIT,
        Transport::Tcp => DIAL_LIMIT,
    };
    let start = Instant::now();
    let dialled = timeout(limit, dial_link(candidate)).await.unwrap_or(Err(Failure::TimedOut));
    let took = start.elapsed();
    let outcome = match dialled {
        Ok(link) => Ok(converse(link, name, took).await),
        Err(failure) => {
            let (failure, passed_bytes) = match (transport, failure) {
                (Transport::Udp, Failure::TimedOut) => match largest_passed(addr, SIZES_LIMIT).await {
                    Ok(passed) => (failure, passed.filter(|bytes| *bytes < MAX_DATAGRAM)),
                    Err(failure) => (failure, None),
                },
                (Transport::Udp | Transport::Tcp, _) => (failure, None),
            };
            Err(Missed { failure, after: took, passed_bytes })
        }
    };
    let beside = beside(addr, own).map(|address| address.interface.clone());
    Try { place: shown(addr), candidate, beside, outcome }
}

/// Finds the address of this machine on the network of `addr`. This machine itself is on it, too.
fn beside(addr: SocketAddr, own: &[LocalAddress]) -> Option<&LocalAddress> {
    let scope = match addr {
        SocketAddr::V4(_) => 0,
        SocketAddr::V6(v6) => v6.scope_id(),
    };
    own.iter().find(|address| address.shares_network_with(addr.ip(), scope))
}

/// Says hello over a link, asks some questions to measure, and says goodbye.
async fn converse(mut link: Link, name: Name, handshake: Duration) -> Reached {
    let deadline = Instant::now() + TALK_LIMIT;
    let hello = ClientMessage::Hello(Hello { name, resume: None });
    let welcome = timeout_at(deadline, welcome(&mut link, &hello)).await;
    let welcome = welcome.unwrap_or_else(|_elapsed| Err("it falls silent".to_owned()));
    let (mut asked, mut round_trips) = (0, Vec::new());
    while welcome.is_ok() && asked < QUESTIONS {
        asked += 1;
        let start = Instant::now();
        match timeout_at(deadline, question(&mut link)).await {
            Ok(Ok(())) => round_trips.push(start.elapsed()),
            Ok(Err(_)) | Err(_) => break,
        }
        sleep(BETWEEN_QUESTIONS).await;
    }
    let counts = link.session_counts();
    let _full = link.send(&codec::encode(&ClientMessage::Close(CloseReason::Goodbye)));
    // It has our words, or is too slow to be waited for.
    let _elapsed = timeout(FAREWELL_LIMIT, link.close()).await;
    Reached { handshake, welcome, asked, round_trips, counts }
}

/// Says hello and waits for the welcome.
async fn welcome(link: &mut Link, hello: &ClientMessage) -> Result<Name, String> {
    say(link, hello)?;
    loop {
        if let ServerMessage::Welcome(welcome) = hear(link).await? {
            return Ok(welcome.server);
        }
    }
}

/// Asks for something that a server answers at once and changes nothing: to leave a room while in none.
async fn question(link: &mut Link) -> Result<(), String> {
    say(link, &ClientMessage::Command(Command::Leave))?;
    let is_answer = |message| {
        matches!(message, ServerMessage::Event(Event::Rejected { command: CommandKind::Leave, .. }))
    };
    while !is_answer(hear(link).await?) {}
    Ok(())
}

fn say(link: &mut Link, message: &ClientMessage) -> Result<(), String> {
    link.send(&codec::encode(message)).map_err(|full| full.to_string())
}

/// The next message. Pings are answered, and a close is an error.
async fn hear(link: &mut Link) -> Result<ServerMessage, String> {
    let payload = link.recv().await.map_err(|error| error.to_string())?.ok_or("it hung up")?;
    let message = codec::decode(&payload).map_err(|error| error.to_string())?;
    match message {
        ServerMessage::Ping { nonce, .. } => say(link, &ClientMessage::Pong { nonce })?,
        ServerMessage::Close(reason) => return Err(reason.to_string()),
        ServerMessage::Welcome(_) | ServerMessage::Event(_) | ServerMessage::Answer(_) => {}
    }
    Ok(message)
}

/// An address as a person types it: its scope by name.
fn shown(addr: SocketAddr) -> String {
    match addr {
        SocketAddr::V6(v6) if v6.scope_id() != 0 => {
            let scope = scope_name(v6.scope_id()).unwrap_or_else(|| v6.scope_id().to_string());
            format!("[{}%{scope}]:{}", v6.ip(), v6.port())
        }
        SocketAddr::V4(_) | SocketAddr::V6(_) => addr.to_string(),
    }
}

/// The time limit of the lookup. With the limits below, the whole check ends within 10 s.
const LOOKUP_LIMIT: Duration = Duration::from_millis(3500);

/// The time limit of a handshake: ARP gives an address up after 3 s (arp(7)), and TCP tells it then.
const DIAL_LIMIT: Duration = Duration::from_secs(4);

/// The time limit of a handshake over UDP, which sends nine hellos by then; the rest is for the sizes.
const UDP_LIMIT: Duration = Duration::from_millis(2800);

/// The time limit of the search for the largest datagram.
const SIZES_LIMIT: Duration = Duration::from_millis(1200);

/// The time limit of the conversation.
const TALK_LIMIT: Duration = Duration::from_millis(1500);

/// The time limit of the goodbye.
const FAREWELL_LIMIT: Duration = Duration::from_millis(500);

/// The number of questions: enough to see more than one moment.
const QUESTIONS: usize = 10;

/// The pause between two questions, which keeps them below the 50 messages a second that a server takes of one client.
const BETWEEN_QUESTIONS: Duration = Duration::from_millis(25);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_stay_below_the_rate_that_ends_a_session() {
        let config = server::shell::Config::new("den".parse().unwrap());
        assert!(BETWEEN_QUESTIONS * config.messages_per_second > Duration::from_secs(1));
    }
}
