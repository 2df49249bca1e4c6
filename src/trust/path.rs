//! The result of a search.

use super::anchor::{Anchor, AnchorRule};
use super::budget::Budget;
use super::policy::{self, PolicyError, PolicyInputs, ValidPolicies};
use crate::clock::Time;
use crate::x509::Certificate;

/// Most paths one search returns. Real hierarchies have one or two (old and new root); the caller tries them in
/// turn, because their validity periods and lists differ.
pub const MAX_PATHS: usize = 8;

/// A chain of certificates to an anchor, every signature in it verified. Only [`find_paths`](super::find_paths)
/// makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    certificates: Box<[Certificate]>,
    anchor: Anchor,
    rule: AnchorRule,
    policies: ValidPolicies,
}

impl Path {
    /// Judges the policies of a path of which everything else holds.
    pub(super) fn new(
        certificates: &[Certificate],
        anchor: Anchor,
        rule: AnchorRule,
        budget: &mut Budget,
    ) -> Result<Self, PolicyError> {
        let policies = evaluate(certificates, &anchor, rule, &PolicyInputs::default(), budget)?;
        Ok(Self { certificates: certificates.into(), anchor, rule, policies })
    }

    /// The certificate policies that hold for the path when nothing is asked of them.
    #[must_use]
    pub fn policies(&self) -> &ValidPolicies {
        &self.policies
    }

    /// The certificate policies that hold for the path under `inputs`. It costs as many steps as the path has policies and
    /// mappings; with the default inputs nothing, for [`Self::policies`] are known.
    ///
    /// # Errors
    ///
    /// [`PolicyError`] when a policy is demanded and none holds, or none of those asked for; never with the default inputs.
    pub fn policies_under(&self, inputs: &PolicyInputs) -> Result<ValidPolicies, PolicyError> {
        if inputs.is_default() {
            return Ok(self.policies.clone());
        }
        evaluate(&self.certificates, &self.anchor, self.rule, inputs, &mut Budget::DEFAULT.clone())
    }

    /// The leaf, then its issuers, without the anchor. Empty when the leaf is itself the anchor: nothing was
    /// verified then, and the caller decides whether an anchor may be asked about.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// The certificate that was asked about.
    #[must_use]
    pub fn leaf(&self) -> &Certificate {
        self.certificates.first().unwrap_or(self.anchor.certificate())
    }

    /// Where the path ends.
    #[must_use]
    pub fn anchor(&self) -> &Anchor {
        &self.anchor
    }

    /// Every certificate below the anchor with its issuer, the leaf first. Empty when the leaf is the anchor.
    pub fn links(&self) -> impl DoubleEndedIterator<Item = (&Certificate, &Certificate)> + ExactSizeIterator {
        self.certificates.iter().enumerate().map(|(index, certificate)| {
            (certificate, self.certificates.get(index + 1).unwrap_or(self.anchor.certificate()))
        })
    }

    /// The leaf's issuer; `None` when the leaf is the anchor.
    #[must_use]
    pub fn issuer(&self) -> Option<&Certificate> {
        self.links().next().map(|(_, issuer)| issuer)
    }

    /// Whether every certificate below the anchor is in its validity period.
    #[must_use]
    pub fn is_valid_at(&self, at: Time) -> bool {
        self.certificates.iter().all(|certificate| certificate.validity().contains(at))
    }
}

/// An anchor that is asked about itself is the only certificate of its path, and says for itself what its policies are.
fn evaluate(
    certificates: &[Certificate],
    anchor: &Anchor,
    rule: AnchorRule,
    inputs: &PolicyInputs,
    budget: &mut Budget,
) -> Result<ValidPolicies, PolicyError> {
    let constrains = (rule == AnchorRule::Checked).then_some(anchor.certificate());
    match certificates {
        [] => policy::evaluate(std::slice::from_ref(anchor.certificate()), None, inputs, budget),
        certificates => policy::evaluate(certificates, constrains, inputs, budget),
    }
}

/// The paths found, at least one, the preferred first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    first: Path,
    others: Box<[Path]>,
    complete: bool,
}

impl Paths {
    /// `None` when there is no path.
    pub(super) fn new(found: Vec<Path>, complete: bool) -> Option<Self> {
        let mut found = found.into_iter();
        Some(Self { first: found.next()?, others: found.collect(), complete })
    }

    /// The preferred path.
    #[must_use]
    pub fn first(&self) -> &Path {
        &self.first
    }

    /// All of them in order of preference, at most [`MAX_PATHS`].
    pub fn iter(&self) -> impl Iterator<Item = &Path> {
        std::iter::once(&self.first).chain(&self.others)
    }

    /// Whether these are all there are. If not, [`MAX_PATHS`] or the budget ended the search, and another
    /// [`at_hint`](super::SearchOptions::at_hint) might have found others.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.complete
    }
}

impl IntoIterator for Paths {
    type Item = Path;
    type IntoIter = std::iter::Chain<std::iter::Once<Path>, std::vec::IntoIter<Path>>;

    fn into_iter(self) -> Self::IntoIter {
        std::iter::once(self.first).chain(self.others.into_vec())
    }
}
