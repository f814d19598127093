//! The look at a connection's link while somebody wants to see it, and the conditions that are set for it.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a shell: it reads the clock")]

use std::{future::pending, time::Duration};

use futures_util::future::OptionFuture;
use net::{link::Link, xray::LinkPicture};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};
use tracing::debug;

use crate::xray::{Lens, Sight};

/// The interval of looks at the link: ten a second look alive, and no eye takes in more.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Looks at the link of a connection as its lens says. However often that changes, the newest counts.
#[derive(Debug)]
pub(crate) struct Observer {
    lens: watch::Receiver<Lens>,
    /// The lens as the link knows it.
    held: Lens,
    /// The next look; `None` while nobody looks, and then nothing wakes the task for it.
    next_at: Option<Instant>,
    /// The sight that was told last.
    told: Sight,
}

impl Observer {
    /// Begins as the lens says.
    pub(crate) fn new(mut lens: watch::Receiver<Lens>) -> Self {
        lens.mark_changed();
        Self { lens, held: Lens::default(), next_at: None, told: Sight::Unseen }
    }

    /// Waits until the next look is due.
    ///
    /// Cancel-safe.
    pub(crate) async fn wait(&mut self) {
        tokio::select! {
            Ok(()) = self.lens.changed() => {}
            Some(()) = OptionFuture::from(self.next_at.map(sleep_until)) => {}
            else => pending().await,
        }
    }

    /// Looks at the link. Returns its sight, if somebody looks and it is another one than before.
    pub(crate) fn look(&mut self, link: &Link) -> Option<Sight> {
        let lens = self.lens.borrow_and_update().clone();
        if let Some((config, seed)) = &lens.conditions
            && lens.conditions != self.held.conditions
        {
            link.set_conditions(Some(config.clone()), *seed);
        }
        if lens.is_open != self.held.is_open {
            link.observe(lens.is_open);
            self.told = Sight::Unseen;
        }
        self.next_at = lens.is_open.then(|| Instant::now() + LOOK_EVERY);
        self.held = lens;
        if !self.held.is_open {
            return None;
        }
        let mut sight = link.picture().map_or(Sight::Unknown, Sight::Seen);
        if let Sight::Seen(LinkPicture::Udp(picture)) = &mut sight {
            // That time passes is no news.
            picture.age = Duration::ZERO;
        }
        if self.told == sight {
            return None;
        }
        debug!(counts = ?link.session_counts(), "the link has changed");
        self.told.clone_from(&sight);
        Some(sight)
    }
}
