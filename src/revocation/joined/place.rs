//! Where a delta stands to a full list of its scope.

use std::sync::Arc;

use super::super::delta::DeltaProblem;
use super::super::list::RevocationList;

/// A delta of a key, and what is known of it before any question.
#[derive(Clone, Debug)]
pub struct Change {
    pub list: Arc<RevocationList>,
    /// Whether it is at hand, and did not come with what is asked about.
    pub is_own: bool,
    /// Whether any full list of its scope is there.
    pub has_full: bool,
}

/// A delta of the same scope as a full list.
#[derive(Debug)]
pub struct Beside {
    pub list: Arc<RevocationList>,
    pub is_own: bool,
    pub place: Place,
}

/// Where a delta stands to the full list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The full list was issued after it, and knows better where it is believed.
    Behind,
    /// It continues the full list.
    Continues,
    /// It is newer, and needs another full list, or does not say which.
    Ahead,
}

impl Place {
    /// `None` for a delta that says nothing at all.
    pub fn of(joins: &Result<(), DeltaProblem>, delta: &RevocationList, list: &RevocationList) -> Option<Self> {
        let dates = delta.this_update().cmp(&list.this_update());
        match joins {
            Ok(()) => Some(Self::Continues),
            Err(DeltaProblem::BaseTooOld(_)) if dates.is_ge() => Some(Self::Ahead),
            Err(DeltaProblem::Unusable(_)) if !delta.lacks_numbers() => None,
            Err(DeltaProblem::Unusable(_)) if dates.is_ge() => Some(Self::Ahead),
            // Full lists that are issued together with a delta may bear the same number.
            Err(DeltaProblem::BaseWithoutNumber | DeltaProblem::NotAbove) if dates.is_gt() => Some(Self::Ahead),
            Err(_) => Some(Self::Behind),
        }
    }
}
