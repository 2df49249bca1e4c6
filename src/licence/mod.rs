//! Issued documents: licences, annexes, reissues, duplicates, motivated refusals, and the officials who sign them.

mod official;

pub use official::{Forbidden, Identity, Mismatch, Official, Permission};
