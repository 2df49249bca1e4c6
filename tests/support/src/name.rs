//! Distinguished names, attribute by attribute, tricks included.

use crate::der;

/// commonName.
pub const COMMON_NAME: &str = "2.5.4.3";
/// surname.
pub const SURNAME: &str = "2.5.4.4";
/// serialNumber: `IIN` and twelve digits.
pub const SERIAL_NUMBER: &str = "2.5.4.5";
/// countryName.
pub const COUNTRY: &str = "2.5.4.6";
/// localityName.
pub const LOCALITY: &str = "2.5.4.7";
/// stateOrProvinceName.
pub const STATE: &str = "2.5.4.8";
/// organizationName.
pub const ORGANISATION: &str = "2.5.4.10";
/// organizationalUnitName: `BIN` and twelve digits.
pub const ORGANISATIONAL_UNIT: &str = "2.5.4.11";
/// businessCategory: the Treasury's user code.
pub const BUSINESS_CATEGORY: &str = "2.5.4.15";
/// givenName: the patronymic, in Kazakh certificates.
pub const GIVEN_NAME: &str = "2.5.4.42";
/// userId: the OID of the digital system that holds the key.
pub const USER_ID: &str = "0.9.2342.19200300.100.1.1";
/// domainComponent: the Treasury's role.
pub const DOMAIN_COMPONENT: &str = "0.9.2342.19200300.100.1.25";
/// emailAddress.
pub const EMAIL: &str = "1.2.840.113549.1.9.1";

/// A name under construction: a list of RDNs, each a list of encoded `AttributeTypeAndValue`s.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name {
    rdns: Vec<Vec<Attribute>>,
}

/// One attribute: its type and its encoded value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// The attribute type, dotted decimal.
    pub oid: String,
    /// The value's TLV, of any string type or none.
    pub value: Vec<u8>,
}

impl Attribute {
    /// An attribute whose value is any encoded TLV.
    pub fn new(oid: &str, value: Vec<u8>) -> Attribute {
        Attribute { oid: oid.to_owned(), value }
    }

    fn encode(&self) -> Vec<u8> {
        der::sequence(&[der::oid(&self.oid), self.value.clone()])
    }
}

impl Name {
    /// An empty name.
    pub fn new() -> Name {
        Name::default()
    }

    /// `CN=…, C=KZ`, as the National CA's own certificates are named.
    pub fn authority(common_name: &str) -> Name {
        Name::new().utf8(COMMON_NAME, common_name).country("KZ")
    }

    /// Adds an RDN with one `UTF8String`.
    pub fn utf8(self, oid: &str, text: &str) -> Name {
        self.attribute(oid, der::utf8(text))
    }

    /// Adds an RDN with one `PrintableString`.
    pub fn printable(self, oid: &str, text: &str) -> Name {
        self.attribute(oid, der::printable(text))
    }

    /// Adds the country, a `PrintableString`.
    pub fn country(self, code: &str) -> Name {
        self.printable(COUNTRY, code)
    }

    /// Adds an RDN with one attribute of any encoded value.
    pub fn attribute(self, oid: &str, value: Vec<u8>) -> Name {
        self.rdn(vec![Attribute::new(oid, value)])
    }

    /// Adds an RDN of any number of attributes: none, or several in one SET.
    pub fn rdn(mut self, attributes: Vec<Attribute>) -> Name {
        self.rdns.push(attributes);
        self
    }

    /// Gives every attribute of this type another value, in its place.
    pub fn replace(mut self, oid: &str, value: Vec<u8>) -> Name {
        for attribute in self.rdns.iter_mut().flatten().filter(|attribute| attribute.oid == oid) {
            attribute.value.clone_from(&value);
        }
        self
    }

    /// Drops every RDN that contains this type.
    pub fn without(mut self, oid: &str) -> Name {
        self.rdns.retain(|rdn| rdn.iter().all(|attribute| attribute.oid != oid));
        self
    }

    /// The encoded `Name`.
    pub fn encode(&self) -> Vec<u8> {
        let encode_rdn = |rdn: &Vec<Attribute>| der::set(&rdn.iter().map(Attribute::encode).collect::<Vec<_>>());
        der::sequence(&self.rdns.iter().map(encode_rdn).collect::<Vec<_>>())
    }
}
