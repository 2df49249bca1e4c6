//! Keys in SoftHSM, an HSM made of software (`apt-get install softhsm2`); without it these tests skip.
//!
//! SoftHSM reads where its tokens lie from the environment when it is initialised, and holds one state for a process. So
//! each test runs itself in a process of its own, with a folder of its own.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::object::{Attribute, CertificateType, ObjectClass};
use cryptoki::session::UserType;
use cryptoki::types::AuthPin;
use rastau::crypto::SignError;
use rastau::signed::Signer as _;
use rastau::signer::{KeyError, KeySource, Password, SigningIdentity, TokenSource, open};
use rastau_mint::key::Key;
use rastau_mint::pem;

use super::{Holder, MESSAGE, password, signs, words};

const PIN: &str = "1234";
/// Where distributions put the library.
const LIBRARIES: [&str; 4] = [
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib64/pkcs11/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
];
/// Tells a process of a test where its folder is.
const FOLDER: &str = "RASTAU_TEST_SOFTHSM";

fn library() -> Option<PathBuf> {
    let there = LIBRARIES.iter().map(PathBuf::from).find(|path| path.exists());
    let tool = Command::new("softhsm2-util").arg("--version").output().is_ok();
    if there.is_none() || !tool {
        println!("skipped: SoftHSM is not installed (apt-get install softhsm2)");
        return None;
    }
    there
}

/// Runs a test in a process of its own; inside it, gives the folder.
fn in_own_process(name: &str) -> Option<Hsm> {
    let library = library()?;
    if let Some(folder) = std::env::var_os(FOLDER) {
        return Some(Hsm { library, folder: folder.into() });
    }
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("tokens")).unwrap();
    let configuration = folder.path().join("softhsm2.conf");
    let tokens = folder.path().join("tokens");
    fs::write(&configuration, format!("directories.tokendir = {}\nlog.level = ERROR\n", tokens.display())).unwrap();
    let run = Command::new(std::env::current_exe().unwrap())
        .args([&format!("keys::softhsm::{name}"), "--exact", "--nocapture"])
        .env("SOFTHSM2_CONF", &configuration)
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&run.stdout), String::from_utf8_lossy(&run.stderr));
    assert!(run.status.success() && said.contains("1 passed"), "{}: {said}", run.status);
    None
}

/// SoftHSM with its folder, in the process of a test.
struct Hsm {
    library: PathBuf,
    folder: PathBuf,
}

impl Hsm {
    fn util(&self, arguments: &[&str]) {
        let run = Command::new("softhsm2-util").args(arguments).output().unwrap();
        assert!(run.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&run.stderr));
    }

    fn make_token(&self, label: &str) {
        self.util(&["--init-token", "--free", "--label", label, "--pin", PIN, "--so-pin", "12345678"]);
    }

    fn import(&self, token: &str, key: &Key, label: &str, id: &str) {
        let file = self.folder.join("key.pem");
        fs::write(&file, pem::encode("PRIVATE KEY", &key.pkcs8())).unwrap();
        let file = file.to_str().unwrap();
        self.util(&["--import", file, "--token", token, "--label", label, "--id", id, "--pin", PIN]);
    }

    /// Puts a certificate into a token, which softhsm2-util cannot. Before anything is opened in this process.
    fn put_certificate(&self, token: &str, certificate: &[u8], label: &str, id: &[u8]) {
        let client = Pkcs11::new(&self.library).unwrap();
        client.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).unwrap();
        let slots = client.get_slots_with_token().unwrap();
        let slot = slots.into_iter().find(|slot| client.get_token_info(*slot).unwrap().label() == token).unwrap();
        let session = client.open_rw_session(slot).unwrap();
        session.login(UserType::User, Some(&AuthPin::from(PIN))).unwrap();
        let template = [
            Attribute::Class(ObjectClass::CERTIFICATE),
            Attribute::CertificateType(CertificateType::X_509),
            Attribute::Token(true),
            Attribute::Private(false),
            Attribute::Label(label.as_bytes().to_vec()),
            Attribute::Id(id.to_vec()),
            Attribute::Subject(vec![0x30, 0]),
            Attribute::Value(certificate.to_vec()),
        ];
        session.create_object(&template).unwrap();
        drop(session);
        client.finalize().unwrap();
    }

    /// A token with a key and, in the token too, its certificate.
    fn with(self, token: &str, holder: &Holder, label: &str) -> Hsm {
        self.make_token(token);
        self.import(token, &holder.key, label, "a1");
        self.put_certificate(token, &holder.certificate, label, &[0xa1]);
        self
    }

    fn source(&self, token: Option<&str>, key: Option<&str>) -> TokenSource {
        TokenSource {
            module: self.library.clone(),
            token: token.map(ToOwned::to_owned),
            key: key.map(ToOwned::to_owned),
            certificate: None,
        }
    }

    fn open(&self, token: Option<&str>, key: Option<&str>) -> Result<SigningIdentity, KeyError> {
        open(&KeySource::Pkcs11(self.source(token, key)), &password(PIN))
    }

    fn tokens(&self) -> PathBuf {
        self.folder.join("tokens")
    }

    /// Unplugs all tokens, or plugs them in again.
    fn plug(&self, in_again: bool) {
        let away = self.folder.join("away");
        let (from, to) = if in_again { (&away, self.tokens()) } else { (&self.tokens(), away.clone()) };
        if in_again {
            fs::remove_dir(&to).unwrap();
        }
        fs::rename(from, to).unwrap();
        if !in_again {
            fs::create_dir(self.tokens()).unwrap();
        }
    }
}

fn certificate_file(folder: &Path, holders: &[&Holder]) -> PathBuf {
    let path = folder.join("certificates.pem");
    let text: String = holders.iter().map(|holder| pem::certificate(&holder.certificate)).collect();
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn keys_in_a_token_sign() {
    let Some(hsm) = in_own_process("keys_in_a_token_sign") else { return };
    let holders =
        [Holder::new(Key::rsa("store"), 1), Holder::new(Key::p256("token"), 2), Holder::new(Key::p384("token"), 3)];
    hsm.make_token("signing");
    for (holder, id) in holders.iter().zip(["a1", "a2", "a3"]) {
        hsm.import("signing", &holder.key, &format!("key {id}"), id);
    }
    for (holder, id) in holders.iter().zip([0xa1, 0xa2, 0xa3]) {
        hsm.put_certificate("signing", &holder.certificate, "any", &[id]);
    }
    for (holder, id) in holders.iter().zip(["a1", "A2", "key a3"]) {
        for token in [None, Some("signing")] {
            let identity = hsm.open(token, Some(id)).unwrap();
            assert_eq!(identity.certificate().as_der(), holder.certificate, "{id}");
            assert!(identity.is_in_token());
            for _ in 0..3 {
                signs(&identity);
            }
            // Independent code agrees, where the signature is deterministic.
            if matches!(holder.key, Key::Rsa(..)) {
                assert_eq!(identity.sign(MESSAGE).unwrap(), holder.key.sign(MESSAGE));
            }
            assert!(!format!("{identity:?}").contains(PIN));
        }
    }
    let ambiguous = hsm.open(None, None).unwrap_err();
    assert!(matches!(&ambiguous, KeyError::Ambiguous(there) if there.len() == 3), "{ambiguous}");
    let unknown = hsm.open(None, Some("a4")).unwrap_err();
    assert!(matches!(&unknown, KeyError::UnknownAlias { there, .. } if there.len() == 3), "{unknown}");
    let absent = hsm.open(Some("other"), None).unwrap_err();
    assert!(matches!(&absent, KeyError::TokenAbsent(which) if which.contains("other")), "{absent}");
}

#[test]
fn the_certificate_comes_from_a_file_or_is_missed() {
    let Some(hsm) = in_own_process("the_certificate_comes_from_a_file_or_is_missed") else { return };
    let (holder, other) = (Holder::new(Key::p256("file"), 1), Holder::new(Key::p256("other"), 2));
    hsm.make_token("bare");
    hsm.import("bare", &holder.key, "key", "a1");
    assert_eq!(hsm.open(None, None).unwrap_err(), KeyError::NoCertificate);
    let with = |holders: &[&Holder]| {
        let certificate = Some(certificate_file(&hsm.folder, holders));
        open(&KeySource::Pkcs11(TokenSource { certificate, ..hsm.source(None, None) }), &password(PIN))
    };
    let identity = with(&[&other, &holder]).unwrap();
    assert_eq!(identity.certificate().as_der(), holder.certificate);
    assert_eq!(identity.others().len(), 1);
    signs(&identity);
    assert_eq!(with(&[&other]).unwrap_err(), KeyError::OtherKey);
    let gost = with(&[&Holder::gost("token")]).unwrap_err();
    assert!(matches!(&gost, KeyError::Algorithm(what) if what.contains("gost-34.10-2015-512")), "{gost}");
    let renewed = Holder::new(Key::p256("file"), 9);
    assert!(matches!(with(&[&renewed, &holder]), Err(KeyError::Ambiguous(there)) if there.len() == 2));
}

#[test]
fn a_wrong_pin_is_tried_once_and_never_printed() {
    let Some(hsm) = in_own_process("a_wrong_pin_is_tried_once_and_never_printed") else { return };
    let hsm = hsm.with("pins", &Holder::new(Key::p256("pins"), 1), "key");
    let source = KeySource::Pkcs11(hsm.source(None, None));
    let error = open(&source, &password("98765")).unwrap_err();
    assert_eq!(error, KeyError::PinWrong);
    assert!(!words(&error).contains("98765") && !error.is_passing());
    assert_eq!(open(&source, &Password::empty()).unwrap_err(), KeyError::PasswordRequired);
    signs(&open(&source, &password(PIN)).unwrap());
}

#[test]
fn a_token_that_was_unplugged_is_used_again_without_hands() {
    let Some(hsm) = in_own_process("a_token_that_was_unplugged_is_used_again_without_hands") else { return };
    let hsm = hsm.with("moving", &Holder::new(Key::p256("moving"), 1), "key");
    let identity = hsm.open(Some("moving"), None).unwrap();
    signs(&identity);
    for _ in 0..3 {
        hsm.plug(false);
        for _ in 0..6 {
            let refused = identity.sign(MESSAGE).unwrap_err();
            assert!(matches!(&refused, SignError::Unavailable(_)), "{refused}");
        }
        assert!(matches!(hsm.open(Some("moving"), None), Err(KeyError::TokenAbsent(_))));
        hsm.plug(true);
        for _ in 0..6 {
            signs(&identity);
        }
    }
}

#[test]
fn a_token_that_comes_later_is_opened_then() {
    let Some(hsm) = in_own_process("a_token_that_comes_later_is_opened_then") else { return };
    let hsm = hsm.with("late", &Holder::new(Key::p256("late"), 1), "key");
    hsm.plug(false);
    let source = KeySource::Pkcs11(hsm.source(Some("late"), None));
    let error = open(&source, &password(PIN)).unwrap_err();
    assert!(matches!(&error, KeyError::TokenAbsent(_)) && error.is_passing(), "{error}");
    hsm.plug(true);
    signs(&open(&source, &password(PIN)).unwrap());
}

#[test]
fn a_library_that_somebody_else_finalised_is_started_again() {
    let Some(hsm) = in_own_process("a_library_that_somebody_else_finalised_is_started_again") else { return };
    let hsm = hsm.with("finalised", &Holder::new(Key::rsa("store"), 1), "key");
    let identity = hsm.open(None, None).unwrap();
    let other = Pkcs11::new(&hsm.library).unwrap();
    for again in [false, true] {
        other.clone().finalize().unwrap();
        if again {
            // Initialised again, but every session is gone.
            other.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)).unwrap();
        }
        for _ in 0..6 {
            signs(&identity);
        }
    }
}

#[test]
fn a_token_with_another_key_under_the_same_name_signs_nothing() {
    let Some(hsm) = in_own_process("a_token_with_another_key_under_the_same_name_signs_nothing") else { return };
    let hsm = hsm.with("changed", &Holder::new(Key::p256("first"), 1), "key");
    let identity = hsm.open(Some("changed"), None).unwrap();
    signs(&identity);
    fs::remove_dir_all(hsm.tokens()).unwrap();
    fs::create_dir(hsm.tokens()).unwrap();
    let run = |arguments: &[&str]| hsm.util(arguments);
    run(&["--init-token", "--free", "--label", "changed", "--pin", PIN, "--so-pin", "12345678"]);
    hsm.import("changed", &Key::p256("second"), "key", "a1");
    let refused = (0..8).map(|_| identity.sign(MESSAGE).unwrap_err()).collect::<Vec<_>>();
    assert!(refused.contains(&SignError::NotVerified), "{refused:?}");
}

#[test]
fn a_pin_that_was_changed_meanwhile_is_not_tried_again_and_again() {
    let Some(hsm) = in_own_process("a_pin_that_was_changed_meanwhile_is_not_tried_again_and_again") else { return };
    let holder = Holder::new(Key::p256("repinned"), 1);
    let hsm = hsm.with("repinned", &holder, "key");
    let identity = hsm.open(Some("repinned"), None).unwrap();
    signs(&identity);
    fs::remove_dir_all(hsm.tokens()).unwrap();
    fs::create_dir(hsm.tokens()).unwrap();
    hsm.util(&["--init-token", "--free", "--label", "repinned", "--pin", "4321", "--so-pin", "12345678"]);
    let refused: Vec<_> = (0..8).map(|_| identity.sign(MESSAGE).unwrap_err()).collect();
    assert!(matches!(refused.last(), Some(SignError::Refused(why)) if why.contains("PIN")), "{refused:?}");
}

#[test]
fn many_sign_at_once_while_the_token_comes_and_goes() {
    let Some(hsm) = in_own_process("many_sign_at_once_while_the_token_comes_and_goes") else { return };
    let holders = [Holder::new(Key::p256("many one"), 1), Holder::new(Key::p256("many two"), 2)];
    for (holder, token) in holders.iter().zip(["one", "two"]) {
        hsm.make_token(token);
        hsm.import(token, &holder.key, "key", "a1");
    }
    for (holder, token) in holders.iter().zip(["one", "two"]) {
        hsm.put_certificate(token, &holder.certificate, "key", &[0xa1]);
    }
    let identities = ["one", "two"].map(|token| hsm.open(Some(token), None).unwrap());
    let signed = std::thread::scope(|scope| {
        let sign = |identity| {
            move || {
                let identity: &SigningIdentity = identity;
                (0..60)
                    .filter(|_| {
                        let result = identity.sign(MESSAGE);
                        // A token that is going is seen for a moment without what was on it.
                        let gone = |why: &str| why.contains("no private key");
                        match &result {
                            Ok(_) | Err(SignError::Unavailable(_)) => {}
                            Err(SignError::Refused(why)) if gone(why) => {}
                            other => panic!("{other:?}"),
                        }
                        result.is_ok()
                    })
                    .count()
            }
        };
        let threads: Vec<_> =
            identities.iter().flat_map(|identity| [identity; 4]).map(|one| scope.spawn(sign(one))).collect();
        for round in 0..6 {
            hsm.plug(round % 2 == 1);
        }
        threads.into_iter().map(|thread| thread.join().unwrap()).sum::<usize>()
    });
    println!("{signed} of 480 signatures were made while tokens came and went");
    // Afterwards everything is as before; if the library was started anew while both were away, half a minute later, for one
    // absent token must not end the sessions of other keys again and again.
    let waiting = std::time::Instant::now();
    while identities.iter().any(|one| matches!(one.sign(MESSAGE), Err(SignError::Unavailable(_)))) {
        assert!(waiting.elapsed() < std::time::Duration::from_secs(60), "the tokens are there again");
        std::thread::sleep(std::time::Duration::from_millis(250));
    }
    identities.iter().for_each(signs);
}
