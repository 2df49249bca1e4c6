//! The text of a signature, put together piece by piece: every digest is over the canonical form of what is written.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::algorithms::Algorithms;
use super::plan::{Naming, Plan};
use super::scope::{Scope, parse};
use super::source::escaped;
use super::{Signing, properties};
use crate::crypto::{Digest, hash};
use crate::signed::{FormatError, MakeError};
use crate::xmldsig::canonical::{Method, Subset, canonical};
use crate::xmldsig::limits::Budget;
use crate::xmldsig::namespaces::{DS, EXCLUSIVE, WSSE};
use crate::xmldsig::parts::Parts;
use crate::xmldsig::soap::token_reference::{BASE64, X509_V3};
use crate::xmldsig::tree::{Node, Tree};
use crate::xmldsig::xades::{Qualifying, SIGNED_PROPERTIES};

/// A signature in pieces.
#[derive(Debug)]
pub struct Composition {
    id: String,
    signed_info: String,
    value: String,
    key_info: String,
    /// `SignedProperties`, of `XAdES` only.
    signed: Option<String>,
    scope: Scope,
    canonicalization: &'static str,
}

impl Composition {
    /// All but the value.
    ///
    /// # Errors
    ///
    /// [`MakeError`].
    pub fn of(signing: &Signing<'_>, plan: &Plan, algorithms: &Algorithms) -> Result<Self, MakeError> {
        let certificate = signing.signer.certificate();
        let signed =
            if signing.xades { Some(properties::signed(&plan.id, certificate, &signing.terms)?) } else { None };
        let mut composition = Self {
            id: plan.id.clone(),
            signed_info: "<ds:SignedInfo/>".into(),
            // In its place until there is one: the reader wants some base64 there.
            value: STANDARD.encode([0]),
            key_info: key_info(signing, plan.naming),
            signed,
            scope: plan.scope.clone(),
            canonicalization: plan.canonicalization,
        };
        let own = if signing.xades { format!(" Id=\"{}-r\"", plan.id) } else { String::new() };
        let attributes = format!("{own} URI=\"{}\"", escaped(&plan.uri));
        let mut references = reference(&attributes, plan.transforms, algorithms, plan.digest);
        if signing.xades {
            let octets = composition.canonical(EXCLUSIVE, |tree, signature| {
                let qualifying = Qualifying::of(tree, &Parts::of(tree, signature)?)?;
                qualifying
                    .and_then(|qualifying| qualifying.signed)
                    .ok_or_else(|| FormatError::malformed("no properties"))
            })?;
            let attributes = format!(" Type=\"{}\" URI=\"#{}-p\"", SIGNED_PROPERTIES[0], plan.id);
            references.push_str(&reference(&attributes, &[EXCLUSIVE], algorithms, hash(algorithms.hash, &octets)));
        }
        composition.signed_info = format!(
            "<ds:SignedInfo><ds:CanonicalizationMethod Algorithm=\"{}\"/><ds:SignatureMethod Algorithm=\"{}\"/>{references}\
             </ds:SignedInfo>",
            plan.canonicalization, algorithms.method
        );
        Ok(composition)
    }

    /// What the value is over: `SignedInfo` in its canonical form.
    ///
    /// # Errors
    ///
    /// [`MakeError`].
    pub fn message(&self) -> Result<Vec<u8>, MakeError> {
        self.canonical(self.canonicalization, |tree, signature| Ok(Parts::of(tree, signature)?.signed_info))
    }

    /// Takes the value.
    pub fn set_value(&mut self, value: &[u8]) {
        self.value = STANDARD.encode(value);
    }

    /// What a timestamp is over: `SignatureValue` in its exclusive canonical form (EN 319 132-1 5.3).
    ///
    /// # Errors
    ///
    /// [`MakeError`].
    pub fn stamped(&self) -> Result<Vec<u8>, MakeError> {
        self.canonical(EXCLUSIVE, |tree, signature| Ok(Parts::of(tree, signature)?.value))
    }

    /// The `Signature`, with a timestamp token. It has an identifier only where its properties need one.
    pub fn text(&self, token: Option<&[u8]>) -> String {
        let unsigned = token.map(properties::signature_timestamp).unwrap_or_default();
        let (mut own, mut object) = (String::new(), String::new());
        if self.signed.is_some() || token.is_some() {
            own = format!(" Id=\"{}\"", self.id);
            object = properties::object(&self.id, self.signed.as_deref().unwrap_or_default(), &unsigned);
        }
        format!(
            "<ds:Signature xmlns:ds=\"{DS}\"{own}>{}<ds:SignatureValue>{}</ds:SignatureValue>{}{object}</ds:Signature>",
            self.signed_info, self.value, self.key_info
        )
    }

    /// The canonical form of a part, in the scope where it will stand.
    fn canonical(
        &self,
        method: &str,
        part: impl FnOnce(&Tree<'_>, Node) -> Result<Node, FormatError>,
    ) -> Result<Vec<u8>, MakeError> {
        let text = self.scope.around(&self.text(None));
        let (tree, signature) = parse(&text)?;
        let subset = Subset { apex: part(&tree, signature)?, without: Vec::new(), comments: false };
        let method = Method::of(method).unwrap_or(Method::DEFAULT);
        Ok(canonical(&tree, &subset, &method, &mut Budget::new())?)
    }
}

/// A `Reference` with a digest.
fn reference(attributes: &str, transforms: &[&str], algorithms: &Algorithms, digest: Digest) -> String {
    let transforms: String =
        transforms.iter().map(|transform| format!("<ds:Transform Algorithm=\"{transform}\"/>")).collect();
    format!(
        "<ds:Reference{attributes}><ds:Transforms>{transforms}</ds:Transforms><ds:DigestMethod Algorithm=\"{}\"/>\
         <ds:DigestValue>{}</ds:DigestValue></ds:Reference>",
        algorithms.digest,
        STANDARD.encode(digest.as_bytes())
    )
}

/// `KeyInfo`: the signer's certificate first.
fn key_info(signing: &Signing<'_>, naming: Naming) -> String {
    let certificate = signing.signer.certificate();
    let inner = match naming {
        Naming::X509Data => {
            let above = signing.terms.chain.iter().filter(|above| above.sha256() != certificate.sha256());
            let all: String = std::iter::once(certificate)
                .chain(above)
                .map(|one| format!("<ds:X509Certificate>{}</ds:X509Certificate>", STANDARD.encode(one.as_der())))
                .collect();
            format!("<ds:X509Data>{all}</ds:X509Data>")
        }
        Naming::KeyIdentifier => format!(
            "<wsse:SecurityTokenReference xmlns:wsse=\"{WSSE}\"><wsse:KeyIdentifier EncodingType=\"{BASE64}\" \
             ValueType=\"{X509_V3}\">{}</wsse:KeyIdentifier></wsse:SecurityTokenReference>",
            STANDARD.encode(certificate.as_der())
        ),
    };
    format!("<ds:KeyInfo>{inner}</ds:KeyInfo>")
}
