//! Signed XML, written by hand: every piece of text is put down in its canonical form to begin with, so that no
//! canonicalization is needed to sign it, and none of ours can be wrong in the same way twice.
//!
//! What is to be signed is given as its canonical octets; what is written is plain text, good or bad.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::hash::Hash;
use crate::key::Key;

/// The namespace of XML signatures.
pub const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
/// The namespace of `XAdES`.
pub const XADES: &str = "http://uri.etsi.org/01903/v1.3.2#";
/// The namespace of what `XAdES` added later.
pub const XADES_141: &str = "http://uri.etsi.org/01903/v1.4.1#";
/// Canonical XML 1.0.
pub const INCLUSIVE: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315";
/// Canonical XML 1.0 with comments.
pub const INCLUSIVE_WITH_COMMENTS: &str = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments";
/// Canonical XML 1.1.
pub const INCLUSIVE_11: &str = "http://www.w3.org/2006/12/xml-c14n11";
/// Exclusive canonical XML.
pub const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
/// The enveloped-signature transform.
pub const ENVELOPED: &str = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";
/// The type of the reference to `XAdES` signed properties.
pub const SIGNED_PROPERTIES: &str = "http://uri.etsi.org/01903#SignedProperties";
/// SOAP 1.1.
pub const SOAP_11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// SOAP 1.2.
pub const SOAP_12: &str = "http://www.w3.org/2003/05/soap-envelope";
/// WS-Security.
pub const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
/// WS-Security's identifiers and times.
pub const WSU: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";

/// One reference to sign.
#[derive(Clone, Debug)]
pub struct Reference {
    /// Its URI; none is written without one.
    pub uri: Option<String>,
    /// Its type.
    pub kind: Option<String>,
    /// The transforms, their identifiers; an empty list writes no `Transforms`.
    pub transforms: Vec<String>,
    /// The octets that are digested.
    pub octets: Vec<u8>,
}

impl Reference {
    /// To something in the document, or all of it.
    pub fn to(uri: &str, transforms: &[&str], octets: &str) -> Reference {
        Reference {
            uri: Some(uri.to_owned()),
            kind: None,
            transforms: transforms.iter().map(|&transform| transform.to_owned()).collect(),
            octets: octets.as_bytes().to_vec(),
        }
    }

    /// The same with a type.
    pub fn of_kind(self, kind: &str) -> Reference {
        Reference { kind: Some(kind.to_owned()), ..self }
    }
}

/// A signature to be made.
#[derive(Clone, Debug)]
pub struct Signing<'k> {
    /// The key.
    pub key: &'k Key,
    /// How `SignedInfo` is canonicalized.
    pub canonicalization: String,
    /// Namespaces in scope where the signature will stand: prefix and namespace. An inclusive canonicalization writes them
    /// on `SignedInfo`.
    pub scope: Vec<(String, String)>,
    /// The `Id` of the signature.
    pub id: Option<String>,
    /// The references.
    pub references: Vec<Reference>,
    /// What stands in `KeyInfo`; none is written without it.
    pub key_info: Option<String>,
    /// The objects, each with its tags.
    pub objects: Vec<String>,
    /// Another identifier of the signature algorithm than the key's.
    pub method: Option<String>,
    /// Another hash over the references than the key's, with its identifier.
    pub hash: Option<(Hash, String)>,
}

impl<'k> Signing<'k> {
    /// A signature with a certificate beside it, canonicalized inclusively.
    pub fn new(key: &'k Key, certificate: &[u8]) -> Signing<'k> {
        Signing {
            key,
            canonicalization: INCLUSIVE.to_owned(),
            scope: Vec::new(),
            id: None,
            references: Vec::new(),
            key_info: Some(x509_data(certificate)),
            objects: Vec::new(),
            method: None,
            hash: None,
        }
    }

    /// With one more reference.
    pub fn reference(mut self, reference: Reference) -> Signing<'k> {
        self.references.push(reference);
        self
    }

    /// `SignedInfo` in its canonical form, with these declarations on it.
    fn signed_info(&self, declarations: &str) -> String {
        let references: String = self.references.iter().map(|reference| self.written(reference)).collect();
        let method = self.method.clone().unwrap_or_else(|| signature_method(self.key).to_owned());
        format!(
            "<ds:SignedInfo{declarations}><ds:CanonicalizationMethod Algorithm=\"{}\"></ds:CanonicalizationMethod>\
             <ds:SignatureMethod Algorithm=\"{method}\"></ds:SignatureMethod>{references}</ds:SignedInfo>",
            self.canonicalization
        )
    }

    fn written(&self, reference: &Reference) -> String {
        let (hash, identifier) = self.hash.clone().unwrap_or_else(|| {
            let (hash, identifier) = digest_method(self.key);
            (hash, identifier.to_owned())
        });
        let attribute = |name, value: &Option<String>| {
            value.as_ref().map(|value| format!(" {name}=\"{value}\"")).unwrap_or_default()
        };
        let transforms: String = reference
            .transforms
            .iter()
            .map(|one| format!("<ds:Transform Algorithm=\"{one}\"></ds:Transform>"))
            .collect();
        let transforms =
            if transforms.is_empty() { transforms } else { format!("<ds:Transforms>{transforms}</ds:Transforms>") };
        format!(
            "<ds:Reference{}{}>{transforms}<ds:DigestMethod Algorithm=\"{identifier}\"></ds:DigestMethod>\
             <ds:DigestValue>{}</ds:DigestValue></ds:Reference>",
            attribute("Type", &reference.kind),
            attribute("URI", &reference.uri),
            STANDARD.encode(hash.digest(&reference.octets))
        )
    }

    /// What the value is over: `SignedInfo` in its canonical form.
    pub fn message(&self) -> String {
        let own = ("ds".to_owned(), DS.to_owned());
        let mut scope: Vec<_> =
            if self.canonicalization.starts_with(EXCLUSIVE) { Vec::new() } else { self.scope.clone() };
        scope.push(own);
        scope.sort();
        let declarations: String = scope
            .iter()
            .map(|(prefix, uri)| {
                let colon = if prefix.is_empty() { "" } else { ":" };
                format!(" xmlns{colon}{prefix}=\"{uri}\"")
            })
            .collect();
        self.signed_info(&declarations)
    }

    /// The value over `SignedInfo`, as XML has it.
    pub fn value(&self) -> Vec<u8> {
        let value = self.key.sign(self.message().as_bytes());
        match self.key {
            Key::Ecdsa(key) => side_by_side(&value, key.curve.hash().digest(b"").len()),
            _ => value,
        }
    }

    /// The signature.
    pub fn sign(&self) -> String {
        let id = self.id.as_ref().map(|id| format!(" Id=\"{id}\"")).unwrap_or_default();
        let key_info =
            self.key_info.as_ref().map(|inner| format!("<ds:KeyInfo>{inner}</ds:KeyInfo>")).unwrap_or_default();
        format!(
            "<ds:Signature xmlns:ds=\"{DS}\"{id}>{}{}{key_info}{}</ds:Signature>",
            self.signed_info(""),
            self.signature_value(""),
            self.objects.concat()
        )
    }

    /// The element with the value, with these declarations on it: with that of `ds`, what a timestamp is over.
    pub fn signature_value(&self, declarations: &str) -> String {
        format!("<ds:SignatureValue{declarations}>{}</ds:SignatureValue>", STANDARD.encode(self.value()))
    }
}

/// A document with an enveloped signature as NCANode makes it, at the end of its root element; `document` is canonical.
pub fn enveloped(document: &str, key: &Key, certificate: &[u8]) -> String {
    let reference = Reference::to("", &[ENVELOPED, INCLUSIVE_WITH_COMMENTS], document);
    append(document, &Signing::new(key, certificate).reference(reference).sign())
}

/// Puts something in at the end of the root element.
///
/// # Panics
/// If there is no end tag.
pub fn append(document: &str, inner: &str) -> String {
    let at = document.rfind("</").expect("an end tag");
    format!("{}{inner}{}", &document[..at], &document[at..])
}

/// `X509Data` with a certificate.
pub fn x509_data(certificate: &[u8]) -> String {
    format!("<ds:X509Data><ds:X509Certificate>{}</ds:X509Certificate></ds:X509Data>", STANDARD.encode(certificate))
}

/// Base64 of octets.
pub fn base64(octets: &[u8]) -> String {
    STANDARD.encode(octets)
}

/// `SignedProperties` in its canonical form, with a signing time and what stands in `SignedSignatureProperties` after it.
pub fn signed_properties(id: &str, time: &str, more: &str) -> String {
    format!(
        "<xades:SignedProperties xmlns:ds=\"{DS}\" xmlns:xades=\"{XADES}\" Id=\"{id}\"><xades:SignedSignatureProperties>\
         <xades:SigningTime>{time}</xades:SigningTime>{more}</xades:SignedSignatureProperties></xades:SignedProperties>"
    )
}

/// `SigningCertificateV2` with the SHA-256 of a certificate, and what stands after the digest.
pub fn signing_certificate_v2(certificate: &[u8], more: &str) -> String {
    let digest = cert_digest("http://www.w3.org/2001/04/xmlenc#sha256", &Hash::Sha256.digest(certificate));
    format!("<xades:SigningCertificateV2><xades:Cert>{digest}{more}</xades:Cert></xades:SigningCertificateV2>")
}

/// `CertDigest`.
pub fn cert_digest(method: &str, digest: &[u8]) -> String {
    format!(
        "<xades:CertDigest><ds:DigestMethod Algorithm=\"{method}\"></ds:DigestMethod><ds:DigestValue>{}</ds:DigestValue>\
         </xades:CertDigest>",
        STANDARD.encode(digest)
    )
}

/// An `Object` with qualifying properties.
pub fn qualifying_properties(target: &str, signed: &str, unsigned: &str) -> String {
    let unsigned = if unsigned.is_empty() {
        String::new()
    } else {
        format!(
            "<xades:UnsignedProperties><xades:UnsignedSignatureProperties>{unsigned}</xades:UnsignedSignatureProperties>\
             </xades:UnsignedProperties>"
        )
    };
    format!(
        "<ds:Object><xades:QualifyingProperties xmlns:xades=\"{XADES}\" Target=\"#{target}\">{signed}{unsigned}\
         </xades:QualifyingProperties></ds:Object>"
    )
}

/// The identifier of a key's signature algorithm.
pub fn signature_method(key: &Key) -> &'static str {
    match key.signature_oid() {
        "1.2.398.3.10.1.1.2.3.2" => "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:gostr34102015-gostr34112015-512",
        "1.2.398.3.10.1.1.2.3.1" => "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:gostr34102015-gostr34112015-256",
        "1.2.398.3.10.1.1.1.2" => "http://www.w3.org/2001/04/xmldsig-more#gost34310-gost34311",
        "1.2.840.113549.1.1.5" => "http://www.w3.org/2000/09/xmldsig#rsa-sha1",
        "1.2.840.113549.1.1.12" => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384",
        "1.2.840.113549.1.1.13" => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512",
        "1.2.840.10045.4.3.2" => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256",
        "1.2.840.10045.4.3.3" => "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384",
        "1.3.101.112" => "http://www.w3.org/2021/04/xmldsig-more#eddsa-ed25519",
        _ => "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    }
}

/// The hash that goes with a key, and its identifier.
pub fn digest_method(key: &Key) -> (Hash, &'static str) {
    match key.signature_oid() {
        "1.2.398.3.10.1.1.2.3.2" => {
            (Hash::Streebog512, "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:gostr34112015-512")
        }
        "1.2.398.3.10.1.1.2.3.1" => {
            (Hash::Streebog256, "urn:ietf:params:xml:ns:pkigovkz:xmlsec:algorithms:gostr34112015-256")
        }
        "1.2.398.3.10.1.1.1.2" => (Hash::Gost95, "http://www.w3.org/2001/04/xmldsig-more#gost34311"),
        "1.2.840.113549.1.1.12" | "1.2.840.10045.4.3.3" => {
            (Hash::Sha384, "http://www.w3.org/2001/04/xmldsig-more#sha384")
        }
        "1.2.840.113549.1.1.13" => (Hash::Sha512, "http://www.w3.org/2001/04/xmlenc#sha512"),
        _ => (Hash::Sha256, "http://www.w3.org/2001/04/xmlenc#sha256"),
    }
}

/// r and s of an ECDSA signature in DER, each in `size` octets.
fn side_by_side(der: &[u8], size: usize) -> Vec<u8> {
    let mut rest = &der[2..];
    let mut out = Vec::new();
    for _ in 0..2 {
        let (number, after) = rest[2..].split_at(usize::from(rest[1]));
        let digits = &number[number.len().saturating_sub(size)..];
        out.extend(vec![0; size - digits.len()]);
        out.extend_from_slice(digits);
        rest = after;
    }
    out
}
