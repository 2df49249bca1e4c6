//! Condition 1: is this a well-formed IIN or BIN, and what does it encode?

use serde::Serialize;
use utoipa::ToSchema;

use super::Service;
use super::prepare::read_claim;
use super::request::{FieldError, IdentityClaim, RequestError};
use crate::iin::{Bin, Department, EntityKind, Iin, NumberWarning, Sex};
use crate::verify::Claim;

/// What a number is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NumberReport {
    /// `iin` or `bin`.
    #[schema(value_type = String)]
    pub kind: &'static str,
    /// Whether it is twelve digits with a possible date, type digit and check digit.
    pub well_formed: bool,
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
    /// Tells what one number encodes.
    ///
    /// # Errors
    ///
    /// [`RequestError`] when there is not exactly one number or it is not twelve digits.
    pub fn check_identity_number(&self, claim: &IdentityClaim) -> Result<NumberReport, RequestError> {
        let mut errors = Vec::new();
        let claim = read_claim(claim, "", &mut errors);
        if let Some(Claim::Both(..)) = claim {
            errors.push(FieldError::new("bin", "too-many", "both iin and bin are given", "ask about one number"));
        }
        RequestError::check(errors)?;
        match claim {
            Some(Claim::Bin(bin)) => Ok(about_bin(bin)),
            Some(Claim::Iin(iin) | Claim::Both(iin, _)) => Ok(about_iin(iin)),
            None => Err(RequestError { errors: Vec::new(), malformed: true }),
        }
    }
}

fn about_iin(iin: Iin) -> NumberReport {
    let warnings: Vec<_> = iin.warnings().map(NumberWarning::as_str).collect();
    NumberReport {
        kind: "iin",
        well_formed: warnings.is_empty(),
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
