//! A peer has to take what it asked for: one that stops reading would otherwise hold its connection, and the answer in it,
//! for ever.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::AsyncWrite;
use tokio::time::{Instant, Sleep, sleep};

use super::through::Rule;

/// Writing fails with [`io::ErrorKind::TimedOut`] when nothing could be written for some time.
#[derive(Debug)]
pub(super) struct Patience {
    limit: Duration,
    timer: Pin<Box<Sleep>>,
    /// The last attempt to write had to wait.
    is_waiting: bool,
}

impl Patience {
    pub(super) fn of(limit: Duration) -> Self {
        Self { limit, timer: Box::pin(sleep(limit)), is_waiting: false }
    }
}

impl Rule for Patience {
    fn write<S: AsyncWrite + Unpin>(
        &mut self,
        stream: &mut S,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        if let Poll::Ready(result) = Pin::new(stream).poll_write_vectored(context, parts) {
            self.is_waiting = false;
            return Poll::Ready(result);
        }
        if !self.is_waiting {
            self.is_waiting = true;
            self.timer.as_mut().reset(Instant::now() + self.limit);
        }
        ready!(self.timer.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, duplex};

    use super::*;
    use crate::http::through::Through;

    #[tokio::test]
    async fn a_peer_that_does_not_read_is_given_up() {
        let (ours, _theirs) = duplex(16);
        let mut stream = Through::new(ours, Patience::of(Duration::from_millis(10)));
        let error = stream.write_all(&[0; 17]).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn a_slow_peer_gets_everything_as_long_as_it_reads() {
        let (ours, mut theirs) = duplex(1);
        let mut stream = Through::new(ours, Patience::of(Duration::from_secs(60)));
        let writing = tokio::spawn(async move { stream.write_all(&[7; 100]).await });
        for _ in 0..100 {
            tokio::task::yield_now().await;
            assert_eq!(theirs.read_u8().await.unwrap(), 7);
        }
        writing.await.unwrap().unwrap();
    }
}
