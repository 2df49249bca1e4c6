//! Options of the commands on revocation lists.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::super::args::parse_time;
use crate::clock::Time;

const CRL_FETCH_EXAMPLES: &str = "\
Examples:
  rastau crl fetch --config rastau.toml
  rastau crl fetch --url http://crl.pki.gov.kz/nca_gost_2022.crl --url http://crl1.pki.gov.kz/nca_gost_2022.crl \\
      --issuer nca_gost_2022.cer --out nca_gost_2022.crl

A list that is not its issuer's, or older than the one at hand, replaces nothing.
Exit status: 0 every list is the newest there is, 1 something came and was refused, 3 nothing came (the network),
2 the command line or a file could not be read or written.";

const CRL_VERIFY_STATUS: &str = "\
Exit status: 0 good, 1 refused (not its issuer's, of a kind that cannot be used, a delta that does not fit its base),
3 not proved (lapsed, dated ahead, no certificate of its issuer), 2 unreadable.";

/// The commands on revocation lists.
#[derive(Debug, Subcommand)]
pub enum CrlCommand {
    /// Fetch the lists of addresses now, verify and store them
    Fetch(CrlFetchArgs),
    /// Print which lists are configured and stored, and how they are; fetches nothing
    List(CrlListArgs),
    /// Verify a list, index it, and print what it cost
    Show(CrlShowArgs),
    /// Tell whether a list can be relied on: signature, period, kind, base of a delta
    Verify(CrlVerifyArgs),
}

/// Which lists a command is about: those of the configuration, or those of addresses.
#[derive(Clone, Debug, Args)]
pub struct CrlSourcesArgs {
    /// Configuration in TOML
    #[arg(long, value_name = "FILE", conflicts_with = "url")]
    pub config: Option<PathBuf>,
    /// Address of a list instead of those configured; repeated for its mirrors
    #[arg(long, value_name = "URL", requires = "authority")]
    pub url: Vec<String>,
    /// Certificate of the authority that issues the list at --url; may be repeated
    #[arg(long, value_name = "CERT", group = "authority", requires = "url")]
    pub issuer: Vec<PathBuf>,
    /// Certificates one of which issues the list at --url: a file or a folder; may be repeated
    #[arg(long, value_name = "PATH", group = "authority", requires = "url")]
    pub trust: Vec<PathBuf>,
    /// The list at --url is a delta list
    #[arg(long, requires = "url")]
    pub delta: bool,
    /// Folder for what the service keeps
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Options of `crl fetch`.
#[derive(Clone, Debug, Args)]
#[command(after_help = CRL_FETCH_EXAMPLES)]
pub struct CrlFetchArgs {
    #[command(flatten)]
    pub sources: CrlSourcesArgs,
    /// Write the list to a file instead of the data folder; for one list
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Options of `crl list`.
#[derive(Clone, Debug, Args)]
pub struct CrlListArgs {
    #[command(flatten)]
    pub sources: CrlSourcesArgs,
}

/// Options of `crl verify`.
#[derive(Clone, Debug, Args)]
#[command(after_help = CRL_VERIFY_STATUS)]
pub struct CrlVerifyArgs {
    /// The list: PEM, base64 or DER
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Certificate of the authority that issued the list; may be repeated
    #[arg(long, value_name = "CERT", required_unless_present = "trust")]
    pub issuer: Vec<PathBuf>,
    /// Certificates one of which issued the list: a file or a folder; may be repeated
    #[arg(long, value_name = "PATH")]
    pub trust: Vec<PathBuf>,
    /// The full list that the list, a delta, is to be applied to
    #[arg(long, value_name = "FILE")]
    pub base: Option<PathBuf>,
    /// The moment at which the list is to hold, RFC 3339 [default: now]
    #[arg(long, value_name = "RFC3339", value_parser = parse_time)]
    pub at: Option<Time>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Options of `crl show`.
#[derive(Clone, Debug, Args)]
pub struct CrlShowArgs {
    /// The list: PEM, base64 or DER
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Certificate of the authority that issued the list
    #[arg(long, value_name = "CERT")]
    pub issuer: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
