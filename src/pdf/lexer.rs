//! Where the tokens of a PDF object begin and end (ISO 32000-2 section 7.2 and 7.3).
//!
//! Values are read by lopdf. This walk is the second opinion about their bounds: it gives the exact place of every entry of
//! a dictionary in the file, which a signature stands and falls with, and refuses what readers understand in different
//! ways, above all a key that stands twice.

use std::ops::Range;

use crate::signed::FormatError;

/// Nesting of arrays and dictionaries. Page trees are nested by reference, so that ten is much already; lopdf allows 100.
const MAX_DEPTH: usize = 64;
/// Nesting of parentheses in a literal string; lopdf allows 100.
const MAX_PARENTHESES: usize = 64;
/// The longest key or other name (ISO 32000-1 annex C has 127).
const MAX_NAME: usize = 1024;

/// Values in one object: two octets of a file become a hundred of memory. The widths of a large font are some ten thousand.
const MAX_VALUES: usize = 1 << 18;

/// A walk over the tokens of one object.
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
    values: usize,
}

/// The entries of a dictionary: key without the slash and with escapes undone, and where the value lies.
pub(super) type Entries = Vec<(Vec<u8>, Range<usize>)>;

/// A value that was walked over.
pub(super) struct Walked {
    /// From its first octet to after its last.
    pub(super) span: Range<usize>,
    /// Its entries, if it is a dictionary.
    pub(super) entries: Option<Entries>,
}

fn fault(what: &'static str) -> FormatError {
    FormatError::malformed(format!("PDF: {what}"))
}

/// White space (ISO 32000-2 table 1).
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | 9 | 10 | 12 | 13 | 32)
}

fn is_delimiter(byte: u8) -> bool {
    b"()<>[]{}/%".contains(&byte)
}

fn is_regular(byte: u8) -> bool {
    !is_space(byte) && !is_delimiter(byte)
}

impl<'a> Lexer<'a> {
    /// Starts at an offset; one beyond the end reads nothing.
    pub(super) fn at(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at: at.min(bytes.len()), values: 0 }
    }

    /// Where it stands.
    pub(super) fn offset(&self) -> usize {
        self.at
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    /// Skips white space and comments.
    pub(super) fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                self.at += self.rest().iter().take_while(|byte| !matches!(byte, b'\r' | b'\n')).count();
            } else if is_space(byte) {
                self.at += 1;
            } else {
                return;
            }
        }
    }

    /// Takes these octets if they stand here.
    pub(super) fn take(&mut self, token: &[u8]) -> bool {
        let taken = self.rest().starts_with(token);
        if taken {
            self.at += token.len();
        }
        taken
    }

    /// Takes a keyword: these octets, and no regular character after them.
    pub(super) fn keyword(&mut self, word: &[u8]) -> bool {
        let rest = self.rest();
        let taken = rest.starts_with(word) && !rest.get(word.len()).is_some_and(|byte| is_regular(*byte));
        if taken {
            self.at += word.len();
        }
        taken
    }

    /// Takes an unsigned number of at most ten digits.
    pub(super) fn unsigned(&mut self) -> Option<u64> {
        let digits = self.rest().iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 || digits > 10 {
            return None;
        }
        let text = self.rest().get(..digits)?;
        let number = text.iter().fold(0_u64, |number, digit| number * 10 + u64::from(digit - b'0'));
        self.at += digits;
        Some(number)
    }

    /// Takes `12 0 obj` and gives number and generation.
    pub(super) fn object_header(&mut self) -> Option<(u32, u16)> {
        let id = self.two_numbers()?;
        self.keyword(b"obj").then_some(id)
    }

    /// Two numbers, each with white space after it.
    fn two_numbers(&mut self) -> Option<(u32, u16)> {
        let number = u32::try_from(self.unsigned()?).ok()?;
        let before = self.at;
        self.skip_space();
        if self.at == before {
            return None;
        }
        let generation = u16::try_from(self.unsigned()?).ok()?;
        let before = self.at;
        self.skip_space();
        (self.at > before).then_some((number, generation))
    }

    /// Walks over one value.
    pub(super) fn value(&mut self) -> Result<Walked, FormatError> {
        self.skip_space();
        let start = self.at;
        let entries = self.any(MAX_DEPTH)?;
        Ok(Walked { span: start..self.at, entries })
    }

    fn any(&mut self, depth: usize) -> Result<Option<Entries>, FormatError> {
        let depth = depth.checked_sub(1).ok_or_else(|| fault("nested too deep"))?;
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(FormatError::TooMuch { what: "values in a PDF object", limit: MAX_VALUES as u64 });
        }
        match self.peek() {
            None => Err(fault("ends within an object")),
            Some(b'/') => self.name().map(|_| None),
            Some(b'(') => self.literal().map(|()| None),
            Some(b'[') => self.array(depth).map(|()| None),
            Some(b'<') if self.rest().starts_with(b"<<") => self.dictionary(depth).map(Some),
            Some(b'<') => self.hexadecimal().map(|()| None),
            Some(byte) if is_regular(byte) => self.word().map(|()| None),
            Some(_) => Err(fault("a delimiter where a value should stand")),
        }
    }

    fn dictionary(&mut self, depth: usize) -> Result<Entries, FormatError> {
        self.at += 2;
        let mut entries = Entries::new();
        loop {
            self.skip_space();
            if self.take(b">>") {
                break;
            }
            let key = self.name()?;
            self.skip_space();
            let start = self.at;
            self.any(depth)?;
            entries.push((key, start..self.at));
        }
        let mut keys: Vec<&[u8]> = entries.iter().map(|(key, _)| key.as_slice()).collect();
        keys.sort_unstable();
        if keys.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(fault("a dictionary with a key that stands twice"));
        }
        Ok(entries)
    }

    fn array(&mut self, depth: usize) -> Result<(), FormatError> {
        self.at += 1;
        loop {
            self.skip_space();
            if self.take(b"]") {
                return Ok(());
            }
            self.any(depth)?;
        }
    }

    fn name(&mut self) -> Result<Vec<u8>, FormatError> {
        if !self.take(b"/") {
            return Err(fault("a dictionary whose key is no name"));
        }
        let length = self.rest().iter().take_while(|byte| is_regular(**byte)).count();
        let raw =
            self.rest().get(..length).filter(|raw| raw.len() <= MAX_NAME).ok_or_else(|| fault("a name too long"))?;
        self.at += length;
        let mut name = Vec::with_capacity(raw.len());
        let mut octets = raw.iter();
        while let Some(octet) = octets.next() {
            if *octet == b'#' {
                let digit = |octet: Option<&u8>| octet.and_then(|octet| char::from(*octet).to_digit(16));
                let (high, low) = (digit(octets.next()), digit(octets.next()));
                let (Some(high), Some(low)) = (high, low) else { return Err(fault("a name with a broken escape")) };
                name.push(u8::try_from(high * 16 + low).unwrap_or_default());
            } else {
                name.push(*octet);
            }
        }
        Ok(name)
    }

    fn literal(&mut self) -> Result<(), FormatError> {
        let mut open = 0;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'\\' => self.at += 1,
                b'(' => {
                    open += 1;
                    if open > MAX_PARENTHESES {
                        return Err(fault("nested too deep"));
                    }
                }
                b')' => {
                    open -= 1;
                    if open == 0 {
                        return Ok(());
                    }
                }
                _ => {}
            }
        }
        Err(fault("a string without an end"))
    }

    fn hexadecimal(&mut self) -> Result<(), FormatError> {
        self.at += 1;
        let length = self.rest().iter().take_while(|byte| byte.is_ascii_hexdigit() || is_space(**byte)).count();
        self.at += length;
        if self.take(b">") { Ok(()) } else { Err(fault("a hexadecimal string with something else in it")) }
    }

    /// A number, a reference, `true`, `false` or `null`.
    fn word(&mut self) -> Result<(), FormatError> {
        if self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            let mut ahead = Lexer::at(self.bytes, self.at);
            if ahead.two_numbers().is_some() && ahead.keyword(b"R") {
                self.at = ahead.at;
                return Ok(());
            }
        }
        let length = self.rest().iter().take_while(|byte| is_regular(**byte)).count();
        let word = self.rest().get(..length).unwrap_or_default();
        self.at += length;
        if matches!(word, b"true" | b"false" | b"null") || is_number(word) {
            Ok(())
        } else {
            Err(fault("a keyword where a value should stand"))
        }
    }
}

fn is_number(word: &[u8]) -> bool {
    let digits = word.strip_prefix(b"+").or_else(|| word.strip_prefix(b"-")).unwrap_or(word);
    let points = digits.iter().filter(|byte| **byte == b'.').count();
    points <= 1 && digits.len() > points && digits.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(text: &str) -> Result<Walked, FormatError> {
        Lexer::at(text.as_bytes(), 0).value()
    }

    #[test]
    fn values_end_where_they_end() {
        for (text, rest) in [
            ("null ", " "),
            ("-.5]", "]"),
            ("12 0 R/", "/"),
            ("12 0 Rx", " 0 Rx"),
            ("(a\\)b(c))x", "x"),
            ("<0a 0B>>", ">"),
            ("[1 2 0 R (x) /N<<>>]endobj", "endobj"),
            ("<</A<</B[<</C 1>>]>>/D#41(x)>>\nendobj", "\nendobj"),
            ("% comment >>\n<</A%x\n1>>stream", "stream"),
        ] {
            let walked = walk(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(&text[walked.span.end..], rest);
        }
    }

    #[test]
    fn the_entries_of_a_dictionary_have_their_places() {
        let text = " <</Type/Sig /#43ontents <00ff> /R 3 0 R>>";
        let entries = walk(text).unwrap().entries.unwrap();
        let seen: Vec<_> =
            entries.iter().map(|(key, span)| (String::from_utf8_lossy(key), &text[span.clone()])).collect();
        assert_eq!(seen, [("Type".into(), "/Sig"), ("Contents".into(), "<00ff>"), ("R".into(), "3 0 R")]);
    }

    #[test]
    fn what_readers_understand_in_different_ways_is_refused() {
        let deep = "[".repeat(10_000);
        let parentheses = "(".repeat(10_000);
        let long = format!("[{}]", "0 ".repeat(MAX_VALUES));
        for (why, text) in [
            ("nothing", ""),
            ("a key twice", "<</A 1/A 2>>"),
            ("a key twice, once escaped", "<</A 1/#41 2>>"),
            ("a key twice further down", "[<</B<</A 1/A 1>>>>]"),
            ("a key without a value", "<</A>>"),
            ("a key that is no name", "<<(A) 1>>"),
            ("no end", "<</A 1"),
            ("an unknown word", "[1 obj]"),
            ("a brace", "{1}"),
            ("a string without an end", "(a"),
            ("a hexadecimal string with a letter", "<0g>"),
            ("an escape that is none", "/A#4"),
            ("two signs", "--1"),
            ("a point alone", "."),
            ("deep arrays", &deep),
            ("deep parentheses", &parentheses),
            ("more than anybody lists", &long),
        ] {
            assert!(walk(text).is_err(), "{why}: accepted");
        }
    }
}
