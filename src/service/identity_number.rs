//! Condition 1: is this a well-formed IIN or BIN, and what does it encode?

use serde::Serialize;
use utoipa::ToSchema;

use super::Service;
use super::request::{FieldError, IdentityClaim, RequestError};
use crate::iin::{Bin, Department, EntityKind, IdentityNumberError, Iin, NumberWarning, Sex};

/// What a number is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct NumberReport {
    /// `iin` or `bin`.
    #[schema(value_type = String)]
    pub kind: &'static str,
    /// Whether it is twelve digits with a possible date, type digit and check digit.
    pub well_formed: bool,
    /// Why it is no number at all: not twelve digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// What is odd about it.
    #[schema(value_type = Vec<String>)]
    pub warnings: Vec<&'static str>,
    /// Date of birth, `YYYY-MM-DD`, for an IIN whose digits are a date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<String>,
    /// `male` or `female`, for an IIN that says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub sex: Option<&'static str>,
    /// Month of registration, `YY-MM`, for a BIN; it carries no century.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registered: Option<String>,
    /// `resident`, `non-resident` or `joint-entrepreneurs`, for a BIN.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub entity: Option<&'static str>,
    /// `head`, `branch`, `representative` or `farm`, for a BIN.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub department: Option<&'static str>,
}

impl Service {
    /// Tells what one number encodes. A text that is not twelve digits is an answer too: not well-formed.
    ///
    /// # Errors
    ///
    /// [`RequestError`] when there is not exactly one number.
    pub fn check_identity_number(&self, claim: &IdentityClaim) -> Result<NumberReport, RequestError> {
        match (&claim.iin, &claim.bin) {
            (Some(iin), None) => Ok(Iin::parse(iin).map_or_else(|error| no_number("iin", &error), about_iin)),
            (None, Some(bin)) => Ok(Bin::parse(bin).map_or_else(|error| no_number("bin", &error), about_bin)),
            (Some(_), Some(_)) => Err(one_field("bin", "too-many", "both iin and bin are given")),
            (None, None) => Err(one_field("iin", "missing", "neither iin nor bin is given")),
        }
    }
}

fn one_field(field: &str, code: &'static str, problem: &str) -> RequestError {
    let error = FieldError::new(field, code, problem, "send one of iin and bin");
    RequestError { errors: vec![error], malformed: false }
}

fn no_number(kind: &'static str, error: &IdentityNumberError) -> NumberReport {
    NumberReport { problem: Some(error.to_string()), kind, ..NumberReport::default() }
}

fn about_iin(iin: Iin) -> NumberReport {
    let warnings: Vec<_> = iin.warnings().map(NumberWarning::as_str).collect();
    NumberReport {
        kind: "iin",
        well_formed: warnings.is_empty(),
        problem: None,
        warnings,
        birth_date: iin.birth_date().map(|date| format!("{:04}-{:02}-{:02}", date.year, date.month, date.day)),
        sex: iin.sex().map(|sex| match sex {
            Sex::Female => "female",
            Sex::Male => "male",
        }),
        registered: None,
        entity: None,
        department: None,
    }
}

fn about_bin(bin: Bin) -> NumberReport {
    let warnings: Vec<_> = bin.warnings().map(NumberWarning::as_str).collect();
    NumberReport {
        kind: "bin",
        well_formed: warnings.is_empty(),
        problem: None,
        warnings,
        birth_date: None,
        sex: None,
        registered: bin.registration().map(|month| format!("{:02}-{:02}", month.year_of_century, month.month)),
        entity: bin.kind().map(|kind| match kind {
            EntityKind::JointEntrepreneurs => "joint-entrepreneurs",
            EntityKind::NonResident => "non-resident",
            EntityKind::Resident => "resident",
        }),
        department: bin.department().map(|department| match department {
            Department::Branch => "branch",
            Department::Farm => "farm",
            Department::Head => "head",
            Department::Representative => "representative",
        }),
    }
}
