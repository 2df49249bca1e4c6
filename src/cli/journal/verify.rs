//! `rastau journal verify`: is the journal what was written?

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read as _};
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::super::input;
use super::super::output::{BAD, FAINT, GOOD, HEADING, Hex, Output, Styled, UNSURE, field};
use super::super::status::{Failure, Status};
use super::args::VerifyArgs;
use super::{Place, database, folder};
use crate::journal::{
    CHECKPOINTS_FILE, DATABASE_FILE, Fault, Known, PUBLIC_KEY_FILE, Verified, VerifyError, checkpoints, read_public,
    verify_database, verify_export,
};

/// The first octets of every SQLite database.
const SQLITE: &[u8; 16] = b"SQLite format 3\0";
/// A public key in PEM has 113.
const MAX_KEY: usize = 4096;

/// What is verified.
enum Subject {
    Database(PathBuf),
    Export(PathBuf),
}

/// What is printed as JSON.
#[derive(Serialize)]
struct View {
    good: bool,
    entries: u64,
    first: Option<u64>,
    head: Option<Place>,
    checkpoints: u64,
    signed_through: u64,
    public_keys: Vec<String>,
    pruned_through: u64,
    answers: u64,
    timestamps: u64,
    /// Whether something kept elsewhere was compared: a key and checkpoints, or a head.
    compared_with_copies: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<Fault>,
}

/// Verifies and says what was found.
pub async fn run(args: &VerifyArgs) -> Result<Status, Failure> {
    let subject = match &args.path {
        Some(path) => subject(path.clone())?,
        None => Subject::Database(database(&folder(&args.place)?)?),
    };
    let known = known(args, &subject)?;
    let key = known.public_key;
    let found = match &subject {
        Subject::Database(path) => verify_database(path, known).await,
        Subject::Export(path) => verify_export(reader(path)?, known),
    };
    let name = match &subject {
        Subject::Database(path) | Subject::Export(path) => path.display().to_string(),
    };
    let found = match found {
        Ok(verified) => Ok(verified),
        Err(VerifyError::Fault(fault)) => Err(fault),
        Err(VerifyError::Unreadable(problem)) => {
            return Err(Failure::new(name, format!("cannot be read: {problem}"))
                .remedy("give a journal's folder, its journal.db, or what `rastau journal export` wrote"));
        }
    };
    let status = if found.is_ok() { Status::Good } else { Status::Refused };
    if args.json {
        let mut output = Output::raw();
        output.json(&view(found, copies(args)));
        output.finish()?;
    } else {
        let mut output = Output::standard();
        print(&name, &found, key.is_some(), &mut output);
        if status == Status::Good && !copies(args) {
            let told = "Nothing kept elsewhere was compared: who can write the journal can also write what lies beside it. Give \
                        --expect-head, or copies by --public-key and --checkpoints.";
            output.line(Styled(UNSURE, told));
        }
        output.finish()?;
    }
    Ok(status)
}

/// Verifies the journal of a folder with what lies beside it; the fault, if there is one.
pub async fn of_folder(folder: &Path) -> Result<Result<Verified, Fault>, Failure> {
    let path = folder.join(DATABASE_FILE);
    let known = beside(folder)?;
    match verify_database(&path, known).await {
        Ok(verified) => Ok(Ok(verified)),
        Err(VerifyError::Fault(fault)) => Ok(Err(fault)),
        Err(VerifyError::Unreadable(problem)) => Err(Failure::new(path.display().to_string(), problem)),
    }
}

/// Finds out from the bytes.
fn subject(path: PathBuf) -> Result<Subject, Failure> {
    if path.as_os_str() == "-" {
        return Ok(Subject::Export(path));
    }
    if path.is_dir() {
        return database(&path).map(Subject::Database);
    }
    let mut start = Vec::new();
    let opened = File::open(&path).and_then(|file| file.take(SQLITE.len() as u64).read_to_end(&mut start));
    opened.map_err(|error| input::unread("", &path, usize::MAX, &error))?;
    Ok(if start == SQLITE { Subject::Database(path) } else { Subject::Export(path) })
}

fn reader(path: &Path) -> Result<Box<dyn BufRead>, Failure> {
    if path.as_os_str() == "-" {
        return Ok(Box::new(BufReader::new(io::stdin())));
    }
    let file = File::open(path).map_err(|error| input::unread("", path, usize::MAX, &error))?;
    Ok(Box::new(BufReader::new(file)))
}

/// Whether what was given could only have been changed together with the journal by somebody who had both.
fn copies(args: &VerifyArgs) -> bool {
    args.expect_head.is_some() || (args.public_key.is_some() && args.checkpoints.is_some())
}

/// What was given, and what lies beside a database.
fn known(args: &VerifyArgs, subject: &Subject) -> Result<Known, Failure> {
    let folder = match subject {
        Subject::Database(path) => path.parent(),
        Subject::Export(_) => None,
    };
    let key = args.public_key.clone().or_else(|| existing(folder?.join(PUBLIC_KEY_FILE)));
    let mut known = Known { public_key: key.as_deref().map(public_key).transpose()?, ..Known::default() };
    let file = args.checkpoints.clone().or_else(|| existing(folder?.join(CHECKPOINTS_FILE)));
    if let Some(file) = file {
        known = with_checkpoints(known, &file)?;
    }
    Ok(match args.expect_head {
        Some(head) => known.with_head(head),
        None => known,
    })
}

fn beside(folder: &Path) -> Result<Known, Failure> {
    let key = existing(folder.join(PUBLIC_KEY_FILE)).map(|path| public_key(&path)).transpose()?;
    let known = Known { public_key: key, ..Known::default() };
    match existing(folder.join(CHECKPOINTS_FILE)) {
        Some(file) => with_checkpoints(known, &file),
        None => Ok(known),
    }
}

fn existing(path: PathBuf) -> Option<PathBuf> {
    path.exists().then_some(path)
}

fn with_checkpoints(known: Known, file: &Path) -> Result<Known, Failure> {
    let kept = checkpoints(file, known.public_key.as_ref()).map_err(|error| {
        Failure::new(file.display().to_string(), error)
            .remedy("somebody changed the file, or it is of another journal; give a copy by --checkpoints")
    })?;
    Ok(known.with_checkpoints(&kept))
}

fn public_key(path: &Path) -> Result<[u8; 32], Failure> {
    let text = input::read("--public-key", path, MAX_KEY)?;
    read_public(&text).ok_or_else(|| {
        Failure::new(path.display().to_string(), "is no Ed25519 public key")
            .remedy("give checkpoint.pub of the journal's folder, or its 64 hexadecimal digits")
    })
}

fn view(found: Result<Verified, Fault>, compared_with_copies: bool) -> View {
    let (verified, fault) = match found {
        Ok(verified) => (verified, None),
        Err(fault) => (Verified::default(), Some(fault)),
    };
    let proof = verified.proof;
    View {
        good: fault.is_none(),
        entries: proof.entries,
        first: proof.first,
        head: proof.head.as_ref().map(Place::of),
        checkpoints: proof.checkpoints,
        signed_through: proof.signed_through,
        public_keys: proof.keys.iter().map(|key| Hex(key).to_string()).collect(),
        pruned_through: verified.pruned_through,
        answers: verified.answers,
        timestamps: verified.timestamps,
        compared_with_copies,
        fault,
    }
}

fn print(name: &str, found: &Result<Verified, Fault>, pinned: bool, output: &mut Output) {
    output.line(Styled(HEADING, super::super::output::Clean(name)));
    let verified = match found {
        Ok(verified) => verified,
        Err(fault) => {
            output.line(format_args!("{} {fault}", Styled(BAD, "The journal was changed.")));
            return;
        }
    };
    let proof = &verified.proof;
    let first = proof.first.unwrap_or(0);
    let head = proof.head.map_or_else(|| "none".to_owned(), |head| head.to_string());
    field(output, "entries", &format!("{} from {first} on", proof.entries));
    field(output, "head", &head);
    if verified.pruned_through > 0 {
        field(output, "pruned", &format!("up to entry {}, as a signed entry says", verified.pruned_through));
    }
    let signed = format!("{}, the last covers entry {}", proof.checkpoints, proof.signed_through);
    field(output, "checkpoints", if proof.checkpoints == 0 { "none" } else { &signed });
    for key in &proof.keys {
        field(output, "signed by", &Hex(key).to_string());
    }
    field(output, "answers", &verified.answers.to_string());
    if verified.timestamps > 0 {
        field(output, "timestamps", &format!("{} (whose they are is not judged here)", verified.timestamps));
    }
    output.line(Styled(GOOD, "Nothing was changed, removed, inserted or moved."));
    let unsigned = proof.head.map_or(0, |head| head.sequence.saturating_sub(proof.signed_through.saturating_add(1)));
    if unsigned > 0 {
        output.line(Styled(
            FAINT,
            format_args!("{unsigned} entries behind the last checkpoint are chained, not signed yet."),
        ));
    }
    if !pinned && proof.checkpoints > 0 {
        output.line(Styled(UNSURE, "Any key was taken for the journal's: give the right one by --public-key."));
    }
}
