//! Who may ask for what: clients, their tokens and certificates, roles, limits.

mod caller;

pub use caller::{Caller, Roles};

pub use crate::config::Role;
