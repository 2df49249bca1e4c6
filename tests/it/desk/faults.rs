//! What must not be signed is not, and whoever asked is told why.

use rastau::journal::{
    Answer, AnswerKey, Entry as JournalEntry, JournalError, Later, Receipt, Record, Waiting, Wanted,
};
use rastau::service::signing::{NotOpened, Stamping};

use super::*;

async fn refused(setting: Setting, request: &Value, status: StatusCode, code: &str) -> Value {
    let office = open(setting).await;
    let (found, answer) = ask(&office.app, "k1", request).await;
    assert_eq!((found, answer["code"].as_str().unwrap()), (status, code), "{answer}");
    assert_eq!(signed_entries(&office.app).await, 0, "nothing is signed");
    let answers = office.folder.path().join("answers");
    assert!(!answers.exists() || std::fs::read_dir(answers).unwrap().count() == 0, "nothing is left");
    answer
}

#[tokio::test]
async fn a_certificate_that_is_not_good_signs_nothing() {
    for (holder_name, reason) in [
        ("legal-head-revoked", "certificate-revoked"),
        ("individual-expired", "certificate-expired"),
        ("individual-not-yet-valid", "certificate-not-yet-valid"),
        ("stranger-individual", "issuer-not-trusted"),
        ("individual-on-hold", "certificate-revoked"),
    ] {
        let setting = Setting::of(vec![holder("head", holder_name)]);
        let answer = refused(setting, &licence(), StatusCode::CONFLICT, "official-certificate-refused").await;
        assert_eq!(answer["refusal"]["code"], reason, "{answer}");
        assert!(!answer["refusal"]["messages"]["kk"].as_str().unwrap().is_empty());
    }
}

#[tokio::test]
async fn what_the_official_may_not_sign_is_not_signed() {
    let limited = |change: fn(&mut Official)| {
        let mut entry = holder("head", "legal-head-valid");
        change(&mut entry.official);
        Setting::of(vec![entry])
    };
    let cases: [(fn(&mut Official), &str); 5] = [
        (|official| official.may.kinds = vec![DocumentKind::Refusal], "kind-not-allowed"),
        (|official| official.may.services = vec!["pesticides".into()], "service-not-allowed"),
        (|official| official.may.media_types = vec!["application/pdf".into()], "media-type-not-allowed"),
        (|official| official.until = Some("2020-01-01T00:00:00Z".parse().unwrap()), "official-not-in-office"),
        (|official| official.from = Some("2049-01-01T00:00:00Z".parse().unwrap()), "official-not-in-office"),
    ];
    for (change, code) in cases {
        refused(limited(change), &licence(), StatusCode::FORBIDDEN, code).await;
    }
}

#[tokio::test]
async fn a_key_of_somebody_else_signs_nothing() {
    let mut entry = holder("head", "legal-head-valid");
    entry.official.identity.bin = Some(rastau::iin::Bin::parse("670940000051").unwrap());
    let answer =
        refused(Setting::of(vec![entry]), &licence(), StatusCode::SERVICE_UNAVAILABLE, "key-unavailable").await;
    assert!(answer["detail"].as_str().unwrap().contains("does not carry the BIN"), "{answer}");
    let mut entry = holder("head", "legal-head-valid");
    entry.official.identity.bin = Some(rastau::iin::Bin::parse(ORGANISATION).unwrap());
    let office = open(Setting::of(vec![entry])).await;
    assert_eq!(ask(&office.app, "k1", &licence()).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_wrong_signature_is_an_alarm_and_is_not_released() {
    let spoilt = Odd {
        identity: identity("legal-head-valid"),
        does: |mut signature| {
            signature[3] ^= 1;
            Ok(signature)
        },
    };
    let setting = Setting::of(vec![official("head", vec![held("k", Arc::new(spoilt))])]);
    let office = open(setting).await;
    let (status, answer) = ask(&office.app, "k1", &licence()).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer["code"], "self-check-failed");
    assert!(answer.get("document").is_none());
    let events = events(&office.app).await;
    assert_eq!(events[0]["event"], "signing-refused", "{events:?}");
    assert_eq!(events[0]["details"]["code"], "self-check-failed");
}

#[tokio::test]
async fn a_token_that_was_pulled_out_is_told_and_signs_when_it_is_back() {
    use std::sync::atomic::{AtomicBool, Ordering};
    static AWAY: AtomicBool = AtomicBool::new(true);
    let away = Odd {
        identity: identity("legal-head-valid"),
        does: |signature| match AWAY.load(Ordering::SeqCst) {
            true => Err(SignError::Unavailable("the token is not there".into())),
            false => Ok(signature),
        },
    };
    let office = open(Setting::of(vec![official("head", vec![held("k", Arc::new(away))])])).await;
    let (status, answer) = ask(&office.app, "k1", &licence()).await;
    assert_eq!((status, answer["code"].as_str().unwrap()), (StatusCode::SERVICE_UNAVAILABLE, "key-unavailable"));
    assert!(answer["detail"].as_str().unwrap().contains("its token or HSM does not answer"), "{answer}");
    AWAY.store(false, Ordering::SeqCst);
    assert_eq!(ask(&office.app, "k1", &licence()).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_key_that_does_not_open_signs_nothing() {
    let closed = HeldKey::new("k", Box::new(|| Err(NotOpened { detail: "away".into(), may_come: true })));
    let entry = official("head", vec![Arc::new(closed)]);
    refused(Setting::of(vec![entry]), &licence(), StatusCode::SERVICE_UNAVAILABLE, "key-unavailable").await;
}

/// An authority that is out.
struct Out;

impl Stamps for Out {
    fn stamp<'a>(&'a self, _: &'a [u8], _: SignatureAlgorithm) -> Stamping<'a> {
        Box::pin(async { Err("no answer: connection refused".to_owned()) })
    }
}

/// An authority that gives something else.
struct Nonsense;

impl Stamps for Nonsense {
    fn stamp<'a>(&'a self, _: &'a [u8], _: SignatureAlgorithm) -> Stamping<'a> {
        Box::pin(async { Ok(vec![0x30, 0x03, 0x02, 0x01, 0x05]) })
    }
}

#[tokio::test]
async fn without_the_timestamp_authority_nothing_is_signed_unless_told_otherwise() {
    let entries = || vec![holder("head", "legal-head-valid")];
    let out = || Some(Arc::new(Out) as Arc<dyn Stamps>);
    let fail = Setting { stamps: out(), ..Setting::of(entries()) };
    refused(fail, &licence(), StatusCode::SERVICE_UNAVAILABLE, "timestamp-unavailable").await;

    let without = Setting { stamps: out(), without_timestamp: WithoutTimestamp::SignWithout, ..Setting::of(entries()) };
    let office = open(without).await;
    let (status, answer) = ask(&office.app, "k1", &licence()).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert!(answer["warnings"][0].as_str().unwrap().contains("without a timestamp"), "{answer}");

    let asked = with(licence(), json!({ "timestamp": true }));
    let nobody = Setting::of(entries());
    refused(nobody, &asked, StatusCode::UNPROCESSABLE_ENTITY, "no-timestamp-authority").await;
    let unwanted = Setting { stamps: out(), ..Setting::of(entries()) };
    let office = open(unwanted).await;
    let (status, _) = ask(&office.app, "k1", &with(licence(), json!({ "timestamp": false }))).await;
    assert_eq!(status, StatusCode::OK);
}

#[tokio::test]
async fn a_timestamp_that_proves_nothing_is_not_released() {
    let stamps = Some(Arc::new(Nonsense) as Arc<dyn Stamps>);
    let setting = Setting { stamps, ..Setting::of(vec![holder("head", "legal-head-valid")]) };
    let office = open(setting).await;
    let (status, answer) = ask(&office.app, "k1", &licence()).await;
    assert!(status.is_client_error() || status.is_server_error(), "{status} {answer}");
    assert_eq!(signed_entries(&office.app).await, 0);
}

#[tokio::test]
async fn fields_that_cannot_be_used_are_named() {
    let office = open(Setting::of(vec![holder("head", "legal-head-valid")])).await;
    for (change, field) in [
        (json!({ "official": "nobody" }), "official"),
        (json!({ "format": "docx" }), "format"),
        (json!({ "kind": "letter" }), "kind"),
        (json!({ "service": "nothing" }), "service"),
        (json!({ "media_type": "pdf" }), "media_type"),
        (json!({ "format": "pdf" }), "media_type"),
        (json!({ "format": "xml" }), "media_type"),
        (json!({ "number": "" }), "number"),
        (json!({ "number": "a\nb" }), "number"),
        (json!({ "holder": {} }), "holder"),
        (json!({ "holder": { "iin": "1" } }), "holder.iin"),
        (json!({ "holder": { "iin": HOLDER, "bin": ORGANISATION } }), "holder"),
        (json!({ "content": "" }), "content"),
        (json!({ "format": "pdf", "media_type": "application/pdf", "detached": true }), "detached"),
        (json!({ "format": "wsse", "media_type": "text/xml", "timestamp": true }), "timestamp"),
        (json!({ "document": "" }), "document"),
        (json!({ "document": "%" }), "document"),
        (json!({ "language": "de" }), "language"),
        (json!({ "password": "x" }), "password"),
    ] {
        let (status, answer) = ask(&office.app, "k1", &with(licence(), change.clone())).await;
        assert!(matches!(status.as_u16(), 400 | 422), "{change}: {status} {answer}");
        let named = answer["errors"].as_array().unwrap().iter().any(|error| error["field"] == field);
        assert!(named, "{change}: {answer}");
    }
    assert!(events(&office.app).await.is_empty());
}

#[tokio::test]
async fn documents_that_cannot_be_signed_so_are_refused() {
    for (format, media_type, document) in [
        ("xml", "application/xml", "<open>"),
        ("xml", "application/xml", "<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>"),
        ("wsse", "text/xml", "<no-envelope/>"),
        ("pdf", "application/pdf", "not a pdf"),
    ] {
        let request =
            with(licence(), json!({ "format": format, "media_type": media_type, "document": base64(document) }));
        let setting = Setting::of(vec![holder("head", "legal-head-valid")]);
        refused(setting, &request, StatusCode::UNPROCESSABLE_ENTITY, "document-not-signable").await;
    }
    let request = with(licence(), json!({ "add": true }));
    let setting = Setting::of(vec![holder("head", "legal-head-valid")]);
    refused(setting, &request, StatusCode::UNPROCESSABLE_ENTITY, "document-not-signable").await;
}

#[tokio::test]
async fn a_document_larger_than_allowed_is_not_signed() {
    let setting = Setting { max_octets: 10, ..Setting::of(vec![holder("head", "legal-head-valid")]) };
    refused(setting, &licence(), StatusCode::PAYLOAD_TOO_LARGE, "document-too-large").await;
}

/// A journal whose disk is full.
#[derive(Debug)]
struct Full;

fn full<T: Send + 'static>() -> Later<'static, T> {
    Box::pin(async { Err(JournalError::Unavailable("no space left on device".into())) })
}

impl Journal for Full {
    fn append(&self, _: Record) -> Later<'_, Receipt> {
        full()
    }
    fn append_soon(&self, _: Record) -> Result<(), JournalError> {
        Err(JournalError::Unavailable("no space left on device".into()))
    }
    fn head(&self) -> Later<'_, Option<Receipt>> {
        Box::pin(async { Ok(None) })
    }
    fn entry(&self, _: u64) -> Later<'_, Option<JournalEntry>> {
        full()
    }
    fn entries(&self, _: Wanted) -> Later<'_, Vec<JournalEntry>> {
        full()
    }
    fn answer(&self, _: AnswerKey) -> Later<'_, Option<(Answer, Receipt)>> {
        Box::pin(async { Ok(None) })
    }
    fn waiting(&self, _: rastau::clock::Time) -> Later<'_, Vec<Waiting>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

#[tokio::test]
async fn what_cannot_be_written_down_is_not_released() {
    let folder = tempfile::tempdir().unwrap();
    let app = app(Setting::of(vec![holder("head", "legal-head-valid")]), Arc::new(Full), folder.path());
    let (status, answer) = ask(&app, "k1", &licence()).await;
    assert_eq!((status, answer["code"].as_str().unwrap()), (StatusCode::SERVICE_UNAVAILABLE, "journal-unavailable"));
    assert!(answer.get("document").is_none(), "{answer}");
}
