//! What OpenSSL signs, we verify: an independent writer of DER, BER, PEM, of several signers and of both ways of naming.
//!
//! Keys and certificates are made by OpenSSL too, into a folder that goes away.

use std::fs;

use rastau::cms::read;
use rastau::signed::{Detached, Document, FormatError, Level, SignatureFault};
use rastau::tsp::{Response, Token};

use super::{Slow, all_hold, read_bytes, verdicts, verify};
use crate::programs::openssl;

/// A folder with two keys, their self-signed certificates and content; `None` without OpenSSL.
fn folder() -> Option<tempfile::TempDir> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("content"), CONTENT).unwrap();
    for (name, key) in [("rsa", &["rsa:2048"][..]), ("ec", &["ec", "-pkeyopt", "ec_paramgen_curve:P-256"])] {
        let (key_file, certificate) = (format!("{name}.key"), format!("{name}.pem"));
        let mut arguments = vec!["req", "-x509", "-nodes", "-subj", "/CN=test", "-days", "30", "-newkey"];
        arguments.extend(key);
        arguments.extend(["-keyout", &key_file, "-out", &certificate]);
        if !openssl(path, &arguments) {
            return None;
        }
    }
    Some(folder)
}

const CONTENT: &[u8] = b"line one\nline two\n";

#[test]
fn every_form_that_openssl_writes_holds() {
    let Some(folder) = folder() else { return };
    let two = ["-signer", "rsa.pem", "-inkey", "rsa.key", "-signer", "ec.pem", "-inkey", "ec.key"];
    for signers in [&two[..4], &two[4..], &two[..]] {
        for (what, options) in [
            ("DER", &["-nodetach"][..]),
            ("BER", &["-nodetach", "-stream"]),
            ("BER, cades", &["-nodetach", "-stream", "-cades"]),
            ("key id", &["-nodetach", "-keyid"]),
            ("no attributes", &["-nodetach", "-noattr"]),
            ("no attributes, BER", &["-nodetach", "-noattr", "-stream"]),
            ("SHA-384", &["-nodetach", "-md", "sha384"]),
            ("cades", &["-nodetach", "-cades"]),
            ("no S/MIME capabilities", &["-nodetach", "-nosmimecap"]),
        ] {
            for form in ["DER", "PEM"] {
                let mut arguments = vec!["cms", "-sign", "-binary", "-in", "content", "-outform", form, "-out", "out"];
                arguments.extend(options);
                arguments.extend(signers);
                openssl(folder.path(), &arguments);
                let bytes = fs::read(folder.path().join("out")).unwrap();
                let document = read_bytes(&bytes).unwrap();
                // OpenSSL would sign with P-256 and SHA-384; allowed here too.
                assert!(all_hold(&document), "{what} {form} {signers:?}: {:?}", verdicts(&document));
                assert_eq!(document.signatures.len(), signers.len() / 4);
                assert_eq!(document.contents[0].bytes(Document::Bytes(&bytes)), Some(CONTENT), "{what} {form}");
                let level = if options.contains(&"-cades") { Level::B } else { Level::Bare };
                assert!(document.signatures.iter().all(|signature| signature.level == level), "{what}");
                if form == "DER" {
                    let stream = Slow { bytes: &bytes, piece: 100 };
                    let streamed = read(Document::Stream(&stream), Detached::Absent).unwrap();
                    assert!(all_hold(&streamed), "{what} as a stream: {:?}", verdicts(&streamed));
                }
            }
        }
    }
}

#[test]
fn what_openssl_signs_beside_the_content_needs_it() {
    let Some(folder) = folder() else { return };
    for options in [&[][..], &["-noattr"], &["-cades"]] {
        let mut arguments = vec!["cms", "-sign", "-binary", "-in", "content", "-outform", "DER", "-out", "out"];
        arguments.extend(["-signer", "ec.pem", "-inkey", "ec.key"]);
        arguments.extend(options);
        openssl(folder.path(), &arguments);
        let bytes = fs::read(folder.path().join("out")).unwrap();
        let ask = |detached| verdicts(&read(Document::Bytes(&bytes), detached).unwrap());
        assert_eq!(ask(Detached::Bytes(CONTENT)), [Ok(())], "{options:?}");
        assert_eq!(ask(Detached::Absent), [Err(SignatureFault::ContentMissing)], "{options:?}");
        assert!(ask(Detached::Bytes(b"line one\r\nline two\r\n"))[0].is_err(), "{options:?}");
        assert!(ask(Detached::Bytes(b""))[0].is_err(), "{options:?}");
    }
}

#[test]
fn rsa_pss_of_openssl_holds_attached_and_over_a_digest_alone() {
    let Some(folder) = folder() else { return };
    for md in ["sha256", "sha384", "sha512"] {
        let mut arguments = vec!["cms", "-sign", "-binary", "-in", "content", "-outform", "DER", "-out", "out"];
        arguments.extend(["-signer", "rsa.pem", "-inkey", "rsa.key", "-md", md]);
        arguments.extend(["-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:digest"]);
        openssl(folder.path(), &arguments);
        let bytes = fs::read(folder.path().join("out")).unwrap();
        let ask = |content| verdicts(&read(Document::Bytes(&bytes), Detached::Bytes(content)).unwrap());
        assert_eq!(ask(CONTENT), [Ok(())], "{md}");
        assert!(ask(b"another")[0].is_err(), "{md}");
    }
}

#[test]
fn what_is_not_allowed_stays_so_when_openssl_writes_it() {
    let Some(folder) = folder() else { return };
    let rsa = ["-signer", "rsa.pem", "-inkey", "rsa.key"];
    let short_salt = ["-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:20"];
    let sha1_mask = ["-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_mgf1_md:sha1"];
    for options in [&["-md", "sha1"][..], &short_salt, &sha1_mask, &["-md", "sha512-256"]] {
        let mut arguments =
            vec!["cms", "-sign", "-binary", "-nodetach", "-in", "content", "-outform", "DER", "-out", "out"];
        arguments.extend(rsa);
        arguments.extend(options);
        openssl(folder.path(), &arguments);
        let bytes = fs::read(folder.path().join("out")).unwrap();
        let verdict = verdicts(&read_bytes(&bytes).unwrap()).remove(0);
        assert!(matches!(verdict, Err(SignatureFault::Algorithm(_))), "{options:?}: {verdict:?}");
    }
    // Other kinds of CMS are no signed documents.
    openssl(folder.path(), &["cms", "-digest_create", "-binary", "-in", "content", "-outform", "DER", "-out", "out"]);
    let bytes = fs::read(folder.path().join("out")).unwrap();
    assert!(matches!(read_bytes(&bytes), Err(FormatError::Unsupported(_))));
}

#[test]
fn a_resigned_message_holds_for_both() {
    let Some(folder) = folder() else { return };
    let first = ["cms", "-sign", "-binary", "-nodetach", "-in", "content", "-outform", "DER", "-out", "one"];
    openssl(folder.path(), &[&first[..], &["-signer", "rsa.pem", "-inkey", "rsa.key"]].concat());
    let again = ["cms", "-resign", "-inform", "DER", "-in", "one", "-outform", "DER", "-out", "two"];
    openssl(folder.path(), &[&again[..], &["-signer", "ec.pem", "-inkey", "ec.key"]].concat());
    let document = read_bytes(&fs::read(folder.path().join("two")).unwrap()).unwrap();
    assert_eq!(document.signatures.len(), 2);
    assert!(all_hold(&document));
}

const TSA: &str = "[tsa]\nserial = serial\ndefault_policy = 1.2.398.3.3.2.6.2\ndigests = sha256, sha512\n\
                   signer_digest = sha256\naccuracy = secs:1, millisecs:500\nclock_precision_digits = 3\n\
                   tsa_name = yes\ness_cert_id_alg = sha256\nordering = yes\n";

#[test]
fn timestamps_of_openssl_hold() {
    let Some(folder) = folder() else { return };
    let path = folder.path();
    fs::write(path.join("tsa.cnf"), TSA).unwrap();
    fs::write(path.join("serial"), "01\n").unwrap();
    let subject =
        ["req", "-x509", "-nodes", "-subj", "/CN=tsa", "-newkey", "rsa:2048", "-keyout", "tsa.key", "-out", "tsa.pem"];
    openssl(path, &[&subject[..], &["-addext", "extendedKeyUsage = critical, timeStamping"]].concat());
    openssl(path, &["ts", "-query", "-data", "content", "-sha256", "-cert", "-out", "query"]);
    let reply = ["ts", "-reply", "-config", "tsa.cnf", "-section", "tsa", "-queryfile", "query"];
    openssl(path, &[&reply[..], &["-signer", "tsa.pem", "-inkey", "tsa.key", "-out", "reply"]].concat());
    let response = Response::read(&fs::read(path.join("reply")).unwrap()).unwrap();
    let token = response.token.unwrap();
    assert!(verify(&token.signature).is_ok());
    assert_eq!(token.check_imprint(&rastau::signed::Covered::Bytes(CONTENT.to_vec())), Ok(()));
    assert!(token.check_imprint(&rastau::signed::Covered::Bytes(b"other".to_vec())).is_err());
    assert!(token.nonce.is_some() && token.ordering && token.authority.is_some());
    assert_eq!(token.accuracy.unwrap().0.as_millis(), 1500);
    assert_eq!(Token::read(&response.token_bytes.unwrap()).unwrap().gen_time, token.gen_time);
}
