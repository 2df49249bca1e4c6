//! The page where a person checks a certificate: three files in the program, nothing from outside.

use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::extract::FileName;
use super::problem::Problem;

/// Everything from here, nothing in line, no frames around.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                      connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) async fn index() -> Response {
    file("text/html; charset=utf-8", include_str!("index.html"))
}

pub(super) async fn asset(FileName(name): FileName) -> Response {
    match name.as_str() {
        "page.css" => file("text/css; charset=utf-8", include_str!("page.css")),
        "page.js" => file("text/javascript; charset=utf-8", include_str!("page.js")),
        "texts.js" => file("text/javascript; charset=utf-8", include_str!("texts.js")),
        _ => Problem::no_such_route().into_response(),
    }
}

fn file(content_type: &'static str, content: &'static str) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        // The files change with the program: the browser asks every time.
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, content).into_response()
}
