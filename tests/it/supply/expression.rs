//! Licences as packages write them: SPDX expressions, and the old form with a slash.

/// Whether the licences in `allowed` satisfy the expression; an error where it is none.
pub(super) fn satisfied(expression: &str, allowed: &[String]) -> Result<bool, String> {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { words: &words, allowed };
    let answer = reader.either()?;
    if reader.words.is_empty() { Ok(answer) } else { Err(format!("{expression}: what follows is no expression")) }
}

struct Reader<'a> {
    words: &'a [&'a str],
    allowed: &'a [String],
}

impl Reader<'_> {
    fn take(&mut self, word: &str) -> bool {
        let found = self.words.first() == Some(&word);
        if found {
            self.words = &self.words[1..];
        }
        found
    }

    /// OR binds less than AND.
    fn either(&mut self) -> Result<bool, String> {
        let mut answer = self.both()?;
        while self.take("OR") {
            answer |= self.both()?;
        }
        Ok(answer)
    }

    fn both(&mut self) -> Result<bool, String> {
        let mut answer = self.one()?;
        while self.take("AND") {
            answer &= self.one()?;
        }
        Ok(answer)
    }

    fn one(&mut self) -> Result<bool, String> {
        if self.take("(") {
            let answer = self.either()?;
            return if self.take(")") { Ok(answer) } else { Err("a parenthesis is open".to_owned()) };
        }
        let mut licence = self.identifier()?;
        if self.take("WITH") {
            licence = format!("{licence} WITH {}", self.identifier()?);
        }
        Ok(self.allowed.contains(&licence))
    }

    fn identifier(&mut self) -> Result<String, String> {
        let (first, rest) = self.words.split_first().ok_or("a licence is missing")?;
        if ["OR", "AND", "WITH", ")", "("].contains(first) {
            return Err(format!("{first} where a licence should be"));
        }
        self.words = rest;
        Ok((*first).to_owned())
    }
}

#[test]
fn expressions_are_read_as_spdx_means_them() {
    let allowed = ["MIT".to_owned(), "Apache-2.0 WITH LLVM-exception".to_owned(), "ISC".to_owned()];
    let satisfied = |expression: &str| satisfied(expression, &allowed);
    for good in ["MIT", "MIT OR GPL-3.0", "GPL-3.0/MIT", "MIT AND ISC", "GPL-3.0 OR (MIT AND ISC)"] {
        assert_eq!(satisfied(good), Ok(true), "{good}");
    }
    assert_eq!(satisfied("Apache-2.0 WITH LLVM-exception"), Ok(true));
    for bad in
        ["GPL-3.0", "Apache-2.0", "MIT AND GPL-3.0", "(MIT OR ISC) AND GPL-3.0", "mit", "MIT WITH LLVM-exception"]
    {
        assert_eq!(satisfied(bad), Ok(false), "{bad}");
    }
    // Without parentheses AND comes first.
    assert_eq!(satisfied("MIT OR ISC AND GPL-3.0"), Ok(true));
    assert_eq!(satisfied("GPL-3.0 AND ISC OR GPL-2.0"), Ok(false));
    for none in ["", "MIT ISC", "MIT OR", "OR MIT", "(MIT", "MIT)", "()", "MIT WITH", "AND", "MIT OR OR ISC"] {
        assert!(satisfied(none).is_err(), "{none}");
    }
}
