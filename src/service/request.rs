//! Requests as they arrive, and what is wrong with them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::policy::Purpose;

/// Most intermediates a request may bring. Chains of the National CA have one; whole bags of certificates, as
/// conformance suites send, fit.
pub const MAX_INTERMEDIATES: usize = 128;

/// A certificate to check, and against what.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckRequest {
    /// The certificate: base64 of the DER, or PEM.
    pub certificate: String,
    /// Certificates that may lead to a trust anchor, in the same forms, at most 128.
    #[serde(default)]
    pub intermediates: Vec<String>,
    /// The numbers the certificate has to carry.
    #[serde(default)]
    pub identity: Option<IdentityClaim>,
    /// Slug of the service applied for.
    #[serde(default)]
    pub service: Option<String>,
    /// What the certificate is used for; `sign` when absent.
    #[serde(default)]
    pub purpose: Option<Purpose>,
    /// The moment the answer is about, RFC 3339; now when absent.
    #[serde(default)]
    pub at: Option<String>,
    /// `kk`, `ru` or `en`.
    #[serde(default)]
    pub language: Option<String>,
}

impl std::fmt::Debug for CheckRequest {
    /// Without the certificates, which carry names and numbers of people.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CheckRequest")
            .field("certificate", &self.certificate.len())
            .field("intermediates", &self.intermediates.len())
            .field("identity", &self.identity)
            .field("service", &self.service)
            .field("purpose", &self.purpose)
            .field("at", &self.at)
            .finish_non_exhaustive()
    }
}

/// Identity numbers, twelve digits each.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityClaim {
    /// Of a person.
    #[serde(default)]
    #[schema(example = "650615100015")]
    pub iin: Option<String>,
    /// Of an organisation.
    #[serde(default)]
    pub bin: Option<String>,
}

impl std::fmt::Debug for IdentityClaim {
    /// Without the digits: requests end up in logs through `Debug`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IdentityClaim").field("iin", &self.iin.is_some()).field("bin", &self.bin.is_some()).finish()
    }
}

/// One field of a request that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Path of the field, such as `identity.iin` or `intermediates[0]`.
    pub field: String,
    /// Stable code of the problem.
    pub code: &'static str,
    /// What is wrong, in plain English, without repeating the value.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

impl FieldError {
    /// Names a field, the problem and the remedy.
    pub fn new(
        field: impl Into<String>,
        code: &'static str,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { field: field.into(), code, problem: problem.into(), remedy: remedy.into() }
    }
}

/// A request that cannot be answered by a verdict.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{} of the request cannot be used", describe(errors))]
pub struct RequestError {
    /// Every field at fault; never empty.
    pub errors: Vec<FieldError>,
    /// Whether the request is malformed (base64 that is none), as opposed to a value that cannot be used.
    pub malformed: bool,
}

fn describe(errors: &[FieldError]) -> String {
    errors.iter().map(|error| error.field.as_str()).collect::<Vec<_>>().join(", ")
}

impl RequestError {
    pub(super) fn check(errors: Vec<FieldError>) -> Result<(), Self> {
        if errors.is_empty() {
            return Ok(());
        }
        let malformed = errors.iter().any(|error| error.code == "malformed-encoding");
        Err(Self { errors, malformed })
    }
}
