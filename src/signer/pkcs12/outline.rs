//! What a store says outside, to be shown to people.

use super::super::pbe::Scheme;
use super::bags::{Bag, Entry};
use super::{KeyStore, Part};

/// The outside of a store.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Outline {
    /// Octets of the file.
    pub octets: usize,
    /// What protects it.
    pub protection: Protection,
    /// The MAC, if there is one.
    pub mac: Option<MacOutline>,
    /// Its parts in their order.
    pub parts: Vec<PartOutline>,
}

/// What protects a store.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Protection {
    /// A password.
    Password,
    /// The key of its holder, and the signature of its writer. Nobody writes such, and none is opened here.
    PublicKey,
}

/// A MAC.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MacOutline {
    /// `HMAC-SHA-1`, `PBMAC1 (HMAC-SHA-256)`.
    pub algorithm: String,
    /// Iterations of the derivation of its key.
    pub iterations: u32,
}

/// How something is encrypted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CipherOutline {
    /// The usual name.
    pub name: String,
    /// Iterations of the derivation of its key; `None` for a cipher that is not known.
    pub iterations: Option<u64>,
}

/// One part.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PartOutline {
    /// Bags in the clear, which keys in them seldom are.
    Clear(Vec<BagOutline>),
    /// Bags that are seen with the password only.
    Encrypted(CipherOutline),
    /// For the holder of a certificate.
    Enveloped,
}

/// One bag.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BagOutline {
    /// `certificate`, `key`, `encrypted key`, `revocation list`, `secret`.
    pub kind: &'static str,
    /// The cipher of an encrypted key.
    pub cipher: Option<CipherOutline>,
    /// friendlyName.
    pub friendly_name: Option<String>,
    /// localKeyId in hex.
    pub local_key_id: Option<String>,
}

impl KeyStore {
    /// What is seen without the password.
    #[must_use]
    pub fn outline(&self) -> Outline {
        let parts = self.parts.iter().map(|part| match part {
            Part::Clear(entries) => PartOutline::Clear(entries.iter().map(BagOutline::of).collect()),
            Part::Encrypted { scheme, .. } => PartOutline::Encrypted(CipherOutline::of(scheme)),
            Part::Enveloped => PartOutline::Enveloped,
        });
        let mac = self.mac.as_ref().map(super::Mac::outline);
        Outline { octets: self.octets, protection: self.protection, mac, parts: parts.collect() }
    }
}

impl CipherOutline {
    fn of(scheme: &Scheme) -> Self {
        Self { name: scheme.name(), iterations: scheme.iterations() }
    }
}

impl BagOutline {
    fn of(entry: &Entry) -> Self {
        let (kind, cipher) = match &entry.bag {
            Bag::Certificate(_) => ("certificate", None),
            Bag::Key(_) => ("key", None),
            Bag::ShroudedKey { scheme, .. } => ("encrypted key", Some(CipherOutline::of(scheme))),
            Bag::Other(kind) => (*kind, None),
        };
        let (friendly_name, local_key_id) = (entry.names.friendly.clone(), entry.names.local_key_id_hex());
        Self { kind, cipher, friendly_name, local_key_id }
    }
}
