//! `/v1/challenges`: log-in by certificate.

use std::sync::atomic::{AtomicI64, Ordering};

use rastau::clock::Time;
use serde_json::{Value, json};

use super::*;
use crate::signing::{attached, base64, detached, enveloped};

const ORIGIN: &str = "https://elicense.example.kz";
const HOLDER: &str = "individual-valid";
const IIN: &str = "650615100015";

/// A clock that is moved by hand.
struct Moved(AtomicI64);

impl Clock for Moved {
    fn now(&self) -> Time {
        Time::from_unix(self.0.load(Ordering::SeqCst))
    }
}

fn app_and_clock() -> (App, Arc<Moved>) {
    let now = SystemClock.now();
    let clock = Arc::new(Moved(AtomicI64::new(now.unix_seconds())));
    let service = Arc::new(crate::demo::service_by(demo::grounds(now).unwrap(), clock.clone()));
    let behind = Behind::of(service, Arc::new(Metrics::new()));
    (App::new(&config(&[]), behind), clock)
}

async fn challenge(app: &App) -> Value {
    let response = app.respond(post("/v1/challenges", json!({ "origin": ORIGIN }).to_string())).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    json(response).await
}

async fn answer(app: &App, challenge: &Value, body: &Value) -> (StatusCode, Value) {
    let path = format!("/v1/challenges/{}/response", challenge["id"].as_str().unwrap());
    let response = app.respond(post(&path, body.to_string())).await;
    (response.status(), json(response).await)
}

fn text_of(challenge: &Value) -> &str {
    challenge["text"].as_str().unwrap()
}

fn signed(holder: &str, challenge: &Value) -> Value {
    json!({ "signature": base64(attached(&[holder], text_of(challenge).as_bytes())) })
}

#[tokio::test]
async fn whoever_signs_the_challenge_is_logged_in() {
    let (app, _) = app_and_clock();
    type Sign = fn(&Value) -> String;
    let signers: [Sign; 4] = [
        |challenge| base64(attached(&[HOLDER], text_of(challenge).as_bytes())),
        |challenge| base64(detached(HOLDER, text_of(challenge).as_bytes())),
        |challenge| base64(enveloped(HOLDER, challenge["xml"].as_str().unwrap())),
        |challenge| enveloped(HOLDER, challenge["xml"].as_str().unwrap()),
    ];
    for sign in signers {
        let challenge = challenge(&app).await;
        let (status, report) =
            answer(&app, &challenge, &json!({ "signature": sign(&challenge), "origin": ORIGIN })).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(report["decision"], "accepted", "{report:#}");
        assert_eq!(report["holder"]["iin"], IIN);
        assert_eq!(report["holder"]["roles"], json!(["individual"]));
        assert_eq!(report["origin"], ORIGIN);
        assert_eq!(report["challenge_signed"], true);
        assert_eq!(report["report"]["signatures"].as_array().unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_challenge_says_what_it_binds() {
    let (app, clock) = app_and_clock();
    let one = challenge(&app).await;
    for form in [text_of(&one), one["xml"].as_str().unwrap()] {
        for part in [ORIGIN, one["challenge"].as_str().unwrap(), one["expires_at"].as_str().unwrap()] {
            assert!(form.contains(part), "{form}");
        }
    }
    assert_eq!(one["expires_at"], Time::from_unix(clock.0.load(Ordering::SeqCst) + 300).to_string());
    let other = challenge(&app).await;
    assert!(one["id"] != other["id"] && one["challenge"] != other["challenge"]);
}

#[tokio::test]
async fn a_challenge_is_used_up_by_the_first_response_good_or_bad() {
    let (app, _) = app_and_clock();
    for body in [
        |challenge: &Value| signed(HOLDER, challenge),
        |challenge: &Value| signed("individual-revoked", challenge),
        |_: &Value| json!({ "signature": base64(b"nothing of the kind") }),
    ] {
        let challenge = challenge(&app).await;
        assert_eq!(answer(&app, &challenge, &body(&challenge)).await.0, StatusCode::OK);
        let (status, problem) = answer(&app, &challenge, &signed(HOLDER, &challenge)).await;
        assert_eq!((status, &problem["code"]), (StatusCode::GONE, &json!("challenge-used")));
    }
}

#[tokio::test]
async fn a_request_that_cannot_be_understood_uses_nothing_up() {
    let (app, _) = app_and_clock();
    let challenge = challenge(&app).await;
    let good = signed(HOLDER, &challenge);
    let with = |name: &str, value: Value| {
        let mut body = good.clone();
        body[name] = value;
        body
    };
    for (body, status) in [
        (json!({}), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "signature": "" }), StatusCode::UNPROCESSABLE_ENTITY),
        (json!({ "signature": "!!" }), StatusCode::BAD_REQUEST),
        (with("format", json!("pdf")), StatusCode::UNPROCESSABLE_ENTITY),
        (with("purpose", json!("encrypt")), StatusCode::UNPROCESSABLE_ENTITY),
        (with("at", json!("2026-01-01T00:00:00Z")), StatusCode::UNPROCESSABLE_ENTITY),
        (with("language", json!("de")), StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        assert_eq!(answer(&app, &challenge, &body).await.0, status, "{body}");
    }
    assert_eq!(answer(&app, &challenge, &good).await.1["decision"], "accepted");
}

#[tokio::test]
async fn a_challenge_that_is_over_or_was_never_asked_for_cannot_be_answered() {
    let (app, clock) = app_and_clock();
    let one = challenge(&app).await;
    clock.0.fetch_add(300, Ordering::SeqCst);
    let (status, problem) = answer(&app, &one, &signed(HOLDER, &one)).await;
    assert_eq!((status, &problem["code"]), (StatusCode::GONE, &json!("challenge-expired")));
    for id in ["0".repeat(32), "x".to_owned(), "%00".to_owned()] {
        let (status, problem) = answer(&app, &json!({ "id": id }), &signed(HOLDER, &one)).await;
        assert_eq!((status, &problem["code"]), (StatusCode::NOT_FOUND, &json!("challenge-unknown")), "{id}");
    }
}

#[tokio::test]
async fn a_signature_over_anything_else_is_refused() {
    let (app, _) = app_and_clock();
    let other = challenge(&app).await;
    type Sign = fn(&Value, &Value) -> Value;
    let signatures: [(Sign, &str); 9] = [
        // The response to another challenge, replayed.
        (|_, other| signed(HOLDER, other), "signature-invalid"),
        (
            |_, other| json!({ "signature": base64(enveloped(HOLDER, other["xml"].as_str().unwrap())) }),
            "signature-invalid",
        ),
        // The same text for another site.
        (
            |challenge, _| {
                let text = text_of(challenge).replace("elicense", "evil");
                json!({ "signature": base64(attached(&[HOLDER], text.as_bytes())) })
            },
            "signature-invalid",
        ),
        // The value alone, the text with something more, the XML inside another document.
        (
            |challenge, _| json!({ "signature": base64(attached(&[HOLDER], challenge["challenge"].as_str().unwrap().as_bytes())) }),
            "signature-invalid",
        ),
        (
            |challenge, _| json!({ "signature": base64(attached(&[HOLDER], format!("{}\n", text_of(challenge)).as_bytes())) }),
            "signature-invalid",
        ),
        (
            |challenge, _| {
                let document = format!("<a>{}</a>", challenge["xml"].as_str().unwrap());
                json!({ "signature": base64(enveloped(HOLDER, &document)) })
            },
            "signature-invalid",
        ),
        // By two people: whose log-in would it be?
        (
            |challenge, _| json!({ "signature": base64(attached(&[HOLDER, "legal-head-valid"], text_of(challenge).as_bytes())) }),
            "signature-invalid",
        ),
        // At another site than the one that is logged in to.
        (
            |challenge, _| {
                let mut body = signed(HOLDER, challenge);
                body["origin"] = "https://evil.example.kz".into();
                body
            },
            "signature-invalid",
        ),
        (|_, _| json!({ "signature": base64(b"%PDF-1.7") }), "document-malformed"),
    ];
    for (index, (sign, code)) in signatures.into_iter().enumerate() {
        let challenge = challenge(&app).await;
        let (status, report) = answer(&app, &challenge, &sign(&challenge, &other)).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(
            (&report["decision"], &report["refusal"]["code"]),
            (&json!("refused"), &json!(code)),
            "{index} {report:#}"
        );
        assert!(report.get("holder").is_none(), "{report:#}");
    }
}

#[tokio::test]
async fn the_certificate_has_to_be_good_for_it() {
    let (app, _) = app_and_clock();
    for (holder, code) in [
        ("individual-revoked", "certificate-revoked"),
        ("individual-expired", "certificate-expired"),
        ("stranger-individual", "issuer-not-trusted"),
    ] {
        let challenge = challenge(&app).await;
        let (_, report) = answer(&app, &challenge, &signed(holder, &challenge)).await;
        assert_eq!((&report["decision"], &report["refusal"]["code"]), (&json!("refused"), &json!(code)), "{report:#}");
    }
    // Numbers that were asked for when the challenge was made.
    for (iin, decision) in [(IIN, "accepted"), ("720301200081", "refused")] {
        let body = json!({ "origin": ORIGIN, "identity": { "iin": iin } }).to_string();
        let challenge = json(app.respond(post("/v1/challenges", body)).await).await;
        let (_, report) = answer(&app, &challenge, &signed(HOLDER, &challenge)).await;
        assert_eq!(report["decision"], decision, "{report:#}");
    }
}

#[tokio::test]
async fn only_sites_get_challenges() {
    let (app, _) = app_and_clock();
    for (body, field) in [
        (json!({}), "origin"),
        (json!({ "origin": "" }), "origin"),
        (json!({ "origin": "elicense.example.kz" }), "origin"),
        (json!({ "origin": format!("{ORIGIN}/login") }), "origin"),
        (json!({ "origin": ORIGIN, "identity": { "iin": "1" } }), "identity.iin"),
        (json!({ "origin": ORIGIN, "life": 7 }), "life"),
    ] {
        let response = app.respond(post("/v1/challenges", body.to_string())).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(json(response).await["errors"][0]["field"], field, "{body}");
    }
}
