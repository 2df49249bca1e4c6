//! A queue in which whoever has many entries has one of them out for each of anybody else.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// Entries by key: the keys take turns, and the entries of a key come out as they went in.
#[derive(Debug)]
pub(super) struct Queue<K, T> {
    by_key: HashMap<K, VecDeque<T>>,
    /// The keys with entries, each once, the next one first.
    turns: VecDeque<K>,
}

impl<K, T> Default for Queue<K, T> {
    fn default() -> Self {
        Self { by_key: HashMap::new(), turns: VecDeque::new() }
    }
}

impl<K: Copy + Eq + Hash, T> Queue<K, T> {
    pub(super) fn push(&mut self, key: K, entry: T) {
        let entries = self.by_key.entry(key).or_default();
        if entries.is_empty() {
            self.turns.push_back(key);
        }
        entries.push_back(entry);
    }

    pub(super) fn pop(&mut self) -> Option<T> {
        let key = self.turns.pop_front()?;
        let entries = self.by_key.get_mut(&key)?;
        let next = entries.pop_front();
        if entries.is_empty() {
            // Keys are strangers' addresses: nothing of them stays.
            self.by_key.remove(&key);
        } else {
            self.turns.push_back(key);
        }
        next
    }

    pub(super) fn is_empty(&self) -> bool {
        self.turns.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_few_entries_waits_for_few_of_whoever_has_many() {
        let mut queue = Queue::default();
        for number in 0..100 {
            queue.push('f', number);
        }
        queue.push('m', 0);
        queue.push('m', 1);
        let order: Vec<_> = std::iter::from_fn(|| queue.pop()).collect();
        assert_eq!(order[..6], [0, 0, 1, 1, 2, 3]);
        assert_eq!(order.len(), 102);
        assert!(queue.is_empty() && queue.by_key.is_empty());
    }

    #[test]
    fn whoever_comes_back_is_behind_those_that_have_waited() {
        let mut queue = Queue::default();
        queue.push('a', 'a');
        queue.push('b', 'b');
        assert_eq!(queue.pop(), Some('a'));
        queue.push('a', 'A');
        assert_eq!([queue.pop(), queue.pop(), queue.pop()], [Some('b'), Some('A'), None]);
    }
}
