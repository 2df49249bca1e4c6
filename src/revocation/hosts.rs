//! Hosts that may be asked though nobody configured the whole address.

use std::net::IpAddr;

use crate::fetch::guard::is_public;

/// Most entries of the list.
const MAX_HOSTS: usize = 256;

/// Longest address of a certificate that is looked at, in octets.
const MAX_ADDRESS: usize = 1024;

/// An allow-list of hosts for addresses that come from certificates; an empty one allows none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HostList {
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    /// Lower case; with a leading dot it stands for every name below it, and not for itself.
    name: Box<str>,
    /// The port allowed; the scheme's own when there is none.
    port: Option<u16>,
}

/// Why an entry of the list cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HostError {
    /// Not a name, or more than a name.
    #[error("«{0}» is not a host: write a name such as crl.pki.gov.kz, or .pki.gov.kz for all names below it")]
    Malformed(String),
    /// A machine that certificates may not lead to.
    #[error("«{0}» is not an address of the public internet: configure the whole address of the list instead")]
    NotPublic(String),
    /// Too many.
    #[error("more than {MAX_HOSTS} hosts")]
    TooMany,
}

impl HostList {
    /// Reads entries: `crl.pki.gov.kz` is that host, `.pki.gov.kz` every host below it, `crl.pki.gov.kz:8080` that host
    /// at that port; without one only the schemes' own ports (80 and 443) are allowed.
    ///
    /// # Errors
    ///
    /// [`HostError`] names the entry.
    pub fn read<T: AsRef<str>>(entries: &[T]) -> Result<Self, HostError> {
        if entries.len() > MAX_HOSTS {
            return Err(HostError::TooMany);
        }
        let entries = entries.iter().map(|entry| Entry::read(entry.as_ref())).collect::<Result<_, _>>()?;
        Ok(Self { entries })
    }

    /// Whether it allows nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether an address may be asked: http or https, no user name, a host of the list at its port, and no number of a
    /// machine outside the public internet. What a name resolves to is judged when it is asked.
    #[must_use]
    pub fn allows(&self, address: &str) -> bool {
        if address.len() > MAX_ADDRESS || !address.bytes().all(|byte| byte.is_ascii_graphic()) {
            return false;
        }
        let Ok(url) = reqwest::Url::parse(address) else { return false };
        let plain = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
        let Some(host) = url.host_str().filter(|_| plain) else { return false };
        let number = number(host);
        if number.is_some_and(|address| !is_public(address)) {
            return false;
        }
        self.entries.iter().any(|entry| entry.port == url.port() && entry.matches(host, number.is_some()))
    }
}

impl Entry {
    fn read(text: &str) -> Result<Self, HostError> {
        let malformed = || HostError::Malformed(text.to_owned());
        let (dot, host) = text.strip_prefix('.').map_or(("", text), |rest| (".", rest));
        // The reader of addresses knows what a host is, and in which form it compares.
        let url = reqwest::Url::parse(&format!("http://{host}")).map_err(|_| malformed())?;
        let name = url.host_str().filter(|_| url.path() == "/" && !host.contains(['/', '@', '?', '#', '\\', ' ']));
        let name = name.filter(|name| !name.ends_with('.')).ok_or_else(malformed)?;
        match number(name) {
            Some(_) if !dot.is_empty() => return Err(malformed()),
            Some(address) if !is_public(address) => return Err(HostError::NotPublic(text.to_owned())),
            // «*» would be read as a name that no host has, which is not what is meant by it.
            None if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte)) => {
                return Err(malformed());
            }
            _ => {}
        }
        Ok(Self { name: format!("{dot}{name}").into(), port: url.port() })
    }

    fn matches(&self, host: &str, is_number: bool) -> bool {
        if self.name.starts_with('.') { !is_number && host.ends_with(&*self.name) } else { host == &*self.name }
    }
}

/// The address when the host is written in numbers; the reader of addresses has normalised them.
fn number(host: &str) -> Option<IpAddr> {
    host.trim_matches(['[', ']']).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_listed_hosts_at_their_ports_are_allowed() {
        let hosts = HostList::read(&["crl.pki.gov.kz", ".Root.gov.kz", "mirror.kz:8080", "8.8.8.8"]).unwrap();
        for address in [
            "http://crl.pki.gov.kz/nca_gost_2022.crl",
            "https://CRL.pki.gov.kz/x?y",
            "http://crl.pki.gov.kz:80/x",
            "http://crl.root.gov.kz/gost.crl",
            "http://a.b.root.gov.kz/",
            "http://mirror.kz:8080/x",
            "http://8.8.8.8/x",
        ] {
            assert!(hosts.allows(address), "{address}");
        }
        for address in [
            "http://pki.gov.kz/x",
            "http://crl.pki.gov.kz.evil.kz/x",
            "http://evilcrl.pki.gov.kz/x",
            "http://root.gov.kz/x",
            "http://evilroot.gov.kz/x",
            "http://crl.pki.gov.kz:8080/x",
            "http://crl.pki.gov.kz:22/x",
            "http://mirror.kz/x",
            "http://crl.pki.gov.kz@evil.kz/x",
            "http://user@crl.pki.gov.kz/x",
            "http://:secret@crl.pki.gov.kz/x",
            "http://evil.kz/crl.pki.gov.kz",
            "http://evil.kz#crl.pki.gov.kz",
            "http://evil.kz\\@crl.pki.gov.kz/",
            "ftp://crl.pki.gov.kz/x",
            "file://crl.pki.gov.kz/x",
            "ldap://crl.pki.gov.kz/x",
            "http://crl.pki.gov.kz./x",
            "http://127.0.0.1/x",
            "http://127.0.0.1.root.gov.kz.127.0.0.1/x",
            "http://[::1]/x",
            "http://8.8.4.4/x",
            "http://crl.pki.gov.kz/x\r\nhost: y",
            "http://crl.pki.gov.kz/ x",
            "//crl.pki.gov.kz/x",
            "crl.pki.gov.kz",
            "",
        ] {
            assert!(!hosts.allows(address), "{address}");
        }
        assert!(!hosts.allows(&format!("http://crl.pki.gov.kz/{}", "x".repeat(MAX_ADDRESS))));
        assert!(!HostList::default().allows("http://crl.pki.gov.kz/x"));
    }

    #[test]
    fn what_is_no_host_is_no_entry() {
        for entry in [
            "",
            ".",
            "http://a.kz",
            "a.kz/x",
            "a.kz?",
            "u@a.kz",
            "a b.kz",
            "a.kz.",
            ".8.8.8.8",
            "a.kz:x",
            "*",
            "*.a.kz",
        ] {
            assert!(HostList::read(&[entry]).is_err(), "{entry}");
        }
        for entry in ["127.0.0.1", "localhost:80/", "10.1.2.3", "[::1]", "0x7f.1", "169.254.169.254:80"] {
            assert!(HostList::read(&[entry]).is_err(), "{entry}");
        }
        assert_eq!(HostList::read(&["a.kz"; MAX_HOSTS + 1]), Err(HostError::TooMany));
    }
}
