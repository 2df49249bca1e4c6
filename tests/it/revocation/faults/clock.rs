//! A clock that is set, in both directions.

use rastau::revocation::{ListState, Offer};

use super::super::issuer;
use super::server::Answer;
use super::{World, list};

#[test]
fn a_clock_set_back_takes_the_list_out_of_force_and_keeps_it() {
    let world = World::settled(1);
    world.set_clock("2026-06-30T00:00:00Z");
    assert_eq!(world.answers(), ("unknown: ahead of the clock", "unknown: ahead of the clock"));
    assert_eq!(world.row().state, ListState::Missing);
    assert_eq!(world.refresh(), Ok(Offer::Same), "the list is the newest all the same");
    let older = issuer().sign(&list(4).updates("2026-06-01T00:00:00Z", "2027-01-01T00:00:00Z"));
    world.mirrors[0].say(Answer::body(older));
    assert!(world.refresh().unwrap_err().contains("older"), "a wrong clock opens no way back");
    let again = world.restarted();
    assert_eq!(super::answers(&again, super::time("2026-06-30T00:00:00Z")).1, "unknown: ahead of the clock");
    world.set_clock("2026-08-20T12:00:00Z");
    assert_eq!(world.answers(), ("revoked", "good"));
    assert_eq!(super::answers(&again, super::noon()), ("revoked", "good"));
}

#[test]
fn a_clock_set_ahead_lapses_the_list_and_keeps_it() {
    let world = World::settled(1);
    world.set_clock("2030-01-01T00:00:00Z");
    assert_eq!(world.answers(), ("revoked, by a lapsed list", "unknown: lapsed"));
    assert!(world.refresh().unwrap_err().contains("lapsed"));
    assert_eq!(world.row().state, ListState::Stale);
    world.set_clock("2026-08-20T12:00:00Z");
    assert_eq!(world.answers(), ("revoked", "good"));
    assert_eq!(world.refresh(), Ok(Offer::Same));
    assert_eq!((world.row().state, world.row().error), (ListState::Fresh, None));
}
