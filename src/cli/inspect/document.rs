//! A signed document as `inspect` shows it.

use serde::Serialize;

use super::super::output::{Clean, FAINT, HEADING, Hex, Output, Styled, UNSURE, field};
use super::token::TokenView;
use crate::clock::Time;
use crate::signed::{Document, Embedded, Integrity, Signature, SignedDocument, SignerName};
use crate::tsp::Token;
use crate::x509::Certificate;

/// What a document says about itself. Nothing of it is verified but digests over content: see `verify`.
#[derive(Serialize)]
pub struct DocumentView {
    format: &'static str,
    bytes: usize,
    signatures: Vec<SignatureView>,
    contents: Vec<ContentView>,
    certificates: Vec<CarriedView>,
    revocation_lists: usize,
    ocsp_responses: usize,
    warnings: Vec<String>,
}

/// One signature.
#[derive(Serialize)]
struct SignatureView {
    label: String,
    signer: String,
    digest_algorithm: String,
    signature_algorithm: String,
    covers: String,
    content: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_problem: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    content_digest: Option<String>,
    level: &'static str,
    names_its_certificate: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    claimed_signing_time: Option<Time>,
    timestamps: Vec<StampView>,
    counter_signatures: usize,
    warnings: Vec<String>,
}

/// A timestamp inside a document.
#[derive(Serialize)]
struct StampView {
    over: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    token: Option<TokenView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

/// Something that was signed.
#[derive(Serialize)]
struct ContentView {
    name: Option<String>,
    bytes: Option<usize>,
}

/// A certificate that the document carries.
#[derive(Serialize)]
struct CarriedView {
    subject: String,
    issuer: String,
    serial_number: String,
}

impl DocumentView {
    /// What `read` says, which was read from `document`.
    pub fn of(read: &SignedDocument, document: &[u8]) -> Self {
        let mut bags: Vec<&Embedded> = Vec::new();
        for bag in read.signatures.iter().map(|signature| &*signature.embedded) {
            if !bags.iter().any(|known| std::ptr::eq(*known, bag)) {
                bags.push(bag);
            }
        }
        let sum = |count: fn(&Embedded) -> usize| bags.iter().map(|bag| count(bag)).sum();
        Self {
            format: read.format.as_str(),
            bytes: document.len(),
            signatures: read.signatures.iter().map(SignatureView::of).collect(),
            contents: read
                .contents
                .iter()
                .map(|content| ContentView {
                    name: content.name.clone(),
                    bytes: content.bytes(Document::Bytes(document)).map(<[u8]>::len),
                })
                .collect(),
            certificates: bags.iter().flat_map(|bag| &bag.certificates).map(|der| CarriedView::of(der)).collect(),
            revocation_lists: sum(|bag| bag.lists.len()),
            ocsp_responses: sum(|bag| bag.responses.len()),
            warnings: read.warnings.iter().map(|(_, detail)| detail.clone()).collect(),
        }
    }

    /// For people.
    pub fn print(&self, output: &mut Output) {
        output.line(Styled(HEADING, format_args!("Signed document, {} ({} bytes)", self.format, self.bytes)));
        for content in &self.contents {
            let name = content.name.as_deref().unwrap_or("content");
            let bytes = content.bytes.map_or_else(|| "not inside".to_owned(), |bytes| format!("{bytes} bytes"));
            field(output, "signed", &format!("{name}, {bytes}"));
        }
        for certificate in &self.certificates {
            field(output, "certificate", &certificate.subject);
            field(output, "", &format!("{} of {}", certificate.serial_number, certificate.issuer));
        }
        if self.revocation_lists + self.ocsp_responses > 0 {
            let text = format!("{} lists, {} OCSP responses", self.revocation_lists, self.ocsp_responses);
            field(output, "evidence", &text);
        }
        for signature in &self.signatures {
            signature.print(output);
        }
        warn(output, &self.warnings);
        output.line(Styled(FAINT, "Nobody's key was asked and nothing trusted: `rastau verify` does that."));
    }
}

impl SignatureView {
    fn of(signature: &Signature) -> Self {
        let (content, content_problem) = match &signature.integrity {
            Integrity::Altered(why) => ("altered", Some(why.clone())),
            Integrity::ContentMissing => ("not inside", None),
            Integrity::Intact => ("intact", None),
        };
        Self {
            label: signature.label.clone(),
            signer: signer(&signature.signer),
            digest_algorithm: match &signature.digest_algorithm {
                Ok(algorithm) => algorithm.name().to_owned(),
                Err(refused) => format!("{} (not allowed)", refused.name.unwrap_or(&refused.oid)),
            },
            signature_algorithm: match &signature.signature_algorithm {
                Ok(algorithm) => algorithm.name().to_owned(),
                Err(refused) => format!("{} (not allowed)", refused.name.unwrap_or(&refused.oid)),
            },
            covers: signature.covers.to_string(),
            content,
            content_problem,
            content_digest: signature.content_digest.as_ref().map(|digest| Hex(digest.as_bytes()).to_string()),
            level: signature.level.as_str(),
            names_its_certificate: !signature.signing_certificate.is_empty(),
            claimed_signing_time: signature.claimed_time,
            timestamps: signature
                .timestamps
                .iter()
                .map(|stamp| {
                    let (token, problem) = match Token::read(&stamp.token) {
                        Ok(token) => (Some(TokenView::of(&token, stamp.token.len())), None),
                        Err(error) => (None, Some(error.to_string())),
                    };
                    StampView { over: stamp.kind.as_str(), token, problem }
                })
                .collect(),
            counter_signatures: signature.counter_signatures.len() + signature.unread_counter_signatures.len(),
            warnings: signature.warnings.iter().map(|(_, detail)| detail.clone()).collect(),
        }
    }

    fn print(&self, output: &mut Output) {
        output.line(Styled(HEADING, format_args!("Signature: {}", Clean(&self.label))));
        field(output, "signer", &self.signer);
        field(output, "algorithms", &format!("{} over {}", self.signature_algorithm, self.digest_algorithm));
        field(output, "covers", &self.covers);
        let why = self.content_problem.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
        field(output, "content", &format!("{}{why}", self.content));
        if let Some(digest) = &self.content_digest {
            field(output, "digest", digest);
        }
        field(output, "level", self.level);
        if let Some(time) = self.claimed_signing_time {
            field(output, "claimed time", &time.to_string());
        }
        for stamp in &self.timestamps {
            match (&stamp.token, &stamp.problem) {
                (Some(token), _) => token.print_short(stamp.over, output),
                (None, problem) => {
                    field(output, "timestamp", &format!("unreadable: {}", problem.as_deref().unwrap_or_default()));
                }
            }
        }
        if self.counter_signatures > 0 {
            field(output, "countersigned", &self.counter_signatures.to_string());
        }
        warn(output, &self.warnings);
    }
}

impl CarriedView {
    fn of(der: &[u8]) -> Self {
        match Certificate::from_der(der) {
            Ok(certificate) => Self {
                subject: certificate.subject().to_string(),
                issuer: certificate.issuer().to_string(),
                serial_number: certificate.serial_number().to_string(),
            },
            Err(error) => {
                Self { subject: format!("(unreadable: {error})"), issuer: String::new(), serial_number: String::new() }
            }
        }
    }
}

fn warn(output: &mut Output, warnings: &[String]) {
    for warning in warnings {
        output.line(format_args!("{} {}", Styled(UNSURE, "warning:"), Clean(warning)));
    }
}

/// How a signature names its signer, in words.
pub fn signer(name: &SignerName) -> String {
    match name {
        SignerName::Embedded(positions) => {
            let positions: Vec<_> = positions.iter().map(|position| (position + 1).to_string()).collect();
            format!("certificate {} of the document", positions.join(" or "))
        }
        SignerName::IssuerSerial { issuer, serial } => format!("{serial} of {issuer}"),
        SignerName::IssuerText { issuer, serial } => format!("{serial} of {issuer}"),
        SignerName::KeyId(id) => format!("key {}", Hex(id)),
        SignerName::Unnamed => "not named".to_owned(),
    }
}
