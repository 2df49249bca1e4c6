//! Timestamp tokens and responses (RFC 3161), and the certificates of their authorities: good ones as the National CA's,
//! and any other.

use crate::authority::Authority;
use crate::certificate::CertificateBuilder;
use crate::cms::{Cms, Signed, Signer};
use crate::der;
use crate::extension::Extension;
use crate::hash::Hash;
use crate::key::Key;
use crate::name::Name;

/// id-kp-timeStamping.
pub const TIME_STAMPING: &str = "1.3.6.1.5.5.7.3.8";
/// id-ct-TSTInfo.
pub const TST_INFO: &str = "1.2.840.113549.1.9.16.1.4";
/// The policy of the National CA for GOST 34.10-2015.
pub const POLICY: &str = "1.2.398.3.3.2.6.4";

/// A token to be. Fields hold encoded TLVs.
#[derive(Clone)]
pub struct TokenBuilder {
    /// version.
    pub version: Vec<u8>,
    /// policy.
    pub policy: Vec<u8>,
    /// messageImprint.
    pub imprint: Vec<u8>,
    /// serialNumber.
    pub serial: Vec<u8>,
    /// genTime.
    pub gen_time: Vec<u8>,
    /// What stands between genTime and the end: accuracy, ordering, nonce, tsa, extensions, in their order.
    pub rest: Vec<Vec<u8>>,
    /// The authority's signer.
    pub signer: Signer,
    /// What to do to the message around it.
    pub message: Cms,
}

impl TokenBuilder {
    /// A token over the digest of `stamped` by the authority's own hash, without a nonce.
    pub fn new(key: &Key, certificate: &[u8], stamped: &[u8], gen_time: &str) -> TokenBuilder {
        let signer = Signer::new(key, certificate);
        let hash = signer.hash;
        let signer = signer.without(&Signed::SigningCertificateV2).with(Signed::SigningCertificate);
        let message = Cms { version: 3, content_type: TST_INFO.to_owned(), ..Cms::over(&[]) };
        TokenBuilder {
            version: der::integer(1),
            policy: der::oid(POLICY),
            imprint: imprint(hash, &hash.digest(stamped)),
            serial: der::integer(0x1234_5678_9abc),
            gen_time: crate::ocsp::generalized(gen_time),
            rest: Vec::new(),
            signer,
            message: message.certificate(certificate),
        }
    }

    /// Over a digest by another hash.
    pub fn imprint(self, hash: Hash, digest: &[u8]) -> TokenBuilder {
        TokenBuilder { imprint: imprint(hash, digest), ..self }
    }

    /// With one more field after genTime.
    pub fn with(mut self, field: Vec<u8>) -> TokenBuilder {
        self.rest.push(field);
        self
    }

    /// The encoded `TSTInfo`.
    pub fn info(&self) -> Vec<u8> {
        let fields = [&self.version, &self.policy, &self.imprint, &self.serial, &self.gen_time];
        let mut all: Vec<Vec<u8>> = fields.into_iter().cloned().collect();
        all.extend(self.rest.iter().cloned());
        der::sequence(&all)
    }

    /// The token.
    pub fn encode(&self) -> Vec<u8> {
        Cms { content: self.info(), ..self.message.clone() }.signer(self.signer.clone()).encode()
    }
}

/// `MessageImprint`.
pub fn imprint(hash: Hash, digest: &[u8]) -> Vec<u8> {
    der::sequence(&[der::sequence(&[der::oid(hash.oid()), der::null()]), der::octet_string(digest)])
}

/// `TimeStampResp` of a status and perhaps a token.
pub fn response(status: u64, token: Option<&[u8]>) -> Vec<u8> {
    let status = der::sequence(&[der::integer(status)]);
    der::sequence(&[&status[..], token.unwrap_or_default()])
}

impl Authority {
    /// The certificate of a timestamp authority of this one: sole and critical extKeyUsage, keyUsage digitalSignature. Not
    /// issued yet.
    pub fn timestamp_authority(&self, common_name: &str, key: &Key) -> CertificateBuilder {
        CertificateBuilder::new(&Name::authority(common_name), key)
            .with(Extension::extended_key_usage(&[TIME_STAMPING]).critical())
            .with(Extension::key_usage(0x80))
    }
}
