//! A root, two authorities under it and a certificate of the first: what tests about the lists of several issuers share.

use crate::authority::Authority;
use crate::certificate::CertificateBuilder;
use crate::key::Key;
use crate::list::ListBuilder;

/// The serial number of the certificate.
pub const SERIAL: [u8; 20] = [0x21; 20];

/// A root, two authorities under it, and a person's certificate.
#[derive(Clone, Debug)]
pub struct World {
    /// The anchor.
    pub root: Authority,
    /// Issued the certificate.
    pub first: Authority,
    /// The other one.
    pub second: Authority,
    /// A certificate of the first, in DER.
    pub leaf: Vec<u8>,
}

impl World {
    /// One authority with two keys, as after a rollover.
    pub fn of_two_keys(name: &str) -> Self {
        Self::of([(name, "first key"), (name, "second key")])
    }

    /// Two authorities.
    pub fn of_two_names(first: &str, second: &str) -> Self {
        Self::of([(first, first), (second, second)])
    }

    fn of(names_and_keys: [(&str, &str); 2]) -> Self {
        let root = Authority::root("root", Key::p256("root of a world"));
        let [first, second] = names_and_keys.map(|(name, key)| root.subordinate(name, Key::p256(key)));
        let leaf = first.issue(CertificateBuilder::individual("650615100015").serial(&SERIAL));
        Self { root, first, second, leaf }
    }

    /// The same with another certificate of the first authority, of this serial number still.
    pub fn with_leaf(self, change: impl FnOnce(CertificateBuilder) -> CertificateBuilder) -> Self {
        let builder = change(CertificateBuilder::individual("650615100015").serial(&SERIAL));
        Self { leaf: self.first.issue(builder), ..self }
    }

    /// The root's list, which names nobody.
    pub fn of_root(&self) -> Vec<u8> {
        self.root.sign_list(&self.root.list())
    }

    /// A list of the first authority, as `change` has it.
    pub fn of_first(&self, change: impl FnOnce(ListBuilder) -> ListBuilder) -> Vec<u8> {
        self.first.sign_list(&change(self.first.list()))
    }

    /// A list of the second authority, as `change` has it.
    pub fn of_second(&self, change: impl FnOnce(ListBuilder) -> ListBuilder) -> Vec<u8> {
        self.second.sign_list(&change(self.second.list()))
    }
}
