//! What is told of the figures: lines for whoever waits, and a document for everybody else.

use std::{fmt::Write as _, fs, process::Command, time::Duration};

use anyhow::Context as _;

use super::{
    Args, CONNECTIONS, CONNECTS, LOSSES, Measured, ROUND_TRIPS, RUNS, TRANSPORTS, Transport,
    figures::Figures,
    trial::{Network, Trial},
};
use crate::shell;

/// The names of the columns of [`terminal_line`].
pub(super) fn terminal_head() -> String {
    format!(
        "{:>5} {:>5} {:<12} {:>7} {:>7} {:>7} {:>7} {:>8} {:>6} {:>6} {:>7} {:>7}",
        "RTT", "loss", "ms", "p50", "p90", "p99", "max", "packets", "bytes", "broken", "c. p50", "c. p90"
    )
}

/// The figures of one transport over one network, and how long the rest will take.
pub(super) fn terminal_line(trial: &Trial, figures: &Figures, left: Duration) -> String {
    let Network { rtt_millis, loss_percent } = trial.network;
    let [p50, p90, p99, max, packets, bytes, broken, connect_p50, connect_p90] =
        cells(trial.transport, figures);
    format!(
        "{rtt_millis:>5} {loss_percent:>4}% {:<12} {p50:>7} {p90:>7} {p99:>7} {max:>7} {packets:>8} {bytes:>6} \
         {broken:>6} {connect_p50:>7} {connect_p90:>7}   {}:{:02} left",
        trial.transport.name,
        left.as_secs() / 60,
        left.as_secs() % 60,
    )
}

/// The document.
///
/// # Errors
///
/// Says what cannot be learned about this machine.
pub(super) fn markdown(measured: &[Measured], args: &Args) -> anyhow::Result<String> {
    let date = shell::output(Command::new("date").arg("+%F"))?;
    let kernel = shell::output(Command::new("uname").arg("-sr"))?;
    let mut text = format!(
        "# Transports over bad networks\n\n\
         Written by `{args}` on {}, on {}, {}. How it is measured is in [TESTING.md](TESTING.md#transports).\n\n\
         Each row is the medians of {RUNS} runs, with a seed each. A run is {} messages of 32 bytes and as many \
         answers, on {CONNECTIONS} connections with one message outstanding on each, and {CONNECTS} connections that \
         are timed. Loss is independent, each way.\n\n\
         ![The slowest of a hundred messages, by loss, for each transport](transports.svg)\n",
        date.trim(),
        machine()?,
        kernel.trim(),
        args.messages,
    );
    for rtt_millis in ROUND_TRIPS {
        if measured.iter().any(|it| it.network.rtt_millis == rtt_millis) {
            text += &p99_table(measured, rtt_millis);
        }
    }
    for rtt_millis in ROUND_TRIPS {
        if measured.iter().any(|it| it.network.rtt_millis == rtt_millis) {
            text += &whole_table(measured, rtt_millis);
        }
    }
    Ok(text)
}

/// The processor and how many of its cores there are.
fn machine() -> anyhow::Result<String> {
    let processors = fs::read_to_string("/proc/cpuinfo").context("cannot learn the processor's name")?;
    let mut models = processors.lines().filter(|line| line.starts_with("model name"));
    let cores = models.clone().count();
    let model =
        models.next().and_then(|line| line.split_once(": ")).map_or("a processor without a name", |it| it.1);
    Ok(format!("{cores} cores of {model}"))
}

/// One number for each transport and loss.
fn p99_table(measured: &[Measured], rtt_millis: u16) -> String {
    let mut text = format!("\n## p99 in ms, round trip {rtt_millis} ms\n\n| |");
    for loss_percent in LOSSES {
        let _written = write!(text, " {loss_percent} % |");
    }
    let _written = writeln!(text, "\n| --- |{}", " ---: |".repeat(LOSSES.len()));
    for transport in TRANSPORTS {
        let _written = write!(text, "| {} |", transport.name);
        for loss_percent in LOSSES {
            let network = Network { rtt_millis, loss_percent };
            let found = measured.iter().find(|it| (it.network, it.transport) == (network, transport));
            let _written = write!(text, " {} |", found.map_or_else(String::new, |it| millis(it.figures.p99)));
        }
        text.push('\n');
    }
    text
}

/// All numbers for each transport and loss.
fn whole_table(measured: &[Measured], rtt_millis: u16) -> String {
    let mut text = format!(
        "\n## All figures, round trip {rtt_millis} ms\n\n\
         Messages and connections in ms; packets and bytes of IP for each message, both directions counted; \
         connections that broke in a run.\n\n\
         | loss | | p50 | p90 | p99 | max | packets | bytes | broken | connect p50 | connect p90 |\n\
         | ---: | --- |{}\n",
        " ---: |".repeat(9)
    );
    for Measured { network, transport, figures } in measured {
        if network.rtt_millis == rtt_millis {
            let (loss, cells) = (network.loss_percent, cells(*transport, figures).join(" | "));
            let _written = writeln!(text, "| {loss} % | {} | {cells} |", transport.name);
        }
    }
    text
}

/// The figures as they are shown.
fn cells(transport: Transport, figures: &Figures) -> [String; 9] {
    let Figures { p50, p90, p99, max, packets, bytes, broken, connect_p50, connect_p90 } = *figures;
    let connect = |time| if transport.has_handshake { millis(time) } else { String::from("none") };
    let [p50, p90, p99, max] = [p50, p90, p99, max].map(millis);
    let (packets, bytes, broken) = (format!("{packets:.2}"), format!("{bytes:.0}"), format!("{broken:.0}"));
    [p50, p90, p99, max, packets, bytes, broken, connect(connect_p50), connect(connect_p90)]
}

/// Milliseconds, as exact as they are measured.
fn millis(millis: f64) -> String {
    if millis < 10.0 { format!("{millis:.1}") } else { format!("{millis:.0}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transport_without_handshake_has_no_time_to_connect() {
        let figures = Figures { p50: 1.04, p99: 12.4, packets: 1.5, ..Figures::default() };
        let cells_of = |has_handshake| cells(Transport { name: "it", has_handshake }, &figures);
        assert_eq!(cells_of(true), ["1.0", "0.0", "12", "0.0", "1.50", "0", "0", "0.0", "0.0"]);
        assert_eq!(cells_of(false)[7..], ["none", "none"]);
    }

    #[test]
    fn what_was_not_measured_stays_empty() {
        let network = Network { rtt_millis: 2, loss_percent: 5 };
        let figures = Figures { p99: 7.0, ..Figures::default() };
        let [one, other, ..] = TRANSPORTS;
        let table = p99_table(&[Measured { network, transport: one, figures }], 2);
        assert!(table.contains(&format!("\n| {} |  |  | 7.0 |  |  |\n", one.name)), "{table}");
        assert!(table.contains(&format!("\n| {} |  |  |  |  |  |\n", other.name)), "{table}");
    }
}
