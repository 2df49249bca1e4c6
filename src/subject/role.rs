//! Roles that the National CA writes into extKeyUsage.

use crate::der::Oid;
use crate::x509::oid;

/// What the holder is, by the role OIDs of the National CA (arc 1.2.398.3.3.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Role {
    /// Staff of the certification authority.
    CaStaff,
    /// An employee.
    Employee,
    /// Has the right to sign financial documents.
    Financial,
    /// The head of the organisation.
    Head,
    /// Human resources.
    HumanResources,
    /// An individual.
    Individual,
    /// A digital system of an individual.
    IndividualSystem,
    /// An organisation.
    Organisation,
    /// Has the right to sign.
    RightToSign,
    /// A digital system of a legal entity, or one of its registered systems (children of the arc).
    System,
    /// Client of the Treasury.
    Treasury,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 11] = [
        Self::CaStaff,
        Self::Employee,
        Self::Financial,
        Self::Head,
        Self::HumanResources,
        Self::Individual,
        Self::IndividualSystem,
        Self::Organisation,
        Self::RightToSign,
        Self::System,
        Self::Treasury,
    ];

    /// The role of that name in reports.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == name)
    }

    /// The role an extKeyUsage OID stands for; `None` for usages that are not roles.
    #[must_use]
    pub fn from_oid(id: &Oid) -> Option<Self> {
        Some(match *id {
            oid::KZ_ROLE_INDIVIDUAL => Self::Individual,
            oid::KZ_ROLE_INDIVIDUAL_SYSTEM => Self::IndividualSystem,
            oid::KZ_ROLE_ORGANISATION => Self::Organisation,
            oid::KZ_ROLE_HEAD => Self::Head,
            oid::KZ_ROLE_RIGHT_TO_SIGN => Self::RightToSign,
            oid::KZ_ROLE_FINANCIAL => Self::Financial,
            oid::KZ_ROLE_HUMAN_RESOURCES => Self::HumanResources,
            oid::KZ_ROLE_EMPLOYEE => Self::Employee,
            oid::KZ_ROLE_TREASURY => Self::Treasury,
            oid::KZ_ROLE_CA_ADMINISTRATOR | oid::KZ_ROLE_CA_MANAGER | oid::KZ_ROLE_CA_OPERATOR => Self::CaStaff,
            other if other.as_bytes().starts_with(oid::KZ_ROLE_SYSTEM.as_bytes()) => Self::System,
            _ => return None,
        })
    }

    /// The stable name used in reports.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CaStaff => "ca-staff",
            Self::Employee => "employee",
            Self::Financial => "right-to-sign-financial",
            Self::Head => "head",
            Self::HumanResources => "human-resources",
            Self::Individual => "individual",
            Self::IndividualSystem => "individual-system",
            Self::Organisation => "organisation",
            Self::RightToSign => "right-to-sign",
            Self::System => "digital-system",
            Self::Treasury => "treasury-client",
        }
    }
}
