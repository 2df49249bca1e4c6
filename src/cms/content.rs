//! What is signed: in the document or beside it, with the digests that its signers need.

use std::cell::OnceCell;
use std::io::Read as _;
use std::sync::Arc;

use super::limits::MAX_SIGNED_ATTRIBUTES;
use crate::crypto::{Digest, HashAlgorithm, Hasher};
use crate::signed::{Detached, FormatError, Message, Reopen};

/// Octets read and hashed at a time: what stays in a processor's cache while several hashes pass over it.
const PIECE: usize = 256 * 1024;

/// Hashes of one pass over content.
#[derive(Default)]
pub(super) struct Hashers {
    hashers: Vec<Hasher>,
    length: u64,
    head: Vec<u8>,
}

impl Hashers {
    pub fn new(algorithms: &[HashAlgorithm]) -> Self {
        Self { hashers: algorithms.iter().map(|&algorithm| Hasher::new(algorithm)).collect(), ..Self::default() }
    }

    /// Takes the next part of the content.
    pub fn update(&mut self, part: &[u8]) {
        if self.length < MAX_SIGNED_ATTRIBUTES as u64 {
            let room = MAX_SIGNED_ATTRIBUTES - self.head.len();
            self.head.extend_from_slice(part.get(..room.min(part.len())).unwrap_or_default());
        }
        self.length += part.len() as u64;
        if let [one] = self.hashers.as_mut_slice() {
            one.update(part);
            return;
        }
        for piece in part.chunks(PIECE) {
            self.hashers.iter_mut().for_each(|hasher| hasher.update(piece));
        }
    }

    /// The digests, and the whole content if it is no longer than signed attributes can be.
    pub fn finish(self) -> Streamed {
        let whole = (self.length == self.head.len() as u64).then_some(self.head);
        Streamed { digests: self.hashers.into_iter().map(Hasher::finish).collect(), whole }
    }
}

/// Content of which the octets passed by.
#[derive(Debug)]
pub(super) struct Streamed {
    /// Its digests.
    pub digests: Vec<Digest>,
    /// The octets, if there are few.
    whole: Option<Vec<u8>>,
}

/// Content inside the document.
pub(super) enum Attached<'a> {
    /// None: the signature is detached.
    Absent,
    /// In memory.
    Bytes(&'a [u8]),
    /// Read as a stream, with the digests that are needed.
    Streamed(Streamed),
}

/// The content with its digests.
pub(super) struct Content<'a> {
    bytes: Option<&'a [u8]>,
    digests: Vec<Digest>,
    /// As many octets as tell signed attributes from anything else; `None` when they are not at hand.
    whole: Option<Vec<u8>>,
    missing: bool,
    differs: bool,
    /// Nobody has seen the octets here: digests were given in their place.
    unseen: bool,
    shared: OnceCell<Arc<[u8]>>,
}

impl<'a> Content<'a> {
    /// Puts together what is inside the document and what the caller gave beside it. Where both are there, they must be
    /// the same: the content is part of the question.
    pub fn gather(
        attached: Attached<'a>,
        detached: Detached<'a>,
        needed: &[HashAlgorithm],
    ) -> Result<Self, FormatError> {
        let given = match (detached, &attached) {
            (Detached::Bytes(bytes), Attached::Bytes(own)) => return Ok(Self::of_bytes(own, needed, bytes != *own)),
            (Detached::Bytes(bytes), Attached::Absent) => return Ok(Self::of_bytes(bytes, needed, false)),
            (Detached::Bytes(bytes), Attached::Streamed(_)) => Some(hash_all(needed, bytes)),
            (Detached::Stream(source), _) => Some(hash_stream(needed, source)?),
            (Detached::Digests(digests), _) => Some(Streamed { digests: digests.to_vec(), whole: None }),
            (Detached::Absent, _) => None,
        };
        let mut content = match attached {
            Attached::Bytes(own) => Self::of_bytes(own, needed, false),
            Attached::Streamed(own) => Self::of_stream(own),
            Attached::Absent => {
                return Ok(match given {
                    Some(given) => {
                        let differs = contradict(&given.digests, &given.digests);
                        let unseen = matches!(detached, Detached::Digests(_));
                        Self { differs, unseen, ..Self::of_stream(given) }
                    }
                    None => Self { missing: true, ..Self::of_stream(Streamed { digests: Vec::new(), whole: None }) },
                });
            }
        };
        if let Some(given) = given {
            // Every digest that was given must be that of the content, and one at least.
            let comparable = given.digests.iter().any(|digest| content.digest(digest.algorithm()).is_some());
            content.differs = !comparable || contradict(&given.digests, &content.digests);
        }
        Ok(content)
    }

    fn of_bytes(bytes: &'a [u8], needed: &[HashAlgorithm], differs: bool) -> Self {
        Self {
            bytes: Some(bytes),
            digests: hash_all(needed, bytes).digests,
            whole: None,
            missing: false,
            differs,
            unseen: false,
            shared: OnceCell::new(),
        }
    }

    fn of_stream(streamed: Streamed) -> Self {
        let Streamed { digests, whole } = streamed;
        Self { bytes: None, digests, whole, missing: false, differs: false, unseen: false, shared: OnceCell::new() }
    }

    /// Whether there is no content anywhere.
    pub fn is_missing(&self) -> bool {
        self.missing
    }

    /// Whether only digests of it were given, so that nothing can be told about its form.
    pub fn is_unseen(&self) -> bool {
        self.unseen
    }

    /// Whether the content that was given is another than that in the document.
    pub fn differs(&self) -> bool {
        self.differs
    }

    /// Its digest by an algorithm, if it was needed or given.
    pub fn digest(&self, algorithm: HashAlgorithm) -> Option<Digest> {
        self.digests.iter().find(|digest| digest.algorithm() == algorithm).copied()
    }

    /// The octets, where they are at hand and few enough to be signed attributes.
    pub fn if_short(&self) -> Option<&[u8]> {
        self.bytes.or(self.whole.as_deref()).filter(|bytes| bytes.len() <= MAX_SIGNED_ATTRIBUTES)
    }

    /// The content as what a signature value is over; `by_digest` where the digest by that algorithm is enough.
    pub fn message(&self, by_digest: Option<HashAlgorithm>, hash: Option<HashAlgorithm>) -> Message {
        if let Some(digest) = by_digest.and_then(|algorithm| self.digest(algorithm)) {
            return Message::Digest(digest);
        }
        match self.bytes.or(self.whole.as_deref()) {
            Some(bytes) => Message::Shared(Arc::clone(self.shared.get_or_init(|| Arc::from(bytes)))),
            None => hash.and_then(|algorithm| self.digest(algorithm)).map_or(Message::Missing, Message::Digest),
        }
    }
}

/// Whether two sets of digests have one by the same algorithm that is not the same.
fn contradict(some: &[Digest], others: &[Digest]) -> bool {
    some.iter().any(|one| others.iter().any(|other| one.algorithm() == other.algorithm() && one != other))
}

fn hash_all(algorithms: &[HashAlgorithm], bytes: &[u8]) -> Streamed {
    let mut hashers = Hashers::new(algorithms);
    // The octets are at hand anyway.
    hashers.length = MAX_SIGNED_ATTRIBUTES as u64;
    hashers.update(bytes);
    hashers.finish()
}

fn hash_stream(algorithms: &[HashAlgorithm], source: &dyn Reopen) -> Result<Streamed, FormatError> {
    let mut reader = source.open()?;
    let mut hashers = Hashers::new(algorithms);
    let mut piece = vec![0; PIECE];
    loop {
        match reader.read(&mut piece) {
            Ok(0) => return Ok(hashers.finish()),
            Ok(length) => hashers.update(piece.get(..length).unwrap_or_default()),
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
}
