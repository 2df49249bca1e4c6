//! `/v1/documents/verify`: what is accepted, what is refused, and what is no question at all.

use serde_json::{Value, json};

use std::sync::atomic::{AtomicBool, Ordering};
use std::task::Poll;

use futures_util::StreamExt as _;

use super::*;
use crate::signing::{attached, base64, detached, enveloped};

const VERIFY: &str = "/v1/documents/verify";
const HOLDER: &str = "individual-valid";
const IIN: &str = "650615100015";
const CONTENT: &[u8] = b"an application for a licence";

async fn ask(app: &App, body: &Value) -> (StatusCode, Value) {
    let response = app.respond(post(VERIFY, body.to_string())).await;
    (response.status(), json(response).await)
}

/// Decision, code.
fn outcome(answer: &Value) -> (&str, &str) {
    (answer["decision"].as_str().unwrap_or_default(), answer["refusal"]["code"].as_str().unwrap_or_default())
}

#[tokio::test]
async fn documents_of_every_kind_come_out_as_they_are() {
    let app = app();
    let cms = base64(attached(&[HOLDER], CONTENT));
    let beside = base64(detached(HOLDER, CONTENT));
    let digest = base64(ring::digest::digest(&ring::digest::SHA256, CONTENT));
    let xml = enveloped(HOLDER, "<form><name>A</name></form>");
    let accepted = ("accepted", "");
    let altered = ("refused", "signature-invalid");
    let table = [
        (json!({ "document": cms }), accepted),
        (json!({ "document": cms, "format": "cms", "identity": { "iin": IIN } }), accepted),
        (json!({ "document": cms, "identity": { "iin": "720301200081" } }), ("refused", "identity-mismatch")),
        (json!({ "document": cms, "content": base64(CONTENT) }), accepted),
        (json!({ "document": cms, "content": base64(b"something else") }), altered),
        (json!({ "document": beside, "content": base64(CONTENT) }), accepted),
        (json!({ "document": beside, "content": base64(b"something else") }), altered),
        (json!({ "document": beside, "content": "" }), altered),
        (json!({ "document": beside }), altered),
        // By a digest that the signature does not use nothing can be told.
        (json!({ "document": beside, "content_digest": { "algorithm": "sha-256", "value": digest } }), altered),
        (json!({ "document": base64(&xml) }), accepted),
        (json!({ "document": base64(xml.replace(">A<", ">B<")) }), altered),
        (json!({ "document": base64(&xml), "format": "cms" }), ("refused", "document-malformed")),
        (json!({ "document": base64(attached(&["individual-revoked"], CONTENT)) }), ("refused", "certificate-revoked")),
        (json!({ "document": base64(attached(&["individual-expired"], CONTENT)) }), ("refused", "certificate-expired")),
        (
            json!({ "document": base64(attached(&[HOLDER, "individual-revoked"], CONTENT)) }),
            ("refused", "certificate-revoked"),
        ),
        (json!({ "document": cms, "service": "narcotics-circulation" }), ("refused", "authority-missing")),
    ];
    for (body, expected) in table {
        let (status, answer) = ask(&app, &body).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        assert_eq!(outcome(&answer), expected, "{answer:#}");
        assert_eq!(answer["refusal"].is_null(), expected.0 == "accepted");
    }
    let metrics = text(app.respond(get("/metrics")).await).await;
    assert!(metrics.contains("rastau_documents_total{call=\"document\",decision=\"accepted\",code=\"\"}"), "{metrics}");
}

#[tokio::test]
async fn the_report_names_every_signature_and_hands_out_what_was_signed_when_asked() {
    let app = app();
    let document = base64(attached(&[HOLDER, "legal-head-valid"], CONTENT));
    let (_, answer) = ask(&app, &json!({ "document": document, "extract": true })).await;
    assert_eq!(answer["format"], "cms");
    assert_eq!(answer["demo"], true);
    let signatures = answer["signatures"].as_array().unwrap();
    assert_eq!(signatures.len(), 2, "{answer:#}");
    for signature in signatures {
        for member in ["decision", "indication", "checks", "certificate", "digest_algorithm", "signature_algorithm"] {
            assert!(!signature[member].is_null(), "{member}: {signature:#}");
        }
        assert_eq!(signature["covers"], "whole document");
        assert!(signature["claimed_signing_time"].is_string());
    }
    assert_eq!(answer["contents"][0]["base64"], base64(CONTENT));
    let (_, silent) = ask(&app, &json!({ "document": document })).await;
    assert!(silent["contents"][0]["base64"].is_null(), "{silent:#}");
    // What is refused is not handed on.
    let refused = base64(attached(&["individual-revoked"], CONTENT));
    let (_, refused) = ask(&app, &json!({ "document": refused, "extract": true })).await;
    assert!(!refused.to_string().contains(&base64(CONTENT)), "{refused:#}");
}

#[tokio::test]
async fn bytes_that_are_no_signed_document_are_a_refusal() {
    let app = app();
    let cms = attached(&[HOLDER], CONTENT);
    let deep = "<a>".repeat(10_000);
    let nested: Vec<u8> = [0x30, 0x80].repeat(10_000);
    for bytes in [
        b"hello".to_vec(),
        vec![0],
        vec![0x30, 0x84, 0x7f, 0xff, 0xff, 0xff],
        cms[..cms.len() / 2].to_vec(),
        b"%PDF-1.7\n".to_vec(),
        b"PK\x03\x04".to_vec(),
        b"<form/>".to_vec(),
        deep.into_bytes(),
        nested,
        crate::signing::certificate(HOLDER),
    ] {
        let (status, answer) = ask(&app, &json!({ "document": base64(&bytes) })).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(
            outcome(&answer),
            ("refused", "document-malformed"),
            "{:02x?}: {answer:#}",
            &bytes[..bytes.len().min(9)]
        );
        assert_eq!(answer["signatures"], json!([]));
    }
}

#[tokio::test]
async fn questions_that_cannot_be_used_name_the_field() {
    let app = app();
    let document = base64(attached(&[HOLDER], CONTENT));
    let with = |name: &str, value: Value| {
        let mut body = json!({ "document": document });
        body[name] = value;
        body
    };
    let bad_request = StatusCode::BAD_REQUEST;
    let unusable = StatusCode::UNPROCESSABLE_ENTITY;
    for (body, status, field) in [
        (json!({}), unusable, "document"),
        (json!({ "document": "" }), unusable, "document"),
        (json!({ "document": "   " }), unusable, "document"),
        (json!({ "document": 7 }), unusable, "document"),
        (json!({ "document": "!!!!" }), bad_request, "document"),
        (json!({ "document": "AAAA=AAA" }), bad_request, "document"),
        (with("content", json!("!!!!")), bad_request, "content"),
        (with("content", json!(["AAAA"])), unusable, "content"),
        (with("format", json!("docx")), unusable, "format"),
        (with("content_digest", json!({ "algorithm": "md5", "value": "00" })), unusable, "content_digest.algorithm"),
        (with("content_digest", json!({ "algorithm": "sha-256", "value": "00" })), unusable, "content_digest.value"),
        (with("content_digest", json!({ "algorithm": "sha-256" })), unusable, "content_digest.value"),
        (with("identity", json!({ "iin": "1" })), unusable, "identity.iin"),
        (with("identity", json!({})), unusable, "identity"),
        (with("service", json!("fishing")), unusable, "service"),
        (with("at", json!("yesterday")), unusable, "at"),
        (with("purpose", json!("encrypt")), unusable, "purpose"),
        (with("language", json!("de")), unusable, "language"),
        (with("extract", json!("yes")), unusable, "extract"),
        (with("documents", json!([])), unusable, "documents"),
    ] {
        let (found, problem) = ask(&app, &body).await;
        assert_eq!(found, status, "{body} {problem}");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        assert!(!problem["errors"][0]["remedy"].as_str().unwrap().is_empty());
    }
    let mut both = with("content", json!(base64(CONTENT)));
    both["content_digest"] = json!({ "algorithm": "sha-256", "value": "00".repeat(32) });
    assert_eq!(ask(&app, &both).await.0, unusable);
    for body in ["", "null", "[]", "{\"document\": \"AAAA\"", "{\"document\": \"A\", \"document\": \"B\"}"] {
        assert!(app.respond(post(VERIFY, body)).await.status().is_client_error(), "{body}");
    }
    let text = request(Method::POST, VERIFY, &[("content-type", "text/plain")], "{}");
    assert_eq!(app.respond(text).await.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);
}

#[tokio::test]
async fn documents_in_json_have_a_limit_of_their_own() {
    let app = app_with(&[("RASTAU_HTTP__MAX_BODY_BYTES", "1024"), ("RASTAU_HTTP__MAX_JSON_DOCUMENT_BYTES", "100000")]);
    let (status, _) = ask(&app, &json!({ "document": base64(vec![0; 60_000]) })).await;
    assert_eq!(status, StatusCode::OK);
    let (status, problem) = ask(&app, &json!({ "document": base64(vec![0; 90_000]) })).await;
    assert_eq!((status, &problem["code"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!("body-too-large")));
    // There is room for documents in memory, and an end of it.
    let app = app_with(&[("RASTAU_HTTP__DOCUMENT_MEMORY_BYTES", "1048576")]);
    let (status, problem) = ask(&app, &json!({ "document": base64(vec![0; 1_000_000]) })).await;
    assert_eq!((status, &problem["code"]), (StatusCode::SERVICE_UNAVAILABLE, &json!("overloaded")));
    assert_eq!(ask(&app, &json!({ "document": base64(vec![0; 1000]) })).await.0, StatusCode::OK);
}

// --- forms

/// Names and contents.
type Parts<'a> = &'a [(&'a str, &'a [u8])];

fn part(name: &str, contents: &[u8]) -> Vec<u8> {
    let head = format!("--b0\r\ncontent-disposition: form-data; name=\"{name}\"; filename=\"x\"\r\n\r\n");
    [head.as_bytes(), contents, b"\r\n"].concat()
}

fn form(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body: Vec<u8> = parts.iter().flat_map(|(name, contents)| part(name, contents)).collect();
    body.extend_from_slice(b"--b0--\r\n");
    body
}

async fn send(app: &App, body: impl Into<Body>) -> (StatusCode, Value) {
    let headers = [("content-type", "multipart/form-data; boundary=b0")];
    let response = app.respond(request(Method::POST, VERIFY, &headers, body)).await;
    (response.status(), json(response).await)
}

/// The demo, writing into a folder of its own.
fn app_in(folder: &tempfile::TempDir, settings: &[(&str, &str)]) -> App {
    let mut all = vec![("RASTAU_DATA__DIRECTORY", folder.path().to_str().unwrap())];
    all.extend_from_slice(settings);
    app_with(&all)
}

fn files(folder: &tempfile::TempDir) -> usize {
    std::fs::read_dir(folder.path()).unwrap().count()
}

#[tokio::test]
async fn a_form_is_a_question_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let app = app_in(&folder, &[]);
    let (cms, beside) = (attached(&[HOLDER], CONTENT), detached(HOLDER, CONTENT));
    let xml = enveloped(HOLDER, "<form/>".replace("/>", "></form>").as_str());
    let who = json!({ "identity": { "iin": IIN }, "extract": true }).to_string();
    let stranger = json!({ "identity": { "iin": "720301200081" } }).to_string();
    let table: [(Parts<'_>, (&str, &str)); 8] = [
        (&[("document", &cms)], ("accepted", "")),
        (&[("request", who.as_bytes()), ("document", &cms)], ("accepted", "")),
        (&[("document", &cms), ("request", stranger.as_bytes())], ("refused", "identity-mismatch")),
        (&[("document", &beside), ("content", CONTENT)], ("accepted", "")),
        (&[("content", CONTENT), ("document", &beside), ("request", b"{}")], ("accepted", "")),
        (&[("document", &beside), ("content", b"")], ("refused", "signature-invalid")),
        (&[("document", &beside)], ("refused", "signature-invalid")),
        (&[("document", xml.as_bytes())], ("accepted", "")),
    ];
    for (parts, expected) in table {
        let (status, answer) = send(&app, form(parts)).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        assert_eq!(outcome(&answer), expected, "{answer:#}");
    }
    assert_eq!(files(&folder), 0);
}

#[tokio::test]
async fn large_content_goes_through_the_disk_and_leaves_nothing_there() {
    let folder = tempfile::tempdir().unwrap();
    let app = app_in(&folder, &[("RASTAU_HTTP__DOCUMENT_MEMORY_BYTES", "20000000")]);
    let content: Vec<u8> = (0..20_000_000_u32).map(|index| (index % 253) as u8).collect();
    let beside = detached(HOLDER, &content);
    let (status, answer) = send(&app, form(&[("document", &beside), ("content", &content)])).await;
    assert_eq!((status, outcome(&answer)), (StatusCode::OK, ("accepted", "")), "{answer:#}");
    let mut other = content.clone();
    other[19_999_999] ^= 1;
    let (_, answer) = send(&app, form(&[("document", &beside), ("content", &other)])).await;
    assert_eq!(outcome(&answer), ("refused", "signature-invalid"), "{answer:#}");
    let inside = attached(&[HOLDER], &content);
    let (_, answer) = send(&app, form(&[("document", &inside)])).await;
    assert_eq!(outcome(&answer), ("accepted", ""), "{answer:#}");
    let (_, answer) = send(&app, form(&[("document", &inside[..inside.len() - 100])])).await;
    assert_eq!(outcome(&answer), ("refused", "document-malformed"), "{answer:#}");
    assert_eq!(files(&folder), 0);
}

#[tokio::test]
async fn forms_that_cannot_be_used_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let app = app_in(&folder, &[("RASTAU_HTTP__MAX_DOCUMENT_BYTES", "100000")]);
    let cms = attached(&[HOLDER], CONTENT);
    let unusable = StatusCode::UNPROCESSABLE_ENTITY;
    let huge = vec![0; 100_001];
    let question = json!({ "document": base64(&cms) }).to_string();
    let table: [(Parts<'_>, StatusCode, &str); 11] = [
        (&[], unusable, "document"),
        (&[("content", CONTENT)], unusable, "document"),
        (&[("document", b"")], unusable, "document"),
        (&[("document", &cms), ("document", &cms)], unusable, "document"),
        (&[("document", &cms), ("request", b"{}"), ("request", b"{}")], unusable, "request"),
        (&[("document", &cms), ("file", b"x")], unusable, "(part)"),
        (&[("document", &cms), ("request", question.as_bytes())], unusable, "request"),
        (&[("document", &cms), ("request", b"[]")], unusable, "request"),
        (&[("document", &cms), ("request", br#"{"identity": {"inn": 1}}"#)], unusable, "request.identity.inn"),
        (&[("document", &cms), ("request", br#"{"format": "docx"}"#)], unusable, "format"),
        (&[("document", &cms), ("request", b"{")], StatusCode::BAD_REQUEST, ""),
    ];
    for (parts, status, field) in table {
        let (found, problem) = send(&app, form(parts)).await;
        assert_eq!(found, status, "{problem}");
        if !field.is_empty() {
            assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        }
    }
    for parts in
        [[("document", &huge), ("x", &huge)], [("content", &huge), ("x", &huge)], [("request", &huge), ("x", &huge)]]
    {
        let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect();
        let (status, problem) = send(&app, form(&parts)).await;
        assert_eq!((status, &problem["code"]), (StatusCode::PAYLOAD_TOO_LARGE, &json!("body-too-large")), "{problem}");
    }
    let whole = form(&[("document", &cms)]);
    for body in [&b""[..], b"--b0", &whole[..whole.len() / 2], b"--b1--\r\n"] {
        let (status, problem) = send(&app, body.to_vec()).await;
        assert_eq!((status, &problem["code"]), (StatusCode::BAD_REQUEST, &json!("malformed-form")), "{problem}");
    }
    for content_type in ["multipart/form-data", "multipart/form-data; boundary="] {
        let asked = request(Method::POST, VERIFY, &[("content-type", content_type)], whole.clone());
        assert_eq!(app.respond(asked).await.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{content_type}");
    }
    assert_eq!(files(&folder), 0);
}

#[tokio::test]
async fn a_client_that_hangs_up_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let app = app_in(&folder, &[("RASTAU_HTTP__UPLOADS", "1")]);
    let begun =
        [part("document", b"x"), b"--b0\r\ncontent-disposition: form-data; name=content\r\n\r\n".to_vec()].concat();
    let pieces = std::iter::once(begun).chain(std::iter::repeat_n(vec![7; 1 << 20], 12)).map(Ok::<_, std::io::Error>);
    // Asked for more only when everything before was written.
    let written = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&written);
    let silence = futures_util::stream::poll_fn(move |_| {
        seen.store(true, Ordering::SeqCst);
        Poll::Pending
    });
    let asked = request(
        Method::POST,
        VERIFY,
        &[("content-type", "multipart/form-data; boundary=b0")],
        Body::from_stream(futures_util::stream::iter(pieces).chain(silence)),
    );
    let waiting = {
        let app = app.clone();
        tokio::spawn(async move { app.respond(asked).await.status() })
    };
    while !written.load(Ordering::SeqCst) {
        tokio::task::yield_now().await;
    }
    let large = form(&[("document", &vec![0x30; 9 << 20])]);
    // The one place for those who write to the disk is taken.
    assert_eq!(send(&app, large.clone()).await.0, StatusCode::SERVICE_UNAVAILABLE);
    waiting.abort();
    let _aborted = waiting.await;
    assert_eq!(send(&app, large).await.0, StatusCode::OK);
    assert_eq!(files(&folder), 0);
}

#[tokio::test]
async fn a_data_directory_that_cannot_be_written_is_our_fault_and_small_documents_still_work() {
    let app = app_with(&[("RASTAU_DATA__DIRECTORY", "/proc/nowhere")]);
    let (status, problem) = send(&app, form(&[("document", &vec![0x30; 9 << 20])])).await;
    assert_eq!((status, &problem["code"]), (StatusCode::INTERNAL_SERVER_ERROR, &json!("internal-error")));
    assert!(!problem.to_string().contains("nowhere"), "{problem}");
    let (status, answer) = send(&app, form(&[("document", &attached(&[HOLDER], CONTENT))])).await;
    assert_eq!((status, outcome(&answer)), (StatusCode::OK, ("accepted", "")));
}
