//! `rastau check --batch`.

use serde_json::{Value, json};

use super::{demo, file, folder, read, read_text, run, run_with_input};

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn answers(out: &str) -> Vec<Value> {
    out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

#[test]
fn five_hundred_lines_come_back_in_order_each_with_its_id() {
    let certificates: Vec<(String, &str)> = [
        ("individual-valid.pem", "accepted"),
        ("individual-revoked.pem", "refused"),
        ("tampered-signature.pem", "refused"),
        ("legal-head-valid.pem", "accepted"),
        ("stranger-individual.pem", "refused"),
    ]
    .map(|(name, decision)| (read_text(&demo(name)), decision))
    .to_vec();
    let mut input = String::new();
    for index in 0..500 {
        let (certificate, _) = &certificates[index % certificates.len()];
        let id = if index % 2 == 0 { json!(index) } else { json!(format!("line {index}")) };
        input += &json!({ "id": id, "certificate": certificate }).to_string();
        input += if index % 7 == 0 { "\r\n\n" } else { "\n" };
    }
    let run = run_with_input(&["check", "--batch", "-"], input.trim_end().as_bytes());
    assert_eq!(run.status, 0, "{}", run.err);
    let answers = answers(&run.out);
    assert_eq!(answers.len(), 500);
    for (index, answer) in answers.iter().enumerate() {
        let id = if index % 2 == 0 { json!(index) } else { json!(format!("line {index}")) };
        assert_eq!(answer["id"], id);
        assert_eq!(answer["decision"], certificates[index % certificates.len()].1, "{index}");
    }
    assert!(run.err.contains("500 lines: 200 accepted, 300 refused, 0 undetermined, 0 unreadable"), "{}", run.err);
    assert!(!run.err.contains('\u{1b}'), "no progress where stderr is no terminal: {}", run.err);
}

#[test]
fn lines_that_cannot_be_read_answer_with_an_error_in_their_place() {
    let valid = read_text(&demo("individual-valid.pem"));
    let table = [
        ("not json".to_owned(), "line-malformed", ""),
        ("[1,2]".to_owned(), "line-malformed", ""),
        (json!([0, valid]).to_string(), "line-malformed", ""),
        ("\u{0}\u{1}".to_owned(), "line-malformed", ""),
        (json!({ "id": 3 }).to_string(), "line-malformed", ""),
        (json!({ "id": 4, "certificate": valid, "nonsense": 1 }).to_string(), "line-malformed", ""),
        (json!({ "id": 5, "certificate": 7 }).to_string(), "line-malformed", ""),
        (json!({ "id": 6, "certificate": "!!" }).to_string(), "field-unusable", "certificate"),
        (json!({ "id": 7, "certificate": valid, "at": "soon" }).to_string(), "field-unusable", "at"),
        (
            json!({ "id": 8, "certificate": valid, "identity": {"iin": "1"} }).to_string(),
            "field-unusable",
            "identity.iin",
        ),
        (json!({ "id": 9, "certificate": valid, "service": "fishing" }).to_string(), "field-unusable", "service"),
        (json!({ "id": 10, "certificate": valid, "trust": ["!!"] }).to_string(), "field-unusable", "trust[0]"),
        (json!({ "id": 11, "certificate": valid, "crls": ["!!", "MAA="] }).to_string(), "field-unusable", "crls[0]"),
        (
            json!({ "id": 12, "certificate": valid, "ocsp_responses": ["!!"] }).to_string(),
            "field-unusable",
            "ocsp_responses[0]",
        ),
        (
            json!({ "id": 13, "certificate": valid, "policy": {"initial_policy": ["2.5.29.32.0", "any"]} }).to_string(),
            "field-unusable",
            "policy.initial_policy[1]",
        ),
        (json!({ "id": 14, "certificate": valid, "profile": "web" }).to_string(), "line-malformed", ""),
    ];
    let mut input = json!({ "id": "first", "certificate": valid }).to_string();
    for (line, _, _) in &table {
        input += "\n";
        input += line;
    }
    input += "\n";
    input += &json!({ "certificate": valid, "policy": {"initial_policy": ["2.5.29.32.0"]}, "ocsp_responses": [] })
        .to_string();
    let run = run_with_input(&["check", "--batch", "-"], input.as_bytes());
    assert_eq!(run.status, 2, "{}", run.err);
    let answers = answers(&run.out);
    assert_eq!(answers.len(), table.len() + 2);
    assert_eq!(answers[0]["decision"], "accepted");
    for (number, (answer, (line, code, field))) in (2..).zip(answers[1..].iter().zip(&table)) {
        assert_eq!(answer["line"], number, "{answer}");
        assert_eq!(answer["error"]["code"], *code, "{line}: {answer}");
        let asked: Option<Value> = serde_json::from_str::<Value>(line).ok().map(|line| line["id"].clone());
        assert_eq!(answer["id"], asked.unwrap_or_default(), "{line}");
        let errors = answer["error"]["errors"].as_array().expect("errors");
        assert_eq!(errors[0]["field"], *field, "{answer}");
        assert!(answer.get("decision").is_none());
    }
    let last = answers.last().expect("answers");
    assert_eq!(last["decision"], "accepted", "{last}");
    assert!(last.get("id").is_none());
    assert!(run.err.contains("16 unreadable"), "{}", run.err);
}

#[test]
fn evidence_that_is_base64_of_nonsense_is_missing_and_named() {
    let leaf = read_text(&demo("individual-valid.pem"));
    let lists = ["demo-issuing-gost.crl", "demo-root-gost.crl"].map(|name| base64(&read(&demo(name))));
    let issuing = read_text("certs/demo-issuing-gost.pem");
    // An empty SEQUENCE, octets that are no DER, nothing at all, and a list that was cut off.
    let cut = base64(&read(&demo("demo-issuing-gost.crl"))[..200]);
    for nonsense in ["MAA=", "AAAA", "", &cut] {
        let line = |field: &str, values: Vec<&str>| {
            let mut line = json!({
                "id": field,
                "certificate": leaf,
                "intermediates": [issuing],
                "trust": [read_text("certs/demo-root-gost.pem")],
                "crls": lists,
                "at": "2026-08-20T00:00:00Z",
            });
            line[field] = json!(values);
            line.to_string()
        };
        let table = [
            (line("crls", vec![nonsense, &lists[0], &lists[1]]), "accepted", "crls[0]"),
            (line("crls", vec![&lists[0], nonsense]), "undetermined", "crls[1]"),
            (line("ocsp_responses", vec![nonsense]), "accepted", "ocsp_responses[0]"),
            (line("intermediates", vec![&issuing, nonsense]), "accepted", "intermediates[1]"),
            (line("intermediates", vec![nonsense]), "refused", "intermediates[0]"),
            (line("trust", vec![nonsense]), "", "trust[0]"),
        ];
        let input: Vec<&str> = table.iter().map(|(line, ..)| line.as_str()).collect();
        let run = run_with_input(&["check", "--batch", "-"], input.join("\n").as_bytes());
        let answers = answers(&run.out);
        assert_eq!(answers.len(), table.len(), "{}", run.err);
        for (answer, (_, decision, field)) in answers.iter().zip(&table) {
            if nonsense.is_empty() && matches!(*field, "intermediates[1]" | "intermediates[0]") {
                // No text at all is a field that was left empty.
                assert_eq!(answer["error"]["errors"][0]["field"], *field, "{answer}");
            } else if decision.is_empty() {
                assert_eq!(answer["error"]["errors"][0]["field"], *field, "{answer}");
            } else {
                assert_eq!(answer["decision"], *decision, "«{nonsense}» {field}: {answer}");
                assert_eq!(answer["warnings"][0]["code"], "evidence-unreadable", "{answer}");
                let detail = answer["warnings"][0]["detail"].as_str().expect("a detail");
                assert!(detail.starts_with(&format!("{field} cannot be read")), "{detail}");
            }
        }
    }
}

#[test]
fn a_line_brings_its_own_evidence_and_rules() {
    let pem = |path: &str| read_text(path);
    let leaf = pem(&demo("individual-valid.pem"));
    let own = json!({
        "certificate": leaf,
        "intermediates": [pem("certs/demo-issuing-gost.pem")],
        "trust": [pem("certs/demo-root-gost.pem")],
        "crls": [base64(&read(&demo("demo-issuing-gost.crl"))), base64(&read(&demo("demo-root-gost.crl")))],
        "at": "2026-08-20T00:00:00Z",
    });
    let with = |changes: Value| {
        let mut line = own.clone();
        for (key, value) in changes.as_object().expect("an object") {
            line[key] = value.clone();
        }
        line
    };
    let stale = base64(&read(&demo("demo-issuing-gost-stale.crl")));
    let table = [
        (own.clone(), "accepted", ""),
        (with(json!({ "crls": [] })), "undetermined", "revocation-unknown"),
        (with(json!({ "crls": [stale] })), "undetermined", "revocation-unknown"),
        (with(json!({ "crls": [], "revocation": "off" })), "accepted", ""),
        (with(json!({ "trust": [pem(&demo("stranger-root.pem"))] })), "refused", "issuer-not-trusted"),
        (with(json!({ "trust": [], "crls": [] })), "refused", "issuer-not-trusted"),
        (with(json!({ "intermediates": [] })), "refused", "issuer-not-trusted"),
        (with(json!({ "at": "2055-01-01T00:00:00Z" })), "refused", "certificate-expired"),
        (with(json!({ "trust": [leaf], "profile": "rfc5280", "revocation": "off" })), "accepted", ""),
        (with(json!({ "identity": {"iin": "720301200081"} })), "refused", "identity-mismatch"),
        (with(json!({ "identity": {"iin": "720301200081"}, "profile": "rfc5280" })), "accepted", ""),
    ];
    let input: String = table.iter().map(|(line, ..)| format!("{line}\n")).collect();
    let folder = folder();
    let path = file(&folder, "requests.jsonl", input.as_bytes());
    let run = run(&["check", "--batch", &path]);
    assert_eq!(run.status, 0, "{}\n{}", run.err, run.out);
    for (index, (answer, (_, decision, code))) in answers(&run.out).iter().zip(&table).enumerate() {
        let found = (answer["decision"].as_str(), answer["refusal"]["code"].as_str().unwrap_or_default());
        assert_eq!(found, (Some(*decision), *code), "line {index}: {answer}");
    }
}

#[test]
fn options_hold_for_lines_that_do_not_say_otherwise() {
    let valid = read_text(&demo("individual-valid.pem"));
    let input = format!(
        "{}\n{}\n",
        json!({ "certificate": valid }),
        json!({ "certificate": valid, "at": "2026-08-20T00:00:00Z", "language": "kk", "service": "medical-activity" })
    );
    let args =
        ["check", "--batch", "-", "--at", "2055-01-01T00:00:00Z", "--language", "ru", "--service", "scrap-metal"];
    let run = run_with_input(&args, input.as_bytes());
    let answers = answers(&run.out);
    assert_eq!(answers[0]["refusal"]["code"], "certificate-expired");
    assert_eq!(answers[0]["refusal"]["message"], answers[0]["refusal"]["messages"]["ru"]);
    assert_eq!(answers[0]["at"], "2055-01-01T00:00:00Z");
    assert_eq!(answers[1]["decision"], "accepted", "{}", answers[1]);
    assert_eq!(run.status, 0, "{}", run.err);
}

#[test]
fn a_batch_that_cannot_be_opened_is_2_and_an_empty_one_is_nothing() {
    for path in ["/does/not/exist.jsonl", env!("CARGO_MANIFEST_DIR")] {
        let run = run(&["check", "--batch", path]);
        assert_eq!(run.status, 2);
        assert!(run.err.contains("--batch"), "{}", run.err);
    }
    let run = run_with_input(&["check", "--batch", "-"], b"\n\n");
    assert_eq!((run.status, run.out.as_str()), (0, ""));
    let run = super::run(&["check", "--batch", "x", "--service", "fishing"]);
    assert_eq!(run.status, 2);
}
