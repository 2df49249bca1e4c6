//! Who may ask for what: clients, their tokens and certificates, roles, limits.
