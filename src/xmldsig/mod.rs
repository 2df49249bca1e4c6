//! XML signatures, `XAdES` and WS-Security.
//!
//! A document is decoded (`text`), its markup counted (`scan`) and parsed once (`tree`); everything after that works on the
//! one tree, so that there are no two readers to disagree. Each `Signature` is taken apart strictly (`parts`), its references
//! are resolved to subtrees and their canonical octets digested (`reference`, `canonical`), and what it covers is worked out
//! from those subtrees (`coverage`), never from where the signature stands or what it says. The octets handed out as
//! signed content are the ones that were digested.
//!
//! What an allow-list does not name is an error: transforms, canonicalizations, ways to name a certificate; so is content
//! among the parts of a signature (`vocabulary`). Nothing is fetched, nothing is evaluated (no XSLT, and of `XPath` a few
//! texts, `filter`), and no document type declaration is read.

pub(crate) mod algorithms;
mod canonical;
mod coverage;
mod document;
mod evidence;
mod filter;
#[cfg(fuzzing)]
pub mod fuzzing;
mod ids;
mod key_info;
mod key_value;
mod limits;
mod make;
pub(crate) mod namespaces;
mod parts;
mod reference;
pub(crate) mod scan;
mod signature;
mod soap;
pub(crate) mod text;
pub(crate) mod tree;
mod vocabulary;
mod xades;

pub use document::{read, read_with_files};
pub use make::{Form, Signing, extend_with_evidence, extend_with_timestamp, sign, to_be_stamped};
pub use reference::Files;
