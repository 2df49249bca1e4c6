//! The certificates that may have issued evidence about those of a document: some are known, the rest it carries.

use std::collections::HashSet;

use super::Lists;
use crate::revocation::{Snapshot, Vouched};
use crate::verify::document::Established;
use crate::x509::{Certificate, Name};

/// Certificates, each once: those that are known, those on the paths of a document, and what else it carries.
pub(super) struct Issuers {
    all: Vec<Certificate>,
    /// How many of them are known.
    known: usize,
    /// Those of all paths of the signers and of the authorities of timestamps.
    of_paths: Vec<Certificate>,
}

impl Issuers {
    pub(super) fn new(
        known: impl Iterator<Item = Certificate>,
        established: &[Established],
        carried: impl Iterator<Item = Certificate>,
    ) -> Self {
        // A certificate that is known already is no second one of its name, for which paths would have to be searched.
        let mut seen: HashSet<[u8; 32]> = HashSet::new();
        let mut all: Vec<Certificate> = known.filter(|one| seen.insert(*one.sha256())).collect();
        let known = all.len();
        let of_paths = of_paths(established);
        all.extend(of_paths.iter().cloned().chain(carried).filter(|one| seen.insert(*one.sha256())));
        Self { all, known, of_paths }
    }

    /// All of them, those that are known first.
    pub(super) fn all(&self) -> &[Certificate] {
        &self.all
    }

    /// Those that the document carries, the ones on its paths first.
    pub(super) fn carried(&self) -> &[Certificate] {
        self.all.get(self.known..).unwrap_or_default()
    }

    /// Those that have signed lists and whose paths are worth a search: lists that were given and are `bound` here, lists that
    /// the document brings, and of those `at_hand`, whose paths were searched, the ones of which the document may bring another
    /// key of the issuer. What a service keeps is told by its configuration alone.
    pub(super) fn to_be_vouched(
        &self,
        bound: Option<&Snapshot>,
        brought: &Snapshot,
        at_hand: &Lists,
    ) -> Vec<&Certificate> {
        let mut signers: Vec<&Certificate> = bound.map_or_else(Vec::new, |lists| lists.to_be_vouched(&self.all));
        signers.extend(brought.to_be_vouched(&self.all));
        if let Lists::Fixed(lists) = at_hand {
            let asked: HashSet<&Name> = self.of_paths.iter().map(Certificate::issuer).collect();
            let names: HashSet<&Name> =
                self.carried().iter().map(Certificate::subject).filter(|name| asked.contains(name)).collect();
            let of_lists = if names.is_empty() { Vec::new() } else { lists.to_be_vouched(&self.all) };
            signers.extend(of_lists.into_iter().filter(|signer| names.contains(signer.subject())));
        }
        let mut seen: HashSet<[u8; 32]> = HashSet::new();
        signers.retain(|signer| seen.insert(*signer.sha256()));
        signers
    }

    /// The keys on the paths of the document, and on those of issuers of lists.
    pub(super) fn keys_on_paths(&self, vouched: &Vouched) -> HashSet<[u8; 32]> {
        let own = self.of_paths.iter().filter_map(|certificate| certificate.public_key().ok());
        own.map(|key| *key.spki_sha256()).chain(vouched.keys()).collect()
    }
}

fn of_paths(established: &[Established]) -> Vec<Certificate> {
    let mut seen: HashSet<[u8; 32]> = HashSet::new();
    let chains = established.iter().flat_map(Established::chains).flat_map(|chains| chains.iter());
    let all = chains.flat_map(|chain| chain.path().certificates());
    all.filter(|certificate| seen.insert(*certificate.sha256())).cloned().collect()
}
