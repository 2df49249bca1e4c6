//! What can be wrong with a file of algorithms.

/// A mistake in a file of algorithms, with what to do about it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AlgorithmTableError {
    /// `minimum_bits` of something that is no RSA key.
    #[error("[[{table}]] {name}: minimum_bits is for keys of the name \"rsa\" only; remove it")]
    Bits {
        /// The array of tables.
        table: &'static str,
        /// The algorithm.
        name: String,
    },
    /// The same row twice.
    #[error("[[{table}]] {name} appears twice; keep one")]
    Duplicate {
        /// The array of tables.
        table: &'static str,
        /// The algorithm.
        name: String,
    },
    /// No TOML, or a key that does not exist.
    #[error("not a table of algorithms: {0}")]
    Syntax(String),
    /// No algorithm has this name.
    #[error("[[{table}]] {name} is not known; write one of {known}")]
    Unknown {
        /// The array of tables.
        table: &'static str,
        /// What was written.
        name: String,
        /// What may be.
        known: String,
    },
}
