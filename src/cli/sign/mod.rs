//! `rastau sign`: a document signed by the holder of a key.
//!
//! In this order, and what fails ends it with nothing written: options, evidence and document; the key; whether its holder may
//! sign; the signature, and its timestamp; whether our own verifier accepts the result.

mod args;
mod chain;
mod check;
mod key;

pub use self::args::SignArgs;

use serde::Serialize;

use self::args::FormName;
use self::check::Expected;
use super::evidence::{self, Ready};
use super::files::Bytes;
use super::output::{GOOD, Output, Styled, UNSURE, field};
use super::status::{Failure, Status};
use super::timestamp::Authority;
use super::written::{Written, failed};
use super::{complain, input};
use crate::clock::Time;
use crate::crypto::hexadecimal;
use crate::policy::signatory::Offices;
use crate::service::signing::{SignFormat, ToSign, draft};
use crate::signed::{Detached, MakeError, Signer as _, Terms};
use crate::signer::SigningIdentity;
use crate::verdict::Decision;

/// What was done.
#[derive(Serialize)]
struct Done {
    certificate_sha256: String,
    signature_algorithm: &'static str,
    signed_at: Time,
    level: String,
    out: String,
}

/// Signs a document.
pub fn run(args: &SignArgs, now: Time) -> Result<Status, Failure> {
    // Formats have no room for parts of a second: what is printed is what is signed.
    let now = Time::from_unix(now.unix_seconds());
    check_options(args)?;
    let stamps = Authority::of(&args.timestamp)?;
    let ready = evidence::ready(&args.judgement(), false, Offices::default(), (None, now))?;
    let original = original(args)?;
    let content = args.content.as_deref().map(Bytes::content).transpose()?;
    let mut out = Written::create("--out", &args.out)?;
    let identity = key::open(&args.key)?;
    let full = !args.trust.is_empty();
    let fitness = check::fitness(&ready, &identity, full, now)?;
    if fitness.decision() != Decision::Accepted {
        return check::shown(
            &fitness,
            &ready,
            args.json,
            "nothing was signed: the holder's certificate is not good for it",
        );
    }
    if !full {
        warn_of_what_is_open();
    }
    let documents = (&original, content.as_ref());
    let (value, stamped_at) = make(args, &ready, documents, &identity, (stamps.as_ref(), now), &mut out)?;
    let made = Bytes::document(out.place(), args.format != FormName::Cms)?;
    let expected = Expected {
        identity: &identity,
        value: &value,
        format: SignFormat::from(args.format).as_str(),
        stamped: stamped_at.is_some(),
        full,
    };
    let detached = match (&content, args.detached && !args.add) {
        (Some(content), _) => content.as_content(),
        (None, true) => original.as_content(),
        (None, false) => Detached::Absent,
    };
    let ours = match check::result(&ready, &made, detached, &expected) {
        Ok(ours) => ours,
        Err(ended) => return ended,
    };
    out.keep()?;
    let level = if full { ours.verified_level.unwrap_or(ours.level) } else { ours.level };
    let done = Done {
        certificate_sha256: hexadecimal(identity.certificate().sha256()),
        signature_algorithm: identity.algorithm().name(),
        signed_at: stamped_at.unwrap_or(now),
        level: level.to_owned(),
        out: args.out.display().to_string(),
    };
    print(&done, args.json)
}

/// What the parser of the command line does not see.
fn check_options(args: &SignArgs) -> Result<(), Failure> {
    if args.format != FormName::Cms {
        for (option, given) in [("--detached", args.detached), ("--add", args.add)] {
            if given {
                return Err(Failure::new(option, "is for --format cms only")
                    .remedy("leave it out: PDF and XML take a document that is signed already as it is"));
            }
        }
    }
    if args.format == FormName::Wsse && !args.timestamp.timestamp_url.is_empty() {
        return Err(Failure::new("--timestamp-url", "WS-Security has no place for a timestamp")
            .remedy("leave it out, or sign with --format xml"));
    }
    Ok(())
}

fn original(args: &SignArgs) -> Result<Bytes, Failure> {
    match (args.format, args.add) {
        (FormName::Cms, false) => Bytes::any("", &args.document),
        (FormName::Cms, true) => Bytes::document(&args.document, false),
        _ => Bytes::document(&args.document, true),
    }
}

fn warn_of_what_is_open() {
    complain(format_args!(
        "{} whether the holder's certificate is genuine and not revoked was not checked; it is with \
         --trust, --intermediates, and --crl, --ocsp or --online",
        Styled(UNSURE, "warning:")
    ));
}

/// Signs, and writes what comes of it; answers the moment of the timestamp, if there is one.
fn make(
    args: &SignArgs,
    ready: &Ready,
    (original, content): (&Bytes, Option<&Bytes>),
    identity: &SigningIdentity,
    (stamps, now): (Option<&Authority>, Time),
    out: &mut Written,
) -> Result<(Vec<u8>, Option<Time>), Failure> {
    let known = || -> Vec<_> { identity.others().iter().chain(ready.grounds.pool.intermediates()).cloned().collect() };
    let chain = if args.chain { chain::above(identity.certificate(), &known()) } else { Vec::new() };
    if args.chain && chain.is_empty() {
        complain(format_args!(
            "{} --chain: the certificate of the holder's authority is neither beside the key nor among --intermediates",
            Styled(UNSURE, "warning:")
        ));
    }
    let order = ToSign {
        format: args.format.into(),
        document: original.as_document(),
        detached: args.detached,
        add: args.add,
        content: content.map(Bytes::as_document),
        stamped: stamps.is_some(),
    };
    let terms = Terms { signing_time: now, chain: &chain, facts: None };
    let draft = draft(&order, identity, terms).map_err(|error| failure(args, &error))?;
    let stamp = stamps.map(|stamps| stamps.stamp(draft.stamped(), identity.algorithm())).transpose()?;
    let token = stamp.as_ref().map(|stamp| &*stamp.token);
    let value = draft.value().to_vec();
    out.fill(|out| draft.write(token, out)).map_err(|error| failure(args, &error))?;
    Ok((value, stamp.map(|stamp| stamp.gen_time)))
}

fn failure(args: &SignArgs, error: &MakeError) -> Failure {
    let document = || input::label("", &args.document);
    match error {
        MakeError::Io(error) => failed("--out", &args.out, error),
        MakeError::Sign(error) => {
            Failure::new("--key", error).remedy("try again; look at the token, if the key is in one")
        }
        MakeError::Document(_) | MakeError::Format(_) if args.add && args.content.is_none() => {
            Failure::new(document(), error)
                .remedy("with --add give a signed message, and its --content if that is beside it")
        }
        MakeError::Document(_) | MakeError::Format(_) => Failure::new(document(), error)
            .remedy("give a document of the format, unaltered since it was signed; --format cms takes any file"),
        other => Failure::new(document(), other).remedy("name another timestamp authority, or leave the timestamp out"),
    }
}

fn print(done: &Done, json: bool) -> Result<Status, Failure> {
    let mut output = if json { Output::raw() } else { Output::standard() };
    if json {
        output.json_pretty(done);
    } else {
        output.line(Styled(GOOD, "✓ SIGNED"));
        field(&mut output, "level", &done.level);
        field(&mut output, "algorithm", done.signature_algorithm);
        field(&mut output, "certificate", &done.certificate_sha256);
        field(&mut output, "signed at", &done.signed_at.to_string());
        field(&mut output, "written to", &done.out);
    }
    output.finish()?;
    Ok(Status::Good)
}
