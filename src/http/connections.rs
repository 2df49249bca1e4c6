//! Who is connected: so many at once, and so many from one neighbourhood of the network.
//!
//! When a place is wanted and none is free, a connection without a request under way makes room: the one that has been
//! without for longest, of whoever has the most. Whoever holds thousands of silent connections loses one for each that
//! somebody else opens, and nobody waits for their time-outs.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// Lines of a neighbour that are looked at for one that is idle: the work for a newcomer stays small however many there are.
const LOOKED_AT: usize = 32;

/// Whom a connection counts to: an address of IPv4, a /64 of IPv6, which is what one subscriber gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Neighbour(IpAddr);

impl Neighbour {
    /// That of an address.
    pub(super) fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V6(v6) => Self(IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)))),
            v4 @ IpAddr::V4(_) => Self(v4),
        }
    }
}

/// Why nobody was let in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Full {
    /// The neighbour has all its places taken by requests under way.
    Neighbour,
    /// Every place is taken by requests under way.
    Everywhere,
}

/// The open connections.
#[derive(Clone, Debug)]
pub(super) struct Connections(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    total: usize,
    per_neighbour: usize,
    /// From where idleness is counted.
    start: Instant,
    open: Mutex<Open>,
    freed: Notify,
}

#[derive(Debug, Default)]
struct Open {
    by_neighbour: HashMap<Neighbour, VecDeque<Arc<Line>>>,
    count: usize,
}

/// A connection, as far as others see it.
#[derive(Debug)]
pub(super) struct Line {
    neighbour: Neighbour,
    connections: Connections,
    /// Requests under way.
    busy: AtomicUsize,
    /// A request was made on it.
    served: AtomicBool,
    /// When there was one, or part of an answer was taken, the last time; in milliseconds from the start.
    idle_since: AtomicU64,
    leave: Notify,
}

/// The place of a connection; free again when dropped.
#[derive(Debug)]
pub(super) struct Place(Arc<Line>);

/// A request under way on a line.
#[derive(Debug)]
pub(super) struct Busy(Arc<Line>);

impl Connections {
    /// Nobody yet.
    pub(super) fn new(total: usize, per_neighbour: usize) -> Self {
        let (start, open, freed) = (Instant::now(), Mutex::default(), Notify::new());
        Self(Arc::new(Shared { total: total.max(1), per_neighbour: per_neighbour.max(1), start, open, freed }))
    }

    /// A place for a connection from `address`, if need be that of another one; whether another one had to go.
    pub(super) fn enter(&self, address: IpAddr) -> Result<(Place, bool), Full> {
        let neighbour = Neighbour::of(address);
        let mut open = self.open();
        let own = open.by_neighbour.get(&neighbour).map_or(0, VecDeque::len);
        let mut evicted = false;
        if own >= self.0.per_neighbour {
            if !open.evict_of(neighbour) {
                return Err(Full::Neighbour);
            }
            evicted = true;
        } else if open.count >= self.0.total {
            if !open.evict() {
                return Err(Full::Everywhere);
            }
            evicted = true;
        }
        let line = Arc::new(Line {
            neighbour,
            connections: self.clone(),
            busy: AtomicUsize::new(0),
            served: AtomicBool::new(false),
            idle_since: AtomicU64::new(self.now()),
            leave: Notify::new(),
        });
        open.by_neighbour.entry(neighbour).or_default().push_back(Arc::clone(&line));
        open.count += 1;
        Ok((Place(line), evicted))
    }

    /// Completes when a place has become free since it was asked for. To be had before [`Connections::enter`] is tried.
    pub(super) fn freed(&self) -> impl Future<Output = ()> + '_ {
        self.0.freed.notified()
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        self.open().count
    }

    /// Completes when there are none.
    pub(super) async fn all_gone(&self) {
        loop {
            let freed = self.freed();
            if self.count() == 0 {
                return;
            }
            freed.await;
        }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn now(&self) -> u64 {
        u64::try_from(self.0.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl Open {
    /// Tells an idle connection of the neighbour with the most to leave, else any.
    fn evict(&mut self) -> bool {
        // Of those with equally many, the one whose oldest has been idle for longest.
        let longest = |lines: &VecDeque<Arc<Line>>| lines.front().map_or(u64::MAX, |line| line.idle_since());
        let most = self
            .by_neighbour
            .iter()
            .max_by(|(_, one), (_, other)| one.len().cmp(&other.len()).then_with(|| longest(other).cmp(&longest(one))));
        let Some(neighbour) = most.map(|(neighbour, _)| *neighbour) else { return false };
        if self.evict_of(neighbour) {
            return true;
        }
        let idle = self.by_neighbour.values().flatten().filter(|line| line.is_idle());
        let Some(line) = idle.min_by_key(|line| line.idle_since()).cloned() else { return false };
        self.tell_to_leave(&line);
        true
    }

    /// Tells the longest idle of some connections of a neighbour to leave.
    fn evict_of(&mut self, neighbour: Neighbour) -> bool {
        let Some(lines) = self.by_neighbour.get_mut(&neighbour) else { return false };
        let looked_at = lines.len().min(LOOKED_AT);
        let idle = lines.iter().take(looked_at).filter(|line| line.is_idle());
        let found = idle.min_by_key(|line| line.idle_since()).cloned();
        // The others come first the next time.
        lines.rotate_left(looked_at);
        found.is_some_and(|line| {
            self.tell_to_leave(&line);
            true
        })
    }

    fn tell_to_leave(&mut self, line: &Arc<Line>) {
        self.remove(line);
        line.leave.notify_one();
    }

    /// Forgets a line; whether it was there.
    fn remove(&mut self, line: &Arc<Line>) -> bool {
        let Some(lines) = self.by_neighbour.get_mut(&line.neighbour) else { return false };
        let Some(at) = lines.iter().position(|other| Arc::ptr_eq(other, line)) else { return false };
        lines.swap_remove_back(at);
        if lines.is_empty() {
            self.by_neighbour.remove(&line.neighbour);
        }
        self.count -= 1;
        true
    }
}

impl Line {
    /// A request has begun.
    pub(super) fn begin(self: &Arc<Self>) -> Busy {
        self.busy.fetch_add(1, Ordering::Relaxed);
        self.served.store(true, Ordering::Relaxed);
        Busy(Arc::clone(self))
    }

    /// Whether a request was made on it.
    pub(super) fn is_served(&self) -> bool {
        self.served.load(Ordering::Relaxed)
    }

    /// How long there has been no request under way; zero while there is one.
    pub(super) fn idle_for(&self) -> Duration {
        if self.is_idle() {
            Duration::from_millis(self.connections.now().saturating_sub(self.idle_since()))
        } else {
            Duration::ZERO
        }
    }

    /// Something went out: an answer that its peer takes slowly is no idleness.
    pub(super) fn touch(&self) {
        self.idle_since.store(self.connections.now(), Ordering::Relaxed);
    }

    /// Completes when the place is needed for somebody else.
    pub(super) async fn told_to_leave(&self) {
        self.leave.notified().await;
    }

    fn is_idle(&self) -> bool {
        self.busy.load(Ordering::Relaxed) == 0
    }

    fn idle_since(&self) -> u64 {
        self.idle_since.load(Ordering::Relaxed)
    }
}

impl Place {
    /// The connection that has it.
    pub(super) fn line(&self) -> &Arc<Line> {
        &self.0
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let connections = &self.0.connections;
        if connections.open().remove(&self.0) {
            connections.0.freed.notify_one();
        }
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let line = &self.0;
        line.touch();
        line.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt as _;

    use super::*;

    const NEAR: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));
    const FAR: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 2));

    fn is_told(place: &Place) -> bool {
        place.line().told_to_leave().now_or_never().is_some()
    }

    async fn pause() {
        tokio::time::advance(Duration::from_millis(5)).await;
    }

    #[tokio::test(start_paused = true)]
    async fn the_longest_idle_of_whoever_has_the_most_makes_room() {
        let connections = Connections::new(4, 4);
        let (other, _) = connections.enter(FAR).unwrap();
        let mut held = Vec::new();
        for _ in 0..3 {
            pause().await;
            held.push(connections.enter(NEAR).unwrap().0);
        }
        pause().await;
        // Was used since.
        drop(held[0].line().begin());
        let (_newcomer, evicted) = connections.enter(FAR).unwrap();
        assert!(evicted);
        assert_eq!(held.iter().map(is_told).collect::<Vec<_>>(), [false, true, false]);
        assert!(!is_told(&other));
    }

    #[tokio::test]
    async fn a_neighbour_with_all_its_places_loses_one_of_its_own() {
        let connections = Connections::new(100, 2);
        let (first, _) = connections.enter(NEAR).unwrap();
        let (other, _) = connections.enter(FAR).unwrap();
        let (second, evicted) = connections.enter(NEAR).unwrap();
        assert!(!evicted);
        let _busy = first.line().begin();
        let (third, evicted) = connections.enter(NEAR).unwrap();
        assert!(evicted && is_told(&second) && !is_told(&first) && !is_told(&other));
        let _busy_too = third.line().begin();
        assert_eq!(connections.enter(NEAR).unwrap_err(), Full::Neighbour);
        assert!(connections.enter(FAR).is_ok());
    }

    #[tokio::test]
    async fn requests_under_way_are_never_cut_off_for_a_newcomer() {
        let connections = Connections::new(2, 2);
        let (first, _) = connections.enter(NEAR).unwrap();
        let (second, _) = connections.enter(FAR).unwrap();
        let busy = [first.line().begin(), second.line().begin()];
        let third: IpAddr = "::1".parse().unwrap();
        let freed = connections.freed();
        assert_eq!(connections.enter(third).unwrap_err(), Full::Everywhere);
        drop(second);
        freed.await;
        assert!(connections.enter(third).is_ok());
        drop(busy);
    }

    #[tokio::test]
    async fn the_busy_connections_of_the_largest_do_not_keep_the_idle_ones_of_others_in_place() {
        let connections = Connections::new(3, 3);
        let (one, _) = connections.enter(NEAR).unwrap();
        let (two, _) = connections.enter(NEAR).unwrap();
        let _busy = [one.line().begin(), two.line().begin()];
        let (idle, _) = connections.enter(FAR).unwrap();
        assert!(connections.enter("2001:db8::1".parse().unwrap()).is_ok());
        assert!(is_told(&idle));
    }

    #[test]
    fn a_whole_64_counts_as_one_and_mapped_addresses_as_what_they_map() {
        let of = |text: &str| Neighbour::of(text.parse().unwrap());
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:10.0.0.1"), of("10.0.0.1"));
        assert_ne!(of("10.0.0.1"), of("10.0.0.2"));
    }

    #[tokio::test(start_paused = true)]
    async fn idleness_begins_anew_with_the_end_of_a_request() {
        let connections = Connections::new(2, 2);
        let (place, _) = connections.enter(NEAR).unwrap();
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(place.line().idle_for(), Duration::from_secs(3));
        let busy = place.line().begin();
        tokio::time::advance(Duration::from_secs(3)).await;
        assert_eq!(place.line().idle_for(), Duration::ZERO);
        drop(busy);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(place.line().idle_for(), Duration::from_secs(1));
    }
}
