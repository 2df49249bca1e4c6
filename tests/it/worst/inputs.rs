//! Inputs of any size that make most work for each octet, as far as somebody could think of them.

use std::io::Write as _;

use rastau::der::armour::{Label, decode_all};
use rastau::der::ber::to_definite;
use rastau::der::{Limits, TlvReader, check_strict};
use rastau::revocation::ocsp::ParsedResponse;
use rastau::revocation::{ParsedList, Source};
use rastau::signed::{Detached, Document, FormatError, SignedDocument};
use rastau::signer::Password;
use rastau::signer::pkcs12::KeyStore;
use rastau::trust::{Anchor, Pool, Purposes, SearchOptions, find_paths};
use rastau::x509::{Certificate, Name};
use rastau::{cms, container, pdf, xmldsig};
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::cms::{Cms, Signer, attribute};
use rastau_mint::der;
use rastau_mint::extension::{self, Extension};
use rastau_mint::hash::Hash;
use rastau_mint::key::Key;
use rastau_mint::ocsp::{ResponseBuilder, Single, cert_id, good};
use rastau_mint::zip::Zip;

/// A kind of input.
pub struct Case {
    pub name: &'static str,
    /// Octets of the smallest, roughly.
    pub size: usize,
    /// The input of that size.
    pub make: fn(usize) -> Vec<u8>,
    /// Reads it and says what it comes to.
    pub read: fn(&[u8]) -> String,
    /// Part of what is said of the largest.
    pub refusal: &'static str,
}

/// Room for what is measured, so that depth and number count and not size.
const WIDE: Limits = Limits { bytes: 1 << 24, depth: 64, elements: 4 << 20 };

pub fn cases() -> Vec<Case> {
    let case = |name, size, make, read, refusal| Case { name, size, make, read, refusal };
    vec![
        case("DER, nested", 8192, nested, strict, "nested deeper"),
        case("DER, small elements", 65_536, small_elements, strict, "ok"),
        case("BER, nested", 8192, nested_indefinite, ber, "nested deeper"),
        case("BER, strings in pieces of an octet", 65_536, pieces, ber, "ok"),
        case("certificate, many extensions", 1024, many_extensions, certificate, "more than 64 extensions"),
        case("certificate, long name", 1024, long_name, certificate, "attributes"),
        case("certificate, alternative names", 4096, alternative_names, certificate, "ok"),
        case("list, many extensions", 1024, list_extensions, list, "more than 32 extensions"),
        case("list, many entries", 65_536, list_entries, list, "ok"),
        case("list, entries of one serial number", 65_536, same_entries, list, "ok"),
        case("OCSP, many answers", 2048, many_singles, response, "more than"),
        case("CMS, certificates", 65_536, cms_certificates, message, "more than 1024 certificates"),
        case("CMS, signers", 8192, cms_signers, message, "ok"),
        case("CMS, unsigned attributes", 4096, cms_attributes, message, "more than"),
        case("XML, deep", 512, xml_deep, xml, "more than 128 levels"),
        case("XML, attributes", 512, xml_attributes, xml, "more than"),
        case("XML, elements", 65_536, xml_elements, xml, "no signature"),
        case("XML, namespaces in scope", 2048, xml_namespaces, xml, "more than"),
        case("XML, a long namespace of many elements", 16_384, xml_long_namespace, xml, "bytes of XML namespaces"),
        case("XML, a namespace copied for many elements", 16_384, xml_copied_namespace, xml, "bytes of XML namespaces"),
        case(
            "XML, a namespace copied for many attributes",
            16_384,
            xml_copied_attributes,
            xml,
            "bytes of XML namespaces",
        ),
        case("XML, namespaces alike to their ends", 16_384, xml_alike, xml, "bytes of XML namespaces"),
        case("XML, namespaces as long as may be", 8192, xml_namespaces_at_the_limit, xml, "ok"),
        case("XML, white space in attributes", 16_384, xml_uneven_attributes, xml, "no signature"),
        case("XML, canonical form of many namespaces", 16_384, xml_canonical, xml, "ok"),
        case("XML, references", 4096, xml_references, xml, "more than"),
        case("PDF, chain of revisions", 16_384, pdf_chain, portable, "more than"),
        case("PDF, nested arrays", 4096, pdf_nested, portable, "deep"),
        case("PDF, objects", 65_536, pdf_objects, portable, "stands twice"),
        case("zip, files", 16_384, zip_files, archive, "no signature"),
        case("zip, zeros packed", 4096, zip_zeros, archive, "times as many bytes unpacked"),
        case("PEM, certificates", 65_536, pem_bundle, armour, "ok"),
        case("path, names under constraints", 4096, constrained, path, "NameComparisons ran out"),
        case("path, policies mapped to each other", 512, mapped, path, "ok"),
        case("key store, rounds of its integrity", 16, mac_rounds, store, "iterations"),
    ]
}

fn said<T, E: std::fmt::Display>(result: Result<T, E>) -> String {
    result.map_or_else(|error| error.to_string(), |_| "ok".to_owned())
}

fn document(result: Result<SignedDocument, FormatError>) -> String {
    said(result)
}

fn strict(input: &[u8]) -> String {
    said(check_strict(input, WIDE))
}

fn ber(input: &[u8]) -> String {
    said(to_definite(input, WIDE))
}

fn certificate(input: &[u8]) -> String {
    said(Certificate::from_der(input))
}

fn list(input: &[u8]) -> String {
    said(ParsedList::read(input.to_vec(), Source::request(0)))
}

fn response(input: &[u8]) -> String {
    said(ParsedResponse::from_der(input))
}

fn message(input: &[u8]) -> String {
    document(cms::read(Document::Bytes(input), Detached::Absent))
}

fn xml(input: &[u8]) -> String {
    document(xmldsig::read(input, Detached::Absent, None))
}

fn portable(input: &[u8]) -> String {
    document(pdf::read(input))
}

/// The path from the last certificate to the first.
fn path(input: &[u8]) -> String {
    let mut certificates = Vec::new();
    let mut rest = TlvReader::new(input);
    while !rest.is_empty() {
        match Certificate::from_der(rest.read().unwrap().raw) {
            Ok(certificate) => certificates.push(certificate),
            Err(error) => return error.to_string(),
        }
    }
    let (leaf, authorities) = certificates.split_last().unwrap();
    let mut pool = Pool::builder().anchor(Anchor::new(authorities[0].clone(), Purposes::ALL, false));
    for authority in &authorities[1..] {
        pool = pool.intermediate(authority.clone());
    }
    let options = SearchOptions::new(leaf.validity().not_before, Purposes::ALL);
    said(find_paths(leaf, &[], &pool.build(), options))
}

fn store(input: &[u8]) -> String {
    said(KeyStore::read(input).and_then(|store| store.open(&Password::new("password".to_owned())).map(|_| ())))
}

fn archive(input: &[u8]) -> String {
    document(container::read(Document::Bytes(input), Detached::Absent))
}

fn armour(input: &[u8]) -> String {
    said(decode_all(input, Label::Certificate))
}

fn nested(size: usize) -> Vec<u8> {
    (0..size / 4).fold(der::null(), |inner, _| der::tlv(0x30, &inner))
}

fn nested_indefinite(size: usize) -> Vec<u8> {
    [[0x30, 0x80].repeat(size / 4), [0, 0].repeat(size / 4)].concat()
}

fn small_elements(size: usize) -> Vec<u8> {
    der::tlv(0x30, &der::null().repeat(size / 2))
}

fn pieces(size: usize) -> Vec<u8> {
    [&[0x24, 0x80][..], &[4, 1, 0x55].repeat(size / 3), &[0, 0]].concat()
}

fn key() -> Key {
    Key::p256("worst")
}

fn authority() -> Authority {
    Authority::root("WORST", key())
}

/// A certificate under a signature that is none: nobody asks here.
fn assembled(builder: &CertificateBuilder) -> Vec<u8> {
    let key = key();
    rastau_mint::certificate::assemble(&builder.tbs(&key), &key.algorithm_identifier(), &[0x30, 6, 2, 1, 1, 2, 1, 1])
}

fn holder() -> CertificateBuilder {
    CertificateBuilder::new(&rastau_mint::name::Name::authority("HOLDER"), &key())
}

fn numbered_extensions(size: usize) -> impl Iterator<Item = Extension> {
    (0..size / 16).map(|number| Extension::new(&format!("1.2.3.{number}"), der::null()))
}

fn many_extensions(size: usize) -> Vec<u8> {
    assembled(&numbered_extensions(size).fold(holder(), CertificateBuilder::with))
}

fn long_name(size: usize) -> Vec<u8> {
    let attribute = der::sequence(&[der::oid("2.5.4.3"), der::utf8("x")]);
    let subject = der::sequence(&vec![der::set(&[attribute]); size / 14]);
    assert!(Name::from_der(&subject).is_err());
    assembled(&CertificateBuilder { subject, ..holder() })
}

fn alternative_names(size: usize) -> Vec<u8> {
    let names: Vec<Vec<u8>> = (0..size / 16).map(|number| extension::dns_name(&format!("{number:06}.a.kz"))).collect();
    assembled(&holder().with(Extension::subject_alternative_name(&names)))
}

fn list_extensions(size: usize) -> Vec<u8> {
    let authority = authority();
    authority.sign_list(&numbered_extensions(size).fold(authority.list(), rastau_mint::list::ListBuilder::with))
}

fn list_entries(size: usize) -> Vec<u8> {
    let authority = authority();
    authority.list().generated(&authority.key, 1, (size / 50) as u64)
}

fn same_entries(size: usize) -> Vec<u8> {
    let authority = authority();
    let list = authority.list();
    let list = (0..size / 24).fold(list, |list, _| list.revoke(&[7; 4], "2026-01-01T00:00:00Z", None));
    authority.sign_list(&list)
}

fn many_singles(size: usize) -> Vec<u8> {
    let authority = authority();
    let id = cert_id(Hash::Sha1, &authority.name, &authority.key.public_bits(), &[1]);
    let builder = ResponseBuilder::new(&authority.name, "2026-01-01T00:00:00Z");
    let single = || Single::new(id.clone(), good(), "2026-01-01T00:00:00Z");
    (0..size / 80).fold(builder, |builder, _| builder.answer(single())).sign(&authority.key)
}

fn leaf() -> Vec<u8> {
    authority().issue(holder())
}

fn cms_certificates(size: usize) -> Vec<u8> {
    let (key, leaf) = (key(), leaf());
    let message = Cms::over(b"content").signer(Signer::new(&key, &leaf));
    let other = |number: u64| assembled(&holder().serial(&number.to_be_bytes()));
    let others = (0x7f00_0000..).take(size / leaf.len()).map(other);
    others.fold(message.certificate(&leaf), |message, other| message.certificate(&other)).encode()
}

fn cms_signers(size: usize) -> Vec<u8> {
    let (key, leaf) = (key(), leaf());
    let message = Cms::over(b"content").certificate(&leaf);
    (0..size / 512).fold(message, |message, _| message.signer(Signer::new(&key, &leaf))).encode()
}

fn cms_attributes(size: usize) -> Vec<u8> {
    let (key, leaf) = (key(), leaf());
    let signer = (0..size / 16).fold(Signer::new(&key, &leaf), |signer, number| {
        signer.unsigned(move |_| attribute(&format!("1.2.3.{number}"), &[der::null()]))
    });
    Cms::over(b"content").certificate(&leaf).signer(signer).encode()
}

fn xml_deep(size: usize) -> Vec<u8> {
    format!("{}{}", "<a>".repeat(size / 7), "</a>".repeat(size / 7)).into_bytes()
}

fn xml_attributes(size: usize) -> Vec<u8> {
    let attributes: String = (0..size / 10).map(|number| format!(" a{number:04}=\"\"")).collect();
    format!("<a{attributes}/>").into_bytes()
}

fn xml_elements(size: usize) -> Vec<u8> {
    format!("<a>{}</a>", "<b/>".repeat(size / 4)).into_bytes()
}

fn xml_namespaces(size: usize) -> Vec<u8> {
    let open: String = (0..size / 32).map(|number| format!("<a xmlns:n{number}=\"urn:{number}\">")).collect();
    format!("{open}{}", "</a>".repeat(size / 32)).into_bytes()
}

/// Half of it is the name, half are elements in it.
fn xml_long_namespace(size: usize) -> Vec<u8> {
    format!("<a xmlns=\"{}\">{}</a>", "u".repeat(size / 2), "<b/>".repeat(size / 8)).into_bytes()
}

/// A reference in the name makes the parser copy it for each element.
fn xml_copied_namespace(size: usize) -> Vec<u8> {
    format!("<a xmlns=\"&#x75;{}\">{}</a>", "u".repeat(size / 2), "<b/>".repeat(size / 8)).into_bytes()
}

fn xml_copied_attributes(size: usize) -> Vec<u8> {
    let name = "u".repeat(size / 2);
    let inner = "<b p:a=\"\" p:b=\"\" p:c=\"\" p:d=\"\"/>".repeat(size / 72);
    format!("<a xmlns:p=\"&amp;{name}\">{inner}</a>").into_bytes()
}

/// Attributes of one name in namespaces that differ in their last letters: each is compared with each.
fn xml_alike(size: usize) -> Vec<u8> {
    let name = "u".repeat(size / 64);
    let declared: String = (0..32).map(|number| format!(" xmlns:p{number}=\"{name}{number}\"")).collect();
    let used: String = (0..32).map(|number| format!(" p{number}:a=\"\"")).collect();
    format!("<a{declared}>{}</a>", format!("<b{used}/>").repeat(size / 2 / used.len())).into_bytes()
}

/// The longest names that there may be, and elements and attributes in them, under a signature.
fn xml_namespaces_at_the_limit(size: usize) -> Vec<u8> {
    let name = "u".repeat(7 << 10);
    let document = format!(
        "<a xmlns:p=\"{name}1\" xmlns:q=\"{name}2\">{}</a>",
        "<p:b p:x=\"\" p:y=\"\" q:x=\"\" q:y=\"\"></p:b>".repeat(size / 40)
    );
    rastau_mint::xml::enveloped(&document, &key(), &leaf()).into_bytes()
}

fn xml_uneven_attributes(size: usize) -> Vec<u8> {
    format!("<a>{}</a>", "<b c='\n' d='\t'/>".repeat(size / 16)).into_bytes()
}

/// Each element uses a namespace declared above all of them: exclusive canonicalization writes it every time.
fn xml_canonical(size: usize) -> Vec<u8> {
    let long = "x".repeat(64);
    let inner = "<n:b/>".repeat(size / 6);
    let document = format!("<a xmlns:n=\"urn:{long}\">{inner}</a>");
    rastau_mint::xml::enveloped(&document, &key(), &leaf()).into_bytes()
}

fn xml_references(size: usize) -> Vec<u8> {
    let (key, leaf) = (key(), leaf());
    let signing = rastau_mint::xml::Signing::new(&key, &leaf);
    let reference = || rastau_mint::xml::Reference::to("#a", &[], "<a Id=\"a\"></a>");
    let signing = (0..size / 200).fold(signing, |signing, _| signing.reference(reference()));
    rastau_mint::xml::append("<a Id=\"a\"></a>", &signing.sign()).into_bytes()
}

/// Revisions that each say that there was another before.
fn pdf_chain(size: usize) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n".to_vec();
    let mut previous = String::new();
    for _ in 0..size / 140 {
        let start = file.len();
        file.extend_from_slice(b"xref\n0 2\n0000000000 65535 f \n0000000009 00000 n \n");
        file.extend_from_slice(
            format!("trailer\n<< /Size 2 /Root 1 0 R{previous} >>\nstartxref\n{start}\n%%EOF\n").as_bytes(),
        );
        previous = format!(" /Prev {start}");
    }
    file
}

fn pdf_with(object: &str) -> Vec<u8> {
    let mut file = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /X 2 0 R /AcroForm 2 0 R >>\nendobj\n".to_vec();
    let second = file.len();
    file.extend_from_slice(format!("2 0 obj\n{object}\nendobj\n").as_bytes());
    let start = file.len();
    file.extend_from_slice(
        format!(
            "xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n{second:010} 00000 n \n\
             trailer\n<< /Size 3 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n"
        )
        .as_bytes(),
    );
    file
}

fn pdf_nested(size: usize) -> Vec<u8> {
    pdf_with(&format!("{}{}", "[".repeat(size / 2), "]".repeat(size / 2)))
}

fn pdf_objects(size: usize) -> Vec<u8> {
    pdf_with(&format!("<< /Fields [{}] >>", "2 0 R ".repeat(size / 6)))
}

fn zip_files(size: usize) -> Vec<u8> {
    let (key, leaf) = (key(), leaf());
    let signature = Cms::over(b"").certificate(&leaf).signer(Signer::new(&key, &leaf)).detached().encode();
    let zip = Zip::default().file("META-INF/signature.p7s", &signature);
    (0..size / 110).fold(zip, |zip, number| zip.file(&format!("{number:06}"), b"")).finish()
}

/// Every step is two megabytes of zeros more, packed as well as can be.
fn zip_zeros(size: usize) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    writer.start_file("zeros", zip::write::SimpleFileOptions::default()).unwrap();
    writer.write_all(&vec![0; size * 512]).unwrap();
    writer.finish().unwrap().into_inner()
}

/// An authority, then what it issued: as many subtrees as names, each of which has to be compared with each.
fn constrained(size: usize) -> Vec<u8> {
    let names: Vec<Vec<u8>> = (0..size / 10).map(|number| extension::dns_name(&format!("{number:04x}.b"))).collect();
    let root = Authority::root("WORST", key());
    let bases: Vec<Vec<u8>> = (0..size / 10).map(|number| extension::dns_name(&format!("{number:04x}.c"))).collect();
    let between = Key::p256("between");
    let builder = CertificateBuilder::issuing_ca("SUB", &between).with(Extension::name_constraints(&[], &bases));
    let between = root.subordinate_of(builder, between);
    let holder = CertificateBuilder::individual("650615100015").key(&key());
    let leaf = between.issue(holder.replace(Extension::subject_alternative_name(&names)));
    [root.certificate, between.certificate, leaf].concat()
}

/// A chain in which every authority asserts as many policies as fit and maps every one to every one (CVE-2023-0464).
fn mapped(size: usize) -> Vec<u8> {
    let policies: Vec<String> = (0..size / 128).map(|number| format!("1.3.6.1.4.1.32473.{number}")).collect();
    let all: Vec<&str> = policies.iter().map(String::as_str).collect();
    let pairs: Vec<(&str, &str)> = all.iter().flat_map(|from| all.iter().map(move |to| (*from, *to))).collect();
    let said = |builder: CertificateBuilder| builder.replace(Extension::certificate_policies(&all, ""));
    let mut authority = Authority::root("WORST", key());
    let mut chain = authority.certificate.clone();
    for depth in 0..6 {
        let between = Key::p256(&format!("between {depth}"));
        let builder = CertificateBuilder::issuing_ca(&format!("SUB {depth}"), &between);
        let builder = said(builder).with(Extension::policy_mappings(&pairs));
        authority = authority.subordinate_of(builder, between);
        chain.extend_from_slice(&authority.certificate);
    }
    chain.extend(authority.issue(said(CertificateBuilder::individual("650615100015").key(&key()))));
    chain
}

/// A key store that wants ever more rounds of hashing before it can be told whether the password is right; its octets stay.
fn mac_rounds(size: usize) -> Vec<u8> {
    let leaf = leaf();
    let store = rastau_mint::pkcs12::KeyStore::new("password").key(&key().pkcs8(), None, None);
    store.certificate(&leaf, None, None).mac_iterations(size as u64 * 1_000_000 + 1).encode()
}

fn pem_bundle(size: usize) -> Vec<u8> {
    let leaf = rastau_mint::pem::certificate(&leaf());
    leaf.repeat(size / leaf.len() + 1).into_bytes()
}
