//! The revocation lists. Good ones run from 2026-01-01 to the end of 2049: the demo works without a network.

use rastau_mint::authority::Authority;
use rastau_mint::list::ListBuilder;

use crate::authorities::Authorities;
use crate::leaves::Leaf;

/// A revocation list as a file.
pub struct List {
    pub name: &'static str,
    /// What it is, and what is odd about it.
    pub what: &'static str,
    pub der: Vec<u8>,
}

impl List {
    pub fn path(&self) -> String {
        path(self.name)
    }
}

/// Where a list's file is.
pub fn path(name: &str) -> String {
    format!("testdata/demo/{name}.crl")
}

/// RFC 5280 section 5.3.1.
const KEY_COMPROMISE: u8 = 1;
const CA_COMPROMISE: u8 = 2;
const AFFILIATION_CHANGED: u8 = 3;
const CERTIFICATE_HOLD: u8 = 6;

pub fn mint(authorities: &Authorities, leaves: &[Leaf]) -> Vec<List> {
    let serial = |name: &str| -> Vec<u8> {
        let Some(leaf) = leaves.iter().find(|leaf| leaf.name == name) else {
            unreachable!("no leaf {name} was minted")
        };
        leaf.serial.clone()
    };
    let list = |name, what, authority: &Authority, builder: &ListBuilder| List {
        name,
        what,
        der: authority.sign_list(builder),
    };
    let Authorities { root_gost, issuing_gost, root_rsa, issuing_rsa, revoked, stranger } = authorities;

    let old =
        issuing_gost.list().revoke(&serial("legal-head-revoked"), "2022-05-20T09:00:00Z", Some(AFFILIATION_CHANGED));
    let current = old
        .clone()
        .number(10)
        .revoke(&serial("individual-revoked"), "2025-12-10T09:00:00Z", Some(KEY_COMPROMISE))
        .revoke(&serial("individual-on-hold"), "2025-12-11T09:00:00Z", Some(CERTIFICATE_HOLD));
    let stale = old.number(2).updates("2022-06-01T00:00:00Z", "2022-06-02T03:00:00Z");
    let root = root_gost.list().number(3).revoke(&revoked.serial, "2024-03-04T09:00:00Z", Some(CA_COMPROMISE));
    vec![
        list("demo-issuing-gost", "of the GOST issuing CA: three entries", issuing_gost, &current),
        list(
            "demo-issuing-gost-stale",
            "of the same CA, number 2 of 2022-06-01: lapsed since 2022-06-02",
            issuing_gost,
            &stale,
        ),
        list(
            "demo-issuing-gost-by-stranger",
            "in the name of the same CA and with its key identifier, empty, signed by the stranger's key",
            stranger,
            &issuing_gost.list().number(11),
        ),
        list("demo-issuing-rsa", "of the RSA issuing CA: empty", issuing_rsa, &issuing_rsa.list().number(4)),
        list("demo-root-gost", "of the GOST root: the revoked authority is in it", root_gost, &root),
        list("demo-root-rsa", "of the RSA root: empty", root_rsa, &root_rsa.list()),
        list("revoked-authority", "of the revoked authority: empty, and worth nothing", revoked, &revoked.list()),
        list("stranger-root", "of the stranger's root: empty", stranger, &stranger.list()),
    ]
}
