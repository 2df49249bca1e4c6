//! The evidence that a line of a batch brings.
//!
//! What is not base64 is a mistake of whoever wrote the line and an error. What is base64 of something that cannot be read
//! as a list, a response or a certificate is what a server or a document may bring: it proves nothing, and the report says
//! so. Trust anchors are configuration, and always have to be read.

use std::sync::Arc;

use moka::sync::Cache;
use ring::digest::{Context, SHA256};

use super::super::evidence::{Given, PutTogether, Rules, authorities, pool};
use crate::clock::Time;
use crate::der::armour::ArmourError;
use crate::revocation::ocsp::{OcspError, OcspRules, Responses};
use crate::revocation::{ListError, ParsedList, Source};
use crate::service::{FieldError, Grounds, Intermediates};
use crate::trust::{AnchorRule, Pool, load};
use crate::verdict::Warning;
use crate::x509::Certificate;

/// Sets of evidence kept for the lines that bring the same; a batch made by a program brings few.
const KEPT_GROUNDS: u64 = 32;

/// Octets of lists whose issuers are not known in a set of evidence that is kept: these are held whole, those that were
/// verified as an index. Such lists are few, since nothing rests on them unless the document brings their issuers.
const MAX_HELD: usize = 4 * 1024 * 1024;

/// Lists in one line. An authority that has one for each of many distribution points has dozens.
const MAX_LISTS: usize = 1024;

/// The evidence that a line brings.
pub struct Brought<'a> {
    /// `trust`.
    pub trust: Option<&'a [String]>,
    /// `crls`.
    pub lists: Option<&'a [String]>,
    /// `ocsp_responses`.
    pub responses: Option<&'a [String]>,
    /// `intermediates`, which may have issued lists.
    pub sent: &'a Sent,
}

/// The intermediates of a line, read once.
#[derive(Default)]
pub struct Sent {
    /// Those that are certificates.
    pub certificates: Vec<Certificate>,
    unread: Vec<Warning>,
}

impl Sent {
    /// Reads them; what is base64 and no certificate is left out.
    pub fn read(texts: &[String]) -> Result<Self, Vec<FieldError>> {
        let Intermediates { certificates, unreadable, errors } = Intermediates::read(texts);
        if !errors.is_empty() {
            return Err(errors);
        }
        let unread = unreadable.iter().map(|(field, error)| unread(field, error)).collect();
        Ok(Self { certificates, unread })
    }

    /// What was left out of these, and of the rest of what the line brought.
    pub fn warnings(self, of_line: &OfLine) -> Vec<Warning> {
        self.unread.into_iter().chain(of_line.unread.iter().cloned()).collect()
    }
}

/// What a line is judged on.
#[derive(Clone)]
pub struct OfLine {
    /// The grounds.
    pub grounds: Arc<Grounds>,
    /// What the line brought and could not be read.
    pub unread: Arc<[Warning]>,
}

/// What lines rest on that bring nothing.
pub struct Shared {
    /// The grounds.
    pub grounds: Grounds,
    /// The lists among them, as they were given.
    pub given: Given,
    /// The rules by which the lists were put together.
    pub rules: Rules,
    /// The moment asked about when they were.
    pub at: Option<Time>,
}

/// Grounds for lines: those of the command line, with what a line brings in their place.
pub struct LineGrounds {
    grounds: Arc<Grounds>,
    shared: Shared,
    now: Time,
    kept: Cache<[u8; 32], OfLine>,
}

/// What is wrong with the evidence of a line.
#[derive(Default)]
struct Problems {
    errors: Vec<FieldError>,
    unread: Vec<Warning>,
}

impl LineGrounds {
    /// `shared` is for lines that bring nothing.
    pub fn new(shared: Shared, now: Time) -> Self {
        Self { grounds: Arc::new(shared.grounds.clone()), shared, now, kept: Cache::new(KEPT_GROUNDS) }
    }

    /// What a line brings; what it does not bring is that of the command line.
    /// `at` is the moment asked about: of several lists those count that were there at [`Rules::present`].
    pub fn of(&self, brought: &Brought<'_>, rules: &Rules, at: Option<Time>) -> Result<OfLine, Vec<FieldError>> {
        let Brought { trust, lists, responses, sent } = *brought;
        let present = rules.present(at, self.now);
        let puts_together = lists.is_some() || self.puts_together_anew(brought, rules, present);
        if trust.is_none() && responses.is_none() && !puts_together {
            return Ok(OfLine { grounds: Arc::clone(&self.grounds), unread: Arc::default() });
        }
        // Lists may be issued by an intermediate of the request, so they are known together with these.
        let known_together = puts_together.then_some((&*sent.certificates, present));
        let key = key(rules, &[trust, lists, responses], known_together);
        if let Some(kept) = self.kept.get(&key) {
            return Ok(kept);
        }
        let mut problems = Problems::default();
        let pool = match trust {
            None => Arc::clone(&self.grounds.pool),
            Some(trust) => Arc::new(anchored(trust, rules, &mut problems)),
        };
        let responses = match responses {
            None => self.grounds.responses.clone(),
            Some(texts) => read_responses(texts, rules.ocsp, &mut problems),
        };
        let read = lists.map(|texts| read_lists(texts, &mut problems));
        if !problems.errors.is_empty() {
            return Err(problems.errors);
        }
        let issuers = authorities(&pool, &sent.certificates);
        let (vouching, times) = (rules.vouching(), (present, self.now));
        let PutTogether { lists, open } = match read {
            Some((lists, unread)) => {
                let given = Given::new(lists, unread, &authorities(&pool, &[]));
                given.put_together(&pool, (&sent.certificates, &sent.certificates), vouching, times)
            }
            None if puts_together => {
                let mut extra = sent.certificates.clone();
                if trust.is_some() {
                    // The command line's authorities have issued its lists, whatever the line trusts.
                    extra.extend(authorities(&self.grounds.pool, &[]));
                }
                self.shared.given.put_together(&pool, (&extra, &issuers), vouching, times)
            }
            None => PutTogether { lists: self.grounds.lists.clone(), open: Arc::clone(&self.grounds.open) },
        };
        let held: usize = open.iter().map(|list| list.bytes()).sum();
        let grounds = Arc::new(Grounds { pool, lists, open, responses });
        let of_line = OfLine { grounds, unread: problems.unread.into() };
        // Those of the command line are held anyway.
        if brought.lists.is_none() || held <= MAX_HELD {
            self.kept.insert(key, of_line.clone());
        }
        Ok(of_line)
    }

    /// Whether the lists of the command line say something else to a line that brings none than to a line that brings
    /// nothing at all: its authorities may have issued them, or vouch for who has, and its moment may be another.
    fn puts_together_anew(&self, brought: &Brought<'_>, rules: &Rules, present: Time) -> bool {
        let Shared { given, rules: before, at, .. } = &self.shared;
        let is_same =
            || before.vouching() == rules.vouching() && given.is_same_for(before.present(*at, self.now), present);
        let concerns = || Given::concerns(&brought.sent.certificates, &self.grounds.pool);
        !given.is_empty() && (brought.trust.is_some() || concerns() || !is_same())
    }
}

fn unread(field: &str, error: &dyn std::fmt::Display) -> Warning {
    let detail = format!("{field} cannot be read and counts for nothing: {error}");
    Warning { code: "evidence-unreadable", detail: detail.into() }
}

/// The anchors of a line, and nothing else.
fn anchored(trust: &[String], rules: &Rules, problems: &mut Problems) -> Pool {
    let mut anchors = Vec::with_capacity(trust.len());
    for (index, text) in trust.iter().enumerate() {
        match anchor(text, rules) {
            Ok(anchor) => anchors.push(anchor),
            Err(problem) => {
                let (field, remedy) = (format!("trust[{index}]"), problem.remedy());
                problems.errors.push(FieldError::new(field, "unusable", problem.to_string(), remedy));
            }
        }
    }
    pool(anchors, Vec::new())
}

fn anchor(text: &str, rules: &Rules) -> Result<Certificate, load::Problem> {
    let mut certificates = load::read(text.as_bytes(), rules.anchors())?;
    match (certificates.pop(), certificates.len()) {
        (Some(certificate), 0) => Ok(certificate),
        (_, rest) => Err(load::Problem::Armour(ArmourError::Many(rest + 1))),
    }
}

/// The lists, and why one of them is none.
fn read_lists(texts: &[String], problems: &mut Problems) -> (Vec<ParsedList>, Option<Arc<ListError>>) {
    let (mut lists, mut unreadable) = (Vec::new(), None);
    if texts.len() > MAX_LISTS {
        let (problem, remedy) =
            (format!("{} lists", texts.len()), format!("send at most {MAX_LISTS}, or name them with --crl"));
        problems.errors.push(FieldError::new("crls", "too-many", problem, remedy));
        return (lists, unreadable);
    }
    for (index, text) in texts.iter().enumerate() {
        let field = format!("crls[{index}]");
        match ParsedList::read_limited(text.as_bytes().to_vec(), Source::request(index), super::MAX_LINE) {
            Ok(list) => lists.push(list),
            Err(ListError::Armour(error)) => {
                let remedy = "send one list: base64 of DER, or PEM";
                let problem = ListError::Armour(error).to_string();
                problems.errors.push(FieldError::new(field, "unusable", problem, remedy));
            }
            Err(error) => {
                problems.unread.push(unread(&field, &error));
                unreadable = Some(Arc::new(error));
            }
        }
    }
    (lists, unreadable)
}

/// SHA-256 over what anchors have to be, lists of texts, each with its length, and the certificates and the present that
/// lists were put together for.
fn key(rules: &Rules, parts: &[Option<&[String]>], together: Option<(&[Certificate], Time)>) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for rule in [rules.anchors(), rules.vouching()] {
        context.update(if rule == AnchorRule::Checked { b"checked" } else { b"any" });
    }
    for part in parts {
        match part {
            None => context.update(b"none"),
            Some(texts) => {
                context.update(&texts.len().to_be_bytes());
                for text in *texts {
                    context.update(&text.len().to_be_bytes());
                    context.update(text.as_bytes());
                }
            }
        }
    }
    if let Some((certificates, present)) = together {
        context.update(&present.unix_seconds().to_be_bytes());
        certificates.iter().for_each(|certificate| context.update(certificate.sha256()));
    }
    let mut key = [0; 32];
    key.copy_from_slice(context.finish().as_ref());
    key
}

fn read_responses(texts: &[String], rules: OcspRules, problems: &mut Problems) -> Responses {
    let (mut responses, failed) = Responses::read(texts, rules);
    for (index, error) in failed {
        let field = format!("ocsp_responses[{index}]");
        match error {
            // «Try later» and its like are answers, which say nothing about the certificate.
            OcspError::Status(_) => {
                let detail = format!("{field} says nothing about any certificate: {error}");
                problems.unread.push(Warning { code: "evidence-unreadable", detail: detail.into() });
            }
            OcspError::Armour(_) => {
                let remedy = "send one OCSP response: base64 of DER";
                problems.errors.push(FieldError::new(field, "unusable", error.to_string(), remedy));
            }
            error => {
                problems.unread.push(unread(&field, &error));
                responses = responses.with_unread(error);
            }
        }
    }
    responses
}
