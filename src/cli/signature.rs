//! `rastau signature check`: one raw signature under one key.

use std::path::Path;

use super::args::SignatureCheckArgs;
use super::input;
use super::output::{BAD, GOOD, Output, Styled};
use super::status::{Failure, Status};
use crate::crypto::{
    AlgorithmIdentifier, Digest, HashAlgorithm, KeyAlgorithm, PublicKey, SignatureAlgorithm, SignatureError,
};
use crate::der::Oid;
use crate::der::armour::{self, Label};
use crate::x509::Certificate;

/// Largest key file: RSA of 8192 bits in a certificate with everything is under 64 kB.
const MAX_KEY: usize = 64 * 1024;
/// Largest signature: RSA of 16384 bits has 2048 octets; a longer file is not a raw signature.
const MAX_SIGNATURE: usize = 64 * 1024;
/// Largest message held in memory.
const MAX_MESSAGE: usize = 1024 * 1024 * 1024;

/// Says whether the signature is good.
pub fn run(args: &SignatureCheckArgs) -> Result<Status, Failure> {
    let key = key(&args.public_key)?;
    let algorithm = algorithm(&key, args.algorithm.as_deref())?;
    // An empty one is a bad signature and no mistake of the caller.
    let signature = input::read_any("--signature", &args.signature, MAX_SIGNATURE)?;
    let result = match (&args.message, &args.digest) {
        (Some(path), _) => {
            let message = message(path)?;
            key.verify(algorithm, &message, &signature)
        }
        (None, Some(hex)) => {
            let digest = digest(algorithm, hex)?;
            key.verify_digest(algorithm, &digest, &signature)
        }
        (None, None) => return Err(Failure::new("--message", "missing").remedy("give --message or --digest")),
    };
    let mut output = Output::standard();
    let status = match result {
        Ok(()) => {
            output.line(format_args!("{} ({})", Styled(GOOD, "good"), algorithm.name()));
            Status::Good
        }
        Err(SignatureError::NeedsMessage) => {
            return Err(Failure::new("--digest", format!("{} is checked over the message itself", algorithm.name()))
                .remedy("give --message FILE instead of --digest"));
        }
        Err(SignatureError::AlgorithmMismatch) => {
            return Err(Failure::new("--algorithm", format!("{} does not go with this key", algorithm.name()))
                .remedy("leave --algorithm out to use the usual one of the key"));
        }
        Err(error) => {
            output.line(format_args!("{} ({}): {error}", Styled(BAD, "bad"), algorithm.name()));
            Status::Refused
        }
    };
    output.finish()?;
    Ok(status)
}

/// An empty message can be signed too, unlike the other files.
fn message(path: &Path) -> Result<Vec<u8>, Failure> {
    input::read_any("--message", path, MAX_MESSAGE)
}

/// `SubjectPublicKeyInfo` or the key of a certificate, DER, PEM or base64.
fn key(path: &Path) -> Result<PublicKey, Failure> {
    let option = "--public-key";
    let bytes = input::read(option, path, MAX_KEY)?;
    let about = input::label(option, path);
    let der = armour::decode_one(&bytes, Label::PublicKey)
        .or_else(|_| armour::decode_one(&bytes, Label::Certificate))
        .map_err(|error| {
            Failure::new(&about, error).remedy("give SubjectPublicKeyInfo or a certificate, DER or PEM")
        })?;
    let key = match Certificate::from_der(&der) {
        Ok(certificate) => certificate.public_key().cloned().map_err(Clone::clone),
        Err(_) => PublicKey::from_spki(&der),
    };
    key.map_err(|error| {
        Failure::new(about, format!("not a key that can be used: {error}"))
            .remedy("give SubjectPublicKeyInfo or a certificate, DER or PEM")
    })
}

/// The algorithm asked for, by identifier or by the name that answers have for it, or the one that the National CA (and nearly
/// everybody) uses with such a key.
fn algorithm(key: &PublicKey, asked: Option<&str>) -> Result<SignatureAlgorithm, Failure> {
    let Some(asked) = asked else { return Ok(usual(key.algorithm())) };
    if let Some(named) = SignatureAlgorithm::from_name(asked) {
        return Ok(named);
    }
    let oid = Oid::new(asked).map_err(|_| {
        Failure::new("--algorithm", format!("«{asked}» is neither an object identifier nor a name"))
            .remedy("write it in dots, like 1.2.840.113549.1.1.11, or as docs/ALGORITHMS.md has it, like rsa-sha256")
    })?;
    let refused = match SignatureAlgorithm::from_identifier(&AlgorithmIdentifier { oid, parameters: None }) {
        Ok(algorithm) => return Ok(algorithm),
        Err(refused) => refused,
    };
    let name = refused.name.unwrap_or(&refused.oid);
    match key.algorithm() {
        // A key of RSASSA-PSS may say which hash it goes with; the identifier alone says SHA-1.
        KeyAlgorithm::RsaPss { hash: Some(_), .. } if refused.unexpected_parameters => Ok(usual(key.algorithm())),
        _ if refused.unexpected_parameters => Err(Failure::new(
            "--algorithm",
            format!("{name} without parameters stands for SHA-1, which is not allowed"),
        )
        .remedy("name the hash: rsa-pss-sha256, rsa-pss-sha384 or rsa-pss-sha512")),
        _ => Err(Failure::new("--algorithm", format!("{name} is not allowed"))
            .remedy("see docs/ALGORITHMS.md for the algorithms that are")),
    }
}

fn usual(key: KeyAlgorithm) -> SignatureAlgorithm {
    match key {
        KeyAlgorithm::Rsa { .. } => SignatureAlgorithm::RsaPkcs1Sha256,
        KeyAlgorithm::RsaPss { hash: Some(HashAlgorithm::Sha384), .. } => SignatureAlgorithm::RsaPssSha384,
        KeyAlgorithm::RsaPss { hash: Some(HashAlgorithm::Sha512), .. } => SignatureAlgorithm::RsaPssSha512,
        KeyAlgorithm::RsaPss { .. } => SignatureAlgorithm::RsaPssSha256,
        KeyAlgorithm::EcdsaP256 => SignatureAlgorithm::EcdsaSha256,
        KeyAlgorithm::EcdsaP384 => SignatureAlgorithm::EcdsaSha384,
        KeyAlgorithm::Ed25519 => SignatureAlgorithm::Ed25519,
        KeyAlgorithm::Gost2015_512 => SignatureAlgorithm::Gost2015_512,
        KeyAlgorithm::Gost2015_256 => SignatureAlgorithm::Gost2015_256,
        KeyAlgorithm::Gost2004 => SignatureAlgorithm::Gost2004,
    }
}

/// A digest in hexadecimal, of the length that the algorithm's hash gives.
fn digest(algorithm: SignatureAlgorithm, hex: &str) -> Result<Digest, Failure> {
    let Some(hash) = algorithm.hash() else {
        return Err(Failure::new("--digest", format!("{} is checked over the message itself", algorithm.name()))
            .remedy("give --message FILE instead of --digest"));
    };
    let octets = octets(hex).ok_or_else(|| {
        Failure::new("--digest", "not hexadecimal").remedy("write two hexadecimal digits for each octet")
    })?;
    Digest::new(hash, &octets).ok_or_else(|| {
        Failure::new("--digest", format!("{} octets do not make a digest of {}", octets.len(), algorithm.name()))
            .remedy("give the whole digest, or --algorithm if it was made by another one")
    })
}

fn octets(hex: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = hex.trim().chars().map(|digit| digit.to_digit(16)).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    if pairs.is_empty() || !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| u8::try_from(high * 16 + low).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::octets;

    #[test]
    fn hexadecimal_is_read_whole_or_not_at_all() {
        assert_eq!(octets("00aB"), Some(vec![0, 0xab]));
        for wrong in ["", "0", "0x00", "00 11", "gg", "٠٠"] {
            assert_eq!(octets(wrong), None, "{wrong}");
        }
    }
}
