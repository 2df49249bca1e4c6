//! Nothing that was signed before is disturbed: what the reader says of every signature is the same before and after.

use crate::signed::{Coverage, Detached, FormatError, Integrity, MakeError};
use crate::xmldsig::document;

/// What became of a signature's references. Values are not looked at: nothing here changes a `SignedInfo`.
#[derive(Debug, Eq, PartialEq)]
pub struct State {
    /// Whether every digest fits.
    pub integrity: Integrity,
    covers: Coverage,
}

impl State {
    /// Intact, over all that counts.
    fn is_whole(&self) -> bool {
        self.integrity == Integrity::Intact && self.covers.is_enough()
    }
}

/// Of each signature of a document, in its order.
///
/// # Errors
///
/// [`FormatError`]: what cannot be read cannot be added to without disturbing it either.
pub fn states(octets: &[u8]) -> Result<Vec<State>, FormatError> {
    let document = document::read(octets, Detached::Absent, None)?;
    let state =
        |signature: crate::signed::Signature| State { integrity: signature.integrity, covers: signature.covers };
    Ok(document.signatures.into_vec().into_iter().map(state).collect())
}

/// Holds the signatures before a change against those after it; `new` is the position of the one that was added.
///
/// # Errors
///
/// [`MakeError::Document`] naming the one that would no longer hold, or what keeps the new one from holding.
pub fn compare(before: &[State], mut after: Vec<State>, new: Option<usize>) -> Result<(), MakeError> {
    if let Some(new) = new.filter(|&new| new < after.len()) {
        let own = after.remove(new);
        if !own.is_whole() {
            let what = format!("the new one would not be over all of it: {:?}, {}", own.integrity, own.covers);
            return Err(MakeError::Document(what));
        }
    }
    if before.len() != after.len() {
        return Err(MakeError::Document("another number of signatures would be found in it than it has".into()));
    }
    // The last of them: those before it no longer hold because it does not.
    match before.iter().zip(&after).rposition(|(before, after)| before != after) {
        Some(index) => Err(MakeError::Document(format!(
            "signature {} is over what would be changed and would no longer hold",
            index + 1
        ))),
        None => Ok(()),
    }
}
