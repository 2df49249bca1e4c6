//! Manifests: which signature is over which files (`ASiCManifest`, EN 319 162-1 annex A.4; `NCAManifest` of Kazakh systems).

use crate::crypto::{AlgorithmNotAllowed, HashAlgorithm};
use crate::der::armour::decode_base64;
use crate::signed::FormatError;
use crate::xmldsig::namespaces::{ASIC, DS};
use crate::xmldsig::tree::{Node, Tree};
use crate::xmldsig::{algorithms, scan, text};

use super::archive::Files;

/// A file that a manifest names, with its digest.
pub(super) struct Reference {
    /// The file.
    pub(super) name: String,
    hash: Result<HashAlgorithm, AlgorithmNotAllowed>,
    digest: Vec<u8>,
}

/// A manifest.
pub(super) struct Manifest {
    /// The file with the signature over the manifest.
    pub(super) signature: String,
    /// What kind of file that says to be.
    pub(super) media_type: Option<String>,
    /// The files it is over; at least one.
    pub(super) references: Vec<Reference>,
}

/// How the two kinds are written.
struct Grammar {
    root: &'static str,
    namespace: Option<&'static str>,
    digest_namespace: Option<&'static str>,
    /// Whether elements that are not known here may follow.
    is_open: bool,
}

const ASIC_MANIFEST: Grammar =
    Grammar { root: "ASiCManifest", namespace: Some(ASIC), digest_namespace: Some(DS), is_open: true };
const NCA_MANIFEST: Grammar = Grammar { root: "NCAManifest", namespace: None, digest_namespace: None, is_open: false };

fn fault(what: &str) -> FormatError {
    FormatError::malformed(format!("manifest: {what}"))
}

/// Reads an `ASiCManifest`.
pub(super) fn asic(bytes: &[u8]) -> Result<Manifest, FormatError> {
    ASIC_MANIFEST.read(bytes)
}

/// Reads an `NCAManifest`.
pub(super) fn kazakh(bytes: &[u8]) -> Result<Manifest, FormatError> {
    NCA_MANIFEST.read(bytes)
}

impl Grammar {
    fn read(&self, bytes: &[u8]) -> Result<Manifest, FormatError> {
        let (text, encoding) = text::decode(bytes)?;
        let text = scan::checked(text)?;
        let tree = Tree::parse(&text, encoding)?;
        if tree.local(tree.root()) != self.root || tree.namespace(tree.root()) != self.namespace {
            return Err(fault("another element than expected at its root"));
        }
        let mut signature = None;
        let mut references = Vec::new();
        for node in tree.only_elements(tree.root())? {
            let is_own = tree.namespace(node) == self.namespace;
            match tree.local(node) {
                "SigReference" if is_own => {
                    let media_type = tree.attribute(node, "MimeType").map(str::to_owned);
                    if signature.replace((uri(&tree, node)?, media_type)).is_some() {
                        return Err(fault("two signatures"));
                    }
                }
                "DataObjectReference" if is_own => references.push(self.reference(&tree, node)?),
                "ASiCManifestExtensions" if is_own && self.is_open => {}
                _ => return Err(fault("an element that is not known")),
            }
        }
        let (signature, media_type) = signature.ok_or_else(|| fault("no signature"))?;
        if references.is_empty() {
            return Err(fault("no files"));
        }
        let mut names: Vec<&str> = references.iter().map(|reference| reference.name.as_str()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(fault("a file that stands there twice"));
        }
        Ok(Manifest { signature, media_type, references })
    }

    fn reference(&self, tree: &Tree<'_>, node: Node) -> Result<Reference, FormatError> {
        let mut children = tree.only_elements(node)?.into_iter();
        let mut next = |local: &str| {
            let child = children
                .next()
                .filter(|child| tree.local(*child) == local && tree.namespace(*child) == self.digest_namespace);
            child.ok_or_else(|| fault("a file without DigestMethod and DigestValue"))
        };
        let (method, value) = (next("DigestMethod")?, next("DigestValue")?);
        let identifier = tree.attribute(method, "Algorithm").ok_or_else(|| fault("a digest without its algorithm"))?;
        let digest =
            decode_base64(tree.only_text(value)?.as_bytes()).map_err(|_| fault("a digest that is not base64"))?;
        let rest = children.next();
        if rest.is_some() && !self.is_open {
            return Err(fault("an element that is not known"));
        }
        Ok(Reference { name: uri(tree, node)?, hash: algorithms::digest(identifier), digest })
    }
}

/// The file that a URI names: a path from the root of the container.
fn uri(tree: &Tree<'_>, node: Node) -> Result<String, FormatError> {
    let uri = tree.attribute(node, "URI").ok_or_else(|| fault("a reference without URI"))?;
    path(uri).ok_or_else(|| fault("a reference that is no path in the container"))
}

/// The path that a relative reference (RFC 3986 section 4.2) means from the root of the container.
pub(super) fn path(uri: &str) -> Option<String> {
    let mut octets = Vec::with_capacity(uri.len());
    let mut rest = uri.strip_prefix('/').unwrap_or(uri).bytes();
    while let Some(octet) = rest.next() {
        match octet {
            b'%' => {
                let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
                octets.push(u8::try_from(digit()? * 16 + digit()?).ok()?);
            }
            b'#' | b'?' => return None,
            octet => octets.push(octet),
        }
    }
    String::from_utf8(octets).ok().filter(|path| !path.is_empty())
}

impl Manifest {
    /// Whether every file is there and has its digest; in plain words what is wrong with the first that is not so.
    pub(super) fn compare(&self, files: &Files) -> Result<(), String> {
        for Reference { name, hash: algorithm, digest } in &self.references {
            let shown = shown(name);
            let algorithm = algorithm.as_ref().map_err(|refused| format!("digest of the file {shown}: {refused}"))?;
            let own = files.digest(name, *algorithm).ok_or_else(|| format!("the file {shown} is missing"))?;
            if own.as_bytes() != digest.as_slice() {
                return Err(format!("the file {shown} is not the one that was signed"));
            }
        }
        Ok(())
    }
}

/// A file name for people: cut, and without control characters.
pub(super) fn shown(name: &str) -> String {
    let plain = |letter: char| if letter.is_control() { char::REPLACEMENT_CHARACTER } else { letter };
    name.chars().take(80).map(plain).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_paths() {
        for (uri, path_read) in [
            ("document.txt", Some("document.txt")),
            ("/document.txt", Some("document.txt")),
            ("a%20b/%D1%84.txt", Some("a b/\u{444}.txt")),
            ("a b", Some("a b")),
            ("", None),
            ("#id", None),
            ("a?b", None),
            ("a%2", None),
            ("a%zz", None),
            ("%ff", None),
        ] {
            assert_eq!(path(uri).as_deref(), path_read, "{uri}");
        }
    }

    #[test]
    fn what_is_no_manifest_is_refused() {
        let reference = r#"<DataObjectReference URI="a"><DigestMethod Algorithm="x"/><DigestValue>AA==</DigestValue></DataObjectReference>"#;
        let signature = r#"<SigReference URI="META-INF/signature-00.cms"/>"#;
        let manifest = |inside: &str| kazakh(format!("<NCAManifest>{inside}</NCAManifest>").as_bytes());
        assert!(manifest(&format!("{signature}{reference}")).is_ok());
        for (why, inside) in [
            ("nothing", String::new()),
            ("no files", signature.to_owned()),
            ("no signature", reference.to_owned()),
            ("two signatures", format!("{signature}{signature}{reference}")),
            ("a file twice", format!("{signature}{reference}{reference}")),
            ("text", format!("{signature}{reference}text")),
            ("a comment", format!("{signature}{reference}<!-- -->")),
            ("another element", format!("{signature}{reference}<Extra/>")),
            ("another namespace", format!("{signature}{}", reference.replace("URI", "xmlns=\"urn:x\" URI"))),
            ("no digest", format!("{signature}<DataObjectReference URI=\"a\"/>")),
            (
                "two digests",
                format!("{signature}{}", reference.replace("</Data", "<DigestValue>AA==</DigestValue></Data")),
            ),
        ] {
            assert!(manifest(&inside).is_err(), "{why}: accepted");
        }
        assert!(kazakh(b"<Other/>").is_err());
        assert!(asic(b"<ASiCManifest/>").is_err(), "without its namespace");
    }
}
