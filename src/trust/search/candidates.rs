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

/// How well the issuer is the one that authorityKeyIdentifier names: 0 every part of it agrees, 1 it says nothing, 2 one
/// part differs. A hint only (RFC 4158 3.5.12): real certificates carry wrong ones, and cross-certificates and renewed
/// ones of the same key have other issuers and serial numbers.
fn hint(certificate: &Certificate, issuer: &Certificate) -> u8 {
    let Some(named) = &certificate.extensions().authority_key_id else { return 1 };
    let key = named.key_id.as_ref().zip(issuer.extensions().subject_key_id.as_ref()).map(|(named, own)| named == own);
    let name = (!named.issuer.is_empty()).then(|| named.issuer.contains(issuer.issuer()));
    let serial = named.serial_number.map(|serial| serial == *issuer.serial_number());
    // The key tells more than which certificate of it: the other parts decide between certificates of one key.
    match (key, name.zip(serial).map(|(name, serial)| name && serial)) {
        (Some(true), Some(true) | None) | (None, Some(true)) => 0,
        (None, None) => 1,
        (Some(true), Some(false)) => 1,
        (Some(false), _) | (None, Some(false)) => 2,
    }
}
