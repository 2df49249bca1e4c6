//! The word `unsafe` in Rust sources: what is left of them without comments and texts is searched. Not a parser; it
//! errs on the side of counting.

use std::path::{Path, PathBuf};

/// Source text in which comments, strings and character literals are blank.
pub(super) fn code(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(first) = rest.chars().next() {
        let skipped = skipped(rest, out.chars().next_back());
        let taken = if skipped == 0 { first.len_utf8() } else { skipped };
        if skipped == 0 {
            out.push(first);
        } else {
            out.push(' ');
            out.extend(rest[..taken].chars().filter(|&character| character == '\n'));
        }
        rest = &rest[taken..];
    }
    out
}

/// Octets of the comment or literal that begins here; 0 where none does.
fn skipped(rest: &str, before: Option<char>) -> usize {
    let in_word = before.is_some_and(|character| character.is_alphanumeric() || character == '_');
    if rest.starts_with("//") {
        return rest.find('\n').unwrap_or(rest.len());
    }
    if rest.starts_with("/*") {
        return block_comment(rest);
    }
    if rest.starts_with('"') {
        return quoted(rest, '"');
    }
    if rest.starts_with('\'') {
        return character(rest);
    }
    if !in_word && rest.starts_with('r') {
        let hashes = rest[1..].chars().take_while(|&character| character == '#').count();
        if rest[1 + hashes..].starts_with('"') {
            let end = format!("\"{}", "#".repeat(hashes));
            return rest[2 + hashes..].find(&end).map_or(rest.len(), |at| 2 + hashes + at + end.len());
        }
    }
    0
}

/// Rust's block comments nest.
fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in rest.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            character if character == quote => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// A character literal; a lifetime is none.
fn character(rest: &str) -> usize {
    let mut characters = rest.chars().skip(1);
    match (characters.next(), characters.next()) {
        (Some('\\'), _) => quoted(rest, '\''),
        (Some(one), Some('\'')) => 2 + one.len_utf8(),
        _ => 0,
    }
}

/// How often the word stands in the code; `unsafe_code` in an attribute is another word.
pub(super) fn count(source: &str) -> usize {
    if !source.contains("unsafe") {
        return 0;
    }
    let code = code(source);
    let word = |character: char| character.is_alphanumeric() || character == '_';
    code.match_indices("unsafe")
        .filter(|(at, found)| {
            !code[..*at].chars().next_back().is_some_and(word)
                && !code[at + found.len()..].chars().next().is_some_and(word)
        })
        .count()
}

/// Every Rust file below a folder, in order of name.
pub(super) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return found };
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn the_word_counts_only_where_it_is_code() {
    for (source, expected) in [
        ("unsafe { x() }", 1),
        ("pub unsafe fn f() { unsafe { g() } }", 2),
        ("#![forbid(unsafe_code)]", 0),
        ("// unsafe\nfn f() {}", 0),
        ("/* unsafe /* unsafe */ unsafe */ unsafe {}", 1),
        ("\"unsafe \\\" unsafe\"; unsafe {}", 1),
        ("r#\"unsafe \" unsafe\"#; unsafe {}", 1),
        ("r\"\\\"; unsafe {}", 1),
        ("'\"'; unsafe {} '\"'", 1),
        ("'\\''; unsafe {}", 1),
        ("fn f<'a>(x: &'a str) { unsafe {} }", 1),
        ("b'\\\\'; unsafe {}", 1),
        ("let unsafely = not_unsafe;", 0),
        ("var\"unsafe\"", 0),
    ] {
        assert_eq!(count(source), expected, "{source}");
    }
}
