//! A connection is read in portions: between two of them whoever else is ready has a turn.
//!
//! What is there is read until there is no more, and a peer that sends as fast as it is read, be it a document of 100 MB or
//! frames of HTTP/2 of some octets, would keep the thread to itself for as long as the runtime lets it, which is megabytes.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, ReadBuf};

use super::through::Rule;

/// Octets that are read of a connection in one go: some tens of microseconds of a document, and a millisecond of the smallest
/// frames there are.
const PORTION: usize = 32 * 1024;

/// Reading stops after a portion, and goes on when others have had their turn.
#[derive(Debug, Default)]
pub(super) struct Portions {
    /// Octets since it last stopped, for this reason or because there were none.
    read: usize,
}

impl Rule for Portions {
    fn read<S: AsyncRead + Unpin>(
        &mut self,
        stream: &mut S,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.read >= PORTION {
            self.read = 0;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = buffer.filled().len();
        let result = Pin::new(stream).poll_read(context, buffer);
        self.read = if result.is_pending() { 0 } else { self.read + buffer.filled().len().saturating_sub(before) };
        result
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;
    use crate::http::through::Through;

    #[tokio::test]
    async fn a_peer_that_sends_without_end_stops_nobody_from_having_a_turn() {
        let turns = std::rc::Rc::new(std::cell::Cell::new(0));
        let other = async {
            loop {
                turns.set(turns.get() + 1);
                tokio::task::yield_now().await;
            }
        };
        let greedy = async {
            let mut stream = Through::new(tokio::io::repeat(7), Portions::default());
            let mut piece = vec![0; 8 * 1024];
            for _ in 0..100 {
                stream.read_exact(&mut piece).await.unwrap();
            }
        };
        tokio::select! { biased; () = greedy => {}, () = other => {} }
        assert!((20..=30).contains(&turns.get()), "{turns:?}");
    }

    #[tokio::test]
    async fn what_is_read_in_portions_is_all_there() {
        let sent: Vec<u8> = (0..200_000_u32).map(|number| number.to_le_bytes()[0]).collect();
        for width in [1, 1000, PORTION, PORTION + 1, 200_000] {
            let mut stream = Through::new(&sent[..], Portions::default());
            let (mut got, mut piece) = (Vec::new(), vec![0; width]);
            loop {
                let read = stream.read(&mut piece).await.unwrap();
                if read == 0 {
                    break;
                }
                got.extend_from_slice(&piece[..read]);
            }
            assert!(got == sent, "{width}");
        }
    }
}
