//! The demo authorities: a GOST pair and an RSA pair of the National CA's shape, an authority that was revoked, and a
//! stranger that nobody trusts.

use rastau_mint::authority::{Authority, Urls};
use rastau_mint::hash::Hash;
use rastau_mint::key::Key;

/// Every label starts with this; another seed would make another demo PKI.
const SEED: &str = "rastau demo pki 1";

/// The authorities of the demo.
pub struct Authorities {
    pub root_gost: Authority,
    pub issuing_gost: Authority,
    pub root_rsa: Authority,
    pub issuing_rsa: Authority,
    /// Issued by the GOST root and in its list.
    pub revoked: Authority,
    /// A root of its own, in nobody's configuration.
    pub stranger: Authority,
}

/// An authority's certificate as a file.
pub struct Document {
    pub path: String,
    pub what: &'static str,
    pub der: Vec<u8>,
}

impl Authorities {
    pub fn mint() -> Authorities {
        let root_gost = root("(GOST)", gost("root")).with_urls(urls("demo-root-gost", false));
        let root_rsa = root("(RSA)", rsa(4096, "root")).with_urls(urls("demo-root-rsa", false));
        let issuing = |root: &Authority, kind: &str, key: Key| {
            root.subordinate(&format!("ДЕМО ҰЛТТЫҚ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ {kind} — RASTAU DEMO"), key)
        };
        let issuing_gost = issuing(&root_gost, "(GOST)", gost("issuing"));
        let issuing_rsa = issuing(&root_rsa, "(RSA)", rsa(2048, "issuing"));
        let revoked = root_gost.subordinate("ДЕМО КЕРІ ҚАЙТАРЫЛҒАН ОРТАЛЫҚ — RASTAU DEMO", gost("revoked"));
        Authorities {
            root_gost,
            issuing_gost: issuing_gost.with_urls(urls("demo-issuing-gost", true)),
            root_rsa,
            issuing_rsa: issuing_rsa.with_urls(urls("demo-issuing-rsa", true)),
            revoked: revoked.with_urls(urls("revoked-authority", true)),
            stranger: Authority::root("БӨТЕН ОРТАЛЫҚ — RASTAU DEMO", gost("stranger")),
        }
    }

    pub fn documents(&self) -> Vec<Document> {
        let document = |path: &str, what, authority: &Authority| Document {
            path: path.to_owned(),
            what,
            der: authority.certificate.clone(),
        };
        vec![
            document("certs/demo-root-gost.pem", "root, GOST 34.10-2015 on 512 bits", &self.root_gost),
            document(
                "certs/demo-issuing-gost.pem",
                "issuing CA under it, GOST 34.10-2015 on 512 bits",
                &self.issuing_gost,
            ),
            document("certs/demo-root-rsa.pem", "root, RSA of 4096 bits", &self.root_rsa),
            document("certs/demo-issuing-rsa.pem", "issuing CA under it, RSA of 2048 bits", &self.issuing_rsa),
            document(
                "testdata/demo/revoked-authority.pem",
                "issuing CA under the GOST root, in that root's list",
                &self.revoked,
            ),
            document("testdata/demo/stranger-root.pem", "root that no configuration trusts", &self.stranger),
        ]
    }
}

fn root(kind: &str, key: Key) -> Authority {
    Authority::root(&format!("ДЕМО НЕГІЗГІ КУӘЛАНДЫРУШЫ ОРТАЛЫҚ {kind} — RASTAU DEMO"), key)
}

/// URLs under `.invalid`, which never resolves: nothing can be fetched by following a demo certificate. An issuing CA
/// has two mirrors of its list, a delta and a responder; a root has one list.
fn urls(name: &str, issuing: bool) -> Urls {
    let mirrors =
        if issuing { ["http://demo.invalid", "http://demo1.invalid"].as_slice() } else { &["http://demo.invalid"] };
    Urls {
        lists: mirrors.iter().map(|mirror| format!("{mirror}/{name}.crl")).collect(),
        delta: issuing.then(|| format!("http://demo.invalid/{name}-delta.crl")),
        certificate: format!("http://demo.invalid/{name}.cer"),
        responder: issuing.then(|| "http://demo.invalid/ocsp/".to_owned()),
    }
}

fn gost(label: &str) -> Key {
    Key::gost512(&format!("{SEED}: {label} gost"))
}

fn rsa(bits: usize, label: &str) -> Key {
    Key::rsa_with(bits, Hash::Sha256, &format!("{SEED}: {label} rsa"))
}
