//! Why a key is not had.

use crate::crypto::SigningKeyError;
use crate::der::DerError;

/// Why a key cannot be opened. No text here holds a secret, a name of a person or a number of one.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// A kind of key, cipher or hash that is not used here, by its name.
    #[error("{0} is not supported for signing here")]
    Algorithm(String),
    /// Several keys with certificates, and nothing says which: the serial numbers of the certificates, or the labels of a
    /// token's objects.
    #[error("several keys fit, and none is named: {}", .0.join(", "))]
    Ambiguous(Vec<String>),
    /// The token or HSM does not do what it should: the text is its own.
    #[error("the token fails: {0}")]
    Device(String),
    /// The file would cost more work than a key store of anybody does: more iterations than allowed.
    #[error("the file asks for more work than {limit} iterations")]
    Expensive {
        /// The iterations that are allowed for one file.
        limit: u64,
    },
    /// Not what it should be: why.
    #[error("not well-formed: {0}")]
    Malformed(String),
    /// A PKCS#11 library that cannot be loaded or started: its path and why.
    #[error("the PKCS#11 library {path} cannot be used: {why}")]
    Module {
        /// Where it was looked for.
        path: String,
        /// What the loader or the library says.
        why: String,
    },
    /// No certificate beside the key.
    #[error("there is a key, and no certificate with it")]
    NoCertificate,
    /// No private key.
    #[error("there is no private key")]
    NoKey,
    /// The certificate is another key's.
    #[error("the certificate belongs to another key")]
    OtherKey,
    /// There is a password on it, and none was given.
    #[error("a password is needed, and none was given")]
    PasswordRequired,
    /// The token has one attempt left before it locks itself.
    #[error("the token would lock itself after one more wrong PIN; it is not tried")]
    PinLastTry,
    /// The token is locked.
    #[error("the token is locked after wrong PINs")]
    PinLocked,
    /// The token says that the PIN is wrong. It is not tried again.
    #[error("the PIN is wrong")]
    PinWrong,
    /// No token with that label or serial number is there now.
    #[error("{0} is not there")]
    TokenAbsent(String),
    /// Nothing keeps others from having altered the file: a key store without a MAC.
    #[error("the key store has no MAC, so that nothing shows whether it was altered")]
    Unprotected,
    /// The name given is none of the key's.
    #[error("no key is called «{name}»; there are: {}", .there.join(", "))]
    UnknownAlias {
        /// The name that was asked for.
        name: String,
        /// The names there are.
        there: Vec<String>,
    },
    /// The file cannot be read: its path and why.
    #[error("{path} cannot be read: {why}")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system says.
        why: String,
    },
    /// The password does not open it.
    #[error("the password is wrong")]
    WrongPassword,
}

impl KeyError {
    /// What can be done about it.
    #[must_use]
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Algorithm(_) => "use a key of RSA, ECDSA P-256 or P-384, Ed25519 or GOST 34.10-2015",
            Self::Ambiguous(_) => "name one of them",
            Self::Device(_) => "look at the token with the tools of its maker",
            Self::Expensive { .. } => "write the file anew with fewer iterations",
            Self::Malformed(_) => "give the file as the National CA or openssl wrote it",
            Self::Module { .. } => "install the library of the token's maker, or correct the path",
            Self::NoCertificate => "put the certificate into the file or the token, or name a file with it",
            Self::NoKey => "give the file or the token that holds the private key",
            Self::OtherKey => "give the certificate that was issued for this key",
            Self::PasswordRequired => "give a password file, an environment variable, or type it",
            Self::PinLastTry => "log in by hand with the right PIN first",
            Self::PinLocked => "unlock it with the tools of its maker",
            Self::PinWrong | Self::WrongPassword => "correct the password; letters count as they are written",
            Self::TokenAbsent(_) => "plug it in; it is looked for at each use",
            Self::Unprotected => "write the key store anew with a MAC",
            Self::UnknownAlias { .. } => "use one of the names, or none if there is one key",
            Self::Unreadable { .. } => "correct the path or the rights",
        }
    }

    /// Whether it may go away by itself, so that trying again makes sense. A wrong PIN never does: trying it again locks
    /// the token.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        matches!(self, Self::Device(_) | Self::Module { .. } | Self::TokenAbsent(_))
    }

    pub(super) fn malformed(why: impl Into<String>) -> Self {
        Self::Malformed(why.into())
    }
}

impl From<DerError> for KeyError {
    fn from(error: DerError) -> Self {
        Self::Malformed(error.to_string())
    }
}

impl From<SigningKeyError> for KeyError {
    fn from(error: SigningKeyError) -> Self {
        match error {
            SigningKeyError::NotAllowed(name) => Self::Algorithm(format!("a key of algorithm {name}")),
            SigningKeyError::Malformed(why) => Self::malformed(why),
        }
    }
}
