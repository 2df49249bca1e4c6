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
use crate::fetch::{Client, Limits};
use crate::revocation::ocsp::{ClientSettings, OcspClient};
use crate::revocation::refresh::{Refresher, Schedule};
use crate::revocation::{HostList, Source, Store, StoreOptions};
use crate::service::{Grounds, Lists, OpenedDocument, PreparedCheck, PreparedDocument, Responders, Service};
use crate::trust::AnchorRule;
use crate::x509::Certificate;

/// Where the National CA and the root authority publish lists and answer questions.
const HOSTS: [&str; 2] = [".pki.gov.kz", ".root.gov.kz"];
/// The time for responders: a person waits, and there is no second try.
const RESPONDER_TIME: Duration = Duration::from_secs(15);

/// Asks the network.
pub struct Online {
    clock: Arc<dyn Clock>,
    client: Client,
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
        Ok(Self { clock, client: client.public_only(), hosts, runtime, rule, times })
    }

    /// The responders that verified certificates name.
    pub fn responders(&self) -> Responders {
        let fetch = Arc::new(self.client.clone());
        let client = Arc::new(OcspClient::new(fetch, Arc::clone(&self.clock), ClientSettings::default()));
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
        let fetch = Arc::new(self.client.clone());
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
