//! The holders' certificates, good and odd.

use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::extension::Extension;
use rastau_mint::hash::Hash;
use rastau_mint::key::Key;
use rastau_mint::{der, identity, name, profile};

use crate::authorities::Authorities;

/// A holder's certificate as a file.
pub struct Leaf {
    pub name: &'static str,
    /// What it is, and what is odd about it.
    pub what: &'static str,
    /// Contents of its serial number.
    pub serial: Vec<u8>,
    pub der: Vec<u8>,
}

impl Leaf {
    pub fn path(&self) -> String {
        path(self.name)
    }
}

/// Where a leaf's file is.
pub fn path(name: &str) -> String {
    format!("testdata/demo/{name}.pem")
}

/// The individual most certificates are about.
pub fn holder() -> String {
    identity::iin("650615", false, 1)
}

/// Another individual: the wrong applicant.
pub fn other_holder() -> String {
    identity::iin("720301", true, 7)
}

/// The head of the organisation.
pub fn head() -> String {
    identity::iin("580922", false, 11)
}

/// The organisation.
pub fn organisation() -> String {
    identity::bin("6004", 1)
}

/// Another organisation: the wrong applicant.
pub fn other_organisation() -> String {
    identity::bin("6709", 5)
}

/// The authorised person of the provider.
pub const OFFICIAL: &str = "official";

/// The private key of the authorised person, which everybody may have: PKCS#8 in PEM.
pub fn official_key() -> String {
    rastau_mint::pem::encode("PRIVATE KEY", &Key::gost512(&format!("rastau demo pki 1: {OFFICIAL}")).pkcs8())
}

/// Makes one leaf after another for one authority.
struct Press<'a> {
    issuer: &'a Authority,
    leaves: Vec<Leaf>,
}

impl Press<'_> {
    /// A leaf whose key follows from its file's name, issued as it is.
    fn gost(&mut self, name: &'static str, what: &'static str, builder: CertificateBuilder) {
        self.issue(name, what, builder.key(&Key::gost512(&format!("rastau demo pki 1: {name}"))));
    }

    fn issue(&mut self, name: &'static str, what: &'static str, builder: CertificateBuilder) {
        let builder = self.issuer.prepare(builder);
        self.keep(name, what, &builder, builder.sign(&self.issuer.key));
    }

    fn keep(&mut self, name: &'static str, what: &'static str, builder: &CertificateBuilder, der: Vec<u8>) {
        self.leaves.push(Leaf { name, what, serial: builder.serial_contents(), der });
    }
}

pub fn mint(authorities: &Authorities) -> Vec<Leaf> {
    let mut leaves = individuals(&authorities.issuing_gost);
    leaves.extend(organisations(&authorities.issuing_gost));
    leaves.extend(odd(&authorities.issuing_gost));
    leaves.extend(rsa(&authorities.issuing_rsa));
    leaves.extend(elsewhere(authorities));
    leaves
}

fn individuals(issuer: &Authority) -> Vec<Leaf> {
    let mut press = Press { issuer, leaves: Vec::new() };
    let individual = || CertificateBuilder::individual(&holder());
    press.gost("individual-valid", "individual, profile of 2026", individual());
    press.gost("individual-revoked", "individual; in the list since 2025-12-10, keyCompromise", individual());
    press.gost("individual-on-hold", "individual; in the list since 2025-12-11, certificateHold", individual());
    press.gost(
        "individual-expired",
        "individual, profile of 2022 (keyUsage e0); valid in 2022 only",
        individual().replace(Extension::key_usage(0xe0)).valid("2022-01-01T00:00:00Z", "2023-01-01T00:00:00Z"),
    );
    press.gost(
        "individual-not-yet-valid",
        "individual; valid in 2049 only",
        individual().valid("2049-01-01T00:00:00Z", "2049-12-31T23:59:59Z"),
    );
    press.leaves
}

fn organisations(issuer: &Authority) -> Vec<Leaf> {
    let mut press = Press { issuer, leaves: Vec::new() };
    let (head, bin) = (head(), organisation());
    let employee = identity::iin("810417", true, 21);
    let signatory = identity::iin("900108", false, 31);
    press.gost("legal-head-valid", "head of an organisation", CertificateBuilder::legal_head(&head, &bin));
    press.gost(
        "legal-head-revoked",
        "head of an organisation; in the list since 2022-05-20, affiliationChanged",
        CertificateBuilder::legal_head(&head, &bin),
    );
    press.gost(
        "legal-employee-valid",
        "employee of an organisation",
        CertificateBuilder::legal_employee(&employee, &bin),
    );
    press.gost(
        "right-to-sign-valid",
        "employee with the right to sign; extKeyUsage critical, keyUsage not critical",
        CertificateBuilder::right_to_sign(&signatory, &bin),
    );
    let official = identity::iin("700214", true, 41);
    let subject =
        profile::person_of(&official, &bin).replace(name::COMMON_NAME, der::utf8("DEMO OFFICIAL (PUBLIC KEY)"));
    press.gost(
        OFFICIAL,
        "the demo's authorised person, who signs licences that are worth nothing; the key is beside it",
        CertificateBuilder::right_to_sign(&official, &bin).subject(&subject),
    );
    press.gost(
        "digital-system-valid",
        "digital system of an organisation: UID, no IIN, no emailProtection",
        CertificateBuilder::digital_system(&bin),
    );
    press.leaves
}

fn odd(issuer: &Authority) -> Vec<Leaf> {
    let mut press = Press { issuer, leaves: Vec::new() };
    let iin = holder();
    let individual = || CertificateBuilder::individual(&iin);

    let tampered = "tampered-signature";
    let builder = issuer.prepare(individual().key(&Key::gost512(&format!("rastau demo pki 1: {tampered}"))));
    let broken = builder.sign_and_tamper(&issuer.key, |signature| signature[0] ^= 1);
    press.keep(tampered, "individual; one bit of the signature is wrong", &builder, broken);

    // U+0406 is the Ukrainian and Kazakh letter that looks like a Latin I.
    let look_alike = profile::person(&iin).replace(name::SERIAL_NUMBER, der::utf8(&format!("\u{406}\u{406}N{iin}")));
    press.gost(
        "look-alike-iin",
        "individual; the letters before the number are Cyrillic (U+0406 twice), in a UTF8String",
        individual().subject(&look_alike),
    );
    let two = profile::person(&iin).printable(name::SERIAL_NUMBER, &format!("IIN{}", other_holder()));
    press.gost("two-iins", "individual; two SERIALNUMBERs with different IINs", individual().subject(&two));
    press.gost(
        "unknown-critical-extension",
        "individual; a critical extension of the example arc, 2.999.1",
        individual().with(Extension::unknown().critical()),
    );
    press.leaves
}

fn rsa(issuer: &Authority) -> Vec<Leaf> {
    let mut press = Press { issuer, leaves: Vec::new() };
    let iin = holder();
    press.issue(
        "rsa-individual-sign",
        "individual, RSA signing profile of 2022 (keyUsage c0)",
        CertificateBuilder::rsa_sign_2022(&iin),
    );
    press.issue(
        "rsa-individual-auth",
        "individual, RSA authentication profile of 2022 (keyUsage a0, clientAuth)",
        CertificateBuilder::rsa_auth_2022(&iin),
    );
    let Key::Rsa(key, _) = &issuer.key else { unreachable!("the RSA authority has an RSA key") };
    let sha1 = Key::Rsa(key.clone(), Hash::Sha1);
    let builder = issuer.prepare(CertificateBuilder::rsa_sign_2022(&iin).serial(&[0x11; 20]));
    let der = builder.sign(&sha1);
    press.keep(
        "rsa-individual-sha1",
        "individual; signed by the RSA CA with SHA-1, which is refused by name",
        &builder,
        der,
    );
    press.leaves
}

fn elsewhere(authorities: &Authorities) -> Vec<Leaf> {
    let individual = || CertificateBuilder::individual(&holder());
    let mut stranger = Press { issuer: &authorities.stranger, leaves: Vec::new() };
    stranger.gost("stranger-individual", "individual; issued by the stranger's root", individual());
    let mut revoked = Press { issuer: &authorities.revoked, leaves: Vec::new() };
    revoked.gost(
        "individual-of-revoked-authority",
        "individual; the CA that issued it is itself revoked",
        individual(),
    );
    stranger.leaves.into_iter().chain(revoked.leaves).collect()
}
