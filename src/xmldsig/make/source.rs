//! The document as it stands: what is written are its own octets, with something put in between.

use std::borrow::Cow;
use std::io::Write;
use std::ops::Range;

use crate::signed::{FormatError, MakeError};
use crate::xmldsig::limits::{MAX_BYTES, too_much};
use crate::xmldsig::text::{self, Encoding};
use crate::xmldsig::tree::{Node, Tree};

/// The octets of a document and its characters.
pub struct Source<'a> {
    document: &'a [u8],
    characters: Cow<'a, str>,
    encoding: Encoding,
}

/// Something put into the text, in the place of a range of it, which is mostly empty. Offsets are those of [`Source::text`].
#[derive(Clone, Debug)]
pub struct Edit {
    /// What it takes the place of.
    pub place: Range<usize>,
    /// What is put there.
    pub text: String,
}

/// A place in the text, with what must stand on either side of what is put there.
#[derive(Clone, Debug)]
pub struct Frame {
    /// What it takes the place of.
    pub place: Range<usize>,
    /// What comes before.
    pub before: String,
    /// What comes behind.
    pub behind: String,
}

impl Frame {
    /// Before an element.
    pub fn before(tree: &Tree<'_>, node: Node) -> Result<Self, MakeError> {
        let at = tree.place(node).ok_or_else(nowhere)?.start;
        Ok(Self { place: at..at, before: String::new(), behind: String::new() })
    }

    /// At the end of an element. One without content is opened for it.
    pub fn at_end_of(tree: &Tree<'_>, text: &str, node: Node) -> Result<Self, MakeError> {
        let place = tree.place(node).ok_or_else(nowhere)?;
        let source = text.get(place.clone()).ok_or_else(nowhere)?;
        if source.ends_with("/>") {
            let behind = format!("</{}>", qualified_name(tree, node));
            return Ok(Self { place: place.end - 2..place.end, before: ">".into(), behind });
        }
        // An end tag has no other `<` than its first character.
        let at = place.start + source.rfind("</").ok_or_else(nowhere)?;
        Ok(Self { place: at..at, before: String::new(), behind: String::new() })
    }

    /// With another element around what is put there.
    pub fn around(mut self, open: &str, close: &str) -> Self {
        self.before.push_str(open);
        self.behind.insert_str(0, close);
        self
    }

    /// What is put there.
    pub fn filled(&self, inner: &str) -> Edit {
        Edit { place: self.place.clone(), text: format!("{}{inner}{}", self.before, self.behind) }
    }
}

impl Edit {
    /// More attributes for an element, each with the space before it.
    pub fn attributes(tree: &Tree<'_>, node: Node, attributes: String) -> Result<Self, MakeError> {
        let at = tree.place(node).ok_or_else(nowhere)?.start + 1 + qualified_name(tree, node).len();
        Ok(Self { place: at..at, text: attributes })
    }
}

/// The name of an element as it is written.
pub fn qualified_name(tree: &Tree<'_>, node: Node) -> String {
    tree.element(node).map(|element| element.name.prefixed_name().into_owned()).unwrap_or_default()
}

/// The parser knows where every node is that it has read.
fn nowhere() -> MakeError {
    FormatError::malformed("an element whose place in the text is not known").into()
}

impl<'a> Source<'a> {
    /// Reads the characters.
    pub fn of(document: &'a [u8]) -> Result<Self, FormatError> {
        let (characters, encoding) = text::characters(document)?;
        Ok(Self { document, characters, encoding })
    }

    /// What the parser reads: the characters with line ends as XML has them.
    pub fn text(&self) -> Cow<'_, str> {
        text::line_ends(Cow::Borrowed(&self.characters))
    }

    /// The encoding.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// Writes the document with edits that do not overlap, in any order, in the document's own encoding.
    ///
    /// # Errors
    ///
    /// [`FormatError::TooMuch`] when it would be longer than what is read here; nothing is written then.
    pub fn write(&self, edits: &[Edit], out: &mut dyn Write) -> Result<(), MakeError> {
        let more = edits.iter().map(|edit| edit.text.len()).sum::<usize>();
        let octets = match self.encoding {
            Encoding::Ascii | Encoding::Utf8 => 1,
            // Of UTF-8 an octet is at most one unit of UTF-16.
            Encoding::Utf16 => 2,
        };
        if self.document.len().saturating_add(more.saturating_mul(octets)) > MAX_BYTES {
            return Err(too_much("bytes", MAX_BYTES).into());
        }
        let mark = match self.encoding {
            Encoding::Ascii | Encoding::Utf8 => self.document.len() - self.characters.len(),
            Encoding::Utf16 => 2,
        };
        out.write_all(self.document.get(..mark).unwrap_or_default())?;
        let mut edits: Vec<(Range<usize>, &str)> = edits
            .iter()
            .map(|edit| (self.stands(edit.place.start)..self.stands(edit.place.end), &*edit.text))
            .collect();
        edits.sort_by_key(|(place, _)| place.start);
        let mut at = 0;
        for (place, text) in edits {
            self.put(self.characters.get(at..place.start).unwrap_or_default(), out)?;
            self.put(text, out)?;
            at = place.end;
        }
        self.put(self.characters.get(at..).unwrap_or_default(), out)?;
        Ok(())
    }

    /// The document with edits.
    ///
    /// # Errors
    ///
    /// As [`Self::write`].
    pub fn edited(&self, edits: &[Edit]) -> Result<Vec<u8>, MakeError> {
        let mut octets = Vec::with_capacity(self.document.len());
        self.write(edits, &mut octets)?;
        Ok(octets)
    }

    /// Where an offset of the text is among the characters as they stand: a carriage return before a line feed is not in
    /// the text.
    fn stands(&self, at: usize) -> usize {
        if !self.characters.contains('\r') {
            return at;
        }
        let octets = self.characters.as_bytes();
        let is_dropped = |index: usize| octets.get(index) == Some(&b'\r') && octets.get(index + 1) == Some(&b'\n');
        let found = (0..octets.len()).filter(|&index| !is_dropped(index)).nth(at).unwrap_or(octets.len());
        // Never between the two.
        if octets.get(found) == Some(&b'\n') && found.checked_sub(1).is_some_and(is_dropped) {
            found - 1
        } else {
            found
        }
    }

    fn put(&self, text: &str, out: &mut dyn Write) -> std::io::Result<()> {
        let unit: fn(u16) -> [u8; 2] = match (self.encoding, self.document) {
            (Encoding::Ascii | Encoding::Utf8, _) => return out.write_all(text.as_bytes()),
            (Encoding::Utf16, [0xff, ..]) => u16::to_le_bytes,
            (Encoding::Utf16, _) => u16::to_be_bytes,
        };
        out.write_all(&text.encode_utf16().flat_map(unit).collect::<Vec<u8>>())
    }
}

/// Text with edits, for what is computed before the document is written.
pub fn apply(text: &str, edit: &Edit) -> String {
    let (before, behind) = (text.get(..edit.place.start), text.get(edit.place.end..));
    [before.unwrap_or_default(), &edit.text, behind.unwrap_or_default()].concat()
}

/// A value for an attribute in double quotes.
pub fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for character in value.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push_str("&#9;"),
            '\n' => out.push_str("&#10;"),
            '\r' => out.push_str("&#13;"),
            other => out.push(other),
        }
    }
    out
}
