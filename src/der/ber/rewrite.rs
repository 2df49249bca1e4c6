//! BER rewritten with definite minimal lengths and whole strings.

use super::header::Header;
use super::walk::{Event, Walk};
use crate::der::write::push_header;
use crate::der::{DerError, Limits};

/// Most elements that are written anew or stand between such, of 64 octets of memory each. A message has a few for each
/// signer; what is encoded as DER demands is kept together and hardly counts.
const MAX_NODES: usize = 256 * 1024;

/// How an element is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// As it stands, header and all.
    Copy,
    /// A new header, then its parts.
    Parts,
    /// A new header, then the contents as they stand.
    Contents,
    /// A string in pieces: a new header, then the contents of the pieces.
    Joined,
}

/// One element to write.
struct Node {
    form: Form,
    tag: u8,
    /// Of [`Form::Copy`] the element, of [`Form::Contents`] the contents.
    from: usize,
    to: usize,
    parent: Option<usize>,
    /// Octets of the contents when written.
    length: usize,
}

/// An element whose parts are being read.
struct Open {
    node: usize,
    offset: usize,
    /// Whether it must be written anew.
    changes: bool,
}

/// Rewrites elements that stand one after the other: every length becomes definite and minimal, constructed strings of the
/// universal types become primitive. What needs no change is copied byte for byte. Takes memory for what does need a
/// change only, linear in it.
///
/// # Errors
///
/// [`DerError`]: not BER, beyond the budget, or a constructed BIT STRING, which nothing here has.
pub fn to_definite(bytes: &[u8], limits: Limits) -> Result<Vec<u8>, DerError> {
    let mut nodes = plan(bytes, limits)?;
    let mut total = 0;
    // Parts stand after what they are parts of.
    for index in (0..nodes.len()).rev() {
        let Some((parent, octets)) = nodes.get(index).map(|node| (node.parent, written(node, &nodes))) else {
            continue;
        };
        match parent.and_then(|parent| nodes.get_mut(parent)) {
            Some(parent) => parent.length += octets,
            None => total += octets,
        }
    }
    let mut out = Vec::with_capacity(total);
    for node in &nodes {
        if node.form != Form::Copy && !is_piece(node, &nodes) {
            push_header(&mut out, node.tag, node.length as u64);
        }
        if matches!(node.form, Form::Copy | Form::Contents) {
            out.extend_from_slice(bytes.get(node.from..node.to).unwrap_or_default());
        }
    }
    Ok(out)
}

fn plan(bytes: &[u8], limits: Limits) -> Result<Vec<Node>, DerError> {
    let mut walk = Walk::new(bytes, limits)?;
    let mut nodes: Vec<Node> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    while let Some(event) = walk.next()? {
        match event {
            Event::Enter { header, offset } => {
                let form = constructed_form(&header, offset, string_around(&nodes, &open))?;
                let tag = if form == Form::Joined { header.tag & !0x20 } else { header.tag };
                let changes = form == Form::Joined || !header.minimal;
                let parent = open.last().map(|outer| outer.node);
                open.push(Open { node: nodes.len(), offset, changes });
                nodes.push(Node { form, tag, from: 0, to: 0, parent, length: 0 });
            }
            Event::Leave { end } => {
                let Some(closed) = open.pop() else { continue };
                if closed.changes {
                    if let Some(outer) = open.last_mut() {
                        outer.changes = true;
                    }
                } else if let Some(node) = nodes.get_mut(closed.node) {
                    (node.form, node.from, node.to) = (Form::Copy, closed.offset, end);
                    node.length = end - closed.offset;
                    nodes.truncate(closed.node + 1);
                    join_last(&mut nodes);
                }
            }
            Event::Primitive { header, offset, end } => {
                let string = string_around(&nodes, &open);
                if string.is_some_and(|tag| tag != header.tag) {
                    return Err(DerError::Unexpected { found: header.tag, offset });
                }
                let contents = offset + usize::from(header.octets);
                let (form, from) =
                    if header.minimal && string.is_none() { (Form::Copy, offset) } else { (Form::Contents, contents) };
                if let Some(outer) = open.last_mut() {
                    outer.changes |= !header.minimal;
                }
                let parent = open.last().map(|outer| outer.node);
                nodes.push(Node { form, tag: header.tag, from, to: end, parent, length: end - from });
                join_last(&mut nodes);
            }
        }
        if nodes.len() > MAX_NODES {
            return Err(DerError::Elements { limit: MAX_NODES });
        }
    }
    Ok(nodes)
}

/// Makes one of the last two nodes, if both are copied and stand side by side in the same element.
fn join_last(nodes: &mut Vec<Node>) {
    if let [.., first, second] = nodes.as_mut_slice()
        && (first.form, second.form) == (Form::Copy, Form::Copy)
        && first.parent == second.parent
        && first.to == second.from
    {
        first.to = second.to;
        first.length += second.length;
        nodes.pop();
    }
}

/// The tag of the string whose pieces are being read.
fn string_around(nodes: &[Node], open: &[Open]) -> Option<u8> {
    let node = nodes.get(open.last()?.node)?;
    (node.form == Form::Joined).then_some(node.tag)
}

/// X.690 8.7.3, 8.23.6: a constructed string is made of strings of its own type, which may be constructed again.
fn constructed_form(header: &Header, offset: usize, around: Option<u8>) -> Result<Form, DerError> {
    let unexpected = DerError::Unexpected { found: header.tag, offset };
    match header.tag {
        tag if around.is_some_and(|string| string | 0x20 != tag) => Err(unexpected),
        0x23 => Err(unexpected),
        // OCTET STRING, UTF8String, NumericString to GeneralizedTime, the rest of the strings.
        0x24 | 0x2c | 0x32..=0x3c | 0x3e => Ok(Form::Joined),
        // Other universal types have no parts, but for EXTERNAL, SEQUENCE, SET and EMBEDDED PDV.
        0x21..=0x2f if !matches!(header.tag, 0x28 | 0x2b) => Err(unexpected),
        _ => Ok(Form::Parts),
    }
}

fn is_piece(node: &Node, nodes: &[Node]) -> bool {
    node.parent.and_then(|parent| nodes.get(parent)).is_some_and(|parent| parent.form == Form::Joined)
}

/// Octets that a node adds to the contents of its parent.
fn written(node: &Node, nodes: &[Node]) -> usize {
    if node.form == Form::Copy || is_piece(node, nodes) {
        node.length
    } else {
        node.length + 1 + length_octets(node.length)
    }
}

fn length_octets(length: usize) -> usize {
    if length < 0x80 { 1 } else { 1 + significant(length) }
}

/// Octets of a number without its leading zeros.
fn significant(length: usize) -> usize {
    size_of::<usize>() - length.leading_zeros() as usize / 8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::der::check_strict;

    const LIMITS: Limits = Limits { bytes: 4096, depth: 16, elements: 256 };

    #[test]
    fn indefinite_lengths_and_pieces_go_and_the_rest_stays() {
        for (from, to) in [
            (&[][..], &[][..]),
            (&[5, 0], &[5, 0]),
            (&[0x30, 0x80, 2, 1, 7, 0, 0], &[0x30, 3, 2, 1, 7]),
            (&[0x30, 0x81, 3, 2, 1, 7], &[0x30, 3, 2, 1, 7]),
            (&[0x02, 0x81, 1, 7], &[2, 1, 7]),
            (&[0x24, 0x80, 4, 1, 1, 0x24, 3, 4, 1, 2, 4, 0, 0, 0], &[4, 2, 1, 2]),
            (&[0x24, 0], &[4, 0]),
            (&[0xa0, 0x80, 0x24, 0x80, 4, 1, 9, 0, 0, 0, 0, 5, 0], &[0xa0, 3, 4, 1, 9, 5, 0]),
            (&[0x30, 4, 0x30, 2, 1, 0], &[0x30, 4, 0x30, 2, 1, 0]),
            (&[0x30, 8, 0x30, 0x80, 5, 0, 0, 0, 0x30, 0], &[0x30, 6, 0x30, 2, 5, 0, 0x30, 0]),
        ] {
            assert_eq!(to_definite(from, LIMITS), Ok(to.to_vec()), "{from:02x?}");
        }
    }

    #[test]
    fn what_stays_costs_no_memory_and_what_changes_has_a_limit() {
        let limits = Limits { bytes: 1 << 24, depth: 16, elements: 1 << 24 };
        let nulls = [5, 0].repeat(MAX_NODES + 1);
        let around = |parts: &[u8]| [&[0x30, 0x80][..], parts, &[0, 0]].concat();
        assert_eq!(plan(&around(&nulls), limits).map(|nodes| nodes.len()), Ok(2));
        let out = to_definite(&around(&nulls), limits).unwrap();
        assert!(out.ends_with(&nulls) && out.len() == nulls.len() + 5);
        let padded = [5, 0x81, 0].repeat(MAX_NODES);
        assert_eq!(to_definite(&around(&padded), limits), Err(DerError::Elements { limit: MAX_NODES }));
    }

    #[test]
    fn lengths_of_every_size_are_written_minimal() {
        for size in [0usize, 1, 0x7f, 0x80, 0xff, 0x100, 0x1000] {
            let piece = vec![0xaa; size];
            let limits = Limits { bytes: 8192, ..LIMITS };
            let mut from = vec![0x30, 0x80, 4, 0x84];
            from.extend_from_slice(&u32::try_from(size).unwrap().to_be_bytes());
            from.extend_from_slice(&piece);
            from.extend_from_slice(&[0, 0]);
            let out = to_definite(&from, limits).unwrap();
            assert_eq!(check_strict(&out, limits), Ok(()), "{size}");
            assert!(out.ends_with(&piece));
        }
    }

    #[test]
    fn what_is_not_ber_is_refused() {
        for (why, bytes) in [
            ("a string among strings of another type", &[0x24, 2, 0x0c, 0][..]),
            ("a sequence in a string", &[0x24, 2, 0x30, 0]),
            ("a string of another type, constructed", &[0x24, 2, 0x2c, 0]),
            ("a constructed BIT STRING", &[0x23, 3, 3, 1, 0]),
            ("a constructed INTEGER", &[0x22, 3, 2, 1, 0]),
            ("a constructed NULL", &[0x25, 0]),
            ("an end of contents alone", &[0, 0]),
            ("an end of contents in a definite element", &[0x30, 2, 0, 0]),
            ("no end of contents", &[0x30, 0x80, 5, 0]),
            ("a part beyond the whole", &[0x30, 2, 4, 1]),
        ] {
            assert!(to_definite(bytes, LIMITS).is_err(), "{why}: rewritten");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic_and_what_comes_out_needs_no_second_pass(bytes in prop::collection::vec(
            prop_oneof![Just(0x30u8), Just(0x80), Just(0), Just(0x24), Just(4), any::<u8>()], 0..64,
        )) {
            if let Ok(out) = to_definite(&bytes, LIMITS) {
                prop_assert_eq!(to_definite(&out, LIMITS), Ok(out));
            }
        }
    }
}
