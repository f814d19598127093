//! `oxo-server`: the match host as a program without a screen.

mod args;
mod matches;
#[cfg(unix)]
mod service;
#[cfg(not(unix))]
#[path = "no_service.rs"]
mod service;
mod settings;
#[cfg(unix)]
mod signals;
#[cfg(windows)]
#[path = "console.rs"]
mod signals;

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    io::{self, Write as _},
    net::{IpAddr, SocketAddr},
    panic,
    path::PathBuf,
    process::ExitCode,
};

use anyhow::Context as _;
use clap::{CommandFactory, Parser, error::ErrorKind};
use net::{
    addr::ListenAddr,
    bind::{BindError, Bound, bind_all},
    interfaces::friend_addresses,
};
use server::{
    logging::{LogQueue, outlive_size_limit},
    shell::{Admin, Config, Keeping, Sockets},
    store::{Folder, Sqlite, StoreError, back_up},
};
use tokio::net::TcpListener;
use tracing::{error, info, level_filters::LevelFilter, warn};

use crate::{
    args::{Args, Errand, LogFormat, usual_folder},
    settings::{OutOfRange, Settings},
    signals::Signals,
};

/// Sockets that are served before the system is asked for more. So the moves that are read are still in the processor's
/// caches when they are handled. Measured with 2,000 matches at once, on a busy machine: 23 us of processor time a move, 25
/// with 64, 26 with 256.
const EVENTS_PER_TICK: usize = 16;

/// Exit code after a second signal, which does not wait for the orderly end.
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let args = Args::parse();
    if let Some(text) = args.printed() {
        // Without standard output there is no place to report its loss.
        let _closed = io::stdout().lock().write_all(text.as_bytes());
        return ExitCode::SUCCESS;
    }
    let stderr = match LogQueue::start(io::stderr()) {
        Ok(stderr) => stderr,
        // Nobody can be told.
        Err(_no_thread) => return ExitCode::FAILURE,
    };
    start_logging(&args, &stderr);
    match serve(&args, &stderr) {
        Ok(code) => code,
        Err(error) => {
            if let Some(out_of_range) = error.downcast_ref::<OutOfRange>() {
                // Refused like any flag that clap cannot read, with exit code 2.
                Args::command().error(ErrorKind::ValueValidation, out_of_range).exit();
            }
            let of_store = || error.downcast_ref::<StoreError>()?.hint().map(str::to_owned);
            let hint = error.downcast_ref::<BindError>().and_then(BindError::hint).or_else(of_store);
            stderr.push(&complaint(&error, hint.as_deref()));
            ExitCode::FAILURE
        }
    }
}

fn serve(args: &Args, stderr: &LogQueue) -> anyhow::Result<ExitCode> {
    let settings = args.settings()?;
    match &args.errand {
        // A text has been printed before.
        None | Some(Errand::Printed(_)) => {}
        Some(Errand::Matches(matches)) => {
            matches.print(&data_dir(&settings)?)?;
            return Ok(ExitCode::SUCCESS);
        }
        Some(Errand::Backup { file }) => {
            back_up(&data_dir(&settings)?, file)?;
            return Ok(ExitCode::SUCCESS);
        }
    }
    let mut config = settings.to_config();
    let keeping = open_store(&settings, &mut config)?;
    // One thread: see `server::shell::run`.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_io_events_per_tick(EVENTS_PER_TICK)
        .build()?;
    runtime.block_on(async {
        outlive_size_limit()?;
        let mut sockets = open_sockets(&settings.listen, config.is_web_open)?;
        if let Some(addr) = settings.admin {
            sockets.admin = Some(Admin { listener: bind_admin(addr).await?, log: stderr.writer() });
        }
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let interrupted = tokio::spawn(watch_signals(stop)?);
        let shutdown = async {
            let _stopped_or_dropped = stopped.await;
            service::tell_stopping();
        };
        service::tell_ready(&status(&sockets)?);
        tokio::spawn(service::feed_watchdog());
        let summary = tokio::select! {
            summary = server::shell::run(sockets, config, keeping, shutdown) => summary,
            _second_signal = interrupted => return Ok(ExitCode::from(INTERRUPTED)),
        };
        info!(%summary, "stopped");
        Ok(ExitCode::SUCCESS)
    })
}

/// Opens the store, and tells where it is.
fn open_store(settings: &Settings, config: &mut Config) -> anyhow::Result<Option<Keeping>> {
    if !settings.store {
        info!("games are not kept: a stop of the server ends them");
        return Ok(None);
    }
    let folder = data_dir(settings)?;
    let keeping = Keeping::load(Sqlite::open(Folder::lock(&folder)?)?, config)?;
    info!(folder = %folder.display(), rooms = keeping.room_count(), "games are kept");
    Ok(Some(keeping))
}

fn data_dir(settings: &Settings) -> anyhow::Result<PathBuf> {
    let folder = settings.data_dir.clone().or_else(usual_folder);
    folder
        .context("there is no folder to keep games in: name one by `--data-dir`, or start with `--no-store`")
}

/// Takes the sockets that the service manager passes, or else opens those of `listen`. Each is printed.
fn open_sockets(listen: &[ListenAddr], is_web_open: bool) -> anyhow::Result<Sockets> {
    if let Some((tcp, udp)) = service::passed_sockets()? {
        let sockets = Sockets { tcp, udp, admin: None };
        let (tcp, udp) = sockets.addresses()?;
        announce(&tcp, &udp, is_web_open)?;
        info!("the service manager has opened these sockets, whatever the settings say");
        return Ok(sockets);
    }
    let mut sockets = Sockets::default();
    for Bound { tcp, udp, local, is_v4_only } in bind_all(listen)? {
        announce(&[local], &[local], is_web_open)?;
        if is_v4_only {
            warn!(%local, "this machine has no IPv6, listening on IPv4 alone");
        }
        sockets.tcp.push(tcp);
        sockets.udp.push(udp);
    }
    Ok(sockets)
}

/// The words for `systemctl status`.
fn status(sockets: &Sockets) -> io::Result<String> {
    let (tcp, udp) = sockets.addresses()?;
    let locals: Vec<String> = distinct(&tcp, &udp).iter().map(ToString::to_string).collect();
    Ok(format!("Listening on {}", locals.join(", ")))
}

/// Prints the addresses of listeners, and those that a browser opens, before the server accepts.
fn announce(tcp: &[SocketAddr], udp: &[SocketAddr], is_web_open: bool) -> io::Result<()> {
    // In one write: a script that waits for the first line may not wait for the second.
    let mut lines = String::new();
    for (transport, locals) in [("tcp", tcp), ("udp", udp)] {
        for local in locals {
            let _written = writeln!(lines, "listening {transport} {local}");
        }
    }
    let pages: Vec<String> =
        if is_web_open { tcp.iter().flat_map(|local| pages(*local)).collect() } else { Vec::new() };
    for page in &pages {
        let _written = writeln!(lines, "{page}");
    }
    // As a log, so that the server starts even where nobody reads them.
    LogQueue::start(io::stdout())?.push(&lines);
    for local in distinct(tcp, udp) {
        info!(%local, "listening");
    }
    if is_web_open {
        info!(?pages, "browsers are served");
    }
    Ok(())
}

/// The addresses of both transports, each once.
fn distinct(tcp: &[SocketAddr], udp: &[SocketAddr]) -> BTreeSet<SocketAddr> {
    tcp.iter().chain(udp).copied().collect()
}

/// Binds the listener for those who watch over the server, and prints where it is.
async fn bind_admin(addr: SocketAddr) -> anyhow::Result<TcpListener> {
    let listener =
        TcpListener::bind(addr).await.with_context(|| format!("cannot serve metrics on {addr}"))?;
    let local = listener.local_addr()?;
    LogQueue::start(io::stdout())?.push(&format!("metrics http://{local}/metrics\n"));
    info!(%local, "metrics are served");
    if !local.ip().to_canonical().is_loopback() {
        warn!(%local, "other machines may read the metrics: nothing protects them but a firewall");
    }
    Ok(listener)
}

/// The URLs of the page on a listener, those that others can open first; one for this machine where there are none.
fn pages(local: SocketAddr) -> Vec<String> {
    let url = |ip: IpAddr| format!("http://{}/", SocketAddr::new(ip, local.port()));
    if !local.ip().is_unspecified() {
        return vec![url(local.ip())];
    }
    let friends = friend_addresses().unwrap_or_default().into_iter().map(|address| address.ip);
    // A URL has no place for the interface that a link-local address needs.
    let is_typed = |ip: &IpAddr| match ip {
        IpAddr::V4(_) => true,
        IpAddr::V6(ip) => local.is_ipv6() && !ip.is_unicast_link_local(),
    };
    let urls: Vec<String> = friends.filter(is_typed).map(url).collect();
    if urls.is_empty() { vec![format!("http://localhost:{}/", local.port())] } else { urls }
}

/// Requests an orderly stop at the first signal, and completes at the second.
fn watch_signals(stop: tokio::sync::oneshot::Sender<()>) -> io::Result<impl Future<Output = ()>> {
    let mut signals = Signals::open()?;
    Ok(async move {
        signals.next().await;
        let _server_is_gone = stop.send(());
        signals.next().await;
    })
}

fn start_logging(args: &Args, stderr: &LogQueue) {
    let level = match args.verbose {
        0 => LevelFilter::INFO,
        1 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let subscriber =
        tracing_subscriber::fmt().with_writer(stderr.writer()).with_max_level(level).with_target(false);
    match args.log_format {
        LogFormat::Text => subscriber.with_ansi(false).init(),
        LogFormat::Json => subscriber.json().init(),
    }
    // The default hook writes to standard error, and waits for it.
    panic::set_hook(Box::new(|panic| error!(panic = panic.to_string(), "a task failed")));
}

/// One sentence, the causes, and a hint if there is one.
fn complaint(error: &anyhow::Error, hint: Option<&str>) -> String {
    let mut text = format!("oxo-server: {error}\n");
    for cause in error.chain().skip(1) {
        let _written = writeln!(text, "  because: {cause}");
    }
    if let Some(hint) = hint {
        let _written = writeln!(text, "hint: {hint}");
    }
    text
}
