//! The crate's digest for everything (the standard's examples stand with the other hashes, in `digest`).
//!
//! Where the processor lacks the instructions both sides are the crate; a test then says so.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

/// Digests of a message given in parts, 512 bits then 256.
fn ours<'part>(parts: impl IntoIterator<Item = &'part [u8]>) -> (Vec<u8>, Vec<u8>) {
    let (mut long, mut short) = (Streebog512::new(), Streebog256::new());
    for part in parts {
        long.update(part);
        short.update(part);
    }
    (long.finish().to_vec(), short.finish().to_vec())
}

/// The same by the crate.
fn theirs(message: &[u8]) -> (Vec<u8>, Vec<u8>) {
    (::streebog::Streebog512::digest(message).to_vec(), ::streebog::Streebog256::digest(message).to_vec())
}

/// Cheap octets that look random: a linear congruential sequence.
fn noise(seed: u64) -> impl Iterator<Item = u8> {
    std::iter::successors(Some(seed), |state| {
        Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407))
    })
    .map(|state| state.to_be_bytes()[0])
}

#[test]
fn this_processor_is_used_where_it_has_the_instructions() {
    let engine = Engine::<::streebog::Streebog512>::new(0);
    if matches!(engine, Engine::Portable(_)) {
        println!("skipped: no AVX-512 with VBMI and GFNI here, the crate is compared with itself");
    }
}

#[test]
fn without_the_instructions_the_crate_hashes() {
    let mut engine = Engine::Portable(::streebog::Streebog256::new());
    engine.update(b"a message ");
    engine.update(b"in parts");
    let digest: [u8; 32] = engine.finish();
    assert_eq!(digest.to_vec(), theirs(b"a message in parts").1);
}

#[test]
fn every_length_over_several_blocks() {
    let message: Vec<u8> = noise(7).take(520).collect();
    for length in 0..=message.len() {
        assert_eq!(ours([&message[..length]]), theirs(&message[..length]), "{length} octets");
    }
}

#[test]
fn every_octet_at_every_place_of_a_block() {
    for place in 0..64 {
        for octet in 0..=255 {
            let mut block = [0; 64];
            block[place] = octet;
            assert_eq!(ours([&block[..]]), theirs(&block), "{octet} at {place}");
        }
    }
}

#[test]
fn a_hundred_thousand_short_messages() {
    for seed in 0..100_000 {
        let length = usize::try_from(seed % 80).unwrap();
        let message: Vec<u8> = noise(seed).skip(8).take(length).collect();
        let mut hasher = Streebog512::new();
        hasher.update(&message);
        assert_eq!(hasher.finish()[..], ::streebog::Streebog512::digest(&message)[..], "seed {seed}");
    }
}

#[test]
fn a_mebibyte_whole_and_in_parts_of_odd_length() {
    let message: Vec<u8> = noise(1).take(1 << 20).collect();
    let expected = theirs(&message);
    assert_eq!(ours([&message[..]]), expected);
    assert_eq!(ours(message.chunks(4093)), expected);
}

/// The sum of all blocks carries from word to word and out of the last.
#[test]
fn the_sum_of_blocks_carries_through_all_its_words() {
    let mut one = [0; 64];
    one[0] = 1;
    let mut high = [0; 64];
    high[63] = 0x80;
    let full = [0xff; 64];
    // Words full but for one place, where a carry must stop.
    let mut gap = full;
    gap[31] = 0x7f;
    for blocks in [
        vec![full, one],
        vec![one, full],
        vec![full; 17],
        vec![high, high, one],
        vec![gap, one, full],
        vec![full, full, gap, gap, one, high],
    ] {
        let message = blocks.as_flattened();
        assert_eq!(ours([message]), theirs(message));
        // A last part that adds to the sum as well.
        let message = [message, &[0xff; 63]].concat();
        assert_eq!(ours([&message[..]]), theirs(&message));
    }
}

#[test]
fn a_copy_goes_its_own_way() {
    let mut first = Streebog512::new();
    first.update(&[7; 100]);
    let mut second = first.clone();
    first.update(b"one");
    second.update(b"two");
    assert_eq!(first.finish().to_vec(), theirs(&[&[7; 100], &b"one"[..]].concat()).0);
    assert_eq!(second.finish().to_vec(), theirs(&[&[7; 100], &b"two"[..]].concat()).0);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn random_messages_in_random_parts(message in vec(any::<u8>(), 0..1000), cuts in vec(0usize..1000, 0..8)) {
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(message.len())).collect();
        cuts.extend([0, message.len()]);
        cuts.sort_unstable();
        let parts = cuts.windows(2).map(|ends| &message[ends[0]..ends[1]]);
        prop_assert_eq!(ours(parts), theirs(&message));
    }

    /// Octets of few values make sums that carry far, and repeat themselves in the table's halves.
    #[test]
    fn random_messages_of_few_octets(message in vec(prop::sample::select(vec![0u8, 1, 0x7f, 0x80, 0xff]), 0..400)) {
        prop_assert_eq!(ours([&message[..]]), theirs(&message));
    }
}
