//! A world of three authorities with two keys each, in which everybody certifies everybody in every way: what a search may
//! meet, minted when it is first asked for.

use std::collections::HashMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use rastau::x509::Certificate;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::extension::{self, Extension};
use rastau_mint::key::Key;
use rastau_mint::name::Name;

/// Authorities.
const NAMES: u8 = 3;
/// Pairs of a name and a key.
const HOLDERS: u8 = 2 * NAMES;

/// A holder of a key: number of the name times two, plus the number of its key.
pub type Holder = u8;

/// What is odd about an authority's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Oddity {
    Nothing,
    /// No path longer than this below it.
    PathLength(u8),
    NotAuthority,
    NoKeyCertSign,
    /// Only names in this domain.
    Permits(&'static str),
    /// No names in this domain.
    Excludes(&'static str),
    /// Signed by somebody else than it says.
    Forged,
}

const ODDITIES: [Oddity; 10] = [
    Oddity::Nothing,
    Oddity::Nothing,
    Oddity::Nothing,
    Oddity::PathLength(0),
    Oddity::PathLength(1),
    Oddity::NotAuthority,
    Oddity::NoKeyCertSign,
    Oddity::Permits("one.kz"),
    Oddity::Excludes("one.kz"),
    Oddity::Forged,
];

/// Everything that can be known of a certificate without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Facts {
    /// Whose certificate it is; `None` for a leaf.
    pub subject: Option<Holder>,
    pub issuer: Holder,
    pub oddity: Oddity,
    /// The leaf's name.
    pub dns: Option<&'static str>,
}

impl Facts {
    /// Of an authority, as two octets choose.
    pub fn of_authority(subject: u8, rest: u8) -> Self {
        let oddity = ODDITIES[usize::from(rest / HOLDERS) % ODDITIES.len()];
        Self { subject: Some(subject % HOLDERS), issuer: rest % HOLDERS, oddity, dns: None }
    }

    /// Of a leaf, as an octet chooses.
    pub fn of_leaf(choice: u8) -> Self {
        let dns = [None, Some("www.one.kz"), Some("two.kz")][usize::from(choice / HOLDERS) % 3];
        let oddity = if choice >= 0xf0 { Oddity::Forged } else { Oddity::Nothing };
        Self { subject: None, issuer: choice % HOLDERS, oddity, dns }
    }

    /// The same, with nothing odd about it.
    pub fn plain(self) -> Self {
        Self { oddity: Oddity::Nothing, ..self }
    }

    pub fn is_self_issued(self) -> bool {
        self.subject.is_some_and(|subject| subject / 2 == self.issuer / 2)
    }

    /// The certificate, the same one each time.
    pub fn certificate(self) -> Certificate {
        static MINTED: OnceLock<Mutex<HashMap<Facts, Certificate>>> = OnceLock::new();
        let mut minted = MINTED.get_or_init(Mutex::default).lock().unwrap_or_else(PoisonError::into_inner);
        minted
            .entry(self)
            .or_insert_with(|| Certificate::from_der(&self.mint()).expect("what is minted is read"))
            .clone()
    }

    fn mint(self) -> Vec<u8> {
        let (name, own) = match self.subject {
            Some(subject) => (name(subject), key(subject)),
            None => (Name::authority("LEAF"), &keys()[usize::from(HOLDERS)]),
        };
        let builder = CertificateBuilder::new(&name, own).issuer(&self::name(self.issuer));
        let mut builder = builder.serial(&[1, self.subject.unwrap_or(0x7f), self.issuer, self.number()]);
        builder = match (self.subject, self.oddity) {
            (None, _) | (_, Oddity::NotAuthority) => builder,
            (_, Oddity::PathLength(limit)) => builder.authority(Some(limit.into())),
            (_, Oddity::NoKeyCertSign) => builder.authority(None).replace(Extension::key_usage(0x02)),
            (_, Oddity::Permits(domain)) => {
                builder.authority(None).with(Extension::name_constraints(&[extension::dns_name(domain)], &[]))
            }
            (_, Oddity::Excludes(domain)) => {
                builder.authority(None).with(Extension::name_constraints(&[], &[extension::dns_name(domain)]))
            }
            (_, Oddity::Nothing | Oddity::Forged) => builder.authority(None),
        };
        if let Some(dns) = self.dns {
            builder = builder.with(Extension::subject_alternative_name(&[extension::dns_name(dns)]));
        }
        if self.oddity == Oddity::Forged {
            builder.sign_and_tamper(key(self.issuer), |signature| {
                // Of a number inside, so that it stays a signature.
                if let Some(octet) = signature.get_mut(20) {
                    *octet ^= 1;
                }
            })
        } else {
            builder.sign(key(self.issuer))
        }
    }

    fn number(self) -> u8 {
        let oddity = ODDITIES.iter().position(|known| *known == self.oddity).unwrap_or_default();
        oddity as u8 * 4 + self.dns.map_or(0, |dns| dns.len() as u8 % 4)
    }
}

fn name(holder: Holder) -> Name {
    Name::authority(["ONE", "TWO", "THREE"][usize::from(holder / 2)])
}

fn keys() -> &'static [Key] {
    static KEYS: OnceLock<Vec<Key>> = OnceLock::new();
    KEYS.get_or_init(|| (0..=HOLDERS).map(|number| Key::p256(&format!("mesh {number}"))).collect())
}

fn key(holder: Holder) -> &'static Key {
    &keys()[usize::from(holder)]
}
