//! The same octets come to the same in memory and as a stream, whatever lies where the reader does not look.

use rastau::cms::{extend_with_evidence, read};
use rastau::signed::{Detached, Document, Embedded, FormatError, SignedDocument};
use rastau_mint::cms::{self, Cms, Signed};
use rastau_mint::der;
use rastau_mint::hash::Hash;

use super::{Slow, all_hold, holders, p256, read_bytes, read_stream, verdicts};

const CONTENT: &[u8] = b"application for a licence";

/// What both ways come to.
fn both(message: &[u8]) -> Result<SignedDocument, FormatError> {
    let in_memory = read_bytes(message);
    let said = |read: &Result<SignedDocument, FormatError>| {
        read.as_ref().ok().map(|read| format!("{:?} {:?} {:?}", verdicts(read), read.signatures, read.warnings))
    };
    for piece in [1, 7, 1 << 16] {
        let streamed = read_stream(message, piece);
        assert_eq!(said(&in_memory), said(&streamed), "{piece} at a time: {:?}", (in_memory.err(), streamed.err()));
    }
    in_memory
}

/// Contents that no reader of BER takes: an element that ends behind its parent.
const JUNK: [u8; 5] = [0x30, 0x03, 0x04, 0x07, 0xff];

#[test]
fn what_lies_deeper_than_anybody_looks_stays_as_it_came() {
    let holder = p256();
    let attribute = |value: &[u8]| {
        let value = value.to_vec();
        holder.signer().unsigned(move |_| cms::attribute("1.3.6.1.4.1.32473.7", std::slice::from_ref(&value)))
    };
    // A string in pieces; junk; deeper than is looked at.
    let pieces = [0x24, 6, 4, 1, 1, 4, 1, 2];
    let deep = (0..100).fold(der::null(), |inner, _| der::sequence(&[inner]));
    for value in [&JUNK[..], &pieces, &deep] {
        for message in [
            holder.message(CONTENT).certificate(value),
            holder.message(CONTENT).certificate(&der::sequence(&[value])),
            holder.message(CONTENT).revocation(&der::sequence(&[value])),
            Cms { signers: vec![attribute(value)], ..holder.message(CONTENT) },
            Cms {
                signers: vec![holder.signer().with(Signed::Raw(cms::attribute("1.3.6.1.4.1.32473.8", &[value])))],
                ..holder.message(CONTENT)
            },
        ] {
            let Ok(document) = both(&message.encode()) else { continue };
            assert!(all_hold(&document), "{:?}", verdicts(&document));
        }
        // In BER all of it is rewritten, either way.
        let _ = both(&holder.message(CONTENT).certificate(&der::sequence(&[value])).encode_ber(5));
    }
}

#[test]
fn a_signed_digest_in_pieces_is_no_digest_either_way() {
    let holder = p256();
    let digest = holder.signer().hash.digest(CONTENT);
    let (first, second) = digest.split_at(11);
    let mut pieces = [der::octet_string(first), der::octet_string(second)].concat();
    pieces.splice(0..0, [0x24, u8::try_from(pieces.len()).unwrap()]);
    let signer = holder.signer().without(&Signed::MessageDigest);
    let signer = signer.with(Signed::Raw(cms::attribute(cms::MESSAGE_DIGEST, &[pieces])));
    let document = both(&Cms { signers: vec![signer], ..holder.message(CONTENT) }.encode()).unwrap();
    assert!(!all_hold(&document));
}

#[test]
fn digest_algorithms_decide_nothing_unless_they_are_none() {
    for holder in holders() {
        let with = |algorithms: Vec<u8>| Cms { digest_algorithms: Some(algorithms), ..holder.message(CONTENT) };
        for algorithms in [der::set::<&[u8]>(&[]), der::set(&[JUNK]), der::set(&[der::null()])] {
            let message = with(algorithms);
            assert!(all_hold(&both(&message.encode()).unwrap()), "{}", holder.name);
            assert!(all_hold(&both(&message.encode_ber(9)).unwrap()), "{}", holder.name);
        }
        let too_many = der::set(&vec![der::sequence(&[der::oid(Hash::Sha256.oid())]); 400]);
        for algorithms in [der::sequence(&[der::oid(Hash::Sha256.oid())]), der::octet_string(b"x"), too_many] {
            let message = with(algorithms);
            assert!(both(&message.encode()).is_err() && both(&message.encode_ber(9)).is_err(), "{}", holder.name);
        }
    }
}

#[test]
fn other_content_beside_it_is_told_in_the_same_words() {
    let message = p256().message(CONTENT).encode();
    for content in [CONTENT, b"", b"another"] {
        let beside = Slow { bytes: content, piece: 3 };
        let stream = Slow { bytes: &message, piece: 5 };
        let read = |document, detached| format!("{:?}", read(document, detached).unwrap().signatures);
        let wanted = read(Document::Bytes(&message), Detached::Bytes(content));
        assert_eq!(wanted.contains("Intact"), content == CONTENT);
        assert_eq!(wanted, read(Document::Bytes(&message), Detached::Stream(&beside)));
        assert_eq!(wanted, read(Document::Stream(&stream), Detached::Bytes(content)));
        assert_eq!(wanted, read(Document::Stream(&stream), Detached::Stream(&beside)));
    }
}

#[test]
fn evidence_is_added_to_the_same_messages_and_to_the_same_result() {
    let pieces = [0x24, 6, 4, 1, 1, 4, 1, 2];
    for beside in [&JUNK[..], &pieces] {
        let message = p256().message(CONTENT).certificate(&der::sequence(&[beside])).encode();
        let [mut in_memory, mut streamed] = [Vec::new(), Vec::new()];
        let stream = Slow { bytes: &message, piece: 5 };
        extend_with_evidence(Document::Bytes(&message), &Embedded::default(), &mut in_memory).unwrap();
        extend_with_evidence(Document::Stream(&stream), &Embedded::default(), &mut streamed).unwrap();
        assert_eq!(in_memory, streamed);
        assert!(all_hold(&both(&streamed).unwrap()));
    }
}
