//! A message in its elements: read from an earlier one or new, and written in DER.

use std::borrow::Cow;
use std::io::{BufReader, Write};

use memchr::memmem;

use super::super::oid;
use super::super::outline::Outline;
use super::super::read::{BUFFER, armour};
use super::super::signed_data::Parts;
use super::super::walker::{Frame, walk};
use super::elements::Elements;
use super::source::{Enclosed, Passage, Stream};
use crate::crypto::{HashAlgorithm, hash};
use crate::der::{DerError, Oid, TlvReader, write};
use crate::signed::{Document, FormatError, MakeError, Reopen};

/// A message (RFC 5652 5.1). Elements that came with it keep their octets.
pub(super) struct Envelope<'a> {
    /// Of `SignedData`, 1 to 5.
    pub version: u8,
    /// digestAlgorithms.
    pub digest_algorithms: Elements,
    /// Contents octets of eContentType.
    pub content_type: Vec<u8>,
    /// The content.
    pub content: Enclosed<'a>,
    /// certificates.
    pub certificates: Elements,
    /// crls.
    pub revocation: Elements,
    /// signerInfos in their order, which is that of signing: a new one goes to the end.
    pub signers: Vec<Vec<u8>>,
}

impl<'a> Envelope<'a> {
    /// Nobody's signature yet.
    pub fn new(content: Enclosed<'a>) -> Self {
        Self {
            version: 1,
            digest_algorithms: Elements::default(),
            content_type: oid::DATA.as_bytes().to_vec(),
            content,
            certificates: Elements::default(),
            revocation: Elements::default(),
            signers: Vec::new(),
        }
    }

    /// Takes a message apart. Its content is hashed by `algorithm`.
    pub fn read(message: Document<'a>, algorithm: HashAlgorithm) -> Result<Self, MakeError> {
        match message {
            Document::Stream(source) => Self::read_stream(source, algorithm),
            Document::Bytes(bytes) => match armour(bytes)? {
                Cow::Borrowed(der) => Self::read_bytes(der, algorithm, Cow::Borrowed),
                Cow::Owned(der) => Self::read_bytes(&der, algorithm, |content| Cow::Owned(content.to_vec())),
            },
        }
    }

    fn read_bytes<'b>(
        bytes: &'b [u8],
        algorithm: HashAlgorithm,
        keep: impl FnOnce(&'b [u8]) -> Cow<'a, [u8]>,
    ) -> Result<Self, MakeError> {
        match Outline::read(bytes).and_then(|outline| Ok((outline, Parts::read(outline.tail)?))) {
            Ok((outline, parts)) => {
                let content = outline.content.map(|content| (keep(content), hash(algorithm, content)));
                let content = content.map_or(Enclosed::Absent, |(bytes, digest)| Enclosed::Bytes(bytes, digest));
                let algorithms = outline.digest_algorithms;
                Self::assemble(outline.version, algorithms, outline.content_type, content, outline.tail, &parts)
            }
            Err(FormatError::Malformed(_)) => {
                let begin = |algorithms: &[u8]| (algorithms.to_vec(), Vec::new());
                let (frame, (algorithms, octets)) =
                    walk(bytes, begin, |state, piece| state.1.extend_from_slice(piece))?;
                let digest = hash(algorithm, &octets);
                let inside = frame.has_content;
                let content = if inside { Enclosed::Bytes(Cow::Owned(octets), digest) } else { Enclosed::Absent };
                Self::of_frame(&frame, &algorithms, content)
            }
            Err(error) => Err(error.into()),
        }
    }

    fn read_stream(source: &'a dyn Reopen, algorithm: HashAlgorithm) -> Result<Self, MakeError> {
        let reader = BufReader::with_capacity(BUFFER, source.open()?);
        let begin = |algorithms: &[u8]| (algorithms.to_vec(), Passage::new(algorithm, None));
        let (frame, (algorithms, passage)) = walk(reader, begin, |state, piece| state.1.take(piece))?;
        let (length, digest) = passage.finish()?;
        let stream = Stream { source, in_message: true, length, digest };
        let content = if frame.has_content { Enclosed::Stream(stream) } else { Enclosed::Absent };
        Self::of_frame(&frame, &algorithms, content)
    }

    fn of_frame(frame: &Frame, algorithms: &[u8], content: Enclosed<'a>) -> Result<Self, MakeError> {
        let parts = Parts::read(&frame.tail)?;
        let envelope = Self::assemble(frame.version, algorithms, &frame.content_type, content, &frame.tail, &parts)?;
        match &frame.original {
            Some(original) if !envelope.is_within(original) => Err(MakeError::Document(
                "a certificate, list or signature of the message is in BER, and would not stay as it is".to_owned(),
            )),
            _ => Ok(envelope),
        }
    }

    fn assemble(
        version: u8,
        algorithms: &[u8],
        content_type: &[u8],
        content: Enclosed<'a>,
        tail: &[u8],
        parts: &Parts<'_>,
    ) -> Result<Self, MakeError> {
        refuse_old_archive_timestamps(parts)?;
        let read = || {
            let mut fields = TlvReader::new(tail);
            let mut optional =
                |tag: u8| fields.optional(tag)?.map_or(Ok(Elements::default()), |set| Elements::read(set.value));
            let (certificates, revocation) = (optional(0xa0)?, optional(0xa1)?);
            let mut reader = TlvReader::new(fields.expect(0x31)?.value);
            let mut signers = Vec::new();
            while !reader.is_empty() {
                signers.push(reader.read()?.raw.to_vec());
            }
            let algorithms = Elements::read(TlvReader::new(algorithms).expect(0x31)?.value)?;
            Ok::<_, DerError>((algorithms, certificates, revocation, signers))
        };
        let (digest_algorithms, certificates, revocation, signers) = read().map_err(FormatError::from)?;
        let content_type = content_type.to_vec();
        Ok(Self { version, digest_algorithms, content_type, content, certificates, revocation, signers })
    }

    /// Whether every element stands so, in this order, in what came.
    fn is_within(&self, original: &[u8]) -> bool {
        let mut rest = original;
        let elements = self.certificates.iter().chain(self.revocation.iter()).chain(&self.signers);
        elements.into_iter().all(|element| match memmem::find(rest, element) {
            Some(position) => {
                rest = rest.get(position + element.len()..).unwrap_or_default();
                true
            }
            None => false,
        })
    }

    /// Writes the message.
    pub fn write(&self, out: &mut dyn Write) -> Result<(), MakeError> {
        let content_type = write::element(0x06, &[&self.content_type]);
        let mut inner = Vec::new();
        let mut length = 0;
        if let Some(octets) = self.content.length() {
            let string = write::header(0x04, octets);
            let explicit = write::header(0xa0, string.len() as u64 + octets);
            length = octets;
            inner = [explicit, string].concat();
        }
        let encapsulated = write::header(0x30, (content_type.len() + inner.len()) as u64 + length);
        let before =
            [&[0x02, 1, self.version][..], &self.digest_algorithms.encode(0x31), &encapsulated, &content_type, &inner]
                .concat();
        let after = [
            self.certificates.encode_unless_empty(0xa0),
            self.revocation.encode_unless_empty(0xa1),
            write::element(0x31, &self.signers),
        ]
        .concat();
        let data = (before.len() + after.len()) as u64 + length;
        let data_header = write::header(0x30, data);
        let data = data + data_header.len() as u64;
        let explicit = write::header(0xa0, data);
        let kind = write::oid(oid::SIGNED_DATA);
        let info = write::header(0x30, (kind.len() + explicit.len()) as u64 + data);
        for part in [&info, &kind, &explicit, &data_header, &before] {
            out.write_all(part)?;
        }
        self.content.copy(out)?;
        Ok(out.write_all(&after)?)
    }
}

/// Archive timestamps of the versions 1 and 2 are over the certificates, the lists and all of their signer as they stand:
/// whatever is added would break them. Those of version 3 name what they are over.
fn refuse_old_archive_timestamps(parts: &Parts<'_>) -> Result<(), MakeError> {
    const OLD: [Oid; 2] = [oid::ARCHIVE_TIMESTAMP, oid::ARCHIVE_TIMESTAMP_V2];
    if parts.signers.iter().any(|signer| OLD.iter().any(|&kind| signer.unsigned.of(kind).next().is_some())) {
        let text = "an archive timestamp of version 1 or 2 in the message would not hold any more";
        return Err(MakeError::Document(text.to_owned()));
    }
    Ok(())
}
