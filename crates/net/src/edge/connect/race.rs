//! Happy Eyeballs (RFC 8305 section 5) for any handshake.
//!
//! ```text
//!    0 ms  [fd4d::5]:1952    UDP  ──────────────────── no answer
//!   50 ms  [fd4d::5]:1952    TCP   ─────────────────── no answer
//!  300 ms  192.168.1.7:1952  UDP        ───── answers: wins, the others are dropped
//! ```
//!
//! The attempts are futures inside the one that [`race()`] returns, not tasks: nothing runs on after that future has
//! completed or was dropped.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use tokio::time::sleep;

use super::{
    candidate::{Attempt, Candidate},
    resolve::MAX_ADDRESSES,
};
use crate::failure::Failure;

/// The times of a race.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RaceConfig {
    /// Time that an attempt runs alone before the next one starts beside it.
    ///
    /// 250 ms: the value that RFC 8305 section 8 recommends. A LAN answers in 10 ms, so an address that works
    /// is seldom raced at all.
    pub attempt_delay: Duration,
    /// Time that an attempt over UDP runs alone before the same address is tried over TCP beside it.
    ///
    /// 50 ms: UDP is preferred, since a match over it is faster where the network is bad. By then a lost hello has been
    /// repeated, a server on the LAN has long answered, and a player behind a firewall that drops UDP notices no delay.
    pub transport_delay: Duration,
    /// Time for the whole race.
    ///
    /// 5 s: two retransmissions of a lost TCP SYN fit in (after 1 s and 3 s, RFC 6298 section 2), and a person waits no
    /// longer without wondering.
    pub timeout: Duration,
}

impl Default for RaceConfig {
    fn default() -> Self {
        Self {
            attempt_delay: Duration::from_millis(250),
            transport_delay: Duration::from_millis(50),
            timeout: Duration::from_secs(5),
        }
    }
}

/// Dials `candidates` in order until one answers. Each is dialled a while after the last one, or as soon as one fails. The
/// while is shorter for the same address over another transport.
///
/// A link-local address without a scope is not dialled, because the system would pick an interface at will.
///
/// # Errors
///
/// One [`Attempt`] for each candidate, in the order given, when none answered. An attempt that has not finished by the
/// deadline counts as [`Failure::TimedOut`].
pub async fn race<T, D, F>(
    candidates: &[Candidate],
    config: RaceConfig,
    dial: D,
) -> Result<(Candidate, T), Vec<Attempt>>
where
    D: Fn(Candidate) -> F,
    F: Future<Output = Result<T, Failure>>,
{
    let mut attempts: Vec<_> =
        candidates.iter().map(|&candidate| Attempt { candidate, failure: Failure::TimedOut }).collect();
    let mut waiting = 0..candidates.len();
    let mut running: Vec<Runner<F>> = Vec::with_capacity(candidates.len());
    let mut deadline = pin!(sleep(config.timeout));

    loop {
        if let Some(index) = waiting.next() {
            if lacks_scope(candidates[index].addr) {
                attempts[index].failure = Failure::ScopeMissing;
                continue;
            }
            running.push(Runner { index, dial: Box::pin(dial(candidates[index])) });
        } else if running.is_empty() {
            return Err(attempts);
        }
        tokio::select! {
            biased;
            (index, outcome) = first_finished(&mut running) => match outcome {
                Ok(connection) => return Ok((candidates[index], connection)),
                Err(failure) => attempts[index].failure = failure,
            },
            () = &mut deadline => return Err(attempts),
            () = sleep(config.delay_before(candidates, waiting.start)), if !waiting.is_empty() => {}
        }
    }
}

impl RaceConfig {
    /// The time to wait before the candidate at `index` is tried.
    fn delay_before(&self, candidates: &[Candidate], index: usize) -> Duration {
        let addr = |index| candidates.get(index).map(|candidate: &Candidate| candidate.addr);
        let is_same_address = index.checked_sub(1).is_some_and(|last| addr(last) == addr(index));
        if is_same_address { self.transport_delay } else { self.attempt_delay }
    }
}

/// A running attempt.
struct Runner<F> {
    /// Its place in the list of candidates.
    index: usize,
    dial: Pin<Box<F>>,
}

/// Waits for any of `running` and removes it. At a tie the earlier address wins.
///
/// Each wake polls all of them. With at most two for each of [`MAX_ADDRESSES`], this is cheaper than to know which one woke.
async fn first_finished<F: Future>(running: &mut Vec<Runner<F>>) -> (usize, F::Output) {
    poll_fn(|context| {
        for place in 0..running.len() {
            if let Poll::Ready(outcome) = running[place].dial.as_mut().poll(context) {
                return Poll::Ready((running.remove(place).index, outcome));
            }
        }
        Poll::Pending
    })
    .await
}

const fn lacks_scope(addr: SocketAddr) -> bool {
    matches!(addr, SocketAddr::V6(v6) if v6.ip().is_unicast_link_local() && v6.scope_id() == 0)
}

// With the default times the last address is still dialled before the deadline.
const _: () = assert!((250 + 50) * (MAX_ADDRESSES as u64 - 1) + 50 < 5_000);

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use tokio::time::Instant;

    use super::*;
    use crate::transport::Transport;

    /// The behaviour of a fake address: it answers or fails after some milliseconds, or is silent.
    #[derive(Clone, Copy)]
    enum Fake {
        Answers(u64),
        Fails(u64, Failure),
        Silent,
    }
    use Fake::{Answers, Fails, Silent};

    /// A race over fake addresses on a paused clock, and when it was over.
    struct Run {
        outcome: Result<usize, Vec<Failure>>,
        /// The index of each dialled address, and its time in milliseconds.
        dialled: Vec<(usize, u128)>,
        took: u128,
    }

    fn addr(index: usize) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, u8::try_from(index).unwrap()], 1952))
    }

    fn candidate(index: usize) -> Candidate {
        Candidate { addr: addr(index), transport: Transport::Tcp }
    }

    fn index(addr: SocketAddr) -> usize {
        let SocketAddr::V4(v4) = addr else { panic!("not a fake address: {addr}") };
        v4.ip().octets()[3].into()
    }

    async fn run(fakes: &[Fake]) -> Run {
        let candidates: Vec<_> = (0..fakes.len()).map(candidate).collect();
        let start = Instant::now();
        let dialled = RefCell::new(Vec::new());
        let dial = |Candidate { addr, .. }| {
            dialled.borrow_mut().push((index(addr), start.elapsed().as_millis()));
            let fake = fakes[index(addr)];
            async move {
                match fake {
                    Answers(after) => {
                        sleep(Duration::from_millis(after)).await;
                        Ok(index(addr))
                    }
                    Fails(after, failure) => {
                        sleep(Duration::from_millis(after)).await;
                        Err(failure)
                    }
                    Silent => std::future::pending().await,
                }
            }
        };
        let outcome = race(&candidates, RaceConfig::default(), dial).await;
        let outcome = match outcome {
            Ok((winner, connection)) => {
                assert_eq!(winner, candidates[connection], "the winner itself is told");
                Ok(connection)
            }
            Err(attempts) => {
                let tried: Vec<_> = attempts.iter().map(|attempt| attempt.candidate).collect();
                assert_eq!(tried, candidates, "one attempt for each candidate, in order");
                Err(attempts.iter().map(|attempt| attempt.failure).collect())
            }
        };
        Run { outcome, dialled: dialled.into_inner(), took: start.elapsed().as_millis() }
    }

    #[tokio::test(start_paused = true)]
    async fn a_quick_first_address_is_not_raced() {
        let run = run(&[Answers(10), Answers(0)]).await;
        assert_eq!(run.outcome, Ok(0));
        assert_eq!(run.dialled, [(0, 0)]);
        assert_eq!(run.took, 10);
    }

    #[tokio::test(start_paused = true)]
    async fn a_dead_first_family_costs_250_ms() {
        let run = run(&[Silent, Answers(2)]).await;
        assert_eq!(run.outcome, Ok(1));
        assert_eq!(run.dialled, [(0, 0), (1, 250)]);
        assert_eq!(run.took, 252);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_first_address_can_still_win() {
        let run = run(&[Answers(300), Answers(100)]).await;
        assert_eq!(run.outcome, Ok(0));
        assert_eq!(run.took, 300);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_starts_the_next_at_once() {
        let run = run(&[Fails(20, Failure::Refused), Answers(5)]).await;
        assert_eq!(run.outcome, Ok(1));
        assert_eq!(run.dialled, [(0, 0), (1, 20)]);
        assert_eq!(run.took, 25);
    }

    #[tokio::test(start_paused = true)]
    async fn when_all_fail_each_says_why_in_order() {
        let run = run(&[
            Fails(300, Failure::HostUnreachable),
            Fails(0, Failure::Refused),
            Fails(40, Failure::NetworkUnreachable),
        ])
        .await;
        let failures = vec![Failure::HostUnreachable, Failure::Refused, Failure::NetworkUnreachable];
        assert_eq!(run.outcome, Err(failures));
        assert_eq!(run.dialled, [(0, 0), (1, 250), (2, 250)]);
        assert_eq!(run.took, 300, "the race ends with the last failure, not at the deadline");
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_unfinished_at_the_deadline_timed_out() {
        let run = run(&[Silent, Fails(9, Failure::Refused), Answers(60_000)]).await;
        assert_eq!(run.outcome, Err(vec![Failure::TimedOut, Failure::Refused, Failure::TimedOut]));
        assert_eq!(run.took, 5_000);
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_of_the_most_addresses_is_still_dialled() {
        let mut fakes = [Silent; MAX_ADDRESSES];
        fakes[MAX_ADDRESSES - 1] = Answers(0);
        assert_eq!(run(&fakes).await.outcome, Ok(MAX_ADDRESSES - 1));
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_to_dial_is_no_wait() {
        let run = run(&[]).await;
        assert_eq!(run.outcome, Err(vec![]));
        assert_eq!(run.took, 0);
    }

    #[tokio::test(start_paused = true)]
    async fn losers_are_dropped_when_one_wins() {
        struct Alive<'a>(&'a Cell<u32>);
        impl Drop for Alive<'_> {
            fn drop(&mut self) {
                self.0.set(self.0.get() - 1);
            }
        }
        let alive = Cell::new(0);
        let dial = |dialled: Candidate| {
            alive.set(alive.get() + 1);
            let guard = Alive(&alive);
            async move {
                if index(dialled.addr) < 2 {
                    std::future::pending::<()>().await;
                }
                drop(guard);
                Ok(())
            }
        };
        let winner = race(&[0, 1, 2].map(candidate), RaceConfig::default(), dial).await;
        assert_eq!(winner, Ok((candidate(2), ())));
        assert_eq!(alive.get(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_link_local_address_without_a_scope_is_not_dialled() {
        let candidates = ["[fe80::1]:1952", "[fe80::1%2]:1952"]
            .map(|addr| Candidate { addr: addr.parse().unwrap(), transport: Transport::Udp });
        let dialled = RefCell::new(Vec::new());
        let dial = |addr| {
            dialled.borrow_mut().push(addr);
            async { Err::<(), _>(Failure::Refused) }
        };
        let attempts = race(&candidates, RaceConfig::default(), dial).await.unwrap_err();
        assert_eq!(attempts[0], Attempt { candidate: candidates[0], failure: Failure::ScopeMissing });
        assert_eq!(attempts[1], Attempt { candidate: candidates[1], failure: Failure::Refused });
        assert_eq!(dialled.into_inner(), candidates[1..]);
    }

    #[tokio::test(start_paused = true)]
    async fn tcp_follows_udp_after_50_ms_and_the_next_address_after_250() {
        let both = |index| {
            [Transport::Udp, Transport::Tcp].map(|transport| Candidate { addr: addr(index), transport })
        };
        let candidates = [both(0), both(1)].concat();
        let start = Instant::now();
        let dialled = RefCell::new(Vec::new());
        let dial = |candidate: Candidate| {
            dialled.borrow_mut().push(start.elapsed().as_millis());
            async move {
                match (index(candidate.addr), candidate.transport) {
                    (1, Transport::Tcp) => Ok(()),
                    _ => std::future::pending().await,
                }
            }
        };
        let winner = race(&candidates, RaceConfig::default(), dial).await;
        assert_eq!(winner, Ok((candidates[3], ())));
        assert_eq!(dialled.into_inner(), [0, 50, 300, 350]);
    }
}
