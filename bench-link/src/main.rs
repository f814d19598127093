//! `bench-link`: a server and a client that exchange messages over one of several transports, and time them.
//!
//! The link between them is none of its concern; `cargo xtask bench-link` starts the two in two
//! network namespaces with a bad link in between. By hand, in two terminals:
//!
//! ```text
//! bench-link server quinn --listen 127.0.0.1:7000
//! bench-link client quinn --connect 127.0.0.1:7000 --messages 2000 --connections 10 --connects 50
//! ```
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "its figures are its output")]

mod client;
mod message;
mod server;
mod transport;

use std::{net::SocketAddr, process::ExitCode};

use clap::{Parser, Subcommand};
use tokio::{runtime, task::LocalSet};

use crate::transport::{
    Transport,
    enet::Enet,
    kcp::Kcp,
    oxo::{OxoTcp, OxoUdp},
    quinn::Quinn,
    tcp::Tcp,
};

/// Exchanges messages over one transport, and times them
#[derive(Debug, Parser)]
struct Cli {
    #[command(subcommand)]
    role: Role,
}

/// The end that this process is.
#[derive(Debug, Subcommand)]
enum Role {
    /// Answers each message at once, until its input ends; prints `listening` when it can be reached
    Server {
        /// Transport of the messages
        transport: Name,
        /// Address to listen on
        #[arg(long)]
        listen: SocketAddr,
    },
    /// Sends messages, waits for their answers, and prints its measurements as lines of JSON
    Client {
        /// Transport of the messages
        transport: Name,
        #[command(flatten)]
        plan: client::Plan,
    },
}

/// A transport on the command line.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Name {
    /// Ours over UDP
    OxoUdp,
    /// Ours over TCP
    OxoTcp,
    /// TCP as it comes, with `TCP_NODELAY`
    Tcp,
    /// QUIC as it comes
    Quinn,
    /// QUIC, set up for few and small messages
    QuinnTuned,
    /// `ENet`, reliable packets
    Enet,
    /// KCP in its fastest mode
    Kcp,
}

fn main() -> ExitCode {
    let cli = Cli::parse();
    match cli.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

impl Cli {
    fn run(self) -> anyhow::Result<()> {
        let (Role::Server { transport, .. } | Role::Client { transport, .. }) = &self.role;
        match transport {
            Name::OxoUdp => self.run_over(OxoUdp),
            Name::OxoTcp => self.run_over(OxoTcp),
            Name::Tcp => self.run_over(Tcp),
            Name::Quinn => self.run_over(Quinn::AsItComes),
            Name::QuinnTuned => self.run_over(Quinn::Tuned),
            Name::Enet => self.run_over(Enet),
            Name::Kcp => self.run_over(Kcp),
        }
    }

    /// Runs on one thread: neither end of a game has more for one player.
    fn run_over<T: Transport + 'static>(self, transport: T) -> anyhow::Result<()> {
        let runtime = runtime::Builder::new_current_thread().enable_all().build()?;
        LocalSet::new().block_on(&runtime, async {
            match self.role {
                Role::Server { listen, .. } => server::run(&transport, listen).await,
                Role::Client { plan, .. } => client::run(transport, plan).await,
            }
        })
    }
}
