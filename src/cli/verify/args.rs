//! Options of `verify`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::super::args::parse_bin;
use super::super::evidence::JudgementArgs;

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
