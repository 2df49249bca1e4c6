//! Revocation lists (RFC 5280 section 5): small ones entry by entry, huge ones generated as they are written.

use std::io::{self, Write};

use crate::certificate::assemble;
use crate::der;
use crate::extension::{self, Extension};
use crate::key::Key;

/// An entry of revokedCertificates.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Contents of the serial number's INTEGER.
    pub serial: Vec<u8>,
    /// The encoded revocationDate.
    pub date: Vec<u8>,
    /// reasonCode, if any: 1 keyCompromise, 4 superseded, 6 certificateHold, …
    pub reason: Option<u8>,
    /// Further entry extensions.
    pub extensions: Vec<Extension>,
}

impl Entry {
    /// An entry with a date `2026-01-01T00:00:00Z` and perhaps a reason.
    pub fn new(serial: &[u8], date: &str, reason: Option<u8>) -> Entry {
        Entry { serial: serial.to_vec(), date: der::time(date), reason, extensions: Vec::new() }
    }

    /// The same, about a certificate of an issuer by its encoded name.
    pub fn of_issuer(mut self, name: &[u8]) -> Entry {
        self.extensions.push(Extension::certificate_issuer(name));
        self
    }

    fn encode(&self) -> Vec<u8> {
        let reason = self.reason.map(|reason| Extension::new(extension::REASON_CODE, der::enumerated(reason)));
        let extensions: Vec<Vec<u8>> = reason.iter().chain(&self.extensions).map(Extension::encode).collect();
        let extensions = if extensions.is_empty() { Vec::new() } else { der::sequence(&extensions) };
        der::sequence(&[der::integer_raw(&self.serial), self.date.clone(), extensions])
    }
}

/// A list to be. Fields hold encoded TLVs, as in [`crate::certificate::CertificateBuilder`].
#[derive(Clone, Debug)]
pub struct ListBuilder {
    /// The number in `version`: 1 for version 2; `None` leaves the field out, which means version 1.
    pub version: Option<u64>,
    /// `tbsCertList.signature`; the signing key's own by default.
    pub inner_algorithm: Option<Vec<u8>>,
    /// The encoded issuer.
    pub issuer: Vec<u8>,
    /// The encoded thisUpdate.
    pub this_update: Vec<u8>,
    /// The encoded nextUpdate, or none.
    pub next_update: Option<Vec<u8>>,
    /// The entries in their order; none leaves revokedCertificates out.
    pub entries: Vec<Entry>,
    /// The list's extensions.
    pub extensions: Vec<Extension>,
    /// The outer `signatureAlgorithm`; the signing key's own by default.
    pub outer_algorithm: Option<Vec<u8>>,
}

impl ListBuilder {
    /// An empty version 2 list of an issuer, thisUpdate 2026-01-01, nextUpdate 2049-12-31, without extensions.
    pub fn new(issuer: &[u8]) -> ListBuilder {
        ListBuilder {
            version: Some(1),
            inner_algorithm: None,
            issuer: issuer.to_vec(),
            this_update: der::time("2026-01-01T00:00:00Z"),
            next_update: Some(der::time("2049-12-31T23:59:59Z")),
            entries: Vec::new(),
            extensions: Vec::new(),
            outer_algorithm: None,
        }
    }

    /// thisUpdate and nextUpdate, each `2026-01-01T00:00:00Z`.
    pub fn updates(self, this: &str, next: &str) -> ListBuilder {
        ListBuilder { this_update: der::time(this), next_update: Some(der::time(next)), ..self }
    }

    /// Leaves nextUpdate out.
    pub fn without_next_update(self) -> ListBuilder {
        ListBuilder { next_update: None, ..self }
    }

    /// Adds an entry.
    pub fn entry(mut self, entry: Entry) -> ListBuilder {
        self.entries.push(entry);
        self
    }

    /// Adds an entry for a serial number, with a date `2026-01-01T00:00:00Z` and perhaps a reason.
    pub fn revoke(self, serial: &[u8], date: &str, reason: Option<u8>) -> ListBuilder {
        self.entry(Entry::new(serial, date, reason))
    }

    /// cRLNumber.
    pub fn number(self, number: u64) -> ListBuilder {
        self.replace(Extension::new(extension::LIST_NUMBER, der::integer(number)))
    }

    /// deltaCRLIndicator, critical: a delta to the list of that number.
    pub fn delta_to(self, base: u64) -> ListBuilder {
        self.replace(Extension::new(extension::DELTA_INDICATOR, der::integer(base)).critical())
    }

    /// issuingDistributionPoint, critical, from its encoded fields.
    pub fn issuing_distribution_point(self, fields: &[Vec<u8>]) -> ListBuilder {
        self.replace(Extension::new(extension::ISSUING_DISTRIBUTION_POINT, der::sequence(fields)).critical())
    }

    /// issuingDistributionPoint with indirectCRL and nothing else.
    pub fn indirect(self) -> ListBuilder {
        self.issuing_distribution_point(&[der::implicit(4, &[0xff])])
    }

    /// issuingDistributionPoint with onlySomeReasons and nothing else.
    pub fn some_reasons(self, bits: &[usize]) -> ListBuilder {
        self.issuing_distribution_point(&[extension::reason_flags(3, bits)])
    }

    /// Adds an extension at the end.
    pub fn with(mut self, extension: Extension) -> ListBuilder {
        self.extensions.push(extension);
        self
    }

    /// Puts an extension in the place of those of its type, or at the end.
    pub fn replace(mut self, extension: Extension) -> ListBuilder {
        self.extensions.retain(|other| other.oid != extension.oid);
        self.with(extension)
    }

    /// Drops the extensions of a type.
    pub fn without(mut self, oid: &str) -> ListBuilder {
        self.extensions.retain(|extension| extension.oid != oid);
        self
    }

    /// The signed list in DER.
    pub fn sign(&self, key: &Key) -> Vec<u8> {
        let tbs = self.tbs(key);
        assemble(&tbs, &self.outer(key), &key.sign(&tbs))
    }

    /// The list with zeros for a signature, which costs nothing: for what reads lists without verifying them.
    pub fn unsigned(&self, key: &Key) -> Vec<u8> {
        assemble(&self.tbs(key), &self.outer(key), &[0; 64])
    }

    /// The tbsCertList as `key` would sign it.
    pub fn tbs(&self, key: &Key) -> Vec<u8> {
        let entries: Vec<Vec<u8>> = self.entries.iter().map(Entry::encode).collect();
        let entries = if entries.is_empty() { Vec::new() } else { der::sequence(&entries) };
        der::sequence(&[self.before_entries(key), entries, self.after_entries()])
    }

    /// Writes the signed list with `count` generated entries instead of [`ListBuilder::entries`], in two passes over
    /// the generator (one to sign, one to write) and in constant memory. Entry `i` is [`generated_entry`]`(seed, i)`.
    ///
    /// # Errors
    /// Those of the writer.
    pub fn write_generated(&self, key: &Key, seed: u64, count: u64, out: &mut impl Write) -> io::Result<()> {
        let (before, after) = (self.before_entries(key), self.after_entries());
        let body = ENTRY_BYTES as u64 * count;
        let entries_header = header(0x30, body);
        let tbs_header = header(0x30, (before.len() + entries_header.len() + after.len()) as u64 + body);
        let head = [tbs_header, before, entries_header].concat();

        let mut signing = key.signing();
        signing.update(&head);
        for index in 0..count {
            signing.update(&generated_entry(seed, index));
        }
        signing.update(&after);
        let tail = [self.outer(key), der::bit_string(&signing.finish())].concat();

        out.write_all(&header(0x30, (head.len() + after.len() + tail.len()) as u64 + body))?;
        out.write_all(&head)?;
        for index in 0..count {
            out.write_all(&generated_entry(seed, index))?;
        }
        out.write_all(&after)?;
        out.write_all(&tail)
    }

    /// [`ListBuilder::write_generated`] into memory.
    ///
    /// # Panics
    /// Never: a vector takes everything.
    pub fn generated(&self, key: &Key, seed: u64, count: u64) -> Vec<u8> {
        let mut out = Vec::with_capacity(count as usize * ENTRY_BYTES + 1024);
        self.write_generated(key, seed, count, &mut out).expect("writing to memory");
        out
    }

    fn before_entries(&self, key: &Key) -> Vec<u8> {
        let version = self.version.map(der::integer).unwrap_or_default();
        let algorithm = self.inner_algorithm.clone().unwrap_or_else(|| key.algorithm_identifier());
        let next_update = self.next_update.clone().unwrap_or_default();
        [version, algorithm, self.issuer.clone(), self.this_update.clone(), next_update].concat()
    }

    fn after_entries(&self) -> Vec<u8> {
        match self.extensions.as_slice() {
            [] => Vec::new(),
            some => der::explicit(0, &der::sequence(&some.iter().map(Extension::encode).collect::<Vec<_>>())),
        }
    }

    fn outer(&self, key: &Key) -> Vec<u8> {
        self.outer_algorithm.clone().unwrap_or_else(|| key.algorithm_identifier())
    }
}

/// Octets of every generated entry: 20-byte serial, `UTCTime`, a reason, as in the National CA's list.
pub const ENTRY_BYTES: usize = 53;

/// The serial number of a generated entry: 20 octets, the first from 0x10 to 0x6f, the index mixed in so well that two
/// never meet in practice.
pub fn generated_serial(seed: u64, index: u64) -> [u8; 20] {
    let mut serial = [0; 20];
    for (word, chunk) in serial.chunks_mut(8).enumerate() {
        let mixed = mix(seed.wrapping_add(index.wrapping_mul(3).wrapping_add(word as u64)));
        chunk.copy_from_slice(&mixed.to_be_bytes()[..chunk.len()]);
    }
    serial[0] = 0x10 + serial[0] % 0x60;
    serial
}

/// Entry `index` of the lists generated from `seed`: revoked some day of 2022 to 2025, for a reason from 1 to 6.
pub fn generated_entry(seed: u64, index: u64) -> [u8; ENTRY_BYTES] {
    // SEQUENCE { INTEGER (20), UTCTime YYMMDD120000Z, SEQUENCE { SEQUENCE { reasonCode, OCTET STRING { ENUMERATED } } } }
    const TEMPLATE: [u8; ENTRY_BYTES] = *b"\x30\x33\x02\x14--------------------\x17\x0dYYMMDD120000Z\
        \x30\x0c\x30\x0a\x06\x03\x55\x1d\x15\x04\x03\x0a\x01\x00";
    const REASONS: [u8; 6] = [1, 2, 3, 4, 5, 6];
    let mut entry = TEMPLATE;
    entry[4..24].copy_from_slice(&generated_serial(seed, index));
    let (year, month, day) = (22 + index % 4, 1 + index / 4 % 12, 1 + index / 48 % 28);
    for (place, number) in [year, month, day].into_iter().enumerate() {
        entry[26 + 2 * place] = b'0' + (number / 10) as u8;
        entry[27 + 2 * place] = b'0' + (number % 10) as u8;
    }
    entry[ENTRY_BYTES - 1] = REASONS[(index % 6) as usize];
    entry
}

/// `SplitMix64`'s output function: a bijection whose outputs look random.
fn mix(state: u64) -> u64 {
    let mut z = state.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn header(tag: u8, length: u64) -> Vec<u8> {
    [vec![tag], der::length(length as usize)].concat()
}
