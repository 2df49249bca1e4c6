//! Documents too large to hold: made as they are read, never held anywhere.

use std::io::{self, Read};
use std::sync::atomic::{AtomicUsize, Ordering};

use rastau::cms::read;
use rastau::signed::{ContentBytes, Detached, Document, FormatError, Reopen};
use rastau_mint::cms::{self, Cms, Signed, Signer};
use rastau_mint::der;
use rastau_mint::hash::Hash;

use super::{Holder, all_hold, holders, p256};

/// Octets before, a run of one octet, octets after.
struct Huge {
    before: Vec<u8>,
    length: u64,
    after: Vec<u8>,
    opened: AtomicUsize,
}

impl Huge {
    fn content(length: u64) -> Self {
        Self { before: Vec::new(), length, after: Vec::new(), opened: AtomicUsize::new(0) }
    }
}

impl Reopen for Huge {
    fn open(&self) -> io::Result<Box<dyn Read + '_>> {
        self.opened.fetch_add(1, Ordering::Relaxed);
        Ok(Box::new(self.before.chain(io::repeat(b'x').take(self.length)).chain(&*self.after)))
    }
}

/// A signer over that run, as digest attributes: the content is hashed piece by piece here too.
fn signer(holder: &Holder, length: u64) -> Signer {
    let mut hasher = holder.signer().hash.hasher();
    let piece = vec![b'x'; 1 << 20];
    let mut left = length;
    while left > 0 {
        let now = left.min(piece.len() as u64);
        hasher.update(&piece[..usize::try_from(now).unwrap()]);
        left -= now;
    }
    let digest = cms::attribute(cms::MESSAGE_DIGEST, &[der::octet_string(&hasher.finish())]);
    holder.signer().without(&Signed::MessageDigest).with(Signed::Raw(digest))
}

/// An attached message over the run, in DER with its long length octets, whose digestAlgorithms are `announced`.
fn attached(holder: &Holder, length: u64, announced: Hash) -> Huge {
    let info = signer(holder, length).encode(cms::DATA, b"");
    let long = |tag: u8, length: u64| {
        let octets = length.to_be_bytes();
        let skip = octets.iter().take_while(|octet| **octet == 0).count();
        [&[tag, 0x80 | u8::try_from(8 - skip).unwrap()], &octets[skip..]].concat()
    };
    let string = long(0x04, length);
    let explicit = long(0xa0, string.len() as u64 + length);
    let kind = der::oid(cms::DATA);
    let inside = (kind.len() + explicit.len() + string.len()) as u64 + length;
    let encapsulated = long(0x30, inside);
    let (version, algorithms) = (der::integer(1), der::set(&[der::sequence(&[der::oid(announced.oid())])]));
    let after = [der::implicit_constructed(0, &[&holder.certificate]), der::set(&[info])].concat();
    let data_length = (version.len() + algorithms.len() + encapsulated.len() + after.len()) as u64 + inside;
    let data = long(0x30, data_length);
    let outer = long(0xa0, data.len() as u64 + data_length);
    let signed = der::oid(cms::SIGNED_DATA);
    let whole = long(0x30, (signed.len() + outer.len() + data.len()) as u64 + data_length);
    let before = [whole, signed, outer, data, version, algorithms, encapsulated, kind, explicit, string].concat();
    Huge { before, length, after, opened: AtomicUsize::new(0) }
}

const LARGE: u64 = 300 << 20;

#[test]
fn large_content_inside_is_hashed_in_one_pass() {
    let document = attached(p256(), LARGE, Hash::Sha256);
    let read = read(Document::Stream(&document), Detached::Absent).unwrap();
    assert!(all_hold(&read));
    assert_eq!(document.opened.load(Ordering::Relaxed), 1);
    assert!(read.contents[0].bytes == ContentBytes::NotKept);
}

#[test]
fn a_hash_that_is_not_announced_takes_a_second_pass() {
    for announced in [Hash::Sha512, Hash::Sha1] {
        let document = attached(p256(), 5 << 20, announced);
        assert!(all_hold(&read(Document::Stream(&document), Detached::Absent).unwrap()));
        assert_eq!(document.opened.load(Ordering::Relaxed), 2);
    }
}

#[test]
fn large_content_outside_is_hashed_in_one_pass() {
    let (first, second) = (p256(), &holders()[1]);
    let message = Cms { signers: vec![signer(first, LARGE), signer(second, LARGE)], ..first.message(b"") };
    let message = message.certificate(&second.certificate).detached().encode();
    let content = Huge::content(LARGE);
    assert!(all_hold(&read(Document::Bytes(&message), Detached::Stream(&content)).unwrap()));
    assert_eq!(content.opened.load(Ordering::Relaxed), 1);
    let shorter = Huge::content(LARGE - 1);
    assert!(!all_hold(&read(Document::Bytes(&message), Detached::Stream(&shorter)).unwrap()));
}

#[test]
fn content_that_ends_early_is_malformed_whatever_length_was_declared() {
    for declared in [1 << 31, 1 << 33, 1 << 62] {
        let mut document = attached(p256(), 1000, Hash::Sha256);
        let string = der::length(1000);
        let honest = document.before.len() - string.len() - 1;
        document.before.truncate(honest);
        document.before.extend([0x04, 0x88]);
        document.before.extend(u64::to_be_bytes(declared));
        let outcome = read(Document::Stream(&document), Detached::Absent).map(|_| ());
        assert!(matches!(outcome, Err(FormatError::Malformed(_))), "{outcome:?}");
    }
}

#[test]
fn more_than_the_budget_beside_the_content_is_too_much() {
    let mut document = attached(p256(), 10, Hash::Sha256);
    document.before = cms::indefinite(0x30, &[der::oid(cms::SIGNED_DATA)]);
    document.before.truncate(document.before.len() - 2);
    document.before.extend([0xa0, 0x80, 0x30, 0x80, 2, 1, 1, 0x31, 0]);
    document.before.extend(der::sequence(&[der::oid(cms::DATA)]));
    // Certificates of 3 GB: a run of octets in the place of one.
    document.before.extend([0xa0, 0x84, 0xc0, 0, 0, 0]);
    document.length = 3 << 30;
    let outcome = read(Document::Stream(&document), Detached::Bytes(b"")).map(|_| ());
    assert!(matches!(outcome, Err(FormatError::TooMuch { what: "bytes", .. })), "{outcome:?}");
}

#[test]
fn a_document_that_changes_between_two_passes_is_our_failure() {
    struct Changing(Vec<u8>, Vec<u8>, AtomicUsize);
    impl Reopen for Changing {
        fn open(&self) -> io::Result<Box<dyn Read + '_>> {
            let first = self.2.fetch_add(1, Ordering::Relaxed) == 0;
            Ok(Box::new(if first { &self.0[..] } else { &self.1[..] }))
        }
    }
    let two = |content: &[u8]| {
        let announced = der::set(&[der::sequence(&[der::oid(Hash::Sha512.oid())])]);
        Cms { digest_algorithms: Some(announced), ..p256().message(content) }.encode()
    };
    let document = Changing(two(b"first"), two(b"other"), AtomicUsize::new(0));
    assert!(matches!(read(Document::Stream(&document), Detached::Absent), Err(FormatError::Io(_))));
}
