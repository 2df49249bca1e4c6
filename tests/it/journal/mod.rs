//! The journal from outside: killed processes, full and read-only disks, exports read by others.

mod child;
mod crash;
mod disk;
mod export;

use std::sync::Arc;

use rastau::clock::{FixedClock, Time};
use rastau::journal::{Answer, AnswerKey, Event, Options, Record};

const NOW: Time = Time::from_unix(1_787_184_000);

fn options(folder: &std::path::Path) -> Options {
    Options::new(folder, Arc::new(FixedClock(NOW)))
}

/// A signature with its answer, told from others by a number.
fn signed(number: u64) -> Record {
    let mut record = Record::new(Event::Signed, NOW);
    record.client = Some("e-licensing".to_owned());
    record.decision = Some("accepted");
    record.details.push(("number", number.to_string()));
    record.answer = Some(Answer { key: key(number), request: [7; 32], body: body(number) });
    record
}

fn key(number: u64) -> AnswerKey {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&number.to_be_bytes());
    AnswerKey(key)
}

fn body(number: u64) -> Vec<u8> {
    format!("the document {number}").into_bytes().repeat(20)
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap().block_on(future)
}
