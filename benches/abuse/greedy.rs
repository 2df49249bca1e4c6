//! The client that asks for everything, in many ways.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use clap::ValueEnum;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::{server, wire};

/// A way to abuse a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Abuse {
    /// 256 connections that ask about a certificate, each again as soon as it is answered.
    Checks,
    /// 256 connections that ask about a document.
    Documents,
    /// 64 documents of 100 MB at once, over and over.
    Large,
    /// Uploads that are given up after 20 MB.
    GivenUp,
    /// 10,000 connections that say nothing, on a server that takes so many.
    Idle,
    /// The same on a server with the usual limits; those that are hung up on connect again.
    Crowd,
    /// 2000 heads that come byte by byte.
    Heads,
    /// 500 bodies that come byte by byte.
    Bodies,
    /// 64 connections that send garbage behind good requests.
    Garbage,
    /// 32 connections of HTTP/2 whose requests are taken back at once.
    Resets,
    /// 32 connections of HTTP/2 that send pings and settings.
    Pings,
    /// Challenges for log-ins that nobody answers.
    Challenges,
    /// 64 connections of HTTP/2 with 99 requests each whose answers they do not take.
    Stalled,
    /// 10,000 silent connections, each from an address of its own, on a server with the usual limits.
    Spread,
    /// The same, each with one request before it falls silent.
    Asked,
}

impl Abuse {
    pub const ALL: [Self; 15] = [
        Self::Checks,
        Self::Documents,
        Self::Large,
        Self::GivenUp,
        Self::Idle,
        Self::Crowd,
        Self::Heads,
        Self::Bodies,
        Self::Garbage,
        Self::Resets,
        Self::Pings,
        Self::Challenges,
        Self::Stalled,
        Self::Spread,
        Self::Asked,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Checks => "checks",
            Self::Documents => "documents",
            Self::Large => "large",
            Self::GivenUp => "given-up",
            Self::Idle => "idle",
            Self::Crowd => "crowd",
            Self::Heads => "heads",
            Self::Bodies => "bodies",
            Self::Garbage => "garbage",
            Self::Resets => "resets",
            Self::Pings => "pings",
            Self::Challenges => "challenges",
            Self::Stalled => "stalled",
            Self::Spread => "spread",
            Self::Asked => "asked",
        }
    }

    /// How much memory it may cost, in MB: what the settings allow, which is documents in memory and on their way (512 MiB in
    /// all, of which one party has three quarters), or so many octets for a connection.
    pub const fn memory(self) -> u64 {
        match self {
            // And what the allocator keeps of vectors that have grown.
            Self::Documents | Self::Large | Self::GivenUp => 640,
            Self::Idle => 10_000 * PER_CONNECTION / 1_000_000,
            Self::Crowd | Self::Spread | Self::Asked | Self::Heads => 4096 * PER_CONNECTION / 1_000_000,
            // Answers of up to 64 KiB of 384 requests; the others are refused, and a refusal is small.
            Self::Stalled => 100,
            _ => 64,
        }
    }

    /// Whether it connects thousands of times as fast as it can. The system keeps newcomers in the order in which they come, and
    /// nobody can be let in before them: only what is asked over connections that are there counts then.
    pub const fn storms(self) -> bool {
        matches!(self, Self::Spread | Self::Asked)
    }

    /// Settings of the server that is abused.
    pub const fn settings(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Idle => &[
                ("RASTAU_HTTP__CONNECTIONS", "12000"),
                ("RASTAU_HTTP__CONNECTIONS_PER_ADDRESS", "12000"),
                ("RASTAU_HTTP__HEADER_READ_TIMEOUT_MS", "600000"),
            ],
            _ => &[],
        }
    }
}

/// Octets of memory that a connection costs: its task, timers and bookkeeping, and after a request the buffers for a head and
/// an answer.
const PER_CONNECTION: u64 = 64 * 1024;

/// Abuses the server until somebody ends this process.
pub fn run(abuse: Abuse, address: SocketAddr) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|e| e.to_string())?;
    let body = |name| server::sample(address, name);
    let json = |path: &str, body: &str| Arc::new(wire::post(address, path, body));
    let (connections, work): (usize, Work) = match abuse {
        Abuse::Checks => (256, Work::Ask(json("/v1/certificates/check", &body("valid")?))),
        Abuse::Documents => (256, Work::Ask(json("/v1/documents/verify", &body("document")?))),
        Abuse::Challenges => (64, Work::Ask(json("/v1/challenges", r#"{"origin":"https://elicense.example.kz"}"#))),
        Abuse::Large => (64, Work::Upload(100)),
        Abuse::GivenUp => (32, Work::Upload(20)),
        Abuse::Idle => (10_000, Work::Drip(b"", b"")),
        Abuse::Crowd => (10_000, Work::Drip(b"", b"")),
        Abuse::Heads => (2000, Work::Drip(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-a: ", b"a")),
        Abuse::Bodies => (
            500,
            Work::Drip(
                b"POST /v1/certificates/check HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n",
                b" ",
            ),
        ),
        Abuse::Garbage => (64, Work::Flood(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n\0garbage\r\n\r\n".repeat(20))),
        Abuse::Resets => (32, Work::Http2(resets())),
        Abuse::Pings => (32, Work::Http2(pings())),
        Abuse::Stalled => (64, Work::Stall),
        Abuse::Spread => (10_000, Work::Drip(b"", b"")),
        Abuse::Asked => (10_000, Work::Drip(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n", b"")),
    };
    runtime.block_on(async {
        let work = Arc::new(work);
        for number in 0..connections {
            let [.., high, low] = u32::try_from(number).unwrap_or(0).to_be_bytes();
            let from = match abuse {
                Abuse::Spread | Abuse::Asked => Ipv4Addr::new(127, 1, high, low),
                _ => Ipv4Addr::new(127, 0, 0, 2),
            };
            tokio::spawn(repeat(address, from, Arc::clone(&work)));
        }
        std::future::pending::<()>().await;
    });
    Ok(())
}

enum Work {
    /// A request, over and over, each after the answer to the last.
    Ask(Arc<Vec<u8>>),
    /// So many MB of a document of 100.
    Upload(usize),
    /// A beginning, then a piece now and then.
    Drip(&'static [u8], &'static [u8]),
    /// Octets, as fast as they are taken; answers are read.
    Flood(Vec<u8>),
    /// The same after the preface of HTTP/2, with numbers of streams that grow.
    Http2(fn(u32) -> Vec<u8>),
    /// Requests of HTTP/2 whose answers may not be sent.
    Stall,
}

/// Does it again and again.
async fn repeat(address: SocketAddr, from: Ipv4Addr, work: Arc<Work>) {
    loop {
        // A connection that is refused is made again.
        let _ended = once(address, from, &work).await;
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn once(address: SocketAddr, from: Ipv4Addr, work: &Work) -> std::io::Result<()> {
    let mut stream = wire::connect(address, from).await?;
    match work {
        Work::Ask(request) => loop {
            wire::ask(&mut stream, request).await?;
        },
        Work::Upload(megabytes) => upload(&mut stream, *megabytes).await,
        Work::Drip(beginning, piece) => {
            stream.write_all(beginning).await?;
            loop {
                let mut end = [0; 512];
                tokio::select! {
                    read = stream.read(&mut end) => if read? == 0 { return Ok(()) },
                    () = tokio::time::sleep(Duration::from_secs(2)) => stream.write_all(piece).await?,
                }
            }
        }
        Work::Flood(octets) => {
            let (mut reading, mut writing) = stream.into_split();
            let read = tokio::spawn(async move {
                let mut piece = vec![0; 64 * 1024];
                while reading.read(&mut piece).await.is_ok_and(|read| read > 0) {}
            });
            while writing.write_all(octets).await.is_ok() {}
            read.abort();
            Ok(())
        }
        Work::Stall => {
            let mut piece = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec();
            // SETTINGS_INITIAL_WINDOW_SIZE = 0.
            piece.extend_from_slice(&frame(4, 0, 0, &[0, 4, 0, 0, 0, 0]));
            for number in 0..99 {
                piece.extend_from_slice(&frame(1, 5, 2 * number + 1, b"\x82\x86\x04\x0c/v1/services\x01\x09localhost"));
            }
            stream.write_all(&piece).await?;
            while stream.read(&mut [0; 16 * 1024]).await? > 0 {}
            Ok(())
        }
        Work::Http2(frames) => {
            stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await?;
            let mut number = 1;
            loop {
                let mut piece = Vec::new();
                for _ in 0..100 {
                    piece.extend_from_slice(&frames(number));
                    number += 2;
                }
                stream.write_all(&piece).await?;
            }
        }
    }
}

/// A form with a document of 100 MB, or the beginning of one.
async fn upload(stream: &mut tokio::net::TcpStream, megabytes: usize) -> std::io::Result<()> {
    const PART: &str = "--xYz\r\ncontent-disposition: form-data; name=\"document\"\r\n\r\n";
    const END: &str = "\r\n--xYz--\r\n";
    let whole = 100_000_000;
    let head = format!(
        "POST /v1/documents/verify HTTP/1.1\r\nhost: localhost\r\ncontent-type: multipart/form-data; boundary=xYz\r\n\
         content-length: {}\r\n\r\n{PART}",
        PART.len() + whole + END.len()
    );
    stream.write_all(head.as_bytes()).await?;
    let piece = vec![b'a'; 100_000];
    for _ in 0..megabytes * 10 {
        stream.write_all(&piece).await?;
    }
    if megabytes * 1_000_000 < whole {
        return Ok(());
    }
    stream.write_all(END.as_bytes()).await?;
    let mut answer = [0; 4096];
    stream.read(&mut answer).await.map(drop)
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0, 0, u8::try_from(payload.len()).unwrap_or(0), kind, flags];
    frame.extend_from_slice(&stream.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

/// A request for a page, and that it is not wanted any more.
fn resets() -> fn(u32) -> Vec<u8> {
    |number| {
        let mut both = frame(1, 5, number, b"\x82\x86\x04\x08/healthz\x01\x09localhost");
        both.extend_from_slice(&frame(3, 0, number, &[0, 0, 0, 8]));
        both
    }
}

fn pings() -> fn(u32) -> Vec<u8> {
    |_| {
        let mut both = frame(6, 0, 0, &[0; 8]);
        both.extend_from_slice(&frame(4, 0, 0, &[0, 3, 0, 0, 0, 1]));
        both
    }
}
