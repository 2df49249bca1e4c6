//! Level LT: what a later verification needs, in the document.

use super::super::evidence::{lists, raw_responses};
use super::super::output::{Clean, Styled, UNSURE};
use super::super::{complain, input};
use super::args::ExtendArgs;
use super::stage::{Fault, Stage};
use super::stamps::refused;
use crate::cms;
use crate::pdf;
use crate::signed::{Embedded, Format};
use crate::x509::Certificate;
use crate::xmldsig;

/// Puts the certificates of the paths, and the lists and responses that the options name, into the document.
pub fn add(stage: &mut Stage<'_>, format: Format, paths: &[Certificate], args: &ExtendArgs) -> Result<(), Fault> {
    let mut evidence = Embedded {
        certificates: paths.iter().map(|certificate| certificate.as_der().to_vec()).collect(),
        lists: Vec::new(),
        responses: raw_responses(&args.ocsp)?,
    };
    for list in lists(&args.crl)? {
        // Another authority's list would only make the document larger.
        if paths.iter().any(|certificate| certificate.issuer() == list.issuer()) {
            evidence.lists.push(list.as_der().to_vec());
        } else {
            let source = list.source().to_string();
            complain(format_args!(
                "{} --crl {} does not go in: no certificate of the signatures is of its issuer",
                Styled(UNSURE, "warning:"),
                Clean(&source)
            ));
        }
    }
    stage.step(format, |stage, out| match format {
        Format::Cms => Ok(cms::extend_with_evidence(stage.document(), &evidence, out)?),
        Format::Pdf => Ok(pdf::extend_with_evidence(stage.held()?, &evidence, out)?),
        Format::Xml => {
            let signatures = stage.read().map_err(crate::signed::MakeError::from)?.signatures.len();
            let mut document = stage.held()?.to_vec();
            for which in 0..signatures {
                document = xmldsig::extend_with_evidence(&document, which, &evidence)?;
            }
            Ok(out.write_all(&document)?)
        }
        other => Err(refused(other).into()),
    })
}

/// The name of the document in complaints.
pub fn document(args: &ExtendArgs) -> String {
    input::label("", &args.document)
}
