//! Every key that may be written, with its default: the reference and the judge of unknown keys.

/// A key of the configuration.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// Dotted name; `[]` stands for each table of an array of tables.
    pub name: &'static str,
    /// The default in TOML, or a description of it.
    pub default: &'static str,
    /// What it does.
    pub help: &'static str,
}

const fn key(name: &'static str, default: &'static str, help: &'static str) -> Key {
    Key { name, default, help }
}

/// Every key, by section.
pub const KEYS: &[Key] = &[
    key("http.listen", "\"127.0.0.1:8080\"", "address and port to listen on"),
    key("http.hosts", "[]", "names it is called by; none: any where clients are known, else localhost and addresses"),
    key("http.max_body_bytes", "1048576", "largest request body in bytes"),
    key("http.max_json_document_bytes", "33554432", "largest request body with documents inside, in bytes"),
    key("http.max_document_bytes", "4294967296", "largest document or content sent as multipart/form-data, in bytes"),
    key("http.document_memory_bytes", "536870912", "memory for documents of all requests together, in bytes"),
    key("http.answer_memory_bytes", "67108864", "memory for answers on their way of all requests together, in bytes"),
    key(
        "http.document_disk_bytes",
        "four times http.max_document_bytes",
        "disk for documents of all requests together, in bytes; more are answered 503",
    ),
    key("http.uploads", "16", "requests at once that write documents to the disk"),
    key("http.request_timeout_ms", "10000", "time for one request, its body included"),
    key("http.concurrency", "512", "requests worked on at once; more are answered 503"),
    key(
        "http.concurrency_per_client",
        "three quarters of http.concurrency",
        "of these, those of one client or address; more are answered 429",
    ),
    key("http.connections", "4096", "connections held open at once; for more, idle ones make room"),
    key(
        "http.connections_per_address",
        "three quarters of http.connections",
        "of these, those from one address of IPv4 or one /64 of IPv6",
    ),
    key("http.streams", "100", "requests at once on one HTTP/2 connection"),
    key("http.stall_timeout_ms", "30000", "time in which a peer has to take some of an answer"),
    key("http.header_read_timeout_ms", "10000", "time for the head of a request to arrive"),
    key("http.keep_alive_timeout_ms", "30000", "time for which a connection without a request is kept"),
    key("http.shutdown_grace_ms", "10000", "time for running requests to end at shutdown"),
    key("tls.certificate", "(no TLS)", "PEM file with the service's certificate and those of intermediate authorities"),
    key("tls.key", "(no TLS)", "PEM file with its private key, not encrypted"),
    key("tls.client_roots", "[]", "PEM files with the authorities of clients' certificates; none: none is asked for"),
    key("tls.client_certificates", "\"optional\"", "whether clients have to show a certificate: optional or required"),
    key("tls.handshake_timeout_ms", "10000", "longest time for a TLS handshake"),
    key("access.allow_unprotected", "false", "listen beyond the loopback address without TLS or without clients"),
    key(
        "access.protect_pages",
        "false",
        "whether pages and the description of the interface are for clients only, too",
    ),
    key(
        "access.tokens",
        "(none)",
        "file with further tokens: client, SHA-256 and expiry a line; read again when it changes",
    ),
    key("access.client[].name", "(required)", "name of a client in log, metrics and journal"),
    key("access.client[].roles", "(required)", "what it may: portal, e-licensing, official, auditor, operator"),
    key("access.client[].token_sha256", "[]", "SHA-256 of its tokens, as rastau token new prints them"),
    key("access.client[].certificates", "[]", "its certificates: sha256:…, key-sha256:… or subject:…"),
    key("access.client[].rate_per_second", "(no limit)", "requests a second that are answered in the long run"),
    key("access.client[].burst", "(rate_per_second)", "requests at once after a pause"),
    key("access.client[].expires", "(never)", "when it ceases to be a client, RFC 3339"),
    key("data.directory", "$XDG_STATE_HOME/rastau or ~/.local/state/rastau", "folder for what the service keeps"),
    key("trust.anchors", "[]", "files and folders with trust anchors"),
    key("trust.anchor[].path", "(required)", "one file or folder with trust anchors"),
    key("trust.anchor[].purposes", "[\"certificates\", \"timestamps\"]", "what they are trusted for"),
    key("trust.intermediates", "[]", "files and folders with intermediate certificates"),
    key("trust.demo", "true without a file and anchors, else false", "trust the demo anchors, whose keys are public"),
    key("revocation.mode", "\"required\"", "required, if-available or off"),
    key(
        "revocation.order",
        "\"crl-then-ocsp\"",
        "which evidence in which order: crl, ocsp, crl-then-ocsp, ocsp-then-crl",
    ),
    key(
        "revocation.fetch_hosts",
        "[]",
        "hosts that addresses in verified certificates may lead to; \".x.kz\" is every host below x.kz",
    ),
    key("revocation.lists", "[]", "lists: files, folders or URLs"),
    key("revocation.list[].path", "(path or urls)", "file or folder of one list"),
    key("revocation.list[].urls", "(path or urls)", "mirrors of one list"),
    key("revocation.list[].delta", "false", "whether it is a delta list"),
    key("revocation.refresh_s", "21600", "longest time between two looks for a newer list"),
    key("revocation.retry_s", "60", "wait after a failed fetch"),
    key("revocation.tls_roots", "[]", "PEM files with the roots that https addresses of lists are checked against"),
    key("revocation.max_list_bytes", "335544320", "largest list in bytes"),
    key("ocsp.responder[].urls", "(required)", "mirrors of one responder"),
    key("ocsp.responder[].issuers", "[]", "certificates of the authorities it speaks for; none: all of them"),
    key(
        "ocsp.timeout_ms",
        "3000",
        "longest time that one request waits for responders; less than http.request_timeout_ms",
    ),
    key("ocsp.max_age_s", "600", "how long a response counts that does not say itself"),
    key("ocsp.nonce", "\"require\"", "what is asked of the nonce in an answer: require, if-echoed or off"),
    key("policy.strict_identity_numbers", "false", "whether a failing check digit is an error instead of a warning"),
    key("policy.default_language", "\"ru\"", "language of messages when the request names none: kk, ru or en"),
    key("policy.reading", "\"operational\"", "how the rules are read: operational or strict-letter"),
    key("submissions.same_signer", "true", "whether one person has to sign every document of a submission"),
    key("submissions.max_attachments", "100", "most attachments of a submission"),
    key("submissions.centre[].bins", "(required)", "BINs of a centre of the State corporation"),
    key(
        "submissions.centre[].roles",
        "[\"employee\", \"head\", \"right-to-sign\"]",
        "roles of those who enter submissions there",
    ),
    key("submissions.provider[].bins", "(required)", "BINs of a provider"),
    key(
        "submissions.provider[].roles",
        "[\"employee\", \"head\", \"right-to-sign\"]",
        "roles of those who enter submissions there",
    ),
    key("signing.key[].id", "(required)", "the name that officials are given the key by"),
    key("signing.key[].pkcs12", "(or pkcs8, pkcs11_module)", "PKCS#12 container with the key and its certificate"),
    key("signing.key[].pkcs8", "(or pkcs12, pkcs11_module)", "PKCS#8 file with the key, PEM or DER, encrypted or not"),
    key("signing.key[].alias", "(the only key)", "which key of a container with several"),
    key("signing.key[].certificate", "(with pkcs8)", "file with the certificate of the key"),
    key("signing.key[].pkcs11_module", "(or pkcs12, pkcs8)", "library of the token or HSM"),
    key("signing.key[].pkcs11_token", "(the only token)", "label or serial number of the token"),
    key("signing.key[].pkcs11_key", "(the only key)", "label or identifier of the key in the token"),
    key("signing.key[].password_file", "(none)", "file whose first line is the password or PIN"),
    key("signing.key[].password_variable", "(none)", "environment variable with the password or PIN"),
    key("signing.key[].password_prompt", "false", "ask for the password or PIN at the terminal"),
    key("signing.key[].password", "(refused)", "passwords do not belong into a configuration"),
    key("signing.official[].id", "(required)", "the name that requests give"),
    key("signing.official[].keys", "(required)", "ids of the keys; of several that are good the newest signs"),
    key("signing.official[].iin", "(iin, bin or system)", "IIN that the certificates have to carry"),
    key("signing.official[].bin", "(iin, bin or system)", "BIN that the certificates have to carry"),
    key("signing.official[].role", "(none)", "role that the certificates have to have"),
    key("signing.official[].system", "(iin, bin or system)", "UID of the digital system that holds the keys"),
    key("signing.official[].kinds", "(required)", "kinds of documents: licence, annex, reissue, duplicate, refusal"),
    key("signing.official[].services", "(required)", "slugs of services; \"*\" for all"),
    key("signing.official[].media_types", "[\"*\"]", "media types of documents; \"*\" for all"),
    key("signing.official[].from", "(always)", "first moment of office, RFC 3339"),
    key("signing.official[].until", "(always)", "last moment of office, RFC 3339"),
    key("signing.official[].second_person", "false", "whether another client has to approve every signature"),
    key("signing.without_timestamp", "\"fail\"", "when no timestamp can be had: fail or sign-without"),
    key("signing.approval_s", "86400", "how long a request waits for a second person"),
    key("signing.answers_days", "30", "how long answers are kept for clients that ask again"),
    key("signing.answers_bytes", "21474836480", "disk for kept answers larger than 1 MiB, in bytes"),
    key("signing.max_document_bytes", "2147483648", "largest document that is signed, in bytes"),
    key("timestamp.urls", "[]", "timestamp authorities (RFC 3161), asked in this order"),
    key("timestamp.policy", "(the authority's)", "policy asked for, an object identifier"),
    key("timestamp.timeout_ms", "5000", "longest time for one timestamp, all authorities together"),
    key("journal.enabled", "true", "whether decisions and signatures are written down"),
    key("journal.directory", "journal in data.directory", "folder of the journal"),
    key("journal.checks", "\"buffered\"", "certificate checks are written buffered, durable or off"),
    key("journal.plain_identities", "false", "write identity numbers in plain instead of as keyed hashes"),
    key("journal.checkpoint_entries", "1000", "entries between two signed checkpoints, at most"),
    key("journal.checkpoint_s", "300", "seconds between two signed checkpoints, at most"),
    key("journal.timestamp_checkpoints", "false", "whether checkpoints are timestamped"),
    key("algorithms.file", "(embedded table)", "rows over the table of accepted algorithms, docs/ALGORITHMS.md"),
    key("services.file", "(embedded table)", "the table of services and who may apply"),
    key("cache.certificates", "16777216", "memory for parsed certificates, in bytes, roughly"),
    key("cache.paths", "6291456", "memory for verified paths, in bytes, roughly"),
    key("log.level", "\"info\"", "error, warn, info, debug, trace, or a list as rastau=debug,info"),
    key("log.format", "\"text\"", "text or json"),
];

/// Whether `name` (with `[]` for array elements) is a key.
pub(super) fn is_key(name: &str) -> bool {
    KEYS.iter().any(|key| key.name == name)
}

/// The key that a misspelt one most likely meant: the nearest by edits, if near enough.
pub(super) fn nearest(name: &str) -> Option<&'static str> {
    let last = |text: &str| text.rsplit('.').next().unwrap_or_default().to_owned();
    KEYS.iter()
        .map(|key| (edits(name, key.name).min(1 + edits(&last(name), &last(key.name))), key.name))
        .min()
        // A third of the letters wrong is another word.
        .filter(|(distance, _)| *distance <= 3 && *distance * 3 <= name.chars().count())
        .map(|(_, name)| name)
}

/// Levenshtein distance over at most 64 characters: keys are no longer.
fn edits(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().take(64).enumerate() {
        let mut diagonal = i;
        let mut before = i + 1;
        for (cell, b) in row.iter_mut().skip(1).zip(&right) {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = *cell;
            *cell = replaced.min(diagonal + 1).min(before + 1);
            before = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspelt_keys_find_the_one_that_was_meant() {
        for (wrong, meant) in [
            ("http.listn", Some("http.listen")),
            ("server.listen", Some("http.listen")),
            ("trust.anchor", Some("trust.anchors")),
            ("cache.path", Some("cache.paths")),
            ("completely.different_thing", None),
        ] {
            assert_eq!(nearest(wrong), meant, "{wrong}");
        }
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("kitten", "sitting"), 3);
    }
}
