//! X.509 certificates (RFC 5280): parsed once, immutable, shared.
//!
//! x509-parser reads; this folder checks what it leaves to the caller (trailing bytes, strict DER,
//! duplicate extensions, agreement of the two algorithm identifiers) and keeps the result in
//! [`Certificate`], so that nothing above ever looks at the bytes again. Nothing here knows trust.

mod certificate;
mod distribution_point;
mod extensions;
mod general_name;
mod name;
mod name_text;
pub mod oid;
mod policies;
mod serial;
mod strict;
pub(crate) mod time;

pub use certificate::{Certificate, CertificateError, Validity};
pub use distribution_point::{CrlDistributionPoint, PointName, ReasonFlags, read_general_names};
pub use extensions::{AuthorityKeyId, BasicConstraints, Extensions, KeyUsage, NameConstraints, PolicyConstraints};
pub use general_name::{GeneralName, IpSubtree};
pub use name::{Attribute, Name, Rdn, StringKind};
pub use serial::SerialNumber;
