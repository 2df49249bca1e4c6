//! Why two implementations may disagree about a mutant.

/// Who accepts what the other refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// We accept, they refuse.
    WeAccept,
    /// We refuse, they accept.
    WeRefuse,
}

/// Subject (its beginning), side, what the refusing side says (its parts, with anything between them), why that is as it should
/// be. Each names the part of the input and the rule, so that anything else is a surprise. Extensions are named by their types
/// in hexadecimal: 551d20 certificatePolicies, 551d23 authorityKeyIdentifier, 2b06010505070101 authorityInfoAccess.
const REASONS: &[(&str, Side, &str, &str)] = &[
    (
        "certificate",
        Side::WeRefuse,
        "signature algorithms inside and outside",
        "RFC 5280 4.1.1.2 wants them equal; others leave that to whoever verifies",
    ),
    ("certificate", Side::WeRefuse, "version does not fit", "RFC 5280 4.1.2.1: extensions need version 3"),
    (
        "certificate",
        Side::WeRefuse,
        "DER",
        "strict to the last octet, the values of extensions as well, which others open when asked",
    ),
    ("certificate", Side::WeRefuse, "not a certificate", "every field is read with the certificate"),
    ("certificate", Side::WeRefuse, "appears twice", "RFC 5280 4.2: no extension twice"),
    (
        "certificate",
        Side::WeRefuse,
        "extension ",
        "extensions are read with the certificate, not when somebody asks for them",
    ),
    ("certificate", Side::WeRefuse, "name:", "names are read with the certificate, not when somebody asks for them"),
    ("certificate", Side::WeAccept, "CpsUri", "qualifiers of policies are for people and are not read"),
    ("certificate", Side::WeAccept, "spki", "a key that cannot be used is refused to whoever needs it"),
    (
        "certificate",
        Side::WeAccept,
        "DirectoryName",
        "names and extensions nothing is decided by are kept as they are; what cannot be read in them means nothing",
    ),
    (
        "certificate",
        Side::WeAccept,
        "AccessDescription",
        "names and extensions nothing is decided by are kept as they are; what cannot be read in them means nothing",
    ),
    (
        "certificate",
        Side::WeAccept,
        "AttributeValue",
        "names and extensions nothing is decided by are kept as they are; what cannot be read in them means nothing",
    ),
    (
        "certificate",
        Side::WeAccept,
        "full_name, relative_name or crl_issuer",
        "a distribution point without a name is one that no list has",
    ),
    (
        "certificate, openssl",
        Side::WeAccept,
        "STORE routines: unsupported",
        "openssl reads no certificate whose key or names it cannot decode",
    ),
    (
        "signed certificate",
        Side::WeRefuse,
        "DER",
        "strict to the last octet, the values of extensions as well, which others open when asked",
    ),
    (
        "signed certificate",
        Side::WeRefuse,
        "extension ",
        "extensions are read with the certificate, not when somebody asks for them",
    ),
    ("signed certificate", Side::WeRefuse, "date", "RFC 5280 4.1.2.5: times end in Z and have seconds"),
    (
        "signed certificate",
        Side::WeAccept,
        "Missing Authority Key Identifier",
        "RFC 5280 4.2.1.1 asks authorities for it; it is a hint, and real certificates lack it",
    ),
    (
        "signed certificate",
        Side::WeAccept,
        "digital envelope routines",
        "the holder's key is not needed for the path to it; it is refused to whoever verifies with it",
    ),
    (
        "signed certificate",
        Side::WeAccept,
        "STORE routines: unsupported",
        "openssl reads no certificate whose key or names it cannot decode",
    ),
    ("list", Side::WeRefuse, "DER", "strict to the last octet"),
    (
        "list",
        Side::WeRefuse,
        "not a revocation list",
        "extensions and dates are read with the list, not when somebody asks for them",
    ),
    ("list", Side::WeRefuse, "extension ", "extensions are read with the list, not when somebody asks for them"),
    (
        "list",
        Side::WeAccept,
        "Unsupported reason code",
        "codes that are not assigned count as unspecified: the certificate stays revoked",
    ),
    ("list", Side::WeAccept, "AuthorityKeyIdentifier", "which key signed is proved by the signature, not by this hint"),
    ("list", Side::WeAccept, "extn_id", "a type too large to hold is one not known: passed over unless it is critical"),
    ("signed list", Side::WeRefuse, "DER", "strict to the last octet"),
    ("signed list", Side::WeRefuse, "a date is not a UTCTime", "RFC 5280 5.1.2.4: times end in Z and have seconds"),
    (
        "signed list",
        Side::WeRefuse,
        "extension",
        "malformed, unknown and critical, or twice; openssl prints what it verified and judges no extension",
    ),
    ("signed list", Side::WeRefuse, "issuer", "openssl looks the issuer up by the name of the list alone"),
    ("response", Side::WeRefuse, "DER", "strict to the last octet"),
    (
        "response",
        Side::WeRefuse,
        "a certificate in it",
        "certificates inside are read with the response, not when somebody asks for them",
    ),
    (
        "response",
        Side::WeRefuse,
        "not an OCSP response",
        "structure and dates are read with the response, not when somebody asks for them",
    ),
    ("response", Side::WeRefuse, "more than", "a response is a few answers"),
    ("response", Side::WeAccept, "spki", "a key that cannot be used is refused to whoever needs it"),
    (
        "response",
        Side::WeAccept,
        "AlgorithmIdentifier",
        "an algorithm that cannot be used is refused to whoever needs it",
    ),
    (
        "response",
        Side::WeAccept,
        "duplicate attributes",
        "names and extensions nothing is decided by are kept as they are; what cannot be read in them means nothing",
    ),
    (
        "response",
        Side::WeAccept,
        "revocation_reason",
        "codes that are not assigned count as unspecified: the certificate stays revoked",
    ),
    (
        "signed response",
        Side::WeRefuse,
        "a date is not a GeneralizedTime",
        "RFC 6960 4.2.2.1: GeneralizedTime as RFC 5280 has it",
    ),
    ("signed response", Side::WeRefuse, "DER", "strict to the last octet"),
    ("signed response", Side::WeRefuse, "not an OCSP response", "structure is read strictly"),
    ("signed response", Side::WeRefuse, "more than", "a response is a few answers"),
    ("message", Side::WeRefuse, "no version of SignedData", "RFC 5652 5.1: the version is 1 to 5"),
    (
        "message",
        Side::WeRefuse,
        "the signature names another certificate",
        "signingCertificate is compared (500/НҚ p. 8); openssl does so under -cades only, which the tests of CMS use",
    ),
    ("message", Side::WeRefuse, "contentType", "RFC 5652 11.1: it is that of the content"),
    (
        "message",
        Side::WeRefuse,
        "certificate is not there",
        "the certificate inside was changed and is strictly no certificate, or another one than the signer names",
    ),
    ("message", Side::WeRefuse, "unexpected tag", "structure is read strictly"),
    ("message", Side::WeRefuse, "DER", "strict in what is signed and where DER is asked for"),
    (
        "message",
        Side::WeAccept,
        "null is wrong length",
        "parameters of digestAlgorithms, a hint for streams, are not read; those of the signer are",
    ),
    (
        "certificate, pyca",
        Side::WeAccept,
        "extension 551d23: ",
        "authorityKeyIdentifier orders the search for issuers and decides nothing; what cannot be read in it is no hint",
    ),
    (
        "certificate, pyca",
        Side::WeAccept,
        "extension 551d20: …policy_qualifiers",
        "qualifiers of policies are for people and are not read",
    ),
    (
        "certificate, pyca",
        Side::WeAccept,
        "extension 2b06010505070101: …ParseError",
        "addresses that can be read are offered to the operator's list of hosts; the others are none",
    ),
    (
        "certificate, pyca",
        Side::WeAccept,
        "subject: ",
        "attributes of names are kept as they are: a string of another type or alphabet is the text that it is",
    ),
    (
        "certificate, pyca",
        Side::WeAccept,
        "issuer: ",
        "attributes of names are kept as they are: a string of another type or alphabet is the text that it is",
    ),
    (
        "certificate, pyca",
        Side::WeAccept,
        "structure: …EncodedDefault…Extension::critical",
        "real certificates write FALSE out; it says what its absence says",
    ),
    ("certificate", Side::WeRefuse, "the validity period ends before it begins", "no moment is in such a period"),
    (
        "signed certificate",
        Side::WeAccept,
        "unable to get local issuer certificate",
        "RFC 5280 4.2.1.1: an authorityKeyIdentifier that names another key is a hint; the signature tells which it is",
    ),
    ("signed certificate", Side::WeRefuse, "name: an empty relative name", "RFC 5280 4.1.2.4: SET SIZE (1..MAX)"),
    (
        "signed certificate",
        Side::WeRefuse,
        "name: attribute type is not a readable OID",
        "X.690 8.19: a type that is none names nothing",
    ),
    (
        "signed certificate",
        Side::WeRefuse,
        "not a certificate: a field cannot be read",
        "every field is read with the certificate",
    ),
    ("signed certificate", Side::WeRefuse, "version does not fit", "RFC 5280 4.1.2.1: extensions need version 3"),
    ("message", Side::WeRefuse, "is not allowed with these parameters", "RFC 5754 2 and 3: absent or NULL"),
    ("message", Side::WeRefuse, "no version of SignerInfo", "RFC 5652 5.3: the version is 1 or 3"),
    (
        "list, pyca",
        Side::WeAccept,
        "extension 551d23: ",
        "which key signed is proved by the signature, not by authorityKeyIdentifier",
    ),
    (
        "list, pyca",
        Side::WeAccept,
        "extensions of an entry: …InvalidValue",
        "invalidityDate and reasons that cannot be read are unspecified: the certificate stays revoked",
    ),
    (
        "list, pyca",
        Side::WeAccept,
        "issuer: ",
        "attributes of names are kept as they are: a list counts under the name that its issuer's certificate has, octet by octet or folded",
    ),
    (
        "list, pyca",
        Side::WeAccept,
        "structure: Inner and outer signature algorithms do not match",
        "absent parameters equal NULL: lists of the National CA mix the two",
    ),
    (
        "list, pyca",
        Side::WeAccept,
        "structure: …CertificateRevocationList::signature_value",
        "a signature whose bits are not whole octets is a wrong one when it is verified",
    ),
    (
        "list, pyca",
        Side::WeAccept,
        "structure: …AttributeTypeValue::value",
        "attributes of names are kept as they are: a string of another type or alphabet is the text that it is",
    ),
    (
        "list, pyca",
        Side::WeRefuse,
        "it is a delta list without a number",
        "RFC 5280 5.2.3, 5.2.4: it could be any delta",
    ),
    (
        "signed list",
        Side::WeRefuse,
        "the signature algorithms inside and outside the signed part differ",
        "RFC 5280 5.1.1.2 wants them equal",
    ),
    ("signed list", Side::WeRefuse, "its version is neither 1 nor 2", "RFC 5280 5.1.2.1"),
    (
        "response, pyca",
        Side::WeAccept,
        "responder_name: ",
        "attributes of names are kept as they are; who signed is proved by the signature",
    ),
    (
        "response, pyca",
        Side::WeAccept,
        "structure: …ResponderId::ByName",
        "attributes of names are kept as they are; who signed is proved by the signature",
    ),
    (
        "response, pyca",
        Side::WeAccept,
        "structure: …AttributeTypeValue::value",
        "attributes of names are kept as they are; who signed is proved by the signature",
    ),
    (
        "response, pyca",
        Side::WeAccept,
        "structure: …CertID::hash_algorithm",
        "an answer whose CertID cannot be read is to no question",
    ),
    (
        "XML",
        Side::WeAccept,
        "xmlSecOpenSSLX509CertDerRead…asn1 encoding routines",
        "openssl reads no certificate with a name in another alphabet than its type says",
    ),
    ("XML", Side::WeRefuse, "a signature inside another one", "two readers would see two signatures"),
    ("XML", Side::WeRefuse, "covers Part(", "xmlsec1 does not ask how much of a document is signed"),
    ("XML", Side::WeRefuse, "that does not belong there", "comments and elements inside values are read in two ways"),
    (
        "XML",
        Side::WeRefuse,
        "the signer's certificate is not there",
        "xmlsec1 is given the key and does not read the certificate that the mutant damaged",
    ),
    (
        "message",
        Side::WeAccept,
        "CMS routines: unknown digest algorithm",
        "digestAlgorithms are a hint for streams: what is no algorithm in them announces none",
    ),
    (
        "message",
        Side::WeAccept,
        "Error reading SMIME Content Info…sequence length mismatch",
        "digestAlgorithms are a hint for streams: openssl counts what stands in each, the only part that we do not read",
    ),
    (
        "message",
        Side::WeAccept,
        "Error reading SMIME Content Info…wrong tag",
        "digestAlgorithms are a hint for streams: openssl wants an algorithm each, the only part that we do not read",
    ),
    (
        "timestamp",
        Side::WeAccept,
        "Using configuration…asn1 encoding routines: wrong tag",
        "digestAlgorithms are a hint for streams: openssl wants an algorithm each, the only part that we do not read",
    ),
];

/// Whether the parts of a pattern stand in a text, one after the other.
fn holds_parts(said: &str, pattern: &str) -> bool {
    let mut rest = Some(said);
    for part in pattern.split('…') {
        rest = rest.and_then(|rest| rest.split_once(part)).map(|(_, rest)| rest);
    }
    rest.is_some()
}

/// The reason for a disagreement.
pub fn reason(subject: &str, side: Side, said: &str) -> Option<&'static str> {
    let known = |(of, on, part, _): &&(&str, Side, &str, &str)| {
        subject.starts_with(of) && *on == side && holds_parts(said, part)
    };
    REASONS.iter().find(known).map(|(.., why)| *why)
}
