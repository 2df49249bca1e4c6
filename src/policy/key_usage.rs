//! What a certificate may be used for, by keyUsage and extended key usage, in every era of Kazakh certificates.
//!
//! | issued | keyUsage, first octet | bits | purposes |
//! |---|---|---|---|
//! | RSA and 34.310-2004, signing | `c0` | digitalSignature, nonRepudiation | sign |
//! | RSA and 34.310-2004, log-in | `a0` | digitalSignature, keyEncipherment | authenticate |
//! | 34.10-2015, 2022–2023 | `e0` | digitalSignature, nonRepudiation, keyEncipherment | both |
//! | 34.10-2015, since 2023 | `c8` | digitalSignature, nonRepudiation, keyAgreement | both |
//!
//! So signing needs digitalSignature and nonRepudiation; authentication needs digitalSignature and one of
//! keyEncipherment, keyAgreement; a certificate without keyUsage is for nothing.
//!
//! Extended key usage narrows that: emailProtection stands for signing and clientAuth for log-in, except that the
//! single-key certificates since 2022 have emailProtection only and are used for both. Where it holds nothing but
//! roles of the Kazakh arc (digital systems have no emailProtection), or is absent, keyUsage alone decides. A
//! certificate whose extended key usage is only for something else (OCSP, timestamps, servers) is no applicant's,
//! and neither is one that may sign certificates or lists.
//!
//! Beside the purpose, under either profile, a question may name extended key usages that the certificate has to allow
//! ([`allows`]). Like the purpose they are asked of the certificate in question alone: those of the authorities above it are not
//! looked at (RFC 5280 section 4.2.1.12 gives the extension of an authority no meaning for what it issues).

use std::collections::BTreeSet;

use super::Purpose;
use crate::der::Oid;
use crate::x509::oid;

/// keyUsage bit 0 (RFC 5280 section 4.2.1.3): bit *n* of the standard is `1 << n` here.
pub const DIGITAL_SIGNATURE: u16 = 1 << 0;
/// keyUsage bit 1, also called contentCommitment.
pub const NON_REPUDIATION: u16 = 1 << 1;
/// keyUsage bit 2.
pub const KEY_ENCIPHERMENT: u16 = 1 << 2;
/// keyUsage bit 4.
pub const KEY_AGREEMENT: u16 = 1 << 4;
/// keyUsage bit 5.
pub const KEY_CERT_SIGN: u16 = 1 << 5;
/// keyUsage bit 6.
pub const CRL_SIGN: u16 = 1 << 6;

/// id-kp-emailProtection, "signing" in Kazakh certificates.
pub const EMAIL_PROTECTION: &str = "1.3.6.1.5.5.7.3.4";
/// id-kp-clientAuth, "log-in" in Kazakh certificates.
pub const CLIENT_AUTH: &str = "1.3.6.1.5.5.7.3.2";
/// anyExtendedKeyUsage: no narrowing.
pub const ANY: &str = "2.5.29.37.0";
/// The arc of Kazakhstan: roles of holders, systems and clients of the Treasury.
const KAZAKH_ARC: &str = "1.2.398.";

/// Why a certificate may not be used for a purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyUsageProblem {
    /// No keyUsage extension.
    #[error("the certificate has no keyUsage")]
    Absent,
    /// keyUsage allows signing certificates or lists.
    #[error("the certificate is that of a certification authority")]
    Authority,
    /// keyUsage lacks a bit that the purpose needs.
    #[error("keyUsage does not allow the purpose")]
    Bits,
    /// Extended key usage is for something else than what the question names.
    #[error("extended key usage does not allow {0}, which was asked for")]
    Demanded(Oid),
    /// Extended key usage is for the other purpose.
    #[error("extended key usage does not allow the purpose")]
    Extended,
    /// Extended key usage has nothing to do with applicants: OCSP responder, timestamps, server.
    #[error("extended key usage is not that of an applicant")]
    Foreign,
}

/// Whether a certificate may be used for a purpose under the `kz` profile.
///
/// `key_usage` has bit *n* of RFC 5280 section 4.2.1.3 as `1 << n`, or is `None` without the extension;
/// `extended` holds dotted object identifiers and is empty without the extension.
///
/// # Errors
/// The first problem found. For [`Purpose::Any`], that of signing when neither purpose is allowed.
pub fn verdict<S: AsRef<str>>(key_usage: Option<u16>, extended: &[S], purpose: Purpose) -> Result<(), KeyUsageProblem> {
    let bits = key_usage.ok_or(KeyUsageProblem::Absent)?;
    if bits & (KEY_CERT_SIGN | CRL_SIGN) != 0 {
        return Err(KeyUsageProblem::Authority);
    }
    let extended = Extended::of(extended);
    match purpose {
        Purpose::Sign => sign(bits, extended),
        Purpose::Authenticate => authenticate(bits, extended),
        Purpose::Any => sign(bits, extended).or_else(|problem| authenticate(bits, extended).map_err(|_| problem)),
    }
}

/// Whether extended key usage allows every one of `wanted` (RFC 5280 section 4.2.1.12): it names it, or `anyExtendedKeyUsage`, or
/// the extension is absent, which is when `named` is empty.
///
/// # Errors
///
/// [`KeyUsageProblem::Demanded`] with the first that it does not allow.
pub fn allows(named: &[Oid], wanted: &BTreeSet<Oid>) -> Result<(), KeyUsageProblem> {
    if named.is_empty() || named.contains(&oid::EKU_ANY) {
        return Ok(());
    }
    // What stands for identifiers that cannot be held is none that anybody can ask for.
    let named: BTreeSet<&Oid> = named.iter().filter(|named| **named != oid::UNREADABLE).collect();
    wanted
        .iter()
        .find(|wanted| !named.contains(wanted))
        .map_or(Ok(()), |lacking| Err(KeyUsageProblem::Demanded(*lacking)))
}

/// What extended key usage says about the two purposes.
#[derive(Clone, Copy)]
enum Extended {
    /// Nothing to do with applicants.
    Foreign,
    /// Which of emailProtection and clientAuth it has, at least one.
    Purposes { email: bool, client: bool },
    /// Absent, unlimited, or roles only: keyUsage decides.
    Silent,
}

impl Extended {
    fn of<S: AsRef<str>>(oids: &[S]) -> Self {
        let has = |wanted: &str| oids.iter().any(|oid| oid.as_ref() == wanted);
        let (email, client) = (has(EMAIL_PROTECTION), has(CLIENT_AUTH));
        if has(ANY) || oids.is_empty() {
            Self::Silent
        } else if email || client {
            Self::Purposes { email, client }
        } else if oids.iter().any(|oid| oid.as_ref().starts_with(KAZAKH_ARC)) {
            Self::Silent
        } else {
            Self::Foreign
        }
    }
}

fn sign(bits: u16, extended: Extended) -> Result<(), KeyUsageProblem> {
    const NEEDED: u16 = DIGITAL_SIGNATURE | NON_REPUDIATION;
    match extended {
        Extended::Foreign => Err(KeyUsageProblem::Foreign),
        _ if bits & NEEDED != NEEDED => Err(KeyUsageProblem::Bits),
        Extended::Purposes { email: false, .. } => Err(KeyUsageProblem::Extended),
        Extended::Purposes { .. } | Extended::Silent => Ok(()),
    }
}

fn authenticate(bits: u16, extended: Extended) -> Result<(), KeyUsageProblem> {
    let agrees = bits & (KEY_ENCIPHERMENT | KEY_AGREEMENT) != 0;
    // One key for both since 2022: all three kinds of bits, and emailProtection only.
    let single_key = agrees && bits & NON_REPUDIATION != 0;
    match extended {
        Extended::Foreign => Err(KeyUsageProblem::Foreign),
        _ if bits & DIGITAL_SIGNATURE == 0 || !agrees => Err(KeyUsageProblem::Bits),
        Extended::Purposes { client: false, .. } if !single_key => Err(KeyUsageProblem::Extended),
        Extended::Purposes { .. } | Extended::Silent => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first octet of the BIT STRING, as certificates are usually described.
    fn octet(first: u8) -> Option<u16> {
        Some(u16::from(first.reverse_bits()))
    }

    const PERSON: &str = "1.2.398.3.3.4.1.1";
    const SYSTEM: &str = "1.2.398.3.3.4.1.2.6";
    const TREASURY: &str = "1.2.398.5.19.1.2.2.1";
    const OCSP: &str = "1.3.6.1.5.5.7.3.9";
    const TIMESTAMP: &str = "1.3.6.1.5.5.7.3.8";
    const SERVER: &str = "1.3.6.1.5.5.7.3.1";

    #[test]
    fn every_era_allows_what_it_was_issued_for() {
        use KeyUsageProblem::{Bits, Extended};
        for (era, first, extended, sign, authenticate) in [
            ("RSA signing", 0xc0, &[EMAIL_PROTECTION, PERSON][..], Ok(()), Err(Bits)),
            ("RSA log-in", 0xa0, &[CLIENT_AUTH, PERSON], Err(Bits), Ok(())),
            ("2022 single key", 0xe0, &[EMAIL_PROTECTION, PERSON], Ok(()), Ok(())),
            ("2023 single key", 0xc8, &[EMAIL_PROTECTION, PERSON], Ok(()), Ok(())),
            ("digital system", 0xc8, &[SYSTEM], Ok(()), Ok(())),
            ("old digital system", 0xc0, &["1.2.398.3.3.4.1.2"], Ok(()), Err(Bits)),
            ("client of the Treasury", 0xc8, &[TREASURY, EMAIL_PROTECTION], Ok(()), Ok(())),
            ("accredited authority, no extended key usage", 0xc8, &[], Ok(()), Ok(())),
            ("unlimited", 0xc8, &[ANY], Ok(()), Ok(())),
            ("log-in only by extended key usage", 0xe0, &[CLIENT_AUTH], Err(Extended), Ok(())),
            ("signing only by extended key usage", 0xa0, &[EMAIL_PROTECTION], Err(Bits), Err(Extended)),
        ] {
            assert_eq!(verdict(octet(first), extended, Purpose::Sign), sign, "{era}");
            assert_eq!(verdict(octet(first), extended, Purpose::Authenticate), authenticate, "{era}");
            let any = verdict(octet(first), extended, Purpose::Any);
            assert_eq!(any.is_ok(), sign.is_ok() || authenticate.is_ok(), "{era}");
        }
    }

    #[test]
    fn certificates_of_the_infrastructure_are_no_applicants() {
        for purpose in [Purpose::Sign, Purpose::Authenticate, Purpose::Any] {
            for extended in [&[OCSP][..], &[TIMESTAMP], &[OCSP, TIMESTAMP], &[SERVER], &["1.2.3.4"]] {
                assert_eq!(verdict(octet(0xc8), extended, purpose), Err(KeyUsageProblem::Foreign), "{extended:?}");
            }
            for first in [0x06, 0xc6, 0xcc, 0xca] {
                assert_eq!(verdict::<&str>(octet(first), &[], purpose), Err(KeyUsageProblem::Authority));
            }
            assert_eq!(verdict(None, &[EMAIL_PROTECTION], purpose), Err(KeyUsageProblem::Absent));
            assert!(verdict(Some(0), &[EMAIL_PROTECTION], purpose).is_err());
        }
    }

    #[test]
    fn usages_that_a_question_names_have_to_be_allowed_one_by_one() {
        let set = |names: &[&str]| names.iter().map(|name| Oid::new(name).unwrap()).collect::<Vec<_>>();
        let allows = |named: &[&str], wanted: &[&str]| allows(&set(named), &set(wanted).into_iter().collect());
        let lacks = |usage: &str| Err(KeyUsageProblem::Demanded(Oid::new(usage).unwrap()));
        for (named, wanted, expected) in [
            (&[SERVER][..], &[SERVER][..], Ok(())),
            (&[CLIENT_AUTH, SERVER], &[SERVER], Ok(())),
            (&[CLIENT_AUTH, SERVER], &[SERVER, CLIENT_AUTH], Ok(())),
            (&[], &[SERVER, OCSP], Ok(())),
            (&[ANY], &[SERVER, OCSP], Ok(())),
            (&[CLIENT_AUTH, ANY], &[SERVER], Ok(())),
            (&[SERVER], &[], Ok(())),
            (&[CLIENT_AUTH], &[SERVER], lacks(SERVER)),
            (&[SERVER], &[SERVER, CLIENT_AUTH], lacks(CLIENT_AUTH)),
            (&[SERVER], &[ANY], lacks(ANY)),
            (&[ANY], &[ANY], Ok(())),
            (&["1.3.6.1.5.5.7.3"], &[SERVER], lacks(SERVER)),
            (&["1.3.6.1.5.5.7.3.1.1"], &[SERVER], lacks(SERVER)),
            // 2.25 stands for every identifier that is too long to hold.
            (&["2.25"], &["2.25"], lacks("2.25")),
        ] {
            assert_eq!(allows(named, wanted), expected, "{named:?} {wanted:?}");
        }
    }

    #[test]
    fn a_look_alike_of_the_kazakh_arc_is_foreign() {
        for oid in ["1.2.3980.1", "11.2.398.1", "1.2.398"] {
            assert_eq!(verdict(octet(0xc8), &[oid], Purpose::Sign), Err(KeyUsageProblem::Foreign), "{oid}");
        }
    }
}
