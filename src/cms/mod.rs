//! CMS signed data (RFC 5652) and `CAdES` (EN 319 122-1).
//!
//! [`read()`] makes a [`SignedDocument`](crate::signed::SignedDocument) of DER or BER, in memory or as a stream. What
//! is large, the content, is hashed once by each hash that a signer uses and never copied; the rest is bounded. DER in
//! memory is read where it lies (`outline`). Anything else goes through a `walker`, which takes the content away piece
//! by piece and rewrites what remains with definite lengths, so that from there on both ways are one: `signed_data`
//! reads certificates, revocation values and signers, `signature` makes the signatures.
//!
//! [`sign()`] and its like (`make`) write DER.

mod archive;
mod attributes;
mod content;
mod evidence;
mod facts;
mod limits;
mod make;
pub(crate) mod oid;
mod outline;
mod protection;
mod read;
mod reference;
mod signature;
mod signed_data;
mod signer_info;
mod stamp;
mod unsigned;
mod walker;

pub use make::{Profile, Signing, digest_algorithm, extend_with_evidence, extend_with_timestamp, sign, sign_digest};
pub use read::read;
pub(crate) use read::{Opened, armour, open};
pub use unsigned::unsigned_kind;
