//! A DER writer that does not stop anyone from writing nonsense: every function returns plain bytes, so that raw bytes
//! can stand anywhere. Correct by default (X.690 sections 8 to 11), broken on purpose through [`tlv_with_length`] and
//! raw contents.

/// One TLV with a single-byte tag and a minimal definite length.
pub fn tlv(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(contents.len() + 6);
    out.push(tag);
    out.extend(length(contents.len()));
    out.extend_from_slice(contents);
    out
}

/// The minimal DER length octets of a length (X.690 section 10.1).
pub fn length(length: usize) -> Vec<u8> {
    if length < 0x80 {
        return vec![length as u8];
    }
    let bytes = length.to_be_bytes();
    let skip = bytes.iter().take_while(|&&byte| byte == 0).count();
    let mut out = vec![0x80 | (bytes.len() - skip) as u8];
    out.extend_from_slice(&bytes[skip..]);
    out
}

/// One TLV whose length octets are given raw: too long, indefinite, lying.
pub fn tlv_with_length(tag: u8, length_octets: &[u8], contents: &[u8]) -> Vec<u8> {
    [&[tag], length_octets, contents].concat()
}

/// SEQUENCE of already encoded parts.
pub fn sequence<T: AsRef<[u8]>>(parts: &[T]) -> Vec<u8> {
    tlv(0x30, &concat(parts))
}

/// SET of already encoded parts, in the order given (a SET OF in DER would sort them).
pub fn set<T: AsRef<[u8]>>(parts: &[T]) -> Vec<u8> {
    tlv(0x31, &concat(parts))
}

/// `[number] EXPLICIT` around one encoded value.
pub fn explicit(number: u8, inner: &[u8]) -> Vec<u8> {
    tlv(0xa0 | number, inner)
}

/// `[number] IMPLICIT` of a primitive type, from its contents.
pub fn implicit(number: u8, contents: &[u8]) -> Vec<u8> {
    tlv(0x80 | number, contents)
}

/// `[number] IMPLICIT` of a constructed type, from its encoded parts.
pub fn implicit_constructed<T: AsRef<[u8]>>(number: u8, parts: &[T]) -> Vec<u8> {
    tlv(0xa0 | number, &concat(parts))
}

/// OBJECT IDENTIFIER from dotted decimal. Arcs up to 2^64.
///
/// # Panics
/// If the text is not dotted decimal; write a broken OID with [`tlv`]`(0x06, …)`.
pub fn oid(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u64> = dotted.split('.').map(|arc| arc.parse().expect("dotted decimal OID")).collect();
    let mut contents = base128(arcs[0] * 40 + arcs[1]);
    for &arc in &arcs[2..] {
        contents.extend(base128(arc));
    }
    tlv(0x06, &contents)
}

/// INTEGER from a small non-negative number.
pub fn integer(value: u64) -> Vec<u8> {
    integer_unsigned(&value.to_be_bytes())
}

/// INTEGER from a non-negative big-endian number: leading zeros dropped, a sign octet added where needed.
pub fn integer_unsigned(big_endian: &[u8]) -> Vec<u8> {
    let skip = big_endian.iter().take_while(|&&byte| byte == 0).count();
    let digits = &big_endian[skip..];
    match digits.first() {
        None => tlv(0x02, &[0]),
        Some(first) if first & 0x80 != 0 => tlv(0x02, &[&[0], digits].concat()),
        Some(_) => tlv(0x02, digits),
    }
}

/// INTEGER with exactly these contents: negative, padded, empty or a megabyte long.
pub fn integer_raw(contents: &[u8]) -> Vec<u8> {
    tlv(0x02, contents)
}

/// ENUMERATED.
pub fn enumerated(value: u8) -> Vec<u8> {
    tlv(0x0a, &[value])
}

/// BOOLEAN (TRUE is FF, X.690 section 11.1).
pub fn boolean(value: bool) -> Vec<u8> {
    tlv(0x01, &[if value { 0xff } else { 0 }])
}

/// NULL.
pub fn null() -> Vec<u8> {
    vec![0x05, 0x00]
}

/// BIT STRING of whole octets.
pub fn bit_string(bytes: &[u8]) -> Vec<u8> {
    bit_string_unused(0, bytes)
}

/// BIT STRING with a number of unused bits in its last octet.
pub fn bit_string_unused(unused: u8, bytes: &[u8]) -> Vec<u8> {
    tlv(0x03, &[&[unused], bytes].concat())
}

/// Named-bit BIT STRING from its first octet, trailing zero bits dropped (X.690 section 11.2.2).
pub fn named_bits(first_octet: u8) -> Vec<u8> {
    match first_octet {
        0 => bit_string(&[]),
        bits => bit_string_unused(bits.trailing_zeros() as u8, &[bits]),
    }
}

/// OCTET STRING.
pub fn octet_string(bytes: &[u8]) -> Vec<u8> {
    tlv(0x04, bytes)
}

/// `UTF8String`.
pub fn utf8(text: &str) -> Vec<u8> {
    tlv(0x0c, text.as_bytes())
}

/// `PrintableString`; the alphabet is not checked.
pub fn printable(text: &str) -> Vec<u8> {
    tlv(0x13, text.as_bytes())
}

/// `IA5String`; the alphabet is not checked.
pub fn ia5(text: &str) -> Vec<u8> {
    tlv(0x16, text.as_bytes())
}

/// `TeletexString` in Latin-1 bytes as given.
pub fn teletex(bytes: &[u8]) -> Vec<u8> {
    tlv(0x14, bytes)
}

/// `BMPString`: UTF-16 big-endian.
pub fn bmp(text: &str) -> Vec<u8> {
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    tlv(0x1e, &units)
}

/// `UTCTime` from its text, say `220101000000Z`.
pub fn utc_time(text: &str) -> Vec<u8> {
    tlv(0x17, text.as_bytes())
}

/// `GeneralizedTime` from its text, say `20500101000000Z`.
pub fn generalized_time(text: &str) -> Vec<u8> {
    tlv(0x18, text.as_bytes())
}

/// X.509 Time from `2022-01-01T00:00:00Z`: `UTCTime` through 2049, `GeneralizedTime` from 2050 (RFC 5280 section 4.1.2.5).
///
/// # Panics
/// If the text is not of that shape; write a broken time with [`utc_time`] or [`generalized_time`].
pub fn time(rfc3339: &str) -> Vec<u8> {
    let digits: String = rfc3339.chars().filter(char::is_ascii_digit).collect();
    assert!(digits.len() == 14 && rfc3339.ends_with('Z'), "not a UTC time in seconds: {rfc3339}");
    if ("1950".."2050").contains(&&digits[..4]) {
        utc_time(&format!("{}Z", &digits[2..]))
    } else {
        generalized_time(&format!("{digits}Z"))
    }
}

fn base128(mut value: u64) -> Vec<u8> {
    let mut out = vec![(value & 0x7f) as u8];
    value >>= 7;
    while value > 0 {
        out.push(0x80 | (value & 0x7f) as u8);
        value >>= 7;
    }
    out.reverse();
    out
}

fn concat<T: AsRef<[u8]>>(parts: &[T]) -> Vec<u8> {
    parts.iter().flat_map(|part| part.as_ref()).copied().collect()
}
