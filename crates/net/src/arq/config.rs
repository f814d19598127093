//! What can be set, with the reason for each default.

use std::time::Duration;

use super::seq::Seq;

/// The settings of one side. Both sides may differ in all but `first_number`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// When things are sent.
    pub timing: Timing,
    /// Datagrams a second that a session sends on average; when over, it waits. It bounds what a person's session
    /// can be made to send, and never a game: 20 exchanges a second over a path that loses a fifth take 75.
    pub datagrams_per_second: u32,
    /// Datagrams that a session sends at once after a pause.
    pub datagram_burst: u32,
    /// Sessions of an endpoint at most; when full, a client with a cookie is refused.
    pub sessions: usize,
    /// Sessions of one address (of one /64) at most, so that one machine cannot fill a server: a quarter of a large
    /// server's, and more than any office has behind one router.
    pub sessions_per_address: usize,
    /// New sessions a second from one address, which may also come at once.
    pub hellos_per_address: u32,
    /// New sessions a second in all, which may also come at once. After a restart every player of a full server
    /// comes back within some seconds.
    pub hellos: u32,
    /// Answers a second to what is not in a session: cookies, refusals and resets, each for its own. They keep
    /// nothing and never exceed what they answer; this bounds their work and what a forger can have us send.
    pub stateless_answers: u32,
    /// The number of the first packet and message: 1, but near the end in tests of the end.
    pub first_number: Seq,
}

/// When things are sent. What was measured stands beside each default: see `cargo xtask sim`, which prints it anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timing {
    /// The shortest time from one copy of a message to the next.
    ///
    /// 3 ms. Over 2 ms and 10 % loss the 99th percentile is 7.0 ms at 1.78 datagrams a message, 9.0 at 4 ms and 11.1 at
    /// 5 ms; less than 3 ms gains nothing, since the acknowledgement needs the round trip and a timer's millisecond.
    pub resend_floor: Duration,
    /// The longest, however long the peer is silent, and the time from one question without an answer to the next: what
    /// waits when a path is whole again goes out within it.
    pub resend_cap: Duration,
    /// Time from a copy to the next while there is no round trip measured.
    pub resend_before_sample: Duration,
    /// A second copy goes out this long after the first unless it is acknowledged by then. On a LAN it is, and the
    /// copy costs nothing.
    ///
    /// 4 ms. Over 40 ms and 5 % loss the 99th percentile is 24.9 ms at 2.64 datagrams a message, and 64.9 ms at 1.64
    /// without the copy; over 40 ms and 20 %, 70 ms instead of 120. 5 ms saves nothing and is a millisecond later.
    pub early_copy: Duration,
    /// How long an acknowledgement waits for a message to ride on.
    ///
    /// 1 ms for a server, which nearly always answers; without it each message costs half a datagram more (2.23 instead
    /// of 1.78 over 2 ms and 10 %) and is no earlier. 0 for a client: see [`Config::client`].
    pub ack_delay: Duration,
    /// Silence after which an empty packet asks for a sign of life, if nothing else did meanwhile. A little more than
    /// the second after which the server's ping does, so that it is seldom needed.
    pub keepalive: Duration,
    /// Silence after which the peer is believed to be gone. A little more than the 10 s after which the heartbeat believes
    /// it, which tells the peer so in a message; this is for sessions without a heartbeat, and for paths that are dead in
    /// one direction.
    pub idle_timeout: Duration,
    /// The same, if the peer's machine has said meanwhile that nobody listens there (ICMP port unreachable). Anybody
    /// may say so, and it is believed only of a peer that is silent as well.
    pub refused_timeout: Duration,
    /// From one hello, or one close, to the next; see [`super::Dialer`].
    pub hello_interval: Duration,
}

impl Config {
    /// The settings of a client: those of a server, but it acknowledges at once. What a server says is seldom
    /// answered by something that the acknowledgement could ride on, since there is a person in between; what a client
    /// says nearly always is.
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
