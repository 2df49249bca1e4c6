use std::collections::{BTreeMap, BTreeSet};

use super::super::reason::revocation_term;
use super::super::shared::Shared;
use super::*;

const SOURCES: [(Language, &str); 3] = [
    (Language::Kk, include_str!("kk.ftl")),
    (Language::Ru, include_str!("ru.ftl")),
    (Language::En, include_str!("en.ftl")),
];

const MATTERS: [(RefusalCode, Matter); 3] = [
    (RefusalCode::AuthorityMissing, Matter::Channel),
    (RefusalCode::AuthorityMissing, Matter::Office),
    (RefusalCode::IdentityMismatch, Matter::Signers),
];

/// Every term that the program can ask for.
fn terms() -> BTreeSet<&'static str> {
    let reasons = (0..=11).map(Some).chain([None]).map(revocation_term);
    let others = [
        "applicants-bin",
        "applicants-both",
        "applicants-iin",
        "channel-centre",
        "channel-portal",
        "channel-provider",
        "document",
        "formula-refused",
        "formula-undetermined",
        "number-bin",
        "number-iin",
        "purpose-any",
        "purpose-authenticate",
        "purpose-sign",
    ];
    reasons.chain(others).collect()
}

/// Every message, with the placeholders that its detail must have.
fn expected_messages() -> BTreeMap<&'static str, BTreeSet<&'static str>> {
    RefusalCode::ALL
        .into_iter()
        .flat_map(|code| [Whose::Holder, Whose::Issuer].map(|whose| (code, whose)))
        .map(|(code, whose)| (code, whose, None))
        .chain(MATTERS.map(|(code, matter)| (code, Whose::Holder, Some(matter))))
        .map(|(code, whose, matter)| {
            (message_id(code, whose, matter), placeholders(code, matter).iter().copied().collect())
        })
        .collect()
}

/// Placeholders of a text, read without fluent.
fn used(text: &str) -> BTreeSet<&str> {
    text.split("{ $").skip(1).map(|rest| rest.split(' ').next().unwrap()).collect()
}

/// A file as id -> part -> text, read line by line without fluent, so that a part that fluent would drop is noticed.
fn read(source: &str) -> BTreeMap<&str, BTreeMap<&str, &str>> {
    let mut out: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    let mut id = "";
    for line in source.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let (name, text) = line.split_once(" = ").unwrap();
        let part = match name.strip_prefix("    .") {
            Some(attribute) => attribute,
            None => {
                id = name;
                ""
            }
        };
        assert!(!text.trim().is_empty(), "{line}");
        assert!(out.entry(id).or_default().insert(part, text).is_none(), "{id}{part} twice");
    }
    out
}

/// A reason with everything that its message can hold.
fn full(code: RefusalCode, whose: Whose) -> Reason {
    let time = Time::from_unix(1_787_184_000);
    let names = Messages { kk: "медицина".into(), ru: "медицина".into(), en: "medicine".into() };
    match code {
        RefusalCode::AlgorithmNotAllowed => Reason::algorithm_not_allowed("SHA-1"),
        RefusalCode::IssuerNotTrusted => Reason::issuer_not_trusted("Unknown CA"),
        RefusalCode::CertificateNotYetValid => Reason::not_yet_valid(whose, time),
        RefusalCode::CertificateExpired => Reason::expired(whose, time),
        RefusalCode::CertificateRevoked => Reason::revoked(whose, time, Some(1)),
        RefusalCode::KeyUsageNotAllowed => Reason::key_usage_not_allowed("purpose-sign"),
        RefusalCode::IdentityMissing => Reason::identity_missing("number-bin"),
        RefusalCode::IdentityMismatch => Reason::identity_mismatch("number-iin"),
        RefusalCode::AuthorityMissing => Reason::wrong_applicant(Shared::new(names), "applicants-bin"),
        RefusalCode::RevocationUnknown => Reason::revocation_stale(time),
        RefusalCode::DocumentMalformed
        | RefusalCode::SignatureInvalid
        | RefusalCode::CertificateMalformed
        | RefusalCode::TimestampInvalid
        | RefusalCode::IssuerUnknown
        | RefusalCode::TimeUnknown => Reason::new(code).of(whose),
    }
}

#[test]
fn every_language_has_every_code_and_term_and_nothing_else() {
    let expected: BTreeSet<_> = expected_messages().into_keys().chain(terms()).collect();
    for (language, source) in SOURCES {
        let ids: BTreeSet<_> = read(source).into_keys().collect();
        assert_eq!(ids, expected, "{language:?}");
        assert!(FluentResource::try_new(source.to_owned()).is_ok(), "{language:?}");
    }
}

#[test]
fn placeholders_are_the_same_everywhere_and_only_in_the_detail() {
    for (language, source) in SOURCES {
        for (id, parts) in read(source) {
            let detail = parts.get("detail").map(|text| used(text)).unwrap_or_default();
            let expected = expected_messages().remove(id);
            assert_eq!(detail, expected.clone().unwrap_or_default(), "{language:?} {id}");
            assert_eq!(parts.contains_key("remedy"), expected.is_some(), "{language:?} {id}");
            assert!(parts.keys().all(|part| ["", "detail", "remedy"].contains(part)), "{language:?} {id}");
            for part in ["", "remedy"] {
                assert!(parts.get(part).is_none_or(|text| !text.contains('{')), "{language:?} {id}");
            }
        }
    }
}

#[test]
fn every_message_is_complete_with_and_without_its_data() {
    for (code, whose) in RefusalCode::ALL.into_iter().flat_map(|code| [(code, Whose::Holder), (code, Whose::Issuer)]) {
        for language in Language::ALL {
            let bare = render(&Reason::new(code).of(whose), language);
            let rendered = render(&full(code, whose), language);
            for text in [&bare, &rendered] {
                assert!(!text.contains(['{', '}', '$', '\u{2068}']) && !text.contains("  "), "{text}");
                assert!(text.ends_with('.') && text.len() < USUAL_LENGTH, "{text}");
                assert!(!text.contains(code.as_str()), "an id instead of words: {text}");
            }
            assert_eq!(rendered.len() > bare.len(), !placeholders(code, None).is_empty(), "{rendered}");
        }
    }
}

#[test]
fn refusals_open_with_the_words_of_the_regulations_and_doubts_say_that_nothing_is_proven() {
    for code in RefusalCode::ALL {
        let text = messages(&full(code, Whose::Holder));
        let refused = [
            text.ru.contains("в связи с не подтверждением подлинности ЭЦП услугополучателя"),
            text.kk.contains("көрсетілетін қызметті алушының ЭЦҚ түпнұсқалығының расталмауына байланысты"),
            text.en.contains("has not been confirmed"),
        ];
        assert_eq!(refused, [code.is_refusal(); 3], "{code:?}");
        let doubt = [
            text.ru.contains("не означает, что подпись недействительна") && text.ru.contains("позже"),
            text.kk.contains("жарамсыз дегенді білдірмейді") && text.kk.contains("кейінірек"),
            text.en.contains("does not mean that the signature is invalid") && text.en.contains("later"),
        ];
        assert_eq!(doubt, [!code.is_refusal(); 3], "{code:?}");
    }
}

#[test]
fn reasons_of_a_submission_are_complete_and_name_the_document() {
    let names =
        Shared::new(Messages { kk: "медицина".into(), ru: "медицина".into(), en: "medicine".into() });
    for reason in [
        Reason::channel_closed(names, "channel-centre"),
        Reason::not_of_the_office("channel-provider"),
        Reason::different_signers(),
    ] {
        let about = about_document(&messages(&reason), "план\u{202e}.pdf");
        for language in Language::ALL {
            let plain = render(&reason, language);
            let placed = about.get(language);
            for text in [plain.as_str(), placed] {
                assert!(!text.contains(['{', '}', '$', '\u{202e}']) && !text.contains("  "), "{text}");
                assert!(text.ends_with('.') && text.len() < USUAL_LENGTH, "{text}");
                assert!(!text.contains(reason.code().as_str()) && !text.contains("channel-"), "{text}");
            }
            assert!(placed.contains("«план.pdf»"), "{placed}");
            assert!(!plain.contains('«'), "{plain}");
        }
    }
}

#[test]
fn a_revocation_is_told_with_date_and_reason_in_words() {
    let date = "2026-02-01T19:30:00Z".parse().unwrap();
    let text = messages(&Reason::revoked(Whose::Holder, date, Some(4)));
    assert!(text.ru.contains("02.02.2026 00:30 (UTC+5, время Астаны)"), "{}", text.ru);
    assert!(text.ru.contains("заменено новым"), "{}", text.ru);
    assert!(text.kk.contains("02.02.2026 00:30 (UTC+5, Астана уақыты)"), "{}", text.kk);
    assert!(text.kk.contains("жаңасымен ауыстырылған"), "{}", text.kk);
    assert!(text.en.contains("replaced by a new one"), "{}", text.en);
}

#[test]
fn the_ends_of_the_calendar_can_be_shown() {
    assert_eq!(moment(Time::MAX), "31.12.9999 23:59");
    assert_eq!(moment(Time::MIN), "01.01.0001 05:00");
}

#[test]
fn a_hostile_issuer_name_cannot_disturb_the_message() {
    let name = format!("{{ $date }}\u{202e}\n\0{}", "Ы".repeat(100_000));
    let text = render(&Reason::issuer_not_trusted(name), Language::Ru);
    assert!(!text.contains(['\u{202e}', '\n', '\0']));
    assert!(text.contains('…') && text.len() < 2 * USUAL_LENGTH);
    assert!(text.contains("{ $date }"), "shown as it is, not filled in");
}
