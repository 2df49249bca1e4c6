//! `[timestamp]` and `[journal]`.

use std::path::Path;
use std::time::Duration;

use super::revocation::url;
use crate::config::reader::Reader;
use crate::config::signing::{Journal, Recording, Timestamp};
use crate::der::Oid;

pub(super) fn timestamp(reader: &mut Reader<'_>) -> Timestamp {
    let urls = reader.find("timestamp", "urls").map_or_else(Vec::new, |found| {
        let strings = reader.strings_of(&found);
        let urls: Vec<_> = strings.iter().filter_map(|(text, item)| url(reader, text, item)).collect();
        reader.record("timestamp.urls", urls.join(", "), found.origin);
        urls
    });
    let policy =
        reader.text("timestamp", "policy", ("", None), "an object identifier such as \"1.2.398.3.3.2.6.4\"", |text| {
            Oid::new(text).ok().map(|_| Some(text.to_owned()))
        });
    let timeout = Duration::from_millis(reader.number("timestamp", "timeout_ms", 5000, 100..=120_000));
    Timestamp { urls, policy, timeout }
}

pub(super) fn journal(reader: &mut Reader<'_>, data: &Path) -> Journal {
    let checks = reader.text(
        "journal",
        "checks",
        ("buffered", Recording::Buffered),
        "\"buffered\", \"durable\" or \"off\"",
        |text| match text {
            "buffered" => Some(Recording::Buffered),
            "durable" => Some(Recording::Durable),
            "off" => Some(Recording::Off),
            _ => None,
        },
    );
    let directory = reader.find("journal", "directory").and_then(|found| {
        let (text, item) = reader.strings_of(&found).into_iter().next()?;
        let directory = item.folder.join(text);
        reader.record("journal.directory", directory.display().to_string(), found.origin);
        Some(directory)
    });
    Journal {
        enabled: reader.truth("journal", "enabled").unwrap_or(true),
        directory: directory.unwrap_or_else(|| data.join("journal")),
        checks,
        plain_identities: reader.truth("journal", "plain_identities").unwrap_or(false),
        checkpoint_entries: reader.number("journal", "checkpoint_entries", 1000, 1..=1_000_000),
        checkpoint_every: Duration::from_secs(reader.number("journal", "checkpoint_s", 300, 1..=86_400)),
        timestamp_checkpoints: reader.truth("journal", "timestamp_checkpoints").unwrap_or(false),
    }
}
