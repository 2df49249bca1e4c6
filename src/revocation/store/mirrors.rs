//! What is known about the mirrors of one source: which worked, what each said last, what its answers are recognised by.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Time;
use crate::fetch::{Validators, shown};
use crate::revocation::list::RevocationList;
use crate::revocation::source::Source;

/// A mirror that says «unchanged» about a list that should have been replaced by now is not believed for longer than
/// this, in seconds: then it is asked for the whole list.
const FULL_AGAIN: i64 = 3600;

/// How the fetching of one source goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FetchStatus {
    /// Whether the addresses come from certificates and not from the configuration.
    pub discovered: bool,
    /// Attempts that have failed since the last success; each asked every mirror.
    pub failures: u32,
    /// When the next attempt is due, by the clock of the machine; `None` when nobody fetches.
    pub next_attempt: Option<Time>,
    /// The mirror that is asked first: the last that worked.
    pub mirror: Option<String>,
    /// Every mirror, in the order configured.
    pub mirrors: Vec<MirrorStatus>,
    /// Why the list in force could not be stored; a restart would begin with an older one.
    pub storage_error: Option<String>,
}

/// How the fetching from one mirror goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MirrorStatus {
    /// The address, without its query.
    pub url: String,
    /// When it was asked last.
    pub last_attempt: Option<Time>,
    /// When it last had a list that holds.
    pub last_success: Option<Time>,
    /// Attempts that have failed since.
    pub failures: u32,
    /// What went wrong at the last attempt.
    pub error: Option<String>,
}

/// What an answer of a mirror is recognised by, and the list that came with it: validators say nothing about a list that
/// is not at hand any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::revocation) struct Known {
    pub validators: Validators,
    /// SHA-256 of the list, hexadecimal.
    pub sha256: Arc<str>,
}

/// One question to be put to a mirror.
#[derive(Clone, Debug)]
pub(in crate::revocation) struct Question {
    pub url: Box<str>,
    /// To be sent along; `None` asks for the whole list.
    pub known: Option<Known>,
}

#[derive(Debug)]
pub(super) struct Mirror {
    pub url: Box<str>,
    pub known: Option<Known>,
    last_attempt: Option<Time>,
    last_success: Option<Time>,
    /// When it last sent a whole answer.
    last_full: Option<Time>,
    failures: u32,
    error: Option<String>,
}

#[derive(Debug, Default)]
pub(super) struct Mirrors {
    pub all: Vec<Mirror>,
    /// The one to ask first.
    pub worked: usize,
    pub failures: u32,
    pub next_attempt: Option<Time>,
}

impl Mirrors {
    pub fn of(source: &Source) -> Self {
        let mirror = |url: &str| Mirror {
            url: url.into(),
            known: None,
            last_attempt: None,
            last_success: None,
            last_full: None,
            failures: 0,
            error: None,
        };
        Self { all: source.mirrors().iter().map(|url| mirror(url)).collect(), ..Self::default() }
    }

    /// The mirrors in turn, the one that worked last first, each with what may be sent along at `now` about `lists`.
    pub fn questions(&self, lists: &[&Arc<RevocationList>], now: Time) -> Vec<Question> {
        let (before, from) = self.all.split_at(self.worked.min(self.all.len()));
        let question = |mirror: &Mirror| {
            let known = mirror.known.as_ref().filter(|known| {
                lists.iter().any(|list| *list.sha256_text() == known.sha256 && mirror.is_believed(list, now))
            });
            Question { url: mirror.url.clone(), known: known.cloned() }
        };
        from.iter().chain(before).map(question).collect()
    }

    /// A whole answer, or word that the list at hand still holds.
    pub fn succeeded(&mut self, url: &str, known: Option<Known>, now: Time) {
        let Some((position, mirror)) = self.all.iter_mut().enumerate().find(|(_, mirror)| *mirror.url == *url) else {
            return;
        };
        mirror.last_attempt = Some(now);
        mirror.last_success = Some(now);
        mirror.failures = 0;
        mirror.error = None;
        if let Some(known) = known {
            mirror.last_full = Some(now);
            mirror.known = Some(known).filter(|known| !known.validators.is_empty());
        }
        self.worked = position;
    }

    /// `full`: the answer was a body, whatever was wrong with it.
    pub fn failed(&mut self, url: &str, error: String, full: bool, now: Time) {
        if let Some(mirror) = self.all.iter_mut().find(|mirror| *mirror.url == *url) {
            mirror.last_attempt = Some(now);
            mirror.failures = mirror.failures.saturating_add(1);
            mirror.error = Some(error);
            if full {
                mirror.last_full = Some(now);
            }
        }
    }

    pub fn status(&self, source: &Source, storage_error: Option<&str>) -> FetchStatus {
        let row = |mirror: &Mirror| MirrorStatus {
            url: shown(&mirror.url),
            last_attempt: mirror.last_attempt,
            last_success: mirror.last_success,
            failures: mirror.failures,
            error: mirror.error.clone(),
        };
        FetchStatus {
            discovered: source.is_discovered(),
            failures: self.failures,
            next_attempt: self.next_attempt,
            mirror: self.all.get(self.worked).map(|mirror| shown(&mirror.url)),
            mirrors: self.all.iter().map(row).collect(),
            storage_error: storage_error.map(str::to_owned),
        }
    }
}

impl Mirror {
    /// Whether its word that this list has not changed would be believed.
    fn is_believed(&self, list: &RevocationList, now: Time) -> bool {
        let asked_lately = self.last_full.is_some_and(|full| (0..FULL_AGAIN).contains(&now.seconds_since(full)));
        asked_lately || !is_overdue(list, now)
    }
}

/// Whether a newer list should be there by now: after nine tenths of the period, half of what is left between falling
/// due and lapsing. The National CA issues daily lists good for 27 hours, that is 24.3 hours after thisUpdate.
pub(in crate::revocation) fn is_overdue(list: &RevocationList, now: Time) -> bool {
    list.next_update().is_none_or(|next| {
        let period = next.seconds_since(list.this_update());
        now >= list.this_update().plus_seconds(period / 10 * 9)
    })
}
