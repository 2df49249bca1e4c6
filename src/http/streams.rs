//! The streams of HTTP/2, each of which can be ended by itself: over one connection a proxy brings the requests of many people,
//! and one of them who does not take an answer must not cost the others theirs.

use std::sync::Arc;

use futures_util::future::{AbortHandle, abortable};
use hyper::rt::Executor;

use super::connections::Line;
use super::fairness::InRounds as _;

tokio::task_local! {
    /// Ends the stream whose request is being answered here.
    static END: AbortHandle;
}

/// Runs each stream as a task of its own. One that is ended is dropped, for which h2 sends `RST_STREAM` (CANCEL) and
/// forgets what it keeps for it.
#[derive(Clone, Debug)]
pub(super) struct Streams {
    line: Arc<Line>,
}

impl Streams {
    /// Those of a connection, whose work is done in its rounds.
    pub(super) const fn of(line: Arc<Line>) -> Self {
        Self { line }
    }
}

impl<F: Future<Output = ()> + Send + 'static> Executor<F> for Streams {
    fn execute(&self, stream: F) {
        let (stream, end) = abortable(stream);
        tokio::spawn(self.line.pace(END.scope(end, stream)));
    }
}

/// What ends the stream whose request is being answered here; `None` in HTTP/1.1, where only the end of the connection does.
pub(super) fn end_of_this_one() -> Option<AbortHandle> {
    END.try_with(AbortHandle::clone).ok()
}
