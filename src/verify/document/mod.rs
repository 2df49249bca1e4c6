//! Signed documents: from the signatures that were read to one report for each (500/НҚ p. 14 to 17).
//!
//! Two steps, so that responders can be asked in between:
//! 1. [`establish()`] does the cryptography: whose certificate made the signature, by which paths it is trusted, and the
//!    same for every timestamp. It costs signatures and knows neither time nor lists.
//! 2. [`report()`] judges: the timestamps first, because the earliest one that is trusted moves the moment of checking
//!    to the time it proves (p. 14); then the signer's certificate at that moment, as in a certificate check.
//!
//! A signature that does not hold is not asked further: nothing about a certificate matters that did not make it.

mod counter;
mod establish;
mod judge;
mod level;
mod stamps;
mod timestamp;

pub use establish::{Bags, Established, Finder, PathUse, establish};
pub use judge::{Demands, SignatureQuestion, report, unreadable};
