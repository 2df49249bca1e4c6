//! Budgets: what a stranger's CMS may cost before a signature was verified.

use crate::der::Limits;

/// Octets of everything but the content: certificates, revocation lists, signatures. The National CA's full list, which
/// long-term forms may carry, has about 22 MB.
pub(super) const MAX_TAIL: usize = 32 * 1024 * 1024;

/// For BER beside the content, all of which is looked at. A list of half a million entries has two million elements.
pub(super) const TAIL_LIMITS: Limits = Limits { bytes: MAX_TAIL, depth: 64, elements: 4 * 1024 * 1024 };

/// Octets of the digestAlgorithms, of an object identifier, of a version.
pub(super) const MAX_HEAD: usize = 4096;

/// Strings in strings in the content; writers that stream need two.
pub(super) const MAX_CONTENT_DEPTH: usize = 16;

/// Signers of a document with their counter-signers, those that cannot be read among them. Each costs up to four
/// verifications, half a millisecond for GOST, and a search for paths. Minutes that a whole meeting signed have a hundred.
pub(super) const MAX_SIGNERS: usize = 256;

/// Octets that values without signed attributes may be over together, beyond the first: RSA and the curves of NIST hash the
/// whole content again for each of them.
pub(super) const MAX_BARE: u64 = 64 * 1024 * 1024;

/// Counter-signatures over counter-signatures.
pub(super) const MAX_COUNTER_DEPTH: usize = 4;

/// Attributes of one signer, signed or unsigned; real ones have under ten.
pub(super) const MAX_ATTRIBUTES: usize = 64;

/// Values of all signed, or of all unsigned, attributes of one signer together. A timestamp, a counter-signature is one; each
/// keeps far more memory than the two octets that an empty one takes.
pub(super) const MAX_VALUES: usize = 128;

/// Octets of the signed attributes, which may hold timestamps over the content; real ones have under 300.
pub(super) const MAX_SIGNED_ATTRIBUTES: usize = 256 * 1024;

/// Octets of a signature value; RSA of 8192 bits has 1024.
pub(super) const MAX_SIGNATURE: usize = 4096;

/// Timestamps of one signer, of all kinds.
pub(super) const MAX_TIMESTAMPS: usize = 32;

/// Octets hashed for the archive timestamps of a document, each of which is over the signer and an index of what travels
/// beside: certificates and lists once for a hash, unsigned attributes once for a timestamp.
pub(super) const MAX_ARCHIVED: usize = 4 * MAX_TAIL;

/// Certificates in a document: of every signer, of its timestamp authority, and those above them.
pub(super) const MAX_CERTIFICATES: usize = 1024;

/// Revocation lists and OCSP responses in a document, of each.
pub(super) const MAX_REVOCATION_VALUES: usize = 512;
