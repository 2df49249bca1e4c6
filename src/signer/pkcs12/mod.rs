//! PKCS#12 (RFC 7292): what the National CA hands out keys in, and what others do.
//!
//! ```text
//! PFX ::= SEQUENCE { version INTEGER (3), authSafe ContentInfo, macData MacData OPTIONAL }
//! AuthenticatedSafe ::= SEQUENCE OF ContentInfo  -- Data, EncryptedData or EnvelopedData
//! SafeContents ::= SEQUENCE OF SafeBag
//! SafeBag ::= SEQUENCE { bagId OBJECT IDENTIFIER, bagValue [0] EXPLICIT ANY, bagAttributes SET OF PKCS12Attribute OPTIONAL }
//! ```
//!
//! [`KeyStore::read`] reads what stands outside, without a password: files of the National CA are BER of indefinite length
//! within DER, so everything is rewritten with definite lengths first. [`KeyStore::open`] checks the MAC and only then
//! decrypts. Which key is meant is decided by `choose`.

mod bags;
mod choose;
mod mac;
mod outline;

use zeroize::Zeroizing;

use self::bags::{Bag, Entry, Names, read_bags};

pub(super) use self::bags::{hex, read_encrypted_key};
use self::mac::Mac;
use super::error::KeyError;
use super::identity::{belongs, usable_key};
use super::password::Password;
use super::pbe::{Scheme, Work, oid};
use crate::crypto::KeyAlgorithm;
use crate::der::ber::to_definite;
use crate::der::{Limits, Oid, TlvReader};
use crate::x509::Certificate;

pub use self::choose::Chosen;
pub use self::outline::{BagOutline, CipherOutline, MacOutline, Outline, PartOutline, Protection};

/// Budget: a key store of the National CA has 2 kB, one with a chain and several keys tens of them.
const LIMITS: Limits = Limits { bytes: 1 << 20, depth: 32, elements: 65_536 };
/// Parts of one store; others write two or three.
const MAX_PARTS: usize = 100;

const DATA: Oid = Oid::new_unwrap("1.2.840.113549.1.7.1");
const SIGNED_DATA: Oid = Oid::new_unwrap("1.2.840.113549.1.7.2");
const ENVELOPED_DATA: Oid = Oid::new_unwrap("1.2.840.113549.1.7.3");
const ENCRYPTED_DATA: Oid = Oid::new_unwrap("1.2.840.113549.1.7.6");

/// A key store of which the outside was read.
pub struct KeyStore {
    octets: usize,
    protection: Protection,
    mac: Option<Mac>,
    /// What the MAC is over, as it stands in the file. Keys may lie in it in the clear.
    authenticated: Zeroizing<Vec<u8>>,
    parts: Vec<Part>,
}

/// A `ContentInfo` of the `AuthenticatedSafe`.
enum Part {
    Clear(Vec<Entry>),
    Encrypted {
        scheme: Scheme,
        ciphertext: Vec<u8>,
    },
    /// For the holder of a certificate; nobody writes it.
    Enveloped,
}

/// A private key of an opened store.
pub struct StoredKey {
    names: Names,
    /// `PrivateKeyInfo`.
    der: Zeroizing<Vec<u8>>,
}

impl StoredKey {
    /// The DER of the `PrivateKeyInfo`: the secret.
    pub(super) fn der(&self) -> &[u8] {
        &self.der
    }

    /// The kind of key.
    ///
    /// # Errors
    /// [`KeyError`]: a kind that does not sign here, or no key.
    pub fn algorithm(&self) -> Result<KeyAlgorithm, KeyError> {
        Ok(usable_key(&self.der)?.public_key().algorithm())
    }

    /// friendlyName: the alias.
    #[must_use]
    pub fn friendly_name(&self) -> Option<&str> {
        self.names.friendly.as_deref()
    }

    /// localKeyId, in hex.
    #[must_use]
    pub fn local_key_id(&self) -> Option<String> {
        self.names.local_key_id_hex()
    }
}

/// A certificate of an opened store.
pub struct StoredCertificate {
    names: Names,
    certificate: Certificate,
}

/// What is in a store.
pub struct Contents {
    keys: Vec<StoredKey>,
    certificates: Vec<StoredCertificate>,
}

impl KeyStore {
    /// Reads the outside. Nothing is decrypted.
    ///
    /// # Errors
    /// [`KeyError`]: not BER, against RFC 7292, or beyond the budget.
    pub fn read(bytes: &[u8]) -> Result<Self, KeyError> {
        let der = Zeroizing::new(to_definite(bytes, LIMITS)?);
        let mut outer = TlvReader::new(&der);
        let mut fields = TlvReader::new(outer.expect(0x30)?.value);
        outer.finish()?;
        if fields.expect(0x02)?.value != [3] {
            return Err(KeyError::malformed("a key store of another version than 3"));
        }
        let (kind, content) = content_info(fields.expect(0x30)?.value)?;
        let mac = fields.optional(0x30)?.map(|mac| Mac::read(mac.value)).transpose()?;
        fields.finish()?;
        let (protection, authenticated) = match kind {
            DATA => (Protection::Password, Zeroizing::new(octets(content)?.to_vec())),
            // Nobody writes these; what is inside is not looked at.
            SIGNED_DATA => (Protection::PublicKey, Zeroizing::new(Vec::new())),
            _ => return Err(KeyError::malformed("a key store protected in a way that is not known")),
        };
        let parts = if protection == Protection::Password { read_parts(&authenticated)? } else { Vec::new() };
        Ok(Self { octets: bytes.len(), protection, mac, authenticated, parts })
    }

    /// Checks the MAC and decrypts what is encrypted.
    ///
    /// # Errors
    /// [`KeyError`]: no MAC, another password, a cipher that is not used, or an inside against RFC 7292.
    pub fn open(&self, password: &Password) -> Result<Contents, KeyError> {
        if self.protection == Protection::PublicKey {
            return Err(KeyError::Algorithm("a key store protected by a public key".to_owned()));
        }
        let mut work = Work::new();
        let mac = self.mac.as_ref().ok_or(KeyError::Unprotected)?;
        if !mac.verify(&self.authenticated, password, &mut work)? {
            return Err(wrong(password));
        }
        let mut contents = Contents { keys: Vec::new(), certificates: Vec::new() };
        for part in &self.parts {
            match part {
                Part::Clear(entries) => contents.take(entries, password, &mut work)?,
                Part::Encrypted { scheme, ciphertext } => {
                    let plain = scheme.decrypt(ciphertext, password, &mut work)?.ok_or_else(|| wrong(password))?;
                    contents.take(&read_bags(&plain)?, password, &mut work)?;
                }
                Part::Enveloped => {
                    return Err(KeyError::Algorithm("a part for the holder of a certificate".to_owned()));
                }
            }
        }
        Ok(contents)
    }
}

impl Contents {
    fn take(&mut self, entries: &[Entry], password: &Password, work: &mut Work) -> Result<(), KeyError> {
        for entry in entries {
            let names = entry.names.clone();
            match &entry.bag {
                Bag::Certificate(der) => {
                    let certificate = Certificate::from_der(der)
                        .map_err(|error| KeyError::malformed(format!("a certificate in it: {error}")))?;
                    self.certificates.push(StoredCertificate { names, certificate });
                }
                Bag::Key(der) => self.keys.push(StoredKey { names, der: der.clone() }),
                Bag::ShroudedKey { scheme, ciphertext } => {
                    let der = scheme.decrypt(ciphertext, password, work)?.ok_or_else(|| wrong(password))?;
                    self.keys.push(StoredKey { names, der });
                }
                Bag::Other(_) => {}
            }
        }
        Ok(())
    }

    /// The keys.
    #[must_use]
    pub fn keys(&self) -> &[StoredKey] {
        &self.keys
    }

    /// The certificate of a key: the first with its public key, or, for a key that does not sign here, with its localKeyId.
    #[must_use]
    pub fn certificate_of(&self, key: &StoredKey) -> Option<&Certificate> {
        let usable = usable_key(&key.der).ok();
        let found = self.certificates.iter().find(|stored| match &usable {
            Some(usable) => belongs(usable, &stored.certificate),
            None => key.names.local_key_id.is_some() && key.names.local_key_id == stored.names.local_key_id,
        });
        found.map(|stored| &stored.certificate)
    }

    /// The certificates.
    pub fn certificates(&self) -> impl Iterator<Item = &Certificate> {
        self.certificates.iter().map(|stored| &stored.certificate)
    }
}

/// What a password that does not open it is called.
fn wrong(password: &Password) -> KeyError {
    if password.is_empty() { KeyError::PasswordRequired } else { KeyError::WrongPassword }
}

/// `ContentInfo ::= SEQUENCE { contentType OBJECT IDENTIFIER, content [0] EXPLICIT ANY }`.
fn content_info(value: &[u8]) -> Result<(Oid, &[u8]), KeyError> {
    let mut fields = TlvReader::new(value);
    let kind = oid(fields.expect(0x06)?.value)?;
    let content = fields.expect(0xa0)?.value;
    fields.finish()?;
    Ok((kind, content))
}

/// One OCTET STRING and nothing beside it.
fn octets(content: &[u8]) -> Result<&[u8], KeyError> {
    let mut reader = TlvReader::new(content);
    let octets = reader.expect(0x04)?.value;
    reader.finish()?;
    Ok(octets)
}

fn read_parts(authenticated: &[u8]) -> Result<Vec<Part>, KeyError> {
    // What was a string in pieces may hold BER itself.
    let safe = Zeroizing::new(to_definite(authenticated, LIMITS)?);
    let mut outer = TlvReader::new(&safe);
    let mut infos = TlvReader::new(outer.expect(0x30)?.value);
    outer.finish()?;
    let mut parts = Vec::new();
    while !infos.is_empty() {
        let (kind, content) = content_info(infos.expect(0x30)?.value)?;
        parts.push(match kind {
            DATA => Part::Clear(read_bags(octets(content)?)?),
            ENCRYPTED_DATA => encrypted(content)?,
            ENVELOPED_DATA => Part::Enveloped,
            _ => return Err(KeyError::malformed("a part of a kind that is not known")),
        });
        if parts.len() > MAX_PARTS {
            return Err(KeyError::malformed("too many parts"));
        }
    }
    Ok(parts)
}

/// ```text
/// EncryptedData ::= SEQUENCE { version INTEGER, encryptedContentInfo EncryptedContentInfo, unprotectedAttrs [1] OPTIONAL }
/// EncryptedContentInfo ::= SEQUENCE { contentType OBJECT IDENTIFIER, contentEncryptionAlgorithm AlgorithmIdentifier,
///                                     encryptedContent [0] IMPLICIT OCTET STRING OPTIONAL }
/// ```
fn encrypted(content: &[u8]) -> Result<Part, KeyError> {
    let mut outer = TlvReader::new(content);
    let mut data = TlvReader::new(outer.expect(0x30)?.value);
    outer.finish()?;
    data.expect(0x02)?;
    let mut info = TlvReader::new(data.expect(0x30)?.value);
    data.optional(0xa1)?;
    data.finish()?;
    if oid(info.expect(0x06)?.value)? != DATA {
        return Err(KeyError::malformed("an encrypted part of a kind that is not known"));
    }
    let scheme = Scheme::read(info.expect(0x30)?.value)?;
    let ciphertext = match info.read()? {
        tlv if tlv.tag == 0x80 => tlv.value.to_vec(),
        // In pieces: each an OCTET STRING, whole after the rewriting.
        tlv if tlv.tag == 0xa0 => {
            let mut pieces = TlvReader::new(tlv.value);
            let mut whole = Vec::with_capacity(tlv.value.len());
            while !pieces.is_empty() {
                whole.extend_from_slice(pieces.expect(0x04)?.value);
            }
            whole
        }
        _ => return Err(KeyError::malformed("an encrypted part without contents")),
    };
    info.finish()?;
    Ok(Part::Encrypted { scheme, ciphertext })
}
