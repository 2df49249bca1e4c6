//! Mutations that know what the input is: a length that no longer fits is what a parser finds first, so that plain mutation
//! hardly ever gets behind it. Every second input is mutated plainly all the same, for the sake of wrong lengths.

mod random;
mod tlv;
mod xml;

use libfuzzer_sys::fuzzer_mutate;

pub use random::Random;

/// What inputs look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Anything.
    Bytes,
    /// DER or BER.
    Tlv,
    /// Some octets that choose, then DER.
    TlvAfter(usize),
    /// XML.
    Xml,
}

/// Changes the first `size` octets of `data`; how many there are then, at most `max_size`.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut random = Random::new(seed);
    let shape = super::shape();
    if shape == Shape::Bytes || random.below(2) == 0 {
        return fuzzer_mutate(data, size, max_size);
    }
    let input = &data[..size];
    let changed = match shape {
        Shape::Bytes => None,
        Shape::Tlv => tlv::mutate(input, &mut random),
        Shape::TlvAfter(octets) => input.split_at_checked(octets).and_then(|(head, rest)| {
            let rest = tlv::mutate(rest, &mut random)?;
            Some([head, &rest].concat())
        }),
        Shape::Xml => xml::mutate(input, &mut random),
    };
    match changed.filter(|changed| !changed.is_empty() && changed.len() <= max_size) {
        Some(changed) => {
            data[..changed.len()].copy_from_slice(&changed);
            changed.len()
        }
        None => fuzzer_mutate(data, size, max_size),
    }
}

/// Octets changed as libFuzzer changes them.
fn plainly(octets: &[u8], room: usize) -> Vec<u8> {
    let size = octets.len();
    let mut buffer = octets.to_vec();
    buffer.resize(size + room, 0);
    let length = buffer.len();
    let changed = fuzzer_mutate(&mut buffer, size, length);
    buffer.truncate(changed);
    buffer
}
