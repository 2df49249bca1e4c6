//! Timestamp tokens and responses (RFC 3161).
//!
//! A [`Token`] is CMS with a `TSTInfo` inside. Reading believes nothing: the judgement verifies the signature of the
//! authority, its certificate, and with [`Token::check_imprint`] that the token is about what it should be about.
//!
//! A [`Request`] is what an authority is asked; [`Request::check`] matches its answer.

mod authority;
mod request;
mod response;
mod token;
mod tst_info;

pub use authority::{AuthorityFault, PurposeFault, check_name, check_purpose};
pub use request::{Nonce, Request, RequestFault};
pub use response::{Response, Status};
pub use token::{ImprintFault, Token};
pub use tst_info::Accuracy;
