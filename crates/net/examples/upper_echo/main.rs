//! The lab's pair of programs: a server that gives everything back in upper case, and a client that sends it lines.
//!
//! ```text
//! upper_echo serve [--listen ADDR]
//! upper_echo send HOST[:PORT] [--udp | --tcp] < lines
//! ```
//!
//! One port serves TCP and UDP, IPv4 and IPv6, and many clients. There is no protocol: over TCP bytes are answered as they
//! come, over UDP each datagram is. So any plain socket program can be the other end. `docs/LAB.md` walks through it.

#![allow(clippy::disallowed_methods, clippy::disallowed_types, reason = "a program of its own")]
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "it is a program for a terminal")]

mod client;
mod line;
mod server;
mod upper;

use std::env;
use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

use net::addr::ListenAddr;
use net::bind::{Bound, bind};
use net::connect::{ConnectError, TransportChoice};
use net::interfaces::friend_addresses;
use net::link::Transport;
use tokio::io::{BufReader, stdin};
use tokio::runtime::Builder;

/// The commands.
const USAGE: &str = "`upper_echo serve [--listen ADDR]` or `upper_echo send HOST[:PORT] [--udp | --tcp]`";

/// The answer to `--help`.
const HELP: &str = "\
Gives back in upper case what comes over TCP or UDP, and asks for it

Usage:
  upper_echo serve [--listen ADDR]                  serves both transports on one port, [::]:1952 unless told otherwise
  upper_echo send HOST[:PORT] [--udp | --tcp]       sends the lines of standard input, and prints the answers

Examples:
  upper_echo serve --listen :4000
  printf 'hello\\n' | upper_echo send localhost:4000 --udp
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let runtime = Builder::new_current_thread().enable_all().build();
    let outcome = runtime.map_err(Box::from).and_then(|runtime| {
        let outcome = runtime.block_on(run(&arguments));
        // A read from a terminal cannot be cancelled, and the runtime would wait for it.
        runtime.shutdown_background();
        outcome
    });
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("upper_echo: {error}");
            for cause in causes(&*error) {
                eprintln!("  {cause}");
            }
            ExitCode::FAILURE
        }
    }
}

/// The causes of an error, one line each.
fn causes(error: &(dyn Error + 'static)) -> Vec<String> {
    match error.downcast_ref::<ConnectError>() {
        Some(error) => error.causes(),
        None => {
            std::iter::successors(error.source(), |&error| error.source()).map(ToString::to_string).collect()
        }
    }
}

async fn run(arguments: &[&str]) -> Result<(), Box<dyn Error>> {
    match arguments {
        _ if arguments.iter().any(|argument| ["help", "--help", "-h"].contains(argument)) => {
            print!("{HELP}");
            Ok(())
        }
        ["serve"] => serve(&ListenAddr::default()).await,
        ["serve", "--listen", addr] => serve(&addr.parse()?).await,
        ["send", host] => send(host, TransportChoice::Auto).await,
        ["send", host, "--udp"] => send(host, TransportChoice::Only(Transport::Udp)).await,
        ["send", host, "--tcp"] => send(host, TransportChoice::Only(Transport::Tcp)).await,
        _ => Err(format!("unknown command; type {USAGE}").into()),
    }
}

async fn serve(addr: &ListenAddr) -> Result<(), Box<dyn Error>> {
    let Bound { tcp, udp, local, .. } = bind(addr)?;
    println!("listening tcp {local}\nlistening udp {local}");
    if local.ip().is_unspecified() {
        friend_addresses()?.iter().for_each(|own| println!("reached at {}", own.with_port(local.port())));
    }
    match server::serve(tcp, udp).await? {}
}

async fn send(host: &str, choice: TransportChoice) -> Result<(), Box<dyn Error>> {
    let (target, lines) = (host.parse()?, BufReader::new(stdin()));
    let print = |answer: &[u8]| writeln!(io::stdout(), "{}", printable(answer));
    let report = client::send(&target, choice, lines, print).await?;
    eprintln!("{report}");
    Ok(())
}

/// An answer without control characters, which could do anything to a terminal.
fn printable(answer: &[u8]) -> String {
    let text = String::from_utf8_lossy(answer.trim_ascii_end());
    text.chars().map(|c| if c.is_control() && c != '\t' { char::REPLACEMENT_CHARACTER } else { c }).collect()
}
