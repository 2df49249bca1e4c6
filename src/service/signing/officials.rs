//! The register as it is shown, and the warnings before keys expire.

use serde::Serialize;
use utoipa::ToSchema;

use super::register::HeldKey;
use super::{Desk, hexadecimal};
use crate::clock::Time;

/// Days before the end of a key at which a warning is given: keys in files live one year.
pub const WARN_DAYS: [i64; 3] = [60, 30, 7];
const DAY_S: i64 = 86_400;

/// An official as shown.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, ToSchema)]
pub struct OfficialReport {
    /// The name in requests.
    pub id: String,
    /// Kinds of documents.
    #[schema(value_type = Vec<String>)]
    pub kinds: Vec<&'static str>,
    /// Slugs of services; `*` for all.
    pub services: Vec<String>,
    /// Media types; `*` for all.
    pub media_types: Vec<String>,
    /// First moment of office.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<Time>,
    /// Last moment of office.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Time>,
    /// Whether another client has to approve every signature.
    pub second_person: bool,
    /// Until when there is a key: the latest end among those that are open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signs_until: Option<Time>,
    /// Present and true when the keys are the demo's, which are public.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub demo: bool,
    /// The keys.
    pub keys: Vec<KeyReport>,
}

/// A key as shown: its certificate, never the key.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, ToSchema)]
pub struct KeyReport {
    /// The id in the configuration.
    pub id: String,
    /// `good`, `not-yet-valid`, `expires-soon`, `expired`, `not-the-officials` or `unavailable`. Revocation is asked at every
    /// signature.
    #[schema(value_type = String)]
    pub state: &'static str,
    /// Start of its period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Time>,
    /// End of its period.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_after: Option<Time>,
    /// Whole days until then; negative when it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days_left: Option<i64>,
    /// Such as `gost-34.10-2015-512`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature_algorithm: Option<String>,
    /// SHA-256 of the certificate, in hexadecimal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificate_sha256: Option<String>,
    /// What to do, in plain English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub warning: Option<String>,
}

impl Desk {
    /// The officials with their keys. Opens nothing: a key that was not there at start and is not asked for stays
    /// `unavailable`.
    #[must_use]
    pub fn officials(&self) -> Vec<OfficialReport> {
        let now = self.service().now();
        let shown = |entry: &std::sync::Arc<super::Entry>| {
            let official = &entry.official;
            let keys: Vec<KeyReport> = entry.keys.iter().map(|key| key_report(entry, key, now)).collect();
            OfficialReport {
                id: official.id.clone(),
                kinds: official.may.kinds.iter().map(|kind| kind.as_str()).collect(),
                services: official.may.services.clone(),
                media_types: official.may.media_types.clone(),
                from: official.from,
                until: official.until,
                second_person: official.second_person,
                signs_until: keys.iter().filter_map(|key| key.not_after).max(),
                demo: entry.demo,
                keys,
            }
        };
        self.register().iter().map(shown).collect()
    }
}

fn key_report(entry: &super::Entry, key: &HeldKey, now: Time) -> KeyReport {
    let report = KeyReport {
        id: key.id().to_owned(),
        state: "unavailable",
        not_before: None,
        not_after: None,
        days_left: None,
        signature_algorithm: None,
        certificate_sha256: None,
        warning: None,
    };
    let Some(open) = key.opened() else {
        let warning = Some("the key is not open: the log says why".to_owned());
        return KeyReport { warning, ..report };
    };
    let certificate = open.signer.certificate();
    let validity = certificate.validity();
    let left = validity.not_after.unix_seconds().saturating_sub(now.unix_seconds());
    let days = left.div_euclid(DAY_S);
    let (state, warning) = if let Err(mismatch) = entry.owns(&open) {
        ("not-the-officials", Some(mismatch.to_string()))
    } else if now < validity.not_before {
        ("not-yet-valid", None)
    } else if left < 0 {
        ("expired", Some("the certificate has expired: put a new key beside it".to_owned()))
    } else if let Some(limit) = WARN_DAYS.into_iter().rev().find(|limit| days < *limit) {
        ("expires-soon", Some(format!("fewer than {limit} days left: put a new key beside it")))
    } else {
        ("good", None)
    };
    KeyReport {
        state,
        not_before: Some(validity.not_before),
        not_after: Some(validity.not_after),
        days_left: Some(days),
        signature_algorithm: Some(open.signer.algorithm().to_string()),
        certificate_sha256: Some(hexadecimal(certificate.sha256())),
        warning,
        ..report
    }
}

/// Days until the end of the last key of an official, for metrics and the log.
#[derive(Clone, Debug, Default)]
pub struct ExpiryWatch {
    /// The limit last warned at, by official and key.
    warned: std::collections::BTreeMap<(String, String), i64>,
}

impl ExpiryWatch {
    /// Logs a warning for every key that has come below 60, 30 or 7 days since the last look; what was warned of.
    pub fn look(&mut self, officials: &[OfficialReport]) -> Vec<(String, String, i64)> {
        let mut told = Vec::new();
        for official in officials {
            for key in &official.keys {
                let Some(days) = key.days_left else { continue };
                let name = (official.id.clone(), key.id.clone());
                let Some(limit) = WARN_DAYS.into_iter().rev().find(|limit| days < *limit) else {
                    self.warned.remove(&name);
                    continue;
                };
                if self.warned.insert(name, limit) != Some(limit) {
                    let (official, key) = (&official.id, &key.id);
                    tracing::warn!(
                        official,
                        key,
                        days,
                        "a key of an official is about to expire: put a new one beside it"
                    );
                    told.push((official.clone(), key.clone(), limit));
                }
            }
        }
        told
    }
}
