//! A web server on loopback that says what it is told to, whether or not that is HTTP.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What to do with a request.
#[derive(Clone, Debug)]
pub(crate) enum Answer {
    /// These octets, then the end of the connection.
    Raw(Vec<u8>),
    /// 200 with this body, recognised by this entity tag, unless it is at hand already.
    Tagged(Vec<u8>, &'static str),
    /// A piece over and over, with a pause between, after a head.
    Forever(Vec<u8>, Vec<u8>, Duration),
    /// Reset of the connection, after these octets.
    Reset(Vec<u8>),
}

impl Answer {
    /// 200 with this body.
    pub(crate) fn body(body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        Self::Raw([head.as_bytes(), body].concat())
    }

    /// This status line and these headers, no body.
    pub(crate) fn head(head: &str) -> Self {
        Self::Raw(format!("HTTP/1.1 {head}\r\ncontent-length: 0\r\n\r\n").into_bytes())
    }
}

#[derive(Debug)]
struct State {
    answer: Answer,
    requests: Vec<String>,
}

/// The server; it lives until the test process ends.
#[derive(Debug)]
pub(crate) struct Server {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let answer = Answer::head("503 Service Unavailable");
        let state = Arc::new(Mutex::new(State { answer, requests: Vec::new() }));
        let shared = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let state = Arc::clone(&shared);
                // A client that has had enough goes away, which is what most tests are about.
                thread::spawn(move || drop(serve(stream, &state)));
            }
        });
        Self { address, state }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/list.crl", self.address)
    }

    /// What every request gets from now on.
    pub(crate) fn say(&self, answer: Answer) {
        self.state.lock().unwrap().answer = answer;
    }

    /// The requests so far, in lower case.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.state.lock().unwrap().requests.clone()
    }
}

fn serve(mut stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let answer = state.lock().unwrap().answer.clone();
    let mut request = Vec::new();
    if let Answer::Reset(bytes) = &answer {
        // What a closed connection has not read is answered by a reset.
        stream.write_all(bytes)?;
        state.lock().unwrap().requests.push(String::new());
        let mut first = [0];
        return stream.read_exact(&mut first);
    }
    let mut piece = [0; 1024];
    while !request.ends_with(b"\r\n\r\n") {
        let length = stream.read(&mut piece)?;
        if length == 0 {
            return Ok(());
        }
        request.extend_from_slice(&piece[..length]);
    }
    let request = String::from_utf8_lossy(&request).to_lowercase();
    state.lock().unwrap().requests.push(request.clone());
    match answer {
        Answer::Raw(bytes) => stream.write_all(&bytes),
        Answer::Tagged(body, tag) => {
            if request.contains(&format!("if-none-match: \"{tag}\"\r\n")) {
                return stream.write_all(b"HTTP/1.1 304 Not Modified\r\n\r\n");
            }
            let head = format!("HTTP/1.1 200 OK\r\netag: \"{tag}\"\r\ncontent-length: {}\r\n\r\n", body.len());
            stream.write_all(&[head.as_bytes(), &body].concat())
        }
        Answer::Forever(head, piece, pause) => {
            stream.write_all(&head)?;
            loop {
                stream.write_all(&piece)?;
                thread::sleep(pause);
            }
        }
        Answer::Reset(_) => Ok(()),
    }
}
