//! The rewriter of BER against a recursive one that keeps everything in a tree.

use rastau::der::ber::{first_len, to_definite};
use rastau::der::{Limits, check_strict};

/// Room enough that only what is wrong is refused, not what is much.
const LIMITS: Limits = Limits { bytes: 1 << 20, depth: 64, elements: 1 << 16 };

/// What is rewritten is definite, its own rewriting, and what the other rewriter makes of it.
pub fn ber(data: &[u8]) {
    let Ok(definite) = to_definite(data, LIMITS) else {
        assert!(check_strict(data, LIMITS).is_err() || data.is_empty() || has_odd_string(data), "DER is BER");
        return;
    };
    assert_eq!(to_definite(&definite, LIMITS).as_deref(), Ok(definite.as_slice()), "nothing is left to rewrite");
    let mut written = Vec::new();
    let rest = rewrite_all(data, &mut written, 0, false);
    assert_eq!(rest.map(<[u8]>::len), Some(0), "what one reads the other does");
    assert_eq!(written, definite, "two rewriters agree");
    if let Ok(length) = first_len(data, LIMITS) {
        assert!(length <= data.len());
        assert!(to_definite(&data[..length], LIMITS).is_ok(), "the first of several stands alone");
    }
}

/// Strict DER may hold constructed strings and elements of the reserved type 0 as far as `check_strict` knows; to the rewriter
/// these are strings in pieces and ends of contents.
fn has_odd_string(data: &[u8]) -> bool {
    data.contains(&0) || data.iter().any(|&tag| tag & 0x20 != 0 && tag != 0x30 && tag != 0x31)
}

/// Rewrites elements up to the end of the contents; what is left behind an end-of-contents.
fn rewrite_all<'a>(mut data: &'a [u8], out: &mut Vec<u8>, depth: usize, to_end: bool) -> Option<&'a [u8]> {
    loop {
        match data {
            [] if !to_end => return Some(data),
            [0, 0, rest @ ..] if to_end => return Some(rest),
            _ => data = rewrite(data, out, depth)?,
        }
    }
}

/// Rewrites one element; what is left.
fn rewrite<'a>(data: &'a [u8], out: &mut Vec<u8>, depth: usize) -> Option<&'a [u8]> {
    let (&tag, rest) = data.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    if tag & 0x1f == 0x1f || depth > 64 {
        return None;
    }
    let mut contents = Vec::new();
    let is_string = matches!(tag, 0x24 | 0x2c | 0x32..=0x3c | 0x3e);
    let mut parts = |data: &'a [u8], to_end: bool| {
        let mut written = Vec::new();
        let left = rewrite_all(data, &mut written, depth + 1, to_end)?;
        contents = if is_string { joined(&written)? } else { written };
        Some(left)
    };
    if first == 0x80 {
        rest = parts(rest, true)?;
    } else {
        let mut length = usize::from(first);
        if first > 0x80 {
            let octets = rest.split_at_checked(usize::from(first & 0x7f))?;
            length = octets.0.iter().try_fold(0_usize, |length, &octet| {
                length.checked_mul(256).map(|length| length + usize::from(octet))
            })?;
            rest = octets.1;
        }
        let (inside, after) = rest.split_at_checked(length)?;
        if tag & 0x20 == 0 {
            contents = inside.to_vec();
        } else {
            parts(inside, false)?;
        }
        rest = after;
    }
    out.push(if is_string { tag & !0x20 } else { tag });
    push_length(out, contents.len());
    out.extend_from_slice(&contents);
    Some(rest)
}

/// The contents of strings that stand one after the other.
fn joined(mut strings: &[u8]) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    while let [_, first, rest @ ..] = strings {
        let (length, rest) = match first {
            0..=0x7f => (usize::from(*first), rest),
            _ => {
                let (octets, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                (octets.iter().fold(0, |length, &octet| length << 8 | usize::from(octet)), rest)
            }
        };
        let (contents, rest) = rest.split_at_checked(length)?;
        all.extend_from_slice(contents);
        strings = rest;
    }
    Some(all)
}

fn push_length(out: &mut Vec<u8>, length: usize) {
    if length < 0x80 {
        return out.push(length as u8);
    }
    let octets = length.to_be_bytes();
    let skipped = octets.iter().take_while(|&&octet| octet == 0).count();
    out.push(0x80 | (octets.len() - skipped) as u8);
    out.extend_from_slice(&octets[skipped..]);
}
