//! What a file seems to be, from its first bytes.

use x509_parser::pem::Pem;

use crate::der::armour::decode_base64;
use crate::der::ber::Header;
use crate::der::{Oid, TlvReader};
use crate::document;
use crate::signed::Format;

/// How many octets tell the format of a document.
const LOOK: usize = 1024;
/// Most PEM blocks in one file; the bundle of all public web authorities has about 150.
const MAX_BLOCKS: usize = 10_000;

const SIGNED_DATA: Oid = Oid::new_unwrap("1.2.840.113549.1.7.2");
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const ENUMERATED: u8 = 0x0a;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;

/// What an object seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An X.509 certificate.
    Certificate,
    /// A signed document that is no DER: XML, PDF, a zip container.
    Document,
    /// PKCS#12.
    KeyStore,
    /// A response about the status of certificates.
    OcspResponse,
    /// A certificate revocation list.
    RevocationList,
    /// Signed data (CMS): a signed message or a timestamp token.
    SignedData,
    /// Another message of CMS: nobody signed it.
    Message,
    /// What a timestamp authority answers.
    TimestampResponse,
    /// Something known that is not shown.
    Other(&'static str),
    /// Nothing known.
    Unknown,
}

/// The objects of a file: one, or every block of a PEM file.
pub fn split(bytes: &[u8]) -> Result<Vec<(Kind, Vec<u8>)>, String> {
    if bytes.first() == Some(&SEQUENCE) {
        return Ok(vec![(of_der(bytes), bytes.to_vec())]);
    }
    if matches!(document::detect(bytes.get(..LOOK.min(bytes.len())).unwrap_or_default()), Some(format) if format != Format::Cms)
    {
        return Ok(vec![(Kind::Document, bytes.to_vec())]);
    }
    if let Some(what) = of_magic(bytes) {
        return Err(format!("seems to be {what}, which inspect does not read yet"));
    }
    if is_pem(bytes) {
        return pem(bytes);
    }
    let der = decode_base64(bytes)
        .map_err(|_| "neither a certificate nor a revocation list, nor anything else that is known".to_owned())?;
    if is_pem(&der) { pem(&der) } else { Ok(vec![(of_der(&der), der)]) }
}

fn is_pem(bytes: &[u8]) -> bool {
    // Text may stand before the first block: openssl prints the certificate there.
    bytes.windows(11).take(64 * 1024).any(|window| window == b"-----BEGIN ")
}

fn pem(bytes: &[u8]) -> Result<Vec<(Kind, Vec<u8>)>, String> {
    let mut found = Vec::new();
    for block in Pem::iter_from_buffer(bytes) {
        let block = block.map_err(|error| format!("PEM block {} is broken: {error}", found.len() + 1))?;
        let kind = match block.label.as_str() {
            "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => Kind::Certificate,
            "X509 CRL" | "CRL" => Kind::RevocationList,
            "OCSP RESPONSE" => Kind::OcspResponse,
            label if label.ends_with("PRIVATE KEY") => Kind::Other("a private key"),
            "PUBLIC KEY" => Kind::Other("a public key"),
            "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => Kind::Other("a request for a certificate"),
            "CMS" | "PKCS7" => match of_der(&block.contents) {
                Kind::Message => Kind::Message,
                _ => Kind::SignedData,
            },
            _ => of_der(&block.contents),
        };
        found.push((kind, block.contents));
        if found.len() > MAX_BLOCKS {
            return Err(format!("more than {MAX_BLOCKS} PEM blocks"));
        }
    }
    if found.is_empty() { Err("a PEM block without an END line".to_owned()) } else { Ok(found) }
}

fn of_magic(bytes: &[u8]) -> Option<&'static str> {
    const TABLE: &[(&[u8], &str)] = &[(b"{", "JSON"), (b"[", "JSON")];
    TABLE.iter().find(|(magic, _)| bytes.starts_with(magic)).map(|(_, what)| *what)
}

/// The kind of a DER object by the tags at its top.
pub fn of_der(der: &[u8]) -> Kind {
    match TlvReader::new(der).read() {
        Ok(outer) if outer.raw.first() == Some(&SEQUENCE) => match of_parts(outer.value) {
            Kind::Unknown => of_ber(der),
            known => known,
        },
        Ok(_) => Kind::Unknown,
        Err(_) => of_ber(der),
    }
}

/// The kind of a SEQUENCE by the tags of its parts.
fn of_parts(value: &[u8]) -> Kind {
    match tags(value).as_slice() {
        [SEQUENCE, SEQUENCE, BIT_STRING, ..] => of_signed(value),
        [SEQUENCE, BIT_STRING] => Kind::Other("a public key"),
        [INTEGER, SEQUENCE, OCTET_STRING, ..] => Kind::Other("a private key (PKCS#8)"),
        [INTEGER, SEQUENCE, ..] => of_numbered(value),
        [OBJECT_IDENTIFIER, VERSION] => of_content(value),
        [ENUMERATED] | [ENUMERATED, VERSION] => Kind::OcspResponse,
        [SEQUENCE] | [SEQUENCE, SEQUENCE] => of_answer(value),
        _ => Kind::Unknown,
    }
}

/// `SEQUENCE { tbs, algorithm, signature }`: a certificate has a serial number and a period, a list a time.
fn of_signed(value: &[u8]) -> Kind {
    let Ok(tbs) = TlvReader::new(value).read() else { return Kind::Unknown };
    match tags(tbs.value).as_slice() {
        [VERSION, INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, ..]
        | [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, ..] => Kind::Certificate,
        [INTEGER, SEQUENCE, SEQUENCE, UTC_TIME | GENERALIZED_TIME, ..]
        | [SEQUENCE, SEQUENCE, UTC_TIME | GENERALIZED_TIME, ..] => Kind::RevocationList,
        [INTEGER, SEQUENCE, SEQUENCE, VERSION] => Kind::Other("a request for a certificate (PKCS#10)"),
        _ => Kind::Unknown,
    }
}

fn of_content(value: &[u8]) -> Kind {
    match TlvReader::new(value).read() {
        // What is cut off is for the reader of signed data to name.
        Ok(oid) if oid.value != SIGNED_DATA.as_bytes() => Kind::Message,
        _ => Kind::SignedData,
    }
}

/// A SEQUENCE of which something at the top is not as DER demands: CMS begins with its type, PKCS#12 with its version, a
/// timestamp response with a status that begins with a number of one octet. Nothing else here comes in BER.
fn of_ber(ber: &[u8]) -> Kind {
    let Some(parts) = inside(ber) else { return Kind::Unknown };
    match parts.first() {
        Some(&OBJECT_IDENTIFIER) => of_content(parts),
        Some(&INTEGER) => Kind::KeyStore,
        Some(&SEQUENCE) if inside(parts).is_some_and(|status| matches!(status, [INTEGER, 1, 0..=5, ..])) => {
            Kind::TimestampResponse
        }
        _ => Kind::Unknown,
    }
}

/// What follows the header of a SEQUENCE, whatever the form of its length.
fn inside(ber: &[u8]) -> Option<&[u8]> {
    let header = Header::at(ber, 0).ok().filter(|header| header.tag == SEQUENCE)?;
    ber.get(usize::from(header.octets)..)
}

/// A number, then a SEQUENCE: an imprint of a request for a timestamp (RFC 3161 2.4.1), else the contents of a key store.
fn of_numbered(value: &[u8]) -> Kind {
    let mut fields = TlvReader::new(value);
    let imprint = fields.read().and_then(|_| fields.read());
    match imprint.map(|imprint| tags(imprint.value)).unwrap_or_default().as_slice() {
        [SEQUENCE, OCTET_STRING] => Kind::Other("a request for a timestamp"),
        _ => Kind::KeyStore,
    }
}

/// A timestamp response begins with a status, which begins with a number; an OCSP request with lists and tags.
fn of_answer(value: &[u8]) -> Kind {
    let status = TlvReader::new(value).read().map(|status| tags(status.value)).unwrap_or_default();
    match status.first() {
        Some(&INTEGER) => Kind::TimestampResponse,
        _ => Kind::Other("an OCSP request"),
    }
}

/// The tags of the first eight values.
fn tags(value: &[u8]) -> Vec<u8> {
    let mut reader = TlvReader::new(value);
    let mut found = Vec::with_capacity(8);
    while found.len() < 8 && !reader.is_empty() {
        match reader.read() {
            Ok(tlv) => found.extend(tlv.raw.first()),
            Err(_) => break,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Kind, of_der, split};

    #[test]
    fn what_may_come_in_ber_is_known_under_any_header() {
        // Indefinite, long, with leading zeros, and definite around indefinite.
        for (parts, kind) in [
            (&[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2, 0xa0, 0x80, 0, 0][..], Kind::SignedData),
            (&[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2, 0xa0, 0x82, 0, 0][..], Kind::SignedData),
            (&[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 3, 0xa0, 0x80, 0, 0][..], Kind::Message),
            (&[2, 1, 3, 0x30, 0x80, 0, 0], Kind::KeyStore),
            (&[0x30, 3, 2, 1, 0, 0x30, 0x80, 0, 0], Kind::TimestampResponse),
            (&[0x30, 0x80, 2, 1, 0, 0, 0], Kind::TimestampResponse),
            (&[0x30, 0x80, 4, 1, 0, 0, 0], Kind::Unknown),
        ] {
            let length = parts.len() as u8;
            for header in [vec![0x30, length], vec![0x30, 0x81, length], vec![0x30, 0x84, 0, 0, 0, length]] {
                assert_eq!(of_der(&[&header[..], parts].concat()), kind, "{header:02x?} {parts:02x?}");
            }
            assert_eq!(of_der(&[&[0x30, 0x80][..], parts, &[0, 0]].concat()), kind, "{parts:02x?}");
        }
    }

    #[test]
    fn things_are_told_apart_by_their_first_bytes() {
        for (bytes, part) in [
            (&b"{\"a\":1}"[..], "JSON"),
            (b"hello, world!", "neither"),
            (b"-----BEGIN CERTIFICATE-----\nAAAA\n", "PEM"),
        ] {
            let problem = split(bytes).expect_err(part);
            assert!(problem.contains(part), "{problem}");
        }
        for document in [&b"%PDF-1.7"[..], b"PK\x03\x04", b"<html>", b"\xef\xbb\xbf <a/>"] {
            assert_eq!(split(document).expect("a kind")[0].0, Kind::Document);
        }
        assert_eq!(of_der(&[0x30, 3, 0x0a, 1, 6]), Kind::OcspResponse);
        assert_eq!(of_der(&[0x30, 5, 0x30, 3, 2, 1, 2]), Kind::TimestampResponse);
        assert_eq!(of_der(&[0x30, 0x80, 6, 9]), Kind::SignedData);
        assert_eq!(of_der(&[0x30, 0x80, 2, 1, 3]), Kind::KeyStore);
        let request = [0x30, 12, 2, 1, 1, 0x30, 7, 0x30, 3, 6, 1, 0x2a, 4, 0];
        assert_eq!(of_der(&request), Kind::Other("a request for a timestamp"));
        assert_eq!(of_der(&[0x30, 0]), Kind::Unknown);
        assert_eq!(of_der(&[]), Kind::Unknown);
        assert_eq!(of_der(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]), Kind::Unknown);
    }
}
