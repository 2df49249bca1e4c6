//! What an authority answers (RFC 3161 2.4.2).
//!
//! ```text
//! TimeStampResp ::= SEQUENCE { status PKIStatusInfo, timeStampToken ContentInfo OPTIONAL }
//! PKIStatusInfo ::= SEQUENCE { status INTEGER, statusString SEQUENCE OF UTF8String OPTIONAL,
//!     failInfo BIT STRING OPTIONAL }
//! ```

use super::token::Token;
use crate::der::ber::to_definite;
use crate::der::{Limits, Tlv, TlvReader};
use crate::signed::FormatError;

/// Characters of the authority's words that are kept: they are for people.
const MAX_TEXT: usize = 1000;

/// For answers in BER, all of which is looked at; real ones have a few kilobytes.
const LIMITS: Limits = Limits { bytes: 4 * 1024 * 1024, depth: 64, elements: 256 * 1024 };

/// How an authority answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Status {
    /// Here is the token, as asked.
    Granted,
    /// Here is a token, not quite as asked.
    GrantedWithMods,
    /// Refused.
    Rejection,
    /// Not yet.
    Waiting,
    /// A revocation is about to happen.
    RevocationWarning,
    /// A revocation happened.
    RevocationNotification,
}

impl Status {
    const ALL: [Self; 6] = [
        Self::Granted,
        Self::GrantedWithMods,
        Self::Rejection,
        Self::Waiting,
        Self::RevocationWarning,
        Self::RevocationNotification,
    ];

    /// Whether a token comes with it.
    #[must_use]
    pub fn is_granted(self) -> bool {
        matches!(self, Self::Granted | Self::GrantedWithMods)
    }

    /// The name in RFC 3161.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::GrantedWithMods => "grantedWithMods",
            Self::Rejection => "rejection",
            Self::Waiting => "waiting",
            Self::RevocationWarning => "revocationWarning",
            Self::RevocationNotification => "revocationNotification",
        }
    }
}

/// An answer as it was read.
#[derive(Clone, Debug)]
pub struct Response {
    /// How it was answered.
    pub status: Status,
    /// The authority's own words, cut to a thousand characters.
    pub text: Option<String>,
    /// Numbers of the bits of failInfo: 0 badAlg, 2 badRequest, 5 badDataFormat, 14 timeNotAvailable, 15
    /// unacceptedPolicy, 16 unacceptedExtension, 17 addInfoNotAvailable, 25 systemFailure.
    pub failures: Vec<usize>,
    /// The token; there exactly when the status is a granted one.
    pub token: Option<Token>,
    /// The token's bytes.
    pub token_bytes: Option<Vec<u8>>,
}

impl Response {
    /// Reads one, in DER or BER. Of a token that is not as DER demands at its top, [`Self::token_bytes`] are with definite
    /// lengths: what is signed in it stays, and it can be put into a document in DER.
    ///
    /// # Errors
    ///
    /// [`FormatError`]; among others for a token beside a refusal, and for a grant without a token.
    pub fn read(bytes: &[u8]) -> Result<Self, FormatError> {
        match Self::read_definite(bytes) {
            // What is no DER may be BER; what is neither fails there too.
            Err(FormatError::Malformed(_)) => Self::read_definite(&to_definite(bytes, LIMITS)?),
            read => read,
        }
    }

    fn read_definite(bytes: &[u8]) -> Result<Self, FormatError> {
        let mut outer = TlvReader::new(bytes);
        let mut fields = TlvReader::new(outer.expect(0x30)?.value);
        outer.finish()?;
        let mut info = TlvReader::new(fields.expect(0x30)?.value);
        let status = match info.expect(0x02)?.value {
            [number] => Status::ALL.get(usize::from(*number)).copied(),
            _ => None,
        };
        let status = status.ok_or_else(|| FormatError::malformed("a status that is not assigned"))?;
        let text = info.optional(0x30)?.map(read_text).transpose()?;
        let failures = info.optional(0x03)?.map(|bits| read_bits(bits.value)).unwrap_or_default();
        info.finish()?;
        let token = if fields.is_empty() { None } else { Some(fields.expect(0x30)?.raw) };
        fields.finish()?;
        if token.is_some() != status.is_granted() {
            return Err(FormatError::malformed("the status of the response and its token contradict each other"));
        }
        let token_bytes = token.map(<[u8]>::to_vec);
        Ok(Self { status, text, failures, token: token.map(Token::read).transpose()?, token_bytes })
    }
}

fn read_text(sequence: Tlv<'_>) -> Result<String, FormatError> {
    let mut reader = TlvReader::new(sequence.value);
    let mut text = String::new();
    while !reader.is_empty() {
        let part = std::str::from_utf8(reader.expect(0x0c)?.value)
            .map_err(|_| FormatError::malformed("statusString is not UTF-8"))?;
        if !text.is_empty() {
            text.push(' ');
        }
        text.extend(part.chars().filter(|character| !character.is_control()).take(MAX_TEXT));
    }
    Ok(text.chars().take(MAX_TEXT).collect())
}

/// The numbers of the bits that are set; the first octet is how many of the last are not used.
fn read_bits(contents: &[u8]) -> Vec<usize> {
    let octets = contents.get(1..).unwrap_or_default();
    let is_set = |number: &usize| octets.get(number / 8).is_some_and(|octet| octet & (0x80 >> (number % 8)) != 0);
    // PKIFailureInfo ends at bit 26.
    (0..32).filter(is_set).collect()
}
