//! Who may ask, through the router: what a caller is told, and what handlers never see.

use std::sync::Mutex;

use rastau::access::token::Token;
use rastau::access::{Access, RefusalSink, Refused, Role};
use rastau::config::AccessClient;

use super::*;

const CHECK: &str = "/v1/certificates/check";
const NUMBER: &str = "/v1/identity-numbers/check";
const BODY: &str = r#"{"bin": "600440000019"}"#;

/// A client with a token of its own; the field that it sends.
pub fn client(name: &str, roles: &[Role]) -> (AccessClient, String) {
    let token = Token::mint().unwrap();
    let digest = format!("{:x}", token.digest());
    let client = AccessClient {
        name: name.to_owned(),
        roles: roles.to_vec(),
        tokens: vec![rastau::config::parse_sha256(&digest).unwrap()],
        certificates: Vec::new(),
        rate_per_second: None,
        burst: None,
        expires: None,
    };
    (client, format!("Bearer {}", token.as_str()))
}

/// The demo for these clients only.
fn app_for(clients: Vec<AccessClient>) -> App {
    app_of(clients, |access| access)
}

fn app_of(clients: Vec<AccessClient>, bend: impl FnOnce(Access) -> Access) -> App {
    let mut config = config(&[]);
    config.access.clients = clients;
    let access = Arc::new(bend(Access::open(&config, SystemClock.now()).unwrap()));
    App::new(&config, Behind { access, ..behind() })
}

fn asked(path: &str, field: &str) -> Request<Body> {
    request(Method::POST, path, &[("content-type", "application/json"), ("authorization", field)], BODY)
}

fn got(path: &str, field: &str) -> Request<Body> {
    request(Method::GET, path, &[("authorization", field)], "")
}

#[tokio::test]
async fn a_client_is_answered_and_a_stranger_is_told_what_to_send() {
    let (portal, token) = client("portal", &[Role::Portal]);
    let app = app_for(vec![portal]);
    assert_eq!(app.respond(asked(NUMBER, &token)).await.status(), StatusCode::OK);
    insta::assert_snapshot!("unauthenticated", shown(app.respond(post(NUMBER, BODY)).await).await);
    let (_, stranger) = client("stranger", &[]);
    insta::assert_snapshot!("credentials_invalid", shown(app.respond(asked(NUMBER, &stranger)).await).await);
    insta::assert_snapshot!("forbidden", shown(app.respond(got("/v1/revocation", &token)).await).await);
}

#[tokio::test]
async fn garbage_in_the_field_is_refused_before_anything_is_read() {
    let (portal, token) = client("portal", &[Role::Portal]);
    let app = app_for(vec![portal]);
    let long = "Bearer ".to_owned() + &"a".repeat(10_000);
    let bare = token.trim_start_matches("Bearer ");
    for field in ["", "Bearer", "Bearer ", bare, "Basic Zm9vOmJhcg==", &long, &format!("{token}, {token}"), "\u{fe}"] {
        let response = app.respond(asked(NUMBER, field)).await;
        assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "{field}");
        assert_eq!(header(&response, "www-authenticate"), "Bearer realm=\"rastau\", error=\"invalid_token\"");
    }
    let mut twice = asked(NUMBER, &token);
    twice.headers_mut().append("authorization", token.parse().unwrap());
    assert_eq!(app.respond(twice).await.status(), StatusCode::UNAUTHORIZED);
    // Names of schemes have no case; a token has.
    for (field, status) in [
        (token.replace("Bearer", "bEARER"), StatusCode::OK),
        (token.to_uppercase(), StatusCode::UNAUTHORIZED),
        (token.replace("Bearer ", "Bearer   "), StatusCode::OK),
    ] {
        assert_eq!(app.respond(asked(NUMBER, &field)).await.status(), status, "{field}");
    }
}

#[tokio::test]
async fn once_there_is_a_client_nothing_is_open_but_health_and_pages() {
    let (portal, token) = client("portal", &[Role::Portal]);
    let app = app_for(vec![portal]);
    for path in ["/healthz", "/readyz", "/", "/docs", "/openapi.json", "/assets/page.js", "/demo/valid.json"] {
        assert_eq!(app.respond(get(path)).await.status(), StatusCode::OK, "{path}");
        assert_eq!(app.respond(got(path, "Basic x")).await.status(), StatusCode::OK, "{path}");
    }
    let closed =
        ["/metrics", "/v1/services", "/v1/revocation", "/v1/nothing", "/nowhere", "/V1/services", "/v1/services/"];
    for path in closed {
        assert_eq!(app.respond(get(path)).await.status(), StatusCode::UNAUTHORIZED, "{path}");
    }
    // What is not in the table is nobody's, and is not even looked for.
    for path in ["/nowhere", "/v1/nothing", "/V1/services", "/v1/services/", "//v1/services", "/%761/services"] {
        assert_eq!(app.respond(got(path, &token)).await.status(), StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(app.respond(got("/v1/services", &token)).await.status(), StatusCode::OK);
    assert_eq!(app.respond(asked("/v1/services", &token)).await.status(), StatusCode::METHOD_NOT_ALLOWED);
}

#[tokio::test]
async fn every_call_of_the_description_is_in_the_table_of_rights_and_closed_to_strangers() {
    let (auditor, auditor_token) = client("auditor", &[Role::Auditor]);
    let (all, token) = client("all", &Role::ALL);
    let app = app_for(vec![auditor, all]);
    let description = json(app.respond(get("/openapi.json")).await).await;
    for (path, calls) in description["paths"].as_object().unwrap() {
        for (method, call) in calls.as_object().unwrap() {
            let method: Method = method.to_uppercase().parse().unwrap();
            let path = path.replace("{id}", "7").replace("{sequence}", "7");
            let ask = |field: Option<&str>| {
                let headers = field.map(|field| ("authorization", field));
                app.respond(request(method.clone(), &path, headers.as_slice(), ""))
            };
            if ["/healthz", "/readyz"].contains(&path.as_str()) {
                assert!(call.get("security").is_none_or(|security| security == &serde_json::json!([])), "{path}");
                continue;
            }
            assert_eq!(ask(None).await.status(), StatusCode::UNAUTHORIZED, "{method} {path}");
            let roles = call["x-roles"].as_array().unwrap();
            assert!(!roles.is_empty(), "{path}");
            let status = ask(Some(&token)).await.status();
            let is_in =
                ![StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::METHOD_NOT_ALLOWED].contains(&status);
            assert!(is_in, "{method} {path}: {status}");
            let may = roles.contains(&"auditor".into());
            assert_eq!(ask(Some(&auditor_token)).await.status() != StatusCode::FORBIDDEN, may, "{method} {path}");
            assert!(call["responses"]["401"].is_object() && call["responses"]["403"].is_object(), "{path}");
        }
    }
    assert_eq!(description["components"]["securitySchemes"]["token"]["scheme"], "bearer");
    assert_eq!(description["components"]["securitySchemes"]["certificate"]["type"], "mutualTLS");
}

#[tokio::test]
async fn pages_can_be_closed_too() {
    let (portal, token) = client("portal", &[Role::Portal]);
    let mut config = config(&[]);
    (config.access.clients, config.access.protect_pages) = (vec![portal], true);
    let access = Arc::new(Access::open(&config, SystemClock.now()).unwrap());
    let app = App::new(&config, Behind { access, ..behind() });
    for path in ["/", "/docs", "/openapi.json", "/assets/page.js", "/demo/valid.json"] {
        assert_eq!(app.respond(get(path)).await.status(), StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(app.respond(got(path, &token)).await.status(), StatusCode::OK, "{path}");
    }
    assert_eq!(app.respond(get("/healthz")).await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_client_that_asks_too_often_is_told_how_long_to_wait() {
    let (mut portal, token) = client("portal", &[Role::Portal]);
    portal.rate_per_second = Some(1);
    let app = app_for(vec![portal]);
    assert_eq!(app.respond(asked(NUMBER, &token)).await.status(), StatusCode::OK);
    let mut refused = None;
    for _ in 0..50 {
        let response = app.respond(asked(NUMBER, &token)).await;
        if response.status() != StatusCode::OK {
            refused = Some(response);
            break;
        }
    }
    insta::assert_snapshot!("rate_limited", shown(refused.unwrap()).await);
}

#[tokio::test]
async fn a_refused_request_is_not_read() {
    let (portal, _) = client("portal", &[Role::Portal]);
    let app = app_for(vec![portal]);
    let body = Body::from_stream(futures_util::stream::poll_fn(
        |_| -> std::task::Poll<Option<Result<axum::body::Bytes, std::io::Error>>> { panic!("the body was asked for") },
    ));
    assert_eq!(app.respond(post(CHECK, body)).await.status(), StatusCode::UNAUTHORIZED);
}

/// Notes the ids of refused requests.
#[derive(Default)]
struct Notes(Mutex<Vec<(String, String)>>);

impl RefusalSink for Notes {
    fn refused(&self, refused: &Refused<'_>) {
        self.0.lock().unwrap().push((refused.cause.as_str().to_owned(), refused.request_id.to_owned()));
    }
}

#[tokio::test]
async fn refusals_reach_metrics_and_the_record_under_the_id_of_the_answer() {
    let (operator, token) = client("operator", &[Role::Operator]);
    let notes = Arc::new(Notes::default());
    let app = app_of(vec![operator], |access| access.with_sink(notes.clone()));
    let refused = app.respond(asked(CHECK, &token)).await;
    let id = header(&refused, "x-request-id").to_owned();
    assert_eq!(refused.status(), StatusCode::FORBIDDEN);
    assert_eq!(*notes.0.lock().unwrap(), [("forbidden".to_owned(), id)]);
    let metrics = text(app.respond(got("/metrics", &token)).await).await;
    assert!(metrics.contains("rastau_access_refusals_total{cause=\"forbidden\"} 1\n"), "{metrics}");
    let counted = "rastau_http_requests_total{route=\"/v1/certificates/check\",status=\"403\"} 1\n";
    assert!(metrics.contains(counted), "{metrics}");
}
