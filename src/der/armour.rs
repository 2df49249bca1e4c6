//! From what people send to DER: PEM, bare base64, or DER as it is.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use x509_parser::pem::Pem;

/// Base64 as RFC 4648 section 4 has it; padding may be missing, because form posts lose it.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The inside of PEM: complete padding, no stray bits, as x509-parser demands it.
const PEM_BODY: GeneralPurpose = GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new());

/// Why an armoured object could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ArmourError {
    /// Not base64.
    #[error("not base64 ({0})")]
    Base64(String),
    /// Nothing in it.
    #[error("empty")]
    Empty,
    /// PEM whose block is broken.
    #[error("broken PEM block ({0})")]
    Pem(String),
    /// A PEM block of another kind than asked for.
    #[error("PEM block is «{found}», not «{wanted}»")]
    Label {
        /// The label found.
        found: String,
        /// The label wanted.
        wanted: &'static str,
    },
    /// More than one object where one is wanted.
    #[error("{0} objects where one is wanted")]
    Many(usize),
}

/// What a PEM block may be called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Label {
    /// `CERTIFICATE`.
    Certificate,
    /// `CMS`, as NCALayer and OpenSSL write it.
    Cms,
    /// `X509 CRL`.
    Crl,
    /// `OCSP RESPONSE`.
    OcspResponse,
    /// `PKCS7`, the older name of CMS.
    Pkcs7,
    /// `PUBLIC KEY`.
    PublicKey,
}

impl Label {
    /// The text between the dashes.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Certificate => "CERTIFICATE",
            Self::Cms => "CMS",
            Self::Crl => "X509 CRL",
            Self::OcspResponse => "OCSP RESPONSE",
            Self::Pkcs7 => "PKCS7",
            Self::PublicKey => "PUBLIC KEY",
        }
    }
}

/// Decodes base64 with any white space in it.
///
/// # Errors
///
/// [`ArmourError::Empty`] or [`ArmourError::Base64`].
pub fn decode_base64(text: &[u8]) -> Result<Vec<u8>, ArmourError> {
    let compact: Vec<u8>;
    let trimmed = text.trim_ascii();
    let input = if trimmed.iter().any(u8::is_ascii_whitespace) {
        compact = trimmed.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
        &compact
    } else {
        trimmed
    };
    if input.is_empty() {
        return Err(ArmourError::Empty);
    }
    BASE64.decode(input).map_err(|error| ArmourError::Base64(error.to_string()))
}

/// Reads one or several objects: a DER object, a PEM bundle, or one in base64.
///
/// A DER object starts with a SEQUENCE (0x30), which in ASCII is the digit `0`; base64 of a DER
/// SEQUENCE starts with `M`, so the first byte decides.
///
/// # Errors
///
/// [`ArmourError`]; [`ArmourError::Empty`] when there is nothing to read.
pub fn decode_all(bytes: &[u8], label: Label) -> Result<Vec<Vec<u8>>, ArmourError> {
    let trimmed = bytes.trim_ascii();
    if bytes.first() == Some(&0x30) {
        return Ok(vec![bytes.to_vec()]);
    }
    if is_pem(trimmed) {
        return decode_pem(trimmed, label);
    }
    let decoded = decode_base64(trimmed)?;
    // Some clients send base64 of the PEM text.
    if is_pem(decoded.trim_ascii()) {
        return decode_pem(&decoded, label);
    }
    Ok(vec![decoded])
}

/// As [`decode_all`], but exactly one object.
///
/// # Errors
///
/// [`ArmourError::Many`] when there are several, else as [`decode_all`].
pub fn decode_one(bytes: &[u8], label: Label) -> Result<Vec<u8>, ArmourError> {
    let mut all = decode_all(bytes, label)?;
    match (all.pop(), all.len()) {
        (Some(one), 0) => Ok(one),
        (Some(_), rest) => Err(ArmourError::Many(rest + 1)),
        (None, _) => Err(ArmourError::Empty),
    }
}

fn is_pem(bytes: &[u8]) -> bool {
    bytes.windows(11).take(4096).any(|window| window == b"-----BEGIN ")
}

/// Reads one block with nothing around it, as nearly every request brings it, in one go. `None` for anything else,
/// good or bad: the patient reader judges that.
fn decode_plain_pem(text: &[u8], label: Label) -> Option<Vec<u8>> {
    let label = label.as_str().as_bytes();
    let rest = text.strip_prefix(b"-----BEGIN ")?.strip_prefix(label)?.strip_prefix(b"-----")?;
    let body = rest.strip_suffix(b"-----")?.strip_suffix(label)?.strip_suffix(b"-----END ")?;
    let body = body.strip_prefix(b"\r\n").or_else(|| body.strip_prefix(b"\n"))?.strip_suffix(b"\n")?;
    let mut compact = Vec::with_capacity(body.len());
    for line in body.split(|byte| *byte == b'\n') {
        compact.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
    }
    if compact.is_empty() { None } else { PEM_BODY.decode(&compact).ok() }
}

fn decode_pem(bytes: &[u8], label: Label) -> Result<Vec<Vec<u8>>, ArmourError> {
    if let Some(block) = decode_plain_pem(bytes, label) {
        return Ok(vec![block]);
    }
    let mut found = Vec::new();
    for block in Pem::iter_from_buffer(bytes) {
        let block = block.map_err(|error| ArmourError::Pem(error.to_string()))?;
        if block.label != label.as_str() {
            return Err(ArmourError::Label { found: block.label, wanted: label.as_str() });
        }
        found.push(block.contents);
    }
    if found.is_empty() {
        return Err(ArmourError::Pem("no END line".to_owned()));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PEM: &str = "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n";

    #[test]
    fn der_pem_base64_and_base64_of_pem_give_the_same_bytes() {
        let wrapped = base64::engine::general_purpose::STANDARD.encode(PEM);
        for input in [&[0x30, 0][..], PEM.as_bytes(), b"MAA=", b" MA\r\nA=\n", b"MAA", wrapped.as_bytes()] {
            assert_eq!(decode_one(input, Label::Certificate), Ok(vec![0x30, 0]), "{input:?}");
        }
    }

    #[test]
    fn the_quick_and_the_patient_reader_agree() {
        let head = "-----BEGIN CERTIFICATE-----";
        let foot = "-----END CERTIFICATE-----";
        for (middle, quick) in [
            ("\nMAA=\n", true),
            ("\r\nMAA=\r\n", true),
            ("\nMA\nA=\n", true),
            ("\nMA\r\nA=\n", true),
            ("\nMAA\n", false),
            ("\nMAB=\n", false),
            ("\nMAA=", false),
            ("MAA=\n", false),
            ("\n\n", false),
            ("\n", false),
            ("\nMA==MAA=\n", false),
            ("\n-----END CERTIFICATE-----\n-----BEGIN CERTIFICATE-----\n", false),
            ("\nProc-Type: 4\n\nMAA=\n", false),
        ] {
            let text = format!("{head}{middle}{foot}");
            let fast = decode_plain_pem(text.as_bytes(), Label::Certificate);
            assert_eq!(fast.is_some(), quick, "{middle:?}");
            if let Some(fast) = fast {
                let slow: Vec<_> =
                    Pem::iter_from_buffer(text.as_bytes()).map(|block| block.unwrap().contents).collect();
                assert_eq!(slow, [fast], "{middle:?}");
            }
        }
    }

    #[test]
    fn a_bundle_gives_every_certificate() {
        let bundle = format!("# comment\n{PEM}text between\n{PEM}");
        assert_eq!(decode_all(bundle.as_bytes(), Label::Certificate).map(|all| all.len()), Ok(2));
    }

    #[test]
    fn what_is_not_one_object_is_refused() {
        let table: &[(&str, &[u8])] = &[
            ("nothing", b""),
            ("white space", b" \n\t"),
            ("letters outside the alphabet", b"MA!="),
            ("UTF-8", "МАА=".as_bytes()),
            ("PEM without an end", b"-----BEGIN CERTIFICATE-----\nMAA=\n"),
            ("another label", b"-----BEGIN PRIVATE KEY-----\nMAA=\n-----END PRIVATE KEY-----\n"),
            ("broken base64 inside PEM", b"-----BEGIN CERTIFICATE-----\nM*A=\n-----END CERTIFICATE-----\n"),
        ];
        for (why, input) in table {
            assert!(decode_one(input, Label::Certificate).is_err(), "{why}: accepted");
        }
        assert_eq!(decode_one(format!("{PEM}{PEM}").as_bytes(), Label::Certificate), Err(ArmourError::Many(2)));
    }
}
