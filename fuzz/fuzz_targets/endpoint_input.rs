//! Two ends of a session under arbitrary loss, duplication, delay and forgery: each delivers a prefix of the messages that
//! the other accepted, keeps its bounds, and never asks for a time that has passed.

#![no_main]

use std::{net::SocketAddr, time::Duration};

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use net::{
    arq::{Cid, Config, Dialer, Endpoint, Event, Packet, Path, Routed, Session},
    sim::Clock,
};

/// Steps of one input, which bounds its time.
const MAX_STEPS: usize = 400;

/// Datagrams of each direction that can still be delivered.
const MAX_KEPT: usize = 64;

/// The places of the two ends; the client is the first.
const SERVER: usize = 1;

#[derive(Default)]
struct End {
    session: Option<Session>,
    sent: u32,
    received: u32,
    /// The sent messages, the newest last.
    kept: Vec<BytesMut>,
}

struct World {
    clock: Clock,
    endpoint: Endpoint,
    dialer: Dialer,
    ends: [End; 2],
    /// True once something was delivered that neither end has sent and that is a packet all the same.
    is_forged: bool,
}

fuzz_target!(|input: &[u8]| {
    let clock = Clock::new();
    let now = clock.now();
    let mut world = World {
        endpoint: Endpoint::new(now, Config::default(), [7; 16]),
        dialer: Dialer::new(now, now + Duration::from_secs(5), Config::client(), Cid(0x00c1_1e47)),
        ends: [End::default(), End::default()],
        is_forged: false,
        clock,
    };
    let mut bytes = input.iter().copied();
    for _ in 0..MAX_STEPS {
        world.drain();
        let (Some(step), Some(value)) = (bytes.next(), bytes.next()) else { return };
        let from = usize::from(step & 1);
        match step >> 1 & 7 {
            // The newest datagram arrives, or an older one, again.
            0 | 1 => world.deliver(from, 0),
            2 => world.deliver(from, value.into()),
            3 => world.clock.advance(Duration::from_micros(u64::from(value) * 100)),
            4 => world.clock.advance(Duration::from_millis(u64::from(value) * 50)),
            5 => world.say(from, 1 + usize::from(value)),
            6 => {
                let forged: Vec<u8> = bytes.by_ref().take(value.into()).collect();
                world.is_forged |= Packet::decode(&forged).is_ok();
                world.take_in(from, &forged);
            }
            _ => {
                let now = world.clock.now();
                if let Some(session) = &mut world.ends[from].session {
                    match value {
                        0 => session.finish(now),
                        1 => session.handle_refused(now),
                        _ => session.handle_timeout(now),
                    }
                }
            }
        }
    }
});

impl World {
    fn deliver(&mut self, from: usize, age: usize) {
        let Some(datagram) = self.ends[from].kept.iter().rev().nth(age).cloned() else { return };
        self.take_in(from, &datagram);
    }

    fn take_in(&mut self, from: usize, datagram: &[u8]) {
        let now = self.clock.now();
        let [client, server] = &mut self.ends;
        if from == SERVER {
            match &mut client.session {
                Some(session) => session.handle_datagram(now, datagram),
                None => client.session = self.dialer.handle_datagram(now, datagram).and_then(Result::ok),
            }
            return;
        }
        let peer = SocketAddr::from(([10, 0, 0, 1], 5000));
        match self.endpoint.handle_datagram(now, Path { peer, local: None }, datagram) {
            Some(Routed::Session(cid)) => {
                if let Some(session) = server.session.as_mut().filter(|it| it.local_cid() == cid) {
                    session.handle_datagram(now, datagram);
                }
            }
            // Only the first is driven; a forged hello may make others.
            Some(Routed::Accepted(session)) => {
                server.session.get_or_insert(*session);
            }
            Some(Routed::Asked { message, .. }) => assert!(!message.is_empty()),
            None => {}
        }
    }

    fn say(&mut self, from: usize, length: usize) {
        let now = self.clock.now();
        let end = &mut self.ends[from];
        let Some(session) = &mut end.session else { return };
        let mut payload = BytesMut::from(&end.sent.to_be_bytes()[..]);
        payload.resize(4 + length, 7);
        if session.send(now, payload.freeze()).is_ok() {
            end.sent += 1;
        }
    }

    fn drain(&mut self) {
        let now = self.clock.now();
        let mut datagram = BytesMut::new();
        let [client, server] = &mut self.ends;
        if client.session.is_none() {
            while self.dialer.poll_transmit(now, &mut datagram) {
                client.kept.push(datagram.split());
            }
        }
        while let Some(transmit) = self.endpoint.poll_transmit() {
            server.kept.push(transmit.datagram);
        }
        client.drain(now, server.sent, self.is_forged);
        server.drain(now, client.sent, self.is_forged);
    }
}

impl End {
    fn drain(&mut self, now: std::time::Instant, sent: u32, is_forged: bool) {
        let keep = self.kept.len().saturating_sub(MAX_KEPT);
        self.kept.drain(..keep);
        let Some(session) = &mut self.session else { return };
        session.handle_timeout(now);
        let mut datagram = BytesMut::new();
        while session.poll_transmit(now, &mut datagram) {
            self.kept.push(datagram.split());
        }
        while let Some(event) = session.poll_event() {
            if let (Event::Message(payload), false) = (event, is_forged) {
                let number = u32::from_be_bytes(payload[..4].try_into().expect("no message is shorter"));
                assert_eq!(number, self.received, "a message out of its order");
                assert!(number < sent, "a message that was never sent");
                self.received += 1;
            }
        }
        assert!(session.untaken() <= 64 && session.undelivered() <= 64);
        assert!(session.poll_timeout().is_none_or(|at| at > now), "it asks for a time that has passed");
    }
}
