//! A file of tokens beside the configuration, so that tokens come and go without a restart.
//!
//! One token a line: the name of its client, the SHA-256 of the token in hexadecimal and, if wanted, when it ends
//! (RFC 3339); `#` begins a comment. A file with one line that cannot be used is not used at all: half of a list of who
//! may ask is not a list of who may ask.

use std::path::Path;

use super::AccessError;
use super::client::{Holder, Roster, Tokens};
use super::token::{PREFIX, TokenDigest};
use crate::config::parse_sha256;

const SHAPE: &str = "Write a line as «client sha256-of-the-token [expiry]», as rastau token new prints it";

/// The tokens of the file and those of the configuration.
pub(super) fn parse(path: &Path, bytes: &[u8], roster: &Roster) -> Result<Tokens, AccessError> {
    let text = std::str::from_utf8(bytes).map_err(|_| AccessError::new(path, "is not text in UTF-8", SHAPE))?;
    let mut tokens = roster.tokens().clone();
    for (number, line) in (1..).zip(text.lines()) {
        // Never a part of the line: somebody may have written the token itself.
        let blame = |problem: &str, remedy| Err(AccessError::new(path, format!("line {number}: {problem}"), remedy));
        let line = line.split('#').next().unwrap_or_default();
        let words: Vec<_> = line.split_ascii_whitespace().collect();
        let (name, digest, expires) = match words.as_slice() {
            [] => continue,
            [name, digest] => (*name, *digest, None),
            [name, digest, expires] => (*name, *digest, Some(*expires)),
            _ => return blame("neither two nor three words", SHAPE),
        };
        let Some(client) = roster.named(name) else {
            return blame("no client of this name is configured", "Add it as [[access.client]], or correct the name");
        };
        if digest.starts_with(PREFIX) {
            return blame("the token itself instead of its SHA-256", "Make a new token: this one was written down");
        }
        let Some(digest) = parse_sha256(digest) else {
            return blame("not a SHA-256 in hexadecimal", SHAPE);
        };
        let expires = match expires.map(str::parse).transpose() {
            Ok(expires) => expires,
            Err(_) => return blame("not a time", "Write the expiry as 2027-01-31T00:00:00Z"),
        };
        let holder = Holder { client: client.clone(), expires };
        if tokens.insert(TokenDigest::new(digest), holder).is_some() {
            return blame("a token that was listed before", "Give every client tokens of its own, each listed once");
        }
    }
    Ok(tokens)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{AccessClient, Role};

    fn roster() -> Roster {
        Roster::of(&[AccessClient {
            name: "portal".into(),
            roles: vec![Role::Portal],
            tokens: vec![[7; 32]],
            certificates: Vec::new(),
            rate_per_second: None,
            burst: None,
            expires: None,
        }])
    }

    fn read(text: &str) -> Result<Tokens, String> {
        parse(Path::new("tokens"), text.as_bytes(), &roster()).map_err(|error| error.to_string())
    }

    #[test]
    fn tokens_of_the_file_stand_beside_those_of_the_configuration() {
        let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        let other = digest.replace('b', "c");
        let text = format!("# tokens\r\n\n  portal {digest} # first\nportal\t{other} 2027-01-31T00:00:00+05:00");
        let tokens = read(&text).unwrap();
        assert_eq!(tokens.len(), 3);
        let holder = tokens.get(&TokenDigest::of(b"abc")).unwrap();
        assert_eq!((&*holder.client.caller.name, holder.expires), ("portal", None));
        assert_eq!(read("").unwrap().len(), 1);
    }

    #[test]
    fn one_bad_line_spoils_the_file_and_is_not_repeated() {
        let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        for (text, told) in [
            ("portal".to_owned(), "tokens: line 1: neither two nor three words"),
            (format!("portal {digest} 2027-01-31T00:00:00Z x"), "neither two nor three"),
            (format!("\nPortal {digest}"), "line 2: no client of this name"),
            (format!("portal {}", &digest[1..]), "not a SHA-256"),
            (format!("portal {}", digest.to_uppercase().replace('A', "G")), "not a SHA-256"),
            (format!("portal rastau_{digest}"), "the token itself"),
            (format!("portal {digest} tomorrow"), "not a time"),
            (format!("portal {digest}\nportal {digest}"), "line 2: a token that was listed before"),
            (format!("portal {}", "07".repeat(32)), "a token that was listed before"),
        ] {
            let error = read(&text).unwrap_err();
            assert!(error.contains(told) && !error.contains("ba7816bf"), "{text}: {error}");
        }
        assert!(parse(Path::new("tokens"), &[0xff], &roster()).is_err());
    }
}
