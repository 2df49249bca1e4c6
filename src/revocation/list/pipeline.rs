//! From bytes to a list: hashing for the signature, SHA-256 and indexing run beside each other.
//!
//! All three are passes over the same bytes and need nothing of each other. Where there is one core they run one after
//! the other; the signature's verdict is waited for before the list says anything about anybody.

use std::cell::{OnceCell, RefCell};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::Head;
use super::der::{DerList, ListBytes, Parts, Took};
use super::parsed::{ParsedList, Signed};
use crate::clock::Time;
use crate::crypto::sha256;
use crate::revocation::error::{ListError, Unusable};
use crate::revocation::extension::ListExtensions;
use crate::revocation::foreign;
use crate::revocation::index::{self, Builder, Entries, Index};
use crate::revocation::reason::Reason;
use crate::revocation::scan::{self, Layout, Summary};
use crate::revocation::source::Source;
use crate::x509::{Certificate, Name};

/// The list, and the key of the issuer that signed it or why none did.
pub(super) type Checked = (ParsedList, Result<[u8; 32], ListError>);

/// Reads a list in DER, and verifies it with whichever of `issuers` it is.
pub(super) fn run(bytes: ListBytes, source: Source, issuers: &[Certificate]) -> Result<Checked, ListError> {
    let ListBytes { octets, begun } = bytes;
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
        || {
            rayon::join(
                || timed(|| signed.check_any(issuers)),
                || timed(|| begun.and_then(|begun| begun.finish(&octets)).unwrap_or_else(|| sha256(&octets))),
            )
        },
    );
    let Indexed { index, foreign, summary } = indexed?;
    head.summary = summary;
    if head.summary.names_issuers && !head.extensions.scope.indirect {
        head.summary.unusable = Some(Unusable::Indirect);
    }
    let took = Took { hash: check_took + sha_took, index: index_took };
    let parts = Parts::of(&layout, &octets);
    let der = DerList::new(octets, parts, took);
    let (head, index, foreign) = (Arc::new(head), Arc::new(index), foreign.map(Arc::new));
    Ok((ParsedList { der, digest, sha256, head, index, foreign }, checked))
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}

impl Head {
    /// What stands around the entries.
    fn of(layout: &Layout<'_>, source: Source) -> Result<Self, ListError> {
        let issuer = Name::from_der(layout.issuer).map_err(|_| ListError::Name)?;
        Ok(Self {
            this_update: layout.this_update,
            next_update: layout.next_update,
            extensions: ListExtensions::of(layout.extensions, &issuer, &source)?,
            summary: Summary::default(),
            source,
            bytes: 0,
            issuer,
        })
    }
}

/// What the entries come to.
struct Indexed {
    index: Index,
    /// Entries about certificates of other issuers, when there are any.
    foreign: Option<Index>,
    summary: Summary,
}

/// The entries of a list about certificates of its own issuer, as often as they are asked for.
struct ListEntries<'a> {
    layout: &'a Layout<'a>,
    /// What was met on the first way through them.
    first: OnceCell<Summary>,
    /// Those about others' certificates, set aside on that way.
    foreign: RefCell<Builder>,
}

impl Entries for ListEntries<'_> {
    fn each(&self, mut sink: impl FnMut(&[u8], Time, Option<Reason>)) -> Result<(), ListError> {
        let again = self.first.get().is_some();
        let mut set_aside = self.foreign.borrow_mut();
        let summary = scan::entries(self.layout, |entry, issuer| match issuer {
            None => sink(entry.serial, entry.date, entry.reason),
            Some(_) if again => {}
            Some(issuer) => set_aside.push(&foreign::key(issuer, entry.serial), entry.date, entry.reason),
        })?;
        self.first.get_or_init(|| summary);
        Ok(())
    }
}

fn index_of(layout: &Layout<'_>) -> Result<Indexed, ListError> {
    let entries = ListEntries { layout, first: OnceCell::new(), foreign: RefCell::default() };
    let index = index::build(&entries)?;
    let foreign = Some(entries.foreign.into_inner()).filter(|foreign| !foreign.is_empty());
    let foreign = foreign.map(Builder::finish).transpose()?;
    Ok(Indexed { index, foreign, summary: entries.first.into_inner().unwrap_or_default() })
}
