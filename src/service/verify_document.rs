//! A signed document: every signature, one report.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::document::{ContentDigest, DocumentRequest};
use super::evidence::Evidence;
use super::prepare::{read_claim, read_language, read_time};
use super::request::{FieldError, RequestError};
use super::{Grounds, Service, chains};
use crate::clock::Time;
use crate::crypto::{Digest, HashAlgorithm, hash, hexadecimal};
use crate::der::armour;
use crate::document::{self, Options};
use crate::policy::Policy;
use crate::revocation::ocsp::{KnownResponders, Responses};
use crate::signed::{Coverage, Detached, Document, Format, FormatError, Signature, SignedDocument, SignerName};
use crate::subject::Subject;
use crate::trust::{Budget, PathError};
use crate::verdict::{ContentReport, Decision, DocumentReport, Language, Warning};
use crate::verify::document::{
    Bags, Demands, Established, Finder, PathUse, SignatureQuestion, establish, report, unreadable,
};
use crate::verify::{Chains, Claim, Examined, Question};
use crate::x509::{Certificate, CertificateError, GeneralName};

/// A question about a document whose fields are parsed; document and content come beside it.
#[derive(Clone, Debug)]
pub struct PreparedDocument {
    pub(super) policy: Policy,
    pub(super) at: Option<Time>,
    format: Option<Format>,
    digests: Vec<Digest>,
    part: Option<String>,
    claim: Option<Claim>,
    service: Option<String>,
    language: Language,
    extract: bool,
    demands: Demands,
    /// Certificates that paths may lead through and signers may be named by, beside those in the document.
    extra: Vec<Certificate>,
}

impl PreparedDocument {
    /// The language of the message.
    pub(super) const fn language(&self) -> Language {
        self.language
    }

    /// The same question about the cryptography alone.
    #[must_use]
    pub fn signature_only(self) -> Self {
        Self { demands: Demands::Cryptography, ..self }
    }

    /// The same question, with certificates of intermediate authorities, or of signers, beside those in the document.
    #[must_use]
    pub fn with_intermediates(self, extra: Vec<Certificate>) -> Self {
        Self { extra, ..self }
    }

    /// The same question, asking for the bytes that were signed.
    #[must_use]
    pub fn extracting(self) -> Self {
        Self { extract: true, ..self }
    }

    /// The same question about a signer who has to carry these numbers, or any.
    #[must_use]
    pub fn claiming(self, claim: Option<Claim>) -> Self {
        Self { claim, ..self }
    }
}

/// A document that was read, with the cryptography of its signatures done: what is left is to judge.
#[derive(Debug)]
pub struct OpenedDocument {
    read: Result<SignedDocument, FormatError>,
    pub(super) established: Vec<Established>,
    /// OCSP responses: those the grounds have, and what responders answered.
    pub(super) responses: Responses,
    evidence: Option<Evidence>,
    contents: Vec<ContentReport>,
}

impl OpenedDocument {
    /// Whether there is one signature, over the whole of exactly one of these texts. The digest under the signature is
    /// compared, and the bytes too where the document brings them. Whether it holds is not asked here.
    pub(super) fn signs_once(&self, document: &[u8], texts: &[&[u8]]) -> bool {
        let Ok(read) = &self.read else { return false };
        let mut signatures = read.signatures.iter();
        let (Some(signature), None) = (signatures.next(), signatures.next()) else { return false };
        let Some(digest) = &signature.content_digest else { return false };
        let fits = |text: &&&[u8]| hash(digest.algorithm(), text) == *digest;
        let Some(text) = texts.iter().find(fits) else { return false };
        let kept = read.contents.iter().filter_map(|content| content.bytes(Document::Bytes(document)));
        signature.covers == Coverage::Whole && kept.into_iter().all(|bytes| bytes == *text)
    }

    /// Where the signature with that value is; none where it is not. Of several the last: RSA and Ed25519 give the same value
    /// again when the same is signed twice within a second.
    #[must_use]
    pub fn place_of(&self, value: &[u8]) -> Option<usize> {
        let signatures = self.read.iter().flat_map(|read| read.signatures.iter()).enumerate();
        signatures.filter(|(_, signature)| signature.value == value).map(|(place, _)| place).last()
    }

    /// The bytes that were signed, with the names they have in a container; none for what is detached or was read as a
    /// stream. Whether the signatures hold is not asked here.
    #[must_use]
    pub fn contents<'a>(&'a self, document: Document<'a>) -> Vec<(Option<&'a str>, Option<&'a [u8]>)> {
        let contents = self.read.iter().flat_map(|read| &read.contents);
        contents.map(|content| (content.name.as_deref(), content.bytes(document))).collect()
    }

    /// Certificates of the paths that were found, for the signers and the authorities of their timestamps: those of the
    /// holders first in each path, the anchors left out.
    #[must_use]
    pub fn path_certificates(&self) -> Vec<Certificate> {
        chains::certificates(self.established.iter().flat_map(Established::chains))
    }

    /// Whom the certificate of each signature names; none where it is not known who made it.
    pub fn subjects(&self) -> impl Iterator<Item = Option<&Subject>> {
        self.established.iter().map(|one| one.signer().map(Examined::subject))
    }
}

impl Service {
    /// Parses a question under the service's own policy. `document` and `content` of the request are the face's to read.
    ///
    /// # Errors
    ///
    /// [`RequestError`] naming every field that cannot be used.
    pub fn prepare_document(&self, request: &DocumentRequest) -> Result<PreparedDocument, RequestError> {
        self.prepare_document_under(request, self.policy_for(request.purpose.unwrap_or_default()))
    }

    /// As [`Self::prepare_document`], under another policy.
    ///
    /// # Errors
    ///
    /// As [`Self::prepare_document`].
    pub fn prepare_document_under(
        &self,
        request: &DocumentRequest,
        policy: Policy,
    ) -> Result<PreparedDocument, RequestError> {
        let mut errors = Vec::new();
        let format = request.format.as_deref().and_then(|name| read_format(name, &mut errors));
        let digests = request.content_digest.as_ref().and_then(|digest| read_digest(digest, &mut errors));
        let claim = request.identity.as_ref().and_then(|claim| read_claim(claim, "identity", &mut errors));
        let service = request.service.clone().filter(|slug| self.knows(slug, &mut errors));
        let at = request.at.as_deref().and_then(|text| read_time(text, &mut errors));
        let language =
            request.language.as_deref().map_or(Some(self.default_language), |tag| read_language(tag, &mut errors));
        if request.content_digest.is_some() && request.content.is_some() {
            errors.push(FieldError::new(
                "content_digest",
                "conflict",
                "both the content and its digest are given",
                "send one of the two",
            ));
        }
        RequestError::check(errors)?;
        Ok(PreparedDocument {
            format,
            digests: digests.into_iter().collect(),
            part: request.part.clone(),
            claim,
            service,
            policy: Policy { purpose: request.purpose.unwrap_or(policy.purpose), ..policy },
            at,
            language: language.unwrap_or(self.default_language),
            extract: request.extract,
            demands: Demands::Trust,
            extra: Vec::new(),
        })
    }

    /// Verifies a document: reads it, does the cryptography, judges. Blocking and costly: not for the async threads.
    ///
    /// # Errors
    ///
    /// When document or content cannot be read from where they are; a document that is none is a refusal.
    pub fn verify_document(
        &self,
        prepared: &PreparedDocument,
        grounds: &Grounds,
        document: Document<'_>,
        content: Detached<'_>,
    ) -> io::Result<DocumentReport> {
        let opened = self.open_document(prepared, grounds, document, content)?;
        Ok(self.judge_document(prepared, grounds, opened))
    }

    /// The first step of [`Self::verify_document`]: reading and cryptography.
    ///
    /// # Errors
    ///
    /// As [`Self::verify_document`].
    pub fn open_document(
        &self,
        prepared: &PreparedDocument,
        grounds: &Grounds,
        document: Document<'_>,
        content: Detached<'_>,
    ) -> io::Result<OpenedDocument> {
        let detached = match content {
            Detached::Absent if !prepared.digests.is_empty() => Detached::Digests(&prepared.digests),
            given => given,
        };
        let options = Options { format: prepared.format, detached, part: prepared.part.as_deref() };
        let read = match document::read(document, &options) {
            Err(FormatError::Io(error)) => return Err(error),
            other => other,
        };
        let now = self.clock.now();
        let finder = Lender {
            service: self,
            grounds,
            policy: &prepared.policy,
            at: prepared.at.unwrap_or(now),
            extra: &prepared.extra,
            searches: AtomicUsize::new(0),
        };
        let trust = prepared.demands == Demands::Trust;
        let known = KnownResponders::among(grounds.pool.authorities().chain(&prepared.extra));
        let mut opened = OpenedDocument {
            read,
            established: Vec::new(),
            responses: grounds.responses.clone().with_responders(known),
            evidence: None,
            contents: Vec::new(),
        };
        if let Ok(read) = &opened.read {
            let bags = Bags::open(&read.signatures, &finder);
            let one = |signature: &Signature| establish(signature, &bags, &finder, trust);
            let signatures: Vec<&Signature> = read.signatures.iter().collect();
            opened.established = match signatures.as_slice() {
                [signature] => vec![one(signature)],
                several => several.par_iter().map(|signature| one(signature)).collect(),
            };
            if trust {
                let anchors = chains::anchor_rule(&prepared.policy);
                opened.evidence =
                    Evidence::of(read, &opened.established, grounds, (&prepared.extra, &finder), (anchors, now));
            }
            opened.contents = contents(read, document, prepared.extract);
        }
        Ok(opened)
    }

    /// The last step of [`Self::verify_document`]: judging. Costs no signatures but those of evidence not seen before.
    pub fn judge_document(
        &self,
        prepared: &PreparedDocument,
        grounds: &Grounds,
        opened: OpenedDocument,
    ) -> DocumentReport {
        let now = self.clock.now();
        let lists = grounds.lists.current();
        let evidence = opened.evidence.as_ref();
        let joined = evidence.map(|evidence| evidence.joined(&lists, &opened.responses, now));
        let (all_lists, all_responses) = match &joined {
            Some((lists, responses)) => (lists, responses),
            None => (&*lists, &opened.responses),
        };
        let question = SignatureQuestion {
            certificate: Question {
                policy: &prepared.policy,
                lists: all_lists,
                responses: all_responses,
                claim: prepared.claim,
                service: prepared.service.as_deref().and_then(|slug| self.services.get(slug)),
                authority: None,
                at: prepared.at.unwrap_or(now),
                // Evidence about a signature is newer than the signature.
                present: now,
                now,
            },
            embedded: evidence.and_then(Evidence::parts),
            token: opened.read.as_ref().ok().and_then(token_of),
            demands: prepared.demands,
            demo: grounds.pool.is_demo() && prepared.demands == Demands::Trust,
            language: prepared.language,
        };
        let format = prepared.format.map(Format::as_str);
        let refused = |error: &FormatError| DocumentReport::unreadable(unreadable(error, &question), format);
        let read = match &opened.read {
            Ok(read) => read,
            Err(error) => return refused(error),
        };
        if read.signatures.iter().len() != opened.established.len() {
            // Equal by construction: each signature is established once. A signature that nobody looked at is no good one.
            return refused(&FormatError::NoSignature);
        }
        let reports = read.signatures.iter().zip(&opened.established);
        let reports: Vec<_> = reports.map(|(one, established)| report(one, established, &question)).collect();
        let warnings = read.warnings.iter().map(|(code, detail)| Warning { code, detail: detail.clone().into() });
        let contents = opened.contents;
        // What no key is known to have signed is nobody's word, whatever else stays open.
        let held = opened.established.iter().all(|one| one.signer().is_some());
        let is_handed_out = |report: &DocumentReport| held && report.decision() != Decision::Refused;
        DocumentReport::of(read.format.as_str(), reports, contents, warnings.collect())
            .map(|report| if is_handed_out(&report) { report } else { report.without_contents() })
            .unwrap_or_else(|| refused(&FormatError::NoSignature))
    }
}

/// Whether a document that is a timestamp token has the form of one, and the name that it gives its authority.
fn token_of(read: &SignedDocument) -> Option<Result<Option<&GeneralName>, &str>> {
    read.timestamp_token.as_ref().map(|form| form.as_ref().map(Option::as_ref).map_err(String::as_str))
}

/// Lengths and digests of what was signed, and the bytes where they are asked for.
fn contents(read: &SignedDocument, document: Document<'_>, extract: bool) -> Vec<ContentReport> {
    use base64::Engine as _;
    let one = |content: &crate::signed::SignedContent| {
        let bytes = content.bytes(document);
        ContentReport {
            name: content.name.clone(),
            length: bytes.map(|bytes| bytes.len() as u64),
            sha256: bytes.filter(|_| extract).map(|bytes| hexadecimal(hash(HashAlgorithm::Sha256, bytes).as_bytes())),
            base64: bytes.filter(|_| extract).map(|bytes| base64::engine::general_purpose::STANDARD.encode(bytes)),
        }
    };
    read.contents.iter().map(one).collect()
}

fn read_format(name: &str, errors: &mut Vec<FieldError>) -> Option<Format> {
    let format = Format::from_name(name);
    if format.is_none() {
        let names: Vec<&str> = Format::ALL.iter().map(|format| format.as_str()).collect();
        errors.push(FieldError::new(
            "format",
            "unknown-format",
            "no format has this name",
            format!("use one of {}, or leave it out", names.join(", ")),
        ));
    }
    format
}

fn read_digest(digest: &ContentDigest, errors: &mut Vec<FieldError>) -> Option<Digest> {
    let algorithm = HashAlgorithm::ALL
        .into_iter()
        .find(|one| one.name().eq_ignore_ascii_case(&digest.algorithm) || one.oid().to_string() == digest.algorithm);
    let Some(algorithm) = algorithm else {
        let names: Vec<&str> = HashAlgorithm::ALL.iter().map(|one| one.name()).collect();
        errors.push(FieldError::new(
            "content_digest.algorithm",
            "unknown-algorithm",
            "no hash that is allowed has this name",
            format!("use one of {}", names.join(", ")),
        ));
        return None;
    };
    let text = digest.value.trim();
    let length = algorithm.output_len();
    let bytes = if text.len() == 2 * length { from_hex(text) } else { armour::decode_base64(text.as_bytes()).ok() };
    let read = bytes.and_then(|bytes| Digest::new(algorithm, &bytes));
    if read.is_none() {
        errors.push(FieldError::new(
            "content_digest.value",
            "not-a-digest",
            "not a digest of that algorithm",
            format!("send its {length} octets in base64 or hexadecimal"),
        ));
    }
    read
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = text.chars().map(|digit| digit.to_digit(16)).collect::<Option<_>>()?;
    digits.chunks(2).map(|pair| u8::try_from(pair.first()? * 16 + pair.get(1)?).ok()).collect()
}

/// Certificates parsed once and paths found once, lent to the judgement.
struct Lender<'a> {
    service: &'a Service,
    grounds: &'a Grounds,
    policy: &'a Policy,
    at: Time,
    /// Certificates that came with the question.
    extra: &'a [Certificate],
    /// Searches for paths that were not known, so far.
    searches: AtomicUsize,
}

/// Searches for paths that each may take what one of a certificate check may. Every signer and every timestamp of a document
/// may need one, and all of them may be a stranger's work.
const SEARCHES_AT_EASE: usize = 32;
/// What each of the others may take. Real ones need two to four signatures, and one more for each renewed certificate of an
/// authority.
const IN_HASTE: Budget =
    Budget { signatures: 16, candidates: 160, name_comparisons: 10_000, policy_nodes: 5000, ..Budget::DEFAULT };

impl Lender<'_> {
    /// What the next search may take.
    fn budget(&self) -> Budget {
        let before = self.searches.fetch_add(1, Ordering::Relaxed);
        if before < SEARCHES_AT_EASE { Budget::DEFAULT } else { IN_HASTE }
    }
}

impl Finder for Lender<'_> {
    fn examine(&self, der: &[u8]) -> Result<Arc<Examined>, CertificateError> {
        self.service.examined(der)
    }

    fn known(&self, signer: &SignerName) -> Vec<Arc<Examined>> {
        let all = self.grounds.pool.authorities().chain(self.extra);
        let named = all.filter(|certificate| signer.names(certificate, None));
        named.filter_map(|certificate| self.service.examined(certificate.as_der()).ok()).collect()
    }

    fn paths(&self, examined: &Examined, extra: &[Certificate], usage: PathUse) -> Result<Arc<Chains>, Arc<PathError>> {
        let together;
        let extra = if self.extra.is_empty() {
            extra
        } else {
            together = [extra, self.extra].concat();
            &together
        };
        let known = self.service.known_chains(chains::key(examined, extra, self.policy, usage), self.grounds);
        known.unwrap_or_else(|| {
            self.service.search(examined, extra, (self.policy, usage), self.grounds, self.at, self.budget())
        })
    }
}
