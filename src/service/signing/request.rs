//! What is asked to be signed, field by field.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Desk;
use super::register::Entry;
use crate::policy::services::DocumentKind;
use crate::service::prepare::{read_claim, read_language};
use crate::service::{FieldError, IdentityClaim, RequestError};
use crate::signed::IssuedFacts;
use crate::verdict::Language;
use crate::verify::Claim;

/// Longest number of a document, in octets: registers number in some twenty characters.
const MAX_NUMBER: usize = 128;
/// Longest media type, in octets (RFC 4288 section 4.2 allows twice 127).
const MAX_MEDIA_TYPE: usize = 255;

/// A document to be signed by an official.
#[derive(Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignRequest {
    /// The document, base64. In a multipart request a part of its own.
    #[serde(default)]
    pub document: String,
    /// Its media type, such as `application/pdf`.
    pub media_type: String,
    /// The format of the signature: `cms`, `xml`, `wsse` or `pdf`.
    pub format: String,
    /// Whether the signature stands beside the document (CMS only).
    #[serde(default)]
    pub detached: bool,
    /// Whether the document is signed already and gets one signature more (CMS only; PDF and XML take it as it comes).
    #[serde(default)]
    pub add: bool,
    /// The content of a detached signature that gets one more, base64.
    #[serde(default)]
    pub content: Option<String>,
    /// Whether a timestamp is wanted; when one can be had, if absent.
    #[serde(default)]
    pub timestamp: Option<bool>,
    /// Who signs: an id of the register, see `/v1/officials`.
    pub official: String,
    /// What it is.
    #[schema(value_type = DocumentKind)]
    pub kind: String,
    /// Slug of the service, see `/v1/services`.
    pub service: String,
    /// Number of the document.
    pub number: String,
    /// Whose document it is: one of the two numbers.
    pub holder: IdentityClaim,
    /// `kk`, `ru` or `en`: the language of a refusal.
    #[serde(default)]
    pub language: Option<String>,
}

impl std::fmt::Debug for SignRequest {
    /// Without the document and the numbers of people.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignRequest")
            .field("document", &self.document.len())
            .field("format", &self.format)
            .field("official", &self.official)
            .field("kind", &self.kind)
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

/// In which form a document is signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SignFormat {
    /// CMS, `CAdES`.
    Cms,
    /// PDF, `PAdES`.
    Pdf,
    /// A SOAP message, WS-Security.
    Wsse,
    /// XML, `XAdES` enveloped.
    Xml,
}

impl SignFormat {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Cms, Self::Xml, Self::Wsse, Self::Pdf];

    /// The name in requests.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cms => "cms",
            Self::Pdf => "pdf",
            Self::Wsse => "wsse",
            Self::Xml => "xml",
        }
    }

    /// The format of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == name)
    }

    /// Whether a document of that media type can be signed so.
    fn takes(self, media_type: &str) -> bool {
        let xml = matches!(media_type, "application/xml" | "text/xml" | "application/soap+xml")
            || media_type.ends_with("+xml");
        match self {
            Self::Cms => true,
            Self::Pdf => media_type == "application/pdf",
            Self::Wsse | Self::Xml => xml,
        }
    }
}

/// A request whose fields are parsed.
#[derive(Clone, Debug)]
pub struct PreparedSigning {
    pub(super) official: Arc<Entry>,
    pub(super) terms: Terms,
    pub(super) language: Language,
}

/// What is to be made: the part of a request that decides whether two requests are the same.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub(super) struct Terms {
    pub media_type: String,
    pub format: SignFormat,
    pub detached: bool,
    pub add: bool,
    pub timestamp: Option<bool>,
    pub official: String,
    pub kind: DocumentKind,
    pub service: String,
    pub number: String,
    /// Twelve digits.
    pub holder: String,
    /// `iin` or `bin`.
    pub holder_is: String,
}

impl Terms {
    /// What is signed with the document.
    pub(super) fn facts(&self) -> IssuedFacts {
        IssuedFacts {
            kind: self.kind.as_str().to_owned(),
            service: self.service.clone(),
            number: self.number.clone(),
            holder: self.holder.clone(),
        }
    }
}

impl Desk {
    /// Parses a request; `document` and `content` are the face's to read.
    ///
    /// # Errors
    ///
    /// [`RequestError`] naming every field that cannot be used.
    pub fn prepare(&self, request: &SignRequest) -> Result<PreparedSigning, RequestError> {
        let errors = &mut Vec::new();
        let official = self.register().get(&request.official);
        if official.is_none() {
            errors.push(FieldError::new(
                "official",
                "unknown-official",
                "no official of the register has this id",
                "use an id of /v1/officials",
            ));
        }
        let format = read_sign_format(request, errors);
        let kind = DocumentKind::ALL.into_iter().find(|kind| kind.as_str() == request.kind);
        if kind.is_none() {
            let names: Vec<_> = DocumentKind::ALL.iter().map(|kind| kind.as_str()).collect();
            let remedy = format!("use one of {}", names.join(", "));
            errors.push(FieldError::new("kind", "unknown-kind", "not a kind of document", remedy));
        }
        self.service().knows(&request.service, errors);
        let media_type = read_media_type(&request.media_type, errors);
        if let (Some(format), Some(media_type)) = (format, &media_type)
            && !format.takes(media_type)
        {
            errors.push(FieldError::new(
                "media_type",
                "not-for-format",
                format!("documents of this type are not signed as {}", format.as_str()),
                "use cms for every type, pdf for application/pdf, xml and wsse for XML",
            ));
        }
        read_flags(request, format, errors);
        let number = read_number(&request.number, errors);
        let holder = read_holder(&request.holder, errors);
        let default = self.service().default_language();
        let language = request.language.as_deref().map_or(Some(default), |tag| read_language(tag, errors));
        RequestError::check(std::mem::take(errors))?;
        let all = (official, format, kind, media_type, number, holder);
        let (Some(official), Some(format), Some(kind), Some(media_type), Some(number), Some(holder)) = all else {
            // Whatever is missing was complained about.
            return Err(RequestError { errors: Vec::new(), malformed: false });
        };
        let (holder_is, holder) = holder;
        let terms = Terms {
            media_type,
            format,
            detached: request.detached,
            add: request.add,
            timestamp: request.timestamp,
            official: request.official.clone(),
            kind,
            service: request.service.clone(),
            number,
            holder,
            holder_is: holder_is.to_owned(),
        };
        Ok(PreparedSigning { official, terms, language: language.unwrap_or(default) })
    }
}

fn read_sign_format(request: &SignRequest, errors: &mut Vec<FieldError>) -> Option<SignFormat> {
    let format = SignFormat::from_name(&request.format);
    if format.is_none() {
        let names: Vec<_> = SignFormat::ALL.iter().map(|format| format.as_str()).collect();
        let remedy = format!("use one of {}", names.join(", "));
        errors.push(FieldError::new("format", "unknown-format", "nothing is signed in a format of this name", remedy));
    }
    format
}

fn read_flags(request: &SignRequest, format: Option<SignFormat>, errors: &mut Vec<FieldError>) {
    let only_cms = [("detached", request.detached), ("add", request.add), ("content", request.content.is_some())];
    for (field, given) in only_cms {
        if given && format.is_some_and(|format| format != SignFormat::Cms) {
            errors.push(FieldError::new(field, "not-for-format", "this is for cms only", "leave the field out"));
        }
    }
    if request.timestamp == Some(true) && format == Some(SignFormat::Wsse) {
        let remedy = "leave the field out, or sign as xml";
        errors.push(FieldError::new("timestamp", "not-for-format", "WS-Security takes no timestamp", remedy));
    }
    if request.content.is_some() && !(request.add && request.detached) {
        let remedy = "send content only with add and detached, for a signature beside its content";
        errors.push(FieldError::new("content", "conflict", "there is nothing that the content belongs to", remedy));
    }
}

fn read_media_type(text: &str, errors: &mut Vec<FieldError>) -> Option<String> {
    let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let token = |part: &str| {
        let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&byte);
        !part.is_empty() && part.bytes().all(is_token)
    };
    let good = text.len() <= MAX_MEDIA_TYPE
        && essence.split_once('/').is_some_and(|(kind, subtype)| token(kind) && token(subtype));
    if !good {
        let remedy = "send a type such as application/pdf";
        errors.push(FieldError::new("media_type", "not-a-media-type", "not a media type", remedy));
    }
    good.then_some(essence)
}

fn read_number(text: &str, errors: &mut Vec<FieldError>) -> Option<String> {
    // Characters that are not seen, or turn the text around, would show a second person another number.
    let is_unseen = |character: char| {
        character.is_control()
            || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let good = !text.trim().is_empty() && text.len() <= MAX_NUMBER && !text.chars().any(is_unseen);
    if !good {
        let remedy = format!("send the number of the document, 1 to {MAX_NUMBER} octets that can be seen");
        errors.push(FieldError::new("number", "not-a-number", "not a number of a document", remedy));
    }
    good.then(|| text.to_owned())
}

fn read_holder(claim: &IdentityClaim, errors: &mut Vec<FieldError>) -> Option<(&'static str, String)> {
    match read_claim(claim, "holder", errors)? {
        Claim::Iin(iin) => Some(("iin", iin.as_str().to_owned())),
        Claim::Bin(bin) => Some(("bin", bin.as_str().to_owned())),
        Claim::Both(..) => {
            errors.push(FieldError::new("holder", "conflict", "both iin and bin are given", "send one of the two"));
            None
        }
    }
}
