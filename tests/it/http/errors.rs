//! Requests that are not understood: a problem with a stable code, never a verdict, never a crash.

use super::*;

const CHECK: &str = "/v1/certificates/check";

/// Answers a request on the demo and snapshots the answer under a name.
macro_rules! snapshot {
    ($name:literal, $request:expr) => {
        insta::assert_snapshot!($name, shown(app().respond($request).await).await)
    };
}

#[tokio::test]
async fn malformed_json() {
    snapshot!("malformed_json", post(CHECK, "{\"certificate\": \"AAAA\",,}"));
    snapshot!("truncated_json", post(CHECK, "{\"certificate\": \"AAAA"));
    snapshot!("json_with_a_tail", post(CHECK, "{\"certificate\": \"AAAA\"} {}"));
}

#[tokio::test]
async fn no_body() {
    snapshot!("missing_body", post(CHECK, ""));
    snapshot!("missing_body_without_type", request(Method::POST, CHECK, &[], ""));
}

#[tokio::test]
async fn another_media_type() {
    snapshot!("form", request(Method::POST, CHECK, &[("content-type", "application/x-www-form-urlencoded")], "a=b"));
    for content_type in ["", "text/plain", "application/jsonp", "application/json, text/plain", "application/xml"] {
        let response = app().respond(request(Method::POST, CHECK, &[("content-type", content_type)], "{}")).await;
        assert_eq!(response.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{content_type}");
    }
    let gzip = [("content-type", "application/json"), ("content-encoding", "gzip")];
    snapshot!("compressed", request(Method::POST, CHECK, &gzip, "{}"));
    for content_type in ["application/json;charset=utf-8", "Application/JSON ; charset=UTF-8"] {
        let response = app().respond(request(Method::POST, CHECK, &[("content-type", content_type)], "{")).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{content_type}");
    }
}

#[tokio::test]
async fn fields_that_are_not_ours() {
    snapshot!("unknown_field", post(CHECK, r#"{"certificate": "AAAA", "cert": 1}"#));
    snapshot!("unknown_nested_field", post(CHECK, r#"{"certificate": "AAAA", "identity": {"inn": "1"}}"#));
    snapshot!("missing_field", post(CHECK, "{}"));
    snapshot!("duplicate_field", post(CHECK, r#"{"certificate": "AAAA", "certificate": "BBBB"}"#));
}

#[tokio::test]
async fn values_of_another_type() {
    snapshot!("number_for_text", post(CHECK, r#"{"certificate": "AAAA", "identity": {"iin": 650615100015}}"#));
    snapshot!("number_in_a_list", post(CHECK, r#"{"certificate": "AAAA", "intermediates": ["AAAA", 7]}"#));
    snapshot!("list_for_the_body", post(CHECK, "[]"));
    snapshot!("unknown_purpose", post(CHECK, r#"{"certificate": "AAAA", "purpose": "encrypt"}"#));
    for body in ["null", "7", "\"text\"", "true"] {
        let response = app().respond(post(CHECK, body)).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
}

#[tokio::test]
async fn numbers_that_no_type_holds() {
    snapshot!("huge_exponent", post(CHECK, r#"{"certificate": 1e999999}"#));
    let long = format!(r#"{{"certificate": {}}}"#, "9".repeat(100_000));
    let response = app().respond(post(CHECK, long)).await;
    assert!(response.status().is_client_error(), "{}", response.status());
    assert!(bytes(response).await.len() < 1000);
}

#[tokio::test]
async fn deep_nesting() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let deep = format!("{{\"identity\": {}1{}}}", open.repeat(100_000), close.repeat(100_000));
        let response = app().respond(post(CHECK, deep)).await;
        assert!(response.status().is_client_error(), "{}", response.status());
        assert!(bytes(response).await.len() < 1000);
    }
    let deep = format!("{{\"certificate\": \"AAAA\", \"x\": {}", "[".repeat(100_000));
    assert!(app().respond(post(CHECK, deep)).await.status().is_client_error());
}

#[tokio::test]
async fn text_that_is_not_utf_8() {
    snapshot!("invalid_utf8", post(CHECK, b"{\"certificate\": \"\xff\xfe\"}".to_vec()));
    let lone_surrogate = post(CHECK, r#"{"certificate": "\ud800"}"#);
    assert_eq!(app().respond(lone_surrogate).await.status(), StatusCode::BAD_REQUEST);
    let utf16: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(app().respond(post(CHECK, utf16)).await.status(), StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn base64_garbage_names_the_field() {
    for certificate in ["!!!!", "AAAA=AAA", "A", "ҚАЗАҚ", "-----BEGIN CERTIFICATE-----"] {
        let body = serde_json::json!({ "certificate": certificate }).to_string();
        let response = app().respond(post(CHECK, body)).await;
        if response.status() == StatusCode::OK {
            // A PEM header without an end may be judged malformed as a certificate.
            assert!(certificate.starts_with("-----"));
            continue;
        }
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{certificate}");
        assert_eq!(header(&response, "content-type"), "application/problem+json");
        let problem = json(response).await;
        assert_eq!(problem["code"], "malformed-field");
        assert_eq!(problem["errors"][0]["field"], "certificate");
        assert!(!problem["errors"][0]["remedy"].as_str().unwrap().is_empty());
    }
}

#[tokio::test]
async fn routes_and_methods_that_are_not_there() {
    snapshot!("no_such_route", get("/v1/certificates"));
    snapshot!("get_of_a_check", get(CHECK));
    snapshot!("delete_of_a_table", request(Method::DELETE, "/v1/services", &[], ""));
    for path in
        ["/v2/certificates/check", "/v1/certificates/check/", "//", "/assets/../Cargo.toml", "/docs/..%2f", "/assets/x"]
    {
        let response = app().respond(get(path)).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(json(response).await["code"], "not-found", "{path}");
    }
}

#[tokio::test]
async fn a_path_that_is_no_text_is_a_problem_like_any_other() {
    for path in ["/assets/%ff", "/docs/%ff", "/demo/%ff", "/demo/%c3%28.json"] {
        let response = app().respond(get(path)).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert_eq!(header(&response, "content-type"), "application/problem+json", "{path}");
    }
}

#[tokio::test]
async fn both_or_no_identity_numbers() {
    for body in ["{}", r#"{"iin": "650615100015", "bin": "600440000019"}"#] {
        let response = app().respond(post("/v1/identity-numbers/check", body)).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(json(response).await["code"], "invalid-request", "{body}");
    }
}

#[tokio::test]
async fn values_of_the_caller_are_not_repeated() {
    let body = r#"{"certificate": "AAAA", "identity": {"iin": 650615100015}, "purpose": "870312300019"}"#;
    let answer = shown(app().respond(post(CHECK, body)).await).await;
    assert!(!answer.contains("650615100015") && !answer.contains("870312300019"), "{answer}");
}
