//! The surroundings that the tasks of all links share.

use std::{net::SocketAddr, sync::Arc};

use net::{
    proto::{Answer, CloseReason, Question},
    traffic::Traffic,
    udp::Asked,
};
use tokio::sync::{
    mpsc::{self, Permit},
    oneshot,
};

use super::{
    config::Config, crowd::Crowd, ended::Ended, input::Input, origins::Origins, tally::Reporter, web::Answers,
};
use crate::lobby::Epoch;

/// The surroundings of every link's task.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) config: Config,
    /// The beginning of the time that clients are told.
    pub(super) epoch: Epoch,
    pub(super) origins: Origins,
    /// The queue of the host task.
    pub(super) inputs: mpsc::Sender<Input>,
    /// The queue of the questions over UDP.
    pub(super) asked: mpsc::Sender<Asked>,
    pub(super) crowd: Arc<Crowd>,
    /// The bytes of links and lines over TCP.
    pub(super) tcp: Arc<Traffic>,
    /// The bytes of all datagrams.
    pub(super) udp: Arc<Traffic>,
    /// The bytes of browsers.
    pub(super) web: Arc<Traffic>,
    /// The answers to browsers.
    pub(super) answers: Answers,
    /// The ends of links.
    pub(super) reporter: Reporter,
}

impl Shared {
    /// Hands an input to the host task; if that has stopped, the link ends.
    pub(super) async fn tell_host(&self, input: Input) -> Result<(), Ended> {
        self.place().await?.send(input);
        Ok(())
    }

    /// Waits for a place in the queue of the host task. A link's task that makes its input only then keeps no room for it.
    pub(super) async fn place(&self) -> Result<Permit<'_, Input>, Ended> {
        self.inputs.reserve().await.map_err(|_gone| Ended::ByServer(CloseReason::ShuttingDown))
    }

    /// Asks the host task a question of somebody at this address. Some questions get no answer.
    pub(super) async fn ask_host(
        &self,
        peer: SocketAddr,
        question: Question,
    ) -> Result<Option<Answer>, Ended> {
        let (reply, answer) = oneshot::channel();
        self.tell_host(Input::Asked { question, origin: self.origins.of(peer), reply }).await?;
        Ok(answer.await.ok())
    }
}
