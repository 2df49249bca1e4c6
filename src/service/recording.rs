//! Decisions on their way into the journal: what is kept of a report.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::access::{RefusalSink, Refused};
use crate::clock::{Clock, Time};
use crate::config::Recording;
use crate::crypto::from_hexadecimal;
use crate::journal::{Event, Identity, Journal, JournalError, Record};
use crate::verdict::{DocumentReport, Evidence, Report};

/// Who asked.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Asker {
    /// The name of the client in the configuration; none where nobody has to say.
    pub client: Option<Arc<str>>,
    /// Of the request.
    pub request_id: Option<String>,
}

/// A decision about documents.
#[derive(Debug)]
pub struct Decided<'a> {
    /// What was asked.
    pub event: Event,
    /// When it was decided.
    pub at: Time,
    /// `accepted`, `refused`, `undetermined`.
    pub decision: &'static str,
    /// Why not accepted.
    pub code: Option<&'static str>,
    /// What was found about each document.
    pub documents: Vec<&'a DocumentReport>,
    /// The numbers that the request named.
    pub identities: Vec<Identity>,
    /// What else is to be kept, fixed in kind.
    pub details: Vec<(&'static str, String)>,
}

/// Writes decisions down.
#[derive(Clone)]
pub struct Recorder {
    journal: Option<Arc<dyn Journal>>,
    clock: Option<Arc<dyn Clock>>,
    checks: Recording,
    /// Buffered decisions that were not taken.
    lost: Arc<AtomicU64>,
    policy: Arc<str>,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Recorder").field("checks", &self.checks).finish_non_exhaustive()
    }
}

impl Recorder {
    /// Writes nothing.
    #[must_use]
    pub fn none() -> Self {
        Self { journal: None, clock: None, checks: Recording::Off, lost: Arc::default(), policy: Arc::from("") }
    }

    /// Writes into a journal; certificate checks as told. `policy` names the rules in force.
    #[must_use]
    pub fn new(journal: Arc<dyn Journal>, clock: Arc<dyn Clock>, checks: Recording, policy: &str) -> Self {
        Self { journal: Some(journal), clock: Some(clock), checks, lost: Arc::default(), policy: Arc::from(policy) }
    }

    /// The journal, if there is one.
    #[must_use]
    pub fn journal(&self) -> Option<&Arc<dyn Journal>> {
        self.journal.as_ref()
    }

    /// Writes a certificate check down, as configured.
    ///
    /// # Errors
    ///
    /// [`JournalError`] where checks have to be durable; buffered ones only complain in the log.
    pub async fn certificate(
        &self,
        report: &Report,
        identities: Vec<Identity>,
        asker: &Asker,
    ) -> Result<(), JournalError> {
        if self.checks == Recording::Off || self.journal.is_none() {
            return Ok(());
        }
        let mut record = self.record(Event::CertificateChecked, report, asker);
        record.identities = identities;
        self.write(record).await
    }

    /// Writes the verification of a document or a log-in down, as configured for checks.
    ///
    /// # Errors
    ///
    /// As [`Self::certificate`].
    pub async fn document(&self, decided: Decided<'_>, asker: &Asker) -> Result<(), JournalError> {
        if self.checks == Recording::Off || self.journal.is_none() {
            return Ok(());
        }
        self.write(self.decided(decided, asker)).await
    }

    /// Writes the decision about a submission down; durable when this resolves.
    ///
    /// # Errors
    ///
    /// [`JournalError`]: the decision is not to be answered then.
    pub async fn submission(&self, decided: Decided<'_>, asker: &Asker) -> Result<(), JournalError> {
        let Some(journal) = &self.journal else { return Ok(()) };
        journal.append(self.decided(decided, asker)).await.map(|_receipt| ())
    }

    async fn write(&self, record: Record) -> Result<(), JournalError> {
        let Some(journal) = &self.journal else { return Ok(()) };
        if self.checks == Recording::Durable {
            return journal.append(record).await.map(|_receipt| ());
        }
        if let Err(error) = journal.append_soon(record) {
            let lost = self.lost.fetch_add(1, Ordering::Relaxed) + 1;
            // Told more and more seldom: whoever floods the journal must not flood the log as well.
            if lost.is_power_of_two() {
                tracing::warn!(%error, lost, "decisions are not in the journal: more come than the disk takes");
            }
        }
        Ok(())
    }

    fn decided(&self, decided: Decided<'_>, asker: &Asker) -> Record {
        let mut record = self.plain(decided.event, decided.at, asker);
        record.decision = Some(decided.decision);
        let reports = decided.documents.iter().flat_map(|report| report.signatures());
        for signature in reports {
            record.digests.extend(certificate_digest(&signature.report));
            record.evidence.extend(evidence_of(&signature.report));
        }
        record.evidence.sort_unstable();
        record.evidence.dedup();
        record.identities = decided.identities;
        record.details.extend(decided.code.map(|code| ("code", code.to_owned())));
        record.details.extend(decided.details);
        record
    }

    /// A record of a report.
    pub(super) fn record(&self, event: Event, report: &Report, asker: &Asker) -> Record {
        let mut record = self.plain(event, report.checked_at(), asker);
        record.decision = Some(report.decision().as_str());
        record.digests.extend(certificate_digest(report));
        record.evidence = evidence_of(report);
        if let Some(refusal) = report.refusal() {
            record.details.push(("code", refusal.code.as_str().to_owned()));
        }
        if report.at() != report.checked_at() {
            record.details.push(("at", report.at().to_string()));
        }
        record
    }

    /// A record of something that no report is about.
    pub(super) fn plain(&self, event: Event, at: Time, asker: &Asker) -> Record {
        let mut record = Record::new(event, at);
        record.client = asker.client.as_deref().map(str::to_owned);
        record.request_id = asker.request_id.clone();
        record.details.push(("policy", self.policy.to_string()));
        record
    }
}

impl RefusalSink for Recorder {
    fn refused(&self, refused: &Refused<'_>) {
        let (Some(journal), Some(clock)) = (&self.journal, &self.clock) else { return };
        let asker = Asker { client: refused.client.map(Arc::from), request_id: Some(refused.request_id.to_owned()) };
        let mut record = self.plain(Event::AccessRefused, clock.now(), &asker);
        record.details.extend([
            ("code", refused.cause.as_str().to_owned()),
            ("method", refused.method.to_owned()),
            ("route", refused.route.to_owned()),
        ]);
        if refused.suppressed > 0 {
            record.details.push(("suppressed", refused.suppressed.to_string()));
        }
        if let Err(error) = journal.append_soon(record) {
            tracing::warn!(%error, "a refusal is not in the journal");
        }
    }
}

/// The numbers that a request names, for a record.
#[must_use]
pub fn named(role: &'static str, iin: Option<&str>, bin: Option<&str>) -> Vec<Identity> {
    let numbers = iin.into_iter().chain(bin);
    numbers.map(|number| Identity { role, number: number.trim().to_owned() }).collect()
}

fn certificate_digest(report: &Report) -> Option<(&'static str, [u8; 32])> {
    Some(("certificate", from_hexadecimal(&report.certificate()?.sha256)?))
}

/// The digests of the lists and responses that a report relied on.
pub(super) fn evidence_of(report: &Report) -> Vec<[u8; 32]> {
    let evidence = report.checks().iter().filter_map(|check| check.evidence.as_ref());
    let revocation = evidence.filter_map(|evidence| match evidence {
        Evidence::Revocation(revocation) => Some(revocation),
        _ => None,
    });
    let mut digests = Vec::new();
    for certificate in revocation.flat_map(|revocation| revocation.certificates()) {
        for source in certificate.source.iter().chain(&certificate.beside) {
            digests.extend(from_hexadecimal(&source.sha256));
            digests.extend(source.delta.as_ref().and_then(|delta| from_hexadecimal(&delta.sha256)));
        }
    }
    digests.sort_unstable();
    digests.dedup();
    digests
}
