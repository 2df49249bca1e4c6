//! `--online`: what the certificates of a verified path name is fetched before the answer is given.
//!
//! Addresses in certificates are believed only after the path was verified, only at hosts that are listed, and only if
//! they lead into the public internet.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::super::output::{Clean, Styled, UNSURE};
use super::super::status::Failure;
use super::given::{authorities, vouched_for};
use crate::clock::{Clock, Time};
use crate::fetch::{Client, Fetch, Limits};
use crate::revocation::ocsp::{ClientSettings, OcspClient, OcspRules};
use crate::revocation::refresh::{Refresher, Schedule};
use crate::revocation::{HostList, Source, Store, StoreOptions};
use crate::service::{Grounds, Lists, OpenedDocument, PreparedCheck, PreparedDocument, Responders, Service};
use crate::trust::{AnchorRule, Pool};
use crate::x509::Certificate;

/// Where the National CA and the root authority publish lists and answer questions.
const HOSTS: [&str; 2] = [".pki.gov.kz", ".root.gov.kz"];
/// The time for responders: a person waits, and there is no second try.
const RESPONDER_TIME: Duration = Duration::from_secs(15);

/// Asks the network.
pub struct Online {
    clock: Arc<dyn Clock>,
    fetch: Arc<dyn Fetch>,
    hosts: HostList,
    runtime: tokio::runtime::Runtime,
    /// How much of an anchor's certificate counts for paths of issuers of lists.
    rule: AnchorRule,
    /// What is the present, and what the clock shows.
    times: (Time, Time),
}

impl Online {
    /// Takes addresses at the usual hosts and at `hosts`.
    pub fn new(
        hosts: &[String],
        clock: Arc<dyn Clock>,
        rule: AnchorRule,
        times: (Time, Time),
    ) -> Result<Self, Failure> {
        let all: Vec<&str> = HOSTS.into_iter().chain(hosts.iter().map(String::as_str)).collect();
        let hosts = HostList::read(&all).map_err(|error| {
            Failure::new("--online-host", error).remedy("give a name such as crl.example.kz, or .example.kz")
        })?;
        let client = Client::new::<PathBuf>(&[], Limits::LIST).map_err(|error| Failure::new("--online", error))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::new("--online", error))?;
        Ok(Self { clock, fetch: Arc::new(client.public_only()), hosts, runtime, rule, times })
    }

    /// The responders that verified certificates name; the certificates of `pool` may be theirs.
    pub fn responders(&self, rules: OcspRules, pool: &Pool) -> Responders {
        let (fetch, clock) = (Arc::clone(&self.fetch), Arc::clone(&self.clock));
        let client = OcspClient::new(fetch, clock, ClientSettings { rules, ..ClientSettings::default() });
        let client = Arc::new(client.with_responders(pool.authorities()));
        Responders {
            configured: Vec::new(),
            discovered: Some((Arc::clone(&client), self.hosts.clone())),
            client,
            timeout: RESPONDER_TIME,
        }
    }

    /// Fetches lists, then asks responders what is still open. What does not come is complained about; the answer then
    /// rests on what is at hand.
    pub fn gather(
        &self,
        service: &Service,
        mut prepared: PreparedCheck,
        mut grounds: Grounds,
    ) -> (PreparedCheck, Grounds) {
        service.find_chains(&mut prepared, &grounds);
        let sources = service.lists_named(&prepared, &grounds, &self.hosts);
        if !sources.is_empty() {
            grounds.lists = self.fetch(sources, &grounds, &prepared.path_certificates());
        }
        let prepared = self.runtime.block_on(service.ask_responders(prepared, &grounds));
        (prepared, grounds)
    }

    /// As [`Self::gather`], for the signers of a document and the authorities of its timestamps.
    pub fn gather_for_document(
        &self,
        service: &Service,
        prepared: &PreparedDocument,
        opened: OpenedDocument,
        mut grounds: Grounds,
    ) -> (OpenedDocument, Grounds) {
        let sources = service.lists_named_by_document(prepared, &opened, &grounds, &self.hosts);
        if !sources.is_empty() {
            grounds.lists = self.fetch(sources, &grounds, &opened.path_certificates());
        }
        let opened = self.runtime.block_on(service.ask_about_document(prepared, opened, &grounds));
        (opened, grounds)
    }

    /// The lists at hand and those fetched; `found` are certificates of the paths, which may have issued some.
    fn fetch(&self, sources: Vec<Source>, grounds: &Grounds, found: &[Certificate]) -> Lists {
        let (_, now) = self.times;
        let issuers = authorities(&grounds.pool, found);
        let store = Arc::new(Store::load(sources.clone(), StoreOptions::new(issuers), now));
        let fetch = Arc::clone(&self.fetch);
        let refresher = Refresher::new(Arc::clone(&store), fetch, Arc::clone(&self.clock), Schedule::default());
        let progress = progress();
        for source in &sources {
            progress.set_message(format!("fetching {source}"));
            if let Err(error) = self.runtime.block_on(refresher.refresh(source)) {
                progress.suspend(|| {
                    let warning = Styled(UNSURE, "warning:");
                    let (source, error) = (source.to_string(), error.to_string());
                    super::super::complain(format_args!("{warning} {}: {}", Clean(&source), Clean(&error)));
                });
            }
        }
        progress.finish_and_clear();
        let lists = grounds.lists.current().joined_by(&store.snapshot(), self.times);
        // Lists that were fetched may be indirect, or of another key, as those that were given may.
        Lists::Fixed(Arc::new(vouched_for(lists, &grounds.pool, found, (self.rule, now))))
    }
}

/// Turns while something is waited for; nothing where nobody looks.
fn progress() -> ProgressBar {
    let style =
        ProgressStyle::with_template("{spinner} {msg} {elapsed}").unwrap_or_else(|_| ProgressStyle::default_spinner());
    let progress = ProgressBar::new_spinner().with_style(style);
    progress.enable_steady_tick(Duration::from_millis(120));
    progress
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use rastau_mint::cms::{Cms, Signer};
    use rastau_mint::extension::Extension;
    use rastau_mint::key::Key;
    use rastau_mint::list::ListBuilder;
    use rastau_mint::name::Name;
    use rastau_mint::ocsp::{NO_CHECK, ResponseBuilder, Single, good, nonce_of};
    use rastau_mint::world::{SERIAL, World};

    use super::*;
    use crate::clock::FixedClock;
    use crate::fetch::{Asked, Fetched, Get, Got, Post, Validators};
    use crate::policy::{Policy, Purpose, RevocationOrder};
    use crate::revocation::Snapshot;
    use crate::service::{CheckRequest, DocumentRequest, Parts};
    use crate::signed::{Detached, Document};
    use crate::trust::{Anchor, Purposes};
    use crate::verdict::Decision;

    const LIST: &str = "http://crl.example.kz/list.crl";
    const RESPONDER: &str = "http://ocsp.example.kz/";
    const AT: &str = "2026-08-20T00:00:00Z";

    /// An authority with two keys, and a person whose certificate names a list and a responder.
    fn world(person: &Key) -> World {
        World::of_two_keys("nca of two keys").with_leaf(|leaf| {
            leaf.key(person)
                .serial(&SERIAL)
                .replace(Extension::distribution_points(&[&[LIST]]))
                .replace(Extension::authority_information_access("http://example.kz/ca.cer", Some(RESPONDER)))
        })
    }

    /// A network with one list and one responder: the first key has certified it, and lists have to tell its standing.
    struct Network {
        world: World,
        list: Vec<u8>,
    }

    impl Fetch for Network {
        fn ask<'a>(&'a self, question: Get<'a>) -> Asked<'a> {
            assert_eq!(question.url, LIST);
            let body = Ok(Got::Body { body: self.list.clone(), validators: Validators::default() });
            Box::pin(std::future::ready(body))
        }

        fn post<'a>(&'a self, url: &'a str, post: Post, _: Limits) -> Fetched<'a> {
            assert_eq!(url, RESPONDER);
            let (authority, key) = (&self.world.first, Key::p256("responder online"));
            let certificate = authority.issue(authority.responder("responder", &key).without(NO_CHECK));
            let single = Single::new(authority.cert_id(&SERIAL), good(), "2026-08-19T23:00:00Z");
            let response = ResponseBuilder::new(&Name::authority("responder").encode(), "2026-08-19T23:00:00Z")
                .answer(single.until("2026-08-21T00:00:00Z"))
                .nonce(&nonce_of(&post.body).expect("a nonce"));
            let response = response.by_key(&key).certificate(&certificate).sign(&key);
            Box::pin(std::future::ready(Ok(response)))
        }
    }

    /// What is decided, of the certificate and of a document signed under it, when the list that it names comes from the
    /// second key, whose certificate is among those known or not. The root's list is at hand.
    fn decided(
        is_key_known: bool,
        order: RevocationOrder,
        change: impl FnOnce(ListBuilder) -> ListBuilder,
    ) -> [Decision; 2] {
        let person = Key::p256("person who is asked about online");
        let world = world(&person);
        let network = Network { list: world.of_second(change), world: world.clone() };
        let now: Time = AT.parse().unwrap();
        let [root, first, second] =
            [&world.root, &world.first, &world.second].map(|one| Certificate::from_der(&one.certificate).unwrap());
        let (lists, unread) = Snapshot::read(vec![world.of_root()], std::slice::from_ref(&root), now);
        assert!(unread.is_empty());
        let pool = Pool::builder().anchor(Anchor::new(root, Purposes::ALL, false)).intermediate(first);
        let pool = if is_key_known { pool.intermediate(second) } else { pool };
        let grounds = Grounds::new(Arc::new(pool.build()), Lists::Fixed(Arc::new(lists)));
        let clock = Arc::new(FixedClock(now));
        let online = Online {
            clock: clock.clone(),
            fetch: Arc::new(network),
            hosts: HostList::read(&[".example.kz"]).unwrap(),
            runtime: tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap(),
            rule: AnchorRule::Checked,
            times: (now, now),
        };
        let parts = Parts::new(clock, grounds.clone());
        let service = Service::new(Parts {
            order,
            responders: Some(online.responders(OcspRules::default(), &grounds.pool)),
            ..parts
        });
        let policy = Policy { order, ..Policy::kz(Purpose::Sign) };

        let request = CheckRequest { certificate: STANDARD.encode(&world.leaf), ..CheckRequest::default() };
        let prepared = service.prepare_under(request, policy.clone(), &grounds).unwrap();
        let (prepared, with_lists) = online.gather(&service, prepared, grounds.clone());
        let of_certificate = service.check_on(prepared, &with_lists).decision();

        let signer = Signer::new(&person, &world.leaf);
        let message = Cms::over(b"application").certificate(&world.leaf).signer(signer).encode();
        let prepared = service.prepare_document_under(&DocumentRequest::default(), policy).unwrap();
        let opened = service.open_document(&prepared, &grounds, Document::Bytes(&message), Detached::Absent).unwrap();
        let (opened, with_lists) = online.gather_for_document(&service, &prepared, opened, grounds);
        let of_document = service.judge_document(&prepared, &with_lists, opened).decision();
        [of_certificate, of_document]
    }

    fn revoking(list: ListBuilder) -> ListBuilder {
        list.revoke(&SERIAL, "2026-06-01T00:00:00Z", Some(1))
    }

    #[test]
    fn a_fetched_list_of_another_key_counts_if_a_path_vouches_for_the_key() {
        let lists = RevocationOrder::Crl;
        assert_eq!(decided(true, lists, |list| list), [Decision::Accepted; 2]);
        assert_eq!(decided(true, lists, revoking), [Decision::Refused; 2]);
        assert_eq!(decided(false, lists, |list| list), [Decision::Undetermined; 2], "whose key it is, nobody knows");
        assert_eq!(decided(false, lists, revoking), [Decision::Undetermined; 2]);
    }

    #[test]
    fn a_responder_counts_if_a_fetched_list_that_is_vouched_for_clears_it() {
        let responders = RevocationOrder::Ocsp;
        assert_eq!(decided(true, responders, |list| list), [Decision::Accepted; 2]);
        assert_eq!(decided(true, responders, revoking), [Decision::Refused; 2], "a list still revokes");
        assert_eq!(decided(false, responders, |list| list), [Decision::Undetermined; 2], "who cleared the responder?");
    }
}
