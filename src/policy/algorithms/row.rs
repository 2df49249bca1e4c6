//! The file as written, and its rows.

use std::sync::Arc;

use serde::Deserialize;

use super::error::AlgorithmTableError;
use crate::clock::Time;

/// What the table says of one algorithm.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Row {
    pub(super) minimum_bits: Option<u32>,
    pub(super) signatures_until: Option<Time>,
    pub(super) certificates_until: Option<Time>,
    pub(super) reason: Option<Arc<str>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawTable {
    #[serde(default)]
    pub(super) signature: Vec<RawRow>,
    #[serde(default)]
    pub(super) key: Vec<RawRow>,
    #[serde(default)]
    pub(super) digest: Vec<RawRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawRow {
    name: String,
    minimum_bits: Option<u32>,
    signatures_until: Option<Time>,
    certificates_until: Option<Time>,
    reason: Option<String>,
}

/// Puts rows into `rows`, each in the place of the one of its name.
pub(super) fn put(
    rows: &mut Vec<(&'static str, Row)>,
    table: &'static str,
    raw: Vec<RawRow>,
    names: &[&'static str],
) -> Result<(), AlgorithmTableError> {
    let mut seen = Vec::with_capacity(raw.len());
    for row in raw {
        let Some(&name) = names.iter().find(|known| **known == row.name) else {
            return Err(AlgorithmTableError::Unknown { table, name: row.name, known: names.join(", ") });
        };
        if seen.contains(&name) {
            return Err(AlgorithmTableError::Duplicate { table, name: row.name });
        }
        if row.minimum_bits.is_some() && name != "rsa" {
            return Err(AlgorithmTableError::Bits { table, name: row.name });
        }
        seen.push(name);
        let row = Row {
            minimum_bits: row.minimum_bits,
            signatures_until: row.signatures_until,
            certificates_until: row.certificates_until,
            reason: row.reason.map(Arc::from),
        };
        match rows.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = row,
            None => rows.push((name, row)),
        }
    }
    Ok(())
}
