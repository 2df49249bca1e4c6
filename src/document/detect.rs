//! Which format a document has, by its first octets.

use crate::signed::Format;

/// The format of a document that begins with `head`; of a container any of the three, which its directory tells apart, and of
/// XML either of the two. `None` for what is certainly none of them: a guess would only make for a worse error.
#[must_use]
pub fn detect(head: &[u8]) -> Option<Format> {
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return Some(Format::AsicE);
    }
    if head.starts_with(b"%PDF-") {
        return Some(Format::Pdf);
    }
    if is_xml(head) {
        return Some(Format::Xml);
    }
    // Before a PDF further on: that may be what a CMS has inside.
    if is_content_info(head) || is_armour(head) {
        return Some(Format::Cms);
    }
    head.windows(5).any(|window| window == b"%PDF-").then_some(Format::Pdf)
}

/// Text in UTF-8, with a byte order mark or without, from its first letter on.
fn text(head: &[u8]) -> &[u8] {
    head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start()
}

fn is_xml(head: &[u8]) -> bool {
    let opens = |octet: Option<&u8>| {
        octet.is_none_or(|octet| octet.is_ascii_alphabetic() || b"?!_:".contains(octet) || *octet >= 0x80)
    };
    // UTF-16, marked or not: the letters of both byte orders, without the zeros between them.
    let wide = |rest: &[u8], own: usize| {
        let (pairs, _) = rest.as_chunks::<2>();
        let letters: Vec<u8> = pairs.iter().filter(|pair| pair[1 - own] == 0).map(|pair| pair[own]).take(64).collect();
        letters.trim_ascii_start().strip_prefix(b"<").is_some_and(|rest| opens(rest.first()))
    };
    match head {
        [0xff, 0xfe, rest @ ..] => wide(rest, 0),
        [0xfe, 0xff, rest @ ..] => wide(rest, 1),
        [b'<', 0, ..] => wide(head, 0),
        [0, b'<', ..] => wide(head, 1),
        head => text(head).strip_prefix(b"<").is_some_and(|rest| opens(rest.first())),
    }
}

/// A SEQUENCE, of definite length or not, that begins with an OBJECT IDENTIFIER as `ContentInfo` does: in text the two
/// octets are a digit and a control character.
fn is_content_info(head: &[u8]) -> bool {
    match head {
        [0x30, length @ 0..=0x88, rest @ ..] => rest.get(usize::from(length.saturating_sub(0x80))) == Some(&6),
        _ => false,
    }
}

/// PEM, with text before it or not, base64 of a SEQUENCE, or base64 of PEM.
fn is_armour(head: &[u8]) -> bool {
    let text = text(head);
    let begins = text.windows(11).enumerate().any(|(at, window)| {
        let before = at.checked_sub(1).and_then(|before| text.get(before));
        window == b"-----BEGIN " && before.is_none_or(|octet| matches!(octet, b'\n' | b'\r'))
    });
    let is_base64 = |octet: &u8| octet.is_ascii_alphanumeric() || b"+/=".contains(octet) || octet.is_ascii_whitespace();
    // The first octet 0x30 makes the first letter M, and the next can be nothing but these three; LS0t is «---».
    let compact: Vec<u8> = text.iter().copied().filter(|octet| !octet.is_ascii_whitespace()).take(4).collect();
    let of_sequence = matches!(compact.as_slice(), [b'M', b'A'..=b'P', _, _]) || compact == b"LS0t";
    begins || (of_sequence && text.iter().all(is_base64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf_16(text: &str, order: fn(u16) -> [u8; 2], mark: bool) -> Vec<u8> {
        mark.then_some(0xfeff).into_iter().chain(text.encode_utf16()).flat_map(order).collect()
    }

    #[test]
    fn every_format_is_known_by_its_beginning() {
        let xml = "\u{feff}\r\n <?xml version=\"1.0\"?><a/>";
        let asn1_with_a_pdf = [&[0x30, 0x82, 4, 0, 6, 9][..], b"%PDF-1.7"].concat();
        let table: Vec<(&str, Vec<u8>, Format)> = vec![
            ("zip", b"PK\x03\x04\x14\0".to_vec(), Format::AsicE),
            ("empty zip", b"PK\x05\x06\0\0".to_vec(), Format::AsicE),
            ("PDF", b"%PDF-1.7".to_vec(), Format::Pdf),
            ("PDF after something else", b"junk %PDF-1.7".to_vec(), Format::Pdf),
            ("CMS with a PDF inside", asn1_with_a_pdf, Format::Cms),
            ("XML", b"<a/>".to_vec(), Format::Xml),
            ("XML after white space", b"\r\n\t <a/>".to_vec(), Format::Xml),
            ("XML with a mark", xml.as_bytes().to_vec(), Format::Xml),
            ("XML with a name in Cyrillic", "<\u{430}/>".as_bytes().to_vec(), Format::Xml),
            ("UTF-16, little end", utf_16("<a/>", u16::to_le_bytes, true), Format::Xml),
            ("UTF-16, big end", utf_16("<?xml ?>", u16::to_be_bytes, true), Format::Xml),
            ("UTF-16 without a mark", utf_16("<a/>", u16::to_le_bytes, false), Format::Xml),
            ("UTF-16 without a mark, big end", utf_16("<a/>", u16::to_be_bytes, false), Format::Xml),
            ("DER", vec![0x30, 0x82, 1, 0, 6, 9], Format::Cms),
            ("BER", vec![0x30, 0x80, 6, 9], Format::Cms),
            ("BER with a long header", vec![0x30, 0x88, 0, 0, 0, 0, 0, 0, 1, 0, 6, 9], Format::Cms),
            ("PEM", b"-----BEGIN CMS-----\r\nMIAG".to_vec(), Format::Cms),
            ("PEM with a mark", b"\xef\xbb\xbf-----BEGIN CMS-----\r\nMIAG".to_vec(), Format::Cms),
            ("PEM after text", b"Bag Attributes\n-----BEGIN PKCS7-----\n".to_vec(), Format::Cms),
            ("base64", b"MIIBAgYJKoZI\r\nhvcNAQcC".to_vec(), Format::Cms),
            ("base64 of BER", b"MIAGCSqGSIb3DQEHAqCA".to_vec(), Format::Cms),
            ("base64 after white space", b"\n\nMIIB".to_vec(), Format::Cms),
            ("base64 of PEM", b"LS0tLS1CRUdJTiBDTVMtLS0tLQo=".to_vec(), Format::Cms),
        ];
        for (why, head, format) in table {
            assert_eq!(detect(&head), Some(format), "{why}");
        }
    }

    #[test]
    fn junk_is_no_format() {
        let table: &[(&str, &[u8])] = &[
            ("nothing", b""),
            ("white space", b" \r\n"),
            ("words", b"hello world"),
            ("words that are base64", b"Meet me at noon"),
            ("JSON", b"{\"document\": \"MIIB\"}"),
            ("a number", b"0123456789"),
            ("less than", b"< 5"),
            ("a picture", b"\x89PNG\r\n\x1a\n"),
            ("an old document", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
            ("a SEQUENCE of nothing", &[0x30, 0]),
            ("a certificate", &[0x30, 0x82, 4, 0, 0x30, 0x82]),
            ("a SEQUENCE beyond measure", &[0x30, 0x88, 0xff]),
            ("a mark alone", b"\xef\xbb\xbf"),
            ("a mark of UTF-16 alone", b"\xff\xfe"),
            ("dashes within a line", b"x -----BEGIN CMS-----"),
            ("base64 of something else", b"aGVsbG8gd29ybGQ="),
            ("zeros", &[0; 64]),
        ];
        for (why, head) in table {
            assert_eq!(detect(head), None, "{why}");
        }
    }
}
