//! Forms with documents: a document, its content, the question.

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, header};
use serde::de::DeserializeOwned;

use super::stored::{Added, WriteProblem};
use super::{Deadline, Multipart, Stored, Writing};
use crate::http::app::AppState;
use crate::http::extract;
use crate::http::fairness::Placed;
use crate::http::problem::Problem;
use crate::service::signing::SignRequest;
use crate::service::{DocumentRequest, FieldError, RequestError};

/// Largest question beside a document.
const MAX_QUESTION: u64 = 64 * 1024;

/// Largest of what is between the parts.
const MAX_BETWEEN: u64 = 64 * 1024;

/// What arrived.
pub(in crate::http) struct DocumentForm<Q> {
    pub(in crate::http) document: Stored,
    pub(in crate::http) content: Option<Stored>,
    /// The question, if the part is there.
    pub(in crate::http) request: Option<Q>,
    /// A place among those who write to the disk, where one was needed.
    pub(in crate::http) place: Option<UploadPlace>,
}

/// A place among those who write to the disk.
pub(in crate::http) type UploadPlace = Placed;

/// The fields of a JSON call that are parts of their own in a form.
pub(in crate::http) trait Question: DeserializeOwned {
    /// Whether a document or its content is among the fields.
    fn brings_documents(&self) -> bool;
}

impl Question for DocumentRequest {
    fn brings_documents(&self) -> bool {
        !self.document.is_empty() || self.content.is_some()
    }
}

impl Question for SignRequest {
    fn brings_documents(&self) -> bool {
        !self.document.is_empty() || self.content.is_some()
    }
}

impl<Q: Question> DocumentForm<Q> {
    /// Reads the form.
    pub(in crate::http) async fn read(state: &AppState, headers: &HeaderMap, body: Body) -> Result<Self, Problem> {
        let most = state.limits.max_document_bytes.saturating_mul(2).saturating_add(MAX_QUESTION + MAX_BETWEEN);
        extract::check_headers(headers, usize::try_from(most).unwrap_or(usize::MAX))?;
        let content_type = headers.get(header::CONTENT_TYPE).map(HeaderValue::to_str);
        let deadline = Deadline::starting(state.limits.request_timeout);
        let form = content_type.and_then(Result::ok).and_then(|text| Multipart::new(text, body, deadline));
        let Some(mut form) = form else {
            return Err(Problem::media_type("send content-type: multipart/form-data; boundary=…"));
        };
        let (mut document, mut content, mut request) = (None, None, None);
        let mut place = None;
        while let Some(part) = form.next_part().await? {
            let (slot, limit) = match part.name.as_str() {
                "document" => (&mut document, state.limits.max_document_bytes),
                "content" => (&mut content, state.limits.max_document_bytes),
                "request" => (&mut request, MAX_QUESTION),
                _ => return Err(unusable("(part)", "unknown-field", "a part of another name", PARTS)),
            };
            if slot.is_some() {
                return Err(unusable(&part.name, "duplicate-field", "the part is there twice", "Send the part once"));
            }
            *slot = Some(receive(state, &mut form, limit, &mut place).await?);
        }
        let Some(document) = document else {
            return Err(unusable("document", "missing-field", "the part is missing", PARTS));
        };
        if document.len() == 0 {
            return Err(unusable("document", "missing-field", "the part is empty", "Send the document"));
        }
        let request = match &request {
            None => None,
            Some(Stored::Memory { bytes, .. }) => Some(question(bytes)?),
            // Not reached: questions are smaller than what goes to the disk.
            Some(Stored::File { .. }) => return Err(Problem::internal()),
        };
        Ok(Self { document, content, request, place })
    }
}

const PARTS: &str = "The parts are document, content and request";

fn unusable(field: &str, code: &'static str, problem: &str, remedy: &str) -> Problem {
    Problem::fields(RequestError { errors: vec![FieldError::new(field, code, problem, remedy)], malformed: false })
}

/// The question: the fields of the JSON call but the two that are parts of their own.
fn question<Q: Question>(json: &[u8]) -> Result<Q, Problem> {
    let request: Q = extract::from_json(json).map_err(|problem| problem.within("request"))?;
    if request.brings_documents() {
        let remedy = "Send document and content as parts of their own";
        return Err(unusable("request", "conflict", "a document inside the question", remedy));
    }
    Ok(request)
}

/// Receives the contents of one part.
async fn receive(
    state: &AppState,
    form: &mut Multipart,
    limit: u64,
    place: &mut Option<UploadPlace>,
) -> Result<Stored, Problem> {
    let mut writing = Writing::new(limit, state.room.hold(), state.disk.hold());
    while let Some(piece) = form.piece().await? {
        let added = writing.add(&piece).map_err(|problem| refused(problem, limit))?;
        if added != Added::InMemory && place.is_none() {
            *place = Some(state.uploads.take()?);
        }
        if added == Added::ToBeWritten {
            writing = write(state, writing, limit).await?;
        }
    }
    if writing.is_gathering() {
        writing = write(state, writing, limit).await?;
    }
    Ok(writing.finish())
}

/// Writes what is gathered to the disk.
async fn write(state: &AppState, mut writing: Writing, limit: u64) -> Result<Writing, Problem> {
    let folder = state.clone();
    let task = tokio::task::spawn_blocking(move || {
        let written = writing.write(&folder.folder);
        (writing, written)
    });
    let (writing, written) = task.await.map_err(|_| Problem::internal())?;
    written.map_err(|problem| refused(problem, limit))?;
    Ok(writing)
}

fn refused(problem: WriteProblem, limit: u64) -> Problem {
    match problem {
        WriteProblem::TooLarge => Problem::too_large(usize::try_from(limit).unwrap_or(usize::MAX)),
        WriteProblem::NoRoom(problem) => problem,
        WriteProblem::Disk(error) => {
            tracing::error!(%error, "a document cannot be written to the data directory");
            Problem::internal()
        }
    }
}
