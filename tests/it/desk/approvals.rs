//! The second person.

use super::*;

fn entry() -> Entry {
    let mut entry = holder("head", "legal-head-valid");
    entry.official.second_person = true;
    entry
}

async fn settle(app: &App, id: &str, decision: &str, client: &str) -> (StatusCode, Value) {
    let request = Request::post(format!("/v1/approvals/{id}")).header("content-type", "application/json");
    let mut request = request.body(Body::from(json!({ "decision": decision }).to_string())).unwrap();
    name(&mut request, Some(client));
    answered(app, request).await
}

async fn waiting(office: &Office) -> String {
    let (status, answer) = ask_as(&office.app, "k1", &licence(), Some("clerk")).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
    answer["approval"]["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_request_waits_until_somebody_else_approves() {
    let office = open(Setting::of(vec![entry()])).await;
    let id = waiting(&office).await;
    assert_eq!(waiting(&office).await, id, "asked again it is the same request");
    assert_eq!(signed_entries(&office.app).await, 0);
    let (_, listed) = get(&office.app, "/v1/approvals").await;
    assert_eq!(listed["approvals"][0]["id"], *id);
    assert_eq!(listed["approvals"][0]["asked_by"], "clerk");
    assert!(!listed.to_string().contains(HOLDER), "no number of a person: {listed}");

    let (status, answer) = settle(&office.app, &id, "approve", "clerk").await;
    assert_eq!((status, answer["code"].as_str().unwrap()), (StatusCode::FORBIDDEN, "approver-is-asker"));
    let (status, signed) = settle(&office.app, &id, "approve", "deputy").await;
    assert_eq!(status, StatusCode::OK, "{signed}");
    let (status, fetched) = ask_as(&office.app, "k1", &licence(), Some("clerk")).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(fetched["document"], signed["document"]);
    let (status, _) = settle(&office.app, &id, "approve", "deputy").await;
    assert_eq!(status, StatusCode::NOT_FOUND, "once only");
    let entries = events(&office.app).await;
    let signed = entries.iter().find(|entry| entry["event"] == "signed").unwrap();
    assert_eq!(signed["details"]["approved-by"], "deputy");
    assert_eq!(signed["client"], "clerk");
}

#[tokio::test]
async fn what_is_withheld_is_not_signed() {
    let office = open(Setting::of(vec![entry()])).await;
    let id = waiting(&office).await;
    let (status, answer) = settle(&office.app, &id, "withhold", "deputy").await;
    assert_eq!((status, &answer["withheld"]), (StatusCode::OK, &json!(true)));
    assert_eq!(settle(&office.app, &id, "approve", "deputy").await.0, StatusCode::NOT_FOUND);
    assert_eq!(signed_entries(&office.app).await, 0);
}

#[tokio::test]
async fn a_request_goes_on_waiting_after_a_restart() {
    let office = open(Setting::of(vec![entry()])).await;
    let id = waiting(&office).await;
    office.keeper.close().await;
    let office = open_in(Setting::of(vec![entry()]), office.folder).await;
    let (status, answer) = settle(&office.app, &id, "approve", "deputy").await;
    assert_eq!(status, StatusCode::OK, "{answer}");
}

#[tokio::test]
async fn two_approvals_at_once_make_one_signature() {
    let office = open(Setting::of(vec![entry()])).await;
    let id = waiting(&office).await;
    let both = futures_util::future::join(
        settle(&office.app, &id, "approve", "deputy"),
        settle(&office.app, &id, "approve", "other"),
    )
    .await;
    assert!([&both.0.0, &both.1.0].contains(&&StatusCode::OK), "{both:?}");
    assert_eq!(signed_entries(&office.app).await, 1);
}

#[tokio::test]
async fn who_is_nobody_in_particular_cannot_approve_for_nobody_in_particular() {
    let office = open(Setting::of(vec![entry()])).await;
    let (status, answer) = ask(&office.app, "k1", &licence()).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{answer}");
    let id = answer["approval"]["id"].as_str().unwrap();
    let request = Request::post(format!("/v1/approvals/{id}")).header("content-type", "application/json");
    let request = request.body(Body::from(json!({ "decision": "approve" }).to_string())).unwrap();
    let (status, answer) = answered(&office.app, request).await;
    assert_eq!((status, answer["code"].as_str().unwrap()), (StatusCode::FORBIDDEN, "approver-is-asker"));
}

#[tokio::test]
async fn what_could_not_be_signed_does_not_wait() {
    let mut entry = holder("head", "legal-head-revoked");
    entry.official.second_person = true;
    let office = open(Setting::of(vec![entry])).await;
    let (status, answer) = ask_as(&office.app, "k1", &licence(), Some("clerk")).await;
    assert_eq!(status, StatusCode::CONFLICT, "{answer}");
    assert_eq!(get(&office.app, "/v1/approvals").await.1["approvals"], json!([]));
}
