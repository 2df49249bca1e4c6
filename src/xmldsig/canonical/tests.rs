//! Canonical forms against the examples of the recommendations, and against libxml2 where the machine has it.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use proptest::prelude::*;

use super::{Kind, Method, Subset, canonical};
use crate::xmldsig::limits::Budget;
use crate::xmldsig::scan;
use crate::xmldsig::text::{Encoding, decode};
use crate::xmldsig::tree::Tree;

fn method(kind: Kind, comments: bool, prefixes: &[&str]) -> Method {
    Method { kind, comments, prefixes: prefixes.iter().map(|&prefix| prefix.to_owned()).collect() }
}

/// The canonical form of a whole document, or of the first element with that local name.
fn of(xml: &str, element: Option<&str>, method: &Method) -> String {
    let (text, encoding) = decode(xml.as_bytes()).unwrap();
    let text = scan::checked(text).unwrap();
    let tree = Tree::parse(&text, encoding).unwrap();
    let apex = match element {
        Some(local) => tree.all(tree.root()).find(|&node| tree.local(node) == local).unwrap(),
        None => tree.document(),
    };
    let octets = canonical(&tree, &Subset::element(apex), method, &mut Budget::new()).unwrap();
    String::from_utf8(octets).unwrap()
}

/// Canonical XML 1.0, 3.1.
#[test]
fn instructions_and_comments_beside_the_root_stand_on_lines_of_their_own() {
    let xml = "<?xml version=\"1.0\"?>\n\n<?xml-stylesheet   href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>\n\n\n\
        <doc>Hello, world!<!-- Comment 1 --></doc>\n\n<?pi-without-data     ?>\n\n<!-- Comment 2 -->\n\n<!-- Comment 3 -->\n";
    assert_eq!(
        of(xml, None, &method(Kind::Inclusive, false, &[])),
        "<?xml-stylesheet href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>\n<doc>Hello, world!</doc>\n<?pi-without-data?>"
    );
    assert_eq!(
        of(xml, None, &method(Kind::Inclusive, true, &[])),
        "<?xml-stylesheet href=\"doc.xsl\"\n   type=\"text/xsl\"   ?>\n<doc>Hello, world!<!-- Comment 1 --></doc>\n\
         <?pi-without-data?>\n<!-- Comment 2 -->\n<!-- Comment 3 -->"
    );
}

/// Canonical XML 1.0, 3.3, less the default attribute that a document type declaration would bring.
#[test]
fn start_tags_are_put_in_order() {
    let xml = "<doc>\n   <e1   />\n   <e2   ></e2>\n   <e3   name = \"elem3\"   id=\"elem3\"   />\n   \
        <e5 a:attr=\"out\" b:attr=\"sorted\" attr2=\"all\" attr=\"I'm\"\n      xmlns:b=\"http://www.ietf.org\"\n      \
        xmlns:a=\"http://www.w3.org\"\n      xmlns=\"http://example.org\"/>\n   <e6 xmlns=\"\" xmlns:a=\"http://www.w3.org\">\n      \
        <e7 xmlns=\"http://www.ietf.org\">\n         <e8 xmlns=\"\" xmlns:a=\"http://www.w3.org\">\n            \
        <e9 xmlns=\"\" xmlns:a=\"http://www.ietf.org\"/>\n         </e8>\n      </e7>\n   </e6>\n</doc>";
    let expected = "<doc>\n   <e1></e1>\n   <e2></e2>\n   <e3 id=\"elem3\" name=\"elem3\"></e3>\n   \
        <e5 xmlns=\"http://example.org\" xmlns:a=\"http://www.w3.org\" xmlns:b=\"http://www.ietf.org\" attr=\"I'm\" \
        attr2=\"all\" b:attr=\"sorted\" a:attr=\"out\"></e5>\n   <e6 xmlns:a=\"http://www.w3.org\">\n      \
        <e7 xmlns=\"http://www.ietf.org\">\n         <e8 xmlns=\"\">\n            \
        <e9 xmlns:a=\"http://www.ietf.org\"></e9>\n         </e8>\n      </e7>\n   </e6>\n</doc>";
    assert_eq!(of(xml, None, &method(Kind::Inclusive, false, &[])), expected);
}

/// Canonical XML 1.0, 3.4: character references, CDATA, quotes, line ends.
#[test]
fn characters_are_written_one_way() {
    let xml = "<doc>\r\n   <text>First line&#x0d;&#10;Second line</text>\n   <value>&#x32;</value>\n   \
        <compute><![CDATA[value>\"0\" && value<\"10\" ?\"valid\":\"error\"]]></compute>\n   \
        <compute expr='value>\"0\" &amp;&amp; value&lt;\"10\" ?\"valid\":\"error\"'>valid</compute>\n   \
        <norm attr=' &apos;   &#x20;&#13;&#xa;&#9;   &apos; '/>\n</doc>";
    let expected = "<doc>\n   <text>First line&#xD;\nSecond line</text>\n   <value>2</value>\n   \
        <compute>value&gt;\"0\" &amp;&amp; value&lt;\"10\" ?\"valid\":\"error\"</compute>\n   \
        <compute expr=\"value>&quot;0&quot; &amp;&amp; value&lt;&quot;10&quot; ?&quot;valid&quot;:&quot;error&quot;\">valid\
        </compute>\n   <norm attr=\" '    &#xD;&#xA;&#x9;   ' \"></norm>\n</doc>";
    assert_eq!(of(xml, None, &method(Kind::Inclusive, false, &[])), expected);
}

/// Exclusive canonical XML, 2.2: the same element in two envelopes.
#[test]
fn an_element_is_written_alike_in_any_envelope_by_the_exclusive_method_only() {
    let outer = "<n0:pdu xmlns:n0=\"http://a.example\" xmlns:n2=\"http://b.example\" xml:lang=\"fr\" xml:space=\"retain\" \
        xml:id=\"x\"><n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\"><n3:stuff xmlns:n3=\"ftp://example.org\"/>\
        </n1:elem2></n0:pdu>";
    let alone = "<n1:elem2 xmlns:n1=\"http://example.net\" xml:lang=\"en\"><n3:stuff xmlns:n3=\"ftp://example.org\">\
        </n3:stuff></n1:elem2>";
    assert_eq!(of(outer, Some("elem2"), &method(Kind::Exclusive, false, &[])), alone);
    let inclusive = "<n1:elem2 xmlns:n0=\"http://a.example\" xmlns:n1=\"http://example.net\" xmlns:n2=\"http://b.example\" \
        xml:id=\"x\" xml:lang=\"en\" xml:space=\"retain\"><n3:stuff xmlns:n3=\"ftp://example.org\"></n3:stuff></n1:elem2>";
    assert_eq!(of(outer, Some("elem2"), &method(Kind::Inclusive, false, &[])), inclusive);
    // Version 1.1, 2.4: xml:id is not inherited.
    assert_eq!(
        of(outer, Some("elem2"), &method(Kind::Inclusive11, false, &[])),
        inclusive.replace(" xml:id=\"x\"", "")
    );
    let listed = alone.replace("xmlns:n1", "xmlns:n0=\"http://a.example\" xmlns:n1");
    assert_eq!(of(outer, Some("elem2"), &method(Kind::Exclusive, false, &["n0", "nowhere"])), listed);
}

#[test]
fn the_default_namespace_is_undone_only_where_it_was_written() {
    let xml = "<a xmlns=\"urn:x\"><b xmlns=\"\"><c/><d xmlns=\"urn:y\"><e xmlns=\"urn:y\"/></d></b></a>";
    for kind in [Kind::Inclusive, Kind::Exclusive] {
        let method = method(kind, false, &[]);
        let b = "<c></c><d xmlns=\"urn:y\"><e></e></d>";
        assert_eq!(of(xml, None, &method), format!("<a xmlns=\"urn:x\"><b xmlns=\"\">{b}</b></a>"));
        assert_eq!(of(xml, Some("b"), &method), format!("<b>{b}</b>"));
    }
    // A prefix that is bound anew for the children of an element that does not use it.
    let xml = "<p:a xmlns:p=\"urn:1\"><b xmlns:p=\"urn:2\"><p:c/></b></p:a>";
    assert_eq!(
        of(xml, None, &method(Kind::Exclusive, false, &[])),
        "<p:a xmlns:p=\"urn:1\"><b><p:c xmlns:p=\"urn:2\"></p:c></b></p:a>"
    );
    assert_eq!(
        of(xml, None, &method(Kind::Exclusive, false, &["p"])),
        "<p:a xmlns:p=\"urn:1\"><b xmlns:p=\"urn:2\"><p:c></p:c></b></p:a>"
    );
}

#[test]
fn a_short_document_cannot_have_a_canonical_form_without_end() {
    let uri = "u".repeat(1 << 20);
    let xml = format!("<a xmlns:p=\"{uri}\">{}</a>", "<p:b/>".repeat(1000));
    let tree = Tree::parse(&xml, Encoding::Utf8).unwrap();
    let subset = Subset::element(tree.document());
    let result = canonical(&tree, &subset, &method(Kind::Exclusive, false, &[]), &mut Budget::new());
    assert!(result.is_err());
}

#[test]
fn a_base_above_an_element_is_refused_under_version_1_1() {
    let xml = "<a xml:base=\"http://a.example/\"><b/></a>";
    let tree = Tree::parse(xml, Encoding::Utf8).unwrap();
    let b = tree.elements(tree.root()).next().unwrap();
    let method = method(Kind::Inclusive11, false, &[]);
    canonical(&tree, &Subset::element(b), &method, &mut Budget::new()).unwrap_err();
    canonical(&tree, &Subset::element(tree.root()), &method, &mut Budget::new()).unwrap();
}

/// A document out of random octets: every kind of node, namespaces bound, bound anew and undone.
fn document(seed: &[u8]) -> String {
    let mut source = Source { octets: seed.iter().copied().cycle().take(4000).collect::<Vec<_>>().into_iter() };
    let mut out = String::from("<?xml version=\"1.0\"?>");
    source.misc(&mut out);
    source.element(&mut out, &[], 0);
    source.misc(&mut out);
    out
}

struct Source {
    octets: std::vec::IntoIter<u8>,
}

const PREFIXES: [&str; 4] = ["", "a", "b", "zz"];
// No ampersand: libxml2 does not escape it in declarations, against 2.3 of the recommendation.
const URIS: [&str; 4] = ["urn:1", "urn:2", "urn:3?x=1", ""];
const TEXTS: [&str; 10] = [
    "",
    " ",
    "\n\t",
    "plain",
    "&lt;&amp;&gt;",
    "&#13;\r\n\r",
    "<![CDATA[<&\r\n\"]]>",
    "\"'",
    "Ұ\u{10348}",
    "&#x9;&#xA;",
];

impl Source {
    fn pick(&mut self, among: usize) -> usize {
        usize::from(self.octets.next().unwrap_or_default()) % among
    }

    fn misc(&mut self, out: &mut String) {
        for _ in 0..self.pick(3) {
            out.push_str(["\n", "<!-- a\r\nb -->", "<?pi  x\ty ?>", "<?p?>"][self.pick(4)]);
        }
    }

    fn element(&mut self, out: &mut String, scope: &[(&'static str, &'static str)], depth: usize) {
        let mut scope = scope.to_vec();
        let mut declared: Vec<&str> = Vec::new();
        let mut tag = String::new();
        for _ in 0..self.pick(3) {
            let (prefix, uri) = (PREFIXES[self.pick(4)], URIS[self.pick(4)]);
            if declared.contains(&prefix) || (uri.is_empty() && !prefix.is_empty()) {
                continue;
            }
            declared.push(prefix);
            scope.push((prefix, uri));
            let colon = if prefix.is_empty() { "" } else { ":" };
            write!(tag, " xmlns{colon}{prefix}='{uri}'").unwrap();
        }
        // No two attributes may have one expanded name, so each has a local name of its own.
        for index in 0..self.pick(4) {
            let value = ["v", " a  b ", "&#10;&#13;&#9;", "<\"".trim_start_matches('<'), "&amp;&lt;>"][self.pick(5)];
            let prefix = scope.get(self.pick(scope.len() + 1)).map_or("", |(prefix, _)| prefix);
            let colon = if prefix.is_empty() { "" } else { ":" };
            let local = ["x", "y", "B", "a"][(self.pick(2) + index) % 4];
            write!(tag, "\n  {prefix}{colon}{local}{index}='{value}'").unwrap();
        }
        if self.pick(6) == 0 {
            tag.push_str(" xml:lang='kk'");
        }
        let prefix = scope.get(self.pick(scope.len() + 1)).map_or("", |(prefix, _)| prefix);
        let name = if prefix.is_empty() { "e".to_owned() } else { format!("{prefix}:e") };
        write!(out, "<{name}{tag}>").unwrap();
        for _ in 0..self.pick(4) {
            match self.pick(4) {
                0 if depth < 5 => self.element(out, &scope, depth + 1),
                1 => out.push_str(["<!--c-->", "<?pi d?>"][self.pick(2)]),
                _ => out.push_str(TEXTS[self.pick(10)]),
            }
        }
        write!(out, "</{name}>").unwrap();
    }
}

/// What xmllint makes of a document; `None` when there is no xmllint.
fn xmllint(option: &str, xml: &str) -> Option<String> {
    let mut child = Command::new("xmllint")
        .args([option, "--nonet", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    child.stdin.take()?.write_all(xml.as_bytes()).ok()?;
    let output = child.wait_with_output().ok()?;
    assert!(output.status.success(), "xmllint refuses {xml}");
    String::from_utf8(output.stdout).ok()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn documents_are_written_as_libxml2_writes_them(seed in proptest::collection::vec(any::<u8>(), 200..400)) {
        let xml = document(&seed);
        for (option, kind) in
            [("--c14n", Kind::Inclusive), ("--c14n11", Kind::Inclusive11), ("--exc-c14n", Kind::Exclusive)]
        {
            let Some(expected) = xmllint(option, &xml) else {
                println!("skipped: there is no xmllint (package libxml2-utils)");
                return Ok(());
            };
            prop_assert_eq!(of(&xml, None, &method(kind, true, &[])), expected, "{}", xml);
        }
    }

    #[test]
    fn what_was_canonical_stays_as_it_is(seed in proptest::collection::vec(any::<u8>(), 200..400)) {
        for kind in [Kind::Inclusive, Kind::Exclusive] {
            let once = of(&document(&seed), None, &method(kind, true, &[]));
            prop_assert_eq!(of(&once, None, &method(kind, true, &[])), once);
        }
    }
}
