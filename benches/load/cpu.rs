//! What a process has used, from `/proc`.

/// Ticks a second of the times in `/proc/PID/stat`; 100 on every Linux that is not built strangely.
const TICKS: f64 = 100.0;

/// User and system time so far.
pub fn seconds(pid: u32) -> Result<f64, String> {
    let path = format!("/proc/{pid}/stat");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    // The second field, the name in parentheses, may hold anything; utime and stime are the 14th and 15th.
    let rest = text.rsplit_once(')').map(|(_, rest)| rest).unwrap_or_default();
    let ticks: Option<f64> = rest.split_whitespace().skip(11).take(2).map(|field| field.parse::<f64>().ok()).sum();
    ticks.map(|ticks| ticks / TICKS).ok_or_else(|| format!("{path} cannot be read"))
}

/// A quantity of `/proc/PID/status` in bytes: `VmRSS` is what is resident, `VmHWM` the most there ever was.
pub fn memory(pid: u32, quantity: &str) -> Result<u64, String> {
    let path = format!("/proc/{pid}/status");
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix(quantity)?.strip_prefix(':'));
    let kilobytes = line.and_then(|rest| rest.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    kilobytes.map(|kilobytes| kilobytes * 1024).ok_or_else(|| format!("{path} has no {quantity}"))
}
