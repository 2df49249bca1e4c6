//! What a timestamp says (RFC 3161 2.4.2).
//!
//! ```text
//! TSTInfo ::= SEQUENCE { version INTEGER, policy OBJECT IDENTIFIER, messageImprint MessageImprint,
//!     serialNumber INTEGER, genTime GeneralizedTime, accuracy Accuracy OPTIONAL, ordering BOOLEAN DEFAULT FALSE,
//!     nonce INTEGER OPTIONAL, tsa [0] EXPLICIT GeneralName OPTIONAL, extensions [1] IMPLICIT Extensions OPTIONAL }
//! MessageImprint ::= SEQUENCE { hashAlgorithm AlgorithmIdentifier, hashedMessage OCTET STRING }
//! Accuracy ::= SEQUENCE { seconds INTEGER OPTIONAL, millis [0] INTEGER OPTIONAL, micros [1] INTEGER OPTIONAL }
//! ```

use std::time::Duration;

use crate::clock::Time;
use crate::crypto::{AlgorithmIdentifier, AlgorithmNotAllowed, Digest, HashAlgorithm};
use crate::der::{Limits, Oid, Tlv, TlvReader, check_strict};
use crate::signed::FormatError;
use crate::x509::{GeneralName, SerialNumber, read_general_names, time};

/// Real ones have 100 to 200 octets; the name of an authority and extensions may add some.
const LIMITS: Limits = Limits { bytes: 64 * 1024, depth: 16, elements: 2048 };

/// Octets of a nonce; real ones have 8 to 24.
const MAX_NONCE: usize = 128;

/// How far the moment of a timestamp may be off, before and after.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Accuracy(pub Duration);

/// What was read.
pub(super) struct TstInfo {
    pub policy: Option<Oid>,
    pub imprint: Result<Digest, AlgorithmNotAllowed>,
    pub serial_number: SerialNumber,
    pub gen_time: Time,
    pub accuracy: Option<Accuracy>,
    pub ordering: bool,
    pub nonce: Option<Vec<u8>>,
    pub authority: Option<GeneralName>,
}

fn malformed(what: &str) -> FormatError {
    FormatError::Malformed(format!("TSTInfo: {what}"))
}

impl TstInfo {
    /// Reads one, in DER.
    pub fn read(der: &[u8]) -> Result<Self, FormatError> {
        check_strict(der, LIMITS)?;
        let mut fields = TlvReader::new(TlvReader::new(der).expect(0x30)?.value);
        if fields.expect(0x02)?.value != [1] {
            return Err(malformed("another version than 1"));
        }
        // Well-formed, as the walk has seen. A number made from a UUID may be too large for `Oid`; nobody asks for it by name.
        let policy = Oid::from_bytes(fields.expect(0x06)?.value).ok();
        let imprint = read_imprint(fields.expect(0x30)?)?;
        let serial_number =
            SerialNumber::new(fields.expect(0x02)?.value).ok_or_else(|| malformed("the serial number is too long"))?;
        let gen_time =
            read_time(fields.expect(0x18)?.value).ok_or_else(|| malformed("genTime is not a time in UTC"))?;
        let accuracy = fields.optional(0x30)?.map(read_accuracy).transpose()?;
        // DER leaves the default out; some write it, and nothing hangs on it.
        let ordering = fields.optional(0x01)?.is_some_and(|flag| flag.value == [0xff]);
        let nonce = fields.optional(0x02)?.map(|nonce| nonce.value.to_vec());
        if nonce.as_ref().is_some_and(|nonce| nonce.len() > MAX_NONCE) {
            return Err(malformed("the nonce is too long"));
        }
        let authority = fields.optional(0xa0)?.map(read_authority).transpose()?;
        if let Some(extensions) = fields.optional(0xa1)? {
            check_extensions(extensions)?;
        }
        fields.finish()?;
        Ok(Self { policy, imprint, serial_number, gen_time, accuracy, ordering, nonce, authority })
    }
}

fn read_imprint(element: Tlv<'_>) -> Result<Result<Digest, AlgorithmNotAllowed>, FormatError> {
    let mut fields = TlvReader::new(element.value);
    let identifier = AlgorithmIdentifier::from_der(fields.expect(0x30)?.raw)
        .map_err(|_| malformed("the hash of the imprint cannot be read"))?;
    let digest = fields.expect(0x04)?.value;
    fields.finish()?;
    let algorithm = match HashAlgorithm::from_oid(&identifier.oid) {
        Ok(algorithm) if identifier.params_absent_or_null() => algorithm,
        Ok(algorithm) => {
            let (oid, name) = (identifier.oid.to_string(), Some(algorithm.name()));
            return Ok(Err(AlgorithmNotAllowed { oid, name, unexpected_parameters: true }));
        }
        Err(refusal) => return Ok(Err(refusal)),
    };
    match Digest::new(algorithm, digest) {
        Some(digest) => Ok(Ok(digest)),
        None => Err(malformed("the imprint does not have the length of its hash")),
    }
}

/// `YYYYMMDDhhmmss[.s…]Z`: seconds are there, a fraction neither is empty nor ends in zero (RFC 3161 2.4.2).
fn read_time(value: &[u8]) -> Option<Time> {
    let body = value.strip_suffix(b"Z")?;
    let (whole, fraction) = body.split_at_checked(14)?;
    let seconds = time::read(0x18, &[whole, b"Z"].concat())?;
    let digits = match fraction {
        [] => return Some(seconds),
        [b'.', digits @ ..] => digits,
        _ => return None,
    };
    if !digits.iter().all(u8::is_ascii_digit) || matches!(digits.last(), None | Some(b'0')) {
        return None;
    }
    let text = seconds.to_string();
    format!("{}.{}Z", text.strip_suffix('Z')?, std::str::from_utf8(digits).ok()?).parse().ok()
}

fn read_accuracy(element: Tlv<'_>) -> Result<Accuracy, FormatError> {
    let mut fields = TlvReader::new(element.value);
    let mut next = |tag: u8| fields.optional(tag).map(|field| field.map_or(Some(0), |field| small(field.value)));
    let (seconds, millis, micros) = (next(0x02)?, next(0x80)?, next(0x81)?);
    fields.finish()?;
    match (seconds, millis, micros) {
        (Some(seconds), Some(millis @ ..1000), Some(micros @ ..1000)) => Ok(Accuracy(
            Duration::from_secs(seconds.into())
                + Duration::from_millis(millis.into())
                + Duration::from_micros(micros.into()),
        )),
        _ => Err(malformed("the accuracy is out of range")),
    }
}

/// A number that is not negative and has four octets at most.
fn small(contents: &[u8]) -> Option<u32> {
    let padded = match contents {
        [0, rest @ ..] => rest,
        [first, ..] if *first < 0x80 => contents,
        _ => return None,
    };
    (padded.len() <= 4).then(|| padded.iter().fold(0, |number, &octet| number << 8 | u32::from(octet)))
}

fn read_authority(explicit: Tlv<'_>) -> Result<GeneralName, FormatError> {
    // The reader of GeneralNames takes a list; this is one of one.
    let names = read_general_names(explicit).map_err(|_| malformed("the name of the authority cannot be read"))?;
    match <[GeneralName; 1]>::try_from(names.into_vec()) {
        Ok([name]) => Ok(name),
        Err(_) => Err(malformed("the authority does not have one name")),
    }
}

/// `Extensions ::= SEQUENCE OF SEQUENCE { extnID, critical BOOLEAN DEFAULT FALSE, extnValue OCTET STRING }`: none is known
/// here, so a critical one is one that is not understood.
fn check_extensions(implicit: Tlv<'_>) -> Result<(), FormatError> {
    let mut list = TlvReader::new(implicit.value);
    while !list.is_empty() {
        let mut fields = TlvReader::new(list.expect(0x30)?.value);
        fields.expect(0x06)?;
        let critical = fields.optional(0x01)?.is_some_and(|flag| flag.value == [0xff]);
        fields.expect(0x04)?;
        fields.finish()?;
        if critical {
            return Err(malformed("a critical extension that is not known"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_may_have_a_fraction_that_means_something() {
        for (text, wanted) in [
            ("20220918132014Z", "2022-09-18T13:20:14Z"),
            ("20220918132014.5Z", "2022-09-18T13:20:14.5Z"),
            ("20220918132014.000001Z", "2022-09-18T13:20:14.000001Z"),
        ] {
            assert_eq!(read_time(text.as_bytes()).map(|time| time.to_string()).as_deref(), Some(wanted));
        }
        for text in [
            "",
            "Z",
            "20220918132014",
            "20220918132014.Z",
            "20220918132014.50Z",
            "20220918132014.0Z",
            "20220918132014,5Z",
            "202209181320Z",
            "20220918132014+0000",
            "20220918132060Z",
            "20220918132014.5",
            "20220918132014.5-Z",
        ] {
            assert!(read_time(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn an_accuracy_has_bounds() {
        let read = |value: &[u8]| read_accuracy(Tlv { tag: 0x30, raw: value, value });
        let millis = |number| Ok::<_, ()>(Accuracy(Duration::from_millis(number)));
        assert_eq!(read(&[]).map_err(drop), millis(0));
        assert_eq!(read(&[2, 1, 1, 0x80, 2, 1, 0xf4]).map_err(drop), millis(1500));
        for wrong in [
            &[2, 1, 0x80][..],
            &[0x80, 2, 3, 0xe8],
            &[0x81, 2, 3, 0xe8],
            &[0x81, 1, 1, 0x80, 1, 1],
            &[2, 5, 1, 0, 0, 0, 0],
        ] {
            assert!(read(wrong).is_err(), "{wrong:02x?}");
        }
    }
}
