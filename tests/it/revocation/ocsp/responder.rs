//! A responder on loopback that does whatever a test wants, and one that needs no network.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rastau::clock::{Clock, Time};
use rastau::fetch::{Asked, Fetch, FetchError, Fetched, Get, Limits, Post};

/// What a responder does with a request.
pub enum Reaction {
    /// Answers 200 with this body and the media type of OCSP.
    Answer(Vec<u8>),
    /// Sends these octets and closes.
    Raw(Vec<u8>),
    /// Closes at once.
    Close,
    /// Keeps the connection open and says nothing until the client has gone.
    Silence,
}

/// A server on loopback; its thread ends with the process.
pub struct Responder {
    pub address: Arc<str>,
    requests: Arc<AtomicUsize>,
}

impl Responder {
    pub fn new(react: impl Fn(&[u8]) -> Reaction + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let (count, react) = (Arc::clone(&requests), Arc::new(react));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (count, react) = (Arc::clone(&count), Arc::clone(&react));
                thread::spawn(move || {
                    // The client may have gone, which is what some tests are about.
                    let _ = serve(stream, &count, &*react);
                });
            }
        });
        Self { address: address.into(), requests }
    }

    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

fn serve(mut stream: TcpStream, count: &AtomicUsize, react: &dyn Fn(&[u8]) -> Reaction) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut head, mut line) = (String::new(), String::new());
    while reader.read_line(&mut line)? > 2 {
        head.push_str(&line.to_lowercase());
        line.clear();
    }
    assert!(head.starts_with("post / http/1.1") && head.contains("content-type: application/ocsp-request"), "{head}");
    assert!(head.contains("accept: application/ocsp-response") && head.contains("user-agent: rastau/"), "{head}");
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().trim().parse().unwrap();
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    count.fetch_add(1, Ordering::SeqCst);
    match react(&body) {
        Reaction::Answer(answer) => {
            let head = "HTTP/1.1 200 OK\r\ncontent-type: application/ocsp-response\r\nconnection: close\r\n";
            stream.write_all(format!("{head}content-length: {}\r\n\r\n", answer.len()).as_bytes())?;
            stream.write_all(&answer)
        }
        Reaction::Raw(octets) => stream.write_all(&octets),
        Reaction::Close => stream.shutdown(Shutdown::Both),
        Reaction::Silence => stream.read(&mut [0]).map(|_| ()),
    }
}

/// A clock that a test sets.
pub struct SetClock(pub Mutex<Time>);

impl SetClock {
    pub fn new(time: Time) -> Arc<Self> {
        Arc::new(Self(Mutex::new(time)))
    }

    pub fn advance(&self, seconds: i64) {
        let mut time = self.0.lock().unwrap();
        *time = time.plus_seconds(seconds);
    }
}

impl Clock for SetClock {
    fn now(&self) -> Time {
        *self.0.lock().unwrap()
    }
}

type React = dyn Fn(&str, &[u8]) -> Result<Vec<u8>, FetchError> + Send + Sync;

/// Answers without a network, and counts.
pub struct Direct {
    pub react: Box<React>,
    /// Addresses asked, in order.
    pub asked: Mutex<Vec<String>>,
    /// Every answer waits for a permit, if the test gives out any.
    pub gate: Option<Arc<tokio::sync::Semaphore>>,
}

impl Direct {
    pub fn new(react: impl Fn(&str, &[u8]) -> Result<Vec<u8>, FetchError> + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { react: Box::new(react), asked: Mutex::default(), gate: None })
    }

    pub fn gated(react: impl Fn(&str, &[u8]) -> Result<Vec<u8>, FetchError> + Send + Sync + 'static) -> Arc<Self> {
        let gate = Some(Arc::new(tokio::sync::Semaphore::new(0)));
        Arc::new(Self { react: Box::new(react), asked: Mutex::default(), gate })
    }

    pub fn open(&self, permits: usize) {
        self.gate.as_ref().unwrap().add_permits(permits);
    }

    pub fn requests(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

impl Fetch for Direct {
    fn ask<'a>(&'a self, _: Get<'a>) -> Asked<'a> {
        Box::pin(std::future::ready(Err(FetchError::Timeout)))
    }

    fn post<'a>(&'a self, url: &'a str, post: Post, _: Limits) -> Fetched<'a> {
        self.asked.lock().unwrap().push(url.to_owned());
        Box::pin(async move {
            if let Some(gate) = &self.gate {
                gate.acquire().await.unwrap().forget();
            }
            (self.react)(url, &post.body)
        })
    }
}
