//! The namespaces that are looked for. Elements are known by these, never by their prefix.

/// XML signatures (XML Signature Syntax and Processing 1.1).
pub const DS: &str = "http://www.w3.org/2000/09/xmldsig#";
/// What version 1.1 of XML signatures added.
pub const DS11: &str = "http://www.w3.org/2009/xmldsig11#";
/// Exclusive canonicalization, its `InclusiveNamespaces` element.
pub const EXCLUSIVE: &str = "http://www.w3.org/2001/10/xml-exc-c14n#";
/// The filter of signatures in `XPath` (XML-Signature `XPath` Filter 2.0), which is also the name of its transform.
pub const FILTER_2: &str = "http://www.w3.org/2002/06/xmldsig-filter2";
/// The namespace of `xml:id`, `xml:lang`, `xml:space`, `xml:base`.
pub const XML: &str = "http://www.w3.org/XML/1998/namespace";
/// `XAdES` (TS 101 903, EN 319 132-1).
pub const XADES: &str = "http://uri.etsi.org/01903/v1.3.2#";
/// What later versions of `XAdES` added.
pub const XADES_141: &str = "http://uri.etsi.org/01903/v1.4.1#";
/// SOAP 1.1.
pub const SOAP_11: &str = "http://schemas.xmlsoap.org/soap/envelope/";
/// SOAP 1.2.
pub const SOAP_12: &str = "http://www.w3.org/2003/05/soap-envelope";
/// WS-Security 1.0: the header.
pub const WSSE: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
/// WS-Security 1.0: `wsu:Id` and `wsu:Timestamp`.
pub const WSU: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
/// What an issued document is about, as this program signs it.
pub const ISSUED: &str = "urn:rastau:issued:1";
/// The list of signatures in an `ASiC` container (EN 319 162-1 annex A.5).
pub const ASIC: &str = "http://uri.etsi.org/02918/v1.2.1#";
