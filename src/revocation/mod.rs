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
//! What is not known is [`Status::Unknown`], never «good»: no list, a lapsed one, one of another issuer, one that cannot
//! be used, lists about some reasons only. Which lists are about a certificate follows from its issuer's name and key and
//! from the names of distribution points on both sides (`scope`); nothing is ever fetched because a certificate says so.
//!
//! Several lists answer together (`tally`): a full list with its deltas (`delta`, `joined`), parts for different
//! reasons, a list that the issuer signed with another key, an indirect list of another issuer (`asking`, `foreign`,
//! `vouched`). Any of them revokes; they prove a certificate good
//! only when they are about all reasons together.
//!
//! Divergences from the letter of RFC 5280, each for a list seen in the field or to fail closed:
//!
//! * 5.1.1.2: absent parameters of the two algorithm identifiers count as NULL.
//! * 5.1.2.5: a list without nextUpdate is read, and is stale from the start.
//! * 5.2.4: a delta older than the full list by thisUpdate does not continue it, whatever the numbers say: the National
//!   CA numbers deltas in a sequence of their own. A delta lifts a certificateHold and nothing else. A critical
//!   freshestCRL marks a delta too, as the 2026 profiles do.
//! * 5.2.4 (c): that full list and delta have one key is what stands for equal authorityKeyIdentifiers.
//! * 5.3.1: removeFromCRL in a full list counts as revoked; codes that are not assigned count as unspecified.
//! * 5.3.3: a certificateIssuer that is not critical, or is anything but one directory name, makes the list unusable.
//! * 6.3.3: a list of the certificate's issuer that names no distribution point of its own belongs to all points of the
//!   certificate that its issuer answers for; onlyContainsAttributeCerts is never used.
//! * 6.3.3 (f): the issuer of an indirect list, and one that signs with another key than the certificate's issuer has,
//!   needs a path of its own to the same anchor, and must itself be good by lists of its own issuers, which are direct
//!   ones. A namesake has its name from the same authority as the certificate's issuer. Where the issuer's very key has
//!   lists about the certificate, those of its other keys revoke and clear nobody.
//!   The issuer of an indirect list has its name from the certificate's issuer or from somebody above that, else its lists
//!   revoke and clear nobody.
//! * 5.2.3, 5.2.4: a delta that is later than the full list and does not join it, lacks its numbers, is not believed, or
//!   needs any full list at all, revokes whom it names and clears nobody.
//! * Of two entries for one certificate the one whose reason undoes most counts, of equals the earlier, and an end in
//!   good order from the beginning of a hold; one that lifts a hold counts only where no other is. Entries with
//!   negative serial numbers are dropped.
//! * A revocationDate before 1950 counts as 1950-01-01, one after the year 4127 as the last that can be kept.

mod answer;
mod asked;
mod asking;
mod bytes;
mod cause;
mod delta;
mod discover;
mod disk;
mod error;
mod extension;
mod foreign;
#[cfg(fuzzing)]
pub mod fuzzing;
mod hosts;
mod index;
mod joined;
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
pub use asked::{Accepts, Asked, Everything, When};
pub use cause::{Cause, Outcomes};
pub use delta::{Basis, DeltaProblem, LeftOut};
pub use discover::{Discovered, discover};
pub use disk::Disk;
pub use error::{ListError, Unusable};
pub use hosts::{HostError, HostList};
pub use list::{
    Accepted, DerList, ListBytes, ListFile, MAX_LIST_BYTES, OpenList, ParsedList, Refused, Rejected, RevocationList,
    Took,
};
pub use number::ListNumber;
pub use reason::{Reason, Revoked};
pub use snapshot::{CLOCK_SKEW, Snapshot};
pub use source::{Origin, Source, SourceError};
pub use status::{ListState, ListStatus};
pub use store::{AddSourceError, Audit, FetchStatus, LoadError, MirrorStatus, Offer, Store, StoreOptions};
pub use vouched::Vouched;
