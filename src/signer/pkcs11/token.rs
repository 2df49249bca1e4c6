//! A token: found among the slots, logged into, its key and certificates found.

use cryptoki::context::Pkcs11;
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::MechanismType;
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Limit, Slot, TokenInfo};
use cryptoki::types::AuthPin;

use super::super::error::KeyError;
use super::super::password::Password;
use super::super::pkcs12::hex;
use super::TokenSource;
use super::fault::Fault;
use super::library::Inside;
use super::method::Method;
use crate::crypto::KeyAlgorithm;
use crate::x509::Certificate;

/// Certificates of one token that are looked at; a card has a handful.
const MAX_CERTIFICATES: usize = 100;
/// The largest certificate, as in `der::Limits::CERTIFICATE`.
const MAX_CERTIFICATE: usize = 64 * 1024;

/// A token that is there.
pub(super) struct Token {
    pub slot: Slot,
    pub info: TokenInfo,
    /// Sessions it allows at once, if it says so.
    pub sessions: Option<usize>,
}

/// Finds the token by its label or serial number, or the only one.
pub(super) fn find_token(client: &Pkcs11, source: &TokenSource) -> Result<Token, Fault> {
    let mut found = Vec::new();
    for slot in client.get_slots_with_token()? {
        // A reader with something else in it is no fault of the token that is wanted.
        let Ok(info) = client.get_token_info(slot) else { continue };
        let meant = |name: &String| info.label().trim_end() == name || info.serial_number().trim_end() == name;
        if info.token_initialized() && source.token.as_ref().is_none_or(meant) {
            found.push((slot, info));
        }
    }
    let names = |(_, info): &(Slot, TokenInfo)| format!("{} ({})", info.label(), info.serial_number());
    if found.len() > 1 {
        return Err(KeyError::Ambiguous(found.iter().map(names).collect()).into());
    }
    let (slot, info) = found.pop().ok_or_else(|| Fault::passing(KeyError::TokenAbsent(source.to_string())))?;
    let sessions = match info.max_session_count() {
        Limit::Max(count) => usize::try_from(count).ok(),
        _ => None,
    };
    Ok(Token { slot, info, sessions })
}

/// Logs in, unless the process is logged in already. Blocks at a PIN pad, if the token has one and no PIN is given.
pub(super) fn log_in(session: &Session, token: &Token, pin: &Password) -> Result<(), Fault> {
    let info = &token.info;
    if !info.login_required() {
        return Ok(());
    }
    if info.user_pin_locked() {
        return Err(KeyError::PinLocked.into());
    }
    let secret = match (pin.is_empty(), info.protected_authentication_path()) {
        (true, true) => None,
        (true, false) => return Err(KeyError::PasswordRequired.into()),
        (false, _) => {
            if info.user_pin_final_try() {
                return Err(KeyError::PinLastTry.into());
            }
            Some(AuthPin::from(pin.as_str()))
        }
    };
    match session.login(UserType::User, secret.as_ref()) {
        Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// A key in an open session.
pub(super) struct Live {
    session: Session,
    found: Found,
    /// Of the library, when the session was opened.
    pub generation: u64,
}

/// A key that was found.
pub(super) struct Found {
    key: ObjectHandle,
    kind: KeyType,
    id: Vec<u8>,
    mechanisms: Vec<MechanismType>,
    generation: u64,
}

impl Found {
    pub fn with(self, session: Session) -> Live {
        Live { session, generation: self.generation, found: self }
    }
}

/// A private key among others.
struct Candidate {
    handle: ObjectHandle,
    label: String,
    id: Vec<u8>,
    kind: Option<KeyType>,
    always_authenticate: bool,
}

impl Candidate {
    fn read(session: &Session, handle: ObjectHandle) -> Result<Self, Fault> {
        let mut read = Self { handle, label: String::new(), id: Vec::new(), kind: None, always_authenticate: false };
        let wanted =
            [AttributeType::Label, AttributeType::Id, AttributeType::KeyType, AttributeType::AlwaysAuthenticate];
        for attribute in session.get_attributes(handle, &wanted)? {
            match attribute {
                Attribute::Label(label) => read.label = String::from_utf8_lossy(&label).trim_end().to_owned(),
                Attribute::Id(id) => read.id = id,
                Attribute::KeyType(kind) => read.kind = Some(kind),
                Attribute::AlwaysAuthenticate(always) => read.always_authenticate = always,
                _ => {}
            }
        }
        Ok(read)
    }

    fn name(&self) -> String {
        format!("{} ({})", self.label, hex(&self.id))
    }
}

impl Live {
    /// Finds the private key by its label or identifier, or the only one.
    pub fn find(session: &Session, inside: &Inside<'_>, token: &Token, source: &TokenSource) -> Result<Found, Fault> {
        let mut candidates = Vec::new();
        for handle in session.find_objects(&[Attribute::Class(ObjectClass::PRIVATE_KEY)])? {
            candidates.push(Candidate::read(session, handle)?);
        }
        if candidates.is_empty() {
            return Err(KeyError::NoKey.into());
        }
        let there: Vec<_> = candidates.iter().map(Candidate::name).collect();
        if let Some(name) = &source.key {
            candidates.retain(|key| key.label == *name || hex(&key.id).eq_ignore_ascii_case(name));
        }
        let key = match (candidates.pop(), candidates.is_empty(), &source.key) {
            (Some(key), true, _) => key,
            (None, _, Some(name)) => return Err(KeyError::UnknownAlias { name: name.clone(), there }.into()),
            _ => return Err(KeyError::Ambiguous(there).into()),
        };
        if key.always_authenticate {
            return Err(KeyError::Algorithm("a key that asks for the PIN at each signature".to_owned()).into());
        }
        let kind = key.kind.ok_or_else(|| KeyError::Device("the key says no kind".to_owned()))?;
        let mechanisms = inside.client().get_mechanism_list(token.slot)?;
        Ok(Found { key: key.handle, kind, id: key.id, mechanisms, generation: inside.generation })
    }

    /// The certificates of the token that may be the key's: those with its identifier, or all of them.
    pub fn certificates(&self) -> Result<Vec<Certificate>, Fault> {
        let all = [Attribute::Class(ObjectClass::CERTIFICATE)];
        let mut handles = Vec::new();
        if !self.found.id.is_empty() {
            let [class] = all.clone();
            handles = self.session.find_objects(&[class, Attribute::Id(self.found.id.clone())])?;
        }
        if handles.is_empty() {
            handles = self.session.find_objects(&all)?;
        }
        let mut certificates = Vec::new();
        for handle in handles.into_iter().take(MAX_CERTIFICATES) {
            for attribute in self.session.get_attributes(handle, &[AttributeType::Value])? {
                let Attribute::Value(der) = attribute else { continue };
                // Others than X.509, and what another's software put there, are passed over.
                if der.len() <= MAX_CERTIFICATE
                    && let Ok(certificate) = Certificate::from_der(&der)
                    && !certificates.contains(&certificate)
                {
                    certificates.push(certificate);
                }
            }
        }
        Ok(certificates)
    }

    /// Whether a public key of that algorithm may be this key's.
    pub fn fits(&self, public: KeyAlgorithm) -> bool {
        match public {
            KeyAlgorithm::Rsa { .. } | KeyAlgorithm::RsaPss { .. } => self.found.kind == KeyType::RSA,
            KeyAlgorithm::EcdsaP256 | KeyAlgorithm::EcdsaP384 => self.found.kind == KeyType::EC,
            KeyAlgorithm::Ed25519 => self.found.kind == KeyType::EC_EDWARDS,
            // No common kind: the method says so by name.
            KeyAlgorithm::Gost2004 | KeyAlgorithm::Gost2015_256 | KeyAlgorithm::Gost2015_512 => true,
        }
    }

    /// How the key signs under a certificate with such a public key.
    pub fn method(&self, public: KeyAlgorithm) -> Result<Method, KeyError> {
        Method::of(public, &self.found.mechanisms)
    }

    /// Signs what a method prepared.
    pub fn sign(&self, method: Method, input: &[u8]) -> Result<Vec<u8>, Fault> {
        Ok(self.session.sign(&method.mechanism(), self.found.key, input)?)
    }

    /// Ends the session. Only for one of the present generation.
    pub fn close(self) {
        // What cannot be closed is closed.
        let _ = self.session.close();
    }
}
