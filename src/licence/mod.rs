//! Issued documents: licences, annexes, reissues, duplicates, motivated refusals, and the officials who sign them.

mod kind;

pub use kind::Kind;
