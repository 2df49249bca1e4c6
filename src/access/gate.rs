//! Lets requests in or refuses them.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use super::client::{Client, Roster, Tokens};
use super::limit::Limit;
use super::rights::{Right, right};
use super::tls::Tls;
use super::{AccessError, Caller, Peer, Refusal, RefusalCause, file, token, token_file};
use crate::clock::Time;
use crate::config::Access;
use crate::crypto::sha256;

/// Refusals of callers without a name that are recorded: so many a second, so many at once. All are counted.
const RECORDED_PER_SECOND: u32 = 5;
const RECORDED_AT_ONCE: u32 = 100;

/// The field `Authorization` of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authorization<'a> {
    /// There is none.
    Absent,
    /// Its value.
    Field(&'a [u8]),
    /// There are several, of which each could be meant.
    Repeated,
}

/// A request, as far as letting it in depends on it.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// The template of the route, as the router names it.
    pub route: &'static str,
    /// The method, as log and metrics name it.
    pub method: &'static str,
    /// Its `Authorization`.
    pub authorization: Authorization<'a>,
    /// The connection it came over, where that is known.
    pub peer: Option<&'a Peer>,
    /// Its id.
    pub request_id: &'a str,
}

/// The clients, and what they may.
#[derive(Debug)]
pub(super) struct Gate {
    roster: Roster,
    tokens: ArcSwap<Tokens>,
    protect_pages: bool,
    file: Option<TokenFile>,
    recorded: Limit,
    suppressed: AtomicU64,
}

#[derive(Debug)]
struct TokenFile {
    path: PathBuf,
    /// SHA-256 of what was seen last, usable or not.
    seen: Mutex<[u8; 32]>,
}

impl Gate {
    /// The gate of a configuration; `None` when it lets everybody in.
    pub(super) fn open(access: &Access) -> Result<Option<Self>, AccessError> {
        if !access.is_controlled() {
            return Ok(None);
        }
        let roster = Roster::of(&access.clients);
        let (tokens, file) = match &access.tokens {
            None => (roster.tokens().clone(), None),
            Some(path) => {
                let bytes = file::read(path)?;
                let seen = Mutex::new(sha256(&bytes));
                (token_file::parse(path, &bytes, &roster)?, Some(TokenFile { path: path.clone(), seen }))
            }
        };
        Ok(Some(Self {
            roster,
            tokens: ArcSwap::from_pointee(tokens),
            protect_pages: access.protect_pages,
            file,
            recorded: Limit::new(RECORDED_PER_SECOND, RECORDED_AT_ONCE),
            suppressed: AtomicU64::new(0),
        }))
    }

    /// The client of a request, `None` where everybody may ask.
    pub(super) fn admit(&self, asked: &Asked<'_>, tls: Option<&Tls>, now: Time) -> Result<Option<Caller>, Refusal> {
        let right = right(asked.route, !matches!(asked.method, "GET" | "HEAD"));
        if right == Right::Everybody || (right == Right::Page && !self.protect_pages) {
            return Ok(None);
        }
        let client = self.identify(asked, tls, now).map_err(|cause| Refusal { cause, client: None })?;
        let caller = &client.caller;
        let refuse = |cause| Err(Refusal { cause, client: Some(Arc::clone(&caller.name)) });
        if has_ended(client.expires, now) {
            return refuse(RefusalCause::Expired);
        }
        // Before the roles: what a client may not do costs it as much as what it may.
        if let Some(Err(retry_after)) = client.limit.as_ref().map(Limit::take) {
            return refuse(RefusalCause::TooOften { retry_after });
        }
        match right {
            Right::Roles(roles) if !roles.intersects(caller.roles) => refuse(RefusalCause::Forbidden),
            Right::Nobody => refuse(RefusalCause::NoSuchCall),
            Right::Everybody | Right::Page | Right::Roles(_) => Ok(Some(caller.clone())),
        }
    }

    /// Who asks. A token that is no good is never made up for by a certificate.
    fn identify(&self, asked: &Asked<'_>, tls: Option<&Tls>, now: Time) -> Result<Arc<Client>, RefusalCause> {
        let field = match asked.authorization {
            Authorization::Absent => return self.by_certificate(asked.peer, tls, now).map(Arc::clone),
            Authorization::Field(field) => field,
            Authorization::Repeated => return Err(RefusalCause::Malformed),
        };
        let digest = token::bearer(field).ok_or(RefusalCause::Malformed)?;
        let tokens = self.tokens.load();
        let holder = tokens.get(&digest).ok_or(RefusalCause::UnknownToken)?;
        // The certificate of a proxy is nobody's here; that of another client is a mistake or worse.
        if self.by_certificate(asked.peer, tls, now).is_ok_and(|other| !Arc::ptr_eq(other, &holder.client)) {
            return Err(RefusalCause::Disagreement);
        }
        if has_ended(holder.expires, now) {
            return Err(RefusalCause::Expired);
        }
        Ok(Arc::clone(&holder.client))
    }

    fn by_certificate(&self, peer: Option<&Peer>, tls: Option<&Tls>, now: Time) -> Result<&Arc<Client>, RefusalCause> {
        let certificate = peer.and_then(|peer| peer.certificate.as_ref()).ok_or(RefusalCause::Missing)?;
        let client = self.roster.with_certificate(&certificate.pins).ok_or(RefusalCause::UnknownCertificate)?;
        // A connection can outlive the certificate that it was made with.
        if !certificate.validity.contains(now) {
            return Err(RefusalCause::Expired);
        }
        if !tls.is_some_and(|tls| tls.vouches(certificate, now)) {
            return Err(RefusalCause::UnknownCertificate);
        }
        Ok(client)
    }

    /// Whether a refusal is to be recorded, and how many were not before it. What strangers do does not crowd out what
    /// clients do.
    pub(super) fn to_record(&self, refusal: &Refusal) -> Option<u64> {
        let client = refusal.client.as_ref().and_then(|name| self.roster.named(name));
        let limit = client.map_or(&self.recorded, |client| &client.recorded);
        if limit.take().is_ok() {
            return Some(self.suppressed.swap(0, Ordering::Relaxed));
        }
        self.suppressed.fetch_add(1, Ordering::Relaxed);
        None
    }

    /// Reads the file of tokens again if it has changed, or when `told` to; whether there is a new reading.
    pub(super) fn reload(&self, told: bool) -> Result<bool, AccessError> {
        let Some(TokenFile { path, seen }) = &self.file else { return Ok(false) };
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = match file::read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                let digest = sha256(error.to_string().as_bytes());
                let is_new = std::mem::replace(&mut *seen, digest) != digest;
                return if is_new || told { Err(error) } else { Ok(false) };
            }
        };
        let digest = sha256(&bytes);
        if std::mem::replace(&mut *seen, digest) == digest && !told {
            return Ok(false);
        }
        self.tokens.store(Arc::new(token_file::parse(path, &bytes, &self.roster)?));
        Ok(true)
    }

    /// The file of tokens, if there is one.
    pub(super) fn token_file(&self) -> Option<&std::path::Path> {
        self.file.as_ref().map(|file| file.path.as_path())
    }
}

fn has_ended(expires: Option<Time>, now: Time) -> bool {
    expires.is_some_and(|expires| now >= expires)
}
