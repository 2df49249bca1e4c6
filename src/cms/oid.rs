//! Object identifiers of CMS and `CAdES`, contents octets compared as they stand.

use crate::der::Oid;

/// id-data: content that is just octets.
pub(crate) const DATA: Oid = Oid::new_unwrap("1.2.840.113549.1.7.1");
/// id-signedData.
pub(crate) const SIGNED_DATA: Oid = Oid::new_unwrap("1.2.840.113549.1.7.2");
/// id-ct-TSTInfo (RFC 3161 2.4.2).
pub(crate) const TST_INFO: Oid = Oid::new_unwrap("1.2.840.113549.1.9.16.1.4");

/// id-contentType (RFC 5652 11.1).
pub(super) const CONTENT_TYPE: Oid = Oid::new_unwrap("1.2.840.113549.1.9.3");
/// id-messageDigest (RFC 5652 11.2).
pub(super) const MESSAGE_DIGEST: Oid = Oid::new_unwrap("1.2.840.113549.1.9.4");
/// id-signingTime (RFC 5652 11.3).
pub(super) const SIGNING_TIME: Oid = Oid::new_unwrap("1.2.840.113549.1.9.5");
/// id-countersignature (RFC 5652 11.4).
pub(super) const COUNTER_SIGNATURE: Oid = Oid::new_unwrap("1.2.840.113549.1.9.6");
/// id-aa-cmsAlgorithmProtect (RFC 6211 2).
pub(super) const ALGORITHM_PROTECTION: Oid = Oid::new_unwrap("1.2.840.113549.1.9.52");
/// id-aa-signingCertificate (RFC 5035 5.4.2).
pub(super) const SIGNING_CERTIFICATE: Oid = Oid::new_unwrap("1.2.840.113549.1.9.16.2.12");
/// id-aa-signingCertificateV2 (RFC 5035 5.4.1).
pub(super) const SIGNING_CERTIFICATE_V2: Oid = Oid::new_unwrap("1.2.840.113549.1.9.16.2.47");

/// id-aa-contentHint (RFC 2634 2.9).
pub(super) const CONTENT_HINT: Oid = Oid::new_unwrap("1.2.840.113549.1.9.16.2.4");

/// id-aa-timeStampToken (RFC 3161 appendix A): over the signature value.
pub(super) const SIGNATURE_TIMESTAMP: Oid = Oid::new_unwrap("1.2.840.113549.1.9.16.2.14");
/// id-aa-ets-contentTimestamp (EN 319 122-1 5.2.8.1).
pub(super) const CONTENT_TIMESTAMP: Oid = Oid::new_unwrap("1.2.840.113549.1.9.16.2.20");
/// id-aa-ets-certValues (EN 319 122-1 A.1.1.2).
pub(super) const CERT_VALUES: Oid = Oid::new_unwrap("1.2.840.113549.1.9.16.2.23");
/// id-aa-ets-revocationValues (EN 319 122-1 A.1.2.2).
pub(super) const REVOCATION_VALUES: Oid = Oid::new_unwrap("1.2.840.113549.1.9.16.2.24");
/// id-aa-ets-archiveTimestamp of RFC 3126, version 1.
pub(super) const ARCHIVE_TIMESTAMP: Oid = Oid::new_unwrap("1.2.840.113549.1.9.16.2.27");
/// id-aa-ets-archiveTimestampV2 (TS 101 733 6.4.1).
pub(super) const ARCHIVE_TIMESTAMP_V2: Oid = Oid::new_unwrap("1.2.840.113549.1.9.16.2.48");
/// id-aa-ets-archiveTimestampV3 (EN 319 122-1 5.5.3).
pub(super) const ARCHIVE_TIMESTAMP_V3: Oid = Oid::new_unwrap("0.4.0.1733.2.4");
/// id-aa-ATSHashIndex-v3 (EN 319 122-1 5.5.2).
pub(super) const ATS_HASH_INDEX_V3: Oid = Oid::new_unwrap("0.4.0.19122.1.5");

/// id-ri-ocsp-response (RFC 5940 2.1): an `OCSPResponse` among the revocation lists.
pub(super) const RI_OCSP_RESPONSE: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.16.2");
/// id-pkix-ocsp-basic (EN 319 122-1 5.4.2.2): a `BasicOCSPResponse` there.
pub(super) const OCSP_BASIC: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.48.1.1");
