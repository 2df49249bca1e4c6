//! Which role may call what: the one table. A call that is not in it is nobody's.

use super::{Role, Roles};

/// Who may call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Right {
    /// Everybody, always: balancers and supervisors ask without credentials.
    Everybody,
    /// Everybody, unless `access.protect_pages` says that only clients may: no answer depends on data of the service.
    Page,
    /// Clients with one of these roles.
    Roles(Roles),
    /// Nobody: there is no such call.
    Nobody,
}

/// A call as the router names it, whom it answers, and whom when it changes something.
struct Row {
    route: &'static str,
    reading: Right,
    writing: Right,
}

const fn row(route: &'static str, roles: &[Role]) -> Row {
    let right = Right::Roles(Roles::of(roles));
    Row { route, reading: right, writing: right }
}

const fn open(route: &'static str, right: Right) -> Row {
    Row { route, reading: right, writing: right }
}

use Role::{Auditor, ELicensing, Official, Operator, Portal};

const ROWS: &[Row] = &[
    // Questions of systems.
    row("/v1/certificates/check", &[Portal, ELicensing]),
    row("/v1/challenges", &[Portal, ELicensing]),
    row("/v1/challenges/{id}/response", &[Portal, ELicensing]),
    row("/v1/documents/verify", &[Portal, ELicensing]),
    row("/v1/identity-numbers/check", &[Portal, ELicensing]),
    row("/v1/services", &[Portal, ELicensing]),
    row("/v1/submissions/verify", &[Portal, ELicensing]),
    // Signatures in the name of officials.
    row("/v1/licences/sign", &[ELicensing]),
    row("/v1/officials", &[ELicensing, Auditor, Operator]),
    row("/v1/approvals", &[Official]),
    row("/v1/approvals/{id}", &[Official]),
    row("/v1/approvals/{id}/document", &[Official]),
    // The record.
    row("/v1/journal", &[Auditor]),
    row("/v1/journal/head", &[Auditor]),
    row("/v1/journal/{sequence}", &[Auditor]),
    // Operation.
    Row {
        route: "/v1/revocation",
        reading: Right::Roles(Roles::of(&[Auditor, Operator])),
        writing: Right::Roles(Roles::of(&[Operator])),
    },
    row("/v1/revocation/refresh", &[Operator]),
    row("/metrics", &[Operator]),
    open("/healthz", Right::Everybody),
    open("/readyz", Right::Everybody),
    // For people.
    open("/", Right::Page),
    open("/assets/{file}", Right::Page),
    open("/demo/{file}", Right::Page),
    open("/docs", Right::Page),
    open("/docs/{file}", Right::Page),
    open("/openapi.json", Right::Page),
];

/// Who may call `route`, the template of the router; `changes` for every method but GET and HEAD.
#[must_use]
pub fn right(route: &str, changes: bool) -> Right {
    match ROWS.iter().find(|row| row.route == route) {
        Some(row) if changes => row.writing,
        Some(row) => row.reading,
        None => Right::Nobody,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roles(route: &str, changes: bool) -> Vec<Role> {
        match right(route, changes) {
            Right::Roles(roles) => roles.iter().collect(),
            other => panic!("{route}: {other:?}"),
        }
    }

    #[test]
    fn signatures_are_for_e_licensing_and_the_record_for_auditors() {
        assert_eq!(roles("/v1/licences/sign", true), [ELicensing]);
        assert_eq!(roles("/v1/journal/{sequence}", false), [Auditor]);
        assert_eq!(roles("/v1/approvals/{id}", true), [Official]);
        assert_eq!(roles("/v1/revocation", false), [Auditor, Operator]);
        assert_eq!(roles("/v1/revocation", true), [Operator]);
        assert_eq!(roles("/metrics", false), [Operator]);
    }

    #[test]
    fn what_is_not_in_the_table_is_nobodys() {
        for route in ["", "(none)", "/v1", "/v1/journal/", "/V1/journal", "/v1/journal/7", "/healthz/"] {
            assert_eq!(right(route, false), Right::Nobody, "{route}");
        }
    }

    #[test]
    fn no_call_is_named_twice_and_every_role_may_something() {
        for (position, row) in ROWS.iter().enumerate() {
            assert!(ROWS[..position].iter().all(|other| other.route != row.route), "{}", row.route);
        }
        for role in Role::ALL {
            let may = |row: &&Row| matches!(row.writing, Right::Roles(roles) if roles.contains(role));
            assert!(ROWS.iter().any(|row| may(&row)), "{role}");
        }
    }
}
