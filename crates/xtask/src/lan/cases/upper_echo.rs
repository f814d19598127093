//! The lab's programs, which are examples of `net`, serve and ask programs by others.

use anyhow::ensure;

use super::bad_link;
use crate::lan::desk::{Desk, PORT};
use crate::lan::network::Lan;
use net::link::Transport::{self, Udp};

/// Our server, and as many clients as there are ways to it.
pub(super) fn serves(lan: &Lan) -> anyhow::Result<()> {
    let (ana, transport) = (&lan.ana, lan.by);
    let _server = lan.host.listens(transport, SERVE)?;
    let link_local = format!("{}%eth0", lan.host.link_local()?);
    let (code, help, _) = ana.runs("upper_echo --help")?;
    ensure!(code == 0 && help.contains("upper_echo serve"), "`--help` does not help");
    for address in ["10.77.0.1", "fd4d:77::1", &link_local] {
        let place = if address.contains(':') { format!("[{address}]") } else { address.into() };
        asks(ana, &place, transport)?;
        ana.prints(&format!("{} {transport} {address} {PORT}", python("plain_client.py")), LINES, ANSWERS)?;
        // The first one ends itself when its input does, the second one a second later.
        let options = if transport == Udp { "-u -w 1" } else { "-N" };
        ana.prints(&format!("nc {options} {address} {PORT}"), LINES, ANSWERS)?;
    }
    Ok(())
}

/// Our client, and a server in Python.
pub(super) fn asks_python(lan: &Lan) -> anyhow::Result<()> {
    let _server = lan.host.listens(lan.by, &format!("{} {} {PORT}", python("plain_server.py"), lan.by))?;
    asks(&lan.ana, "10.77.0.1", lan.by)?;
    asks(&lan.ana, "[fd4d:77::1]", lan.by)
}

/// Our client, and a server of netcat and sed, which serves one family and ends with its client.
pub(super) fn asks_netcat(lan: &Lan) -> anyhow::Result<()> {
    let udp = if lan.by == Udp { "-u" } else { "" };
    for (family, address) in [("-4", "10.77.0.1"), ("-6", "[fd4d:77::1]")] {
        let server =
            format!("mkfifo answers; nc {family} {udp} -l {PORT} <answers | sed -u 's/.*/\\U&/' >answers");
        let _server = lan.host.listens(lan.by, &server)?;
        asks(&lan.ana, address, lan.by)?;
    }
    Ok(())
}

/// The host has a second network, and the system's way from it to Ana is by the first.
pub(super) fn second_address(lan: &Lan) -> anyhow::Result<()> {
    let _second = lan.add_second_network()?;
    let _server = lan.host.listens(Udp, SERVE)?;
    asks(&lan.ana, "10.79.0.1", Udp)?;
    asks(&lan.ana, "[fd4d:79::1]", Udp)
}

/// Each question that is lost, or whose answer is, is asked again.
pub(super) fn with_loss(lan: &Lan) -> anyhow::Result<()> {
    let link = bad_link::start(20, 1)?;
    let [host, ana, _] = bad_link::desks(&link);
    let _server = host.listens(lan.by, SERVE)?;
    asks(&ana, &link.a.ipv4().to_string(), lan.by)?;
    println!("{}", link.counts());
    Ok(())
}

fn asks(desk: &Desk, host: &str, transport: Transport) -> anyhow::Result<()> {
    desk.prints(&format!("upper_echo send {host}:{PORT} --{transport}"), LINES, ANSWERS)
}

/// The command of a program beside ours.
fn python(file: &str) -> String {
    format!("python3 {}/../net/examples/upper_echo/{file}", env!("CARGO_MANIFEST_DIR"))
}

/// The command of our server.
const SERVE: &str = "exec upper_echo serve --listen :4000";

/// The input of every client.
const LINES: &str = "hello\none two\nthe end\n";

/// The output of every client.
const ANSWERS: &str = "HELLO\nONE TWO\nTHE END\n";
