//! Signed XML: `XAdES`, WS-Security and everything that must not pass for them.

mod interop;
