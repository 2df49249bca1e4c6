//! Object identifiers of OCSP (RFC 6960 4.2.1 and 4.4).

use crate::der::Oid;

/// id-pkix-ocsp-basic: the only type of response.
pub(super) const BASIC: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.48.1.1");
/// id-pkix-ocsp-nonce.
pub(super) const NONCE: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.48.1.2");
/// id-pkix-ocsp-archive-cutoff.
pub(super) const ARCHIVE_CUTOFF: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.48.1.6");
/// id-pkix-ocsp-extended-revoke.
pub(super) const EXTENDED_REVOKE: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.48.1.9");
