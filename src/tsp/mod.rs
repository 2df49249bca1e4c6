//! Timestamp tokens (RFC 3161).

use crate::clock::Time;
use crate::crypto::{AlgorithmNotAllowed, Digest};
use crate::der::Oid;
use crate::signed::{Covered, FormatError, Signature};
use crate::x509::SerialNumber;

/// A timestamp token as it was read. Nothing in it is believed until its signature, its authority and its imprint are.
#[derive(Clone, Debug)]
pub struct Token {
    /// The authority's signature over the rest.
    pub signature: Signature,
    /// Under which policy it was given.
    pub policy: Oid,
    /// What it is the stamp of.
    pub imprint: Result<Digest, AlgorithmNotAllowed>,
    /// Its number.
    pub serial_number: SerialNumber,
    /// The moment it proves.
    pub gen_time: Time,
    /// The nonce of the request, contents octets.
    pub nonce: Option<Vec<u8>>,
}

/// Why a token is not about what it should be about.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ImprintFault {
    /// Its hash is not allowed.
    #[error(transparent)]
    Algorithm(#[from] AlgorithmNotAllowed),
    /// It is about something else.
    #[error("the imprint is not of what the timestamp should be over")]
    Differs,
    /// What it should be over is not known.
    #[error("{0}")]
    Unknown(&'static str),
}

impl Token {
    /// Reads a token: a `ContentInfo` with `TSTInfo` inside.
    ///
    /// # Errors
    ///
    /// [`FormatError`].
    pub fn read(_token: &[u8]) -> Result<Self, FormatError> {
        Err(FormatError::Unsupported("timestamps".into()))
    }

    /// Compares the imprint with what it must be over.
    ///
    /// # Errors
    ///
    /// [`ImprintFault`].
    pub fn check_imprint(&self, covered: &Covered) -> Result<(), ImprintFault> {
        let imprint = self.imprint.clone()?;
        match covered {
            Covered::Unknown(why) => Err(ImprintFault::Unknown(why)),
            covered => match covered.digest(imprint.algorithm()) {
                Some(digest) if digest == imprint => Ok(()),
                Some(_) => Err(ImprintFault::Differs),
                None => Err(ImprintFault::Unknown("no digest by the hash of the timestamp is at hand")),
            },
        }
    }
}
