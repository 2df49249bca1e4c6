//! The result of a search.

use super::anchor::Anchor;
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
}

impl Path {
    pub(super) fn new(certificates: &[Certificate], anchor: Anchor) -> Self {
        Self { certificates: certificates.into(), anchor }
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
