//! The links of the sessions. A session may have several, one after another; the newest carries it.

use std::{collections::BTreeMap, sync::Arc};

use net::proto::SessionId;

use super::{crowd::Crowd, input::LinkId, outlet::Outlet};

/// The links of the sessions.
#[derive(Debug)]
pub(super) struct Links {
    /// Knows which links have a session.
    crowd: Arc<Crowd>,
    sessions: BTreeMap<LinkId, SessionId>,
    /// The current link of each session. Older ones are ignored.
    current: BTreeMap<SessionId, (LinkId, Arc<Outlet>)>,
}

impl Links {
    pub(super) const fn new(crowd: Arc<Crowd>) -> Self {
        Self { crowd, sessions: BTreeMap::new(), current: BTreeMap::new() }
    }

    /// Lets a link carry a session, and returns the one that has carried it until now.
    pub(super) fn attach(
        &mut self,
        session: SessionId,
        link: LinkId,
        outlet: Arc<Outlet>,
    ) -> Option<Arc<Outlet>> {
        let old = self.detach(session);
        self.crowd.set_proven(link, true);
        self.sessions.insert(link, session);
        self.current.insert(session, (link, outlet));
        old
    }

    /// Takes its link from a session. Until the link has ended, it is one without a session.
    pub(super) fn detach(&mut self, session: SessionId) -> Option<Arc<Outlet>> {
        let (link, outlet) = self.current.remove(&session)?;
        self.sessions.remove(&link);
        self.crowd.set_proven(link, false);
        Some(outlet)
    }

    /// Takes in that a link has ended, and returns the session that it carried.
    pub(super) fn end(&mut self, link: LinkId) -> Option<SessionId> {
        let session = *self.sessions.get(&link)?;
        self.detach(session).map(|_| session)
    }

    /// The session that a link carries.
    pub(super) fn session(&self, link: LinkId) -> Option<SessionId> {
        self.sessions.get(&link).copied()
    }

    /// The way to a link that carries a session.
    pub(super) fn outlet(&self, link: LinkId) -> Option<&Arc<Outlet>> {
        self.current.get(self.sessions.get(&link)?).map(|(_, outlet)| outlet)
    }

    /// The ways to those of some sessions that have a link.
    pub(super) fn outlets_of<'a>(&'a self, to: &'a [SessionId]) -> impl Iterator<Item = &'a Arc<Outlet>> {
        to.iter().filter_map(|session| self.current.get(session)).map(|(_, outlet)| outlet)
    }

    /// The ways to all sessions that have a link.
    pub(super) fn outlets(&self) -> impl Iterator<Item = &Arc<Outlet>> {
        self.current.values().map(|(_, outlet)| outlet)
    }
}
