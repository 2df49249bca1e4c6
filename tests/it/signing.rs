//! Documents signed by the holders of the demo, whose keys are public.

use rastau::der::armour::{Label, decode_one};
use rastau_mint::cms::{Cms, Signer};
use rastau_mint::key::Key;
use rastau_mint::xml;

/// The certificate of a holder by the name of its file in `testdata/demo`.
pub fn certificate(holder: &str) -> Vec<u8> {
    let path = format!("{}/testdata/demo/{holder}.pem", env!("CARGO_MANIFEST_DIR"));
    decode_one(&std::fs::read(path).unwrap(), Label::Certificate).unwrap()
}

fn key(holder: &str) -> Key {
    Key::gost512(&format!("rastau demo pki 1: {holder}"))
}

fn message(holders: &[&str], content: &[u8]) -> Cms {
    holders.iter().fold(Cms::over(content), |message, holder| {
        let certificate = certificate(holder);
        message.certificate(&certificate).signer(Signer::new(&key(holder), &certificate))
    })
}

/// CMS with the content inside, signed by each holder.
pub fn attached(holders: &[&str], content: &[u8]) -> Vec<u8> {
    message(holders, content).encode()
}

/// CMS beside the content.
pub fn detached(holder: &str, content: &[u8]) -> Vec<u8> {
    message(&[holder], content).detached().encode()
}

/// An XML document, in canonical form, with an enveloped signature.
pub fn enveloped(holder: &str, document: &str) -> String {
    xml::enveloped(document, &key(holder), &certificate(holder))
}

/// XML signed by a key that stands beside the signature, without any certificate.
pub fn under_a_bare_key(key: &Key) -> String {
    under_a_bare_key_of(key, &key.spki())
}

/// The same with another `SubjectPublicKeyInfo` beside the signature.
pub fn under_a_bare_key_of(key: &Key, spki: &[u8]) -> String {
    let key_info = format!(
        "<d:DEREncodedKeyValue xmlns:d=\"http://www.w3.org/2009/xmldsig11#\">{}</d:DEREncodedKeyValue>",
        base64(spki)
    );
    let signing = xml::Signing { key_info: Some(key_info), ..xml::Signing::new(key, b"") };
    let reference = xml::Reference::to("", &[xml::ENVELOPED], "<a>1</a>");
    xml::append("<a>1</a>", &signing.reference(reference).sign())
}

/// Base64.
pub fn base64(bytes: impl AsRef<[u8]>) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}
