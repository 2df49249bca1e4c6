//! Archives that two readers would read in two ways, and others that mean harm.

use std::sync::LazyLock;

use proptest::prelude::*;
use rastau::signed::{Coverage, Detached, Document, FormatError, Reopen};
use rastau_mint::zip::Zip;

use super::{archive, read};
use crate::signer::{Signer, verify};

const P7S: &str = "META-INF/signature.p7s";

/// A small container, everything stored, so that offsets are easy to find.
fn small(signer: &Signer) -> Vec<u8> {
    Zip::default().file("a.txt", b"first").file(P7S, &signer.cms(b"first")).finish()
}

#[test]
fn the_archive_by_hand_is_a_good_one() {
    let anna = Signer::person("anna");
    let document = read(&small(&anna)).unwrap();
    verify(&document, 0, &anna).unwrap();
    assert_eq!(document.signatures.iter().next().unwrap().covers, Coverage::Whole);
    let commented =
        Zip::default().file("a.txt", b"first").file(P7S, &anna.cms(b"first")).finish_with_comment(b"mimetype=x");
    assert!(read(&commented).is_ok());
}

#[test]
fn archives_that_can_be_read_in_two_ways_are_refused() {
    let anna = Signer::person("anna");
    let cms = anna.cms(b"first");
    let zip = || Zip::default().file("a.txt", b"first");
    let good = small(&anna);
    let inner = Zip::default().file("b.txt", b"second").finish();
    let table: Vec<(&str, Vec<u8>)> = vec![
        ("a name twice", zip().file("a.txt", b"other").file(P7S, &cms).finish()),
        ("a name twice but for case", zip().file("A.TXT", b"other").file(P7S, &cms).finish()),
        (
            "another name in the local header",
            Zip::default().two_names("b.txt", "a.txt", b"first").file(P7S, &cms).finish(),
        ),
        ("bytes between files", zip().junk(b"junk").file(P7S, &cms).finish()),
        ("a file that the directory does not name", zip().junk(&inner[..40]).file(P7S, &cms).finish()),
        ("bytes before", [b"MZ", good.as_slice()].concat()),
        ("bytes after", [good.as_slice(), b"x"].concat()),
        ("an archive in the comment", zip().file(P7S, &cms).finish_with_comment(&inner)),
        ("an archive after", [good.as_slice(), &inner].concat()),
        ("an archive before", [inner.as_slice(), &good].concat()),
        ("a file and a folder of one name", zip().file("a.txt/b", b"x").file(P7S, &cms).finish()),
        ("a folder with content", zip().file("b/", b"x").file(P7S, &cms).finish()),
    ];
    for (why, bytes) in table {
        assert!(matches!(read(&bytes), Err(FormatError::Malformed(_))), "{why}: {:?}", read(&bytes));
    }
}

#[test]
fn a_link_in_place_of_a_file_is_refused() {
    let mut bytes = small(&Signer::person("anna"));
    assert!(read(&bytes).is_ok());
    let listed = bytes.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    // What the directory says of the type of the file.
    bytes[listed + 38..listed + 42].copy_from_slice(&0xa1ff_0000_u32.to_le_bytes());
    assert!(matches!(read(&bytes), Err(FormatError::Malformed(what)) if what.contains("link")));
}

#[test]
fn many_small_bombs_are_one() {
    let blank = vec![0; 1 << 20];
    let names: Vec<String> = (0..100).map(|index| format!("{index}.txt")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), blank.as_slice())).collect();
    assert!(matches!(read(&archive(&files)), Err(FormatError::TooMuch { what: "unpacked bytes", .. })));
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    let cms = Signer::person("anna").cms(b"first");
    let long = "a".repeat(2000);
    for name in ["../a", "/a", "a/../b", "./a", "a//b", "a\\b", "C:a", "a\0b", "a\nb", "..", "", "/", &long] {
        let bytes = Zip::default().file(name, b"first").file(P7S, &cms).finish();
        assert!(matches!(read(&bytes), Err(FormatError::Malformed(_))), "{name:?}");
    }
}

#[test]
fn headers_that_disagree_are_refused() {
    let anna = Signer::person("anna");
    let good = small(&anna);
    let directory = good.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    let end = good.windows(4).position(|window| window == b"PK\x05\x06").unwrap();
    let table = [
        ("flags", 6),
        ("method", 8),
        ("checksum", 14),
        ("packed size", 18),
        ("size", 22),
        ("length of the name", 26),
        ("length of extra fields", 28),
        ("content", 36),
        ("encrypted, in the directory", directory + 8),
        ("method, in the directory", directory + 10),
        ("checksum, in the directory", directory + 16),
        ("packed size, in the directory", directory + 20),
        ("size, in the directory", directory + 24),
        ("offset, in the directory", directory + 42),
        ("volume", end + 4),
        ("number of files here", end + 8),
        ("number of files", end + 10),
        ("size of the directory", end + 12),
        ("offset of the directory", end + 16),
        ("length of the comment", end + 20),
    ];
    for (why, at) in table {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        assert!(matches!(read(&bytes), Err(FormatError::Malformed(_) | FormatError::Unsupported(_))), "{why}");
    }
}

#[test]
fn bombs_are_refused_before_they_are_unpacked() {
    let zeros = vec![0; 64 << 20];
    let bytes = archive(&[("a", &zeros), (P7S, b"0")]);
    assert!(bytes.len() < 100_000);
    assert!(matches!(read(&bytes), Err(FormatError::TooMuch { .. })));
    let many = (0..5000).fold(Zip::default(), |zip, number| zip.file(&format!("{number}"), b""));
    assert!(matches!(read(&many.finish()), Err(FormatError::TooMuch { .. })));
}

#[test]
fn a_size_that_is_a_lie_is_refused() {
    let anna = Signer::person("anna");
    let cms = anna.cms(b"first");
    let packed = archive(&[("a.txt", b"first"), (P7S, &cms)]);
    let directory = packed.windows(4).position(|window| window == b"PK\x01\x02").unwrap();
    for (local, listed) in [(22, 24)] {
        for size in [0_u32, 4, 6, 0x7fff_ffff] {
            let mut bytes = packed.clone();
            bytes[local..local + 4].copy_from_slice(&size.to_le_bytes());
            bytes[directory + listed..directory + listed + 4].copy_from_slice(&size.to_le_bytes());
            assert!(read(&bytes).is_err(), "{size}");
        }
    }
}

#[test]
fn a_container_read_as_a_stream_is_not_supported() {
    struct Bytes(Vec<u8>);
    impl Reopen for Bytes {
        fn open(&self) -> std::io::Result<Box<dyn std::io::Read + '_>> {
            Ok(Box::new(self.0.as_slice()))
        }
    }
    let bytes = Bytes(small(&Signer::person("anna")));
    let read = rastau::container::read(Document::Stream(&bytes), Detached::Absent);
    assert!(matches!(read, Err(FormatError::Unsupported(_))));
}

#[test]
fn truncated_archives_are_refused() {
    let good = small(&Signer::person("anna"));
    for length in 0..good.len() {
        assert!(read(&good[..length]).is_err(), "{length}");
    }
}

/// A signer and a container.
static SIGNED: LazyLock<(Signer, Vec<u8>)> = LazyLock::new(|| {
    let anna = Signer::person("anna");
    let bytes = small(&anna);
    (anna, bytes)
});

proptest! {
    #[test]
    fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        let _ = read(&bytes);
        let _ = read(&[b"PK\x03\x04".as_slice(), &bytes, b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"].concat());
    }

    #[test]
    fn mutated_archives_never_verify_another_file(
        at in any::<prop::sample::Index>(), value in any::<u8>(), insert in any::<bool>(),
    ) {
        let (anna, good) = &*SIGNED;
        let mut bytes = good.clone();
        let at = at.index(bytes.len());
        if insert { bytes.insert(at, value) } else { bytes[at] = value }
        if let Ok(document) = read(&bytes)
            && verify(&document, 0, anna).is_ok()
            && document.signatures.iter().next().unwrap().covers == Coverage::Whole
        {
            prop_assert_eq!(document.contents[0].bytes(Document::Bytes(&bytes)), Some(&b"first"[..]));
        }
    }
}
