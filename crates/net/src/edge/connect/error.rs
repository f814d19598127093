//! The reasons why there is no connection, and the advice for the most useful one.

use thiserror::Error;

use super::{
    advice::CHECK_ADDRESS,
    candidate::{Attempt, Candidate},
    resolve::ResolveError,
};
use crate::{addr::HostPort, failure::Failure, transport::Transport};

/// A failure to connect.
///
/// `Display` is one sentence, and there is no `source`: [`causes`](Self::causes) lists every attempt, which a printed chain
/// would repeat.
#[derive(Debug, Error)]
#[error("cannot reach {target}")]
pub struct ConnectError {
    /// The target as typed.
    pub target: HostPort,
    /// The reason.
    pub cause: ConnectCause,
}

impl ConnectError {
    /// The attempts and their outcomes, one line each.
    pub fn causes(&self) -> Vec<String> {
        match &self.cause {
            ConnectCause::Attempts(attempts) => {
                attempts.chunk_by(|a, b| a.candidate.addr == b.candidate.addr).flat_map(one_address).collect()
            }
            ConnectCause::Resolve(error) => error_chain(error),
        }
    }

    /// The most useful thing to do about it.
    ///
    /// The attempt that came furthest decides: an address that refuses is a machine that runs, so its advice comes before
    /// that for an address that is silent.
    pub fn hint(&self) -> String {
        match &self.cause {
            ConnectCause::Resolve(error) => error.hint(),
            ConnectCause::Attempts(attempts) => attempts
                .chunk_by(|a, b| a.candidate.addr == b.candidate.addr)
                .filter_map(furthest)
                .max()
                .map_or_else(
                    || CHECK_ADDRESS.into(),
                    |failure| failure.advice(self.target.port(), self.transports()),
                ),
        }
    }

    /// Tells whether the machine is there and nothing listens at the port: no attempt came further than that.
    pub fn is_refused(&self) -> bool {
        let ConnectCause::Attempts(attempts) = &self.cause else { return false };
        attempts.iter().map(|attempt| attempt.failure).max() == Some(Failure::Refused)
    }

    /// The transports that were tried, which a firewall has to let through.
    fn transports(&self) -> &'static str {
        let ConnectCause::Attempts(attempts) = &self.cause else { return "TCP and UDP" };
        let is_tried = |transport| attempts.iter().any(|attempt| attempt.candidate.transport == transport);
        match (is_tried(Transport::Tcp), is_tried(Transport::Udp)) {
            (true, false) => "TCP",
            (false, true) => "UDP",
            (true, true) | (false, false) => "TCP and UDP",
        }
    }
}

/// The lines about one address: one if all attempts failed alike, else one for each transport.
fn one_address(attempts: &[Attempt]) -> Vec<String> {
    let is_alike = attempts.windows(2).all(|pair| pair[0].failure == pair[1].failure);
    let told = if is_alike { &attempts[..1] } else { attempts };
    told.iter()
        .map(|Attempt { candidate: Candidate { addr, transport }, failure }| {
            let over = if is_alike { String::new() } else { format!(" over {}", transport.name()) };
            format!("{addr}{over}: {failure}")
        })
        .collect()
}

/// The failure of the attempt at one address that came furthest. Only TCP learns that a machine is not there. The silence
/// that UDP meets then is no second opinion.
fn furthest(attempts: &[Attempt]) -> Option<Failure> {
    let failures = attempts.iter().map(|attempt| attempt.failure);
    let is_gone = failures.clone().any(|failure| failure == Failure::HostUnreachable);
    failures.filter(|failure| !(is_gone && *failure == Failure::TimedOut)).max()
}

/// The stage at which connecting failed.
#[derive(Debug)]
pub enum ConnectCause {
    /// There was no address to try.
    Resolve(ResolveError),
    /// Every address failed, in the order in which they were tried.
    Attempts(Vec<Attempt>),
}

fn error_chain(error: &dyn std::error::Error) -> Vec<String> {
    std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests {
    use std::io::{self, ErrorKind};
    use std::net::SocketAddr;

    use super::*;
    use crate::proto::ProtocolRange;

    const fn only(protocol: u16) -> ProtocolRange {
        ProtocolRange { oldest: protocol, newest: protocol }
    }

    const fn over(addr: SocketAddr, transport: Transport) -> Candidate {
        Candidate { addr, transport }
    }

    fn target() -> HostPort {
        "laptop.local".parse().unwrap()
    }

    fn error(failures: &[Failure]) -> ConnectError {
        let addr = SocketAddr::from(([192, 168, 1, 7], 1952));
        let attempts: Vec<_> = failures
            .iter()
            .map(|&failure| Attempt { candidate: over(addr, Transport::Tcp), failure })
            .collect();
        ConnectError { target: target(), cause: ConnectCause::Attempts(attempts) }
    }

    #[track_caller]
    fn check_hint(failures: &[Failure], expected: &str) {
        let hint = error(failures).hint();
        assert!(hint.contains(expected), "{failures:?}: {hint}");
        assert!(!hint.ends_with('.'), "{hint}");
    }

    #[test]
    fn the_sentence_names_the_target_and_the_lines_the_addresses() {
        let error = error(&[Failure::Refused, Failure::Refused]);
        assert_eq!(error.to_string(), "cannot reach laptop.local:1952");
        assert_eq!(
            error.causes(),
            ["192.168.1.7:1952: refused (nobody listens on that port)"],
            "what failed alike over both is told once"
        );
    }

    #[test]
    fn transports_that_fail_differently_are_told_apart() {
        let attempt = |ip: [u8; 4], transport, failure| Attempt {
            candidate: over((ip, 1952).into(), transport),
            failure,
        };
        let attempts = vec![
            attempt([10, 0, 0, 1], Transport::Udp, Failure::TimedOut),
            attempt([10, 0, 0, 1], Transport::Tcp, Failure::Refused),
            attempt([10, 0, 0, 2], Transport::Udp, Failure::TimedOut),
            attempt([10, 0, 0, 2], Transport::Tcp, Failure::TimedOut),
        ];
        let error = ConnectError { target: target(), cause: ConnectCause::Attempts(attempts) };
        assert_eq!(
            error.causes(),
            [
                "10.0.0.1:1952 over UDP: no answer in time (a firewall, or another network)",
                "10.0.0.1:1952 over TCP: refused (nobody listens on that port)",
                "10.0.0.2:1952: no answer in time (a firewall, or another network)",
            ]
        );
    }

    #[test]
    fn silence_over_udp_is_explained_by_what_tcp_knows() {
        let addr = SocketAddr::from(([10, 0, 0, 1], 1952));
        let attempts = vec![
            Attempt { candidate: over(addr, Transport::Udp), failure: Failure::TimedOut },
            Attempt { candidate: over(addr, Transport::Tcp), failure: Failure::HostUnreachable },
        ];
        let error = ConnectError { target: target(), cause: ConnectCause::Attempts(attempts) };
        assert!(error.hint().starts_with("check that the machine is on"), "{}", error.hint());
    }

    #[test]
    fn a_failed_lookup_is_told_with_its_cause() {
        let source = io::Error::other("Name or service not known");
        let name = "laptop.local".parse().unwrap();
        let cause = ConnectCause::Resolve(ResolveError::NoSuchName { name, source });
        let error = ConnectError { target: target(), cause };
        assert_eq!(
            error.causes(),
            ["no machine called `laptop.local` is known here", "Name or service not known"]
        );
        assert!(error.hint().contains("oxo join 192.168.1.7"), "{}", error.hint());
    }

    #[test]
    fn the_attempt_that_came_furthest_gives_the_hint() {
        use Failure as F;
        check_hint(&[F::Refused, F::Refused], "start `oxo host`");
        check_hint(&[F::TimedOut, F::Refused], "start `oxo host`");
        check_hint(&[F::NetworkUnreachable, F::TimedOut], "open port 1952, TCP");
        check_hint(&[F::HostUnreachable, F::NetworkUnreachable], "check that the machine is on");
        check_hint(&[F::NetworkUnreachable], "on the network of the other one");
        check_hint(&[F::ScopeMissing], "fe80::1%");
        check_hint(&[F::Denied, F::TimedOut], "this machine's firewall");
        check_hint(&[F::NotOxo, F::Refused], "another program");
        check_hint(&[F::Closed, F::TimedOut], "try again");
        check_hint(&[F::Version { ours: only(1), theirs: only(2) }, F::Refused], "this oxo is the older one");
        check_hint(&[F::Version { ours: only(2), theirs: only(1) }], "the host's oxo is the older one");
        check_hint(&[F::Other(ErrorKind::OutOfMemory)], "check the address");
        check_hint(&[], "check the address");
    }
}
