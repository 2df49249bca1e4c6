//! Object identifiers of OCSP (RFC 6960 4.2.1 and 4.4).

use crate::der::Oid;
pub(super) use crate::x509::oid::{OCSP_EXTENDED_REVOKE as EXTENDED_REVOKE, OCSP_NONCE as NONCE};

/// id-pkix-ocsp-basic: the only type of response.
pub(super) const BASIC: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.48.1.1");
/// id-pkix-ocsp-archive-cutoff.
pub(super) const ARCHIVE_CUTOFF: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.48.1.6");
