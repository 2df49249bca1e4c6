//! Who must have signed a submission, as data: it follows from the way that the submission came in.
//!
//! | channel | signer |
//! |---|---|
//! | portal | the applicant, by IIN or BIN; where a representative is named, the person of that IIN instead |
//! | centre | an operator of the State corporation: the certificate's BIN is that of a configured centre, its role among the centre's roles |
//! | provider | an employee of the provider, in the same way |
//!
//! At a counter the operator signs for whoever stands there, so that the applicant is the subject of the submission and not
//! compared with the certificate. An office that nobody configured has no operators.

use super::services::{ApplicantKind, Channel};
use crate::iin::{Bin, Iin};
use crate::subject::{Role, Subject};
use crate::verdict::Reason;

/// Whom a submission is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applicant {
    /// A legal entity.
    Organisation(Bin),
    /// An individual.
    Person(Iin),
}

impl Applicant {
    /// The kind of number that the applicant goes by.
    #[must_use]
    pub const fn kind(self) -> ApplicantKind {
        match self {
            Self::Organisation(_) => ApplicantKind::Bin,
            Self::Person(_) => ApplicantKind::Iin,
        }
    }
}

/// An organisation whose staff enters submissions of others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Office {
    /// Its numbers: branches have their own.
    pub bins: Vec<Bin>,
    /// Roles one of which the certificate has to carry.
    pub roles: Vec<Role>,
}

impl Office {
    /// The roles of an office that does not say: the head, an employee, an employee with the right to sign.
    pub const USUAL_ROLES: [Role; 3] = [Role::Employee, Role::Head, Role::RightToSign];

    fn employs(&self, bin: Bin, roles: &[Role]) -> bool {
        self.bins.contains(&bin) && roles.iter().any(|role| self.roles.contains(role))
    }
}

/// The offices of one installation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Offices {
    /// Of the State corporation.
    pub centres: Vec<Office>,
    /// Of the providers of services.
    pub providers: Vec<Office>,
}

/// Who must have signed.
#[derive(Clone, Copy, Debug)]
pub enum Signatory<'a> {
    /// The organisation of this number: anybody whose certificate carries it.
    Organisation(Bin),
    /// An operator of one of these offices.
    Operator {
        /// The way that the submission came in, for the words.
        channel: Channel,
        /// The offices.
        offices: &'a [Office],
    },
    /// The person of this number.
    Person(Iin),
}

/// Why a signer is not who must have signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatoryProblem {
    /// The certificate carries another number than the one asked for.
    #[error("the certificate is of another {}", .0.as_str().to_uppercase())]
    Another(ApplicantKind),
    /// The certificate carries no number of the kind asked for.
    #[error("the certificate carries no {}", .0.as_str().to_uppercase())]
    Missing(ApplicantKind),
    /// The certificate's organisation is none of the offices.
    #[error("the organisation of the certificate is no configured office of this channel")]
    NoOffice(Channel),
    /// The organisation is an office, the role is none of those that may enter submissions.
    #[error("the role in the certificate may not enter submissions at the office")]
    WrongRole(Channel),
}

impl SignatoryProblem {
    /// The reason for the refusal.
    #[must_use]
    pub fn reason(self) -> Reason {
        match self {
            Self::Another(kind) => Reason::identity_mismatch(kind.number_term()),
            Self::Missing(kind) => Reason::identity_missing(kind.number_term()),
            Self::NoOffice(channel) | Self::WrongRole(channel) => Reason::not_of_the_office(channel.term()),
        }
    }
}

impl<'a> Signatory<'a> {
    /// Who must have signed a submission for `applicant` that came in by `channel`.
    #[must_use]
    pub fn of(channel: Channel, applicant: Applicant, representative: Option<Iin>, offices: &'a Offices) -> Self {
        match (channel, representative, applicant) {
            (Channel::Centre, ..) => Self::Operator { channel, offices: &offices.centres },
            (Channel::Provider, ..) => Self::Operator { channel, offices: &offices.providers },
            (Channel::Portal, Some(iin), _) | (Channel::Portal, None, Applicant::Person(iin)) => Self::Person(iin),
            (Channel::Portal, None, Applicant::Organisation(bin)) => Self::Organisation(bin),
        }
    }

    /// Whether the certificate of `subject` is that of the signatory.
    ///
    /// # Errors
    ///
    /// [`SignatoryProblem`]. A subject whose numbers cannot be relied on matches nobody.
    pub fn check(&self, subject: &Subject) -> Result<(), SignatoryProblem> {
        match *self {
            Self::Person(iin) => same(iin, subject.iin(), ApplicantKind::Iin),
            Self::Organisation(bin) => same(bin, subject.bin(), ApplicantKind::Bin),
            Self::Operator { channel, offices } => {
                let Some(bin) = subject.bin() else { return Err(SignatoryProblem::Missing(ApplicantKind::Bin)) };
                if offices.iter().any(|office| office.employs(bin, subject.roles())) {
                    Ok(())
                } else if offices.iter().any(|office| office.bins.contains(&bin)) {
                    Err(SignatoryProblem::WrongRole(channel))
                } else {
                    Err(SignatoryProblem::NoOffice(channel))
                }
            }
        }
    }
}

/// Who signed, to tell whether it was the same each time: a person by the IIN, whatever the organisation; a digital system
/// by its own identifier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signer {
    /// A person.
    Person(Iin),
    /// A digital system of an organisation.
    System(Bin, Option<String>),
}

impl Signer {
    /// Whom a certificate names; `None` without a number that can be relied on.
    #[must_use]
    pub fn of(subject: &Subject) -> Option<Self> {
        let system = || subject.bin().map(|bin| Self::System(bin, subject.system().map(str::to_owned)));
        subject.iin().map(Self::Person).or_else(system)
    }
}

fn same<T: PartialEq>(asked: T, found: Option<T>, kind: ApplicantKind) -> Result<(), SignatoryProblem> {
    match found {
        None => Err(SignatoryProblem::Missing(kind)),
        Some(found) if found == asked => Ok(()),
        Some(_) => Err(SignatoryProblem::Another(kind)),
    }
}

#[cfg(test)]
mod tests;
