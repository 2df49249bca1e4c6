//! Timestamp tokens and responses (RFC 3161).
//!
//! A [`Token`] is CMS with a `TSTInfo` inside. Reading believes nothing: the judgement verifies the signature of the
//! authority, its certificate, and with [`Token::check_imprint`] that the token is about what it should be about.

mod response;
mod token;
mod tst_info;

pub use response::{Response, Status};
pub use token::{ImprintFault, Token};
pub use tst_info::Accuracy;
