//! `rastau journal show`: entries for people, or as lines of JSON.

use std::path::Path;

use super::super::output::{BAD, Clean, FAINT, GOOD, HEADING, Hex, Output, Styled, UNSURE, field};
use super::super::status::{Failure, Status};
use super::args::ShowArgs;
use super::{failure, folder, open, unopened};
use crate::journal::{Entry, Reader, Wanted, export, keyed_number};

/// Entries read at once.
const PAGE: usize = 500;

/// Prints one entry whole, or several, a line each.
pub async fn run(args: &ShowArgs) -> Result<Status, Failure> {
    let folder = folder(&args.place)?;
    let reader = open(&folder).await?;
    let mut output = if args.json { Output::raw() } else { Output::standard() };
    if let Some(sequence) = args.sequence {
        let entry = reader.entry(sequence).await.map_err(|error| failure(&folder, &error))?;
        let Some(entry) = entry else {
            return Err(Failure::new(sequence.to_string(), "the journal has no such entry")
                .remedy("`rastau journal head` tells the last one; older ones may have been pruned"));
        };
        if args.json { output.line(export::line(&entry, None)) } else { whole(&entry, &mut output) }
    } else {
        several(args, &folder, &reader, &mut output).await?;
    }
    output.finish()?;
    Ok(Status::Good)
}

async fn several(args: &ShowArgs, folder: &Path, reader: &Reader, output: &mut Output) -> Result<(), Failure> {
    let broken = |error| failure(folder, &error);
    let (mut after, mut left) = (args.after, args.limit);
    if let Some(last) = args.last {
        let head = reader.head().await.map_err(broken)?.map_or(0, |head| head.sequence);
        (after, left) = (head.saturating_sub(last), usize::try_from(last).unwrap_or(usize::MAX));
    }
    let person = args.iin.as_ref().or(args.bin.as_ref());
    let sought = match person {
        // The number itself is found where the journal is configured to keep it.
        Some(number) => Some([keyed_number(folder, number).map_err(|error| unopened(&error))?, number.clone()]),
        None => None,
    };
    while left > 0 && !output.is_closed() {
        let wanted = Wanted { after, limit: PAGE, event: args.event.clone() };
        let page = reader.entries(wanted).await.map_err(broken)?;
        let Some(end) = page.last() else { break };
        after = end.receipt.sequence;
        let about = |entry: &&Entry| sought.as_ref().is_none_or(|sought| names(entry, sought));
        for entry in page.iter().filter(about).take(left) {
            left = left.saturating_sub(1);
            if args.json { output.line(export::line(entry, None)) } else { brief(entry, output) }
        }
    }
    Ok(())
}

/// Whether an entry is about somebody.
fn names(entry: &Entry, sought: &[String; 2]) -> bool {
    let value: serde_json::Value = serde_json::from_str(&entry.canonical).unwrap_or_default();
    value["identities"].as_array().is_some_and(|all| {
        all.iter().any(|identity| {
            ["hmac_sha256", "number"]
                .iter()
                .any(|name| identity[*name].as_str().is_some_and(|there| sought.iter().any(|one| one == there)))
        })
    })
}

fn brief(entry: &Entry, output: &mut Output) {
    let value: serde_json::Value = serde_json::from_str(&entry.canonical).unwrap_or_default();
    let decision = value["decision"].as_str().unwrap_or_default();
    let style = match decision {
        "accepted" => GOOD,
        "refused" => BAD,
        _ => UNSURE,
    };
    let client = value["client"].as_str().unwrap_or("-");
    let details = value["details"].as_object().map(|details| {
        let shown = details.iter().filter(|(name, _)| !matches!(name.as_str(), "signature" | "public_key"));
        shown.map(|(name, value)| format!(" {name}={}", value.as_str().unwrap_or_default())).collect::<String>()
    });
    output.line(format_args!(
        "{:>8}  {}  {} {} {}{}",
        entry.receipt.sequence,
        Styled(FAINT, entry.at),
        Styled(HEADING, format_args!("{:<19}", entry.event)),
        Styled(style, format_args!("{decision:<12}")),
        Clean(client),
        Styled(FAINT, Clean(&details.unwrap_or_default()))
    ));
}

fn whole(entry: &Entry, output: &mut Output) {
    output.line(Styled(HEADING, format_args!("Entry {}", entry.receipt.sequence)));
    field(output, "hash", &Hex(&entry.receipt.hash).to_string());
    field(output, "previous", &Hex(&entry.previous).to_string());
    let value: serde_json::Value = serde_json::from_str(&entry.canonical).unwrap_or_default();
    for (name, value) in value.as_object().into_iter().flatten() {
        match value {
            serde_json::Value::String(text) => field(output, name, text),
            serde_json::Value::Object(members) => {
                for (member, value) in members {
                    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    field(output, &format!("{name}.{member}"), &text);
                }
            }
            serde_json::Value::Array(items) => items.iter().for_each(|item| {
                let text = item.as_str().map_or_else(|| item.to_string(), str::to_owned);
                field(output, name, &text);
            }),
            other => field(output, name, &other.to_string()),
        }
    }
}
