//! Keys in tokens and HSMs, by PKCS#11 (OASIS, version 2.40 and 3.x): they never leave them.
//!
//! `open` finds the token, logs in, finds the key and its certificate, and lets the key sign something that is verified
//! under the certificate: what does not work shows at the start. Then a few threads hold a session each (`workers`) and
//! sign for whoever asks; a library that hangs holds up them and nobody else. When the token was away (unplugged, the HSM
//! restarted, the session lost), the next signature opens it anew, and starts the library anew where that is needed
//! (`opener`, `library`). A PIN that the token refused once is never tried again.
//!
//! Not for keys that ask for the PIN at each signature, and not for GOST, for which PKCS#11 has no common mechanism: both
//! are refused by name.

mod fault;
mod library;
mod method;
mod opener;
mod token;
mod workers;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use self::fault::Fault;
use self::library::Library;
use self::method::Method;
use self::opener::Opener;
use self::token::Live;
use self::workers::Workers;
use super::error::KeyError;
use super::identity::SigningIdentity;
use super::password::Password;
use super::pkcs8::read_certificates;
use super::pkcs12::hex;
use super::source::read_file;
use crate::crypto::{PublicKey, SignError, SignatureAlgorithm};
use crate::x509::Certificate;

/// What a key has to sign when it is opened. No document begins so.
const PROBE: &[u8] = b"rastau: does this certificate belong to this key?";

/// A key in a token, as data for the configuration.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TokenSource {
    /// The PKCS#11 library of the token's maker.
    pub module: PathBuf,
    /// Label or serial number of the token; not needed if there is one token.
    pub token: Option<String>,
    /// Label (`CKA_LABEL`) or identifier (`CKA_ID`, in hex) of the private key; not needed if there is one key.
    pub key: Option<String>,
    /// A file with the certificate, if the token does not hold it.
    pub certificate: Option<PathBuf>,
}

impl fmt::Display for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.token {
            Some(token) => write!(f, "token «{token}» of {}", self.module.display()),
            None => write!(f, "the token of {}", self.module.display()),
        }
    }
}

/// A key that is in a token.
pub(super) struct TokenKey {
    public: PublicKey,
    method: Method,
    workers: Workers,
}

impl TokenKey {
    /// What it signs with.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.method.algorithm()
    }

    /// Lets the token sign, and verifies the result under the certificate's key.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let raw = self.workers.sign(self.method.input(message))?;
        let signature = self.method.output(raw).ok_or(SignError::NotVerified)?;
        self.public.verify(self.algorithm(), message, &signature).map_err(|_| SignError::NotVerified)?;
        Ok(signature)
    }
}

/// Opens a key of a token. Blocking.
pub(super) fn open(source: &TokenSource, pin: &Password) -> Result<SigningIdentity, KeyError> {
    let from_file = source.certificate.as_ref().map(|path| read_certificates(&read_file(path)?)).transpose()?;
    let library = Library::load(&source.module)?;
    let opener = Arc::new(Opener::new(library, source.clone(), pin.clone()));
    let mut live = None;
    let proved = opener.run(&mut live, |live| prove(live, from_file.as_deref()));
    let (proved, live) = match (proved, live) {
        (Ok(proved), Some(live)) => (proved, live),
        (Ok(_), None) => return Err(KeyError::Device("the session is gone".to_owned())),
        (Err(error), live) => {
            opener.close(live);
            return Err(error);
        }
    };
    let workers = Workers::start(opener, live, proved.method)?;
    let key = TokenKey { public: proved.public, method: proved.method, workers };
    Ok(SigningIdentity::of_token(proved.certificate, key, proved.others))
}

/// The certificate for which a key signs.
struct Proved {
    certificate: Certificate,
    others: Vec<Certificate>,
    public: PublicKey,
    method: Method,
}

/// Finds the certificate under which a signature of the key holds.
fn prove(live: &Live, from_file: Option<&[Certificate]>) -> Result<Proved, Fault> {
    let certificates = match from_file {
        Some(certificates) => certificates.to_vec(),
        None => live.certificates()?,
    };
    if certificates.is_empty() {
        return Err(KeyError::NoCertificate.into());
    }
    let mut refusal = KeyError::OtherKey;
    let mut own = Vec::new();
    let mut others = Vec::new();
    for certificate in certificates {
        match holds(live, &certificate) {
            Ok(Some((public, method))) => own.push((certificate, public, method)),
            Ok(None) => others.push(certificate),
            Err(fault) if fault.again => return Err(fault),
            Err(fault) => {
                refusal = fault.error;
                others.push(certificate);
            }
        }
    }
    if own.len() > 1 {
        let serials = own.iter().map(|(certificate, ..)| hex(certificate.serial_number().as_bytes()));
        return Err(KeyError::Ambiguous(serials.collect()).into());
    }
    let (certificate, public, method) = own.pop().ok_or(refusal)?;
    Ok(Proved { certificate, others, public, method })
}

/// Whether a signature of the key holds under a certificate.
fn holds(live: &Live, certificate: &Certificate) -> Result<Option<(PublicKey, Method)>, Fault> {
    let public = certificate.public_key().map_err(|error| KeyError::Algorithm(error.to_string()))?;
    if !live.fits(public.algorithm()) {
        return Ok(None);
    }
    let method = live.method(public.algorithm())?;
    let signature = method.output(live.sign(method, &method.input(PROBE))?);
    let good = signature.is_some_and(|signature| public.verify(method.algorithm(), PROBE, &signature).is_ok());
    Ok(good.then(|| (public.clone(), method)))
}
