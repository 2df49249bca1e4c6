//! What is not signed, and why.

use proptest::prelude::*;
use rastau::pdf;
use rastau::signed::{FormatError, MakeError};
use rastau_mint::pdf::{CATALOG, Field, PAGE, Pdf, stream};

use super::{holds, pages, sign, stamped, try_sign};
use crate::signer::Signer;

fn refusal(bytes: &[u8]) -> String {
    match try_sign(bytes, &Signer::person("anna"), None, None) {
        Err(MakeError::Document(words)) => words,
        Err(MakeError::Format(error)) => error.to_string(),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("signed"),
    }
}

fn replaced(bytes: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let at = bytes.windows(from.len()).rposition(|window| window == from.as_bytes()).unwrap();
    [&bytes[..at], to.as_bytes(), &bytes[at + from.len()..]].concat()
}

#[test]
fn an_encrypted_file_is_refused_by_name() {
    let [page, _] = pages();
    let encrypted = replaced(&page, "/Size 6", "/Encrypt 9 0 R/Size 6".get(..7).unwrap());
    assert!(!refusal(&encrypted).is_empty());
    let text = String::from_utf8_lossy(&page).into_owned();
    let at = text.rfind("/Size").map(|_| page.windows(5).rposition(|window| window == b"/Size").unwrap()).unwrap();
    let encrypted = [&page[..at], b"/Encrypt 9 0 R ", &page[at..]].concat();
    assert_eq!(refusal(&encrypted), "not supported: encrypted PDF");
    let mut out = Vec::new();
    assert!(pdf::extend_with_timestamp(&encrypted, 100).is_err());
    assert!(pdf::extend_with_evidence(&encrypted, &rastau::signed::Embedded::default(), &mut out).is_err());
    assert!(out.is_empty());
}
