//! Which names the service answers to, and pages of which sites may call it.
//!
//! Without clients the network is the protection, and a browser on this machine or inside is behind it: a page of any site may
//! have its own name resolve to the service's address and then call it as its own («DNS rebinding»). Such calls carry the
//! name of the site, so only addresses, `localhost` and what is configured are answered. Beyond that, no browser changes
//! anything here for a page of another site.

use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};

use super::problem::Problem;

/// The names answered to.
#[derive(Clone, Debug)]
pub(super) struct Hosts {
    /// In lower case; one that begins with a dot stands for every name below it. `None`: any name will do.
    names: Option<Vec<String>>,
}

impl Hosts {
    /// The configured ones; without any, where `everybody` may call, addresses and localhost alone.
    pub(super) fn new(configured: &[String], everybody: bool) -> Self {
        let names = configured.iter().map(|name| name.to_ascii_lowercase()).collect::<Vec<_>>();
        Self { names: (everybody || !names.is_empty()).then_some(names) }
    }

    /// Refuses a request under a name that is not ours, and one that a page of another site makes to change something.
    pub(super) fn check(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<(), Problem> {
        let changes = !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        // What browsers say of themselves, and pages cannot.
        if changes && headers.get("sec-fetch-site").is_some_and(|site| site == "cross-site") {
            return Err(Problem::another_site());
        }
        let Some(names) = &self.names else { return Ok(()) };
        let answers_to = |authority: &str| is_ours(authority, names);
        // Every field: two readers may each take another one.
        let hosts = headers.get_all(header::HOST).iter().map(HeaderValue::to_str);
        let asked = hosts.chain(uri.authority().map(|authority| Ok(authority.as_str())));
        for host in asked {
            if !host.is_ok_and(answers_to) {
                return Err(Problem::another_host());
            }
        }
        let origins = headers.get_all(header::ORIGIN).iter().map(HeaderValue::to_str);
        for origin in origins.filter(|_| changes) {
            let authority = origin.ok().and_then(|origin| origin.split_once("://")).map(|(_, authority)| authority);
            if !authority.is_some_and(answers_to) {
                return Err(Problem::another_site());
            }
        }
        Ok(())
    }
}

/// Whether a host with its port, if any, is an address, this machine's own name for itself, or one of the names.
fn is_ours(authority: &str, names: &[String]) -> bool {
    let host = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        // An address of IPv6 in brackets.
        Some((address, rest)) => {
            return address.parse::<std::net::Ipv6Addr>().is_ok() && (rest.is_empty() || is_port(rest));
        }
        None => match authority.split_once(':') {
            Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
            Some(_) => return false,
            None => authority,
        },
    };
    if host.parse::<std::net::Ipv4Addr>().is_ok() {
        return true;
    }
    let host = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    host == "localhost"
        || host.ends_with(".localhost")
        || names.iter().any(|name| host == *name || (name.starts_with('.') && host.ends_with(name.as_str())))
}

fn is_port(text: &str) -> bool {
    text.strip_prefix(':').is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(hosts: &Hosts, method: Method, fields: &[(&'static str, &str)]) -> Option<&'static str> {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        hosts.check(&method, &Uri::from_static("/v1/services"), &headers).err().map(|problem| problem.code)
    }

    #[test]
    fn addresses_and_localhost_are_answered_and_other_names_are_not() {
        let hosts = Hosts::new(&[], true);
        for good in
            ["127.0.0.1", "127.0.0.1:8080", "[::1]:8080", "[::1]", "localhost:8080", "LOCALHOST", "a.localhost."]
        {
            assert_eq!(code(&hosts, Method::GET, &[("host", good)]), None, "{good}");
        }
        for bad in [
            "attacker.example",
            "attacker.example:8080",
            "localhost.attacker.example",
            "127.0.0.1.attacker.example",
            "notlocalhost",
            "[::1]attacker.example",
            "[attacker.example]",
            "127.0.0.1:8080:9",
            "user@localhost",
            "",
        ] {
            assert_eq!(code(&hosts, Method::GET, &[("host", bad)]), Some("host-not-served"), "{bad}");
        }
        let both = [("host", "localhost"), ("host", "attacker.example")];
        assert_eq!(code(&hosts, Method::GET, &both), Some("host-not-served"));
        // A program without the field is no browser.
        assert_eq!(code(&hosts, Method::GET, &[]), None);
    }

    #[test]
    fn an_absolute_address_counts_like_the_field() {
        let hosts = Hosts::new(&[], true);
        let uri = Uri::from_static("http://attacker.example/v1/services");
        assert!(hosts.check(&Method::GET, &uri, &HeaderMap::new()).is_err());
    }

    #[test]
    fn configured_names_are_answered_and_with_clients_any_name_is() {
        let hosts = Hosts::new(&["Rastau.example".to_owned(), ".inner.example".to_owned()], false);
        for (host, answered) in [
            ("rastau.example", true),
            ("RASTAU.EXAMPLE:443", true),
            ("a.inner.example", true),
            ("inner.example", false),
            ("x.rastau.example", false),
            ("xinner.example", false),
        ] {
            assert_eq!(code(&hosts, Method::GET, &[("host", host)]).is_none(), answered, "{host}");
        }
        assert_eq!(code(&Hosts::new(&[], false), Method::POST, &[("host", "any.example")]), None);
    }

    #[test]
    fn pages_of_other_sites_change_nothing() {
        let hosts = Hosts::new(&[], true);
        for (origin, answered) in [
            ("http://localhost:8080", true),
            ("http://127.0.0.1:8080", true),
            ("https://attacker.example", false),
            ("null", false),
            ("", false),
        ] {
            let fields = [("host", "localhost"), ("origin", origin)];
            assert_eq!(code(&hosts, Method::POST, &fields).is_none(), answered, "{origin}");
            assert_eq!(code(&hosts, Method::GET, &fields), None, "{origin}: reading is the browser's to forbid");
        }
        let with_clients = Hosts::new(&[], false);
        for (site, answered) in [("cross-site", false), ("same-origin", true), ("same-site", true), ("none", true)] {
            let answer = code(&with_clients, Method::POST, &[("host", "any.example"), ("sec-fetch-site", site)]);
            assert_eq!(answer.is_none(), answered, "{site}");
        }
    }
}
