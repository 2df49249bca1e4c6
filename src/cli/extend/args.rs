//! Options of `extend`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::super::args::LanguageName;
use super::super::evidence::{EvidenceArgs, JudgementArgs};
use super::super::timestamp::TimestampArgs;

const EXAMPLES: &str = "\
Examples:
  rastau extend signed.pdf --to t --timestamp-url http://tsp.pki.gov.kz --out stamped.pdf
  rastau extend report.p7s --content report.docx --to t --timestamp-url http://tsp.pki.gov.kz --out stamped.p7s
  rastau extend stamped.pdf --to lt --trust root.cer --intermediates ca.cer --crl ca.crl --crl root.crl --out kept.pdf

t: every signature that has no timestamp gets one. lt: the certificates of the paths found and the lists and responses
given go into the document, so that it can be verified when those are not at hand any more. No key is needed, and nothing
that was signed changes. A list goes in whole: OCSP responses make smaller documents.

Exit status: 0 written, 3 the evidence does not suffice for lt, or for what a timestamp is to prove, 1 a signature is
refused, so that lt cannot be, 2 anything else. Unless it is 0, nothing is written.";

/// Options of `extend`.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct ExtendArgs {
    /// The signed document: CMS, XML or PDF; `-` reads standard input
    #[arg(value_name = "DOCUMENT")]
    pub document: PathBuf,
    /// What it is to be
    #[arg(long, value_name = "LEVEL", requires_ifs = [("t", "timestamp_url"), ("lt", "trust")])]
    pub to: LevelName,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// The content of a detached signature
    #[arg(long, value_name = "FILE")]
    pub content: Option<PathBuf>,
    #[command(flatten)]
    pub timestamp: TimestampArgs,
    /// Trust anchors: a file or a folder, PEM or DER; may be repeated
    #[arg(long, value_name = "PATH")]
    pub trust: Vec<PathBuf>,
    /// Certificates of issuing authorities, not trusted by themselves; may be repeated
    #[arg(long, value_name = "PATH", requires = "trust")]
    pub intermediates: Vec<PathBuf>,
    /// Revocation lists; may be repeated
    #[arg(long, value_name = "PATH", requires = "trust")]
    pub crl: Vec<PathBuf>,
    /// OCSP responses; may be repeated
    #[arg(long, value_name = "PATH", requires = "trust")]
    pub ocsp: Vec<PathBuf>,
    /// Print what was done as JSON
    #[arg(long)]
    pub json: bool,
    /// Language of a refusal [default: that of the environment, else en]
    #[arg(long, value_name = "LANGUAGE")]
    pub language: Option<LanguageName>,
}

impl ExtendArgs {
    /// What the document is judged by, before and after.
    pub fn judgement(&self) -> JudgementArgs {
        JudgementArgs {
            evidence: EvidenceArgs {
                trust: self.trust.clone(),
                intermediates: self.intermediates.clone(),
                crl: self.crl.clone(),
            },
            ocsp: self.ocsp.clone(),
            language: self.language,
            ..JudgementArgs::default()
        }
    }
}

/// `--to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LevelName {
    /// With timestamps
    T,
    /// With timestamps and the evidence for a later verification
    Lt,
}
