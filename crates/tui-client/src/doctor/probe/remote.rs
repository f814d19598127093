//! What there is to find on the way to another machine.

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use futures_util::future::join_all;
use net::{
    addr::{Host, HostPort},
    arq::MAX_DATAGRAM,
    connect::{Candidate, Failure, ResolveError, dial_link, resolve},
    interfaces::{LocalAddress, Standing, local_addresses, scope_name},
    link::{Link, Transport},
    multicast::who_is_there,
    proto::{ClientMessage, CloseReason, Command, CommandKind, Event, Hello, Name, ServerMessage, codec},
    udp::largest_passed,
};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::{
    Waiting,
    local::{PATIENCE, via},
    names::{resolver, source_of},
};
use crate::doctor::{
    remote::{ByMulticast, Datagrams, Lookup, Missed, Named, Outcome, Reached, Remote, Try},
    report::Plain,
};

/// Looks the target up and tries every address over both transports, all at once.
///
/// # Errors
///
/// The system's, when it does not tell its interfaces.
pub(in crate::doctor) async fn examine_remote(target: &HostPort, name: Name) -> io::Result<Remote> {
    let own = local_addresses()?;
    let waiting = Waiting::until(&format!("looking {target} up"), LOOKUP_LIMIT);
    let (lookup, addrs) = look_up(target).await;
    drop(waiting);
    let waiting = Waiting::until(&format!("waiting for {target} to answer"), DIAL_LIMIT);
    let over =
        |addr: SocketAddr| [Transport::Udp, Transport::Tcp].map(|transport| Candidate { addr, transport });
    let (tries, multicast) = tokio::join!(
        join_all(addrs.iter().copied().flat_map(over).map(|candidate| examine(candidate, name, &own))),
        by_multicast(&addrs, &own),
    );
    drop(waiting);
    Ok(Remote { target: target.clone(), lookup, tries, multicast })
}

async fn look_up(target: &HostPort) -> (Lookup, Vec<SocketAddr>) {
    let found = match timeout(LOOKUP_LIMIT, resolve(target)).await {
        Ok(found) => found,
        Err(_elapsed) => match target.host() {
            Host::Name(name) => Err(ResolveError::LookupTimedOut { name: name.clone() }),
            // It needs no lookup, only the list of interfaces.
            Host::Literal(_) => Ok(Vec::new()),
        },
    };
    match (found, target.host()) {
        (Ok(addrs), Host::Literal(_)) => (Lookup::Literal, addrs),
        (Ok(addrs), Host::Name(name)) => {
            let addresses = addrs.iter().map(|addr| Named {
                address: Plain::new(shown(*addr).0),
                is_ipv6: addr.is_ipv6(),
                source: Plain::new(source_of(name.as_str(), addr.ip())),
            });
            (Lookup::Found { addresses: addresses.collect() }, addrs)
        }
        (Err(error), host) => {
            let why = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source());
            let asked = match host {
                Host::Name(_) => format!("/etc/hosts, {}", resolver()),
                Host::Literal(_) => "the interfaces of this machine".into(),
            };
            let lookup = Lookup::Failed {
                why: why.map(|error| Plain::new(error.to_string())).collect(),
                asked: Plain::new(asked),
                hint: Plain::new(error.hint()),
            };
            (lookup, Vec::new())
        }
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
        Ok(link) => Outcome::Reached(Reached { handshake: took, ..converse(link, name).await }),
        Err(failure) => {
            let (failure, passed_bytes) = match (transport, failure) {
                (Transport::Udp, Failure::TimedOut) => match largest_passed(addr, SIZES_LIMIT).await {
                    Ok(passed) => (failure, passed.filter(|bytes| *bytes < MAX_DATAGRAM)),
                    Err(failure) => (failure, None),
                },
                (Transport::Udp | Transport::Tcp, _) => (failure, None),
            };
            Outcome::Missed(Missed { failure, after: took, passed_bytes })
        }
    };
    let beside = beside(addr, own).map(|address| Plain::new(&address.interface));
    Try { place: Plain::new(shown(addr).1), candidate, transport, beside, outcome }
}

/// The address of ours that is on the network of `addr`. This machine itself is on it, too.
fn beside(addr: SocketAddr, own: &[LocalAddress]) -> Option<&LocalAddress> {
    let scope = match addr {
        SocketAddr::V4(_) => 0,
        SocketAddr::V6(v6) => v6.scope_id(),
    };
    own.iter().find(|address| address.shares_network_with(addr.ip(), scope))
}

/// Says hello over a link, asks some questions to measure, and says goodbye. The handshake's time is the caller's.
async fn converse(mut link: Link, name: Name) -> Reached {
    let mut reached = Reached::default();
    let deadline = Instant::now() + TALK_LIMIT;
    let hello = ClientMessage::Hello(Hello { name, resume: None });
    let refusal = match timeout_at(deadline, welcome(&mut link, &hello)).await {
        Ok(Ok(server)) => {
            reached.server = Some(Plain::new(server.as_str()));
            None
        }
        Ok(Err(refusal)) => Some(refusal),
        Err(_elapsed) => Some("it says nothing more".to_owned()),
    };
    if refusal.is_none() {
        for _ in 0..QUESTIONS {
            reached.asked += 1;
            let start = Instant::now();
            match timeout_at(deadline, question(&mut link)).await {
                Ok(Ok(())) => reached.round_trips.push(start.elapsed()),
                Ok(Err(_)) | Err(_) => break,
            }
            sleep(BETWEEN_QUESTIONS).await;
        }
    }
    reached.refusal = refusal.map(Plain::new);
    let counts = link.session_counts();
    reached.datagrams = counts.map(|counts| Datagrams { sent: counts.sent, repeated: counts.copies });
    let _full = link.send(&codec::encode(&ClientMessage::Close(CloseReason::Goodbye)));
    // It has our words, or is too slow to be waited for.
    let _elapsed = timeout(FAREWELL_LIMIT, link.close()).await;
    reached
}

/// Says hello and waits for the welcome.
async fn welcome(link: &mut Link, hello: &ClientMessage) -> Result<Name, String> {
    say(link, hello)?;
    loop {
        match hear(link).await? {
            ServerMessage::Welcome(welcome) => return Ok(welcome.server),
            ServerMessage::Event(_) | ServerMessage::Ping { .. } | ServerMessage::Close(_) => {}
        }
    }
}

/// Asks for something that a server answers at once and changes nothing: to leave a room while in none.
async fn question(link: &mut Link) -> Result<(), String> {
    say(link, &ClientMessage::Command(Command::Leave))?;
    loop {
        match hear(link).await? {
            ServerMessage::Event(Event::Rejected { command: CommandKind::Leave, .. }) => return Ok(()),
            ServerMessage::Event(_)
            | ServerMessage::Welcome(_)
            | ServerMessage::Ping { .. }
            | ServerMessage::Close(_) => {}
        }
    }
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
        ServerMessage::Welcome(_) | ServerMessage::Event(_) => {}
    }
    Ok(message)
}

/// Asks by multicast on the first network of ours that one of `addrs` is on, in both families.
async fn by_multicast(addrs: &[SocketAddr], own: &[LocalAddress]) -> Option<ByMulticast> {
    let sought: Vec<IpAddr> = addrs.iter().map(SocketAddr::ip).collect();
    let is_ours = own.iter().any(|address| sought.contains(&address.ip));
    let beside = addrs.iter().find_map(|addr| beside(*addr, own));
    let interface = &beside.filter(|address| address.standing == Standing::Usable && !is_ours)?.interface;
    let of_family = |is_ipv6| {
        own.iter().find(|address| address.interface == *interface && address.ip.is_ipv6() == is_ipv6)
    };
    let ways = [false, true].into_iter().filter_map(|is_ipv6| via(of_family(is_ipv6)?));
    let heard = join_all(ways.map(|via| who_is_there(via, &sought, PATIENCE))).await;
    let heard: Vec<_> = heard.into_iter().flatten().collect();
    Some(ByMulticast {
        interface: Plain::new(interface),
        is_heard: heard.iter().any(|heard| heard.is_found),
        // The same machine may answer in both.
        answers: heard.iter().map(|heard| heard.others.len()).max()?,
    })
}

/// An address as a person types it, without and with its port: the scope by its name.
fn shown(addr: SocketAddr) -> (String, String) {
    let port = addr.port();
    match addr {
        SocketAddr::V6(v6) if v6.scope_id() != 0 => {
            let scope = scope_name(v6.scope_id()).unwrap_or_else(|| v6.scope_id().to_string());
            let ip = format!("{}%{scope}", v6.ip());
            (ip.clone(), format!("[{ip}]:{port}"))
        }
        SocketAddr::V4(_) | SocketAddr::V6(_) => {
            let ip: IpAddr = addr.ip();
            (ip.to_string(), addr.to_string())
        }
    }
}

/// How long a lookup may take. With the limits below, all of it ends within 10 s.
const LOOKUP_LIMIT: Duration = Duration::from_millis(3500);

/// How long a handshake may take: ARP gives an address up after 3 s (arp(7)), and TCP tells it then.
const DIAL_LIMIT: Duration = Duration::from_secs(4);

/// How long one over UDP may, which says hello eight times by then; the rest is for the sizes.
const UDP_LIMIT: Duration = Duration::from_millis(2800);

/// How long the search for the largest datagram may take.
const SIZES_LIMIT: Duration = Duration::from_millis(1200);

/// How long the conversation may take.
const TALK_LIMIT: Duration = Duration::from_millis(1500);

/// How long the goodbye may.
const FAREWELL_LIMIT: Duration = Duration::from_millis(500);

/// Questions that are asked, to see more than one moment.
const QUESTIONS: usize = 10;

/// The pause between two. A server bounds what it takes from a session (60 datagrams a second over UDP).
const BETWEEN_QUESTIONS: Duration = Duration::from_millis(25);
