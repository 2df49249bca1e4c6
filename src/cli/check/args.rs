//! Options of `check`.

use std::path::PathBuf;

use clap::Args;

use super::super::evidence::JudgementArgs;

const CHECK_EXAMPLES: &str = "\
Examples:
  rastau check applicant.cer --iin 123456789011
  rastau check applicant.cer --trust root.cer --intermediates ca.cer --crl ca.crl --at 2026-08-20T09:00:00Z
  curl -s https://example.org/a.cer | rastau check - --trust ca/ --revocation off --json
  rastau check --batch requests.jsonl > reports.jsonl

Without --trust the embedded demo authority is trusted, whose keys are public, and the report says so. With --trust
nothing of the demo is used. Nothing is fetched from the network without --online.

A line of a batch is the body of POST /v1/certificates/check with, if wanted, \"id\", \"trust\", \"intermediates\",
\"crls\", \"ocsp_responses\" (arrays of base64 or PEM), \"profile\", \"revocation\", \"check_anchors\" and \"policy\"; the options
given here hold for lines that do not say otherwise. The exit status of a batch is 0 when every line was answered, whatever the answers.";

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
