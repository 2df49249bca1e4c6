//! A last look at a token before it is put beside a signature: whoever fetched it has verified it.

use super::super::oid;
use super::super::outline::Outline;
use super::super::stamp::imprint;
use crate::crypto::hash;
use crate::signed::MakeError;

/// Demands a timestamp token in DER that is over `stamped`.
pub(super) fn check(token: &[u8], stamped: &[u8]) -> Result<(), MakeError> {
    let refused = |why: &str| MakeError::Document(format!("the timestamp token cannot be used: {why}"));
    let outline = Outline::read(token).map_err(|error| refused(&format!("not CMS in DER: {error}")))?;
    if outline.content_type != oid::TST_INFO.as_bytes() {
        return Err(refused("its content is of another type"));
    }
    let imprint = imprint(token).ok_or_else(|| refused("its imprint cannot be read, or is by a hash not allowed"))?;
    if hash(imprint.algorithm(), stamped) != imprint {
        return Err(refused("it is not over this signature"));
    }
    Ok(())
}
