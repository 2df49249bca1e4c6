//! From a configuration to a desk: keys opened, officials matched, journal and timestamps at hand.

use std::pin::Pin;
use std::sync::Arc;

use super::register::{Entry, HeldKey, NotOpened, Register};
use super::{Desk, DeskParts, Stamping, Stamps};
use crate::clock::Clock;
use crate::config::{Config, Role};
use crate::crypto::SignatureAlgorithm;
use crate::der::Oid;
use crate::fetch::{Client, ClientError, Limits};
use crate::journal::{Identities, Options, Stamper};
use crate::licence::{Identity, Official, Permission};
use crate::policy::services::DocumentKind;
use crate::service::demo::{self, DemoError};
use crate::service::{Keeper, Recorder, Service};
use crate::signed::Signer;
use crate::signer::timestamp::{TimestampClient, TimestampSettings};
use crate::signer::{PasswordError, open};

/// Why a desk cannot be set up.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeskError {
    /// The client that asks timestamp authorities.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The demo's official.
    #[error(transparent)]
    Demo(#[from] DemoError),
    /// A demo key among real ones.
    #[error(
        "signing.key {0}: this is a key of the demo, which is public: anybody can sign with it; take it out of the \
         configuration"
    )]
    DemoKey(String),
    /// A second person is wanted, and no two clients could ask and approve.
    #[error(
        "signing.official {0}: a second person has to approve, and nobody could; write two [[access.client]], one for who \
         asks and one with the role official for who approves"
    )]
    NoSecondPerson(String),
    /// Nothing is signed without a journal.
    #[error("signing.official: nothing is signed without a journal; set journal.enabled = true")]
    NoJournal,
    /// A key that does not open, and will not by itself.
    #[error("signing.key {id}: {error}")]
    Key {
        /// Its id.
        id: String,
        /// Why.
        error: NotOpened,
    },
    /// A key whose certificate does not name its official.
    #[error("signing.official {official}: key {key}: {error}; correct the official or give another key")]
    Mismatch {
        /// The official.
        official: String,
        /// The key.
        key: String,
        /// What does not fit.
        error: crate::licence::Mismatch,
    },
    /// Everybody who reaches the listener could have things signed.
    #[error(
        "signing.official: everybody who reaches the address could have documents signed; write [[access.client]] for who \
         may, or access.allow_unprotected = true where something in front of the service sees to that"
    )]
    Open,
    /// A password that cannot be read.
    #[error("signing.key {id}: {error}")]
    Password {
        /// The key.
        id: String,
        /// Why.
        error: PasswordError,
    },
}

/// A desk with what it writes into.
pub struct Opened {
    /// The desk.
    pub desk: Arc<Desk>,
    /// What decisions are written down by.
    pub recorder: Recorder,
    /// The journal, to be closed at the end; none where it is switched off.
    pub keeper: Option<Arc<Keeper>>,
}

impl Desk {
    /// Opens everything that the configuration names. Wants a tokio runtime; asks for passwords where it has to.
    ///
    /// # Errors
    ///
    /// [`DeskError`] naming the setting, what is wrong and the remedy. A token that is away and a journal that cannot be
    /// opened are no errors: they are tried again.
    pub async fn open(config: &Config, service: &Arc<Service>, clock: &Arc<dyn Clock>) -> Result<Opened, DeskError> {
        let stamps = timestamps(config, clock)?.map(Arc::new);
        let keeper = if config.journal.enabled {
            Some(Keeper::open(journal_options(config, clock, stamps.as_ref())).await)
        } else {
            None
        };
        let policy = format!(
            "kz {} {}",
            config.policy.reading.as_str(),
            match config.revocation.mode {
                crate::policy::RevocationRule::IfAvailable => "if-available",
                crate::policy::RevocationRule::Off => "off",
                crate::policy::RevocationRule::Required => "required",
            }
        );
        let recorder = match &keeper {
            Some(keeper) => Recorder::new(Arc::clone(keeper) as _, Arc::clone(clock), config.journal.checks, &policy),
            None => Recorder::none(),
        };
        let mut entries = entries(config)?;
        if !entries.is_empty() && keeper.is_none() {
            return Err(DeskError::NoJournal);
        }
        refuse_open(config)?;
        if service.is_demo() {
            entries.push(demo_entry()?);
        }
        let desk = Self::new(DeskParts {
            service: Arc::clone(service),
            register: Register::new(entries),
            recorder: recorder.clone(),
            stamps: stamps.map(|client| client as Arc<dyn Stamps>),
            without_timestamp: config.signing.without_timestamp,
            folder: config.journal.directory.join("answers"),
            approval: config.signing.approval,
            max_octets: config.signing.max_document_bytes,
            max_kept: config.signing.max_kept_bytes,
            started: clock.now(),
        });
        Ok(Opened { desk: Arc::new(desk), recorder, keeper })
    }
}

/// Refuses to sign for nobody in particular: what reaches a loopback address includes every page in a browser there.
fn refuse_open(config: &Config) -> Result<(), DeskError> {
    let officials = &config.signing.officials;
    let clients = &config.access.clients;
    // Nobody approves their own request, so that one who may approve does not do.
    let approved = clients.len() >= 2 && clients.iter().any(|client| client.roles.contains(&Role::Official));
    if !officials.is_empty() && !config.access.is_controlled() && !config.access.allow_unprotected {
        return Err(DeskError::Open);
    }
    match officials.iter().find(|(official, _)| official.second_person && !approved) {
        Some((official, _)) => Err(DeskError::NoSecondPerson(official.id.clone())),
        None => Ok(()),
    }
}

fn journal_options(config: &Config, clock: &Arc<dyn Clock>, stamps: Option<&Arc<TimestampClient>>) -> Options {
    let journal = &config.journal;
    Options {
        identities: if journal.plain_identities { Identities::Plain } else { Identities::Keyed },
        answers_kept: config.signing.answers.as_secs(),
        checkpoint_entries: journal.checkpoint_entries,
        checkpoint_after: journal.checkpoint_every,
        stamper: stamps.filter(|_| journal.timestamp_checkpoints).map(|client| Arc::clone(client) as Arc<dyn Stamper>),
        ..Options::new(&journal.directory, Arc::clone(clock))
    }
}

impl Stamper for TimestampClient {
    fn stamp(&self, statement: Vec<u8>) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, String>> + Send + '_>> {
        Box::pin(async move {
            // Checkpoints are signed with Ed25519; their timestamps are over SHA-256.
            let stamped = Self::stamp(self, &statement, SignatureAlgorithm::Ed25519).await;
            stamped.map(|timestamp| timestamp.token).map_err(|error| error.to_string())
        })
    }
}

impl Stamps for TimestampClient {
    fn stamp<'a>(&'a self, value: &'a [u8], algorithm: SignatureAlgorithm) -> Stamping<'a> {
        Box::pin(async move {
            let stamped = Self::stamp(self, value, algorithm).await;
            stamped.map(|timestamp| timestamp.token).map_err(|error| error.to_string())
        })
    }
}

fn timestamps(config: &Config, clock: &Arc<dyn Clock>) -> Result<Option<TimestampClient>, DeskError> {
    let wanted = &config.timestamp;
    if wanted.urls.is_empty() {
        return Ok(None);
    }
    let client = Client::new(&config.revocation.tls_roots, Limits::RESPONSE)?;
    let settings = TimestampSettings {
        addresses: wanted.urls.iter().map(|url| Arc::from(url.as_str())).collect(),
        policy: wanted.policy.as_deref().and_then(|text| Oid::new(text).ok()),
        budget: wanted.timeout,
        exchange: wanted.timeout.min(TimestampSettings::default().exchange),
        ..TimestampSettings::default()
    };
    Ok(Some(TimestampClient::new(Arc::new(client), Arc::clone(clock), settings)))
}

fn entries(config: &Config) -> Result<Vec<Entry>, DeskError> {
    let mut keys = Vec::new();
    for key in &config.signing.keys {
        keys.push(Arc::new(held(key)?));
    }
    let mut entries = Vec::new();
    for (official, wanted) in &config.signing.officials {
        let own = keys.iter().filter(|key| wanted.iter().any(|id| id == key.id())).cloned().collect();
        let entry = Entry { official: official.clone(), keys: own, demo: false };
        for key in &entry.keys {
            let Some(open) = key.opened() else { continue };
            entry.owns(&open).map_err(|error| DeskError::Mismatch {
                official: official.id.clone(),
                key: key.id().to_owned(),
                error,
            })?;
        }
        entries.push(entry);
    }
    Ok(entries)
}

/// A key, opened; one that is away is opened when it comes.
fn held(key: &crate::config::SigningKey) -> Result<HeldKey, DeskError> {
    let password = key.password.read().map_err(|error| DeskError::Password { id: key.id.clone(), error })?;
    if let Some(warning) = password.warning {
        tracing::warn!(key = key.id, "{warning}");
    }
    let (source, password) = (key.source.clone(), password.password);
    let opening = move || match open(&source, &password) {
        Ok(identity) if demo::is_demo(identity.certificate()) => {
            Err(NotOpened { detail: "this is a key of the demo, which is public".to_owned(), may_come: false })
        }
        Ok(identity) => Ok(Arc::new(identity) as Arc<dyn Signer>),
        Err(error) => Err(NotOpened { detail: error.to_string(), may_come: error.is_passing() }),
    };
    // Once here, so that a wrong password is told at start with its own name.
    let held = HeldKey::new(&key.id, Box::new(opening));
    match held.get() {
        Ok(_) => Ok(held),
        Err(error) if error.may_come => {
            tracing::warn!(key = key.id, %error, "the key is away; it is tried again when it is wanted");
            Ok(held)
        }
        Err(error) => Err(DeskError::Key { id: key.id.clone(), error }),
    }
}

/// The official of the demonstration: everybody has the key.
fn demo_entry() -> Result<Entry, DeskError> {
    let signer = demo::official()?;
    let official = Official {
        id: demo::OFFICIAL.to_owned(),
        identity: Identity::default(),
        may: Permission {
            kinds: DocumentKind::ALL.to_vec(),
            services: vec!["*".to_owned()],
            media_types: vec!["*".to_owned()],
        },
        from: None,
        until: None,
        second_person: false,
    };
    let signer: Arc<dyn Signer> = Arc::new(signer);
    let key = HeldKey::new("demo", Box::new(move || Ok(Arc::clone(&signer))));
    // It is in memory: this cannot fail.
    let _ = key.get();
    Ok(Entry { official, keys: vec![Arc::new(key)], demo: true })
}
