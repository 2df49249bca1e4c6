//! The algorithm table: which algorithms and key sizes are accepted, and until when.
//!
//! It is data that an operator edits. [`AlgorithmTable::builtin`] is the default; [`AlgorithmTable::from_toml`] reads
//! another one over it. The table can only narrow what `crypto` implements: an algorithm without an implementation is
//! refused before anybody looks here, and one without a row is refused here.

mod error;
mod row;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use crate::clock::Time;
use crate::crypto::{HashAlgorithm, KeyAlgorithm, SignatureAlgorithm};

pub use error::AlgorithmTableError;
use row::{RawTable, Row};

/// What an algorithm is relied on for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AlgorithmUse {
    /// The signature of a certificate, or the key of an authority.
    Certificate,
    /// The signature of a document or of a timestamp, and the key that makes it.
    Signature,
}

/// Which algorithms are accepted, and until when.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AlgorithmTable {
    signatures: Vec<(&'static str, Row)>,
    keys: Vec<(&'static str, Row)>,
    digests: Vec<(&'static str, Row)>,
    /// No earlier moment is judged: what had ended by then stays ended whatever moment is asked about.
    seen_from: Option<Time>,
}

/// Why an algorithm is not accepted at a moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} is not accepted{}{}", .ended.map(|until| format!(" after {until}")).unwrap_or_default(),
    .reason.as_deref().map(|reason| format!(": {reason}")).unwrap_or_default())]
pub struct NotAccepted {
    /// The algorithm, as reports have it; of an RSA key with its length.
    pub name: Cow<'static, str>,
    /// The last moment at which it was accepted; `None` where it never was.
    pub ended: Option<Time>,
    /// What the table says.
    pub reason: Option<Arc<str>>,
}

static BUILTIN: LazyLock<Arc<AlgorithmTable>> = LazyLock::new(|| {
    let empty = AlgorithmTable { signatures: Vec::new(), keys: Vec::new(), digests: Vec::new(), seen_from: None };
    // A test reads the embedded file, so the empty table is never used; it would accept nothing.
    let table = empty.clone().overridden(include_str!("algorithms.toml"));
    Arc::new(table.unwrap_or(empty))
});

impl AlgorithmTable {
    /// The table that is part of the program.
    #[must_use]
    pub fn builtin() -> Arc<Self> {
        Arc::clone(&BUILTIN)
    }

    /// The built-in table with the rows of `text` in place of its own.
    ///
    /// # Errors
    ///
    /// The first mistake found; unknown keys and unknown algorithms are mistakes.
    pub fn from_toml(text: &str) -> Result<Self, AlgorithmTableError> {
        Self::clone(&BUILTIN).overridden(text)
    }

    fn overridden(mut self, text: &str) -> Result<Self, AlgorithmTableError> {
        let raw: RawTable = toml::from_str(text).map_err(|error| AlgorithmTableError::Syntax(error.to_string()))?;
        let signatures = SignatureAlgorithm::ALL.map(SignatureAlgorithm::name);
        row::put(&mut self.signatures, "signature", raw.signature, &signatures)?;
        row::put(&mut self.keys, "key", raw.key, &KEY_NAMES)?;
        let digests = HashAlgorithm::ALL.map(HashAlgorithm::name);
        row::put(&mut self.digests, "digest", raw.digest, &digests)?;
        Ok(self)
    }

    /// The table as it is seen from `moment`: what has ended by then is not accepted for any earlier moment either. For things
    /// that state their own date: whoever can forge them can date them back.
    #[must_use]
    pub fn seen_from(&self, moment: Time) -> Self {
        Self { seen_from: Some(self.seen_from.map_or(moment, |known| known.max(moment))), ..self.clone() }
    }

    /// Whether signatures made with `algorithm` are relied on at `at`.
    ///
    /// # Errors
    ///
    /// [`NotAccepted`].
    pub fn signature(&self, algorithm: SignatureAlgorithm, usage: AlgorithmUse, at: Time) -> Result<(), NotAccepted> {
        self.judge(&self.signatures, algorithm.name(), usage, at)
    }

    /// Whether keys like `key` are relied on at `at`.
    ///
    /// # Errors
    ///
    /// [`NotAccepted`].
    pub fn key(&self, key: KeyAlgorithm, usage: AlgorithmUse, at: Time) -> Result<(), NotAccepted> {
        let name = key_name(key);
        if let (KeyAlgorithm::Rsa { bits } | KeyAlgorithm::RsaPss { bits, .. }, Some(row)) =
            (key, find(&self.keys, name))
            && row.minimum_bits.is_some_and(|minimum| bits < minimum)
        {
            return Err(NotAccepted { name: key.as_str(), ended: None, reason: row.reason.clone() });
        }
        self.judge(&self.keys, name, usage, at).map_err(|refusal| NotAccepted { name: key.as_str(), ..refusal })
    }

    /// Whether digests of documents and imprints of timestamps by `algorithm` are relied on at `at`.
    ///
    /// # Errors
    ///
    /// [`NotAccepted`].
    pub fn digest(&self, algorithm: HashAlgorithm, at: Time) -> Result<(), NotAccepted> {
        self.judge(&self.digests, algorithm.name(), AlgorithmUse::Signature, at)
    }

    fn judge(
        &self,
        rows: &[(&'static str, Row)],
        name: &'static str,
        usage: AlgorithmUse,
        at: Time,
    ) -> Result<(), NotAccepted> {
        judge(rows, name, usage, self.seen_from.map_or(at, |from| from.max(at)))
    }
}

fn find<'a>(rows: &'a [(&'static str, Row)], name: &str) -> Option<&'a Row> {
    rows.iter().find(|(known, _)| *known == name).map(|(_, row)| row)
}

fn judge(rows: &[(&'static str, Row)], name: &'static str, usage: AlgorithmUse, at: Time) -> Result<(), NotAccepted> {
    let Some(row) = find(rows, name) else {
        return Err(NotAccepted { name: name.into(), ended: None, reason: None });
    };
    let until = match usage {
        AlgorithmUse::Certificate => row.certificates_until,
        AlgorithmUse::Signature => row.signatures_until,
    };
    match until {
        Some(until) if at > until => {
            Err(NotAccepted { name: name.into(), ended: Some(until), reason: row.reason.clone() })
        }
        _ => Ok(()),
    }
}

/// The kinds of keys that rows are about.
const KEY_NAMES: [&str; 7] =
    ["rsa", "ecdsa-p256", "ecdsa-p384", "ed25519", "gost-34.310-2004", "gost-34.10-2015-256", "gost-34.10-2015-512"];

/// The row's name: RSA keys of all lengths share one.
fn key_name(key: KeyAlgorithm) -> &'static str {
    match key {
        KeyAlgorithm::Rsa { .. } | KeyAlgorithm::RsaPss { .. } => "rsa",
        KeyAlgorithm::EcdsaP256 => "ecdsa-p256",
        KeyAlgorithm::EcdsaP384 => "ecdsa-p384",
        KeyAlgorithm::Ed25519 => "ed25519",
        KeyAlgorithm::Gost2004 => "gost-34.310-2004",
        KeyAlgorithm::Gost2015_256 => "gost-34.10-2015-256",
        KeyAlgorithm::Gost2015_512 => "gost-34.10-2015-512",
    }
}
