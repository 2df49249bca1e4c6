//! Makes the demo PKI: `certs/*.pem` and everything in `testdata/demo/`, bit for bit the same every time.
//!
//! ```text
//! cargo run --release --example demo-pki               writes the files
//! cargo run --release --example demo-pki -- --check    writes nothing; exit 1 and the names when files differ
//! ```
//!
//! Dates are fixed (2022 to the end of 2049) and every key follows from a label in this source through the minting
//! library `rastau-mint`. **The private keys are therefore public.** rastau refuses these anchors outside its demo.

mod authorities;
mod cases;
mod documents;
mod leaves;
mod lists;
mod questions;
mod readme;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use authorities::Authorities;

/// Everything to be written, by path below the project's top folder.
type Files = BTreeMap<String, Vec<u8>>;

fn main() -> ExitCode {
    let check = match std::env::args().skip(1).collect::<Vec<_>>().as_slice() {
        [] => false,
        [flag] if flag == "--check" => true,
        _ => {
            eprintln!("usage: demo-pki [--check]");
            return ExitCode::from(2);
        }
    };
    let top = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = mint();
    let outcome = if check { compare(top, &files) } else { write(top, &files) };
    outcome.unwrap_or_else(|error| {
        eprintln!("demo-pki: {error}");
        ExitCode::FAILURE
    })
}

fn mint() -> Files {
    let authorities = Authorities::mint();
    let leaves = leaves::mint(&authorities);
    let lists = lists::mint(&authorities, &leaves);
    let documents = documents::sign(&leaves);
    let mut files = Files::new();
    for authority in authorities.documents() {
        files.insert(authority.path.clone(), rastau_mint::pem::certificate(&authority.der).into_bytes());
    }
    for leaf in &leaves {
        files.insert(leaf.path(), rastau_mint::pem::certificate(&leaf.der).into_bytes());
    }
    for list in &lists {
        files.insert(list.path(), list.der.clone());
    }
    for document in &documents {
        files.insert(document.path(), document.bytes.clone());
    }
    files.insert("testdata/demo/official.key".to_owned(), leaves::official_key().into_bytes());
    let cases = questions::all();
    cases::assert_files_exist(&cases, &files);
    files.insert("testdata/demo/cases.json".to_owned(), cases::json(&cases).into_bytes());
    let readme = readme::demo(&authorities, &leaves, &lists, &documents, &cases);
    files.insert("testdata/demo/README.md".to_owned(), readme.into_bytes());
    files
}

fn write(top: &Path, files: &Files) -> std::io::Result<ExitCode> {
    for (name, contents) in files {
        let path = top.join(name);
        fs::create_dir_all(path.parent().unwrap_or(top))?;
        fs::write(path, contents)?;
    }
    for stray in strays(top, files)? {
        fs::remove_file(&stray)?;
    }
    println!("{} files written", files.len());
    Ok(ExitCode::SUCCESS)
}

fn compare(top: &Path, files: &Files) -> std::io::Result<ExitCode> {
    let mut differing: Vec<String> = files
        .iter()
        .filter(|(name, contents)| fs::read(top.join(name)).ok().as_ref() != Some(*contents))
        .map(|(name, _)| name.clone())
        .collect();
    differing.extend(strays(top, files)?.iter().map(|stray| format!("{} (not ours)", stray.display())));
    for name in &differing {
        println!("differs: {name}");
    }
    if differing.is_empty() {
        println!("{} files are as they should be", files.len());
        return Ok(ExitCode::SUCCESS);
    }
    println!("run `cargo run --release --example demo-pki` to write them anew");
    Ok(ExitCode::FAILURE)
}

/// Files in our folders that we do not make: `testdata/demo/` is ours whole, `certs/` as far as `demo-*.pem` goes.
fn strays(top: &Path, files: &Files) -> std::io::Result<Vec<PathBuf>> {
    let mut strays = Vec::new();
    for folder in ["certs", "testdata/demo"] {
        let Ok(entries) = fs::read_dir(top.join(folder)) else { continue };
        for entry in entries {
            let name = entry?.file_name().to_string_lossy().into_owned();
            let ours = folder == "testdata/demo" || (name.starts_with("demo-") && name.ends_with(".pem"));
            if ours && !files.contains_key(&format!("{folder}/{name}")) {
                strays.push(top.join(folder).join(name));
            }
        }
    }
    Ok(strays)
}
