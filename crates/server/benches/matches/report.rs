//! The figures: as tables that are printed, and as data.

use serde_json::{Value, json};

use crate::Subject;

/// The figures of a measurement, in the order of [`Sample`].
const HEADINGS: [&str; 6] =
    ["moves/s", "p50 us", "p99 us", "server CPU ms / 1000 moves", "bytes / move", "datagrams / move"];

/// Their names in the data.
const KEYS: [&str; HEADINGS.len()] =
    ["moves_per_second", "p50_us", "p99_us", "cpu_us_per_move", "bytes_per_move", "datagrams_per_move"];

/// One measurement. What is 0 does not apply.
pub(crate) type Sample = [f64; HEADINGS.len()];

/// The medians of one subject at one number of matches.
#[derive(Debug)]
pub(crate) struct Rates {
    concurrency: usize,
    subject: Subject,
    medians: Sample,
    /// The median of the ratios to the relay in each round.
    to_relay: Option<Sample>,
}

/// The memory of a server for each session.
#[derive(Debug)]
pub(crate) struct Memory {
    pub(crate) subject: Subject,
    /// Connected, and then seated.
    pub(crate) kibibytes: [f64; 2],
}

impl Rates {
    /// Sums up some rounds, in which the subjects took turns. The first subject is the relay.
    pub(crate) fn of(concurrency: usize, subjects: &[Subject], samples: &[Vec<Sample>]) -> Vec<Self> {
        let of_relay = samples.first();
        let all = subjects.iter().zip(samples).map(|(subject, samples)| {
            let ratios = of_relay.filter(|_| subject.has_rooms()).map(|of_relay| {
                let rounds = samples.iter().zip(of_relay);
                let ratios = rounds.map(|(a, b)| std::array::from_fn(|index| ratio(a[index], b[index])));
                medians(&ratios.collect::<Vec<_>>())
            });
            Self { concurrency, subject: *subject, medians: medians(samples), to_relay: ratios }
        });
        all.collect()
    }

    /// Prints the head of the table.
    pub(crate) fn print_headings() {
        println!("| N | | {} |", HEADINGS.join(" | "));
        println!("| ---: | --- |{}", " ---: |".repeat(HEADINGS.len()));
    }

    /// Prints its rows of the table.
    pub(crate) fn print(&self) {
        let Self { concurrency, subject, medians, to_relay } = self;
        println!("| {concurrency} | {subject} |{} |", cells(medians, 1));
        if let Some(ratios) = to_relay {
            println!("| {concurrency} | **{subject} / relay** |{} |", cells(ratios, 2));
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        let values = |sample: &Sample| -> Value {
            KEYS.iter().zip(sample).map(|(key, value)| ((*key).to_owned(), json!(value))).collect()
        };
        json!({
            "matches": self.concurrency,
            "subject": self.subject.to_string(),
            "medians": values(&self.medians),
            "to_relay": self.to_relay.as_ref().map(values),
        })
    }
}

impl Memory {
    /// Prints the memory of each subject.
    pub(crate) fn print(sessions: u16, memories: &[Self]) {
        let names: Vec<_> = memories.iter().map(|it| it.subject.to_string()).collect();
        println!("\n| KiB of server memory per session, {sessions} sessions | {} |", names.join(" | "));
        println!("| --- |{}", " ---: |".repeat(memories.len()));
        for (index, name) in ["connected", "seated, two to a room"].into_iter().enumerate() {
            let cells: Vec<_> = memories.iter().map(|it| format!("{:.2}", it.kibibytes[index])).collect();
            println!("| {name} | {} |", cells.join(" | "));
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        let [connected, seated] = self.kibibytes;
        json!({ "subject": self.subject.to_string(), "connected_kib": connected, "seated_kib": seated })
    }
}

/// The cells of a row; what does not apply stays empty.
fn cells(sample: &Sample, decimals: usize) -> String {
    let cells =
        sample.iter().map(|value| if *value > 0.0 { format!(" {value:.decimals$}") } else { String::new() });
    cells.collect::<Vec<_>>().join(" |")
}

/// The median of each figure for itself.
fn medians(samples: &[Sample]) -> Sample {
    std::array::from_fn(|index| {
        let mut values: Vec<f64> = samples.iter().map(|sample| sample[index]).collect();
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    })
}

/// `a / b`, where both apply.
fn ratio(a: f64, b: f64) -> f64 {
    if a > 0.0 && b > 0.0 { a / b } else { 0.0 }
}
