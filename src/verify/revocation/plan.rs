//! Lists and responses put together under the policy's order.
//!
//! * A revocation that is at hand counts under every order, whichever kind reports it; an order without that kind only
//!   keeps it from making anything good. The one exception: under an order that asks responders first, a response newer
//!   than the list and its delta lifts a hold of theirs, as a delta could, for moments that it was given before; until
//!   then the certificate was on hold.
//! * A responder's word that it does not know the certificate is final; a list that is silent does not mend it. Nor
//!   does a list stand in for a responder whose answer came and does not hold (signature, nonce, another certificate),
//!   where the responder is to be asked first.
//! * Else the first kind in the order that answers decides, and is named. A list stands in for a responder only when
//!   it is good by itself, which a lapsed one never is.
//! * Certificates of authorities are looked up in lists under every order.

use super::said::{Bars, Said, Word};
use super::{Link, list, response};
use crate::clock::Time;
use crate::policy::RevocationOrder;
use crate::revocation::CLOCK_SKEW;
use crate::verdict::{Warning, Whose};
use crate::verify::judge::Question;

/// What is known about one certificate.
pub(super) fn ask(link: &Link<'_>, question: &Question<'_>) -> Said {
    let order = question.policy.order;
    let (list, response) = (list::say(link, question), response::say(link, question));
    match (asks_lists(order, link.whose), order.asks_responders()) {
        (true, false) => alone(list, response),
        (false, true) if !lifts_hold(&list, &response, question.at) => alone(response, list),
        _ => combine(list, response, link.whose, question),
    }
}

/// Whether a responder should be asked about the certificate before it is judged.
pub(super) fn wants_responder(link: &Link<'_>, question: &Question<'_>) -> bool {
    let order = question.policy.order;
    if !order.asks_responders() || response::say(link, question).is_definite() {
        return false;
    }
    let responders_first = order.responders_first() && link.whose == Whose::Holder;
    responders_first || !list::say(link, question).is_definite()
}

fn asks_lists(order: RevocationOrder, whose: Whose) -> bool {
    order.asks_lists() || whose == Whose::Issuer
}

/// The one kind that the order has, unless the other knows of a revocation.
fn alone(asked: Said, other: Said) -> Said {
    if other.is_revoked() && !asked.is_revoked() { other } else { asked }
}

fn combine(list: Said, response: Said, whose: Whose, question: &Question<'_>) -> Said {
    let responders_first = question.policy.order.responders_first() && whose == Whose::Holder;
    if responders_first && lifts_hold(&list, &response, question.at) {
        let warning = Warning {
            code: "hold-lifted",
            detail: "an older list has the certificate on hold; the newer response says that it is good".into(),
        };
        return Said { warnings: vec![warning], ..response };
    }
    let (first, second) = if responders_first { (response, list) } else { (list, response) };
    match (&first.word, &second.word) {
        (Word::Revoked(_), _) => first,
        (_, Word::Revoked(_)) => second,
        (Word::Unknown { bars: Bars::Later | Bars::Everything, .. }, _) => first,
        (_, Word::Unknown { bars: Bars::Everything, .. }) => second,
        (Word::RevokedLater, _) => first,
        (_, Word::RevokedLater) => second,
        (Word::Good, _) => first,
        (_, Word::Good) => second,
        (Word::Unknown { .. }, _) => first,
        (Word::Silent { .. }, Word::Unknown { .. }) => second,
        (Word::Silent { .. }, Word::Silent { .. }) => first,
    }
}

/// Whether the response is good, newer than the list that has the certificate on hold, and tells about the moment or
/// before: nobody knows since when a hold is over, only that it was over when the response was given.
fn lifts_hold(list: &Said, response: &Said, at: Time) -> bool {
    let (Some(held), Some(lifted)) = (list.as_of(), response.as_of()) else { return false };
    let counts = held < lifted && lifted <= at.plus_seconds(CLOCK_SKEW);
    list.is_revoked() && list.on_hold && matches!(response.word, Word::Good) && counts
}
