//! The certificate profiles of the Kazakh National CA, with invented holders: what a test starts from and then bends.
//!
//! The key of a holder follows from the profile and the identity number, so that two builders of the same holder agree;
//! give [`CertificateBuilder::key`] another for a second certificate of the same holder.

use crate::certificate::CertificateBuilder;
use crate::extension::Extension;
use crate::key::Key;
use crate::name::{self, Name};

/// extKeyUsage emailProtection: signing.
pub const EMAIL_PROTECTION: &str = "1.3.6.1.5.5.7.3.4";
/// extKeyUsage clientAuth: authentication, in the RSA pairs until 2024.
pub const CLIENT_AUTHENTICATION: &str = "1.3.6.1.5.5.7.3.2";
/// Role: an individual.
pub const INDIVIDUAL: &str = "1.2.398.3.3.4.1.1";
/// Role: someone of a legal entity.
pub const LEGAL_ENTITY: &str = "1.2.398.3.3.4.1.2";
/// Role: the head of a legal entity.
pub const HEAD: &str = "1.2.398.3.3.4.1.2.1";
/// Role: an employee with the right to sign.
pub const RIGHT_TO_SIGN: &str = "1.2.398.3.3.4.1.2.2";
/// Role: an employee.
pub const EMPLOYEE: &str = "1.2.398.3.3.4.1.2.5";
/// Role: a digital system of a legal entity.
pub const DIGITAL_SYSTEM: &str = "1.2.398.3.3.4.1.2.6";
/// The policy that certificates since 2022 carry.
pub const POLICY: &str = "1.2.398.3.3.2";
/// The policy of an individual's signing certificate until 2024.
pub const POLICY_INDIVIDUAL_SIGN: &str = "1.2.398.3.3.2.3";
/// The policy of an individual's authentication certificate until 2024.
pub const POLICY_INDIVIDUAL_AUTHENTICATION: &str = "1.2.398.3.3.2.4";

/// Where the minted certificates say their practice statement is; `.invalid` never resolves (RFC 6761).
const PRACTICE_STATEMENT: &str = "http://demo.invalid/cps";

impl CertificateBuilder {
    /// A root CA of the 2022 shape: `CN, C=KZ`, keyCertSign + cRLSign and CA critical, no pathLen, policy 1.2.398.3.1.2.
    pub fn root_ca(common_name: &str, key: &Key) -> CertificateBuilder {
        CertificateBuilder::new(&Name::authority(common_name), key)
            .authority(None)
            .with(Extension::certificate_policies(&["1.2.398.3.1.2"], PRACTICE_STATEMENT))
    }

    /// An issuing CA of the 2022 shape, policy 1.2.398.3.3.2.
    pub fn issuing_ca(common_name: &str, key: &Key) -> CertificateBuilder {
        CertificateBuilder::new(&Name::authority(common_name), key)
            .authority(None)
            .with(Extension::certificate_policies(&[POLICY], PRACTICE_STATEMENT))
    }

    /// An individual, 2026.
    pub fn individual(iin: &str) -> CertificateBuilder {
        leaf(&person(iin), &Key::gost512(&format!("individual {iin}")), &[EMAIL_PROTECTION, INDIVIDUAL])
    }

    /// The head of a legal entity, 2026.
    pub fn legal_head(iin: &str, bin: &str) -> CertificateBuilder {
        employee_of("head", iin, bin, HEAD)
    }

    /// An employee of a legal entity, 2026.
    pub fn legal_employee(iin: &str, bin: &str) -> CertificateBuilder {
        employee_of("employee", iin, bin, EMPLOYEE)
    }

    /// An employee with the right to sign, in the profile where extKeyUsage is critical and keyUsage is not.
    pub fn right_to_sign(iin: &str, bin: &str) -> CertificateBuilder {
        let purposes = [EMAIL_PROTECTION, LEGAL_ENTITY, RIGHT_TO_SIGN];
        employee_of("right to sign", iin, bin, RIGHT_TO_SIGN)
            .replace(Extension::extended_key_usage(&purposes).critical())
            .replace(Extension::key_usage(0xc8).not_critical())
    }

    /// A digital system of a legal entity: UID with the system's OID, no IIN, no surname, no emailProtection.
    pub fn digital_system(bin: &str) -> CertificateBuilder {
        let subject = Name::new()
            .utf8(name::USER_ID, "1.2.398.6.999.1")
            .utf8(name::COMMON_NAME, "ҮЛГІ АЖ \"ДЕМО\"")
            .country("KZ")
            .utf8(name::ORGANISATION, "\"ҮЛГІ ДЕМО\" ЖШС")
            .utf8(name::ORGANISATIONAL_UNIT, &format!("BIN{bin}"));
        leaf(&subject, &Key::gost512(&format!("system {bin}")), &[LEGAL_ENTITY, DIGITAL_SYSTEM])
    }

    /// An individual's RSA signing certificate of 2022: keyUsage c0, per-purpose policy.
    pub fn rsa_sign_2022(iin: &str) -> CertificateBuilder {
        leaf(&person(iin), &Key::rsa("rsa subject: sign"), &[EMAIL_PROTECTION, INDIVIDUAL])
            .replace(Extension::key_usage(0xc0))
            .replace(Extension::certificate_policies(&[POLICY_INDIVIDUAL_SIGN], PRACTICE_STATEMENT))
    }

    /// An individual's RSA authentication certificate of 2022: keyUsage a0, clientAuth, per-purpose policy.
    pub fn rsa_auth_2022(iin: &str) -> CertificateBuilder {
        leaf(&person(iin), &Key::rsa("rsa subject: authenticate"), &[CLIENT_AUTHENTICATION, INDIVIDUAL])
            .replace(Extension::key_usage(0xa0))
            .replace(Extension::certificate_policies(&[POLICY_INDIVIDUAL_AUTHENTICATION], PRACTICE_STATEMENT))
    }
}

/// The subject of an individual, in the order the National CA writes: CN, SURNAME, SERIALNUMBER, C, G (the patronymic).
pub fn person(iin: &str) -> Name {
    Name::new()
        .utf8(name::COMMON_NAME, "ҮЛГІБАЕВ ҮЛГІ")
        .utf8(name::SURNAME, "ҮЛГІБАЕВ")
        .printable(name::SERIAL_NUMBER, &format!("IIN{iin}"))
        .country("KZ")
        .utf8(name::GIVEN_NAME, "ҮЛГІҰЛЫ")
}

/// The subject of someone of a legal entity: the same with O and OU before G.
pub fn person_of(iin: &str, bin: &str) -> Name {
    person(iin)
        .without(name::GIVEN_NAME)
        .utf8(name::ORGANISATION, "\"ҮЛГІ ДЕМО\" ЖШС")
        .utf8(name::ORGANISATIONAL_UNIT, &format!("BIN{bin}"))
        .utf8(name::GIVEN_NAME, "ҮЛГІҰЛЫ")
}

fn employee_of(label: &str, iin: &str, bin: &str, role: &str) -> CertificateBuilder {
    let key = Key::gost512(&format!("{label} {iin} {bin}"));
    leaf(&person_of(iin, bin), &key, &[EMAIL_PROTECTION, LEGAL_ENTITY, role])
}

/// What all leaves of 2026 share: keyUsage c8 critical, purposes, policy, key in a PKCS#12 file.
fn leaf(subject: &Name, key: &Key, purposes: &[&str]) -> CertificateBuilder {
    CertificateBuilder::new(subject, key)
        .with(Extension::extended_key_usage(purposes))
        .with(Extension::certificate_policies(&[POLICY], PRACTICE_STATEMENT))
        .with(Extension::key_usage(0xc8))
        .with(Extension::key_storage("1.2.398.3.3.5.1.1"))
}
