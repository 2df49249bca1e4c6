//! A fault of the program itself, in the middle of an attempt.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rastau::clock::FixedClock;
use rastau::fetch::{Asked, Fetch, FetchError, Fetched, Get, Got, Limits, Post, Validators};
use rastau::revocation::refresh::{Refresher, Schedule};
use rastau::revocation::{Source, Store, StoreOptions};

use super::super::{issuer, noon};
use super::{answers, log, signed};

const BROKEN: &str = "http://crl.invalid/panics.crl";

/// Panics at the first few questions to one address.
struct Panics {
    left: AtomicUsize,
    asked: AtomicUsize,
}

impl Fetch for Panics {
    fn ask<'a>(&'a self, _: Get<'a>) -> Asked<'a> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let left = self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
        Box::pin(async move {
            assert!(left.is_err(), "a test wants this panic");
            Ok(Got::Body { body: signed(5), validators: Validators::default() })
        })
    }

    fn post<'a>(&'a self, _: &'a str, _: Post, _: Limits) -> Fetched<'a> {
        Box::pin(async { Err(FetchError::Timeout) })
    }
}

#[test]
fn a_task_that_panics_is_logged_shown_and_begun_again_without_haste() {
    log::start();
    let source = Source::urls(&[BROKEN]).unwrap();
    let store = Arc::new(Store::load(vec![source], StoreOptions::new([issuer().certificate.clone()]), noon()));
    let fetch = Arc::new(Panics { left: AtomicUsize::new(3), asked: AtomicUsize::new(0) });
    let refresher =
        Refresher::new(Arc::clone(&store), fetch.clone(), Arc::new(FixedClock(noon())), Schedule::default());
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let task = tokio::spawn(Arc::new(refresher).run(stopped));
        tokio::time::sleep(Duration::from_secs(30)).await;
        assert_eq!(fetch.asked.load(Ordering::Relaxed), 1, "not again at once");
        let [row] = store.status(noon()).try_into().unwrap();
        assert!(row.error.is_some_and(|error| error.contains("cut short")));
        assert_eq!(row.fetch.unwrap().failures, 1);
        // One, two and four minutes.
        tokio::time::sleep(Duration::from_secs(500)).await;
        while store.snapshot().lists().count() == 0 {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        assert_eq!(fetch.asked.load(Ordering::Relaxed), 4);
        stop.send(true).unwrap();
        task.await.unwrap();
    });
    assert_eq!(answers(&store, noon()), ("revoked", "good"));
    assert!(log::has(&["ERROR", BROKEN, "begins again"]));
}
