//! What an operator sees of every list.

use serde::Serialize;
use utoipa::ToSchema;

use super::cause::Cause;
use super::delta::DeltaProblem;
use super::list::RevocationList;
use super::number::ListNumber;
use super::snapshot::{Snapshot, is_begun};
use super::store::FetchStatus;
use crate::clock::Time;

/// How old a list is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ListState {
    /// A new one is expected any time now.
    Due,
    /// In force.
    Fresh,
    /// None that can be used is there: never arrived, not verified, or not supported.
    Missing,
    /// Lapsed.
    Stale,
}

impl ListState {
    /// As JSON and metrics name it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Fresh => "fresh",
            Self::Missing => "missing",
            Self::Stale => "stale",
        }
    }
}

/// One list, or one source that has none.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ListStatus {
    /// Path, or first address.
    pub source: String,
    /// How old it is.
    pub state: ListState,
    /// Whether it is a delta list, or comes from a place of delta lists: never in force by itself.
    pub delta: bool,
    /// Whether answers rest on it: the full list that counts, or the delta that continues it.
    pub in_force: bool,
    /// What keeps a delta from being used, here or beside this list. The full list is in force all the same.
    pub warning: Option<String>,
    /// Name of the issuer, for people.
    pub issuer: Option<String>,
    /// cRLNumber.
    pub number: Option<ListNumber>,
    /// `BaseCRLNumber` of a delta.
    pub base_number: Option<ListNumber>,
    /// Number of the full list that a delta in force continues.
    pub applies_to: Option<ListNumber>,
    /// thisUpdate.
    pub this_update: Option<Time>,
    /// nextUpdate.
    pub next_update: Option<Time>,
    /// Entries.
    pub entries: Option<u64>,
    /// Octets of the list.
    pub bytes: Option<usize>,
    /// Octets of memory its index takes.
    pub index_bytes: Option<usize>,
    /// SHA-256 of the list, hexadecimal.
    pub sha256: Option<String>,
    /// Why the list is not used.
    pub unusable: Option<String>,
    /// When it was last read or fetched, successfully or not.
    pub last_attempt: Option<Time>,
    /// When that last brought a list that holds.
    pub last_success: Option<Time>,
    /// What went wrong at the last attempt.
    pub error: Option<String>,
    /// What kind of thing that was.
    pub cause: Option<Cause>,
    /// How the fetching goes; none for files.
    pub fetch: Option<FetchStatus>,
}

impl ListStatus {
    /// Of a source without a list.
    pub(super) fn missing(source: String) -> Self {
        Self {
            source,
            state: ListState::Missing,
            delta: false,
            in_force: false,
            warning: None,
            issuer: None,
            number: None,
            base_number: None,
            applies_to: None,
            this_update: None,
            next_update: None,
            entries: None,
            bytes: None,
            index_bytes: None,
            sha256: None,
            unusable: None,
            last_attempt: None,
            last_success: None,
            error: None,
            cause: None,
            fetch: None,
        }
    }

    /// Of a verified list.
    #[must_use]
    pub fn of(list: &RevocationList, source: String, now: Time) -> Self {
        Self {
            state: state_of(list, now),
            delta: list.is_delta(),
            issuer: Some(list.issuer_text().to_string()),
            number: list.number(),
            base_number: list.base_number(),
            this_update: Some(list.this_update()),
            next_update: list.next_update(),
            entries: Some(list.entries()),
            bytes: Some(list.bytes()),
            index_bytes: Some(list.index_bytes()),
            sha256: Some(list.sha256_text().to_string()),
            unusable: match list.unusable() {
                Some(why) => Some(why.to_string()),
                None => (!is_begun(list, now)).then(|| "it is dated ahead of the clock".to_owned()),
            },
            ..Self::missing(source)
        }
    }

    /// Fills in what the list counts for beside the others: `in_force`, `applies_to`, `warning`.
    pub(super) fn place_in(&mut self, snapshot: &Snapshot, now: Time) {
        let Some(sha256) = &self.sha256 else { return };
        let is_this = |list: &RevocationList| **list.sha256_text() == **sha256;
        let lapsed = |delta: &RevocationList| delta.is_stale(now).then(|| DeltaProblem::Lapsed.to_string());
        for basis in snapshot.bases() {
            let used = basis.delta.as_deref();
            if is_this(&basis.list) {
                self.in_force = is_begun(&basis.list, now);
                let is_behind = snapshot.horizons().iter().any(|oldest| basis.is_behind(oldest));
                let left_out = basis.left_out.as_ref().map(|left| left.why.to_string()).or(used.and_then(lapsed));
                self.warning = left_out.map(|why| format!("the delta list is not used: {why}"));
                if is_behind {
                    self.warning = Some("it clears nobody: too many newer full lists have not come".to_owned());
                }
            } else if let Some(delta) = used.filter(|delta| is_this(delta)) {
                self.warning = lapsed(delta);
                self.in_force = self.warning.is_none();
                self.applies_to = basis.list.number().filter(|_| self.in_force);
                return;
            } else if let Some(left) = basis.left_out.as_ref().filter(|left| is_this(&left.delta)) {
                self.warning = Some(left.why.to_string());
            }
        }
        if self.delta && !self.in_force && self.warning.is_none() && self.unusable.is_none() {
            self.warning = Some("there is no full list that it continues, or a newer delta is used".to_owned());
        }
    }
}

impl ListStatus {
    /// Whether it is high time for a newer list: there is none that counts, or three quarters of the time between falling
    /// due and lapsing have gone without one. The National CA's lists, due 5.4 hours before they lapse, alarm 81 minutes
    /// before. Delta lists never do: without them the full list answers.
    #[must_use]
    pub fn is_alarming(&self, now: Time) -> bool {
        match (self.state, self.this_update, self.next_update) {
            _ if self.delta => false,
            (ListState::Fresh, ..) => false,
            (ListState::Due, Some(this), Some(next)) => {
                let late = next.seconds_since(due(this, next)) / 4;
                now >= next.plus_seconds(-late)
            }
            _ => true,
        }
    }
}

fn state_of(list: &RevocationList, now: Time) -> ListState {
    if list.unusable().is_some() || !is_begun(list, now) {
        ListState::Missing
    } else if list.is_stale(now) {
        ListState::Stale
    } else if due_at(list).is_none_or(|due| now >= due) {
        ListState::Due
    } else {
        ListState::Fresh
    }
}

/// When the next list is worth looking for: after four fifths of the period. The National CA issues daily a list good
/// for 27 hours, that is 21.6 hours after thisUpdate, which leaves more than five hours for retries.
pub(super) fn due_at(list: &RevocationList) -> Option<Time> {
    Some(due(list.this_update(), list.next_update()?))
}

fn due(this: Time, next: Time) -> Time {
    this.plus_seconds(next.seconds_since(this) / 5 * 4)
}
