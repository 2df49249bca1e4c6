//! Zip containers: `ASiC` and the Kazakh one.

mod asic;
mod hostile;
mod kazakh;
mod xades;

use std::io::{Cursor, Write as _};

use rastau::container;
use rastau::signed::{Detached, Document, FormatError, SignedDocument};
use rastau_mint::hash::Hash;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const MIME_E: &str = "application/vnd.etsi.asic-e+zip";
const MIME_S: &str = "application/vnd.etsi.asic-s+zip";

/// A zip archive of files; `mimetype` is stored, the others are packed.
fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        let method = if *name == "mimetype" { CompressionMethod::Stored } else { CompressionMethod::Deflated };
        zip.start_file(*name, SimpleFileOptions::default().compression_method(method)).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn read(bytes: &[u8]) -> Result<SignedDocument, FormatError> {
    container::read(Document::Bytes(bytes), Detached::Absent)
}

/// What each signature covers, in words.
fn covers(document: &SignedDocument) -> Vec<String> {
    document.signatures.iter().map(|signature| signature.covers.to_string()).collect()
}

/// Elements `DigestMethod` and `DigestValue` of some content.
fn digest_elements(prefix: &str, uri: &str, hash: Hash, content: &[u8]) -> String {
    use base64::Engine as _;
    let value = base64::engine::general_purpose::STANDARD.encode(hash.digest(content));
    format!("<{prefix}DigestMethod Algorithm=\"{uri}\"/><{prefix}DigestValue>{value}</{prefix}DigestValue>")
}
