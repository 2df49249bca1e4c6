//! Nothing is signed twice because somebody asked twice.

use super::*;

#[tokio::test]
async fn the_same_request_is_answered_with_the_same_signature() {
    let office = open(Setting::of(vec![holder("head", "legal-head-valid")])).await;
    let (_, first) = ask(&office.app, "k1", &licence()).await;
    let (status, second) = ask(&office.app, "k1", &licence()).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(second["document"], first["document"]);
    assert_eq!(second["journal"], first["journal"]);
    assert_eq!(second["replayed"], true);
    assert_eq!(signed_entries(&office.app).await, 1);
}

#[tokio::test]
async fn two_at_once_get_one_signature() {
    let office = open(Setting::of(vec![holder("head", "legal-head-valid")])).await;
    let licence = licence();
    let asked = (0..8).map(|_| ask(&office.app, "k1", &licence));
    let answers = futures_util::future::join_all(asked).await;
    let documents: std::collections::BTreeSet<_> =
        answers.iter().map(|(_, answer)| answer["document"].as_str().unwrap()).collect();
    assert_eq!(documents.len(), 1);
    assert_eq!(signed_entries(&office.app).await, 1);
}

#[tokio::test]
async fn the_same_key_with_another_request_is_refused() {
    let office = open(Setting::of(vec![holder("head", "legal-head-valid")])).await;
    ask(&office.app, "k1", &licence()).await;
    for change in [
        json!({ "document": base64("another") }),
        json!({ "number": "000002" }),
        json!({ "kind": "refusal" }),
        json!({ "detached": true }),
        json!({ "holder": { "iin": "720301200081" } }),
        json!({ "media_type": "text/html" }),
    ] {
        let (status, answer) = ask(&office.app, "k1", &with(licence(), change.clone())).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{change}");
        assert_eq!(answer["code"], "idempotency-key-reused", "{change}");
    }
    assert_eq!(signed_entries(&office.app).await, 1);
}

#[tokio::test]
async fn another_client_with_the_same_key_gets_a_signature_of_its_own() {
    let office = open(Setting::of(vec![holder("head", "legal-head-valid")])).await;
    let (_, first) = ask_as(&office.app, "k1", &licence(), Some("a")).await;
    let (_, second) = ask_as(&office.app, "k1", &licence(), Some("b")).await;
    assert_ne!(first["document"], second["document"]);
    assert_eq!(second["replayed"], false);
}

#[tokio::test]
async fn the_answer_is_given_again_after_a_restart() {
    let office = open(Setting::of(vec![holder("head", "legal-head-valid")])).await;
    let (_, first) = ask(&office.app, "k1", &licence()).await;
    office.keeper.close().await;
    let office = open_in(Setting::of(vec![holder("head", "legal-head-valid")]), office.folder).await;
    let (status, again) = ask(&office.app, "k1", &licence()).await;
    assert_eq!(status, StatusCode::OK, "{again}");
    assert_eq!((&again["document"], &again["journal"]), (&first["document"], &first["journal"]));
}

#[tokio::test]
async fn a_request_without_a_usable_key_is_not_signed() {
    let office = open(Setting::of(vec![holder("head", "legal-head-valid")])).await;
    let long = "k".repeat(256);
    for key in [None, Some(""), Some("with space"), Some("caf\u{e9}"), Some(long.as_str())] {
        let mut request = Request::post(PATH).header("content-type", "application/json");
        if let Some(key) = key {
            request = request.header("idempotency-key", key.as_bytes());
        }
        let request = request.body(Body::from(licence().to_string())).unwrap();
        let (status, answer) = answered(&office.app, request).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{key:?}: {answer}");
        assert_eq!(answer["errors"][0]["field"], "idempotency-key");
    }
    assert!(events(&office.app).await.is_empty());
}

#[tokio::test]
async fn a_refused_request_may_be_asked_again_when_what_was_wrong_is_mended() {
    let revoked = || vec![holder("head", "legal-head-revoked")];
    let office = open(Setting::of(revoked())).await;
    let (status, _) = ask(&office.app, "k1", &licence()).await;
    assert_eq!(status, StatusCode::CONFLICT);
    office.keeper.close().await;
    let office = open_in(Setting::of(vec![holder("head", "legal-head-valid")]), office.folder).await;
    let (status, answer) = ask(&office.app, "k1", &licence()).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
}
