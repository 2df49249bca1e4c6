mod checkpoints;
mod tampering;
mod trouble;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use super::*;
use crate::clock::FixedClock;
use crate::journal::{Event, Identities, Identity};

const NOW: Time = Time::from_unix(1_787_184_000);

fn options(folder: &Path) -> Options {
    let mut options = Options::new(folder.join("journal"), Arc::new(FixedClock(NOW)));
    options.busy = Duration::from_millis(50);
    options
}

async fn open(folder: &Path) -> SqliteJournal {
    SqliteJournal::open(options(folder)).await.unwrap()
}

fn record(number: u8) -> Record {
    let mut record = Record::new(Event::CertificateChecked, NOW);
    record.digests.push(("certificate", [number; 32]));
    record
}

fn answered(key: u8, body: &[u8]) -> Record {
    let mut record = Record::new(Event::Signed, NOW);
    record.answer = Some(Answer { key: AnswerKey([key; 32]), request: [7; 32], body: body.to_vec() });
    record
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_follow_each_other_and_outlive_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path()).await;
    assert_eq!(journal.head().await.unwrap(), None);
    let first = journal.append(record(1)).await.unwrap();
    let second = journal.append(record(2)).await.unwrap();
    assert_eq!((first.sequence, second.sequence), (1, 2));
    let entry = journal.entry(2).await.unwrap().unwrap();
    assert_eq!((entry.receipt, entry.previous, entry.at), (second, first.hash, NOW));
    assert_eq!(entry.event, "certificate-checked");
    journal.close().await;
    let journal = open(folder.path()).await;
    // The end of the program was signed.
    assert_eq!(journal.head().await.unwrap().unwrap().sequence, 3);
    let events: Vec<String> = journal
        .entries(Wanted { after: 1, limit: 9, event: None })
        .await
        .unwrap()
        .into_iter()
        .map(|e| e.event)
        .collect();
    assert_eq!(events, ["certificate-checked", "checkpoint"]);
    let some = journal.entries(Wanted { after: 0, limit: 1, event: Some("checkpoint".to_owned()) }).await.unwrap();
    assert_eq!(some.first().unwrap().receipt.sequence, 3);
    assert_eq!(journal.entry(4).await.unwrap(), None);
    assert_eq!(journal.append(record(3)).await.unwrap().sequence, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_get_places_without_gaps() {
    let folder = tempfile::tempdir().unwrap();
    let journal = Arc::new(open(folder.path()).await);
    let tasks: Vec<_> = (0..100_u8)
        .map(|number| {
            let journal = Arc::clone(&journal);
            tokio::spawn(async move { journal.append(record(number)).await.unwrap().sequence })
        })
        .collect();
    let mut places = Vec::new();
    for task in tasks {
        places.push(task.await.unwrap());
    }
    places.sort_unstable();
    assert_eq!(places, (1..=100).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_kept_once_and_given_again() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path()).await;
    let receipt = journal.append(answered(1, b"signed")).await.unwrap();
    assert_eq!(journal.append(answered(1, b"signed again")).await, Err(JournalError::Answered));
    let (answer, place) = journal.answer(AnswerKey([1; 32])).await.unwrap().unwrap();
    assert_eq!((answer.body.as_slice(), answer.request, place), (b"signed".as_slice(), [7; 32], receipt));
    assert_eq!(journal.answer(AnswerKey([2; 32])).await.unwrap(), None);
    assert_eq!(journal.head().await.unwrap(), Some(receipt), "the second one left no entry");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_retries_at_once_one_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path()).await;
    let (one, two) = tokio::join!(journal.append(answered(1, b"a")), journal.append(answered(1, b"b")));
    assert_eq!(u8::from(one.is_ok()) + u8::from(two.is_ok()), 1);
    assert!([&one, &two].contains(&&Err(JournalError::Answered)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waits_is_settled_once() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path()).await;
    let item = |id: u8, seconds: i64| Waiting { id: [id; 16], expires_at: NOW.plus_seconds(seconds), body: vec![id] };
    for (id, seconds) in [(1, 60), (2, 30), (3, 0)] {
        let mut wanted = Record::new(Event::ApprovalWanted, NOW);
        wanted.waits = Some(item(id, seconds));
        journal.append(wanted).await.unwrap();
    }
    assert_eq!(journal.waiting(NOW).await.unwrap(), [item(1, 60), item(2, 30)]);
    assert_eq!(journal.waiting(NOW.plus_seconds(30)).await.unwrap(), [item(1, 60)]);
    let mut given = Record::new(Event::ApprovalWithheld, NOW);
    given.settles = Some([1; 16]);
    journal.append(given.clone()).await.unwrap();
    assert_eq!(journal.append(given).await, Err(JournalError::Settled));
    let mut late = Record::new(Event::ApprovalWithheld, NOW.plus_seconds(31));
    late.settles = Some([2; 16]);
    assert_eq!(journal.append(late).await, Err(JournalError::Settled));
    assert_eq!(journal.waiting(NOW).await.unwrap(), [item(2, 30)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn identity_numbers_are_kept_as_keyed_hashes_unless_configured() {
    let folder = tempfile::tempdir().unwrap();
    let mut about = record(1);
    about.identities.push(Identity { role: "holder", number: "650615100015".to_owned() });
    let journal = open(folder.path()).await;
    for _ in 0..2 {
        journal.append(about.clone()).await.unwrap();
    }
    let texts: Vec<String> = journal
        .entries(Wanted { after: 0, limit: 9, event: None })
        .await
        .unwrap()
        .into_iter()
        .map(|entry| entry.canonical)
        .collect();
    let value = |text: &str| {
        serde_json::from_str::<serde_json::Value>(text).unwrap()["identities"][0]["hmac_sha256"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    assert!(!texts[0].contains("650615100015"));
    assert_eq!(value(&texts[0]), value(&texts[1]));
    assert_eq!(value(&texts[0]).len(), 64);
    journal.close().await;
    let mut plain = options(folder.path());
    plain.identities = Identities::Plain;
    let journal = SqliteJournal::open(plain).await.unwrap();
    let place = journal.append(about).await.unwrap();
    let text = journal.entry(place.sequence).await.unwrap().unwrap().canonical;
    assert!(text.contains("\"number\":\"650615100015\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_is_kept_out() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path()).await;
    let error = SqliteJournal::open(options(folder.path())).await.unwrap_err();
    assert!(matches!(error, OpenError::InUse { holder: Some(holder), .. } if holder == std::process::id()), "{error}");
    journal.close().await;
    open(folder.path()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_soon_is_written_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let journal = open(folder.path()).await;
    for number in 0..50 {
        journal.append_soon(record(number)).unwrap();
    }
    journal.close().await;
    assert!(journal.append_soon(record(0)).is_err());
    assert!(matches!(journal.append(record(0)).await, Err(JournalError::Unavailable(_))));
    let journal = open(folder.path()).await;
    assert_eq!(journal.head().await.unwrap().unwrap().sequence, 51);
    assert!(journal.entry(1).await.unwrap().unwrap().canonical.contains(&"00".repeat(32)));
}
