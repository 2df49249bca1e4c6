//! Archive timestamps of version 3 (EN 319 122-1 clause 5.5), at the only signer of a message.

use crate::cms::{self, Cms, Signer};
use crate::der;
use crate::hash::Hash;
use crate::tsp::TokenBuilder;

/// `ATSHashIndexV3` by SHA-256: what the timestamp covers beside content and signer. What is taken out is not named, what is
/// changed is named wrongly.
#[derive(Clone, Debug)]
pub struct HashIndex {
    /// Hashes of the certificates.
    pub certificates: Vec<Vec<u8>>,
    /// Hashes of the revocation values.
    pub revocation: Vec<Vec<u8>>,
    /// Hashes of the values of unsigned attributes, each with its type.
    pub attributes: Vec<Vec<u8>>,
}

impl HashIndex {
    /// Of everything that travels with the signer of `message`.
    pub fn of(message: &Cms) -> HashIndex {
        let signer = &message.signers[0];
        let value = signer.fields(&message.content_type, &message.content).1;
        let hashes = |elements: &[Vec<u8>]| elements.iter().map(|element| Hash::Sha256.digest(element)).collect();
        let attributes: Vec<Vec<u8>> = signer.unsigned.iter().map(|make| cms::type_and_value(&make(&value))).collect();
        HashIndex {
            certificates: hashes(&message.certificates),
            revocation: hashes(&message.revocation),
            attributes: hashes(&attributes),
        }
    }

    /// Its encoding.
    pub fn encode(&self) -> Vec<u8> {
        let named =
            |hashes: &[Vec<u8>]| der::sequence(&hashes.iter().map(|hash| der::octet_string(hash)).collect::<Vec<_>>());
        der::sequence(&[
            der::sequence(&[der::oid(Hash::Sha256.oid())]),
            named(&self.certificates),
            named(&self.revocation),
            named(&self.attributes),
        ])
    }
}

/// What an archive timestamp with this index is over, at the signer of `message` and for `content`.
pub fn stamped(message: &Cms, content: &[u8], index: &HashIndex) -> Vec<u8> {
    let fields = message.signers[0].fields(&message.content_type, &message.content).0;
    [der::oid(&message.content_type), Hash::Sha256.digest(content), fields, index.encode()].concat()
}

/// The message with the token, which gets this index, as an archive timestamp.
pub fn attach(message: Cms, token: TokenBuilder, index: Option<Vec<u8>>) -> Cms {
    let signer = match index {
        None => token.signer.clone(),
        Some(index) => {
            let attribute = cms::attribute(cms::ATS_HASH_INDEX_V3, &[index]);
            token.signer.clone().unsigned(move |_| attribute.clone())
        }
    };
    let attribute = cms::attribute(cms::ARCHIVE_TIMESTAMP_V3, &[TokenBuilder { signer, ..token }.encode()]);
    let signers: Vec<Signer> = message
        .signers
        .iter()
        .map(|signer| {
            signer.clone().unsigned({
                let attribute = attribute.clone();
                move |_| attribute.clone()
            })
        })
        .collect();
    Cms { signers, ..message }
}
