//! Names that the service is called by, and pages of other sites: what a browser on this machine may be made to send.

use super::*;

fn named(host: &str, more: &str) -> String {
    let body = r#"{"iin": "650615100015"}"#;
    format!(
        "POST /v1/identity-numbers/check HTTP/1.1\r\nhost: {host}\r\n{more}content-type: application/json\r\n\
         content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn a_site_whose_name_leads_to_this_machine_is_refused() {
    let site = Site::start(&[]).await;
    let port = site.address.port();
    for host in
        ["attacker.example".to_owned(), format!("attacker.example:{port}"), "localhost.attacker.example".to_owned()]
    {
        for request in [named(&host, ""), format!("GET /v1/services HTTP/1.1\r\nhost: {host}\r\n\r\n")] {
            let answer = site.ask(request.as_bytes()).await;
            assert!(answer.starts_with("HTTP/1.1 421 "), "{answer}");
            assert!(answer.contains("\"code\":\"host-not-served\"") && !answer.contains(&host), "{answer}");
        }
    }
    for host in [format!("127.0.0.1:{port}"), format!("localhost:{port}"), "[::1]".to_owned()] {
        assert!(site.ask(named(&host, "").as_bytes()).await.starts_with("HTTP/1.1 200 "), "{host}");
    }
}

#[tokio::test]
async fn a_page_of_another_site_is_refused() {
    let site = Site::start(&[]).await;
    for more in ["origin: https://attacker.example\r\n", "origin: null\r\n", "sec-fetch-site: cross-site\r\n"] {
        let answer = site.ask(named("localhost", more).as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 403 ") && answer.contains("\"code\":\"cross-site\""), "{more}: {answer}");
    }
    let own = format!("origin: http://localhost:{}\r\nsec-fetch-site: same-origin\r\n", site.address.port());
    assert!(site.ask(named("localhost", &own).as_bytes()).await.starts_with("HTTP/1.1 200 "));
}

#[tokio::test]
async fn names_that_are_configured_are_answered() {
    let site = Site::start(&[("RASTAU_HTTP__HOSTS", "rastau.example,.inner.example")]).await;
    for (host, status) in
        [("rastau.example", 200), ("a.inner.example", 200), ("localhost", 200), ("attacker.example", 421)]
    {
        let answer = site.ask(named(host, "").as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{host}: {answer}");
    }
}

#[tokio::test]
async fn names_count_wherever_everybody_may_call_not_on_the_loopback_address_alone() {
    let open = [("RASTAU_HTTP__LISTEN", "0.0.0.0:0"), ("RASTAU_ACCESS__ALLOW_UNPROTECTED", "true")];
    let site = Site::start(&open).await;
    for (host, status) in [("attacker.example", 421), ("10.0.0.5:8080", 200), ("localhost", 200)] {
        let answer = site.ask(named(host, "").as_bytes()).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{host}: {answer}");
    }
}
