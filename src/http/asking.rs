//! Who asks, for the journal: the client that was let in, and the request's id.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use crate::access::Caller;
use crate::service::Asker;

/// The id of a request, in its extensions.
#[derive(Clone, Debug)]
pub(super) struct RequestId(pub(super) axum::http::HeaderValue);

/// Whoever asks.
#[derive(Debug)]
pub(super) struct Asking(pub(super) Asker);

impl Asking {
    /// Out of a request that goes on to be read by its handler.
    pub(super) fn of(extensions: &axum::http::Extensions) -> Self {
        let client = extensions.get::<Caller>().filter(|caller| **caller != Caller::anybody());
        let id = extensions.get::<RequestId>().and_then(|id| id.0.to_str().ok());
        Self(Asker { client: client.map(|caller| caller.name.clone()), request_id: id.map(str::to_owned) })
    }
}

impl<S: Sync> FromRequestParts<S> for Asking {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self::of(&parts.extensions))
    }
}
