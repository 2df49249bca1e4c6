//! Attacks on the judgement of a certificate: every table holds what must never be accepted.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail as tests do")]

use std::sync::Arc;

use proptest::prelude::*;
use rastau::clock::Time;
use rastau::der::armour::{self, Label};
use rastau::der::{Oid, TlvReader};
use rastau::iin::{Bin, Iin};
use rastau::policy::{OddNumbers, Policy, PolicyInputs, Profile, Purpose, RevocationRule};
use rastau::revocation::{ParsedList, Snapshot, Source};
use rastau::service::{CheckRequest, Grounds, IdentityClaim, Lists, Service, demo};
use rastau::trust::{Anchor, AnchorPurpose, Pool, Purposes};
use rastau::verdict::{Decision, RefusalCode, Report};
use rastau::x509::{Certificate, CertificateError, Name as ReadName, oid};
use rastau_mint::authority::Authority;
use rastau_mint::certificate::{CertificateBuilder, assemble};
use rastau_mint::der;
use rastau_mint::extension::{self, Extension};
use rastau_mint::key::Key;
use rastau_mint::list::{Entry, ListBuilder};
use rastau_mint::name::{self, Attribute, Name};
use rastau_mint::{identity, pem, profile};

use crate::demo::service;

const NOW: &str = "2026-08-20T00:00:00Z";
/// A UUID as an object identifier (X.667): its second number has more than 32 bits. `2.25.1234567890123456789`.
const UUID_OID: [u8; 10] = [0x69, 0x91, 0x91, 0xf4, 0xbb, 0xf7, 0xc1, 0xd7, 0x82, 0x15];

fn key(label: &str) -> Key {
    Key::ed25519(label)
}

fn time(text: &str) -> Time {
    text.parse().unwrap()
}

/// The number that the attacker wants to pass for.
fn victim() -> String {
    identity::iin("650615", false, 1)
}

/// The number that is the attacker's own.
fn own() -> String {
    identity::iin("720301", true, 8)
}

fn victim_bin() -> String {
    identity::bin("6004", 1)
}

fn own_bin() -> String {
    identity::bin("6107", 5)
}

/// A hierarchy with fast keys: the rules under test do not depend on the algorithm.
struct World {
    root: Authority,
    nca: Authority,
}

impl World {
    fn new() -> Self {
        let root = Authority::root("root", key("root"));
        let nca = root.subordinate("nca", key("nca"));
        Self { root, nca }
    }

    /// Everything in order: each row spoils one thing.
    fn good(&self) -> Situation {
        Situation {
            leaf: self.nca.issue(person()),
            extra: Vec::new(),
            anchors: vec![(self.root.certificate.clone(), Purposes::ALL)],
            intermediates: vec![self.nca.certificate.clone()],
            lists: vec![self.root.sign_list(&self.root.list()), self.nca.sign_list(&self.nca.list())],
            policy: Policy::kz(Purpose::Sign),
            claim: Some((Some(victim()), None)),
            at: time(NOW),
            now: time(NOW),
        }
    }

    fn with_leaf(&self, change: impl FnOnce(CertificateBuilder) -> CertificateBuilder) -> Situation {
        Situation { leaf: self.nca.issue(change(person())), ..self.good() }
    }

    /// With another list of the issuing authority.
    fn with_list(&self, change: impl FnOnce(ListBuilder) -> ListBuilder) -> Situation {
        let lists = vec![self.root.sign_list(&self.root.list()), self.nca.sign_list(&change(self.nca.list()))];
        Situation { lists, ..self.good() }
    }

    fn with_leaf_revoked(&self, date: &str, reason: Option<u8>) -> Situation {
        self.with_list(|list| list.revoke(&person().serial_contents(), date, reason))
    }

    /// With another certificate of the issuing authority.
    fn with_nca(&self, change: impl FnOnce(CertificateBuilder) -> CertificateBuilder) -> Situation {
        let builder = change(CertificateBuilder::issuing_ca("nca", &self.nca.key));
        let nca = self.root.subordinate_of(builder, self.nca.key.clone());
        Situation {
            leaf: nca.issue(person()),
            intermediates: vec![nca.certificate.clone()],
            lists: vec![self.root.sign_list(&self.root.list()), nca.sign_list(&nca.list())],
            ..self.good()
        }
    }
}

/// One question with all the evidence there is.
struct Situation {
    leaf: Vec<u8>,
    extra: Vec<Vec<u8>>,
    anchors: Vec<(Vec<u8>, Purposes)>,
    intermediates: Vec<Vec<u8>>,
    lists: Vec<Vec<u8>>,
    policy: Policy,
    claim: Option<(Option<String>, Option<String>)>,
    at: Time,
    now: Time,
}

impl Situation {
    fn grounds(&self) -> Grounds {
        let mut builder = Pool::builder();
        for (der, purposes) in &self.anchors {
            builder = builder.anchor(Anchor::new(Certificate::from_der(der).unwrap(), *purposes, false));
        }
        for der in &self.intermediates {
            // What cannot be read is refused when the configuration is loaded.
            if let Ok(certificate) = Certificate::from_der(der) {
                builder = builder.intermediate(certificate);
            }
        }
        let pool = Arc::new(builder.build());
        let issuers: Vec<Certificate> = pool.authorities().cloned().collect();
        let (snapshot, _) = Snapshot::read(self.lists.iter().cloned(), &issuers, self.now);
        Grounds::new(pool, Lists::Fixed(Arc::new(snapshot)))
    }

    fn request(&self) -> CheckRequest {
        CheckRequest {
            certificate: armoured(&self.leaf),
            intermediates: self.extra.iter().map(|der| armoured(der)).collect(),
            identity: self.claim.clone().map(|(iin, bin)| IdentityClaim { iin, bin }),
            at: Some(self.at.to_string()),
            ..CheckRequest::default()
        }
    }

    fn judge(&self) -> Report {
        let service = service(self.grounds(), self.now);
        let ask = || {
            let prepared = service.prepare_under(
                CheckRequest { purpose: Some(self.policy.purpose), ..self.request() },
                self.policy.clone(),
                service.grounds(),
            );
            service.check(prepared.unwrap())
        };
        let (cold, warm) = (ask(), ask());
        assert_eq!(cold.decision(), warm.decision(), "the cache changes the answer");
        cold
    }

    fn code(&self) -> Option<RefusalCode> {
        self.judge().refusal().map(|refusal| refusal.code)
    }
}

fn armoured(der: &[u8]) -> String {
    pem::encode("CERTIFICATE", der)
}

fn person() -> CertificateBuilder {
    CertificateBuilder::individual(&victim()).key(&key("person"))
}

fn uuid_oid() -> Vec<u8> {
    der::tlv(0x06, &UUID_OID)
}

fn other_uuid_oid() -> Vec<u8> {
    let mut contents = UUID_OID;
    contents[9] ^= 1;
    der::tlv(0x06, &contents)
}

/// An extension whose type does not fit 32 bits a number.
fn uuid_extension(oid: &[u8], critical: bool) -> Extension {
    let critical = if critical { der::boolean(true) } else { Vec::new() };
    Extension::raw(der::sequence(&[oid.to_vec(), critical, der::octet_string(&der::null())]))
}

#[test]
fn what_is_in_order_is_accepted() {
    let world = World::new();
    assert_eq!(world.good().code(), None);
    let plain = Situation { policy: Policy::rfc5280(), claim: None, ..world.good() };
    assert_eq!(plain.code(), None);
}

/// Resolution of the portal: a number that cannot be one is told, and refused only where the operator wants it so.
#[test]
fn a_number_whose_check_digit_is_wrong_is_refused_only_where_the_policy_is_strict() {
    let world = World::new();
    let bent = |number: &str| {
        let (digits, check) = number.split_at(11);
        format!("{digits}{}", (check.parse::<u8>().unwrap() + 1) % 10)
    };
    let (iin, bin) = (bent(&victim()), bent(&victim_bin()));
    let person = CertificateBuilder::individual(&iin).key(&key("person"));
    let odd_iin = Situation { leaf: world.nca.issue(person), claim: Some((Some(iin.clone()), None)), ..world.good() };
    let company = CertificateBuilder::legal_head(&victim(), &bin).key(&key("head"));
    let odd_bin = Situation { leaf: world.nca.issue(company), claim: Some((None, Some(bin))), ..world.good() };
    for (situation, term) in [(odd_iin, "iin"), (odd_bin, "bin")] {
        let lenient = situation.judge();
        assert_eq!(lenient.decision(), Decision::Accepted, "{lenient:#?}");
        let codes: Vec<_> = lenient.warnings().iter().map(|warning| warning.code).collect();
        assert!(codes.contains(&"identity-number-odd"), "{term}: {codes:?}");
        let policy = Policy { odd_numbers: OddNumbers::Refuse, ..situation.policy.clone() };
        let strict = Situation { policy, ..situation }.judge();
        assert_eq!(strict.refusal().map(|refusal| refusal.code), Some(RefusalCode::IdentityMismatch), "{term}");
        assert!(strict.refusal().unwrap().messages.en.to_lowercase().contains(term), "{term}: {strict:#?}");
    }
    let sound = Situation { policy: Policy { odd_numbers: OddNumbers::Refuse, ..world.good().policy }, ..world.good() };
    assert_eq!(sound.code(), None);
}

/// Names that a careless reader would take for the victim's.
fn tricks() -> Vec<(&'static str, Vec<u8>)> {
    let base = || profile::person(&own()).without(name::SERIAL_NUMBER);
    let victim = victim();
    let text = format!("IIN{victim}");
    let mine = format!("IIN{}", own());
    let serial = |value: Vec<u8>| base().attribute(name::SERIAL_NUMBER, value).encode();
    let spelled = |text: &str| serial(der::utf8(text));
    let attribute = |oid: &str, text: &str| Attribute::new(oid, der::utf8(text));
    let encoded = |oid: &str, text: &str| der::sequence(&[der::oid(oid), der::utf8(text)]);
    let with_raw_rdn = |raw: Vec<u8>| {
        let own = base().printable(name::SERIAL_NUMBER, &mine).encode();
        der::sequence(&[contents(&own), raw])
    };
    let hiding = |shown: &str, raw: Vec<u8>| {
        let name = if shown.is_empty() { base() } else { base().printable(name::SERIAL_NUMBER, shown) };
        der::sequence(&[contents(&name.encode()), raw])
    };
    let mut rows = vec![
        ("beside a name in one relative name", {
            let both = vec![attribute(name::SERIAL_NUMBER, &text), attribute(name::COMMON_NAME, "X")];
            base().rdn(both).encode()
        }),
        ("two numbers in one relative name", {
            let both = vec![attribute(name::SERIAL_NUMBER, &mine), attribute(name::SERIAL_NUMBER, &text)];
            base().rdn(both).encode()
        }),
        ("as the second of two", base().utf8(name::SERIAL_NUMBER, &mine).utf8(name::SERIAL_NUMBER, &text).encode()),
        ("as the first of two", base().utf8(name::SERIAL_NUMBER, &text).utf8(name::SERIAL_NUMBER, &mine).encode()),
        ("twice", base().utf8(name::SERIAL_NUMBER, &text).utf8(name::SERIAL_NUMBER, &text).encode()),
        ("beside a passport", base().utf8(name::SERIAL_NUMBER, "N1").utf8(name::SERIAL_NUMBER, &text).encode()),
        ("as a BMPString", serial(der::bmp(&text))),
        ("as a TeletexString", serial(der::teletex(text.as_bytes()))),
        ("as a NumericString without the letters", serial(der::tlv(0x12, victim.as_bytes()))),
        ("as a VisibleString", serial(der::tlv(0x1a, text.as_bytes()))),
        ("as a GeneralString", serial(der::tlv(0x1b, text.as_bytes()))),
        ("as a UniversalString", serial(der::tlv(0x1c, &wide(&text)))),
        ("as an OCTET STRING", serial(der::octet_string(text.as_bytes()))),
        ("under the tag [12], which is no UTF8String", serial(der::tlv(0x8c, text.as_bytes()))),
        ("under the tag [19], which is no PrintableString", serial(der::tlv(0x93, text.as_bytes()))),
        ("under the application tag 12", serial(der::tlv(0x4c, text.as_bytes()))),
        ("in a constructed UTF8String", serial(der::tlv(0x2c, &der::utf8(&text)))),
        ("in UTF-8 that ends badly", serial(der::tlv(0x0c, &[text.as_bytes(), &[0xff]].concat()))),
        ("in a value after the value", {
            let value = [der::utf8(&mine), der::utf8(&text)].concat();
            base().attribute(name::SERIAL_NUMBER, value).encode()
        }),
        ("in a relative name that is a SEQUENCE", {
            with_raw_rdn(der::sequence(&[encoded(name::SERIAL_NUMBER, &text)]))
        }),
        ("after an empty relative name", {
            with_raw_rdn([der::set::<Vec<u8>>(&[]), der::set(&[encoded(name::SERIAL_NUMBER, &text)])].concat())
        }),
        ("after an attribute without a value", {
            let hollow = der::sequence(&[der::oid(name::SERIAL_NUMBER)]);
            with_raw_rdn(der::set(&[hollow, encoded(name::SERIAL_NUMBER, &text)]))
        }),
        ("after a NULL in the relative name", {
            with_raw_rdn(der::set(&[encoded(name::COMMON_NAME, "X"), der::null(), encoded(name::SERIAL_NUMBER, &text)]))
        }),
        ("in front of the true one, hidden behind an empty relative name", {
            hiding(&text, [der::set::<Vec<u8>>(&[]), der::set(&[encoded(name::SERIAL_NUMBER, &mine)])].concat())
        }),
        ("in front of the true one, hidden in a SEQUENCE", {
            hiding(&text, der::sequence(&[encoded(name::SERIAL_NUMBER, &mine)]))
        }),
        ("in front of the true one, hidden behind a NULL", {
            hiding(&text, der::set(&[encoded("2.5.4.12", "X"), der::null(), encoded(name::SERIAL_NUMBER, &mine)]))
        }),
        ("in front of the true one, hidden behind a value", {
            let two = der::sequence(&[der::oid(name::SERIAL_NUMBER), der::utf8(&text), der::utf8(&mine)]);
            hiding("", der::set(&[two]))
        }),
        ("under an attribute below serialNumber", base().utf8("2.5.4.5.1", &text).encode()),
        ("in a name without anything else but the number of another kind", spelled(&format!("BIN{victim}"))),
    ];
    let places = [
        ("in the common name", name::COMMON_NAME),
        ("in the surname", name::SURNAME),
        ("in the given name", name::GIVEN_NAME),
        ("in the organisation", name::ORGANISATION),
        ("in the unit", name::ORGANISATIONAL_UNIT),
        ("in the system's identifier", name::USER_ID),
        ("in the e-mail address", name::EMAIL),
        ("in the dnQualifier", "2.5.4.46"),
        ("in the uniqueIdentifier", "2.5.4.45"),
    ];
    rows.extend(places.map(|(why, oid)| (why, base().utf8(oid, &text).encode())));
    let spellings = [
        ("without letters", victim.clone()),
        ("in small letters", format!("iin{victim}")),
        ("in mixed letters", format!("IiN{victim}")),
        ("with a space inside", format!("IIN {victim}")),
        ("with a space behind", format!("{text} ")),
        ("with a space in front", format!(" {text}")),
        ("with a tab behind", format!("{text}\t")),
        ("with a line feed behind", format!("{text}\n")),
        ("with a NUL behind", format!("{text}\0")),
        ("with a NUL inside", format!("IIN\0{victim}")),
        ("with a zero-width space", format!("IIN\u{200b}{victim}")),
        ("with a byte order mark", format!("\u{feff}{text}")),
        ("with a soft hyphen", format!("IIN\u{ad}{victim}")),
        ("with a right-to-left override", format!("IIN\u{202e}{}", victim.chars().rev().collect::<String>())),
        ("with a colon", format!("IIN:{victim}")),
        ("with a Cyrillic I", format!("І{}", &text[1..])),
        ("with a Greek I", format!("Ι{}", &text[1..])),
        ("with a small L", format!("llN{victim}")),
        ("with a full-width letter", format!("Ｉ{}", &text[1..])),
        ("in Russian", format!("ИИН{victim}")),
        ("in Kazakh", format!("ЖСН{victim}")),
        ("with full-width digits", format!("IIN{}", shifted(&victim, '０'))),
        ("with Arabic digits", format!("IIN{}", shifted(&victim, '٠'))),
        ("with a letter O for a zero", text.replace('0', "O")),
        ("with a digit more", format!("{text}0")),
        ("with a digit less", text[..14].to_owned()),
        ("with another number behind a comma", format!("{text},{mine}")),
        ("with another number behind a plus", format!("{mine}+SERIALNUMBER={text}")),
        ("with both prefixes", format!("IINBIN{victim}")),
        ("with the prefix twice", format!("IIN{text}")),
    ];
    rows.extend(spellings.map(|(why, value)| (why, spelled(&value))));
    rows
}

/// Names that a careless reader would take for the victim organisation's.
fn organisation_tricks() -> Vec<(&'static str, Vec<u8>)> {
    let person = || profile::person(&victim());
    let bin = victim_bin();
    let (text, mine) = (format!("BIN{bin}"), format!("BIN{}", own_bin()));
    let unit = |value: &str| person().utf8(name::ORGANISATIONAL_UNIT, value).encode();
    let units = |first: &str, second: &str| {
        person().utf8(name::ORGANISATIONAL_UNIT, first).utf8(name::ORGANISATIONAL_UNIT, second).encode()
    };
    vec![
        ("as the second unit", units(&mine, &text)),
        ("as the first unit", units(&text, &mine)),
        ("in two equal units", units(&text, &text)),
        ("beside a look-alike", units(&text, &format!("ВIN{}", own_bin()))),
        ("beside a small-letter one", units(&text, &format!("bin{}", own_bin()))),
        ("beside bare digits", units(&text, &own_bin())),
        ("beside a unit with a space", units(&text, &format!("BIN {}", own_bin()))),
        ("beside a unit that is an OCTET STRING", {
            person()
                .utf8(name::ORGANISATIONAL_UNIT, &text)
                .attribute(name::ORGANISATIONAL_UNIT, der::octet_string(mine.as_bytes()))
                .encode()
        }),
        ("in the serial number and the unit", {
            profile::person(&victim())
                .without(name::SERIAL_NUMBER)
                .utf8(name::SERIAL_NUMBER, &text)
                .utf8(name::ORGANISATIONAL_UNIT, &text)
                .encode()
        }),
        ("in one relative name with the organisation", {
            let both = vec![
                Attribute::new(name::ORGANISATION, der::utf8("X")),
                Attribute::new(name::ORGANISATIONAL_UNIT, der::utf8(&text)),
            ];
            person().rdn(both).encode()
        }),
        ("in small letters", unit(&format!("bin{bin}"))),
        ("with a space", unit(&format!("BIN {bin}"))),
        ("with a space behind", unit(&format!("{text} "))),
        ("with a NUL behind", unit(&format!("{text}\0"))),
        ("with a Cyrillic B", unit(&format!("В{}", &text[1..]))),
        ("with a zero-width joiner", unit(&format!("BIN\u{200d}{bin}"))),
        ("without letters", unit(&bin)),
        ("in Russian", unit(&format!("БИН{bin}"))),
        ("with a department", unit(&format!("{text} отдел"))),
        ("in the organisation", person().utf8(name::ORGANISATION, &text).encode()),
        ("in the common name", person().utf8(name::COMMON_NAME, &text).encode()),
        ("in the system's identifier", person().utf8(name::USER_ID, &text).encode()),
        ("in the organisation's identifier", person().utf8("2.5.4.97", &text).encode()),
        ("as a BMPString", person().attribute(name::ORGANISATIONAL_UNIT, der::bmp(&text)).encode()),
        ("as a TeletexString", person().attribute(name::ORGANISATIONAL_UNIT, der::teletex(text.as_bytes())).encode()),
        ("under the tag [12]", {
            person().attribute(name::ORGANISATIONAL_UNIT, der::tlv(0x8c, text.as_bytes())).encode()
        }),
    ]
}

/// What an element contains.
fn contents(der: &[u8]) -> Vec<u8> {
    TlvReader::new(der).read().unwrap().value.to_vec()
}

fn wide(text: &str) -> Vec<u8> {
    text.chars().flat_map(|character| u32::from(character).to_be_bytes()).collect()
}

fn shifted(digits: &str, zero: char) -> String {
    let shift = |digit: char| char::from_u32(u32::from(zero) + digit.to_digit(10).unwrap()).unwrap();
    digits.chars().map(shift).collect()
}

#[test]
fn no_trick_in_a_name_passes_for_the_victim() {
    let world = World::new();
    let service = service(world.good().grounds(), time(NOW));
    let ask = |subject: &[u8], iin: Option<String>, bin: Option<String>| {
        let builder = CertificateBuilder { subject: subject.to_vec(), ..person() };
        let request = CheckRequest {
            certificate: armoured(&world.nca.issue(builder)),
            identity: Some(IdentityClaim { iin, bin }),
            ..CheckRequest::default()
        };
        service.check(service.prepare(request).unwrap()).decision()
    };
    let (tricks, organisations) = (tricks(), organisation_tricks());
    assert!(tricks.len() >= 40 && organisations.len() >= 20);
    let mut wrong = Vec::new();
    for (why, subject) in &tricks {
        for bin in [None, Some(victim()), Some(victim_bin())] {
            let iin = Some(victim());
            if ask(subject, iin.clone(), bin.clone()) == Decision::Accepted {
                wrong.push(format!("{why}: passes for the person"));
            }
        }
    }
    for (why, subject) in &organisations {
        for iin in [None, Some(victim())] {
            if ask(subject, iin, Some(victim_bin())) == Decision::Accepted {
                wrong.push(format!("{why}: passes for the organisation"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let honest = profile::person_of(&victim(), &victim_bin()).encode();
    assert_eq!(ask(&honest, Some(victim()), Some(victim_bin())), Decision::Accepted);
}

/// What must not be accepted, with the code it has to come to.
fn path_attacks(world: &World) -> Vec<(&'static str, Situation, RefusalCode)> {
    use RefusalCode::*;
    let stranger = Authority::root("stranger", key("stranger"));
    let impostor = world.nca.with_key(key("impostor"));
    let good = || world.good();
    let second = world.nca.subordinate("second", key("second"));
    let holder = Authority::new(&person(), good().leaf, key("person"));
    let tampered = |octet: usize| {
        let builder = world.nca.prepare(person());
        builder.sign_and_tamper(&world.nca.key, |signature| signature[octet] ^= 1)
    };
    let limited = |path_length| {
        let root = Authority::self_signed(
            &CertificateBuilder::root_ca("root", &world.root.key).authority(Some(path_length)),
            world.root.key.clone(),
        );
        Situation {
            leaf: second.issue(person()),
            anchors: vec![(root.certificate, Purposes::ALL)],
            intermediates: vec![world.nca.certificate.clone(), second.certificate.clone()],
            ..good()
        }
    };
    let old_root = Authority::self_signed(
        &CertificateBuilder::root_ca("root", &world.root.key).valid("2020-01-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        world.root.key.clone(),
    );
    let country = |code: &str| extension::directory_name(&Name::new().country(code).encode());
    let person_name = || extension::directory_name(&profile::person(&victim()).encode());
    let nameless = Authority { name: Name::new().encode(), ..world.nca.clone() };
    vec![
        ("nothing is trusted", Situation { anchors: Vec::new(), ..good() }, IssuerNotTrusted),
        ("the authority is not known", Situation { intermediates: Vec::new(), ..good() }, IssuerNotTrusted),
        (
            "another root is trusted",
            Situation { anchors: vec![(stranger.certificate.clone(), Purposes::ALL)], ..good() },
            IssuerNotTrusted,
        ),
        (
            "the root is trusted for timestamps only",
            Situation { anchors: vec![(world.root.certificate.clone(), AnchorPurpose::Timestamp.into())], ..good() },
            IssuerNotTrusted,
        ),
        (
            "the root is trusted for log-in only",
            Situation { anchors: vec![(world.root.certificate.clone(), AnchorPurpose::Authenticate.into())], ..good() },
            IssuerNotTrusted,
        ),
        ("the first octet of the signature is changed", Situation { leaf: tampered(0), ..good() }, SignatureInvalid),
        ("the last octet of the signature is changed", Situation { leaf: tampered(63), ..good() }, SignatureInvalid),
        (
            "an impostor of the authority's name and key identifier signed",
            Situation { leaf: CertificateBuilder::issued_by(person(), &world.nca).sign(&impostor.key), ..good() },
            SignatureInvalid,
        ),
        (
            "a stranger's whole chain comes with the request",
            Situation { leaf: stranger.issue(person()), extra: vec![stranger.certificate.clone()], ..good() },
            IssuerNotTrusted,
        ),
        (
            "a root of the trusted root's name comes with the request",
            {
                let twin = Authority::root("root", key("twin"));
                Situation { leaf: twin.issue(person()), extra: vec![twin.certificate.clone()], ..good() }
            },
            IssuerNotTrusted,
        ),
        ("it signed itself", Situation { leaf: person().self_sign(&key("person")), ..good() }, IssuerNotTrusted),
        (
            "a holder of a certificate issued it",
            Situation { leaf: holder.issue(person()), extra: vec![holder.certificate.clone()], ..good() },
            IssuerNotTrusted,
        ),
        ("its issuer has no name", Situation { leaf: nameless.issue(person()), ..good() }, IssuerNotTrusted),
        (
            "the authority is none by basicConstraints",
            world.with_nca(|nca| nca.replace(Extension::basic_constraints(false, None))),
            IssuerNotTrusted,
        ),
        (
            "the authority has no basicConstraints",
            world.with_nca(|nca| nca.without(extension::BASIC_CONSTRAINTS)),
            IssuerNotTrusted,
        ),
        (
            "the authority has a negative pathLen",
            world.with_nca(|nca| {
                let value = der::sequence(&[der::boolean(true), der::integer_raw(&[0xff])]);
                nca.replace(Extension::new(extension::BASIC_CONSTRAINTS, value).critical())
            }),
            IssuerNotTrusted,
        ),
        (
            "the authority may sign lists only",
            world.with_nca(|nca| nca.replace(Extension::key_usage(0x02))),
            IssuerNotTrusted,
        ),
        (
            "the authority's certificate is of version 1",
            world.with_nca(|nca| CertificateBuilder { version: None, extensions: Vec::new(), ..nca }),
            IssuerNotTrusted,
        ),
        ("the root allows no authority below it", limited(0), IssuerNotTrusted),
        (
            "an authority below one that allows none",
            {
                let nca = world.root.subordinate_of(
                    CertificateBuilder::issuing_ca("nca", &world.nca.key).authority(Some(0)),
                    world.nca.key.clone(),
                );
                let second = nca.subordinate("second", key("second"));
                Situation {
                    leaf: second.issue(person()),
                    intermediates: vec![nca.certificate.clone(), second.certificate.clone()],
                    ..good()
                }
            },
            IssuerNotTrusted,
        ),
        (
            "names of the country are excluded",
            world.with_nca(|nca| nca.with(Extension::name_constraints(&[], &[person_name()]))),
            IssuerNotTrusted,
        ),
        (
            "names of another country are permitted",
            world.with_nca(|nca| nca.with(Extension::name_constraints(&[country("RU")], &[]))),
            IssuerNotTrusted,
        ),
        (
            "an exclusion that cannot be read beside a permission that fits",
            world.with_nca(|nca| {
                let fits = der::implicit_constructed(
                    0,
                    &[der::sequence(&[extension::directory_name(&der::sequence::<Vec<u8>>(&[]))])],
                );
                let broken = der::implicit_constructed(1, &[der::sequence(&[person_name(), der::null()]), der::null()]);
                nca.with(Extension::new(extension::NAME_CONSTRAINTS, der::sequence(&[fits, broken])).critical())
            }),
            IssuerNotTrusted,
        ),
        (
            "an exclusion in front of the permission",
            world.with_nca(|nca| {
                let permitted = der::implicit_constructed(0, &[der::sequence(&[country("RU")])]);
                let excluded = der::implicit_constructed(1, &[der::sequence(&[country("DE")])]);
                nca.with(Extension::new(extension::NAME_CONSTRAINTS, der::sequence(&[excluded, permitted])).critical())
            }),
            IssuerNotTrusted,
        ),
        (
            "an excluded name with a part that cannot be read",
            world.with_nca(|nca| {
                let prefix = contents(&profile::person(&victim()).encode());
                let longer = der::sequence(&[prefix, der::null()]);
                nca.with(Extension::name_constraints(&[], &[extension::directory_name(&longer)]))
            }),
            IssuerNotTrusted,
        ),
        (
            "an organisation that is excluded, in another type of string",
            {
                let excluded = extension::directory_name(&Name::new().utf8(name::ORGANISATION, "Evil").encode());
                let nca = CertificateBuilder::issuing_ca("nca", &world.nca.key)
                    .with(Extension::name_constraints(&[], &[excluded]));
                let nca = world.root.subordinate_of(nca, world.nca.key.clone());
                let alternatives = [0x12, 0x13, 0x14, 0x16, 0x1a, 0x1c, 0x1e].map(|tag| {
                    let value = match tag {
                        0x1c => der::tlv(tag, &wide("EVIL ")),
                        0x1e => der::bmp("EVIL "),
                        tag => der::tlv(tag, b"EVIL "),
                    };
                    let leaf = person().with(Extension::subject_alternative_name(&[extension::directory_name(
                        &Name::new().attribute(name::ORGANISATION, value).encode(),
                    )]));
                    Situation { leaf: nca.issue(leaf), intermediates: vec![nca.certificate.clone()], ..good() }
                });
                let missed = alternatives.into_iter().find(|each| each.code() != Some(IssuerNotTrusted));
                missed.unwrap_or(Situation { anchors: Vec::new(), ..good() })
            },
            IssuerNotTrusted,
        ),
        (
            "a subtree with a maximum",
            world.with_nca(|nca| {
                let subtree =
                    der::sequence(&[extension::directory_name(&der::sequence::<Vec<u8>>(&[])), der::implicit(1, &[1])]);
                let permitted = der::implicit_constructed(0, &[subtree]);
                nca.with(Extension::new(extension::NAME_CONSTRAINTS, der::sequence(&[permitted])).critical())
            }),
            IssuerNotTrusted,
        ),
        (
            "an unknown critical extension of the authority",
            world.with_nca(|nca| nca.with(Extension::new("1.3.6.1.4.1.4294967295.1", der::null()).critical())),
            IssuerNotTrusted,
        ),
        (
            "a critical extension of the authority whose type does not fit",
            world.with_nca(|nca| nca.with(uuid_extension(&uuid_oid(), true))),
            IssuerNotTrusted,
        ),
        (
            "the authority has lapsed",
            world.with_nca(|nca| nca.valid("2020-01-01T00:00:00Z", "2026-08-19T23:59:59Z")),
            CertificateExpired,
        ),
        (
            "the root has lapsed",
            Situation { anchors: vec![(old_root.certificate.clone(), Purposes::ALL)], ..good() },
            CertificateExpired,
        ),
        (
            "the root itself is asked about",
            Situation { leaf: world.root.certificate.clone(), claim: None, ..good() },
            KeyUsageNotAllowed,
        ),
        (
            "the root itself is asked about by plain rules: no list says anything",
            Situation { leaf: world.root.certificate.clone(), claim: None, policy: Policy::rfc5280(), ..good() },
            RevocationUnknown,
        ),
        (
            "a certificate policy is demanded that nobody asserts",
            {
                let initial_policies = [Oid::new_unwrap("1.3.6.1.4.1.32473.1")].into();
                let policies =
                    PolicyInputs { initial_policies, require_explicit_policy: true, ..PolicyInputs::default() };
                Situation { policy: Policy { policies, ..Policy::kz(Purpose::Sign) }, ..good() }
            },
            IssuerNotTrusted,
        ),
    ]
}

fn leaf_attacks(world: &World) -> Vec<(&'static str, Situation, RefusalCode)> {
    use RefusalCode::*;
    let raw_leaf = |tbs: &[u8]| {
        let key = &world.nca.key;
        Situation { leaf: assemble(tbs, &key.algorithm_identifier(), &key.sign(tbs)), ..world.good() }
    };
    let usages = |values: &[Vec<u8>]| Extension::new(extension::EXTENDED_KEY_USAGE, der::sequence(values));
    let unknown = || Extension::new("1.3.6.1.4.1.4294967295.1", der::null());
    let period = |contents: Vec<Vec<u8>>| {
        let contents: Vec<u8> = contents.concat();
        world.with_leaf(|leaf| CertificateBuilder { not_before: contents, not_after: Vec::new(), ..leaf })
    };
    let start = || der::time("2022-01-01T00:00:00Z");
    vec![
        (
            "it lapsed a second ago",
            world.with_leaf(|leaf| leaf.valid("2022-01-01T00:00:00Z", "2026-08-19T23:59:59Z")),
            CertificateExpired,
        ),
        (
            "it begins in a second",
            world.with_leaf(|leaf| leaf.valid("2026-08-20T00:00:01Z", "2030-01-01T00:00:00Z")),
            CertificateNotYetValid,
        ),
        (
            "it ends before it begins",
            world.with_leaf(|leaf| leaf.valid("2030-01-01T00:00:00Z", "2022-01-01T00:00:00Z")),
            CertificateMalformed,
        ),
        (
            "its end has no time zone",
            period(vec![start(), der::generalized_time("20490101000000")]),
            CertificateMalformed,
        ),
        ("its end has an offset", period(vec![start(), der::utc_time("490101000000+0500")]), CertificateMalformed),
        ("its end has no seconds", period(vec![start(), der::utc_time("4901010000Z")]), CertificateMalformed),
        (
            "its end has a fraction",
            period(vec![start(), der::generalized_time("20490101000000.5Z")]),
            CertificateMalformed,
        ),
        (
            "its period has a third time",
            period(vec![start(), der::time("2049-01-01T00:00:00Z"), der::time("2023-01-01T00:00:00Z")]),
            CertificateMalformed,
        ),
        (
            "an unknown critical extension",
            world.with_leaf(|leaf| leaf.with(unknown().critical())),
            CertificateMalformed,
        ),
        (
            "a critical extension whose type does not fit",
            world.with_leaf(|leaf| leaf.with(uuid_extension(&uuid_oid(), true))),
            CertificateMalformed,
        ),
        (
            "the same extension twice",
            world.with_leaf(|leaf| leaf.with(unknown()).with(unknown())),
            CertificateMalformed,
        ),
        (
            "the same extension twice, of a type that does not fit",
            world.with_leaf(|leaf| {
                leaf.with(uuid_extension(&uuid_oid(), false)).with(uuid_extension(&uuid_oid(), false))
            }),
            CertificateMalformed,
        ),
        (
            "an extension whose type is padded, so that it is another to others",
            world.with_leaf(|leaf| {
                let oid = der::tlv(0x06, &[0x55, 0x1d, 0x80, 0x1e]);
                leaf.with(Extension::raw(der::sequence(&[oid, der::octet_string(&der::null())])))
            }),
            CertificateMalformed,
        ),
        (
            "the critical flag stands behind the value",
            world.with_leaf(|leaf| {
                let parts = [der::oid("1.3.6.1.4.1.4294967295.1"), der::octet_string(&der::null()), der::boolean(true)];
                leaf.with(Extension::raw(der::sequence(&parts)))
            }),
            CertificateMalformed,
        ),
        (
            "a second block of extensions",
            world.with_leaf(|leaf| {
                let second = der::explicit(3, &der::sequence(&[unknown().critical().encode()]));
                CertificateBuilder { after_extensions: second, ..leaf }
            }),
            CertificateMalformed,
        ),
        (
            "something behind the extensions",
            world.with_leaf(|leaf| CertificateBuilder { after_extensions: der::null(), ..leaf }),
            CertificateMalformed,
        ),
        (
            "extensions in a certificate of version 1",
            world.with_leaf(|leaf| CertificateBuilder { version: None, ..leaf }),
            CertificateMalformed,
        ),
        (
            "unique identifiers in a certificate of version 1",
            // Issued by hand: an authority would put extensions into it.
            {
                let unique = [der::implicit(1, &[0, 1]), der::implicit(2, &[0, 2])].concat();
                let leaf =
                    CertificateBuilder { version: None, before_extensions: unique, ..world.nca.prepare(person()) };
                Situation {
                    leaf: CertificateBuilder { extensions: Vec::new(), ..leaf }.sign(&world.nca.key),
                    ..world.good()
                }
            },
            CertificateMalformed,
        ),
        (
            "an algorithm inside that is not the one outside",
            world.with_leaf(|leaf| CertificateBuilder {
                inner_algorithm: Some(Key::gost512("x").algorithm_identifier()),
                ..leaf
            }),
            CertificateMalformed,
        ),
        (
            "a name cut short",
            {
                let builder = world.nca.prepare(person());
                let tbs = CertificateBuilder { subject: vec![0x30, 0x05, 0x31, 0x00], ..builder }.tbs(&world.nca.key);
                raw_leaf(&tbs)
            },
            CertificateMalformed,
        ),
        ("no keyUsage", world.with_leaf(|leaf| leaf.without(extension::KEY_USAGE)), KeyUsageNotAllowed),
        ("keyUsage without a bit", world.with_leaf(|leaf| leaf.replace(Extension::key_usage(0))), CertificateMalformed),
        (
            "keyUsage whose bits are unused ones",
            world.with_leaf(|leaf| {
                let value = der::bit_string_unused(7, &[0xc8]);
                leaf.replace(Extension::new(extension::KEY_USAGE, value).critical())
            }),
            CertificateMalformed,
        ),
        (
            "keyUsage for log-in only",
            world.with_leaf(|leaf| leaf.replace(Extension::key_usage(0xa0))),
            KeyUsageNotAllowed,
        ),
        (
            "keyUsage of an authority",
            world.with_leaf(|leaf| leaf.replace(Extension::key_usage(0xc4))),
            KeyUsageNotAllowed,
        ),
        (
            "extended key usage of an OCSP responder",
            world.with_leaf(|leaf| leaf.replace(usages(&[der::oid("1.3.6.1.5.5.7.3.9")]))),
            KeyUsageNotAllowed,
        ),
        (
            "extended key usage of a purpose that does not fit",
            world.with_leaf(|leaf| leaf.replace(usages(&[uuid_oid()]))),
            KeyUsageNotAllowed,
        ),
        (
            "extended key usage without a purpose",
            world.with_leaf(|leaf| leaf.replace(usages(&[]))),
            CertificateMalformed,
        ),
        (
            "extended key usage for log-in only",
            world.with_leaf(|leaf| leaf.replace(usages(&[der::oid(profile::CLIENT_AUTHENTICATION)]))),
            KeyUsageNotAllowed,
        ),
        (
            "the same policy twice",
            world.with_leaf(|leaf| {
                let value = der::sequence(&[der::sequence(&[uuid_oid()]), der::sequence(&[uuid_oid()])]);
                leaf.replace(Extension::new(extension::CERTIFICATE_POLICIES, value))
            }),
            CertificateMalformed,
        ),
    ]
}

fn revocation_attacks(world: &World) -> Vec<(&'static str, Situation, RefusalCode)> {
    use RefusalCode::*;
    let good = || world.good();
    let root_list = || world.root.sign_list(&world.root.list());
    let nca_list = || world.nca.sign_list(&world.nca.list());
    let impostor = world.nca.with_key(key("impostor"));
    let stranger = Authority::root("stranger", key("stranger"));
    let later =
        |date: &str, reason| Situation { now: time("2026-11-01T00:00:00Z"), ..world.with_leaf_revoked(date, reason) };
    vec![
        ("no list at all", Situation { lists: Vec::new(), ..good() }, RevocationUnknown),
        ("no list of the root", Situation { lists: vec![nca_list()], ..good() }, RevocationUnknown),
        ("no list of the authority", Situation { lists: vec![root_list()], ..good() }, RevocationUnknown),
        (
            "the list has lapsed",
            world.with_list(|list| list.updates("2026-08-18T00:00:00Z", "2026-08-19T23:59:59Z")),
            RevocationUnknown,
        ),
        (
            "the list has lapsed a fraction of a second ago",
            Situation {
                at: time("2026-08-20T00:00:00.000000001Z"),
                ..world.with_list(|list| list.updates("2026-08-18T00:00:00Z", "2026-08-20T00:00:00Z"))
            },
            RevocationUnknown,
        ),
        (
            "the list is dated ahead of the clock",
            world.with_list(|list| list.updates("2026-08-21T00:00:00Z", "2026-08-30T00:00:00Z")),
            RevocationUnknown,
        ),
        (
            "the list is dated ahead of the clock, and so is the moment asked about",
            Situation {
                at: time("2026-08-22T00:00:00Z"),
                ..world.with_list(|list| list.updates("2026-08-21T00:00:00Z", "2026-08-30T00:00:00Z"))
            },
            RevocationUnknown,
        ),
        (
            "the list does not say until when it holds",
            world.with_list(ListBuilder::without_next_update),
            RevocationUnknown,
        ),
        (
            "the list is an impostor's of the same name",
            Situation { lists: vec![root_list(), impostor.sign_list(&impostor.list())], ..good() },
            RevocationUnknown,
        ),
        (
            "the list is another authority's",
            Situation {
                lists: vec![root_list(), stranger.sign_list(&stranger.list())],
                intermediates: vec![world.nca.certificate.clone(), stranger.certificate.clone()],
                ..good()
            },
            RevocationUnknown,
        ),
        (
            "the list is another authority's under the authority's name",
            Situation {
                lists: vec![
                    root_list(),
                    stranger.sign_list(&ListBuilder { issuer: world.nca.name.clone(), ..stranger.list() }),
                ],
                intermediates: vec![world.nca.certificate.clone(), stranger.certificate.clone()],
                ..good()
            },
            RevocationUnknown,
        ),
        (
            "the list is the authority's key's under another name",
            Situation {
                lists: vec![
                    root_list(),
                    world.nca.sign_list(&ListBuilder { issuer: stranger.name.clone(), ..world.nca.list() }),
                ],
                ..good()
            },
            RevocationUnknown,
        ),
        ("the list is a delta", world.with_list(|list| list.number(2).delta_to(1)), RevocationUnknown),
        (
            "the list has an unknown critical extension",
            world.with_list(|list| list.with(Extension::new("1.3.6.1.4.1.4294967295.1", der::null()).critical())),
            RevocationUnknown,
        ),
        (
            "the list has a critical extension whose type does not fit",
            world.with_list(|list| list.with(uuid_extension(&uuid_oid(), true))),
            RevocationUnknown,
        ),
        (
            "the list is about authorities only",
            world.with_list(|list| list.issuing_distribution_point(&[der::implicit(2, &[0xff])])),
            RevocationUnknown,
        ),
        (
            "the list is about some reasons only",
            world.with_list(|list| list.issuing_distribution_point(&[der::implicit(3, &[6, 0x40])])),
            RevocationUnknown,
        ),
        (
            "the list has an entry of another issuer and does not say that it is indirect",
            world
                .with_list(|list| list.entry(Entry::new(&[7], "2026-01-01T00:00:00Z", None).of_issuer(&stranger.name))),
            RevocationUnknown,
        ),
        ("it is revoked", world.with_leaf_revoked("2026-01-01T00:00:00Z", None), CertificateRevoked),
        ("it is on hold", world.with_leaf_revoked("2026-01-01T00:00:00Z", Some(6)), CertificateRevoked),
        ("it is revoked at this very second", world.with_leaf_revoked(NOW, Some(4)), CertificateRevoked),
        (
            "it is revoked within the second asked about",
            Situation { at: time("2026-08-20T00:00:00.9Z"), ..world.with_leaf_revoked(NOW, Some(4)) },
            CertificateRevoked,
        ),
        ("its key was compromised later", later("2026-10-01T00:00:00Z", Some(1)), CertificateRevoked),
        ("it is put on hold later", later("2026-10-01T00:00:00Z", Some(6)), CertificateRevoked),
        ("it is revoked later without a reason", later("2026-10-01T00:00:00Z", None), CertificateRevoked),
        (
            "it is revoked later for a reason that is not assigned",
            later("2026-10-01T00:00:00Z", Some(7)),
            CertificateRevoked,
        ),
        (
            "it is revoked in a list that has lapsed",
            world.with_list(|list| {
                list.updates("2026-08-01T00:00:00Z", "2026-08-02T00:00:00Z").revoke(
                    &person().serial_contents(),
                    "2026-07-01T00:00:00Z",
                    Some(4),
                )
            }),
            CertificateRevoked,
        ),
        (
            "it is superseded later in a list that had lapsed by then",
            world.with_list(|list| {
                list.updates("2026-08-01T00:00:00Z", "2026-08-02T00:00:00Z").revoke(
                    &person().serial_contents(),
                    "2026-08-21T00:00:00Z",
                    Some(4),
                )
            }),
            RevocationUnknown,
        ),
        (
            "of two lists the newer names a later date",
            Situation {
                lists: vec![
                    root_list(),
                    world.nca.sign_list(
                        &world.nca.list().updates("2026-10-15T00:00:00Z", "2026-12-01T00:00:00Z").revoke(
                            &person().serial_contents(),
                            "2026-10-01T00:00:00Z",
                            Some(4),
                        ),
                    ),
                    world.nca.sign_list(
                        &world
                            .nca
                            .list()
                            .updates("2026-08-01T00:00:00Z", "2026-12-01T00:00:00Z")
                            .issuing_distribution_point(&[der::implicit(1, &[0xff])])
                            .revoke(&person().serial_contents(), "2026-07-01T00:00:00Z", Some(4)),
                    ),
                ],
                now: time("2026-11-01T00:00:00Z"),
                ..good()
            },
            CertificateRevoked,
        ),
        (
            "the authority is revoked",
            Situation {
                lists: vec![
                    world.root.sign_list(&world.root.list().revoke(&world.nca.serial, "2026-01-01T00:00:00Z", Some(2))),
                    nca_list(),
                ],
                ..good()
            },
            CertificateRevoked,
        ),
        (
            "the list came after it had expired and need not name it any more",
            Situation {
                at: time("2025-06-01T00:00:00Z"),
                ..world.with_leaf(|leaf| leaf.valid("2022-01-01T00:00:00Z", "2025-12-31T00:00:00Z"))
            },
            RevocationUnknown,
        ),
        (
            "a list that does not hold, although none is demanded",
            Situation {
                lists: vec![root_list(), impostor.sign_list(&impostor.list())],
                policy: Policy { revocation: RevocationRule::IfAvailable, ..Policy::kz(Purpose::Sign) },
                ..good()
            },
            RevocationUnknown,
        ),
        (
            "a list that has lapsed, although none is demanded",
            Situation {
                policy: Policy { revocation: RevocationRule::IfAvailable, ..Policy::kz(Purpose::Sign) },
                ..world.with_list(|list| list.updates("2026-08-18T00:00:00Z", "2026-08-19T23:59:59Z"))
            },
            RevocationUnknown,
        ),
    ]
}

#[test]
fn no_missing_forged_or_stale_evidence_is_taken_for_good() {
    let world = World::new();
    let rows: Vec<_> =
        path_attacks(&world).into_iter().chain(leaf_attacks(&world)).chain(revocation_attacks(&world)).collect();
    assert!(rows.len() >= 30);
    let mut wrong = Vec::new();
    for (why, situation, wanted) in &rows {
        let report = situation.judge();
        let found = report.refusal().map(|refusal| refusal.code);
        if report.decision() != wanted.decision() || found != Some(*wanted) {
            wrong.push(format!("{why}: {} {found:?}, not {wanted:?}", report.decision().as_str()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn plain_path_validation_accepts_none_of_the_attacks_on_paths_and_revocation() {
    let world = World::new();
    for (why, situation, wanted) in path_attacks(&world).into_iter().chain(revocation_attacks(&world)) {
        // Purposes, the root's own period and key usage are Kazakh rules.
        let kazakh = why.contains("root has lapsed") || why.contains("log-in only");
        if wanted == RefusalCode::KeyUsageNotAllowed || kazakh {
            continue;
        }
        let policy = Policy { profile: Profile::Rfc5280, ..situation.policy.clone() };
        let report = Situation { policy, claim: None, ..situation }.judge();
        assert_ne!(report.decision(), Decision::Accepted, "{why}");
    }
}

#[test]
fn an_extension_or_policy_whose_identifier_does_not_fit_is_passed_over_when_it_may_be() {
    let world = World::new();
    let two = world
        .with_leaf(|leaf| leaf.with(uuid_extension(&uuid_oid(), false)).with(uuid_extension(&other_uuid_oid(), false)));
    let example_arc = world.with_leaf(|leaf| leaf.with(Extension::unknown()));
    let purpose = world.with_leaf(|leaf| {
        let values = [der::oid(profile::EMAIL_PROTECTION), uuid_oid()];
        leaf.replace(Extension::new(extension::EXTENDED_KEY_USAGE, der::sequence(&values)))
    });
    let policy = world.with_leaf(|leaf| {
        let value = der::sequence(&[der::sequence(&[uuid_oid()]), der::sequence(&[other_uuid_oid()])]);
        leaf.replace(Extension::new(extension::CERTIFICATE_POLICIES, value))
    });
    let other_name = world.with_leaf(|leaf| {
        let other = der::implicit_constructed(0, &[uuid_oid(), der::explicit(0, &der::utf8("x"))]);
        leaf.with(Extension::subject_alternative_name(&[other]))
    });
    for situation in [&two, &example_arc, &purpose, &policy, &other_name] {
        assert_eq!(situation.code(), None);
    }
    let read = |situation: &Situation| Certificate::from_der(&situation.leaf).unwrap();
    assert_eq!(read(&purpose).extensions().extended_key_usage.last(), Some(&oid::UNREADABLE));
    assert!(read(&policy).extensions().policies.is_empty() && read(&policy).extensions().policies_left_out);
    assert!(!read(&two).extensions().policies_left_out);
}

#[test]
fn names_that_differ_in_what_is_not_text_are_different() {
    let with = |value: Vec<u8>| ReadName::from_der(&Name::new().attribute(name::COMMON_NAME, value).encode()).unwrap();
    assert_eq!(with(der::utf8("Nca  X")), with(der::printable(" nca x")));
    let table = [
        (der::tlv(0x8c, b"nca"), der::utf8("nca")),
        (der::tlv(0x13, &[0xff]), der::tlv(0x93, &[0xff])),
        (der::tlv(0x0c, &[0xff]), der::tlv(0x13, &[0xff])),
        (der::octet_string(b"nca"), der::utf8("#6e6361")),
        (der::utf8("nca\0"), der::utf8("nca")),
        (der::utf8("пса"), der::utf8("nca")),
    ];
    for (first, second) in table {
        assert_ne!(with(first.clone()), with(second), "{first:x?}");
    }
    let flat = Name::new().utf8(name::COMMON_NAME, "a").utf8(name::ORGANISATION, "b").encode();
    let set =
        vec![Attribute::new(name::COMMON_NAME, der::utf8("a")), Attribute::new(name::ORGANISATION, der::utf8("b"))];
    assert_ne!(ReadName::from_der(&flat).unwrap(), ReadName::from_der(&Name::new().rdn(set).encode()).unwrap());
}

#[test]
fn paths_of_the_cache_are_not_used_on_other_grounds() {
    let world = World::new();
    let trusting = world.good();
    let service = service(trusting.grounds(), time(NOW));
    let ask = |prepared| Service::check(&service, prepared);
    assert_eq!(ask(service.prepare(trusting.request()).unwrap()).decision(), Decision::Accepted);
    let prepared = service.prepare(trusting.request()).unwrap();
    assert!(prepared.is_warm());
    let nothing = Situation { anchors: Vec::new(), ..world.good() }.grounds();
    assert_eq!(service.check_on(prepared, &nothing).decision(), Decision::Refused);
}

#[test]
fn an_answer_for_one_purpose_is_none_for_another() {
    let world = World::new();
    let situation =
        Situation { anchors: vec![(world.root.certificate.clone(), AnchorPurpose::Sign.into())], ..world.good() };
    let service = service(situation.grounds(), time(NOW));
    let ask = |purpose| {
        let request = CheckRequest { purpose: Some(purpose), ..situation.request() };
        service.check(service.prepare(request).unwrap()).decision()
    };
    assert_eq!(ask(Purpose::Sign), Decision::Accepted);
    assert_eq!(ask(Purpose::Authenticate), Decision::Refused);
    assert_eq!(ask(Purpose::Any), Decision::Accepted);
    assert_eq!(ask(Purpose::Authenticate), Decision::Refused);
}

#[test]
fn demo_keys_are_recognised_however_they_are_written() {
    let seen = |spki: Vec<u8>| {
        let key = Key::gost512("wrapper");
        let builder = CertificateBuilder { spki, ..CertificateBuilder::root_ca("Another authority", &key) };
        Certificate::from_der(&builder.self_sign(&key)).is_ok_and(|certificate| demo::is_demo(&certificate))
    };
    let mut rewritten = 0;
    for certificate in demo::roots().unwrap().iter().chain(&demo::intermediates().unwrap()) {
        let spki = spki_of(certificate.as_der());
        assert!(seen(spki.clone()), "the same key under another name");
        // RSA: no parameters instead of NULL. GOST: the curve under its Russian identifier.
        let rsa = [der::oid("1.2.840.113549.1.1.1"), der::null()].concat();
        let kazakh = der::oid("1.2.398.3.10.1.1.2.2.1");
        let (from, to) = match spki.windows(rsa.len()).any(|window| window == rsa) {
            true => (der::sequence(&[rsa]), der::sequence(&[der::oid("1.2.840.113549.1.1.1")])),
            false => {
                let parameters = |curve| der::sequence(&[curve, der::oid("1.2.398.3.10.1.3.3")]);
                let algorithm = |curve| der::sequence(&[der::oid("1.2.398.3.10.1.1.2.2"), parameters(curve)]);
                (algorithm(kazakh), algorithm(der::oid("1.2.643.7.1.2.1.2.1")))
            }
        };
        let bits = spki.windows(from.len()).position(|window| window == from).unwrap() + from.len();
        rewritten += usize::from(seen(der::sequence(&[to, spki[bits..].to_vec()])));
    }
    assert_eq!(rewritten, 4);
}

/// The SubjectPublicKeyInfo of a certificate: the seventh field of tbsCertificate in version 3.
fn spki_of(certificate: &[u8]) -> Vec<u8> {
    let tbs = contents(&contents(certificate));
    let mut fields = TlvReader::new(&tbs);
    (0..7).map(|_| fields.read().unwrap().raw.to_vec()).last().unwrap()
}

#[test]
fn nothing_about_people_is_in_debug_output() {
    let world = World::new();
    let situation = Situation { claim: Some((Some(victim()), None)), ..world.good() };
    let service = service(situation.grounds(), time(NOW));
    let request = situation.request();
    let certificate = Certificate::from_der(&situation.leaf).unwrap();
    let mut printed = format!("{request:?} {certificate:?} {:?} {:?}", certificate.subject(), certificate.extensions());
    let first = service.prepare(situation.request()).unwrap();
    printed.push_str(&format!("{first:?}"));
    service.check(first);
    let warm = service.prepare(situation.request()).unwrap();
    assert!(warm.is_warm());
    printed.push_str(&format!("{warm:?}"));
    for secret in [victim(), "ҮЛГІБАЕВ".to_owned(), situation.request().certificate[40..80].to_owned()] {
        assert!(!printed.contains(&secret), "{secret} in {printed}");
    }
}

#[test]
fn a_request_that_names_nobody_or_sends_two_certificates_is_not_answered() {
    let world = World::new();
    let situation = world.good();
    let service = service(situation.grounds(), time(NOW));
    let fails = |request: CheckRequest| service.prepare(request).is_err();
    let twice = format!("{0}{0}", situation.request().certificate);
    assert!(fails(CheckRequest { identity: Some(IdentityClaim::default()), ..situation.request() }));
    assert!(fails(CheckRequest { certificate: twice.clone(), ..situation.request() }));
    assert!(fails(CheckRequest { intermediates: vec![twice], ..situation.request() }));
    assert!(fails(CheckRequest { certificate: String::new(), ..situation.request() }));
    assert!(fails(CheckRequest { at: Some(String::new()), ..situation.request() }));
    assert!(fails(CheckRequest { service: Some(String::new()), ..situation.request() }));
    assert!(fails(CheckRequest { intermediates: vec![String::new(); 129], ..situation.request() }));
    let blank = IdentityClaim { iin: Some(String::new()), bin: None };
    assert!(fails(CheckRequest { identity: Some(blank), ..situation.request() }));
}

#[test]
fn a_certificate_full_of_policies_or_names_is_read_without_harm() {
    let many = |count: u32, one: &dyn Fn(u32) -> Vec<u8>| der::sequence(&(0..count).map(one).collect::<Vec<_>>());
    let policies = many(4000, &|index| der::sequence(&[der::oid(&format!("1.3.{}", index + 200))]));
    let usages = many(8000, &|index| der::oid(&format!("1.3.{}", index + 200)));
    let names = many(8000, &|_| extension::dns_name("a.b"));
    let nested = (0..2000).fold(der::null(), |inner, _| der::sequence(&[inner]));
    let of = |oid: &str, value: Vec<u8>| {
        Certificate::from_der(&person().replace(Extension::new(oid, value)).self_sign(&key("person")))
    };
    assert_eq!(of(extension::CERTIFICATE_POLICIES, policies).unwrap().extensions().policies.len(), 4000);
    assert!(of(extension::EXTENDED_KEY_USAGE, usages).is_ok());
    assert!(of(extension::SUBJECT_ALTERNATIVE_NAME, names).is_ok());
    assert!(matches!(of(extension::DISTRIBUTION_POINTS, nested), Err(CertificateError::Extension { .. })));
}

fn shared_world() -> &'static (World, Service, Vec<u8>, Vec<u8>) {
    static WORLD: std::sync::LazyLock<(World, Service, Vec<u8>, Vec<u8>)> = std::sync::LazyLock::new(|| {
        let world = World::new();
        let situation = world.good();
        let service = service(situation.grounds(), time(NOW));
        let (leaf, list) = (situation.leaf.clone(), situation.lists[1].clone());
        (world, service, leaf, list)
    });
    &WORLD
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_changed_certificate_is_never_accepted(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4)) {
        let (_, service, leaf, _) = shared_world();
        let mut changed = leaf.clone();
        for (place, value) in changes {
            let place = place.index(changed.len());
            changed[place] = value;
        }
        prop_assume!(changed != *leaf);
        let request = CheckRequest { certificate: armoured(&changed), ..CheckRequest::default() };
        let report = service.check(service.prepare(request).unwrap());
        prop_assert_eq!(report.decision(), Decision::Refused);
    }

    #[test]
    fn a_cut_or_stretched_certificate_is_never_accepted(place in any::<prop::sample::Index>(), bytes in prop::collection::vec(any::<u8>(), 0..6), drop in 0_usize..6) {
        let (_, service, leaf, _) = shared_world();
        let start = place.index(leaf.len());
        let end = (start + drop).min(leaf.len());
        let changed: Vec<u8> = leaf[..start].iter().chain(&bytes).chain(&leaf[end..]).copied().collect();
        prop_assume!(changed != *leaf);
        let request = CheckRequest { certificate: armoured(&changed), ..CheckRequest::default() };
        if let Ok(prepared) = service.prepare(request) {
            prop_assert_eq!(service.check(prepared).decision(), Decision::Refused);
        }
    }

    #[test]
    fn a_changed_list_is_never_evidence(place in any::<prop::sample::Index>(), value in any::<u8>()) {
        let (world, _, _, list) = shared_world();
        let mut changed = list.clone();
        let place = place.index(changed.len());
        changed[place] = value;
        prop_assume!(changed != *list);
        let issuer = Certificate::from_der(&world.nca.certificate).unwrap();
        let read = ParsedList::read(changed, Source::request(0));
        prop_assert!(read.map_or(true, |list| list.verify(&issuer).is_err()));
    }

    #[test]
    fn readers_survive_any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400), text in ".{0,40}") {
        let _ = Certificate::from_der(&bytes);
        let _ = ReadName::from_der(&bytes);
        let _ = armour::decode_all(&bytes, Label::Certificate);
        let _ = armour::decode_all(text.as_bytes(), Label::Crl);
        let _ = ParsedList::read(bytes.clone(), Source::request(0));
        for text in [text.as_str(), &String::from_utf8_lossy(&bytes)] {
            let digits = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
            prop_assert_eq!(Iin::parse(text).is_ok(), digits);
            prop_assert_eq!(Bin::parse(text).is_ok(), digits);
        }
    }

    #[test]
    fn readers_survive_any_nesting(tree in tree()) {
        let _ = Certificate::from_der(&tree);
        let _ = ReadName::from_der(&tree);
        let _ = ParsedList::read(tree.clone(), Source::request(0));
        let extension = |oid: &str| {
            let certificate = person().replace(Extension::new(oid, tree.clone())).self_sign(&key("person"));
            let _ = Certificate::from_der(&certificate);
        };
        for last in [14, 15, 17, 18, 19, 30, 31, 32, 33, 35, 36, 37, 46, 54] {
            extension(&format!("2.5.29.{last}"));
        }
        let signer = key("person");
        let list = || ListBuilder::new(&Authority::name_of("root")).issuing_distribution_point(&[]);
        for id in ["2.5.29.20", "2.5.29.27", "2.5.29.28", "2.5.29.46"] {
            let list = list().replace(Extension::new(id, tree.clone()).critical());
            let _ = ParsedList::read(list.unsigned(&signer), Source::request(0));
        }
        for id in ["2.5.29.21", "2.5.29.29"] {
            let mut entry = Entry::new(&[7], "2026-01-01T00:00:00Z", None);
            entry.extensions.push(Extension::new(id, tree.clone()).critical());
            let _ = ParsedList::read(list().entry(entry).unsigned(&signer), Source::request(0));
        }
    }
}

/// Well-formed elements of the tags that certificates are made of.
fn tree() -> impl Strategy<Value = Vec<u8>> {
    let tags =
        prop::sample::select(vec![0x01_u8, 0x02, 0x03, 0x04, 0x05, 0x06, 0x0c, 0x13, 0x17, 0x80, 0x81, 0x82, 0x86]);
    let leaf = (tags, prop::collection::vec(any::<u8>(), 0..8)).prop_map(|(tag, contents)| der::tlv(tag, &contents));
    leaf.prop_recursive(5, 40, 5, |inner| {
        let tags = prop::sample::select(vec![0x30_u8, 0x31, 0xa0, 0xa1, 0xa2, 0xa3, 0xa4]);
        (tags, prop::collection::vec(inner, 0..5)).prop_map(|(tag, parts)| der::tlv(tag, &parts.concat()))
    })
}
