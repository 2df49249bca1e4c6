//! Answers to what is not HTTP enough to become a request.
//!
//! hyper answers such bytes itself, before anything of ours is called, with a status line and no body. On a connection that
//! has not had a request yet nothing else can have been written, so that what is written is known to be that, and an error
//! body in the form of all others is put in its place. Later on such a connection the bare answer stays: bytes of an answer
//! of ours must never be taken for one.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::connections::Line;
use super::problem::Problem;
use crate::observe::new_request_id;

/// Octets of frames of HTTP/2 that say nothing, such as a ping and its answer.
const HOUSEKEEPING: usize = 64;

/// A stream that gives hyper's own answers a body.
#[derive(Debug)]
pub(super) struct Worded<S> {
    stream: S,
    line: Arc<Line>,
    instead: Option<Instead>,
}

/// What is written instead of something else.
#[derive(Debug)]
struct Instead {
    text: Vec<u8>,
    written: usize,
    /// Octets of what it stands for.
    stands_for: usize,
}

impl<S> Worded<S> {
    pub(super) fn new(stream: S, line: Arc<Line>) -> Self {
        Self { stream, line, instead: None }
    }

    /// Tells the line that part of an answer was taken.
    fn sent(&self, octets: usize) -> usize {
        if octets > HOUSEKEEPING {
            self.line.touch();
        }
        octets
    }
}

/// A whole answer in HTTP/1.1, after which the connection ends.
pub(super) fn last_answer(problem: &Problem) -> Vec<u8> {
    let body = problem.to_json();
    let status = axum::http::StatusCode::from_u16(problem.status).unwrap_or_default();
    let id = new_request_id();
    let retry = problem.retry_after().map(|seconds| format!("retry-after: {seconds}\r\n")).unwrap_or_default();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/problem+json\r\ncontent-length: {length}\r\n{retry}x-request-id: {id}\r\n\
         x-content-type-options: nosniff\r\ncache-control: no-store\r\nconnection: close\r\n\r\n",
        length = body.len(),
        id = String::from_utf8_lossy(&id),
    );
    let mut text = head.into_bytes();
    text.extend_from_slice(&body);
    text
}

/// What to write instead of the head of an answer without a body.
fn worded(head: &[u8]) -> Option<Vec<u8>> {
    let status = head.strip_prefix(b"HTTP/1.1 ").or_else(|| head.strip_prefix(b"HTTP/1.0 "))?.get(..3)?;
    if !head.ends_with(b"\r\n\r\n") {
        return None;
    }
    let problem = match status {
        b"400" => Problem::malformed_request(),
        b"414" => Problem::address_too_long(),
        b"431" => Problem::head_too_large(),
        _ => return None,
    };
    Some(last_answer(&problem))
}

impl<S: AsyncRead + Unpin> AsyncRead for Worded<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Worded<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        if this.instead.is_none() && !this.line.is_served() {
            let text = worded(bytes);
            this.instead = text.map(|text| Instead { text, written: 0, stands_for: bytes.len() });
        }
        let Some(instead) = &mut this.instead else {
            let written = ready!(Pin::new(&mut this.stream).poll_write(context, bytes))?;
            return Poll::Ready(Ok(this.sent(written)));
        };
        while let Some(rest) = instead.text.get(instead.written..).filter(|rest| !rest.is_empty()) {
            let written = ready!(Pin::new(&mut this.stream).poll_write(context, rest))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            instead.written += written;
        }
        let stands_for = instead.stands_for;
        this.instead = None;
        Poll::Ready(Ok(stands_for))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.line.is_served() && self.instead.is_none() {
            let written = ready!(Pin::new(&mut self.stream).poll_write_vectored(context, parts))?;
            return Poll::Ready(Ok(self.sent(written)));
        }
        let first = parts.iter().find(|part| !part.is_empty()).map_or(&[][..], |part| part);
        self.poll_write(context, first)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;
    use crate::http::connections::Connections;

    const BARE: &[u8] =
        b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

    /// What the peer of a connection gets when `bytes` are written to it, through a pipe of `width` octets.
    async fn passed(bytes: &[u8], served: bool, width: usize) -> String {
        let (place, _) = Connections::new(1, 1).enter([127, 0, 0, 1].into()).unwrap();
        if served {
            drop(place.line().begin());
        }
        let (ours, mut theirs) = duplex(width);
        let mut stream = Worded::new(ours, Arc::clone(place.line()));
        let bytes = bytes.to_vec();
        let writing = tokio::spawn(async move { stream.write_all(&bytes).await });
        let mut all = String::new();
        theirs.read_to_string(&mut all).await.unwrap();
        writing.await.unwrap().unwrap();
        all
    }

    #[tokio::test]
    async fn a_bare_answer_gets_a_body_however_narrow_the_pipe_is() {
        for width in [1, 7, 4096] {
            let text = passed(BARE, false, width).await;
            assert!(text.starts_with("HTTP/1.1 431 Request Header Fields Too Large\r\n"), "{text}");
            let (head, body) = text.split_once("\r\n\r\n").unwrap();
            assert!(head.contains(&format!("content-length: {}\r\n", body.len())), "{head}");
            assert!(body.contains("\"code\":\"head-too-large\""), "{body}");
        }
    }

    #[tokio::test]
    async fn what_looks_like_one_on_a_connection_with_requests_is_left_alone() {
        assert_eq!(passed(BARE, true, 64).await.as_bytes(), BARE);
    }

    #[tokio::test]
    async fn other_answers_are_left_alone() {
        for other in [&b"HTTP/1.1 100 Continue\r\n\r\n"[..], b"\0\0\0\x04\0", b"HTTP/1.1 400", b""] {
            assert_eq!(passed(other, false, 64).await.as_bytes(), other);
        }
    }
}
