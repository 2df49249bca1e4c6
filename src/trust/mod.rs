//! From a certificate to a trust anchor (RFC 5280 section 6, X.509).
//!
//! The life of a path: [`load`] reads anchors and intermediates from files, [`Pool`] indexes them once and is
//! shared, [`find_paths`] searches all candidate issuers within a [`Budget`] and is the only maker of a [`Path`].
//! Holding a path proves that every signature in it was verified and that names, basicConstraints, pathLen,
//! keyUsage, name constraints, critical extensions and what the certificates demand of each other's policies allow it.
//!
//! What a path does **not** prove, because it belongs to a moment or to a purpose: validity periods (the caller
//! judges them for each path, so that a path can be kept by the hash of its certificate), revocation, extended
//! key usage, and the certificate policies that the caller asks for ([`Path::policies_under`], [`policy`]).
//!
//! Nothing here knows revocation.

mod anchor;
mod budget;
mod constraints;
mod error;
pub mod load;
mod path;
pub mod policy;
mod pool;
mod search;

pub use anchor::{Anchor, AnchorPurpose, AnchorRule, NotAuthority, Purposes};
pub use budget::{Budget, Resource};
pub use constraints::{Breach, NameForm};
pub use error::{Offender, PathError};
pub use path::{MAX_PATHS, Path, Paths};
pub use pool::{Pool, PoolBuilder};
pub use search::{SearchOptions, find_paths};
