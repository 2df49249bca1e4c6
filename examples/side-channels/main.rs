//! Does the time of a GOST signature depend on the key, or on the number k? A statistical test after dudect (Reparaz, Balasch,
//! Verbauwhede, 2017): two classes of inputs in random order, Welch's t of their times. `docs/SIDE-CHANNELS.md` has results.
//!
//! `cargo run --release --example side-channels [SIGNATURES]` measures; `… -- --once SEED` makes one signature with a key, digest and
//! randomness that follow from the seed, for valgrind to count instructions in `measured`.
//!
//! The sources of the arithmetic are compiled into this program: the library makes no signature without verifying it, and that
//! takes its time from public numbers.
#![expect(clippy::expect_used, reason = "a measurement whose subject is broken must stop")]

mod crypto;

use std::hint::black_box;
use std::time::Instant;

use crypto::{FRESH, Key};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// Signatures of a comparison, unless said otherwise.
const SIGNATURES: usize = 200_000;
/// Inputs prepared at once, so that preparing disturbs no measurement.
const BATCH: usize = 500;
/// Parts of the times that are looked at: the slowest are the machine's interruptions.
const KEPT: [f64; 5] = [0.5, 0.8, 0.9, 0.99, 1.0];
/// Steps that one class takes more in the comparison: some 0.2 % of a signature.
const LEAK: u32 = 300;
/// From here on dudect calls a difference likely.
const LIMIT: f64 = 4.5;

/// What one signature is made of.
struct Input {
    key: Key,
    digest: [u8; 64],
    fresh: [u8; FRESH],
}

impl Input {
    fn random(rng: &mut ChaCha8Rng) -> Self {
        Self { key: key(&number(rng)), digest: octets(rng), fresh: octets(rng) }
    }
}

#[inline(never)]
fn measured(input: &Input) -> Option<Vec<u8>> {
    black_box(input.key.sign(black_box(&input.digest), black_box(&input.fresh)))
}

fn octets(rng: &mut ChaCha8Rng) -> [u8; 64] {
    let mut octets = [0; 64];
    rng.fill_bytes(&mut octets);
    octets
}

/// Below the order.
fn number(rng: &mut ChaCha8Rng) -> [u8; 64] {
    let mut number = octets(rng);
    number[63] &= 0x7F;
    number
}

fn key(d: &[u8]) -> Key {
    Key::new(d).expect("in range")
}

/// Times of the two classes, in nanoseconds.
type Times = [Vec<f64>; 2];

/// Makes inputs of a class, measures them in random order.
fn compare<I>(count: usize, mut input: impl FnMut(&mut ChaCha8Rng, usize) -> I, run: impl Fn(&I)) -> Times {
    let mut rng = ChaCha8Rng::seed_from_u64(0xD0DE);
    let mut times: Times = [Vec::new(), Vec::new()];
    for _ in 0..count.div_ceil(BATCH) {
        let classes: Vec<usize> = (0..BATCH).map(|_| usize::from(rng.next_u32() & 1 == 1)).collect();
        let inputs: Vec<I> = classes.iter().map(|&class| input(&mut rng, class)).collect();
        for (class, input) in classes.iter().zip(&inputs) {
            let start = Instant::now();
            run(input);
            times[*class].push(start.elapsed().as_secs_f64() * 1e9);
        }
    }
    times
}

/// Mean, variance of the mean.
fn mean(times: &[f64]) -> (f64, f64) {
    let count = f64::from(u32::try_from(times.len()).unwrap_or(u32::MAX));
    let mean = times.iter().sum::<f64>() / count;
    let squares: f64 = times.iter().map(|time| (time - mean).powi(2)).sum();
    (mean, squares / (count - 1.0) / count)
}

/// Prints Welch's t for each part of the times; true if none is at the limit.
fn judge(name: &str, times: &Times) -> bool {
    let mut all: Vec<f64> = times.iter().flatten().copied().collect();
    all.sort_unstable_by(f64::total_cmp);
    let mut largest: f64 = 0.0;
    let mut text = String::new();
    for part in KEPT {
        let below = all.iter().take(((all.len() - 1) as f64 * part) as usize + 1).copied().fold(0.0, f64::max);
        let kept =
            times.each_ref().map(|times| times.iter().copied().filter(|&time| time <= below).collect::<Vec<_>>());
        let [(one, one_variance), (two, two_variance)] = kept.each_ref().map(|times| mean(times));
        let t = (one - two) / (one_variance + two_variance).sqrt();
        largest = largest.max(t.abs());
        text += &format!(" {t:+.2} ({:+.1} ns)", one - two);
    }
    println!("{name}: median {:.1} us; t of the fastest 50, 80, 90, 99, 100 %:{text}", all[all.len() / 2] / 1e3);
    largest < LIMIT
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [once, seed] = arguments.as_slice()
        && once == "--once"
    {
        let mut rng = ChaCha8Rng::seed_from_u64(seed.parse().expect("a number"));
        let input = Input::random(&mut rng);
        measured(&input).expect("a signature");
        return;
    }
    let count = arguments.first().map_or(SIGNATURES, |count| count.parse().expect("a number of signatures"));
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    let fixed = Input::random(&mut rng);
    let sign = |input: &Input| drop(measured(input));
    let d = number(&mut rng);
    let mut one = [0; 64];
    one[0] = 1;

    let key_of = |class_d: [u8; 64]| {
        move |rng: &mut ChaCha8Rng, class: usize| {
            let random = Input::random(rng);
            if class == 0 { Input { key: key(&class_d), ..random } } else { random }
        }
    };
    let mut fine = judge("a key against random keys", &compare(count, key_of(d), sign));
    fine &= judge("the key 1 against random keys", &compare(count, key_of(one), sign));
    let number_k = |rng: &mut ChaCha8Rng, class: usize| {
        let random = octets(rng);
        let fresh = if class == 0 { fixed.fresh } else { random };
        Input { key: key(&d), digest: fixed.digest, fresh }
    };
    fine &= judge("a number k against random ones", &compare(count, number_k, sign));
    println!("{}", if fine { "no difference found" } else { "A DIFFERENCE WAS FOUND" });

    // What the measurement finds where there is something.
    let slower = |rng: &mut ChaCha8Rng, class: usize| (Input::random(rng), if class == 0 { LEAK } else { 0 });
    let leaking = |(input, steps): &(Input, u32)| {
        sign(input);
        (0..*steps).for_each(|step| {
            black_box(step);
        });
    };
    judge("for comparison, with a leak", &compare(count, slower, leaking));
}
