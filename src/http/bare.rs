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

use tokio::io::AsyncWrite;

use super::connections::Line;
use super::problem::Problem;
use super::through::Rule;
use crate::observe::new_request_id;

/// Gives hyper's own answers a body.
#[derive(Debug)]
pub(super) struct Words {
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

impl Words {
    pub(super) const fn of(line: Arc<Line>) -> Self {
        Self { line, instead: None }
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

impl Rule for Words {
    fn write<S: AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if self.instead.is_none() && !self.line.is_served() {
            let first = parts.iter().find(|part| !part.is_empty()).map_or(&[][..], |part| part);
            self.instead = worded(first).map(|text| Instead { text, written: 0, stands_for: first.len() });
        }
        let Some(instead) = &mut self.instead else {
            return Pin::new(stream).poll_write_vectored(context, parts);
        };
        while let Some(rest) = instead.text.get(instead.written..).filter(|rest| !rest.is_empty()) {
            let written = ready!(Pin::new(&mut *stream).poll_write(context, rest))?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            instead.written += written;
        }
        let stands_for = instead.stands_for;
        self.instead = None;
        Poll::Ready(Ok(stands_for))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;
    use crate::http::connections::Connections;
    use crate::http::through::Through;

    const BARE: &[u8] =
        b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

    /// What the peer of a connection gets when `bytes` are written to it, through a pipe of `width` octets.
    async fn passed(bytes: &[u8], served: bool, width: usize) -> String {
        let (place, _) =
            Connections::new(1, 1, std::time::Duration::MAX).enter_when_free([127, 0, 0, 1].into()).await.unwrap();
        if served {
            drop(place.line().begin());
        }
        let (ours, mut theirs) = duplex(width);
        let mut stream = Through::new(ours, Words::of(Arc::clone(place.line())));
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
