//! The surroundings that the tasks of all links share.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::{config::Config, crowd::Crowd, input::Input, origins::Origins};
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
