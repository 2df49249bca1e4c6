//! Names written as text (RFC 4514 and its elders), compared with names.
//!
//! Gateways name a certificate by the text of its issuer and the serial number, the relative names in either order, with
//! spaces after the commas or without, attribute types as short names or as identifiers. Comparing is all that is done: a text
//! is never turned into a name, and what could be read in two ways is read in none.

use super::name::{Attribute, Name, StringKind, canonical_attribute, read_string};
use super::oid;
use crate::der::{Oid, TlvReader};

/// Longest text read, in octets; names of authorities are below a tenth of it.
const MAX_TEXT: usize = 8192;

/// Most attributes in a text, as in a name.
const MAX_ATTRIBUTES: usize = 64;

/// Whether `text` is `name`, the relative names in any order.
pub(super) fn is_written_as(name: &Name, text: &str) -> bool {
    let Some(mut written) = read(text) else { return false };
    let mut own: Vec<&[u8]> = name.canonical().iter().map(|rdn| &**rdn).collect();
    own.sort_unstable();
    written.sort_unstable();
    !own.is_empty() && own == written
}

/// The canonical forms of the relative names of a text, as [`Name::canonical`] has them; `None` when it is no name.
fn read(text: &str) -> Option<Vec<Vec<u8>>> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let mut rest = text.trim_matches(is_space);
    let (mut rdns, mut rdn, mut count) = (Vec::new(), Vec::new(), 0);
    loop {
        count += 1;
        if count > MAX_ATTRIBUTES {
            return None;
        }
        let (kind, value) = rest.split_once('=')?;
        let oid = attribute_type(kind.trim_matches(is_space))?;
        let (attribute, end) = attribute(oid, value.trim_start_matches(is_space))?;
        rdn.push(canonical_attribute(&attribute));
        let mut characters = end.chars();
        let separator = characters.next();
        if separator != Some('+') {
            rdn.sort_unstable();
            rdns.push(rdn.concat());
            rdn.clear();
        }
        if separator.is_none() {
            return Some(rdns);
        }
        rest = characters.as_str();
    }
}

fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

/// An attribute type by its short name, in any case, or its identifier with or without `OID.` before it.
fn attribute_type(text: &str) -> Option<Oid> {
    const NAMES: &[(&str, Oid)] = &[
        ("C", oid::COUNTRY),
        ("CN", oid::COMMON_NAME),
        ("DC", oid::DOMAIN_COMPONENT),
        ("L", oid::LOCALITY),
        ("O", oid::ORGANISATION),
        ("OU", oid::ORGANISATIONAL_UNIT),
        ("S", oid::STATE),
        ("ST", oid::STATE),
        ("UID", oid::UID),
        ("E", oid::EMAIL),
        ("EMAIL", oid::EMAIL),
        ("EMAILADDRESS", oid::EMAIL),
        ("G", oid::GIVEN_NAME),
        ("GN", oid::GIVEN_NAME),
        ("GIVENNAME", oid::GIVEN_NAME),
        // RFC 4519 2.32: sn is the surname.
        ("SN", oid::SURNAME),
        ("SURNAME", oid::SURNAME),
        ("SERIALNUMBER", oid::SERIAL_NUMBER),
        ("BUSINESSCATEGORY", oid::BUSINESS_CATEGORY),
    ];
    if let Some((_, known)) = NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)) {
        return Some(*known);
    }
    let prefixed = text.get(..4).is_some_and(|prefix| prefix.eq_ignore_ascii_case("oid."));
    let dotted = if prefixed { text.get(4..)? } else { text };
    if dotted.starts_with(|character: char| character.is_ascii_digit()) { Oid::new(dotted).ok() } else { None }
}

/// An attribute out of its value, and what follows from the separator on.
fn attribute(oid: Oid, text: &str) -> Option<(Attribute, &str)> {
    if let Some(hex) = text.strip_prefix('#') {
        let end = hex.find([',', ';', '+']).unwrap_or(hex.len());
        let (digits, rest) = hex.split_at(end);
        let der = octets(digits.trim_matches(is_space))?;
        let mut reader = TlvReader::new(&der);
        let value = reader.read().ok()?;
        reader.finish().ok()?;
        let (kind, value) = read_string(value.tag, value.value);
        return Some((Attribute { oid, kind, value: value.into_boxed_str() }, rest));
    }
    let (value, rest) = match text.strip_prefix('"') {
        Some(quoted) => {
            let (value, rest) = string(quoted, |character| character == '"')?;
            let rest = rest.strip_prefix('"')?.trim_start_matches(is_space);
            if !rest.is_empty() && !rest.starts_with([',', ';', '+']) {
                return None;
            }
            (value, rest)
        }
        None => string(text, |character| matches!(character, ',' | ';' | '+'))?,
    };
    Some((Attribute { oid, kind: StringKind::Utf8, value: value.into_boxed_str() }, rest))
}

/// Characters up to the first unescaped one that `ends` them, with their escapes undone.
fn string(text: &str, ends: impl Fn(char) -> bool) -> Option<(String, &str)> {
    let mut octets = Vec::new();
    let mut kept = 0;
    let mut characters = text.char_indices();
    let mut rest = "";
    while let Some((at, character)) = characters.next() {
        match character {
            _ if ends(character) => {
                rest = text.get(at..)?;
                break;
            }
            '\\' => {
                let (_, escaped) = characters.next()?;
                match escaped.to_digit(16) {
                    Some(high) => {
                        let (_, low) = characters.next()?;
                        octets.push((high * 16 + low.to_digit(16)?) as u8);
                    }
                    None if " \"#+,;<=>\\".contains(escaped) => octets.push(escaped as u8),
                    None => return None,
                }
                kept = octets.len();
            }
            // RFC 4514 2.4: in a string they are escaped; where they are not, the text is open to two readings.
            '"' | '\0' => return None,
            _ => {
                octets.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                if !is_space(character) {
                    kept = octets.len();
                }
            }
        }
    }
    // White space before the separator is none of the value's, unless it was escaped.
    octets.truncate(kept);
    Some((String::from_utf8(octets).ok()?, rest))
}

fn octets(hex: &str) -> Option<Vec<u8>> {
    let digits: Vec<u32> = hex.chars().map(|digit| digit.to_digit(16)).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    (rest.is_empty() && !pairs.is_empty()).then(|| pairs.iter().map(|[high, low]| (high * 16 + low) as u8).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// C=KZ, O=АО "ТЕСТ, 1", CN=ҰКО 3.0 (GOST TEST) in UTF-8, then a serialNumber and an OU in one relative name.
    fn name() -> Name {
        let attribute = |arc: &[u8], tag: u8, value: &str| {
            let inner = [tlv(6, arc), tlv(tag, value.as_bytes())].concat();
            tlv(0x30, &inner)
        };
        let rdns = [
            tlv(0x31, &attribute(&[0x55, 4, 6], 0x13, "KZ")),
            tlv(0x31, &attribute(&[0x55, 4, 10], 0x0c, "АО \"ТЕСТ, 1\"")),
            tlv(0x31, &attribute(&[0x55, 4, 3], 0x0c, "ҰКО 3.0 (GOST TEST)")),
            tlv(0x31, &[attribute(&[0x55, 4, 5], 0x13, "a#1"), attribute(&[0x55, 4, 11], 0x0c, "x+y")].concat()),
        ];
        Name::from_der(&tlv(0x30, &rdns.concat())).unwrap()
    }

    fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
        let length = contents.len() as u8;
        let head = if length < 128 { vec![tag, length] } else { vec![tag, 0x81, length] };
        [head, contents.to_vec()].concat()
    }

    #[test]
    fn either_order_spacing_quoting_and_short_names_or_identifiers() {
        for text in [
            r#"C=KZ,O=АО \"ТЕСТ\, 1\",CN=ҰКО 3.0 (GOST TEST),SERIALNUMBER=a#1+OU=x\+y"#,
            r#"OU=x\2By + serialNumber=a#1, cn=ҰКО 3.0 (GOST TEST), o="АО \"ТЕСТ, 1\"", c=KZ"#,
            r#"  2.5.4.3 = ұко  3.0 (gost test) ; OID.2.5.4.5=a\#1+2.5.4.11=x\+Y; C=kz; O=АО \22ТЕСТ\2C 1\22  "#,
            r#"C=#13024B5A, CN=ҰКО 3.0 (GOST TEST), O=АО \"ТЕСТ\, 1\", SERIALNUMBER=a#1+OU=x\+y"#,
        ] {
            assert!(name().is_written_as(text), "{text}");
        }
    }

    #[test]
    fn what_differs_or_can_be_read_in_two_ways_is_not_the_name() {
        let rest = r#"O=АО \"ТЕСТ\, 1\",CN=ҰКО 3.0 (GOST TEST),SERIALNUMBER=a#1+OU=x\+y"#;
        for text in [
            String::new(),
            rest.to_owned(),
            format!("C=KZ,C=KZ,{rest}"),
            format!("C=RU,{rest}"),
            format!("X=KZ,{rest}"),
            format!("=KZ,{rest}"),
            format!("C=KZ,,{rest}"),
            format!("C=KZ,{rest},"),
            format!("C=KZ+{rest}"),
            format!("C=KZ,{rest}+OU=z"),
            format!("C=KZ\\,{rest}"),
            format!("C=\\KZ,{rest}"),
            format!("C=#13024B,{rest}"),
            format!("C=#13034B5A,{rest}"),
            format!("C=\"KZ,{rest}"),
            format!("C=\"KZ\"x,{rest}"),
            format!("C=KZ,{}", rest.replace("\\\"", "\"")),
            format!("C=KZ,{}", rest.replace('+', ",")),
            // A look-alike: К is Cyrillic in the name.
            format!("C=KZ,{}", rest.replace("ҰКО", "ҰKО")),
            format!("C=KZ,{rest}{}", "\u{0}".repeat(3)),
            "C=KZ,".repeat(2000),
        ] {
            assert!(!name().is_written_as(&text), "{text}");
        }
    }

    #[test]
    fn what_is_no_string_is_named_by_its_encoding_only() {
        let null = tlv(0x30, &[tlv(6, &[0x55, 4, 3]), vec![5, 0]].concat());
        let name = Name::from_der(&tlv(0x30, &tlv(0x31, &null))).unwrap();
        assert!(name.is_written_as("CN=#0500"));
        assert!(!name.is_written_as("CN=\\#0500"));
        assert!(!name.is_written_as("CN=#0501"));
    }
}
