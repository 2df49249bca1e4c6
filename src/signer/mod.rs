//! Keys by handle: containers, tokens and HSMs, opened once, used by name.
//!
//! A [`SigningIdentity`] is a certificate with its private key; the key never leaves it. How documents are signed with it is
//! the formats' (`cms`, `xmldsig`, `pdf`).
//!
//! The life of a key: the configuration names a [`KeySource`] and a [`PasswordSource`]; [`open`] makes an identity of them,
//! which `service::signing::HeldKey` keeps under a name until the end. Keys of files lie in memory and are zeroised when dropped; keys of
//! tokens stay there, and the token is looked for again when it was away. Nothing here logs or prints a secret, and no
//! error has one.

mod error;
mod identity;
mod password;
mod pbe;
mod pem;
pub mod pkcs11;
pub mod pkcs12;
pub mod pkcs8;
mod source;
pub mod timestamp;

pub use error::KeyError;
pub use identity::SigningIdentity;
pub use password::{Obtained, Password, PasswordError, PasswordSource};
pub use pkcs11::TokenSource;
pub use source::{KeySource, open, open_pkcs12};
