//! Which algorithms a path and a signature rest on, at the moment asked about (`policy::algorithms`).

use super::chain::Chain;
use super::judge::{Findings, Question};
use crate::clock::Time;
use crate::crypto::{HashAlgorithm, SignatureAlgorithm};
use crate::policy::algorithms::{AlgorithmTable, AlgorithmUse, NotAccepted};
use crate::revocation::Accepts;
use crate::verdict::{Check, CheckName, CheckStatus, Reason};
use crate::x509::Certificate;

/// Every certificate's signature and key, the anchor's key included. Adds something only where one is not accepted: that
/// the holder's own key is of an accepted kind is told by a check of its own.
pub(super) fn check_chain(chain: &Chain, question: &Question<'_>, findings: &mut Findings) {
    let (path, table) = (chain.path(), &*question.policy.algorithms);
    // The anchor's own signature is not relied on.
    let anchor = path.anchor().certificate();
    let signed = path.certificates().iter().map(|certificate| (certificate, true)).chain([(anchor, false)]);
    for (depth, (certificate, is_signed)) in signed.enumerate() {
        if let Err(refusal) = of_certificate(table, certificate, (depth, is_signed), question.at) {
            let detail = format!("the certificate at depth {depth}: {refusal}");
            refuse(findings, detail, &refusal);
            return;
        }
    }
}

fn of_certificate(
    table: &AlgorithmTable,
    certificate: &Certificate,
    (depth, is_signed): (usize, bool),
    at: Time,
) -> Result<(), NotAccepted> {
    if let (true, Ok(algorithm)) = (is_signed, certificate.signature_algorithm()) {
        table.signature(algorithm, AlgorithmUse::Certificate, at)?;
    }
    // A key that cannot be read is refused elsewhere.
    let Ok(key) = certificate.public_key() else { return Ok(()) };
    let usage = if depth == 0 { AlgorithmUse::Signature } else { AlgorithmUse::Certificate };
    table.key(key.algorithm(), usage, at)
}

/// The algorithms that evidence about revocation may rest on: those of certificates, at the present. The same authorities
/// sign both.
pub(super) struct OfEvidence<'a> {
    pub(super) table: &'a AlgorithmTable,
    pub(super) present: Time,
}

/// Which algorithms evidence about revocation may rest on by the table, at a time.
pub fn evidence_by(table: &AlgorithmTable, present: Time) -> impl Accepts {
    OfEvidence { table, present }
}

impl Accepts for OfEvidence<'_> {
    fn signature(&self, algorithm: SignatureAlgorithm) -> bool {
        self.of_signature(algorithm).is_ok()
    }

    fn authority(&self, certificate: &Certificate) -> bool {
        self.of_authority(certificate).is_ok()
    }
}

impl OfEvidence<'_> {
    /// The certificate of an authority that signs such evidence, or of one above it.
    ///
    /// # Errors
    ///
    /// [`NotAccepted`].
    pub(super) fn of_authority(&self, certificate: &Certificate) -> Result<(), NotAccepted> {
        of_certificate(self.table, certificate, (1, true), self.present)
    }

    /// The signature of such evidence.
    ///
    /// # Errors
    ///
    /// [`NotAccepted`].
    pub(super) fn of_signature(&self, algorithm: SignatureAlgorithm) -> Result<(), NotAccepted> {
        self.table.signature(algorithm, AlgorithmUse::Certificate, self.present)
    }
}

/// The signature of a document or of a timestamp, and what it is over.
///
/// # Errors
///
/// [`NotAccepted`].
pub(super) fn of_signature(
    table: &AlgorithmTable,
    algorithm: SignatureAlgorithm,
    digest: Option<HashAlgorithm>,
    at: Time,
) -> Result<(), NotAccepted> {
    table.signature(algorithm, AlgorithmUse::Signature, at)?;
    digest.map_or(Ok(()), |digest| table.digest(digest, at))
}

/// Puts a refusal on the record, in the place of a check that the key alone has passed.
pub(super) fn refuse(findings: &mut Findings, detail: String, refusal: &NotAccepted) {
    findings.checks.retain(|check| check.name != CheckName::Algorithm || check.status != CheckStatus::Passed);
    let reason = Reason::algorithm_not_allowed(refusal.name.clone());
    findings.add(Check::failed(CheckName::Algorithm, detail), Some(reason));
}
