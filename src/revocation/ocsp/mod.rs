//! Online status (OCSP, RFC 6960 and 9654): asked, verified, judged.
//!
//! The life of a response: [`OcspRequest`] asks for one certificate; [`ParsedResponse::read`] reads the bytes that come
//! back, strictly and under a budget; [`ParsedResponse::verify`] decides whether the authority itself, or a responder
//! that it has delegated to, signed them, and is the only maker of an [`OcspResponse`]. [`Responses`] is what is at hand
//! for one question, from files or from the [`OcspClient`], and [`Responses::status`] says what it comes to.
//!
//! What is not known is never «good»: a response about another certificate, signed by somebody else, dated ahead of the
//! clock or lapsed is [`OcspStatus::Unavailable`]. «Unknown» and «never issued» are answers with authority.
//!
//! Divergences from the letter of RFC 6960, each for responders of the National CA or to fail closed:
//!
//! * 4.2.2.1: a response without nextUpdate is good for [`OcspRules::max_age`] after thisUpdate.
//! * 2.2: revoked on 1970-01-01 with certificateHold means «never issued» with or without the extended-revoke extension,
//!   which the National CA always sends.
//! * 4.2.2.2: the authority's own key signs without extKeyUsage; a delegate's evidence ends with its certificate.
//! * 4.2.2.2.1: a delegate without id-pkix-ocsp-nocheck counts only if the caller vouches for it ([`Standing`]).
//! * 4.2.1: `version` may be written although it is the default; critical extensions that are not known refuse all.

mod cert_id;
mod client;
mod error;
mod extension;
mod judge;
mod known;
mod nonce;
mod oid;
mod request;
mod response;
mod responses;
mod status;

pub use cert_id::{CertId, IdHash};
pub use client::{
    AskError, AskFailure, BreakerSettings, ClientSettings, Counters, FailureCause, OcspClient, OcspFigures,
};
pub use error::{DelegateError, ErrorStatus, OcspError};
pub use known::KnownResponders;
pub use nonce::{Nonce, NoncePolicy};
pub use request::OcspRequest;
pub use response::{
    CertStatus, MAX_CERTIFICATES, MAX_RESPONSE_BYTES, MAX_SINGLES, OcspResponse, ParsedResponse, ResponderId,
    ResponseExtension, Signer, SingleResponse,
};
pub use responses::{MAX_VERIFIED, Responses};
pub use status::{Answer, OcspRules, OcspStatus, Standing, Unavailable};
