//! Where the files of a zip archive lie (APPNOTE 6.3), read so strictly that no two readers see two archives.
//!
//! Some readers go by the central directory, some by the local headers, some search for either. Here the archive must be
//! one file after the other from the first octet on, then the directory that names exactly those in any order, then its
//! end record, then nothing; and what both say of a file must agree.

use std::collections::HashSet;
use std::ops::Range;

use crate::signed::FormatError;

/// Files and folders in one container.
const MAX_ENTRIES: usize = 4096;
/// Octets of a name.
const MAX_NAME: usize = 1024;
/// Unpacked octets of all files together.
const MAX_UNPACKED: u64 = 512 * 1024 * 1024;
/// That much may be unpacked of any archive, and beyond it so many times its length: everything is held in memory.
const FREE_UNPACKED: u64 = 64 * 1024 * 1024;
const UNPACKED_RATIO: u64 = 16;
/// How many times its packed length a file may have. DEFLATE reaches 1032; text hardly ever 50.
const MAX_RATIO: u64 = 256;
/// Below that a file may have any ratio: blank forms do.
const FREE_OF_RATIO: u64 = 1024 * 1024;

const LOCAL: &[u8] = b"PK\x03\x04";
const CENTRAL: &[u8] = b"PK\x01\x02";
const END: &[u8] = b"PK\x05\x06";
const DESCRIPTOR: &[u8] = b"PK\x07\x08";

/// Flags that may be set: a descriptor after the data, names in UTF-8, and two bits on how hard the packer tried.
const FLAGS: u16 = 1 << 3 | 1 << 11 | 1 << 1 | 1 << 2;

/// A file of the archive.
#[derive(Debug)]
pub(super) struct Entry {
    /// Its name, with slashes between folders.
    pub(super) name: String,
    /// Where its packed data lies.
    pub(super) data: Range<usize>,
    /// Its length.
    pub(super) length: u64,
    /// Whether it is stored as it is.
    pub(super) is_stored: bool,
    /// Whether its local header has extra fields.
    pub(super) has_extra: bool,
}

fn fault(what: &str) -> FormatError {
    FormatError::malformed(format!("zip: {what}"))
}

/// Little-endian numbers one after the other.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], FormatError> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or_else(|| fault("ends within a header"))?;
        self.0 = rest;
        Ok(taken)
    }

    fn number(&mut self, octets: usize) -> Result<u64, FormatError> {
        Ok(self.take(octets)?.iter().rev().fold(0, |number, octet| number << 8 | u64::from(*octet)))
    }

    fn short(&mut self) -> Result<u16, FormatError> {
        self.number(2).map(|number| number as u16)
    }

    fn signature(&mut self, wanted: &[u8]) -> Result<(), FormatError> {
        if self.take(4)? == wanted { Ok(()) } else { Err(fault("something else where a header should stand")) }
    }
}

/// What the directory says of a file.
struct Listed<'a> {
    name: &'a [u8],
    flags: u16,
    method: u16,
    checksum: u64,
    packed: u64,
    length: u64,
    offset: u64,
}

/// The files of an archive in the order of their data, folders left out.
pub(super) fn entries(bytes: &[u8]) -> Result<Vec<Entry>, FormatError> {
    let (directory, count) = end_record(bytes)?;
    let mut listed = listed(bytes.get(directory.clone()).unwrap_or_default(), count)?;
    listed.sort_by_key(|entry| entry.offset);
    check_sizes(&listed, bytes.len() as u64)?;
    let mut names = HashSet::new();
    let mut entries = Vec::new();
    let mut at = 0;
    for one in &listed {
        if one.offset != at as u64 {
            return Err(fault("bytes between the files, or files over each other"));
        }
        let (entry, end) = local(bytes, at, directory.start, one)?;
        at = end;
        let plain = entry.name.strip_suffix('/').unwrap_or(&entry.name);
        if !names.insert(plain.to_lowercase()) {
            return Err(fault("two files of one name"));
        }
        if !entry.name.ends_with('/') {
            entries.push(entry);
        } else if entry.length != 0 {
            return Err(fault("a folder with content"));
        }
    }
    if at != directory.start {
        return Err(fault("bytes between the files and the directory"));
    }
    let files: HashSet<String> = entries.iter().map(|entry| entry.name.to_lowercase()).collect();
    if files.iter().any(|file| folders(file).any(|folder| files.contains(folder))) {
        return Err(fault("a file that is a folder too"));
    }
    Ok(entries)
}

/// The folders a file lies in.
fn folders(name: &str) -> impl Iterator<Item = &str> {
    name.match_indices('/').filter_map(|(at, _)| name.get(..at))
}

/// Where the directory lies, and how many entries it has.
fn end_record(bytes: &[u8]) -> Result<(Range<usize>, usize), FormatError> {
    // A comment may follow the record; it must not be able to hold another record.
    let from = bytes.len().saturating_sub(22 + usize::from(u16::MAX));
    let tail = bytes.get(from..).unwrap_or_default();
    let mut found = tail.windows(END.len()).enumerate().filter(|(_, window)| *window == END).map(|(at, _)| from + at);
    let (Some(at), None) = (found.next(), found.next()) else {
        return Err(fault("not exactly one end record"));
    };
    let mut fields = Fields(bytes.get(at..).unwrap_or_default());
    fields.signature(END)?;
    let (disk, first_disk) = (fields.short()?, fields.short()?);
    let (here, total) = (fields.short()?, fields.short()?);
    let (size, offset) = (fields.number(4)?, fields.number(4)?);
    let comment = usize::from(fields.short()?);
    if total == u16::MAX || size == u64::from(u32::MAX) || offset == u64::from(u32::MAX) {
        return Err(FormatError::Unsupported("zip64".into()));
    }
    if disk != 0 || first_disk != 0 || here != total {
        return Err(FormatError::Unsupported("a zip archive in several volumes".into()));
    }
    if fields.0.len() != comment {
        return Err(fault("bytes after the end"));
    }
    if usize::from(total) > MAX_ENTRIES {
        return Err(FormatError::TooMuch { what: "files in a container", limit: MAX_ENTRIES as u64 });
    }
    let start = usize::try_from(offset).map_err(|_| fault("a directory that cannot be"))?;
    if offset + size != at as u64 {
        return Err(fault("a directory that does not end where the end record begins"));
    }
    Ok((start..at, usize::from(total)))
}

fn listed(directory: &[u8], count: usize) -> Result<Vec<Listed<'_>>, FormatError> {
    let mut fields = Fields(directory);
    let mut listed = Vec::new();
    for _ in 0..count {
        fields.signature(CENTRAL)?;
        let _versions = fields.number(4)?;
        let (flags, method) = (fields.short()?, fields.short()?);
        let _modified = fields.number(4)?;
        let (checksum, packed, length) = (fields.number(4)?, fields.number(4)?, fields.number(4)?);
        let (name, extra, comment) = (fields.short()?, fields.short()?, fields.short()?);
        let disk = fields.short()?;
        let (_internal, attributes) = (fields.short()?, fields.number(4)?);
        let offset = fields.number(4)?;
        let name = fields.take(usize::from(name))?;
        let extra = extra_fields(fields.take(usize::from(extra))?)?;
        fields.take(usize::from(comment))?;
        // The file type of Unix: what is signed would be a path, and not what stands there.
        if attributes >> 28 == 0xa {
            return Err(fault("a link to another file"));
        }
        if flags & 1 != 0 || flags & 1 << 6 != 0 || flags & 1 << 13 != 0 {
            return Err(FormatError::Unsupported("an encrypted zip archive".into()));
        }
        if flags & !FLAGS != 0 || !matches!(method, 0 | 8) {
            return Err(FormatError::Unsupported("a way of packing other than store and deflate".into()));
        }
        if disk != 0 || extra.sizes.is_some() || [packed, length, offset].contains(&u64::from(u32::MAX)) {
            return Err(FormatError::Unsupported("zip64".into()));
        }
        listed.push(Listed { name, flags, method, checksum, packed, length, offset });
    }
    if fields.0.is_empty() { Ok(listed) } else { Err(fault("bytes after the directory")) }
}

fn check_sizes(listed: &[Listed<'_>], archive: u64) -> Result<(), FormatError> {
    let total: u64 = listed.iter().map(|entry| entry.length).sum();
    let limit = MAX_UNPACKED.min(FREE_UNPACKED + UNPACKED_RATIO * archive);
    if total > limit {
        return Err(FormatError::TooMuch { what: "unpacked bytes", limit });
    }
    let bomb = |entry: &&Listed<'_>| entry.length > FREE_OF_RATIO && entry.length / MAX_RATIO > entry.packed;
    if listed.iter().any(|entry| bomb(&entry)) {
        return Err(FormatError::TooMuch { what: "times as many bytes unpacked", limit: MAX_RATIO });
    }
    Ok(())
}

/// What extra fields say that matters here.
#[derive(Default)]
struct Extra {
    /// Length and packed length of zip64.
    sizes: Option<(u64, u64)>,
}

fn extra_fields(bytes: &[u8]) -> Result<Extra, FormatError> {
    let mut fields = Fields(bytes);
    let mut extra = Extra::default();
    while !fields.0.is_empty() {
        let (kind, size) = (fields.short()?, fields.short()?);
        let content = fields.take(usize::from(size))?;
        match kind {
            1 => {
                let mut sizes = Fields(content);
                extra.sizes = Some((sizes.number(8)?, sizes.number(8)?));
            }
            // Info-ZIP Unicode Path: another name for readers that know it.
            0x7075 => return Err(fault("a file with two names")),
            _ => {}
        }
    }
    Ok(extra)
}

/// Reads the local header at an offset and compares it; also where the file ends.
fn local(bytes: &[u8], at: usize, limit: usize, listed: &Listed<'_>) -> Result<(Entry, usize), FormatError> {
    let mut fields = Fields(bytes.get(at..limit).unwrap_or_default());
    fields.signature(LOCAL)?;
    let _version = fields.short()?;
    let (flags, method) = (fields.short()?, fields.short()?);
    let _modified = fields.number(4)?;
    let (checksum, mut packed, mut length) = (fields.number(4)?, fields.number(4)?, fields.number(4)?);
    let (name, extra) = (fields.short()?, fields.short()?);
    let name = fields.take(usize::from(name))?;
    let extra_bytes = fields.take(usize::from(extra))?;
    if packed == u64::from(u32::MAX) && length == u64::from(u32::MAX) {
        (length, packed) = extra_fields(extra_bytes)?.sizes.ok_or_else(|| fault("sizes that are nowhere"))?;
    } else {
        extra_fields(extra_bytes)?;
    }
    let same = |local: u64, listed: u64| local == listed || (flags & 1 << 3 != 0 && local == 0);
    if name != listed.name
        || flags != listed.flags
        || method != listed.method
        || !same(checksum, listed.checksum)
        || !same(packed, listed.packed)
        || !same(length, listed.length)
    {
        return Err(fault("a local header that says otherwise than the directory"));
    }
    let start = limit - fields.0.len();
    let size = usize::try_from(listed.packed).map_err(|_| fault("ends within a file"))?;
    fields.take(size)?;
    if method == 0 && listed.packed != listed.length {
        return Err(fault("a stored file of two lengths"));
    }
    let after = if flags & 1 << 3 == 0 { 0 } else { descriptor(fields.0, listed)? };
    let entry = Entry {
        name: self::name(name)?,
        data: start..start + size,
        length: listed.length,
        is_stored: method == 0,
        has_extra: extra != 0,
    };
    Ok((entry, start + size + after))
}

/// How long the descriptor after the data is: with or without its signature, sizes of four octets or, as the Kazakh library
/// writes them, of eight. What follows must be a header again, so that only one reading fits.
fn descriptor(after: &[u8], listed: &Listed<'_>) -> Result<usize, FormatError> {
    let fits = |prefix: usize, width: usize| -> Option<usize> {
        let mut fields = Fields(after.get(prefix..)?);
        let numbers = (fields.number(4).ok()?, fields.number(width).ok()?, fields.number(width).ok()?);
        let next = fields.0.is_empty() || fields.0.starts_with(LOCAL);
        (next && numbers == (listed.checksum, listed.packed, listed.length)).then_some(prefix + 4 + 2 * width)
    };
    let prefixes: &[usize] = if after.starts_with(DESCRIPTOR) { &[4] } else { &[0] };
    let found =
        prefixes.iter().flat_map(|prefix| [(*prefix, 4), (*prefix, 8)]).find_map(|(prefix, width)| fits(prefix, width));
    found.ok_or_else(|| fault("a data descriptor that says otherwise than the directory"))
}

/// A name that means the same file wherever the archive is unpacked.
fn name(raw: &[u8]) -> Result<String, FormatError> {
    let name = std::str::from_utf8(raw).map_err(|_| FormatError::Unsupported("file names other than UTF-8".into()))?;
    let plain = name.strip_suffix('/').unwrap_or(name);
    let sound = raw.len() <= MAX_NAME
        && !plain.contains(['\\', ':'])
        && !plain.contains(char::is_control)
        && plain.split('/').all(|segment| !matches!(segment, "" | "." | ".."));
    if sound { Ok(name.to_owned()) } else { Err(fault("a file name that leads elsewhere")) }
}
