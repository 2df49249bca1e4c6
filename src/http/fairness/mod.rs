//! Nobody's requests crowd out somebody else's: shares of what is limited, and turns at what is scarce.
//!
//! Both are counted for a [`Party`]: the client where clients are known, else the neighbourhood that a request comes from. A party
//! that asks for more than its share is told so while others are served, and a party with a hundred requests waiting for a
//! core gets one of them done in the time in which a party with a single one gets that. Below that, where requests are read
//! and written, all connections of a neighbourhood together get so much done in a round ([`Rounds`]), and so do all that are new.

mod places;
mod queue;
mod rounds;
mod shares;
mod turns;

use std::sync::Arc;

use axum::http::Extensions;

use super::connections::Neighbour;
use crate::access::{Caller, Peer};
pub(super) use crate::config::share_of;

pub(super) use places::{Placed, Places, Taken};
pub(super) use rounds::{InRounds, Rounds};
pub(super) use shares::{Share, Shares};
pub(super) use turns::Turns;

/// Whom a request counts to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) enum Party {
    /// A client, wherever it comes from.
    Client(Arc<str>),
    /// Whoever comes from there.
    Neighbour(Neighbour),
    /// This process itself, or a request that came over no connection.
    #[default]
    Ourselves,
}

tokio::task_local! {
    /// The party of the request that is being answered: what runs for it need not hand it on.
    static PARTY: Party;
}

impl Party {
    /// The party of a request that was let in.
    pub(super) fn of(extensions: &Extensions) -> Self {
        if let Some(caller) = extensions.get::<Caller>() {
            return Self::Client(Arc::clone(&caller.name));
        }
        let peer = extensions.get::<Arc<Peer>>();
        peer.map_or(Self::Ourselves, |peer| Self::Neighbour(Neighbour::of(peer.address)))
    }

    /// The party of the request that is being answered here.
    pub(super) fn current() -> Self {
        PARTY.try_with(Self::clone).unwrap_or_default()
    }

    /// Answers a request of this party.
    pub(super) async fn answering<F: Future>(self, answer: F) -> F::Output {
        PARTY.scope(self, answer).await
    }
}
