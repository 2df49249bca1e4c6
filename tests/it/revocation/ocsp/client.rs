//! How answers are fetched: over loopback where the wire matters, without it where counting and time do.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rastau::clock::{Clock, FixedClock};
use rastau::fetch::{Client, Fetch, FetchError, Limits};
use rastau::revocation::ocsp::{
    AskError, AskFailure, BreakerSettings, ClientSettings, DelegateError, ErrorStatus, FailureCause, NoncePolicy,
    OcspClient, OcspError, OcspResponse, Responses,
};
use rastau::x509::Certificate;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::key::Key;
use rastau_mint::ocsp::{ResponseBuilder, error_status, good, nonce_of, revoked, unknown};

use super::responder::{Direct, Reaction, Responder, SetClock};
use super::{NOON, addresses, noon, scene, short};

type Asked = Result<Arc<OcspResponse>, Arc<AskError>>;

const BUDGET: Duration = Duration::from_secs(20);

/// The honest answer to a request, given at the time that the clock shows.
fn honest(request: &[u8], status: Vec<u8>, when: &str) -> Vec<u8> {
    let scene = scene();
    let mut single = scene.single(status);
    single.this_update = rastau_mint::ocsp::generalized(when);
    let builder = scene.delegated_at(when).answer(single);
    match nonce_of(request) {
        Some(nonce) => builder.nonce(&nonce),
        None => builder,
    }
    .sign(&scene.responder_key)
}

fn settings() -> ClientSettings {
    ClientSettings::default()
}

fn over_the_wire() -> OcspClient {
    let fetch = Client::new::<&Path>(&[], Limits::RESPONSE).unwrap();
    OcspClient::new(Arc::new(fetch), Arc::new(FixedClock(noon())), settings())
}

fn direct(fetch: &Arc<Direct>, clock: &Arc<SetClock>, settings: ClientSettings) -> Arc<OcspClient> {
    let fetch: Arc<dyn Fetch> = Arc::clone(fetch) as _;
    let clock: Arc<dyn Clock> = Arc::clone(clock) as _;
    Arc::new(OcspClient::new(fetch, clock, settings))
}

async fn ask_within(client: &OcspClient, responders: &[Arc<str>], budget: Duration) -> Asked {
    client.ask(&scene().leaf, &scene().issuer, responders, budget).await
}

async fn ask(client: &OcspClient, responders: &[Arc<str>]) -> Asked {
    ask_within(client, responders, BUDGET).await
}

/// What the answer comes to for the leaf, or what went wrong.
fn outcome(asked: Asked) -> String {
    let mut responses = Responses::default();
    responses.push_fetched(&scene().leaf, asked.clone());
    match asked {
        Ok(_) => short(&responses.status(&scene().leaf, &scene().issuer, noon(), noon())),
        Err(error) => {
            let status = responses.status(&scene().leaf, &scene().issuer, noon(), noon());
            assert_eq!(short(&status), "unavailable: Failed");
            error.failure.to_string()
        }
    }
}

/// Asks one responder that reacts like this.
async fn one(react: impl Fn(&[u8]) -> Reaction + Send + Sync + 'static) -> Result<String, AskFailure> {
    let responder = Responder::new(react);
    let client = over_the_wire();
    let asked = ask_within(&client, &[Arc::clone(&responder.address)], Duration::from_secs(2)).await;
    assert_eq!(responder.requests(), 1);
    match &asked {
        Ok(_) => assert_eq!(client.counters().figures().answers, 1),
        Err(error) => {
            assert_eq!(error.address.as_ref(), Some(&responder.address));
            assert_eq!(client.counters().failed(FailureCause::of(error)), 1);
        }
    }
    match asked {
        Ok(_) => Ok(outcome(asked)),
        Err(error) => Err(error.failure.clone()),
    }
}

#[tokio::test]
async fn honest_answers_come_over_the_wire() {
    assert_eq!(one(|request| Reaction::Answer(honest(request, good(), NOON))).await.unwrap(), "good");
    let status = || revoked("2026-06-02T09:15:00Z", Some(4));
    let answer = one(move |request| Reaction::Answer(honest(request, status(), NOON))).await.unwrap();
    assert_eq!(answer, "revoked 2026-06-02T09:15:00Z, superseded");
}

#[tokio::test]
async fn what_the_network_does_is_unavailable_and_silence() {
    let raw = |text: &'static str| move |_: &[u8]| Reaction::Raw(text.as_bytes().to_vec());
    let html = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>";
    let disguised = "HTTP/1.1 200 OK\r\ncontent-type: application/ocsp-response\r\ncontent-length: 6\r\n\r\n<html>";
    let empty = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    let portal = "HTTP/1.1 303 See Other\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n\x30\x03";
    let huge = "HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n";
    let large = "HTTP/1.1 200 OK\r\ncontent-length: 131073\r\n\r\n";
    let failures = [
        one(|_| Reaction::Silence).await,
        one(|_| Reaction::Close).await,
        one(raw(html)).await,
        one(raw(disguised)).await,
        one(raw(empty)).await,
        one(raw(portal)).await,
        one(raw(cut)).await,
        one(raw(huge)).await,
        one(|_| Reaction::Answer(error_status(3))).await,
        one(|_| Reaction::Answer(error_status(6))).await,
        one(raw(large)).await,
    ];
    let failures: Vec<AskFailure> = failures.into_iter().map(Result::unwrap_err).collect();
    assert!(matches!(failures[0], AskFailure::OutOfTime | AskFailure::Fetch(FetchError::Timeout)), "{:?}", failures[0]);
    assert!(matches!(failures[1], AskFailure::Fetch(FetchError::Connection(_))));
    assert_eq!(failures[2], AskFailure::Fetch(FetchError::ContentType("text/html".to_owned())));
    assert!(matches!(failures[3], AskFailure::Response(_)));
    assert_eq!(failures[4], AskFailure::Response(OcspError::Empty));
    assert_eq!(failures[5], AskFailure::Fetch(FetchError::Status(303)));
    assert!(matches!(failures[6], AskFailure::Fetch(FetchError::Connection(_))));
    assert!(matches!(failures[7], AskFailure::Fetch(FetchError::TooLarge { .. })));
    assert_eq!(failures[8], AskFailure::Response(OcspError::Status(ErrorStatus::TryLater)));
    assert_eq!(failures[9], AskFailure::Response(OcspError::Status(ErrorStatus::Unauthorized)));
    assert_eq!(failures[10], AskFailure::Fetch(FetchError::TooLarge { limit: 128 * 1024 }));
    for failure in failures {
        assert!(AskError { failure, address: None }.is_silence());
    }
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = ask(&over_the_wire(), &addresses(&[&format!("http://{closed}/")])).await.unwrap_err();
    assert!(matches!(error.failure, AskFailure::Fetch(FetchError::Connection(_))));
}

#[tokio::test]
async fn an_answer_that_does_not_hold_is_no_silence() {
    let scene = scene();
    let with_nonce = |request: &[u8], builder: ResponseBuilder| builder.nonce(&nonce_of(request).unwrap());
    let wrong_nonce = one(|_| {
        let builder = scene.delegated().answer(scene.single(good()));
        Reaction::Answer(builder.nonce(&[0x04, 2, 1, 2]).sign(&scene.responder_key))
    })
    .await;
    let without_nonce = one(|_| Reaction::Answer(scene.answer(good()))).await;
    let another = one(move |request| {
        let mut single = scene.single(good());
        single.id = scene.authority.cert_id(&[0x22; 20]);
        Reaction::Answer(with_nonce(request, scene.delegated().answer(single)).sign(&scene.responder_key))
    })
    .await;
    let stranger = one(move |request| {
        let builder = with_nonce(request, scene.delegated().answer(scene.single(good())));
        Reaction::Answer(builder.sign(&Key::p256("a stranger")))
    })
    .await;
    let expired = one(move |request| {
        let certificate = scene.authority.responder("OCSP RESPONDER", &scene.responder_key);
        let certificate = scene.authority.issue(certificate.valid("2025-01-01T00:00:00Z", "2026-08-20T11:59:59Z"));
        let builder = with_nonce(request, scene.delegated().answer(scene.single(good())));
        Reaction::Answer(ResponseBuilder { certificates: vec![certificate], ..builder }.sign(&scene.responder_key))
    })
    .await;
    let response = |asked: Result<String, AskFailure>| match asked {
        Err(AskFailure::Response(error)) => error,
        other => panic!("{other:?}"),
    };
    let errors = [wrong_nonce, without_nonce, another, stranger, expired].map(response);
    assert_eq!(errors[..3], [OcspError::NonceDiffers, OcspError::NonceMissing, OcspError::NotAbout]);
    assert!(matches!(errors[3], OcspError::Signature(_)));
    assert!(matches!(errors[4], OcspError::Delegate(DelegateError::NotValid(_))));
    assert!(errors.iter().all(|error| !error.is_silence()));
}

#[tokio::test]
async fn old_and_early_answers_do_not_count() {
    for when in ["2026-08-20T11:49:59Z", "2026-08-20T12:05:01Z"] {
        let failure = one(move |request| Reaction::Answer(honest(request, good(), when))).await.unwrap_err();
        assert!(matches!(failure, AskFailure::Response(OcspError::Stale(_) | OcspError::NotYetValid(_))), "{failure}");
    }
}

#[tokio::test]
async fn an_old_answer_that_says_revoked_counts_as_it_does_in_a_file() {
    let old = "2026-08-20T11:30:00Z";
    for (status, wanted) in [
        (revoked("2026-06-02T09:15:00Z", Some(1)), Some("revoked 2026-06-02T09:15:00Z, keyCompromise, stale")),
        (revoked("2026-06-02T09:15:00Z", Some(6)), Some("revoked 2026-06-02T09:15:00Z, certificateHold, stale")),
        (unknown(), None),
        (revoked("1970-01-01T00:00:00Z", Some(6)), None),
        (revoked("2026-08-21T00:00:00Z", Some(4)), None),
    ] {
        let asked = one(move |request| Reaction::Answer(honest(request, status.clone(), old))).await;
        match wanted {
            Some(wanted) => assert_eq!(asked.unwrap(), wanted),
            None => assert!(matches!(asked.unwrap_err(), AskFailure::Response(OcspError::Stale(_)))),
        }
    }
    // It is asked for again as soon as a failure would be.
    let fetch = Direct::new(move |_, request| Ok(honest(request, revoked("2026-06-02T09:15:00Z", Some(1)), old)));
    let clock = SetClock::new(noon());
    let client = direct(&fetch, &clock, settings());
    for (seconds, requests) in [(0, 1), (1, 1), (2, 2)] {
        clock.advance(seconds);
        assert!(ask(&client, &addresses(&["http://one"])).await.is_ok());
        assert_eq!(fetch.requests(), requests);
    }
}

#[tokio::test]
async fn the_policy_says_what_a_nonce_must_be() {
    let scene = scene();
    let ask_with = |policy, echo: fn(&[u8], ResponseBuilder) -> ResponseBuilder| async move {
        let fetch = Direct::new(move |_, request| {
            let builder = scene.delegated().answer(scene.single(good()));
            Ok(echo(request, builder).sign(&scene.responder_key))
        });
        let settings = ClientSettings { nonce: policy, ..settings() };
        outcome(ask(&direct(&fetch, &SetClock::new(noon()), settings), &addresses(&["http://one"])).await)
    };
    let none: fn(&[u8], ResponseBuilder) -> ResponseBuilder = |_, builder| builder;
    let echoed: fn(&[u8], ResponseBuilder) -> ResponseBuilder =
        |request, builder| builder.nonce(&nonce_of(request).unwrap());
    let bare: fn(&[u8], ResponseBuilder) -> ResponseBuilder =
        |request, builder| builder.nonce(&nonce_of(request).unwrap()[2..]);
    let other: fn(&[u8], ResponseBuilder) -> ResponseBuilder = |_, builder| builder.nonce(&[0x04, 1, 7]);
    let cut: fn(&[u8], ResponseBuilder) -> ResponseBuilder =
        |request, builder| builder.nonce(&nonce_of(request).unwrap()[..17]);
    let empty: fn(&[u8], ResponseBuilder) -> ResponseBuilder = |_, builder| builder.nonce(&[]);
    for policy in [NoncePolicy::Require, NoncePolicy::IfEchoed] {
        assert_eq!(ask_with(policy, echoed).await, "good");
        assert_eq!(ask_with(policy, bare).await, "good", "some responders leave the inner wrapping out");
        for wrong in [other, cut, empty] {
            assert_eq!(ask_with(policy, wrong).await, OcspError::NonceDiffers.to_string());
        }
    }
    assert_eq!(ask_with(NoncePolicy::Require, none).await, OcspError::NonceMissing.to_string());
    assert_eq!(ask_with(NoncePolicy::IfEchoed, none).await, "good");
    assert_eq!(ask_with(NoncePolicy::Off, none).await, "good");
    assert_eq!(ask_with(NoncePolicy::Off, other).await, "good");
}

#[tokio::test]
async fn of_two_mirrors_one_that_lies_does_no_harm() {
    let scene = scene();
    let liar = Responder::new(|request| {
        let builder = scene.delegated().answer(scene.single(good())).nonce(&nonce_of(request).unwrap());
        Reaction::Answer(builder.sign(&Key::p256("a stranger")))
    });
    let honest_one =
        Responder::new(|request| Reaction::Answer(honest(request, revoked("2026-06-02T09:15:00Z", Some(1)), NOON)));
    for pair in [[&liar, &honest_one], [&honest_one, &liar]] {
        let client = over_the_wire();
        let asked = ask(&client, &pair.map(|mirror| Arc::clone(&mirror.address))).await;
        assert_eq!(outcome(asked), "revoked 2026-06-02T09:15:00Z, keyCompromise");
    }
    assert_eq!((liar.requests(), honest_one.requests()), (1, 2));
}

#[tokio::test(start_paused = true)]
async fn a_silent_mirror_takes_no_more_than_its_share() {
    let (first, second) = ("http://silent", "http://good");
    let fetch = Direct::gated(|_, request| Ok(honest(request, good(), NOON)));
    let client = direct(&fetch, &SetClock::new(noon()), settings());
    let mirrors = addresses(&[first, second]);
    let asking = ask_within(&client, &mirrors, Duration::from_secs(10));
    let opening = async {
        // The first has until 4.5 s; what comes then is for the second.
        tokio::time::sleep(Duration::from_secs(5)).await;
        fetch.open(1);
    };
    let (asked, ()) = tokio::join!(asking, opening);
    assert_eq!(outcome(asked), "good");
    assert_eq!(*fetch.asked.lock().unwrap(), [first, second]);
}

#[tokio::test(start_paused = true)]
async fn the_budget_ends_a_question() {
    let fetch = Direct::gated(|_, request| Ok(honest(request, good(), NOON)));
    let client = direct(&fetch, &SetClock::new(noon()), settings());
    let start = tokio::time::Instant::now();
    let error = ask_within(&client, &addresses(&["http://a", "http://b"]), Duration::from_secs(4)).await.unwrap_err();
    assert_eq!(error.failure, AskFailure::OutOfTime);
    assert!(error.is_silence());
    assert!(start.elapsed() <= Duration::from_secs(4));
    let error = ask_within(&client, &addresses(&["http://c"]), Duration::ZERO).await.unwrap_err();
    assert_eq!(error.failure, AskFailure::OutOfTime);
    assert_eq!(ask(&client, &[]).await.unwrap_err().failure, AskFailure::NoAddress);
}

#[tokio::test]
async fn equal_questions_at_once_make_one_request() {
    let fetch = Direct::gated(|_, request| Ok(honest(request, good(), NOON)));
    let client = direct(&fetch, &SetClock::new(noon()), settings());
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let client = Arc::clone(&client);
        all.spawn(async move { ask(&client, &addresses(&["http://one"])).await });
    }
    // Everybody waits; then one answer is let through.
    while client.counters().figures().asked < 50 {
        tokio::task::yield_now().await;
    }
    fetch.open(1);
    for asked in all.join_all().await {
        assert_eq!(outcome(asked), "good");
    }
    let figures = client.counters().figures();
    assert_eq!((fetch.requests(), figures.requests, figures.cache_hits, figures.asked), (1, 1, 49, 50));
}

#[tokio::test]
async fn who_gives_up_or_panics_takes_nobody_along() {
    let panics = AtomicUsize::new(1);
    let fetch = Direct::gated(move |_, request| {
        if panics.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            panic!("the first answer breaks the task that reads it");
        }
        Ok(honest(request, good(), NOON))
    });
    let client = direct(&fetch, &SetClock::new(noon()), settings());
    let spawn = || {
        let client = Arc::clone(&client);
        tokio::spawn(async move { ask(&client, &addresses(&["http://one"])).await })
    };
    let asked = |count| {
        let client = Arc::clone(&client);
        async move {
            while client.counters().figures().asked < count {
                tokio::task::yield_now().await;
            }
        }
    };
    let first = spawn();
    asked(1).await;
    let (second, third) = (spawn(), spawn());
    asked(3).await;
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    fetch.open(10);
    let results = [second.await, third.await];
    let fine: Vec<_> = results.into_iter().flatten().map(outcome).collect();
    assert_eq!(fine, ["good", "good"], "they were waiting for the answer that broke, and asked again, together");
    assert_eq!(outcome(ask(&client, &addresses(&["http://one"])).await), "good");
    assert_eq!(fetch.requests(), 2);
}

#[tokio::test]
async fn an_answer_that_always_breaks_its_task_is_silence() {
    let fetch = Direct::new(|_, _| panic!("every answer breaks the task that reads it"));
    let client = direct(&fetch, &SetClock::new(noon()), settings());
    let error = ask(&client, &addresses(&["http://one"])).await.unwrap_err();
    assert_eq!((&error.failure, error.is_silence(), fetch.requests()), (&AskFailure::Stopped, true, 2));
}

#[tokio::test]
async fn who_sends_and_hangs_up_over_and_over_costs_one_request() {
    let fetch = Direct::gated(|_, request| Ok(honest(request, good(), NOON)));
    let client = direct(&fetch, &SetClock::new(noon()), settings());
    for _ in 0..20 {
        let asking = Arc::clone(&client);
        let asking = tokio::spawn(async move { ask(&asking, &addresses(&["http://one"])).await });
        while fetch.requests() == 0 {
            tokio::task::yield_now().await;
        }
        asking.abort();
        assert!(asking.await.unwrap_err().is_cancelled());
    }
    fetch.open(1);
    // Nobody waits for it, and it is remembered.
    while client.counters().figures().answers == 0 {
        tokio::task::yield_now().await;
    }
    assert_eq!(outcome(ask(&client, &addresses(&["http://one"])).await), "good");
    assert_eq!((fetch.requests(), client.counters().figures().requests), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn the_breaker_is_told_of_silence_that_nobody_waited_for() {
    let fetch = Direct::gated(|_, request| Ok(honest(request, good(), NOON)));
    let breaker = BreakerSettings { failures: 3, ..BreakerSettings::default() };
    let settings = ClientSettings { breaker, failure_life: Duration::ZERO, ..settings() };
    let clock = SetClock::new(noon());
    let client = direct(&fetch, &clock, settings);
    let one = addresses(&["http://one"]);
    for requests in [1, 2, 3, 3] {
        let _gone = tokio::time::timeout(Duration::from_millis(10), ask(&client, &one)).await;
        tokio::time::sleep(BUDGET).await;
        clock.advance(1);
        assert_eq!(fetch.requests(), requests);
    }
    assert_eq!((client.open_breakers(), client.counters().figures().breakers_opened), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn only_so_many_questions_are_under_way_and_others_wait_their_time_for_a_place() {
    let fetch = Direct::gated(|_, request| Ok(honest(request, good(), NOON)));
    let client = direct(&fetch, &SetClock::new(noon()), ClientSettings { at_once: 2, ..settings() });
    let long = |url: &'static str| {
        let client = Arc::clone(&client);
        tokio::spawn(async move { ask(&client, &addresses(&[url])).await })
    };
    let first_two = [long("http://a"), long("http://b")];
    while fetch.requests() < 2 {
        tokio::task::yield_now().await;
    }
    let impatient = ask_within(&client, &addresses(&["http://c"]), Duration::from_secs(1)).await.unwrap_err();
    assert_eq!((&impatient.failure, impatient.is_silence()), (&AskFailure::TooMany, true));
    assert_eq!(client.counters().failed(FailureCause::Busy), 1);
    // An equal question needs no place, and one that waits gets the next.
    let (equal, patient) = (long("http://a"), long("http://c"));
    while client.counters().figures().asked < 5 {
        tokio::task::yield_now().await;
    }
    assert_eq!(fetch.requests(), 2);
    fetch.open(3);
    for asked in first_two.into_iter().chain([equal, patient]) {
        assert_eq!(outcome(asked.await.unwrap()), "good");
    }
    assert_eq!(fetch.requests(), 3);
}

#[tokio::test]
async fn an_answer_is_used_again_until_its_life_is_over() {
    let clock = SetClock::new(noon());
    let of_clock = Arc::clone(&clock);
    let fetch = Direct::new(move |_, request| Ok(honest(request, good(), &of_clock.now().to_string())));
    let client = direct(&fetch, &clock, ClientSettings { max_life: Duration::from_secs(300), ..settings() });
    let one = addresses(&["http://one"]);
    for (advance, requests) in [(0, 1), (0, 1), (299, 1), (1, 2), (0, 2), (-1000, 3), (0, 3)] {
        clock.advance(advance);
        assert!(ask(&client, &one).await.is_ok());
        assert_eq!(fetch.requests(), requests, "after {advance} s");
    }
    // Not longer than the answer itself is good for, and never for another certificate or other addresses.
    let client = direct(&fetch, &clock, ClientSettings { max_life: Duration::from_secs(3600), ..settings() });
    assert!(ask(&client, &one).await.is_ok());
    clock.advance(601);
    assert!(ask(&client, &one).await.is_ok());
    assert_eq!(fetch.requests(), 5);
    assert!(ask(&client, &addresses(&["http://two"])).await.is_ok());
    let sibling = scene().authority.issue(CertificateBuilder::individual("900101300017").serial(&[0x22; 20]));
    let sibling = Certificate::from_der(&sibling).unwrap();
    let error = client.ask(&sibling, &scene().issuer, &one, BUDGET).await.unwrap_err();
    assert_eq!(error.failure, AskFailure::Response(OcspError::NotAbout));
    assert_eq!(fetch.requests(), 7);
}

#[tokio::test]
async fn a_failure_is_remembered_for_seconds() {
    let clock = SetClock::new(noon());
    let fetch = Direct::new(|_, _| Ok(error_status(3)));
    let client = direct(&fetch, &clock, settings());
    for (advance, requests) in [(0, 1), (1, 1), (1, 2)] {
        clock.advance(advance);
        assert!(ask(&client, &addresses(&["http://one"])).await.is_err());
        assert_eq!(fetch.requests(), requests);
    }
}

#[tokio::test]
async fn an_address_that_keeps_failing_is_left_alone_and_tried_again() {
    let clock = SetClock::new(noon());
    let (down, of_clock) = (Arc::new(AtomicUsize::new(1)), Arc::clone(&clock));
    let is_down = Arc::clone(&down);
    let fetch = Direct::new(move |url, request| match is_down.load(Ordering::SeqCst) {
        1 if url == "http://one" => Err(FetchError::Connection("reset".to_owned())),
        _ => Ok(honest(request, good(), &of_clock.now().to_string())),
    });
    let breaker = BreakerSettings { failures: 3, first: Duration::from_secs(10), ..BreakerSettings::default() };
    let short_lives = ClientSettings { breaker, max_life: Duration::ZERO, failure_life: Duration::ZERO, ..settings() };
    let client = direct(&fetch, &clock, short_lives);
    let alone = addresses(&["http://one"]);
    for _ in 0..3 {
        assert!(matches!(ask(&client, &alone).await.unwrap_err().failure, AskFailure::Fetch(_)));
        clock.advance(1);
    }
    assert_eq!(client.open_breakers(), 1);
    let error = ask(&client, &alone).await.unwrap_err();
    assert_eq!((&error.failure, fetch.requests()), (&AskFailure::BreakerOpen, 3));
    assert!(error.is_silence());
    // The other mirror is asked meanwhile.
    assert!(ask(&client, &addresses(&["http://one", "http://two"])).await.is_ok());
    assert_eq!(fetch.requests(), 4);
    // A probe that fails leaves it alone for longer.
    clock.advance(10);
    assert!(matches!(ask(&client, &alone).await.unwrap_err().failure, AskFailure::Fetch(_)));
    clock.advance(19);
    assert_eq!(ask(&client, &alone).await.unwrap_err().failure, AskFailure::BreakerOpen);
    down.store(0, Ordering::SeqCst);
    clock.advance(1);
    assert!(ask(&client, &alone).await.is_ok());
    assert_eq!(client.open_breakers(), 0);
    let figures = client.counters().figures();
    assert_eq!(figures.breakers_opened, 2);
    assert_eq!(
        (client.counters().failed(FailureCause::Connection), client.counters().failed(FailureCause::BreakerOpen)),
        (4, 3)
    );
    let names: Vec<&str> = figures.failures.iter().map(|(cause, _)| cause.as_str()).collect();
    assert_eq!(names.len(), FailureCause::ALL.len());
}

#[tokio::test]
async fn a_responder_that_does_not_know_the_certificate_is_not_left_alone() {
    let clock = SetClock::new(noon());
    let fetch = Direct::new(|_, _| Ok(error_status(6)));
    let client = direct(&fetch, &clock, ClientSettings { failure_life: Duration::ZERO, ..settings() });
    for _ in 0..20 {
        clock.advance(1);
        assert!(ask(&client, &addresses(&["http://one"])).await.is_err());
    }
    assert_eq!((fetch.requests(), client.open_breakers()), (20, 0));
}

#[tokio::test]
async fn a_responder_that_answers_for_another_authority_is_not_left_alone() {
    let clock = SetClock::new(noon());
    let scene = scene();
    let fetch = Direct::new(|_, request| {
        let other = Authority::root("another authority", Key::p256("another authority"));
        let key = Key::p256("its responder");
        let certificate = other.issue(other.responder("OCSP RESPONDER", &key));
        let builder = scene.delegated().answer(scene.single(good())).nonce(&nonce_of(request).unwrap());
        Ok(ResponseBuilder { certificates: vec![certificate], ..builder }.sign(&key))
    });
    let client = direct(&fetch, &clock, ClientSettings { failure_life: Duration::ZERO, ..settings() });
    for _ in 0..20 {
        clock.advance(1);
        let error = ask(&client, &addresses(&["http://one"])).await.unwrap_err();
        assert_eq!(error.failure, AskFailure::Response(OcspError::Delegate(DelegateError::NotDirect)));
    }
    assert_eq!((fetch.requests(), client.open_breakers()), (20, 0));
}

#[tokio::test]
async fn what_may_be_secret_in_an_address_stands_in_no_report() {
    let clock = SetClock::new(noon());
    let answers = Direct::new(|_, request| Ok(honest(request, good(), NOON)));
    let secret = addresses(&["http://one/ocsp?token=secret"]);
    let response = ask(&direct(&answers, &clock, settings()), &secret).await.unwrap();
    assert_eq!(&**response.parsed().origin(), "http://one/ocsp?…");
    let fails = Direct::new(|_, _| Ok(error_status(3)));
    let error = ask(&direct(&fails, &clock, settings()), &secret).await.unwrap_err();
    assert!(!error.to_string().contains("secret"), "{error}");
}
