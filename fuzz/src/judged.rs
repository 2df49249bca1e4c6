//! Signed messages from their octets to the report: path, lists, timestamps, algorithms.

use std::sync::{Arc, OnceLock};

use rastau::clock::FixedClock;
use rastau::service::{DocumentRequest, Grounds, Parts, PreparedDocument, Service, demo};
use rastau::signed::{Detached, Document};
use rastau::verdict::{Decision, DocumentReport};

use crate::requests;

struct Desk {
    service: Service,
    grounds: Grounds,
    trusted: PreparedDocument,
    alone: PreparedDocument,
}

impl Desk {
    fn get() -> &'static Self {
        static DESK: OnceLock<Desk> = OnceLock::new();
        DESK.get_or_init(|| {
            let now = requests::now();
            let grounds = demo::grounds(now).expect("the demo");
            let service = Service::new(Parts::new(Arc::new(FixedClock(now)), grounds.clone()));
            let prepare = || service.prepare_document(&DocumentRequest::default()).expect("a question");
            Desk { trusted: prepare(), alone: prepare().signature_only(), service, grounds }
        })
    }

    fn ask(&self, question: &PreparedDocument, data: &[u8]) -> DocumentReport {
        let answer = self.service.verify_document(question, &self.grounds, Document::Bytes(data), Detached::Absent);
        answer.expect("octets in memory are read")
    }
}

/// What is accepted holds cryptographically as well; who asks twice gets the same answer; a report says one thing only.
pub fn judged(data: &[u8]) {
    let desk = Desk::get();
    let trusted = desk.ask(&desk.trusted, data);
    let alone = desk.ask(&desk.alone, data);
    for report in [&trusted, &alone] {
        let json = serde_json::to_value(report).expect("JSON");
        assert_eq!(json["decision"] == "accepted", json.get("refusal").is_none(), "a refusal has a reason: {json}");
        let signatures = json["signatures"].as_array().expect("signatures");
        let accepted = signatures.iter().filter(|signature| signature["decision"] == "accepted").count();
        let all = !signatures.is_empty() && accepted == signatures.len();
        assert!(report.decision() != Decision::Accepted || all, "the worst signature is the answer: {json}");
    }
    assert!(trusted.decision() != Decision::Accepted || alone.decision() == Decision::Accepted);
    let again = desk.ask(&desk.trusted, data);
    assert_eq!(serde_json::to_value(again).ok(), serde_json::to_value(trusted).ok());
}
