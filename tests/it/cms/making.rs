//! Messages that we make: read by ourselves, and compared with what they must have.

use rastau::cms::{Profile, Signing, read, sign};
use rastau::signed::{Detached, Document, Draft, Level, MakeError, SignatureFault, SignedDocument, Terms};

use super::{Holder, all_hold, holders, read_bytes, verdicts};
use crate::minted::Minted;

const CONTENT: &[u8] = b"content to sign";
const WHEN: &str = "2026-11-20T09:08:06Z";

pub fn minted(holder: &Holder) -> Minted {
    Minted::new(&holder.key, &holder.certificate)
}

pub fn terms() -> Terms<'static> {
    Terms { signing_time: WHEN.parse().unwrap(), chain: &[], facts: None }
}

pub fn signing<'a>(signer: &'a Minted, content: Detached<'a>) -> Signing<'a> {
    Signing { signer, terms: terms(), content, detached: false, previous: None, profile: Profile::Cades }
}

pub fn written(draft: Result<Box<dyn Draft + '_>, MakeError>) -> Vec<u8> {
    let mut out = Vec::new();
    draft.unwrap().write(None, &mut out).unwrap();
    out
}

fn detached_verdicts(message: &[u8], content: &[u8]) -> Vec<Result<(), SignatureFault>> {
    verdicts(&read(Document::Bytes(message), Detached::Bytes(content)).unwrap())
}

fn content(document: &SignedDocument, message: &[u8]) -> Option<Vec<u8>> {
    document.contents[0].bytes(Document::Bytes(message)).map(<[u8]>::to_vec)
}

#[test]
fn every_kind_of_key_signs_attached_and_detached() {
    for holder in holders() {
        let key = minted(holder);
        let attached = written(sign(&signing(&key, Detached::Bytes(CONTENT))));
        let document = read_bytes(&attached).unwrap();
        assert!(all_hold(&document), "{}: {:?}", holder.name, verdicts(&document));
        assert_eq!(content(&document, &attached).as_deref(), Some(CONTENT));
        let signature = document.signatures.iter().next().unwrap();
        assert_eq!((signature.level, signature.warnings.as_slice()), (Level::B, &[][..]), "{}", holder.name);
        assert_eq!(signature.claimed_time.unwrap().to_string(), WHEN);
        assert_eq!(signature.signing_certificate.len(), 1);
        assert!(signature.signing_certificate[0].issuer_serial.is_some());
        assert!(document.warnings.is_empty());

        let outside = written(sign(&Signing { detached: true, ..signing(&key, Detached::Bytes(CONTENT)) }));
        assert!(outside.len() < attached.len());
        assert_eq!(detached_verdicts(&outside, CONTENT), [Ok(())], "{}", holder.name);
        assert!(detached_verdicts(&outside, b"content to sigN")[0].is_err());
        assert_eq!(verdicts(&read_bytes(&outside).unwrap()), [Err(SignatureFault::ContentMissing)]);
    }
}
