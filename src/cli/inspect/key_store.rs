//! PKCS#12 as `inspect` shows it: what stands outside; with the password also its certificates and the kinds of its keys.
//! Never a key.

use serde::Serialize;

use super::super::output::{Clean, FAINT, HEADING, Output, Styled, UNSURE, field};
use super::certificate::CertificateView;
use crate::clock::Time;
use crate::signer::pkcs12::{BagOutline, CipherOutline, Contents, KeyStore, PartOutline, Protection, StoredKey};
use crate::signer::{KeyError, Password};

/// What a key store says.
#[derive(Serialize)]
pub struct KeyStoreView {
    bytes: usize,
    protection: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mac_algorithm: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mac_iterations: Option<u32>,
    parts: Vec<PartView>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contents: Option<ContentsView>,
}

/// One part.
#[derive(Serialize)]
struct PartView {
    kind: &'static str,
    #[serde(flatten)]
    cipher: CipherView,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    bags: Vec<BagView>,
}

/// How something is encrypted, if it is.
#[derive(Default, Serialize)]
struct CipherView {
    #[serde(skip_serializing_if = "Option::is_none")]
    cipher: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iterations: Option<u64>,
}

/// One bag in the clear.
#[derive(Serialize)]
struct BagView {
    kind: &'static str,
    #[serde(flatten)]
    cipher: CipherView,
    #[serde(flatten)]
    names: NamesView,
}

/// What a bag is called.
#[derive(Serialize)]
struct NamesView {
    #[serde(skip_serializing_if = "Option::is_none")]
    friendly_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    local_key_id: Option<String>,
}

/// What the password opened.
#[derive(Serialize)]
struct ContentsView {
    keys: Vec<KeyView>,
    certificates: Vec<CertificateView>,
}

/// A key, but for itself.
#[derive(Serialize)]
struct KeyView {
    #[serde(skip_serializing_if = "Option::is_none")]
    algorithm: Option<String>,
    #[serde(flatten)]
    names: NamesView,
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

impl KeyStoreView {
    /// Reads the outside, and with a password the inside.
    pub fn read(bytes: &[u8], password: Option<&Password>, now: Time) -> Result<Self, KeyError> {
        let store = KeyStore::read(bytes)?;
        let contents = password.map(|password| store.open(password)).transpose()?;
        let outline = store.outline();
        let (mac_algorithm, mac_iterations) = outline.mac.map(|mac| (mac.algorithm, mac.iterations)).unzip();
        Ok(Self {
            bytes: outline.octets,
            protection: match outline.protection {
                Protection::Password => "password",
                Protection::PublicKey => "public key",
            },
            mac_algorithm,
            mac_iterations,
            parts: outline.parts.into_iter().map(PartView::of).collect(),
            contents: contents.map(|contents| ContentsView::of(&contents, now)),
        })
    }

    /// For people.
    pub fn print(&self, output: &mut Output) {
        output.line(Styled(HEADING, format_args!("Key store, PKCS#12 ({} bytes)", self.bytes)));
        field(output, "protected by", self.protection);
        match (&self.mac_algorithm, self.mac_iterations) {
            (Some(algorithm), Some(iterations)) => {
                field(output, "MAC", &format!("{algorithm}, {iterations} iterations"))
            }
            _ => field(output, "MAC", "none"),
        }
        for part in &self.parts {
            field(output, "part", &format!("{}{}", part.kind, part.cipher.in_words()));
            for bag in &part.bags {
                field(output, "", &format!("{}{}{}", bag.kind, bag.cipher.in_words(), bag.names.in_words()));
            }
        }
        match &self.contents {
            None => output.line(Styled(FAINT, "What is encrypted stays closed; --password-file opens it.")),
            Some(contents) => contents.print(output),
        }
    }
}

impl PartView {
    fn of(part: PartOutline) -> Self {
        match part {
            PartOutline::Clear(bags) => {
                let bags = bags.into_iter().map(BagView::of).collect();
                Self { kind: "in the clear", cipher: CipherView::default(), bags }
            }
            PartOutline::Encrypted(cipher) => {
                Self { kind: "encrypted", cipher: CipherView::of(Some(cipher)), bags: Vec::new() }
            }
            PartOutline::Enveloped => Self { kind: "enveloped", cipher: CipherView::default(), bags: Vec::new() },
        }
    }
}

impl CipherView {
    fn of(cipher: Option<CipherOutline>) -> Self {
        cipher.map_or_else(Self::default, |cipher| Self { cipher: Some(cipher.name), iterations: cipher.iterations })
    }

    fn in_words(&self) -> String {
        match (&self.cipher, self.iterations) {
            (None, _) => String::new(),
            (Some(cipher), None) => format!(", {cipher}"),
            (Some(cipher), Some(iterations)) => format!(", {cipher}, {iterations} iterations"),
        }
    }
}

impl BagView {
    fn of(bag: BagOutline) -> Self {
        let names = NamesView { friendly_name: bag.friendly_name, local_key_id: bag.local_key_id };
        Self { kind: bag.kind, cipher: CipherView::of(bag.cipher), names }
    }
}

impl NamesView {
    fn in_words(&self) -> String {
        let named = self.friendly_name.as_ref().map(|name| format!(", called «{}»", Clean(name)));
        let id = self.local_key_id.as_ref().filter(|id| self.friendly_name.as_ref() != Some(id));
        named.into_iter().chain(id.map(|id| format!(", key id {id}"))).collect()
    }
}

impl ContentsView {
    fn of(contents: &Contents, now: Time) -> Self {
        let key = |key: &StoredKey| {
            let (algorithm, problem) = match key.algorithm() {
                Ok(algorithm) => (Some(algorithm.to_string()), None),
                Err(error) => (None, Some(error.to_string())),
            };
            let names = NamesView {
                friendly_name: key.friendly_name().map(ToOwned::to_owned),
                local_key_id: key.local_key_id(),
            };
            let certificate = contents.certificate_of(key).map(|certificate| certificate.serial_number().to_string());
            KeyView { algorithm, names, certificate, problem }
        };
        Self {
            keys: contents.keys().iter().map(key).collect(),
            certificates: contents.certificates().map(|certificate| CertificateView::of(certificate, now)).collect(),
        }
    }

    fn print(&self, output: &mut Output) {
        for key in &self.keys {
            let algorithm = key.algorithm.as_deref().unwrap_or("not one that signs here");
            field(output, "key", &format!("{algorithm}{}", key.names.in_words()));
            match &key.certificate {
                Some(serial) => field(output, "", &format!("with certificate {serial}")),
                None => output.line(Styled(UNSURE, "  no certificate of this key")),
            }
            if let Some(problem) = &key.problem {
                output.line(Styled(UNSURE, format_args!("  {problem}")));
            }
        }
        for certificate in &self.certificates {
            output.line("");
            certificate.print(output);
        }
    }
}
