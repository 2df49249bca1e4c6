//! CRL numbers.

use std::fmt;

use serde::{Serialize, Serializer};

/// Most octets in a CRL number (RFC 5280 5.2.3).
const MAX_OCTETS: usize = 20;

/// Largest integer that every JSON reader keeps exactly (2^53 - 1).
const MAX_JSON: u64 = (1 << 53) - 1;

/// A `CRLNumber` or `BaseCRLNumber` (RFC 5280 5.2.3, 5.2.4): up to 160 bits, compared as a number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListNumber([u8; MAX_OCTETS]);

impl ListNumber {
    /// From the contents octets of a DER INTEGER; `None` when negative, empty or over 20 octets.
    #[must_use]
    pub fn new(contents: &[u8]) -> Option<Self> {
        let magnitude = match contents {
            [] => return None,
            [first, ..] if first & 0x80 != 0 => return None,
            [0, rest @ ..] => rest,
            all => all,
        };
        let mut octets = [0; MAX_OCTETS];
        let start = MAX_OCTETS.checked_sub(magnitude.len())?;
        octets.get_mut(start..)?.copy_from_slice(magnitude);
        Some(Self(octets))
    }

    /// The number, if it fits.
    #[must_use]
    pub fn as_u64(&self) -> Option<u64> {
        let (high, low) = self.0.split_last_chunk::<8>()?;
        high.iter().all(|&octet| octet == 0).then(|| u64::from_be_bytes(*low))
    }
}

impl fmt::Display for ListNumber {
    /// Decimal when it fits 64 bits, else hexadecimal with `0x`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(number) = self.as_u64() {
            return write!(f, "{number}");
        }
        f.write_str("0x")?;
        self.0.iter().skip_while(|&&octet| octet == 0).try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

impl fmt::Debug for ListNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for ListNumber {
    /// A JSON number when every reader can hold it, else a string.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.as_u64().filter(|&number| number <= MAX_JSON) {
            Some(number) => serializer.serialize_u64(number),
            None => serializer.collect_str(self),
        }
    }
}

impl utoipa::PartialSchema for ListNumber {
    fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
        use utoipa::openapi::schema::{ObjectBuilder, Type};
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .description(Some("CRLNumber; a string when it is 2^53 or more"))
            .into()
    }
}

impl utoipa::ToSchema for ListNumber {}

#[cfg(test)]
mod tests {
    use super::ListNumber;

    #[test]
    fn numbers_compare_as_numbers_whatever_their_length() {
        let number = |octets: &[u8]| ListNumber::new(octets).unwrap();
        assert!(number(&[0, 0xff]) < number(&[1, 0]));
        assert_eq!(number(&[0, 14]), number(&[14]));
        assert_eq!(number(&[5, 0x42]).to_string(), "1346");
        assert_eq!(number(&[1; 20]).to_string(), format!("0x{}", "01".repeat(20)));
        assert_eq!(serde_json::to_string(&[number(&[14]), number(&[1; 9])]).unwrap(), "[14,\"0x010101010101010101\"]");
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for octets in [&[][..], &[0x80], &[0xff, 1], &[1; 21], &[1; 300]] {
            assert!(ListNumber::new(octets).is_none(), "{octets:?}");
        }
    }
}
