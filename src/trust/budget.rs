//! How much work one search may cost, whatever a stranger sends along.

/// The limits of one search. The work done is counted over the whole search, not per path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Signatures verified. 100 as in Go's crypto/x509 (`maxChainSignatureChecks`) and webpki, against chains of
    /// same-name issuers; a real search needs two to four.
    pub signatures: u32,
    /// Issuer candidates tried, with or without a signature. Ten for each signature: results of signatures are
    /// remembered, so that a mesh of cross-certificates can be walked many times for free.
    pub candidates: u32,
    /// Pairs of a name and a constraint on it. 250 000 as in Go's crypto/x509 and webpki, against thousands of
    /// names under thousands of constraints.
    pub name_comparisons: u32,
    /// Nodes and edges of the graphs of certificate policies. A certificate of 64 KiB has room for some 5000 policies or
    /// mappings, a real one has a handful; OpenSSL allows 1000 nodes a path.
    pub policy_nodes: u32,
    /// Intermediates on one path that are not self-issued. 8 as in pyca/cryptography; webpki allows 6, the
    /// hierarchies of the National CA have one.
    pub intermediates: usize,
}

impl Budget {
    /// What the service runs with.
    pub const DEFAULT: Self =
        Self { signatures: 100, candidates: 1000, name_comparisons: 250_000, policy_nodes: 50_000, intermediates: 8 };
}

impl Default for Budget {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What of a [`Budget`] ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Resource {
    /// [`Budget::candidates`].
    Candidates,
    /// [`Budget::name_comparisons`].
    NameComparisons,
    /// [`Budget::policy_nodes`].
    PolicyNodes,
    /// [`Budget::signatures`].
    Signatures,
}

impl Budget {
    /// Takes `count` of `resource`.
    ///
    /// # Errors
    ///
    /// The resource, once there is less left than asked for; it is then empty.
    pub(super) fn spend(&mut self, resource: Resource, count: usize) -> Result<(), Resource> {
        let left = match resource {
            Resource::Candidates => &mut self.candidates,
            Resource::NameComparisons => &mut self.name_comparisons,
            Resource::PolicyNodes => &mut self.policy_nodes,
            Resource::Signatures => &mut self.signatures,
        };
        match u32::try_from(count).ok().and_then(|count| left.checked_sub(count)) {
            Some(rest) => {
                *left = rest;
                Ok(())
            }
            None => {
                *left = 0;
                Err(resource)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_overdrawn_budget_stays_empty() {
        let mut budget = Budget { signatures: 2, ..Budget::DEFAULT };
        assert_eq!(budget.spend(Resource::Signatures, 1), Ok(()));
        assert_eq!(budget.spend(Resource::Signatures, 2), Err(Resource::Signatures));
        assert_eq!(budget.spend(Resource::Signatures, 1), Err(Resource::Signatures));
        assert_eq!(budget.spend(Resource::NameComparisons, usize::MAX), Err(Resource::NameComparisons));
        assert_eq!(budget.spend(Resource::Candidates, 1000), Ok(()));
    }
}
