//! The `rastau` program: parses arguments, calls [`rastau`], maps the result to an exit code.

fn main() {}
