//! Addresses that certificates name: which become requests, and which never do.

use std::path::Path;
use std::sync::{Arc, Mutex};

use rastau::clock::FixedClock;
use rastau::fetch::{Asked, Client, Fetch, FetchError, Fetched, Get, Got, Limits, Post, Reach, Validators};
use rastau::revocation::refresh::{Refresher, Schedule};
use rastau::revocation::{AddSourceError, HostList, Offer, Source, Store, StoreOptions, discover};
use rastau::x509::Certificate;
use rastau_mint::extension::Extension;
use rastau_mint::key::Key;

use super::super::{Issuer, issuer, noon};
use super::server::Server;
use super::{LIMITS, answers, signed};

const A: &str = "http://crl.example.kz/full.crl";
const B: &str = "http://crl1.example.kz/full.crl";
const DELTA: &str = "http://crl.example.kz/delta.crl";

fn hosts() -> HostList {
    HostList::read(&[".example.kz"]).unwrap()
}

fn leaf(points: &[&[&str]], deltas: &[&[&str]]) -> Certificate {
    issuer().leaf_with(|builder| {
        let builder = builder.replace(Extension::distribution_points(points)).replace(Extension::freshest_list(deltas));
        builder.replace(Extension::authority_information_access(
            "http://pki.example.kz/ca.cer",
            Some("http://ocsp.example.kz/"),
        ))
    })
}

/// Answers one list everywhere and writes down who was asked, and how far the question might go.
#[derive(Default)]
struct Recorder(Mutex<Vec<(String, Reach)>>);

impl Fetch for Recorder {
    fn ask<'a>(&'a self, question: Get<'a>) -> Asked<'a> {
        self.0.lock().unwrap().push((question.url.to_owned(), question.reach));
        let body = signed(5);
        Box::pin(async { Ok(Got::Body { body, validators: Validators::default() }) })
    }

    fn post<'a>(&'a self, _: &'a str, _: Post, _: Limits) -> Fetched<'a> {
        Box::pin(async { Err(FetchError::Timeout) })
    }
}

#[test]
fn the_names_of_one_point_are_mirrors_and_other_points_other_sources() {
    let found =
        discover(&leaf(&[&[A, B], &["http://crl.example.kz/other.crl"]], &[&[DELTA]]), &issuer().certificate, &hosts());
    let shown: Vec<_> = found.lists.iter().map(|source| (source.mirrors().len(), source.is_delta())).collect();
    assert_eq!(shown, [(2, false), (1, false), (1, true)]);
    assert!(found.lists.iter().all(Source::is_discovered));
    assert_eq!((found.ocsp.len(), found.issuers.len()), (1, 1));
}

#[test]
fn addresses_elsewhere_and_certificates_of_others_name_nothing() {
    let evil = [
        "http://evil.kz/a.crl",
        "http://127.0.0.1/a.crl",
        "http://example.kz/a.crl",
        "ldap://crl.example.kz/a",
        "http://crl.example.kz:8080/a.crl",
        "http://crl.example.kz@evil.kz/a.crl",
        "http://[::1]/a.crl",
    ];
    let found = discover(&leaf(&[&evil], &[&evil]), &issuer().certificate, &hosts());
    assert!(found.lists.is_empty(), "{found:?}");
    // Of mixed names only those allowed.
    let found = discover(&leaf(&[&[evil[0], A]], &[]), &issuer().certificate, &hosts());
    assert_eq!(found.lists[0].mirrors(), [A.into()]);

    let stranger = Issuer::new("БАСҚА КО", Key::p256("stranger"));
    assert_eq!(discover(&leaf(&[&[A]], &[]), &stranger.certificate, &hosts()), Default::default());
    assert_eq!(discover(&leaf(&[&[A]], &[]), &issuer().certificate, &HostList::default()), Default::default());
}

#[test]
fn a_certificate_cannot_name_more_than_a_few() {
    let many: Vec<String> = (0..40).map(|number| format!("http://crl.example.kz/{number}.crl")).collect();
    let one: Vec<&str> = many.iter().map(String::as_str).collect();
    let points: Vec<&[&str]> = one.chunks(1).collect();
    let found = discover(&leaf(&[&one], &[]), &issuer().certificate, &hosts());
    assert_eq!((found.lists.len(), found.lists[0].mirrors().len()), (1, 4));
    assert_eq!(discover(&leaf(&points, &points), &issuer().certificate, &hosts()).lists.len(), 8);
}

fn run<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap().block_on(work)
}

#[test]
fn what_a_certificate_names_is_fetched_in_the_public_internet_only_and_once() {
    let configured = Source::urls(&["http://configured.kz/a.crl", A]).unwrap();
    let store = Arc::new(Store::load(vec![], StoreOptions::new([issuer().certificate.clone()]), noon()));
    let fetch = Arc::new(Recorder::default());
    let refresher =
        Refresher::new(Arc::clone(&store), fetch.clone(), Arc::new(FixedClock(noon())), Schedule::default());
    let refresher = Arc::new(refresher);
    let found = discover(&leaf(&[&[B]], &[]), &issuer().certificate, &hosts());
    let [source] = &found.lists[..] else { panic!("one") };
    run(async {
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let task = tokio::spawn(Arc::clone(&refresher).run(stopped));
        tokio::time::sleep(std::time::Duration::from_secs(3600)).await;
        assert!(fetch.0.lock().unwrap().is_empty(), "nobody is asked before a certificate is found to be good");
        assert_eq!(refresher.add_source(source.clone()).await, Ok(true));
        assert_eq!(refresher.add_source(source.clone()).await, Ok(false));
        while store.snapshot().lists().count() == 0 {
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        }
        stop.send(true).unwrap();
        task.await.unwrap();
    });
    assert_eq!(*fetch.0.lock().unwrap(), [(B.to_owned(), Reach::Public)]);
    assert_eq!(answers(&store, noon()), ("revoked", "good"));
    assert!(store.status(noon())[0].fetch.as_ref().unwrap().discovered);

    // What the operator configured is not added again under another name.
    let store = Store::load(vec![configured], StoreOptions::new([]), noon());
    assert_eq!(store.add_source(Source::urls(&[B, A]).unwrap(), noon()), Ok(false));
    assert_eq!(store.add_source(Source::path("/etc/passwd"), noon()), Err(AddSourceError::NoAddress));
}

#[test]
fn the_certificates_of_one_issuer_cannot_take_all_places_for_sources() {
    let store = Store::load(vec![], StoreOptions::new([]), noon());
    let add = |urls: &[&str]| store.add_source(Source::urls(urls).unwrap(), noon());
    for number in 0..8 {
        assert_eq!(add(&[&format!("http://crl.example.kz/{number}.crl")]), Ok(true));
    }
    for more in ["http://crl.example.kz/more.crl", "http://CRL.example.kz:80/more.crl", "http://crl.example.kz:8080/x"]
    {
        assert_eq!(add(&[more]), Err(AddSourceError::TooManyAtHost), "{more}");
    }
    assert_eq!(add(&["http://other.example.kz/a.crl", A]), Err(AddSourceError::TooManyAtHost), "as a mirror");
    assert_eq!(add(&["http://crl.example.kz/0.crl"]), Ok(false), "what is there is there");
    for number in 8..64 {
        assert_eq!(add(&[&format!("http://crl{}.example.kz/{number}.crl", number / 8)]), Ok(true), "{number}");
    }
    assert_eq!(add(&["http://last.example.kz/more.crl"]), Err(AddSourceError::TooMany));
}

#[test]
fn a_name_of_a_certificate_never_leads_to_this_machine_and_a_configured_one_may() {
    let server = Server::start();
    server.say(super::server::Answer::body(signed(5)));
    let client: Arc<dyn Fetch> = Arc::new(Client::new::<&Path>(&[], LIMITS).unwrap());
    let source = Source::urls(&[server.url()]).unwrap();
    let attempt = |store: Store, source: &Source| {
        let clock = Arc::new(FixedClock(noon()));
        let refresher = Refresher::new(Arc::new(store), Arc::clone(&client), clock, Schedule::default());
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(refresher.refresh(source))
    };
    let options = StoreOptions::new([issuer().certificate.clone()]);
    let store = Store::load(vec![], options.clone(), noon());
    assert_eq!(store.add_source(source.clone(), noon()), Ok(true));
    let refused = attempt(store, &source.clone().discovered()).unwrap_err();
    assert!(refused.contains("public internet"), "{refused}");
    assert!(server.requests().is_empty());
    assert_eq!(attempt(Store::load(vec![source.clone()], options, noon()), &source), Ok(Offer::Installed));
}
