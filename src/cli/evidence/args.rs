//! Options about what an answer rests on and is judged by, of every command that judges.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::super::args::{LanguageName, parse_bin, parse_iin, parse_time};
use super::super::policy;
use crate::clock::Time;
use crate::der::Oid;

/// Most seconds for `--ocsp-max-age`: thirty days. Without nextUpdate a responder says that there is always something newer.
const MAX_OCSP_AGE: i64 = 30 * 86_400;

/// Files that evidence comes from.
#[derive(Clone, Debug, Default, Args)]
pub struct EvidenceArgs {
    /// Trust anchors: a file or a folder, PEM or DER; may be repeated
    #[arg(long, value_name = "PATH")]
    pub trust: Vec<PathBuf>,
    /// Certificates of issuing authorities, not trusted by themselves; may be repeated
    #[arg(long, value_name = "PATH")]
    pub intermediates: Vec<PathBuf>,
    /// Revocation lists; may be repeated
    #[arg(long, value_name = "PATH")]
    pub crl: Vec<PathBuf>,
}

/// What an answer rests on and is judged by: options of `check` and `verify` alike.
#[derive(Clone, Debug, Default, Args)]
pub struct JudgementArgs {
    #[command(flatten)]
    pub evidence: EvidenceArgs,
    /// OCSP responses; may be repeated
    #[arg(long, value_name = "PATH")]
    pub ocsp: Vec<PathBuf>,
    /// How many seconds after its thisUpdate an OCSP response counts that names no nextUpdate [default: 600]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(i64).range(1..=MAX_OCSP_AGE))]
    pub ocsp_max_age: Option<i64>,
    /// The moment that the answer is about, RFC 3339 [default: now]
    #[arg(long, value_name = "RFC3339", value_parser = parse_time)]
    pub at: Option<Time>,
    /// What a missing or stale revocation list means [default: required]
    #[arg(long, value_name = "RULE")]
    pub revocation: Option<RevocationRule>,
    /// Which evidence about revocation is asked, in which order [default: crl-then-ocsp]
    #[arg(long, value_name = "ORDER")]
    pub revocation_order: Option<OrderName>,
    /// Identity number that the person in the certificate must have
    #[arg(long, value_name = "N", value_parser = parse_iin)]
    pub iin: Option<String>,
    /// Identity number that the organisation in the certificate must have
    #[arg(long, value_name = "N", value_parser = parse_bin)]
    pub bin: Option<String>,
    /// Service applied for: its rule says who may apply
    #[arg(long, value_name = "SLUG")]
    pub service: Option<String>,
    /// What the certificate is to be used for
    #[arg(long, value_name = "PURPOSE")]
    pub purpose: Option<PurposeName>,
    /// Extended key usage that the certificate has to allow; may be repeated
    #[arg(long, value_name = "OID", value_parser = policy::parse_usage)]
    pub extended_key_usage: Vec<Oid>,
    #[command(flatten)]
    pub policy: PolicyArgs,
    /// Check the validity period of anchors under the profile rfc5280 too
    #[arg(long)]
    pub check_anchors: bool,
    /// kz: what the portal asks for; rfc5280: path validation and revocation only [default: kz]
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<ProfileName>,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
    /// Language of the message [default: that of the environment, else en]
    #[arg(long, value_name = "LANGUAGE")]
    pub language: Option<LanguageName>,
    /// Fetch what the certificate and those above it name (lists, OCSP), at the hosts of the National CA
    #[arg(long)]
    pub online: bool,
    /// Another host that may be asked with --online: a name, or .name for every host below it; may be repeated
    #[arg(long, value_name = "HOST", requires = "online")]
    pub online_host: Vec<String>,
}

/// Inputs of certificate-policy processing (RFC 5280 section 6.1.1).
#[derive(Clone, Debug, Default, Args)]
pub struct PolicyArgs {
    /// Policy that is acceptable [default: any]; may be repeated
    #[arg(long, value_name = "OID", value_parser = policy::parse)]
    pub initial_policy: Vec<Oid>,
    /// Demand that an acceptable policy holds for the whole path
    #[arg(long)]
    pub require_explicit_policy: bool,
    /// Do not follow mappings between policies
    #[arg(long)]
    pub inhibit_policy_mapping: bool,
    /// Do not let anyPolicy of a certificate stand for others
    #[arg(long)]
    pub inhibit_any_policy: bool,
}

/// `--revocation`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum RevocationRule {
    /// Without a fresh list the answer is undetermined
    Required,
    /// Lists count where there are any
    IfAvailable,
    /// Lists are not looked at
    Off,
}

/// `--revocation-order`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum OrderName {
    /// Lists only
    Crl,
    /// Responders only
    Ocsp,
    /// Lists; responders where they do not tell
    CrlThenOcsp,
    /// Responders; a fresh list where none is available
    OcspThenCrl,
}

/// `--purpose`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PurposeName {
    /// Signing documents
    Sign,
    /// Logging in
    Authenticate,
    /// Either
    Any,
}

/// `--profile`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProfileName {
    /// What the portal asks for
    Kz,
    /// Path validation and revocation only
    Rfc5280,
}
