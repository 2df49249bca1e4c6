//! For operators: liveness, readiness, metrics.

use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::app::AppState;
use super::v1::json;
use crate::clock::Time;
use crate::observe::{ListGauges, OcspCounts, RefreshCounts};
use crate::revocation::ocsp::OcspFigures;
use crate::revocation::{ListState, Outcomes};
use crate::service::Readiness;

/// That the process lives.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// Always `ok`.
    #[schema(value_type = String)]
    status: &'static str,
    /// Version of the program.
    #[schema(value_type = String)]
    version: &'static str,
}

/// Liveness: the process answers.
#[utoipa::path(get, path = "/healthz", tag = "operation", responses((status = 200, body = Health)))]
pub(super) async fn health() -> Response {
    json(StatusCode::OK, &Health { status: "ok", version: crate::VERSION })
}

/// Readiness: whether checks can be answered well, with reasons when not.
#[utoipa::path(get, path = "/readyz", tag = "operation", responses(
    (status = 200, body = Readiness), (status = 503, body = Readiness, description = "Not ready, with reasons"),
))]
pub(super) async fn readiness(State(state): State<AppState>) -> Response {
    let readiness = effective_readiness(&state);
    let status = if readiness.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let mut response = json(status, &readiness);
    if !readiness.ready {
        response.headers_mut().insert(header::RETRY_AFTER, 1.into());
    }
    response
}

fn effective_readiness(state: &AppState) -> Readiness {
    let mut readiness = state.service.readiness();
    if state.draining.load(Ordering::Relaxed) {
        readiness.ready = false;
        readiness.reasons.push("shutting down".to_owned());
    }
    readiness
}

/// Metrics in the text format of Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "operation", responses(
    (status = 200, body = String, content_type = "application/openmetrics-text"),
))]
pub(super) async fn metrics(State(state): State<AppState>) -> Response {
    let readiness = effective_readiness(&state);
    let service = &state.service;
    let now = service.now();
    let lists: Vec<_> = service
        .revocation()
        .into_iter()
        .map(|list| ListGauges {
            age_seconds: list.this_update.map(|this| now.seconds_since(this)),
            alarm: service.is_required(&list) && list.is_alarming(now),
            last_success: list.last_success.map(Time::unix_seconds),
            state: list.state.as_str(),
            seconds_to_next_update: list.next_update.map(|next| next.seconds_since(now)),
            entries: list.entries.unwrap_or_default(),
            fresh: matches!(list.state, ListState::Due | ListState::Fresh),
            issuer: list.issuer.unwrap_or_default(),
            source: list.source,
        })
        .collect();
    let (certificates, paths) = service.cached();
    state.metrics.set_cached(certificates, paths);
    let counts = |(source, outcomes): (String, Outcomes)| RefreshCounts {
        source,
        successes: outcomes.successes,
        failures: outcomes.failures.iter().map(|(cause, count)| (cause.as_str(), *count)).collect(),
    };
    let refreshes: Vec<_> = service.refreshes().into_iter().map(counts).collect();
    state.metrics.set_refreshes(&refreshes);
    state.metrics.set_ocsp(&ocsp(service.ocsp_figures()));
    state.metrics.set_state(&lists, readiness.ready, readiness.demo);
    let officials = state.desk.officials();
    let keys = officials.iter().flat_map(|official| official.keys.iter().map(move |key| (official, key)));
    let days = keys.filter_map(|(official, key)| Some((official.id.as_str(), key.id.as_str(), key.days_left?)));
    state.metrics.set_officials(days);
    if let Some(journal) = state.recorder.journal() {
        state.metrics.set_journal(journal.is_open());
    }
    let content_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    ([(header::CONTENT_TYPE, content_type)], state.metrics.text()).into_response()
}

/// The sums over the clients that ask responders.
fn ocsp(figures: Vec<OcspFigures>) -> OcspCounts {
    let mut sum = OcspCounts::default();
    for one in figures {
        sum.asked += one.asked;
        sum.cache_hits += one.cache_hits;
        sum.requests += one.requests;
        sum.answers += one.answers;
        sum.breakers_opened += one.breakers_opened;
        for (cause, count) in one.failures {
            match sum.failures.iter_mut().find(|(known, _)| *known == cause.as_str()) {
                Some((_, known)) => *known += count,
                None => sum.failures.push((cause.as_str(), count)),
            }
        }
    }
    sum
}
