//! How much evidence a signature carries.

/// The baseline levels of `CAdES`, `XAdES` and `PAdES` (EN 319 122-1, 132-1, 142-1), the bare signature below them.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Level {
    /// No reference to the signer's certificate under the signature.
    Bare,
    /// The signer's certificate is named under the signature.
    B,
    /// A timestamp over the signature value.
    T,
    /// Certificates and revocation data for all of it.
    Lt,
    /// A timestamp over all of that.
    Lta,
}

impl Level {
    /// The name in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bare => "bare",
            Self::B => "B",
            Self::T => "T",
            Self::Lt => "LT",
            Self::Lta => "LTA",
        }
    }
}
