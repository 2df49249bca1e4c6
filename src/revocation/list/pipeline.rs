//! From bytes to a list: hashing for the signature, SHA-256 and indexing run beside each other.
//!
//! All three are passes over the same bytes and need nothing of each other. Where there is one core they run one after
//! the other; the signature's verdict is waited for before the list says anything about anybody.

use std::cell::OnceCell;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use super::Head;
use super::der::{DerList, ListBytes, Parts, Took};
use super::parsed::{ParsedList, Signed};
use crate::clock::Time;
use crate::crypto::sha256;
use crate::revocation::error::{ListError, Unusable};
use crate::revocation::extension::ListExtensions;
use crate::revocation::index::{self, Entries, Index};
use crate::revocation::reason::Reason;
use crate::revocation::scan::{self, Layout, Summary};
use crate::revocation::source::Source;
use crate::x509::{Certificate, Name};

/// The list, and the key of the issuer that signed it or why none did.
pub(super) type Checked = (ParsedList, Result<[u8; 32], ListError>);

/// Reads a list in DER, and verifies it with whichever of `issuers` it is.
pub(super) fn run(bytes: ListBytes, source: Source, issuers: &[Certificate]) -> Result<Checked, ListError> {
    let ListBytes { octets, sha256: known } = bytes;
    let layout = Layout::read(&octets)?;
    let mut head = Head::of(&layout, source)?;
    head.bytes = octets.len();
    let digest = OnceLock::new();
    let signed = Signed {
        tbs: layout.tbs,
        algorithm: layout.algorithm,
        signature: layout.signature,
        issuer: &head.issuer,
        digest: &digest,
    };
    let ((indexed, index_took), ((checked, check_took), (sha256, sha_took))) = rayon::join(
        || timed(|| index_of(&layout)),
        || rayon::join(|| timed(|| signed.check_any(issuers)), || timed(|| known.unwrap_or_else(|| sha256(&octets)))),
    );
    let (index, summary) = indexed?;
    head.summary = summary;
    let took = Took { hash: check_took + sha_took, index: index_took };
    let parts = Parts::of(&layout, &octets);
    let der = DerList::new(octets, parts, took);
    Ok((ParsedList { der, digest, sha256, head, index }, checked))
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}

impl Head {
    /// What stands around the entries.
    fn of(layout: &Layout<'_>, source: Source) -> Result<Self, ListError> {
        Ok(Self {
            issuer: Name::from_der(layout.issuer).map_err(|_| ListError::Name)?,
            this_update: layout.this_update,
            next_update: layout.next_update,
            extensions: read_extensions(layout.extensions, &source)?,
            summary: Summary::default(),
            source,
            bytes: 0,
        })
    }
}

/// The list's extensions, and what its source adds to them.
pub(super) fn read_extensions(contents: Option<&[u8]>, source: &Source) -> Result<ListExtensions, ListError> {
    let mut extensions = contents.map(ListExtensions::read).transpose()?.unwrap_or_default();
    if source.is_delta() {
        extensions.unusable.get_or_insert(Unusable::Delta);
    }
    Ok(extensions)
}

/// The entries of a list, as often as they are asked for.
struct ListEntries<'a> {
    layout: &'a Layout<'a>,
    /// What was met on the first way through them.
    summary: OnceCell<Summary>,
}

impl Entries for ListEntries<'_> {
    fn each(&self, mut sink: impl FnMut(&[u8], Time, Option<Reason>)) -> Result<(), ListError> {
        let summary = scan::entries(self.layout, |entry| sink(entry.serial, entry.date, entry.reason))?;
        self.summary.get_or_init(|| summary);
        Ok(())
    }
}

fn index_of(layout: &Layout<'_>) -> Result<(Index, Summary), ListError> {
    let entries = ListEntries { layout, summary: OnceCell::new() };
    let index = index::build(&entries)?;
    Ok((index, entries.summary.into_inner().unwrap_or_default()))
}
