//! Signed PDF files: what holds, what changed later, and what is an attack.

mod attacks;
mod hostile;
mod levels;
mod making;
mod other_software;
mod reading;
mod revisions;
mod roles;

use rastau::pdf;
use rastau::signed::{Coverage, SignedDocument};
use rastau_mint::pdf::{Field, Pdf};

use crate::signer::{Signer, verify};

/// One page with one signature.
fn signed_once(signer: &Signer) -> Pdf {
    Pdf::one_page("An application").sign(&Field::new("Signature1"), &|bytes| signer.cms(bytes))
}

/// Reads a file that has to be readable.
fn read(pdf: &Pdf) -> SignedDocument {
    read_bytes(&pdf.bytes)
}

fn read_bytes(bytes: &[u8]) -> SignedDocument {
    pdf::read(bytes).unwrap_or_else(|error| panic!("not read: {error}"))
}

/// What a signature covers, in words.
fn covers(document: &SignedDocument, index: usize) -> String {
    document.signatures.iter().nth(index).unwrap().covers.to_string()
}

/// Whether a file passes for wholly signed by somebody: what no attack may reach.
fn passes(bytes: &[u8], signer: &Signer) -> bool {
    pdf::read(bytes).is_ok_and(|document| {
        (0..document.signatures.len()).any(|index| {
            let signature = document.signatures.iter().nth(index).unwrap();
            signature.covers == Coverage::Whole && verify(&document, index, signer).is_ok()
        })
    })
}
