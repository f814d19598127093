//! Happy Eyeballs (RFC 8305 section 5) for any handshake.
//!
//! ```text
//!    0 ms  [fd4d::5]:1952     ──────────────────── no answer
//!  250 ms  192.168.1.7:1952        ───── answers: wins, the other is dropped
//! ```
//!
//! The attempts are futures inside the one that [`race()`] returns, not tasks: whoever drops it, or gets its
//! answer, leaves nothing running behind.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;

use tokio::time::sleep;

use super::{Attempt, Failure, MAX_ADDRESSES};

/// The times of a race.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RaceConfig {
    /// How long an attempt runs alone before the next one starts beside it.
    ///
    /// 250 ms: the value that RFC 8305 section 8 recommends. A LAN answers in 10 ms, so an address that works
    /// is seldom raced at all.
    pub attempt_delay: Duration,
    /// How long the whole race may take.
    ///
    /// 5 s: two retransmissions of a lost TCP SYN fit in (after 1 s and 3 s, RFC 6298 section 2), and a
    /// person waits no longer without asking what is wrong.
    pub timeout: Duration,
}

impl Default for RaceConfig {
    fn default() -> Self {
        Self { attempt_delay: Duration::from_millis(250), timeout: Duration::from_secs(5) }
    }
}

/// Dials `addrs` in their order, each 250 ms after the last or as soon as one fails, until one answers.
///
/// A link-local address without a scope is not dialled, because the system would pick an interface at will.
///
/// # Errors
///
/// One [`Attempt`] for each address, in the order given, when none answered. What had not finished at the
/// deadline is [`Failure::TimedOut`].
pub async fn race<T, D, F>(
    addrs: &[SocketAddr],
    config: RaceConfig,
    dial: D,
) -> Result<(SocketAddr, T), Vec<Attempt>>
where
    D: Fn(SocketAddr) -> F,
    F: Future<Output = Result<T, Failure>>,
{
    let mut attempts: Vec<_> =
        addrs.iter().map(|&addr| Attempt { addr, failure: Failure::TimedOut }).collect();
    let mut waiting = 0..addrs.len();
    let mut running: Vec<Runner<F>> = Vec::with_capacity(addrs.len());
    let mut deadline = pin!(sleep(config.timeout));

    loop {
        if let Some(index) = waiting.next() {
            if lacks_scope(addrs[index]) {
                attempts[index].failure = Failure::ScopeMissing;
                continue;
            }
            running.push(Runner { index, dial: Box::pin(dial(addrs[index])) });
        } else if running.is_empty() {
            return Err(attempts);
        }
        tokio::select! {
            biased;
            (index, outcome) = first_finished(&mut running) => match outcome {
                Ok(connection) => return Ok((addrs[index], connection)),
                Err(failure) => attempts[index].failure = failure,
            },
            () = &mut deadline => return Err(attempts),
            () = sleep(config.attempt_delay), if !waiting.is_empty() => {}
        }
    }
}

/// An attempt under way.
struct Runner<F> {
    /// Its place in the list of addresses.
    index: usize,
    dial: Pin<Box<F>>,
}

/// Waits for any of `running` and removes it; at a tie the earlier address is preferred.
///
/// Each wake polls all of them, which for at most [`MAX_ADDRESSES`] is cheaper than to know which one woke.
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
const _: () = assert!(250 * (MAX_ADDRESSES as u64 - 1) < 5_000);

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use tokio::time::Instant;

    use super::*;

    /// What a fake address does: it answers or fails after some milliseconds, or is silent.
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
        /// When each address was dialled, in milliseconds.
        dialled: Vec<(usize, u128)>,
        took: u128,
    }

    fn addr(index: usize) -> SocketAddr {
        SocketAddr::from(([10, 0, 0, u8::try_from(index).unwrap()], 1952))
    }

    fn index(addr: SocketAddr) -> usize {
        let SocketAddr::V4(v4) = addr else { panic!("not a fake address: {addr}") };
        v4.ip().octets()[3].into()
    }

    async fn run(fakes: &[Fake]) -> Run {
        let addrs: Vec<_> = (0..fakes.len()).map(addr).collect();
        let start = Instant::now();
        let dialled = RefCell::new(Vec::new());
        let dial = |addr| {
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
        let outcome = race(&addrs, RaceConfig::default(), dial).await;
        let outcome = match outcome {
            Ok((winner, connection)) => {
                assert_eq!(winner, addrs[connection], "the winner's own address is told");
                Ok(connection)
            }
            Err(attempts) => {
                let tried: Vec<_> = attempts.iter().map(|attempt| attempt.addr).collect();
                assert_eq!(tried, addrs, "one attempt for each address, in order");
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
        let dial = |dialled| {
            alive.set(alive.get() + 1);
            let guard = Alive(&alive);
            async move {
                if index(dialled) < 2 {
                    std::future::pending::<()>().await;
                }
                drop(guard);
                Ok(())
            }
        };
        let winner = race(&[addr(0), addr(1), addr(2)], RaceConfig::default(), dial).await;
        assert_eq!(winner, Ok((addr(2), ())));
        assert_eq!(alive.get(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_link_local_address_without_a_scope_is_not_dialled() {
        let addrs = ["[fe80::1]:1952".parse().unwrap(), "[fe80::1%2]:1952".parse().unwrap()];
        let dialled = RefCell::new(Vec::new());
        let dial = |addr| {
            dialled.borrow_mut().push(addr);
            async { Err::<(), _>(Failure::Refused) }
        };
        let attempts = race(&addrs, RaceConfig::default(), dial).await.unwrap_err();
        assert_eq!(attempts[0], Attempt { addr: addrs[0], failure: Failure::ScopeMissing });
        assert_eq!(attempts[1], Attempt { addr: addrs[1], failure: Failure::Refused });
        assert_eq!(dialled.into_inner(), addrs[1..]);
    }
}
