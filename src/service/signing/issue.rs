//! The steps of one signature, and what is written down about it.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::fault::SigningFault;
use super::fitness::{Fit, fit_key};
use super::kept::{Issued, IssuedSummary};
use super::making::{self, Task};
use super::original::{self, Made};
use super::register::Entry;
use super::self_check::{Expected, self_check};
use super::{Desk, PATIENCE};
use crate::journal::{Answer, AnswerKey, Event, Identity, JournalError, Receipt, Record};
use crate::service::Asker;
use crate::service::recording::evidence_of;
use crate::verdict::{Language, SignatureReport};

/// What runs through the steps of one order.
pub(super) struct Job {
    pub task: Task,
    pub entry: Arc<Entry>,
    pub language: Language,
    pub key: AnswerKey,
    pub request: [u8; 32],
    pub document: [u8; 32],
    pub asker: Asker,
    /// The waiting request that this settles, and who approved it.
    pub approved: Option<([u8; 16], Option<Arc<str>>)>,
}

impl Desk {
    /// The steps of a signature: fit key, draft and timestamp, self-check, answer put away, entry.
    pub(super) async fn issue(&self, job: &Job) -> Result<Issued, SigningFault> {
        let terms = &job.task.terms;
        job.entry.official.may_sign(terms.kind, &terms.service, &terms.media_type, job.task.at)?;
        // First of all: what cannot be written down is not signed.
        self.journal()?.head().await?;
        let fit = fit_key(self.service(), &job.entry, job.language).await?;
        // Held until the result is verified: more would wait in each other's way.
        let place = tokio::time::timeout(PATIENCE, Arc::clone(&self.places).acquire_owned()).await;
        let _place = place.map_err(|_elapsed| SigningFault::Busy)?.map_err(|_closed| SigningFault::Internal)?;
        let outcome = making::make(self, &job.task, &fit).await?;
        let made = Arc::new(outcome.made);
        let content = match (terms.detached, terms.add) {
            (true, false) => Some(Arc::clone(&job.task.original)),
            (true, true) => job.task.content.clone(),
            (false, _) => None,
        };
        let certificate = fit.open.signer.certificate().clone();
        let expected =
            Expected { certificate, stamped: outcome.stamped, value: outcome.value, language: job.language, content };
        let report = self_check(self.service(), Arc::clone(&made), terms, expected).await?;
        let made = Arc::into_inner(made).ok_or(SigningFault::Internal)?;
        self.release(job, &fit, &report, (made, outcome.warnings)).await
    }

    async fn release(
        &self,
        job: &Job,
        fit: &Fit,
        report: &SignatureReport,
        (made, warnings): (Made, Vec<String>),
    ) -> Result<Issued, SigningFault> {
        let stamp = report.timestamp.as_ref().and_then(|stamp| stamp.gen_time);
        let facts = IssuedSummary {
            certificate: STANDARD.encode(fit.open.signer.certificate().as_der()),
            signed_at: stamp.unwrap_or(job.task.at),
            level: report.verified_level.unwrap_or(report.level).to_owned(),
            demo: job.entry.demo,
            warnings,
        };
        let (shelf, key, told) = (self.shelf.clone(), job.key, facts.clone());
        let kept = tokio::task::spawn_blocking(move || {
            let signed = original::digest(made.document())?;
            shelf.keep(key, &made, &told).map(|body| (body, made, signed))
        });
        let kept = kept.await.map_err(|_panicked| SigningFault::Internal)?;
        let (body, made, signed) = kept.map_err(|error| super::not_kept(&error))?;
        let mut record = self.record(job, Event::Signed);
        record.digests.push(("signed-document", signed));
        record.digests.push(("certificate", *fit.open.signer.certificate().sha256()));
        record.evidence = evidence_of(&fit.report);
        record.evidence.extend(evidence_of(&report.report));
        record.evidence.sort_unstable();
        record.evidence.dedup();
        record.decision = Some(report.report.decision().as_str());
        record.details.push(("key", fit.key.id().to_owned()));
        record.details.push(("level", facts.level.clone()));
        record.details.push(("signed-at", facts.signed_at.to_string()));
        if facts.demo {
            record.details.push(("demo", "true".to_owned()));
        }
        record.answer = Some(Answer { key: job.key, request: job.request, body });
        let receipt = self.append(record).await?;
        Ok(Issued { document: made, facts, receipt, replayed: false })
    }

    /// Writes down that nothing was signed; an alarm where our own check failed.
    pub(super) async fn refused(&self, job: &Job, fault: &SigningFault) {
        if let SigningFault::SelfCheck(why) = fault {
            tracing::error!(
                official = job.entry.official.id,
                why,
                "ALARM: a signature of our own did not pass the check; nothing was released"
            );
        }
        if !fault.is_recorded() {
            return;
        }
        let mut record = self.record(job, Event::SigningRefused);
        record.decision = Some("refused");
        record.details.push(("code", fault.code().to_owned()));
        if let Err(error) = self.append(record).await {
            tracing::error!(%error, "that a signature was refused is not in the journal");
        }
    }

    pub(super) fn record(&self, job: &Job, event: Event) -> Record {
        let terms = &job.task.terms;
        let mut record = self.parts.recorder.plain(event, job.task.at, &job.asker);
        record.digests.push(("document", job.document));
        record.identities.push(Identity { role: "holder", number: terms.holder.clone() });
        record.details.extend([
            ("official", terms.official.clone()),
            ("kind", terms.kind.as_str().to_owned()),
            ("service", terms.service.clone()),
            ("number", terms.number.clone()),
            ("format", terms.format.as_str().to_owned()),
            ("media-type", terms.media_type.clone()),
        ]);
        if let Some((id, second)) = &job.approved {
            record.settles = (event == Event::Signed).then_some(*id);
            let did = match event {
                Event::Signed => "approved-by",
                Event::ApprovalWithheld => "withheld-by",
                _ => "second-person",
            };
            record.details.push((did, second.as_deref().unwrap_or_default().to_owned()));
        }
        record
    }

    pub(super) async fn append(&self, record: Record) -> Result<Receipt, SigningFault> {
        match self.journal()?.append(record).await {
            Err(JournalError::Settled) => Err(SigningFault::ApprovalUnknown),
            other => Ok(other?),
        }
    }
}
