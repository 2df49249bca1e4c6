//! `[submissions]`: the offices whose staff signs for applicants.

use crate::config::Submissions;
use crate::config::reader::{Reader, Tables};
use crate::iin::Bin;
use crate::policy::signatory::{Office, Offices};
use crate::subject::Role;

pub(super) fn submissions(reader: &mut Reader<'_>) -> Submissions {
    let same_signer = reader.truth("submissions", "same_signer").unwrap_or(true);
    let max_attachments = super::size(reader.number("submissions", "max_attachments", 100, 0..=10_000));
    let offices = Offices { centres: offices(reader, "centre"), providers: offices(reader, "provider") };
    Submissions { same_signer, max_attachments, offices }
}

fn offices(reader: &mut Reader<'_>, key: &str) -> Vec<Office> {
    let Some(found) = reader.find("submissions", key) else { return Vec::new() };
    let tables = reader.tables_of(&found);
    let offices: Vec<_> = tables.iter().filter_map(|table| office(reader, table)).collect();
    reader.record(&format!("submissions.{key}"), format!("{} offices", offices.len()), found.origin);
    offices
}

fn office<'a>(reader: &mut Reader<'a>, table: &Tables<'a>) -> Option<Office> {
    let Some(found) = table.find("bins") else {
        reader.blame(&table.itself(), "bins is missing", "Write bins = [\"…\"] with the BINs of the office");
        return None;
    };
    let mut bins = Vec::new();
    let texts = reader.strings_of(&found);
    if texts.is_empty() {
        reader.blame(&found, "an office without a number", "Write at least one BIN");
    }
    for (text, item) in texts {
        match Bin::parse(&text) {
            Ok(bin) => bins.push(bin),
            Err(error) => reader.blame(&item, error.to_string(), "Write the BIN as twelve digits in quotes"),
        }
    }
    let roles = match table.find("roles") {
        None => Office::USUAL_ROLES.to_vec(),
        Some(found) => {
            let mut roles = Vec::new();
            let texts = reader.strings_of(&found);
            if texts.is_empty() {
                reader.blame(&found, "an office without a role", "Write at least one role, or leave roles out");
            }
            for (text, item) in texts {
                match Role::from_name(&text) {
                    Some(role) => roles.push(role),
                    None => {
                        let names: Vec<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
                        reader.blame(&item, "not a role", format!("Write one of {}", names.join(", ")));
                    }
                }
            }
            roles
        }
    };
    Some(Office { bins, roles })
}
