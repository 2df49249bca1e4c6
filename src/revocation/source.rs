//! Where lists come from.

use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;

use crate::crypto::sha256;
use crate::fetch::{Reach, shown};

/// One configured place of lists, or a request that brought its own.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Source {
    origin: Origin,
    delta: bool,
    discovered: bool,
}

/// The kinds of place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A list compiled into the program, by name.
    Embedded(&'static str, &'static [u8]),
    /// A file, or a folder whose `.crl`, `.pem` and `.der` files are read.
    Path(PathBuf),
    /// The request: the list at this position in it, from 0.
    Request(usize),
    /// Addresses of one list, tried in turn.
    Urls(Box<[Box<str>]>),
}

/// Why addresses cannot be a source.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// Not an address at all.
    #[error("«{0}» is not an address")]
    Address(String),
    /// An address with a user name or password in it; here without them.
    #[error("the address of «{0}» carries a user name or password")]
    Credentials(String),
    /// No address given.
    #[error("no address is given")]
    Empty,
    /// Another scheme than http and https.
    #[error("«{0}» is neither http nor https")]
    Scheme(String),
}

impl Source {
    /// A list compiled into the program.
    #[must_use]
    pub fn embedded(name: &'static str, bytes: &'static [u8]) -> Self {
        Self { origin: Origin::Embedded(name, bytes), delta: false, discovered: false }
    }

    /// A file or a folder.
    #[must_use]
    pub fn path(path: impl Into<PathBuf>) -> Self {
        Self { origin: Origin::Path(path.into()), delta: false, discovered: false }
    }

    /// A list that came with a request.
    #[must_use]
    pub fn request(position: usize) -> Self {
        Self { origin: Origin::Request(position), delta: false, discovered: false }
    }

    /// Mirrors of one list.
    ///
    /// # Errors
    ///
    /// [`SourceError`] names the address that cannot be used.
    pub fn urls<T: AsRef<str>>(mirrors: &[T]) -> Result<Self, SourceError> {
        if mirrors.is_empty() {
            return Err(SourceError::Empty);
        }
        for mirror in mirrors {
            let mirror = mirror.as_ref();
            let url = reqwest::Url::parse(mirror).map_err(|_| SourceError::Address(shown(mirror)))?;
            if !matches!(url.scheme(), "http" | "https") {
                return Err(SourceError::Scheme(shown(mirror)));
            }
            if !url.username().is_empty() || url.password().is_some() {
                return Err(SourceError::Credentials(url.host_str().unwrap_or_default().into()));
            }
        }
        Ok(Self {
            origin: Origin::Urls(mirrors.iter().map(|mirror| mirror.as_ref().into()).collect()),
            delta: false,
            discovered: false,
        })
    }

    /// Marks what comes from here as delta lists: whatever they say about themselves, none is taken for a full list.
    #[must_use]
    pub fn of_deltas(self, delta: bool) -> Self {
        Self { delta, ..self }
    }

    /// Marks the addresses as named by certificates: nobody configured them, so they are asked in the public internet
    /// only.
    #[must_use]
    pub fn discovered(self) -> Self {
        Self { discovered: true, ..self }
    }

    /// Whether the addresses come from certificates.
    #[must_use]
    pub fn is_discovered(&self) -> bool {
        self.discovered
    }

    /// How far a question to its addresses may go.
    pub(super) fn reach(&self) -> Reach {
        if self.discovered { Reach::Public } else { Reach::Anywhere }
    }

    /// Whether one address belongs to both.
    pub(super) fn shares_address(&self, other: &Self) -> bool {
        self.mirrors().iter().any(|mirror| other.mirrors().contains(mirror))
    }

    /// The hosts of its addresses, in the form in which they compare.
    pub(super) fn hosts(&self) -> BTreeSet<Box<str>> {
        let urls = self.mirrors().iter().filter_map(|mirror| reqwest::Url::parse(mirror).ok());
        urls.filter_map(|url| url.host_str().map(Into::into)).collect()
    }

    /// The place.
    #[must_use]
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// Whether delta lists come from here.
    #[must_use]
    pub fn is_delta(&self) -> bool {
        self.delta
    }

    /// The addresses; empty for files and requests.
    #[must_use]
    pub fn mirrors(&self) -> &[Box<str>] {
        match &self.origin {
            Origin::Urls(mirrors) => mirrors,
            _ => &[],
        }
    }

    /// Names the stored copy of what came from here.
    pub(super) fn id(&self) -> String {
        let text = match &self.origin {
            Origin::Embedded(name, _) => format!("embedded\n{name}"),
            Origin::Path(path) => format!("path\n{}", path.display()),
            Origin::Request(position) => format!("request\n{position}"),
            Origin::Urls(mirrors) => format!("urls\n{}", mirrors.join("\n")),
        };
        sha256(text.as_bytes()).iter().map(|octet| format!("{octet:02x}")).collect()
    }
}

impl fmt::Display for Source {
    /// The path, or the first address without its query.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Origin::Embedded(name, _) => write!(f, "embedded:{name}"),
            Origin::Path(path) => write!(f, "{}", path.display()),
            Origin::Request(position) => write!(f, "request:{position}"),
            Origin::Urls(mirrors) => f.write_str(&mirrors.first().map_or_else(String::new, |mirror| shown(mirror))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Source, SourceError};

    #[test]
    fn only_plain_http_addresses_are_sources() {
        assert!(Source::urls(&["http://crl.pki.gov.kz/nca_gost_2022.crl", "https://crl1.pki.gov.kz/a.crl"]).is_ok());
        assert_eq!(Source::urls::<&str>(&[]), Err(SourceError::Empty));
        for (address, wanted) in [
            ("file:///etc/passwd", SourceError::Scheme as fn(String) -> SourceError),
            ("ldap://x/cn=y", SourceError::Scheme),
            ("ftp://x/y", SourceError::Scheme),
            ("nca_gost.crl", SourceError::Address),
            ("", SourceError::Address),
            ("http://", SourceError::Address),
        ] {
            assert_eq!(Source::urls(&[address]), Err(wanted(address.into())), "{address}");
        }
        let secret = Source::urls(&["http://user:secret@host/list.crl"]);
        assert_eq!(secret, Err(SourceError::Credentials("host".into())), "a password is not repeated");
    }

    #[test]
    fn the_same_mirrors_are_one_source_and_others_another() {
        let id = |mirrors: &[&str]| Source::urls(mirrors).unwrap().id();
        assert_eq!(id(&["http://a/x", "http://b/x"]), id(&["http://a/x", "http://b/x"]));
        assert_ne!(id(&["http://a/x"]), id(&["http://a/y"]));
        assert_eq!(id(&["http://a/x"]).len(), 64);
    }
}
