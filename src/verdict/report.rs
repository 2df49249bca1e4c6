//! The report: the shape that every face answers with.

use serde::Serialize;
use utoipa::ToSchema;

use super::check::Check;
use super::code::{Decision, Indication, RefusalCode, SubIndication};
use super::conclude::Verdict;
use super::evidence::is_false;
use super::language::Language;
use super::reason::Reason;
use super::shared::Shared;
use super::text;
use crate::clock::Time;
use crate::iin::NumberWarning;

/// A text in the three languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Messages {
    /// Kazakh.
    pub kk: String,
    /// Russian.
    pub ru: String,
    /// English.
    pub en: String,
}

impl Messages {
    /// The text in one language.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::Kk => &self.kk,
            Language::Ru => &self.ru,
        }
    }
}

/// Why the answer is not `accepted`, ready to show.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Refusal {
    /// The stable code.
    pub code: RefusalCode,
    /// The message in the language asked for.
    pub message: String,
    /// The message in every language.
    pub messages: Messages,
}

impl Refusal {
    /// Puts a reason into words.
    pub fn new(reason: &Reason, language: Language) -> Self {
        let messages = text::messages(reason);
        Self { code: reason.code(), message: messages.get(language).to_owned(), messages }
    }
}

/// Something to point out that does not change the decision.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Warning {
    /// Stable name, such as `identity-check-digit`.
    #[schema(value_type = String)]
    pub code: &'static str,
    /// What it is, in plain English.
    #[schema(value_type = String)]
    pub detail: std::borrow::Cow<'static, str>,
}

impl From<NumberWarning> for Warning {
    fn from(warning: NumberWarning) -> Self {
        match warning {
            NumberWarning::CheckDigit => Self {
                code: "identity-check-digit",
                detail: "the check digit of the identity number does not fit".into(),
            },
            NumberWarning::Date => {
                Self { code: "identity-date", detail: "the first digits of the identity number are not a date".into() }
            }
            NumberWarning::TypeDigit => Self {
                code: "identity-type-digit",
                detail: "the type digit of the identity number has no meaning".into(),
            },
        }
    }
}

/// Whether the moment asked about is the moment of asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Moment {
    /// `at` is later than `checked_at`: what is known now need not hold then.
    Future,
    /// `at` is earlier than `checked_at`.
    Past,
    /// `at` and `checked_at` are the same.
    Present,
}

impl Moment {
    /// Where `at` lies, seen from `checked_at`.
    pub fn of(at: Time, checked_at: Time) -> Self {
        match at.cmp(&checked_at) {
            std::cmp::Ordering::Less => Self::Past,
            std::cmp::Ordering::Equal => Self::Present,
            std::cmp::Ordering::Greater => Self::Future,
        }
    }
}

/// Who a certificate names, as written in it. What it does not say is null.
#[derive(Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct SubjectSummary {
    /// Common name.
    pub common_name: Option<String>,
    /// Surname.
    pub surname: Option<String>,
    /// Given name attribute; Kazakh certificates carry the patronymic there.
    pub given_name: Option<String>,
    /// Twelve digits.
    pub iin: Option<String>,
    /// Twelve digits.
    pub bin: Option<String>,
    /// Organisation.
    pub organisation: Option<String>,
    /// Two-letter code.
    pub country: Option<String>,
    /// Distinguished name, for people.
    pub dn: String,
}

impl std::fmt::Debug for SubjectSummary {
    /// Names and numbers of people end up in logs through `Debug`: only what is there, not what it says.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SubjectSummary")
            .field("iin", &self.iin.is_some())
            .field("bin", &self.bin.is_some())
            .finish_non_exhaustive()
    }
}

/// Who issued a certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct IssuerSummary {
    /// Common name.
    pub common_name: Option<String>,
    /// Distinguished name, for people.
    pub dn: String,
}

/// What a certificate says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct CertificateSummary {
    /// Whom it names.
    pub subject: SubjectSummary,
    /// Who issued it.
    pub issuer: IssuerSummary,
    /// Hexadecimal.
    pub serial_number: String,
    /// Start of the period, inclusive.
    pub not_before: Time,
    /// End of the period, inclusive.
    pub not_after: Time,
    /// Such as `gost-34.10-2015-512` or `rsa-2048`.
    pub key_algorithm: String,
    /// Names of the keyUsage bits set.
    pub key_usage: Vec<String>,
    /// Roles of the holder, from the extended key usage.
    pub roles: Vec<String>,
    /// Object identifiers of the certificate policies.
    pub policies: Vec<String>,
    /// SHA-256 of the DER, in hexadecimal.
    pub sha256: String,
}

/// What a report says beyond its verdict.
#[derive(Clone, Debug)]
pub struct ReportContext {
    /// The certificate, if one could be read.
    pub certificate: Option<Shared<CertificateSummary>>,
    /// The time that the answer is about.
    pub at: Time,
    /// When the answer was made.
    pub checked_at: Time,
    /// The language of `refusal.message`.
    pub language: Language,
}

/// The answer about one certificate or one signature.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Report {
    decision: Decision,
    indication: Indication,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_indication: Option<SubIndication>,
    checks: Vec<Check>,
    /// Absent when no certificate could be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<CertificateSummary>)]
    certificate: Option<Shared<CertificateSummary>>,
    /// Present exactly when the decision is not `accepted`.
    #[serde(skip_serializing_if = "Option::is_none")]
    refusal: Option<Refusal>,
    /// Things to point out that do not change the decision.
    warnings: Vec<Warning>,
    /// Present and true when the answer rests on a demo key, which is public: proof of nothing.
    #[serde(skip_serializing_if = "is_false")]
    demo: bool,
    /// The time that the answer is about.
    at: Time,
    /// Whether `at` is the moment of asking.
    moment: Moment,
    /// When the answer was made.
    checked_at: Time,
}

impl Verdict {
    /// Puts the verdict into the shape of the answer.
    pub fn report(self, context: ReportContext) -> Report {
        let decision = self.decision();
        let sub_indication = self.sub_indication();
        let refusal = self.refusal().map(|reason| Refusal::new(reason, context.language));
        let demo = self.is_demo();
        let (checks, warnings) = self.into_parts();
        Report {
            decision,
            indication: decision.indication(),
            sub_indication,
            checks,
            certificate: context.certificate,
            refusal,
            warnings,
            demo,
            at: context.at,
            moment: Moment::of(context.at, context.checked_at),
            checked_at: context.checked_at,
        }
    }
}

impl Report {
    /// The decision.
    pub const fn decision(&self) -> Decision {
        self.decision
    }

    /// Why it is not accepted; none exactly when it is.
    pub const fn refusal(&self) -> Option<&Refusal> {
        self.refusal.as_ref()
    }

    /// The sub-indication of ETSI EN 319 102-1; none when accepted.
    pub const fn sub_indication(&self) -> Option<SubIndication> {
        self.sub_indication
    }

    /// Every check, in order.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// The certificate, if one could be read.
    pub fn certificate(&self) -> Option<&CertificateSummary> {
        self.certificate.as_deref()
    }

    /// Things to point out.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Whether it rests on a demo key.
    pub const fn is_demo(&self) -> bool {
        self.demo
    }

    /// The same answer with more to point out.
    #[must_use]
    pub fn with_warnings(mut self, warnings: impl IntoIterator<Item = Warning>) -> Self {
        self.warnings.extend(warnings);
        self
    }

    /// The time that the answer is about.
    pub const fn at(&self) -> Time {
        self.at
    }

    /// When the answer was made.
    pub const fn checked_at(&self) -> Time {
        self.checked_at
    }
}

#[cfg(test)]
mod tests {
    use super::super::{CheckName, Required, Whose};
    use super::*;

    fn context() -> ReportContext {
        let certificate = CertificateSummary {
            subject: SubjectSummary { dn: "CN=X".into(), ..SubjectSummary::default() },
            issuer: IssuerSummary::default(),
            serial_number: "0a".into(),
            not_before: Time::from_unix(0),
            not_after: Time::from_unix(1),
            key_algorithm: "rsa-2048".into(),
            key_usage: vec![],
            roles: vec![],
            policies: vec![],
            sha256: "00".into(),
        };
        ReportContext {
            certificate: Some(Shared::new(certificate)),
            at: Time::from_unix(5),
            checked_at: Time::from_unix(6),
            language: Language::Kk,
        }
    }

    #[test]
    fn an_accepted_report_has_neither_refusal_nor_sub_indication() {
        let checks = vec![Check::passed(CheckName::Format, "read")];
        let report = Verdict::conclude(Required::only(CheckName::Format), checks, vec![]).report(context());
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["decision"], "accepted");
        assert_eq!(json["indication"], "TOTAL-PASSED");
        assert_eq!(json["moment"], "past");
        assert_eq!(json["checks"][0]["name"], "format");
        assert_eq!(json["certificate"]["subject"]["dn"], "CN=X");
        for absent in ["refusal", "sub_indication", "demo"] {
            assert!(json.get(absent).is_none(), "{absent}");
        }
        assert_eq!(json["warnings"], serde_json::json!([]));
    }

    #[test]
    fn a_refused_report_carries_the_message_in_the_asked_language_and_in_all() {
        let reason = Reason::revoked(Whose::Holder, Time::from_unix(0), Some(4));
        let report = Verdict::conclude(Required::CERTIFICATE, vec![], vec![reason]).on_demo(true).report(context());
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["decision"], "refused");
        assert_eq!(json["sub_indication"], "REVOKED");
        assert_eq!(json["refusal"]["code"], "certificate-revoked");
        assert_eq!(json["refusal"]["message"], json["refusal"]["messages"]["kk"]);
        assert_eq!(json["demo"], true);
        let rendered: Messages = serde_json::from_value(json["refusal"]["messages"].clone()).unwrap();
        assert!(rendered.ru.contains("01.01.1970 05:00"), "{}", rendered.ru);
    }

    /// The journal and the terminal ask; everybody else reads.
    #[test]
    fn what_a_report_is_asked_is_what_is_read_in_it() {
        let warning = Warning { code: "identity-number-odd", detail: "odd".into() };
        for demo in [false, true] {
            let checks = vec![Check::passed(CheckName::Format, "read")];
            let verdict = Verdict::conclude(Required::only(CheckName::Format), checks, vec![]).on_demo(demo);
            let report = verdict.report(context()).with_warnings([warning.clone()]);
            let json = serde_json::to_value(&report).unwrap();
            assert_eq!(report.is_demo(), json.get("demo").is_some(), "{json}");
            assert_eq!(report.is_demo(), demo);
            assert_eq!(report.warnings(), std::slice::from_ref(&warning));
            assert_eq!(json["warnings"][0]["code"], "identity-number-odd");
            assert_eq!(report.checks().len(), json["checks"].as_array().unwrap().len());
        }
    }

    #[test]
    fn the_report_has_a_schema_with_every_block_of_it() {
        let mut blocks = vec![];
        <Report as ToSchema>::schemas(&mut blocks);
        let names: Vec<_> = blocks.iter().map(|(name, _)| name.as_str()).collect();
        // Evidence is referred to by its name, for it may be an empty object; the description of the interface brings it.
        for name in ["Check", "CertificateSummary", "Refusal", "Messages", "RefusalCode"] {
            assert!(names.contains(&name), "{name} is not among {names:?}");
        }
        assert!(serde_json::to_string(&<Report as utoipa::PartialSchema>::schema()).unwrap().contains("checked_at"));
    }
}
