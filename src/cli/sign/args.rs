//! Options of `sign`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::super::args::LanguageName;
use super::super::evidence::{EvidenceArgs, JudgementArgs};
use super::super::timestamp::TimestampArgs;
use crate::service::signing::SignFormat;

const EXAMPLES: &str = "\
Examples:
  rastau sign licence.pdf --key official.p12 --password-file password.txt --format pdf --out signed.pdf
  rastau sign report.docx --key official.p12 --format cms --detached --out report.p7s
  rastau sign form.xml --key official.key --certificate official.pem --format xml --out signed.xml \\
      --trust root.cer --intermediates ca.cer --crl ca.crl --crl root.crl
  rastau sign report.p7s --add --content report.docx --key second.p12 --format cms --out both.p7s
  rastau sign report.docx --pkcs11-module /usr/lib/softhsm/libsofthsm2.so --pkcs11-token office --password-file pin.txt \\
      --format cms --timestamp-url http://tsp.pki.gov.kz --out report.p7s

With --trust the holder's certificate is checked in full before anything is signed, revocation included, and what was
signed is verified in full before it is written. Without, only its period and its use are, and the cryptography of the
result; a warning says so. A password is never an argument: without a source of one, somebody at the terminal is asked.

Exit status: 0 signed, 1 the certificate is refused, 3 what is known about it, or about the timestamp, does not suffice,
2 anything else. Unless it is 0, nothing is written.";

/// Options of `sign`.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct SignArgs {
    /// The document; `-` reads standard input
    #[arg(value_name = "DOCUMENT")]
    pub document: PathBuf,
    /// The form of the signature
    #[arg(long, value_name = "FORMAT")]
    pub format: FormName,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    #[command(flatten)]
    pub key: KeyArgs,
    /// Put the signature beside the document, not around it (cms)
    #[arg(long)]
    pub detached: bool,
    /// DOCUMENT is a signed message: add one signature more to it (cms)
    #[arg(long)]
    pub add: bool,
    /// The content of a message that has none inside
    #[arg(long, value_name = "FILE", requires = "add")]
    pub content: Option<PathBuf>,
    /// Put the certificates of the authorities beside the holder's: those found beside the key, and of --intermediates
    #[arg(long)]
    pub chain: bool,
    #[command(flatten)]
    pub timestamp: TimestampArgs,
    /// Trust anchors: a file or a folder, PEM or DER; may be repeated
    #[arg(long, value_name = "PATH")]
    pub trust: Vec<PathBuf>,
    /// Certificates of issuing authorities, not trusted by themselves; may be repeated
    #[arg(long, value_name = "PATH")]
    pub intermediates: Vec<PathBuf>,
    /// Revocation lists; may be repeated
    #[arg(long, value_name = "PATH", requires = "trust")]
    pub crl: Vec<PathBuf>,
    /// OCSP responses; may be repeated
    #[arg(long, value_name = "PATH", requires = "trust")]
    pub ocsp: Vec<PathBuf>,
    /// Fetch what the certificate and those above it name (lists, OCSP), at the hosts of the National CA
    #[arg(long, requires = "trust")]
    pub online: bool,
    /// Another host that may be asked with --online: a name, or .name for every host below it; may be repeated
    #[arg(long, value_name = "HOST", requires = "online")]
    pub online_host: Vec<String>,
    /// Print what was done as JSON
    #[arg(long)]
    pub json: bool,
    /// Language of a refusal [default: that of the environment, else en]
    #[arg(long, value_name = "LANGUAGE")]
    pub language: Option<LanguageName>,
}

impl SignArgs {
    /// What the holder's certificate and the result are judged by.
    pub fn judgement(&self) -> JudgementArgs {
        JudgementArgs {
            evidence: EvidenceArgs {
                trust: self.trust.clone(),
                intermediates: self.intermediates.clone(),
                crl: self.crl.clone(),
            },
            ocsp: self.ocsp.clone(),
            language: self.language,
            online: self.online,
            online_host: self.online_host.clone(),
            ..JudgementArgs::default()
        }
    }
}

/// Where the key is, and its password.
#[derive(Clone, Debug, Args)]
pub struct KeyArgs {
    /// The key: a key store (.p12), or a private key (PKCS#8, PEM or DER) with its certificate
    #[arg(long, value_name = "FILE", required_unless_present = "pkcs11_module", conflicts_with = "pkcs11_module")]
    pub key: Option<PathBuf>,
    /// The certificate of the key, where it is in a file of its own
    #[arg(long, value_name = "CERT")]
    pub certificate: Option<PathBuf>,
    /// Which key of the key store: its name, its identifier or the serial number of its certificate
    #[arg(long, value_name = "NAME", requires = "key", conflicts_with = "certificate")]
    pub alias: Option<String>,
    /// The key is in a token or HSM: the PKCS#11 library of its maker
    #[arg(long, value_name = "LIBRARY")]
    pub pkcs11_module: Option<PathBuf>,
    /// Label or serial number of the token, if there are several
    #[arg(long, value_name = "TOKEN", requires = "pkcs11_module", conflicts_with = "key")]
    pub pkcs11_token: Option<String>,
    /// Label or identifier (hexadecimal) of the key in the token, if there are several
    #[arg(long, value_name = "KEY", requires = "pkcs11_module", conflicts_with = "key")]
    pub pkcs11_key: Option<String>,
    /// File with the password or PIN, and nothing else
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
    /// Environment variable with the password or PIN
    #[arg(long, value_name = "NAME", conflicts_with = "password_file")]
    pub password_variable: Option<String>,
}

/// `--format`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FormName {
    /// CMS, CAdES
    Cms,
    /// PDF, PAdES
    Pdf,
    /// SOAP with WS-Security
    Wsse,
    /// XML, XAdES enveloped
    Xml,
}

impl From<FormName> for SignFormat {
    fn from(name: FormName) -> Self {
        match name {
            FormName::Cms => Self::Cms,
            FormName::Pdf => Self::Pdf,
            FormName::Wsse => Self::Wsse,
            FormName::Xml => Self::Xml,
        }
    }
}
