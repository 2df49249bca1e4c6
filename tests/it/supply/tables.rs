//! Unsafe code of dependencies through which bytes of strangers go, counted.

use std::fmt::Write as _;

use super::tokens::{count, files};
use super::{GRAPH, Name, documented};

/// Crate, and what of a stranger it sees.
const EXPOSED: &[(&str, &str)] = &[
    ("aes", "key containers"),
    ("asn1-rs", "certificates, lists"),
    ("axum", "requests"),
    ("base64", "documents, certificates and tokens in requests"),
    ("brotli-decompressor", "streams of PDF documents that ask for it"),
    ("bytes", "requests, answers"),
    ("cbc", "key containers"),
    ("crc32fast", "containers"),
    ("cryptoki", "what a token answers; the operator's, calls into C"),
    ("der", "signed documents, OCSP, timestamps, key containers"),
    ("der-parser", "certificates, lists"),
    ("des", "key containers"),
    ("encoding_rs", "texts in PDF documents"),
    ("flate2", "PDF streams, containers"),
    ("gost94", "what is hashed"),
    ("h2", "HTTP/2"),
    ("hashbrown", "objects of PDF documents, names in containers, headers, addresses of clients"),
    ("http", "headers, addresses"),
    ("httparse", "HTTP/1"),
    ("hyper", "HTTP"),
    ("hyper-util", "HTTP"),
    ("idna", "addresses in certificates, redirections"),
    ("libsqlite3-sys", "values of the journal; C"),
    ("lopdf", "PDF documents"),
    ("memchr", "requests, documents"),
    ("memmap2", "stored indexes"),
    ("miniz_oxide", "PDF streams, containers"),
    ("nom", "certificates (7), PDF documents (8)"),
    ("num-bigint", "integers of certificates, RSA over digests"),
    ("percent-encoding", "addresses"),
    ("pkcs5", "key containers"),
    ("rc2", "key containers"),
    ("reqwest", "answers of lists, OCSP, TSA"),
    ("ring", "keys, signatures, TLS; assembly and C"),
    ("rustls", "TLS"),
    ("rustls-webpki", "certificates of TLS clients"),
    ("scrypt", "key containers"),
    ("serde_json", "requests"),
    ("sha1", "key containers"),
    ("sha2", "key containers"),
    ("simd-adler32", "PDF streams"),
    ("simdutf8", "texts in PDF documents"),
    ("smallvec", "headers, texts"),
    ("sqlx-sqlite", "values of the journal; calls into C"),
    ("streebog", "what is hashed"),
    ("time", "times in certificates"),
    ("tokio", "sockets"),
    ("toml", "configuration; the operator's"),
    ("tower-http", "requests"),
    ("twox-hash", "stored indexes"),
    ("uppsala", "XML documents"),
    ("url", "addresses in certificates, redirections"),
    ("weezl", "PDF streams (LZW)"),
    ("x509-parser", "certificates, lists"),
    ("zip", "containers"),
];

/// The word in the sources of a package, tests in them included, and lines of those sources.
fn measure(name: &Name) -> (usize, usize) {
    let sources = files(&GRAPH.all[name].folder.join("src"));
    // Some packages carry texts in other encodings as test data.
    let texts = sources.iter().map(|file| String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned());
    texts.fold((0, 0), |(places, lines), text| (places + count(&text), lines + text.lines().count()))
}

#[test]
fn unsafe_code_that_strangers_reach_is_counted() {
    if !cfg!(all(target_arch = "x86_64", target_os = "linux")) {
        eprintln!("skipped: the tables are those of x86-64 Linux");
        return;
    }
    let mut text = String::from("\n| crate | version | sees | `unsafe` | lines |\n|---|---|---|---|---|\n");
    for (name, sees) in EXPOSED {
        let versions: Vec<&Name> = GRAPH.shipped.iter().filter(|(shipped, _)| shipped == name).collect();
        assert!(!versions.is_empty(), "{name} is not shipped any more");
        for package in versions {
            let (places, lines) = measure(package);
            let _ = writeln!(text, "| `{name}` | {} | {sees} | {places} | {lines} |", package.1);
        }
    }
    let _ = writeln!(
        text,
        "\n{} packages are linked into the program; {} more run while it is built.\n",
        GRAPH.shipped.len(),
        GRAPH.building.len()
    );
    documented("docs/SUPPLY-CHAIN.md", "the count", &text);
}
