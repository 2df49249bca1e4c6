//! What works: ids, languages, tables, the description, the pages, metrics.

use super::*;

#[tokio::test]
async fn a_sane_request_id_is_kept_and_another_one_replaced() {
    for (given, kept) in [("abc-1.2_Z", true), ("a b", false), ("", false), ("<script>", false)] {
        let response = app().respond(request(Method::GET, "/healthz", &[("x-request-id", given)], "")).await;
        assert_eq!(header(&response, "x-request-id") == given, kept, "{given}");
        if !kept {
            assert_eq!(header(&response, "x-request-id").len(), 32, "{given}");
        }
    }
}

#[tokio::test]
async fn every_answer_carries_the_headers_of_safety() {
    for path in ["/", "/docs", "/assets/page.js", "/healthz", "/metrics", "/v1/services", "/nowhere"] {
        let response = app().respond(get(path)).await;
        assert_eq!(header(&response, "x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header(&response, "referrer-policy"), "no-referrer", "{path}");
        assert!(header(&response, "content-security-policy").contains("default-src 'none'"), "{path}");
        assert!(!header(&response, "cache-control").is_empty(), "{path}");
    }
    let response = app().respond(get("/v1/services")).await;
    assert_eq!(header(&response, "cache-control"), "no-store");
}

#[tokio::test]
async fn the_sample_of_the_demo_gets_a_verdict() {
    let app = app();
    let response = app.respond(post("/v1/certificates/check", sample(&app).await.to_string())).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(header(&response, "content-type"), "application/json");
    assert_eq!(header(&response, "cache-control"), "no-store");
    let report = json(response).await;
    assert!(["accepted", "refused", "undetermined"].contains(&report["decision"].as_str().unwrap()), "{report}");
    let metrics = text(app.respond(get("/metrics")).await).await;
    assert!(metrics.contains(&format!("rastau_checks_total{{decision={}", report["decision"])), "{metrics}");
}

#[tokio::test]
async fn the_language_is_that_of_the_field_else_of_the_header() {
    let app = app();
    let refused = |language: Option<&str>| {
        let mut body = serde_json::json!({ "certificate": "MAA=" });
        if let Some(language) = language {
            body["language"] = language.into();
        }
        body.to_string()
    };
    for (field, accept, expected) in [
        (None, None, "ru"),
        (None, Some("kk-KZ,ru;q=0.5"), "kk"),
        (None, Some("de, en;q=0.1"), "en"),
        (Some("kk"), Some("en"), "kk"),
    ] {
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(accept.map(|accept| ("accept-language", accept)));
        let asked = request(Method::POST, "/v1/certificates/check", &headers, refused(field));
        let report = json(app.respond(asked).await).await;
        assert_eq!(report["refusal"]["message"], report["refusal"]["messages"][expected], "{field:?} {accept:?}");
    }
}

#[tokio::test]
async fn tables_and_state_can_be_read() {
    let app = app();
    let services = json(app.respond(get("/v1/services")).await).await;
    assert_eq!(services["services"].as_array().unwrap().len(), 8, "{services}");
    assert!(json(app.respond(get("/v1/revocation")).await).await["lists"].is_array());
    let refreshed = app.respond(post("/v1/revocation/refresh", "")).await;
    assert_eq!(refreshed.status(), StatusCode::ACCEPTED);
    let ready = json(app.respond(get("/readyz")).await).await;
    assert_eq!(ready["demo"], true, "{ready}");
    assert_eq!(json(app.respond(get("/healthz")).await).await["status"], "ok");
    let number = json(app.respond(post("/v1/identity-numbers/check", r#"{"bin": "600440000019"}"#)).await).await;
    assert_eq!(number["well_formed"], true, "{number}");
    for text in ["12", "65061510001A", "", "６５０６１５１０００１５", "650615100015 "] {
        let body = serde_json::json!({ "iin": text }).to_string();
        let response = app.respond(post("/v1/identity-numbers/check", body)).await;
        assert_eq!(response.status(), StatusCode::OK, "{text}");
        let number = json(response).await;
        assert_eq!((&number["well_formed"], number["problem"].is_string()), (&false.into(), true), "{text}: {number}");
    }
}

#[tokio::test]
async fn the_description_is_openapi_3_1_and_lists_every_call() {
    let description = json(app().respond(get("/openapi.json")).await).await;
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"), "{}", description["openapi"]);
    let paths: Vec<_> = description["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        paths,
        [
            "/healthz",
            "/metrics",
            "/readyz",
            "/v1/approvals",
            "/v1/approvals/{id}",
            "/v1/approvals/{id}/document",
            "/v1/certificates/check",
            "/v1/challenges",
            "/v1/challenges/{id}/response",
            "/v1/documents/verify",
            "/v1/identity-numbers/check",
            "/v1/journal",
            "/v1/journal/head",
            "/v1/journal/{sequence}",
            "/v1/licences/sign",
            "/v1/officials",
            "/v1/revocation",
            "/v1/revocation/refresh",
            "/v1/services",
            "/v1/submissions/verify",
        ]
    );
    // Every reference leads somewhere.
    let text = description.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let pointer = reference.split('"').next().unwrap();
        assert!(description.pointer(pointer).is_some(), "{pointer}");
    }
    let call = &description["paths"]["/v1/certificates/check"]["post"];
    let example = &call["requestBody"]["content"]["application/json"]["example"];
    let response = app().respond(post("/v1/certificates/check", example.to_string())).await;
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn pages_refer_to_nothing_outside() {
    let app = app();
    let mut found = 0;
    for page in ["/", "/docs"] {
        let response = app.respond(get(page)).await;
        assert_eq!(response.status(), StatusCode::OK, "{page}");
        assert!(header(&response, "content-type").starts_with("text/html"), "{page}");
        let html = text(response).await;
        for attribute in ["src=\"", "href=\""] {
            for link in html.split(attribute).skip(1).map(|rest| rest.split('"').next().unwrap()) {
                if link.starts_with("data:") {
                    continue;
                }
                assert!(link.starts_with('/') && !link.starts_with("//"), "{page} refers to {link}");
                let response = app.respond(get(link)).await;
                assert!(response.status().is_success() || link == "/readyz", "{link}: {}", response.status());
                found += 1;
            }
        }
    }
    assert!(found > 8, "{found}");
}

#[tokio::test]
async fn the_words_of_the_page_exist_in_every_language() {
    let html = text(app().respond(get("/")).await).await;
    let words = text(app().respond(get("/assets/texts.js")).await).await;
    let languages: Vec<&str> = words.split("\n  }").take(3).collect();
    assert_eq!(languages.len(), 3);
    let keys = html.split("data-text=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    for key in keys {
        for language in &languages {
            let present = [format!(" {key}: "), format!("\n    {key}: ")].iter().any(|form| language.contains(form));
            assert!(present, "{key} is not in a language");
        }
    }
}

#[tokio::test]
async fn a_refresh_cannot_be_asked_for_over_and_over() {
    use rastau::fetch::{FakeFetch, FetchError};
    use rastau::revocation::refresh::{Refresher, Schedule};
    use rastau::revocation::{Source, Store, StoreOptions};
    use rastau::service::{Grounds, Lists};

    let url = "http://crl.invalid/full.crl";
    let now = SystemClock.now();
    let grounds = demo::grounds(now).unwrap();
    let store = Arc::new(Store::load(vec![Source::urls(&[url]).unwrap()], StoreOptions::new([]), now));
    let fetch = FakeFetch::default();
    fetch.answer(url, Err(FetchError::NoRoots));
    let refresher = Refresher::new(Arc::clone(&store), Arc::new(fetch), Arc::new(SystemClock), Schedule::default());
    let grounds = Grounds { lists: Lists::Live(store), ..grounds };
    let service = Arc::new(crate::demo::service(grounds, now));
    let behind = Behind { refresher: Some(Arc::new(refresher)), ..Behind::of(service, Arc::new(Metrics::new())) };
    let app = App::new(&config(&[]), behind);
    assert_eq!(app.respond(post("/v1/revocation/refresh", "")).await.status(), StatusCode::ACCEPTED);
    // While it goes on, asking again joins it; afterwards it is too soon.
    let mut again = app.respond(post("/v1/revocation/refresh", "")).await;
    while again.status() == StatusCode::ACCEPTED {
        tokio::task::yield_now().await;
        again = app.respond(post("/v1/revocation/refresh", "")).await;
    }
    assert_eq!(again.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(header(&again, "retry-after"), "30");
    assert_eq!(json(again).await["code"], "too-soon");
}

#[tokio::test]
async fn a_refresh_that_takes_longer_than_the_pause_cannot_be_followed_at_once() {
    use rastau::clock::Time;
    use rastau::fetch::{Asked, Fetch, FetchError, Fetched, Get, Limits, Post};
    use rastau::revocation::refresh::{Refresher, Schedule};
    use rastau::revocation::{Source, Store, StoreOptions};
    use rastau::service::{Grounds, Lists};
    use std::sync::atomic::{AtomicI64, Ordering};
    use tokio::sync::Semaphore;

    struct Moved(AtomicI64);
    impl Clock for Moved {
        fn now(&self) -> Time {
            Time::from_unix(self.0.load(Ordering::SeqCst))
        }
    }

    /// Answers when it is let.
    struct Slow(Semaphore);
    impl Fetch for Slow {
        fn ask<'a>(&'a self, _: Get<'a>) -> Asked<'a> {
            Box::pin(async {
                self.0.acquire().await.unwrap().forget();
                Err(FetchError::NoRoots)
            })
        }

        fn post<'a>(&'a self, _: &'a str, _: Post, _: Limits) -> Fetched<'a> {
            Box::pin(async { Err(FetchError::NoRoots) })
        }
    }

    let now = SystemClock.now();
    let clock = Arc::new(Moved(AtomicI64::new(now.unix_seconds())));
    let source = Source::urls(&["http://crl.invalid/full.crl"]).unwrap();
    let store = Arc::new(Store::load(vec![source], StoreOptions::new([]), now));
    let fetch = Arc::new(Slow(Semaphore::new(0)));
    let refresher = Refresher::new(Arc::clone(&store), Arc::clone(&fetch) as _, clock.clone(), Schedule::default());
    let grounds = Grounds { lists: Lists::Live(store), ..demo::grounds(now).unwrap() };
    let service = Arc::new(crate::demo::service_by(grounds, clock.clone()));
    let behind = Behind { refresher: Some(Arc::new(refresher)), ..Behind::of(service, Arc::new(Metrics::new())) };
    let app = App::new(&config(&[]), behind);
    let refresh = || app.respond(post("/v1/revocation/refresh", ""));
    assert_eq!(refresh().await.status(), StatusCode::ACCEPTED);
    clock.0.fetch_add(100, Ordering::SeqCst);
    assert_eq!(refresh().await.status(), StatusCode::ACCEPTED, "it goes on");
    fetch.0.add_permits(1);
    let mut again = refresh().await;
    while again.status() == StatusCode::ACCEPTED {
        tokio::task::yield_now().await;
        again = refresh().await;
    }
    assert_eq!((again.status(), header(&again, "retry-after")), (StatusCode::TOO_MANY_REQUESTS, "30"));
    clock.0.fetch_add(30, Ordering::SeqCst);
    assert_eq!(refresh().await.status(), StatusCode::ACCEPTED);
}
