//! The service manager that started the program, such as systemd: the sockets that it passes, and what it is told.
//!
//! Without one, nothing is passed and nobody is told.

use std::time::Duration;

use anyhow::Context as _;
use listenfd::ListenFd;
use sd_notify::NotifyState;
use tokio::{
    net::{TcpListener, UdpSocket},
    time,
};
use tracing::warn;

/// The sockets of a service that is started by its first packet (`sd_listen_fds(3)`); `None` if none are passed.
///
/// # Errors
///
/// One of them is neither for TCP nor for UDP.
pub(crate) fn passed_sockets() -> anyhow::Result<Option<(Vec<TcpListener>, Vec<UdpSocket>)>> {
    let mut passed = ListenFd::from_env();
    let (mut tcp, mut udp) = (Vec::new(), Vec::new());
    for index in 0..passed.len() {
        if let Ok(Some(listener)) = passed.take_tcp_listener(index) {
            listener.set_nonblocking(true)?;
            tcp.push(TcpListener::from_std(listener)?);
            continue;
        }
        let socket = passed.take_udp_socket(index);
        let socket = socket.with_context(|| {
            format!("socket {index} of the service manager is neither for TCP nor for UDP")
        })?;
        if let Some(socket) = socket {
            socket.set_nonblocking(true)?;
            udp.push(UdpSocket::from_std(socket)?);
        }
    }
    Ok((passed.len() > 0).then_some((tcp, udp)))
}

/// Tells that the sockets are open. `status` is what `systemctl status` shows.
pub(crate) fn tell_ready(status: &str) {
    let _told = tell(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// Tells that the server ends.
pub(crate) fn tell_stopping() {
    let _told = tell(&[NotifyState::Stopping, NotifyState::Status("Telling every player")]);
}

/// Tells again and again that the thread of the server is not stuck, if the service manager asks for that.
pub(crate) async fn feed_watchdog() {
    let Some(limit) = sd_notify::watchdog_enabled() else { return };
    // Twice in that time, as sd_watchdog_enabled(3) recommends.
    let mut ticks = time::interval((limit / 2).max(SHORTEST_PAUSE));
    while tell(&[NotifyState::Watchdog]) {
        ticks.tick().await;
    }
}

/// Returns false if the service manager cannot be told; it is not told again then.
fn tell(states: &[NotifyState<'_>]) -> bool {
    let told = sd_notify::notify(states);
    if let Err(error) = &told {
        warn!(%error, "the service manager cannot be told");
    }
    told.is_ok()
}

/// A watchdog that waits for less is told a little late, which it must bear: a server has more to do.
const SHORTEST_PAUSE: Duration = Duration::from_millis(100);
