//! A required list on its way to lapsing: alarm, log once, readiness, and back, by a clock that the test sets.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use rastau::clock::{Clock, Time};
use rastau::config::{Config, Sources};
use rastau::fetch::{FakeFetch, FetchError};
use rastau::http::{App, Behind};
use rastau::observe::Metrics;
use rastau::revocation::refresh::{Refresher, Schedule};
use rastau::revocation::{Source, Store, StoreOptions};
use rastau::service::{Grounds, Lists, Service, Watch};
use rastau::trust::{Anchor, Pool, Purposes};
use rastau::x509::Certificate;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::key::Key;

const URL: &str = "http://crl.invalid/full.crl?token=secret";
const DELTA: &str = "http://crl.invalid/delta.crl";

struct ManualClock(Mutex<Time>);

impl Clock for ManualClock {
    fn now(&self) -> Time {
        *self.0.lock().unwrap()
    }
}

/// A service whose only list comes from an address, fetched by hand.
struct Setting {
    authority: Authority,
    clock: Arc<ManualClock>,
    fetch: Arc<FakeFetch>,
    store: Arc<Store>,
    refresher: Refresher,
    service: Arc<Service>,
    metrics: Arc<Metrics>,
}

impl Setting {
    fn new() -> Self {
        let authority = Authority::root("СЫНАҚ КО", Key::p256("alarm"));
        let certificate = Certificate::from_der(&authority.certificate).unwrap();
        let clock = Arc::new(ManualClock(Mutex::new(time("2026-08-20T00:00:00Z"))));
        let sources = vec![Source::urls(&[URL]).unwrap(), Source::urls(&[DELTA]).unwrap().of_deltas(true)];
        let store = Arc::new(Store::load(sources, StoreOptions::new([certificate.clone()]), clock.now()));
        let fetch = Arc::new(FakeFetch::default());
        let refresher = Refresher::new(store.clone(), fetch.clone(), clock.clone(), Schedule::default());
        let pool = Pool::builder().anchor(Anchor::new(certificate, Purposes::ALL, false)).build();
        let grounds = Grounds::new(Arc::new(pool), Lists::Live(store.clone()));
        let service = Arc::new(crate::demo::service_by(grounds, clock.clone()));
        Self { authority, clock, fetch, store, refresher, service, metrics: Arc::new(Metrics::new()) }
    }

    /// Sets the clock.
    fn at(&self, now: &str) {
        *self.clock.0.lock().unwrap() = time(now);
    }

    /// Lets the address deliver a list of this number and period from now on, and fetches.
    fn fetch(&self, number: u64, this: &str, next: &str) {
        let list = self.authority.list().number(number).updates(this, next);
        self.fetch.answer(URL, Ok(self.authority.sign_list(&list)));
        // The last answer stays for ever, so the one before is used up first.
        for _ in 0..2 {
            let _ = run(self.refresher.refresh(&self.store.sources()[0]));
        }
    }

    fn app(&self) -> App {
        let config = Config::load(&Sources::default()).unwrap();
        App::new(&config, Behind::of(self.service.clone(), self.metrics.clone()))
    }

    fn get(&self, path: &str) -> (StatusCode, String) {
        run(async {
            let response = self.app().respond(Request::get(path).body(Body::empty()).unwrap()).await;
            let status = response.status();
            let body = response.into_body().collect().await.unwrap().to_bytes().to_vec();
            (status, String::from_utf8(body).unwrap())
        })
    }

    /// The value of the first metric that begins so and is not the delta's.
    fn metric(&self, start: &str) -> Option<i64> {
        let (_, text) = self.get("/metrics");
        let line = text.lines().find(|line| line.starts_with(start) && !line.contains("delta.crl"))?.to_owned();
        line.rsplit_once(' ')?.1.parse().ok()
    }
}

fn time(text: &str) -> Time {
    text.parse().unwrap()
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

const ISSUED: &str = "2026-08-20T00:00:00Z";
/// Good for 27 hours: due at 21:36, in alarm from 25:39 (01:39 of the next day) on.
const LAPSES: &str = "2026-08-21T03:00:00Z";

#[test]
fn the_alarm_comes_before_the_list_lapses_and_is_told_once() {
    let setting = Setting::new();
    let mut watch = Watch::new(setting.service.clone());
    setting.fetch(1, ISSUED, LAPSES);
    for (now, raised, cleared, alarm, ready) in [
        ("2026-08-20T00:00:01Z", 0, 0, 0, true),
        ("2026-08-20T21:36:00Z", 0, 0, 0, true),
        ("2026-08-21T01:38:59Z", 0, 0, 0, true),
        ("2026-08-21T01:39:00Z", 1, 0, 1, true),
        ("2026-08-21T02:00:00Z", 0, 0, 1, true),
        ("2026-08-21T03:00:00Z", 0, 0, 1, true),
        ("2026-08-21T03:00:01Z", 0, 0, 1, false),
        // The clock was set back.
        ("2026-08-20T12:00:00Z", 0, 1, 0, true),
        ("2026-08-21T02:00:00Z", 1, 0, 1, true),
    ] {
        setting.at(now);
        let change = watch.look();
        assert_eq!((change.raised.len(), change.cleared.len()), (raised, cleared), "{now}");
        assert_eq!(setting.metric("rastau_revocation_alarm{"), Some(alarm), "{now}");
        assert_eq!(setting.service.readiness().ready, ready, "{now}");
    }
}

#[test]
fn readiness_comes_back_with_a_newer_list_and_not_with_an_older_one() {
    let setting = Setting::new();
    let (status, body) = setting.get("/readyz");
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "nothing was fetched yet: {body}");
    setting.fetch(7, ISSUED, LAPSES);
    assert_eq!(setting.get("/readyz").0, StatusCode::OK);
    setting.at("2026-08-21T04:00:00Z");
    let (status, body) = setting.get("/readyz");
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(body.contains("has lapsed") && !body.contains("secret"), "{body}");
    for (number, this, next) in [
        // Older by number, still in its period; the same again; dated ahead.
        (6, "2026-08-20T12:00:00Z", "2026-08-22T00:00:00Z"),
        (7, ISSUED, LAPSES),
        (8, "2026-08-21T05:00:00Z", "2026-08-22T00:00:00Z"),
    ] {
        setting.fetch(number, this, next);
        assert!(!setting.service.readiness().ready, "number {number}");
    }
    setting.fetch(8, "2026-08-21T00:00:00Z", "2026-08-22T03:00:00Z");
    let readiness = setting.service.readiness();
    assert!(readiness.ready, "{readiness:?}");
    assert_eq!(setting.metric("rastau_revocation_alarm{"), Some(0));
}

#[test]
fn metrics_tell_age_state_and_what_came_of_refreshes() {
    let setting = Setting::new();
    setting.fetch.answer(URL, Err(FetchError::Timeout));
    setting.fetch.answer(URL, Err(FetchError::Status(303)));
    setting.fetch.answer(URL, Ok(b"<html>portal</html>".to_vec()));
    for _ in 0..3 {
        assert!(run(setting.refresher.refresh(&setting.store.sources()[0])).is_err());
    }
    for cause in ["timeout", "server", "unreadable"] {
        let (_, text) = setting.get("/metrics");
        let label = format!("cause=\"{cause}\"}} 1");
        assert!(text.contains(&label), "{cause}: {text}");
    }
    assert_eq!(setting.metric("rastau_revocation_alarm{"), Some(1), "there is no list at all");
    setting.at("2026-08-20T00:01:30Z");
    setting.fetch(1, ISSUED, LAPSES);
    assert_eq!(setting.metric("rastau_list_age_seconds{"), Some(90));
    assert_eq!(setting.metric("rastau_list_next_update_seconds{"), Some(27 * 3600 - 90));
    assert_eq!(setting.metric("rastau_list_entries{"), Some(0));
    assert_eq!(
        setting.metric("rastau_list_last_success_timestamp_seconds{"),
        Some(time("2026-08-20T00:01:30Z").unix_seconds())
    );
    let (_, text) = setting.get("/metrics");
    let line = |name: &str, word: &str| text.lines().any(|line| line.starts_with(name) && line.contains(word));
    assert!(line("rastau_list_state{", "state=\"fresh\"} 1"), "{text}");
    assert!(line("rastau_list_state{", "state=\"stale\"} 0"), "{text}");
    assert!(line("rastau_list_refresh_successes_total{", "} 1"), "{text}");
    assert!(!text.contains("secret"), "{text}");
    // The delta never came, and nobody is alarmed.
    let delta = text.lines().find(|line| line.starts_with("rastau_revocation_alarm{") && line.contains("delta"));
    assert!(delta.is_some_and(|line| line.ends_with(" 0")), "{text}");
}

#[test]
fn lookups_are_counted_by_what_they_found() {
    use base64::Engine as _;
    let setting = Setting::new();
    let revoked = [0x31; 20];
    let list = setting.authority.list().number(1).updates(ISSUED, LAPSES);
    let list = list.revoke(&revoked, "2026-08-01T00:00:00Z", None);
    let app = setting.app();
    let check = |serial: &[u8]| {
        let der = setting.authority.issue(CertificateBuilder::individual("900101300017").serial(serial));
        let body = serde_json::json!({ "certificate": base64::engine::general_purpose::STANDARD.encode(der) });
        let request = Request::post("/v1/certificates/check").header("content-type", "application/json");
        let request = request.body(Body::from(body.to_string())).unwrap();
        assert_eq!(run(app.respond(request)).status(), StatusCode::OK);
    };
    check(&[0x32; 20]);
    setting.fetch.answer(URL, Ok(setting.authority.sign_list(&list)));
    run(setting.refresher.refresh(&setting.store.sources()[0])).unwrap();
    check(&[0x32; 20]);
    check(&revoked);
    check(&revoked);
    for (outcome, count) in [("unknown", 1), ("good", 1), ("revoked", 2)] {
        let start = format!("rastau_revocation_lookups_total{{outcome=\"{outcome}\"}}");
        assert_eq!(setting.metric(&start), Some(count), "{outcome}");
    }
}
