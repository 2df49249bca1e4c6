//! The index against the plainest thing that does the same, for keys of every distribution an adversary may choose.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::clock::Time;
use crate::revocation::reason::Reason;

/// Key, seconds from 1950, code of the reason.
type Entry = (Vec<u8>, u64, Option<u8>);

/// Keys of all lengths, many of them alike.
fn key() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        (0_u8..8).prop_map(|low| vec![low]),
        prop::collection::vec(0_u8..2, 1..4),
        prop::collection::vec(any::<u8>(), 1..=64),
        // A long prefix, then few different octets, then zeros.
        (0_usize..62, 0_u8..4, 0_u8..4).prop_map(|(length, one, two)| {
            let mut key = vec![0x55; length];
            key.extend([one, two]);
            key
        }),
        (any::<u8>(), 8_usize..20).prop_map(|(octet, length)| {
            let mut key = vec![0; length];
            key[7] = octet;
            key
        }),
    ]
}

fn entries() -> impl Strategy<Value = Vec<Entry>> {
    let reason = prop_oneof![Just(None), prop_oneof![0_u8..=6, 8_u8..=10].prop_map(Some)];
    let date = prop_oneof![4 => 0_u64..4, 1 => Just(MAX_SECONDS), 1 => 0..MAX_SECONDS];
    prop::collection::vec((key(), date, reason), 0..400)
}

fn date(seconds: u64) -> Time {
    Time::from_unix(EPOCH + i64::try_from(seconds).unwrap())
}

fn build_of(entries: &[Entry]) -> Index {
    let mut builder = Builder::default();
    for (key, seconds, reason) in entries {
        builder.push(key, date(*seconds), reason.and_then(Reason::from_code));
    }
    builder.finish().unwrap()
}

/// What counts of several entries, the least first.
fn rank(seconds: u64, reason: Option<Reason>) -> (u8, u64, u8) {
    let severity = match reason {
        Some(Reason::KeyCompromise | Reason::CaCompromise | Reason::AaCompromise) => 0,
        Some(Reason::CertificateHold) => 3,
        Some(Reason::RemoveFromCrl) => 4,
        reason if (Revoked { date: Time::MIN, reason }).reaches_back() => 1,
        _ => 2,
    };
    (severity, seconds, reason.map_or(15, Reason::code))
}

fn model(entries: &[Entry]) -> BTreeMap<&[u8], (u64, Option<Reason>)> {
    let mut model = BTreeMap::new();
    for (key, seconds, reason) in entries {
        let entry = (*seconds, reason.and_then(Reason::from_code));
        let known = model.entry(key.as_slice()).or_insert(entry);
        if rank(entry.0, entry.1) < rank(known.0, known.1) {
            *known = entry;
        }
    }
    // Whoever ended in good order has been out of use since the hold before that.
    for (key, (seconds, reason)) in &mut model {
        if rank(0, *reason).0 == 2 {
            let held = entries.iter().filter(|(other, _, code)| *other == *key && *code == Some(6));
            *seconds = held.map(|(_, held, _)| *held).min().unwrap_or(*seconds).min(*seconds);
        }
    }
    model
}

/// Every key is found with what counts of it, on the heap and in a copy of the block, and its neighbours are not.
fn agrees(entries: &[Entry]) -> Index {
    let index = build_of(entries);
    let model = model(entries);
    let copy = Index::open(Bytes::from(index.as_block().to_vec())).unwrap();
    for (key, (seconds, reason)) in &model {
        let wanted = Some(Revoked { date: date(*seconds), reason: *reason });
        assert_eq!(index.lookup(key), wanted);
        assert_eq!(copy.lookup(key), wanted);
        for change in [1, 0x80, 0xff] {
            let mut other = key.to_vec();
            for place in [0, key.len() / 2, key.len() - 1] {
                other[place] ^= change;
                assert_eq!(index.lookup(&other).is_some(), model.contains_key(other.as_slice()));
                other[place] ^= change;
            }
        }
    }
    assert_eq!(index.duplicates(), (entries.len() - model.len()) as u64);
    assert_eq!(index.len(), model.len());
    index
}

proptest! {
    #[test]
    fn answers_as_a_map_would(entries in entries(), others in prop::collection::vec(key(), 0..50)) {
        let index = agrees(&entries);
        let model = model(&entries);
        for other in &others {
            prop_assert_eq!(index.lookup(other).is_some(), model.contains_key(other.as_slice()));
        }
    }

    #[test]
    fn the_same_entries_in_another_order_are_the_same_octets(entries in entries(), swaps in any::<u64>()) {
        let mut shuffled = entries.clone();
        let mut state = swaps | 1;
        for place in (1..shuffled.len()).rev() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            shuffled.swap(place, usize::try_from(state >> 33).unwrap() % (place + 1));
        }
        let (one, other) = (build_of(&entries), build_of(&shuffled));
        prop_assert_eq!(one.as_block(), other.as_block());
    }

    /// Whatever the octets are: an answer or none, never a panic.
    #[test]
    fn a_damaged_block_is_refused_or_read_without_harm(
        entries in entries(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in 0_usize..40,
    ) {
        let mut block = build_of(&entries).as_block().to_vec();
        for (place, octet) in changes {
            let place = place.index(block.len());
            block[place] = octet;
        }
        block.truncate(block.len().saturating_sub(cut));
        if let Some(index) = Index::open(Bytes::from(block)) {
            for (key, ..) in &entries {
                index.lookup(key);
            }
        }
    }
}

fn random_key(number: u32, length: usize) -> Vec<u8> {
    let digest = crate::crypto::sha256(&number.to_be_bytes());
    digest.iter().copied().cycle().take(length).collect()
}

#[test]
fn two_hundred_thousand_random_keys_are_found_within_the_memory_promised() {
    let entries: Vec<Entry> =
        (0..200_000).map(|number| (random_key(number, 20), u64::from(number % 7), Some(4))).collect();
    let index = agrees(&entries);
    assert!((200_000..400_000).all(|number| index.lookup(&random_key(number, 20)).is_none()));
    assert!(index.bytes() <= 24 * entries.len(), "{} bytes", index.bytes());
}

#[test]
fn the_national_list_takes_ten_million_octets_at_most_even_with_dates_of_many_years() {
    for span in [1 << 27, 1 << 33] {
        let mut builder = Builder::default();
        for number in 0..422_065_u32 {
            let mixed = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let key = [&mixed.to_be_bytes()[..], &[7; 12]].concat();
            builder.push(&key, date(mixed % span), Some(Reason::Superseded));
        }
        let index = builder.finish().unwrap();
        assert_eq!(index.len(), 422_065);
        assert!(index.bytes() <= 10_000_000, "{} bytes", index.bytes());
    }
}

/// Distributions for which guessing a place is of no use, or the table is.
#[test]
fn keys_that_an_adversary_chose_are_found_too() {
    let all = |keys: Vec<Vec<u8>>| -> Vec<Entry> {
        keys.into_iter().zip(0_u64..).map(|(key, number)| (key, number % 5, Some(1))).collect()
    };
    let distributions: [(&str, Vec<Vec<u8>>); 7] = [
        ("counted up", (0..140_000_u64).map(|number| number.to_be_bytes().to_vec()).collect()),
        (
            "counted up after a sign octet",
            (0..70_000_u64).map(|n| [&[0, 0x80][..], &n.to_be_bytes()].concat()).collect(),
        ),
        ("one prefix", (0..140_000).map(|number| [vec![0x42; 16], random_key(number, 4)].concat()).collect()),
        ("one prefix but for one key", {
            let mut keys: Vec<Vec<u8>> = (0..140_000).map(|n| [vec![0x42; 12], random_key(n, 8)].concat()).collect();
            keys.push(vec![0x43; 20]);
            keys
        }),
        (
            "growing by powers",
            (0..512_u32)
                .map(|bit| {
                    let mut key = vec![0; 64];
                    key[(bit / 8) as usize] = 1 << (bit % 8);
                    key
                })
                .collect(),
        ),
        ("every length", (0..6400_u32).map(|number| random_key(number, 1 + number as usize % 64)).collect()),
        ("all of two octets", (0..=u16::MAX).map(|number| number.to_be_bytes().to_vec()).collect()),
    ];
    for (name, keys) in distributions {
        println!("{name}");
        agrees(&all(keys));
    }
}

#[test]
fn a_million_times_the_same_certificate_is_one_record() {
    let mut builder = Builder::default();
    for second in 0..1_000_000 {
        builder.push(&[1; 20], Time::from_unix(1_000_000 - second), None);
    }
    let index = builder.finish().unwrap();
    assert_eq!(index.lookup(&[1; 20]).map(|revoked| revoked.date), Some(Time::from_unix(1)));
    assert_eq!((index.duplicates(), index.len()), (999_999, 1));
    assert!(index.as_block().len() < 200);
}

#[test]
fn of_two_entries_the_worse_counts_then_the_earlier_and_lifting_never() {
    for (first, second, counts) in [
        ((5, Some(4)), (4, Some(4)), (4, Some(4))),
        ((5, Some(4)), (5, Some(1)), (5, Some(1))),
        ((5, Some(4)), (5, None), (5, None)),
        ((5, Some(10)), (6, Some(1)), (5, Some(10))),
        ((5, Some(4)), (6, Some(1)), (6, Some(1))),
        ((5, Some(6)), (6, Some(1)), (6, Some(1))),
        ((5, Some(6)), (6, Some(4)), (5, Some(4))),
        ((6, Some(6)), (5, Some(4)), (5, Some(4))),
        ((5, Some(6)), (6, None), (6, None)),
        ((6, Some(6)), (5, Some(6)), (5, Some(6))),
        ((5, Some(8)), (6, Some(6)), (6, Some(6))),
        ((5, Some(8)), (6, Some(8)), (5, Some(8))),
    ] {
        for pair in [[first, second], [second, first]] {
            let index = build_of(&pair.map(|(seconds, reason)| (vec![9; 20], seconds, reason)));
            let reason = counts.1.and_then(Reason::from_code);
            assert_eq!(index.lookup(&[9; 20]), Some(Revoked { date: date(counts.0), reason }), "{pair:?}");
            assert_eq!(index.duplicates(), 1);
        }
    }
}

#[test]
fn dates_out_of_reach_are_kept_at_the_nearest_end() {
    let last = EPOCH + i64::try_from(MAX_SECONDS).unwrap();
    for (given, kept) in [(i64::MIN, EPOCH), (EPOCH - 1, EPOCH), (0, 0), (last, last), (i64::MAX, last)] {
        let mut builder = Builder::default();
        builder.push(&[7], Time::from_unix(given), Some(Reason::Unspecified));
        builder.push(&[8], Time::from_unix(0), None);
        let index = builder.finish().unwrap();
        let wanted = Revoked { date: Time::from_unix(kept), reason: Some(Reason::Unspecified) };
        assert_eq!(index.lookup(&[7]), Some(wanted));
        assert_eq!(index.lookup(&[8]), Some(Revoked { date: Time::from_unix(0), reason: None }));
    }
}

#[test]
fn an_empty_index_knows_nobody_and_keys_that_cannot_be_are_passed_over() {
    let mut builder = Builder::default();
    builder.push(&[], Time::from_unix(0), None);
    builder.push(&[1; 65], Time::from_unix(0), None);
    builder.push(&[1; 300], Time::from_unix(0), None);
    assert!(builder.is_empty());
    let index = builder.finish().unwrap();
    for key in [&[][..], &[1], &[1; 64], &[1; 65], &[1; 300]] {
        assert_eq!(index.lookup(key), None);
    }
    assert_eq!(index.as_block().len(), EMPTY_BLOCK);
}

/// A source that does not keep its promise must not become an index.
#[test]
fn entries_that_change_between_two_passes_are_refused() {
    struct Changing(std::cell::Cell<u8>, Vec<[u8; 2]>);
    impl Entries for Changing {
        fn each(
            &self,
            mut sink: impl FnMut(&[u8], Time, Option<Reason>),
        ) -> Result<(), crate::revocation::error::ListError> {
            let pass = self.0.replace(self.0.get() + 1);
            for [first, second] in &self.1 {
                sink(&[*first], Time::from_unix(-i64::from(*second) * i64::from(pass)), None);
                if pass > 0 && *second == 9 {
                    sink(&[*first, *second], Time::from_unix(0), None);
                }
            }
            Ok(())
        }
    }
    for wrong in [[1, 200], [1, 9]] {
        // A key of a length never seen, and a date before the earliest: neither may be put somewhere else.
        let entries = Changing(std::cell::Cell::new(0), vec![wrong]);
        assert!(build(&entries).is_err(), "{wrong:?}");
    }
}
