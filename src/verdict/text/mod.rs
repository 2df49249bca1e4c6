//! The words for a reason, from one file per language.
//!
//! A message is four parts: the formula of the regulations, what happened, the data of this case where there is any,
//! and what to do. In the files an id is the refusal code; its value says what happened, `.detail` holds the
//! placeholders, `.remedy` says what to do. Only `.detail` may have placeholders, and it is left out when one of them
//! has no value, so that nobody is ever shown an unfilled one.

use std::borrow::Cow;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};

use super::code::RefusalCode;
use super::language::Language;
use super::reason::{Arg, Matter, Reason, Whose};
use super::report::Messages;
use crate::clock::Time;

/// Kazakhstan has one time zone, UTC+5, since 1 March 2024. Earlier moments are shown in it too, and the texts say so.
const OFFSET_SECONDS: i64 = 5 * 3600;
/// Characters of a foreign name shown in a message; X.520 ends common names at 64.
const MAX_NAME: usize = 120;
/// A message in Kazakh is at most about 700 bytes.
const USUAL_LENGTH: usize = 1024;

struct Bundles {
    en: FluentBundle<FluentResource>,
    kk: FluentBundle<FluentResource>,
    ru: FluentBundle<FluentResource>,
}

static BUNDLES: LazyLock<Bundles> = LazyLock::new(|| Bundles {
    en: bundle(Language::En, include_str!("en.ftl")),
    kk: bundle(Language::Kk, include_str!("kk.ftl")),
    ru: bundle(Language::Ru, include_str!("ru.ftl")),
});

/// The message for a reason in one language.
pub fn render(reason: &Reason, language: Language) -> String {
    let bundle = BUNDLES.get(language);
    let id = message_id(reason.code(), reason.whose(), reason.matter());
    let formula = if reason.code().is_refusal() { "formula-refused" } else { "formula-undetermined" };
    let mut out = String::with_capacity(USUAL_LENGTH);
    write_value(bundle, formula, &mut out);
    out.push(' ');
    write_value(bundle, id, &mut out);
    if let Some(args) = detail_args(bundle, reason, language) {
        out.push(' ');
        write_attribute(bundle, id, "detail", Some(&args), &mut out);
    }
    out.push(' ');
    write_attribute(bundle, id, "remedy", None, &mut out);
    out
}

/// The message for a reason in every language.
pub fn messages(reason: &Reason) -> Messages {
    Messages { kk: render(reason, Language::Kk), ru: render(reason, Language::Ru), en: render(reason, Language::En) }
}

/// A message with the document that it is about, by the name that people know it by.
pub fn about_document(messages: &Messages, name: &str) -> Messages {
    let placed = |message: &str, language| format!("{message} {}: «{}».", term("document", language), shown(name));
    Messages {
        kk: placed(&messages.kk, Language::Kk),
        ru: placed(&messages.ru, Language::Ru),
        en: placed(&messages.en, Language::En),
    }
}

/// The words for a term of the files, such as `revocation-superseded`; the id itself when there is no such term.
pub fn term(id: &str, language: Language) -> String {
    let mut out = String::new();
    write_value(BUNDLES.get(language), id, &mut out);
    out
}

/// An instant as people write it: `20.08.2026 14:30` in UTC+5.
pub fn moment(time: Time) -> String {
    let civil = time.plus_seconds(OFFSET_SECONDS).civil();
    format!("{:02}.{:02}.{:04} {:02}:{:02}", civil.day, civil.month, civil.year, civil.hour, civil.minute)
}

impl Bundles {
    fn get(&self, language: Language) -> &FluentBundle<FluentResource> {
        match language {
            Language::En => &self.en,
            Language::Kk => &self.kk,
            Language::Ru => &self.ru,
        }
    }
}

fn bundle(language: Language, source: &str) -> FluentBundle<FluentResource> {
    let mut bundle = FluentBundle::new_concurrent(language.as_str().parse().into_iter().collect());
    // Isolation marks around values are for mixed writing directions, which these three languages do not have.
    bundle.set_use_isolating(false);
    // The files are part of the program and a test reads them; whatever still is wrong shows as an id.
    let resource = match FluentResource::try_new(source.to_owned()) {
        Ok(resource) | Err((resource, _)) => resource,
    };
    bundle.add_resource_overriding(resource);
    bundle
}

fn write_value(bundle: &FluentBundle<FluentResource>, id: &str, out: &mut String) {
    match bundle.get_message(id).and_then(|message| message.value()) {
        // Writing to a string does not fail.
        Some(pattern) => bundle.write_pattern(out, pattern, None, &mut Vec::new()).unwrap_or_default(),
        None => out.push_str(id),
    }
}

fn write_attribute(
    bundle: &FluentBundle<FluentResource>,
    id: &str,
    attribute: &str,
    args: Option<&FluentArgs<'_>>,
    out: &mut String,
) {
    let pattern = bundle.get_message(id).and_then(|message| message.get_attribute(attribute));
    if let Some(pattern) = pattern {
        bundle.write_pattern(out, pattern.value(), args, &mut Vec::new()).unwrap_or_default();
    }
}

/// The id of a message. Where a new certificate of one's own would not help there is a message of its own.
const fn message_id(code: RefusalCode, whose: Whose, matter: Option<Matter>) -> &'static str {
    match matter {
        Some(Matter::Channel) => return "authority-missing-of-channel",
        Some(Matter::Office) => return "authority-missing-of-office",
        Some(Matter::Signers) => return "identity-mismatch-of-signers",
        None => {}
    }
    match (code, whose) {
        (RefusalCode::CertificateNotYetValid, Whose::Issuer) => "certificate-not-yet-valid-of-issuer",
        (RefusalCode::CertificateExpired, Whose::Issuer) => "certificate-expired-of-issuer",
        (RefusalCode::CertificateRevoked, Whose::Issuer) => "certificate-revoked-of-issuer",
        (code, _) => code.as_str(),
    }
}

/// The placeholders of a message's `.detail`; none when it has no detail.
const fn placeholders(code: RefusalCode, matter: Option<Matter>) -> &'static [&'static str] {
    match matter {
        Some(Matter::Channel) => return &["service", "channel"],
        Some(Matter::Office) => return &["channel"],
        Some(Matter::Signers) => return &[],
        None => {}
    }
    match code {
        RefusalCode::AlgorithmNotAllowed => &["algorithm"],
        RefusalCode::IssuerNotTrusted => &["issuer"],
        RefusalCode::CertificateNotYetValid | RefusalCode::CertificateExpired | RefusalCode::RevocationUnknown => {
            &["date"]
        }
        RefusalCode::CertificateRevoked => &["date", "reason"],
        RefusalCode::KeyUsageNotAllowed => &["purpose"],
        RefusalCode::IdentityMissing | RefusalCode::IdentityMismatch => &["number"],
        RefusalCode::AuthorityMissing => &["service", "applicants"],
        RefusalCode::DocumentMalformed
        | RefusalCode::SignatureInvalid
        | RefusalCode::CertificateMalformed
        | RefusalCode::TimestampInvalid
        | RefusalCode::IssuerUnknown
        | RefusalCode::TimeUnknown => &[],
    }
}

/// The values of the placeholders in this language, or `None` when there is no detail to show.
fn detail_args<'reason>(
    bundle: &FluentBundle<FluentResource>,
    reason: &'reason Reason,
    language: Language,
) -> Option<FluentArgs<'reason>> {
    let names = placeholders(reason.code(), reason.matter());
    if names.is_empty() {
        return None;
    }
    let mut args = FluentArgs::with_capacity(names.len());
    for name in names {
        let (_, arg) = reason.args().iter().find(|(given, _)| given == name)?;
        let value: Cow<'reason, str> = match arg {
            Arg::Moment(time) => moment(*time).into(),
            Arg::Names(names) => names.get(language).into(),
            Arg::Term(id) => {
                let mut out = String::new();
                write_value(bundle, id, &mut out);
                out.into()
            }
            Arg::Text(text) => shown(text),
        };
        args.set(*name, value);
    }
    Some(args)
}

/// A foreign name made fit to show: no control characters, no marks that change the writing direction, not too long.
fn shown(text: &str) -> Cow<'_, str> {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    if text.len() <= MAX_NAME && !text.contains(hidden) {
        return Cow::Borrowed(text);
    }
    let mut characters = text.chars().filter(|c| !hidden(*c));
    let mut out: String = characters.by_ref().take(MAX_NAME).collect();
    if characters.next().is_some() {
        out.push('…');
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests;
