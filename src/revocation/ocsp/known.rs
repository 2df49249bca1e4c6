//! Certificates of responders that came beside responses, or are configured.
//!
//! A response need not bring the certificate of its signer (RFC 6960 4.2.1: certs is optional). Where it does not, those that
//! it names are tried; each has to be what one inside would have to be, the authority's own delegate.

use std::sync::Arc;

use super::response::ParsedResponse;
use crate::x509::{Certificate, oid};

/// Most certificates of responders that are kept: an authority has one or two at a time.
const MAX_KNOWN: usize = 32;

/// Certificates with the purpose `OCSPSigning`. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct KnownResponders(Arc<[Certificate]>);

impl KnownResponders {
    /// The first of `all` that are for signing responses, each once; those that are configured should come before what a
    /// stranger sent.
    #[must_use]
    pub fn among<'a>(all: impl IntoIterator<Item = &'a Certificate>) -> Self {
        let mut known: Vec<Certificate> = Vec::new();
        for certificate in all {
            let is_responder = certificate.extensions().extended_key_usage.contains(&oid::EKU_OCSP_SIGNING);
            if is_responder && known.len() < MAX_KNOWN && !known.contains(certificate) {
                known.push(certificate.clone());
            }
        }
        Self(known.into())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that the response names as its signer and does not bring.
    pub(super) fn named_by<'a>(&'a self, response: &'a ParsedResponse) -> impl Iterator<Item = &'a Certificate> {
        let named = self.0.iter().filter(|known| response.responder().is(known));
        named.filter(|known| !response.certificates().contains(known))
    }
}
