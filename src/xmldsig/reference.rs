//! References resolved and compared.

use std::borrow::Cow;
use std::cell::RefCell;
use std::io::Read as _;

use super::canonical::{Method, Subset, canonical};
use super::ids::Ids;
use super::limits::Budget;
use super::parts::{Reference, Transform, base64};
use super::tree::{Node, Tree};
use crate::crypto::{Digest, HashAlgorithm, Hasher, hash};
use crate::signed::{Detached, FormatError};

/// The whole document with its comments.
pub const WHOLE_BY_POINTER: &str = "#xpointer(/)";

/// What a reference turned out to be.
#[derive(Debug)]
pub struct Resolved<'o> {
    /// The document node or an element; `None` for something outside the document.
    pub target: Option<Node>,
    /// The signatures left out of it.
    pub without: Vec<Node>,
    /// Whether only what the target holds in base64 is under the signature, and not the element with its name and attributes.
    pub is_inside_only: bool,
    /// The octets that were digested; `None` for what was read as a stream or is known by its digest.
    pub octets: Option<Cow<'o, [u8]>>,
    /// Their digest; `None` when the hash is not allowed or the content is missing.
    pub digest: Option<Digest>,
    /// Whether the digest is the one in the reference.
    pub state: State,
}

/// Whether what a reference refers to is what was signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum State {
    /// The digests differ.
    Altered,
    /// The content outside the document was not given.
    Missing,
    /// The digests are equal.
    Same,
    /// The hash is not allowed, which is reported elsewhere.
    NotCompared,
}

/// A document in which references are resolved.
pub struct Resolver<'r, 't, 'a> {
    /// The document.
    pub tree: &'t Tree<'a>,
    /// Its identifiers.
    pub ids: &'r Ids<'t>,
    /// What references to the outside mean.
    pub outside: &'r Outside<'r>,
    /// Its signatures but for counter-signatures.
    pub signatures: &'r [Node],
}

/// Files that references name.
pub trait Files {
    /// The digest of a file by the URI of a reference. Hundreds of references may be to one file, so that it is computed once.
    fn digest(&self, uri: &str, algorithm: HashAlgorithm) -> Option<Digest>;

    /// The file.
    fn octets(&self, uri: &str) -> Option<&[u8]>;
}

/// Content outside the document.
pub enum Outside<'o> {
    /// The one thing that a detached signature is about, whatever its reference says.
    One(Once<'o>),
    /// Files by name, as references give it.
    Files(&'o dyn Files),
}

/// Content that is digested once for each algorithm, however many references are to it.
pub struct Once<'o> {
    content: Detached<'o>,
    known: RefCell<Vec<Digest>>,
}

impl<'o> Once<'o> {
    /// For this content.
    pub fn of(content: Detached<'o>) -> Self {
        Self { content, known: RefCell::default() }
    }

    fn digest(&self, algorithm: HashAlgorithm) -> Result<Option<Digest>, FormatError> {
        let of_algorithm = |digests: &[Digest]| digests.iter().find(|digest| digest.algorithm() == algorithm).copied();
        if let Some(known) = of_algorithm(&self.known.borrow()) {
            return Ok(Some(known));
        }
        let digest = match self.content {
            Detached::Absent => return Ok(None),
            Detached::Digests(digests) => return Ok(of_algorithm(digests)),
            Detached::Bytes(octets) => hash(algorithm, octets),
            Detached::Stream(stream) => hash_stream(algorithm, stream)?,
        };
        self.known.borrow_mut().push(digest);
        Ok(Some(digest))
    }
}

impl<'r> Resolver<'r, '_, '_> {
    /// Resolves a reference of `signature`; the enveloped-signature transform takes out `also` with it.
    pub fn resolve(
        &self,
        reference: &Reference,
        signature: Node,
        also: &[Node],
        budget: &mut Budget,
    ) -> Result<Resolved<'r>, FormatError> {
        let (target, comments) = match self.target(reference.uri.as_deref())? {
            Some(found) => found,
            None => return self.outside(reference, reference.uri.as_deref()),
        };
        if reference.transforms == [Transform::Base64] {
            return self.in_base64(reference, target, budget);
        }
        let mut subset = Subset { apex: target, without: Vec::new(), comments };
        let mut method = None;
        for transform in &reference.transforms {
            match transform {
                // After a canonicalization there are octets; parsing them again is what this does not do.
                _ if method.is_some() => {
                    return Err(FormatError::Unsupported("a transform after a canonicalization".into()));
                }
                Transform::Enveloped => {
                    self.check_enveloped(target, signature)?;
                    subset.without.clear();
                    subset.without.push(signature);
                    subset.without.extend_from_slice(also);
                }
                // With one signature that is the same. What others left out with it would hold is not looked into.
                Transform::WithoutSignatures => {
                    let is_in_it = |&other: &Node| self.tree.contains(target, other);
                    let others = self.signatures.iter().filter(|&&other| other != signature);
                    if self.tree.contains(signature, target) || others.into_iter().any(is_in_it) {
                        return Err(FormatError::Unsupported("a transform that leaves out other signatures".into()));
                    }
                    subset.without = if is_in_it(&signature) { vec![signature] } else { Vec::new() };
                }
                Transform::Base64 => {
                    return Err(FormatError::Unsupported("the base64 transform beside another one".into()));
                }
                Transform::Canonical(canonicalization) => method = Some(canonicalization.clone()),
            }
        }
        let octets = canonical(self.tree, &subset, &method.unwrap_or(Method::DEFAULT), budget)?;
        let digest = reference.hash.as_ref().ok().map(|&algorithm| hash(algorithm, &octets));
        let state = compare(reference, digest);
        let (target, without, octets) = (Some(target), subset.without, Some(octets.into()));
        Ok(Resolved { target, without, is_inside_only: false, octets, digest, state })
    }

    /// What a reference in the document is to, and whether comments belong to it: they do where it is written as `XPointer`
    /// (XML Signature 4.4.3.3). `None` for something outside.
    fn target(&self, uri: Option<&str>) -> Result<Option<(Node, bool)>, FormatError> {
        let by_id =
            |id| self.ids.get(id).ok_or_else(|| FormatError::malformed("a reference to an element that is not there"));
        Ok(match uri {
            Some("") => Some((self.tree.document(), false)),
            Some(WHOLE_BY_POINTER) => Some((self.tree.document(), true)),
            Some(uri) if uri.starts_with("#xpointer(") => {
                let id = id_of_pointer(uri).ok_or_else(|| FormatError::Unsupported("references by XPointer".into()))?;
                Some((by_id(id)?, true))
            }
            Some(uri) if uri.starts_with('#') => Some((by_id(uri.get(1..).unwrap_or_default())?, false)),
            _ => None,
        })
    }

    /// There is nothing to leave out of what a signature does not lie in.
    fn check_enveloped(&self, target: Node, signature: Node) -> Result<(), FormatError> {
        if !self.tree.contains(target, signature) || target == signature {
            return Err(FormatError::malformed("an enveloped signature outside of what it signs"));
        }
        Ok(())
    }

    /// What an element holds in base64. The standard decodes the text of all that is in it, elements and comments passed over;
    /// here there may be none, or two readers would see two texts.
    fn in_base64(&self, reference: &Reference, target: Node, budget: &mut Budget) -> Result<Resolved<'r>, FormatError> {
        if self.tree.element(target).is_none() {
            return Err(FormatError::Unsupported("the base64 transform of a whole document".into()));
        }
        let octets = base64(self.tree, target)?;
        budget.spend(octets.len())?;
        let digest = reference.hash.as_ref().ok().map(|&algorithm| hash(algorithm, &octets));
        let state = compare(reference, digest);
        let (target, octets) = (Some(target), Some(octets.into()));
        Ok(Resolved { target, without: Vec::new(), is_inside_only: true, octets, digest, state })
    }

    /// Something outside the document: its octets as they are.
    fn outside(&self, reference: &Reference, uri: Option<&str>) -> Result<Resolved<'r>, FormatError> {
        if !reference.transforms.is_empty() {
            return Err(FormatError::Unsupported("transforms of content outside the document".into()));
        }
        let (octets, digest) = match (self.outside, &reference.hash) {
            (_, Err(_)) => (None, None),
            (Outside::One(content), Ok(algorithm)) => (None, content.digest(*algorithm)?),
            (Outside::Files(files), Ok(algorithm)) => {
                let octets = uri.and_then(|uri| files.octets(uri)).map(Cow::Borrowed);
                (octets, uri.and_then(|uri| files.digest(uri, *algorithm)))
            }
        };
        let state = compare(reference, digest);
        Ok(Resolved { target: None, without: Vec::new(), is_inside_only: false, octets, digest, state })
    }
}

/// The element that `#xpointer(id('…'))` names, the one other form that the standard asks for (XML Signature 4.4.3.3).
fn id_of_pointer(uri: &str) -> Option<&str> {
    let quoted = uri.strip_prefix("#xpointer(id(")?.strip_suffix("))")?;
    let inner = |quote| quoted.strip_prefix(quote)?.strip_suffix(quote);
    inner('\'').or_else(|| inner('"')).filter(|id| !id.contains(['\'', '"', '(', ')']))
}

fn compare(reference: &Reference, digest: Option<Digest>) -> State {
    match (&reference.hash, digest) {
        (Err(_), _) => State::NotCompared,
        (_, None) => State::Missing,
        (_, Some(digest)) if digest.as_bytes() == reference.digest => State::Same,
        _ => State::Altered,
    }
}

fn hash_stream(algorithm: HashAlgorithm, stream: &dyn crate::signed::Reopen) -> Result<Digest, FormatError> {
    /// How much is read at once.
    const CHUNK: usize = 64 << 10;
    let (mut hasher, mut reader, mut chunk) = (Hasher::new(algorithm), stream.open()?, vec![0; CHUNK]);
    loop {
        match reader.read(&mut chunk)? {
            0 => return Ok(hasher.finish()),
            read => hasher.update(chunk.get(..read).unwrap_or_default()),
        }
    }
}
