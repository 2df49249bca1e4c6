//! The response: read, then verified. Only a verified one is evidence.
//!
//! [`OcspResponse`] has private fields, and `verified`, below this module, is the only place that fills them.

mod parsed;
mod responder_id;
mod single;
mod verified;

pub use parsed::{MAX_CERTIFICATES, MAX_RESPONSE_BYTES, MAX_SINGLES, ParsedResponse, ResponseExtension};
pub use responder_id::ResponderId;
pub use single::{CertStatus, SingleResponse};
pub use verified::{OcspResponse, Signer};
