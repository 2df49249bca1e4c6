//! `--batch`: one request a line in, one report a line out, in order, on all cores.
//!
//! Lines are read in chunks bounded in number and bytes, a chunk is answered by all cores and written before the
//! next is read: memory does not grow with the file.

pub mod brought;
pub mod line;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use rayon::prelude::*;

use super::input;
use super::output::Output;
use super::status::{Failure, Status};
use crate::verdict::Decision;

/// Longest line. A request with a certificate has 4 kB; this leaves room for a list of the National CA's size (22 MB,
/// a third more in base64) sent along.
pub const MAX_LINE: usize = 64 * 1024 * 1024;
/// Lines answered together: enough to keep all cores busy, few enough to see progress.
const CHUNK_LINES: usize = 512;
/// Bytes of lines held together, unless one line alone is longer.
const CHUNK_BYTES: usize = 32 * 1024 * 1024;

/// A line as it was read.
pub enum Line {
    /// Its bytes, without the line feed.
    Text(Vec<u8>),
    /// Longer than [`MAX_LINE`]: passed over without being kept.
    TooLong,
}

/// The answer to one line.
pub struct Answer {
    /// One line of JSON.
    pub json: String,
    /// The decision; none when the line could not be read.
    pub decision: Option<Decision>,
}

/// How the lines of a batch ended.
#[derive(Default)]
struct Tally {
    accepted: u64,
    refused: u64,
    undetermined: u64,
    unreadable: u64,
}

/// Answers every line of `path` by `answer`, which is given the number of the line, from 1; sums up on stderr.
pub fn run(path: &Path, answer: impl Fn(u64, &Line) -> Answer + Sync) -> Result<Status, Failure> {
    let about = input::label("--batch", path);
    let (reader, size) = open(path).map_err(|error| Failure::new(&about, format!("cannot be read: {error}")))?;
    let progress = progress(size);
    let mut output = Output::raw();
    let mut tally = Tally::default();
    let mut lines = Lines { reader: progress.wrap_read(reader) };
    let mut before = 0_u64;
    loop {
        let chunk = lines.chunk().map_err(|error| Failure::new(&about, format!("cannot be read: {error}")))?;
        if chunk.is_empty() || output.is_closed() {
            break;
        }
        let numbered = chunk.par_iter().enumerate().with_max_len(1);
        let answers: Vec<Answer> = numbered.map(|(index, line)| answer(before + index as u64 + 1, line)).collect();
        before += chunk.len() as u64;
        for one in &answers {
            tally.count(one);
            output.line(&one.json);
        }
        output.flush();
    }
    progress.finish_and_clear();
    output.finish()?;
    tally.report();
    Ok(if tally.unreadable == 0 { Status::Good } else { Status::Unreadable })
}

impl Tally {
    fn count(&mut self, answer: &Answer) {
        *match answer.decision {
            Some(Decision::Accepted) => &mut self.accepted,
            Some(Decision::Refused) => &mut self.refused,
            Some(Decision::Undetermined) => &mut self.undetermined,
            None => &mut self.unreadable,
        } += 1;
    }

    fn report(&self) {
        let Self { accepted, refused, undetermined, unreadable } = self;
        let total = accepted + refused + undetermined + unreadable;
        super::complain(format_args!(
            "{total} lines: {accepted} accepted, {refused} refused, {undetermined} undetermined, {unreadable} unreadable"
        ));
    }
}

type Source = BufReader<Box<dyn Read>>;

fn open(path: &Path) -> io::Result<(Source, Option<u64>)> {
    if path.as_os_str() == "-" {
        return Ok((BufReader::new(Box::new(io::stdin())), None));
    }
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let size = metadata.is_file().then_some(metadata.len());
    Ok((BufReader::new(Box::new(file)), size))
}

/// A bar over the bytes of the file, on stderr if that is a terminal.
fn progress(size: Option<u64>) -> ProgressBar {
    let (bar, template) = match size {
        Some(size) => (ProgressBar::new(size), "{wide_bar} {percent}% {eta}"),
        None => (ProgressBar::no_length(), "{spinner} {bytes} {elapsed}"),
    };
    // Hides itself when stderr is no terminal.
    bar.set_draw_target(ProgressDrawTarget::stderr());
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}

struct Lines<R> {
    reader: R,
}

impl<R: BufRead> Lines<R> {
    /// The next lines; none at the end. Blank lines are passed over.
    fn chunk(&mut self) -> io::Result<Vec<Line>> {
        let mut lines = Vec::new();
        let mut bytes = 0;
        while lines.len() < CHUNK_LINES && bytes < CHUNK_BYTES {
            match self.next(MAX_LINE)? {
                None => break,
                Some(Line::Text(text)) if text.trim_ascii().is_empty() => {}
                Some(line) => {
                    if let Line::Text(text) = &line {
                        bytes += text.len();
                    }
                    lines.push(line);
                }
            }
        }
        Ok(lines)
    }

    fn next(&mut self, limit: usize) -> io::Result<Option<Line>> {
        let mut text = Vec::new();
        let taken = self.reader.by_ref().take(limit as u64 + 1).read_until(b'\n', &mut text)?;
        if taken == 0 {
            return Ok(None);
        }
        if text.last() == Some(&b'\n') {
            text.pop();
            return Ok(Some(Line::Text(text)));
        }
        if text.len() <= limit {
            return Ok(Some(Line::Text(text)));
        }
        self.reader.skip_until(b'\n')?;
        Ok(Some(Line::TooLong))
    }
}

#[cfg(test)]
mod tests {
    use super::{CHUNK_LINES, Line, Lines};

    fn read(text: &[u8], limit: usize) -> Vec<Option<Vec<u8>>> {
        let mut lines = Lines { reader: text };
        std::iter::from_fn(|| lines.next(limit).expect("memory does not fail"))
            .map(|line| match line {
                Line::Text(text) => Some(text),
                Line::TooLong => None,
            })
            .collect()
    }

    #[test]
    fn an_over_long_line_is_passed_over_and_the_next_one_read() {
        assert_eq!(
            read(b"abc\nabcd\nabcdefgh\nx\n", 4),
            [Some(b"abc".to_vec()), Some(b"abcd".to_vec()), None, Some(b"x".to_vec())]
        );
        assert_eq!(read(b"abcde", 4), [None]);
        assert_eq!(read(b"abcd", 4), [Some(b"abcd".to_vec())]);
        assert_eq!(read(b"", 4), []);
        assert_eq!(read(b"\n\n", 4), [Some(vec![]), Some(vec![])]);
    }

    #[test]
    fn chunks_are_bounded_and_blank_lines_left_out() {
        let text = "x\n \n\r\n".repeat(CHUNK_LINES + 1);
        let mut lines = Lines { reader: text.as_bytes() };
        let sizes: Vec<usize> = std::iter::from_fn(|| Some(lines.chunk().expect("memory").len())).take(3).collect();
        assert_eq!(sizes, [CHUNK_LINES, 1, 0]);
    }
}
