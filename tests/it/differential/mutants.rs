//! Inputs changed a little, the same way each time. The mutators are those of the fuzz targets.

#[path = "../../../fuzz/src/mutate/random.rs"]
mod random;
#[path = "../../../fuzz/src/mutate/tlv.rs"]
mod tlv;
#[path = "../../../fuzz/src/mutate/xml.rs"]
mod xml;

use random::Random;

/// An octet or two changed, put in or taken out: what the mutators do to contents.
fn plainly(octets: &[u8], room: usize) -> Vec<u8> {
    let seed = octets
        .iter()
        .fold(u32::try_from(room).unwrap_or_default(), |seed, &octet| seed.wrapping_mul(31).wrapping_add(octet.into()));
    flipped(octets, &mut Random::new(seed))
}

fn flipped(octets: &[u8], random: &mut Random) -> Vec<u8> {
    let mut octets = octets.to_vec();
    for _ in 0..=random.below(2) {
        let place = random.below(octets.len());
        match (random.below(8), octets.get_mut(place)) {
            (0, _) => octets.insert(place, [0, 0xff, 0x30, 0x80][random.below(4)]),
            (1, Some(_)) => drop(octets.remove(place)),
            (2, Some(octet)) => *octet = [0, 1, 0x7f, 0x80, 0xff][random.below(5)],
            (_, Some(octet)) => *octet ^= 1 << random.below(8),
            (_, None) => octets.push(0),
        }
    }
    octets
}

/// The input and that many mutants of it, half of them with all lengths kept right.
pub fn of_tlv(input: &[u8], count: usize) -> Vec<Vec<u8>> {
    mutants(input, count, tlv::mutate)
}

/// The same for XML.
pub fn of_xml(input: &[u8], count: usize) -> Vec<Vec<u8>> {
    mutants(input, count, xml::mutate)
}

fn mutants(input: &[u8], count: usize, mutate: fn(&[u8], &mut Random) -> Option<Vec<u8>>) -> Vec<Vec<u8>> {
    let seed = u32::try_from(super::fingerprint(input) >> 40).unwrap_or_default();
    let mutant = |number: u32| {
        let mut random = Random::new(seed.wrapping_add(number));
        let structured = if number.is_multiple_of(2) { mutate(input, &mut random) } else { None };
        structured.unwrap_or_else(|| flipped(input, &mut random))
    };
    let numbers = 0..u32::try_from(count).unwrap_or(u32::MAX);
    std::iter::once(input.to_vec()).chain(numbers.map(mutant)).collect()
}
