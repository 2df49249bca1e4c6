//! `/v1/submissions/verify`: one decision over a form and its attachments.

use serde_json::{Value, json};

use super::*;
use crate::signing::{attached, base64, detached, enveloped};

const VERIFY: &str = "/v1/submissions/verify";
const PERSON: &str = "individual-valid";
const HEAD: &str = "legal-head-valid";
const EMPLOYEE: &str = "legal-employee-valid";
const IIN: &str = "650615100015";
const BIN: &str = "600440000019";

fn app_with_offices() -> App {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rastau.toml");
    let text = format!("[trust]\ndemo = true\n[[submissions.centre]]\nbins = [\"{BIN}\"]\nroles = [\"employee\"]\n");
    std::fs::write(&file, text).unwrap();
    let config = Config::load(&Sources { file: Some(file), ..Sources::default() }).unwrap();
    let now = SystemClock.now();
    let parts = rastau::service::Parts {
        submissions: config.submissions.clone(),
        ..rastau::service::Parts::new(Arc::new(SystemClock), demo::grounds(now).unwrap())
    };
    let service = Arc::new(rastau::service::Service::new(parts));
    App::new(&config, Behind::of(service, Arc::new(Metrics::new())))
}

fn signed(holder: &str, text: &str) -> Value {
    json!({ "document": base64(attached(&[holder], text.as_bytes())) })
}

fn attachment(name: &str, holder: &str) -> Value {
    let mut one = signed(holder, name);
    one["name"] = name.into();
    one
}

/// A submission on the portal with one attachment.
fn portal(applicant: Value, form: &str, attached: &str) -> Value {
    json!({
        "service": "medical-activity",
        "channel": "portal",
        "applicant": applicant,
        "form": { "document": base64(enveloped(form, "<form><a>1</a></form>")) },
        "attachments": [attachment("diploma.pdf", attached)],
        "language": "ru",
    })
}

async fn ask(app: &App, body: &Value) -> (StatusCode, Value) {
    let response = app.respond(post(VERIFY, body.to_string())).await;
    (response.status(), json(response).await)
}

async fn outcome(app: &App, body: &Value) -> (String, String, String) {
    let (status, answer) = ask(app, body).await;
    assert_eq!(status, StatusCode::OK, "{answer:#}");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(&answer["decision"]), text(&answer["refusal"]["code"]), text(&answer["refusal"]["document"]))
}

#[tokio::test]
async fn who_has_to_sign_depends_on_the_channel() {
    let app = app_with_offices();
    let with = |body: &Value, name: &str, value: Value| {
        let mut body = body.clone();
        body[name] = value;
        body
    };
    let person = portal(json!({ "iin": IIN }), PERSON, PERSON);
    let organisation = portal(json!({ "bin": BIN }), HEAD, HEAD);
    let counter = with(&portal(json!({ "iin": IIN }), EMPLOYEE, EMPLOYEE), "channel", json!("centre"));
    let representative = json!({ "iin": IIN });
    let represented = with(&portal(json!({ "bin": BIN }), PERSON, PERSON), "representative", representative.clone());
    for (body, expected) in [
        (person.clone(), ("accepted", "", "")),
        (organisation.clone(), ("accepted", "", "")),
        (counter.clone(), ("accepted", "", "")),
        (represented, ("accepted", "", "")),
        // The applicant signs instead of the representative; nobody with the number signs; the numbers are of another kind.
        (with(&organisation, "representative", representative), ("refused", "identity-mismatch", "form")),
        (portal(json!({ "iin": IIN }), HEAD, HEAD), ("refused", "identity-mismatch", "form")),
        (portal(json!({ "bin": BIN }), PERSON, PERSON), ("refused", "identity-missing", "form")),
        (portal(json!({ "iin": IIN }), PERSON, HEAD), ("refused", "identity-mismatch", "diploma.pdf")),
        // Two people of one organisation.
        (portal(json!({ "bin": BIN }), HEAD, EMPLOYEE), ("refused", "identity-mismatch", "diploma.pdf")),
        // At the counter: a role that may not, an office that is none, the applicant in person.
        (
            with(&portal(json!({ "iin": IIN }), HEAD, HEAD), "channel", json!("centre")),
            ("refused", "authority-missing", "form"),
        ),
        (with(&counter, "channel", json!("provider")), ("refused", "authority-missing", "form")),
        (with(&person, "channel", json!("centre")), ("refused", "identity-missing", "form")),
        // The service is not open for the channel, or for people.
        (
            with(&with(&counter, "service", json!("pharmaceutical-activity")), "channel", json!("centre")),
            ("refused", "authority-missing", ""),
        ),
        (with(&person, "service", json!("narcotics-circulation")), ("refused", "authority-missing", "")),
        // One bad document is enough, and the first reason in the order of the codes is told.
        (
            portal(json!({ "iin": IIN }), PERSON, "individual-revoked"),
            ("refused", "certificate-revoked", "diploma.pdf"),
        ),
        (
            portal(json!({ "iin": IIN }), "individual-expired", "individual-revoked"),
            ("refused", "certificate-expired", "form"),
        ),
        (
            portal(json!({ "iin": IIN }), PERSON, "stranger-individual"),
            ("refused", "issuer-not-trusted", "diploma.pdf"),
        ),
    ] {
        let (decision, code, document) = outcome(&app, &body).await;
        assert_eq!((decision.as_str(), code.as_str(), document.as_str()), expected, "{:#}", ask(&app, &body).await.1);
    }
}

#[tokio::test]
async fn the_answer_names_the_document_in_three_languages_and_reports_on_each() {
    let app = app();
    let (_, answer) = ask(&app, &portal(json!({ "iin": IIN }), PERSON, "individual-revoked")).await;
    assert_eq!(answer["refusal"]["message"], answer["refusal"]["messages"]["ru"]);
    for language in ["kk", "ru", "en"] {
        assert!(answer["refusal"]["messages"][language].as_str().unwrap().contains("«diploma.pdf»"), "{answer:#}");
    }
    let documents = answer["documents"].as_array().unwrap();
    let names: Vec<_> = documents.iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["form", "diploma.pdf"]);
    assert_eq!(documents[0]["report"]["decision"], "accepted");
    assert_eq!(documents[0]["report"]["format"], "xml");
    assert_eq!(documents[0]["signatory"]["status"], "passed");
    assert_eq!(documents[1]["report"]["decision"], "refused");
    assert_eq!(documents[1]["report"]["signatures"].as_array().unwrap().len(), 1);
    assert!(answer["at"].is_string() && answer["checked_at"].is_string() && answer["demo"] == true);
    assert_eq!(answer["indication"], "TOTAL-FAILED");
    let metrics = text(app.respond(get("/metrics")).await).await;
    assert!(metrics.contains("rastau_documents_total{call=\"submission\",decision=\"refused\""), "{metrics}");
}

#[tokio::test]
async fn others_may_sign_too_as_long_as_their_signatures_hold() {
    let app = app();
    let mut body = portal(json!({ "iin": IIN }), PERSON, PERSON);
    body["attachments"][0]["document"] = base64(attached(&[HEAD, PERSON], b"a contract")).into();
    assert_eq!(outcome(&app, &body).await.0, "accepted");
    body["attachments"][0]["document"] = base64(attached(&["individual-expired", PERSON], b"a contract")).into();
    assert_eq!(outcome(&app, &body).await.1, "certificate-expired");
    // Beside its content.
    body["attachments"][0]["document"] = base64(detached(PERSON, b"a plan")).into();
    assert_eq!(outcome(&app, &body).await.1, "signature-invalid");
    body["attachments"][0]["content"] = base64(b"a plan").into();
    assert_eq!(outcome(&app, &body).await.0, "accepted");
    body["attachments"] = json!([]);
    assert_eq!(outcome(&app, &body).await.0, "accepted", "a form by itself");
    body["form"]["document"] = base64(b"nothing of the kind").into();
    assert_eq!(outcome(&app, &body).await.1, "document-malformed");
}

#[tokio::test]
async fn submissions_that_cannot_be_used_name_the_field() {
    let app = app();
    let good = portal(json!({ "iin": IIN }), PERSON, PERSON);
    let change = |path: &str, value: Value| {
        let mut body = good.clone();
        *body.pointer_mut(path).unwrap() = value;
        body
    };
    let unusable = StatusCode::UNPROCESSABLE_ENTITY;
    let mut extra = good.clone();
    extra["attachments"][0]["size"] = 7.into();
    let mut representative = good.clone();
    representative["representative"] = json!({ "iin": "12" });
    let one = attachment("a", PERSON);
    for (body, status, field) in [
        (change("/service", json!("fishing")), unusable, "service"),
        (change("/channel", json!("mail")), unusable, "channel"),
        (change("/applicant", json!({})), unusable, "applicant"),
        (change("/applicant", json!({ "iin": IIN, "bin": BIN })), unusable, "applicant"),
        (change("/applicant", json!({ "iin": "65061510001x" })), unusable, "applicant.iin"),
        (representative, unusable, "representative.iin"),
        (change("/form", json!({})), unusable, "form.document"),
        (change("/form/document", json!("!!")), StatusCode::BAD_REQUEST, "form.document"),
        (change("/attachments/0/document", json!("!!")), StatusCode::BAD_REQUEST, "attachments[0].document"),
        (change("/attachments/0/name", json!(" ")), unusable, "attachments[0].name"),
        (change("/attachments/0/name", json!("form")), unusable, "attachments[0].name"),
        (change("/attachments/0/name", json!("x".repeat(256))), unusable, "attachments[0].name"),
        (change("/attachments", json!([one, one])), unusable, "attachments[1].name"),
        (change("/attachments", json!(vec![one.clone(); 101])), unusable, "attachments"),
        (change("/attachments", json!({})), unusable, "attachments"),
        (extra, unusable, "attachments[0].size"),
        (change("/language", json!("de")), unusable, "language"),
    ] {
        let (found, problem) = ask(&app, &body).await;
        assert_eq!(found, status, "{problem}");
        assert_eq!(problem["errors"][0]["field"], field, "{problem}");
        assert_eq!(problem["errors"].as_array().unwrap().len(), 1, "{problem}");
    }
}
