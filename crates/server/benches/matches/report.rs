//! The tables that are printed.

/// What each measurement yields, in the order of [`Sample`].
pub(crate) const HEADINGS: [&str; 5] =
    ["moves/s", "p50 us", "p99 us", "server CPU ms / 1000 moves", "bytes / move"];

/// One measurement.
pub(crate) type Sample = [f64; HEADINGS.len()];

/// Prints what stands above the figures.
pub(crate) fn print_headings() {
    println!("| N | | {} |", HEADINGS.join(" | "));
    println!("| ---: | --- |{}", " ---: |".repeat(HEADINGS.len()));
}

/// Prints the medians of some rounds.
pub(crate) fn print_row(concurrency: usize, name: &str, samples: &[Sample], decimals: usize) {
    let cells: Vec<String> = (0..HEADINGS.len())
        .map(|index| {
            let mut values: Vec<f64> = samples.iter().map(|sample| sample[index]).collect();
            values.sort_by(f64::total_cmp);
            format!("{:.decimals$}", values[values.len() / 2])
        })
        .collect();
    println!("| {concurrency} | {name} | {} |", cells.join(" | "));
}

/// Prints the ratios of one subject to another in each round, as medians.
pub(crate) fn print_ratios(concurrency: usize, name: &str, over: &[Sample], under: &[Sample]) {
    let ratios: Vec<Sample> =
        over.iter().zip(under).map(|(a, b)| std::array::from_fn(|index| a[index] / b[index])).collect();
    print_row(concurrency, &format!("**{name}**"), &ratios, 2);
}
