//! Which key of a store is meant, and which certificate is the key's.

use super::super::error::KeyError;
use super::super::identity::{belongs, usable_key};
use super::bags::{Names, hex};
use super::{Contents, StoredCertificate, StoredKey};
use crate::crypto::SigningKey;
use crate::x509::Certificate;

/// A key with its certificate, and the certificates of authorities beside it.
#[derive(Debug)]
pub struct Chosen {
    /// The certificate of the key.
    pub certificate: Certificate,
    /// The key.
    pub key: SigningKey,
    /// Other certificates of the store, which are no key's in it. Nothing is verified about them.
    pub others: Vec<Certificate>,
}

/// A key that can sign, with a certificate of it.
struct Pair<'a> {
    key: usize,
    certificate: &'a StoredCertificate,
}

impl Contents {
    /// The key that is called `alias` (friendlyName, localKeyId or serial number of its certificate, in hex), or the only
    /// one that has a certificate.
    ///
    /// # Errors
    /// [`KeyError`]: none, several, a certificate of another key only, a kind of key that does not sign.
    pub fn choose(&self, alias: Option<&str>) -> Result<Chosen, KeyError> {
        if self.keys.is_empty() {
            return Err(KeyError::NoKey);
        }
        if self.certificates.is_empty() {
            // The kind of key is the more telling refusal.
            usable_key(self.keys.first().map(StoredKey::der).unwrap_or_default())?;
            return Err(KeyError::NoCertificate);
        }
        let mut keys: Vec<_> = self.keys.iter().map(|stored| usable_key(stored.der())).collect();
        let pairs = self.pairs(&keys);
        let matching: Vec<_> = match alias {
            Some(alias) => pairs.iter().filter(|pair| self.answers_to(pair, alias)).collect(),
            None => pairs.iter().collect(),
        };
        let pair = match (matching.as_slice(), alias) {
            ([pair], _) => *pair,
            ([], Some(alias)) if !pairs.is_empty() => {
                self.refused_by_name(&keys, alias)?;
                return Err(KeyError::UnknownAlias { name: alias.to_owned(), there: serials(&pairs) });
            }
            ([], _) => return Err(keys.into_iter().find_map(Result::err).unwrap_or(KeyError::OtherKey)),
            _ => return Err(KeyError::Ambiguous(serials(&pairs))),
        };
        let is_keys = |certificate: &Certificate| pairs.iter().any(|pair| pair.certificate.certificate == *certificate);
        let others = self.certificates().filter(|certificate| !is_keys(certificate)).cloned().collect();
        let certificate = pair.certificate.certificate.clone();
        let key = keys.swap_remove(pair.key)?;
        Ok(Chosen { certificate, key, others })
    }

    /// Every key that can sign with every certificate that is its own; the same certificate once.
    fn pairs(&self, keys: &[Result<SigningKey, KeyError>]) -> Vec<Pair<'_>> {
        let mut pairs: Vec<Pair<'_>> = Vec::new();
        for (index, key) in keys.iter().enumerate() {
            let Ok(key) = key else { continue };
            for stored in &self.certificates {
                let known = |pair: &Pair<'_>| pair.certificate.certificate == stored.certificate;
                if belongs(key, &stored.certificate) && !pairs.iter().any(known) {
                    pairs.push(Pair { key: index, certificate: stored });
                }
            }
        }
        pairs
    }

    fn answers_to(&self, pair: &Pair<'_>, alias: &str) -> bool {
        let key_names: Option<&Names> = self.keys.get(pair.key).map(|key| &key.names);
        key_names.is_some_and(|names| names.answer_to(alias))
            || pair.certificate.names.answer_to(alias)
            || serial(pair.certificate).eq_ignore_ascii_case(alias.trim_start_matches('0'))
    }

    /// A key that is called so but does not sign is refused for what it is.
    fn refused_by_name(&self, keys: &[Result<SigningKey, KeyError>], alias: &str) -> Result<(), KeyError> {
        for (stored, key) in self.keys.iter().zip(keys) {
            if let (true, Err(error)) = (stored.names.answer_to(alias), key) {
                return Err(error.clone());
            }
        }
        Ok(())
    }
}

fn serial(stored: &StoredCertificate) -> String {
    hex(stored.certificate.serial_number().as_bytes()).trim_start_matches('0').to_owned()
}

fn serials(pairs: &[Pair<'_>]) -> Vec<String> {
    pairs.iter().map(|pair| serial(pair.certificate)).collect()
}
