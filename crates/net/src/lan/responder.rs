//! The answers of one server to the queries of multicast DNS on one interface (RFC 6762, RFC 6763).
//!
//! It announces itself, and answers each query for it with the same few records: so nobody can make it send more than one
//! short datagram, however many questions a query has. It answers to addresses of its own network alone, to all by
//! multicast at most once a second, and to one at most ten times a second.

#[cfg(test)]
mod tests;

use std::{
    net::{IpAddr, SocketAddr},
    time::{Duration, Instant},
};

use super::{
    advert::{Advert, SERVICE_TYPE},
    dns::{self, Class, Message, PORT, Writer, qtype},
};
use crate::{addr::local::LocalAddress, token_bucket::TokenBucket};

/// A server on one interface.
#[derive(Debug)]
pub(crate) struct Responder {
    names: Names,
    advert: Advert,
    port: u16,
    /// This machine's addresses on the interface.
    own: Vec<LocalAddress>,
    /// The announcements that are due next.
    announce_at: [Option<Instant>; ANNOUNCEMENTS],
    answer_at: Option<Instant>,
    /// True if the answer has to name the type of the service as well.
    names_type: bool,
    sent_at: Option<Instant>,
    unicasts: TokenBucket,
}

/// The names of the records, as on the wire and in small letters.
#[derive(Debug)]
struct Names {
    types: Vec<u8>,
    service: Vec<u8>,
    instance: Vec<u8>,
    host: Vec<u8>,
}

impl Responder {
    /// A server that announces itself at once. `tag` is random and makes its names unique.
    pub(crate) fn new(now: Instant, advert: Advert, port: u16, tag: u32, own: Vec<LocalAddress>) -> Self {
        let service = dns::name(SERVICE_TYPE.trim_end_matches('.').split('.'));
        let mut instance = dns::name([advert.instance(tag).as_str()]);
        instance.pop();
        instance.extend_from_slice(&service);
        let names = Names {
            types: dns::name(["_services", "_dns-sd", "_udp", "local"]),
            host: dns::name([format!("oxo-{tag:08x}").as_str(), "local"]),
            service,
            instance,
        };
        let unicasts = TokenBucket::new(now, UNICASTS, UNICASTS);
        let mut responder = Self {
            names,
            advert,
            port,
            own: Vec::new(),
            announce_at: [None; ANNOUNCEMENTS],
            answer_at: None,
            names_type: false,
            sent_at: None,
            unicasts,
        };
        responder.set_addresses(now, own);
        responder
    }

    /// Sets this machine's addresses on the interface. A change is announced.
    pub(crate) fn set_addresses(&mut self, now: Instant, own: Vec<LocalAddress>) {
        if self.own != own {
            self.own = own;
            // A flood of changes makes no flood of announcements.
            let first = self.earliest(now);
            self.announce_at = [Some(first), Some(first + MULTICAST_INTERVAL)];
        }
    }

    /// Takes in a datagram. Returns an answer to its sender alone, if one is due. `delay` is random, up to [`MAX_DELAY`]: the
    /// answers of several servers to one query must not collide.
    pub(crate) fn handle_datagram(
        &mut self,
        now: Instant,
        from: SocketAddr,
        delay: Duration,
        datagram: &[u8],
    ) -> Option<Vec<u8>> {
        let interface = self.own.first().and_then(|own| own.index).unwrap_or(0);
        let is_near = self.own.iter().any(|own| own.shares_network_with(from.ip(), interface));
        let query = Message::parse(datagram).filter(|message| is_near && !message.is_response)?;
        let is_known = query.answers.iter().any(|known| {
            known.name == self.names.service
                && known.rtype == qtype::PTR
                && known.target.as_deref() == Some(&self.names.instance[..])
                && known.ttl >= LONG_TTL / 2
        });
        let is_wanted = |(name, rtype): &&(Vec<u8>, u16)| self.is_ours(name, *rtype, is_known);
        let wanted: Vec<_> = query.questions.iter().filter(is_wanted).collect();
        let first = wanted.first()?;
        if from.port() == PORT {
            self.names_type |= wanted.iter().any(|(name, _)| *name == self.names.types);
            let due = self.answer_at.unwrap_or(now + delay);
            self.answer_at = Some(due.max(self.earliest(now)));
            return None;
        }
        // A resolver that knows no multicast DNS (RFC 6762 section 6.7).
        self.unicasts.take(now).then(|| self.records(Purpose::Resolver(query.id, first)))
    }

    /// Returns the next datagram for all.
    #[must_use]
    pub(crate) fn poll_multicast(&mut self, now: Instant) -> Option<Vec<u8>> {
        // One datagram does for all that are due.
        let times = self.announce_at.iter_mut().chain([&mut self.answer_at]);
        if times.filter_map(|at| at.take_if(|at| *at <= now)).count() == 0 {
            return None;
        }
        self.sent_at = Some(now);
        let names_type = std::mem::take(&mut self.names_type);
        Some(self.records(Purpose::Announcement { names_type }))
    }

    /// The time to call [`poll_multicast`](Self::poll_multicast).
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.announce_at.iter().copied().chain([self.answer_at]).flatten().min()
    }

    /// The last datagram for all: the server is gone (RFC 6762 section 10.1).
    pub(crate) fn goodbye(&self) -> Vec<u8> {
        self.records(Purpose::Goodbye)
    }

    /// The earliest time for another datagram for all (RFC 6762 section 6).
    fn earliest(&self, now: Instant) -> Instant {
        self.sent_at.map_or(now, |sent_at| (sent_at + MULTICAST_INTERVAL).max(now))
    }

    /// Tells whether a question is one for us whose answer is not known yet.
    fn is_ours(&self, name: &[u8], rtype: u16, is_known: bool) -> bool {
        let Names { types, service, instance, host } = &self.names;
        let types_of_it: &[u16] = match name {
            _ if name == service && is_known => &[],
            _ if name == service || name == types => &[qtype::PTR],
            _ if name == instance => &[qtype::SRV, qtype::TXT],
            _ if name == host => &[qtype::A, qtype::AAAA],
            _ => &[],
        };
        types_of_it.contains(&rtype) || (rtype == qtype::ANY && !types_of_it.is_empty())
    }

    /// A datagram with all records.
    fn records(&self, purpose: Purpose<'_>) -> Vec<u8> {
        let Names { types, service, instance, host } = &self.names;
        let mut writer = match purpose {
            Purpose::Resolver(id, (name, rtype)) => Writer::response(id, Some((name, *rtype))),
            Purpose::Announcement { .. } | Purpose::Goodbye => Writer::response(0, None),
        };
        let (class, max_ttl) = match purpose {
            Purpose::Resolver(..) => (Class::Shared, RESOLVER_TTL),
            Purpose::Announcement { .. } => (Class::Unique, LONG_TTL),
            Purpose::Goodbye => (Class::Unique, 0),
        };
        let (long, short) = (LONG_TTL.min(max_ttl), SHORT_TTL.min(max_ttl));
        writer.record((service, qtype::PTR), Class::Shared, long, |data| data.name(instance));
        writer.record((instance, qtype::SRV), class, short, |data| {
            // Priority and weight, of which one server has no use.
            data.u16(0);
            data.u16(0);
            data.u16(self.port);
            data.name(host);
        });
        writer.record((instance, qtype::TXT), class, long, |data| {
            for text in self.advert.to_txt() {
                data.bytes.push(u8::try_from(text.len()).expect("a key and a name of 64 bytes"));
                data.bytes.extend_from_slice(text.as_bytes());
            }
        });
        for own in self.own.iter().take(MAX_TOLD) {
            match own.ip {
                IpAddr::V4(ip) => {
                    writer.record((host, qtype::A), class, short, |data| data.bytes.extend(ip.octets()));
                }
                IpAddr::V6(ip) => {
                    writer.record((host, qtype::AAAA), class, short, |data| data.bytes.extend(ip.octets()));
                }
            }
        }
        let is_asked = match purpose {
            Purpose::Resolver(_, (name, _)) => name == types,
            Purpose::Announcement { names_type } => names_type,
            Purpose::Goodbye => false,
        };
        if is_asked {
            writer.record((types, qtype::PTR), Class::Shared, long, |data| data.name(service));
        }
        writer.bytes
    }
}

/// The purpose of a datagram.
#[derive(Debug, Clone, Copy)]
enum Purpose<'a> {
    /// An announcement, or an answer to all.
    Announcement { names_type: bool },
    /// An answer to a resolver that knows no multicast DNS, with its number and its question.
    Resolver(u16, &'a (Vec<u8>, u16)),
    /// The end.
    Goodbye,
}

/// The longest delay of an answer (RFC 6762 section 6).
pub(crate) const MAX_DELAY: Duration = Duration::from_millis(100);

/// Time between two datagrams for all (RFC 6762 section 6).
const MULTICAST_INTERVAL: Duration = Duration::from_secs(1);

/// Announcements of each change: at least two (RFC 6762 section 8.3).
const ANNOUNCEMENTS: usize = 2;

/// Answers to single resolvers a second.
const UNICASTS: u32 = 10;

/// Addresses in one answer: two families with three kinds of addresses each, and some more. With them a datagram has at most
/// 450 bytes.
const MAX_TOLD: usize = 8;

/// Seconds for which the records without an address are good (RFC 6762 section 10).
const LONG_TTL: u32 = 75 * 60;

/// Seconds for which the records that lead to an address are good (RFC 6762 section 10).
const SHORT_TTL: u32 = 120;

/// Seconds for which a resolver may keep a record (RFC 6762 section 6.7).
const RESOLVER_TTL: u32 = 10;
