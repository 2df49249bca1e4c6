//! BER (X.690 section 8) as far as signed messages use it: indefinite lengths, lengths that are not minimal, strings in
//! pieces. [`to_definite`] rewrites it with definite minimal lengths and whole strings, and nothing else, so that one
//! strict reader suffices for the rest.
//!
//! What this does not do is make DER of it: a SET stays in its order, a BOOLEAN keeps its octet. An element that was
//! encoded as DER demands keeps its bytes.

mod header;
mod rewrite;
mod walk;

pub use header::Header;
pub use rewrite::to_definite;
pub use walk::first_len;

/// Contents octets that end an element of indefinite length.
pub const END_OF_CONTENTS: [u8; 2] = [0, 0];
