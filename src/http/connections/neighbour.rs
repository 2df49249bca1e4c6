//! Where connections come from.

use std::net::{IpAddr, Ipv6Addr};

/// Bits of an address of IPv6 that stand for one subscriber: a /64 is the least that anybody gets.
const SUBSCRIBER: u32 = 64;

/// Bits that stand for whoever hands out subscribers' networks: a /48 is what a site gets (RFC 6177), and has 65,536 of /64.
const SITE: u32 = 48;

/// Whom a connection counts to: an address of IPv4, a /64 of IPv6, which is what one subscriber gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::http) struct Neighbour(IpAddr);

/// Who gives way first by its size: an address of IPv4, a /48 of IPv6, which one peer may have all to itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Network(IpAddr);

impl Neighbour {
    /// That of an address.
    pub(in crate::http) fn of(address: IpAddr) -> Self {
        Self(prefix(address, SUBSCRIBER))
    }

    pub(super) fn network(self) -> Network {
        Network(prefix(self.0, SITE))
    }
}

/// The address with its first bits alone, if it is one of IPv6.
fn prefix(address: IpAddr, bits: u32) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() & !(u128::MAX >> bits))),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Neighbour {
        Neighbour::of(text.parse().unwrap())
    }

    #[test]
    fn a_whole_64_counts_as_one_and_mapped_addresses_as_what_they_map() {
        assert_eq!(of("2001:db8::1"), of("2001:db8::ffff:1"));
        assert_ne!(of("2001:db8::1"), of("2001:db8:0:1::1"));
        assert_eq!(of("::ffff:10.0.0.1"), of("10.0.0.1"));
        assert_ne!(of("10.0.0.1"), of("10.0.0.2"));
    }

    #[test]
    fn a_network_is_a_whole_48_or_one_address() {
        assert_eq!(of("2001:db8:0:1::1").network(), of("2001:db8:0:ffff::1").network());
        assert_ne!(of("2001:db8:1::").network(), of("2001:db8:2::").network());
        assert_ne!(of("10.0.0.1").network(), of("10.0.0.2").network());
    }
}
