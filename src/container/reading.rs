//! The signatures of a container, each with the files it covers.

use std::collections::BTreeSet;

use super::archive::{Archive, Files};
use super::kind::{self, KAZAKH_MANIFEST, META_INF, is_content, is_like};
use super::manifest::{self, Manifest, shown};
use crate::crypto::{Digest, HashAlgorithm};
use crate::signed::{
    ContentBytes, Coverage, Detached, Document, Format, FormatError, Integrity, Signature, Signatures, SignedContent,
    SignedDocument,
};
use crate::xmldsig::namespaces::DS;
use crate::xmldsig::tree::Tree;
use crate::xmldsig::{scan, text};
use crate::{cms, xmldsig};

/// Signatures in one container.
const MAX_SIGNATURES: usize = 64;
/// Octets of files that are handed out as what was signed.
const MAX_HANDED_OUT: usize = 64 * 1024 * 1024;
/// Names that a coverage lists.
const MAX_NAMED: usize = 8;

/// Files by the URIs of references.
struct ByUri<'f>(&'f Files);

impl xmldsig::Files for ByUri<'_> {
    fn digest(&self, uri: &str, algorithm: HashAlgorithm) -> Option<Digest> {
        self.0.digest(&manifest::path(uri)?, algorithm)
    }

    fn octets(&self, uri: &str) -> Option<&[u8]> {
        self.0.get(&manifest::path(uri)?)
    }
}

/// A signature with the files it refers to.
struct Found {
    signature: Signature,
    files: BTreeSet<String>,
}

/// What is read so far.
struct Reading<'f> {
    files: &'f Files,
    found: Vec<Found>,
    /// Files of `META-INF` that were read.
    used: BTreeSet<String>,
    warnings: Vec<(&'static str, String)>,
}

pub(super) fn read(document: Document<'_>, detached: Detached<'_>) -> Result<SignedDocument, FormatError> {
    let Document::Bytes(bytes) = document else {
        return Err(FormatError::Unsupported("a container read as a stream".into()));
    };
    if !matches!(detached, Detached::Absent) {
        return Err(FormatError::malformed("a container has its content inside; none may be given beside it"));
    }
    let archive = Archive::read(bytes)?;
    let format = kind::of(&archive)?;
    let files = archive.unpack()?;
    let mut reading = Reading { files: &files, found: Vec::new(), used: BTreeSet::new(), warnings: Vec::new() };
    match format {
        Format::AsicS => reading.simple()?,
        Format::KazakhZip => reading.kazakh()?,
        _ => reading.extended()?,
    }
    reading.finish(format)
}

impl Reading<'_> {
    fn file(&mut self, name: &str) -> Result<&[u8], FormatError> {
        self.used.insert(name.to_owned());
        self.files.get(name).ok_or_else(|| FormatError::Malformed(format!("the file {} is missing", shown(name))))
    }

    /// `ASiC-S`: one file, one file of signatures.
    fn simple(&mut self) -> Result<(), FormatError> {
        let mut content = self.files.iter().filter(|(name, _)| is_content(name));
        let (Some((name, bytes)), None) = (content.next(), content.next()) else {
            return Err(FormatError::malformed("ASiC-S with another number of files than one"));
        };
        let is_there = |name: &str| self.files.get(&format!("{META_INF}{name}")).is_some();
        match (is_there("signature.p7s"), is_there("signatures.xml"), is_there("timestamp.tst")) {
            (true, false, false) => {
                let over = BTreeSet::from([name.to_owned()]);
                self.cms("META-INF/signature.p7s", bytes, &over, Ok(()))
            }
            (false, true, false) => self.xades("META-INF/signatures.xml"),
            (false, false, true) => Err(FormatError::Unsupported("ASiC-S with a timestamp alone".into())),
            _ => Err(FormatError::malformed("ASiC-S with another number of signature files than one")),
        }
    }

    /// `ASiC-E`: manifests with CMS over them, `XAdES` files, or both.
    fn extended(&mut self) -> Result<(), FormatError> {
        let names: Vec<String> = self.files.iter().map(|(name, _)| name.to_owned()).collect();
        for name in names.iter().filter(|name| is_like(name, "ASiCManifest", ".xml")) {
            let manifest = manifest::asic(self.file(name)?)?;
            if manifest.media_type.as_deref() == Some("application/vnd.etsi.timestamp-token") {
                if is_signature(&manifest.signature) {
                    return Err(FormatError::malformed("a signature that a manifest says to be a timestamp"));
                }
                self.used.insert(manifest.signature);
                self.warnings.push(("container-timestamp", format!("the timestamp over {} is not used", shown(name))));
                continue;
            }
            self.over_manifest(name, &manifest)?;
        }
        for name in names.iter().filter(|name| is_like(name, "signatures", ".xml")) {
            self.xades(name)?;
        }
        Ok(())
    }

    /// The Kazakh container: one manifest, one CMS over it.
    fn kazakh(&mut self) -> Result<(), FormatError> {
        let manifest = manifest::kazakh(self.file(KAZAKH_MANIFEST)?)?;
        self.over_manifest(KAZAKH_MANIFEST, &manifest)
    }

    /// The CMS over a manifest.
    fn over_manifest(&mut self, name: &str, manifest: &Manifest) -> Result<(), FormatError> {
        let bytes = self.files.get(name).unwrap_or_default();
        if self.used.contains(&manifest.signature) {
            return Err(FormatError::malformed("one signature for two manifests"));
        }
        let over = manifest.references.iter().map(|reference| reference.name.clone()).collect();
        let compared = manifest.compare(self.files);
        self.cms(&manifest.signature, bytes, &over, compared)
    }

    /// Detached CMS; `compared` says whether the files behind what it is over are the right ones.
    fn cms(
        &mut self,
        name: &str,
        over: &[u8],
        files: &BTreeSet<String>,
        compared: Result<(), String>,
    ) -> Result<(), FormatError> {
        self.used.insert(name.to_owned());
        let bytes = self.files.get(name);
        let bytes = bytes.ok_or_else(|| FormatError::Malformed(format!("the signature {} is missing", shown(name))))?;
        let document = cms::read(Document::Bytes(bytes), Detached::Bytes(over))?;
        if document.contents.iter().any(|content| !matches!(content.bytes, ContentBytes::NotKept)) {
            return Err(FormatError::malformed("a signature in a container with content of its own"));
        }
        self.warnings.extend(document.warnings);
        for mut signature in document.signatures.into_vec() {
            if let (Err(what), Integrity::Intact) = (&compared, &signature.integrity) {
                signature.integrity = Integrity::Altered(what.clone());
            }
            signature.label = format!("{}, {}", shown(name), signature.label);
            self.add(signature, files.clone())?;
        }
        Ok(())
    }

    /// `XAdES` whose references name files.
    fn xades(&mut self, name: &str) -> Result<(), FormatError> {
        let files = self.files;
        let bytes = self.file(name)?;
        let document = xmldsig::read_with_files(bytes, &ByUri(files))?;
        let referred = files_of_signatures(bytes)?;
        let signatures = document.signatures.into_vec();
        if signatures.len() != referred.len() {
            return Err(FormatError::malformed("XML signatures read in two ways"));
        }
        self.warnings.extend(document.warnings);
        for (mut signature, over) in signatures.into_iter().zip(referred) {
            signature.label = format!("{}, {}", shown(name), signature.label);
            self.add(signature, over)?;
        }
        Ok(())
    }

    fn add(&mut self, signature: Signature, files: BTreeSet<String>) -> Result<(), FormatError> {
        if self.found.len() == MAX_SIGNATURES {
            return Err(FormatError::TooMuch { what: "signatures", limit: MAX_SIGNATURES as u64 });
        }
        self.found.push(Found { signature, files });
        Ok(())
    }

    /// Says of each signature what it covers.
    fn finish(mut self, format: Format) -> Result<SignedDocument, FormatError> {
        let content: BTreeSet<&str> = self.files.iter().map(|(name, _)| name).filter(|name| is_content(name)).collect();
        for (name, _) in self.files.iter().filter(|(name, _)| name.starts_with(META_INF)) {
            if is_signature(name) && !self.used.contains(name) {
                // Whatever it is over: nobody would look at it, and somebody could think it was verified.
                return Err(FormatError::Malformed(format!("the signature {} belongs to nothing", shown(name))));
            }
            if !self.used.contains(name) && self.warnings.len() < MAX_SIGNATURES {
                self.warnings.push(("container-file-ignored", format!("the file {} is not used", shown(name))));
            }
        }
        for Found { signature, files } in &mut self.found {
            let left_out: Vec<&str> = content.iter().copied().filter(|name| !files.contains(*name)).collect();
            signature.covers = coverage(&content, &left_out);
        }
        let covered = |name: &str| self.found.iter().any(|found| found.files.contains(name));
        let contents = contents(self.files, covered);
        let signatures: Vec<Signature> = self.found.into_iter().map(|found| found.signature).collect();
        Ok(SignedDocument {
            format,
            signatures: Signatures::new(signatures).ok_or(FormatError::NoSignature)?,
            contents,
            timestamp_token: None,
            warnings: self.warnings,
        })
    }
}

/// Whether a file in `META-INF` is a signature by its name.
fn is_signature(name: &str) -> bool {
    is_like(name, "", ".p7s") || is_like(name, "signature", ".cms") || is_like(name, "signatures", ".xml")
}

fn coverage(content: &BTreeSet<&str>, left_out: &[&str]) -> Coverage {
    if left_out.is_empty() && !content.is_empty() {
        return Coverage::Whole;
    }
    let mut names: Vec<String> = left_out.iter().take(MAX_NAMED).map(|name| shown(name)).collect();
    if left_out.len() > MAX_NAMED {
        names.push(format!("{} more", left_out.len() - MAX_NAMED));
    }
    Coverage::Part(match names.is_empty() {
        true => "container without files".to_owned(),
        false => format!("files of the container without {}", names.join(", ")),
    })
}

/// The files that any signature covers, with their bytes as long as there is room.
fn contents(files: &Files, covered: impl Fn(&str) -> bool) -> Vec<SignedContent> {
    let mut left = MAX_HANDED_OUT;
    let mut contents = Vec::new();
    for (name, bytes) in files.iter().filter(|(name, _)| is_content(name) && covered(name)) {
        let bytes = match left.checked_sub(bytes.len()) {
            Some(rest) => {
                left = rest;
                ContentBytes::Owned(bytes.to_vec())
            }
            None => ContentBytes::NotKept,
        };
        contents.push(SignedContent { name: Some(name.to_owned()), bytes });
    }
    contents
}

/// The files that each signature of an XML file refers to, in the order of the document.
fn files_of_signatures(bytes: &[u8]) -> Result<Vec<BTreeSet<String>>, FormatError> {
    let (text, encoding) = text::decode(bytes)?;
    let text = scan::checked(text)?;
    let tree = Tree::parse(&text, encoding)?;
    let is_signature = |node| tree.is(node, DS, "Signature");
    let outermost = |node| is_signature(node) && !tree.around(node).skip(1).any(is_signature);
    let mut found = Vec::new();
    for signature in tree.all(tree.root()).filter(|node| outermost(*node)) {
        let signed_info = tree.elements(signature).find(|node| tree.is(*node, DS, "SignedInfo"));
        let references = signed_info.into_iter().flat_map(|info| tree.elements(info));
        let uris =
            references.filter(|node| tree.is(*node, DS, "Reference")).filter_map(|node| tree.attribute(node, "URI"));
        found.push(uris.filter(|uri| !uri.starts_with('#')).filter_map(manifest::path).collect());
    }
    Ok(found)
}
