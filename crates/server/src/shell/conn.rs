//! One connection: from its first bytes to its end.

use std::{net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use arrayvec::ArrayVec;
use bytes::Bytes;
use net::{
    heartbeat::{Beat, Heartbeat},
    link::Link,
    proto::{ClientMessage, CloseReason, Hello, Question, ServerMessage, codec},
    tcp::{self, Accepted},
    token_bucket::TokenBucket,
};
use tokio::{
    net::TcpStream,
    time::{Instant, sleep_until, timeout_at},
};

use super::{
    ended::{Ended, Report},
    input::{Input, LinkId, ReadFrom},
    messages::Messages,
    outlet::Orders,
    shared::Shared,
    text,
    web::{self, Visitor},
};

/// The smallest change of a round trip that the lobby is told. A smaller one does not matter to clocks that show tenths of a
/// second, and so the round trips of a LAN wake nobody.
const RTT_CHANGE: Duration = Duration::from_millis(1);

/// The smallest change as a fraction of the round trip: an eighth.
const RTT_CHANGE_PART: u32 = 8;

/// A connection at its beginning.
#[derive(Debug)]
pub(super) enum Opening {
    Stream {
        stream: TcpStream,
        /// Only a player who returns is let in.
        is_for_return: bool,
    },
    Link(Link),
}

/// Serves one connection, which has a place in the crowd, until it ends.
pub(super) async fn serve(opening: Opening, (id, peer): (LinkId, SocketAddr), shared: Arc<Shared>) -> Report {
    let place = shared.crowd.place(id);
    let deadline = Instant::now() + shared.config.hello_timeout;
    let is_for_return = matches!(opening, Opening::Stream { is_for_return: true, .. });
    let opened = match opening {
        Opening::Link(link) => Ok(link),
        Opening::Stream { stream, .. } => {
            match tcp::accept(stream, deadline, shared.config.is_web_open, &shared.tcp).await {
                Ok(Accepted::Link(link)) => Ok(Link::from(link)),
                // Boxed, so that the tasks of other links keep no room for it.
                Ok(Accepted::Lines(lines)) => {
                    let refusal = match place.begin_text() {
                        _any if is_for_return => Some(CloseReason::ServerFull),
                        false => Some(CloseReason::AddressFull),
                        true => None,
                    };
                    Err(Box::pin(text::serve(lines, id, &shared, (deadline, refusal))).await)
                }
                Ok(Accepted::Http { stream, peer, opening }) => {
                    let visitor = Visitor { peer, is_for_return };
                    Err(Box::pin(browse((stream, opening), visitor, id, &shared)).await)
                }
                Err(stranger) => Err(Ended::Stranger(stranger)),
            }
        }
    };
    let ended = match opened {
        Err(ended) => ended,
        Ok(mut link) => {
            let ended = converse(&mut link, id, &shared, (deadline, is_for_return)).await;
            if let Ended::ByServer(reason) = ended {
                let _full = link.send(&codec::encode(&ServerMessage::Close(reason)));
            }
            if ended != Ended::Broken {
                link.close().await;
            }
            ended
        }
    };
    Report { peer, ended }
}

/// Answers the requests of a browser, and carries messages if one of them opens a link.
async fn browse(opened: (TcpStream, Bytes), visitor: Visitor, id: LinkId, shared: &Arc<Shared>) -> Ended {
    let is_for_return = visitor.is_for_return;
    let Some(mut link) = web::visit(opened, visitor, shared).await else { return Ended::Browsed };
    let deadline = Instant::now() + shared.config.hello_timeout;
    let ended = converse(&mut link, id, shared, (deadline, is_for_return)).await;
    link.close(ended).await;
    ended
}

/// Reads the hello, introduces the link to the host task, and carries messages until one side ends it.
async fn converse(
    link: &mut impl Messages,
    id: LinkId,
    shared: &Shared,
    (deadline, is_for_return): (Instant, bool),
) -> Ended {
    // Boxed, so that the task keeps no room for it afterwards.
    let hello = match timeout_at(deadline, Box::pin(hear_hello(link, shared))).await {
        Err(_elapsed) => return Ended::ByServer(CloseReason::HelloTimeout),
        Ok(Err(ended)) => return ended,
        Ok(Ok(hello)) if is_for_return && hello.resume.is_none() => {
            return Ended::ByServer(CloseReason::ServerFull);
        }
        Ok(Ok(hello)) => Box::new(hello),
    };
    let place = match shared.place().await {
        Ok(place) => place,
        Err(ended) => return ended,
    };
    let (outlet, orders) = link.outlet();
    place.send(Input::Opened { link: id, hello, origin: shared.origins.of(link.peer()), outlet });
    let now = Instant::now().into_std();
    let mut conn = Conn {
        id,
        shared,
        heartbeat: Heartbeat::pinging(now),
        told_rtt: ToldRtt(None),
        bucket: TokenBucket::new(now, shared.config.messages_per_second, shared.config.message_burst),
        inputs: ArrayVec::new(),
    };
    let ended = conn.run(link, &orders).await;
    // A host task that is gone has forgotten the link already.
    if let Ok(place) = shared.place().await {
        place.send(Input::Gone { link: id, reason: ended.disconnect_reason() });
    }
    ended
}

async fn hear_hello(link: &mut impl Messages, shared: &Shared) -> Result<Hello, Ended> {
    let first = loop {
        if let Some(message) = link.recv().await? {
            break message;
        }
    };
    match first {
        ClientMessage::Hello(hello) => Ok(hello),
        ClientMessage::Ask(question) => Err(answer(link, shared, question).await),
        ClientMessage::Close(reason) => Err(Ended::ByClient(reason)),
        ClientMessage::Command(_) | ClientMessage::Pong { .. } => {
            Err(Ended::ByServer(CloseReason::OutOfTurn))
        }
    }
}

/// Answers a question that came in place of a hello.
async fn answer(link: &mut impl Messages, shared: &Shared, question: Question) -> Ended {
    match shared.ask_host(link.peer(), question).await {
        Err(ended) => return ended,
        Ok(None) => {}
        Ok(Some(answer)) => {
            let _full = link.send(&ServerMessage::Answer(answer));
        }
    }
    Ended::Answered
}

/// A link that has been introduced to the host task.
struct Conn<'a> {
    id: LinkId,
    shared: &'a Shared,
    heartbeat: Heartbeat,
    told_rtt: ToldRtt,
    /// Limits the peer's messages.
    bucket: TokenBucket,
    /// The inputs for the host task that follow from one event: news of a silence, and a message.
    inputs: ArrayVec<Input, 2>,
}

impl Conn<'_> {
    async fn run(&mut self, link: &mut impl Messages, orders: &Orders) -> Ended {
        // Set again only when it fires or the pace changes: most messages move the true deadline a little further away.
        let mut beat = pin!(sleep_until(Instant::from_std(self.heartbeat.poll_timeout())));
        loop {
            let result = tokio::select! {
                received = link.recv() => self.hear(received),
                () = orders.changed() => {
                    self.heartbeat.set_pace(Instant::now().into_std(), orders.pace());
                    link.set_pace(orders.pace());
                    beat.as_mut().reset(Instant::from_std(self.heartbeat.poll_timeout()));
                    orders.close_reason().map_or(Ok(()), |reason| Err(Ended::ByServer(reason)))
                }
                () = &mut beat => {
                    let result = self.beat(link);
                    beat.as_mut().reset(Instant::from_std(self.heartbeat.poll_timeout()));
                    result
                }
            };
            while !self.inputs.is_empty() {
                match self.shared.place().await {
                    Ok(place) => place.send(self.inputs.remove(0)),
                    Err(ended) => return ended,
                }
            }
            if let Err(ended) = result {
                return ended;
            }
        }
    }

    /// Handles what was received.
    fn hear(&mut self, received: Result<Option<ClientMessage>, Ended>) -> Result<(), Ended> {
        let message = received?;
        let now = Instant::now().into_std();
        if !self.bucket.take(now) {
            return Err(Ended::ByServer(CloseReason::Flood));
        }
        if self.heartbeat.handle_message(now) {
            self.inputs.push(Input::Silence { link: self.id, since: None });
        }
        let news = match message {
            None => None,
            Some(ClientMessage::Command(command)) => {
                Some(Input::Command { from: ReadFrom::new(self.id, self.shared.epoch, now), command })
            }
            Some(ClientMessage::Pong { nonce }) => {
                self.heartbeat.handle_pong(now, nonce);
                let news = self.heartbeat.rtt().filter(|rtt| self.told_rtt.is_news(*rtt));
                news.map(|rtt| Input::Rtt { link: self.id, rtt })
            }
            Some(ClientMessage::Close(reason)) => return Err(Ended::ByClient(reason)),
            Some(ClientMessage::Hello(_) | ClientMessage::Ask(_)) => {
                return Err(Ended::ByServer(CloseReason::OutOfTurn));
            }
        };
        self.inputs.extend(news);
        Ok(())
    }

    fn beat(&mut self, link: &mut impl Messages) -> Result<(), Ended> {
        let now = Instant::now().into_std();
        while let Some(beat) = self.heartbeat.handle_timeout(now) {
            match beat {
                Beat::Ping { nonce } => {
                    let rtt_micros = self.heartbeat.rtt().and_then(|rtt| rtt.as_micros().try_into().ok());
                    link.send(&ServerMessage::Ping { nonce, rtt_micros, at: self.shared.epoch.time(now) })?;
                }
                Beat::Silent { since } => {
                    self.inputs.push(Input::Silence { link: self.id, since: Some(since) });
                }
                Beat::Lost => return Err(Ended::ByServer(CloseReason::Silent)),
            }
        }
        Ok(())
    }
}

/// The round trip that the lobby was told last. The first is always news, since it shows that the link carries both ways.
#[derive(Debug)]
struct ToldRtt(Option<Duration>);

impl ToldRtt {
    /// Returns `true` if a round trip has changed enough to tell the lobby; then it counts as told.
    fn is_news(&mut self, rtt: Duration) -> bool {
        let is_news = self.0.is_none_or(|told| {
            let change = rtt.abs_diff(told);
            change >= RTT_CHANGE && change > told / RTT_CHANGE_PART
        });
        if is_news {
            self.0 = Some(rtt);
        }
        is_news
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_trip_is_news_when_it_has_changed_by_an_eighth_and_a_millisecond() {
        let mut told = ToldRtt(None);
        for (micros, is_news) in [
            (800, true),
            (1_700, false),
            (1_800, true),
            (2_800, true),
            (40_000, true),
            (45_000, false),
            (45_001, true),
            (40_000, false),
            (300, true),
            (900, false),
        ] {
            assert_eq!(told.is_news(Duration::from_micros(micros)), is_news, "{micros}");
        }
    }
}
