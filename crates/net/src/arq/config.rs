//! The settings of the ARQ, with the reason for each default.

use std::time::Duration;

use super::seq::Seq;

/// The settings of one side. The two sides may differ in all of them except `first_number`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The timers.
    pub timing: Timing,
    /// Datagrams that a session sends per second on average; more have to wait. This bounds the traffic that a session
    /// can be made to send, and never hinders a game: 20 exchanges a second over a path that loses a fifth of the
    /// packets take 75.
    pub datagrams_per_second: u32,
    /// Datagrams that a session may send at once after a pause.
    pub datagram_burst: u32,
    /// Maximum number of sessions of an endpoint; beyond it, a client with a cookie is refused.
    pub sessions: usize,
    /// Maximum number of sessions of one address (one /64), so that one machine cannot fill a server: a quarter of a
    /// large server's sessions, and more than any office has behind one router.
    pub sessions_per_address: usize,
    /// New sessions per second from one address; as many may begin at once.
    pub hellos_per_address: u32,
    /// New sessions per second in all, beside the first few of each address; as many may begin at once. After a restart, every
    /// player of a full server returns within a few seconds.
    pub hellos: u32,
    /// Stateless answers per second: cookies, refusals and resets, each kind by itself, beside a few for each address. They
    /// keep no state and are never longer than the datagram that they answer; this bounds their work, and the traffic that
    /// a forger can cause.
    pub stateless_answers: u32,
    /// Questions per second that are passed on, beside ten from each address. An answer takes the server some 20 us, so this
    /// is a hundredth of a processor.
    pub asks: u32,
    /// The number of the first packet and message: 1, except in tests of the end of the numbers.
    pub first_number: Seq,
}

/// The timers. The measurements stand beside each default; `cargo xtask sim` prints them anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    /// The shortest interval between two copies of a message.
    ///
    /// 3 ms. Over 2 ms and 10 % loss the 99th percentile is 7.0 ms at 1.78 datagrams a message, 9.0 at 4 ms and 11.1 at
    /// 5 ms; less than 3 ms gains nothing, since an acknowledgement takes the round trip and a timer's millisecond.
    pub resend_floor: Duration,
    /// The longest interval, however long the peer is silent, and the interval between unanswered questions: it bounds
    /// the wait once a broken path is whole again.
    pub resend_cap: Duration,
    /// The interval between copies until a round trip has been measured.
    pub resend_before_sample: Duration,
    /// The delay of the early copy: a second copy goes out this long after the first unless the message is acknowledged
    /// by then. On a LAN it is, and the copy costs nothing.
    ///
    /// 4 ms. Over 40 ms and 5 % loss the 99th percentile is 24.9 ms at 2.64 datagrams a message, and 64.9 ms at 1.64
    /// without the copy; over 40 ms and 20 %, 70 ms instead of 120. 5 ms saves nothing and is a millisecond later.
    pub early_copy: Duration,
    /// The time for which an acknowledgement waits for a message to travel with.
    ///
    /// 1 ms for a server, which nearly always answers; without it each message costs half a datagram more (2.23 instead
    /// of 1.78 over 2 ms and 10 %) and arrives no earlier. 0 for a client: see [`Config::client`].
    pub ack_delay: Duration,
    /// The time without a question after which an empty packet asks for a sign of life. Slightly more than the interval
    /// of the server's pings, so it is seldom needed.
    pub keepalive: Duration,
    /// The silence after which the peer is considered gone. Slightly more than the 10 s of the heartbeat, which tells
    /// the peer so in a message; this timeout is for sessions without a heartbeat, and for paths that are dead in one
    /// direction.
    pub idle_timeout: Duration,
    /// The idle timeout once the peer's machine has reported that nobody listens there (ICMP port unreachable). Anybody
    /// can forge that report, so it is believed only of a peer that is also silent.
    pub refused_timeout: Duration,
    /// The first interval between two hellos, and between two closes; see [`super::Dialer`].
    pub hello_interval: Duration,
}

impl Config {
    /// The settings of a client: those of a server, but it acknowledges at once. A message from the server is seldom
    /// answered by one that could carry the acknowledgement, because there is a person in between; a message from a
    /// client nearly always is.
    pub fn client() -> Self {
        let timing = Timing { ack_delay: Duration::ZERO, ..Timing::default() };
        Self { timing, ..Self::default() }
    }
}

impl Default for Config {
    fn default() -> Self {
        Self {
            timing: Timing::default(),
            datagrams_per_second: 200,
            datagram_burst: 50,
            sessions: 4096,
            sessions_per_address: 1024,
            hellos_per_address: 50,
            hellos: 1000,
            stateless_answers: 5000,
            asks: 500,
            first_number: Seq::FIRST,
        }
    }
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            resend_floor: Duration::from_millis(3),
            resend_cap: Duration::from_millis(250),
            resend_before_sample: Duration::from_millis(100),
            early_copy: Duration::from_millis(4),
            ack_delay: Duration::from_millis(1),
            keepalive: Duration::from_millis(1500),
            idle_timeout: Duration::from_secs(12),
            refused_timeout: Duration::from_secs(3),
            hello_interval: Duration::from_millis(50),
        }
    }
}
