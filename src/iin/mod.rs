//! Identity numbers: the IIN of a person (ИИН, ЖСН) and the BIN of an organisation (БИН, БСН).
//!
//! Both are twelve digits with a check digit at the end; the digits before it encode a birth date and sex, or a month
//! of registration and a kind of entity. A number is parsed once, at the door, and is twelve ASCII digits from then
//! on. What the digits encode is *not* required to make sense: the identities of the official test keys and even
//! some numbers of the public registry fail the check digit, so an oddity is a [`NumberWarning`] in the report, and
//! an error only for callers that ask for [`Iin::parse_strict`] or [`Bin::parse_strict`].
//!
//! Numbers of people do not belong in logs: `Debug` hides the digits, there is no `Display` and no `Serialize`;
//! who needs the digits says [`Iin::as_str`].

mod bin;
mod digits;
mod person;

pub use bin::{Bin, Department, EntityKind, Registration};
pub use digits::{IdentityNumberError, NumberWarning};
pub use person::{BirthDate, Iin, Sex};
