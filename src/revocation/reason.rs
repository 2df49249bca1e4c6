//! Why and when a certificate was revoked.

use serde::Serialize;
use utoipa::ToSchema;

use crate::clock::Time;

/// `CRLReason` of RFC 5280 5.3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[repr(u8)]
pub enum Reason {
    /// unspecified (0); also any code the standard does not assign.
    Unspecified = 0,
    /// keyCompromise (1).
    KeyCompromise = 1,
    /// cACompromise (2).
    #[serde(rename = "cACompromise")]
    CaCompromise = 2,
    /// affiliationChanged (3).
    AffiliationChanged = 3,
    /// superseded (4).
    Superseded = 4,
    /// cessationOfOperation (5).
    CessationOfOperation = 5,
    /// certificateHold (6).
    CertificateHold = 6,
    /// removeFromCRL (8): in a delta list it lifts a hold. A full list has no business carrying it; there the
    /// certificate is listed, so it counts as revoked.
    #[serde(rename = "removeFromCRL")]
    RemoveFromCrl = 8,
    /// privilegeWithdrawn (9).
    PrivilegeWithdrawn = 9,
    /// aACompromise (10).
    #[serde(rename = "aACompromise")]
    AaCompromise = 10,
}

impl Reason {
    const ALL: [Self; 10] = [
        Self::Unspecified,
        Self::KeyCompromise,
        Self::CaCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::CertificateHold,
        Self::RemoveFromCrl,
        Self::PrivilegeWithdrawn,
        Self::AaCompromise,
    ];

    /// The code of the standard.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }

    /// The reason with that code; `None` for 7 and everything above 10, which are not assigned.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }

    /// The name as the standard spells it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "keyCompromise",
            Self::CaCompromise => "cACompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::CertificateHold => "certificateHold",
            Self::RemoveFromCrl => "removeFromCRL",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
            Self::AaCompromise => "aACompromise",
        }
    }

    /// Whether the key itself may have been in other hands.
    pub(super) const fn is_compromise(self) -> bool {
        matches!(self, Self::KeyCompromise | Self::CaCompromise | Self::AaCompromise)
    }
}

/// What a list says about a certificate it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revoked {
    /// revocationDate, to the second.
    pub date: Time,
    /// reasonCode, when the entry has one.
    pub reason: Option<Reason>,
}

impl Revoked {
    /// Whether the issuer may still lift it.
    #[must_use]
    pub fn is_hold(&self) -> bool {
        self.reason == Some(Reason::CertificateHold)
    }

    /// Of several entries about one certificate the one that weighs most counts: what undoes the moment `at` before what
    /// does not, and what nobody lifts before a hold.
    pub(super) fn weight(&self, at: Time) -> (bool, bool) {
        (self.has_effect(at), !self.is_hold())
    }

    /// Of two holds one that is as old as the older: whatever lifts the later, the earlier was in force before.
    #[must_use]
    pub(super) fn since(self, other: &Self) -> Self {
        if self.is_hold() && other.is_hold() { Self { date: self.date.min(other.date), ..self } } else { self }
    }

    /// Whether the certificate was revoked at `at`, or the revocation undoes that moment.
    #[must_use]
    pub fn has_effect(&self, at: Time) -> bool {
        self.date <= at || self.reaches_back()
    }

    /// Whether the revocation also undoes what was signed before its date, even when that moment is proved:
    /// every reason but those that end a certificate's use in good order.
    #[must_use]
    pub fn reaches_back(&self) -> bool {
        !matches!(
            self.reason,
            Some(
                Reason::AffiliationChanged
                    | Reason::Superseded
                    | Reason::CessationOfOperation
                    | Reason::PrivilegeWithdrawn
            )
        )
    }
}
