//! What can be written on the command line. Words only: what they mean is in the file of each command.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::extend::ExtendArgs;
use super::journal::JournalCommand;
use super::sign::SignArgs;
use crate::clock::Time;
use crate::config;
use crate::der::Oid;
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

const CHECK_EXAMPLES: &str = "\
Examples:
  rastau check applicant.cer --iin 123456789011
  rastau check applicant.cer --trust root.cer --intermediates ca.cer --crl ca.crl --at 2026-08-20T09:00:00Z
  curl -s https://example.org/a.cer | rastau check - --trust ca/ --revocation off --json
  rastau check --batch requests.jsonl > reports.jsonl

Without --trust the embedded demo authority is trusted, whose keys are public, and the report says so. With --trust
nothing of the demo is used. Nothing is fetched from the network without --online.

A line of a batch is the body of POST /v1/certificates/check with, if wanted, \"id\", \"trust\", \"intermediates\",
\"crls\", \"ocsp_responses\" (arrays of base64 or PEM), \"profile\", \"revocation\" and \"check_anchors\"; the options given here hold for
lines that do not say otherwise. The exit status of a batch is 0 when every line was answered, whatever the answers.";

const VERIFY_EXAMPLES: &str = "\
Examples:
  rastau verify application.p7s --iin 123456789011
  rastau verify licence.pdf --trust root.cer --intermediates ca.cer --crl ca.crl --crl root.crl --json
  rastau verify report.sig --content report.docx --extract checked.docx
  rastau verify form.xml --signature-only
  rastau verify --submission received/2026-1234/ --json
  rastau verify --batch requests.jsonl > reports.jsonl

Without --trust the embedded demo authority is trusted, whose keys are public, and the report says so. Nothing is fetched
from the network without --online. Large CMS documents and contents are read as streams.

submission.json has the body of POST /v1/submissions/verify with the names of files beside it instead of base64:
  {\"service\": \"medical-activity\", \"channel\": \"portal\", \"applicant\": {\"iin\": \"…\"},
   \"form\": {\"document\": \"form.xml\"}, \"attachments\": [{\"name\": \"diploma\", \"document\": \"diploma.p7s\"}]}

A line of a batch is the body of POST /v1/documents/verify with, if wanted, the members that `check --batch` knows, and
\"signature_only\"; \"trust\": \"none\" says the same. Without trust every digest and every signature has to
hold, under the certificate that it names or, where a signature brings a key and no certificate, under that key; so has every
timestamp whose authority's certificate is at hand. The report warns that trust was not asked about.
Exit status: 0 accepted, 1 refused, 3 undetermined, 2 something could not be read.";

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

/// Options of `check`.
#[derive(Clone, Debug, Args)]
#[command(after_help = CHECK_EXAMPLES)]
pub struct CheckArgs {
    /// The certificate: PEM, base64 or DER; `-` reads standard input
    #[arg(value_name = "CERT", required_unless_present = "batch")]
    pub certificate: Option<PathBuf>,
    /// Answer one request a line from a file, or from standard input for `-`, on all cores, in order
    #[arg(long, value_name = "FILE.jsonl", conflicts_with_all = ["certificate", "iin", "bin"])]
    pub batch: Option<PathBuf>,
    #[command(flatten)]
    pub judgement: JudgementArgs,
}

/// What an answer rests on and is judged by: options of `check` and `verify` alike.
#[derive(Clone, Debug, Default, Args)]
pub struct JudgementArgs {
    #[command(flatten)]
    pub evidence: EvidenceArgs,
    /// OCSP responses; may be repeated
    #[arg(long, value_name = "PATH")]
    pub ocsp: Vec<PathBuf>,
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

/// Options of `verify`.
#[derive(Clone, Debug, Args)]
#[command(after_help = VERIFY_EXAMPLES)]
pub struct VerifyArgs {
    /// The signed document: CMS, XML, SOAP, PDF, ASiC or the Kazakh zip container; `-` reads standard input
    #[arg(value_name = "DOCUMENT", required_unless_present_any = ["batch", "submission"])]
    pub document: Option<PathBuf>,
    /// Verify a whole submission: a folder with submission.json and the files it names
    #[arg(long, value_name = "DIR", conflicts_with_all = ["document", "batch", "iin", "bin", "service", "purpose"])]
    pub submission: Option<PathBuf>,
    /// Answer one request a line from a file, or from standard input for `-`, on all cores, in order
    #[arg(long, value_name = "FILE.jsonl", conflicts_with_all = ["document", "iin", "bin"])]
    pub batch: Option<PathBuf>,
    /// BIN of a centre of the State corporation, whose staff may sign submissions of the channel «centre»; may be repeated
    #[arg(long, value_name = "BIN", value_parser = parse_bin, requires = "submission")]
    pub centre: Vec<String>,
    /// BIN of a provider, whose staff may sign submissions of the channel «provider»; may be repeated
    #[arg(long, value_name = "BIN", value_parser = parse_bin, requires = "submission")]
    pub provider: Vec<String>,
    #[command(flatten)]
    pub about: DocumentArgs,
    #[command(flatten)]
    pub judgement: JudgementArgs,
}

/// Options of `verify` about one document.
#[derive(Clone, Debug, Default, Args)]
pub struct DocumentArgs {
    /// The content of a detached signature
    #[arg(long, value_name = "FILE", conflicts_with_all = ["submission", "batch"])]
    pub content: Option<PathBuf>,
    /// The digest of that content instead, such as sha-256:0a1b…
    #[arg(long, value_name = "ALG:HEX", conflicts_with_all = ["content", "submission", "batch"])]
    pub content_digest: Option<String>,
    /// The format [default: found out from the bytes]
    #[arg(long, value_name = "FORMAT", conflicts_with_all = ["submission", "batch"])]
    pub format: Option<FormatName>,
    /// The Id of the XML element that has to be covered, instead of the root
    #[arg(long, value_name = "ID", conflicts_with_all = ["submission", "batch"])]
    pub part: Option<String>,
    /// Write what was signed to a file, if it is accepted
    #[arg(long, value_name = "FILE", conflicts_with_all = ["submission", "batch"])]
    pub extract: Option<PathBuf>,
    /// Judge the cryptography only: every signature and digest, and nobody's certificate
    #[arg(long, conflicts_with_all = ["submission", "online"])]
    pub signature_only: bool,
}

/// Inputs of certificate-policy processing (RFC 5280 section 6.1.1).
#[derive(Clone, Debug, Default, Args)]
pub struct PolicyArgs {
    /// Policy that is acceptable [default: any]; may be repeated
    #[arg(long, value_name = "OID", value_parser = super::policy::parse)]
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

/// `--format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FormatName {
    /// ASiC-E
    AsicE,
    /// ASiC-S
    AsicS,
    /// CMS or CAdES
    Cms,
    /// The zip container of Kazakh systems
    KzZip,
    /// PDF
    Pdf,
    /// SOAP with WS-Security
    Wsse,
    /// XML signature or XAdES
    Xml,
}

impl FormatName {
    /// The name in requests.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AsicE => "asic-e",
            Self::AsicS => "asic-s",
            Self::Cms => "cms",
            Self::KzZip => "kz-zip",
            Self::Pdf => "pdf",
            Self::Wsse => "wsse",
            Self::Xml => "xml",
        }
    }
}

/// `--profile`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ProfileName {
    /// What the portal asks for
    Kz,
    /// Path validation and revocation only
    Rfc5280,
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

fn parse_time(text: &str) -> Result<Time, String> {
    text.parse::<Time>().map_err(|error| error.to_string())
}

fn parse_iin(text: &str) -> Result<String, String> {
    Iin::parse(text).map(|_| text.to_owned()).map_err(|error| format!("an IIN is twelve digits: {error}"))
}

fn parse_bin(text: &str) -> Result<String, String> {
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
