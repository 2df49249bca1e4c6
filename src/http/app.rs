//! A request on its way to the router and back: id, limits, time-out, panics, headers, metrics, access log.
//!
//! One function instead of a stack of tower layers: each layer would allocate a future for every request.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Request, Version, header};
use axum::response::{IntoResponse, Response};
use tower::Service as _;

use super::acts::Acts;
use super::answer::{self, Kept};
use super::asking::RequestId;
use super::connections::Busy;
use super::fairness::{Party, Places, Shares, Taken, Turns, share_of};
use super::host::Hosts;
use super::problem::{Problem, ProblemCode};
use super::received::Room;
use super::router::{self, Route};
use super::{extract, head};
use crate::access::Access;
use crate::clock::Time;
use crate::config::{Config, Http};
use crate::observe::{Metrics, is_sane_request_id, new_request_id};
use crate::revocation::Origin;
use crate::revocation::refresh::Refresher;
use crate::service::signing::Desk;
use crate::service::{Lists, MAX_CHALLENGES, Recorder, Service};
use crate::verdict::Language;

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Longest time for a form with documents.
const LONGEST_FORM: Duration = Duration::from_secs(24 * 3600);

/// Memory for answers about health and metrics, in octets: they have to be answered above all under load, and are small, so
/// that these are thousands.
const ESSENTIAL_ANSWERS: usize = 16 << 20;

/// Seconds between two refreshes asked for, from the end of the one to the start of the next.
const REFRESH_PAUSE: i64 = 30;

/// What handlers share.
#[derive(Clone)]
pub(super) struct AppState(Arc<Shared>);

pub(super) struct Shared {
    pub(super) service: Arc<Service>,
    pub(super) desk: Arc<Desk>,
    pub(super) recorder: Recorder,
    pub(super) metrics: Arc<Metrics>,
    pub(super) limits: Http,
    pub(super) default_language: Language,
    /// Set while the server drains: not ready any more, still answering.
    pub(super) draining: AtomicBool,
    refresher: Option<Arc<Refresher>>,
    refreshing: AtomicBool,
    /// When a refresh that was asked for last began or ended, in Unix seconds; zero for never.
    refreshed_at: AtomicI64,
    in_flight: Places,
    /// Memory for answers on their way.
    answers: Room,
    /// The same for calls to which the limit of requests does not apply.
    essential_answers: Room,
    pub(super) cores: Turns,
    /// Memory for documents.
    pub(super) room: Room,
    /// The disk for documents that are too large for that.
    pub(super) disk: Room,
    /// Places for requests that write documents to the disk.
    pub(super) uploads: Places,
    /// Of all challenges that may wait, those of one party.
    pub(super) challenge_shares: Shares,
    /// Cores for documents that are read as streams: never all of them.
    pub(super) streams: Turns,
    /// What a shutdown waits for although nobody may be connected any more.
    pub(super) acts: Acts,
    /// Where they write.
    pub(super) folder: PathBuf,
}

impl std::ops::Deref for AppState {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl AppState {
    /// Begins to fetch every list that comes from addresses, unless that is going on already; how many there are.
    ///
    /// Refused for [`REFRESH_PAUSE`] seconds after the last one: whoever can call this must not be able to make the
    /// service download a national list over and over.
    pub(super) fn begin_refresh(&self) -> Result<usize, Problem> {
        let (Some(refresher), Lists::Live(store)) = (&self.refresher, &self.service.grounds().lists) else {
            return Ok(0);
        };
        let sources: Vec<_> =
            store.sources().into_iter().filter(|source| matches!(source.origin(), Origin::Urls(_))).collect();
        let lists = sources.len();
        let now = self.service.now().unix_seconds();
        let since = now.saturating_sub(self.refreshed_at.load(Ordering::Relaxed));
        if lists > 0 && (0..REFRESH_PAUSE).contains(&since) && !self.refreshing.load(Ordering::Acquire) {
            return Err(Problem::too_soon(u32::try_from(REFRESH_PAUSE - since).unwrap_or(1)));
        }
        if lists > 0 && !self.refreshing.swap(true, Ordering::AcqRel) {
            self.refreshed_at.store(now, Ordering::Relaxed);
            let (done, refresher) = (Refreshing(self.clone()), Arc::clone(refresher));
            tokio::spawn(async move {
                let _until_the_end = done;
                for source in sources {
                    // The outcome is in the state of the list and in the log.
                    let _outcome = refresher.refresh(&source).await;
                }
            });
        }
        Ok(lists)
    }

    /// Runs work that takes milliseconds of computing away from the threads that serve connections, at most one piece
    /// for each core, those of different clients in turn. The turn goes with the work: a caller who gave up does not make room for more than runs.
    pub(super) async fn compute<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let turn = self.cores.take().await;
        let task = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            work()
        });
        task.await.map_err(|error| {
            if error.is_panic() {
                self.metrics.panicked();
                log_panic(&*error.into_panic());
            }
            Problem::internal()
        })
    }
}

/// A refresh that goes on; over when dropped, even by a panic.
struct Refreshing(AppState);

impl Drop for Refreshing {
    fn drop(&mut self) {
        // First, so that nobody finds the refresh over and the pause not begun.
        self.0.refreshed_at.store(self.0.service.now().unix_seconds(), Ordering::Relaxed);
        self.0.refreshing.store(false, Ordering::Release);
    }
}

/// What stands behind the HTTP face.
#[derive(Clone)]
pub struct Behind {
    /// Answers the questions.
    pub service: Arc<Service>,
    /// Where officials sign.
    pub desk: Arc<Desk>,
    /// Writes decisions down.
    pub recorder: Recorder,
    /// Counts.
    pub metrics: Arc<Metrics>,
    /// Fetches lists when `/v1/revocation/refresh` asks for it; `None` when no list comes from an address.
    pub refresher: Option<Arc<Refresher>>,
    /// Who may ask.
    pub access: Arc<Access>,
}

impl Behind {
    /// A service alone: nobody signs, nothing is written down, nothing is fetched.
    #[must_use]
    pub fn of(service: Arc<Service>, metrics: Arc<Metrics>) -> Self {
        let desk = Arc::new(Desk::empty(Arc::clone(&service)));
        Self { service, metrics, desk, recorder: Recorder::none(), refresher: None, access: Arc::default() }
    }
}

/// The HTTP face: everything but the listener. Cheap to clone.
#[derive(Clone)]
pub struct App {
    state: AppState,
    router: Router,
    access: Arc<Access>,
    hosts: Hosts,
}

impl std::fmt::Debug for App {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("App").finish_non_exhaustive()
    }
}

impl App {
    /// Puts the service behind its routes.
    pub fn new(config: &Config, behind: Behind) -> Self {
        let http = &config.http;
        let everybody = !behind.access.is_controlled();
        let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        let state = AppState(Arc::new(Shared {
            service: behind.service,
            desk: behind.desk,
            recorder: behind.recorder,
            metrics: behind.metrics,
            limits: http.clone(),
            default_language: config.policy.default_language,
            draining: AtomicBool::new(false),
            refresher: behind.refresher,
            refreshing: AtomicBool::new(false),
            refreshed_at: AtomicI64::new(0),
            in_flight: Places::of(http.concurrency, http.concurrency_per_client),
            answers: Room::for_answers(http.answer_memory_bytes),
            essential_answers: Room::for_answers(ESSENTIAL_ANSWERS),
            cores: Turns::of(cores),
            room: Room::of(http.document_memory_bytes, extract::memory_of(http.max_json_document_bytes)),
            disk: Room::of(http.document_disk_bytes, usize::try_from(http.max_document_bytes).unwrap_or(usize::MAX)),
            uploads: Places::of(http.uploads, share_of(http.uploads)),
            challenge_shares: Shares::of(share_of(MAX_CHALLENGES)),
            streams: Turns::of((cores / 2).max(1)),
            acts: Acts::default(),
            folder: config.data.directory.clone(),
        }));
        let hosts = Hosts::new(&http.hosts, everybody);
        Self { router: router::router(state.clone()), state, access: behind.access, hosts }
    }

    pub(super) fn metrics(&self) -> &Metrics {
        &self.state.metrics
    }

    pub(super) fn access(&self) -> &Access {
        &self.access
    }

    pub(super) fn now(&self) -> Time {
        self.state.service.now()
    }

    pub(super) fn limits(&self) -> &Http {
        &self.state.limits
    }

    pub(super) fn acts(&self) -> &Acts {
        &self.state.acts
    }

    /// From now on the service says that it is not ready.
    pub(super) fn drain(&self) {
        self.state.draining.store(true, Ordering::Relaxed);
    }

    /// Answers a request; every failure is an answer too.
    pub async fn respond(&self, request: Request<Body>) -> Response {
        self.respond_over(None, request).await
    }

    /// Answers a request that came over a connection, which is busy until the last octet of the answer is gone.
    pub(super) async fn respond_over(&self, busy: Option<Busy>, mut request: Request<Body>) -> Response {
        let mut kept = Kept::of(busy);
        let started = Instant::now();
        let id = request_id(request.headers());
        let route = Route::of(request.uri().path());
        let method = method_name(request.method());
        request.extensions_mut().insert(RequestId(id.clone()));
        let admitted = head::check(&request)
            .and_then(|()| self.hosts.check(request.method(), request.uri(), request.headers()))
            .and_then(|()| self.admit(route, method, &id, &mut request));
        let party = Party::of(request.extensions());
        let mut response = party.answering(self.with_room(route, admitted, request, &mut kept)).await;
        complete_headers(response.headers_mut(), &id);
        let duration = started.elapsed();
        self.state.metrics.request_answered(route.template, response.status().as_u16(), duration);
        log_access(method, route, &response, duration, &id);
        answer::keeping(response, kept)
    }

    /// The answer to a request on a connection that has just lost its place: nothing was done, it may be asked again.
    pub(super) fn too_late(&self, request: &Request<Body>) -> Response {
        let (route, method) = (Route::of(request.uri().path()), method_name(request.method()));
        let id = request_id(request.headers());
        let mut response = Problem::overloaded().into_response();
        complete_headers(response.headers_mut(), &id);
        if request.version() < Version::HTTP_2 {
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        self.state.metrics.request_answered(route.template, response.status().as_u16(), Duration::ZERO);
        log_access(method, route, &response, Duration::ZERO, &id);
        response
    }

    /// The answer to a request, or why it was not let in; where there is no room for answers as much of it as takes none.
    async fn with_room(
        &self,
        route: Route,
        admitted: Result<(), Problem>,
        request: Request<Body>,
        kept: &mut Kept,
    ) -> Response {
        let no_room = |taken: Taken| {
            self.state.metrics.overloaded("answers");
            Problem::from(taken).into_response()
        };
        let (one_at_a_time, may_refuse) = (request.version() < Version::HTTP_2, !route.changes(request.method()));
        let answers = if route.limited { &self.state.answers } else { &self.state.essential_answers };
        let room = kept.room_for_some(answers);
        let response = match (admitted, room) {
            (Err(problem), _) => problem.into_response(),
            (Ok(()), Err(taken)) if !route.is_health() => no_room(taken),
            (Ok(()), _) => self.within_limits(route, request, kept).await,
        };
        match room {
            // Octets that came in have been given back by now.
            Ok(()) => match kept.room_for(&response, &self.state.room, may_refuse) {
                Ok(()) => response,
                Err(taken) => no_room(taken),
            },
            // Few octets, and one such answer a connection.
            Err(_) if one_at_a_time => response,
            Err(_) => answer::without_body(response),
        }
    }

    async fn within_limits(&self, route: Route, request: Request<Body>, kept: &mut Kept) -> Response {
        // Until the request is answered: whoever does not take the answer keeps nobody else from asking.
        let _place = match route.limited.then(|| self.state.in_flight.take()).transpose() {
            Ok(place) => place,
            Err(taken) => {
                let cause = if taken == Taken::All { "concurrency" } else { "concurrency-per-client" };
                self.state.metrics.overloaded(cause);
                return Problem::from(taken).into_response();
            }
        };
        kept.in_flight = Some(self.state.metrics.request_in_flight());
        self.answer(route, request).await
    }

    async fn answer(&self, route: Route, request: Request<Body>) -> Response {
        let is_form = route.takes_forms && extract::is_form(request.headers());
        let answer = without_panic(self.router.clone().call(request));
        // A form keeps its own time, which grows with what arrives; this only ends what forgets to.
        let limit = if is_form { LONGEST_FORM } else { self.state.limits.request_timeout };
        match tokio::time::timeout(limit, answer).await {
            Ok(Ok(Ok(response))) => response,
            Ok(Ok(Err(never))) => match never {},
            Ok(Err(panic)) => {
                self.state.metrics.panicked();
                log_panic(&*panic);
                Problem::internal().into_response()
            }
            Err(_elapsed) => {
                self.state.metrics.overloaded("timeout");
                Problem::timed_out().into_response()
            }
        }
    }
}

/// Runs a future to its end or to its panic. After a panic the future is dropped; what handlers share is immutable or
/// built of atomics and locks that survive one.
async fn without_panic<F: Future>(future: F) -> Result<F::Output, Box<dyn Any + Send>> {
    let mut future = pin!(future);
    std::future::poll_fn(|context| match catch_unwind(AssertUnwindSafe(|| future.as_mut().poll(context))) {
        Ok(Poll::Pending) => Poll::Pending,
        Ok(Poll::Ready(output)) => Poll::Ready(Ok(output)),
        Err(panic) => Poll::Ready(Err(panic)),
    })
    .await
}

/// Logs that there was a panic. Its message stays out: it can quote data of the request. The panic hook prints the
/// place on standard error.
fn log_panic(_panic: &(dyn Any + Send)) {
    tracing::error!("a request failed by a defect of this program (panic)");
}

fn request_id(headers: &HeaderMap) -> HeaderValue {
    match headers.get(&REQUEST_ID) {
        Some(id) if is_sane_request_id(id.as_bytes()) => id.clone(),
        _ => HeaderValue::from_bytes(&new_request_id()).unwrap_or(HeaderValue::from_static("0")),
    }
}

/// The method as a label of bounded variety.
fn method_name(method: &axum::http::Method) -> &'static str {
    match method.as_str() {
        "DELETE" => "DELETE",
        "GET" => "GET",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        "PATCH" => "PATCH",
        "POST" => "POST",
        "PUT" => "PUT",
        _ => "other",
    }
}

fn complete_headers(headers: &mut HeaderMap, id: &HeaderValue) {
    headers.insert(REQUEST_ID.clone(), id.clone());
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Verdicts are about this moment and about people: nobody on the way keeps them. Pages and assets say otherwise.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let nothing = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(nothing);
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
}

/// One line a request: no path, query, body, address or name.
fn log_access(method: &'static str, route: Route, response: &Response, duration: Duration, id: &HeaderValue) {
    let status = response.status().as_u16();
    let duration_us = u64::try_from(duration.as_micros()).unwrap_or(u64::MAX);
    let request_id = id.to_str().unwrap_or_default();
    let route = route.template;
    if let Some(ProblemCode(code)) = response.extensions().get() {
        tracing::info!(method, route, status, code, duration_us, request_id, "answered");
    } else {
        tracing::info!(method, route, status, duration_us, request_id, "answered");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_panic_is_caught_wherever_it_happens() {
        assert_eq!(without_panic(async { 7 }).await.ok(), Some(7));
        let after_waiting = async {
            tokio::task::yield_now().await;
            panic!("of a handler");
        };
        let panic = without_panic(after_waiting).await.unwrap_err();
        assert_eq!(panic.downcast_ref::<&str>(), Some(&"of a handler"));
    }
}
