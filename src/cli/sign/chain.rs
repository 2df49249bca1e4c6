//! `--chain`: the certificates of the authorities above the holder.

use crate::x509::Certificate;

/// Links that are followed: Kazakh paths have one authority between the holder and the root.
const MAX_LINKS: usize = 8;

/// The certificates above `leaf` among `known`, each the issuer of the one before; without the root, which whoever verifies has
/// to know anyway.
pub fn above(leaf: &Certificate, known: &[Certificate]) -> Vec<Certificate> {
    let mut chain: Vec<Certificate> = Vec::new();
    let mut below = leaf;
    while chain.len() < MAX_LINKS {
        let Some(issuer) = known.iter().find(|one| has_issued(one, below)) else { break };
        if issuer.is_self_issued() || chain.iter().any(|seen| seen.sha256() == issuer.sha256()) {
            break;
        }
        chain.push(issuer.clone());
        below = issuer;
    }
    chain
}

fn has_issued(issuer: &Certificate, below: &Certificate) -> bool {
    let (Ok(key), Ok(algorithm)) = (issuer.public_key(), below.signature_algorithm()) else { return false };
    issuer.subject() == below.issuer() && key.verify(algorithm, below.tbs(), below.signature()).is_ok()
}
