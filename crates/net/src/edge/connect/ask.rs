//! A question about the rooms of a server, without a session.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use super::{
    candidate::{Attempt, Candidate},
    race::{RaceConfig, race},
};
use crate::{
    edge::{link::Link, tcp, udp},
    failure::Failure,
    proto::{Answer, ClientMessage, Question, ServerMessage, codec},
    transport::Transport,
};

/// Asks a server at all its addresses, over UDP and a little later over TCP, until one answers. Returns that candidate, the
/// round trip and the answer.
///
/// Over UDP the server keeps nothing for it. Over TCP a connection is opened, and closed behind the answer.
///
/// # Errors
///
/// One [`Attempt`] for each candidate, when none answered.
pub async fn ask(
    addresses: &[SocketAddr],
    question: Question,
) -> Result<(Candidate, Duration, Answer), Vec<Attempt>> {
    let config = RaceConfig { timeout: ASK_TIMEOUT, attempt_delay: ATTEMPT_DELAY, ..RaceConfig::default() };
    let over = |transport| addresses.iter().map(move |&addr| Candidate { addr, transport });
    let candidates: Vec<Candidate> = over(Transport::Udp).chain(over(Transport::Tcp)).collect();
    let (candidate, (rtt, answer)) =
        race(&candidates, config, |candidate| ask_one(candidate, question)).await?;
    Ok((candidate, rtt, answer))
}

async fn ask_one(
    Candidate { addr, transport }: Candidate,
    question: Question,
) -> Result<(Duration, Answer), Failure> {
    let message = codec::encode(&ClientMessage::Ask(question));
    let (rtt, answer) = match transport {
        Transport::Udp => udp::ask(addr, &message).await?,
        Transport::Tcp => {
            let begun = Instant::now();
            let stream = tcp::connect(addr).await?;
            let rtt = begun.elapsed();
            let mut link = Link::from(tcp::open(stream).await?);
            link.send(&message).map_err(|_full| Failure::Closed)?;
            let answer = link.recv().await.ok().flatten().ok_or(Failure::Closed)?;
            (rtt, answer)
        }
    };
    match codec::decode(&answer) {
        Ok(ServerMessage::Answer(answer)) => Ok((rtt, answer)),
        Ok(_) | Err(_) => Err(Failure::NotOxo),
    }
}

/// Time for a question: every server on the LAN answers long before, and the reader of a list does not wait.
pub const ASK_TIMEOUT: Duration = Duration::from_millis(1500);

/// Time between two addresses. Most addresses of a machine with many interfaces do not lead to it from here, and a question
/// is cheap, so the last of sixteen is asked after 0.3 s.
const ATTEMPT_DELAY: Duration = Duration::from_millis(20);

#[cfg(test)]
mod tests {
    use std::{net::Ipv4Addr, sync::Arc};

    use tokio::{
        net::{TcpListener, UdpSocket},
        sync::mpsc,
    };

    use super::*;
    use crate::arq;

    const QUESTION: Question = Question::Rooms { first: 0 };

    fn answer() -> Answer {
        Answer { server: "den".parse().unwrap(), people: 3, first: 0, total: 0, rooms: Vec::new() }
    }

    fn encoded() -> codec::Encoded {
        codec::encode(&ServerMessage::Answer(answer()))
    }

    #[tokio::test]
    async fn a_server_over_udp_is_asked_without_a_link() {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let addr = socket.local_addr().unwrap();
        let (asked, mut questions) = mpsc::channel(1);
        let listener =
            udp::Listener::answering(socket, arq::Config::default(), asked, Arc::default()).unwrap();
        let serve = async {
            let asked = questions.recv().await.unwrap();
            let question = codec::decode::<ClientMessage>(&asked.message).unwrap();
            assert!(matches!(question, ClientMessage::Ask(QUESTION)), "{question:?}");
            asked.answer(&encoded());
        };
        let addresses = [addr];
        let (outcome, ()) = tokio::join!(ask(&addresses, QUESTION), serve);
        let (candidate, rtt, heard) = outcome.unwrap();
        assert_eq!((candidate, heard), (Candidate { addr, transport: Transport::Udp }, answer()));
        assert!(rtt < ASK_TIMEOUT);
        let counts = listener.ended().await;
        let endpoint = counts.endpoint;
        assert_eq!((endpoint.retries, endpoint.asked, endpoint.accepted), (1, 1, 0), "{counts:?}");
    }

    #[tokio::test]
    async fn the_last_of_sixteen_addresses_answers_before_the_first_is_given_up() {
        let mute = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let addr = socket.local_addr().unwrap();
        let (asked, mut questions) = mpsc::channel(1);
        let _listener =
            udp::Listener::answering(socket, arq::Config::default(), asked, Arc::default()).unwrap();
        let serve = async {
            questions.recv().await.unwrap().answer(&encoded());
        };
        let mut addresses = vec![mute.local_addr().unwrap(); 15];
        addresses.push(addr);
        let (outcome, ()) = tokio::join!(ask(&addresses, QUESTION), serve);
        assert_eq!(outcome.unwrap().0.addr, addr);
    }

    #[tokio::test]
    async fn a_server_that_only_tcp_reaches_is_asked_over_a_link() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let addr = listener.local_addr().unwrap();
        // Its port is taken for UDP, too, by somebody who says nothing.
        let _mute = UdpSocket::bind(addr).await.unwrap();
        let serve = async {
            let (stream, _) = listener.accept().await.unwrap();
            let mut link = Link::from(tcp::open(stream).await.unwrap());
            link.recv().await.unwrap().unwrap();
            link.send(&encoded()).unwrap();
            link.close().await;
        };
        let addresses = [addr];
        let (outcome, ()) = tokio::join!(ask(&addresses, QUESTION), serve);
        let (candidate, _, heard) = outcome.unwrap();
        assert_eq!((candidate, heard), (Candidate { addr, transport: Transport::Tcp }, answer()));
    }

    #[tokio::test]
    async fn a_closed_port_is_no_server() {
        let taken = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let addr = taken.local_addr().unwrap();
        let attempts = ask(&[addr], QUESTION).await.unwrap_err();
        assert!(attempts.iter().any(|attempt| attempt.failure == Failure::Refused), "{attempts:?}");
    }
}
