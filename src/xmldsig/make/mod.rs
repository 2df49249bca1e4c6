//! Making XML signatures: enveloped ones and those of WS-Security, plain or with the properties of `XAdES`.
//!
//! The document is parsed once, by the reader's own parser and under its limits, and its text is never written anew: a
//! signature is put between its characters (`source`), so that everything that was signed before stays octet for octet what it
//! was. A form (`enveloped`, `envelope`) decides what is digested and where the signature goes; its text is put together
//! (`composition`) and canonicalized in a small document with the same namespaces in scope (`scope`). Before the key is used,
//! the reader is asked what it makes of the document: the new signature must be over all that counts, and those that are there
//! must go on holding (`earlier`).
//!
//! How signatures relate: an enveloped signature is over the whole document with all signatures that came before it, so that
//! they are undone from the last to the first. An extension adds evidence to a signature that is there (`extend`), without a
//! key; it is refused where a later signature is over it.

mod algorithms;
mod composition;
mod earlier;
mod envelope;
mod enveloped;
mod extend;
mod plan;
mod properties;
mod scope;
mod source;

pub use extend::{extend_with_evidence, extend_with_timestamp, to_be_stamped};

use std::io::Write;

use self::algorithms::Algorithms;
use self::composition::Composition;
use self::plan::{By, Plan};
use self::source::{Edit, Source};
use super::document::find;
use super::ids::Ids;
use super::limits::{MAX_SIGNATURES, too_much};
use super::scan;
use super::tree::Tree;
use crate::crypto::{HashAlgorithm, hash};
use crate::signed::{Draft, FormatError, MakeError, Signer, Terms};
use crate::tsp::Token;

/// A signature to be made.
#[derive(Clone, Copy)]
pub struct Signing<'a> {
    /// Who signs.
    pub signer: &'a dyn Signer,
    /// What is said beside it. The chain goes into `X509Data`; WS-Security names one certificate only. Facts are properties
    /// of `XAdES`: without them there is no place for facts.
    pub terms: Terms<'a>,
    /// The document, in UTF-8, or UTF-16 with its mark.
    pub document: &'a [u8],
    /// Where the signature goes and what it is over.
    pub form: Form,
    /// Whether it has the signed properties of `XAdES` level B.
    pub xades: bool,
}

/// Where a signature goes and what it is over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Form {
    /// At the end of the root element, over the whole document.
    Enveloped,
    /// In the `Security` header of a SOAP envelope, over its `Body`.
    Wsse,
}

/// Makes a signature. A timestamp makes it level T; a plain signature gets properties of `XAdES` for it, unsigned ones only.
///
/// # Errors
///
/// [`MakeError`]: a document that cannot be read within the limits, or has a document type declaration; one that is itself a
/// signature; no SOAP envelope; identifiers that are not unique where the signature refers by them; an earlier signature
/// that would no longer hold; the key.
pub fn sign<'a>(signing: &Signing<'a>) -> Result<Box<dyn Draft + 'a>, MakeError> {
    let algorithms = Algorithms::of(signing.signer)?;
    let source = Source::of(signing.document)?;
    let plan = plan(signing, &source, algorithms.hash)?;
    let mut composition = Composition::of(signing, &plan, &algorithms)?;
    let message = composition.message()?;
    // What the reader would refuse is not signed. The value is not there yet, which no reference sees.
    let after = earlier::states(&source.edited(&edits(&plan, &composition.text(None)))?)?;
    let before = if plan.earlier.all == 0 { Vec::new() } else { earlier::states(signing.document)? };
    earlier::compare(&before, after, Some(plan.earlier.before))?;
    let value = algorithms.sign(signing.signer, &message)?;
    composition.set_value(&value);
    let stamped = composition.stamped()?;
    Ok(Box::new(Made { source, plan, composition, stamped, value }))
}

/// Reads the document as the reader does and decides what is signed.
fn plan(signing: &Signing<'_>, source: &Source<'_>, hash: HashAlgorithm) -> Result<Plan, MakeError> {
    let text = scan::checked(source.text())?;
    let tree = Tree::parse(&text, source.encoding())?;
    let all = match find(&tree) {
        Ok(nodes) => nodes.len(),
        Err(FormatError::NoSignature) => 0,
        Err(other) => return Err(other.into()),
    };
    if all >= MAX_SIGNATURES {
        return Err(too_much("signatures", MAX_SIGNATURES).into());
    }
    let ids = Ids::of(&tree);
    // What refers by identifiers demands of all of them that they are unique.
    if signing.xades || signing.form == Form::Wsse {
        ids.check_unique()?;
    }
    let by = By { hash, certificate: signing.signer.certificate(), time: signing.terms.signing_time };
    match signing.form {
        Form::Enveloped => enveloped::plan(&tree, &text, &ids, all, by),
        Form::Wsse => envelope::plan(source, &text, &tree, &ids, by),
    }
}

/// What is written into the document.
fn edits(plan: &Plan, signature: &str) -> Vec<Edit> {
    plan.edit.iter().cloned().chain(std::iter::once(plan.frame.filled(signature))).collect()
}

/// A signature that is made.
struct Made<'a> {
    source: Source<'a>,
    plan: Plan,
    composition: Composition,
    stamped: Vec<u8>,
    value: Vec<u8>,
}

impl Draft for Made<'_> {
    fn stamped(&self) -> &[u8] {
        &self.stamped
    }

    fn value(&self) -> &[u8] {
        &self.value
    }

    fn write(self: Box<Self>, token: Option<&[u8]>, out: &mut dyn Write) -> Result<(), MakeError> {
        if let Some(token) = token {
            check_token(token, &self.stamped)?;
        }
        self.source.write(&edits(&self.plan, &self.composition.text(token)), out)
    }
}

/// A last look at a token before it is put beside a signature: whoever fetched it has verified it.
fn check_token(token: &[u8], stamped: &[u8]) -> Result<(), MakeError> {
    let refused = |why: String| MakeError::Document(format!("the timestamp token cannot be used: {why}"));
    let imprint = Token::read(token).map_err(|error| refused(error.to_string()))?.imprint;
    let imprint = imprint.map_err(|error| refused(error.to_string()))?;
    if hash(imprint.algorithm(), stamped) != imprint {
        return Err(refused("it is not over this signature".to_owned()));
    }
    Ok(())
}
