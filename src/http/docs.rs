//! `/openapi.json` and `/docs`, its page: Swagger UI out of the program itself, nothing from outside.

use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

use axum::body::Bytes;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use utoipa_swagger_ui::{Config, Url};

use super::answer;
use super::extract::FileName;
use super::openapi;
use super::problem::Problem;

/// Swagger UI sets styles in elements and draws with `data:` images; scripts come from here alone.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; \
                      img-src 'self' data:; font-src 'self' data:; connect-src 'self'; base-uri 'none'; \
                      form-action 'none'; frame-ancestors 'none'";

/// "none": Swagger UI would otherwise show the document to a validator on the internet.
static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| {
    let config = Config::new([Url::from("/openapi.json")]).validator_url("none").try_it_out_enabled(true);
    Arc::new(config.display_request_duration(true).default_models_expand_depth(0))
});

pub(super) async fn openapi() -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "max-age=300")];
    answer::embedded((headers, openapi::document()).into_response())
}

pub(super) async fn index() -> Response {
    // The page names its files relative to a folder; ours is `/docs` without a slash at the end.
    let rewrite =
        |html: &str| html.replace("\"./", "\"/docs/").replace("href=\"index.css\"", "href=\"/docs/index.css\"");
    file("index.html", |bytes| match std::str::from_utf8(&bytes) {
        Ok(html) => Bytes::from(rewrite(html)),
        Err(_) => bytes,
    })
}

pub(super) async fn asset(FileName(name): FileName) -> Response {
    file(&name, |bytes| bytes)
}

fn file(name: &str, edit: impl FnOnce(Bytes) -> Bytes) -> Response {
    let Ok(Some(file)) = utoipa_swagger_ui::serve(name, Arc::clone(&CONFIG)) else {
        return Problem::no_such_route().into_response();
    };
    let Ok(content_type) = HeaderValue::from_str(&file.content_type) else {
        return Problem::internal().into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (header::CACHE_CONTROL, HeaderValue::from_static("max-age=300")),
    ];
    // Not copied: an answer that its reader does not fetch is kept, and these have more than a megabyte.
    let (bytes, owned) = match file.bytes {
        Cow::Borrowed(embedded) => (Bytes::from_static(embedded), false),
        Cow::Owned(read) => (Bytes::from(read), true),
    };
    let response = (headers, edit(bytes)).into_response();
    if owned { response } else { answer::embedded(response) }
}
