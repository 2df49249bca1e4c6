//! Certificates of the demo PKI, for the page and the examples. `testdata/demo/README.md` tells what each is.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// An individual's certificate that the demo accepts.
pub(super) const VALID: &str = include_str!("../../testdata/demo/individual-valid.pem");

/// The IIN in [`VALID`].
pub(super) const VALID_IIN: &str = "650615100015";

const FILES: [(&str, &str); 4] = [
    ("demo-expired.pem", include_str!("../../testdata/demo/individual-expired.pem")),
    ("demo-head.pem", include_str!("../../testdata/demo/legal-head-valid.pem")),
    ("demo-revoked.pem", include_str!("../../testdata/demo/individual-revoked.pem")),
    ("demo-valid.pem", VALID),
];

/// The sample of that name.
pub(super) fn find(name: &str) -> Option<&'static str> {
    FILES.iter().find(|(candidate, _)| *candidate == name).map(|(_, pem)| *pem)
}

/// The body of a request that the demo accepts.
pub(super) fn request() -> serde_json::Value {
    serde_json::json!({
        "certificate": VALID,
        "identity": { "iin": VALID_IIN },
        "purpose": "sign",
        "language": "kk",
    })
}

/// A line for a shell that asks the demo at `address` about its own sample; `/assets/demo-request.json` is the body.
pub fn curl_example(address: SocketAddr) -> String {
    let loopback: IpAddr = if address.is_ipv4() { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
    let ip = if address.ip().is_unspecified() { loopback } else { address.ip() };
    let base = format!("http://{}", SocketAddr::new(ip, address.port()));
    format!(
        "curl -s {base}/assets/demo-request.json | \
         curl -s {base}/v1/certificates/check -H 'content-type: application/json' --data-binary @-"
    )
}
