//! `/v1/journal`: what was decided and signed.

use std::sync::Arc;

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::json;
use super::licences::Place;
use crate::crypto::hexadecimal;
use crate::http::app::AppState;
use crate::http::extract::FileName;
use crate::http::problem::Problem;
use crate::journal::{Entry, Journal, JournalError, Wanted};
use crate::service::signing::SigningFault;

/// Entries in one answer, at most.
const MOST: usize = 1000;
/// Entries in one answer, usually.
const USUAL: usize = 100;

/// An entry of the journal.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct JournalEntry {
    /// Number, from 1, without gaps.
    sequence: u64,
    /// SHA-256 over `previous` and `entry`, in hexadecimal.
    hash: String,
    /// Hash of the entry before; zeros for the first.
    previous: String,
    /// The entry: the canonical text that is hashed, a JSON object.
    #[schema(value_type = Object)]
    entry: Box<RawValue>,
}

/// Several entries.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct Entries {
    /// In order.
    entries: Vec<JournalEntry>,
    /// To be sent as `after` for the next ones; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<u64>,
}

/// The end of the chain.
#[derive(Serialize, ToSchema)]
pub(in crate::http) struct Head {
    /// The last entry; null before the first.
    head: Option<Place>,
}

/// Which entries are wanted.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(in crate::http) struct Which {
    /// Only entries after this one.
    #[serde(default)]
    after: u64,
    /// At most so many, up to 1000.
    #[serde(default)]
    limit: Option<usize>,
    /// Only this event, such as `signed`.
    #[serde(default)]
    event: Option<String>,
}

fn journal(state: &AppState) -> Result<&Arc<dyn Journal>, Problem> {
    state
        .recorder
        .journal()
        .ok_or_else(|| Problem::from(SigningFault::Journal(JournalError::Unavailable("it is switched off".to_owned()))))
}

fn fault(error: JournalError) -> Problem {
    Problem::from(SigningFault::Journal(error))
}

fn shown(entry: Entry) -> Result<JournalEntry, Problem> {
    Ok(JournalEntry {
        sequence: entry.receipt.sequence,
        hash: hexadecimal(&entry.receipt.hash),
        previous: hexadecimal(&entry.previous),
        entry: RawValue::from_string(entry.canonical).map_err(|_| Problem::internal())?,
    })
}

/// Entries of the journal, in order.
#[utoipa::path(get, path = "/v1/journal", tag = "journal", params(Which),
    responses(
        (status = 200, body = Entries),
        (status = 422, description = "A parameter cannot be used", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The journal is not there", body = Problem, content_type = "application/problem+json"),
    ))]
pub(in crate::http) async fn list_entries(
    State(state): State<AppState>,
    which: Result<Query<Which>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, Problem> {
    let Query(which) = which.map_err(|error| Problem::bad_query(error.body_text()))?;
    let limit = which.limit.unwrap_or(USUAL).clamp(1, MOST);
    let wanted = Wanted { after: which.after, limit, event: which.event };
    let entries = journal(&state)?.entries(wanted).await.map_err(fault)?;
    let next = entries.last().filter(|_| entries.len() == limit).map(|entry| entry.receipt.sequence);
    let entries = entries.into_iter().map(shown).collect::<Result<_, _>>()?;
    Ok(json(StatusCode::OK, &Entries { entries, next }))
}

/// The end of the chain: keep it elsewhere, and nobody can cut the journal short unnoticed.
#[utoipa::path(get, path = "/v1/journal/head", tag = "journal",
    responses(
        (status = 200, body = Head),
        (status = 503, description = "The journal is not there", body = Problem, content_type = "application/problem+json"),
    ))]
pub(in crate::http) async fn journal_head(State(state): State<AppState>) -> Result<Response, Problem> {
    let head = journal(&state)?.head().await.map_err(fault)?;
    Ok(json(StatusCode::OK, &Head { head: head.map(Place::from) }))
}

/// One entry.
#[utoipa::path(get, path = "/v1/journal/{sequence}", tag = "journal",
    params(("sequence" = u64, Path, description = "Number of the entry")),
    responses(
        (status = 200, body = JournalEntry),
        (status = 404, description = "No such entry", body = Problem, content_type = "application/problem+json"),
        (status = 503, description = "The journal is not there", body = Problem, content_type = "application/problem+json"),
    ))]
pub(in crate::http) async fn get_entry(
    State(state): State<AppState>,
    FileName(sequence): FileName,
) -> Result<Response, Problem> {
    let sequence: u64 = sequence.parse().map_err(|_| Problem::no_such_entry())?;
    let entry = journal(&state)?.entry(sequence).await.map_err(fault)?.ok_or_else(Problem::no_such_entry)?;
    Ok(json(StatusCode::OK, &shown(entry)?))
}
