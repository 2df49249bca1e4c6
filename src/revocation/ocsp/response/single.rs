//! What a response says about one certificate (`SingleResponse`, RFC 6960 4.2.1).

use super::super::cert_id::CertId;
use super::super::error::OcspError;
use super::super::extension;
use super::super::oid;
use super::parsed::generalized_time;
use crate::clock::Time;
use crate::der::{Limits, Oid, Tlv, TlvReader, check_strict};
use crate::revocation::reason::{Reason, Revoked};

/// The status of a certificate, as the responder words it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CertStatus {
    /// good: not revoked, as far as the responder knows.
    Good,
    /// revoked.
    Revoked(Revoked),
    /// unknown: the responder does not know the certificate.
    Unknown,
}

impl CertStatus {
    /// Whether it says that no such certificate was ever issued (RFC 6960 2.2): revoked with certificateHold at the
    /// start of 1970.
    #[must_use]
    pub fn is_never_issued(&self) -> bool {
        const NEVER_ISSUED: Revoked = Revoked { date: Time::from_unix(0), reason: Some(Reason::CertificateHold) };
        *self == Self::Revoked(NEVER_ISSUED)
    }
}

/// One answer of a response.
///
/// ```asn1
/// SingleResponse ::= SEQUENCE {
///     certID           CertID,
///     certStatus       CHOICE { good [0] IMPLICIT NULL, revoked [1] IMPLICIT RevokedInfo, unknown [2] IMPLICIT NULL },
///     thisUpdate       GeneralizedTime,
///     nextUpdate       [0] EXPLICIT GeneralizedTime OPTIONAL,
///     singleExtensions [1] EXPLICIT Extensions OPTIONAL }
/// ```
#[derive(Clone, Debug)]
pub struct SingleResponse {
    id: CertId,
    status: CertStatus,
    this_update: Time,
    next_update: Option<Time>,
    archive_cutoff: Option<Time>,
    unusable: Option<Oid>,
}

impl SingleResponse {
    /// Reads the contents of DER that was checked.
    pub(super) fn read(contents: &[u8]) -> Result<Self, OcspError> {
        let mut fields = TlvReader::new(contents);
        let id = CertId::read(fields.expect(0x30)?.value)?;
        let status = read_status(fields.read()?)?;
        let this_update = generalized_time(fields.read()?)?;
        let next_update = match fields.optional(0xa0)? {
            Some(explicit) => Some(explicit_time(explicit.value)?),
            None => None,
        };
        if next_update.is_some_and(|next| next < this_update) {
            return Err(OcspError::Structure("nextUpdate lies before thisUpdate"));
        }
        let (mut archive_cutoff, mut unusable) = (None, None);
        if let Some(explicit) = fields.optional(0xa1)? {
            for extension in extension::read_all(explicit.value)? {
                match extension.oid {
                    oid::ARCHIVE_CUTOFF => archive_cutoff = Some(read_cutoff(extension.value)?),
                    unknown if extension.critical => unusable = unusable.or(Some(unknown)),
                    _ => {}
                }
            }
        }
        fields.finish()?;
        Ok(Self { id, status, this_update, next_update, archive_cutoff, unusable })
    }

    /// Which certificate it is about.
    #[must_use]
    pub fn id(&self) -> &CertId {
        &self.id
    }

    /// What it says.
    #[must_use]
    pub fn status(&self) -> CertStatus {
        self.status
    }

    /// thisUpdate: when the status was known to be so.
    #[must_use]
    pub fn this_update(&self) -> Time {
        self.this_update
    }

    /// nextUpdate.
    #[must_use]
    pub fn next_update(&self) -> Option<Time> {
        self.next_update
    }

    /// A critical extension that is not processed: nobody may rely on the response.
    #[must_use]
    pub fn unusable(&self) -> Option<Oid> {
        self.unusable
    }

    /// archiveCutoff (RFC 6960 4.4.4): the status of certificates that expired since then is still known.
    #[must_use]
    pub fn archive_cutoff(&self) -> Option<Time> {
        self.archive_cutoff
    }
}

fn read_status(choice: Tlv<'_>) -> Result<CertStatus, OcspError> {
    match (choice.tag, choice.value) {
        (0x80, []) => Ok(CertStatus::Good),
        (0x82, []) => Ok(CertStatus::Unknown),
        (0xa1, revoked) => read_revoked(revoked).map(CertStatus::Revoked),
        _ => Err(OcspError::Structure("a certificate's status is none of the three")),
    }
}

/// `RevokedInfo ::= SEQUENCE { revocationTime GeneralizedTime, revocationReason [0] EXPLICIT CRLReason OPTIONAL }`
fn read_revoked(contents: &[u8]) -> Result<Revoked, OcspError> {
    let mut fields = TlvReader::new(contents);
    let date = generalized_time(fields.read()?)?;
    let reason = match fields.optional(0xa0)? {
        Some(explicit) => {
            let mut reader = TlvReader::new(explicit.value);
            let code = reader.expect(0x0a)?.value;
            reader.finish()?;
            let known = if let [code] = code { Reason::from_code(*code) } else { None };
            // A code that is not assigned is still a revocation.
            Some(known.unwrap_or(Reason::Unspecified))
        }
        None => None,
    };
    fields.finish()?;
    Ok(Revoked { date, reason })
}

fn explicit_time(contents: &[u8]) -> Result<Time, OcspError> {
    let mut reader = TlvReader::new(contents);
    let time = generalized_time(reader.read()?)?;
    reader.finish()?;
    Ok(time)
}

fn read_cutoff(value: &[u8]) -> Result<Time, OcspError> {
    check_strict(value, Limits::CERTIFICATE)?;
    explicit_time(value).map_err(|_| OcspError::Extension { oid: oid::ARCHIVE_CUTOFF, reason: "is not a time" })
}
