//! The tasks beside the loop: a game at this machine, a connection, our own server, a search, a check, and their goodbyes.

use std::{future::pending, net::SocketAddr, time::Duration};

use futures_util::future::OptionFuture;
use game_core::Bot;
use net::{
    addr::HostPort,
    bind::BindError,
    connect::TransportChoice,
    link::Transport,
    proto::{Command, Name, RoomCode, Token},
};
use server::store::StoreError;
use tokio::{sync::watch, task::JoinSet, time::timeout};

use crate::{
    bot_player, cmd::SavedSeat, config::Config, connection::Connection, doctor, failure::Failure,
    lan_search::LanSearch, local::LocalGame, msg::Msg, own_server::OwnServer, xray::Lens,
};

/// The transport within the process: nothing is lost there that would have to be sent again.
pub(super) const WITHIN: TransportChoice = TransportChoice::Only(Transport::Tcp);

/// The longest time for which goodbyes hold up the end of the program.
const HANG_UP_TIMEOUT: Duration = Duration::from_secs(3);

/// The tasks beside the loop.
#[derive(Debug, Default)]
pub(super) struct Tasks {
    /// The game at this machine.
    pub(super) local: Option<Box<LocalGame>>,
    /// The connection to a server. Both go on at once while a room waits.
    online: Option<Connection>,
    own_server: Option<OwnServer>,
    /// The search of the network, while a screen needs it.
    search: Option<LanSearch>,
    /// The check of the network under way, if there is one.
    checkups: JoinSet<String>,
    /// Connections, servers and searches that are saying their goodbyes.
    closing: JoinSet<()>,
    /// True if a server has to start once they are said, since the old one may still hold the port.
    is_to_serve: bool,
    /// The seat whose room is to be served then.
    pub(super) waiting: Option<SavedSeat>,
    /// Connections begun and ended so far, to tell messages of an earlier one from those of the present one.
    pub(super) connections: u64,
    /// The look at the connection, at this one and those that follow.
    pub(super) lens: watch::Sender<Lens>,
    /// The bot in a room on our own server.
    bot: JoinSet<()>,
}

impl Tasks {
    /// Waits for messages; `None` once our own server, which had to wait, can start. Pends for ever while nothing runs.
    ///
    /// Cancel-safe.
    pub(super) async fn next(&mut self) -> Option<Vec<Msg>> {
        tokio::select! {
            biased;
            Some(messages) = OptionFuture::from(self.online.as_mut().map(Connection::next)) => {
                Some(messages.into_iter().map(Msg::Net).collect())
            }
            Some(_) = self.closing.join_next(), if self.is_to_serve => None,
            Some(games) = OptionFuture::from(self.search.as_mut().map(LanSearch::next)) => {
                Some(vec![Msg::Lan(games)])
            }
            // A panic in a check has been reported by the hook.
            Some(Ok(report)) = self.checkups.join_next() => Some(vec![Msg::Checked(report)]),
            Some(place) = OptionFuture::from(self.own_server.as_mut().map(OwnServer::place_changed)) => {
                Some(vec![Msg::Serving(place)])
            }
            else => pending().await,
        }
    }

    /// The address of our own server, if it runs.
    pub(super) fn own_server(&self) -> Option<HostPort> {
        self.own_server.as_ref().map(|server| server.local.clone())
    }

    /// Lets the bot join a room on our own server, in the place of an earlier one.
    pub(super) fn seat_bot(&mut self, code: RoomCode, bot: Bot) {
        self.bot = JoinSet::new();
        if let Some(server) = self.own_server() {
            self.bot.spawn(bot_player::join(server, WITHIN, code, bot));
        }
    }

    /// Starts our own server and connects to it, or does so later if the last one has not ended. Returns the outcome.
    pub(super) fn serve(
        &mut self,
        (config, is_kept): (&Config, bool),
        transport: TransportChoice,
        me: Name,
        seat: Option<SavedSeat>,
    ) -> Option<Msg> {
        while self.closing.try_join_next().is_some() {}
        self.is_to_serve = !self.closing.is_empty();
        if self.is_to_serve {
            self.waiting = seat;
            return None;
        }
        Some(match OwnServer::start(config, is_kept, me, seat.as_ref()) {
            Ok(server) => {
                let resume = seat.map(|seat| seat.token);
                self.connect((server.local.clone(), Vec::new()), transport, (me, resume));
                let place = server.told.clone();
                self.own_server = Some(server);
                Msg::Serving(place)
            }
            Err(error) => {
                let causes = error.chain().skip(1).map(ToString::to_string).collect();
                let of_store = || error.downcast_ref::<StoreError>()?.hint().map(str::to_owned);
                let hint = error.downcast_ref::<BindError>().and_then(BindError::hint).or_else(of_store);
                Msg::Failed(Failure { sentence: format!("Cannot host: {error}"), causes, hint })
            }
        })
    }

    /// Connects to a server, which may have more addresses than its target. An earlier connection is dropped.
    pub(super) fn connect(
        &mut self,
        server: (HostPort, Vec<SocketAddr>),
        transport: TransportChoice,
        me: (Name, Option<Token>),
    ) {
        self.connections += 1;
        self.online = Some(Connection::dial(server, transport, me, self.lens.subscribe()));
    }

    /// Sends a command to the server.
    pub(super) fn send(&self, command: Command) {
        if let Some(connection) = &self.online {
            connection.send(command);
        }
    }

    /// Begins to search the network anew.
    pub(super) fn search(&mut self) {
        self.end_search();
        self.search = Some(LanSearch::start());
    }

    /// Asks each server that is found for the room with this code.
    pub(super) fn seek(&self, code: RoomCode) {
        if let Some(search) = &self.search {
            search.seek(code);
        }
    }

    /// Ends the search. Its sockets close in the background.
    pub(super) fn end_search(&mut self) {
        if let Some(search) = self.search.take() {
            self.closing.spawn(search.stop());
        }
    }

    /// Checks this machine's network. An earlier check ends with its set.
    pub(super) fn check_network(&mut self) {
        self.checkups = JoinSet::new();
        self.checkups.spawn(doctor::check_network());
    }

    /// Ends the connection, and the server if it is our own. The goodbyes go out in the background.
    pub(super) fn hang_up(&mut self) {
        self.is_to_serve = false;
        self.connections += 1;
        let online = self.online.take();
        let server = self.own_server.take();
        self.closing.spawn(async move {
            if let Some(connection) = online {
                connection.hang_up().await;
            }
            if let Some(server) = server {
                // Not before: a stop would overtake a `Leave` that is still on its way.
                server.stop().await;
            }
        });
        // Reap those that have ended.
        while self.closing.try_join_next().is_some() {}
    }

    /// Ends everything, and waits until the goodbyes are out.
    pub(super) async fn end(mut self) {
        self.hang_up();
        self.end_search();
        let all = async { while self.closing.join_next().await.is_some() {} };
        let _too_slow = timeout(HANG_UP_TIMEOUT, all).await;
    }
}
