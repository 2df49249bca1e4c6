//! The parsed document, read only: every question about it is asked by namespace and local name.

use uppsala::dom::{Attribute, Document, Element, NodeKind};
use uppsala::{Parser, XmlError};

use super::limits::MAX_DEPTH;
use super::text::Encoding;
use crate::signed::FormatError;

/// A node of a [`Tree`].
pub use uppsala::NodeId as Node;

/// A parsed document.
pub struct Tree<'a> {
    document: Document<'a>,
    root: Node,
}

impl<'a> Tree<'a> {
    /// Parses text that was scanned.
    pub fn parse(text: &'a str, encoding: Encoding) -> Result<Self, FormatError> {
        let parser = Parser::new().with_forbid_dtd(true).with_forbid_entities(true).with_max_entity_expansion(0);
        let document = parser.with_max_depth(MAX_DEPTH as u32).parse(text).map_err(|error| not_well_formed(&error))?;
        if let Some(declaration) = &document.xml_declaration {
            if declaration.version != "1.0" {
                return Err(FormatError::Unsupported("a version of XML other than 1.0".into()));
            }
            encoding.check_declared(declaration.encoding.as_deref())?;
        }
        let root = document.document_element().ok_or_else(|| FormatError::malformed("no root element"))?;
        let tree = Self { document, root };
        tree.namespaces_hold()?;
        Ok(tree)
    }

    /// What Namespaces in XML 1.0 asks of names and the parser does not look at.
    fn namespaces_hold(&self) -> Result<(), FormatError> {
        // Section 7: the target of an instruction is no name with a prefix.
        let around = std::iter::once(self.document()).chain(self.all(self.root));
        for child in around.flat_map(|node| self.children(node)) {
            if matches!(self.kind(child), Some(NodeKind::ProcessingInstruction(one)) if one.target.contains(':')) {
                return Err(FormatError::malformed("an XML name with a colon out of place"));
            }
        }
        for element in self.all(self.root).filter_map(|node| self.element(node)) {
            let mut names = std::iter::once(&element.name).chain(element.attributes.iter().map(|found| &found.name));
            let mut declared = element.namespace_declarations.iter();
            // Section 3: no element is called by the prefix that declares.
            if element.name.prefix.as_deref() == Some("xmlns") {
                return Err(FormatError::malformed("an element with the XML prefix xmlns"));
            }
            // Section 4.
            if !names.all(|name| is_name_part(&name.local_name) && name.prefix.as_deref().is_none_or(is_name_part))
                || !declared.clone().all(|(prefix, _)| prefix.is_empty() || is_name_part(prefix))
            {
                return Err(FormatError::malformed("an XML name with a colon out of place"));
            }
            // Section 5: a prefix cannot be undone.
            if declared.any(|(prefix, uri)| !prefix.is_empty() && uri.is_empty()) {
                return Err(FormatError::malformed("an XML prefix bound to no namespace"));
            }
        }
        Ok(())
    }

    /// Where a node stands in the text that was parsed: from its first `<` to behind its last `>`.
    pub fn place(&self, node: Node) -> Option<std::ops::Range<usize>> {
        self.document.node_range(node)
    }

    /// The root element.
    pub fn root(&self) -> Node {
        self.root
    }

    /// The node above the root element, with the comments and instructions beside that one.
    pub fn document(&self) -> Node {
        self.document.root()
    }

    /// What a node is.
    pub fn kind(&self, node: Node) -> Option<&NodeKind<'a>> {
        self.document.node_kind(node)
    }

    /// A node as an element.
    pub fn element(&self, node: Node) -> Option<&Element<'a>> {
        self.document.element(node)
    }

    /// The element around a node; for the root element the document.
    pub fn parent(&self, node: Node) -> Option<Node> {
        self.document.parent(node)
    }

    /// The nodes in a node.
    pub fn children(&self, node: Node) -> impl Iterator<Item = Node> {
        self.document.children_iter(node)
    }

    /// The elements in an element, whatever stands between them.
    pub fn elements(&self, node: Node) -> impl Iterator<Item = Node> {
        self.children(node).filter(|&child| self.element(child).is_some())
    }

    /// A node and what is around it, from the inside out.
    pub fn around(&self, node: Node) -> impl Iterator<Item = Node> {
        std::iter::successors(Some(node), |&inner| self.parent(inner))
    }

    /// Whether `inner` is `outer` or lies in it.
    pub fn contains(&self, outer: Node, inner: Node) -> bool {
        self.around(inner).any(|node| node == outer)
    }

    /// Whether an element stands in the middle of a text: what is left of it and right of it is not blank, comments and the
    /// elements in `without` passed over.
    pub fn parts_text(&self, node: Node, without: &[Node]) -> bool {
        let has_text = |step: &dyn Fn(Node) -> Option<Node>| {
            let beside = std::iter::successors(step(node), |&next| step(next));
            let passed_over = |next: &Node| match self.kind(*next) {
                Some(NodeKind::Text(text)) => is_blank(text),
                Some(NodeKind::Comment(_)) => true,
                _ => without.contains(next),
            };
            let first = beside.into_iter().find(|next| !passed_over(next));
            matches!(first.and_then(|next| self.kind(next)), Some(NodeKind::Text(_) | NodeKind::CData(_)))
        };
        has_text(&|at| self.document.previous_sibling(at)) && has_text(&|at| self.document.next_sibling(at))
    }

    /// Every element of the subtree of a node, itself included, in document order.
    pub fn all(&self, node: Node) -> All<'_, 'a> {
        All { tree: self, top: node, next: Some(node) }
    }

    /// Whether a node is that element.
    pub fn is(&self, node: Node, namespace: &str, local: &str) -> bool {
        self.element(node)
            .is_some_and(|element| element.name.local_name == local && self.namespace(node) == Some(namespace))
    }

    /// The namespace of an element; `None` for none.
    pub fn namespace(&self, node: Node) -> Option<&str> {
        self.element(node).and_then(|element| element.name.namespace_uri.as_deref()).filter(|uri| !uri.is_empty())
    }

    /// The name of an element without its prefix.
    pub fn local(&self, node: Node) -> &str {
        self.element(node).map_or("", |element| &element.name.local_name)
    }

    /// An attribute without a namespace.
    pub fn attribute(&self, node: Node, local: &str) -> Option<&str> {
        let found = self
            .attributes(node)
            .find(|attribute| namespace_of(attribute).is_empty() && attribute.name.local_name == local);
        found.map(|attribute| &*attribute.value)
    }

    /// All attributes of an element but the declarations of namespaces.
    pub fn attributes(&self, node: Node) -> impl Iterator<Item = &Attribute<'a>> {
        self.element(node).into_iter().flat_map(|element| element.attributes.iter())
    }

    /// The elements of an element that may hold nothing else but white space: no text, comment or instruction can hide
    /// between them.
    pub fn only_elements(&self, node: Node) -> Result<Vec<Node>, FormatError> {
        let mut elements = Vec::new();
        for child in self.children(node) {
            match self.kind(child) {
                Some(NodeKind::Element(_)) => elements.push(child),
                Some(NodeKind::Text(text)) if is_blank(text) => {}
                _ => return Err(self.stray(node)),
            }
        }
        Ok(elements)
    }

    /// The text of an element that may hold nothing else: a comment in it would cut the text for one reader and not for
    /// another.
    pub fn only_text(&self, node: Node) -> Result<String, FormatError> {
        let mut whole = String::new();
        for child in self.children(node) {
            match self.kind(child) {
                Some(NodeKind::Text(text)) => whole.push_str(text),
                _ => return Err(self.stray(node)),
            }
        }
        Ok(whole)
    }

    fn stray(&self, node: Node) -> FormatError {
        FormatError::Malformed(format!("something in {} that does not belong there", self.local(node)))
    }
}

/// The elements of a subtree in document order.
pub struct All<'t, 'a> {
    tree: &'t Tree<'a>,
    top: Node,
    next: Option<Node>,
}

impl Iterator for All<'_, '_> {
    type Item = Node;

    fn next(&mut self) -> Option<Node> {
        loop {
            let node = self.next?;
            let document = &self.tree.document;
            self.next = document.first_child(node).or_else(|| {
                let below = self.tree.around(node).take_while(|&outer| outer != self.top);
                below.into_iter().find_map(|outer| document.next_sibling(outer))
            });
            if self.tree.element(node).is_some() {
                return Some(node);
            }
        }
    }
}

/// The namespace of an attribute, empty for none.
pub fn namespace_of<'t>(attribute: &'t Attribute<'_>) -> &'t str {
    attribute.name.namespace_uri.as_deref().unwrap_or_default()
}

/// Whether text is white space only, as XML has it.
pub fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}

/// Whether a part of a name that the parser took may stand beside a colon: `NCName` of Namespaces in XML 1.0, section 3. Of
/// the characters of a name (XML 1.0, production 4a), these do not begin one.
fn is_name_part(part: &str) -> bool {
    let inner =
        |first| matches!(first, '-' | '.' | '0'..='9' | '\u{b7}' | '\u{300}'..='\u{36f}' | '\u{203f}'..='\u{2040}');
    part.chars().next().is_some_and(|first| !inner(first)) && !part.contains(':')
}

/// Where it is broken. What the parser says of it may quote the document.
fn not_well_formed(error: &XmlError) -> FormatError {
    let (line, column) = match error {
        XmlError::WellFormedness(error) => (error.line, error.column),
        XmlError::Namespace(error) => (error.line, error.column),
        XmlError::Parse(error) => (error.line, error.column),
        _ => return FormatError::malformed("not well-formed XML"),
    };
    FormatError::Malformed(format!("not well-formed XML at line {line}, column {column}"))
}
