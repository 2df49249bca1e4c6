//! PKCS#8 (RFC 5208, RFC 5958): a private key in a file of its own, encrypted or not, DER or PEM; and the certificates
//! beside it.

use zeroize::Zeroizing;

use super::error::KeyError;
use super::identity::{SigningIdentity, belongs, usable_key};
use super::password::Password;
use super::pbe::Work;
use super::pem;
use super::pkcs12::{CipherOutline, read_encrypted_key};
use crate::der::armour::decode_base64;
use crate::der::{Limits, TlvReader, check_strict};
use crate::x509::Certificate;

/// Budget: RSA with 8192 bits has 4.7 kB.
const LIMITS: Limits = Limits { bytes: 64 * 1024, depth: 16, elements: 1024 };
/// Certificates of one file: a chain has a handful.
const MAX_CERTIFICATES: usize = 100;

/// Labels of PEM (RFC 7468 sections 10 and 11).
const PLAIN: &str = "PRIVATE KEY";
const ENCRYPTED: &str = "ENCRYPTED PRIVATE KEY";

/// Reads a private key and the certificates for it; the one that belongs to the key becomes the identity's.
///
/// # Errors
/// [`KeyError`].
pub fn open(key: &[u8], certificates: &[u8], password: &Password) -> Result<SigningIdentity, KeyError> {
    let key = usable_key(&read_key(key, password)?)?;
    let mut others = read_certificates(certificates)?;
    if others.is_empty() {
        return Err(KeyError::NoCertificate);
    }
    let own = others.iter().position(|certificate| belongs(&key, certificate)).ok_or(KeyError::OtherKey)?;
    let certificate = others.remove(own);
    if others.iter().any(|other| belongs(&key, other)) {
        let serial = |certificate: &Certificate| super::pkcs12::hex(certificate.serial_number().as_bytes());
        let same = others.iter().filter(|other| belongs(&key, other)).map(serial);
        return Err(KeyError::Ambiguous([serial(&certificate)].into_iter().chain(same).collect()));
    }
    SigningIdentity::new(certificate, key, others)
}

/// How a private key in a file is encrypted; `None` where no password protects it.
///
/// # Errors
/// [`KeyError`]: no private key.
pub fn cipher(bytes: &[u8]) -> Result<Option<CipherOutline>, KeyError> {
    let (der, encrypted) = read_outside(bytes)?;
    if !encrypted {
        return Ok(None);
    }
    let (scheme, _) = read_encrypted_key(TlvReader::new(&der).expect(0x30)?.value)?;
    Ok(Some(CipherOutline { name: scheme.name(), iterations: scheme.iterations() }))
}

/// The DER of the `PrivateKeyInfo`.
pub(super) fn read_key(bytes: &[u8], password: &Password) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let (der, encrypted) = read_outside(bytes)?;
    if !encrypted {
        return Ok(der);
    }
    let mut outer = TlvReader::new(&der);
    let contents = outer.expect(0x30)?.value;
    outer.finish()?;
    let (scheme, ciphertext) = read_encrypted_key(contents)?;
    let wrong = || if password.is_empty() { KeyError::PasswordRequired } else { KeyError::WrongPassword };
    let plain = scheme.decrypt(&ciphertext, password, &mut Work::new())?.ok_or_else(wrong)?;
    // One wrong password in 256 leaves what looks like padding.
    if is_private_key(&plain) { Ok(plain) } else { Err(wrong()) }
}

/// The DER and whether it is encrypted.
fn read_outside(bytes: &[u8]) -> Result<(Zeroizing<Vec<u8>>, bool), KeyError> {
    let der = if bytes.first() == Some(&0x30) {
        Zeroizing::new(bytes.to_vec())
    } else if pem::is_pem(bytes) {
        pem_key(bytes)?
    } else {
        pem::bare(bytes).ok_or_else(|| KeyError::malformed("neither DER nor PEM"))?
    };
    check_strict(&der, LIMITS)?;
    let encrypted = match TlvReader::new(&der).expect(0x30)?.value.first() {
        // EncryptedPrivateKeyInfo starts with an AlgorithmIdentifier.
        Some(0x30) => true,
        Some(0x02) if is_private_key(&der) => false,
        Some(0x02) => return Err(KeyError::malformed(OLD_FORM)),
        _ => return Err(KeyError::malformed("no private key")),
    };
    Ok((der, encrypted))
}

const OLD_FORM: &str = "a private key in the form of its own algorithm; openssl pkcs8 -topk8 makes PKCS#8 of it";

fn pem_key(text: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let mut found = None;
    for block in pem::blocks(text)? {
        match block.label.as_str() {
            PLAIN | ENCRYPTED if found.is_some() => {
                return Err(KeyError::malformed("several private keys in one file"));
            }
            PLAIN | ENCRYPTED => found = Some(block.contents()?),
            "RSA PRIVATE KEY" | "EC PRIVATE KEY" | "DSA PRIVATE KEY" | "OPENSSH PRIVATE KEY" => {
                return Err(KeyError::malformed(OLD_FORM));
            }
            _ => {}
        }
    }
    found.ok_or(KeyError::NoKey)
}

/// Whether octets begin as a `PrivateKeyInfo` does, and end where they should: version, algorithm, key.
fn is_private_key(der: &[u8]) -> bool {
    let mut outer = TlvReader::new(der);
    let Ok(contents) = outer.expect(0x30) else { return false };
    let mut fields = TlvReader::new(contents.value);
    outer.finish().is_ok()
        && fields.expect(0x02).is_ok_and(|version| matches!(version.value, [0 | 1]))
        && fields.expect(0x30).is_ok()
        && fields.expect(0x04).is_ok()
}

/// The certificates of a file: DER, base64, or the blocks of PEM, whatever else is among them.
pub(super) fn read_certificates(bytes: &[u8]) -> Result<Vec<Certificate>, KeyError> {
    let ders = if bytes.first() == Some(&0x30) {
        vec![Zeroizing::new(bytes.to_vec())]
    } else if pem::is_pem(bytes) {
        let blocks = pem::blocks(bytes)?;
        let certificates = blocks.iter().filter(|block| block.label == "CERTIFICATE");
        certificates.map(pem::Block::contents).collect::<Result<_, _>>()?
    } else {
        let der = decode_base64(bytes).map_err(|_| KeyError::malformed("a certificate that is neither DER nor PEM"))?;
        vec![Zeroizing::new(der)]
    };
    if ders.len() > MAX_CERTIFICATES {
        return Err(KeyError::malformed("too many certificates"));
    }
    let read = |der: Zeroizing<Vec<u8>>| {
        Certificate::from_der(&der).map_err(|error| KeyError::malformed(format!("the certificate: {error}")))
    };
    ders.into_iter().map(read).collect()
}
