//! `XAdES` (EN 319 132-1, TS 101 903): properties under a signature, and evidence beside it.

mod certificates;
mod timestamps;

use super::evidence::Evidence;
use super::limits::Budget;
use super::namespaces::{DS, XADES, XADES_141};
use super::parts::{Parts, base64};
use super::reference::Resolved;
use super::tree::{Node, Tree};
use crate::clock::Time;
use crate::signed::{CertificateReference, FormatError, Level, TimestampKind, TimestampToken};

/// The `Type` of the reference to the signed properties, of 1.3.2 and of the years before.
pub const SIGNED_PROPERTIES: [&str; 2] =
    ["http://uri.etsi.org/01903#SignedProperties", "http://uri.etsi.org/01903/v1.3.2#SignedProperties"];

/// Whether a reference says that it is the one to the signed properties.
pub fn is_to_properties(kind: Option<&str>) -> bool {
    kind.is_some_and(|kind| SIGNED_PROPERTIES.contains(&kind))
}

/// The `QualifyingProperties` of a signature: where they are.
#[derive(Clone, Copy, Debug)]
pub struct Qualifying {
    /// The `Object` around them.
    pub object: Node,
    /// They themselves.
    pub node: Node,
    /// `SignedProperties`.
    pub signed: Option<Node>,
    /// `UnsignedSignatureProperties`.
    pub unsigned: Option<Node>,
}

impl Qualifying {
    /// Finds them among the objects of a signature; `None` when there are none.
    ///
    /// # Errors
    ///
    /// [`FormatError::Malformed`] when there are several, or they say that they are another signature's;
    /// [`FormatError::Unsupported`] for those of `XAdES` before 1.3.2.
    pub fn of(tree: &Tree<'_>, parts: &Parts) -> Result<Option<Self>, FormatError> {
        let mut found = None;
        for &object in &parts.objects {
            for node in tree.elements(object).filter(|&node| tree.local(node) == "QualifyingProperties") {
                match tree.namespace(node) {
                    Some(XADES) if found.is_none() => found = Some((object, node)),
                    Some(XADES) => return Err(FormatError::malformed("several QualifyingProperties")),
                    Some(namespace) if namespace.starts_with("http://uri.etsi.org/01903") => {
                        return Err(FormatError::Unsupported("XAdES before version 1.3.2".into()));
                    }
                    _ => {}
                }
            }
        }
        let Some((object, node)) = found else { return Ok(None) };
        let own = tree.attribute(parts.node, "Id").filter(|id| !id.is_empty());
        if own.is_none() || tree.attribute(node, "Target").and_then(|target| target.strip_prefix('#')) != own {
            return Err(FormatError::malformed("QualifyingProperties of another signature"));
        }
        let mut children = tree.only_elements(node)?.into_iter().peekable();
        let signed = children.next_if(|&child| tree.is(child, XADES, "SignedProperties"));
        let unsigned = children.next_if(|&child| tree.is(child, XADES, "UnsignedProperties"));
        if children.next().is_some() {
            return Err(FormatError::malformed("QualifyingProperties with a child out of place"));
        }
        let unsigned =
            unsigned.map(|unsigned| one(tree, unsigned, "UnsignedSignatureProperties")).transpose()?.flatten();
        Ok(Some(Self { object, node, signed, unsigned }))
    }
}

/// The one child of that name, if there is any.
fn one(tree: &Tree<'_>, node: Node, local: &str) -> Result<Option<Node>, FormatError> {
    let mut found = tree.only_elements(node)?.into_iter().filter(|&child| tree.is(child, XADES, local));
    let first = found.next();
    if found.next().is_some() {
        return Err(FormatError::Malformed(format!("several {local}")));
    }
    Ok(first)
}

/// What the properties under a signature say.
#[derive(Debug, Default)]
pub struct Signed {
    /// The signer's certificate, as each property that names it has it.
    pub certificates: Vec<CertificateReference>,
    /// Why the reference to the signer's certificate cannot be compared.
    pub fault: Option<String>,
    /// `SigningTime`.
    pub time: Option<Time>,
    /// Timestamps over the content.
    pub timestamps: Vec<TimestampToken>,
    /// Oddities.
    pub warnings: Vec<(&'static str, String)>,
}

/// Reads `SignedProperties`.
pub fn read_signed(tree: &Tree<'_>, properties: Node) -> Result<Signed, FormatError> {
    let mut signed = Signed::default();
    if let Some(data) = one(tree, properties, "SignedDataObjectProperties")? {
        for child in tree.only_elements(data)? {
            if tree.is(child, XADES, "AllDataObjectsTimeStamp")
                || tree.is(child, XADES, "IndividualDataObjectsTimeStamp")
            {
                let covered = || Ok(timestamps::not_computed());
                signed.timestamps.extend(timestamps::read(tree, child, TimestampKind::Content, covered)?);
            }
        }
    }
    let Some(about_signature) = one(tree, properties, "SignedSignatureProperties")? else { return Ok(signed) };
    if let Some(time) = one(tree, about_signature, "SigningTime")? {
        signed.time = tree.only_text(time)?.trim_ascii().parse().ok();
        if signed.time.is_none() {
            signed.warnings.push(("signing-time-unreadable", "SigningTime has no time zone, or is no time".into()));
        }
    }
    if let Some(list) = one(tree, about_signature, "SigningCertificate")? {
        certificates::read(tree, list, &mut signed)?;
    }
    if let Some(list) = one(tree, about_signature, "SigningCertificateV2")? {
        certificates::read(tree, list, &mut signed)?;
    }
    if let Some(policy) = one(tree, about_signature, "SignaturePolicyIdentifier")?
        && one(tree, policy, "SignatureImplied")?.is_none()
    {
        signed.warnings.push(("signature-policy", "a signature policy that is not evaluated".into()));
    }
    Ok(signed)
}

/// What stands beside a signature, under nothing but timestamps.
#[derive(Debug, Default)]
pub struct Unsigned {
    /// Timestamps over the signature and over everything.
    pub timestamps: Vec<TimestampToken>,
    /// The `Signature`s of `CounterSignature`s.
    pub counter_signatures: Vec<Node>,
    has_values: bool,
}

impl Unsigned {
    /// The level of a signature by its form.
    pub fn level(&self, signed: &Signed) -> Level {
        let has = |kind| self.timestamps.iter().any(|timestamp| timestamp.kind == kind);
        match (signed.certificates.is_empty(), has(TimestampKind::Signature), self.has_values) {
            (true, ..) => Level::Bare,
            (_, true, true) if has(TimestampKind::Archive) => Level::Lta,
            (_, true, true) => Level::Lt,
            (_, true, _) => Level::T,
            _ => Level::B,
        }
    }
}

/// Reads `UnsignedSignatureProperties`.
pub fn read_unsigned(
    tree: &Tree<'_>,
    properties: Node,
    signature: &timestamps::Signature<'_>,
    evidence: &mut Evidence,
    budget: &mut Budget,
) -> Result<Unsigned, FormatError> {
    let mut unsigned = Unsigned::default();
    let children = tree.only_elements(properties)?;
    for (index, &child) in children.iter().enumerate() {
        let earlier = children.get(..index).unwrap_or_default();
        match (tree.namespace(child), tree.local(child)) {
            (Some(XADES), "SignatureTimeStamp") => {
                let covered = |method: &_| signature.value(tree, method, budget);
                unsigned.timestamps.extend(timestamps::read_over(tree, child, TimestampKind::Signature, covered)?);
            }
            (Some(XADES_141), "ArchiveTimeStamp") => {
                let covered = |method: &_| signature.everything(tree, earlier, method, budget);
                unsigned.timestamps.extend(timestamps::read_over(tree, child, TimestampKind::Archive, covered)?);
            }
            (Some(XADES), "ArchiveTimeStamp")
            | (
                Some(XADES | XADES_141),
                "SigAndRefsTimeStamp" | "RefsOnlyTimeStamp" | "SigAndRefsTimeStampV2" | "RefsOnlyTimeStampV2",
            ) => {
                let covered = || Ok(timestamps::not_computed());
                unsigned.timestamps.extend(timestamps::read(tree, child, TimestampKind::Archive, covered)?);
            }
            (Some(XADES), "CertificateValues" | "RevocationValues") => values(tree, child, &mut unsigned, evidence)?,
            // What came later: the validation data of timestamps, and of anything.
            (Some(XADES_141), "TimeStampValidationData") => {
                for inner in tree.only_elements(child)? {
                    values(tree, inner, &mut unsigned, evidence)?;
                }
            }
            (Some(XADES), "CounterSignature") => match *tree.only_elements(child)?.as_slice() {
                [counter] if tree.is(counter, DS, "Signature") => unsigned.counter_signatures.push(counter),
                _ => return Err(FormatError::malformed("a CounterSignature without exactly one Signature")),
            },
            // References to evidence, which is looked at itself, and what later versions may bring: nothing here counts for
            // a signature, so that what is not known does no harm.
            _ => {}
        }
    }
    Ok(unsigned)
}

/// Reads `CertificateValues` and `RevocationValues`.
fn values(tree: &Tree<'_>, node: Node, unsigned: &mut Unsigned, evidence: &mut Evidence) -> Result<(), FormatError> {
    match (tree.namespace(node), tree.local(node)) {
        (Some(XADES), "CertificateValues") => {
            unsigned.has_values = true;
            encapsulated(tree, node, "EncapsulatedX509Certificate", |der| evidence.certificate(der).map(|_| ()))
        }
        (Some(XADES), "RevocationValues") => {
            unsigned.has_values = true;
            for list in tree.only_elements(node)? {
                match (tree.namespace(list), tree.local(list)) {
                    (Some(XADES), "CRLValues") => {
                        encapsulated(tree, list, "EncapsulatedCRLValue", |der| evidence.list(der))?;
                    }
                    (Some(XADES), "OCSPValues") => {
                        encapsulated(tree, list, "EncapsulatedOCSPValue", |der| evidence.response(der))?;
                    }
                    _ => {}
                }
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

/// Reads a list of encapsulated DER.
fn encapsulated(
    tree: &Tree<'_>,
    list: Node,
    local: &str,
    mut take: impl FnMut(Vec<u8>) -> Result<(), FormatError>,
) -> Result<(), FormatError> {
    for child in tree.only_elements(list)?.into_iter().filter(|&child| tree.is(child, XADES, local)) {
        take(base64(tree, child)?)?;
    }
    Ok(())
}

pub use timestamps::Signature as SignatureToStamp;

/// The octets of all references, in order, if all are at hand.
pub fn octets_of<'r>(resolved: &'r [Resolved<'_>]) -> Option<Vec<&'r [u8]>> {
    resolved.iter().map(|one| one.octets.as_deref()).collect()
}
