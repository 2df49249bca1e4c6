//! Digests as people and JSON have them.

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Lower-case hexadecimal.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 15)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

/// Octets out of hexadecimal in either case, of exactly that many; `None` for anything else.
#[must_use]
pub fn from_hexadecimal<const N: usize>(text: &str) -> Option<[u8; N]> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let mut octets = [0; N];
    for (octet, [high, low]) in octets.iter_mut().zip(pairs) {
        *octet = u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()?;
    }
    Some(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn octets_are_read_back_and_nothing_else_is() {
        assert_eq!(hexadecimal(&[0, 15, 255]), "000fff");
        assert_eq!(from_hexadecimal::<3>("000fFF"), Some([0, 15, 255]));
        for text in ["", "0f", "000ff", "000fg0", "000fff0", "000fff00", "+0000f", "é00ff"] {
            assert_eq!(from_hexadecimal::<3>(text), None, "{text}");
        }
    }
}
