//! The surroundings that the tasks of all links share.

use std::sync::Arc;

use net::proto::CloseReason;
use tokio::sync::mpsc;

use super::{config::Config, crowd::Crowd, ended::Ended, input::Input, origins::Origins};
use crate::lobby::Epoch;

/// The surroundings of every link's task.
pub(super) struct Shared {
    pub(super) config: Config,
    /// The beginning of the time that clients are told.
    pub(super) epoch: Epoch,
    pub(super) origins: Origins,
    /// The queue of the host task.
    pub(super) inputs: mpsc::Sender<Input>,
    pub(super) crowd: Arc<Crowd>,
}

impl Shared {
    /// Hands an input to the host task; if that has stopped, the link ends.
    pub(super) async fn tell_host(&self, input: Input) -> Result<(), Ended> {
        // A place first, then the input: `send` would keep room for several inputs in each link's task.
        let place = self.inputs.reserve().await;
        place.map_err(|_gone| Ended::ByServer(CloseReason::ShuttingDown))?.send(input);
        Ok(())
    }
}
