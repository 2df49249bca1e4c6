//! Input of no sense and of bad sense: an error in bounded time and memory, and never a signature.

use std::sync::OnceLock;

use proptest::prelude::*;
use rastau::cms::read;
use rastau::signed::{Detached, Document, FormatError};
use rastau::tsp::{Response, Token};
use rastau_mint::cms::Cms;
use rastau_mint::tsp::{self, TokenBuilder};

use super::{Holder, Slow, holders, p256, read_bytes, read_stream, verify};

const CONTENT: &[u8] = b"content to sign";

/// Messages that are bent: with everything in them, and with a value over the content itself; in DER and in BER.
fn samples() -> &'static [Vec<u8>; 4] {
    static SAMPLES: OnceLock<[Vec<u8>; 4]> = OnceLock::new();
    SAMPLES.get_or_init(|| {
        let authority = p256().clone();
        let stamp = move |value: &[u8]| {
            TokenBuilder::new(&authority.key, &authority.certificate, value, "2026-07-20T09:08:10Z").encode()
        };
        let signer = p256().signer().timestamp(stamp).unsigned(p256().signer().counter());
        let rich = Cms { signers: vec![signer], ..p256().message(CONTENT) };
        let bare = Cms { signers: vec![p256().signer().bare()], ..p256().message(CONTENT) };
        [rich.encode(), rich.encode_ber(4), bare.encode(), bare.encode_ber(4)]
    })
}

#[test]
fn a_message_cut_at_any_octet_is_malformed() {
    for bytes in samples() {
        for length in 0..bytes.len() {
            let cut = &bytes[..length];
            assert!(matches!(read_bytes(cut), Err(FormatError::Malformed(_))), "{length}");
            assert!(matches!(read_stream(cut, 50), Err(FormatError::Malformed(_))), "{length} as a stream");
        }
    }
}

#[test]
fn a_token_cut_at_any_octet_is_malformed() {
    let bytes = TokenBuilder::new(&p256().key, &p256().certificate, CONTENT, "2026-07-20T09:08:10Z").encode();
    assert!(Token::read(&bytes).is_ok());
    let response = tsp::response(0, Some(&bytes));
    assert!(Response::read(&response).is_ok());
    for length in 0..bytes.len() {
        assert!(matches!(Token::read(&bytes[..length]), Err(FormatError::Malformed(_))), "{length}");
    }
    for length in 0..response.len() {
        assert!(matches!(Response::read(&response[..length]), Err(FormatError::Malformed(_))), "{length}");
    }
}

#[test]
fn what_is_no_cms_is_malformed() {
    let nested = |tag: u8, depth: usize| {
        let mut bytes: Vec<u8> = [tag, 0x80].repeat(depth);
        bytes.extend(vec![0; 2 * depth]);
        bytes
    };
    let head = |rest: &[u8]| {
        let open = [0x30, 0x80, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2, 0xa0, 0x80, 0x30, 0x80, 2, 1, 1];
        [&open[..], rest].concat()
    };
    let data = [0x30, 0x80, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1, 0xa0, 0x80];
    let table: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", Vec::new()),
        ("a NUL", vec![0]),
        ("white space", b" \r\n".to_vec()),
        ("base64 of nothing", b"====".to_vec()),
        ("text", b"this is no signature at all".to_vec()),
        ("a PEM without an end", b"-----BEGIN CMS-----\nMAA=\n".to_vec()),
        ("an empty SEQUENCE", vec![0x30, 0]),
        ("10,000 sequences", nested(0x30, 10_000)),
        ("2 GB that are not there", vec![0x30, 0x84, 0x7f, 0xff, 0xff, 0xff, 6, 9]),
        ("2^63 octets that are not there", vec![0x30, 0x88, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 6, 9]),
        ("2^64 octets that are not there", vec![0x30, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 6, 9]),
        ("digest algorithms of 2 GB", head(&[0x31, 0x84, 0x7f, 0xff, 0xff, 0xff])),
        ("content of 2 GB", head(&[&[0x31, 0][..], &data, &[4, 0x84, 0x7f, 0xff, 0xff, 0xff, 1, 2]].concat())),
        (
            "certificates of 2 GB",
            head(&[&[0x31, 0][..], &data[..13], &[0, 0, 0xa0, 0x84, 0x7f, 0xff, 0xff, 0xff, 1]].concat()),
        ),
        ("a version of a megabyte", [&head(&[])[..17], &[2, 0x83, 0x10, 0, 0], &vec![1; 0x10_0000][..]].concat()),
        ("strings 10,000 deep", head(&[&[0x31, 0][..], &data, &nested(0x24, 10_000)].concat())),
        ("certificates 10,000 deep", head(&[&[0x31, 0][..], &data[..13], &[0, 0], &nested(0xa0, 10_000)].concat())),
        ("an end of contents at once", vec![0x30, 0x80, 0, 0]),
    ];
    for (what, bytes) in table {
        for document in [Document::Bytes(&bytes), Document::Stream(&Slow { bytes: &bytes, piece: 4096 })] {
            let outcome = read(document, Detached::Bytes(b"")).map(|_| ());
            assert!(
                matches!(outcome, Err(FormatError::Malformed(_) | FormatError::TooMuch { .. })),
                "{what}: {outcome:?}"
            );
        }
        assert!(Token::read(&bytes).is_err() && Response::read(&bytes).is_err(), "{what}");
    }
}

#[test]
fn a_document_that_cannot_be_read_is_our_failure() {
    struct Broken;
    impl rastau::signed::Reopen for Broken {
        fn open(&self) -> std::io::Result<Box<dyn std::io::Read + '_>> {
            Err(std::io::Error::other("gone"))
        }
    }
    assert!(matches!(read(Document::Stream(&Broken), Detached::Absent), Err(FormatError::Io(_))));
    let bytes = p256().message(CONTENT).detached().encode();
    assert!(matches!(read(Document::Bytes(&bytes), Detached::Stream(&Broken)), Err(FormatError::Io(_))));
}

#[test]
fn nothing_that_is_printed_holds_the_content_or_the_signer() {
    let bytes = p256().message(b"SECRET CONTENT").encode();
    let document = read_bytes(&bytes).unwrap();
    let text = format!("{document:?}");
    assert!(!text.contains("SECRET") && !text.contains(super::IIN) && !text.contains("83, 69, 67, 82, 69, 84"));
}

/// A message without unsigned attributes, by one of the first three holders.
fn plain(which: usize) -> &'static Vec<u8> {
    static PLAIN: [OnceLock<Vec<u8>>; 3] = [const { OnceLock::new() }; 3];
    PLAIN[which].get_or_init(|| holders()[which].message(CONTENT).encode())
}

/// Where a message may be bent without breaking it: nothing that is not signed can make other content pass.
fn holds_for_other_content(bytes: &[u8], holder: &Holder) -> bool {
    let Ok(document) = read_bytes(bytes) else { return false };
    let content = document.contents[0].bytes(Document::Bytes(bytes)) == Some(CONTENT);
    document.signatures.iter().any(|signature| signature.verify(&holder.certificate()).is_ok()) && !content
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(
        prop_oneof![Just(0x30u8), Just(0x80), Just(0xa0), Just(0x24), Just(4), Just(0), any::<u8>()], 0..300,
    )) {
        let _ = read_bytes(&bytes);
        let _ = read_stream(&bytes, 7);
        let _ = Token::read(&bytes);
        let _ = Response::read(&bytes);
    }

    #[test]
    fn changed_messages_never_panic_and_never_hold_for_other_content(
        which in 0usize..4,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..3), 1..4),
    ) {
        let mut bytes = samples()[which].clone();
        for (index, octet, how) in changes {
            let at = index.index(bytes.len());
            match how {
                0 => bytes[at] = octet,
                1 => bytes.insert(at, octet),
                _ => { bytes.remove(at); }
            }
        }
        prop_assert!(!holds_for_other_content(&bytes, p256()));
        if let (Ok(memory), Ok(stream)) = (read_bytes(&bytes), read_stream(&bytes, 13)) {
            let held = |document: &rastau::signed::SignedDocument| -> Vec<bool> {
                document.signatures.iter().map(|signature| signature.verify(&p256().certificate()).is_ok()).collect()
            };
            prop_assert_eq!(held(&memory), held(&stream));
        }
    }

    #[test]
    fn a_changed_octet_under_the_signature_never_verifies(
        which in 0usize..3,
        index in any::<prop::sample::Index>(),
        flip in 1u8..=255,
    ) {
        let holder = &holders()[which];
        let mut bytes = plain(which).clone();
        let value = [70, 256, 128][which];
        let message_digest = holder.signer().hash.digest(CONTENT).len();
        // Digest and value at least; the frame between may be written in other ways.
        let places: Vec<usize> = bytes.windows(message_digest)
            .position(|window| window == holder.signer().hash.digest(CONTENT))
            .into_iter()
            .flat_map(|start| start..start + message_digest)
            .chain(bytes.len() - value..bytes.len())
            .collect();
        let at = places[index.index(places.len())];
        bytes[at] ^= flip;
        if let Ok(document) = read_bytes(&bytes) {
            prop_assert!(document.signatures.iter().all(|signature| verify(signature).is_err()));
        }
    }
}

#[test]
fn a_long_run_of_small_pieces_is_read_in_one_pass() {
    let content: Vec<u8> = (0..=255).cycle().take(200_000).collect();
    let message = p256().message(&content);
    for piece in [1, 2, 1000] {
        let bytes = message.encode_ber(piece);
        for document in [read_bytes(&bytes).unwrap(), read_stream(&bytes, 70_000).unwrap()] {
            assert!(super::all_hold(&document), "{piece}");
        }
    }
    // Pieces of nothing.
    let empty = p256().message(b"");
    assert!(super::all_hold(&read_bytes(&empty.encode_ber(1)).unwrap()));
    assert!(super::all_hold(&read_bytes(&empty.encode()).unwrap()));
}
