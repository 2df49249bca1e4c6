//! What can be written on the command line: the commands, and the options of the small ones. Words only: what they mean is
//! in the file of each command.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::check::CheckArgs;
use super::crl::CrlCommand;
use super::evidence::EvidenceArgs;
use super::extend::ExtendArgs;
use super::journal::JournalCommand;
use super::sign::SignArgs;
use super::verify::VerifyArgs;
use crate::clock::Time;
use crate::config;
use crate::iin::{Bin, Iin};

const EXAMPLES: &str = "\
Examples:
  rastau                                              the demo service on http://127.0.0.1:8080
  rastau serve --config rastau.toml                   the service as configured
  rastau check applicant.cer --iin 123456789011       condition 3 against the demo authority
  rastau check applicant.cer --trust ca/ --crl ca.crl --json
  rastau check --batch requests.jsonl > reports.jsonl
  rastau verify application.p7s --iin 123456789011    a signed document against the demo authority
  rastau inspect applicant.cer

Exit status: 0 accepted (good, done), 1 refused (bad), 3 undetermined (not enough evidence),
2 the command line or the input could not be read.";

/// Signature and certificate validation for Kazakhstan's e-licensing.
#[derive(Debug, Parser)]
#[command(name = "rastau", version = crate::VERSION, about, after_help = EXAMPLES, max_term_width = 110)]
pub struct Arguments {
    /// Without a command the service runs, as by `rastau serve`.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the service; without a configuration, the demo on 127.0.0.1:8080
    Serve(ServeArgs),
    /// Check a certificate: chain, validity, revocation, use, identity number
    Check(Box<CheckArgs>),
    /// Verify a signed document, or a whole submission: every signature, its signer, its timestamp
    Verify(Box<VerifyArgs>),
    /// Sign a document as the holder of a key: CMS, XML, SOAP, PDF
    Sign(Box<SignArgs>),
    /// Add timestamps and evidence to the signatures of a document; takes no key
    Extend(Box<ExtendArgs>),
    /// Print what a certificate, list, response, timestamp, key store or signed document contains
    Inspect(InspectArgs),
    /// Revocation lists
    #[command(subcommand)]
    Crl(CrlCommand),
    /// The record of what was decided and signed
    #[command(subcommand)]
    Journal(JournalCommand),
    /// Raw signatures
    #[command(subcommand)]
    Signature(SignatureCommand),
    /// The configuration of the service
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Tokens of those who may call the service
    #[command(subcommand)]
    Token(TokenCommand),
}

/// Options of `serve`.
#[derive(Clone, Debug, Default, Args)]
pub struct ServeArgs {
    /// Configuration in TOML
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Address and port to listen on
    #[arg(long, value_name = "ADDR")]
    pub listen: Option<String>,
    /// Folder for what the service keeps
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    #[command(flatten)]
    pub evidence: EvidenceArgs,
}

/// Options of `inspect`.
#[derive(Clone, Debug, Args)]
pub struct InspectArgs {
    /// The file; `-` reads standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// File with the password of a key store, to see its certificates and the kinds of its keys
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// Say only whether the file is well-formed: exit status 0 or 2
    #[arg(long)]
    pub strict: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The commands on raw signatures.
#[derive(Debug, Subcommand)]
pub enum SignatureCommand {
    /// Check one signature, in the byte order that its algorithm has in Kazakh certificates
    Check(SignatureCheckArgs),
}

/// Options of `signature check`.
#[derive(Clone, Debug, Args)]
pub struct SignatureCheckArgs {
    /// The key: a public key (SPKI) or a certificate, DER or PEM
    #[arg(long, value_name = "SPKI")]
    pub public_key: PathBuf,
    /// The signature, raw bytes
    #[arg(long, value_name = "FILE")]
    pub signature: PathBuf,
    /// What was signed
    #[arg(long, value_name = "FILE", required_unless_present = "digest", conflicts_with = "digest")]
    pub message: Option<PathBuf>,
    /// The digest of what was signed, in hexadecimal
    #[arg(long, value_name = "HEX")]
    pub digest: Option<String>,
    /// The signature algorithm, by object identifier or name (rsa-pss-sha256) [default: the usual one of the key]
    #[arg(long, value_name = "OID")]
    pub algorithm: Option<String>,
}

/// The commands on the configuration.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Read the configuration and everything it names, and say what is wrong with it
    Check(ConfigCheckArgs),
}

/// `token`.
#[derive(Debug, Subcommand)]
pub enum TokenCommand {
    /// Make a token and show it once; only its hash goes into the configuration
    New(TokenNewArgs),
}

/// Options of `token new`.
#[derive(Clone, Debug, Args)]
pub struct TokenNewArgs {
    /// Name of the client, for the lines to paste
    #[arg(long, value_name = "NAME", value_parser = parse_client)]
    pub client: Option<String>,
}

/// Options of `config check`.
#[derive(Clone, Debug, Args)]
pub struct ConfigCheckArgs {
    /// Configuration in TOML
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// List every key with its default instead
    #[arg(long, conflicts_with = "config")]
    pub keys: bool,
}

/// `--language`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LanguageName {
    /// Kazakh
    #[value(alias = "kz")]
    Kk,
    /// Russian
    Ru,
    /// English
    En,
}

pub(super) fn parse_time(text: &str) -> Result<Time, String> {
    text.parse::<Time>().map_err(|error| error.to_string())
}

pub(super) fn parse_iin(text: &str) -> Result<String, String> {
    Iin::parse(text).map(|_| text.to_owned()).map_err(|error| format!("an IIN is twelve digits: {error}"))
}

pub(super) fn parse_bin(text: &str) -> Result<String, String> {
    Bin::parse(text).map(|_| text.to_owned()).map_err(|error| format!("a BIN is twelve digits: {error}"))
}

fn parse_client(text: &str) -> Result<String, String> {
    let good = config::is_client_name(text).then(|| text.to_owned());
    good.ok_or_else(|| "up to 64 letters, digits, '-', '.', '_'".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, Parser as _};

    use super::Arguments;

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn what_cannot_be_meant_is_refused() {
        for line in [
            "check",
            "check a b",
            "check a --batch b",
            "check --batch b --iin 123456789011",
            "check a --at yesterday",
            "check a --at 2026-02-30T00:00:00Z",
            "check a --at 2026-08-20",
            "check a --iin 12345678901",
            "check a --iin 12345678901a",
            "check a --bin ",
            "check a --purpose encrypt",
            "check a --profile web",
            "check a --revocation maybe",
            "check a --language de",
            "check a --json --json",
            "check a --nonsense",
            "inspect",
            "crl",
            "crl show list",
            "crl fetch x",
            "crl fetch --url http://a/b",
            "crl fetch --issuer a",
            "crl fetch --config a --url http://a/b --issuer c",
            "crl fetch --delta",
            "crl list a",
            "crl list --out a",
            "crl verify",
            "crl verify list",
            "crl verify list --issuer a --at noon",
            "signature check --public-key k --signature s",
            "signature check --public-key k --signature s --message m --digest 00",
            "verify",
            "verify a b",
            "verify a --batch b",
            "verify a --submission b",
            "verify --submission b --iin 123456789011",
            "verify --submission b --extract c",
            "verify --batch b --content c",
            "verify a --content b --content-digest sha-256:00",
            "verify a --format docx",
            "verify a --signature-only --online",
            "sign a",
            "sign a --format cms --out b",
            "sign a --key k --out b",
            "sign a --key k --format cms",
            "sign a --key k --format docx --out b",
            "sign a --key k --format cms --out b --password secret",
            "sign a --key k --format cms --out b --password-file f --password-variable V",
            "sign a --key k --format cms --out b --alias x --certificate c",
            "sign a --key k --format cms --out b --pkcs11-module m",
            "sign a --key k --format cms --out b --pkcs11-token t",
            "sign a --key k --format cms --out b --content c",
            "sign a --key k --format cms --out b --crl c",
            "sign a --key k --format cms --out b --online",
            "sign a --key k --format cms --out b --timestamp-policy 1.2.3",
            "sign a --key k --format cms --out b --timestamp-url u --timestamp-policy one",
            "extend a --to t --out b",
            "extend a --to lt --out b",
            "extend a --to lta --timestamp-url u --out b",
            "extend a --to t --timestamp-url u",
            "extend a --to t --timestamp-url u --out b --key k",
            "serve a",
            "token",
            "token new a",
            "token new --client",
            "token new --client a\"b",
        ] {
            let words = ["rastau"].into_iter().chain(line.split(' '));
            let error = Arguments::try_parse_from(words).expect_err(line);
            assert_eq!(error.exit_code(), 2, "{line}");
        }
    }
}
