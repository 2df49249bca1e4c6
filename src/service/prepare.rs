//! From a request to a prepared check: every field parsed, every problem named, nothing verified yet.

use std::sync::Arc;

use super::request::{CheckRequest, FieldError, IdentityClaim, MAX_INTERMEDIATES, RequestError};
use super::{Grounds, Service, chains};
use crate::clock::Time;
use crate::der::armour::{self, ArmourError, Label};
use crate::iin::{Bin, IdentityNumberError, Iin};
use crate::policy::Policy;
use crate::revocation::ocsp::{KnownResponders, Responses};
use crate::verdict::Language;
use crate::verify::document::PathUse;
use crate::verify::{Claim, Examined};
use crate::x509::{Certificate, CertificateError};

/// A request whose fields are parsed, waiting to be judged.
#[derive(Debug)]
pub struct PreparedCheck {
    pub(super) examined: Result<Arc<Examined>, CertificateError>,
    pub(super) extra: Vec<Certificate>,
    pub(super) claim: Option<Claim>,
    pub(super) service: Option<String>,
    pub(super) policy: Policy,
    /// The moment asked about; now when none was named.
    pub(super) at: Option<Time>,
    pub(super) language: Language,
    /// What the search came to before, when the cache still has it.
    pub(super) chains: Option<chains::Found>,
    /// OCSP responses: those the grounds have, and what responders answered.
    pub(super) responses: Responses,
}

impl PreparedCheck {
    /// Certificates of the paths that were found, each once; none before they were searched.
    #[must_use]
    pub fn path_certificates(&self) -> Vec<Certificate> {
        chains::certificates(self.chains.iter().flatten())
    }

    /// Whether the answer needs no signature to be verified: it may then be given on the spot.
    #[must_use]
    pub fn is_warm(&self) -> bool {
        self.examined.is_err() || self.chains.is_some()
    }
}

impl Service {
    /// Parses a request under the service's own grounds and policy.
    ///
    /// # Errors
    ///
    /// [`RequestError`] naming every field that cannot be used. A certificate that is well-formed base64 or
    /// PEM but not a certificate is no error: the answer is a refusal.
    pub fn prepare(&self, request: CheckRequest) -> Result<PreparedCheck, RequestError> {
        let purpose = request.purpose.unwrap_or_default();
        self.prepare_under(request, self.policy_for(purpose), &self.grounds)
    }

    /// As [`Self::prepare`], under another policy and on other grounds, as a line of a batch may want.
    ///
    /// # Errors
    ///
    /// As [`Self::prepare`].
    pub fn prepare_under(
        &self,
        request: CheckRequest,
        policy: Policy,
        grounds: &Grounds,
    ) -> Result<PreparedCheck, RequestError> {
        let extra = Intermediates::read(&request.intermediates).all();
        self.prepare_read(request, extra, policy, grounds)
    }

    /// As [`Self::prepare_under`], with intermediates that were read already; the request's own are not looked at.
    ///
    /// # Errors
    ///
    /// As [`Self::prepare`].
    pub fn prepare_among(
        &self,
        request: CheckRequest,
        intermediates: Vec<Certificate>,
        policy: Policy,
        grounds: &Grounds,
    ) -> Result<PreparedCheck, RequestError> {
        self.prepare_read(request, Ok(intermediates), policy, grounds)
    }

    fn prepare_read(
        &self,
        request: CheckRequest,
        intermediates: Result<Vec<Certificate>, Vec<FieldError>>,
        policy: Policy,
        grounds: &Grounds,
    ) -> Result<PreparedCheck, RequestError> {
        let mut errors = Vec::new();
        let examined = self.examine(&request.certificate, &mut errors);
        let extra = intermediates.unwrap_or_else(|more| {
            errors.extend(more);
            Vec::new()
        });
        let claim = request.identity.as_ref().and_then(|claim| read_claim(claim, "identity", &mut errors));
        let service = request.service.filter(|slug| self.knows(slug, &mut errors));
        let at = request.at.and_then(|text| read_time(&text, &mut errors));
        let language = request.language.map_or(Some(self.default_language), |tag| read_language(&tag, &mut errors));
        RequestError::check(errors)?;
        let (Some(examined), Some(language)) = (examined, language) else {
            // Not reached: whatever is missing has put an error on the list.
            let error = FieldError::new("certificate", "unusable", "the request cannot be used", "send it again");
            return Err(RequestError { errors: vec![error], malformed: true });
        };
        let policy = Policy { purpose: request.purpose.unwrap_or(policy.purpose), ..policy };
        let chains = match &examined {
            Ok(examined) => self.known_chains(chains::key(examined, &extra, &policy, PathUse::Holder), grounds),
            Err(_) => None,
        };
        let known = KnownResponders::among(grounds.pool.authorities().chain(&extra));
        let responses = grounds.responses.clone().with_responders(known);
        Ok(PreparedCheck { examined, extra, claim, service, policy, at, language, chains, responses })
    }

    /// The certificate, parsed or found in the cache under the hash of its bytes.
    fn examine(&self, text: &str, errors: &mut Vec<FieldError>) -> Option<Result<Arc<Examined>, CertificateError>> {
        match armour::decode_one(text.as_bytes(), Label::Certificate) {
            Ok(der) => Some(self.examined(&der)),
            Err(error) => {
                errors.push(encoding_error("certificate".to_owned(), &error));
                None
            }
        }
    }

    pub(super) fn knows(&self, slug: &str, errors: &mut Vec<FieldError>) -> bool {
        let known = self.services.get(slug).is_some();
        if !known {
            let slugs: Vec<&str> = self.services.iter().map(crate::policy::services::Service::slug).collect();
            errors.push(FieldError::new(
                "service",
                "unknown-service",
                "no service has this slug",
                format!("use one of {}; the table is at /v1/services", slugs.join(", ")),
            ));
        }
        known
    }
}

fn encoding_error(field: String, error: &ArmourError) -> FieldError {
    let code = match error {
        ArmourError::Empty => "missing",
        ArmourError::Label { .. } | ArmourError::Many(_) => "unusable",
        _ => "malformed-encoding",
    };
    FieldError::new(field, code, error.to_string(), "send one certificate as base64 of its DER, or as PEM")
}

/// The intermediates of a request.
#[derive(Debug, Default)]
pub struct Intermediates {
    /// Those that are certificates.
    pub certificates: Vec<Certificate>,
    /// What is base64 or PEM, and no certificate: where it stands, and why not.
    pub unreadable: Vec<(String, CertificateError)>,
    /// What cannot be used at all: too many, or no base64.
    pub errors: Vec<FieldError>,
}

impl Intermediates {
    /// Reads them: base64 of DER, or PEM; at most [`MAX_INTERMEDIATES`].
    #[must_use]
    pub fn read(texts: &[String]) -> Self {
        let mut read = Self::default();
        if texts.len() > MAX_INTERMEDIATES {
            read.errors.push(FieldError::new(
                "intermediates",
                "too-many",
                format!("{} certificates", texts.len()),
                format!("send at most {MAX_INTERMEDIATES}"),
            ));
            return read;
        }
        for (index, text) in texts.iter().enumerate() {
            let field = format!("intermediates[{index}]");
            match armour::decode_one(text.as_bytes(), Label::Certificate).map(|der| Certificate::from_der(&der)) {
                Ok(Ok(certificate)) => read.certificates.push(certificate),
                Ok(Err(error)) => read.unreadable.push((field, error)),
                Err(error) => read.errors.push(encoding_error(field, &error)),
            }
        }
        read
    }

    /// All of them, or everything that is wrong.
    fn all(self) -> Result<Vec<Certificate>, Vec<FieldError>> {
        let unusable = self.unreadable.into_iter().map(|(field, error)| {
            let remedy = "leave it out, or send a certificate that can be read";
            FieldError::new(field, "unusable", error.to_string(), remedy)
        });
        let errors: Vec<FieldError> = self.errors.into_iter().chain(unusable).collect();
        if errors.is_empty() { Ok(self.certificates) } else { Err(errors) }
    }
}

/// Reads the numbers of a claim; `None` with an error on the list when they cannot be used.
pub(super) fn read_claim(claim: &IdentityClaim, field: &str, errors: &mut Vec<FieldError>) -> Option<Claim> {
    let mut problem = |name: &str, error: &IdentityNumberError| {
        errors.push(FieldError::new(
            format!("{field}{}{name}", if field.is_empty() { "" } else { "." }),
            "not-an-identity-number",
            error.to_string(),
            "send the number as twelve digits, nothing else",
        ));
    };
    let iin = claim.iin.as_deref().map(Iin::parse).transpose().map_err(|error| problem("iin", &error));
    let bin = claim.bin.as_deref().map(Bin::parse).transpose().map_err(|error| problem("bin", &error));
    match (iin, bin) {
        (Ok(Some(iin)), Ok(Some(bin))) => Some(Claim::Both(iin, bin)),
        (Ok(Some(iin)), Ok(None)) => Some(Claim::Iin(iin)),
        (Ok(None), Ok(Some(bin))) => Some(Claim::Bin(bin)),
        (Ok(None), Ok(None)) => {
            // An empty claim is a mistake of the caller; taking it for «no claim» would skip the comparison.
            errors.push(FieldError::new(
                if field.is_empty() { "iin" } else { field },
                "missing",
                "neither iin nor bin is given",
                "send iin or bin, or leave the field out",
            ));
            None
        }
        _ => None,
    }
}

pub(super) fn read_time(text: &str, errors: &mut Vec<FieldError>) -> Option<Time> {
    text.parse()
        .map_err(|_| {
            errors.push(FieldError::new(
                "at",
                "not-a-time",
                "not a moment in the form of RFC 3339",
                "send it like 2026-08-20T09:00:00Z or 2026-08-20T14:00:00+05:00",
            ));
        })
        .ok()
}

pub(super) fn read_language(tag: &str, errors: &mut Vec<FieldError>) -> Option<Language> {
    let language = Language::from_tag(tag);
    if language.is_none() {
        errors.push(FieldError::new(
            "language",
            "unknown-language",
            "not a language of the service",
            "use kk, ru or en",
        ));
    }
    language
}
