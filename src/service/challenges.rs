//! Log-in by certificate: challenges, each to be signed once.
//!
//! A challenge is 256 random bits, bound to the origin (scheme, host, port) of the site that asked for it and to a moment
//! five minutes ahead; what is signed is a text, or an XML document, that says all three. It lives in the memory of this
//! process under an identifier that is random too and says nothing about the value. The first response uses it up, good or
//! bad. There is room for [`MAX_OPEN`] at once: beyond it new ones are refused, so that a flood cannot push out those
//! that people are about to answer. Each keeps what its asker holds of that room for as long as it is remembered.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::rand::{SecureRandom as _, SystemRandom};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::prepare::read_claim;
use super::request::{FieldError, IdentityClaim, RequestError};
use crate::clock::Time;
use crate::verify::Claim;

/// Seconds in which a challenge can be answered: a person finds the key and types the password.
const LIFE: i64 = 300;
/// Most challenges at once, those used up within their five minutes among them; about 300 octets each, 20 MB in all.
pub(crate) const MAX_OPEN: usize = 65_536;
/// Longest origin: a host name has 253 characters at most.
const MAX_ORIGIN: usize = 280;
/// Octets of the value: 256 bits.
const VALUE_BYTES: usize = 32;
/// Octets of the identifier.
const ID_BYTES: usize = 16;

/// A challenge asked for.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChallengeRequest {
    /// The origin of the site that people log in to, as browsers write it: scheme, host, and port where it is not the usual
    /// one.
    #[schema(example = "https://elicense.example.kz")]
    pub origin: String,
    /// The numbers that the certificate will have to carry.
    #[serde(default)]
    pub identity: Option<IdentityClaim>,
}

/// A challenge as it is handed out.
#[derive(Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Challenge {
    /// Where the response goes: `/v1/challenges/{id}/response`.
    pub id: String,
    /// 256 random bits, base64.
    pub challenge: String,
    /// Whom it is for.
    pub origin: String,
    /// Until when it can be answered.
    pub expires_at: Time,
    /// What to sign with CMS, attached or detached: exactly this text in UTF-8.
    pub text: String,
    /// What to sign with an enveloped XML signature: exactly this document.
    pub xml: String,
    #[serde(skip)]
    claim: Option<Claim>,
}

impl std::fmt::Debug for Challenge {
    /// Without the value, with which somebody else could answer.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Challenge")
            .field("origin", &self.origin)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl Challenge {
    /// The numbers that the certificate has to carry.
    #[must_use]
    pub fn claim(&self) -> Option<Claim> {
        self.claim
    }
}

/// Why there is no challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChallengeError {
    /// It was not answered in time.
    #[error("the challenge is over: it was not answered within {LIFE} seconds")]
    Expired,
    /// Too many wait for their response.
    #[error("too many challenges wait for their response")]
    Full,
    /// The system has no random numbers.
    #[error("the system gives no random numbers")]
    NoRandom,
    /// Nobody asked for it, or it was over long ago.
    #[error("there is no such challenge")]
    Unknown,
    /// It was answered before.
    #[error("the challenge was answered before; each can be answered once")]
    Used,
}

enum Slot {
    Open(Box<Challenge>),
    Used(Time),
}

impl Slot {
    fn expires_at(&self) -> Time {
        match self {
            Self::Open(challenge) => challenge.expires_at,
            Self::Used(expires_at) => *expires_at,
        }
    }
}

/// What is given back when a challenge is forgotten.
pub(crate) type Held = Box<dyn std::any::Any + Send>;

struct Slots {
    by_id: HashMap<String, (Slot, Option<Held>)>,
    /// Before this moment none is over: nothing can be gained by looking through them.
    first_end: Time,
}

/// The challenges of a process.
pub struct Challenges {
    slots: Mutex<Slots>,
    random: SystemRandom,
    room: usize,
}

impl Default for Challenges {
    fn default() -> Self {
        let slots = Slots { by_id: HashMap::new(), first_end: Time::MAX };
        Self { slots: Mutex::new(slots), random: SystemRandom::new(), room: MAX_OPEN }
    }
}

impl std::fmt::Debug for Challenges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Challenges").finish_non_exhaustive()
    }
}

impl Slots {
    /// Forgets those that are over; at most once a second, for there is nothing to gain in between.
    fn forget_past(&mut self, now: Time) {
        if self.first_end <= now {
            self.by_id.retain(|_, (slot, _)| slot.expires_at() > now);
            self.first_end = self.by_id.values().map(|(slot, _)| slot.expires_at()).min().unwrap_or(Time::MAX);
        }
    }
}

impl Challenges {
    /// Makes a challenge, and keeps what is `held` for it.
    fn issue(
        &self,
        origin: String,
        claim: Option<Claim>,
        held: Option<Held>,
        now: Time,
    ) -> Result<Challenge, ChallengeError> {
        let (mut id, mut value) = ([0; ID_BYTES], [0; VALUE_BYTES]);
        self.random.fill(&mut id).map_err(|_| ChallengeError::NoRandom)?;
        self.random.fill(&mut value).map_err(|_| ChallengeError::NoRandom)?;
        let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        let challenge = STANDARD.encode(value);
        let expires_at = Time::from_unix(now.unix_seconds()).plus_seconds(LIFE);
        let text = format!("rastau: log-in\norigin: {origin}\nchallenge: {challenge}\nexpires: {expires_at}\n");
        // Neither an origin nor base64 has a character that means something in XML. In canonical form, so that what is
        // signed is these bytes.
        let xml = format!(
            "<login><origin>{origin}</origin><challenge>{challenge}</challenge><expires>{expires_at}</expires></login>"
        );
        let issued = Challenge { id: id.clone(), challenge, origin, expires_at, text, xml, claim };
        let mut slots = self.slots();
        if slots.by_id.len() >= self.room {
            slots.forget_past(now);
        }
        if slots.by_id.len() >= self.room {
            return Err(ChallengeError::Full);
        }
        slots.first_end = slots.first_end.min(expires_at);
        slots.by_id.insert(id, (Slot::Open(Box::new(issued.clone())), held));
        Ok(issued)
    }

    /// Takes a challenge to judge its response by; it cannot be taken again.
    ///
    /// # Errors
    ///
    /// [`ChallengeError::Expired`], [`ChallengeError::Unknown`], [`ChallengeError::Used`].
    pub fn take(&self, id: &str, now: Time) -> Result<Challenge, ChallengeError> {
        let mut slots = self.slots();
        let Some((slot, _)) = slots.by_id.get_mut(id) else { return Err(ChallengeError::Unknown) };
        let expires_at = slot.expires_at();
        match std::mem::replace(slot, Slot::Used(expires_at)) {
            Slot::Used(_) => Err(ChallengeError::Used),
            Slot::Open(challenge) if challenge.expires_at <= now => {
                slots.by_id.remove(id);
                Err(ChallengeError::Expired)
            }
            Slot::Open(challenge) => Ok(*challenge),
        }
    }

    /// A panic elsewhere leaves whole slots behind.
    fn slots(&self) -> MutexGuard<'_, Slots> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl super::Service {
    /// Forgets challenges that are over, with what is held for them.
    pub(crate) fn forget_past_challenges(&self) {
        self.challenges.slots().forget_past(self.clock.now());
    }

    /// Makes a challenge for a site, and keeps what is `held` for it until it is forgotten.
    ///
    /// # Errors
    ///
    /// [`RequestError`] naming what cannot be used; inside, why there is none.
    pub(crate) fn challenge(
        &self,
        request: &ChallengeRequest,
        held: Option<Held>,
    ) -> Result<Result<Challenge, ChallengeError>, RequestError> {
        let mut errors = Vec::new();
        if !is_origin(&request.origin) {
            let remedy =
                "send scheme, host and port in lower case, such as https://elicense.example.kz, without a path";
            errors.push(FieldError::new("origin", "not-an-origin", "not the origin of a site", remedy));
        }
        let claim = request.identity.as_ref().and_then(|claim| read_claim(claim, "identity", &mut errors));
        RequestError::check(errors)?;
        Ok(self.challenges.issue(request.origin.clone(), claim, held, self.clock.now()))
    }

    /// Takes the challenge that a response is for.
    ///
    /// # Errors
    ///
    /// As [`Challenges::take`].
    pub fn take_challenge(&self, id: &str) -> Result<Challenge, ChallengeError> {
        self.challenges.take(id, self.clock.now())
    }
}

/// `http` or `https`, a host in lower case (letters, digits, hyphens, dots, or an IPv6 address in brackets), a port where
/// there is one. Nothing else: what is bound by a signature has one spelling, that of browsers (RFC 6454 section 6.2).
fn is_origin(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) else { return false };
    if text.len() > MAX_ORIGIN {
        return false;
    }
    let (host, port) = match rest.strip_prefix('[') {
        Some(bracketed) => match bracketed.split_once(']') {
            Some((address, "")) => (address, None),
            Some((address, port)) => match port.strip_prefix(':') {
                Some(port) => (address, Some(port)),
                None => return false,
            },
            None => return false,
        },
        None => match rest.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (rest, None),
        },
    };
    let is_host = if rest.starts_with('[') {
        host.parse::<std::net::Ipv6Addr>().is_ok() && !host.bytes().any(|byte| byte.is_ascii_uppercase())
    } else {
        let label = |label: &str| {
            !label.is_empty()
                && label.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        };
        host.split('.').all(label)
    };
    let is_port =
        |port: &str| !port.starts_with('0') && port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok();
    is_host && port.is_none_or(is_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: &str = "https://elicense.example.kz";

    fn at(seconds: i64) -> Time {
        Time::from_unix(1_790_000_000 + seconds)
    }

    fn issue(challenges: &Challenges, now: Time) -> Challenge {
        challenges.issue(ORIGIN.to_owned(), None, None, now).unwrap()
    }

    #[test]
    fn a_challenge_is_taken_once() {
        let challenges = Challenges::default();
        let issued = issue(&challenges, at(0));
        assert_eq!(challenges.take(&issued.id, at(299)), Ok(issued.clone()));
        assert_eq!(challenges.take(&issued.id, at(299)), Err(ChallengeError::Used));
        assert_eq!(challenges.take(&issued.id, at(400)), Err(ChallengeError::Used));
    }

    #[test]
    fn a_challenge_that_is_over_is_not_taken() {
        let challenges = Challenges::default();
        let issued = issue(&challenges, at(0));
        assert_eq!(challenges.take(&issued.id, at(300)), Err(ChallengeError::Expired));
        assert_eq!(challenges.take(&issued.id, at(0)), Err(ChallengeError::Unknown));
        for id in ["", "0", &"a".repeat(10_000), &issued.challenge] {
            assert_eq!(challenges.take(id, at(0)), Err(ChallengeError::Unknown));
        }
    }

    #[test]
    fn no_two_are_alike_and_the_identifier_says_nothing() {
        let challenges = Challenges::default();
        let (one, other) = (issue(&challenges, at(0)), issue(&challenges, at(0)));
        assert!(one.id != other.id && one.challenge != other.challenge);
        for text in [&one.text, &one.xml] {
            assert!(text.contains(&one.challenge) && text.contains(ORIGIN) && !text.contains(&one.id), "{text}");
            assert!(text.contains(&one.expires_at.to_string()), "{text}");
        }
        assert!(!format!("{one:?}").contains(&one.challenge));
        assert!(!serde_json::to_string(&one).unwrap().contains("claim"));
    }

    #[test]
    fn a_flood_is_refused_and_pushes_nobody_out() {
        let challenges = Challenges { room: 3, ..Challenges::default() };
        let first = issue(&challenges, at(0));
        issue(&challenges, at(1));
        issue(&challenges, at(2));
        let more = |now| challenges.issue(ORIGIN.to_owned(), None, None, now);
        assert_eq!(more(at(3)), Err(ChallengeError::Full));
        assert_eq!(challenges.take(&first.id, at(4)), Ok(first));
        assert_eq!(more(at(5)), Err(ChallengeError::Full), "one that was used is remembered as such");
        assert!(more(at(300)).is_ok(), "those that are over make room");
    }

    #[test]
    fn what_is_held_for_a_challenge_is_given_back_when_it_is_over() {
        let challenges = Challenges::default();
        let held = std::sync::Arc::new(());
        let share: Held = Box::new(std::sync::Arc::clone(&held));
        let issued = challenges.issue(ORIGIN.to_owned(), None, Some(share), at(0)).unwrap();
        challenges.take(&issued.id, at(1)).unwrap();
        challenges.slots().forget_past(at(299));
        assert_eq!(std::sync::Arc::strong_count(&held), 2, "used up, and remembered");
        challenges.slots().forget_past(at(300));
        assert_eq!(std::sync::Arc::strong_count(&held), 1);
    }

    #[test]
    fn only_origins_are_taken_for_origins() {
        for good in [
            ORIGIN,
            "http://127.0.0.1:8080",
            "https://[::1]:8443",
            "https://[2001:db8::1]",
            "http://localhost",
            "https://xn--80ak6aa92e.kz:444",
        ] {
            assert!(is_origin(good), "{good}");
        }
        for bad in [
            "",
            "https://",
            "elicense.example.kz",
            "ftp://a.kz",
            "https://a.kz/",
            "https://a.kz/login",
            "https://A.kz",
            "https://a.kz:",
            "https://a.kz:0",
            "https://a.kz:080",
            "https://a.kz:99999",
            "https://a.kz:443x",
            "https://user@a.kz",
            "https://a..kz",
            "https://.kz",
            "https://a.kz\n",
            "https://a.kz<x>",
            "https://a.kz&amp;",
            "https://ә.kz",
            "https://[::1",
            "https://[::1]x",
            "https://[zz]",
            "javascript:alert(1)",
            &format!("https://{}.kz", "a".repeat(300)),
        ] {
            assert!(!is_origin(bad), "{bad}");
        }
    }
}
