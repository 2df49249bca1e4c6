//! Who may have issued a certificate, by name, and in which order to ask.

use std::cmp::Reverse;

use super::Search;
use crate::trust::anchor::Anchor;
use crate::x509::Certificate;

/// A possible issuer; an anchor if it has one.
pub(super) struct Candidate {
    pub(super) certificate: Certificate,
    pub(super) anchor: Option<Anchor>,
}

impl Search<'_> {
    /// Everyone bearing the issuer's name, best guesses first, and whether one was left out because it stands on
    /// the chain already.
    pub(super) fn candidates(&self, certificate: &Certificate) -> (Vec<Candidate>, bool) {
        let name = certificate.issuer();
        // An empty name names nobody (RFC 5280 4.1.2.4).
        if name.is_empty() {
            return (Vec::new(), false);
        }
        let mut candidates: Vec<Candidate> = self
            .pool
            .anchors_named(name)
            .filter(|anchor| !self.chain.contains(anchor.certificate()))
            .map(|anchor| Candidate { certificate: anchor.certificate().clone(), anchor: Some(anchor.clone()) })
            .collect();
        let mut looped = false;
        let configured = self.pool.intermediates_named(name);
        let sent = self.extra.get(name).into_iter().flatten().copied();
        for intermediate in configured.chain(sent) {
            let known = candidates.iter().any(|candidate| {
                candidate.certificate == *intermediate
                    && candidate
                        .anchor
                        .as_ref()
                        .is_none_or(|anchor| anchor.purposes().intersects(self.options.purposes))
            });
            if self.is_on_chain(intermediate) {
                looped = true;
            } else if !known {
                candidates.push(Candidate { certificate: intermediate.clone(), anchor: None });
            }
        }
        candidates.sort_by_key(|candidate| {
            (
                hint(certificate, &candidate.certificate),
                !candidate.certificate.validity().contains(self.options.at_hint),
                candidate.anchor.is_none(),
                Reverse(candidate.certificate.validity().not_before),
            )
        });
        (candidates, looped)
    }

    /// The same certificate, or the same name with the same key (another certificate of the same authority).
    fn is_on_chain(&self, certificate: &Certificate) -> bool {
        let key_of = |certificate: &Certificate| certificate.public_key().ok().map(|key| *key.spki_sha256());
        let key = key_of(certificate);
        self.chain.iter().any(|known| {
            known == certificate || (key.is_some() && key_of(known) == key && known.subject() == certificate.subject())
        })
    }
}

/// How well the key identifiers agree: 0 they are equal, 1 one is absent, 2 they differ. A hint only (RFC 4158
/// 3.5.12): real certificates carry wrong ones.
fn hint(certificate: &Certificate, issuer: &Certificate) -> u8 {
    let wanted = certificate.extensions().authority_key_id.as_ref().and_then(|id| id.key_id.as_ref());
    match (wanted, &issuer.extensions().subject_key_id) {
        (Some(wanted), Some(have)) if wanted == have => 0,
        (Some(_), Some(_)) => 2,
        _ => 1,
    }
}
