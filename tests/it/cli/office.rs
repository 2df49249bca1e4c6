//! Somebody who signs on the command line: keys in files, an authority with lists, and a timestamp authority on loopback.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;

use rastau::clock::{Clock as _, SystemClock};
use rastau::der::TlvReader;
use rastau_mint::authority::Authority;
use rastau_mint::certificate::CertificateBuilder;
use rastau_mint::key::Key;
use rastau_mint::pkcs12::KeyStore;
use rastau_mint::tsp::{self, TokenBuilder};
use rastau_mint::{der, identity, pem};

use super::file;

pub const PASSWORD: &str = "Қазақ 1";

/// A holder's key in every kind of file, with the authority above it.
pub struct Office {
    pub folder: tempfile::TempDir,
    pub root: Authority,
    pub key: Key,
    pub certificate: Vec<u8>,
}

impl Office {
    pub fn new(key: Key) -> Office {
        Office::with(key, |builder| builder)
    }

    /// With something about the certificate that is different.
    pub fn with(key: Key, change: impl FnOnce(CertificateBuilder) -> CertificateBuilder) -> Office {
        let root = Authority::root("OFFICE ROOT", Key::p256("office root"));
        let builder = CertificateBuilder::individual(&identity::iin("650615", false, 1)).key(&key);
        let builder = builder.serial(&[0x10, 7]).valid("2026-01-01T00:00:00Z", "2049-12-31T23:59:59Z");
        let certificate = root.issue(change(builder));
        let office = Office { folder: super::folder(), root, key, certificate };
        office.file("root.cer", &office.root.certificate);
        office.file("root.crl", &office.root.sign_list(&office.root.list()));
        office.file("password", format!("{PASSWORD}\n").as_bytes());
        office.file("wrong", b"qwerty\n");
        office.file("holder.pem", pem::encode("CERTIFICATE", &office.certificate).as_bytes());
        office.file("holder.key", pem::encode("PRIVATE KEY", &office.key.pkcs8()).as_bytes());
        office.file("holder.p12", &office.store(PASSWORD));
        office
    }

    pub fn store(&self, password: &str) -> Vec<u8> {
        KeyStore::new(password)
            .key(&self.key.pkcs8(), Some("holder"), Some(&[1]))
            .certificate(&self.certificate, Some("holder"), Some(&[1]))
            .encode()
    }

    /// A file that nobody else reads, as passwords and keys are.
    pub fn file(&self, name: &str, contents: &[u8]) -> String {
        let path = file(&self.folder, name, contents);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).expect("our own file");
        }
        path
    }

    pub fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().expect("UTF-8").to_owned()
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.folder.path().join(name)).expect(name)
    }

    pub fn is_there(&self, name: &str) -> bool {
        self.folder.path().join(name).exists()
    }

    /// Whether nothing is left of what was not finished.
    pub fn is_tidy(&self) -> bool {
        let entries = std::fs::read_dir(self.folder.path()).expect("a folder");
        entries.flatten().all(|entry| !entry.file_name().to_string_lossy().starts_with(".rastau-"))
    }

    /// Words, with the names of files in `{}` replaced by their paths.
    pub fn words(&self, line: &str) -> Vec<String> {
        line.split_whitespace()
            .map(|word| match word.strip_prefix('{').and_then(|word| word.strip_suffix('}')) {
                Some(name) => self.path(name),
                None => word.to_owned(),
            })
            .collect()
    }

    /// Runs a line of words.
    pub fn run(&self, line: &str) -> super::Run {
        let words = self.words(line);
        super::run(&words.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// A timestamp authority of the same root.
    pub fn timestamps(&self) -> Timestamps {
        self.timestamps_of(&self.root, Answers::Good)
    }

    pub fn timestamps_of(&self, root: &Authority, answers: Answers) -> Timestamps {
        let key = Key::p256("office tsa");
        let certificate = root.issue(root.timestamp_authority("OFFICE TSA", &key).serial(&[0x10, 8]));
        Timestamps::start(Arc::new((key, certificate)), answers)
    }
}

/// What a timestamp authority does.
#[derive(Clone, Copy, Eq, PartialEq)]
pub enum Answers {
    Good,
    /// Status 2, without a token.
    Rejection,
    /// No answer of the protocol.
    Nonsense,
    /// A token over something else.
    Other,
}

/// A timestamp authority on loopback; its thread ends with the process.
pub struct Timestamps {
    pub address: String,
}

impl Timestamps {
    fn start(authority: Arc<(Key, Vec<u8>)>, answers: Answers) -> Timestamps {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}/", listener.local_addr().expect("an address"));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let authority = Arc::clone(&authority);
                std::thread::spawn(move || serve(stream, &authority, answers));
            }
        });
        Timestamps { address }
    }
}

fn serve(mut stream: TcpStream, authority: &(Key, Vec<u8>), answers: Answers) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut length, mut line) = (0, String::new());
    while reader.read_line(&mut line)? > 2 {
        if let Some(text) = line.to_lowercase().strip_prefix("content-length: ") {
            length = text.trim().parse().expect("a length");
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    let answer = match answers {
        Answers::Good | Answers::Other => tsp::response(0, Some(&token(&body, authority, answers))),
        Answers::Rejection => tsp::response(2, None),
        Answers::Nonsense => b"<html>come back later</html>".to_vec(),
    };
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/timestamp-reply\r\nconnection: close\r\n";
    stream.write_all(format!("{head}content-length: {}\r\n\r\n", answer.len()).as_bytes())?;
    stream.write_all(&answer)
}

/// A token that answers a request.
fn token(request: &[u8], (key, certificate): &(Key, Vec<u8>), answers: Answers) -> Vec<u8> {
    let mut fields = TlvReader::new(TlvReader::new(request).expect(0x30).expect("a request").value);
    fields.expect(0x02).expect("a version");
    let mut imprint = TlvReader::new(fields.expect(0x30).expect("an imprint").value);
    let algorithm = imprint.expect(0x30).expect("an algorithm").raw.to_vec();
    let mut digest = imprint.expect(0x04).expect("a digest").value.to_vec();
    if answers == Answers::Other {
        digest[0] ^= 1;
    }
    let policy = fields.optional(0x06).expect("a policy or none").map(|policy| policy.raw.to_vec());
    let nonce = fields.expect(0x02).expect("a nonce").value.to_vec();
    // In whole seconds, as the National CA writes it.
    let now = rastau::clock::Time::from_unix(SystemClock.now().unix_seconds()).to_string();
    let token = TokenBuilder::new(key, certificate, b"", &now);
    let imprint = der::sequence(&[algorithm, der::octet_string(&digest)]);
    let policy = policy.unwrap_or_else(|| token.policy.clone());
    TokenBuilder { imprint, policy, ..token }.with(der::integer_raw(&nonce)).encode()
}
