//! A certificate as `inspect` shows it.

use serde::Serialize;

use super::super::output::{Clean, GOOD, HEADING, Hex, Output, Styled, UNSURE, field};
use super::extension::{self, ExtensionView};
use crate::clock::Time;
use crate::subject::{self, Subject};
use crate::x509::{Certificate, Name};

/// Octets of a serial number that RFC 5280 section 4.1.2.2 allows.
const MAX_SERIAL: usize = 20;

/// Everything a certificate says.
#[derive(Serialize)]
pub struct CertificateView {
    version: u8,
    serial_number: String,
    subject: NameView,
    issuer: NameView,
    not_before: Time,
    not_after: Time,
    period: &'static str,
    signature_algorithm: String,
    key_algorithm: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    key_sha256: Option<String>,
    sha256: String,
    bytes: usize,
    identity: IdentityView,
    extensions: Vec<ExtensionView>,
    warnings: Vec<String>,
}

/// A distinguished name.
#[derive(Serialize)]
struct NameView {
    dn: String,
    attributes: Vec<AttributeView>,
}

/// One attribute of a name.
#[derive(Serialize)]
struct AttributeView {
    oid: String,
    string: String,
    value: String,
}

/// Whom the certificate names, read by the Kazakh profile.
#[derive(Serialize)]
struct IdentityView {
    #[serde(skip_serializing_if = "Option::is_none")]
    iin: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bin: Option<String>,
    roles: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    system: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    defect: Option<String>,
}

impl CertificateView {
    /// Everything `certificate` says; `now` only for where its period lies.
    pub fn of(certificate: &Certificate, now: Time) -> Self {
        let subject = Subject::of(certificate);
        let validity = certificate.validity();
        Self {
            version: certificate.version(),
            serial_number: certificate.serial_number().to_string(),
            subject: NameView::of(certificate.subject()),
            issuer: NameView::of(certificate.issuer()),
            not_before: validity.not_before,
            not_after: validity.not_after,
            period: if validity.contains(now) {
                "current"
            } else if now < validity.not_before {
                "not begun"
            } else {
                "over"
            },
            signature_algorithm: match certificate.signature_algorithm() {
                Ok(algorithm) => algorithm.name().to_owned(),
                Err(refused) => format!("{} (not allowed)", refused.name.unwrap_or(&refused.oid)),
            },
            key_algorithm: match certificate.public_key() {
                Ok(key) => key.algorithm().to_string(),
                Err(error) => format!("unusable: {error}"),
            },
            key_sha256: certificate.public_key().ok().map(|key| Hex(key.spki_sha256()).to_string()),
            sha256: Hex(certificate.sha256()).to_string(),
            bytes: certificate.as_der().len(),
            warnings: warnings(certificate, &subject),
            identity: IdentityView {
                iin: subject.iin().map(|number| number.as_str().to_owned()),
                bin: subject.bin().map(|number| number.as_str().to_owned()),
                roles: subject.roles().iter().map(|role| role.as_str()).collect(),
                system: subject.system().map(str::to_owned),
                email: subject::email(certificate).map(str::to_owned),
                defect: subject.defect().map(|defect| defect.to_string()),
            },
            extensions: certificate
                .extensions()
                .all
                .iter()
                .map(|(id, critical)| ExtensionView {
                    oid: id.to_string(),
                    name: extension::name(id),
                    critical: *critical,
                    value: extension::value(certificate, id),
                })
                .collect(),
        }
    }

    /// For people.
    pub fn print(&self, output: &mut Output) {
        output.line(Styled(HEADING, format_args!("Certificate (version {}, {} bytes)", self.version, self.bytes)));
        field(output, "subject", &self.subject.dn);
        field(output, "issuer", &self.issuer.dn);
        field(output, "serial number", &self.serial_number);
        field(output, "valid", &format!("{} to {} ({})", self.not_before, self.not_after, self.period));
        field(output, "signature", &self.signature_algorithm);
        field(output, "key", &self.key_algorithm);
        if let Some(key) = &self.key_sha256 {
            field(output, "key SHA-256", key);
        }
        field(output, "SHA-256", &self.sha256);
        self.print_identity(output);
        extension::print(output, &self.extensions);
        for warning in &self.warnings {
            output.line(format_args!("{} {}", Styled(UNSURE, "warning:"), Clean(warning)));
        }
    }

    fn print_identity(&self, output: &mut Output) {
        let identity = &self.identity;
        output.line(Styled(HEADING, "Identity"));
        for (name, value) in [
            ("IIN", &identity.iin),
            ("BIN", &identity.bin),
            ("system", &identity.system),
            ("e-mail", &identity.email),
            ("unusable", &identity.defect),
        ] {
            if let Some(value) = value {
                field(output, name, value);
            }
        }
        if !identity.roles.is_empty() {
            output.line(format_args!("  {:<14}{}", "roles", Styled(GOOD, identity.roles.join(", "))));
        }
        if identity.iin.is_none() && identity.bin.is_none() && identity.defect.is_none() {
            output.line("  no identity number");
        }
    }
}

impl NameView {
    fn of(name: &Name) -> Self {
        Self {
            dn: name.to_string(),
            attributes: name
                .attributes()
                .map(|attribute| AttributeView {
                    oid: attribute.oid.to_string(),
                    string: format!("{:?}", attribute.kind),
                    value: attribute.value.to_string(),
                })
                .collect(),
        }
    }
}

/// What a reader should know that is no reason to call the file malformed.
fn warnings(certificate: &Certificate, subject: &Subject) -> Vec<String> {
    let mut found = Vec::new();
    let serial = certificate.serial_number();
    if serial.is_negative() {
        found.push("the serial number is negative".to_owned());
    }
    if serial.as_bytes().len() > MAX_SERIAL {
        found.push(format!("the serial number is longer than {MAX_SERIAL} octets"));
    }
    if certificate.subject().is_empty() {
        found.push("the subject is empty".to_owned());
    }
    for id in &certificate.extensions().unhandled_critical {
        found.push(format!("critical extension {id} is not processed: every chain through this is refused"));
    }
    if let Some(iin) = subject.iin() {
        found.extend(iin.warnings().map(|warning| format!("IIN: {warning}")));
    }
    if let Some(bin) = subject.bin() {
        found.extend(bin.warnings().map(|warning| format!("BIN: {warning}")));
    }
    if let Some(defect) = subject.defect() {
        found.push(format!("the subject matches nobody: {defect}"));
    }
    found
}
