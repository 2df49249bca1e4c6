//! An official: whose signature a key makes, and what it may be put on.

use crate::clock::Time;
use crate::iin::{Bin, Iin};
use crate::policy::services::DocumentKind;
use crate::subject::{Role, Subject};

/// The authorised person of a provider (уполномоченное лицо, уәкілетті тұлға), or the digital system that signs for it.
#[derive(Clone, Debug)]
pub struct Official {
    /// The name in requests.
    pub id: String,
    /// What the certificate of each key has to say.
    pub identity: Identity,
    /// What may be signed.
    pub may: Permission,
    /// The first moment of office.
    pub from: Option<Time>,
    /// The last moment of office.
    pub until: Option<Time>,
    /// Whether a second person has to approve every signature.
    pub second_person: bool,
}

/// Whom a certificate has to name. What is not given is not asked.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Identity {
    /// The person.
    pub iin: Option<Iin>,
    /// The organisation.
    pub bin: Option<Bin>,
    /// A role that has to be among those of the certificate.
    pub role: Option<Role>,
    /// The UID of the digital system that holds the key.
    pub system: Option<String>,
}

/// What may be signed.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Permission {
    /// Kinds of documents.
    pub kinds: Vec<DocumentKind>,
    /// Slugs of services; `*` for every one.
    pub services: Vec<String>,
    /// Media types, in lower case; `*` for every one.
    pub media_types: Vec<String>,
}

/// Why an official does not sign something.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Forbidden {
    /// Not this kind of document.
    #[error("this official does not sign documents of that kind")]
    Kind,
    /// Not this type of file.
    #[error("this official does not sign documents of that media type")]
    MediaType,
    /// Not yet in office.
    #[error("this official is not in office yet")]
    NotYet,
    /// Not any more.
    #[error("this official is not in office any more")]
    Over,
    /// Not for this service.
    #[error("this official does not sign for that service")]
    Service,
}

impl Forbidden {
    /// Stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Kind => "kind-not-allowed",
            Self::MediaType => "media-type-not-allowed",
            Self::NotYet | Self::Over => "official-not-in-office",
            Self::Service => "service-not-allowed",
        }
    }
}

/// Why a certificate is not that of an official. Says no number.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Mismatch {
    /// Another organisation, or none.
    #[error("the certificate does not carry the BIN of the official")]
    Bin,
    /// The numbers of the certificate cannot be relied on.
    #[error("the identity numbers of the certificate cannot be relied on")]
    Defect,
    /// Another person, or none.
    #[error("the certificate does not carry the IIN of the official")]
    Iin,
    /// Not in that role.
    #[error("the certificate does not have the role of the official")]
    Role,
    /// Another digital system, or none.
    #[error("the certificate does not carry the UID of the digital system")]
    System,
}

impl Official {
    /// Whether a document may be signed at a moment.
    ///
    /// # Errors
    /// [`Forbidden`], the first reason.
    pub fn may_sign(&self, kind: DocumentKind, service: &str, media_type: &str, at: Time) -> Result<(), Forbidden> {
        if self.from.is_some_and(|from| at < from) {
            return Err(Forbidden::NotYet);
        }
        if self.until.is_some_and(|until| at > until) {
            return Err(Forbidden::Over);
        }
        if !self.may.kinds.contains(&kind) {
            return Err(Forbidden::Kind);
        }
        let is_among = |list: &[String], wanted: &str| list.iter().any(|one| one == "*" || one == wanted);
        if !is_among(&self.may.services, service) {
            return Err(Forbidden::Service);
        }
        if !is_among(&self.may.media_types, media_type) {
            return Err(Forbidden::MediaType);
        }
        Ok(())
    }
}

impl Identity {
    /// Whether a certificate names nobody in particular by this: any would do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.iin.is_none() && self.bin.is_none() && self.system.is_none()
    }

    /// Whether a certificate is that of the official.
    ///
    /// # Errors
    /// [`Mismatch`], the first one.
    pub fn matches(&self, subject: &Subject) -> Result<(), Mismatch> {
        if subject.defect().is_some() {
            return Err(Mismatch::Defect);
        }
        if self.iin.is_some() && self.iin != subject.iin() {
            return Err(Mismatch::Iin);
        }
        if self.bin.is_some() && self.bin != subject.bin() {
            return Err(Mismatch::Bin);
        }
        if self.system.is_some() && self.system.as_deref() != subject.system() {
            return Err(Mismatch::System);
        }
        if self.role.is_some_and(|role| !subject.roles().contains(&role)) {
            return Err(Mismatch::Role);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn official() -> Official {
        Official {
            id: "head".into(),
            identity: Identity::default(),
            may: Permission {
                kinds: vec![DocumentKind::Licence, DocumentKind::Annex],
                services: vec!["medical-activity".into()],
                media_types: vec!["application/pdf".into()],
            },
            from: Some(Time::from_unix(1000)),
            until: Some(Time::from_unix(2000)),
            second_person: false,
        }
    }

    fn ask(official: &Official, kind: DocumentKind, service: &str, media: &str, at: i64) -> Result<(), Forbidden> {
        official.may_sign(kind, service, media, Time::from_unix(at))
    }

    #[test]
    fn an_official_signs_what_the_register_says_and_nothing_else() {
        use DocumentKind::{Annex, Licence, Refusal};
        let (service, pdf) = ("medical-activity", "application/pdf");
        let official = official();
        assert_eq!(ask(&official, Licence, service, pdf, 1000), Ok(()));
        assert_eq!(ask(&official, Annex, service, pdf, 2000), Ok(()));
        assert_eq!(ask(&official, Refusal, service, pdf, 1500), Err(Forbidden::Kind));
        assert_eq!(ask(&official, Licence, "pesticides", pdf, 1500), Err(Forbidden::Service));
        assert_eq!(ask(&official, Licence, service, "text/plain", 1500), Err(Forbidden::MediaType));
        assert_eq!(ask(&official, Licence, service, pdf, 999), Err(Forbidden::NotYet));
        assert_eq!(ask(&official, Licence, service, pdf, 2001), Err(Forbidden::Over));
    }

    #[test]
    fn an_empty_permission_allows_nothing() {
        let official = Official { may: Permission::default(), ..official() };
        for kind in DocumentKind::ALL {
            assert!(ask(&official, kind, "medical-activity", "application/pdf", 1500).is_err());
        }
    }

    #[test]
    fn a_star_stands_for_every_service_and_media_type() {
        let mut official = official();
        official.may.services = vec!["*".into()];
        official.may.media_types = vec!["*".into()];
        assert_eq!(ask(&official, DocumentKind::Licence, "pesticides", "text/plain", 1500), Ok(()));
    }

    #[test]
    fn a_certificate_without_the_number_asked_for_is_not_the_officials() {
        let nobody = Subject::default();
        let iin = Some(Iin::parse("650615100015").unwrap());
        let bin = Some(Bin::parse("600440000019").unwrap());
        assert_eq!(Identity { iin, ..Identity::default() }.matches(&nobody), Err(Mismatch::Iin));
        assert_eq!(Identity { bin, ..Identity::default() }.matches(&nobody), Err(Mismatch::Bin));
        let system = Some("1.2.398.6.10.1.1".to_owned());
        assert_eq!(Identity { system, ..Identity::default() }.matches(&nobody), Err(Mismatch::System));
        let role = Some(Role::Head);
        assert_eq!(Identity { role, ..Identity::default() }.matches(&nobody), Err(Mismatch::Role));
    }
}
