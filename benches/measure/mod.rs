//! The table of ratios: subjects measured in turn, the best of many rounds each.

use std::time::{Duration, Instant};

/// Whether the gate only wants to know that the bench runs (`--test`, as criterion has it): once each, whatever it takes.
fn once() -> bool {
    std::env::args().any(|argument| argument == "--test")
}

/// Rounds of the ratio table; each takes every subject in turn, and the best of all rounds counts.
const ROUNDS: usize = 40;
/// How long one subject runs within a round.
const SLICE: Duration = Duration::from_millis(5);

/// Microseconds a call, over one slice of time.
fn slice(call: &mut dyn FnMut(), length: Duration) -> f64 {
    let start = Instant::now();
    let mut calls = 0u32;
    while calls == 0 || start.elapsed() < length {
        call();
        calls += 1;
    }
    start.elapsed().as_secs_f64() * 1e6 / f64::from(calls)
}

/// The best slice of each in microseconds, taken in turn so that a busy moment of the machine hits all alike.
pub fn best_of(calls: &mut [Box<dyn FnMut() + '_>]) -> Vec<f64> {
    let mut best = vec![f64::INFINITY; calls.len()];
    let (rounds, length) = if once() { (1, Duration::ZERO) } else { (ROUNDS, SLICE) };
    for _ in 0..rounds {
        for (call, best) in calls.iter_mut().zip(&mut best) {
            *best = best.min(slice(call.as_mut(), length));
        }
    }
    best
}
