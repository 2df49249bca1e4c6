//! What rastau writes into PDF files: signatures, timestamps, evidence.

mod evidence;
mod forms;
mod other_software;
mod refused;
mod signatures;

use rastau::clock::Time;
use rastau::pdf::{self, Signing, TOKEN_ROOM};
use rastau::signed::{Draft, IssuedFacts, MakeError, SignedDocument, Terms};
use rastau_mint::pdf::Pdf;

use super::read_bytes;
use crate::minted::Minted;
use crate::signer::{self, Signer};

/// When the tests sign.
const NOW: &str = "2026-11-22T09:08:07Z";

/// A signer of tests as rastau signs with it.
fn identity(signer: &Signer) -> Minted {
    Minted::new(&signer.key, &signer.certificate)
}

/// What is said beside a signature.
fn terms(facts: Option<&IssuedFacts>) -> Terms<'_> {
    Terms { signing_time: NOW.parse::<Time>().unwrap(), chain: &[], facts }
}

/// Signs with a timestamp or without one, in a field or a new one.
fn try_sign(
    document: &[u8],
    signer: &Signer,
    field: Option<&str>,
    stamp: Option<&Signer>,
) -> Result<Vec<u8>, MakeError> {
    let identity = identity(signer);
    let token_room = if stamp.is_some() { TOKEN_ROOM } else { 0 };
    write(pdf::sign(&Signing { signer: &identity, terms: terms(None), document, field, token_room })?, stamp)
}

/// Finishes a draft.
fn write(draft: Box<dyn Draft + '_>, stamp: Option<&Signer>) -> Result<Vec<u8>, MakeError> {
    let token = stamp.map(|authority| authority.timestamp(draft.stamped()));
    let mut out = Vec::new();
    draft.write(token.as_deref(), &mut out)?;
    Ok(out)
}

/// Signs in a new field.
fn sign(document: &[u8], signer: &Signer) -> Vec<u8> {
    let signed = try_sign(document, signer, None, None).unwrap();
    assert!(signed.starts_with(document), "what was there before was touched");
    signed
}

/// Stamps the whole document.
fn stamped(document: &[u8], authority: &Signer) -> Vec<u8> {
    let stamped = write(pdf::extend_with_timestamp(document, TOKEN_ROOM).unwrap(), Some(authority)).unwrap();
    assert!(stamped.starts_with(document), "what was there before was touched");
    stamped
}

/// Reads a file in which a signature of each of these holds, in this order, and covers the document.
fn holds(bytes: &[u8], signers: &[&Signer]) -> SignedDocument {
    let document = read_bytes(bytes);
    assert_eq!(document.signatures.len(), signers.len());
    for (index, signer) in signers.iter().enumerate() {
        signer::verify(&document, index, signer).unwrap_or_else(|fault| panic!("signature {index}: {fault}"));
        assert_eq!(super::covers(&document, index), "whole document");
    }
    document
}

/// An unsigned page, its cross references in a table and in a stream.
fn pages() -> [Vec<u8>; 2] {
    [false, true].map(|with_streams| Pdf::with_objects("A licence", &[], with_streams).bytes)
}

/// The text of the file from the newest signature dictionary on, without the value.
fn dictionary(bytes: &[u8]) -> String {
    let word = b"/SubFilter";
    let at = bytes.windows(word.len()).rposition(|window| window == word).unwrap();
    let value = bytes[at..].iter().position(|octet| *octet == b'<').unwrap();
    String::from_utf8_lossy(&bytes[at..at + value]).into_owned()
}
