//! Empty until written.

fn main() {}
