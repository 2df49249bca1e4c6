//! One line of a batch: the body of `POST /v1/certificates/check` and the evidence and rules for it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::policy::{Profile, RevocationRule};
use crate::service::{CheckRequest, FieldError};

/// A line as it is written.
#[derive(Deserialize)]
pub struct Line {
    /// Given back with the report.
    #[serde(default)]
    pub id: Option<Value>,
    /// Trust anchors, base64 or PEM; without it those of the command line.
    #[serde(default)]
    pub trust: Option<Vec<String>>,
    /// Revocation lists, base64 or PEM; without it those of the command line.
    #[serde(default)]
    pub crls: Option<Vec<String>>,
    /// OCSP responses.
    #[serde(default)]
    pub ocsp_responses: Vec<String>,
    /// Whose rules apply.
    #[serde(default)]
    pub profile: Option<Profile>,
    /// What a missing list means.
    #[serde(default)]
    pub revocation: Option<RevocationRule>,
    /// Certificate policies.
    #[serde(default)]
    pub policy: PolicyInputs,
    /// Whether the period of anchors counts.
    #[serde(default)]
    pub check_anchors: Option<bool>,
    /// The rest is the request; its own unknown fields are refused by its own type.
    #[serde(flatten)]
    pub request: CheckRequest,
}

/// Inputs of certificate-policy processing.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PolicyInputs {
    #[serde(alias = "initial-policy", alias = "initial_policies")]
    initial_policy: Vec<String>,
    #[serde(alias = "require-explicit-policy")]
    require_explicit_policy: bool,
    #[serde(alias = "inhibit-policy-mapping")]
    inhibit_policy_mapping: bool,
    #[serde(alias = "inhibit-any-policy")]
    inhibit_any_policy: bool,
}

/// anyPolicy (RFC 5280 section 4.2.1.4), which is what is acceptable when nothing is said.
const ANY_POLICY: &str = "2.5.29.32.0";

impl PolicyInputs {
    /// The first input that changes anything.
    pub fn first_set(&self) -> Option<&'static str> {
        if self.initial_policy.iter().any(|oid| oid != ANY_POLICY) {
            Some("policy.initial_policy")
        } else if self.require_explicit_policy {
            Some("policy.require_explicit_policy")
        } else if self.inhibit_policy_mapping {
            Some("policy.inhibit_policy_mapping")
        } else if self.inhibit_any_policy {
            Some("policy.inhibit_any_policy")
        } else {
            None
        }
    }
}

/// What is written for a line that could not be read.
#[derive(Serialize)]
pub struct LineError<'a> {
    /// That of the line, null when not even that could be read.
    pub id: Option<&'a Value>,
    /// What is wrong.
    pub error: Errors,
}

/// A stable code and everything that is wrong.
#[derive(Serialize)]
pub struct Errors {
    /// `line-malformed`, `line-too-long` or `field-unusable`.
    pub code: &'static str,
    /// One entry a field.
    pub errors: Vec<FieldError>,
}

/// The id of a line that is JSON but not a request.
pub fn id_of(text: &[u8]) -> Option<Value> {
    #[derive(Deserialize)]
    struct OnlyId {
        #[serde(default)]
        id: Option<Value>,
    }
    serde_json::from_slice::<OnlyId>(text).ok().and_then(|line| line.id)
}
