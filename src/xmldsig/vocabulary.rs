//! The elements that signatures are made of, by their schemas. What else stands in a signature, and is not signed, is content
//! that hides there, whatever its namespace: whoever looks for a name in the document would find it.

use super::namespaces::{DS, DS11, EXCLUSIVE, WSSE, XADES, XADES_141};
use super::tree::{Node, Tree};

/// XML signatures, without what holds content (`Object`, `Manifest`, `SignatureProperties`).
const SIGNATURE: [&str; 35] = [
    "CanonicalizationMethod",
    "DSAKeyValue",
    "DigestMethod",
    "DigestValue",
    "Exponent",
    "G",
    "HMACOutputLength",
    "J",
    "KeyInfo",
    "KeyName",
    "KeyValue",
    "MgmtData",
    "Modulus",
    "P",
    "PGPData",
    "PGPKeyID",
    "PGPKeyPacket",
    "PgenCounter",
    "Q",
    "RSAKeyValue",
    "RetrievalMethod",
    "SPKIData",
    "SPKISexp",
    "Seed",
    "Transform",
    "Transforms",
    "X509CRL",
    "X509Certificate",
    "X509Data",
    "X509IssuerName",
    "X509IssuerSerial",
    "X509SKI",
    "X509SerialNumber",
    "X509SubjectName",
    "Y",
];

/// What version 1.1 added.
const SIGNATURE_11: [&str; 18] = [
    "A",
    "B",
    "Base",
    "CoFactor",
    "Curve",
    "DEREncodedKeyValue",
    "ECKeyValue",
    "ECParameters",
    "FieldID",
    "KeyInfoReference",
    "NamedCurve",
    "OCSPResponse",
    "Order",
    "Prime",
    "PublicKey",
    "Seed",
    "ValidationData",
    "X509Digest",
];

/// Where keys have names that came after XML signatures (RFC 4050 and RFC 9231).
const LATER: [&str; 3] = [
    "http://www.w3.org/2001/04/xmldsig-more#",
    "http://www.w3.org/2007/05/xmldsig-more#",
    "http://www.w3.org/2021/04/xmldsig-more#",
];
const LATER_NAMES: [&str; 9] = [
    "DomainParameters",
    "ECDSAKeyValue",
    "ExplicitParams",
    "FieldParams",
    "NamedCurve",
    "PKCS7signedData",
    "PublicKey",
    "X",
    "Y",
];

/// How WS-Security names a key.
const TOKEN_REFERENCE: [&str; 3] = ["KeyIdentifier", "Reference", "SecurityTokenReference"];

/// What stands beside the signed properties (EN 319 132-1 clauses 5.3 to 5.5 and annex A).
const UNSIGNED: [&str; 54] = [
    "ArchiveTimeStamp",
    "AttrAuthoritiesCertValues",
    "AttributeCertificateRefs",
    "AttributeRevocationRefs",
    "AttributeRevocationValues",
    "ByKey",
    "ByName",
    "CRLIdentifier",
    "CRLRef",
    "CRLRefs",
    "CRLValues",
    "Cert",
    "CertDigest",
    "CertRefs",
    "CertificateValues",
    "CompleteCertificateRefs",
    "CompleteRevocationRefs",
    "CounterSignature",
    "Description",
    "DigestAlgAndValue",
    "DocumentationReference",
    "DocumentationReferences",
    "EncapsulatedCRLValue",
    "EncapsulatedOCSPValue",
    "EncapsulatedPKIData",
    "EncapsulatedTimeStamp",
    "EncapsulatedX509Certificate",
    "Identifier",
    "Include",
    "IssueTime",
    "Issuer",
    "IssuerSerial",
    "IssuerSerialV2",
    "Number",
    "OCSPIdentifier",
    "OCSPRef",
    "OCSPRefs",
    "OCSPValues",
    "OtherCertificate",
    "OtherRef",
    "OtherRefs",
    "OtherValue",
    "OtherValues",
    "ProducedAt",
    "QualifyingProperties",
    "RefsOnlyTimeStamp",
    "ResponderID",
    "RevocationValues",
    "SigAndRefsTimeStamp",
    "SignatureTimeStamp",
    "UnsignedDataObjectProperties",
    "UnsignedProperties",
    "UnsignedSignatureProperties",
    "XMLTimeStamp",
];

/// What later versions of `XAdES` added to them.
const UNSIGNED_141: [&str; 13] = [
    "ArchiveTimeStamp",
    "AttributeCertificateRefsV2",
    "CertRef",
    "CertRefs",
    "CompleteCertificateRefsV2",
    "RefsOnlyTimeStampV2",
    "RenewedDigests",
    "SPDocSpecification",
    "SigAndRefsTimeStampV2",
    "SigPolDocLocalURI",
    "SignaturePolicyDocument",
    "SignaturePolicyStore",
    "TimeStampValidationData",
];

/// Whether an element in a signature is of these, in a place where it may be.
pub fn is_of_signatures(tree: &Tree<'_>, signature: Node, node: Node) -> bool {
    let local = tree.local(node);
    let parent_is = |namespace, name| tree.parent(node).is_some_and(|parent| tree.is(parent, namespace, name));
    match tree.namespace(node) {
        _ if node == signature => true,
        // Under the value itself, and read to the last child.
        Some(DS) if local == "SignedInfo" => parent_is(DS, "Signature"),
        // A counter-signature may have a copy in it of the value that it is over.
        Some(DS) if local == "SignatureValue" => parent_is(DS, "Signature") || parent_is(DS, "Object"),
        // Those of other signatures are not asked about again.
        Some(DS) if local == "Object" => tree.parent(node) == Some(signature) || holds_no_content(tree, node),
        Some(DS) if local == "Signature" => parent_is(XADES, "CounterSignature"),
        _ if is_in_signed_info(tree, node) => true,
        Some(DS) => SIGNATURE.contains(&local),
        Some(DS11) => SIGNATURE_11.contains(&local),
        Some(EXCLUSIVE) => local == "InclusiveNamespaces",
        Some(WSSE) => TOKEN_REFERENCE.contains(&local) && is_in_token_reference(tree, node),
        Some(XADES) => UNSIGNED.contains(&local) || is_in_signed_properties(tree, node),
        Some(XADES_141) => UNSIGNED_141.contains(&local) || is_in_signed_properties(tree, node),
        Some(later) => LATER.contains(&later) && LATER_NAMES.contains(&local),
        None => false,
    }
}

fn is_in_signed_info(tree: &Tree<'_>, node: Node) -> bool {
    let mut around = tree.around(node).skip_while(|&outer| !tree.is(outer, DS, "SignedInfo"));
    around.next().is_some() && around.next().is_some_and(|outer| tree.is(outer, DS, "Signature"))
}

/// What is in them is under the signature, or the signature does not hold.
fn is_in_signed_properties(tree: &Tree<'_>, node: Node) -> bool {
    const PLACE: [(&str, &str); 4] =
        [(XADES, "SignedProperties"), (XADES, "QualifyingProperties"), (DS, "Object"), (DS, "Signature")];
    let mut around = tree.around(node).skip_while(|&outer| !tree.is(outer, XADES, "SignedProperties"));
    PLACE.iter().all(|(namespace, local)| around.next().is_some_and(|outer| tree.is(outer, namespace, local)))
}

fn is_in_token_reference(tree: &Tree<'_>, node: Node) -> bool {
    tree.around(node).any(|outer| tree.is(outer, WSSE, "SecurityTokenReference"))
}

/// Whether an object of another signature in this one has nothing of its own in it: what elements it has are asked themselves.
fn holds_no_content(tree: &Tree<'_>, object: Node) -> bool {
    let is_of_signature = tree.parent(object).is_some_and(|parent| tree.is(parent, DS, "Signature"));
    is_of_signature && tree.only_elements(object).is_ok()
}
