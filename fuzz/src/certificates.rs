//! Certificates around an extension or a time, so that the fuzzer need not keep the rest whole.

use std::sync::OnceLock;

use rastau::x509::Certificate;
use rastau_mint::certificate::{CertificateBuilder, assemble};
use rastau_mint::der;
use rastau_mint::extension::Extension;
use rastau_mint::key::Key;
use rastau_mint::name::Name;

/// Types that are read, and one that is not.
const TYPES: &[&str] = &[
    "2.5.29.9",
    "2.5.29.14",
    "2.5.29.15",
    "2.5.29.16",
    "2.5.29.17",
    "2.5.29.18",
    "2.5.29.19",
    "2.5.29.30",
    "2.5.29.31",
    "2.5.29.32",
    "2.5.29.33",
    "2.5.29.35",
    "2.5.29.36",
    "2.5.29.37",
    "2.5.29.46",
    "2.5.29.54",
    "1.3.6.1.5.5.7.1.1",
    "1.3.6.1.5.5.7.1.3",
    "1.3.6.1.5.5.7.48.1.5",
    "1.2.398.3.3.3.1",
];

fn key() -> &'static Key {
    static KEY: OnceLock<Key> = OnceLock::new();
    KEY.get_or_init(|| Key::p256("fuzz"))
}

/// A certificate without extensions, under a signature that is none: nobody asks here.
fn certificate(change: impl FnOnce(CertificateBuilder) -> CertificateBuilder) -> Vec<u8> {
    static BASE: OnceLock<CertificateBuilder> = OnceLock::new();
    let base = BASE.get_or_init(|| {
        let builder = CertificateBuilder::new(&Name::authority("FUZZ"), key());
        let issuer = builder.subject.clone();
        CertificateBuilder { issuer, extensions: Vec::new(), ..builder }
    });
    let builder = change(base.clone());
    assemble(&builder.tbs(key()), &key().algorithm_identifier(), &[0x30, 0x06, 2, 1, 1, 2, 1, 1])
}

/// The type, whether it is critical, the value: one extension, and the same twice.
pub fn extensions(data: &[u8]) {
    let Some((&[kind, flags], value)) = data.split_first_chunk() else { return };
    let extension = Extension::new(TYPES[usize::from(kind) % TYPES.len()], value.to_vec());
    let extension = if flags & 1 == 0 { extension.not_critical() } else { extension.critical() };
    let read = Certificate::from_der(&certificate(|builder| builder.with(extension.clone())));
    if let Ok(read) = &read {
        let extensions = read.extensions();
        let _ = format!("{extensions:?}");
        let unhandled = extensions.unhandled_critical.len();
        assert!(unhandled <= usize::from(flags & 1), "only what is critical can be critical and unknown");
    }
    let twice = certificate(|builder| builder.with(extension.clone()).with(extension));
    assert!(Certificate::from_der(&twice).is_err(), "no extension stands twice (RFC 5280 section 4.2)");
}

/// Any octets as `notBefore`, in both types: what is read is what the digits say.
pub fn time(data: &[u8]) {
    for tag in [0x17, 0x18] {
        let encoded = der::tlv(tag, data);
        let Ok(read) =
            Certificate::from_der(&certificate(|builder| CertificateBuilder { not_before: encoded, ..builder }))
        else {
            continue;
        };
        let civil = read.validity().not_before.civil();
        let four = if tag == 0x18 {
            format!("{:04}", civil.year)
        } else {
            assert!((1950..2050).contains(&civil.year), "two digits of a year mean 1950 to 2049");
            format!("{:02}", civil.year % 100)
        };
        let (month, day) = (civil.month, civil.day);
        let digits = format!("{four}{month:02}{day:02}{:02}{:02}{:02}Z", civil.hour, civil.minute, civil.second);
        assert_eq!(std::str::from_utf8(data), Ok(digits.as_str()), "there is one way to write a moment in DER");
    }
}
