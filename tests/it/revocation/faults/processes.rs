//! Two processes on one data directory.

use std::sync::Arc;

use rastau::clock::FixedClock;
use rastau::fetch::{FakeFetch, FetchError};
use rastau::revocation::refresh::{Refresher, Schedule};
use rastau::revocation::{Offer, Source, Store};

use super::super::noon;
use super::{answers, number_in_force, signed, store};

const URL: &str = "http://crl.invalid/two.crl";

fn source() -> Source {
    Source::urls(&[URL]).unwrap()
}

fn refresh(store: &Arc<Store>, fetch: &Arc<FakeFetch>) -> Result<Offer, Arc<str>> {
    let clock = Arc::new(FixedClock(noon()));
    let refresher = Refresher::new(Arc::clone(store), Arc::clone(fetch) as _, clock, Schedule::default());
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(refresher.refresh(&source()))
}

#[test]
fn the_second_takes_over_what_the_first_has_stored_and_writes_nothing() {
    let data = tempfile::tempdir().unwrap();
    let open = || Arc::new(store(&source(), data.path(), noon(), 1 << 20));
    let (first, second) = (open(), open());
    first.offer(&source(), signed(5), noon()).unwrap();
    // The network is down: what the first has is enough.
    let down = Arc::new(FakeFetch::default());
    down.answer(URL, Err(FetchError::Timeout));
    assert_eq!(refresh(&second, &down), Ok(Offer::Installed));
    assert_eq!((number_in_force(&second, &source()), answers(&second, noon())), (Some(5), ("revoked", "good")));
    assert!(refresh(&second, &down).is_err(), "nothing new is stored, so the network is asked");

    // A newer list of the second stays in its memory while the first lives.
    let up = Arc::new(FakeFetch::default());
    up.answer(URL, Ok(signed(7)));
    assert_eq!(refresh(&second, &up), Ok(Offer::Installed));
    assert_eq!(number_in_force(&open(), &source()), Some(5));
    first.offer(&source(), signed(6), noon()).unwrap();
    assert_eq!(refresh(&second, &up), Ok(Offer::Same), "an older one is not taken over");
    assert_eq!(number_in_force(&second, &source()), Some(7));
    assert_eq!(number_in_force(&open(), &source()), Some(6));

    // When the first has gone, the second writes.
    drop(first);
    second.offer(&source(), signed(8), noon()).unwrap();
    assert_eq!(number_in_force(&open(), &source()), Some(8));
}

#[test]
fn whoever_writes_when_the_stored_copy_is_whole_and_never_an_older_one() {
    let data = tempfile::tempdir().unwrap();
    let open = || store(&source(), data.path(), noon(), 1 << 20);
    let (first, second) = (open(), open());
    std::thread::scope(|scope| {
        for number in 1..=12 {
            let store = if number % 2 == 0 { &first } else { &second };
            scope.spawn(move || store.offer(&source(), signed(number), noon()));
        }
        scope.spawn(|| {
            for _ in 0..50 {
                let seen = open();
                assert!(seen.status(noon())[0].error.is_none(), "a reader never sees half a list");
            }
        });
    });
    assert_eq!(number_in_force(&open(), &source()), number_in_force(&first, &source()));
}
