//! Revocation lists (RFC 5280 5 and 6.3): read, verified, indexed, asked, kept fresh.
//!
//! The life of a list: its bytes come from a [`Source`]; [`ParsedList::accept`] hashes them, verifies the issuer's
//! signature and, beside that, goes through the entries (`scan`, `usual`) and puts them into an index (`index`). What
//! comes out is a [`RevocationList`]; with a data directory its bytes and its index are stored (`disk`, `stored`), and
//! the list is answered from the mapped index. The next start opens the index without reading the list;
//! [`Store::audit`] reads it then. A [`Snapshot`] holds the lists that count; the [`Store`] swaps it when a source has a
//! newer list; `refresh` sees to that in the background. An older list never takes the place of a newer one, and nothing
//! takes the place of a good one unless it is good itself.
//!
//! What is not known is [`Status::Unknown`], never «good»: no list, a lapsed one, one of another issuer, one of a kind
//! that is not supported. Matching is by the issuer's name and key; addresses in certificates play no part.
//!
//! Divergences from the letter of RFC 5280, each for a list seen in the field or to fail closed:
//!
//! * 5.1.1.2: absent parameters of the two algorithm identifiers count as NULL.
//! * 5.1.2.5: a list without nextUpdate is read, and is stale from the start.
//! * 5.3.1: removeFromCRL in a full list counts as revoked; codes that are not assigned count as unspecified.
//! * Of two entries for one certificate the earlier counts, and at one date the reason that undoes most; one that lifts a
//!   hold counts only where no other is. Entries with negative serial numbers are dropped.
//! * A revocationDate before 1950 counts as 1950-01-01, one after the year 4127 as the last that can be kept.

mod answer;
mod bytes;
mod cause;
mod delta;
mod discover;
mod disk;
mod error;
mod extension;
mod foreign;
mod hosts;
mod index;
mod list;
mod number;
pub mod ocsp;
mod reason;
pub mod refresh;
mod scan;
mod scope;
mod snapshot;
mod source;
mod status;
mod store;
mod stored;
mod tally;
mod usual;
mod vouched;

pub use answer::{Status, UnknownCause};
pub use cause::{Cause, Outcomes};
pub use delta::{Basis, DeltaProblem, LeftOut};
pub use discover::{Discovered, discover};
pub use disk::Disk;
pub use error::{ListError, Unusable};
pub use hosts::{HostError, HostList};
pub use list::{
    Accepted, DerList, ListBytes, ListFile, MAX_LIST_BYTES, ParsedList, Refused, Rejected, RevocationList, Took,
};
pub use number::ListNumber;
pub use reason::{Reason, Revoked};
pub use snapshot::{CLOCK_SKEW, Snapshot};
pub use source::{Origin, Source, SourceError};
pub use status::{ListState, ListStatus};
pub use store::{AddSourceError, Audit, FetchStatus, LoadError, MirrorStatus, Offer, Store, StoreOptions};
pub use vouched::{Link, Vouched};
