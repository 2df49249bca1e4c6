//! The service over HTTP, through the router: no sockets but in `server`.

mod access;
mod challenges;
mod documents;
mod errors;
mod limits;
mod pages;
mod server;
mod submissions;
mod tls;

pub use access::client as access_client;
pub use tls::ask_once as ask_over_tls;

use std::sync::Arc;

use axum::body::Body;
use axum::http::{Method, Request, StatusCode};
use axum::response::Response;
use http_body_util::BodyExt;
use rastau::clock::{Clock, SystemClock};
use rastau::config::{Config, Sources};
use rastau::http::{App, Behind};
use rastau::observe::Metrics;
use rastau::service::demo;

/// The demo, with settings as environment variables.
fn config(settings: &[(&str, &str)]) -> Config {
    let environment = settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Config::load(&Sources { environment, ..Sources::default() }).unwrap()
}

/// The demo behind the face.
fn behind() -> Behind {
    let now = SystemClock.now();
    let service = Arc::new(crate::demo::service(demo::grounds(now).unwrap(), now));
    Behind::of(service, Arc::new(Metrics::new()))
}

fn app_with(settings: &[(&str, &str)]) -> App {
    let config = config(settings);
    App::new(&config, behind())
}

fn app() -> App {
    app_with(&[])
}

fn request(method: Method, path: &str, headers: &[(&str, &str)], body: impl Into<Body>) -> Request<Body> {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(body.into()).unwrap()
}

fn post(path: &str, body: impl Into<Body>) -> Request<Body> {
    request(Method::POST, path, &[("content-type", "application/json")], body)
}

fn get(path: &str) -> Request<Body> {
    request(Method::GET, path, &[], Body::empty())
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

async fn bytes(response: Response) -> Vec<u8> {
    response.into_body().collect().await.unwrap().to_bytes().to_vec()
}

async fn text(response: Response) -> String {
    String::from_utf8(bytes(response).await).unwrap()
}

async fn json(response: Response) -> serde_json::Value {
    serde_json::from_slice(&bytes(response).await).unwrap()
}

/// An answer as text for a snapshot: status, headers, body; the id of the request is replaced.
async fn shown(response: Response) -> String {
    let mut lines = vec![response.status().to_string()];
    let mut headers: Vec<_> = response
        .headers()
        .iter()
        .map(|(name, value)| match name.as_str() {
            "x-request-id" => format!("x-request-id: [{} characters]", value.len()),
            name => format!("{name}: {}", value.to_str().unwrap()),
        })
        .collect();
    headers.sort();
    lines.append(&mut headers);
    let body = bytes(response).await;
    let pretty =
        serde_json::from_slice::<serde_json::Value>(&body).and_then(|json| serde_json::to_string_pretty(&json));
    lines.push(String::new());
    lines.push(pretty.unwrap_or_else(|_| String::from_utf8(body).unwrap()));
    lines.join("\n")
}

/// The sample request of the demo.
async fn sample(app: &App) -> serde_json::Value {
    let response = app.respond(get("/demo/valid.json")).await;
    assert_eq!(response.status(), StatusCode::OK);
    json(response).await
}
