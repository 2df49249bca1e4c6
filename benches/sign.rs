//! Signing: keys in memory, the desk with and without a journal, over a socket; percentiles and rates.
//!
//! ```text
//! cargo bench --bench sign
//! ```
//!
//! Everything is a ratio to ring's verification of an RSA-2048 signature in the same run (the unit), so that figures of
//! different machines can be compared.
#![expect(clippy::expect_used, reason = "a bench whose subject is broken must stop")]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rastau::clock::{Clock, FixedClock, SystemClock, Time};
use rastau::config::{Config, Recording, Sources, WithoutTimestamp};
use rastau::crypto::{SignatureAlgorithm, SigningKey};
use rastau::http::{Behind, Server};
use rastau::journal::{
    Answer, AnswerKey, Entry as JournalEntry, Journal, JournalError, Later, Options, Receipt, Record, Waiting, Wanted,
};
use rastau::licence::{Identity, Official, Permission};
use rastau::observe::Metrics;
use rastau::policy::services::DocumentKind;
use rastau::revocation::Snapshot;
use rastau::service::signing::{Desk, DeskParts, Entry, HeldKey, Register};
use rastau::service::{Grounds, Keeper, Lists, Parts, Recorder, Service};
use rastau::signed::Signer;
use rastau::signer::SigningIdentity;
use rastau::trust::{Anchor, Pool, Purposes};
use rastau::x509::Certificate;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::identity;
use rastau_mint::key::Key;

/// Signatures for each figure.
const MANY: usize = 400;
/// Where `--test` only asks whether it runs, as criterion has it.
const FEW: usize = 4;
const CONNECTIONS: [usize; 2] = [1, 16];

fn main() {
    let unit = unit();
    println!("unit: ring verifies RSA-2048 in {unit:.1?}");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    for (name, key) in
        [("rsa-2048", Key::rsa("sign")), ("ecdsa-p256", Key::p256("sign")), ("gost-512", Key::gost512("sign"))]
    {
        let office = Office::of(&key);
        let per = time(many(), || drop(office.signer.sign(b"a document").expect("a signature")));
        println!("{name:<11} key alone, verified before release  {}", figure(per, unit));
        for journal in [false, true] {
            for connections in CONNECTIONS {
                let took = runtime.block_on(office.over_socket(journal, connections));
                println!("{name:<11} {}", took.shown(journal, connections, unit));
            }
        }
    }
}

fn many() -> usize {
    if std::env::args().any(|argument| argument == "--test") { FEW } else { MANY }
}

fn figure(per: Duration, unit: Duration) -> String {
    format!("{:>8.1?}  {:>6.2} units  {:>7.0}/s", per, per.as_secs_f64() / unit.as_secs_f64(), 1.0 / per.as_secs_f64())
}

fn time(times: usize, mut work: impl FnMut()) -> Duration {
    work();
    let started = Instant::now();
    (0..times).for_each(|_| work());
    started.elapsed() / u32::try_from(times).expect("few")
}

fn unit() -> Duration {
    let key = Key::rsa("unit");
    let public = rastau::crypto::PublicKey::from_spki(&key.spki()).expect("a key");
    let signature = key.sign(b"unit");
    let algorithm = SignatureAlgorithm::RsaPkcs1Sha256;
    (0..20)
        .map(|_| time(500, || public.verify(algorithm, b"unit", &signature).expect("holds")))
        .min()
        .unwrap_or_default()
}

/// Within the lists that are minted.
fn now() -> Time {
    "2026-08-20T00:00:00Z".parse().expect("a time")
}

struct Office {
    signer: Arc<dyn Signer>,
    service: Arc<Service>,
}

/// What a load came to.
struct Took {
    whole: Duration,
    each: Vec<Duration>,
}

impl Took {
    fn shown(mut self, journal: bool, connections: usize, unit: Duration) -> String {
        self.each.sort_unstable();
        let at = |share: usize| self.each.get(self.each.len() * share / 100).copied().unwrap_or_default();
        let per = self.whole / u32::try_from(self.each.len()).expect("few");
        format!(
            "POST /v1/licences/sign, journal {}, {connections:>2} connections  {}  p50 {:.2?}  p99 {:.2?}",
            if journal { "on " } else { "off" },
            figure(per, unit),
            at(50),
            at(99)
        )
    }
}

impl Office {
    fn of(key: &Key) -> Self {
        let authority = Authority::root("BENCH", Key::gost512("bench authority"));
        let iin = identity::iin("650615", false, 1);
        let certificate = authority.issue(CertificateBuilder::legal_head(&iin, &identity::bin("6004", 1)).key(key));
        let root = Certificate::from_der(&authority.certificate).expect("a certificate");
        let pool = Arc::new(Pool::builder().anchor(Anchor::new(root.clone(), Purposes::ALL, false)).build());
        let list = authority.list().sign(&authority.key);
        let (snapshot, rejected) = Snapshot::read([list], &[root], now());
        assert!(rejected.is_empty(), "{rejected:?}");
        let lists = Lists::Fixed(Arc::new(snapshot));
        let clock: Arc<dyn Clock> = Arc::new(FixedClock(now()));
        let service = Arc::new(Service::new(Parts::new(clock, Grounds::new(pool, lists))));
        let certificate = Certificate::from_der(&certificate).expect("a certificate");
        let key = SigningKey::from_pkcs8(&key.pkcs8()).expect("a key");
        let signer = SigningIdentity::new(certificate, key, Vec::new()).expect("of this certificate");
        Self { signer: Arc::new(signer), service }
    }

    /// Signs over sockets, each connection one request after the other.
    async fn over_socket(&self, journal: bool, connections: usize) -> Took {
        let folder = tempfile::tempdir().expect("a folder");
        let keeper = Keeper::open(Options::new(folder.path().join("journal"), Arc::new(SystemClock))).await;
        let kept: Arc<dyn Journal> = if journal { Arc::clone(&keeper) as _ } else { Arc::new(Nowhere) };
        let recorder = Recorder::new(kept, Arc::new(SystemClock), Recording::Buffered, "bench");
        let server = Server::bind(&config(), self.behind(recorder, folder.path())).await.expect("binds");
        let address = server.local_addr().expect("an address");
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let running = tokio::spawn(server.run(async move {
            let _ = stopped.await;
        }));
        let took = tokio::task::spawn_blocking(move || load(address, connections)).await.expect("ends");
        let _ = stop.send(());
        running.await.expect("ends");
        keeper.close().await;
        took
    }

    fn behind(&self, recorder: Recorder, folder: &Path) -> Behind {
        let signer = Arc::clone(&self.signer);
        let key = HeldKey::new("k", Box::new(move || Ok(Arc::clone(&signer))));
        let official = Official {
            id: "head".into(),
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
        let desk = Desk::new(DeskParts {
            service: Arc::clone(&self.service),
            register: Register::new(vec![Entry { official, keys: vec![Arc::new(key)], demo: false }]),
            recorder: recorder.clone(),
            stamps: None,
            without_timestamp: WithoutTimestamp::Fail,
            folder: folder.join("answers"),
            approval: Duration::from_secs(60),
            max_octets: 1 << 30,
            max_kept: 1 << 30,
            started: Time::from_unix(0),
        });
        let metrics = Arc::new(Metrics::new());
        Behind { desk: Arc::new(desk), recorder, ..Behind::of(Arc::clone(&self.service), metrics) }
    }
}

fn config() -> Config {
    let environment = vec![("RASTAU_HTTP__LISTEN".to_owned(), "127.0.0.1:0".to_owned())];
    Config::load(&Sources { environment, ..Sources::default() }).expect("a configuration")
}

fn load(address: SocketAddr, connections: usize) -> Took {
    let next = AtomicUsize::new(0);
    let started = Instant::now();
    let each = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..connections).map(|_| scope.spawn(|| work(address, &next))).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("ends")).collect()
    });
    Took { whole: started.elapsed(), each }
}

fn work(address: SocketAddr, next: &AtomicUsize) -> Vec<Duration> {
    let mut stream = TcpStream::connect(address).expect("connects");
    stream.set_nodelay(true).expect("a socket");
    let document = STANDARD.encode([b'x'; 1024]);
    let body = format!(
        "{{\"document\":\"{document}\",\"media_type\":\"text/plain\",\"format\":\"cms\",\"official\":\"head\",\
         \"kind\":\"licence\",\"service\":\"medical-activity\",\"number\":\"1\",\"holder\":{{\"iin\":\"650615100015\"}}}}"
    );
    let mut took = Vec::new();
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= many() {
            return took;
        }
        let started = Instant::now();
        write!(
            stream,
            "POST /v1/licences/sign HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nidempotency-key: {number}\r\n\
             content-length: {}\r\n\r\n{body}",
            body.len()
        )
        .expect("is sent");
        assert!(answered(&mut stream), "not signed");
        took.push(started.elapsed());
    }
}

/// Reads one answer; whether it is 200.
fn answered(stream: &mut TcpStream) -> bool {
    let mut seen = Vec::new();
    let mut piece = [0; 16 * 1024];
    loop {
        let read = stream.read(&mut piece).expect("is answered");
        assert!(read > 0, "the connection was closed");
        seen.extend_from_slice(&piece[..read]);
        let Some(end) = seen.windows(4).position(|window| window == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&seen[..end]).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
        let length: usize = length.expect("a length");
        if seen.len() >= end + 4 + length {
            return head.starts_with("http/1.1 200");
        }
    }
}

/// A journal that keeps nothing: what signing costs without one.
#[derive(Debug)]
struct Nowhere;

impl Journal for Nowhere {
    fn append(&self, _: Record) -> Later<'_, Receipt> {
        Box::pin(async { Ok(Receipt { sequence: 1, hash: [0; 32] }) })
    }
    fn append_soon(&self, _: Record) -> Result<(), JournalError> {
        Ok(())
    }
    fn head(&self) -> Later<'_, Option<Receipt>> {
        Box::pin(async { Ok(None) })
    }
    fn entry(&self, _: u64) -> Later<'_, Option<JournalEntry>> {
        Box::pin(async { Ok(None) })
    }
    fn entries(&self, _: Wanted) -> Later<'_, Vec<JournalEntry>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn answer(&self, _: AnswerKey) -> Later<'_, Option<(Answer, Receipt)>> {
        Box::pin(async { Ok(None) })
    }
    fn waiting(&self, _: rastau::clock::Time) -> Later<'_, Vec<Waiting>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}
