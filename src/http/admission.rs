//! The door: every request passes `access` before anything of it is read.

use std::sync::Arc;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Request, header};

use super::app::App;
use super::problem::{Challenge, Problem};
use super::router::Route;
use crate::access::{Asked, Authorization, Peer, Refusal, RefusalCause};

impl App {
    /// Lets a request in, with its [`Caller`](crate::access::Caller) in its extensions.
    pub(super) fn admit(
        &self,
        route: Route,
        method: &'static str,
        id: &HeaderValue,
        request: &mut Request<Body>,
    ) -> Result<(), Problem> {
        let (access, metrics) = (self.access(), self.metrics());
        if !access.is_controlled() {
            return Ok(());
        }
        let asked = Asked {
            route: route.template,
            method,
            authorization: authorization(request.headers()),
            peer: request.extensions().get::<Arc<Peer>>().map(AsRef::as_ref),
            request_id: id.to_str().unwrap_or_default(),
        };
        if let Some(caller) = access.admit(&asked, metrics, self.now())? {
            request.extensions_mut().insert(caller);
        }
        Ok(())
    }
}

fn authorization(headers: &HeaderMap) -> Authorization<'_> {
    let mut fields = headers.get_all(header::AUTHORIZATION).iter();
    match (fields.next(), fields.next()) {
        (None, _) => Authorization::Absent,
        (Some(field), None) => Authorization::Field(field.as_bytes()),
        (Some(_), Some(_)) => Authorization::Repeated,
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal.cause {
            RefusalCause::Missing => {
                let detail = "send authorization: Bearer and a token of the operator, or show a client certificate";
                Self::unauthenticated("unauthenticated", "The call is for clients only", Challenge::Credentials, detail)
            }
            RefusalCause::Malformed => invalid("send one field authorization: Bearer rastau_…"),
            RefusalCause::UnknownToken => invalid("the token is nobody's, or not any more"),
            RefusalCause::UnknownCertificate => invalid("the client certificate is nobody's, or not any more"),
            RefusalCause::Disagreement => invalid("token and client certificate are those of different clients"),
            RefusalCause::Expired => invalid("the token, the certificate or the client has expired"),
            RefusalCause::Forbidden => Self::forbidden(),
            RefusalCause::TooOften { retry_after } => Self::too_often(retry_after),
            RefusalCause::NoSuchCall => Self::no_such_route(),
        }
    }
}

fn invalid(detail: &str) -> Problem {
    Problem::unauthenticated("credentials-invalid", "The credentials are no good", Challenge::InvalidToken, detail)
}
