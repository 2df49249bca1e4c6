//! Requests about signed documents.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::request::IdentityClaim;
use crate::policy::Purpose;

/// A signed document to verify, and against what.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DocumentRequest {
    /// The signed document, base64. In a multipart request a part of its own.
    #[serde(default)]
    pub document: String,
    /// `cms`, `xml`, `wsse`, `pdf`, `asic-s`, `asic-e` or `kz-zip`; found out from the bytes when absent.
    #[serde(default)]
    pub format: Option<String>,
    /// The content of a detached signature, base64. In a multipart request a part of its own.
    #[serde(default)]
    pub content: Option<String>,
    /// The digest of the content instead of the content.
    #[serde(default)]
    pub content_digest: Option<ContentDigest>,
    /// The Id of the element that has to be covered, instead of the root (XML only).
    #[serde(default)]
    pub part: Option<String>,
    /// The numbers that the certificate of every signer has to carry.
    #[serde(default)]
    pub identity: Option<IdentityClaim>,
    /// Slug of the service applied for.
    #[serde(default)]
    pub service: Option<String>,
    /// What the signature is for; `sign` when absent.
    #[serde(default)]
    pub purpose: Option<Purpose>,
    /// The moment of checking, RFC 3339; now when absent. A trusted timestamp moves it to the time it proves.
    #[serde(default)]
    pub at: Option<String>,
    /// `kk`, `ru` or `en`.
    #[serde(default)]
    pub language: Option<String>,
    /// Whether the answer is to carry the bytes that were signed.
    #[serde(default)]
    pub extract: bool,
}

/// A digest computed by the caller.
#[derive(Clone, Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContentDigest {
    /// `sha-256`, `sha-384`, `sha-512`, `streebog-256`, `streebog-512` or `gost-34.311-95`, or its object identifier.
    pub algorithm: String,
    /// The digest in base64 or hexadecimal.
    pub value: String,
}

impl std::fmt::Debug for DocumentRequest {
    /// Without documents and numbers.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DocumentRequest")
            .field("document", &self.document.len())
            .field("format", &self.format)
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}
