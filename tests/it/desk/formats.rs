//! Every format, seen from outside.

use super::*;

#[tokio::test]
async fn a_licence_is_signed_and_our_own_verifier_accepts_it() {
    let office = open(Setting::of(vec![holder("head", "legal-head-valid")])).await;
    let (status, answer) = ask(&office.app, "k1", &licence()).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(answer["certificate"], base64(certificate("legal-head-valid")));
    assert_eq!(answer["journal"]["sequence"], 1);
    assert_eq!(answer["level"], "B");
    assert_eq!(answer["demo"], true);
    assert_eq!(answer["replayed"], false);
    let report = verified(&office.app, json!({ "document": answer["document"], "extract": true })).await;
    assert_eq!(report["decision"], "accepted", "{report}");
    assert_eq!(report["contents"][0]["base64"], base64("Licence No 000001\n"));
}

#[tokio::test]
async fn a_signature_beside_the_document_holds_over_it_and_over_nothing_else() {
    let office = open(Setting::of(vec![holder("head", "legal-head-valid")])).await;
    let (status, answer) = ask(&office.app, "k1", &with(licence(), json!({ "detached": true }))).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let ask = |content: &str| json!({ "document": answer["document"], "content": base64(content) });
    assert_eq!(verified(&office.app, ask("Licence No 000001\n")).await["decision"], "accepted");
    assert_eq!(verified(&office.app, ask("Licence No 000002\n")).await["decision"], "refused");
    assert_eq!(verified(&office.app, json!({ "document": answer["document"] })).await["decision"], "refused");
}

#[tokio::test]
async fn xml_and_soap_are_signed_in_place() {
    let office = open(Setting::of(vec![holder("head", "legal-head-valid")])).await;
    let soap = "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Header/><s:Body><licence/></s:Body>\
                </s:Envelope>";
    let cases = [
        ("xml", "application/xml", "<licence><number>1</number></licence>", "whole document"),
        ("wsse", "text/xml", soap, "part Body of the envelope"),
    ];
    for (format, media_type, document, covers) in cases {
        let request =
            with(licence(), json!({ "format": format, "media_type": media_type, "document": base64(document) }));
        let (status, answer) = ask(&office.app, format, &request).await;
        assert_eq!(status, StatusCode::OK, "{format}: {answer}");
        let report = verified(&office.app, json!({ "document": answer["document"] })).await;
        assert_eq!(report["decision"], "accepted", "{format}: {report}");
        assert_eq!(report["format"], format);
        assert_eq!(report["signatures"][0]["covers"], covers);
    }
}

#[tokio::test]
async fn one_signature_more_leaves_the_first_as_it_was() {
    let office =
        open(Setting::of(vec![holder("head", "legal-head-valid"), holder("second", "right-to-sign-valid")])).await;
    let (_, first) = ask(&office.app, "k1", &licence()).await;
    let request = with(licence(), json!({ "document": first["document"], "add": true, "official": "second" }));
    let (status, both) = ask(&office.app, "k2", &request).await;
    assert_eq!(status, StatusCode::OK, "{both}");
    let report = verified(&office.app, json!({ "document": both["document"] })).await;
    assert_eq!(report["decision"], "accepted", "{report}");
    assert_eq!(report["signatures"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_document_that_carries_a_signature_of_the_same_official_inside_is_signed_and_the_new_one_is_checked() {
    let office = open(Setting::of(vec![holder("head", "legal-head-valid")])).await;
    let xml = json!({ "format": "xml", "media_type": "application/xml", "document": base64("<licence/>") });
    let (status, inner) = ask(&office.app, "inner", &with(licence(), xml)).await;
    assert_eq!(status, StatusCode::OK, "{inner}");
    let inner = String::from_utf8(bytes(&inner)).unwrap();
    let soap = format!(
        "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Header/><s:Body>{inner}</s:Body></s:Envelope>"
    );
    let wsse = json!({ "format": "wsse", "media_type": "text/xml", "document": base64(soap) });
    let (status, answer) = ask(&office.app, "outer", &with(licence(), wsse)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    // WS-Security has no signed properties, the signature inside has: it is the new one that was looked at.
    assert_eq!(answer["level"], "bare");
}

#[tokio::test]
async fn of_several_keys_the_newest_that_is_good_signs() {
    let keys = vec![
        held("revoked", identity("legal-head-revoked")),
        held("good", identity("legal-head-valid")),
        held("later", identity("individual-not-yet-valid")),
    ];
    let office = open(Setting::of(vec![official("head", keys)])).await;
    let (status, answer) = ask(&office.app, "k1", &licence()).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(answer["certificate"], base64(certificate("legal-head-valid")));
    let entry = &events(&office.app).await[0];
    assert_eq!(entry["details"]["key"], "good", "{entry}");
}

#[tokio::test]
async fn the_register_tells_who_signs_what_and_until_when() {
    let office = open(Setting::of(vec![holder("head", "legal-head-valid")])).await;
    ask(&office.app, "k1", &licence()).await;
    let (status, answer) = get(&office.app, "/v1/officials").await;
    assert_eq!(status, StatusCode::OK);
    let official = &answer["officials"][0];
    assert_eq!(official["id"], "head");
    assert_eq!(official["keys"][0]["state"], "good");
    assert!(official["signs_until"].as_str().unwrap().starts_with("2049-12-31"), "{official}");
    assert!(!answer.to_string().contains("580922"), "no number of a person: {answer}");
}

#[tokio::test]
async fn a_document_larger_than_memory_allows_is_signed_as_a_stream() {
    let office = open(Setting::of(vec![holder("head", "legal-head-valid")])).await;
    let document: Vec<u8> = (0..9_000_003_u32).map(|index| (index % 251) as u8).collect();
    let mut question = licence();
    question.as_object_mut().unwrap().remove("document");
    let mut body = format!(
        "--b\r\ncontent-disposition: form-data; name=\"request\"\r\n\r\n{question}\r\n--b\r\ncontent-disposition: form-data; \
         name=\"document\"\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(&document);
    body.extend_from_slice(b"\r\n--b--\r\n");
    let asked = || {
        let request = Request::post(PATH).header("content-type", "multipart/form-data; boundary=b");
        request.header("idempotency-key", "large").body(Body::from(body.clone())).unwrap()
    };
    let (status, answer) = answered(&office.app, asked()).await;
    assert_eq!(status, StatusCode::OK);
    let signed = bytes(&answer);
    assert!(signed.windows(64).any(|window| window == &document[..64]), "the content is inside");
    let (_, again) = answered(&office.app, asked()).await;
    assert_eq!(again["replayed"], true);
    assert!(bytes(&again) == signed, "the same octets again, from the disk");
    let left: Vec<_> = std::fs::read_dir(office.folder.path().join("answers")).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
}
