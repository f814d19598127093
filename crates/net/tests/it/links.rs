//! Links over real sockets, on ports that the system assigns.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use bytes::BytesMut;
use net::{
    arq::{Cid, Closed, Config, Event, Session},
    bind::bind,
    connect::{Candidate, Failure, dial_link},
    interfaces::local_addresses,
    link::{Link, LinkError, Transport},
    sim::{Chance, Clock, Link as SimLink, LinkConfig, Loss},
    tcp::{self, Accepted, set_options},
    udp,
};
use tokio::{
    net::UdpSocket,
    sync::watch,
    time::{Instant, timeout},
};

/// The longest time that a test waits.
pub(super) const PATIENCE: Duration = Duration::from_secs(20);

/// The messages in one direction: short, long, and many at once.
pub(super) fn script() -> Vec<Vec<u8>> {
    let lengths = [1, 32, 1024, 5, 900, 1000, 64, 1, 1, 1, 1];
    lengths
        .iter()
        .cycle()
        .take(300)
        .enumerate()
        .map(|(index, length)| vec![index.to_le_bytes()[0]; *length])
        .collect()
}

/// Sends the script from both ends at once, each as fast as its link takes it, and returns what they received.
async fn play([mut client, mut server]: [Link; 2]) -> [Vec<Vec<u8>>; 2] {
    let both = async { tokio::join!(play_one(&mut client), play_one(&mut server)) };
    let (client_heard, server_heard) = timeout(PATIENCE, both).await.expect("the script is played in time");
    [client_heard, server_heard]
}

async fn play_one(link: &mut Link) -> Vec<Vec<u8>> {
    let script = script();
    let mut left = script.iter();
    let mut next = left.next();
    let mut heard = Vec::new();
    while heard.len() < script.len() || next.is_some() {
        if let Some(payload) = next
            && link.send(payload).is_ok()
        {
            next = left.next();
            continue;
        }
        // Receiving also sends what waits; that goes on when nothing more is expected.
        if heard.len() < script.len() {
            heard.push(link.recv().await.unwrap().expect("the other end goes on").to_vec());
        } else if let Ok(received) = timeout(Duration::from_millis(1), link.recv()).await {
            received.unwrap();
        }
    }
    // The last messages are still under way.
    let _more = timeout(Duration::from_millis(300), link.recv()).await;
    heard
}

pub(super) async fn over_tcp() -> [Link; 2] {
    let bound = bind(&"127.0.0.1:0".parse().unwrap()).unwrap();
    let accept = async {
        let (stream, _) = bound.tcp.accept().await.unwrap();
        set_options(&stream).unwrap();
        match tcp::accept(stream, Instant::now() + PATIENCE, false, &Arc::default()).await.unwrap() {
            Accepted::Link(link) => link.into(),
            other @ (Accepted::Lines(_) | Accepted::Http { .. }) => panic!("no link but {other:?}"),
        }
    };
    let candidate = Candidate { addr: bound.local, transport: Transport::Tcp };
    let (client, server) = tokio::join!(dial_link(candidate), accept);
    [client.unwrap(), server]
}

/// The settings of a test that sends more than a person would.
const fn fast(config: Config) -> Config {
    Config { datagrams_per_second: 100_000, datagram_burst: 10_000, ..config }
}

fn listen(addr: &str, config: Config) -> (udp::Listener, u16) {
    let bound = bind(&addr.parse().unwrap()).unwrap();
    (udp::Listener::new(bound.udp, config).unwrap(), bound.local.port())
}

pub(super) async fn over_udp() -> [Link; 2] {
    let (mut listener, port) = listen("127.0.0.1:0", fast(Config::default()));
    let dial = udp::dial(SocketAddr::from(([127, 0, 0, 1], port)), fast(Config::client()));
    let (client, server) = tokio::join!(dial, listener.accept());
    [client.unwrap().into(), server.into()]
}

/// The script over two sessions and a simulated path that loses a fifth of the packets, duplicates and reorders.
fn play_simulated() -> [Vec<Vec<u8>>; 2] {
    let mut clock = Clock::new();
    let path = LinkConfig {
        delay: Duration::from_millis(2),
        jitter: Duration::from_millis(5),
        reorders: true,
        loss: Loss::Independent(Chance::percent(20)),
        duplicates: Chance::percent(10),
        ..LinkConfig::default()
    };
    let cids = [Cid(1), Cid(2)];
    let mut ends = [0, 1].map(|end| {
        let config = fast(Config::client());
        let session = Session::new(clock.now(), &config, cids[end], cids[1 - end], None);
        (session, SimLink::new(path.clone(), cids[end].0), script().into_iter().peekable(), Vec::new())
    });
    let mut datagram = BytesMut::new();
    while ends.iter().any(|(_, _, _, heard)| heard.len() < script().len()) {
        let now = clock.now();
        for end in [0, 1] {
            while let Some(delivery) = ends[1 - end].1.poll(now) {
                ends[end].0.handle_datagram(now, &delivery.packet);
            }
            let (session, way_out, left, heard) = &mut ends[end];
            while let Some(payload) = left.peek().cloned()
                && session.send(now, payload.into()).is_ok()
            {
                left.next();
            }
            session.handle_timeout(now);
            while session.poll_transmit(now, &mut datagram) {
                way_out.send(now, datagram.split().freeze());
            }
            while let Some(event) = session.poll_event() {
                let Event::Message(payload) = event else { panic!("{event:?}") };
                heard.push(payload.to_vec());
            }
        }
        let next = ends.iter().flat_map(|(session, way_out, ..)| {
            session.poll_timeout().into_iter().chain(way_out.poll_timeout())
        });
        clock.advance_to(next.min().expect("both ends go on"));
    }
    ends.map(|(.., heard)| heard)
}

#[tokio::test]
async fn the_same_script_is_heard_over_tcp_over_udp_and_over_a_simulated_path() {
    let expected = [script(), script()];
    assert_eq!(play(over_tcp().await).await, expected);
    assert_eq!(play(over_udp().await).await, expected);
    assert_eq!(play_simulated(), expected);
}

/// Checks that a client that dials `addr` is accepted, sends a message and receives one.
async fn check_reached(listener: &mut udp::Listener, addr: SocketAddr) {
    let both = async { tokio::join!(udp::dial(addr, Config::client()), listener.accept()) };
    let (client, mut server) = timeout(PATIENCE, both).await.unwrap_or_else(|_| panic!("{addr}: silence"));
    let mut client = client.unwrap_or_else(|failure| panic!("{addr}: {failure}"));
    assert_eq!(client.peer(), addr);
    assert_eq!(server.peer().ip(), server.peer().ip().to_canonical(), "shown without a mapping");
    client.send(b"word").unwrap();
    assert_eq!(timeout(PATIENCE, server.recv()).await.unwrap().unwrap().unwrap(), "word");
    server.send(b"answer").unwrap();
    assert_eq!(timeout(PATIENCE, client.recv()).await.unwrap().unwrap().unwrap(), "answer");
    client.close().await;
    assert_eq!(timeout(PATIENCE, server.recv()).await.unwrap().unwrap(), None, "the goodbye arrives");
}

/// A connected client receives only from the address that it dialled: 127.0.0.2 is not where the system would send from
/// by itself.
#[tokio::test]
async fn one_socket_serves_both_families_and_answers_from_where_it_was_asked() {
    let (mut listener, port) = listen("[::]:0", Config::default());
    for ip in ["127.0.0.1", "127.0.0.2", "127.77.77.77"] {
        check_reached(&mut listener, SocketAddr::new(ip.parse().unwrap(), port)).await;
    }
    if UdpSocket::bind("[::1]:0").await.is_ok() {
        check_reached(&mut listener, format!("[::1]:{port}").parse().unwrap()).await;
    }
    let link_local = local_addresses().unwrap().into_iter().find_map(|own| match (own.ip, own.index) {
        (std::net::IpAddr::V6(ip), Some(index)) if ip.is_unicast_link_local() => Some((ip, index)),
        _ => None,
    });
    match link_local {
        Some((ip, index)) => {
            check_reached(&mut listener, std::net::SocketAddrV6::new(ip, port, 0, index).into()).await;
        }
        None => eprintln!("no link-local address here"),
    }
}

#[tokio::test]
async fn the_first_hello_is_enough() {
    let (mut listener, port) = listen("127.0.0.1:0", Config::default());
    let mut config = Config::client();
    // As long as it can be: half a second.
    config.timing.hello_interval = Duration::from_secs(1);
    let start = Instant::now();
    let dial = udp::dial(SocketAddr::from(([127, 0, 0, 1], port)), config);
    let (client, _server) = tokio::join!(dial, listener.accept());
    client.unwrap();
    assert!(start.elapsed() < Duration::from_millis(400), "{:?}", start.elapsed());
}

/// After a stall Linux hands over datagrams of equal length joined into one, also to a client.
#[tokio::test]
async fn datagrams_that_the_system_has_joined_are_taken_apart_by_a_client() {
    let (mut listener, port) = listen("127.0.0.1:0", Config::default());
    let server_addr = SocketAddr::from(([127, 0, 0, 1], port));
    let between = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let addr = between.local_addr().unwrap();
    // Every datagram of the server is sent twice in one call, which the loopback hands over as one.
    let relay = tokio::spawn(async move {
        let state = quinn_udp::UdpSocketState::new((&between).into()).unwrap();
        let mut datagram = [0; 1500];
        let mut client = None;
        loop {
            let (length, from) = between.recv_from(&mut datagram).await.unwrap();
            if from != server_addr {
                client = Some(from);
                between.send_to(&datagram[..length], server_addr).await.unwrap();
                continue;
            }
            let contents = [&datagram[..length], &datagram[..length]].concat();
            let joined = quinn_udp::Transmit {
                destination: client.unwrap(),
                ecn: None,
                contents: &contents,
                segment_size: Some(length),
                src_ip: None,
            };
            state.try_send((&between).into(), &joined).unwrap();
        }
    });
    let (client, mut server) = tokio::join!(udp::dial(addr, Config::client()), listener.accept());
    let mut client = client.unwrap();
    for payload in [&b"first"[..], b"second"] {
        server.send(payload).unwrap();
        let heard = async { tokio::join!(client.recv(), timeout(Duration::from_millis(50), server.recv())) };
        let (heard, _nothing) = timeout(PATIENCE, heard).await.expect("it is heard");
        assert_eq!(heard.unwrap().unwrap(), payload);
    }
    assert_eq!(client.counts().invalid, 0);
    relay.abort();
}

#[tokio::test]
async fn who_asks_again_after_the_end_hears_it_again() {
    for [mut client, server] in [over_tcp().await, over_udp().await] {
        let transport = client.transport();
        let ended = async { tokio::join!(server.close(), client.recv()).1 };
        assert_eq!(timeout(PATIENCE, ended).await.unwrap().unwrap(), None, "{transport}");
        let again = timeout(PATIENCE, client.recv()).await.expect("it does not wait");
        assert_eq!(again.unwrap(), None, "{transport}");
    }
}

#[tokio::test]
async fn a_closed_listener_lets_nobody_in() {
    let (mut listener, port) = listen("127.0.0.1:0", Config::default());
    let addr = SocketAddr::from(([127, 0, 0, 1], port));
    let first = udp::dial(addr, Config::client()).await.unwrap();
    let held = listener.accept().await;
    listener.close();
    let late = timeout(Duration::from_millis(300), udp::dial(addr, Config::client())).await;
    assert!(late.is_err(), "{late:?}");
    drop((first, held));
    let counts = timeout(PATIENCE, listener.ended()).await.unwrap();
    assert_eq!(counts.endpoint.accepted, 1);
}

#[tokio::test]
async fn a_port_without_a_server_refuses_at_once() {
    let deaf = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let addr = deaf.local_addr().unwrap();
    drop(deaf);
    let start = Instant::now();
    assert_eq!(udp::dial(addr, Config::client()).await.unwrap_err(), Failure::Refused);
    assert!(start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_full_server_says_so() {
    let (mut listener, port) = listen("127.0.0.1:0", Config { sessions: 1, ..Config::default() });
    let addr = SocketAddr::from(([127, 0, 0, 1], port));
    let first = udp::dial(addr, Config::client()).await.unwrap();
    let held = listener.accept().await;
    assert_eq!(udp::dial(addr, Config::client()).await.unwrap_err(), Failure::ServerFull);
    drop((first, held));
}

#[tokio::test]
async fn a_client_that_dies_is_given_up_and_its_place_is_free() {
    let mut config = Config { sessions: 1, ..Config::default() };
    config.timing.idle_timeout = Duration::from_millis(300);
    let (mut listener, port) = listen("127.0.0.1:0", config);
    let addr = SocketAddr::from(([127, 0, 0, 1], port));
    let client = udp::dial(addr, Config::client()).await.unwrap();
    let mut server = listener.accept().await;
    // Nobody drives it any more, and it sends no goodbye.
    std::mem::forget(client);
    let lost = timeout(PATIENCE, server.recv()).await.unwrap();
    assert!(matches!(lost, Err(LinkError::Session(_))), "{lost:?}");
    drop(server);
    let again = async {
        loop {
            if let Ok(link) = udp::dial(addr, Config::client()).await {
                return link;
            }
        }
    };
    timeout(PATIENCE, again).await.expect("the place is given back");
}

/// Forwards datagrams between a client and the server named last, so that one can take another's place.
async fn relay(socket: UdpSocket, servers: watch::Receiver<SocketAddr>) -> ! {
    let mut client = None;
    let mut datagram = [0; 1500];
    loop {
        let (length, from) = socket.recv_from(&mut datagram).await.unwrap();
        let server = *servers.borrow();
        let to = if from == server { client } else { Some(server) };
        if from != server {
            client = Some(from);
        }
        if let Some(to) = to {
            socket.send_to(&datagram[..length], to).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_server_that_is_restarted_is_noticed_by_the_next_word() {
    let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let (mut before, before_port) = listen("127.0.0.1:0", Config::default());
    let (_after, after_port) = listen("127.0.0.1:0", Config::default());
    let (name, named) = watch::channel(local(before_port));
    let socket = UdpSocket::bind(local(0)).await.unwrap();
    let addr = socket.local_addr().unwrap();
    let relay = tokio::spawn(relay(socket, named));

    let mut client = udp::dial(addr, Config::client()).await.unwrap();
    let _server = before.accept().await;
    name.send(local(after_port)).unwrap();
    client.send(b"are you there?").unwrap();
    let start = Instant::now();
    let lost = timeout(PATIENCE, client.recv()).await.unwrap();
    assert!(matches!(lost, Err(LinkError::Session(Closed::Reset))), "{lost:?}");
    assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
    relay.abort();
}

/// A killed server sends no goodbye, but its machine reports that nobody listens there (ICMP port unreachable).
#[tokio::test]
async fn a_server_that_is_gone_is_known_by_what_its_machine_says() {
    let local = |port| SocketAddr::from(([127, 0, 0, 1], port));
    let (mut listener, port) = listen("127.0.0.1:0", Config::default());
    let (_name, named) = watch::channel(local(port));
    let socket = UdpSocket::bind(local(0)).await.unwrap();
    let addr = socket.local_addr().unwrap();
    let relay = tokio::spawn(relay(socket, named));

    let mut config = Config::client();
    config.timing.keepalive = Duration::from_millis(50);
    config.timing.refused_timeout = Duration::from_millis(300);
    let mut client = udp::dial(addr, config).await.unwrap();
    let _server = listener.accept().await;
    // The client has nothing to send: the keepalive finds out.
    relay.abort();
    let start = Instant::now();
    let lost = timeout(PATIENCE, client.recv()).await.unwrap();
    assert!(matches!(lost, Err(LinkError::Session(Closed::Refused))), "{lost:?}");
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
}

#[tokio::test]
async fn a_peer_that_does_not_read_holds_the_other_up_and_nothing_is_lost() {
    let [mut client, mut server] = over_udp().await;
    let mut sent = 0_u32;
    let until_full = async {
        loop {
            match client.send(&sent.to_be_bytes()) {
                Ok(()) => sent += 1,
                Err(_) if sent > 0 => break,
                Err(error) => panic!("{error}"),
            }
            // Its own receiving sends and handles acknowledgements; the server's task does nothing.
            let _nothing = timeout(Duration::from_millis(1), client.recv()).await;
        }
    };
    timeout(PATIENCE, until_full).await.expect("a queue that has a bound");
    assert!(sent <= 96, "{sent} messages were taken for a peer that reads nothing");
    let read = async {
        let mut heard = Vec::new();
        while heard.len() < usize::try_from(sent).unwrap() {
            let payload = server.recv().await.unwrap().unwrap();
            heard.push(u32::from_be_bytes(payload[..].try_into().unwrap()));
        }
        heard
    };
    let sender = async { while client.recv().await.is_ok_and(|received| received.is_some()) {} };
    let heard = tokio::select! {
        heard = timeout(PATIENCE, read) => heard.expect("all of it arrives"),
        () = sender => panic!("the link ended"),
    };
    assert_eq!(heard, (0..sent).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_listener_ends_when_its_last_link_has() {
    let (mut listener, port) = listen("127.0.0.1:0", Config::default());
    let addr = SocketAddr::from(([127, 0, 0, 1], port));
    let mut client = udp::dial(addr, Config::client()).await.unwrap();
    let mut server = listener.accept().await;
    listener.close();
    // Connected clients go on.
    client.send(b"still here").unwrap();
    let heard = tokio::select! {
        heard = timeout(PATIENCE, server.recv()) => heard.unwrap().unwrap(),
        ended = client.recv() => panic!("the client hears {ended:?}"),
    };
    assert_eq!(heard.unwrap(), "still here");
    let close =
        async { tokio::join!(server.close(), async { while let Ok(Some(_)) = client.recv().await {} }) };
    timeout(PATIENCE, close).await.unwrap();
    let counts = timeout(PATIENCE, listener.ended()).await.expect("it ends");
    assert_eq!(counts.endpoint.accepted, 1);
}

/// A message with this number, of the greatest length, so that the system's buffers are soon full.
fn numbered(number: u16) -> Vec<u8> {
    [number.to_be_bytes().to_vec(), vec![0; 1022]].concat()
}

/// Receives messages until one has this number, while the other end sends what waits; returns their numbers.
async fn hear_until([client, server]: &mut [Link; 2], last: u16) -> Vec<u16> {
    let mut heard = Vec::new();
    while heard.last() != Some(&last) {
        tokio::select! {
            payload = client.recv() => {
                let payload = payload.unwrap().expect("the other end goes on");
                heard.push(u16::from_be_bytes([payload[0], payload[1]]));
            }
            other = server.recv() => panic!("the client says {other:?}"),
        }
    }
    heard
}

#[tokio::test]
async fn who_does_not_read_is_sent_the_newest_when_it_does() {
    const COUNT: u16 = 10_000;

    for mut links in [over_tcp().await, over_udp().await] {
        let transport = links[1].transport();
        for number in 1..=COUNT {
            links[1].sender().send_newest(&numbered(number));
        }
        let heard = timeout(PATIENCE, hear_until(&mut links, COUNT)).await.expect("the newest comes");
        assert!(heard.is_sorted_by(|one, next| one < next), "{transport}: {heard:?}");
        assert!(heard.len() < usize::from(COUNT) / 2, "{transport}: {} messages", heard.len());

        // A forgotten message is not sent, and other messages do not wait for it.
        for number in 1..=COUNT {
            links[1].sender().send_newest(&numbered(number));
        }
        links[1].sender().forget_newest();
        links[1].send(&numbered(COUNT + 1)).unwrap();
        let heard = timeout(PATIENCE, hear_until(&mut links, COUNT + 1)).await.expect("the last comes");
        assert!(!heard.contains(&COUNT), "{transport}: the forgotten came");
    }
}

#[test]
fn a_link_whose_runtime_has_ended_breaks_instead_of_waiting_for_ever() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let serving = runtime();
    let (mut listener, port) = serving.block_on(async { listen("127.0.0.1:0", Config::default()) });
    let dialling = runtime();
    let addr = SocketAddr::from(([127, 0, 0, 1], port));
    let dial = std::thread::spawn(move || {
        let link = dialling.block_on(udp::dial(addr, Config::client())).unwrap();
        drop(dialling);
        link
    });
    let _server = serving.block_on(listener.accept());
    let mut link = dial.join().unwrap();
    let received = runtime().block_on(async { timeout(PATIENCE, link.recv()).await.unwrap() });
    assert!(matches!(received, Err(LinkError::Io(_))), "{received:?}");
}
