//! Servers that do not behave, mirrors that disagree, and word that nothing has changed.

use std::time::Duration;

use rastau::fetch::Limits;
use rastau::revocation::Offer;

use super::super::issuer;
use super::server::Answer;
use super::{LIMITS, World, list, signed};

#[test]
fn answers_that_are_no_answer_replace_nothing() {
    let world = World::settled(1);
    let portal = "303 See Other\r\nlocation: http://127.0.0.1:1/portal?secret";
    let compressed = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 2\r\n\r\n\x1f\x8b".to_vec();
    let cut = b"HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n\x30".to_vec();
    let endless = b"HTTP/1.1 200 OK\r\n\r\n".to_vec();
    let declared = b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n".to_vec();
    for (what, answer, cause) in [
        ("a portal", Answer::head(portal), "the server answered 303: redirects are not followed"),
        ("moved", Answer::head("301 Moved Permanently\r\nlocation: /other"), "301: redirects"),
        ("gone", Answer::head("404 Not Found"), "404"),
        ("busy", Answer::head("503 Service Unavailable\r\nretry-after: 1"), "503"),
        ("a part", Answer::head("206 Partial Content"), "206"),
        ("nothing has changed, unasked", Answer::head("304 Not Modified"), "304"),
        ("compressed", Answer::Raw(compressed), "compressed"),
        ("cut off", Answer::Raw(cut), "no answer"),
        ("no HTTP", Answer::Raw(b"220 smtp ready\r\n".to_vec()), "no answer"),
        ("hung up", Answer::Raw(Vec::new()), "no answer"),
        ("endless", Answer::Forever(endless, vec![0x30; 1 << 16], Duration::ZERO), "larger than"),
        ("huge, as declared", Answer::Raw(declared), "larger than"),
        ("reset at once", Answer::Reset(Vec::new()), "no answer"),
        ("reset in the body", Answer::Reset(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n\x30".to_vec()), "no answer"),
    ] {
        world.holds_against(what, answer, cause);
    }
    let requests = world.mirrors[0].requests();
    assert!(
        requests.iter().filter(|request| !request.is_empty()).all(|request| request.contains("user-agent: rastau/"))
    );
}

#[test]
fn a_slow_drip_is_left_when_its_time_is_over() {
    let short = Duration::from_millis(300);
    let world = World::with_limits(1, Limits { first_byte: short, total: short, ..LIMITS });
    world.settle();
    let head = b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n".to_vec();
    world.holds_against("a drip", Answer::Forever(head, vec![0x30], Duration::from_millis(20)), "in time");
    let head = b"HTTP/1.1 200 OK\r\n".to_vec();
    world.holds_against(
        "a head that drips",
        Answer::Forever(head, b"x: y\r\n".to_vec(), Duration::from_millis(20)),
        "in time",
    );
}

#[test]
fn of_two_mirrors_the_one_that_lies_is_passed_over_and_asked_last() {
    let world = World::settled(2);
    let [liar, honest] = &world.mirrors[..] else { panic!("two") };
    let mut forged = signed(9);
    let end = forged.len() - 3;
    forged[end] ^= 1;
    for (lie, cause) in [(forged, "signature"), (signed(4), "older"), (b"<html>".to_vec(), "neither DER nor PEM")] {
        let before = world.number().unwrap();
        liar.say(Answer::body(lie));
        honest.say(Answer::body(signed(before + 1)));
        assert_eq!(world.refresh(), Ok(Offer::Installed));
        assert_eq!(world.number(), Some(before + 1));
        assert_eq!(world.row().error, None, "the source is well");
        let fetching = world.fetching();
        assert_eq!((fetching.mirror, fetching.failures), (Some(honest.url()), 0));
        assert!(
            fetching.mirrors[0].error.as_deref().is_some_and(|error| error.contains(cause)),
            "{:?}",
            fetching.mirrors
        );
        assert_eq!(fetching.mirrors[1].error, None);
        // Let the liar be asked first again.
        honest.say(Answer::head("503 Service Unavailable"));
        liar.say(Answer::body(signed(before + 2)));
        assert_eq!(world.refresh(), Ok(Offer::Installed));
    }
    // Whoever worked last is asked first, and the other is left in peace.
    let before = (liar.requests().len(), honest.requests().len());
    assert_eq!(world.refresh(), Ok(Offer::Same));
    assert_eq!((liar.requests().len(), honest.requests().len()), (before.0 + 1, before.1));
}

#[test]
fn when_a_newer_list_should_be_there_the_other_mirrors_are_asked_too() {
    let world = World::new(2);
    let daily = |day: u64| {
        let (this, next) = (format!("2026-08-{day}T00:00:00Z"), format!("2026-08-{}T03:00:00Z", day + 1));
        issuer().sign(&list(day).updates(&this, &next))
    };
    let [stuck, honest] = &world.mirrors[..] else { panic!("two") };
    stuck.say(Answer::Tagged(daily(20), "twenty"));
    honest.say(Answer::Tagged(daily(20), "twenty"));
    assert_eq!(world.refresh(), Ok(Offer::Installed));
    honest.say(Answer::Tagged(daily(21), "twenty-one"));
    world.set_clock("2026-08-20T23:00:00Z");
    assert_eq!(world.refresh(), Ok(Offer::Same), "due, and still expected to be the newest");
    world.set_clock("2026-08-21T00:20:00Z");
    assert_eq!(world.refresh(), Ok(Offer::Installed), "overdue");
    assert_eq!(world.number(), Some(21));
    assert_eq!(world.fetching().mirror, Some(honest.url()));
}

#[test]
fn an_unchanged_list_is_not_sent_again_and_counts_as_seen_even_after_a_restart() {
    let mut world = World::new(1);
    world.mirrors[0].say(Answer::Tagged(signed(5), "five"));
    assert_eq!(world.refresh(), Ok(Offer::Installed));
    world.set_clock("2026-08-20T13:00:00Z");
    assert_eq!(world.refresh(), Ok(Offer::Same));
    assert_eq!(world.row().last_success, Some(super::time("2026-08-20T13:00:00Z")));
    let tagged =
        |world: &World| world.mirrors[0].requests().iter().filter(|request| request.contains("if-none-match")).count();
    assert_eq!((world.mirrors[0].requests().len(), tagged(&world)), (2, 1));

    let again = restart(&mut world);
    assert_eq!(again, Ok(Offer::Same));
    assert_eq!((world.mirrors[0].requests().len(), tagged(&world)), (3, 2));

    // Without the list there is nothing that could be unchanged.
    for entry in std::fs::read_dir(world.data.path().join("revocation")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension != "mirrors") {
            std::fs::remove_file(path).unwrap();
        }
    }
    assert_eq!(restart(&mut world), Ok(Offer::Installed));
    assert_eq!((world.mirrors[0].requests().len(), tagged(&world)), (4, 2));
}

fn restart(world: &mut World) -> Result<Offer, std::sync::Arc<str>> {
    use rastau::clock::Clock as _;
    use rastau::fetch::Client;
    use rastau::revocation::refresh::{Refresher, Schedule};
    // The data directory is free only when the process before has gone.
    let nothing = super::store(&world.source, tempfile::tempdir().unwrap().path(), world.clock.now(), LIMITS.body);
    world.store = std::sync::Arc::new(nothing);
    let make = |world: &World| {
        let client = Client::new::<&std::path::Path>(&[], LIMITS).unwrap();
        let store = std::sync::Arc::clone(&world.store);
        Refresher::new(store, std::sync::Arc::new(client), world.clock.clone(), Schedule::default())
    };
    world.refresher = make(world);
    world.store = std::sync::Arc::new(world.restarted());
    world.refresher = make(world);
    world.refresh()
}

#[test]
fn a_mirror_that_says_unchanged_for_ever_is_seen_through() {
    let world = World::new(1);
    let daily = issuer().sign(&list(5).updates("2026-08-20T00:00:00Z", "2026-08-21T03:00:00Z"));
    let next = issuer().sign(&list(6).updates("2026-08-21T00:00:00Z", "2026-08-22T03:00:00Z"));
    world.mirrors[0].say(Answer::Tagged(daily.clone(), "five"));
    assert_eq!(world.refresh(), Ok(Offer::Installed));
    // The tag stays the same though the list does not: only a question without conditions brings it.
    world.mirrors[0].say(Answer::Tagged(next, "five"));
    world.set_clock("2026-08-20T20:00:00Z");
    assert_eq!(world.refresh(), Ok(Offer::Same));
    world.set_clock("2026-08-21T00:30:00Z");
    assert_eq!(world.refresh(), Ok(Offer::Installed));
    assert_eq!(world.number(), Some(6));

    // The authority issues no more: unchanged, then lapsed, whatever the server says.
    world.set_clock("2026-08-22T03:00:01Z");
    assert!(world.refresh().unwrap_err().contains("lapsed"));
    assert!(world.refresh().unwrap_err().contains("lapsed"), "304 is no success either");
    assert_eq!(world.answers(), ("revoked, by a lapsed list", "unknown: lapsed"));
    assert_eq!(world.fetching().failures, 2);
    let last = world.mirrors[0].requests().pop().unwrap();
    assert!(last.contains("if-none-match"), "asked for the whole list once an hour at most");
}
