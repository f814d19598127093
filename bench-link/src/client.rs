//! The client: connects, sends messages, waits for their answers, and times everything.
//!
//! It prints three lines of JSON, all times in microseconds, and pauses after each, so that the counters
//! of the link can be read at the right moments:
//!
//! 1. `{"connects":[…]}` once its connections are made and have been idle for a while;
//! 2. `{"there":[…],"back":[…],"broken":[…]}` once the last message has been answered: a number for each message, one
//!    for its answer, or one for both if its connection broke meanwhile;
//! 3. `{"connects":[…]}` once more connections were made, just to time them.

use std::{cell::Cell, future::pending, net::SocketAddr, pin::pin, rc::Rc, time::Duration};

use anyhow::{Context as _, anyhow, ensure};
use tokio::{
    sync::{mpsc, watch},
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout},
};

use crate::{
    message::{self, Message},
    transport::{Connection, Transport},
};

/// The work of the client.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Plan {
    /// Address of the server
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
}

/// The times of one message and its answer.
#[derive(Debug, Clone, Copy)]
struct Exchange {
    there: Duration,
    back: Duration,
}

/// The part that all connections of a client share.
#[derive(Debug)]
struct Shared<T> {
    transport: T,
    plan: Plan,
    /// The instant of the first message; `None` while connections are being made.
    start: watch::Receiver<Option<Instant>>,
    /// Messages that are still to be sent.
    unsent: Cell<u32>,
}

/// Carries out the plan.
pub(crate) async fn run<T: Transport + 'static>(transport: T, plan: Plan) -> anyhow::Result<()> {
    let (starter, start) = watch::channel(None);
    let unsent = Cell::new(plan.messages);
    let shared = Rc::new(Shared { transport, plan, start, unsent });
    let (connect_tx, mut connect_rx) = mpsc::channel(QUEUE);
    let (exchange_tx, mut exchange_rx) = mpsc::channel(QUEUE);

    let Plan { connections, connects, .. } = shared.plan;
    let mut tasks = JoinSet::new();
    for index in 0..connections {
        let (shared, connect_tx, exchange_tx) = (Rc::clone(&shared), connect_tx.clone(), exchange_tx.clone());
        tasks.spawn_local(async move {
            sleep(CONNECT_EVERY * index).await;
            let (times, connection) = shared.connect_at_last().await?;
            connect_tx.send(times).await?;
            drop(connect_tx);
            shared.converse(connection, INTERVAL * index / connections, exchange_tx).await
        });
    }
    drop((connect_tx, exchange_tx));

    let times = gather(&mut connect_rx, &mut tasks).await?;
    sleep(SETTLING).await;
    println!("{{\"connects\":{}}}", micros(times.into_iter().flatten()));
    sleep(PAUSE).await;

    starter.send(Some(Instant::now())).context("no connection waits for the start")?;
    let exchanges = gather(&mut exchange_rx, &mut tasks).await?;
    let answered = exchanges.iter().flatten();
    let there = micros(answered.clone().map(|exchange| exchange.there));
    let back = micros(answered.map(|exchange| exchange.back));
    let broken = micros(exchanges.into_iter().filter_map(Result::err));
    println!("{{\"there\":{there},\"back\":{back},\"broken\":{broken}}}");
    sleep(PAUSE).await;

    let more = shared.connect_more(connects.saturating_sub(connections)).await;
    println!("{{\"connects\":{}}}", micros(more));
    Ok(())
}

impl<T: Transport + 'static> Shared<T> {
    /// Makes a connection within [`CONNECT_LIMIT`] and returns its time. A failure counts as all of that time.
    async fn connect(&self) -> (Duration, anyhow::Result<T::Connection>) {
        let start = message::now();
        let connecting = self.transport.connect(self.plan.connect);
        let outcome = timeout(CONNECT_LIMIT, connecting).await.context("it took too long").flatten();
        let took = if outcome.is_ok() { message::now().saturating_sub(start) } else { CONNECT_LIMIT };
        (took, outcome)
    }

    /// Makes a connection, at the first attempt or at a later one, and returns the time of each.
    async fn connect_at_last(&self) -> anyhow::Result<(Vec<Duration>, T::Connection)> {
        let mut times = Vec::new();
        loop {
            let (took, outcome) = self.connect().await;
            times.push(took);
            match outcome {
                Ok(connection) => return Ok((times, connection)),
                Err(error) if times.len() == MAX_ATTEMPTS => return Err(error.context("cannot connect")),
                Err(_) => {}
            }
        }
    }

    /// Makes `count` connections, drops each as soon as it is there, and returns the time of each.
    async fn connect_more(self: &Rc<Self>, count: u32) -> Vec<Duration> {
        let mut tasks = JoinSet::new();
        for index in 0..count {
            let shared = Rc::clone(self);
            tasks.spawn_local(async move {
                sleep(CONNECT_EVERY * index).await;
                shared.connect().await.0
            });
        }
        tasks.join_all().await
    }

    /// Sends messages on one connection, one every [`INTERVAL`] or when the last one has been answered, whichever is
    /// later, until there are no more to send. Then it only keeps the connection alive.
    ///
    /// A broken connection is made anew. Its message is not sent again, but counts with the time until then.
    async fn converse(
        &self,
        mut connection: T::Connection,
        phase: Duration,
        exchanges: mpsc::Sender<Result<Exchange, Duration>>,
    ) -> anyhow::Result<()> {
        let mut start = self.start.clone();
        let start = self.keep_until(&mut connection, start.wait_for(Option::is_some)).await?;
        let start = start?.context("the start has a time")?;
        self.keep_until(&mut connection, sleep_until(start + phase)).await?;
        for number in 0.. {
            let Some(unsent) = self.unsent.get().checked_sub(1) else { break };
            self.unsent.set(unsent);

            let sent_at = Instant::now();
            match exchange(&mut connection, number).await {
                Ok(exchange) => exchanges.send(Ok(exchange)).await?,
                Err(error) => {
                    exchanges.send(Err(sent_at.elapsed())).await?;
                    self.replace(&mut connection, &error).await?;
                }
            }
            self.keep_until(&mut connection, sleep_until(sent_at + INTERVAL)).await?;
        }
        drop(exchanges);
        self.keep_until(&mut connection, pending()).await
    }

    /// Waits until `end`, and receives meanwhile, since some transports do their work only then. Nothing should come.
    async fn keep_until<F: Future>(
        &self,
        connection: &mut T::Connection,
        end: F,
    ) -> anyhow::Result<F::Output> {
        let mut end = pin!(end);
        loop {
            let unasked = tokio::select! {
                output = &mut end => return Ok(output),
                unasked = connection.recv() => unasked,
            };
            let error =
                unasked.map_or_else(|error| error, |_| anyhow!("a message came that nothing had asked for"));
            self.replace(connection, &error).await?;
        }
    }

    /// Makes a broken connection anew.
    async fn replace(&self, connection: &mut T::Connection, error: &anyhow::Error) -> anyhow::Result<()> {
        eprintln!("warning: a connection broke: {error:#}");
        (_, *connection) = self.connect_at_last().await?;
        Ok(())
    }
}

/// Sends a message and waits for its answer.
async fn exchange<C: Connection>(connection: &mut C, number: u64) -> anyhow::Result<Exchange> {
    let asked = Message { number, sent_at: message::now(), took: Duration::ZERO };
    connection.send(&asked.encode()).await?;
    let answer = timeout(ANSWER_LIMIT, connection.recv()).await??;
    let now = message::now();
    let answer = Message::decode(&answer)?;
    ensure!(answer.number == number, "the answer {} came to the message {number}", answer.number);
    Ok(Exchange { there: answer.took, back: now.saturating_sub(answer.sent_at) })
}

/// Receives until all senders are gone; fails with the first failed task.
async fn gather<T>(
    receiver: &mut mpsc::Receiver<T>,
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

/// Writes times as a JSON array of microseconds.
fn micros(times: impl IntoIterator<Item = Duration>) -> String {
    format!("{:?}", times.into_iter().map(|time| time.as_micros()).collect::<Vec<_>>())
}

/// Results in the queue before a connection has to wait: a few for each.
const QUEUE: usize = 64;

/// The time from one connection's beginning to the next one's.
const CONNECT_EVERY: Duration = Duration::from_millis(50);

/// The least time between messages of a connection: moves, faster than people play.
const INTERVAL: Duration = Duration::from_millis(50);

/// The limit for an answer: a later one would only mean that the transport has given up.
const ANSWER_LIMIT: Duration = Duration::from_mins(1);

/// The limit for a connection; TCP's third attempt comes after 3 s.
const CONNECT_LIMIT: Duration = Duration::from_secs(5);

/// Attempts to make a connection: enough for any loss that a game can be played with.
const MAX_ATTEMPTS: usize = 5;

/// The idle time of connections before anything is counted: their handshakes are over by then.
const SETTLING: Duration = Duration::from_millis(500);

/// The time to read the counters of the link after a line, before they move on.
const PAUSE: Duration = Duration::from_millis(100);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_arrays_of_microseconds() {
        assert_eq!(micros([]), "[]");
        assert_eq!(micros([Duration::from_nanos(1_500), Duration::from_millis(2)]), "[1, 2000]");
    }
}
