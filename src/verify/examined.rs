//! What a certificate says by itself, put once into the shapes of the report.

use std::collections::BTreeSet;

use crate::crypto::{KeyError, hexadecimal};
use crate::der::Oid;
use crate::subject::Subject;
use crate::verdict::{CertificateSummary, IssuerSummary, KeyUsageEvidence, Shared, SubjectSummary};
use crate::x509::{Certificate, oid};

/// A parsed certificate with everything about it that does not depend on the question.
#[derive(Debug)]
pub struct Examined {
    certificate: Certificate,
    subject: Subject,
    summary: Shared<CertificateSummary>,
    usages: Vec<String>,
}

impl Examined {
    /// Reads subject, roles and summary of `certificate`.
    #[must_use]
    pub fn new(certificate: Certificate) -> Self {
        let subject = Subject::of(&certificate);
        let summary = Shared::new(summarise(&certificate, &subject));
        let usages = certificate.extensions().extended_key_usage.iter().map(ToString::to_string).collect();
        Self { certificate, subject, summary, usages }
    }

    /// The certificate.
    #[must_use]
    pub fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// Whom it names.
    #[must_use]
    pub fn subject(&self) -> &Subject {
        &self.subject
    }

    /// The block of the report.
    #[must_use]
    pub fn summary(&self) -> &Shared<CertificateSummary> {
        &self.summary
    }

    /// Object identifiers of the extended key usage, in dotted form.
    #[must_use]
    pub fn usages(&self) -> &[String] {
        &self.usages
    }

    /// Evidence of the key-usage check, where these extended key usages were asked for beside the purpose.
    pub(super) fn key_usage_evidence(&self, purpose: &'static str, asked: &BTreeSet<Oid>) -> Shared<KeyUsageEvidence> {
        Shared::new(KeyUsageEvidence {
            purpose,
            asked: asked.iter().map(ToString::to_string).collect(),
            key_usage: self.certificate.extensions().key_usage.map(|usage| usage.names().collect()).unwrap_or_default(),
            extended_key_usage: self.usages.clone(),
        })
    }

    /// Roughly the bytes it holds, for bounding a cache.
    #[must_use]
    pub fn weight(&self) -> usize {
        // The DER, the parsed names and extensions and the summary each take about as much again.
        self.certificate.as_der().len() * 4 + 1024
    }
}

fn summarise(certificate: &Certificate, subject: &Subject) -> CertificateSummary {
    let name = certificate.subject();
    let first = |oid| name.first(oid).map(str::to_owned);
    let extensions = certificate.extensions();
    let roles = subject.roles().iter().map(|role| role.as_str().to_owned());
    CertificateSummary {
        subject: SubjectSummary {
            common_name: first(&oid::COMMON_NAME),
            surname: first(&oid::SURNAME),
            given_name: first(&oid::GIVEN_NAME),
            iin: subject.iin().map(|iin| iin.as_str().to_owned()),
            bin: subject.bin().map(|bin| bin.as_str().to_owned()),
            organisation: first(&oid::ORGANISATION),
            country: first(&oid::COUNTRY),
            dn: name.to_string(),
        },
        issuer: IssuerSummary {
            common_name: certificate.issuer().first(&oid::COMMON_NAME).map(str::to_owned),
            dn: certificate.issuer().to_string(),
        },
        serial_number: certificate.serial_number().to_string(),
        not_before: certificate.validity().not_before,
        not_after: certificate.validity().not_after,
        key_algorithm: match certificate.public_key() {
            Ok(key) => key.algorithm().to_string(),
            Err(KeyError::NotAllowed { oid, name }) => name.as_deref().unwrap_or(oid).to_owned(),
            Err(_) => "malformed".to_owned(),
        },
        key_usage: extensions.key_usage.map(|usage| usage.names().map(str::to_owned).collect()).unwrap_or_default(),
        roles: roles.collect(),
        policies: extensions.policies.iter().map(ToString::to_string).collect(),
        sha256: hexadecimal(certificate.sha256()),
    }
}
