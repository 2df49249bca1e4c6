//! Asking responders about the certificates of a request, before it is judged.
//!
//! Only what the policy leaves open is asked (`verify::responders_wanted`), only about certificates whose path was
//! verified, and only configured responders or, where the configuration lists their hosts, those named by a verified
//! certificate. The whole request waits no longer than the configured time; what has not answered by then is
//! unavailable, which is never «good».

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use super::{Grounds, OpenedDocument, PreparedCheck, PreparedDocument, Service, StartError, discovery};
use crate::clock::{Clock, Time};
use crate::config::Config;
use crate::fetch::{Client, Limits};
use crate::policy::{Policy, RevocationRule};
use crate::revocation::ocsp::{ClientSettings, OcspClient, OcspFigures, OcspRules, Responses};
use crate::revocation::{HostList, Source, When, discover};
use crate::trust::{Pool, load};
use crate::verify::document::Established;
use crate::verify::{self, Chains, Question, evidence_by};
use crate::x509::Certificate;

/// Most certificates that responders are asked about for one request: a chain of the National CA has two, and a request
/// that leads to several paths must not multiply the questions.
const MAX_ASKED: usize = 4;
/// As many for each signer of a document, up to this: the questions of the first signers must not silence that about another,
/// and the client has 64 under way at most.
const MAX_ASKED_FOR_DOCUMENT: usize = 32;

/// One configured responder.
#[derive(Clone, Debug)]
pub struct Responder {
    /// Its mirrors.
    pub addresses: Arc<[Arc<str>]>,
    /// SHA-256 of the `SubjectPublicKeyInfo` of the authorities it speaks for; empty for all of them.
    pub authorities: Vec<[u8; 32]>,
}

impl Responder {
    fn speaks_for(&self, issuer: &Certificate) -> bool {
        let key = issuer.public_key().map(|key| *key.spki_sha256());
        self.authorities.is_empty() || key.is_ok_and(|key| self.authorities.contains(&key))
    }
}

/// Who is asked over the network, and for how long.
#[derive(Clone, Debug)]
pub struct Responders {
    /// Asks, and remembers the answers.
    pub client: Arc<OcspClient>,
    /// The configured ones.
    pub configured: Vec<Responder>,
    /// Asks addresses out of verified certificates, which may not lead into private networks; `None` where no host is
    /// listed.
    pub discovered: Option<(Arc<OcspClient>, HostList)>,
    /// The time that one request waits.
    pub timeout: Duration,
}

/// A question for the network: about whom, and whom to ask.
struct Asked {
    certificate: Certificate,
    issuer: Certificate,
    addresses: Arc<[Arc<str>]>,
    client: Arc<OcspClient>,
}

/// What is asked of answers.
pub(super) fn rules(config: &Config) -> OcspRules {
    OcspRules { max_age: i64::try_from(config.ocsp.max_age.as_secs()).unwrap_or(i64::MAX) }
}

impl Responders {
    /// The responders of the configuration; none where nobody may be asked.
    pub(super) fn configured(
        config: &Config,
        hosts: &HostList,
        clock: &Arc<dyn Clock>,
        pool: &Pool,
    ) -> Result<Option<Self>, StartError> {
        let nobody = config.ocsp.responders.is_empty() && hosts.is_empty();
        if nobody || !config.revocation.order.asks_responders() || config.revocation.mode == RevocationRule::Off {
            return Ok(None);
        }
        let settings = ClientSettings {
            nonce: config.ocsp.nonce,
            rules: rules(config),
            max_life: config.ocsp.max_age,
            ..ClientSettings::default()
        };
        let fetch = Client::new(&config.revocation.tls_roots, Limits::LIST)?;
        let client = |fetch| {
            let client = OcspClient::new(Arc::new(fetch), Arc::clone(clock), settings);
            Arc::new(client.with_responders(pool.authorities()))
        };
        let mut configured = Vec::new();
        for responder in &config.ocsp.responders {
            let issuers = load::certificates(&responder.issuers).map_err(StartError::Certificates)?;
            let keys = issuers.iter().filter_map(|one| one.certificate.public_key().ok().map(|key| *key.spki_sha256()));
            configured.push(Responder {
                authorities: keys.collect(),
                addresses: responder.urls.iter().map(|url| Arc::from(url.as_str())).collect(),
            });
        }
        let discovered = (!hosts.is_empty()).then(|| (client(fetch.public_only()), hosts.clone()));
        Ok(Some(Self { client: client(fetch), configured, discovered, timeout: config.ocsp.timeout }))
    }

    /// Whom to ask about `certificate`: the configured responders of its issuer, else those the certificate names.
    fn asked(&self, certificate: &Certificate, issuer: &Certificate) -> Option<Asked> {
        let of = |addresses, client: &Arc<OcspClient>| Asked {
            certificate: certificate.clone(),
            issuer: issuer.clone(),
            addresses,
            client: Arc::clone(client),
        };
        if let Some(known) = self.configured.iter().find(|responder| responder.speaks_for(issuer)) {
            return Some(of(Arc::clone(&known.addresses), &self.client));
        }
        let (client, hosts) = self.discovered.as_ref()?;
        let addresses: Arc<[Arc<str>]> = discover(certificate, issuer, hosts).ocsp.into_iter().map(Arc::from).collect();
        (!addresses.is_empty()).then(|| of(addresses, client))
    }
}

impl Service {
    /// What each client that asks responders has done so far; none where nobody is asked.
    #[must_use]
    pub fn ocsp_figures(&self) -> Vec<OcspFigures> {
        let clients = self.responders.iter().flat_map(|responders| {
            let discovered = responders.discovered.as_ref().map(|(client, _)| client);
            std::iter::once(&responders.client).chain(discovered)
        });
        clients.map(|client| client.counters().figures()).collect()
    }

    /// Whether a request may need an answer from the network.
    #[must_use]
    pub fn asks_responders(&self) -> bool {
        self.responders.is_some() && self.order.asks_responders() && self.revocation != RevocationRule::Off
    }

    /// Asks responders what lists and responses at hand leave open, and adds their answers to the request. Without
    /// responders, or where nothing is open, it comes back at once. The paths have to be known: [`Self::find_chains`]
    /// sees to that.
    pub async fn ask_responders(&self, mut prepared: PreparedCheck, grounds: &Grounds) -> PreparedCheck {
        let Some(Ok(chains)) = &prepared.chains else { return prepared };
        let about = (&prepared.policy, prepared.at, &prepared.responses);
        let asked = self.questions(std::iter::once(chains), about, grounds, MAX_ASKED);
        self.ask(asked, &mut prepared.responses).await;
        prepared
    }

    /// As [`Self::ask_responders`], about the signers of a document and the authorities of its timestamps.
    pub async fn ask_about_document(
        &self,
        prepared: &PreparedDocument,
        mut opened: OpenedDocument,
        grounds: &Grounds,
    ) -> OpenedDocument {
        let chains = opened.established.iter().flat_map(Established::chains);
        let most = opened.established.len().saturating_mul(MAX_ASKED).min(MAX_ASKED_FOR_DOCUMENT);
        let asked = self.questions(chains, (&prepared.policy, prepared.at, &opened.responses), grounds, most);
        self.ask(asked, &mut opened.responses).await;
        opened
    }

    async fn ask(&self, asked: Vec<Asked>, responses: &mut Responses) {
        let Some(responders) = &self.responders else { return };
        let waiting =
            asked.iter().map(|one| one.client.ask(&one.certificate, &one.issuer, &one.addresses, responders.timeout));
        let answers = join_all(waiting).await;
        for (one, answer) in asked.iter().zip(answers) {
            responses.push_fetched(&one.certificate, answer);
        }
    }

    /// Where the authorities of the paths found publish their lists, as far as the lists at hand do not tell about a
    /// certificate of theirs.
    #[must_use]
    pub fn lists_named(&self, prepared: &PreparedCheck, grounds: &Grounds, hosts: &HostList) -> Vec<Source> {
        let Some(Ok(chains)) = &prepared.chains else { return Vec::new() };
        let now = self.clock.now();
        let when = When::new(prepared.at.unwrap_or(now), now);
        let accepts = evidence_by(&self.algorithms, now);
        discovery::lists_named(chains, &grounds.lists.current(), hosts, (when, &accepts))
    }

    /// As [`Self::lists_named`], for the signers of a document and the authorities of its timestamps.
    #[must_use]
    pub fn lists_named_by_document(
        &self,
        prepared: &PreparedDocument,
        opened: &OpenedDocument,
        grounds: &Grounds,
        hosts: &HostList,
    ) -> Vec<Source> {
        let now = self.clock.now();
        let (when, accepts) = (When::new(prepared.at.unwrap_or(now), now), evidence_by(&self.algorithms, now));
        let lists = grounds.lists.current();
        let mut named: Vec<Source> = Vec::new();
        for chains in opened.established.iter().flat_map(Established::chains) {
            let sources = discovery::lists_named(chains, &lists, hosts, (when, &accepts));
            named.extend(sources.into_iter().filter(|source| !named.contains(source)).collect::<Vec<_>>());
        }
        named
    }

    fn questions<'a>(
        &self,
        chains: impl Iterator<Item = &'a Arc<Chains>>,
        (policy, at, responses): (&Policy, Option<Time>, &Responses),
        grounds: &Grounds,
        most: usize,
    ) -> Vec<Asked> {
        let mut asked: Vec<Asked> = Vec::new();
        let Some(responders) = &self.responders else { return asked };
        let now = self.clock.now();
        let lists = grounds.lists.current();
        let question = Question {
            policy,
            lists: &lists,
            responses,
            claim: None,
            service: None,
            authority: None,
            at: at.unwrap_or(now),
            present: now,
            now,
        };
        for chain in chains.flat_map(|chains| chains.iter()) {
            for (certificate, issuer) in verify::responders_wanted(chain, &question) {
                let known = asked.iter().any(|one| {
                    one.certificate.sha256() == certificate.sha256() && is_same_authority(&one.issuer, issuer)
                });
                if !known && asked.len() < most {
                    asked.extend(responders.asked(certificate, issuer));
                }
            }
        }
        asked
    }
}

/// Whether two certificates are of one authority, as OCSP names it (RFC 6960 4.1.1): by name and key. Its certificates
/// are renewed, and each of them makes a path; the question is the same.
fn is_same_authority(one: &Certificate, other: &Certificate) -> bool {
    let keys = (one.public_key(), other.public_key());
    one.subject() == other.subject() && matches!(keys, (Ok(one), Ok(other)) if one.spki_sha256() == other.spki_sha256())
}
