//! Latencies in buckets of less than two per cent width, whatever the number of requests.

use std::time::Duration;

/// Buckets for each doubling.
const STEPS: u64 = 64;
/// Doublings of a microsecond: up to more than an hour.
const DOUBLINGS: u64 = 32;

/// A distribution of latencies.
#[derive(Clone, Debug)]
pub struct Latencies {
    buckets: Vec<u64>,
    count: u64,
    max: Duration,
}

impl Default for Latencies {
    fn default() -> Self {
        let buckets = usize::try_from(STEPS * (DOUBLINGS + 1)).map_or_else(|_| Vec::new(), |size| vec![0; size]);
        Self { buckets, count: 0, max: Duration::ZERO }
    }
}

/// Tenths of a microsecond: the unit of the buckets.
fn units(latency: Duration) -> u64 {
    u64::try_from(latency.as_nanos() / 100).unwrap_or(u64::MAX)
}

fn bucket(units: u64) -> usize {
    if units < STEPS {
        return usize::try_from(units).unwrap_or(usize::MAX);
    }
    let doubling = u64::from(units.ilog2() - STEPS.ilog2());
    let step = (units >> doubling) - STEPS;
    usize::try_from((doubling + 1) * STEPS + step).unwrap_or(usize::MAX)
}

/// The upper end of a bucket.
fn upper(bucket: usize) -> Duration {
    let bucket = u64::try_from(bucket).unwrap_or(u64::MAX);
    let units = if bucket < STEPS { bucket + 1 } else { (STEPS + bucket % STEPS + 1) << (bucket / STEPS - 1) };
    Duration::from_nanos(units * 100)
}

impl Latencies {
    /// Counts one.
    pub fn record(&mut self, latency: Duration) {
        let last = self.buckets.len() - 1;
        self.buckets[bucket(units(latency)).min(last)] += 1;
        self.count += 1;
        self.max = self.max.max(latency);
    }

    /// Adds the counts of another.
    pub fn add(&mut self, other: &Self) {
        for (mine, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *mine += theirs;
        }
        self.count += other.count;
        self.max = self.max.max(other.max);
    }

    /// The latency that `per_mille` of a thousand do not exceed.
    fn quantile(&self, per_mille: u64) -> Duration {
        let wanted = (self.count * per_mille).div_ceil(1000).max(1);
        let mut seen = 0;
        for (index, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= wanted {
                return upper(index).min(self.max);
            }
        }
        self.max
    }

    /// One line of percentiles.
    pub fn line(&self) -> String {
        let [p50, p90, p99, p999] = [500, 900, 990, 999].map(|per_mille| shown(self.quantile(per_mille)));
        format!("p50 {p50}  p90 {p90}  p99 {p99}  p99.9 {p999}  max {}", shown(self.max))
    }

    /// A bar for each doubling between the fastest and the slowest.
    pub fn histogram(&self) -> String {
        const WIDTH: u64 = 50;
        let step = usize::try_from(STEPS).unwrap_or(1);
        let rows: Vec<u64> = self.buckets.chunks(step).map(|row| row.iter().sum()).collect();
        let (Some(first), Some(last)) =
            (rows.iter().position(|count| *count > 0), rows.iter().rposition(|count| *count > 0))
        else {
            return String::new();
        };
        let most = rows.iter().copied().max().unwrap_or(1).max(1);
        let mut text = String::new();
        for (index, count) in rows.iter().enumerate().take(last + 1).skip(first) {
            let bar = "█".repeat(usize::try_from((count * WIDTH).div_ceil(most)).unwrap_or(0));
            text.push_str(&format!("  ≤ {:>9}  {count:>10}  {bar}\n", shown(upper(index * step + step - 1))));
        }
        text
    }
}

/// A duration in the unit that suits it.
pub fn shown(duration: Duration) -> String {
    let micros = duration.as_nanos() / 1000;
    match micros {
        0..10_000 => format!("{micros} µs"),
        10_000..10_000_000 => format!("{} ms", micros / 1000),
        _ => format!("{} s", micros / 1_000_000),
    }
}
