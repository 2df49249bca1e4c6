//! An answer on its way to its reader, and what is held for it until its last octet has left this process.
//!
//! Not until the body was handed to what writes it: that keeps octets of its own for a peer that does not take them. So the
//! pieces themselves hold what is held, and give it back when the last of them is gone.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes, HttpBody};
use axum::http::header;
use axum::response::Response;
use hyper::body::{Frame, SizeHint};
use tokio::time::Instant;

use super::connections::Busy;
use super::fairness::Taken;
use super::received::{Held, Room};
use crate::observe::GaugeGuard;

/// Octets of a piece: what is written at once is not more, so that little of an answer is kept below us.
const PIECE: usize = 16 * 1024;

/// Octets of an answer beyond which it counts to the memory of documents.
const SMALL: usize = 64 * 1024;

/// Octets that are kept for an answer while it is worked out: what a usual one takes, so that there is seldom less room for
/// what was done than there was for doing it.
const USUAL: usize = 16 * 1024;

/// The octets of memory that an answer keeps, where that is not its length.
#[derive(Clone, Copy, Debug)]
pub(super) struct Keeps(pub(super) usize);

/// An answer out of the program itself, which keeps no memory of its own.
pub(super) fn embedded(mut response: Response) -> Response {
    response.extensions_mut().insert(Keeps(0));
    response
}

/// What a request holds until its answer is gone; each thing is given back when dropped.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) in_flight: Option<GaugeGuard>,
    room: Option<Held>,
    large: Option<Held>,
    /// Last: with it the connection becomes idle.
    busy: Option<Busy>,
}

impl Kept {
    /// Nothing but that a connection is busy, if there is one.
    pub(super) fn of(busy: Option<Busy>) -> Self {
        Self { busy, ..Self::default() }
    }

    /// Takes room for a usual answer before it is worked out: where there is none nothing is begun.
    pub(super) fn room_for_some(&mut self, answers: &Room) -> Result<(), Taken> {
        let mut held = answers.hold();
        let taken = held.grow(USUAL);
        self.room = Some(held);
        self.relieved(taken)
    }

    /// Takes room for the whole of an answer that is worked out, a large one among `documents`. Refused only where it is
    /// large and `may_refuse`: else what is held is more than there is, and nobody gets more until that has changed.
    pub(super) fn room_for(&mut self, response: &Response, documents: &Room, may_refuse: bool) -> Result<(), Taken> {
        let length = || usize::try_from(response.body().size_hint().lower()).unwrap_or(usize::MAX);
        let octets = response.extensions().get().map_or_else(length, |Keeps(octets)| *octets);
        let is_small = octets <= SMALL;
        if let Some(held) = &mut self.room {
            // Its stream and its task are memory as well.
            held.settle(if is_small { octets.max(1) } else { 1 });
        }
        if is_small {
            return Ok(());
        }
        let mut large = documents.hold();
        let taken = large.grow(octets);
        if taken.is_err() && !may_refuse {
            large.settle(octets);
        }
        self.large = Some(large);
        let taken = self.relieved(taken);
        if may_refuse { taken } else { Ok(()) }
    }

    /// Where there is no room, those that do not take their answers have to go.
    fn relieved(&self, taken: Result<(), Taken>) -> Result<(), Taken> {
        taken.inspect_err(|taken| {
            if let Some(busy) = &self.busy {
                busy.relieve(*taken);
            }
        })
    }
}

/// The answer without its body, which takes nothing: in HTTP/2 a head alone needs no window.
pub(super) fn without_body(mut response: Response) -> Response {
    response.headers_mut().remove(header::CONTENT_TYPE);
    response.headers_mut().remove(header::CONTENT_LENGTH);
    response.map(|_| Body::empty())
}

/// The answer, which holds what is held for it.
pub(super) fn keeping(response: Response, mut kept: Kept) -> Response {
    if response.body().is_end_stream() {
        return response;
    }
    if let Some(busy) = &mut kept.busy {
        busy.answering();
    }
    response.map(|body| Body::new(Answer { body, rest: Bytes::new(), waiting: None, kept: Some(Arc::new(kept)) }))
}

/// A body in pieces, each of which holds what is held for all.
struct Answer {
    body: Body,
    /// What there is of a frame beyond the last piece.
    rest: Bytes,
    /// Since when we have had none ourselves, which is not the fault of the peer.
    waiting: Option<Instant>,
    /// `None` when the last piece has been handed on.
    kept: Option<Arc<Kept>>,
}

/// Some octets, and what is held for them.
struct Piece {
    octets: Bytes,
    _kept: Option<Arc<Kept>>,
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.octets
    }
}

impl Answer {
    fn next_piece(&mut self) -> Bytes {
        let octets = self.rest.split_to(self.rest.len().min(PIECE));
        if let Some(busy) = self.busy() {
            busy.taken(octets.len());
        }
        let kept = if self.is_end_stream() { self.kept.take() } else { self.kept.clone() };
        Bytes::from_owner(Piece { octets, _kept: kept })
    }

    fn busy(&self) -> Option<&Busy> {
        self.kept.as_ref()?.busy.as_ref()
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let this = &mut *self;
        while this.rest.is_empty() {
            let Poll::Ready(frame) = Pin::new(&mut this.body).poll_frame(context)? else {
                this.waiting.get_or_insert_with(Instant::now);
                return Poll::Pending;
            };
            if let (Some(since), Some(busy)) = (this.waiting.take(), this.busy()) {
                busy.excused(since.elapsed());
            }
            let Some(frame) = frame else {
                this.kept = None;
                return Poll::Ready(None);
            };
            match frame.into_data() {
                Ok(data) => this.rest = data,
                Err(other) => return Poll::Ready(Some(Ok(other))),
            }
        }
        Poll::Ready(Some(Ok(Frame::data(this.next_piece()))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        let (body, rest) = (self.body.size_hint(), self.rest.len() as u64);
        let mut hint = SizeHint::new();
        hint.set_lower(body.lower().saturating_add(rest));
        if let Some(upper) = body.upper() {
            hint.set_upper(upper.saturating_add(rest));
        }
        hint
    }
}
