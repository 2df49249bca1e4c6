//! The elements of a SET OF, kept octet for octet.

use crate::der::{DerError, TlvReader};

/// Elements in their order. What is added goes where DER wants it, if those that were there stand in its order; else at the
/// end, so that theirs stays.
#[derive(Debug)]
pub(super) struct Elements {
    each: Vec<Vec<u8>>,
    sorted: bool,
}

impl Default for Elements {
    fn default() -> Self {
        Self { each: Vec::new(), sorted: true }
    }
}

impl Elements {
    /// Reads the contents of a SET.
    pub fn read(contents: &[u8]) -> Result<Self, DerError> {
        let mut reader = TlvReader::new(contents);
        let mut each = Vec::new();
        while !reader.is_empty() {
            each.push(reader.read()?.raw.to_vec());
        }
        Ok(Self { sorted: each.is_sorted(), each })
    }

    /// Adds an element, unless it is there.
    pub fn add(&mut self, element: Vec<u8>) {
        if self.each.contains(&element) {
            return;
        }
        let place = if self.sorted { self.each.partition_point(|other| *other < element) } else { self.each.len() };
        self.each.insert(place, element);
    }

    /// Them.
    pub fn iter(&self) -> std::slice::Iter<'_, Vec<u8>> {
        self.each.iter()
    }

    /// The whole element, with a tag; nothing where there is nothing.
    pub fn encode_unless_empty(&self, tag: u8) -> Vec<u8> {
        if self.each.is_empty() { Vec::new() } else { self.encode(tag) }
    }

    /// The whole element, with a tag.
    pub fn encode(&self, tag: u8) -> Vec<u8> {
        crate::der::write::element(tag, &self.each)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_goes_where_der_wants_it() {
        let mut sorted = Elements::read(&[2, 1, 1, 2, 1, 3]).unwrap();
        sorted.add(vec![2, 1, 2]);
        sorted.add(vec![2, 1, 3]);
        assert_eq!(sorted.encode(0x31), [0x31, 9, 2, 1, 1, 2, 1, 2, 2, 1, 3]);
    }

    #[test]
    fn an_order_that_is_not_that_of_der_stays() {
        let mut other = Elements::read(&[2, 1, 3, 2, 1, 1]).unwrap();
        other.add(vec![2, 1, 2]);
        assert_eq!(other.encode(0xa0), [0xa0, 9, 2, 1, 3, 2, 1, 1, 2, 1, 2]);
        assert_eq!(Elements::default().encode_unless_empty(0xa0), [0u8; 0]);
        assert!(Elements::read(&[2, 5, 1]).is_err());
    }
}
