//! The clients, and how they are recognised.

use std::collections::HashMap;
use std::sync::Arc;

use super::limit::Limit;
use super::token::TokenDigest;
use super::{Caller, Roles};
use crate::clock::Time;
use crate::config::{AccessClient, CertificatePin};

/// Refusals of one client that are recorded: so many a second, so many at once. All are counted.
const RECORDED_PER_SECOND: u32 = 1;
const RECORDED_AT_ONCE: u32 = 30;

/// A client with its state, which outlives every reading of files.
#[derive(Debug)]
pub(super) struct Client {
    pub(super) caller: Caller,
    pub(super) expires: Option<Time>,
    pub(super) limit: Option<Limit>,
    /// How often its refusals are recorded.
    pub(super) recorded: Limit,
}

impl Client {
    fn of(written: &AccessClient) -> Self {
        Self {
            caller: Caller { name: Arc::from(written.name.as_str()), roles: Roles::of(&written.roles) },
            expires: written.expires,
            limit: written.rate_per_second.map(|rate| Limit::new(rate, written.burst.unwrap_or(rate))),
            recorded: Limit::new(RECORDED_PER_SECOND, RECORDED_AT_ONCE),
        }
    }
}

/// Whose a token is.
#[derive(Clone, Debug)]
pub(super) struct Holder {
    pub(super) client: Arc<Client>,
    /// When the token ends; the client may end before.
    pub(super) expires: Option<Time>,
}

/// Tokens with their holders.
pub(super) type Tokens = HashMap<TokenDigest, Holder>;

/// What the configuration says of the clients.
#[derive(Debug)]
pub(super) struct Roster {
    clients: Vec<Arc<Client>>,
    tokens: Tokens,
    certificates: HashMap<CertificatePin, Arc<Client>>,
}

impl Roster {
    /// The clients of a configuration, which saw to it that no token and no certificate is that of two.
    pub(super) fn of(written: &[AccessClient]) -> Self {
        let mut roster = Self { clients: Vec::new(), tokens: Tokens::new(), certificates: HashMap::new() };
        for written in written {
            let client = Arc::new(Client::of(written));
            for digest in &written.tokens {
                let holder = Holder { client: Arc::clone(&client), expires: None };
                roster.tokens.insert(TokenDigest::new(*digest), holder);
            }
            for pin in &written.certificates {
                roster.certificates.insert(pin.clone(), Arc::clone(&client));
            }
            roster.clients.push(client);
        }
        roster
    }

    pub(super) fn named(&self, name: &str) -> Option<&Arc<Client>> {
        self.clients.iter().find(|client| &*client.caller.name == name)
    }

    /// The tokens of the configuration itself.
    pub(super) fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// The client of a certificate, by the first of these that is known.
    pub(super) fn with_certificate(&self, pins: &[CertificatePin]) -> Option<&Arc<Client>> {
        pins.iter().find_map(|pin| self.certificates.get(pin))
    }
}
