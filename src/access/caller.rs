//! Who asks.

use std::fmt;
use std::sync::{Arc, LazyLock};

use super::Role;

/// A set of roles.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub struct Roles(u8);

impl Roles {
    /// No role.
    pub const NONE: Self = Self(0);

    /// These roles.
    #[must_use]
    pub const fn of(mut roles: &[Role]) -> Self {
        let mut bits = 0;
        while let [first, rest @ ..] = roles {
            bits |= bit(*first);
            roles = rest;
        }
        Self(bits)
    }

    /// Whether the role is among them.
    #[must_use]
    pub const fn contains(self, role: Role) -> bool {
        self.0 & bit(role) != 0
    }

    /// Whether the two sets have a role in common.
    #[must_use]
    pub const fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The roles, by name.
    pub fn iter(self) -> impl Iterator<Item = Role> {
        Role::ALL.into_iter().filter(move |role| self.contains(*role))
    }
}

const fn bit(role: Role) -> u8 {
    1 << role as u8
}

impl fmt::Debug for Roles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

/// The client that a request comes from, in the extensions of the request once it was let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    /// Its name in the configuration.
    pub name: Arc<str>,
    /// What it may do.
    pub roles: Roles,
}

impl Caller {
    /// Whoever asks a service that knows no clients, or asks for what is open to all: without a role.
    #[must_use]
    pub fn anybody() -> Self {
        static NAME: LazyLock<Arc<str>> = LazyLock::new(|| Arc::from("(anybody)"));
        Self { name: Arc::clone(&NAME), roles: Roles::NONE }
    }
}
