//! The key of whoever signs.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read as _};
use std::path::Path;

use super::super::complain;
use super::super::output::{Clean, Styled, UNSURE};
use super::super::status::Failure;
use super::args::KeyArgs;
use crate::signer::{self, KeyError, KeySource, Password, PasswordSource, SigningIdentity, TokenSource};

/// Opens the key that the options name, with the password that they name; without one, first with none, then by asking.
pub fn open(args: &KeyArgs) -> Result<SigningIdentity, Failure> {
    let source = source(args)?;
    let unopened = |error: KeyError| failure(args, &source, &error);
    let named = match (&args.password_file, &args.password_variable) {
        (Some(path), _) => Some(PasswordSource::File(path.clone())),
        (None, Some(name)) => Some(PasswordSource::Environment(name.clone())),
        (None, None) => None,
    };
    if let Some(named) = named {
        return signer::open(&source, &obtain(&named)?).map_err(unopened);
    }
    match signer::open(&source, &Password::empty()) {
        Err(KeyError::PasswordRequired) => {}
        other => return other.map_err(unopened),
    }
    if !io::stdin().is_terminal() {
        return Err(Failure::new(
            label(&source),
            "there is a password on it, none was given, and there is nobody to ask",
        )
        .remedy("give --password-file FILE or --password-variable NAME"));
    }
    let asked = obtain(&PasswordSource::Prompt(format!("Password of {}: ", Clean(&source.to_string()))))?;
    signer::open(&source, &asked).map_err(unopened)
}

fn source(args: &KeyArgs) -> Result<KeySource, Failure> {
    if let Some(module) = &args.pkcs11_module {
        return Ok(KeySource::Pkcs11(TokenSource {
            module: module.clone(),
            token: args.pkcs11_token.clone(),
            key: args.pkcs11_key.clone(),
            certificate: args.certificate.clone(),
        }));
    }
    let Some(path) = &args.key else {
        return Err(Failure::new("--key", "missing").remedy("give --key FILE or --pkcs11-module LIBRARY"));
    };
    let certificate = match &args.certificate {
        // One file in PEM may hold both.
        None if is_pem(path) => Some(path.clone()),
        given => given.clone(),
    };
    Ok(match certificate {
        Some(certificate) => KeySource::Pkcs8 { key: path.clone(), certificate },
        None => KeySource::Pkcs12 { path: path.clone(), alias: args.alias.clone() },
    })
}

/// What cannot be read is told about when it is opened.
fn is_pem(path: &Path) -> bool {
    let mut first = [0; 11];
    File::open(path).and_then(|mut file| file.read_exact(&mut first)).is_ok() && first == *b"-----BEGIN "
}

fn obtain(from: &PasswordSource) -> Result<Password, Failure> {
    let obtained = from.read().map_err(|error| {
        Failure::new("password", error).remedy("write it into a file of its own, or set the variable")
    })?;
    if let Some(warning) = obtained.warning {
        complain(format_args!("{} {}", Styled(UNSURE, "warning:"), Clean(&warning)));
    }
    Ok(obtained.password)
}

fn label(source: &KeySource) -> String {
    match source {
        KeySource::Pkcs11(_) => source.to_string(),
        _ => format!("--key {source}"),
    }
}

fn failure(args: &KeyArgs, source: &KeySource, error: &KeyError) -> Failure {
    let token = args.pkcs11_module.is_some();
    let remedy = match error {
        KeyError::Ambiguous(_) | KeyError::UnknownAlias { .. } if token => {
            "name one with --pkcs11-key or --pkcs11-token"
        }
        KeyError::Ambiguous(_) | KeyError::UnknownAlias { .. } => "name one with --alias",
        KeyError::NoCertificate => "name the file with its certificate: --certificate CERT",
        KeyError::Malformed(_) if !token && args.certificate.is_none() => {
            "give a key store (.p12) as the National CA or openssl wrote it, or a PKCS#8 key with --certificate CERT"
        }
        KeyError::Malformed(_) if !token => {
            "give a PKCS#8 key and its certificate; for a key store leave --certificate out"
        }
        KeyError::PasswordRequired => "give --password-file FILE or --password-variable NAME",
        other => other.remedy(),
    };
    Failure::new(label(source), format!("the key cannot be used: {error}")).remedy(remedy)
}
