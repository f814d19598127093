//! Games are found without an address, by everybody on the link, and by the field's own tools.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use crate::lan::desk::{Running, script};
use crate::lan::firewall::drop_multicast;
use crate::lan::lab::Lan;
use crate::lan::matches::play_to_the_end;
use crate::lan::network::Machine;
use crate::lan::player::{Player, SOON};

/// Three machines, two games: each lists both. Twenty-one lists, three at a time.
pub(super) fn within_a_second(lan: &Lan) -> anyhow::Result<()> {
    let (host, first) = lan.hosts(Machine::Host, &["--clock", "30s", "--best-of", "3"])?;
    let (ana, second) = lan.hosts(Machine::Ana, &["--board", "5x5:4", "--passcode", "fern"])?;
    let mut latest = Vec::new();
    for _round in 0..7 {
        let lists = MACHINES.map(|machine| lan.desk(machine).starts(&lan.oxo("list --json")));
        for (machine, list) in MACHINES.into_iter().zip(lists) {
            let (code, printed, said) = list?.ends()?;
            ensure!(code == 0 && said.is_empty(), "`oxo list` of {machine} ended with {code}: {said}");
            let found =
                |code: &str| found_after(&printed, code).with_context(|| format!("no {code} in {printed}"));
            latest.push(found(&first)?.max(found(&second)?));
        }
    }
    latest.sort_unstable();
    let (median, last) = (latest[latest.len() / 2], latest[latest.len() - 1]);
    println!(
        "  lan   : both games were found after {median} ms (median of {}), {last} ms at the latest",
        latest.len()
    );
    ensure!(median < 1_000, "the median of 21 lists is {median} ms");
    let (_, table, _) = lan.desk(Machine::Ben).starts(&lan.oxo("list"))?.ends()?;
    table.lines().for_each(|line| println!("  {:<5} : {line}", Machine::Ben));
    host.leaves()?;
    ana.leaves()
}

/// The code is typed as one hears it.
pub(super) fn by_code_alone(lan: &Lan) -> anyhow::Result<()> {
    let (host, code) = lan.hosts(Machine::Host, &[])?;
    let typed = code.to_lowercase().replace('-', "");
    let guest = lan.sits_down(&typed)?;
    play_to_the_end([host, guest], 0)?;
    fails(
        lan,
        "join nacho-99",
        &[
            "oxo: No game NACHO-99 answered in 3 s on eth0 10.77.0.0/24",
            "hint: the host's screen shows an address",
        ],
    )
}

/// A server in python has the second game, since a code is drawn at random, and avahi publishes it.
pub(super) fn same_code(lan: &Lan) -> anyhow::Result<()> {
    let (host, code) = lan.hosts(Machine::Host, &[])?;
    let _other = papa_serves(lan, Machine::Ben, &code)?;
    let first = format!("of host: oxo join {code}@");
    let second = format!("of papa: oxo join {code}@");
    fails(
        lan,
        &format!("join {code}"),
        &[&format!("oxo: 2 games on this network have the code {code}"), &first, &second],
    )?;
    host.leaves()
}

/// Watchers learn of an end at once by a goodbye, and after a kill because nobody answers for the game any more.
pub(super) fn leaves_and_dies(lan: &Lan) -> anyhow::Result<()> {
    let watch = lan.desk(Machine::Ben).starts(&lan.example("lan_games"))?;
    let (host, _) = lan.hosts(Machine::Host, &[])?;
    let (ana, _) = lan.hosts(Machine::Ana, &[])?;
    // In either order.
    let mut missing = vec!["= host ", "= ana "];
    watch.printed.such("two servers", SOON, |line| {
        missing.retain(|server| !line.starts_with(server));
        missing.is_empty()
    })?;

    let start = Instant::now();
    host.leaves()?;
    watch.printed.begins("- host", SOON)?;
    let time = start.elapsed();
    println!(
        "  {:<5} : host is gone {:.2} s after the first key of its goodbye",
        Machine::Ben,
        time.as_secs_f64()
    );
    ensure!(time < GOODBYE_LIMIT, "a goodbye took {time:?}");

    let start = Instant::now();
    ana.kill()?;
    let (_, list, said) = lan.desk(Machine::Host).starts(&lan.oxo("list"))?.ends()?;
    ensure!(
        list.is_empty() && said.contains("No game answered"),
        "who asks anew finds a dead game:\n{list}{said}"
    );
    watch.printed.begins("- ana", RECORD_LIFE)?;
    let time = start.elapsed();
    println!("  {:<5} : ana is gone {:.1} s after it was killed", Machine::Ben, time.as_secs_f64());
    Ok(())
}

/// Ben is on both networks of the host, Ana on one of them: each sees one server, and the addresses that lead there.
pub(super) fn two_networks(lan: &Lan) -> anyhow::Result<()> {
    let _second = lan.network.add_second_network()?;
    let watch = |machine| lan.desk(machine).starts(&lan.example("lan_games"));
    let (ben, ana) = (watch(Machine::Ben)?, watch(Machine::Ana)?);
    let (host, _) = lan.hosts(Machine::Host, &[])?;
    // The first network answers before the second one does.
    let of_both = |line: &str| {
        line.contains(" host ") && FIRST.into_iter().chain(SECOND).all(|there| line.contains(there))
    };
    let line = ben.printed.such("server on both networks", SOON, of_both)?;
    println!("  {:<5} : {line}", Machine::Ben);
    let of_one = |line: &str| line.contains(" host ") && FIRST.into_iter().all(|there| line.contains(there));
    let line = ana.printed.such("server on the first network", SOON, of_one)?;
    println!("  {:<5} : {line}", Machine::Ana);
    ensure!(!SECOND.into_iter().any(|there| line.contains(there)), "Ana cannot reach all of {line}");
    host.leaves()
}

/// The switch drops multicast, as some guest networks do. The address still works.
pub(super) fn no_multicast(lan: &Lan) -> anyhow::Result<()> {
    let no_multicast = drop_multicast(&lan.network)?;
    let (host, code) = lan.hosts(Machine::Host, &[])?;
    fails(
        lan,
        &format!("join {code}"),
        &[
            &format!("oxo: No game {code} answered"),
            "You are on different networks (guest Wi-Fi",
            "A firewall drops UDP 5353 (the search)",
        ],
    )?;
    let (exit, list, said) = lan.desk(Machine::Ana).starts(&lan.oxo("list"))?.ends()?;
    println!("  {:<5} : {}", Machine::Ana, said.trim());
    ensure!(exit == 0 && list.is_empty() && said.starts_with("No game answered"), "{exit} {list}{said}");
    let guest = lan.sits_down(&format!("{code}@10.77.0.1"))?;
    drop(no_multicast);
    play_to_the_end([host, guest], 0)
}

/// Avahi's browser prints our record.
pub(super) fn seen_by_avahi(lan: &Lan) -> anyhow::Result<()> {
    let (host, _) = lan.hosts(Machine::Host, &["--clock", "30s", "--best-of", "3"])?;
    // A daemon that is there all the time knows the server, as this one does once it has told us.
    let line =
        "sh -c '(stdbuf -oL avahi-browse -rp _oxo._tcp &) | grep -m 2 ^= >&2; avahi-browse -rtp _oxo._tcp'";
    let browse = lan.desk(Machine::Ana).starts(&with_avahi(line))?;
    let (exit, printed, said) = browse.ends()?;
    printed.lines().for_each(|line| println!("  {:<5} : {line}", Machine::Ana));
    ensure!(exit == 0, "`avahi-browse` failed: {said}");
    for family in ["IPv4", "IPv6"] {
        let start = format!("=;eth0;{family};host\\032");
        let line =
            printed.lines().find(|line| line.starts_with(&start)).with_context(|| format!("no {start}"))?;
        for part in ["_oxo._tcp;local;", ";1952;", "txtvers=1", "protovers=3", "name=host"] {
            ensure!(line.contains(part), "{part} is missing in {line}");
        }
    }
    host.leaves()
}

/// Avahi publishes the record of a server in python, and we list its room.
pub(super) fn sees_avahi(lan: &Lan) -> anyhow::Result<()> {
    let _published = papa_serves(lan, Machine::Ben, "RUBY-07")?;
    let (_, printed, _) = lan.desk(Machine::Ana).starts(&lan.oxo("list --json"))?.ends()?;
    println!("  {:<5} : {}", Machine::Ana, printed.trim());
    for part in ["\"code\":\"RUBY-07\"", "\"host\":\"papa\"", "\"state\":\"open\"", "10.77.0.3:1952"] {
        ensure!(printed.contains(part), "{part} is missing in {printed}");
    }
    Ok(())
}

/// Ten thousand services that do not exist: a watcher holds 256 of them, shows none of the bytes that would steer a
/// terminal, and still finds the real game.
pub(super) fn flood(lan: &Lan) -> anyhow::Result<()> {
    let watch = lan.desk(Machine::Ben).starts(&lan.example("lan_games"))?;
    let (host, code) = lan.hosts(Machine::Host, &[])?;
    watch.printed.begins("= host ", SOON)?;
    let before = watch.peak_kib()?;
    let flood = lan.desk(Machine::Ana).starts(&script("flood.py 10.77.0.2 10000"))?;
    let (exit, _, said) = flood.ends()?;
    ensure!(exit == 0, "the flood failed: {said}");
    let spoofed = watch.printed.such("a spoofed server", SOON, |line| line.contains("[2Jeve"))?;
    ensure!(spoofed.starts_with("+ [2Jeve ") && !spoofed.contains(['\x1b', '\x07']), "shown as {spoofed:?}");
    let start = Instant::now();
    let (_, printed, _) = lan.desk(Machine::Ben).starts(&lan.oxo("list --json"))?.ends()?;
    ensure!(printed.contains(&code), "the game that is there is not found");
    // The game ends, and whoever watches hears of it, however long the flood takes.
    host.leaves()?;
    watch.printed.begins("- host", FLOOD_LIMIT)?;
    let after = watch.peak_kib()?;
    println!(
        "  {:<5} : from {before} to {after} KiB at most; the goodbye was heard {:.1} s after the flood",
        Machine::Ben,
        start.elapsed().as_secs_f64()
    );
    ensure!(after - before < FLOOD_KIB, "{} KiB more", after - before);
    Ok(())
}

/// Two hosts without any address but the link-local ones, each with six more interfaces that lead nowhere.
pub(super) fn link_local_alone(lan: &Lan) -> anyhow::Result<()> {
    let _bare = [Machine::Host, Machine::Ana].map(|machine| lan.network.leave_link_local_alone(machine));
    let there = lan.network.link_local(Machine::Host)?;
    let (host, code) = lan.hosts(Machine::Host, &[])?;
    let start = Instant::now();
    let (_, printed, said) = lan.desk(Machine::Ana).starts(&lan.oxo("list --json"))?.ends()?;
    let line =
        printed.lines().find(|line| line.contains(&code)).with_context(|| format!("no {code}: {said}"))?;
    println!("  {:<5} : {line}", Machine::Ana);
    println!("  {:<5} : listed after {:.1} s", Machine::Ana, start.elapsed().as_secs_f64());
    ensure!(line.contains(&format!("\"address\":\"[{there}%")), "it is not joined at {there}");
    ensure!(line.matches("fe80::").count() == 2, "addresses of other links are told: {line}");
    let guest = lan.sits_down(&code)?;
    play_to_the_end([host, guest], 0)
}

/// One query makes a server send a few hundred bytes at most, and none to an address beyond its networks.
pub(super) fn reflector(lan: &Lan) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    let _elsewhere = lan.network.add_elsewhere()?;
    for (source, limit) in [("10.77.0.2", 450), ("10.99.0.2", 29)] {
        let queries = script(&format!("queries.py {source} 10.77.0.1"));
        let (exit, printed) = lan.desk(Machine::Ana).runs(&queries)?;
        ensure!(exit == 0, "the queries failed");
        for line in printed.lines() {
            let answered =
                line.split(" asked, ").nth(1).and_then(|rest| rest.split(' ').next()?.parse().ok());
            let answered: usize = answered.with_context(|| format!("no number in {line}"))?;
            ensure!(answered <= limit, "more than {limit} bytes: {line}");
        }
    }
    Ok(())
}

/// Runs a command of Ana's that fails, and checks its words.
fn fails(lan: &Lan, arguments: &str, lines: &[&str]) -> anyhow::Result<()> {
    let arguments: Vec<&str> = arguments.split(' ').collect();
    let player = Player::start(&lan.programs, &lan.desk(Machine::Ana), &arguments)?;
    let (code, left) = player.ends(SOON)?;
    ensure!(code == 1, "a failure ends with exit code 1, not {code}");
    for line in lines {
        ensure!(left.lines().any(|left| left.trim().starts_with(line)), "no line begins with {line:?}");
    }
    Ok(())
}

/// Serves a room with this code by a few lines of python, and publishes that server by avahi.
fn papa_serves(lan: &Lan, machine: Machine, code: &str) -> anyhow::Result<[Running; 2]> {
    let serve = lan.desk(machine).starts(&script(&format!("server_of_one_room.py {code}")))?;
    serve.printed.begins("serving", SOON)?;
    let mut line = String::from("avahi-publish -s \"Papa's game. 1\" _oxo._tcp 1952");
    for pair in ["txtvers=1", "protovers=3", "name=papa"] {
        let _written = write!(line, " {pair}");
    }
    let publish = lan.desk(machine).starts(&with_avahi(&line))?;
    publish.said.begins("Established", SOON)?;
    Ok([serve, publish])
}

/// A command beside an avahi daemon with a `/run` and a message bus of its own; all of that ends with the command.
fn with_avahi(line: &str) -> String {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/lan/with_avahi.sh");
    format!("unshare --mount --pid --fork --kill-child --mount-proc sh -e {script} {line}")
}

/// Reads how many milliseconds the list took to find a game.
fn found_after(json: &str, code: &str) -> Option<u32> {
    let line = json.lines().find(|line| line.contains(&format!("\"code\":\"{code}\"")))?;
    let (_, after) = line.split_once("\"found_ms\":")?;
    after.split([',', '}']).next()?.parse().ok()
}

/// The host's addresses on the network that everybody is on.
const FIRST: [&str; 2] = ["10.77.0.1:1952", "[fd4d:77::1]:1952"];

/// Those on the network that it shares with Ben.
const SECOND: [&str; 2] = ["10.79.0.1:1952", "[fd4d:79::1]:1952"];

const MACHINES: [Machine; 3] = [Machine::Host, Machine::Ana, Machine::Ben];

/// The limit for a goodbye, with the two keys that end the program and the messages to the server's links.
const GOODBYE_LIMIT: Duration = Duration::from_secs(2);

/// The life of the records that lead to a game: RFC 6762 section 10.
const RECORD_LIFE: Duration = Duration::from_mins(2);

/// The limit for news in a flood: a flooded search begins anew after 3 s, and drops after 4 s more whatever does not
/// answer.
const FLOOD_LIMIT: Duration = Duration::from_secs(20);

/// KiB that a flood may cost: some 15,000 records of some hundred bytes, their tables, and the allocator's share.
const FLOOD_KIB: u64 = 64 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_of_a_game_is_found_in_its_line() {
        let json = "[\n{\"code\":\"KITE-42\",\"found_ms\":83,\"server\":\"den\"},\n{\"code\":\"RUBY-07\",\"found_ms\":104}\n]\n";
        assert_eq!(found_after(json, "RUBY-07"), Some(104));
        assert_eq!(found_after(json, "KITE-42"), Some(83));
        assert_eq!(found_after(json, "LIME-19"), None);
    }
}
