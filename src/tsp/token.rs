//! A token: what it says, and the signature over that.

use super::tst_info::{Accuracy, TstInfo};
use crate::clock::Time;
use crate::cms::{Opened, oid, open};
use crate::crypto::{AlgorithmNotAllowed, Digest};
use crate::der::Oid;
use crate::signed::{Covered, Detached, Document, FormatError, Integrity, Signature};
use crate::x509::{GeneralName, SerialNumber};

/// A timestamp token as it was read. Nothing in it is believed until its signature, its authority and its imprint are.
#[derive(Clone, Debug)]
pub struct Token {
    /// The authority's signature over the rest.
    pub signature: Signature,
    /// Under which policy it was given; `None` for one whose numbers are too large to be held, which equals no other.
    pub policy: Option<Oid>,
    /// What it is the stamp of.
    pub imprint: Result<Digest, AlgorithmNotAllowed>,
    /// Its number.
    pub serial_number: SerialNumber,
    /// The moment it proves.
    pub gen_time: Time,
    /// How far the moment may be off, if the authority says so.
    pub accuracy: Option<Accuracy>,
    /// Whether tokens of this authority are ordered by their moments, however close.
    pub ordering: bool,
    /// The nonce of the request, contents octets.
    pub nonce: Option<Vec<u8>>,
    /// The name the authority gives itself, which has to be its certificate's (RFC 3161 2.4.2).
    pub authority: Option<GeneralName>,
}

/// What is said of a token without signingCertificate.
const UNNAMED: &str = "the timestamp does not name the certificate of its authority";

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
    /// Reads a token: a `ContentInfo` in DER or BER with `TSTInfo` in DER inside and exactly one signer.
    ///
    /// A token that does not name its authority's certificate under the signature (signingCertificate, RFC 3161 2.4.2 and
    /// RFC 5816) is read, and its signature never holds.
    ///
    /// # Errors
    ///
    /// [`FormatError`].
    pub fn read(token: &[u8]) -> Result<Self, FormatError> {
        let Opened { content_type, content, signatures, .. } = open(token, Detached::Absent)?;
        if content_type != oid::TST_INFO.as_bytes() {
            return Err(FormatError::malformed("not a timestamp token: the content is of another type"));
        }
        let info = content
            .bytes(Document::Bytes(token))
            .ok_or_else(|| FormatError::malformed("a timestamp token without its content"))?;
        let info = TstInfo::read(info)?;
        let mut signatures = signatures.into_vec();
        let (Some(mut signature), true) = (signatures.pop(), signatures.is_empty()) else {
            return Err(FormatError::malformed("a timestamp token has exactly one signer"));
        };
        if signature.signing_certificate.is_empty() && signature.integrity == Integrity::Intact {
            signature.integrity = Integrity::Altered(UNNAMED.to_owned());
        }
        Ok(Self {
            signature,
            policy: info.policy,
            imprint: info.imprint,
            serial_number: info.serial_number,
            gen_time: info.gen_time,
            accuracy: info.accuracy,
            ordering: info.ordering,
            nonce: info.nonce,
            authority: info.authority,
        })
    }

    /// Reads a token that is a document itself, which has to name its authority's certificate under the signature, and answers
    /// the name that it gives its authority.
    ///
    /// # Errors
    ///
    /// [`FormatError`].
    pub fn check_form(token: &[u8]) -> Result<Option<GeneralName>, FormatError> {
        let token = Self::read(token)?;
        if token.signature.signing_certificate.is_empty() {
            return Err(FormatError::malformed(UNNAMED));
        }
        Ok(token.authority)
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
