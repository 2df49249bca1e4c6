//! What every line of a batch may bring: an id and rules; and what is written for it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::evidence::{Defaults, Rules};
use super::super::policy::PolicyField;
use super::Answer;
use crate::policy::{Profile, RevocationOrder, RevocationRule};
use crate::service::FieldError;
use crate::verdict::Decision;

/// The rules that a line sets.
#[derive(Default)]
pub struct LineRules {
    /// `profile`.
    pub profile: Option<Profile>,
    /// `revocation`.
    pub revocation: Option<RevocationRule>,
    /// `revocation_order`.
    pub order: Option<RevocationOrder>,
    /// `check_anchors`.
    pub check_anchors: Option<bool>,
    /// `policy`.
    pub policy: PolicyField,
}

impl LineRules {
    /// The rules of the line over those of the command line.
    pub fn over(&self, defaults: &Defaults) -> Result<Rules, Vec<FieldError>> {
        let (policies, extended_key_usages) = self.policy.over(&defaults.rules)?;
        Ok(Rules {
            policies,
            extended_key_usages,
            ocsp: defaults.rules.ocsp,
            profile: self.profile.unwrap_or(defaults.rules.profile),
            revocation: self.revocation.unwrap_or(defaults.rules.revocation),
            order: self.order.unwrap_or(defaults.rules.order),
            check_anchors: self.check_anchors.unwrap_or(defaults.rules.check_anchors),
        })
    }
}

/// A report with the id of its line.
#[derive(Serialize)]
struct Reported<'a, R> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a Value>,
    #[serde(flatten)]
    report: &'a R,
}

/// What is written for a line that could not be read.
#[derive(Serialize)]
struct Unread<'a> {
    /// Null when not even that could be read.
    id: Option<&'a Value>,
    /// Its number in the batch, from 1.
    line: u64,
    error: Errors,
}

/// A stable code and everything that is wrong.
#[derive(Serialize)]
struct Errors {
    code: &'static str,
    errors: Vec<FieldError>,
}

/// The id of a line that is JSON but not a request.
fn id_of(text: &[u8]) -> Option<Value> {
    #[derive(Deserialize)]
    struct OnlyId {
        #[serde(default)]
        id: Option<Value>,
    }
    serde_json::from_slice::<OnlyId>(text).ok().and_then(|line| line.id)
}

/// The line for a report.
pub fn reported(number: u64, id: Option<&Value>, report: &impl Serialize, decision: Decision) -> Answer {
    match serde_json::to_string(&Reported { id, report }) {
        Ok(json) => Answer { json, decision: Some(decision) },
        Err(error) => unread(
            number,
            id,
            "internal",
            vec![FieldError::new("", "internal", error.to_string(), "report this as a defect")],
        ),
    }
}

/// The line for one that could not be read.
pub fn unread(line: u64, id: Option<&Value>, code: &'static str, errors: Vec<FieldError>) -> Answer {
    let json = serde_json::to_string(&Unread { id, line, error: Errors { code, errors } });
    Answer {
        json: json.unwrap_or_else(|_| "{\"id\":null,\"error\":{\"code\":\"internal\"}}".to_owned()),
        decision: None,
    }
}

/// A line as the request it should be; `wanted` names the call whose fields it has.
pub fn parse<T: serde::de::DeserializeOwned>(number: u64, line: &super::Line, wanted: &str) -> Result<T, Answer> {
    let text = match line {
        super::Line::Text(text) => text,
        super::Line::TooLong => {
            let problem = format!("longer than {} bytes", super::MAX_LINE);
            let remedy = "name lists with --crl instead of sending them in every line";
            return Err(unread(number, None, "line-too-long", vec![FieldError::new("", "too-long", problem, remedy)]));
        }
    };
    let malformed = |id: Option<Value>, problem: String| {
        let remedy = format!("write one JSON object a line with the fields of {wanted}");
        unread(number, id.as_ref(), "line-malformed", vec![FieldError::new("", "malformed", problem, remedy)])
    };
    if text.trim_ascii_start().first() == Some(&b'[') {
        // The deserialiser would take its elements for the fields in their order.
        return Err(malformed(None, "a list instead of an object".to_owned()));
    }
    serde_json::from_slice(text).map_err(|error| malformed(id_of(text), error.to_string()))
}
