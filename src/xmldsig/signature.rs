//! One `Signature` element read: its references resolved, its properties and its evidence gathered.

use std::borrow::Cow;
use std::sync::Arc;

use super::algorithms::value_form;
use super::canonical::{Subset, canonical};
use super::coverage::{self, Wanted};
use super::evidence::Evidence;
use super::key_info;
use super::limits::Budget;
use super::parts::{Parts, Reference, SignedInfo, Transform, base64};
use super::reference::{Resolved, Resolver, State};
use super::soap::Envelope;
use super::tree::{Node, Tree};
use super::xades::{self, Qualifying};
use crate::signed::{Coverage, Embedded, FormatError, Integrity, Message, Signature, SignerName, ValueForm};

/// A signature on its way into the document.
pub struct Draft {
    /// The element.
    pub node: Node,
    /// What becomes of it; its evidence is filled in at the end.
    pub signature: Signature,
    /// The octets of the reference that covers what counts.
    pub content: Option<Vec<u8>>,
    /// How many signatures that came later were left out.
    pub later: usize,
    /// Whether it has content of its own inside.
    pub encloses: bool,
}

impl Draft {
    /// Whether a signature made before this one may leave it out: it is itself over all that counts, over all of it as it
    /// was signed, and is nothing but a signature.
    pub fn may_be_left_out(&self) -> bool {
        let is_whole = self.signature.integrity == Integrity::Intact && self.signature.covers.is_enough();
        is_whole && !self.encloses
    }
}

/// What the signatures of a document are read with.
pub struct Reader<'r, 't, 'a> {
    /// References.
    pub resolver: Resolver<'r, 't, 'a>,
    /// What must be covered.
    pub wanted: Wanted,
    /// The envelope around, if it is one.
    pub envelope: Option<Envelope>,
    /// Whether content was given that a reference must be to.
    pub outside_given: bool,
    /// What may still be written.
    pub budget: Budget,
    /// What is found on the way.
    pub evidence: Evidence,
}

impl<'r> Reader<'r, '_, '_> {
    /// Reads a signature. `later` are those that came after it beside it, in case it was made before them.
    pub fn read(&mut self, node: Node, label: String, later: &[Node], wanted: Wanted) -> Result<Draft, FormatError> {
        let tree = self.resolver.tree;
        let parts = Parts::of(tree, node)?;
        let info = SignedInfo::read(tree, parts.signed_info)?;
        let (resolved, left_out) = self.resolve(&parts, &info, later)?;
        let (covers, content) = coverage::of(tree, wanted, &parts, &resolved);

        let (signer, bare_key) = match parts.key_info {
            Some(node) => key_info::read(tree, node, self.resolver.ids, &mut self.evidence)?,
            None => (SignerName::Unnamed, None),
        };
        let message = canonical(tree, &Subset::element(parts.signed_info), &info.canonicalization, &mut self.budget)?;
        let value = base64(tree, parts.value)?;
        let refused = info.references.iter().find_map(|reference| reference.hash.as_ref().err());
        let main = content.and_then(|index| info.references.get(index)).or(info.references.first());
        let digest_algorithm = match (refused, main) {
            (Some(refused), _) => Err(refused.clone()),
            (None, Some(main)) => main.hash.clone(),
            (None, None) => return Err(FormatError::malformed("a SignedInfo without any Reference")),
        };
        let mut draft = Signature {
            label,
            signer,
            bare_key,
            embedded: Arc::new(Embedded::default()),
            digest_algorithm,
            signature_algorithm: info.algorithm.clone(),
            message: Message::Bytes(message),
            value,
            value_form: info.algorithm.as_ref().map_or(ValueForm::AsInCertificates, |algorithm| value_form(*algorithm)),
            integrity: integrity(&resolved),
            covers,
            content_digest: content.and_then(|index| resolved.get(index)).and_then(|reference| reference.digest),
            signing_certificate: Vec::new(),
            claimed_time: None,
            timestamps: Vec::new(),
            counter_signatures: Vec::new(),
            unread_counter_signatures: Vec::new(),
            level: crate::signed::Level::Bare,
            warnings: Vec::new(),
        };
        if self.outside_given && resolved.iter().all(|reference| reference.target.is_some()) {
            alter(&mut draft, "content was given beside a document that refers to none");
        }
        self.properties(&parts, &info, &resolved, &mut draft)?;
        self.soap_time(&resolved, &mut draft)?;
        // Content outside the document is nobody's to hand out here.
        let content = match content.and_then(|index| resolved.into_iter().nth(index)).and_then(|main| main.octets) {
            Some(Cow::Owned(octets)) => Some(octets),
            _ => None,
        };
        let encloses = coverage::encloses(tree, &parts);
        Ok(Draft { node, signature: draft, content, later: left_out, encloses })
    }

    /// Resolves all references: with this signature alone left out of what it envelops, and if that is not what was signed,
    /// with those that came later.
    fn resolve(
        &mut self,
        parts: &Parts,
        info: &SignedInfo,
        later: &[Node],
    ) -> Result<(Vec<Resolved<'r>>, usize), FormatError> {
        let mut all = |also: &[Node]| {
            let one = |reference| self.resolver.resolve(reference, parts.node, also, &mut self.budget);
            info.references.iter().map(one).collect::<Result<Vec<_>, _>>()
        };
        if info.references.iter().any(leaves_out) {
            check_text_is_whole(self.resolver.tree, &[parts.node])?;
        }
        let alone = all(&[])?;
        let envelops = info.references.iter().zip(&alone).any(|(reference, resolved)| {
            reference.transforms.contains(&Transform::Enveloped) && resolved.state == State::Altered
        });
        if envelops && !later.is_empty() {
            let before = all(later)?;
            if integrity(&before) == Integrity::Intact {
                check_text_is_whole(self.resolver.tree, &[&[parts.node], later].concat())?;
                return Ok((before, later.len()));
            }
        }
        Ok((alone, 0))
    }

    /// The properties of `XAdES`.
    fn properties(
        &mut self,
        parts: &Parts,
        info: &SignedInfo,
        resolved: &[Resolved<'_>],
        draft: &mut Signature,
    ) -> Result<(), FormatError> {
        let tree = self.resolver.tree;
        let qualifying = Qualifying::of(tree, parts)?;
        let signed = qualifying.and_then(|qualifying| qualifying.signed);
        let own = |reference: &Resolved<'_>| reference.target.is_some() && reference.target == signed;
        let types = info.references.iter().zip(resolved);
        if types.into_iter().any(|(reference, found)| xades::is_to_properties(reference.kind.as_deref()) && !own(found))
        {
            alter(draft, "the reference to the signed properties is to something else");
        }
        let Some(qualifying) = qualifying else { return Ok(()) };
        let mut read = xades::Signed::default();
        if let Some(signed) = qualifying.signed {
            let whole = |reference: &Resolved<'_>| {
                reference.target.is_some_and(|target| tree.contains(target, signed))
                    && !reference.without.iter().any(|&without| tree.contains(without, signed))
            };
            if !resolved.iter().any(whole) {
                alter(draft, "the signed properties are not under the signature");
            }
            read = xades::read_signed(tree, signed)?;
            if let Some(fault) = &read.fault {
                alter(draft, fault);
            }
        }
        let mut unsigned = xades::Unsigned::default();
        if let Some(properties) = qualifying.unsigned {
            let signature = xades::SignatureToStamp {
                parts,
                references: xades::octets_of(resolved),
                qualifying: qualifying.object,
            };
            unsigned = xades::read_unsigned(tree, properties, &signature, &mut self.evidence, &mut self.budget)?;
        }
        draft.level = unsigned.level(&read);
        draft.signing_certificate = read.certificates;
        draft.claimed_time = read.time;
        draft.warnings = read.warnings;
        draft.timestamps = read.timestamps;
        draft.timestamps.append(&mut unsigned.timestamps);
        for counter in unsigned.counter_signatures {
            let label = format!("counter-signature of {}", draft.label);
            draft.counter_signatures.push(self.counter(counter, label, parts.value)?);
        }
        Ok(())
    }

    /// A counter-signature: it must be over the value of the signature it stands in.
    fn counter(&mut self, node: Node, label: String, value: Node) -> Result<Signature, FormatError> {
        let mut signature = self.read(node, label, &[], Wanted::Element(value))?.signature;
        if !signature.covers.is_enough() {
            alter(&mut signature, "a counter-signature that is not over the signature it stands in");
        }
        signature.covers = Coverage::Part("the value of the signature it stands in".into());
        Ok(signature)
    }

    /// What the header of an envelope says: the time, if it is signed.
    fn soap_time(&self, resolved: &[Resolved<'_>], draft: &mut Signature) -> Result<(), FormatError> {
        let tree = self.resolver.tree;
        let Some(envelope) = self.envelope else { return Ok(()) };
        resolved.iter().filter_map(|one| one.target).try_for_each(|target| envelope.check_place(tree, target))?;
        let Some((timestamp, created)) = envelope.timestamp(tree)? else { return Ok(()) };
        let is_signed =
            resolved.iter().any(|reference| reference.target.is_some_and(|target| tree.contains(target, timestamp)));
        if !is_signed {
            draft.warnings.push(("timestamp-not-signed", "the Timestamp of the envelope is not signed".into()));
        } else if draft.claimed_time.is_none() {
            draft.claimed_time = created;
        }
        Ok(())
    }
}

fn leaves_out(reference: &Reference) -> bool {
    reference.transforms.iter().any(|one| matches!(one, Transform::Enveloped | Transform::WithoutSignatures))
}

/// Whether signatures that are left out stand where they were put: where one parts a text, what was signed has one text, and
/// whoever reads the document finds two.
fn check_text_is_whole(tree: &Tree<'_>, without: &[Node]) -> Result<(), FormatError> {
    if without.iter().any(|&node| tree.parts_text(node, without)) {
        return Err(FormatError::malformed("a signature in the middle of a text"));
    }
    Ok(())
}

/// Every digest fits, or why not.
fn integrity(resolved: &[Resolved<'_>]) -> Integrity {
    let of = |state| resolved.iter().position(|reference| reference.state == state);
    match (of(State::Altered), of(State::Missing)) {
        (Some(index), _) => Integrity::Altered(format!("the digest of reference {} differs", index + 1)),
        (_, Some(_)) => Integrity::ContentMissing,
        _ => Integrity::Intact,
    }
}

fn alter(draft: &mut Signature, what: &str) {
    if !matches!(draft.integrity, Integrity::Altered(_)) {
        draft.integrity = Integrity::Altered(what.to_owned());
    }
}
