//! Facts about one certificate, judged under a policy: condition 3 of the licensing regulations.
//!
//! [`Examined`] is what the certificate itself says, [`Chain`] a path to an anchor with the parts of the answer that never
//! change; both are immutable and cacheable under hashes. [`certificate`] adds what depends on the
//! moment and on the question (periods, lists, purpose, identity, service) and concludes a
//! [`Verdict`](crate::verdict::Verdict). Nothing here is asynchronous and nothing reads a clock.

mod algorithms;
mod chain;
pub mod document;
mod examined;
mod identity;
mod judge;
mod path_error;
mod policies;
mod revocation;

pub use algorithms::evidence_by;
pub use chain::{Chain, Chains};
pub use examined::Examined;
pub use identity::Claim;
pub use judge::{Question, certificate, malformed};
pub use revocation::responders_wanted;
