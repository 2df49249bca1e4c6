//! What an authority is asked, and whether an answer is one to it (RFC 3161 2.4.1).
//!
//! ```text
//! TimeStampReq ::= SEQUENCE { version INTEGER, messageImprint MessageImprint, reqPolicy OBJECT IDENTIFIER OPTIONAL,
//!     nonce INTEGER OPTIONAL, certReq BOOLEAN DEFAULT FALSE, extensions [0] IMPLICIT Extensions OPTIONAL }
//! ```

use super::response::{Response, Status};
use super::token::{ImprintFault, Token};
use crate::crypto::Digest;
use crate::der::{Oid, write};
use crate::signed::Covered;

/// Octets of a nonce: a number of 64 bits, which RFC 3161 2.4.1 has for an example and every server takes.
const NONCE: usize = 8;

/// A number that ties an answer to its request.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Nonce([u8; NONCE]);

impl Nonce {
    /// A number of random octets; 62 bits of them count, so that it is positive and of full length.
    #[must_use]
    pub fn new(mut octets: [u8; NONCE]) -> Self {
        octets[0] = (octets[0] & 0x3f) | 0x40;
        Self(octets)
    }

    /// Contents octets of its INTEGER.
    #[must_use]
    pub fn octets(&self) -> &[u8] {
        &self.0
    }
}

/// A request for a token over a digest, with the authority's certificate in it.
#[derive(Clone, Copy, Debug)]
pub struct Request {
    imprint: Digest,
    nonce: Nonce,
    policy: Option<Oid>,
}

/// Why an answer is none to a request.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RequestFault {
    /// The token is about something else.
    #[error(transparent)]
    Imprint(#[from] ImprintFault),
    /// The token has no certificate, though one was asked for.
    #[error("the token is without the certificate of its authority, which was asked for")]
    NoCertificate,
    /// Another nonce than was sent, or none: an answer to another request.
    #[error("the nonce in the token is not that of the request")]
    Nonce,
    /// Another policy than was asked for.
    #[error("the token was given under policy {0}, which was not asked for")]
    Policy(String),
    /// There is no token.
    #[error("the authority answers {}", refusal(*.status, .failures, .text.as_deref()))]
    Refused {
        /// How it was answered.
        status: Status,
        /// Numbers of the bits of failInfo.
        failures: Vec<usize>,
        /// The authority's own words.
        text: Option<String>,
    },
}

/// Bits of `PKIFailureInfo` with their names (RFC 3161 2.4.2).
const FAILURES: [(usize, &str); 8] = [
    (0, "badAlg"),
    (2, "badRequest"),
    (5, "badDataFormat"),
    (14, "timeNotAvailable"),
    (15, "unacceptedPolicy"),
    (16, "unacceptedExtension"),
    (17, "addInfoNotAvailable"),
    (25, "systemFailure"),
];

/// The bits that say that the same request will be refused again: all but those about the authority's own state.
const FINAL: [usize; 5] = [0, 2, 5, 15, 16];

fn refusal(status: Status, failures: &[usize], text: Option<&str>) -> String {
    let mut words = status.as_str().to_owned();
    for (_, name) in FAILURES.iter().filter(|(bit, _)| failures.contains(bit)) {
        words.push_str(", ");
        words.push_str(name);
    }
    if let Some(text) = text.filter(|text| !text.is_empty()) {
        words.push_str(": ");
        words.push_str(text);
    }
    words
}

impl RequestFault {
    /// Whether the same authority would answer the same request so again.
    #[must_use]
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Refused { failures, .. } if failures.iter().any(|bit| FINAL.contains(bit)))
    }
}

impl Request {
    /// Media type of a request.
    pub const MEDIA_TYPE: &str = "application/timestamp-query";
    /// Media type of the answer.
    pub const RESPONSE_MEDIA_TYPE: &str = "application/timestamp-reply";

    /// A request under whatever policy the authority has.
    #[must_use]
    pub fn new(imprint: Digest, nonce: Nonce) -> Self {
        Self { imprint, nonce, policy: None }
    }

    /// The same under a policy.
    #[must_use]
    pub fn under(self, policy: Option<Oid>) -> Self {
        Self { policy, ..self }
    }

    /// The DER bytes. The hash has NULL for parameters, as every writer in use has it.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        let algorithm = write::sequence(&[write::oid(self.imprint.algorithm().oid()).as_slice(), write::NULL]);
        let imprint = write::sequence(&[algorithm, write::octets(self.imprint.as_bytes())]);
        write::sequence(&[
            &[0x02, 1, 1][..],
            &imprint,
            &self.policy.map(write::oid).unwrap_or_default(),
            &write::element(0x02, &[self.nonce.octets()]),
            &[0x01, 1, 0xff],
        ])
    }

    /// Whether an answer is one to this request; the token then, whose signature is not verified.
    ///
    /// # Errors
    ///
    /// [`RequestFault`].
    pub fn check<'a>(&self, response: &'a Response) -> Result<&'a Token, RequestFault> {
        let Response { status, text, failures, token, .. } = response;
        let refused = || RequestFault::Refused { status: *status, failures: failures.clone(), text: text.clone() };
        let token = token.as_ref().ok_or_else(refused)?;
        if token.nonce.as_deref() != Some(self.nonce.octets()) {
            return Err(RequestFault::Nonce);
        }
        token.check_imprint(&Covered::Digests(vec![self.imprint])).map_err(|fault| match fault {
            // By another hash than was asked for.
            ImprintFault::Unknown(_) => ImprintFault::Differs,
            fault => fault,
        })?;
        if self.policy.is_some() && token.policy != self.policy {
            let given = token.policy.map_or_else(|| "with too large a number".to_owned(), |policy| policy.to_string());
            return Err(RequestFault::Policy(given));
        }
        if token.signature.embedded.certificates.is_empty() {
            return Err(RequestFault::NoCertificate);
        }
        Ok(token)
    }
}
