//! `rastau inspect`: what a file contains, without any opinion on trust.

mod certificate;
mod document;
mod extension;
mod key_store;
mod kind;
mod list;
mod response;
mod token;

use std::path::Path;

use serde::Serialize;

use self::certificate::CertificateView;
use self::document::DocumentView;
use self::key_store::KeyStoreView;
use self::kind::Kind;
use self::list::ListView;
use self::response::ResponseView;
use self::token::{TimestampResponseView, TokenView};
use super::args::InspectArgs;
use super::complain;
use super::input;
use super::output::Output;
use super::status::{Failure, Status};
use crate::clock::Time;
use crate::cms::unsigned_kind;
use crate::document::Options;
use crate::revocation::ocsp::{OcspError, ParsedResponse};
use crate::revocation::{ParsedList, Source};
use crate::signed::{Document, Format, FormatError, SignedDocument};
use crate::signer::{KeyError, Password, PasswordSource};
use crate::tsp::{Response, Token};
use crate::x509::Certificate;

/// One object of a file, as shown.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum View {
    Certificate(Box<CertificateView>),
    KeyStore(KeyStoreView),
    OcspResponse(Box<ResponseView>),
    RevocationList(Box<ListView>),
    SignedDocument(Box<DocumentView>),
    TimestampResponse(Box<TimestampResponseView>),
    TimestampToken(Box<TokenView>),
    UnsignedMessage(UnsignedView),
}

/// CMS without any signer: what certificates are handed out in (RFC 5652 section 5.1: degenerate), and messages of other
/// types. Well-formed, and signed by nobody.
#[derive(Serialize)]
struct UnsignedView {
    content: &'static str,
    bytes: usize,
}

impl View {
    fn print(&self, output: &mut Output) {
        match self {
            Self::Certificate(view) => view.print(output),
            Self::KeyStore(view) => view.print(output),
            Self::OcspResponse(view) => view.print(output),
            Self::RevocationList(view) => view.print(output),
            Self::SignedDocument(view) => view.print(output),
            Self::TimestampResponse(view) => view.print(output),
            Self::TimestampToken(view) => view.print(output),
            Self::UnsignedMessage(view) => {
                output.line(format_args!("Message without any signer, cms, {}, {} bytes", view.content, view.bytes));
            }
        }
    }
}

/// Several objects of one file.
#[derive(Serialize)]
#[serde(tag = "kind", rename = "bundle")]
struct Bundle {
    objects: Vec<View>,
}

/// Prints the contents of a file, or with `--strict` says only whether it is well-formed.
pub fn run(args: &InspectArgs, now: Time) -> Result<Status, Failure> {
    let bytes = input::read("", &args.file, input::MAX_LIST)?;
    let name = input::label("", &args.file);
    let objects = kind::split(&bytes).map_err(|problem| {
        Failure::new(&name, problem)
            .remedy("inspect reads certificates, lists, OCSP responses, timestamps, key stores and signed documents")
    })?;
    let password = args.password_file.as_ref().map(|path| read_password(path)).transpose()?;
    let mut views = Vec::with_capacity(objects.len().min(64));
    for (index, (kind, der)) in objects.iter().enumerate() {
        let about = if objects.len() == 1 { name.clone() } else { format!("{name}, object {}", index + 1) };
        let view = view(*kind, der, password.as_ref(), now).map_err(|problem| Failure::new(about, problem))?;
        if !args.strict {
            views.push(view);
        }
    }
    if args.strict {
        return Ok(Status::Good);
    }
    let mut output = if args.json { Output::raw() } else { Output::standard() };
    if !args.json {
        for (index, view) in views.iter().enumerate() {
            if index > 0 {
                output.line("");
            }
            view.print(&mut output);
        }
    } else if views.len() == 1 {
        views.iter().for_each(|view| output.json_pretty(view));
    } else {
        output.json_pretty(&Bundle { objects: views });
    }
    output.finish()?;
    Ok(Status::Good)
}

/// Reads the password of a key store; what is unwise about its file is said.
fn read_password(path: &Path) -> Result<Password, Failure> {
    let read = PasswordSource::File(path.to_owned()).read();
    let obtained =
        read.map_err(|error| Failure::new("--password-file", error).remedy("name a file with the password"))?;
    if let Some(warning) = &obtained.warning {
        complain(format_args!("warning: {warning}"));
    }
    Ok(obtained.password)
}

fn signed_document(bytes: &[u8]) -> Result<View, FormatError> {
    let read = crate::document::read(Document::Bytes(bytes), &Options::default())?;
    Ok(View::SignedDocument(Box::new(DocumentView::of(&read, bytes))))
}

/// CMS with signers: a timestamp token by the type of its content, else a document.
fn signed_data(der: &[u8]) -> Result<View, String> {
    let token = Token::read(der);
    if let Ok(token) = &token {
        return Ok(View::TimestampToken(Box::new(TokenView::of(token, der.len()))));
    }
    match crate::document::read(Document::Bytes(der), &Options::default()) {
        Ok(SignedDocument { timestamp_token: Some(form), .. }) => {
            let why = form.err().or_else(|| token.err().map(|error| error.to_string())).unwrap_or_default();
            Err(format!("looks like a timestamp token, but is not well-formed: {why}"))
        }
        Ok(read) => Ok(View::SignedDocument(Box::new(DocumentView::of(&read, der)))),
        Err(FormatError::NoSignature) => {
            Ok(View::UnsignedMessage(UnsignedView { content: "signed-data", bytes: der.len() }))
        }
        Err(error) => Err(format!("looks like a signed message (CMS), but is not well-formed: {error}")),
    }
}

/// Reads one object by its kind; the problem says what it seems to be when it is nothing that can be shown.
fn view(kind: Kind, der: &[u8], password: Option<&Password>, now: Time) -> Result<View, String> {
    match kind {
        Kind::Certificate => match Certificate::from_der(der) {
            Ok(certificate) => Ok(View::Certificate(Box::new(CertificateView::of(&certificate, now)))),
            Err(error) => Err(format!("looks like a certificate, but is not well-formed: {error}")),
        },
        Kind::Document => signed_document(der).map_err(|error| {
            let what = match crate::document::detect(der) {
                Some(Format::Pdf) => "a PDF document",
                Some(Format::Xml | Format::Soap) => "an XML or HTML document",
                _ => "a ZIP container",
            };
            format!("seems to be {what}, and no signed one that is well-formed: {error}")
        }),
        Kind::KeyStore => match KeyStoreView::read(der, password, now) {
            Ok(view) => Ok(View::KeyStore(view)),
            Err(error @ KeyError::Malformed(_)) => Err(format!("looks like a key store (PKCS#12), but is {error}")),
            Err(error) => Err(format!("the key store does not open: {error}; {}", error.remedy())),
        },
        Kind::SignedData => signed_data(der),
        Kind::Message => match unsigned_kind(der) {
            Ok(content) => Ok(View::UnsignedMessage(UnsignedView { content, bytes: der.len() })),
            Err(error) => Err(format!("looks like a message (CMS), but is not well-formed: {error}")),
        },
        Kind::TimestampResponse => match Response::read(der) {
            Ok(response) => Ok(View::TimestampResponse(Box::new(TimestampResponseView::of(&response)))),
            Err(error) => Err(format!("looks like a timestamp response, but is not well-formed: {error}")),
        },
        Kind::OcspResponse => match ParsedResponse::from_der(der) {
            Ok(response) => Ok(View::OcspResponse(Box::new(ResponseView::of(&response)))),
            Err(OcspError::Status(status)) => {
                Ok(View::OcspResponse(Box::new(ResponseView::refusal(status, der.len()))))
            }
            Err(error) => Err(format!("looks like an OCSP response, but is not well-formed: {error}")),
        },
        Kind::RevocationList => match ParsedList::read_limited(der.to_vec(), Source::request(0), input::MAX_LIST) {
            Ok(list) => Ok(View::RevocationList(Box::new(ListView::of(&list, now)))),
            Err(error) => Err(format!("looks like a revocation list, but is not well-formed: {error}")),
        },
        Kind::Other(what) => Err(format!("seems to be {what}, which inspect does not read yet")),
        Kind::Unknown => Err("neither a certificate nor a revocation list, nor anything else that is known".to_owned()),
    }
}
