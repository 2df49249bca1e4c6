//! The response to a challenge: is it this challenge that was signed, and by whom?

use std::io;

use serde::Deserialize;
use utoipa::ToSchema;

use super::challenges::Challenge;
use super::document::DocumentRequest;
use super::verify_document::{OpenedDocument, PreparedDocument};
use super::{FieldError, RequestError, Service};
use crate::document;
use crate::policy::{Policy, Purpose, RevocationRule};
use crate::signed::{Detached, Document, Format};
use crate::verdict::LogInReport;

/// The signature over a challenge.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChallengeResponse {
    /// CMS over the text, attached or detached, or the XML document with an enveloped signature: base64; PEM and XML also as
    /// they are.
    pub signature: String,
    /// `cms` or `xml`; found out from the bytes when absent.
    #[serde(default)]
    pub format: Option<String>,
    /// The origin of the site that was logged in to; when given it has to be that of the challenge.
    #[serde(default)]
    pub origin: Option<String>,
    /// What the certificate has to be good for; `authenticate` when absent, `any` for sites that let people log in with
    /// their signing certificates of before 2022.
    #[serde(default)]
    pub purpose: Option<Purpose>,
    /// `kk`, `ru` or `en`.
    #[serde(default)]
    pub language: Option<String>,
}

impl std::fmt::Debug for ChallengeResponse {
    /// The size at most.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ChallengeResponse({})", self.signature.len())
    }
}

/// A response whose fields are parsed, with the challenge that it is for.
#[derive(Debug)]
pub struct PreparedLogIn {
    challenge: Challenge,
    question: PreparedDocument,
    origin_fits: bool,
}

impl PreparedLogIn {
    /// The question about the signed document.
    #[must_use]
    pub const fn question(&self) -> &PreparedDocument {
        &self.question
    }
}

impl Service {
    /// Parses a response before its challenge is taken: a mistake in a field uses nothing up. Revocation is always required.
    ///
    /// # Errors
    ///
    /// [`RequestError`] naming every field that cannot be used.
    pub fn prepare_response(&self, response: &ChallengeResponse) -> Result<PreparedDocument, RequestError> {
        let purpose = response.purpose.unwrap_or(Purpose::Authenticate);
        if response.format.as_deref().is_some_and(|format| format != "cms" && format != "xml") {
            let error = FieldError::new("format", "unknown-format", "not a format of responses", "use cms or xml");
            return Err(RequestError { errors: vec![error], malformed: false });
        }
        let request = DocumentRequest {
            format: response.format.clone(),
            purpose: Some(purpose),
            language: response.language.clone(),
            ..DocumentRequest::default()
        };
        let policy = Policy { revocation: RevocationRule::Required, ..self.policy_for(purpose) };
        self.prepare_document_under(&request, policy)
    }

    /// Puts a parsed response beside its challenge.
    #[must_use]
    pub fn prepare_log_in(
        &self,
        response: &ChallengeResponse,
        question: PreparedDocument,
        challenge: Challenge,
    ) -> PreparedLogIn {
        let origin_fits = response.origin.as_ref().is_none_or(|origin| *origin == challenge.origin);
        let question = question.claiming(challenge.claim());
        PreparedLogIn { challenge, question, origin_fits }
    }

    /// The first step: reading and cryptography. Not for the async threads.
    ///
    /// # Errors
    ///
    /// None for bytes in memory but those of the reader.
    pub fn open_response(&self, prepared: &PreparedLogIn, signature: &[u8]) -> io::Result<OpenedDocument> {
        // The text is part of the question to CMS, attached or detached. An enveloped signature brings its own document.
        let text = match document::detect(signature) {
            Some(Format::Xml) => Detached::Absent,
            _ => Detached::Bytes(prepared.challenge.text.as_bytes()),
        };
        self.open_document(&prepared.question, &self.grounds, Document::Bytes(signature), text)
    }

    /// The last step: judging.
    #[must_use]
    pub fn judge_response(&self, prepared: &PreparedLogIn, signature: &[u8], opened: OpenedDocument) -> LogInReport {
        let challenge = &prepared.challenge;
        let expected = [challenge.text.as_bytes(), challenge.xml.as_bytes()];
        let signed = prepared.origin_fits && opened.signs_once(signature, &expected);
        let language = prepared.question.language();
        let report = self.judge_document(&prepared.question, &self.grounds, opened);
        LogInReport::conclude(report, signed, challenge.origin.clone(), language)
    }
}
