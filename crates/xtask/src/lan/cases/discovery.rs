//! Games are found without an address, by everybody on the link, and by the field's own tools.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use crate::lan::desk::{Desk, has_all, script};
use crate::lan::firewall::drop_multicast;
use crate::lan::lab::{hosts, join};
use crate::lan::matches::play_to_the_end;
use crate::lan::network::{Lan, Temporary};
use crate::lan::player::SOON;
use crate::running::Running;

/// Three machines, two games: each lists both. Twenty-one lists, three at a time.
pub(super) fn within_a_second(lan: &Lan) -> anyhow::Result<()> {
    let (host, first) = hosts(&lan.host, "--clock 30s --best-of 3")?;
    let (ana, second) = hosts(&lan.ana, "--board 5x5:4 --passcode fern")?;
    let mut latest = Vec::new();
    for _round in 0..7 {
        let lists = lan.desks().map(|desk| desk.starts("oxo list --json"));
        for list in lists {
            let (code, printed, said) = list?.ends()?;
            ensure!(code == 0 && said.is_empty(), "`oxo list` ended with {code}: {said}");
            let found =
                |code: &str| found_after(&printed, code).with_context(|| format!("no {code} in {printed}"));
            latest.push(found(&first)?.max(found(&second)?));
        }
    }
    latest.sort_unstable();
    let (median, last) = (latest[latest.len() / 2], latest[latest.len() - 1]);
    println!("  lan   : both games were found after {median} ms (median of 21), {last} ms at the latest");
    ensure!(median < 1_000, "the median of 21 lists is {median} ms");
    lan.ben.runs("oxo list")?;
    host.leaves()?;
    ana.leaves()
}

/// The code is typed as one hears it.
pub(super) fn by_code_alone(lan: &Lan) -> anyhow::Result<()> {
    let (host, code) = hosts(&lan.host, "")?;
    let typed = code.to_lowercase().replace('-', "");
    let guest = lan.sits_down(&typed)?;
    play_to_the_end([host, guest], 0)?;
    let told = [
        "oxo: No game NACHO-99 answered in 3 s on eth0 10.77.0.0/24…",
        "hint: the host's screen shows an address…",
    ];
    join(&lan.ana, "nacho-99", None)?.fails(SOON, &told).map(drop)
}

/// A server in python has the second game, since a code is drawn at random, and avahi publishes it.
pub(super) fn same_code(lan: &Lan) -> anyhow::Result<()> {
    let (host, code) = hosts(&lan.host, "")?;
    let _other = papa_serves(&lan.ben, &code)?;
    let told = [
        &format!("oxo: 2 games on this network have the code {code}…"),
        &format!("of host: oxo join {code}@…"),
        &format!("of papa: oxo join {code}@…"),
    ];
    join(&lan.ana, &code, None)?.fails(SOON, &told.map(String::as_str))?;
    host.leaves()
}

/// Watchers learn of an end at once by a goodbye, and after a kill because nobody answers for the game any more.
pub(super) fn leaves_and_dies(lan: &Lan) -> anyhow::Result<()> {
    let watch = lan.ben.starts("lan_games")?;
    let (host, _) = hosts(&lan.host, "")?;
    let (ana, _) = hosts(&lan.ana, "")?;
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
    println!("  ben   : host is gone {:.2} s after the first key of its goodbye", time.as_secs_f64());
    ensure!(time < GOODBYE_LIMIT, "a goodbye took {time:?}");

    let start = Instant::now();
    ana.kill()?;
    let (_, list, said) = lan.host.runs("oxo list")?;
    let is_dead = list.is_empty() && said.contains("No game answered");
    ensure!(is_dead, "who asks anew finds a dead game:\n{list}{said}");
    watch.printed.begins("- ana", RECORD_LIFE)?;
    println!("  ben   : ana is gone {:.1} s after it was killed", start.elapsed().as_secs_f64());
    Ok(())
}

/// Ben is on both networks of the host, Ana on one of them: each sees one server, and the addresses that lead there.
pub(super) fn two_networks(lan: &Lan) -> anyhow::Result<()> {
    let _second = lan.add_second_network()?;
    let (ben, ana) = (lan.ben.starts("lan_games")?, lan.ana.starts("lan_games")?);
    let (host, _) = hosts(&lan.host, "")?;
    let is_at = |line: &str, places: &[&str]| {
        line.contains(" host ") && places.iter().all(|place| line.contains(place))
    };
    // The first network answers before the second one does.
    let of_both = |line: &str| is_at(line, &FIRST) && is_at(line, &SECOND);
    let line = ben.printed.such("server on both networks", SOON, of_both)?;
    println!("  ben   : {line}");
    let line = ana.printed.such("server on the first network", SOON, |line| is_at(line, &FIRST))?;
    println!("  ana   : {line}");
    ensure!(!SECOND.into_iter().any(|there| line.contains(there)), "Ana cannot reach all of {line}");
    host.leaves()
}

/// The switch drops multicast, as some guest networks do. The address still works.
pub(super) fn no_multicast(lan: &Lan) -> anyhow::Result<()> {
    let no_multicast = drop_multicast(lan)?;
    let (host, code) = hosts(&lan.host, "")?;
    let told = [
        &format!("oxo: No game {code} answered…"),
        "You are on different networks (guest Wi-Fi…",
        "A firewall drops UDP 5353 (the search)…",
    ];
    join(&lan.ana, &code, None)?.fails(SOON, &told)?;
    let (exit, list, said) = lan.ana.runs("oxo list")?;
    ensure!(exit == 0 && list.is_empty() && said.starts_with("No game answered"), "{exit} {list}{said}");
    let guest = lan.sits_down(&format!("{code}@10.77.0.1"))?;
    drop(no_multicast);
    play_to_the_end([host, guest], 0)
}

/// Avahi's browser prints our record.
pub(super) fn seen_by_avahi(lan: &Lan) -> anyhow::Result<()> {
    let (host, _) = hosts(&lan.host, "--clock 30s --best-of 3")?;
    // A daemon that is there all the time knows the server, as this one does once it has told us.
    let line =
        "sh -c '(stdbuf -oL avahi-browse -rp _oxo._tcp &) | grep -m 2 ^= >&2; avahi-browse -rtp _oxo._tcp'";
    let (exit, printed, said) = lan.ana.runs(&with_avahi(line))?;
    ensure!(exit == 0, "`avahi-browse` failed: {said}");
    for family in ["IPv4", "IPv6"] {
        let start = format!("=;eth0;{family};host\\032");
        let line = printed.lines().find(|line| line.starts_with(&start));
        let line = line.with_context(|| format!("no {start}"))?;
        has_all(line, &["_oxo._tcp;local;", ";1952;", "txtvers=1", "protovers=3", "name=host"])?;
    }
    host.leaves()
}

/// Avahi publishes the record of a server in python, and we list its room.
pub(super) fn sees_avahi(lan: &Lan) -> anyhow::Result<()> {
    let _published = papa_serves(&lan.ben, "RUBY-07")?;
    let (_, printed, _) = lan.ana.runs("oxo list --json")?;
    let room = ["\"code\":\"RUBY-07\"", "\"host\":\"papa\"", "\"state\":\"open\"", "10.77.0.3:1952"];
    has_all(&printed, &room)
}

/// Ten thousand services that do not exist: a watcher holds 256 of them, shows none of the bytes that would steer a
/// terminal, and still finds the real game.
pub(super) fn flood(lan: &Lan) -> anyhow::Result<()> {
    let watch = lan.ben.starts("lan_games")?;
    let (host, code) = hosts(&lan.host, "")?;
    watch.printed.begins("= host ", SOON)?;
    let before = watch.peak_kib()?;
    let (exit, _, said) = lan.ana.runs(&script("flood.py 10.77.0.2 10000"))?;
    ensure!(exit == 0, "the flood failed: {said}");
    let spoofed = watch.printed.such("a spoofed server", SOON, |line| line.contains("[2Jeve"))?;
    ensure!(spoofed.starts_with("+ [2Jeve ") && !spoofed.contains(['\x1b', '\x07']), "shown as {spoofed:?}");
    let start = Instant::now();
    let (_, printed, _) = lan.ben.starts("oxo list --json")?.ends()?;
    ensure!(printed.contains(&code), "the game that is there is not found");
    // The game ends, and whoever watches hears of it, however long the flood takes.
    host.leaves()?;
    watch.printed.begins("- host", FLOOD_LIMIT)?;
    let after = watch.peak_kib()?;
    println!("  ben   : from {before} to {after} KiB at most");
    println!("  ben   : the goodbye was heard {:.1} s after the flood", start.elapsed().as_secs_f64());
    ensure!(after - before < FLOOD_KIB, "{} KiB more", after - before);
    Ok(())
}

/// Two hosts without any address but the link-local ones, each with six more interfaces that lead nowhere.
pub(super) fn link_local_alone(lan: &Lan) -> anyhow::Result<()> {
    let _bare = lan.leave_link_local_alone()?;
    let there = lan.host.link_local()?;
    let (host, code) = hosts(&lan.host, "")?;
    let (_, printed, said) = lan.ana.runs("oxo list --json")?;
    let line = printed.lines().find(|line| line.contains(&code));
    let line = line.with_context(|| format!("no {code}: {said}"))?;
    ensure!(line.contains(&format!("\"address\":\"[{there}%")), "it is not joined at {there}");
    ensure!(line.matches("fe80::").count() == 2, "addresses of other links are told: {line}");
    let guest = lan.sits_down(&code)?;
    play_to_the_end([host, guest], 0)
}

/// One query makes a server send a few hundred bytes at most, and none to an address beyond its networks.
pub(super) fn reflector(lan: &Lan) -> anyhow::Result<()> {
    let _server = lan.serve()?;
    // Ana's machine has an address beyond the host's networks, to which the host knows the way.
    let mut elsewhere = Temporary::new([]);
    elsewhere.ip(&lan.ana, "addr add 10.99.0.2/32 dev lo")?;
    elsewhere.ip(&lan.host, "route add 10.99.0.2 via 10.77.0.2")?;
    for (source, limit) in [("10.77.0.2", 450), ("10.99.0.2", 29)] {
        let (exit, printed, _) = lan.ana.runs(&script(&format!("queries.py {source} 10.77.0.1")))?;
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

/// Serves a room with this code by a few lines of python, and publishes that server by avahi.
fn papa_serves(desk: &Desk, code: &str) -> anyhow::Result<[Running; 2]> {
    let serve = desk.starts(&script(&format!("server_of_one_room.py {code}")))?;
    serve.printed.begins("serving", SOON)?;
    let record = "txtvers=1 protovers=3 name=papa";
    let publish = format!("avahi-publish -s \"Papa's game. 1\" _oxo._tcp 1952 {record}");
    let publish = desk.starts(&with_avahi(&publish))?;
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
