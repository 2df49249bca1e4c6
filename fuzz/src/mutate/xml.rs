//! XML as text with elements in it: they are copied, moved, taken out and wrapped, attributes copied, so that the document
//! mostly stays well-formed. What signature wrapping is made of.

use std::ops::Range;

use super::{Random, plainly};

/// What is put between things.
const MORSELS: &[&str] = &[
    "<!--c-->",
    "<?p i?>",
    "<![CDATA[<]]>",
    "&#x0;",
    "&#65;",
    "&amp;",
    "\r\n",
    " xml:space=\"preserve\"",
    " xmlns=\"\"",
    " xmlns=\"http://www.w3.org/2000/09/xmldsig#\"",
    " xmlns:ds=\"urn:other\"",
    " Id=\"a\"",
    " ID=\"a\"",
    " URI=\"\"",
    " URI=\"#a\"",
    "<ds:Object xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\"/>",
    "<x/>",
];

/// The input with something moved; `None` when there is nothing to move.
pub fn mutate(input: &[u8], random: &mut Random) -> Option<Vec<u8>> {
    let elements = elements(input);
    if elements.is_empty() {
        return None;
    }
    let one = elements[random.below(elements.len())].clone();
    let other = elements[random.below(elements.len())].clone();
    let text = &input[one.clone()];
    let replaced = |range: Range<usize>, by: &[u8]| [&input[..range.start], by, &input[range.end..]].concat();
    Some(match random.below(9) {
        0 => replaced(one, b""),
        1 => replaced(one.start..one.start, text),
        // A copy elsewhere: before another element, or as the last thing inside it.
        2 => replaced(other.start..other.start, text),
        3 => {
            let end = input[..other.end].iter().rposition(|&octet| octet == b'<').filter(|&end| end > other.start)?;
            replaced(end..end, text)
        }
        4 => replaced(other, text),
        5 => {
            let wrapper: &[&str] = [
                &["<w>", "</w>"],
                &["<ds:Object xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">", "</ds:Object>"],
                &["<ds:Object xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\" Id=\"a\">", "</ds:Object>"],
            ][random.below(3)];
            let wrapped = [wrapper[0].as_bytes(), text, wrapper[1].as_bytes()].concat();
            replaced(one, &wrapped)
        }
        6 => {
            let attributes = attributes(input, &one);
            let attribute = attributes.get(random.below(attributes.len()))?.clone();
            let name = other.start + name_length(&input[other.clone()]);
            replaced(name..name, &input[attribute])
        }
        7 => {
            let attributes = attributes(input, &one);
            let attribute = attributes.get(random.below(attributes.len()))?.clone();
            let changed = plainly(&input[attribute.clone()], 1 + random.below(8));
            replaced(attribute, &changed)
        }
        _ => {
            let morsel = MORSELS[random.below(MORSELS.len())];
            let place = match morsel.starts_with(' ') {
                true => one.start + name_length(text),
                false => one.start + random.below(text.len()),
            };
            replaced(place..place, morsel.as_bytes())
        }
    })
}

/// Where elements stand, from `<` to `>`.
fn elements(input: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open = Vec::new();
    let mut offset = 0;
    while let Some(start) = input[offset..].iter().position(|&octet| octet == b'<').map(|at| offset + at) {
        let Some(end) = input[start..].iter().position(|&octet| octet == b'>').map(|at| start + at + 1) else { break };
        match input.get(start + 1) {
            Some(b'/') => found.extend(open.pop().map(|start| start..end)),
            Some(b'?' | b'!') => {}
            _ if input[end - 2] == b'/' => found.push(start..end),
            _ => open.push(start),
        }
        offset = end;
    }
    found
}

/// `<` and the name behind it.
fn name_length(element: &[u8]) -> usize {
    element.iter().position(|octet| octet.is_ascii_whitespace() || matches!(octet, b'/' | b'>')).unwrap_or(1)
}

/// Where the attributes of an element stand, each with the blank before it.
fn attributes(input: &[u8], element: &Range<usize>) -> Vec<Range<usize>> {
    let text = &input[element.clone()];
    let end = text.iter().position(|&octet| octet == b'>').unwrap_or(text.len());
    let mut found = Vec::new();
    let mut offset = name_length(text);
    while let Some(open) = text[offset..end.max(offset)].iter().position(|&octet| octet == b'"').map(|at| offset + at) {
        let Some(close) = text[open + 1..end].iter().position(|&octet| octet == b'"').map(|at| open + at + 2) else {
            break;
        };
        found.push(element.start + offset..element.start + close);
        offset = close;
    }
    found
}
