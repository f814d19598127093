//! The tables that are printed.

use crate::Subject;

/// The figures of a measurement, in the order of [`Sample`].
pub(crate) const HEADINGS: [&str; 6] =
    ["moves/s", "p50 us", "p99 us", "server CPU ms / 1000 moves", "bytes / move", "datagrams / move"];

/// One measurement. What is 0 does not apply.
pub(crate) type Sample = [f64; HEADINGS.len()];

/// Prints the head of the table.
pub(crate) fn print_headings() {
    println!("| N | | {} |", HEADINGS.join(" | "));
    println!("| ---: | --- |{}", " ---: |".repeat(HEADINGS.len()));
}

/// Prints the medians of some rounds, in which the subjects took turns, and how each compares with the one before it.
pub(crate) fn print_rows(concurrency: usize, subjects: &[Subject], samples: &[Vec<Sample>]) {
    for (subject, samples) in subjects.iter().zip(samples) {
        print_row(concurrency, &subject.to_string(), samples, 1);
    }
    for (names, pair) in subjects.windows(2).zip(samples.windows(2)) {
        let rounds = pair[1].iter().zip(&pair[0]);
        let ratios: Vec<Sample> =
            rounds.map(|(a, b)| std::array::from_fn(|index| ratio(a[index], b[index]))).collect();
        print_row(concurrency, &format!("**{} / {}**", names[1], names[0]), &ratios, 2);
    }
}

/// Prints what each subject takes of a server's memory.
pub(crate) fn print_memory(sessions: u16, subjects: &[Subject], kibibytes: &[[f64; 2]]) {
    let names: Vec<_> = subjects.iter().map(ToString::to_string).collect();
    println!("\n| KiB of server memory per session, {sessions} sessions | {} |", names.join(" | "));
    println!("| --- |{}", " ---: |".repeat(subjects.len()));
    for (index, name) in ["connected", "seated, two to a room"].into_iter().enumerate() {
        let cells: Vec<_> = kibibytes.iter().map(|both| format!("{:.2}", both[index])).collect();
        println!("| {name} | {} |", cells.join(" | "));
    }
}

fn print_row(concurrency: usize, name: &str, samples: &[Sample], decimals: usize) {
    let cells: Vec<String> = (0..HEADINGS.len())
        .map(|index| {
            let mut values: Vec<f64> = samples.iter().map(|sample| sample[index]).collect();
            values.sort_by(f64::total_cmp);
            match values[values.len() / 2] {
                0.0 => String::new(),
                median => format!("{median:.decimals$}"),
            }
        })
        .collect();
    println!("| {concurrency} | {name} | {} |", cells.join(" | "));
}

/// `a / b`, where both apply.
fn ratio(a: f64, b: f64) -> f64 {
    if a > 0.0 && b > 0.0 { a / b } else { 0.0 }
}
