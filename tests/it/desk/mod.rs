//! Officials sign over HTTP: through the router, with a real journal in a folder of its own.

mod approvals;
mod crash;
mod faults;
mod formats;
mod idempotency;
mod records;
mod shutdown;
mod start;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use rastau::clock::{Clock, SystemClock};
use rastau::config::{Config, Recording, Sources, WithoutTimestamp};
use rastau::crypto::{SignError, SignatureAlgorithm, SigningKey};
use rastau::http::{App, Behind};
use rastau::journal::{Journal, Options};
use rastau::licence::{Identity, Official, Permission};
use rastau::observe::Metrics;
use rastau::policy::services::DocumentKind;
use rastau::service::signing::{Desk, DeskParts, Entry, HeldKey, Register, Stamps};
use rastau::service::{Keeper, Recorder, Service, demo};
use rastau::signed::Signer;
use rastau::signer::SigningIdentity;
use rastau::x509::Certificate;
use rastau_mint::key::Key;
use serde_json::{Value, json};

use crate::signing::{base64, certificate};

const PATH: &str = "/v1/licences/sign";
const HOLDER: &str = "650615100015";
const ORGANISATION: &str = "600440000019";

/// The identity of a holder of the demo: certificate and key.
fn identity(holder: &str) -> Arc<dyn Signer> {
    let key = Key::gost512(&format!("rastau demo pki 1: {holder}"));
    let key = SigningKey::from_pkcs8(&key.pkcs8()).unwrap();
    let certificate = Certificate::from_der(&certificate(holder)).unwrap();
    Arc::new(SigningIdentity::new(certificate, key, Vec::new()).unwrap())
}

fn held(id: &str, signer: Arc<dyn Signer>) -> Arc<HeldKey> {
    Arc::new(HeldKey::new(id, Box::new(move || Ok(Arc::clone(&signer)))))
}

/// An official who signs everything with these keys.
fn official(id: &str, keys: Vec<Arc<HeldKey>>) -> Entry {
    let official = Official {
        id: id.to_owned(),
        identity: Identity::default(),
        may: Permission {
            kinds: DocumentKind::ALL.to_vec(),
            services: vec!["*".into()],
            media_types: vec!["*".into()],
        },
        from: None,
        until: None,
        second_person: false,
    };
    Entry { official, keys, demo: true }
}

fn holder(id: &str, holder: &str) -> Entry {
    official(id, vec![held(holder, identity(holder))])
}

/// A desk in a folder.
struct Office {
    app: App,
    keeper: Arc<Keeper>,
    folder: tempfile::TempDir,
}

struct Setting {
    entries: Vec<Entry>,
    stamps: Option<Arc<dyn Stamps>>,
    without_timestamp: WithoutTimestamp,
    max_octets: u64,
}

impl Setting {
    fn of(entries: Vec<Entry>) -> Self {
        Self { entries, stamps: None, without_timestamp: WithoutTimestamp::Fail, max_octets: 1 << 30 }
    }
}

fn service() -> Arc<Service> {
    let now = SystemClock.now();
    Arc::new(crate::demo::service(demo::grounds(now).unwrap(), now))
}

fn config() -> Config {
    Config::load(&Sources::default()).unwrap()
}

async fn open(setting: Setting) -> Office {
    open_in(setting, tempfile::tempdir().unwrap()).await
}

async fn open_in(setting: Setting, folder: tempfile::TempDir) -> Office {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let keeper = Keeper::open(Options::new(folder.path().join("journal"), Arc::clone(&clock))).await;
    let app = app(setting, Arc::clone(&keeper) as _, folder.path());
    Office { app, keeper, folder }
}

fn app(setting: Setting, journal: Arc<dyn Journal>, folder: &Path) -> App {
    let (config, behind) = behind(setting, journal, folder);
    App::new(&config, behind)
}

/// What stands behind the face of an office, and its configuration.
fn behind(setting: Setting, journal: Arc<dyn Journal>, folder: &Path) -> (Config, Behind) {
    let service = service();
    let recorder = Recorder::new(journal, Arc::new(SystemClock), Recording::Durable, "kz test");
    let desk = Desk::new(DeskParts {
        service: Arc::clone(&service),
        register: Register::new(setting.entries),
        recorder: recorder.clone(),
        stamps: setting.stamps,
        without_timestamp: setting.without_timestamp,
        folder: folder.join("answers"),
        approval: Duration::from_secs(3600),
        max_octets: setting.max_octets,
        max_kept: 1 << 30,
        started: rastau::clock::Time::from_unix(0),
    });
    let behind = Behind { desk: Arc::new(desk), recorder, ..Behind::of(service, Arc::new(Metrics::new())) };
    let mut config = config();
    config.data.directory = folder.to_owned();
    (config, behind)
}

/// A request that is good.
fn licence() -> Value {
    json!({
        "document": base64("Licence No 000001\n"),
        "media_type": "text/plain",
        "format": "cms",
        "official": "head",
        "kind": "licence",
        "service": "medical-activity",
        "number": "000001",
        "holder": { "iin": HOLDER },
    })
}

fn with(mut request: Value, changes: Value) -> Value {
    for (name, value) in changes.as_object().unwrap() {
        request[name] = value.clone();
    }
    request
}

async fn ask(app: &App, key: &str, body: &Value) -> (StatusCode, Value) {
    ask_as(app, key, body, None).await
}

async fn ask_as(app: &App, key: &str, body: &Value, client: Option<&str>) -> (StatusCode, Value) {
    let request = Request::post(PATH).header("content-type", "application/json").header("idempotency-key", key);
    let mut request = request.body(Body::from(body.to_string())).unwrap();
    name(&mut request, client);
    answered(app, request).await
}

/// As if the client had been let in under that name.
fn name(request: &mut Request<Body>, client: Option<&str>) {
    if let Some(client) = client {
        let caller = rastau::access::Caller { name: Arc::from(client), roles: rastau::access::Roles::NONE };
        request.extensions_mut().insert(caller);
    }
}

async fn answered(app: &App, request: Request<Body>) -> (StatusCode, Value) {
    let response = app.respond(request).await;
    let status = response.status();
    let body = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&body).unwrap())
}

async fn get(app: &App, path: &str) -> (StatusCode, Value) {
    answered(app, Request::get(path).body(Body::empty()).unwrap()).await
}

fn bytes(answer: &Value) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(answer["document"].as_str().unwrap()).unwrap()
}

/// What the service's own verifier says over HTTP.
async fn verified(app: &App, body: Value) -> Value {
    let request = Request::post("/v1/documents/verify").header("content-type", "application/json");
    answered(app, request.body(Body::from(body.to_string())).unwrap()).await.1
}

/// Events of the journal, in order.
async fn events(app: &App) -> Vec<Value> {
    let (_, answer) = get(app, "/v1/journal?limit=1000").await;
    answer["entries"].as_array().unwrap().iter().map(|entry| entry["entry"].clone()).collect()
}

async fn signed_entries(app: &App) -> usize {
    events(app).await.iter().filter(|entry| entry["event"] == "signed").count()
}

/// Somebody whose signatures are wrong, or who cannot sign.
struct Odd {
    identity: Arc<dyn Signer>,
    does: fn(Vec<u8>) -> Result<Vec<u8>, SignError>,
}

impl Signer for Odd {
    fn certificate(&self) -> &Certificate {
        self.identity.certificate()
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        self.identity.algorithm()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        (self.does)(self.identity.sign(message)?)
    }
}
