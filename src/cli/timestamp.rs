//! Timestamps for signatures that are made or extended on the command line.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::status::Failure;
use crate::clock::SystemClock;
use crate::crypto::SignatureAlgorithm;
use crate::der::Oid;
use crate::fetch::{Client, FetchError, Limits};
use crate::signer::timestamp::{StampFailure, Timestamp, TimestampClient, TimestampSettings};

/// Who gives timestamps.
#[derive(Clone, Debug, Default, Args)]
pub struct TimestampArgs {
    /// Address of a timestamp authority; repeated for its mirrors
    #[arg(long, value_name = "URL")]
    pub timestamp_url: Vec<String>,
    /// Policy to ask the authority for [default: the authority's choice]
    #[arg(long, value_name = "OID", requires = "timestamp_url", value_parser = parse_oid)]
    pub timestamp_policy: Option<Oid>,
    /// Trust anchors for an https address, PEM; may be repeated
    #[arg(long, value_name = "FILE", requires = "timestamp_url")]
    pub tls_root: Vec<PathBuf>,
}

fn parse_oid(text: &str) -> Result<Oid, String> {
    Oid::new(text).map_err(|_| "an object identifier in dots, like 1.2.398.3.3.2.6.4".to_owned())
}

/// Asks the authorities.
pub struct Authority {
    client: TimestampClient,
    runtime: tokio::runtime::Runtime,
}

impl Authority {
    /// `None` where no address is given.
    pub fn of(args: &TimestampArgs) -> Result<Option<Self>, Failure> {
        if args.timestamp_url.is_empty() {
            return Ok(None);
        }
        let client = Client::new(&args.tls_root, Limits::RESPONSE)
            .map_err(|error| Failure::new("--tls-root", error).remedy("give PEM files with «BEGIN CERTIFICATE»"))?;
        let settings = TimestampSettings {
            addresses: args.timestamp_url.iter().map(|url| Arc::from(url.as_str())).collect(),
            policy: args.timestamp_policy,
            ..TimestampSettings::default()
        };
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| Failure::new("--timestamp-url", error))?;
        let client = TimestampClient::new(Arc::new(client), Arc::new(SystemClock), settings);
        Ok(Some(Self { client, runtime }))
    }

    /// A token over what is stamped of a signature made with `algorithm`.
    pub fn stamp(&self, stamped: &[u8], algorithm: SignatureAlgorithm) -> Result<Timestamp, Failure> {
        self.runtime.block_on(self.client.stamp(stamped, algorithm)).map_err(|error| {
            let remedy = match &error.failure {
                StampFailure::Fetch(FetchError::NoRoots) => "give the anchors of its TLS certificate with --tls-root",
                StampFailure::Fetch(FetchError::Scheme(_)) => "give an address that begins with http:// or https://",
                StampFailure::Clock { .. } => "set the clock, or name another authority",
                StampFailure::Request(_) => "leave --timestamp-policy out, or name another authority",
                _ => "try again, name a mirror with one more --timestamp-url, or leave the timestamp out",
            };
            Failure::new("--timestamp-url", format!("no timestamp, so nothing was written: {error}")).remedy(remedy)
        })
    }
}
