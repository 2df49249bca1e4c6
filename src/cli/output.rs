//! Standard output: coloured on a terminal, plain elsewhere, and no panic when the reader has gone.

use std::fmt;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::status::Failure;

/// Headings.
pub const HEADING: Style = Style::new().bold();
/// Names of fields and other things of less weight.
pub const FAINT: Style = Style::new().dimmed();
/// Proved good.
pub const GOOD: Style = AnsiColor::Green.on_default().bold();
/// Proved bad.
pub const BAD: Style = AnsiColor::Red.on_default().bold();
/// Neither.
pub const UNSURE: Style = AnsiColor::Yellow.on_default().bold();

/// Standard output. Once the reader has closed the pipe, the rest is dropped without a complaint: `rastau … | head`
/// is no error.
pub struct Output {
    stream: Box<dyn Write>,
    closed: bool,
    failed: Option<io::Error>,
}

impl Output {
    /// Colours if standard output is a terminal and neither `NO_COLOR` nor `TERM=dumb` forbids them.
    pub fn standard() -> Self {
        Self::to(Box::new(io::BufWriter::new(anstream::stdout())))
    }

    /// Standard output for machines: nothing is stripped from it.
    pub fn raw() -> Self {
        Self::to(Box::new(io::BufWriter::new(io::stdout())))
    }

    fn to(stream: Box<dyn Write>) -> Self {
        Self { stream, closed: false, failed: None }
    }

    /// Whether the reader has gone.
    pub fn is_closed(&self) -> bool {
        self.closed || self.failed.is_some()
    }

    /// Writes one line.
    pub fn line(&mut self, text: impl fmt::Display) {
        if self.is_closed() {
            return;
        }
        let written = writeln!(self.stream, "{text}");
        self.note(written);
    }

    /// Writes a value as one line of JSON.
    pub fn json(&mut self, value: &impl Serialize) {
        match serde_json::to_string(value) {
            Ok(text) => self.line(text),
            Err(error) => self.note(Err(error.into())),
        }
    }

    /// Writes a value as indented JSON.
    pub fn json_pretty(&mut self, value: &impl Serialize) {
        match serde_json::to_string_pretty(value) {
            Ok(text) => self.line(text),
            Err(error) => self.note(Err(error.into())),
        }
    }

    /// Empties the buffer, so that a reader of a long run sees what is done.
    pub fn flush(&mut self) {
        if !self.is_closed() {
            let flushed = self.stream.flush();
            self.note(flushed);
        }
    }

    /// Empties the buffer and tells whether everything was written or the reader did not want it.
    pub fn finish(mut self) -> Result<(), Failure> {
        self.flush();
        match self.failed {
            None => Ok(()),
            Some(error) => Err(Failure::new("standard output", error)),
        }
    }

    fn note(&mut self, result: io::Result<()>) {
        match result {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => self.closed = true,
            Err(error) => self.failed = Some(error),
        }
    }
}

/// A text in a style.
pub struct Styled<T>(pub Style, pub T);

impl<T: fmt::Display> fmt::Display for Styled<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{}", self.0.render(), self.1, self.0.render_reset())
    }
}

/// A text out of a stranger's file: whatever could steer a terminal is escaped.
pub struct Clean<'a>(pub &'a str);

impl fmt::Display for Clean<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|character| {
            if steers(character) {
                write!(f, "{}", character.escape_unicode())
            } else {
                fmt::Write::write_char(f, character)
            }
        })
    }
}

/// Control characters, and the marks that reorder or hide text.
fn steers(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A named value on a line of its own.
pub fn field(output: &mut Output, name: &str, value: &str) {
    output.line(format_args!("  {}{}", Styled(FAINT, format_args!("{name:<14}")), Clean(value)));
}

/// Bytes as lower-case hexadecimal digits.
pub struct Hex<'a>(pub &'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::{Clean, Hex, Output};

    struct Gone;

    impl std::io::Write for Gone {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_reader_that_has_gone_is_no_failure() {
        let mut output = Output::to(Box::new(Gone));
        output.line("one");
        output.line("two");
        assert!(output.is_closed());
        assert!(output.finish().is_ok());
    }

    #[test]
    fn nothing_from_a_file_steers_the_terminal() {
        assert_eq!(Clean("а\u{1b}[2J\r\n\u{202e}ә").to_string(), "а\\u{1b}[2J\\u{d}\\u{a}\\u{202e}ә");
        assert_eq!(Hex(&[0, 0xab]).to_string(), "00ab");
    }
}
