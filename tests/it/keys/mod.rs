//! Keys and where they come from: key stores, files, tokens.

mod files;
mod hostile;
mod interop;
mod openssl;
mod softhsm;
mod stores;

use rastau::signed::Signer;
use rastau::signer::{KeyError, Password, SigningIdentity};
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::identity;
use rastau_mint::key::Key;
use rastau_mint::pkcs12::KeyStore;

const MESSAGE: &[u8] = b"what is signed here is signed for a test";

/// A key with a certificate, as the National CA would hand it out.
struct Holder {
    key: Key,
    certificate: Vec<u8>,
}

impl Holder {
    fn new(key: Key, serial: u8) -> Holder {
        let authority = Authority::root("KEYS", Key::p256("keys"));
        let builder = CertificateBuilder::individual(&identity::iin("650615", false, 1)).key(&key);
        let builder = builder.serial(&[0x10, serial]).valid("2026-01-01T00:00:00Z", "2050-01-01T00:00:00Z");
        Holder { certificate: authority.issue(builder), key }
    }

    fn gost(label: &str) -> Holder {
        Holder::new(Key::gost512(label), 1)
    }

    /// In a key store, named by its key identifier as the National CA does.
    fn put_into(&self, store: KeyStore) -> KeyStore {
        let id = self.key.identifier();
        let name: String = id.iter().map(|octet| format!("{octet:02x}")).collect();
        store.key(&self.key.pkcs8(), Some(&name), Some(&id)).certificate(&self.certificate, Some(&name), Some(&id))
    }
}

fn password(text: &str) -> Password {
    Password::new(text.to_owned())
}

/// Signs, and verifies under the certificate.
fn signs(identity: &SigningIdentity) {
    let signature = identity.sign(MESSAGE).unwrap();
    let key = identity.certificate().public_key().unwrap();
    key.verify(identity.algorithm(), MESSAGE, &signature).unwrap();
}

/// What an error says, with everything it prints; none of it may be secret.
fn words(error: &KeyError) -> String {
    format!("{error} {error:?} {}", error.remedy())
}
