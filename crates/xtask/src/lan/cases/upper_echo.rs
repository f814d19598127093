//! The lab's programs, which are examples of `net`, serve and ask programs by others.

use anyhow::ensure;

use super::bad_link;
use crate::lan::desk::PORT;
use crate::lan::lab::Lan;
use crate::lan::network::Machine;
use crate::link::Side;
use net::link::Transport::{self, Udp};

/// Our server, and as many clients as there are ways to it.
pub(super) fn serves(lan: &Lan, transport: Transport) -> anyhow::Result<()> {
    let _server =
        lan.desk(Machine::Host).listens(transport, &lan.example("upper_echo serve --listen :4000"))?;
    let link_local = format!("{}%eth0", lan.network.link_local(Machine::Host)?);
    let ana = lan.desk(Machine::Ana);
    let (code, help) = ana.runs(&lan.example("upper_echo --help"))?;
    ensure!(code == 0 && help.contains("upper_echo serve"), "`--help` does not help");
    for address in ["10.77.0.1", "fd4d:77::1", &link_local] {
        let place = if address.contains(':') { format!("[{address}]") } else { address.into() };
        ana.prints(&lan.example(&format!("upper_echo send {place}:{PORT} --{transport}")), LINES, ANSWERS)?;
        ana.prints(&format!("{} {transport} {address} {PORT}", python("plain_client.py")), LINES, ANSWERS)?;
        // The first one ends itself when its input does, the second one a second later.
        let options = if transport == Udp { "-u -w 1" } else { "-N" };
        ana.prints(&format!("nc {options} {address} {PORT}"), LINES, ANSWERS)?;
    }
    Ok(())
}

/// Our client, and a server in Python.
pub(super) fn asks_python(lan: &Lan, transport: Transport) -> anyhow::Result<()> {
    let server = format!("{} {transport} {PORT}", python("plain_server.py"));
    let _server = lan.desk(Machine::Host).listens(transport, &server)?;
    asks(lan, &["10.77.0.1", "[fd4d:77::1]"], transport)
}

/// Our client, and a server of netcat and sed, which serves one family and ends with its client.
pub(super) fn asks_netcat(lan: &Lan, transport: Transport) -> anyhow::Result<()> {
    let udp = if transport == Udp { "-u" } else { "" };
    for (family, address) in [("-4", "10.77.0.1"), ("-6", "[fd4d:77::1]")] {
        let server =
            format!("mkfifo answers; nc {family} {udp} -l {PORT} <answers | sed -u 's/.*/\\U&/' >answers");
        let _server = lan.desk(Machine::Host).listens(transport, &server)?;
        asks(lan, &[address], transport)?;
    }
    Ok(())
}

/// The host has a second network, and the system's way from it to Ana is by the first.
pub(super) fn second_address(lan: &Lan) -> anyhow::Result<()> {
    let _second = lan.network.add_second_network()?;
    let _server = lan.desk(Machine::Host).listens(Udp, &lan.example("upper_echo serve --listen :4000"))?;
    asks(lan, &["10.79.0.1", "[fd4d:79::1]"], Udp)
}

/// Each question that is lost, or whose answer is, is asked again.
pub(super) fn with_loss(lan: &Lan, transport: Transport) -> anyhow::Result<()> {
    let link = bad_link::start(20, 1)?;
    let [host, ana] = [(Side::A, Machine::Host), (Side::B, Machine::Ana)]
        .map(|(side, machine)| bad_link::desk(&link, side, machine));
    let _server = host.listens(transport, &lan.example("upper_echo serve --listen :4000"))?;
    let client = lan.example(&format!("upper_echo send {}:{PORT} --{transport}", link.ipv4(Side::A)));
    ana.prints(&client, LINES, ANSWERS)?;
    println!("{}", link.counts());
    Ok(())
}

fn asks(lan: &Lan, hosts: &[&str], transport: Transport) -> anyhow::Result<()> {
    hosts.iter().try_for_each(|host| {
        let client = lan.example(&format!("upper_echo send {host}:{PORT} --{transport}"));
        lan.desk(Machine::Ana).prints(&client, LINES, ANSWERS)
    })
}

/// The command of a program beside ours.
fn python(file: &str) -> String {
    format!("python3 {}/../net/examples/upper_echo/{file}", env!("CARGO_MANIFEST_DIR"))
}

/// The input of every client.
const LINES: &str = "hello\none two\nthe end\n";

/// The output of every client.
const ANSWERS: &str = "HELLO\nONE TWO\nTHE END\n";
