//! Which machines an address out of a certificate may lead to: those of the public internet only.
//!
//! A certificate names its lists by addresses that whoever requested it may have chosen. Were they fetched as they are,
//! the service could be made to ask machines that only it can reach: itself, its neighbours, the metadata service of
//! a cloud. The name in the address proves nothing, since its owner can let it resolve to anything at any time, so the
//! check is made on what it resolved to, and the connection goes to exactly those addresses.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Most addresses of one name that are looked at.
const MAX_ADDRESSES: usize = 32;

/// Ranges of IPv4 that are not the public internet: (first address, length of the prefix). From the registry of
/// special-purpose addresses (RFC 6890), with multicast and what is reserved.
const SPECIAL_V4: [(Ipv4Addr, u32); 16] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),       // this network
    (Ipv4Addr::new(10, 0, 0, 0), 8),      // private
    (Ipv4Addr::new(100, 64, 0, 0), 10),   // between a carrier and its customers
    (Ipv4Addr::new(127, 0, 0, 0), 8),     // loopback
    (Ipv4Addr::new(169, 254, 0, 0), 16),  // link-local, and the metadata services of clouds
    (Ipv4Addr::new(172, 16, 0, 0), 12),   // private
    (Ipv4Addr::new(192, 0, 0, 0), 24),    // protocol assignments
    (Ipv4Addr::new(192, 0, 2, 0), 24),    // documentation
    (Ipv4Addr::new(192, 31, 196, 0), 24), // AS112
    (Ipv4Addr::new(192, 52, 193, 0), 24), // AMT
    (Ipv4Addr::new(192, 88, 99, 0), 24),  // 6to4 relays
    (Ipv4Addr::new(192, 168, 0, 0), 16),  // private
    (Ipv4Addr::new(198, 18, 0, 0), 15),   // benchmarks
    (Ipv4Addr::new(198, 51, 100, 0), 24), // documentation
    (Ipv4Addr::new(203, 0, 113, 0), 24),  // documentation
    (Ipv4Addr::new(224, 0, 0, 0), 3),     // multicast, reserved, broadcast
];

/// Ranges inside the global unicast space of IPv6 that are not the public internet.
const SPECIAL_V6: [(Ipv6Addr, u32); 5] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // protocol assignments, Teredo among them
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // documentation
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4, which carries any IPv4 address
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48), // AS112
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // documentation
];

/// Whether an address belongs to the public internet. IPv4 addresses in the clothes of IPv6 do not: nobody publishes a
/// server under one, and they are a way around checks like this.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            let within =
                |(first, prefix): &(Ipv4Addr, u32)| (address.to_bits() ^ first.to_bits()).leading_zeros() >= *prefix;
            !SPECIAL_V4.iter().any(within)
        }
        IpAddr::V6(address) => {
            let within =
                |(first, prefix): &(Ipv6Addr, u32)| (address.to_bits() ^ first.to_bits()).leading_zeros() >= *prefix;
            // 2000::/3 is all that is handed out as global unicast.
            address.to_bits() >> 125 == 1 && !SPECIAL_V6.iter().any(within)
        }
    }
}

/// That a name leads to a machine that is not of the public internet.
#[derive(Debug, thiserror::Error)]
#[error("the name leads to an address that is not of the public internet")]
pub(super) struct NotPublic;

/// Resolves a name to addresses, whatever they are.
trait Lookup: Send + Sync + 'static {
    fn lookup(&self, name: String) -> impl Future<Output = io::Result<Vec<SocketAddr>>> + Send;
}

/// The resolver of the system.
struct System;

impl Lookup for System {
    async fn lookup(&self, name: String) -> io::Result<Vec<SocketAddr>> {
        // The port is filled in by whoever connects.
        Ok(tokio::net::lookup_host((name, 0)).await?.take(MAX_ADDRESSES).collect())
    }
}

/// A resolver that answers public addresses or nothing.
pub(super) fn public_only() -> Arc<dyn Resolve> {
    Arc::new(PublicOnly(Arc::new(System)))
}

struct PublicOnly<L>(Arc<L>);

impl<L: Lookup> Resolve for PublicOnly<L> {
    fn resolve(&self, name: Name) -> Resolving {
        let lookup = Arc::clone(&self.0);
        Box::pin(async move {
            let found = lookup.lookup(name.as_str().to_owned()).await?;
            // One that is not public spoils them all: a name that mixes them is a mistake or an attack.
            if found.is_empty() || !found.iter().all(|address| is_public(address.ip())) {
                return Err(NotPublic.into());
            }
            let addresses: Addrs = Box::new(found.into_iter());
            Ok(addresses)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn only_the_public_internet_is_public() {
        for text in [
            "8.8.8.8",
            "1.1.1.1",
            "195.12.123.2",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "223.255.255.255",
            "2a00:1450::1",
            "2001:4860:4860::8888",
            "2606:4700::1",
        ] {
            assert!(is_public(text.parse().unwrap()), "{text}");
        }
        for text in [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.254",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.168.0.1",
            "192.88.99.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.1",
            "203.0.113.1",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "64:ff9b::808:808",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:1ff::1",
            "2001:db8::1",
            "2002:7f00:1::1",
            "3fff::1",
            "4000::1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!is_public(text.parse().unwrap()), "{text}");
        }
    }

    /// Answers something else every time, as the owner of a name can.
    struct Rebinding(Mutex<Vec<Vec<&'static str>>>);

    impl Lookup for Rebinding {
        async fn lookup(&self, _: String) -> io::Result<Vec<SocketAddr>> {
            let answer = self.0.lock().unwrap().pop().unwrap_or_default();
            Ok(answer.into_iter().map(|text| SocketAddr::new(text.parse().unwrap(), 0)).collect())
        }
    }

    #[tokio::test]
    async fn a_name_is_judged_by_what_it_resolves_to_each_time() {
        let answers = vec![vec!["8.8.8.8"], vec![], vec!["8.8.8.8", "169.254.169.254"], vec!["::1"], vec!["1.1.1.1"]];
        let resolver = PublicOnly(Arc::new(Rebinding(Mutex::new(answers))));
        let mut outcomes = Vec::new();
        for _ in 0..5 {
            outcomes.push(resolver.resolve("crl.example".parse().unwrap()).await.map(|found| found.count()).ok());
        }
        assert_eq!(outcomes, [Some(1), None, None, None, Some(1)]);
    }

    #[tokio::test]
    async fn the_machine_itself_is_not_public() {
        let found = public_only().resolve("localhost".parse().unwrap()).await;
        assert!(found.is_err_and(|error| error.is::<NotPublic>() || error.is::<io::Error>()));
    }
}
