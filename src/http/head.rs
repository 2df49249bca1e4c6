//! How large the head of a request may be.
//!
//! hyper reads somewhat more than is answered here, so that most of what is too large is refused with a problem.

use axum::body::Body;
use axum::http::Request;

use super::problem::Problem;

/// Longest address of a request: those here have less than a hundred octets.
const MAX_ADDRESS: usize = 4 * 1024;
/// Octets of all header fields of a request, and how many fields there may be: far above what clients send.
const MAX_FIELDS: (usize, usize) = (16 * 1024, 64);

/// Refuses a head that is larger than any client has a reason to send. What is larger still, hyper refuses.
pub(super) fn check(request: &Request<Body>) -> Result<(), Problem> {
    let uri = request.uri();
    let address = uri.path().len() + uri.query().map_or(0, str::len);
    if address > MAX_ADDRESS {
        return Err(Problem::address_too_long());
    }
    let fields = request.headers();
    let octets: usize = fields.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if octets > MAX_FIELDS.0 || fields.len() > MAX_FIELDS.1 {
        return Err(Problem::head_too_large());
    }
    Ok(())
}
