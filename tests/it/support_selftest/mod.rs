//! The minting library against the standards' own examples, against ring and against x509-parser: what mints the tests
//! has to be right itself.

mod documents;
mod signatures;
