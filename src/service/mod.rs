//! Stand-in for the service facade, with its interface and next to nothing behind it.

use std::borrow::Cow;
use std::path::Path;

use base64::Engine;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::{Clock, SystemClock};
use crate::config::Config;
use crate::iin::{Bin, Iin};
use crate::policy::Purpose;
use crate::policy::services::ServiceTable;
use crate::revocation::ListStatus;
use crate::verdict::{Check, CheckName, Language, Reason, RefusalCode, Report, ReportContext, Required, Verdict};

/// A claim.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IdentityClaim {
    /// IIN.
    pub iin: Option<String>,
    /// BIN.
    pub bin: Option<String>,
}

/// The request.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckRequest {
    /// PEM or base64.
    pub certificate: String,
    /// More certificates.
    #[serde(default)]
    pub intermediates: Vec<String>,
    /// Whose it should be.
    pub identity: Option<IdentityClaim>,
    /// Slug.
    pub service: Option<String>,
    /// Purpose.
    pub purpose: Option<Purpose>,
    /// RFC 3339.
    pub at: Option<String>,
    /// Language.
    pub language: Option<String>,
}

/// A field that cannot be used.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct FieldError {
    /// Path of the field.
    pub field: String,
    /// Stable.
    #[schema(value_type = String)]
    pub code: &'static str,
    /// What.
    pub problem: String,
    /// Remedy.
    pub remedy: String,
}

/// Why a request cannot be used.
#[derive(Clone, Debug)]
pub struct RequestError {
    /// Non-empty.
    pub errors: Vec<FieldError>,
    /// 400 instead of 422.
    pub malformed: bool,
}

impl RequestError {
    fn one(malformed: bool, field: &str, code: &'static str, problem: &str, remedy: &str) -> Self {
        let error = FieldError { field: field.into(), code, problem: problem.into(), remedy: remedy.into() };
        Self { errors: vec![error], malformed }
    }
}

/// What an identity number is.
#[derive(Debug, Serialize, ToSchema)]
pub struct NumberReport {
    /// Whether it is well-formed.
    pub well_formed: bool,
}

/// Readiness.
#[derive(Debug, Serialize, ToSchema)]
pub struct Readiness {
    /// Whether.
    pub ready: bool,
    /// Why not.
    pub reasons: Vec<String>,
    /// Demo.
    pub demo: bool,
}

/// Prepared.
#[derive(Debug)]
pub struct PreparedCheck {
    language: Language,
    warm: bool,
}

impl PreparedCheck {
    /// Warm?
    pub fn is_warm(&self) -> bool {
        self.warm
    }
}

/// The stub.
#[derive(Debug)]
pub struct Service {
    demo: bool,
}

impl Service {
    /// Stub.
    ///
    /// # Errors
    /// None.
    pub fn new(config: &Config) -> Result<Self, Cow<'static, str>> {
        let _ = Path::new("");
        Ok(Self { demo: config.trust.demo })
    }

    /// Parses.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn prepare(&self, request: CheckRequest) -> Result<PreparedCheck, RequestError> {
        let language = match request.language.as_deref() {
            None => Language::Ru,
            Some(tag) => Language::from_tag(tag).ok_or_else(|| {
                RequestError::one(false, "language", "unknown-language", "not a language", "Write kk, ru or en")
            })?,
        };
        let text: String = request.certificate.split_whitespace().collect();
        if !text.starts_with("-----") && base64::engine::general_purpose::STANDARD.decode(&text).is_err() {
            let remedy = "Send the DER in base64, or PEM";
            return Err(RequestError::one(true, "certificate", "malformed-encoding", "not base64", remedy));
        }
        Ok(PreparedCheck { language, warm: text != "Y29sZA==" })
    }

    /// Checks.
    pub fn check(&self, prepared: PreparedCheck) -> Report {
        let at = SystemClock.now();
        Verdict::conclude(
            Required::only(CheckName::Format),
            vec![Check::failed(CheckName::Format, "not a certificate")],
            vec![Reason::new(RefusalCode::CertificateMalformed)],
        )
        .report(ReportContext { certificate: None, at, checked_at: at, language: prepared.language })
    }

    /// Checks a number.
    ///
    /// # Errors
    /// [`RequestError`].
    pub fn check_identity_number(&self, claim: &IdentityClaim) -> Result<NumberReport, RequestError> {
        match (&claim.iin, &claim.bin) {
            (Some(iin), None) => Ok(NumberReport { well_formed: Iin::parse_strict(iin).is_ok() }),
            (None, Some(bin)) => Ok(NumberReport { well_formed: Bin::parse_strict(bin).is_ok() }),
            _ => Err(RequestError::one(false, "iin", "one-number", "one number is needed", "Write iin or bin")),
        }
    }

    /// Table.
    pub fn services(&self) -> &ServiceTable {
        ServiceTable::builtin()
    }

    /// Lists.
    pub fn revocation(&self) -> Vec<ListStatus> {
        Vec::new()
    }

    /// Begins a refresh of the lists from URLs; returns how many.
    pub fn request_refresh(&self) -> usize {
        0
    }

    /// Readiness.
    pub fn readiness(&self) -> Readiness {
        Readiness { ready: true, reasons: Vec::new(), demo: self.demo }
    }

    /// Demo.
    pub fn is_demo(&self) -> bool {
        self.demo
    }
}
