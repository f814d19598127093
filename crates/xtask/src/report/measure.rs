//! The measurements behind the report, and the files of data in which they are kept.
//!
//! A file in `docs/report/data` is one object of parts, each with the machine, the date, the commit and the release that it was
//! measured with, and the load of the machine before and after: so a part can be measured anew without the others.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context as _, ensure};
use pty_driver::Launch;
use serde_json::{Value, json};

use crate::{bench_link, shell, web};

/// The name of a measurement, which is that of its file and of its part in it, and the way to take it.
type Measurement = (String, Box<dyn Fn() -> anyhow::Result<Value>>);

/// Takes the measurements with a name that begins with one of `only`, or all of them.
///
/// # Errors
///
/// Names the measurement that failed; those before it are kept.
pub(super) fn run(only: &[String]) -> anyhow::Result<()> {
    let all = measurements();
    let chosen = all
        .iter()
        .filter(|(name, _)| only.is_empty() || only.iter().any(|words| name.starts_with(words.as_str())));
    let mut count = 0;
    for (name, run) in chosen {
        println!("\n{name}");
        let (start, before) = (Instant::now(), load()?);
        let figures = run().with_context(|| format!("cannot measure {name}"))?;
        keep(name, &json!({ "measured": measured(&before)?, "figures": figures }))?;
        println!("kept {name} after {:.0} s", start.elapsed().as_secs_f64());
        count += 1;
    }
    ensure!(count > 0, "no measurement has a name that begins with `{}`", only.join("` or `"));
    Ok(())
}

/// Every measurement, the shortest first.
fn measurements() -> Vec<Measurement> {
    let mut all: Vec<Measurement> = vec![
        ("frame first".into(), Box::new(first_frame)),
        ("browser first".into(), Box::new(web::first_move)),
        ("matches memory".into(), Box::new(|| matches(&["--memory"]))),
        ("matches store".into(), Box::new(|| matches(&["--by", "tcp,store", "--matches", "1,100"]))),
    ];
    for concurrency in CONCURRENCIES {
        let run = move || matches(&["--matches", concurrency]);
        all.push((format!("matches {concurrency}"), Box::new(run)));
    }
    for (part, cases) in CASES {
        all.push((format!("lan {part}"), Box::new(|| lan(cases))));
    }
    for network in bench_link::networks() {
        all.push((format!("transports {network}"), Box::new(move || bench_link::measure(&network))));
    }
    all
}

/// Runs a part of the bench of the server.
fn matches(arguments: &[&str]) -> anyhow::Result<Value> {
    let json = tempfile::NamedTempFile::new().context("cannot make a file")?;
    let path = json.path().to_str().context("a path is UTF-8")?;
    let bench = ["bench", "--locked", "--package", "server", "--bench", "matches", "--"];
    let options = ["--seconds", SECONDS, "--json", path];
    shell::run(&mut shell::cargo(&[&bench, arguments, &options].concat()))?;
    serde_json::from_slice(&fs::read(json.path())?).context("the bench writes JSON")
}

/// Runs cases on the LAN, and keeps their lines: who, what kind of line, and the text.
fn lan(cases: &[&str]) -> anyhow::Result<Value> {
    let printed = shell::output(Command::new(env::current_exe()?).arg("lan").args(cases))?;
    println!("{printed}");
    let mut told: Vec<Value> = Vec::new();
    let mut lines: Vec<Value> = Vec::new();
    for line in printed.lines() {
        let Some(line) = line.strip_prefix("  ") else { continue };
        if let Some((seconds, case)) = line.strip_prefix("ok, ").and_then(|rest| rest.split_once(" s: ")) {
            told.push(
                json!({ "case": case, "seconds": seconds.parse::<f64>().ok(), "lines": std::mem::take(&mut lines) }),
            );
        } else if let Some((who, kind, text)) = parts(line) {
            // The last number before the unit, where the line tells a time.
            let seconds = text.strip_suffix(" s").and_then(|it| it.rsplit(' ').next()?.parse::<f64>().ok());
            lines.push(json!({ "who": who, "kind": kind, "text": text, "seconds": seconds }));
        }
    }
    Ok(json!(told))
}

/// A line of a case: `ana   $ oxo join`, where the sign tells whether it was typed, read, or came out.
fn parts(line: &str) -> Option<(&str, &str, &str)> {
    let (who, rest) = line.split_once(' ')?;
    let (kind, text) = rest.trim_start().split_once(' ')?;
    ["$", "|", ":", "<"].contains(&kind).then_some((who, kind, text))
}

/// Times the start of the program until its first frame stands in a terminal, beside the start of a program that says a word.
fn first_frame() -> anyhow::Result<Value> {
    shell::run(&mut shell::cargo(&["build", "--release", "--locked", "--package", "tui-client"]))?;
    let oxo = env::current_dir()?.join("target/release/oxo");
    let mut figures = serde_json::Map::new();
    let programs: [(&str, &Path, &[&str], &str); 3] = [
        ("echo", Path::new("/bin/echo"), &["ready"], "ready"),
        ("menu", &oxo, &[], "Quick match"),
        ("board", &oxo, &["local"], "Player 1"),
    ];
    for (name, program, arguments, seen) in programs {
        let mut millis = Vec::new();
        for _ in 0..STARTS {
            let launch = Launch::new(program, arguments).size(80, 24);
            let start = Instant::now();
            launch.start()?.wait(PATIENCE, |output| output.says(seen))?;
            millis.push(start.elapsed().as_secs_f64() * 1e3);
        }
        millis.sort_by(f64::total_cmp);
        let figure = json!({ "median_ms": millis[millis.len() / 2], "most_ms": millis.last() });
        println!("{name}: {figure}");
        figures.insert(name.into(), figure);
    }
    figures.insert("starts".into(), STARTS.into());
    Ok(figures.into())
}

/// Puts a part into its file, in place of the part of that name.
fn keep(name: &str, data: &Value) -> anyhow::Result<()> {
    let (file, part) = name.split_once(' ').context("a measurement has a file and a part")?;
    let path = PathBuf::from(format!("{DATA}/{file}.json"));
    let mut parts: BTreeMap<String, Value> = match fs::read(&path) {
        Ok(bytes) => {
            serde_json::from_slice(&bytes).with_context(|| format!("{} is not data", path.display()))?
        }
        Err(_) => BTreeMap::new(),
    };
    parts.insert(part.into(), data.clone());
    fs::create_dir_all(DATA)?;
    let text = serde_json::to_string_pretty(&parts)?;
    fs::write(&path, text + "\n").with_context(|| format!("cannot write {}", path.display()))
}

/// The machine, the date, the commit and the release of a measurement that ends now.
fn measured(load_before: &str) -> anyhow::Result<Value> {
    let git = |arguments: &[&str]| shell::output(Command::new("git").args(arguments));
    let changes = git(&["status", "--porcelain", "--", "crates", "bench-link", "Cargo.lock"])?;
    Ok(json!({
        "release": env!("CARGO_PKG_VERSION"),
        "commit": git(&["rev-parse", "--short=12", "HEAD"])?.trim(),
        "is_commit_changed": !changes.is_empty(),
        "date": shell::output(Command::new("date").args(["-u", "+%F"]))?.trim(),
        "machine": machine()?,
        "kernel": shell::output(Command::new("uname").arg("-sr"))?.trim(),
        "load": [load_before, &load()?],
    }))
}

/// The processor and the number of its cores.
fn machine() -> anyhow::Result<String> {
    let processors = fs::read_to_string("/proc/cpuinfo").context("cannot learn the processor's name")?;
    let mut models = processors.lines().filter(|line| line.starts_with("model name"));
    let cores = models.clone().count();
    let model =
        models.next().and_then(|line| line.split_once(": ")).map_or("a processor without a name", |it| it.1);
    Ok(format!("{cores} cores of {model}"))
}

/// The programs that were running or waiting to run, on average over the last minute.
fn load() -> anyhow::Result<String> {
    let text = fs::read_to_string("/proc/loadavg").context("cannot learn the load")?;
    Ok(text.split(' ').next().unwrap_or_default().to_owned())
}

const DATA: &str = "docs/report/data";

/// Matches at once, each measured by itself: up to what a server takes by default, two sessions each.
const CONCURRENCIES: [&str; 6] = ["1", "10", "100", "500", "1000", "2000"];

/// The length of each measurement of matches.
const SECONDS: &str = "1.5";

/// Cases on the LAN whose lines are told.
const CASES: &[(&str, &[&str])] = &[
    ("routers", &["behind two routers"]),
    (
        "recovery",
        &[
            "an IPv4 address that changes",
            "a link down for 5 s, over",
            ": back in the seat, and the move",
            "a server that is killed",
            "a firewall begins to let no",
            "a link down for longer",
        ],
    ),
];

/// Starts of each program, of which the median counts.
const STARTS: u32 = 21;

const PATIENCE: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_case_has_three_parts() {
        assert_eq!(parts("ana   $ oxo join 10.77.0.1"), Some(("ana", "$", "oxo join 10.77.0.1")));
        assert_eq!(parts("host  : known after 4.1 s"), Some(("host", ":", "known after 4.1 s")));
        assert_eq!(parts("some other line"), None);
    }

    #[test]
    fn every_measurement_has_a_name_of_its_own() {
        let mut names: Vec<_> = measurements().into_iter().map(|(name, _)| name).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), measurements().len());
    }
}
