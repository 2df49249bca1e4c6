//! The writer of canonical XML.

use std::collections::HashSet;

use uppsala::dom::{Attribute, Element, NodeKind};

use super::{Kind, Method, Subset};
use crate::signed::FormatError;
use crate::xmldsig::limits;
use crate::xmldsig::namespaces::XML;
use crate::xmldsig::tree::{Node, Tree, namespace_of};

/// A prefix, empty for the default namespace, and what it stands for.
type Binding<'t> = (&'t str, &'t str);

/// What a declaration of a namespace costs that is looked at, in octets: it is compared with those in scope and with those
/// written.
const DECLARATION: usize = 64;

/// How many look-ups, or octets of names that are compared, cost as much as an octet that is written.
const COMPARED: usize = 8;

/// What a form costs at least, in octets: all that is in scope where it begins is looked at.
const APEX: usize = 1024;

/// Writes a subset in at most `limit` octets; gives the work besides, in octets too.
pub(super) fn write(
    tree: &Tree<'_>,
    subset: &Subset,
    method: &Method,
    limit: usize,
) -> Result<(Vec<u8>, usize), FormatError> {
    let comments = subset.comments && method.comments;
    let mut writer = Writer {
        tree,
        method,
        without: &subset.without,
        comments,
        limit,
        work: APEX,
        out: Vec::new(),
        written: Vec::new(),
    };
    if tree.element(subset.apex).is_some() {
        writer.element(subset.apex, true)?;
    } else {
        writer.document(subset.apex)?;
    }
    Ok((writer.out, writer.work))
}

/// Whether two names of namespaces are equal. Mostly they are of one declaration, however long it is.
fn is_same(one: &str, other: &str) -> bool {
    std::ptr::eq(one, other) || one == other
}

struct Writer<'t, 'a> {
    tree: &'t Tree<'a>,
    method: &'t Method,
    without: &'t [Node],
    comments: bool,
    limit: usize,
    work: usize,
    out: Vec<u8>,
    /// The declarations written on the elements that are open, the innermost last.
    written: Vec<Binding<'t>>,
}

impl<'t> Writer<'t, '_> {
    /// The document: what stands beside the root element is on lines of its own.
    fn document(&mut self, node: Node) -> Result<(), FormatError> {
        let mut behind_root = false;
        for child in self.tree.children(node) {
            match self.tree.kind(child) {
                Some(NodeKind::Element(_)) => {
                    behind_root = true;
                    if !self.without.contains(&child) {
                        self.element(child, true)?;
                    }
                }
                Some(NodeKind::Comment(_)) if !self.comments => {}
                Some(NodeKind::Comment(_) | NodeKind::ProcessingInstruction(_)) => {
                    if behind_root {
                        self.out.push(b'\n');
                    }
                    self.other(child);
                    if !behind_root {
                        self.out.push(b'\n');
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn element(&mut self, node: Node, apex: bool) -> Result<(), FormatError> {
        let tree = self.tree;
        let Some(element) = tree.element(node) else { return Ok(()) };
        let above = self.written.len();
        let scope = if apex { usize::MAX } else { 1 };
        let looked_at = tree.around(node).take(scope).filter_map(|outer| tree.element(outer));
        self.work += looked_at.map(|outer| outer.namespace_declarations.len()).sum::<usize>() * DECLARATION;
        // Every prefix in use is looked for among those written, and the names of namespaces decide about the order.
        let names = element.attributes.iter().map(|attribute| namespace_of(attribute).len()).sum::<usize>();
        self.work += (element.attributes.len() * self.written.len() + names) / COMPARED;
        let namespaces = self.namespaces(node, element, apex);
        self.out.push(b'<');
        self.name(element);
        for (prefix, uri) in &namespaces {
            self.out.extend_from_slice(if prefix.is_empty() { b" xmlns" } else { b" xmlns:" });
            self.out.extend_from_slice(prefix.as_bytes());
            self.out.extend_from_slice(b"=\"");
            self.value(uri);
            self.out.push(b'"');
        }
        for attribute in self.attributes(node, element, apex)? {
            self.out.push(b' ');
            if let Some(prefix) = attribute.name.prefix.as_deref().filter(|prefix| !prefix.is_empty()) {
                self.out.extend_from_slice(prefix.as_bytes());
                self.out.push(b':');
            }
            self.out.extend_from_slice(attribute.name.local_name.as_bytes());
            self.out.extend_from_slice(b"=\"");
            self.value(&attribute.value);
            self.out.push(b'"');
        }
        self.out.push(b'>');
        self.written.extend(namespaces);
        if self.out.len().saturating_add(self.work) > self.limit {
            return Err(limits::exhausted());
        }
        for child in tree.children(node) {
            if tree.element(child).is_none() {
                self.other(child);
            } else if !self.without.contains(&child) {
                self.element(child, false)?;
            }
        }
        self.written.truncate(above);
        self.out.extend_from_slice(b"</");
        self.name(element);
        self.out.push(b'>');
        Ok(())
    }

    fn name(&mut self, element: &Element<'_>) {
        if let Some(prefix) = element.name.prefix.as_deref().filter(|prefix| !prefix.is_empty()) {
            self.out.extend_from_slice(prefix.as_bytes());
            self.out.push(b':');
        }
        self.out.extend_from_slice(element.name.local_name.as_bytes());
    }

    /// The declarations to write on an element, in order.
    fn namespaces(&self, node: Node, element: &'t Element<'_>, apex: bool) -> Vec<Binding<'t>> {
        let mut found: Vec<Binding<'t>> = Vec::new();
        let inclusive = self.method.kind != Kind::Exclusive;
        let listed = |prefix: &str| inclusive || self.method.prefixes.iter().any(|listed| listed == prefix);
        // Of the apex also what is in scope from above; the innermost declaration of a prefix counts.
        let scope = if apex { usize::MAX } else { 1 };
        if inclusive || !self.method.prefixes.is_empty() {
            for outer in self.tree.around(node).take(scope).filter_map(|outer| self.tree.element(outer)) {
                for (prefix, uri) in &outer.namespace_declarations {
                    if listed(prefix) && !found.iter().any(|(known, _)| known == prefix) {
                        found.push((prefix, uri));
                    }
                }
            }
        }
        if !inclusive {
            let names = std::iter::once((&element.name, true));
            for (name, own) in names.chain(element.attributes.iter().map(|attribute| (&attribute.name, false))) {
                let prefix = name.prefix.as_deref().unwrap_or_default();
                if (own || !prefix.is_empty()) && !found.iter().any(|(known, _)| *known == prefix) {
                    found.push((prefix, name.namespace_uri.as_deref().unwrap_or_default()));
                }
            }
        }
        found.retain(|(prefix, uri)| {
            let written = self.written.iter().rev().find(|(known, _)| known == prefix).map(|(_, uri)| *uri);
            // Nothing is undone that was not done.
            *prefix != "xml" && !is_same(written.unwrap_or_default(), uri)
        });
        found.sort_unstable();
        found
    }

    /// The attributes to write on an element, in order: by namespace, none first, then by name.
    fn attributes(
        &self,
        node: Node,
        element: &'t Element<'_>,
        apex: bool,
    ) -> Result<Vec<&'t Attribute<'t>>, FormatError> {
        let mut found: Vec<&Attribute<'_>> = element.attributes.iter().collect();
        if apex && self.method.kind != Kind::Exclusive {
            let names = found.iter().filter(|known| namespace_of(known) == XML).map(|known| &*known.name.local_name);
            let mut known: HashSet<&str> = names.collect();
            for outer in self.tree.around(node).skip(1) {
                for attribute in self.tree.attributes(outer).filter(|attribute| namespace_of(attribute) == XML) {
                    let local = &*attribute.name.local_name;
                    let is_new = known.insert(local);
                    match (self.method.kind, local) {
                        (Kind::Inclusive11, "base") => {
                            return Err(FormatError::Unsupported("xml:base under canonical XML 1.1".into()));
                        }
                        (Kind::Inclusive, _) | (_, "lang" | "space") if is_new => found.push(attribute),
                        _ => {}
                    }
                }
            }
        }
        found.sort_unstable_by(|one, other| {
            (namespace_of(one), &*one.name.local_name).cmp(&(namespace_of(other), &*other.name.local_name))
        });
        Ok(found)
    }

    /// Text, comments and instructions.
    fn other(&mut self, node: Node) {
        match self.tree.kind(node) {
            Some(NodeKind::Text(text) | NodeKind::CData(text)) => self.text(text),
            Some(NodeKind::Comment(text)) if self.comments => {
                self.out.extend_from_slice(b"<!--");
                self.out.extend_from_slice(text.as_bytes());
                self.out.extend_from_slice(b"-->");
            }
            Some(NodeKind::ProcessingInstruction(instruction)) => {
                self.out.extend_from_slice(b"<?");
                self.out.extend_from_slice(instruction.target.as_bytes());
                if let Some(data) = instruction.data.as_deref().filter(|data| !data.is_empty()) {
                    self.out.push(b' ');
                    self.out.extend_from_slice(data.as_bytes());
                }
                self.out.extend_from_slice(b"?>");
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        self.escaped(text, |byte| match byte {
            b'&' => Some(b"&amp;"),
            b'<' => Some(b"&lt;"),
            b'>' => Some(b"&gt;"),
            b'\r' => Some(b"&#xD;"),
            _ => None,
        });
    }

    fn value(&mut self, value: &str) {
        self.escaped(value, |byte| match byte {
            b'&' => Some(b"&amp;"),
            b'<' => Some(b"&lt;"),
            b'"' => Some(b"&quot;"),
            b'\t' => Some(b"&#x9;"),
            b'\n' => Some(b"&#xA;"),
            b'\r' => Some(b"&#xD;"),
            _ => None,
        });
    }

    fn escaped(&mut self, text: &str, escape: impl Fn(u8) -> Option<&'static [u8]>) {
        let mut rest = text.as_bytes();
        while let Some((at, replacement)) =
            rest.iter().enumerate().find_map(|(at, &byte)| escape(byte).map(|replacement| (at, replacement)))
        {
            let (plain, special) = rest.split_at(at);
            self.out.extend_from_slice(plain);
            self.out.extend_from_slice(replacement);
            rest = special.get(1..).unwrap_or_default();
        }
        self.out.extend_from_slice(rest);
    }
}
