//! Writes a few good documents of every kind for the fuzz targets to start from: `seeds DIRECTORY`, one folder a target.

use std::fs;
use std::path::Path;

use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::cms::{Cms, Signer};
use rastau_mint::hash::Hash;
use rastau_mint::key::Key;
use rastau_mint::ocsp::{ResponseBuilder, Single, cert_id, good, revoked};
use rastau_mint::pdf::{CATALOG, Field, Pdf, stream};
use rastau_mint::pkcs12::KeyStore;
use rastau_mint::tsp::TokenBuilder;
use rastau_mint::zip::Zip;
use rastau_mint::{identity, pem, tsp, xml};

fn main() {
    let directory = std::env::args().nth(1).expect("a directory to write to");
    let save = |target: &str, name: &str, bytes: &[u8]| {
        let folder = Path::new(&directory).join(target);
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join(name), bytes).expect("a file");
    };
    for key in [Key::p256("seed"), Key::gost512("seed"), Key::rsa("seed")] {
        let name = key.algorithm_identifier().len().to_string();
        let authority = Authority::root("SEED", key.clone());
        let iin = identity::iin("650615", false, 1);
        let certificate = authority.issue(CertificateBuilder::individual(&iin).key(&key));
        let list = authority.sign_list(&authority.list().revoke(&[1, 2, 3], "2026-01-01T00:00:00Z", Some(4)));
        let id = |serial: &[u8]| cert_id(Hash::Sha256, &authority.name, &key.public_bits(), serial);
        let response = ResponseBuilder::new(&authority.name, "2026-01-01T00:00:00Z")
            .answer(Single::new(id(&[1]), good(), "2026-01-01T00:00:00Z"))
            .answer(Single::new(id(&[2]), revoked("2026-01-01T00:00:00Z", Some(1)), "2026-01-01T00:00:00Z"))
            .certificate(&certificate)
            .sign(&key);
        let token = |over: &[u8]| TokenBuilder::new(&key, &certificate, over, "2026-08-20T05:00:00Z").encode();
        let stamped = token(b"value");
        let signer = || {
            Signer::new(&key, &certificate).timestamp({
                let stamped = stamped.clone();
                move |_| stamped.clone()
            })
        };
        let cms = Cms::over(b"content").certificate(&certificate).revocation(&list).signer(signer());
        let detached = |content: &[u8]| {
            Cms::over(content).certificate(&certificate).signer(Signer::new(&key, &certificate)).detached().encode()
        };
        let signed = xml::enveloped("<a><b>c</b></a>", &key, &certificate);

        let store = || KeyStore::new("").iterations(1).mac_iterations(1);
        let filled = |store: KeyStore| store.key(&key.pkcs8(), Some("a"), None).certificate(&certificate, None, None);

        save("key", &name, &key.spki());
        save("private_key", &name, &key.pkcs8());
        save("pkcs12", &name, &filled(store()).encode());
        save("pkcs12", &format!("{name}-der"), &filled(store().definite()).encode());
        save("pkcs12", &format!("{name}-clear"), &filled(store().ciphers(None, None)).encode());
        save("pkcs12", &format!("{name}-pkcs8"), &key.pkcs8());
        save("certificate", &name, &certificate);
        save("name", &name, &authority.name);
        save("ber", &name, &cms.encode_ber(3));
        save("ber", &format!("{name}-definite"), &cms.encode());
        save("timestamp_exchange", &name, &tsp::response(0, Some(&stamped)));
        save("armour", &name, pem::encode("CERTIFICATE", &certificate).as_bytes());
        save("list", &name, &list);
        save("ocsp", &name, &response);
        save("timestamp", &name, &stamped);
        save("cms", &name, &cms.encode());
        save("cms", &format!("{name}-ber"), &cms.encode_ber(3));
        save("cms", &format!("{name}-detached"), &detached(b"content"));
        save("xml", &name, signed.as_bytes());
        save("xml_signing", &name, signed.as_bytes());
        save("canonical", &name, &[b"\x01", signed.as_bytes()].concat());
        save("soap", &name, secured(&key, &certificate).as_bytes());
        let envelope =
            format!("<s:Envelope xmlns:s=\"{}\"><s:Header/><s:Body><a/></s:Body></s:Envelope>", xml::SOAP_11);
        save("xml_signing", &format!("{name}-soap"), envelope.as_bytes());
        for (index, with_streams) in [false, true].into_iter().enumerate() {
            let field = Field { room: 2048, ..Field::new("S") };
            let once = Pdf::with_objects("x", &[], with_streams).sign(&field, &detached);
            let mut twice = once.sign(&Field { room: 4096, ..Field::timestamp("T") }, &token);
            let next = twice.next();
            twice.catalog_entries = format!(" /DSS << /Certs [{next} 0 R] >>");
            twice.append(&[(CATALOG, twice.catalog()), (next, stream("", &certificate))]);
            save("pdf", &format!("{name}-{index}"), &once.bytes);
            save("pdf", &format!("{name}-{index}-long"), &twice.bytes);
            save("pdf_signing", &format!("{name}-{index}"), &once.bytes);
        }
        let simple = Zip::default().file("a.txt", b"content").file("META-INF/signature.p7s", &detached(b"content"));
        let references = "<SigReference URI=\"META-INF/signature-00.cms\"/><DataObjectReference URI=\"a.txt\">\
            <DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha256\"/>\
            <DigestValue>7XACtDnprIRfIjV9giusFERzD722AW0+yUMil7nsn3M=</DigestValue></DataObjectReference>";
        let manifest = format!("<NCAManifest>{references}</NCAManifest>");
        let kazakh = Zip::default()
            .file("a.txt", b"content")
            .file("META-INF/NCAManifest.xml", manifest.as_bytes())
            .file("META-INF/signature-00.cms", &detached(manifest.as_bytes()));
        save("container", &name, &simple.clone().finish());
        save("container", &format!("{name}-kazakh"), &kazakh.finish());
        save("archive", &name, &archive(&[("a.txt", b"content"), ("META-INF/signature.p7s", &detached(b"content"))]));
        for (kind, bytes) in [("cms", cms.encode()), ("xml", signed.into_bytes()), ("zip", simple.finish())] {
            save("document", &format!("{name}-{kind}"), &bytes);
        }
    }
}

/// A SOAP envelope whose Body is signed, the certificate in a token beside the signature.
fn secured(key: &Key, certificate: &[u8]) -> String {
    const X509: &str = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3";
    let (soap, security, utility) = (xml::SOAP_11, xml::WSSE, xml::WSU);
    let body = format!("<s:Body xmlns:s=\"{soap}\" xmlns:u=\"{utility}\" u:Id=\"b\"><a/></s:Body>");
    let token = format!(
        "<w:BinarySecurityToken u:Id=\"t\" ValueType=\"{X509}\">{}</w:BinarySecurityToken>",
        xml::base64(certificate)
    );
    let reference = format!(
        "<w:SecurityTokenReference xmlns:w=\"{security}\"><w:Reference URI=\"#t\"/></w:SecurityTokenReference>"
    );
    let signature = xml::Signing {
        canonicalization: xml::EXCLUSIVE.into(),
        key_info: Some(reference),
        ..xml::Signing::new(key, certificate)
    };
    let signature = signature.reference(xml::Reference::to("#b", &[xml::EXCLUSIVE], &body)).sign();
    format!(
        "<s:Envelope xmlns:s=\"{soap}\" xmlns:u=\"{utility}\"><s:Header><w:Security xmlns:w=\"{security}\">{token}{signature}\
         </w:Security></s:Header>{body}</s:Envelope>"
    )
}

/// What the target `archive` puts into a zip.
fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in files {
        out.extend_from_slice(name.as_bytes());
        out.push(b'\n');
        out.extend_from_slice(&u16::try_from(content.len()).expect("a short file").to_be_bytes());
        out.extend_from_slice(content);
    }
    out
}
