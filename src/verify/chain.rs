//! Paths from a certificate to an anchor, with the parts of the answer that never change.

use super::policies;
use crate::crypto::{SignatureAlgorithm, hexadecimal};
use crate::trust::{Path, Paths};
use crate::verdict::{AnchorEvidence, PathCertificate, PathEvidence, Shared};
use crate::x509::Certificate;

/// One path and its description.
pub struct Chain {
    path: Path,
    evidence: Shared<PathEvidence>,
    /// Subject and serial number of every certificate, then the anchor's, for people.
    labels: Vec<Label>,
}

/// How a certificate is named in evidence.
#[derive(Clone)]
pub(super) struct Label {
    pub(super) subject: Shared<str>,
    pub(super) serial_number: Shared<str>,
}

impl std::fmt::Debug for Label {
    /// Without name and serial number: they are a person's.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Label")
    }
}

/// The paths found for one certificate, in order of preference; never empty.
#[derive(Debug)]
pub struct Chains(Vec<Chain>);

impl From<&Paths> for Chains {
    fn from(paths: &Paths) -> Self {
        Self(paths.iter().cloned().map(Chain::new).collect())
    }
}

impl Chains {
    /// The paths.
    pub fn iter(&self) -> impl Iterator<Item = &Chain> {
        self.0.iter()
    }

    /// Roughly the bytes they hold beyond the certificates, for bounding a cache.
    #[must_use]
    pub fn weight(&self) -> usize {
        self.0.iter().map(|chain| 512 + chain.labels.len() * 512).sum()
    }
}

impl std::fmt::Debug for Chain {
    /// Without the evidence, which names people.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Chain").field("path", &self.path).field("labels", &self.labels).finish_non_exhaustive()
    }
}

impl Chain {
    fn new(path: Path) -> Self {
        let label = |certificate: &Certificate| Label {
            subject: certificate.subject().to_string().into(),
            serial_number: certificate.serial_number().to_string().into(),
        };
        let labels: Vec<Label> = path.certificates().iter().chain([path.anchor().certificate()]).map(label).collect();
        let evidence = PathEvidence {
            certificates: path
                .certificates()
                .iter()
                .zip(&labels)
                .map(|(certificate, label)| PathCertificate {
                    subject: label.subject.clone(),
                    sha256: hexadecimal(certificate.sha256()).into(),
                })
                .collect(),
            anchor: AnchorEvidence {
                subject: path.anchor().certificate().subject().to_string().into(),
                sha256: hexadecimal(path.anchor().certificate().sha256()).into(),
                demo: path.anchor().is_demo(),
            },
            policies: policies::names(path.policies()),
        };
        Self { path, evidence: Shared::new(evidence), labels }
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its description for the report.
    pub(super) fn evidence(&self) -> &Shared<PathEvidence> {
        &self.evidence
    }

    /// How each certificate is named, the anchor last.
    pub(super) fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// The algorithm of the holder's certificate; none when the certificate is the anchor itself.
    pub(super) fn leaf_algorithm(&self) -> Option<SignatureAlgorithm> {
        self.path.certificates().first().and_then(|leaf| leaf.signature_algorithm().ok())
    }
}
