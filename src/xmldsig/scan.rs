//! A look at the markup before the parser sees it: everything that the parser would spend more than linear time or memory
//! on is counted here, and document type declarations are refused. So are characters that XML does not have: the parser
//! overlooks them in attributes with references in them.
//!
//! It follows the grammar of tags exactly, so that it cannot take for a comment what the parser takes for a tag; what does
//! not follow it is malformed at once.

use std::borrow::Cow;
use std::ops::Range;

use super::limits::{
    MAX_ATTRIBUTES, MAX_DEPTH, MAX_MARKUP, MAX_NAMESPACE_COPIES, MAX_NAMESPACE_OCTETS, MAX_NAMESPACES, too_much,
};
use crate::signed::FormatError;

/// Counts, and fails on what is beyond a limit. What comes back is what the parser is to read: as long as what was given, the
/// white space in attributes as XML has it (XML 1.0, 3.3.3), which the parser would keep as it stands.
pub fn checked(text: Cow<'_, str>) -> Result<Cow<'_, str>, FormatError> {
    let uneven = count(&text)?;
    if uneven.is_empty() {
        return Ok(text);
    }
    let mut octets = text.into_owned().into_bytes();
    for value in uneven {
        for octet in octets.get_mut(value).unwrap_or_default() {
            if is_space(*octet) {
                *octet = b' ';
            }
        }
    }
    String::from_utf8(octets).map(Cow::Owned).map_err(|_| broken())
}

/// Counts; where the values are that have other white space than spaces.
fn count(text: &str) -> Result<Vec<Range<usize>>, FormatError> {
    if !are_characters(text) {
        return Err(FormatError::malformed("not well-formed XML: a character that XML does not have"));
    }
    let mut scan = Scan {
        whole: text.len(),
        rest: text.as_bytes(),
        open: Vec::new(),
        inherited: Declared::default(),
        copies: 0,
        markup: 0,
        uneven: Vec::new(),
    };
    while let Some(at) = scan.rest.iter().position(|&byte| byte == b'<') {
        scan.skip(at + 1);
        scan.markup += 1;
        if scan.markup > MAX_MARKUP {
            return Err(too_much("pieces of XML markup", MAX_MARKUP));
        }
        scan.piece()?;
    }
    Ok(scan.uneven)
}

/// Namespace declarations.
#[derive(Clone, Copy, Default)]
struct Declared {
    number: usize,
    /// Of their prefixes and names together.
    octets: usize,
    /// Of the names that have a reference in them: the parser points to any other, and copies these for every element and
    /// attribute.
    copied: usize,
}

impl Declared {
    const fn with(self, other: Self) -> Self {
        Self {
            number: self.number + other.number,
            octets: self.octets + other.octets,
            copied: self.copied + other.copied,
        }
    }
}

struct Scan<'a> {
    whole: usize,
    rest: &'a [u8],
    /// What each open element inherits.
    open: Vec<Declared>,
    /// What is in scope.
    inherited: Declared,
    /// Octets of names that the parser may copy.
    copies: usize,
    markup: usize,
    uneven: Vec<Range<usize>>,
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Whether all are what XML 1.0 calls a character (2.2, production 2). Those that references name are the parser's.
fn are_characters(text: &str) -> bool {
    let control = |&byte: &u8| byte < b' ' && !is_space(byte);
    // U+FFFE and U+FFFF; surrogates are no characters of a string.
    let none = |window: &[u8]| matches!(window, [0xef, 0xbf, 0xbe | 0xbf]);
    !text.as_bytes().iter().any(control) && !text.as_bytes().windows(3).any(none)
}

fn broken() -> FormatError {
    FormatError::malformed("not well-formed XML: broken markup")
}

impl<'a> Scan<'a> {
    fn skip(&mut self, octets: usize) {
        self.rest = self.rest.get(octets..).unwrap_or_default();
    }

    /// Skips to behind `end`.
    fn skip_past(&mut self, end: &[u8]) -> Result<(), FormatError> {
        let at = self.rest.windows(end.len()).position(|window| window == end).ok_or_else(broken)?;
        self.skip(at + end.len());
        Ok(())
    }

    /// What comes before the first octet that `ends` it.
    fn take_until(&mut self, ends: impl Fn(u8) -> bool) -> &'a [u8] {
        let at = self.rest.iter().position(|&byte| ends(byte)).unwrap_or(self.rest.len());
        let (taken, rest) = self.rest.split_at(at);
        self.rest = rest;
        taken
    }

    /// One piece of markup, its `<` already taken.
    fn piece(&mut self) -> Result<(), FormatError> {
        match self.rest {
            [b'!', b'-', b'-', ..] => {
                self.skip(3);
                self.skip_past(b"-->")
            }
            [b'!', b'[', b'C', b'D', b'A', b'T', b'A', b'[', ..] => {
                self.skip(8);
                self.skip_past(b"]]>")
            }
            [b'!', ..] => Err(FormatError::malformed("a document type declaration")),
            [b'?', ..] => self.skip_past(b"?>"),
            [b'/', ..] => {
                self.inherited = self.open.pop().ok_or_else(broken)?;
                self.skip_past(b">")
            }
            _ => self.start_tag(),
        }
    }

    fn start_tag(&mut self) -> Result<(), FormatError> {
        self.take_until(|byte| is_space(byte) || matches!(byte, b'/' | b'>'));
        let (mut attributes, mut in_scope) = (0, self.inherited);
        loop {
            self.take_until(|byte| !is_space(byte));
            match self.rest {
                [b'>', ..] => {
                    self.skip(1);
                    self.open.push(self.inherited);
                    self.inherited = in_scope;
                    break;
                }
                [b'/', b'>', ..] => {
                    self.skip(2);
                    break;
                }
                _ => {}
            }
            in_scope = in_scope.with(self.attribute()?);
            attributes += 1;
            if attributes > MAX_ATTRIBUTES {
                return Err(too_much("attributes of an XML element", MAX_ATTRIBUTES));
            }
            if in_scope.number > MAX_NAMESPACES {
                return Err(too_much("XML namespaces in scope", MAX_NAMESPACES));
            }
            if in_scope.octets > MAX_NAMESPACE_OCTETS {
                return Err(too_much("bytes of XML namespaces in scope", MAX_NAMESPACE_OCTETS));
            }
        }
        self.copies += in_scope.copied * (attributes + 1);
        if self.copies > MAX_NAMESPACE_COPIES {
            return Err(too_much("bytes of XML namespaces with references in them", MAX_NAMESPACE_COPIES));
        }
        if self.open.len() > MAX_DEPTH {
            return Err(too_much("levels of nesting", MAX_DEPTH));
        }
        Ok(())
    }

    /// One attribute; what it declares.
    fn attribute(&mut self) -> Result<Declared, FormatError> {
        let name = self.take_until(|byte| is_space(byte) || matches!(byte, b'=' | b'/' | b'>' | b'<'));
        self.take_until(|byte| !is_space(byte));
        let [b'=', rest @ ..] = self.rest else { return Err(broken()) };
        self.rest = rest;
        self.take_until(|byte| !is_space(byte));
        let [quote @ (b'"' | b'\''), rest @ ..] = self.rest else { return Err(broken()) };
        self.rest = rest;
        let begins = self.whole - rest.len();
        let value = self.take_until(|byte| byte == *quote);
        if self.rest.is_empty() {
            return Err(broken());
        }
        self.skip(1);
        if value.iter().any(|&byte| is_space(byte) && byte != b' ') {
            self.uneven.push(begins..begins + value.len());
        }
        if name != b"xmlns" && !name.starts_with(b"xmlns:") {
            return Ok(Declared::default());
        }
        // A quotation mark becomes a reference in the canonical form, which is no more work to read than what it is of.
        let is_copied = value.contains(&b'&') || value.contains(&b'"');
        let copied = if is_copied { value.len() } else { 0 };
        Ok(Declared { number: 1, octets: name.len() + value.len(), copied })
    }
}
