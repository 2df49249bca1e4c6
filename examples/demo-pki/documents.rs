//! Documents signed by the holders, as NCALayer signs them.

use rastau_mint::cms::{Cms, Signer};
use rastau_mint::key::Key;
use rastau_mint::xml;

use crate::leaves::Leaf;

/// A signed document as a file.
pub struct Document {
    pub name: &'static str,
    pub what: &'static str,
    pub bytes: Vec<u8>,
}

impl Document {
    pub fn path(&self) -> String {
        format!("testdata/demo/{}", self.name)
    }
}

/// What is signed.
const APPLICATION: &str = "Application for a licence: medical activity. Invented, like everybody in it.\n";
const FORM: &str = "<application><service>medical-activity</service><note>invented</note></application>";

pub fn sign(leaves: &[Leaf]) -> Vec<Document> {
    let leaf = |name: &str| {
        let Some(leaf) = leaves.iter().find(|leaf| leaf.name == name) else { unreachable!("a leaf of that name") };
        leaf
    };
    let key = |name: &str| Key::gost512(&format!("rastau demo pki 1: {name}"));
    let cms = |name: &str| {
        let leaf = leaf(name);
        let message = Cms::over(APPLICATION.as_bytes()).certificate(&leaf.der);
        message.signer(Signer::new(&key(name), &leaf.der)).encode()
    };
    let holder = "individual-valid";
    vec![
        Document {
            name: "application.p7s",
            what: "CMS with its content, signed by the individual",
            bytes: cms(holder),
        },
        Document {
            name: "application-revoked.p7s",
            what: "the same, signed with the revoked certificate",
            bytes: cms("individual-revoked"),
        },
        Document {
            name: "application.xml",
            what: "XML with an enveloped signature of the individual",
            bytes: xml::enveloped(FORM, &key(holder), &leaf(holder).der).into_bytes(),
        },
    ]
}
