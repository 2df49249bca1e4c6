//! The service over HTTP: translates, decides nothing.
//!
//! [`App::respond`] takes a request through the limits to the router and is what tests call; [`Server`] is the accept
//! loop around it. Start reading at `router`, every route is there.

mod acts;
mod admission;
mod answer;
mod app;
mod asking;
mod bare;
mod common_answers;
mod connections;
mod docs;
mod examples;
mod extract;
mod fairness;
mod flattened;
mod head;
mod host;
mod json_path;
mod openapi;
mod operations;
mod page;
mod patience;
mod portions;
mod problem;
mod received;
mod router;
mod security;
mod server;
mod serving;
mod streams;
mod through;
mod v1;

pub use app::{App, Behind};
pub(crate) use connections::MAX_PARTING;
pub use examples::curl_example;
pub use openapi::document as openapi_document;
pub use server::{Server, serve, shutdown_signal};
