//! A reason against acceptance, with the data that its message needs.

use super::code::{RefusalCode, SubIndication};
use super::report::Messages;
use super::shared::Shared;
use crate::clock::Time;

/// Something a message is filled in with. Each is put into the words of the language when the message is rendered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg {
    /// An instant, shown as date and time of day in UTC+5.
    Moment(Time),
    /// A name that exists in each language.
    Names(Shared<Messages>),
    /// The id of a term of the text files, such as `number-iin`.
    Term(&'static str),
    /// A name that is the same in all languages.
    Text(String),
}

/// Whose certificate a reason is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Whose {
    /// The one that was asked about.
    #[default]
    Holder,
    /// One of the certification authorities above it: getting a new certificate of one's own may not help.
    Issuer,
}

/// What of a submission a reason is about, where the usual words of its code would tell it wrongly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Matter {
    /// The service is not open for the way that the submission came in.
    Channel,
    /// The signer is nobody who may enter submissions at the office that it came through.
    Office,
    /// Documents of one submission are signed by different people.
    Signers,
}

/// One reason against acceptance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    code: RefusalCode,
    whose: Whose,
    matter: Option<Matter>,
    sub_indication: SubIndication,
    args: Vec<(&'static str, Arg)>,
}

impl Reason {
    /// A reason without data.
    pub const fn new(code: RefusalCode) -> Self {
        Self { code, whose: Whose::Holder, matter: None, sub_indication: code.sub_indication(), args: Vec::new() }
    }

    /// [`RefusalCode::AlgorithmNotAllowed`] with the name of the algorithm.
    pub fn algorithm_not_allowed(algorithm: impl Into<String>) -> Self {
        Self::new(RefusalCode::AlgorithmNotAllowed).with("algorithm", Arg::Text(algorithm.into()))
    }

    /// [`RefusalCode::IssuerNotTrusted`] with the name of the issuer that no anchor leads to.
    pub fn issuer_not_trusted(issuer: impl Into<String>) -> Self {
        Self::new(RefusalCode::IssuerNotTrusted).with("issuer", Arg::Text(issuer.into()))
    }

    /// [`RefusalCode::CertificateNotYetValid`] with the start of the period.
    pub fn not_yet_valid(whose: Whose, not_before: Time) -> Self {
        Self::new(RefusalCode::CertificateNotYetValid).of(whose).with("date", Arg::Moment(not_before))
    }

    /// [`RefusalCode::CertificateExpired`] with the end of the period.
    pub fn expired(whose: Whose, not_after: Time) -> Self {
        Self::new(RefusalCode::CertificateExpired).of(whose).with("date", Arg::Moment(not_after))
    }

    /// [`RefusalCode::CertificateRevoked`] with the date and the `CRLReason` (RFC 5280 section 5.3.1), if one is given.
    pub fn revoked(whose: Whose, date: Time, reason: Option<u8>) -> Self {
        Self::new(RefusalCode::CertificateRevoked)
            .of(whose)
            .with("date", Arg::Moment(date))
            .with("reason", Arg::Term(revocation_term(reason)))
    }

    /// [`RefusalCode::KeyUsageNotAllowed`] with the purpose asked for, a term: `purpose-sign`,
    /// `purpose-authenticate` or `purpose-any`.
    pub fn key_usage_not_allowed(purpose: &'static str) -> Self {
        Self::new(RefusalCode::KeyUsageNotAllowed).with("purpose", Arg::Term(purpose))
    }

    /// [`RefusalCode::KeyUsageNotAllowed`] with the object identifier of the extended key usage asked for.
    pub fn extended_key_usage_not_allowed(usage: impl Into<String>) -> Self {
        Self::new(RefusalCode::KeyUsageNotAllowed).with("purpose", Arg::Text(usage.into()))
    }

    /// [`RefusalCode::IdentityMissing`] with the kind of number, a term: `number-iin` or `number-bin`.
    pub fn identity_missing(number: &'static str) -> Self {
        Self::new(RefusalCode::IdentityMissing).with("number", Arg::Term(number))
    }

    /// [`RefusalCode::IdentityMismatch`] with the kind of number, a term: `number-iin` or `number-bin`.
    pub fn identity_mismatch(number: &'static str) -> Self {
        Self::new(RefusalCode::IdentityMismatch).with("number", Arg::Term(number))
    }

    /// [`RefusalCode::AuthorityMissing`] for a service that is for other applicants; `applicants` is a term:
    /// `applicants-iin`, `applicants-bin` or `applicants-both`.
    pub fn wrong_applicant(service: Shared<Messages>, applicants: &'static str) -> Self {
        Self::new(RefusalCode::AuthorityMissing)
            .with("service", Arg::Names(service))
            .with("applicants", Arg::Term(applicants))
    }

    /// [`RefusalCode::AuthorityMissing`] for a service that cannot be applied for in this way; `channel` is a term:
    /// `channel-portal`, `channel-centre` or `channel-provider`.
    pub fn channel_closed(service: Shared<Messages>, channel: &'static str) -> Self {
        Self::new(RefusalCode::AuthorityMissing)
            .in_the_matter_of(Matter::Channel)
            .with("service", Arg::Names(service))
            .with("channel", Arg::Term(channel))
    }

    /// [`RefusalCode::AuthorityMissing`] for a signer who may not enter submissions at an office; `channel` is a term:
    /// `channel-centre` or `channel-provider`.
    pub fn not_of_the_office(channel: &'static str) -> Self {
        Self::new(RefusalCode::AuthorityMissing).in_the_matter_of(Matter::Office).with("channel", Arg::Term(channel))
    }

    /// [`RefusalCode::IdentityMismatch`] for documents of one submission that different people signed.
    pub fn different_signers() -> Self {
        Self::new(RefusalCode::IdentityMismatch).in_the_matter_of(Matter::Signers)
    }

    /// [`RefusalCode::RevocationUnknown`] with the time until which the last known list or response held.
    pub fn revocation_stale(next_update: Time) -> Self {
        Self::new(RefusalCode::RevocationUnknown).with("date", Arg::Moment(next_update))
    }

    /// The same reason about somebody else's certificate.
    #[must_use]
    pub fn of(self, whose: Whose) -> Self {
        Self { whose, ..self }
    }

    /// The same reason under a sub-indication closer than the usual one.
    #[must_use]
    pub fn as_sub_indication(self, sub_indication: SubIndication) -> Self {
        Self { sub_indication, ..self }
    }

    fn in_the_matter_of(self, matter: Matter) -> Self {
        Self { matter: Some(matter), ..self }
    }

    fn with(mut self, name: &'static str, arg: Arg) -> Self {
        self.args.push((name, arg));
        self
    }

    /// The stable code.
    pub const fn code(&self) -> RefusalCode {
        self.code
    }

    /// The sub-indication of ETSI EN 319 102-1.
    pub const fn sub_indication(&self) -> SubIndication {
        self.sub_indication
    }

    /// Whose certificate it is about.
    pub const fn whose(&self) -> Whose {
        self.whose
    }

    /// What of a submission it is about, if the usual words do not fit.
    pub const fn matter(&self) -> Option<Matter> {
        self.matter
    }

    /// The data of the message by name.
    pub fn args(&self) -> &[(&'static str, Arg)] {
        &self.args
    }
}

/// The term for a `CRLReason`.
pub(super) const fn revocation_term(reason: Option<u8>) -> &'static str {
    match reason {
        Some(0) => "revocation-unspecified",
        Some(1) => "revocation-key-compromise",
        Some(2) => "revocation-ca-compromise",
        Some(3) => "revocation-affiliation-changed",
        Some(4) => "revocation-superseded",
        Some(5) => "revocation-cessation-of-operation",
        Some(6) => "revocation-certificate-hold",
        Some(8) => "revocation-remove-from-crl",
        Some(9) => "revocation-privilege-withdrawn",
        Some(10) => "revocation-aa-compromise",
        None | Some(_) => "revocation-not-stated",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_keeps_whose_certificate_and_what_of_a_submission_it_is_about() {
        let plain = Reason::new(RefusalCode::CertificateRevoked);
        assert_eq!((plain.whose(), plain.matter()), (Whose::Holder, None));
        assert_eq!(plain.of(Whose::Issuer).whose(), Whose::Issuer);
        assert_eq!(Reason::not_of_the_office("channel-centre").matter(), Some(Matter::Office));
        assert_eq!(Reason::different_signers().matter(), Some(Matter::Signers));
        let closer = Reason::new(RefusalCode::SignatureInvalid).as_sub_indication(SubIndication::HashFailure);
        assert_eq!(closer.sub_indication(), SubIndication::HashFailure);
    }
}
