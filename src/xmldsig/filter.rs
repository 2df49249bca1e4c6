//! Transforms that are written in `XPath` and leave out signatures, which is all that is understood of `XPath` here. Nothing is
//! evaluated: a text is one of these, or it is refused.

use super::namespaces::{DS, FILTER_2};
use super::parts::Transform;
use super::tree::{Node, Tree};

/// The `XPath` transform of XML Signature 1.0 (6.6.3), and the filter that came after it.
pub const XPATH: &str = "http://www.w3.org/TR/1999/REC-xpath-19991116";

/// What XML Signature 6.6.4 says that the enveloped-signature transform is, `*` for the prefix.
const ITSELF: &str =
    "count(ancestor-or-self::*:Signature|here()/ancestor::*:Signature[1])>count(ancestor-or-self::*:Signature)";
/// Every node that is in no signature.
const NO_SIGNATURE: &str = "not(ancestor-or-self::*:Signature)";
/// What the filter takes out: the signature itself.
const FILTER_ITSELF: &str = "here()/ancestor::*:Signature[1]";
/// All signatures.
const FILTER_ALL: [&str; 2] = ["/descendant::*:Signature", "//*:Signature"];

/// Reads a `Transform` of that algorithm; `None` when it is another one, or says anything else.
pub fn read(tree: &Tree<'_>, node: Node, identifier: &str) -> Option<Transform> {
    let [expression] = *tree.only_elements(node).ok()?.as_slice() else { return None };
    let is_filter = identifier == FILTER_2;
    let namespace = if is_filter { FILTER_2 } else { DS };
    if !matches!(identifier, XPATH | FILTER_2) || !tree.is(expression, namespace, "XPath") {
        return None;
    }
    if is_filter && tree.attribute(expression, "Filter") != Some("subtract") {
        return None;
    }
    let text = compact(&tree.only_text(expression).ok()?);
    // The prefix is one, whichever it is, and means signatures.
    let prefix =
        text.split_once(":Signature").map(|(before, _)| before.rsplit([':', '/']).next().unwrap_or_default())?;
    if prefix.is_empty() || namespace_of(tree, expression, prefix) != Some(DS) {
        return None;
    }
    let is = |known: &str| text == known.replace('*', prefix);
    match is_filter {
        false if is(ITSELF) => Some(Transform::Enveloped),
        false if is(NO_SIGNATURE) => Some(Transform::WithoutSignatures),
        true if is(FILTER_ITSELF) => Some(Transform::Enveloped),
        true if FILTER_ALL.iter().any(|known| is(known)) => Some(Transform::WithoutSignatures),
        _ => None,
    }
}

/// An expression without the white space that means nothing: that which does not part two names.
fn compact(text: &str) -> String {
    let is_of_name = |one: char| one.is_alphanumeric() || matches!(one, '-' | '_' | '.');
    let mut out = String::new();
    for word in text.split_ascii_whitespace() {
        if out.ends_with(is_of_name) && word.starts_with(is_of_name) {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// What a prefix stands for in an element.
fn namespace_of<'t>(tree: &'t Tree<'_>, node: Node, prefix: &str) -> Option<&'t str> {
    let declared =
        tree.around(node).filter_map(|outer| tree.element(outer)).flat_map(|outer| &outer.namespace_declarations);
    declared.into_iter().find(|(known, _)| known == prefix).map(|(_, uri)| &**uri)
}
