//! Why two implementations may disagree about a mutant.

/// Who accepts what the other refuses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// We accept, they refuse.
    WeAccept,
    /// We refuse, they accept.
    WeRefuse,
}

/// Subject (its beginning), side, part of what the refusing side says, why that is as it should be. What we refuse costs
/// somebody a document that he can make again; what we accept alone is written down one by one.
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
    ("certificate", Side::WeAccept, "olicy", "qualifiers of policies are for people and are not read"),
    ("certificate", Side::WeAccept, "CpsUri", "qualifiers of policies are for people and are not read"),
    ("certificate", Side::WeAccept, "spki", "a key that cannot be used is refused to whoever needs it"),
    (
        "certificate",
        Side::WeAccept,
        "subject",
        "names and extensions nothing is decided by are kept as they are; what cannot be read in them means nothing",
    ),
    (
        "certificate",
        Side::WeAccept,
        "issuer",
        "names and extensions nothing is decided by are kept as they are; what cannot be read in them means nothing",
    ),
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
        "certificate, pyca",
        Side::WeAccept,
        "ParseError { kind: ",
        "names and extensions nothing is decided by are kept as they are; what cannot be read in them means nothing",
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
    (
        "list",
        Side::WeAccept,
        "ParseError { kind: ",
        "names and extensions nothing is decided by are kept as they are; what cannot be read in them means nothing",
    ),
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
        "response",
        Side::WeAccept,
        "ParseError { kind: ",
        "names and extensions nothing is decided by are kept as they are; what cannot be read in them means nothing",
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
    ("timestamp", Side::WeRefuse, "", "structure, purpose and certificate reference are read strictly"),
    (
        "XML",
        Side::WeRefuse,
        "",
        "one reference, algorithms and transforms on a list, the whole document covered, Ids unique: xmlsec1 asks none of these",
    ),
];

/// The reason for a disagreement.
pub fn reason(subject: &str, side: Side, said: &str) -> Option<&'static str> {
    let known =
        |(of, on, part, _): &&(&str, Side, &str, &str)| subject.starts_with(of) && *on == side && said.contains(part);
    REASONS.iter().find(known).map(|(.., why)| *why)
}
