//! A document that is extended step by step, each step a file.

use std::io::{self, Write};
use std::path::Path;

use super::super::files::Bytes;
use super::super::status::Failure;
use super::super::written::{Written, failed};
use crate::signed::{Detached, Document, Format, MakeError, SignedDocument};
use crate::{document, signed};

/// The document as it is after the steps so far.
pub struct Stage<'a> {
    bytes: Bytes,
    /// The newest step; none before the first.
    file: Option<Written>,
    out: &'a Path,
    content: Detached<'a>,
}

impl<'a> Stage<'a> {
    /// Before the first step.
    pub fn new(bytes: Bytes, content: Detached<'a>, out: &'a Path) -> Self {
        Self { bytes, file: None, out, content }
    }

    /// The document.
    pub fn document(&self) -> Document<'_> {
        self.bytes.as_document()
    }

    /// The document in memory: formats other than CMS are.
    pub fn held(&self) -> Result<&[u8], MakeError> {
        match self.bytes.as_document() {
            Document::Bytes(bytes) => Ok(bytes),
            Document::Stream(_) => {
                Err(MakeError::Document("documents of that size are extended as cms only".to_owned()))
            }
        }
    }

    /// The content beside it.
    pub fn content(&self) -> Detached<'a> {
        self.content
    }

    /// Reads it.
    pub fn read(&self) -> Result<SignedDocument, signed::FormatError> {
        let options = document::Options { detached: self.content, ..document::Options::default() };
        document::read(self.document(), &options)
    }

    /// One step: `work` writes the document as it is to be.
    pub fn step(
        &mut self,
        format: Format,
        work: impl FnOnce(&Self, &mut dyn Write) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let mut file = Written::create("--out", self.out)?;
        file.fill(|out| work(self, out))?;
        self.bytes = Bytes::document(file.place(), format != Format::Cms)?;
        self.file = Some(file);
        Ok(())
    }

    /// Writes the document under its name; where there was no step, as it came.
    pub fn keep(mut self, format: Format) -> Result<(), Fault> {
        if self.file.is_none() {
            self.step(format, |stage, out| match stage.document() {
                Document::Bytes(bytes) => Ok(out.write_all(bytes)?),
                Document::Stream(stream) => Ok(io::copy(&mut stream.open()?, out).map(drop)?),
            })?;
        }
        Ok(self.file.map_or(Ok(()), Written::keep)?)
    }
}

/// Why a step is not done.
pub enum Fault {
    /// The document or the format: other signatures may fare better.
    Make(MakeError),
    /// All the rest, which ends the command.
    Command(Failure),
}

impl Fault {
    /// As the failure of the command.
    pub fn into_failure(self, document: String, out: &Path) -> Failure {
        match self {
            Self::Command(failure) => failure,
            Self::Make(MakeError::Io(error)) => failed("--out", out, &error),
            Self::Make(error) => Failure::new(document, format!("cannot be extended: {error}"))
                .remedy("nothing was written; `rastau verify` tells more about the document"),
        }
    }
}

impl From<MakeError> for Fault {
    fn from(error: MakeError) -> Self {
        Self::Make(error)
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Make(error.into())
    }
}

impl From<Failure> for Fault {
    fn from(failure: Failure) -> Self {
        Self::Command(failure)
    }
}
