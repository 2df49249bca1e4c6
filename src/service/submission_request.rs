//! Requests about whole submissions.

use std::collections::HashSet;

use serde::Deserialize;
use utoipa::ToSchema;

use super::document::{ContentDigest, DocumentRequest};
use super::prepare::read_claim;
use super::request::{FieldError, IdentityClaim};
use crate::iin::Iin;
use crate::policy::services::Channel;
use crate::policy::signatory::Applicant;
use crate::verify::Claim;

/// The name of the form among the documents of an answer.
pub(super) const FORM: &str = "form";
/// Longest name of an attachment: that of a file.
const MAX_NAME: usize = 255;

/// A submission: the signed form, the signed attachments, whom they are for and how they came in.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmissionRequest {
    /// Slug of the service applied for.
    pub service: String,
    /// How the submission came in, which says who must have signed.
    pub channel: Channel,
    /// Whom it is for: one of the two numbers.
    pub applicant: ApplicantNumbers,
    /// Who signs instead of the applicant on the portal; at a counter it changes nothing, because the operator signs.
    #[serde(default)]
    pub representative: Option<Representative>,
    /// The application form.
    pub form: SubmittedForm,
    /// What is attached to it, in the order of the answer.
    #[serde(default)]
    pub attachments: Vec<SubmittedDocument>,
    /// The moment of checking, RFC 3339; now when absent.
    #[serde(default)]
    pub at: Option<String>,
    /// `kk`, `ru` or `en`.
    #[serde(default)]
    pub language: Option<String>,
}

/// The applicant's number.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ApplicantNumbers {
    /// Of an individual.
    #[serde(default)]
    #[schema(example = "650615100015")]
    pub iin: Option<String>,
    /// Of a legal entity.
    #[serde(default)]
    pub bin: Option<String>,
}

/// Who signs instead of the applicant.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Representative {
    /// The person's number.
    pub iin: String,
}

impl std::fmt::Debug for ApplicantNumbers {
    /// Without the digits.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ApplicantNumbers").field("iin", &self.iin.is_some()).field("bin", &self.bin.is_some()).finish()
    }
}

impl std::fmt::Debug for Representative {
    /// Without the digits.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Representative")
    }
}

/// The signed form.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmittedForm {
    /// The signed document, base64.
    #[serde(default)]
    pub document: String,
    /// The content of a detached signature, base64.
    #[serde(default)]
    pub content: Option<String>,
    /// The digest of the content instead of the content.
    #[serde(default)]
    pub content_digest: Option<ContentDigest>,
    /// The format; found out from the bytes when absent.
    #[serde(default)]
    pub format: Option<String>,
}

/// A signed attachment.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubmittedDocument {
    /// What people call it: a file name. No two are alike, and none is `form`.
    pub name: String,
    /// The signed document, base64.
    #[serde(default)]
    pub document: String,
    /// The content of a detached signature, base64.
    #[serde(default)]
    pub content: Option<String>,
    /// The digest of the content instead of the content.
    #[serde(default)]
    pub content_digest: Option<ContentDigest>,
    /// The format; found out from the bytes when absent.
    #[serde(default)]
    pub format: Option<String>,
}

impl std::fmt::Debug for SubmittedForm {
    /// The size at most.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SubmittedForm({})", self.document.len())
    }
}

impl std::fmt::Debug for SubmittedDocument {
    /// The size at most.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SubmittedDocument({})", self.document.len())
    }
}

impl SubmissionRequest {
    /// The form and the attachments: where each stands in the request, its name, and its question. The contents are the
    /// face's to read; of `content` only that it is there.
    pub(super) fn questions(&self) -> Vec<(String, String, DocumentRequest)> {
        let question = |format: &Option<String>, digest: &Option<ContentDigest>, content: bool| DocumentRequest {
            format: format.clone(),
            content_digest: digest.clone(),
            content: content.then(String::new),
            ..DocumentRequest::default()
        };
        let form = &self.form;
        let form = question(&form.format, &form.content_digest, form.content.is_some());
        let mut all = vec![(FORM.to_owned(), FORM.to_owned(), form)];
        for (index, one) in self.attachments.iter().enumerate() {
            let question = question(&one.format, &one.content_digest, one.content.is_some());
            all.push((format!("attachments[{index}]"), one.name.clone(), question));
        }
        all
    }

    pub(super) fn read_applicant(&self, errors: &mut Vec<FieldError>) -> Option<Applicant> {
        let claim = IdentityClaim { iin: self.applicant.iin.clone(), bin: self.applicant.bin.clone() };
        match read_claim(&claim, "applicant", errors)? {
            Claim::Iin(iin) => Some(Applicant::Person(iin)),
            Claim::Bin(bin) => Some(Applicant::Organisation(bin)),
            Claim::Both(..) => {
                let remedy = "send the iin of an individual or the bin of a legal entity";
                errors.push(FieldError::new("applicant", "conflict", "both iin and bin are given", remedy));
                None
            }
        }
    }

    pub(super) fn read_representative(&self, errors: &mut Vec<FieldError>) -> Option<Iin> {
        let iin = &self.representative.as_ref()?.iin;
        Iin::parse(iin)
            .map_err(|error| {
                let remedy = "send the number as twelve digits, nothing else";
                let code = "not-an-identity-number";
                errors.push(FieldError::new("representative.iin", code, error.to_string(), remedy));
            })
            .ok()
    }

    pub(super) fn check_names(&self, max_attachments: usize, errors: &mut Vec<FieldError>) {
        if self.attachments.len() > max_attachments {
            let problem = format!("{} attachments", self.attachments.len());
            let remedy = format!("send at most {max_attachments}");
            errors.push(FieldError::new("attachments", "too-many", problem, remedy));
            return;
        }
        let mut names = HashSet::from([FORM]);
        for (index, one) in self.attachments.iter().enumerate() {
            let field = format!("attachments[{index}].name");
            if one.name.trim().is_empty() || one.name.len() > MAX_NAME {
                let remedy = format!("send a name of at most {MAX_NAME} bytes, such as that of the file");
                errors.push(FieldError::new(field, "unusable", "empty or too long", remedy));
            } else if !names.insert(&one.name) {
                let remedy = "give every attachment a name of its own; «form» is the form's";
                errors.push(FieldError::new(field, "duplicate", "another document has this name", remedy));
            }
        }
    }
}
