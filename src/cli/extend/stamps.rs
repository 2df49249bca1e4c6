//! Level T: a timestamp for every signature that has none.

use super::super::complain;
use super::super::output::{Clean, Styled, UNSURE};
use super::super::status::Failure;
use super::super::timestamp::Authority;
use super::stage::{Fault, Stage};
use crate::cms;
use crate::pdf;
use crate::signed::{Format, MakeError, Signature, TimestampKind};
use crate::xmldsig;

/// How many signatures got a timestamp, how many had one, and whether others could not be given one.
#[derive(Clone, Copy, Default)]
pub struct Stamped {
    /// Those that got one.
    pub new: usize,
    /// Those that cannot be given one; it was said why.
    pub without: usize,
}

/// Whether a timestamp over the signature is there. One over the whole document is over the signature too.
pub fn is_stamped(signature: &Signature) -> bool {
    let over = |kind| matches!(kind, TimestampKind::Signature | TimestampKind::Archive);
    signature.timestamps.iter().any(|stamp| over(stamp.kind))
}

/// Gives every signature without a timestamp one.
pub fn add(stage: &mut Stage<'_>, authority: &Authority) -> Result<Stamped, Fault> {
    let mut stamped = Stamped::default();
    // Values are what stays the same while the document changes.
    let mut given_up: Vec<Vec<u8>> = Vec::new();
    let mut last = None;
    loop {
        let read = stage.read().map_err(MakeError::from)?;
        let open = |(_, one): &(usize, &Signature)| !is_stamped(one) && !given_up.contains(&one.value);
        let Some((which, signature)) = read.signatures.iter().enumerate().find(open) else { break };
        if read.format == Format::Pdf {
            // One over the file is over all of them.
            let missing = read.signatures.iter().filter(|one| !is_stamped(one)).count();
            stage.step(read.format, |stage, out| stamp(stage, out, authority, (which, signature, read.format)))?;
            return Ok(Stamped { new: missing, without: 0 });
        }
        match stage.step(read.format, |stage, out| stamp(stage, out, authority, (which, signature, read.format))) {
            Ok(()) => stamped.new += 1,
            Err(Fault::Make(error @ (MakeError::Document(_) | MakeError::Format(_)))) => {
                complain(format_args!(
                    "{} {} gets no timestamp: {}",
                    Styled(UNSURE, "warning:"),
                    Clean(&signature.label),
                    Clean(&error.to_string())
                ));
                stamped.without += 1;
                last = Some(error);
            }
            Err(other) => return Err(other),
        }
        // Whatever came of it: never twice the same one.
        given_up.push(signature.value.clone());
    }
    match last {
        Some(error) if stamped.new == 0 => Err(error.into()),
        _ => Ok(stamped),
    }
}

fn stamp(
    stage: &Stage<'_>,
    out: &mut dyn std::io::Write,
    authority: &Authority,
    (which, signature, format): (usize, &Signature, Format),
) -> Result<(), Fault> {
    let algorithm = signature
        .signature_algorithm
        .as_ref()
        .map_err(|refused| MakeError::Document(format!("{} is not allowed", refused.name.unwrap_or(&refused.oid))))?;
    match format {
        Format::Cms => {
            let draft = cms::extend_with_timestamp(stage.document(), which)?;
            let stamp = authority.stamp(draft.stamped(), *algorithm)?;
            Ok(draft.write(Some(&stamp.token), out)?)
        }
        Format::Pdf => {
            let draft = pdf::extend_with_timestamp(stage.held()?, pdf::TOKEN_ROOM)?;
            let stamp = authority.stamp(draft.stamped(), *algorithm)?;
            Ok(draft.write(Some(&stamp.token), out)?)
        }
        Format::Xml => {
            let document = stage.held()?;
            let stamped = xmldsig::to_be_stamped(document, which)?;
            let stamp = authority.stamp(&stamped, *algorithm)?;
            Ok(out.write_all(&xmldsig::extend_with_timestamp(document, which, &stamp.token)?)?)
        }
        other => Err(refused(other).into()),
    }
}

/// Formats that are not extended.
pub fn refused(format: Format) -> Failure {
    let failure = Failure::new(
        "DOCUMENT",
        format!("signatures in a document of the format {} are not extended", format.as_str()),
    );
    match format {
        Format::Soap => failure.remedy("WS-Security has no place for timestamps and evidence; sign as XML or CMS"),
        _ => failure.remedy("take the signature out of the container, extend it, and put it back"),
    }
}
