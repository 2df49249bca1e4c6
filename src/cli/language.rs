//! The language of messages on the command line.

use super::args::LanguageName;
use crate::verdict::Language;

/// The language asked for, else that of the environment (`LC_ALL`, `LC_MESSAGES`, `LANG`, the first one set), else
/// English, like everything else the command line prints.
pub fn choose(asked: Option<LanguageName>) -> Language {
    match asked {
        Some(LanguageName::Kk) => Language::Kk,
        Some(LanguageName::Ru) => Language::Ru,
        Some(LanguageName::En) => Language::En,
        None => from_environment(|name| std::env::var(name).ok()).unwrap_or(Language::En),
    }
}

fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Option<Language> {
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(variable).find(|value| !value.is_empty())?;
    Language::from_tag(&locale)
}

#[cfg(test)]
mod tests {
    use super::{Language, from_environment};

    #[test]
    fn the_first_variable_that_is_set_decides() {
        for (variables, language) in [
            (&[("LANG", "kk_KZ.UTF-8")][..], Some(Language::Kk)),
            (&[("LC_ALL", "ru_RU.UTF-8"), ("LANG", "kk_KZ.UTF-8")], Some(Language::Ru)),
            (&[("LC_ALL", ""), ("LANG", "en_US")], Some(Language::En)),
            (&[("LC_ALL", "C"), ("LANG", "kk_KZ")], None),
            (&[], None),
        ] {
            let found = from_environment(|name| {
                variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
            });
            assert_eq!(found, language, "{variables:?}");
        }
    }
}
