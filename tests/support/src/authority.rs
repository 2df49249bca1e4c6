//! A certification authority: a key, a name, its certificate, and what it issues.

use crate::certificate::CertificateBuilder;
use crate::extension::{self, Extension};
use crate::key::Key;
use crate::list::ListBuilder;
use crate::name::Name;

/// An authority that issues certificates and lists.
#[derive(Clone, Debug)]
pub struct Authority {
    /// Its encoded name.
    pub name: Vec<u8>,
    /// The encoded name of who issued its certificate.
    pub issuer: Vec<u8>,
    /// Contents of its certificate's serial number.
    pub serial: Vec<u8>,
    /// Its key.
    pub key: Key,
    /// Its subject key identifier.
    pub key_identifier: Vec<u8>,
    /// Its certificate in DER.
    pub certificate: Vec<u8>,
    /// URLs that its certificates shall carry, if any.
    pub urls: Option<Urls>,
}

/// The URLs in a leaf's distribution points and authority information access.
#[derive(Clone, Debug)]
pub struct Urls {
    /// The mirrors of the full list.
    pub lists: Vec<String>,
    /// The delta list.
    pub delta: Option<String>,
    /// The issuer's certificate.
    pub certificate: String,
    /// The OCSP responder, if there is one.
    pub responder: Option<String>,
}

impl Authority {
    /// A self-signed root.
    pub fn root(common_name: &str, key: Key) -> Authority {
        let builder = CertificateBuilder::root_ca(common_name, &key);
        Authority::self_signed(&builder, key)
    }

    /// A self-signed authority out of any builder, whose subject key is `key`.
    pub fn self_signed(builder: &CertificateBuilder, key: Key) -> Authority {
        let own = CertificateBuilder { issuer: builder.subject.clone(), ..builder.clone() };
        let (identifier, serial) = (key.identifier(), own.serial_contents());
        let own = own.replace(Extension::authority_key_identifier_full(&identifier, &builder.subject, &serial));
        Authority::new(&own, own.sign(&key), key)
    }

    /// An authority under this one.
    pub fn subordinate(&self, common_name: &str, key: Key) -> Authority {
        self.subordinate_of(CertificateBuilder::issuing_ca(common_name, &key), key)
    }

    /// An authority under this one out of any builder, whose subject key is `key`. Its authority key identifier names
    /// this one's certificate by issuer and serial number too, as in the National CA's.
    pub fn subordinate_of(&self, builder: CertificateBuilder, key: Key) -> Authority {
        let reference = Extension::authority_key_identifier_full(&self.key_identifier, &self.issuer, &self.serial);
        let builder = self.prepare(builder).replace(reference);
        Authority::new(&builder, builder.sign(&self.key), key)
    }

    /// An authority with a key and the certificate that came out of a builder.
    pub fn new(builder: &CertificateBuilder, certificate: Vec<u8>, key: Key) -> Authority {
        Authority {
            name: builder.subject.clone(),
            issuer: builder.issuer.clone(),
            serial: builder.serial_contents(),
            key_identifier: key.identifier(),
            key,
            certificate,
            urls: None,
        }
    }

    /// The same name with another key: an impostor, or a key rollover.
    pub fn with_key(&self, key: Key) -> Authority {
        Authority { key_identifier: key.identifier(), key, ..self.clone() }
    }

    /// The same, naming these URLs in what it issues.
    pub fn with_urls(self, urls: Urls) -> Authority {
        Authority { urls: Some(urls), ..self }
    }

    /// Signs a certificate, with this authority's name, key identifier and URLs in it.
    pub fn issue(&self, builder: CertificateBuilder) -> Vec<u8> {
        self.prepare(builder).sign(&self.key)
    }

    /// The certificate with this authority's name, key identifier and URLs, not signed yet.
    pub fn prepare(&self, builder: CertificateBuilder) -> CertificateBuilder {
        let builder = builder.issued_by(self);
        let Some(urls) = &self.urls else { return builder };
        let lists: Vec<&str> = urls.lists.iter().map(String::as_str).collect();
        let builder = builder
            .replace(Extension::distribution_points(&[&lists]))
            .replace(Extension::authority_information_access(&urls.certificate, urls.responder.as_deref()));
        match &urls.delta {
            Some(delta) => builder.replace(Extension::freshest_list(&[&[delta]])),
            None => builder.without(extension::FRESHEST_LIST),
        }
    }

    /// An empty list of this authority, thisUpdate 2026-01-01, nextUpdate 2049-12-31, number 1.
    pub fn list(&self) -> ListBuilder {
        ListBuilder::new(&self.name).with(Extension::authority_key_identifier(&self.key_identifier)).number(1)
    }

    /// Signs a list.
    pub fn sign_list(&self, list: &ListBuilder) -> Vec<u8> {
        list.sign(&self.key)
    }

    /// The name of an authority by its common name.
    pub fn name_of(common_name: &str) -> Vec<u8> {
        Name::authority(common_name).encode()
    }
}
