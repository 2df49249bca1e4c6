//! What a signed document comes to, whatever its format.
//!
//! The formats (`cms`, `xmldsig`, `pdf`, `container`) read bytes into a [`SignedDocument`]: its signatures, never none, each
//! with the exact bytes under it, what it covers, and the evidence that travels with it. Nothing in it is believed. The one
//! thing that can be proved here is the cryptography: [`Signature::verify`] is the only maker of a [`VerifiedSignature`],
//! which holds the certificate whose key made the signature. Trust, time and revocation are the judgement's (`verify`).

mod bare_key;
mod content;
mod document;
mod error;
mod level;
mod making;
mod signature;
mod signer;
mod timestamp;

pub use bare_key::{BareKey, HeldByBareKey};
pub use content::{Detached, Document, Message, Reopen};
pub use document::{ContentBytes, Embedded, Format, Signatures, SignedContent, SignedDocument};
pub use error::{FormatError, SignatureFault};
pub use level::Level;
pub use making::{Draft, IssuedFacts, MakeError, Signer, Terms};
pub use signature::{Coverage, Integrity, Signature, ValueForm, VerifiedSignature};
pub use signer::{CertificateReference, SignerName};
pub use timestamp::{Covered, TimestampKind, TimestampToken};
