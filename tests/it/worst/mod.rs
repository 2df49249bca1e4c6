//! What the worst inputs cost: octets of memory and allocations, counted, never time. Every input is made in sizes n, 2n, 4n
//! and 8n; what reading it takes at most doubles with it, or a budget refuses it by name.
//!
//! `cargo test --release --test it worst::figures -- --ignored --nocapture` prints time and memory for a table.

mod inputs;

use std::time::Instant;

use allocation_counter::{AllocationInfo, measure};
use inputs::{Case, cases};

/// Steps of size.
const STEPS: [usize; 4] = [1, 2, 4, 8];
/// Octets of memory for each octet of the input, whatever it is. The most has XML: an element of four octets is a node of 300
/// in a list that doubles as it grows.
const MEMORY_PER_OCTET: u64 = 160;
/// Octets that reading anything may take: buffers, tables.
const FREE_MEMORY: u64 = 1 << 20;
/// Allocations that do not grow with the input.
const FREE_ALLOCATIONS: u64 = 512;

struct Measured {
    octets: u64,
    cost: AllocationInfo,
    said: String,
}

fn measured(case: &Case, size: usize) -> Measured {
    let input = (case.make)(size);
    let mut said = String::new();
    let cost = measure(|| said = (case.read)(&input));
    Measured { octets: input.len() as u64, cost, said }
}

#[test]
fn memory_and_allocations_grow_no_faster_than_the_input() {
    for case in cases() {
        let measured = STEPS.map(|step| measured(&case, case.size * step));
        for one in &measured {
            let limit = FREE_MEMORY + MEMORY_PER_OCTET * one.octets;
            assert!(one.cost.bytes_max <= limit, "{}: {} octets take {:?}", case.name, one.octets, one.cost);
        }
        for pair in measured.windows(2) {
            let [less, more] = pair else { continue };
            // A quarter more than twice: buffers grow by doubling, and not always in step with the input.
            let may = |count: u64, free: u64| count * more.octets / less.octets * 5 / 4 + free;
            let context = format!("{}: {:?} and then {:?}", case.name, less.cost, more.cost);
            assert!(more.cost.bytes_max <= may(less.cost.bytes_max, FREE_MEMORY), "{context}");
            assert!(more.cost.count_total <= may(less.cost.count_total, FREE_ALLOCATIONS), "{context}");
        }
    }
}

#[test]
fn what_is_too_much_is_refused_by_name() {
    let mut others = Vec::new();
    for case in cases() {
        let said = measured(&case, case.size * 8).said;
        if !said.contains(case.refusal) {
            others.push(format!("{}: {said}", case.name));
        }
    }
    assert!(others.is_empty(), "{}", others.join("\n"));
}

#[test]
#[ignore = "prints figures, which nothing depends on"]
fn figures() {
    println!("| input | octets | time | memory at most | allocations | comes to |\n|---|---|---|---|---|---|");
    for case in cases() {
        for step in STEPS {
            let input = (case.make)(case.size * step);
            let began = Instant::now();
            let said = (case.read)(&input);
            let took = began.elapsed();
            let one = measured(&case, case.size * step);
            let (octets, memory) = (one.octets / 1024, one.cost.bytes_max / 1024);
            let micros = took.as_micros();
            println!(
                "| {} | {octets} KiB | {micros} µs | {memory} KiB | {} | {} |",
                case.name,
                one.cost.count_total,
                said.split(':').next_back().unwrap_or_default().trim()
            );
        }
    }
}
