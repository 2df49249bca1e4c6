//! What `serve` says when it has started: where the page is, and one line to try it with.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use super::super::complain;
use super::super::output::{BAD, FAINT, GOOD, HEADING, Styled, UNSURE};
use crate::access::Access;
use crate::config::LogFormat;
use crate::http::curl_example;
use crate::service::{ListState, Lists, Service};

/// Tells people in words, and machines, where the log is JSON, in one event.
pub fn greet(format: LogFormat, listening: SocketAddr, service: &Service, access: &Access) {
    let readiness = service.readiness();
    let anchors = service.grounds().pool.anchors().len();
    let intermediates = service.grounds().pool.intermediates().len();
    let (usable, lists) = lists(service);
    let (tls, controlled) = (access.tls().is_some(), access.is_controlled());
    if format == LogFormat::Json {
        let reasons = readiness.reasons.join("; ");
        let (ready, demo) = (readiness.ready, readiness.demo);
        tracing::info!(%listening, ready, demo, anchors, intermediates, lists, usable, reasons, tls, controlled, "started");
        return;
    }
    let address = reachable(listening);
    let line = |name: &str, value: &dyn std::fmt::Display| {
        complain(format_args!("  {} {value}", Styled(FAINT, format_args!("{name:<8}"))));
    };
    complain(Styled(HEADING, format_args!("rastau {}", crate::VERSION)));
    line("page", &format_args!("{}://{address}/", if tls { "https" } else { "http" }));
    line("try", &try_line(address, readiness.demo, tls, controlled));
    if readiness.demo {
        let warning = "yes: the keys of its authority are public, so its answers prove nothing";
        line("demo", &Styled(UNSURE, warning));
    } else {
        line("demo", &"no");
    }
    let callers =
        if controlled { "clients with a token or a certificate" } else { "everybody who reaches the address" };
    line("access", &callers);
    line("trust", &format_args!("{anchors} anchors, {intermediates} intermediates"));
    line("lists", &format_args!("{usable} of {lists} in force"));
    if readiness.ready {
        line("ready", &Styled(GOOD, "yes"));
    } else {
        line("ready", &Styled(BAD, "not yet"));
        for reason in &readiness.reasons {
            complain(format_args!("           {reason}"));
        }
    }
}

/// How many lists are in force, and how many there are.
fn lists(service: &Service) -> (usize, usize) {
    match &service.grounds().lists {
        Lists::Fixed(snapshot) => {
            let count = snapshot.lists().count();
            (count, count)
        }
        Lists::Live(_) => {
            let all = service.revocation();
            let usable = all.iter().filter(|list| matches!(list.state, ListState::Fresh | ListState::Due)).count();
            (usable, all.len())
        }
    }
}

/// Where this machine reaches a listener: one on every address is reached on the loopback one.
fn reachable(listening: SocketAddr) -> SocketAddr {
    let ip = match listening.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        ip => ip,
    };
    SocketAddr::new(ip, listening.port())
}

/// A line that works in any folder: the demo serves a request to send back, elsewhere a number is looked at. Where clients
/// are known or the connection is encrypted, whoever types it adds what only they have.
fn try_line(address: SocketAddr, demo: bool, tls: bool, controlled: bool) -> String {
    if demo && !tls && !controlled {
        return curl_example(address);
    }
    let url = format!("{}://{address}/v1/identity-numbers/check", if tls { "https" } else { "http" });
    let authority = if tls { " --cacert CA.pem" } else { "" };
    let token = if controlled { " -H \"authorization: Bearer $TOKEN\"" } else { "" };
    let json = "-H 'content-type: application/json'";
    format!("curl -s{authority}{token} {url} {json} -d '{{\"iin\":\"650615100015\"}}'")
}

#[cfg(test)]
mod tests {
    use super::reachable;

    #[test]
    fn a_listener_on_every_address_is_reached_on_the_loopback_one() {
        for (listening, reached) in
            [("0.0.0.0:80", "127.0.0.1:80"), ("[::]:8080", "[::1]:8080"), ("10.1.2.3:9", "10.1.2.3:9")]
        {
            assert_eq!(reachable(listening.parse().expect("an address")).to_string(), reached);
        }
    }
}
