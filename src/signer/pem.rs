//! PEM (RFC 7468) of secrets: as [`crate::der::armour`], but what is decoded is zeroised.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::error::KeyError;

/// Blocks of one file: a key and a chain.
const MAX_BLOCKS: usize = 1000;

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// One block, not decoded.
pub(super) struct Block<'a> {
    pub label: String,
    lines: Vec<&'a str>,
}

impl Block<'_> {
    /// Its octets.
    pub fn contents(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        // RFC 1421 headers: the encryption that openssl had before PKCS#8, one round of MD5.
        if self.lines.iter().any(|line| line.contains(':')) {
            return Err(KeyError::Algorithm("PEM with an encryption of its own (Proc-Type, DEK-Info)".to_owned()));
        }
        let lines = self.lines.iter().map(|line| line.as_bytes());
        decode(lines).ok_or_else(|| KeyError::malformed("a PEM block with broken base64"))
    }
}

/// The octets of base64 without any block, with white space in it; `None` for anything else.
pub(super) fn bare(text: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let words = text.split(u8::is_ascii_whitespace);
    decode(words).filter(|octets| !octets.is_empty())
}

/// Base64 in pieces. Nothing is copied but to what is zeroised, and that never grows, which would leave copies behind.
fn decode<'a>(pieces: impl Iterator<Item = &'a [u8]> + Clone) -> Option<Zeroizing<Vec<u8>>> {
    let length = pieces.clone().map(<[u8]>::len).sum();
    let mut text = Zeroizing::new(Vec::with_capacity(length));
    pieces.for_each(|piece| text.extend_from_slice(piece));
    let mut octets = Zeroizing::new(vec![0; base64::decoded_len_estimate(length)]);
    let count = STANDARD.decode_slice(&text, &mut octets).ok()?;
    octets.truncate(count);
    Some(octets)
}

/// Whether there is a block.
pub(super) fn is_pem(bytes: &[u8]) -> bool {
    memchr::memmem::find(bytes, BEGIN.as_bytes()).is_some()
}

/// The blocks in their order. What stands between them is passed over.
pub(super) fn blocks(text: &[u8]) -> Result<Vec<Block<'_>>, KeyError> {
    let text = std::str::from_utf8(text).map_err(|_| KeyError::malformed("PEM that is no text"))?;
    let mut found = Vec::new();
    let mut open: Option<Block<'_>> = None;
    for line in text.lines().map(str::trim) {
        let begins = line.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(DASHES));
        let ends = line.strip_prefix(END).and_then(|rest| rest.strip_suffix(DASHES));
        match (open.as_mut(), begins, ends) {
            (None, Some(label), _) => open = Some(Block { label: label.to_owned(), lines: Vec::new() }),
            (Some(block), None, None) => block.lines.push(line),
            (Some(block), None, Some(label)) if block.label == label => found.extend(open.take()),
            (Some(_), ..) => return Err(KeyError::malformed("a PEM block without an end")),
            (None, None, _) => {}
        }
        if found.len() > MAX_BLOCKS {
            return Err(KeyError::malformed("too many PEM blocks"));
        }
    }
    if open.is_some() { Err(KeyError::malformed("a PEM block without an end")) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_found_among_other_text() {
        let text = "Bag Attributes\n-----BEGIN A-----\nMA\nA=\n-----END A-----\nsubject=x\r\n-----BEGIN B C-----\r\nBQA=\r\n-----END B C-----";
        let found = blocks(text.as_bytes()).unwrap();
        let read: Vec<_> =
            found.iter().map(|block| (block.label.as_str(), block.contents().unwrap().to_vec())).collect();
        assert_eq!(read, [("A", vec![0x30, 0]), ("B C", vec![5, 0])]);
    }

    #[test]
    fn base64_without_a_block_is_read_with_its_white_space() {
        for (text, octets) in [
            ("MAA=", Some(&[0x30, 0][..])),
            ("\n MA\tA=\r\n", Some(&[0x30, 0])),
            ("", None),
            (" \n", None),
            ("M*A=", None),
            ("MAA", None),
            ("MAA=MAA=", None),
        ] {
            assert_eq!(bare(text.as_bytes()).as_ref().map(|octets| octets.as_slice()), octets, "{text:?}");
        }
    }

    #[test]
    fn broken_blocks_are_refused() {
        for (why, text) in [
            ("no end", "-----BEGIN A-----\nMAA=\n"),
            ("another end", "-----BEGIN A-----\nMAA=\n-----END B-----\n"),
            ("a block in a block", "-----BEGIN A-----\n-----BEGIN A-----\nMAA=\n-----END A-----\n"),
            ("letters outside the alphabet", "-----BEGIN A-----\nM*A=\n-----END A-----\n"),
            ("padding left out", "-----BEGIN A-----\nMAA\n-----END A-----\n"),
            ("headers", "-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: DES-CBC,00\n\nMAA=\n-----END A-----\n"),
        ] {
            let refused = blocks(text.as_bytes())
                .and_then(|found| found.iter().map(Block::contents).collect::<Result<Vec<_>, _>>());
            assert!(refused.is_err(), "{why}");
        }
    }
}
