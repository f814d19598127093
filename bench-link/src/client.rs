//! The client: connects, has its messages answered, and says how long everything took.
//!
//! It prints three lines of JSON, all times in microseconds, and pauses after each, so that whoever counts the
//! packets on the link can read the counters at the right moments:
//!
//! 1. `{"connects":[…]}` once its connections are made and have been idle for a while;
//! 2. `{"there":[…],"back":[…]}` once the last message has been answered, one number for each message and answer;
//! 3. `{"connects":[…]}` once more connections were made, just to time them.

use std::{cell::Cell, fmt::Write as _, net::SocketAddr, rc::Rc, time::Duration};

use anyhow::{Context as _, bail, ensure};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::{Instant, sleep, timeout, timeout_at},
};

use crate::{
    message::{self, Message},
    transport::{Connection, Transport},
};

/// What the client does.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Plan {
    /// Where the server is
    #[arg(long)]
    connect: SocketAddr,
    /// Messages to send in all, on whichever connection is ready
    #[arg(long)]
    messages: u32,
    /// Connections that send at the same time, each one message at a time
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    connections: u32,
    /// Connections to make and time in all, those that send included
    #[arg(long, default_value_t = 0)]
    connects: u32,
    /// Milliseconds from one connection's beginning to the next one's
    #[arg(long, default_value_t = 50)]
    connect_every: u64,
}

/// The times of one message and its answer.
#[derive(Debug, Clone, Copy)]
struct Exchange {
    there: Duration,
    back: Duration,
}

/// What all the connections of a client share.
#[derive(Debug)]
struct Shared {
    /// When the first message is sent; `None` as long as connections are being made.
    start: watch::Receiver<Option<Instant>>,
    /// Messages that nobody has begun to send.
    unsent: Cell<u32>,
}

/// Carries out the plan.
pub(crate) async fn run<T: Transport + 'static>(transport: T, plan: Plan) -> anyhow::Result<()> {
    let transport = Rc::new(transport);
    let (starter, start) = watch::channel(None);
    let shared = Rc::new(Shared { start, unsent: Cell::new(plan.messages) });
    let (exchange_tx, mut exchange_rx) = mpsc::unbounded_channel();
    let (connect_tx, mut connect_rx) = mpsc::unbounded_channel();

    let mut tasks = JoinSet::new();
    for index in 0..plan.connections {
        let (transport, plan, shared) = (Rc::clone(&transport), plan.clone(), Rc::clone(&shared));
        let (connect_tx, exchange_tx) = (connect_tx.clone(), exchange_tx.clone());
        tasks.spawn_local(async move {
            sleep(plan.connect_pause(index)).await;
            let connection = connect_at_last(&*transport, plan.connect, connect_tx).await?;
            converse(connection, &shared, INTERVAL * index / plan.connections, exchange_tx).await
        });
    }
    drop((connect_tx, exchange_tx));

    let connects = gather(&mut connect_rx, &mut tasks).await?;
    sleep(SETTLING).await;
    println!("{{\"connects\":{}}}", micros(connects));
    sleep(PAUSE).await;

    starter.send(Some(Instant::now())).context("no connection waits for the start")?;
    let exchanges = gather(&mut exchange_rx, &mut tasks).await?;
    let there = micros(exchanges.iter().map(|exchange| exchange.there));
    let back = micros(exchanges.iter().map(|exchange| exchange.back));
    println!("{{\"there\":{there},\"back\":{back}}}");
    sleep(PAUSE).await;

    let more = plan.connects.saturating_sub(plan.connections);
    println!("{{\"connects\":{}}}", micros(connect_more(&transport, &plan, more).await));
    Ok(())
}

impl Plan {
    /// How long the connection `index` waits before it is made.
    fn connect_pause(&self, index: u32) -> Duration {
        Duration::from_millis(self.connect_every) * index
    }
}

/// Makes a connection within [`CONNECT_LIMIT`] and says how long it took. A failure counts as if it had taken all of
/// that time.
async fn connect<T: Transport>(transport: &T, addr: SocketAddr) -> (Duration, anyhow::Result<T::Connection>) {
    let start = message::now();
    let outcome = timeout(CONNECT_LIMIT, transport.connect(addr)).await.context("it took too long").flatten();
    let took = if outcome.is_ok() { message::now().saturating_sub(start) } else { CONNECT_LIMIT };
    (took, outcome)
}

/// Makes a connection at the first attempt, or at a later one, and reports how long each took.
async fn connect_at_last<T: Transport>(
    transport: &T,
    addr: SocketAddr,
    times: mpsc::UnboundedSender<Duration>,
) -> anyhow::Result<T::Connection> {
    for _ in 1..MAX_ATTEMPTS {
        let (took, outcome) = connect(transport, addr).await;
        times.send(took)?;
        match outcome {
            Ok(connection) => return Ok(connection),
            Err(error) => eprintln!("warning: an attempt to connect failed: {error:#}"),
        }
    }
    let (took, outcome) = connect(transport, addr).await;
    times.send(took)?;
    outcome.with_context(|| format!("{MAX_ATTEMPTS} attempts to connect failed"))
}

/// Makes `count` connections, each of which is given up as soon as it is there.
async fn connect_more<T: Transport + 'static>(transport: &Rc<T>, plan: &Plan, count: u32) -> Vec<Duration> {
    let mut tasks = JoinSet::new();
    for index in 0..count {
        let (transport, addr, pause) = (Rc::clone(transport), plan.connect, plan.connect_pause(index));
        tasks.spawn_local(async move {
            sleep(pause).await;
            connect(&*transport, addr).await.0
        });
    }
    tasks.join_all().await
}

/// Sends messages on one connection, one every [`INTERVAL`] or when the last one has been answered, whichever is
/// later, until there are no more to send. Then only keeps the connection alive: it returns if it breaks.
async fn converse<C: Connection>(
    mut connection: C,
    shared: &Shared,
    phase: Duration,
    exchanges: mpsc::UnboundedSender<Exchange>,
) -> anyhow::Result<()> {
    let mut start = shared.start.clone();
    let start = tokio::select! {
        start = start.wait_for(Option::is_some) => start?.context("the start has a time")?,
        unasked = connection.recv() => bail!("{} bytes came before anything was sent", unasked?.len()),
    };
    idle_until(&mut connection, start + phase).await?;
    for number in 0.. {
        let Some(unsent) = shared.unsent.get().checked_sub(1) else { break };
        shared.unsent.set(unsent);

        let next = Instant::now() + INTERVAL;
        let asked = Message { number, sent_at: message::now(), took: Duration::ZERO };
        connection.send(&asked.encode()).await?;
        let answer = timeout(ANSWER_LIMIT, connection.recv()).await.context("an answer did not come")??;
        let answer = Message::decode(&answer)?;
        ensure!(answer.number == number, "the answer {} came to the message {number}", answer.number);
        exchanges
            .send(Exchange { there: answer.took, back: message::now().saturating_sub(answer.sent_at) })?;
        idle_until(&mut connection, next).await?;
    }
    drop(exchanges);
    let unasked = connection.recv().await?;
    bail!("{} bytes came after everything had been answered", unasked.len())
}

/// Waits. Some transports do their work while somebody waits for a message, so somebody does.
async fn idle_until<C: Connection>(connection: &mut C, deadline: Instant) -> anyhow::Result<()> {
    match timeout_at(deadline, connection.recv()).await {
        Ok(unasked) => bail!("{} bytes came that nothing had asked for", unasked?.len()),
        Err(_elapsed) => Ok(()),
    }
}

/// Receives until all the senders are gone; fails with the first task that does.
async fn gather<T>(
    receiver: &mut mpsc::UnboundedReceiver<T>,
    tasks: &mut JoinSet<anyhow::Result<()>>,
) -> anyhow::Result<Vec<T>> {
    let mut received = Vec::new();
    loop {
        tokio::select! {
            biased;
            Some(ended) = tasks.join_next() => ended.context("a connection's task panicked")??,
            item = receiver.recv() => match item {
                Some(item) => received.push(item),
                None => return Ok(received),
            },
        }
    }
}

/// Times as a JSON array of microseconds.
fn micros(times: impl IntoIterator<Item = Duration>) -> String {
    let mut json = String::from("[");
    for time in times {
        let comma = if json.len() > 1 { "," } else { "" };
        write!(json, "{comma}{}", time.as_micros()).expect("a string takes what is written");
    }
    json + "]"
}

/// From one message of a connection to the next, at least: a stream of moves, played faster than by people.
const INTERVAL: Duration = Duration::from_millis(50);

/// How long an answer may take: what comes later would only mean that the transport has given up.
const ANSWER_LIMIT: Duration = Duration::from_secs(60);

/// How long a connection may take; TCP's third attempt comes after 3 s.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// Attempts to make a connection: enough for any loss that a game can be played with.
const MAX_ATTEMPTS: u32 = 5;

/// How long connections lie idle before anything is counted: what belongs to their making is over by then.
const SETTLING: Duration = Duration::from_millis(500);

/// How long the reader of a line has to read the counters of the link before they move on.
const PAUSE: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_arrays_of_microseconds() {
        assert_eq!(micros([]), "[]");
        assert_eq!(micros([Duration::from_nanos(1_500), Duration::from_millis(2)]), "[1,2000]");
    }
}
