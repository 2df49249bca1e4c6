//! DER and BER as a tree: elements are copied, moved, taken out and changed, and all lengths around them follow.

use super::{Random, plainly};

/// Deepest nesting that is taken apart.
const MAX_DEPTH: usize = 24;
/// Most elements that are taken apart.
const MAX_ELEMENTS: usize = 4096;

/// Tags worth trying.
const TAGS: &[u8] = &[
    0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0a, 0x0c, 0x13, 0x16, 0x17, 0x18, 0x1e, 0x24, 0x30, 0x31, 0x80, 0x81, 0x82,
    0x86, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4,
];

#[derive(Clone)]
enum Body {
    Octets(Vec<u8>),
    /// What comes before the parts (the unused bits of a BIT STRING), and the parts.
    Parts(Vec<u8>, Vec<Element>),
}

#[derive(Clone)]
struct Element {
    tag: u8,
    body: Body,
    /// Written with an indefinite length.
    indefinite: bool,
}

/// The input with one element changed; `None` when it is no run of elements.
pub fn mutate(input: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let mut budget = MAX_ELEMENTS;
    let mut elements = parse(input, 0, &mut budget)?;
    let count = elements.iter().map(count).sum::<usize>();
    if count == 0 {
        return None;
    }
    for _ in 0..=random.below(3) {
        let donor = nth(&elements, random.below(count)).cloned();
        let place = random.below(count);
        change(&mut elements, place, donor, random);
    }
    let mut out = Vec::with_capacity(input.len() + 64);
    elements.iter().for_each(|element| write(element, &mut out));
    Some(out)
}

fn parse(input: &[u8], depth: usize, budget: &mut usize) -> Option<Vec<Element>> {
    let mut elements = Vec::new();
    let mut rest = input;
    while let Some((&tag, after)) = rest.split_first() {
        *budget = budget.checked_sub(1)?;
        if tag & 0x1f == 0x1f || depth > MAX_DEPTH {
            return None;
        }
        let (&first, mut after) = after.split_first()?;
        let mut indefinite = false;
        let length = match first {
            0x80 if tag & 0x20 != 0 => {
                indefinite = true;
                indefinite_length(after)?
            }
            0..=0x7f => usize::from(first),
            0x81..=0x84 => {
                let (octets, value) = after.split_at_checked(usize::from(first & 0x7f))?;
                after = value;
                octets.iter().fold(0, |length, &octet| length << 8 | usize::from(octet))
            }
            _ => return None,
        };
        let (contents, next) = after.split_at_checked(length)?;
        rest = if indefinite { next.get(2..)? } else { next };
        elements.push(Element { tag, indefinite, body: body(tag, contents, depth, budget) });
    }
    Some(elements)
}

/// Octets before the end-of-contents of this level.
fn indefinite_length(input: &[u8]) -> Option<usize> {
    let mut offset = 0;
    loop {
        let rest = input.get(offset..)?;
        if rest.starts_with(&[0, 0]) {
            return Some(offset);
        }
        let (&tag, after) = rest.split_first()?;
        let (&first, after) = after.split_first()?;
        offset += 2 + match first {
            0x80 if tag & 0x20 != 0 => indefinite_length(after)? + 2,
            0..=0x7f => usize::from(first),
            0x81..=0x84 => {
                let octets = after.get(..usize::from(first & 0x7f))?;
                octets.len() + octets.iter().fold(0, |length, &octet| length << 8 | usize::from(octet))
            }
            _ => return None,
        };
    }
}

fn body(tag: u8, contents: &[u8], depth: usize, budget: &mut usize) -> Body {
    let skipped = match tag {
        // Extensions and encapsulated content lie in strings.
        0x03 if contents.first() == Some(&0) => 1,
        0x04 => 0,
        tag if tag & 0x20 != 0 => 0,
        _ => return Body::Octets(contents.to_vec()),
    };
    let mut left = *budget;
    match parse(&contents[skipped..], depth + 1, &mut left) {
        Some(parts) if !parts.is_empty() || tag & 0x20 != 0 => {
            *budget = left;
            Body::Parts(contents[..skipped].to_vec(), parts)
        }
        _ => Body::Octets(contents.to_vec()),
    }
}

fn count(element: &Element) -> usize {
    1 + match &element.body {
        Body::Octets(_) => 0,
        Body::Parts(_, parts) => parts.iter().map(count).sum(),
    }
}

fn nth(elements: &[Element], mut place: usize) -> Option<&Element> {
    for element in elements {
        if place == 0 {
            return Some(element);
        }
        place -= 1;
        let inside = count(element) - 1;
        if place < inside {
            let Body::Parts(_, parts) = &element.body else { return None };
            return nth(parts, place);
        }
        place -= inside;
    }
    None
}

/// Changes the element at a place, counted through the whole tree.
fn change(elements: &mut Vec<Element>, mut place: usize, donor: Option<Element>, random: &mut Random) {
    for index in 0..elements.len() {
        if place == 0 {
            return change_here(elements, index, donor, random);
        }
        place -= 1;
        let inside = count(&elements[index]) - 1;
        if place < inside {
            if let Body::Parts(_, parts) = &mut elements[index].body {
                change(parts, place, donor, random);
            }
            return;
        }
        place -= inside;
    }
}

fn change_here(elements: &mut Vec<Element>, index: usize, donor: Option<Element>, random: &mut Random) {
    match random.below(10) {
        0 => {
            elements.remove(index);
        }
        1 => elements.insert(index, elements[index].clone()),
        2 => elements.extend(donor),
        3 => {
            if let Some(donor) = donor {
                elements[index] = donor;
            }
        }
        4 => elements[index].tag = TAGS[random.below(TAGS.len())],
        5 => {
            let other = random.below(elements.len());
            elements.swap(index, other);
        }
        6 => {
            let inner = elements[index].clone();
            let tag = [0x30, 0x31, 0xa0, 0x04, 0x24][random.below(5)];
            elements[index] = Element { tag, indefinite: false, body: Body::Parts(Vec::new(), vec![inner]) };
        }
        7 => elements[index].indefinite = !elements[index].indefinite && elements[index].tag & 0x20 != 0,
        _ => change_contents(&mut elements[index], random),
    }
}

fn change_contents(element: &mut Element, random: &mut Random) {
    match &mut element.body {
        Body::Octets(octets) => {
            let room = 1 + random.below(16);
            *octets = plainly(octets, room);
        }
        Body::Parts(_, parts) => {
            let at = random.below(parts.len() + 1);
            parts.truncate(at);
        }
    }
}

fn write(element: &Element, out: &mut Vec<u8>) {
    let mut contents = Vec::new();
    match &element.body {
        Body::Octets(octets) => contents.extend_from_slice(octets),
        Body::Parts(before, parts) => {
            contents.extend_from_slice(before);
            parts.iter().for_each(|part| write(part, &mut contents));
        }
    }
    out.push(element.tag);
    if element.indefinite {
        out.push(0x80);
        out.extend_from_slice(&contents);
        return out.extend_from_slice(&[0, 0]);
    }
    match contents.len() {
        length @ 0..=0x7f => out.push(length as u8),
        length => {
            let octets = length.to_be_bytes();
            let skipped = octets.iter().take_while(|&&octet| octet == 0).count();
            out.push(0x80 | (octets.len() - skipped) as u8);
            out.extend_from_slice(&octets[skipped..]);
        }
    }
    out.extend_from_slice(&contents);
}
