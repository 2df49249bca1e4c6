//! Tables of names against constraints; `permitted` and `excluded` answer for the same pair.

use super::*;

const BAD_NAME: Result<(), Breach> = Err(Breach::MalformedName);
const BAD_BASE: Result<(), Breach> = Err(Breach::MalformedConstraint);
const IN: (Result<(), Breach>, Result<(), Breach>) = (Ok(()), Err(Breach::Excluded));
const OUT: (Result<(), Breach>, Result<(), Breach>) = (Err(Breach::NotPermitted), Ok(()));

fn both(name: &GeneralName, base: &GeneralName) -> (Result<(), Breach>, Result<(), Breach>) {
    let permitted = NameConstraints { permitted: [base.clone()].into(), excluded: [].into() };
    let excluded = NameConstraints { permitted: [].into(), excluded: [base.clone()].into() };
    (check_name(&permitted, name), check_name(&excluded, name))
}

#[test]
fn dns_names() {
    let table = [
        ("example.com", "example.com", IN),
        ("EXAMPLE.com", "example.COM", IN),
        ("a.b.example.com", "example.com", IN),
        ("anything.kz", "", IN),
        ("notexample.com", "example.com", OUT),
        ("com", "example.com", OUT),
        ("example.com.kz", "example.com", OUT),
        ("*.example.com", "example.com", IN),
        ("*.example.com", "example.net", OUT),
        // Some of what the wildcard stands for is excluded, and not all of it is permitted.
        ("*.example.com", "bar.example.com", (Err(Breach::NotPermitted), Err(Breach::Excluded))),
        ("a.example.com", "*.example.com", (BAD_BASE, BAD_BASE)),
        ("a.example.com", ".example.com", (BAD_BASE, BAD_BASE)),
        ("a.example.com", "example.com.", (BAD_BASE, BAD_BASE)),
        (".example.com", "example.com", (BAD_NAME, BAD_NAME)),
        ("a..example.com", "example.com", (BAD_NAME, BAD_NAME)),
        ("*", "example.com", (BAD_NAME, BAD_NAME)),
        ("a.*.example.com", "example.com", (BAD_NAME, BAD_NAME)),
        ("", "example.com", (BAD_NAME, BAD_NAME)),
        ("a b.example.com", "example.com", (BAD_NAME, BAD_NAME)),
        ("a.example.com\0.kz", "kz", (BAD_NAME, BAD_NAME)),
    ];
    for (name, base, expected) in table {
        assert_eq!(both(&GeneralName::Dns(name.into()), &GeneralName::Dns(base.into())), expected, "{name} in {base}");
    }
}

#[test]
fn email_addresses() {
    let table = [
        ("foo@example.com", "foo@example.com", IN),
        ("foo@EXAMPLE.com", "foo@example.com", IN),
        ("FOO@example.com", "foo@example.com", OUT),
        ("foo@example.com", "example.com", IN),
        ("foo@host.example.com", "example.com", OUT),
        ("foo@host.example.com", ".example.com", IN),
        ("foo@example.com", ".example.com", OUT),
        ("*@example.com", "*@example.com", IN),
        ("user@example.com", "*@example.com", OUT),
        ("a@b@example.com", "example.com", (BAD_NAME, BAD_NAME)),
        ("@example.com", "example.com", (BAD_NAME, BAD_NAME)),
        ("example.com", "example.com", (BAD_NAME, BAD_NAME)),
        ("а@example.com", "example.com", (BAD_NAME, BAD_NAME)),
        ("a@example.com", "a@b@example.com", (BAD_BASE, BAD_BASE)),
        ("a@example.com", "", (BAD_BASE, BAD_BASE)),
        ("a@example.com", ".", (BAD_BASE, BAD_BASE)),
    ];
    for (name, base, expected) in table {
        let outcome = both(&GeneralName::Email(name.into()), &GeneralName::Email(base.into()));
        assert_eq!(outcome, expected, "{name} in {base}");
    }
}

#[test]
fn constraints_on_addresses_are_about_mailboxes_beyond_ascii_too() {
    let table = [
        ("асель@example.com", "example.com", IN),
        ("асель@EXAMPLE.com", "example.com", IN),
        ("асель@host.example.com", "example.com", OUT),
        ("асель@host.example.com", ".example.com", IN),
        ("асель@xn--80ak6aa92e.com", "xn--80AK6aa92e.com", IN),
        ("асель@example.com", "asel@example.com", OUT),
        ("asel@example.com", "asel@example.com", IN),
        // The host has to be in A-labels: which host another spelling means depends on who reads it.
        ("асель@мысал.kz", "example.com", (BAD_NAME, BAD_NAME)),
        ("а сель@example.com", "example.com", (BAD_NAME, BAD_NAME)),
        ("асель\u{0}@example.com", "example.com", (BAD_NAME, BAD_NAME)),
        ("асель", "example.com", (BAD_NAME, BAD_NAME)),
    ];
    for (name, base, expected) in table {
        let outcome = both(&GeneralName::SmtpUtf8Mailbox(name.into()), &GeneralName::Email(base.into()));
        assert_eq!(outcome, expected, "{name} in {base}");
    }
    let mailbox = || GeneralName::SmtpUtf8Mailbox("асель@example.com".into());
    for name in [mailbox(), GeneralName::Email("asel@example.com".into())] {
        assert_eq!(both(&name, &mailbox()), (BAD_BASE, BAD_BASE));
    }
    assert_eq!(both(&mailbox(), &GeneralName::Dns("example.net".into())), (Ok(()), Ok(())));
    // It is an otherName, and a constraint on any of those is on all.
    let unsupported = Err(Breach::Unsupported);
    assert_eq!(both(&mailbox(), &GeneralName::Other(oid::UID)), (unsupported, unsupported));
}

#[test]
fn a_common_name_reads_like_a_host_or_not() {
    for host in ["www.example.com", "xn--80ak6aa92e.kz", "a-b.c_d.kz", "1.kz"] {
        assert!(reads_like_host(host), "{host}");
    }
    for other in [
        "",
        "localhost",
        "Асель Ахметова",
        "А. Ахметова",
        "A. Akhmetova",
        "*.example.com",
        ".example.com",
        "example.com.",
        "a..b",
        "-a.kz",
        "a-.kz",
        "a.-kz",
        "192.0.2.1",
        "asel@example.com",
        "a.kz\0",
    ] {
        assert!(!reads_like_host(other), "{other}");
    }
}

#[test]
fn uris() {
    let table = [
        ("http://example.com/x", "example.com", IN),
        ("http://user@Example.com:8080?x#y", "example.com", IN),
        ("http://host.example.com", "example.com", OUT),
        ("http://host.example.com", ".example.com", IN),
        ("http://example.com", ".example.com", OUT),
        ("http://example.com@evil.kz/", "example.com", OUT),
        ("http://192.0.2.1/", "example.com", (BAD_NAME, BAD_NAME)),
        ("http://[::1]/", "example.com", (BAD_NAME, BAD_NAME)),
        ("urn:example.com", "example.com", (BAD_NAME, BAD_NAME)),
        ("http:///x", "example.com", (BAD_NAME, BAD_NAME)),
        ("://example.com/", "example.com", (BAD_NAME, BAD_NAME)),
        ("http://example.com:8x/", "example.com", (BAD_NAME, BAD_NAME)),
        ("http://exa mple.com/", "example.com", (BAD_NAME, BAD_NAME)),
        ("http://example.com", "http://example.com", (BAD_BASE, BAD_BASE)),
    ];
    for (name, base, expected) in table {
        assert_eq!(both(&GeneralName::Uri(name.into()), &GeneralName::Uri(base.into())), expected, "{name} in {base}");
    }
}

#[test]
fn ip_addresses() {
    let network: &[u8] = &[192, 0, 2, 0, 255, 255, 255, 0];
    let table: &[(&[u8], &[u8], _)] = &[
        (&[192, 0, 2, 9], network, IN),
        (&[192, 0, 3, 9], network, OUT),
        (&[0; 16], network, OUT),
        (&[0; 16], &[0; 32], IN),
        (network, network, (BAD_NAME, BAD_NAME)),
        (&[], network, (BAD_NAME, BAD_NAME)),
        (&[192, 0, 2, 9], &[192, 0, 2, 0], (BAD_BASE, BAD_BASE)),
        (&[192, 0, 2, 9], &[192, 0, 2, 0, 255, 0, 255, 0], (BAD_BASE, BAD_BASE)),
    ];
    for (name, base, expected) in table {
        let outcome = both(&GeneralName::Ip((*name).into()), &GeneralName::Ip((*base).into()));
        assert_eq!(outcome, *expected, "{name:?} in {base:?}");
    }
}

#[test]
fn forms_that_are_not_compared_refuse_only_each_other() {
    let other = GeneralName::Other(oid::UID);
    let another = GeneralName::Other(oid::EMAIL);
    assert_eq!(both(&other, &another), (Err(Breach::Unsupported), Err(Breach::Unsupported)));
    for (name, base) in [
        (GeneralName::Unsupported(3), GeneralName::Unsupported(3)),
        (GeneralName::RegisteredId(oid::UID), GeneralName::RegisteredId(oid::EMAIL)),
    ] {
        assert_eq!(both(&name, &base), (Err(Breach::Unsupported), Err(Breach::Unsupported)));
    }
    assert_eq!(both(&GeneralName::Unsupported(3), &GeneralName::Unsupported(5)), (Ok(()), Ok(())));
    assert_eq!(both(&GeneralName::Dns("a.kz".into()), &other), (Ok(()), Ok(())));
    assert_eq!(both(&other, &GeneralName::Dns("a.kz".into())), (Ok(()), Ok(())));
}

#[test]
fn excluded_wins_over_permitted_and_one_permitted_suffices() {
    let dns = |text: &str| GeneralName::Dns(text.into());
    let constraints = NameConstraints {
        permitted: [dns("other.kz"), dns("example.kz")].into(),
        excluded: [dns("bad.example.kz")].into(),
    };
    assert_eq!(check_name(&constraints, &dns("good.example.kz")), Ok(()));
    assert_eq!(check_name(&constraints, &dns("x.bad.example.kz")), Err(Breach::Excluded));
    assert_eq!(check_name(&constraints, &dns("third.kz")), Err(Breach::NotPermitted));
}
