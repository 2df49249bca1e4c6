//! What the service answers for every state of a source, of the list in force and of the responder, under every order
//! of evidence. The table in `docs/REVOCATION.md` is written by this test (with `RASTAU_WRITE_DOCS` set) and compared
//! with it otherwise; beside it stands what must never happen, worked out from the states alone.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rastau::clock::{Clock, FixedClock, Time};
use rastau::fetch::{FakeFetch, FetchError};
use rastau::policy::RevocationOrder;
use rastau::revocation::ocsp::{ClientSettings, NoncePolicy, OcspClient};
use rastau::revocation::refresh::{Refresher, Schedule};
use rastau::revocation::{Source, Store, StoreOptions};
use rastau::service::{CheckRequest, Grounds, Lists, Parts, Responder, Responders, Service};
use rastau::trust::{Anchor, Pool, Purposes};
use rastau::verdict::{Decision, RefusalCode, Report};
use rastau::x509::Certificate;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::key::Key;
use rastau_mint::list::ListBuilder;
use rastau_mint::ocsp::{self, ResponseBuilder, Single};
use rastau_mint::{identity, pem};

const NOW: &str = "2026-08-20T00:00:00Z";
/// When the stored copy was fetched: every list but the one ahead of the clock has begun by then.
const BEFORE: &str = "2026-08-19T01:00:00Z";
const FULL: &str = "http://crl.example.kz/full.crl";
const DELTA: &str = "http://crl.example.kz/delta.crl";
const RESPONDER: &str = "http://ocsp.example.kz/";
const BEGIN: &str = "<!-- the matrix begins; written by tests/it/revocation/matrix.rs -->\n";
const END: &str = "<!-- the matrix ends -->\n";

/// How the address of the list behaves now.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Line {
    Answers,
    DownWithCopy,
    DownWithoutCopy,
    LiesWithCopy,
    LiesWithoutCopy,
}

impl Line {
    const ALL: [(Self, &str); 5] = [
        (Self::Answers, "answers"),
        (Self::DownWithCopy, "is down, a copy is stored"),
        (Self::DownWithoutCopy, "is down, no copy"),
        (Self::LiesWithCopy, "sends a forged list, a copy is stored"),
        (Self::LiesWithoutCopy, "sends a forged list, no copy"),
    ];

    fn has_list(self) -> bool {
        !matches!(self, Self::DownWithoutCopy | Self::LiesWithoutCopy)
    }
}

/// The list that the address answers with, or has answered with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Said {
    FreshSilent,
    FreshNames,
    FreshHolds,
    HoldLifted,
    LapsedSilent,
    LapsedNames,
    Ahead,
}

impl Said {
    const ALL: [(Self, &str); 7] = [
        (Self::FreshSilent, "fresh, does not name it"),
        (Self::FreshNames, "fresh, names it"),
        (Self::FreshHolds, "fresh, has it on hold"),
        (Self::HoldLifted, "fresh, on hold, lifted by a delta"),
        (Self::LapsedSilent, "lapsed, does not name it"),
        (Self::LapsedNames, "lapsed, names it"),
        (Self::Ahead, "ahead of the clock"),
    ];
}

/// What the responder does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Responds {
    NotConfigured,
    Good,
    Revoked,
    Unknown,
    NeverIssued,
    TryLater,
    Silent,
    Forged,
    Lapsed,
    LapsedRevoked,
}

impl Responds {
    const ALL: [(Self, &str); 10] = [
        (Self::NotConfigured, "none"),
        (Self::Good, "good"),
        (Self::Revoked, "revoked"),
        (Self::Unknown, "unknown"),
        (Self::NeverIssued, "never issued"),
        (Self::TryLater, "tryLater"),
        (Self::Silent, "no answer"),
        (Self::Forged, "forged"),
        (Self::Lapsed, "lapsed, good"),
        (Self::LapsedRevoked, "lapsed, revoked"),
    ];
}

fn time(text: &str) -> Time {
    text.parse().unwrap()
}

/// The authority, trusted itself, so that one certificate alone is asked about.
struct World {
    nca: Authority,
    stranger: Key,
    leaf: Vec<u8>,
    serial: Vec<u8>,
}

impl World {
    fn new() -> Self {
        let nca = Authority::root("nca", Key::ed25519("nca"));
        let person = CertificateBuilder::individual(&identity::iin("650615", false, 1)).key(&Key::ed25519("person"));
        let serial = person.serial_contents();
        Self { leaf: nca.issue(person), stranger: Key::ed25519("stranger"), serial, nca }
    }

    fn list(&self, said: Said) -> ListBuilder {
        let fresh = self.nca.list().number(7).updates("2026-08-19T00:30:00Z", "2026-08-20T03:30:00Z");
        let lapsed = self.nca.list().number(7).updates("2026-08-18T00:30:00Z", "2026-08-19T03:30:00Z");
        match said {
            Said::FreshSilent => fresh,
            Said::FreshNames => fresh.revoke(&self.serial, "2026-08-01T00:00:00Z", Some(1)),
            Said::FreshHolds | Said::HoldLifted => fresh.revoke(&self.serial, "2026-08-01T00:00:00Z", Some(6)),
            Said::LapsedSilent => lapsed,
            Said::LapsedNames => lapsed.revoke(&self.serial, "2026-08-01T00:00:00Z", Some(4)),
            Said::Ahead => self.nca.list().number(7).updates("2026-08-21T00:00:00Z", "2026-08-22T03:00:00Z"),
        }
    }

    fn delta(&self) -> Vec<u8> {
        let delta = self.nca.list().number(8).delta_to(7).updates("2026-08-19T00:40:00Z", "2026-08-20T06:00:00Z");
        self.nca.sign_list(&delta.revoke(&self.serial, "2026-08-19T00:35:00Z", Some(8)))
    }

    fn sources(&self) -> Vec<Source> {
        vec![Source::urls(&[FULL]).unwrap(), Source::urls(&[DELTA]).unwrap().of_deltas(true)]
    }

    /// Fetches what the network says at `now` into a store on `data`.
    fn refreshed(&self, data: &Path, network: FakeFetch, now: Time) -> Store {
        let issuers = vec![Certificate::from_der(&self.nca.certificate).unwrap()];
        let options = StoreOptions::new(issuers).with_data(data).unwrap();
        let store = Arc::new(Store::load(self.sources(), options, now));
        let clock: Arc<dyn Clock> = Arc::new(FixedClock(now));
        let refresher = Refresher::new(Arc::clone(&store), Arc::new(network), clock, Schedule::default());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        for source in self.sources() {
            let _ = runtime.block_on(refresher.refresh(&source));
        }
        drop((refresher, runtime));
        Arc::try_unwrap(store).unwrap_or_else(|_| panic!("somebody keeps the store"))
    }

    /// The network on which the address of the list answers with `said`.
    fn answering(&self, said: Said) -> FakeFetch {
        let network = FakeFetch::default();
        network.answer(FULL, Ok(self.nca.sign_list(&self.list(said))));
        if said == Said::HoldLifted {
            network.answer(DELTA, Ok(self.delta()));
        }
        network
    }

    /// The lists in force when the address behaves like this.
    fn store(&self, data: &Path, line: Line, said: Said) -> Store {
        if matches!(line, Line::DownWithCopy | Line::LiesWithCopy) {
            self.refreshed(data, self.answering(said), time(BEFORE));
        }
        let network = match line {
            Line::Answers => self.answering(said),
            Line::DownWithCopy | Line::DownWithoutCopy => FakeFetch::default(),
            Line::LiesWithCopy | Line::LiesWithoutCopy => {
                let network = FakeFetch::default();
                let forged = self.nca.list().number(9).updates("2026-08-19T20:00:00Z", "2026-08-20T23:00:00Z");
                network.answer(FULL, Ok(forged.sign(&self.stranger)));
                network
            }
        };
        self.refreshed(data, network, time(NOW))
    }

    fn response(&self, status: Vec<u8>, produced_at: &str, key: &Key) -> Vec<u8> {
        let single = Single::new(self.nca.cert_id(&self.serial), status, produced_at);
        ResponseBuilder::new(&self.nca.name, produced_at).answer(single).sign(key)
    }

    fn responders(&self, responds: Responds) -> Option<Responders> {
        let at = "2026-08-19T23:59:00Z";
        let key = &self.nca.key;
        let network = FakeFetch::default();
        let answer = match responds {
            Responds::NotConfigured => return None,
            Responds::Good => Ok(self.response(ocsp::good(), at, key)),
            Responds::Revoked => Ok(self.response(ocsp::revoked("2026-08-19T20:00:00Z", Some(1)), at, key)),
            Responds::Unknown => Ok(self.response(ocsp::unknown(), at, key)),
            Responds::NeverIssued => Ok(self.response(ocsp::revoked("1970-01-01T00:00:00Z", Some(6)), at, key)),
            Responds::TryLater => Ok(ocsp::error_status(3)),
            Responds::Silent => Err(FetchError::Timeout),
            Responds::Forged => Ok(self.response(ocsp::good(), at, &self.stranger)),
            Responds::Lapsed => Ok(self.response(ocsp::good(), "2026-08-18T00:00:00Z", key)),
            Responds::LapsedRevoked => {
                Ok(self.response(ocsp::revoked("2026-08-17T20:00:00Z", Some(1)), "2026-08-18T00:00:00Z", key))
            }
        };
        network.answer(RESPONDER, answer);
        let settings = ClientSettings { nonce: NoncePolicy::Off, ..ClientSettings::default() };
        let client = Arc::new(OcspClient::new(Arc::new(network), Arc::new(FixedClock(time(NOW))), settings));
        let configured = vec![Responder { addresses: [Arc::from(RESPONDER)].into(), authorities: Vec::new() }];
        Some(Responders { client, configured, discovered: None, timeout: Duration::from_secs(60) })
    }

    fn ask(&self, store: &Arc<Store>, responds: Responds, order: RevocationOrder) -> Report {
        let anchor = Anchor::new(Certificate::from_der(&self.nca.certificate).unwrap(), Purposes::ALL, false);
        let pool = Arc::new(Pool::builder().anchor(anchor).build());
        let grounds = Grounds::new(pool, Lists::Live(Arc::clone(store)));
        let responders = self.responders(responds);
        let service = Service::new(Parts { order, responders, ..Parts::new(Arc::new(FixedClock(time(NOW))), grounds) });
        let request = CheckRequest { certificate: pem::encode("CERTIFICATE", &self.leaf), ..CheckRequest::default() };
        let mut prepared = service.prepare(request).unwrap();
        service.find_chains(&mut prepared, service.grounds());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let prepared = runtime.block_on(service.ask_responders(prepared, service.grounds()));
        service.check(prepared)
    }
}

/// The cell of the table.
fn word(report: &Report) -> &'static str {
    match (report.decision(), report.refusal().map(|refusal| refusal.code)) {
        (Decision::Accepted, None) => "accepted",
        (Decision::Refused, Some(RefusalCode::CertificateRevoked)) => "**revoked**",
        (Decision::Undetermined, Some(RefusalCode::RevocationUnknown)) => "unknown",
        other => panic!("{other:?}"),
    }
}

/// What the states alone allow, whatever the code does.
fn must_hold(line: Line, said: Said, responds: Responds, order: RevocationOrder, word: &str) -> bool {
    let list = line.has_list() && order.asks_lists();
    let list_good = list && matches!(said, Said::FreshSilent | Said::HoldLifted);
    let response_good = order.asks_responders() && responds == Responds::Good;
    // Under every order.
    let list_revokes = line.has_list() && matches!(said, Said::FreshNames | Said::LapsedNames);
    let list_holds = line.has_list() && said == Said::FreshHolds;
    let responds_mildly = matches!(
        responds,
        Responds::Good | Responds::NotConfigured | Responds::TryLater | Responds::Silent | Responds::Lapsed
    );
    match word {
        // No acceptance without a good word, none against a revocation; a hold only gives way to a newer response under
        // an order that asks it first.
        "accepted" => {
            (list_good || response_good)
                && !list_revokes
                && !(list_holds && !(order.responders_first() && response_good))
                // Where the responder comes first, what it says or forges is not mended by a list.
                && (!order.responders_first() || responds_mildly)
        }
        // No revocation out of nothing: a responder that errs or lies revokes nobody.
        "**revoked**" => {
            let response_revokes = matches!(responds, Responds::Revoked | Responds::LapsedRevoked);
            list_revokes || list_holds || (order.asks_responders() && response_revokes)
        }
        // Never «unknown» in face of a list in force that names the certificate.
        _ => !list_revokes,
    }
}

fn table(world: &World, order: RevocationOrder) -> String {
    let mut text = format!("\n### `{}`\n\n| the address of the list | the list | ", order.as_str());
    for (_, name) in Responds::ALL {
        let _ = write!(text, "OCSP {name} | ");
    }
    let _ = writeln!(text, "\n|{}", "---|".repeat(2 + Responds::ALL.len()));
    for (line, line_name) in Line::ALL {
        // Without a list it does not matter which one the address would have had.
        let lists = if line.has_list() { &Said::ALL[..] } else { &[(Said::FreshSilent, "none")] };
        for &(said, said_name) in lists {
            // A list that was ahead of the clock is never stored.
            if said == Said::Ahead && line != Line::Answers {
                continue;
            }
            let data = tempfile::tempdir().unwrap();
            let store = Arc::new(world.store(data.path(), line, said));
            let _ = write!(text, "| {line_name} | {said_name} | ");
            for (responds, name) in Responds::ALL {
                let report = world.ask(&store, responds, order);
                let word = word(&report);
                assert!(
                    must_hold(line, said, responds, order, word),
                    "{word} under {}: {line_name}, {said_name}, OCSP {name}",
                    order.as_str()
                );
                let _ = write!(text, "{word} | ");
            }
            text.push('\n');
        }
    }
    text
}

#[test]
fn every_state_of_lists_and_responders_comes_to_the_documented_verdict() {
    let world = World::new();
    let mut matrix = String::new();
    for order in RevocationOrder::ALL {
        matrix += &table(&world, order);
    }
    matrix.push('\n');
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/REVOCATION.md");
    let document = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = document.split_once(BEGIN).expect("the beginning of the matrix is marked");
    let (written, after) = rest.split_once(END).expect("the end of the matrix is marked");
    if std::env::var_os("RASTAU_WRITE_DOCS").is_some() {
        std::fs::write(&path, format!("{before}{BEGIN}{matrix}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(
        written, matrix,
        "docs/REVOCATION.md differs: run this test with RASTAU_WRITE_DOCS=1 and read the change"
    );
}
