//! Passwords and PINs: where they come from, and that they do not stay.

use std::fmt;
use std::fs::File;
use std::io::Read as _;
use std::path::PathBuf;

use zeroize::Zeroizing;

/// The longest password, in octets of UTF-8. The National CA allows 32 characters.
const MAX_PASSWORD: usize = 1024;

/// A password or PIN. Zeroised when dropped, never printed.
#[derive(Clone, Default)]
pub struct Password(Zeroizing<String>);

impl Password {
    /// Takes a password over.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(Zeroizing::new(text))
    }

    /// No password.
    #[must_use]
    pub fn empty() -> Self {
        Self::default()
    }

    /// Whether it has no characters.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// As PKCS#12 wants it (RFC 7292 B.1): UTF-16, big-endian, with a zero character at the end.
    pub(super) fn to_bmp(&self) -> Zeroizing<Vec<u8>> {
        // No character takes more octets in UTF-16 than twice its octets in UTF-8: the vector never moves.
        let mut octets = Zeroizing::new(Vec::with_capacity(2 * self.0.len() + 2));
        octets.extend(self.0.encode_utf16().chain([0]).flat_map(u16::to_be_bytes));
        octets
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Where a password comes from. There is no way to give one as an argument: other users of a machine see those.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum PasswordSource {
    /// An environment variable of that name.
    Environment(String),
    /// A file with nothing else in it. One line break at its end is not the password's.
    File(PathBuf),
    /// No password.
    None,
    /// Somebody at the terminal, asked with that text.
    Prompt(String),
}

/// A password that was read.
#[derive(Debug)]
pub struct Obtained {
    /// The password.
    pub password: Password,
    /// What is unwise about where it came from, with the remedy.
    pub warning: Option<String>,
}

/// Why there is no password.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the password cannot be read from {from}: {why}")]
pub struct PasswordError {
    /// The file, the variable or the terminal.
    pub from: String,
    /// What is the matter.
    pub why: String,
}

impl PasswordSource {
    /// Reads it. Blocks when somebody has to type.
    ///
    /// # Errors
    /// [`PasswordError`]: nothing there, not UTF-8, too long.
    pub fn read(&self) -> Result<Obtained, PasswordError> {
        let fail = |why: String| PasswordError { from: self.to_string(), why };
        let (password, warning) = match self {
            Self::Environment(name) => match std::env::var(name) {
                Ok(text) => (Password::new(text), None),
                Err(std::env::VarError::NotPresent) => return Err(fail("it is not set".to_owned())),
                Err(std::env::VarError::NotUnicode(_)) => return Err(fail("it is not UTF-8".to_owned())),
            },
            Self::File(path) => {
                let file = File::open(path).map_err(|error| fail(error.to_string()))?;
                let warning = seen_by_others(&file).then(|| {
                    let path = path.display();
                    format!("every user can read the password in {path}; chmod o-rwx {path} takes that away")
                });
                (read_line(file).map_err(fail)?, warning)
            }
            Self::None => (Password::empty(), None),
            Self::Prompt(text) => {
                (rpassword::prompt_password(text).map(Password::new).map_err(|error| fail(error.to_string()))?, None)
            }
        };
        if password.0.len() > MAX_PASSWORD {
            return Err(fail(format!("it is longer than {MAX_PASSWORD} octets")));
        }
        Ok(Obtained { password, warning })
    }
}

impl fmt::Display for PasswordSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(name) => write!(f, "the environment variable {name}"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::None => f.write_str("nowhere"),
            Self::Prompt(_) => f.write_str("the terminal"),
        }
    }
}

fn read_line(file: File) -> Result<Password, String> {
    // Room for all that is read, so that no copy stays behind: the limit, a line break, and one octet to see more.
    let mut octets = Zeroizing::new(vec![0; MAX_PASSWORD + 3]);
    let mut filled = 0;
    let mut file = file.take(MAX_PASSWORD as u64 + 3);
    while let Some(rest) = octets.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.to_string()),
        }
    }
    let line = octets.get(..filled).unwrap_or_default();
    let line = line.strip_suffix(b"\n").map_or(line, |line| line.strip_suffix(b"\r").unwrap_or(line));
    let text = std::str::from_utf8(line).map_err(|_| "it is not UTF-8".to_owned())?;
    Ok(Password::new(text.to_owned()))
}

/// Whether users who are neither the owner nor in the file's group may read it.
#[cfg(unix)]
pub(super) fn seen_by_others(file: &File) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o004 != 0)
}

/// Elsewhere rights are not told by bits.
#[cfg(not(unix))]
pub(super) fn seen_by_others(_file: &File) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from_file(octets: &[u8]) -> Result<Obtained, PasswordError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        std::fs::write(&path, octets).unwrap();
        PasswordSource::File(path).read()
    }

    #[test]
    fn one_line_break_at_the_end_of_a_file_is_not_the_passwords() {
        for (octets, password) in [
            (&b"secret"[..], "secret"),
            (b"secret\n", "secret"),
            (b"secret\r\n", "secret"),
            (b"secret\n\n", "secret\n"),
            (b" secret \n", " secret "),
            (b"\n", ""),
            (b"", ""),
            ("құпия\n".as_bytes(), "құпия"),
        ] {
            assert_eq!(from_file(octets).unwrap().password.as_str(), password, "{octets:?}");
        }
    }

    #[test]
    fn what_is_no_password_is_refused_and_not_repeated() {
        for (octets, why) in
            [(&b"\xff\xfesecret"[..], "not UTF-8"), (&[b'a'; 1025], "longer"), (&[b'a'; 4096], "longer")]
        {
            let error = from_file(octets).unwrap_err().to_string();
            assert!(error.contains(why) && !error.contains("secret") && !error.contains("aaa"), "{error}");
        }
        let absent = PasswordSource::File("/nowhere/at all".into()).read().unwrap_err();
        assert!(absent.to_string().contains("/nowhere/at all"));
        let unset = PasswordSource::Environment("RASTAU_NO_SUCH_VARIABLE".to_owned()).read().unwrap_err();
        assert!(unset.to_string().contains("RASTAU_NO_SUCH_VARIABLE: it is not set"), "{unset}");
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_everybody_reads_is_warned_about() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        std::fs::write(&path, "secret").unwrap();
        for (mode, warned) in [(0o600, false), (0o640, false), (0o644, true)] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            let read = PasswordSource::File(path.clone()).read().unwrap();
            assert_eq!(read.warning.is_some(), warned, "{mode:o}");
            assert!(!format!("{read:?}").contains("secret"));
        }
    }

    #[test]
    fn passwords_are_written_as_pkcs12_wants_them() {
        assert_eq!(Password::empty().to_bmp()[..], [0, 0]);
        assert_eq!(Password::new("Aя".to_owned()).to_bmp()[..], [0, 0x41, 0x04, 0x4f, 0, 0]);
        assert_eq!(Password::new("😀".to_owned()).to_bmp()[..], [0xd8, 0x3d, 0xde, 0x00, 0, 0]);
    }
}
