//! Where the arithmetic expects to be: in a module of this name.

#[expect(dead_code, unused_imports, reason = "only signing on one curve is measured")]
#[path = "../../src/crypto/gost/mod.rs"]
mod gost;

use gost::CurveName;

/// Octets of randomness for a signature.
pub const FRESH: usize = gost::FRESH;

/// A private key of the 512-bit curve A.
pub struct Key(Box<dyn gost::PrivateKey>);

impl Key {
    /// Reads d, little-endian.
    pub fn new(d: &[u8]) -> Option<Self> {
        gost::private_key(CurveName::Tc26Set512A, d).ok().map(Self)
    }

    /// r || s over a digest, not verified.
    pub fn sign(&self, digest: &[u8], fresh: &[u8; FRESH]) -> Option<Vec<u8>> {
        self.0.sign(digest, Some(fresh))
    }
}
