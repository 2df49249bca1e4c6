//! What can be written behind `rastau journal`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::clock::Time;
use crate::iin::{Bin, Iin};
use crate::journal::Receipt;

const VERIFY_EXAMPLES: &str = "\
Examples:
  rastau journal verify                                   the journal of the service on this machine
  rastau journal verify --data /var/lib/rastau --expect-head 1234:9f86d081884c7d65…
  rastau journal verify backup/journal.db --public-key kept/checkpoint.pub --checkpoints kept/checkpoints.jsonl
  rastau journal verify export.jsonl --public-key kept/checkpoint.pub

Whoever can write the journal's folder can also exchange what lies beside the database. Keep a copy of checkpoint.pub and
of checkpoints.jsonl (or the log, or a head) elsewhere, and verify with that.

Exit status: 0 nothing is wrong, 1 something is, and the first entry is named, 2 it cannot be read.";

/// The commands on the journal.
#[derive(Debug, Subcommand)]
pub enum JournalCommand {
    /// Write entries as lines of JSON, which anybody can verify
    Export(ExportArgs),
    /// Print the last entry as SEQUENCE:HASH, to be remembered elsewhere
    Head(HeadArgs),
    /// Delete old entries, after they were exported; the service must not run
    Prune(PruneArgs),
    /// Print entries
    Show(ShowArgs),
    /// Find any entry that was changed, removed, inserted or moved
    Verify(VerifyArgs),
}

/// Which journal.
#[derive(Clone, Debug, Args)]
pub struct WhereArgs {
    /// Configuration in TOML
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder for what the service keeps
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
}

/// Options of `journal verify`.
#[derive(Clone, Debug, Args)]
#[command(after_help = VERIFY_EXAMPLES)]
pub struct VerifyArgs {
    /// A journal's folder, its database, or an export; `-` reads an export from standard input
    #[arg(value_name = "PATH", conflicts_with_all = ["config", "data"])]
    pub path: Option<PathBuf>,
    #[command(flatten)]
    pub place: WhereArgs,
    /// A head that was remembered: the entry must be there, with that hash
    #[arg(long, value_name = "SEQ:HASH", value_parser = parse_head)]
    pub expect_head: Option<Receipt>,
    /// Checkpoints that were kept elsewhere [default: those beside the database]
    #[arg(long, value_name = "FILE")]
    pub checkpoints: Option<PathBuf>,
    /// The key that signs checkpoints, PEM or hexadecimal [default: that beside the database]
    #[arg(long, value_name = "FILE")]
    pub public_key: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Options of `journal export`.
#[derive(Clone, Debug, Args)]
pub struct ExportArgs {
    #[command(flatten)]
    pub place: WhereArgs,
    /// The first entry
    #[arg(long, value_name = "SEQ", default_value_t = 1)]
    pub from: u64,
    /// The last entry [default: the last there is]
    #[arg(long, value_name = "SEQ")]
    pub to: Option<u64>,
    /// Write to a file, which must not be there, instead of standard output
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Options of `journal head`.
#[derive(Clone, Debug, Args)]
pub struct HeadArgs {
    #[command(flatten)]
    pub place: WhereArgs,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Options of `journal show`.
#[derive(Clone, Debug, Args)]
pub struct ShowArgs {
    /// One entry, whole
    #[arg(value_name = "SEQ", conflicts_with_all = ["after", "last", "limit", "event", "iin", "bin"])]
    pub sequence: Option<u64>,
    #[command(flatten)]
    pub place: WhereArgs,
    /// Only entries behind that one
    #[arg(long, value_name = "SEQ", default_value_t = 0)]
    pub after: u64,
    /// Only the last so many
    #[arg(long, value_name = "N", conflicts_with_all = ["after", "limit", "event", "iin", "bin"])]
    pub last: Option<u64>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub limit: usize,
    /// Only entries of that event: signed, document-verified, …
    #[arg(long, value_name = "EVENT")]
    pub event: Option<String>,
    /// Only entries about the person with that number
    #[arg(long, value_name = "N", value_parser = parse_iin, conflicts_with = "bin")]
    pub iin: Option<String>,
    /// Only entries about the organisation with that number
    #[arg(long, value_name = "N", value_parser = parse_bin)]
    pub bin: Option<String>,
    /// Print lines of JSON
    #[arg(long)]
    pub json: bool,
}

/// Options of `journal prune`.
#[derive(Clone, Debug, Args)]
pub struct PruneArgs {
    #[command(flatten)]
    pub place: WhereArgs,
    /// Delete entries up to that one
    #[arg(long, value_name = "SEQ", required_unless_present = "before", conflicts_with = "before")]
    pub through: Option<u64>,
    /// Delete entries made before that moment, RFC 3339
    #[arg(long, value_name = "RFC3339", value_parser = parse_time)]
    pub before: Option<Time>,
    /// Export what is deleted into that file first, which must not be there
    #[arg(long, value_name = "FILE", required_unless_present = "without_export", conflicts_with = "without_export")]
    pub export: Option<PathBuf>,
    /// Delete without an export
    #[arg(long)]
    pub without_export: bool,
}

fn parse_head(text: &str) -> Result<Receipt, String> {
    text.parse().map_err(|()| "a head is SEQUENCE:HASH, as `rastau journal head` prints it".to_owned())
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
