//! The report on the figures: a document.

use std::{fmt::Write as _, fs, process::Command};

use anyhow::Context as _;

use super::figures::{NAMES, millis};
use super::trial::{CONNECTIONS, CONNECTS, LOSSES, Measured, Network, ROUND_TRIPS, TRANSPORTS};
use crate::shell;

/// Writes the document about what `command` measured in so many runs of so many messages.
///
/// # Errors
///
/// Fails when this machine does not describe itself.
pub(super) fn markdown(
    measured: &[Measured],
    command: &str,
    runs: u8,
    messages: u32,
) -> anyhow::Result<String> {
    let date = shell::output(Command::new("date").arg("+%F"))?;
    let kernel = shell::output(Command::new("uname").arg("-sr"))?;
    let mut text = format!(
        "# Transports over bad networks\n\n\
         Written by `{command}` on {}, on {}, {}. How it is measured is in [TESTING.md](TESTING.md#transports).\n\n\
         Each row holds the medians of {runs} runs, each with a seed of its own. A run is {messages} messages of 32 bytes and \
         as many answers, on {CONNECTIONS} connections with one message outstanding on each, and {CONNECTS} timed \
         connections. Loss is independent, each way.\n\n\
         ![The slowest of a hundred messages, by loss, for each transport](transports.svg)\n",
        date.trim(),
        machine()?,
        kernel.trim(),
    );
    let round_trips = ROUND_TRIPS.map(|it| (it, measured.iter().any(|of| of.network.rtt_millis == it)));
    let tables = [p99_table, whole_table].into_iter().flat_map(|table| round_trips.map(|it| (table, it)));
    for (table, (rtt_millis, _)) in tables.filter(|(_, (_, is_measured))| *is_measured) {
        text += &table(measured, rtt_millis);
    }
    Ok(text)
}

/// The processor and the number of its cores.
pub(crate) fn machine() -> anyhow::Result<String> {
    let processors = fs::read_to_string("/proc/cpuinfo").context("cannot learn the processor's name")?;
    let mut models = processors.lines().filter(|line| line.starts_with("model name"));
    let cores = models.clone().count();
    let model =
        models.next().and_then(|line| line.split_once(": ")).map_or("a processor without a name", |it| it.1);
    Ok(format!("{cores} cores of {model}"))
}

/// One number for each transport and loss.
fn p99_table(measured: &[Measured], rtt_millis: u16) -> String {
    let losses = LOSSES.map(|loss| format!(" {loss} % |")).concat();
    let rule = " ---: |".repeat(LOSSES.len());
    let mut text = format!("\n## p99 in ms, round trip {rtt_millis} ms\n\n| |{losses}\n| --- |{rule}\n");
    for transport in TRANSPORTS {
        let cells = LOSSES.map(|loss_percent| {
            let network = Network { rtt_millis, loss_percent };
            let found = measured.iter().find(|it| (it.network, it.transport) == (network, transport));
            format!(" {} |", found.map_or_else(String::new, |it| millis(it.figures.p99())))
        });
        let _written = writeln!(text, "| {} |{}", transport.name, cells.concat());
    }
    text
}

/// All numbers for each transport and loss.
fn whole_table(measured: &[Measured], rtt_millis: u16) -> String {
    let mut text = format!(
        "\n## All figures, round trip {rtt_millis} ms\n\n\
         Messages and connections in ms; packets and bytes of IP for each message, in both directions; connections that \
         broke in a run.\n\n\
         | loss | | {} |\n| ---: | --- |{}\n",
        NAMES.join(" | "),
        " ---: |".repeat(NAMES.len())
    );
    for Measured { network, transport, figures } in measured {
        if network.rtt_millis == rtt_millis {
            let (loss, cells) = (network.loss_percent, figures.cells(transport.has_handshake).join(" | "));
            let _written = writeln!(text, "| {loss} % | {} | {cells} |", transport.name);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::bench_link::figures::Figures;

    #[test]
    fn cells_without_a_measurement_stay_empty() {
        let network = Network { rtt_millis: 2, loss_percent: 5 };
        let figures = Figures([0.0, 0.0, 7.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
        let [one, other, ..] = TRANSPORTS;
        let table = p99_table(&[Measured { network, transport: one, figures }], 2);
        assert!(table.contains(&format!("\n| {} |  |  | 7.0 |  |  |\n", one.name)), "{table}");
        assert!(table.contains(&format!("\n| {} |  |  |  |  |  |\n", other.name)), "{table}");
    }
}
