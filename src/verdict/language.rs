//! The three languages of the answers, and which one a caller wants.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A language that messages are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// English.
    En,
    /// Kazakh.
    Kk,
    /// Russian.
    Ru,
}

/// Ranges looked at in an `Accept-Language` header. Browsers send two to ten; a header full of them is not one.
const MAX_RANGES: usize = 32;

impl Language {
    /// Every language, in the order of the reports.
    pub const ALL: [Self; 3] = [Self::Kk, Self::Ru, Self::En];

    /// The language tag: `kk`, `ru` or `en`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Kk => "kk",
            Self::Ru => "ru",
        }
    }

    /// Reads a language tag by its first subtag, in any case: `kk`, `ru-KZ`, `en_US`. The country code `kz` and the
    /// three-letter codes are understood too, because callers send them.
    pub fn from_tag(tag: &str) -> Option<Self> {
        let primary = tag.trim().split(['-', '_']).next().unwrap_or_default();
        let is = |names: &[&str]| names.iter().any(|name| primary.eq_ignore_ascii_case(name));
        if is(&["kk", "kz", "kaz"]) {
            Some(Self::Kk)
        } else if is(&["ru", "rus"]) {
            Some(Self::Ru)
        } else if is(&["en", "eng"]) {
            Some(Self::En)
        } else {
            None
        }
    }

    /// Chooses by an `Accept-Language` header (RFC 9110 section 12.5.4): the language with the highest weight, the
    /// first of equals; `*` means `default`. Ranges that are not understood are passed over, and `default` is the
    /// answer when none is left.
    pub fn from_accept_language(header: &str, default: Self) -> Self {
        let mut best: Option<(u16, Self)> = None;
        for range in header.split(',').take(MAX_RANGES) {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            let language = match tag.trim() {
                "*" => Some(default),
                tag => Self::from_tag(tag),
            };
            let (Some(language), Some(weight)) = (language, weight(parameters)) else {
                continue;
            };
            if weight > 0 && best.is_none_or(|(so_far, _)| weight > so_far) {
                best = Some((weight, language));
            }
        }
        best.map_or(default, |(_, language)| language)
    }
}

/// Reads `q=0.5` in thousandths; 1000 when absent, `None` when it is not a weight.
fn weight(parameters: &str) -> Option<u16> {
    let parameters = parameters.trim();
    if parameters.is_empty() {
        return Some(1000);
    }
    let value = parameters.strip_prefix("q=").or_else(|| parameters.strip_prefix("Q="))?;
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    if fraction.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let thousandths =
        fraction.bytes().chain(std::iter::repeat(b'0')).take(3).fold(0, |sum, byte| sum * 10 + u16::from(byte - b'0'));
    match (whole, thousandths) {
        ("0", thousandths) => Some(thousandths),
        ("1", 0) => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_by_their_first_part() {
        for (tag, language) in [
            ("kk", Some(Language::Kk)),
            ("kk-KZ", Some(Language::Kk)),
            ("KZ", Some(Language::Kk)),
            ("kk-Cyrl-KZ", Some(Language::Kk)),
            ("ru_RU", Some(Language::Ru)),
            (" en ", Some(Language::En)),
            ("", None),
            ("de", None),
            ("russian", None),
            ("-ru", None),
            ("қазақша", None),
        ] {
            assert_eq!(Language::from_tag(tag), language, "{tag:?}");
        }
    }

    #[test]
    fn the_header_is_weighed() {
        for (header, language) in [
            ("", Language::Ru),
            ("kk-KZ,kk;q=0.9,ru;q=0.8", Language::Kk),
            ("de-DE, en;q=0.3, kk;q=0.5", Language::Kk),
            ("en;q=0.5,kk;q=0.5", Language::En),
            ("en;q=0.09,kk;q=0.1", Language::Kk),
            ("en;q=0.199,kk;q=0.2", Language::Kk),
            ("en;q=0.009,kk;q=0.01", Language::Kk),
            ("en;q=0.999,kk;q=1.000", Language::Kk),
            ("en;q=0.999,kk;q=1", Language::Kk),
            ("en;q=1.001", Language::Ru),
            ("en;q=0.1234,kk;q=0.001", Language::Kk),
            ("en;q=0.x", Language::Ru),
            ("*", Language::Ru),
            ("en;q=0.1,*;q=0.5", Language::Ru),
            ("ru;q=0, en;q=0.001", Language::En),
            ("ru;q=0", Language::Ru),
            ("en;q=0", Language::Ru),
            ("en;q=2, kk;q=x, en;q=0.1234, en;q=-1, en;q=1.5", Language::Ru),
            ("kz", Language::Kk),
            (",,;;,q=1,\u{0},=", Language::Ru),
        ] {
            assert_eq!(Language::from_accept_language(header, Language::Ru), language, "{header:?}");
        }
        let long = "xx,".repeat(100_000) + "en";
        assert_eq!(Language::from_accept_language(&long, Language::Kk), Language::Kk);
    }
}
