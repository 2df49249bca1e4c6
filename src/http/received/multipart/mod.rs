//! `multipart/form-data` (RFC 7578, RFC 2046 section 5.1), read as it arrives.
//!
//! Own code, because the reader that is usual with the router takes in whatever is ready before it hands anything out. Here
//! at most one frame of the body and one delimiter are held.

use axum::body::{Body, Bytes};
use http_body_util::BodyExt as _;
use memchr::memmem;

use super::Deadline;
use crate::http::problem::Problem;

/// Longest boundary (RFC 2046 section 5.1.1).
const MAX_BOUNDARY: usize = 70;
/// Longest head of a part: a name, a file name and a media type need a few hundred octets.
const MAX_HEAD: usize = 8 * 1024;
/// Longest text before the first part: nothing has a reason to be there.
const MAX_PREAMBLE: usize = 1024;
/// Most parts: the calls here know three.
const MAX_PARTS: usize = 16;

/// A part whose contents follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::http) struct Part {
    /// The name of the field.
    pub(in crate::http) name: String,
}

/// A form on its way in.
pub(in crate::http) struct Multipart {
    body: Body,
    deadline: Deadline,
    /// What has arrived and was not handed out, from `start` on.
    buffer: Vec<u8>,
    start: usize,
    /// CR LF, two hyphens, the boundary.
    delimiter: Vec<u8>,
    parts: usize,
    is_over: bool,
}

impl Multipart {
    /// Begins to read a body of the media type `content_type`; `None` when that is not a form with a usable boundary.
    pub(in crate::http) fn new(content_type: &str, body: Body, deadline: Deadline) -> Option<Self> {
        let boundary = boundary(content_type)?;
        let delimiter = format!("\r\n--{boundary}").into_bytes();
        // The first delimiter may stand at the very beginning, without a line before it.
        Some(Self { body, deadline, buffer: b"\r\n".to_vec(), start: 0, delimiter, parts: 0, is_over: false })
    }

    /// The next part; `None` after the last. What is left of the one before has to be read first.
    pub(in crate::http) async fn next_part(&mut self) -> Result<Option<Part>, Problem> {
        if self.is_over {
            return Ok(None);
        }
        let mut skipped = 0;
        while self.parts == 0
            && let Some(piece) = self.piece().await?
        {
            skipped += piece.len();
            if skipped > MAX_PREAMBLE {
                return Err(malformed("no part begins where the first should be"));
            }
        }
        if self.parts == MAX_PARTS {
            return Err(malformed("too many parts"));
        }
        self.parts += 1;
        let after = self.until(b"\r\n", MAX_HEAD).await?;
        match after.trim_ascii_end() {
            b"--" => {
                self.is_over = true;
                return Ok(None);
            }
            b"" => {}
            _ => return Err(malformed("a delimiter is followed by something else")),
        }
        let mut head = Vec::new();
        loop {
            let line = self.until(b"\r\n", MAX_HEAD).await?;
            if line.is_empty() {
                break;
            }
            head.push(line);
            if head.iter().map(Vec::len).sum::<usize>() > MAX_HEAD {
                return Err(malformed("the head of a part is too long"));
            }
        }
        read_head(&head).map(Some)
    }

    /// The next piece of the part, never empty; `None` at its end.
    pub(in crate::http) async fn piece(&mut self) -> Result<Option<Bytes>, Problem> {
        loop {
            let held = self.held();
            let length = match memmem::find(held, &self.delimiter) {
                Some(0) => {
                    self.start += self.delimiter.len();
                    return Ok(None);
                }
                Some(at) => at,
                // The beginning of a delimiter may be at the end of what is here.
                None => held.len().saturating_sub(self.delimiter.len() - 1),
            };
            if length > 0 {
                let piece = Bytes::copy_from_slice(held.get(..length).unwrap_or_default());
                self.start += length;
                return Ok(Some(piece));
            }
            self.fill().await?;
        }
    }

    /// What comes before `end`, which is taken too; at most `limit` octets.
    async fn until(&mut self, end: &[u8], limit: usize) -> Result<Vec<u8>, Problem> {
        loop {
            let held = self.held();
            if let Some(at) = memmem::find(held.get(..held.len().min(limit + end.len())).unwrap_or_default(), end) {
                let text = held.get(..at).unwrap_or_default().to_vec();
                self.start += at + end.len();
                return Ok(text);
            }
            if held.len() >= limit + end.len() {
                return Err(malformed("the head of a part is too long"));
            }
            self.fill().await?;
        }
    }

    fn held(&self) -> &[u8] {
        self.buffer.get(self.start..).unwrap_or_default()
    }

    /// Waits for more.
    async fn fill(&mut self) -> Result<(), Problem> {
        self.buffer.drain(..self.start);
        self.start = 0;
        loop {
            let frame = tokio::time::timeout_at(self.deadline.moment(), self.body.frame());
            let frame = frame.await.map_err(|_elapsed| Problem::timed_out())?;
            let Some(frame) = frame else { return Err(malformed("the form ends before its last delimiter")) };
            if let Ok(data) = frame.map_err(|_| Problem::broken_body())?.into_data() {
                self.deadline.received(data.len());
                self.buffer.extend_from_slice(&data);
                return Ok(());
            }
        }
    }
}

fn malformed(problem: &str) -> Problem {
    Problem::malformed_form(problem.to_owned())
}

/// The boundary of a media type (RFC 2045 section 5.1), quoted or not.
fn boundary(content_type: &str) -> Option<String> {
    let (essence, parameters) = content_type.split_once(';')?;
    if !essence.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let value = parameter(parameters, "boundary")?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&byte);
    let good = (1..=MAX_BOUNDARY).contains(&value.len()) && value.bytes().all(allowed) && !value.ends_with(' ');
    good.then_some(value)
}

/// A parameter of a header field: `; name=value` or `; name="va\"lue"`.
fn parameter(text: &str, wanted: &str) -> Option<String> {
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches([';', ' ', '\t']);
        let (name, after) = rest.split_once('=')?;
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted_string(quoted)?,
            None => {
                let end = after.find(';').unwrap_or(after.len());
                let (value, next) = after.split_at_checked(end)?;
                (value.trim().to_owned(), next)
            }
        };
        if name.trim().eq_ignore_ascii_case(wanted) {
            return Some(value);
        }
        rest = next;
    }
}

/// The rest of a quoted string, and what follows it.
fn quoted_string(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, text.get(at + 1..)?)),
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

fn read_head(lines: &[Vec<u8>]) -> Result<Part, Problem> {
    let mut name = None;
    for line in lines {
        let Ok(line) = std::str::from_utf8(line) else { return Err(malformed("the head of a part is not UTF-8")) };
        let Some((field, value)) = line.split_once(':') else {
            return Err(malformed("the head of a part has a line without a colon"));
        };
        match field.trim().to_ascii_lowercase().as_str() {
            "content-disposition" => {
                let Some((kind, parameters)) = value.split_once(';') else { continue };
                if kind.trim().eq_ignore_ascii_case("form-data") && name.is_none() {
                    name = parameter(parameters, "name");
                }
            }
            "content-transfer-encoding" if !is_plain(value) => {
                return Err(malformed("a part has a transfer encoding; send its bytes as they are"));
            }
            _ => {}
        }
    }
    name.map(|name| Part { name }).ok_or_else(|| malformed("a part has no name"))
}

fn is_plain(encoding: &str) -> bool {
    ["binary", "7bit", "8bit"].iter().any(|plain| encoding.trim().eq_ignore_ascii_case(plain))
}

#[cfg(test)]
mod tests;
