use super::*;
use crate::verdict::Language;

const ONE: &str = r#"
[[service]]
slug = "hunting"
names = { kk = "аңшылық", ru = "охота", en = "hunting" }
applicants = ["iin"]
channels = ["portal"]
"#;

fn error(text: &str) -> String {
    ServiceTable::from_toml(text).unwrap_err().to_string()
}

#[test]
fn the_built_in_table_has_the_eight_services_with_their_applicants() {
    let both = Applicants { iin: true, bin: true };
    let entities = Applicants { iin: false, bin: true };
    let expected = [
        ("medical-activity", both, 3),
        ("pharmaceutical-activity", both, 2),
        ("narcotics-circulation", entities, 3),
        ("scrap-metal", entities, 2),
        ("pesticides", both, 2),
        ("cotton-warehouse-receipts", entities, 2),
        ("grain-warehouse-receipts", entities, 2),
        ("veterinary-activity", both, 2),
    ];
    let table = ServiceTable::builtin();
    let found = table.iter().map(|one| (one.slug(), one.applicants(None), one.channels().len()));
    assert_eq!(found.collect::<Vec<_>>(), expected);
    for service in table.iter() {
        // Each is named in full, with its number.
        assert!(!service.acts().is_empty());
        assert!(service.acts().iter().all(|act| act.chars().any(|c| c.is_ascii_digit())), "{:?}", service.acts());
        assert!(Language::ALL.iter().all(|language| !service.names().get(*language).is_empty()));
    }
}

#[test]
fn an_authority_can_have_a_rule_of_its_own() {
    let table = ServiceTable::builtin();
    let who = |authority| table.who_may_apply("narcotics-circulation", authority).unwrap();
    assert!(!who(None).allows(ApplicantKind::Iin));
    assert!(!who(Some("almaty")).allows(ApplicantKind::Iin));
    assert!(who(Some("zhambyl")).allows(ApplicantKind::Iin));
    assert!(who(Some("zhambyl")).allows(ApplicantKind::Bin));
    assert_eq!((who(None).term(), who(Some("zhambyl")).term()), ("applicants-bin", "applicants-both"));
    assert_eq!(Applicants::from(vec![ApplicantKind::Iin]).term(), "applicants-iin");
    assert_eq!(table.who_may_apply("no-such-service", None), None);
    assert_eq!(table.who_may_apply("", Some("")), None);
}

#[test]
fn a_table_of_the_operator_replaces_the_built_in_one() {
    let table = ServiceTable::from_toml(ONE).unwrap();
    assert_eq!(table.iter().count(), 1);
    assert_eq!(table.get("hunting").unwrap().names().kk, "аңшылық");
    assert!(table.get("scrap-metal").is_none());
}

#[test]
fn mistakes_name_the_key_the_value_and_the_remedy() {
    for (from, to, wanted) in [
        ("slug = \"hunting\"", "slug = \"Hunting\"", &["slug", "\"Hunting\"", "lower-case"][..]),
        ("slug = \"hunting\"", "slug = \"\"", &["slug", "\"\"", "lower-case"]),
        ("slug = \"hunting\"", "slug = \"аңшылық\"", &["slug", "аңшылық", "lower-case"]),
        ("slug = \"hunting\"", "", &["slug", "missing"]),
        ("[\"iin\"]", "[\"inn\"]", &["applicants", "inn", "iin"]),
        ("[\"iin\"]", "[]", &["hunting", "applicants", "write"]),
        ("[\"iin\"]", "\"iin\"", &["applicants", "sequence"]),
        ("[\"portal\"]", "[]", &["hunting", "channels", "portal"]),
        ("[\"portal\"]", "[\"post\"]", &["channels", "post", "portal"]),
        ("ru = \"охота\", ", "", &["ru", "names"]),
        ("\"охота\"", "\" \"", &["hunting", "names.ru", "write"]),
        ("channels", "chanels", &["chanels", "channels"]),
        ("en = ", "de = \"Jagd\", en = ", &["de", "expected"]),
        ("[[service]]", "[[services]]", &["services", "service"]),
        ("[[service]]", "[[service", &["service"]),
    ] {
        let text = ONE.replacen(from, to, 1);
        assert_ne!(text, ONE);
        let message = error(&text);
        assert!(wanted.iter().all(|word| message.contains(word)), "{message}\nlacks one of {wanted:?}");
    }
    assert!(error("").contains("[[service]]"));
    assert!(error(&ONE.repeat(2)).contains("`slug = \"hunting\"` stands in two services"));
}

#[test]
fn overrides_are_read_as_strictly() {
    let with = |lines: &str| format!("{ONE}{lines}");
    let one = "[[service.override]]\nauthority = \"zhambyl\"\napplicants = [\"bin\"]\n";
    let table = ServiceTable::from_toml(&with(one)).unwrap();
    assert_eq!(table.who_may_apply("hunting", Some("zhambyl")), Some(Applicants { iin: false, bin: true }));
    assert!(error(&with(&one.repeat(2))).contains("`zhambyl` twice"));
    assert!(error(&with(&one.replace("[\"bin\"]", "[]"))).contains("override.applicants"));
    assert!(error(&with(&one.replace("zhambyl", "Жамбыл"))).contains("override.authority"));
    assert!(error(&with(&one.replace("authority", "region"))).contains("region"));
}

#[test]
fn the_names_of_documents_are_those_of_the_interface() {
    for kind in DocumentKind::ALL {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.as_str());
    }
    let service = serde_json::to_value(ServiceTable::builtin().get("scrap-metal").unwrap()).unwrap();
    assert_eq!(service["applicants"], serde_json::json!(["bin"]));
    assert_eq!(service["channels"], serde_json::json!(["portal", "provider"]));
    assert!(service["names"]["kk"].is_string());
}
