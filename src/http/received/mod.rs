//! Documents as they arrive: in JSON, or as parts of a form that are written to disk when they are large.
//!
//! Two bounds hold for all requests together: octets of documents in memory ([`Room`]), and requests that write to disk.
//! A file has no name (`O_TMPFILE`, or unlinked at once): it is gone with the request, however that ends.

mod deadline;
mod form;
mod multipart;
mod room;
mod stored;

pub(super) use deadline::SLOWEST_BODY;
pub(super) use form::{DocumentForm, UploadPlace};
pub(super) use room::{Held, Room};
pub(super) use stored::Stored;

use deadline::Deadline;
use multipart::Multipart;
use stored::Writing;
