//! What documents and evidence are made of, and evidence itself: small parsers, and what becomes of what they read.

use rastau::clock::Time;
use rastau::crypto::{HashAlgorithm, Hasher, PublicKey, SigningKey, hash};
use rastau::der::armour::{Label, decode_all, decode_base64};
use rastau::iin::{Bin, Iin};
use rastau::revocation::ocsp::ParsedResponse;
use rastau::revocation::{ParsedList, Source};
use rastau::x509::{Certificate, Name};
use rastau_mint::hash::Hash;

use crate::mutate::Shape;
use crate::{Target, ber, certificates, indexes, paths, policies, revocation, signatures};

/// The targets.
pub const TARGETS: &[Target] = &[
    Target::new("armour", Shape::Bytes, armour),
    Target::new("ber", Shape::Tlv, ber::ber),
    Target::new("certificate", Shape::Tlv, certificate),
    Target::new("digest", Shape::Bytes, digest),
    Target::new("extensions", Shape::TlvAfter(2), certificates::extensions),
    Target::new("identity_number", Shape::Bytes, identity_number),
    Target::new("key", Shape::Tlv, key),
    Target::new("list", Shape::Tlv, list),
    Target::new("list_index", Shape::Bytes, indexes::list_index),
    Target::new("name", Shape::Tlv, name),
    Target::new("ocsp", Shape::Tlv, ocsp),
    Target::new("path", Shape::Bytes, paths::path),
    Target::new("policy_graph", Shape::Bytes, policies::policy_graph),
    Target::new("private_key", Shape::Tlv, private_key),
    Target::new("revocation", Shape::Bytes, revocation::revocation),
    Target::new("signature", Shape::TlvAfter(2), signatures::signature),
    Target::new("stored_index", Shape::Bytes, indexes::stored_index),
    Target::new("time", Shape::Bytes, time),
];

/// PEM, base64 and DER of anything.
fn armour(data: &[u8]) {
    for label in [Label::Certificate, Label::Crl, Label::OcspResponse, Label::PublicKey] {
        assert_eq!(decode_all(data, label), decode_all(data, label));
    }
    if let Ok(decoded) = decode_base64(data) {
        assert_eq!(Some(decoded), plain_base64(data), "two readers of base64 agree");
    }
}

/// Base64 (RFC 4648 section 4), bit by bit.
fn plain_base64(text: &[u8]) -> Option<Vec<u8>> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let compact: Vec<u8> = text.iter().copied().filter(|octet| !octet.is_ascii_whitespace()).collect();
    let padding = compact.iter().rev().take_while(|&&octet| octet == b'=').count();
    // Padding may be left out, all of it or half; too much of it may not be there.
    let digits = compact.len() - padding;
    if digits % 4 == 1 || padding > (4 - digits % 4) % 4 {
        return None;
    }
    let (mut bits, mut held, mut out) = (0_u32, 0, Vec::new());
    for octet in &compact[..compact.len() - padding] {
        bits = bits << 6 | u32::try_from(ALPHABET.iter().position(|known| known == octet)?).ok()?;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push((bits >> held) as u8);
            bits &= (1 << held) - 1;
        }
    }
    // What is left over must be zero.
    (bits == 0).then_some(out)
}

/// Certificates, and their keys.
fn certificate(data: &[u8]) {
    if let Ok(certificate) = Certificate::from_der(data) {
        assert_eq!(certificate.as_der(), data, "the bytes are kept as they are");
        assert_eq!(Certificate::from_der(certificate.as_der()).map(|again| again == certificate).ok(), Some(true));
        let _ = (certificate.public_key(), certificate.subject().to_string(), certificate.extensions());
    }
}

/// Public keys.
fn key(data: &[u8]) {
    let _ = PublicKey::from_spki(data).map(|key| key.algorithm());
}

/// Revocation lists.
fn list(data: &[u8]) {
    if let Ok(list) = ParsedList::read(data.to_vec(), Source::request(0)) {
        assert!(list.entries() <= data.len() as u64, "an entry takes octets");
        let _ = (list.issuer().to_string(), list.number(), list.next_update());
    }
}

/// OCSP responses.
fn ocsp(data: &[u8]) {
    if let Ok(response) = ParsedResponse::read(data) {
        let again = ParsedResponse::read(response.as_der()).map(|again| *again.sha256());
        assert_eq!(again.ok(), Some(*response.sha256()));
    }
}

/// Private keys: what is read signs.
fn private_key(data: &[u8]) {
    if let Ok(key) = SigningKey::from_pkcs8(data) {
        assert!(key.belongs_to(key.public_key()));
        // The numbers of an RSA key need not belong together: then nothing is released.
        if let Ok(signature) = key.sign(data) {
            assert!(key.public_key().verify(key.algorithm(), data, &signature).is_ok());
        }
    }
}

/// Distinguished names: a name is itself, and within every name that it begins with.
fn name(data: &[u8]) {
    let Ok(name) = Name::from_der(data) else { return };
    assert_eq!(name.as_der(), data);
    assert!(name.is_within(&name) && Name::from_der(data).is_ok_and(|again| again == name));
    let text = name.to_string();
    let _ = (name.is_written_as(&text), name.canonical().len() == name.rdns().len());
}

/// Identity numbers: twelve digits and nothing else, and the check digit is the one of the plain rule.
fn identity_number(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let is_twelve_digits = text.len() == 12 && text.bytes().all(|octet| octet.is_ascii_digit());
    let check = is_twelve_digits.then(|| has_check_digit(text.as_bytes()));
    if let Ok(iin) = Iin::parse(text) {
        assert_eq!((iin.as_str(), Some(iin.check_digit_ok())), (text, check));
        let _ = (iin.birth_date(), iin.sex(), iin.warnings().count(), iin.date_ok());
        assert!(Iin::parse_strict(text).is_err() || iin.check_digit_ok());
    } else {
        assert!(Iin::parse_strict(text).is_err());
    }
    if let Ok(bin) = Bin::parse(text) {
        assert_eq!((bin.as_str(), Some(bin.check_digit_ok())), (text, check));
        let _ = (bin.registration(), bin.kind(), bin.department(), bin.warnings().count(), bin.date_ok());
        assert!(Bin::parse_strict(text).is_err() || bin.check_digit_ok());
    }
}

/// The rule of the check digit: weights 1 to 11, and from 3 on where that leaves ten.
fn has_check_digit(text: &[u8]) -> bool {
    let sum = |first: usize| -> usize {
        text[..11].iter().enumerate().map(|(at, digit)| usize::from(digit - b'0') * ((at + first - 1) % 11 + 1)).sum()
    };
    let rest = match sum(1) % 11 {
        10 => sum(3) % 11,
        rest => rest,
    };
    rest == usize::from(text[11] - b'0')
}

/// Moments as text and in certificates.
fn time(data: &[u8]) {
    if let Some(time) = std::str::from_utf8(data).ok().and_then(|text| text.parse::<Time>().ok()) {
        assert_eq!(time.to_string().parse(), Ok(time), "a moment is written as it is read");
        let civil = time.civil();
        assert_eq!(Time::from_civil(civil).map(Time::unix_seconds), Some(time.unix_seconds()));
    }
    certificates::time(data);
}

/// Digests: in two pieces what they are in one, and what other code makes of it.
fn digest(data: &[u8]) {
    let Some((&split, message)) = data.split_first() else { return };
    let (first, second) = message.split_at(usize::from(split).min(message.len()));
    for algorithm in HashAlgorithm::ALL {
        let mut hasher = Hasher::new(algorithm);
        hasher.update(first);
        hasher.update(second);
        let other = match algorithm {
            HashAlgorithm::Gost94 => Hash::Gost95,
            HashAlgorithm::Sha256 => Hash::Sha256,
            HashAlgorithm::Sha384 => Hash::Sha384,
            HashAlgorithm::Sha512 => Hash::Sha512,
            HashAlgorithm::Streebog256 => Hash::Streebog256,
            HashAlgorithm::Streebog512 => Hash::Streebog512,
        };
        assert_eq!(hasher.finish().as_bytes(), other.digest(message), "{}", algorithm.name());
        assert_eq!(hash(algorithm, message).as_bytes(), other.digest(message));
    }
}
