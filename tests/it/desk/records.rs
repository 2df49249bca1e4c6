//! What the journal says about what was decided and signed.

use super::*;

#[tokio::test]
async fn an_entry_tells_who_signed_what_and_no_number_of_a_person() {
    let office = open(Setting::of(vec![holder("head", "legal-head-valid")])).await;
    let (_, answer) = ask_as(&office.app, "k1", &licence(), Some("e-licensing")).await;
    let sequence = answer["journal"]["sequence"].as_u64().unwrap();
    let (status, entry) = get(&office.app, &format!("/v1/journal/{sequence}")).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(entry["hash"], answer["journal"]["hash"]);
    let kept = &entry["entry"];
    assert_eq!(kept["client"], "e-licensing", "{kept}");
    assert_eq!(kept["decision"], "accepted");
    for (name, value) in [
        ("official", "head"),
        ("kind", "licence"),
        ("service", "medical-activity"),
        ("number", "000001"),
        ("format", "cms"),
        ("policy", "kz test"),
    ] {
        assert_eq!(kept["details"][name], value, "{kept}");
    }
    let text = entry.to_string();
    assert!(!text.contains(HOLDER), "{text}");
    assert!(!text.contains(&base64("Licence No 000001\n")), "{text}");
    let (_, head) = get(&office.app, "/v1/journal/head").await;
    assert_eq!(head["head"]["sequence"], sequence);
}

#[tokio::test]
async fn checks_and_submissions_are_written_down() {
    let office = open(Setting::of(vec![])).await;
    for (path, name) in [
        ("/v1/certificates/check", "valid"),
        ("/v1/documents/verify", "document"),
        ("/v1/submissions/verify", "submission"),
    ] {
        let (_, body) = get(&office.app, &format!("/demo/{name}.json")).await;
        let request = Request::post(path).header("content-type", "application/json");
        let (status, answer) = answered(&office.app, request.body(Body::from(body.to_string())).unwrap()).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    }
    let entries = events(&office.app).await;
    let names: Vec<_> = entries.iter().map(|entry| entry["event"].as_str().unwrap()).collect();
    assert_eq!(names, ["certificate-checked", "document-verified", "submission-verified"]);
    for entry in &entries {
        assert_eq!(entry["decision"], "accepted", "{entry}");
        assert!(!entry["evidence"].as_array().unwrap().is_empty(), "{entry}");
        assert!(!entry.to_string().contains(HOLDER), "{entry}");
    }
}

#[tokio::test]
async fn a_submission_is_not_answered_when_it_cannot_be_written_down() {
    let office = open(Setting::of(vec![])).await;
    let (_, body) = get(&office.app, "/demo/submission.json").await;
    office.keeper.close().await;
    let request = Request::post("/v1/submissions/verify").header("content-type", "application/json");
    let (status, answer) = answered(&office.app, request.body(Body::from(body.to_string())).unwrap()).await;
    assert_eq!((status, answer["code"].as_str().unwrap()), (StatusCode::SERVICE_UNAVAILABLE, "journal-unavailable"));
}

#[tokio::test]
async fn questions_about_entries_that_are_not_there_are_answered_so() {
    let office = open(Setting::of(vec![])).await;
    for path in ["/v1/journal/0", "/v1/journal/1", "/v1/journal/x", "/v1/journal/99999999999999999999"] {
        let (status, answer) = get(&office.app, path).await;
        assert_eq!((status, answer["code"].as_str().unwrap()), (StatusCode::NOT_FOUND, "entry-unknown"), "{path}");
    }
    for path in ["/v1/journal?after=x", "/v1/journal?limit=-1", "/v1/journal?wrong=1"] {
        let (status, answer) = get(&office.app, path).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}: {answer}");
    }
    assert_eq!(get(&office.app, "/v1/journal/head").await.1, json!({ "head": null }));
    assert_eq!(get(&office.app, "/v1/journal?limit=100000").await.0, StatusCode::OK);
}
