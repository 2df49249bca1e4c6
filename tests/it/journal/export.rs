//! An export, read by this program and by ten lines of Python.

use std::io::Write as _;
use std::process::{Command, Stdio};

use rastau::journal::{
    Event, FaultKind, Identity, Journal as _, Known, Record, SqliteJournal, VerifyError, Waiting, Wanted, export,
    verify_export,
};

use super::{NOW, block_on, options, signed};

/// What `docs/JOURNAL.md` prints.
fn python() -> String {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/JOURNAL.md")).unwrap();
    let (_, rest) = text.split_once("```python\n").unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

/// A record with everything that can be said, in characters that JSON treats otherwise.
fn full() -> Record {
    let mut record = signed(1);
    record.event = Event::SubmissionVerified;
    record.client = Some("ЖШС «Қазақ» \"\\/\u{8}\u{c}\n\r\t\u{1}\u{7f}\u{2028}😀".to_owned());
    record.request_id = Some("0190".to_owned());
    record.digests = vec![("document", [1; 32]), ("certificate", [2; 32])];
    record.evidence = vec![[3; 32], [4; 32]];
    record.identities = vec![
        Identity { role: "applicant", number: "650615100015".to_owned() },
        Identity { role: "signer", number: "600440000019".to_owned() },
    ];
    record.details = vec![("service", "medical-activity".to_owned()), ("format", "cms".to_owned())];
    record.waits = Some(Waiting { id: [9; 16], expires_at: NOW.plus_seconds(5), body: b"go on".to_vec() });
    record
}

/// An export of seven entries, the last of which is a checkpoint, a line each.
fn lines() -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    block_on(async {
        let journal = SqliteJournal::open(options(&folder.path().join("journal"))).await.unwrap();
        journal.append(full()).await.unwrap();
        for number in 2..=6 {
            journal.append(signed(number)).await.unwrap();
        }
        journal.checkpoint().await.unwrap();
        let entries = journal.entries(Wanted { after: 0, limit: 100, event: None }).await.unwrap();
        entries.iter().map(|entry| export::line(entry, None)).collect()
    })
}

fn verdict(lines: &[String], known: Known) -> Result<u64, (u64, FaultKind)> {
    match verify_export((lines.join("\n") + "\n").as_bytes(), known) {
        Ok(verified) => Ok(verified.proof.entries),
        Err(VerifyError::Fault(fault)) => Err((fault.sequence, fault.kind)),
        Err(VerifyError::Unreadable(problem)) => panic!("{problem}"),
    }
}

fn by_python(lines: &[String]) -> Option<(bool, String)> {
    let child = Command::new("python3")
        .args(["-c", &python()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn();
    let Ok(mut child) = child else {
        println!("skipped: there is no python3");
        return None;
    };
    // It may have seen enough before the end.
    let _ = child.stdin.take().unwrap().write_all(lines.join("\n").as_bytes());
    let output = child.wait_with_output().unwrap();
    Some((output.status.success(), String::from_utf8(output.stdout).unwrap()))
}

#[test]
fn an_export_verifies_here_and_with_ten_lines_of_python() {
    let lines = lines();
    assert_eq!(verdict(&lines, Known::default()), Ok(7));
    if let Some((good, said)) = by_python(&lines) {
        assert!(good, "{said}");
        let last: serde_json::Value = serde_json::from_str(lines.last().unwrap()).unwrap();
        assert_eq!(said.trim(), format!("7:{}", last["hash"].as_str().unwrap()));
    }
    let part = lines.get(2..5).unwrap();
    assert_eq!(verdict(part, Known::default()), Ok(3));
    assert_eq!(verdict(&[], Known::default()), Ok(0));
}

#[test]
fn every_change_of_an_export_is_found_and_named() {
    use FaultKind::{Changed, Forged, Inserted, Missing, Reordered};
    let whole = lines();
    let altered = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines = whole.clone();
        change(&mut lines);
        lines
    };
    let cases: [(&str, Vec<String>, u64, FaultKind); 7] = [
        ("removed", altered(&|lines| drop(lines.remove(2))), 3, Missing),
        ("moved", altered(&|lines| lines.swap(2, 3)), 3, Reordered),
        ("moved far", altered(&|lines| lines.swap(1, 5)), 2, Reordered),
        ("twice", altered(&|lines| lines.insert(3, lines[2].clone())), 3, Inserted),
        ("changed", altered(&|lines| lines[3] = lines[3].replace("accepted", "refused")), 4, Changed),
        (
            "without its decision",
            altered(&|lines| lines[3] = lines[3].replace("\"decision\":\"accepted\",", "")),
            4,
            Changed,
        ),
        (
            "checkpoint",
            altered(&|lines| lines[6] = lines[6].replace("\"through_sequence\":\"6\"", "\"through_sequence\":\"5\"")),
            7,
            Changed,
        ),
    ];
    for (name, lines, sequence, kind) in cases {
        assert_eq!(verdict(&lines, Known::default()), Err((sequence, kind)), "{name}");
        if let Some((good, _)) = by_python(&lines) {
            assert!(!good, "{name}");
        }
    }
    let stranger = Known { public_key: Some([1; 32]), ..Known::default() };
    assert_eq!(verdict(&whole, stranger), Err((7, Forged)));
    let head: serde_json::Value = serde_json::from_str(&whole[6]).unwrap();
    let head = format!("7:{}", head["hash"].as_str().unwrap()).parse().unwrap();
    assert_eq!(verdict(&whole, Known::default().with_head(head)), Ok(7));
    assert_eq!(verdict(&whole[..6], Known::default().with_head(head)), Err((7, FaultKind::Truncated)));
}

#[test]
fn what_is_no_export_is_unreadable_and_not_good() {
    let first = lines().remove(0);
    for text in [
        "garbage\n".to_owned(),
        "{}\n".to_owned(),
        "[]\n".to_owned(),
        format!("{first}\n{}", &first[..50]),
        first.replace("\"hash\"", "\"hush\""),
        first.replace("{\"entry\"", "{\"hash\":\"\",\"entry\""),
        "[".repeat(100_000),
        format!("{{\"entry\":{},\"hash\":\"\",\"previous\":\"\"}}", "[".repeat(100_000)),
        "\u{0}\u{0}".to_owned(),
    ] {
        let verdict = verify_export(text.as_bytes(), Known::default());
        assert!(matches!(verdict, Err(VerifyError::Unreadable(_))), "{verdict:?}");
    }
}

#[test]
fn a_text_that_two_readers_understand_differently_is_refused_although_its_hash_holds() {
    let first = lines().remove(0);
    let previous = "00".repeat(32);
    let text = text(&first);
    let with = |text: &str| {
        let digest = ring::digest::digest(&ring::digest::SHA256, &[&[0; 32], text.as_bytes()].concat());
        let hash: String = digest.as_ref().iter().map(|octet| format!("{octet:02x}")).collect();
        vec![format!("{{\"entry\":{text},\"hash\":\"{hash}\",\"previous\":\"{previous}\"}}")]
    };
    assert_eq!(verdict(&with(text), Known::default()), Ok(1));
    for (name, text) in [
        ("a detail twice", text.replacen("\"details\":{", "\"details\":{\"format\":\"pdf\",", 1)),
        ("a member twice", text.replacen(",\"at\"", ",\"request_id\":\"another\",\"at\"", 1)),
        ("white space", text.replacen(',', ", ", 1)),
        ("an escape that need not be", text.replacen("cms", "\\u0063ms", 1)),
        ("another order", text.replacen("\"form\":1,", "", 1).replacen('{', "{\"form\":1,", 1)),
    ] {
        assert_ne!(with(&text), with(self::text(&first)), "{name}");
        assert_eq!(verdict(&with(&text), Known::default()), Err((1, FaultKind::Changed)), "{name}");
    }
    // Laid out anew by another program: no longer what was hashed.
    assert_eq!(verdict(&[first.replacen(',', ", ", 1)], Known::default()), Err((1, FaultKind::Changed)));
}

/// The text of the entry in a line.
fn text(line: &str) -> &str {
    line.split_once("{\"entry\":").unwrap().1.split_once(",\"hash\":\"").unwrap().0
}
