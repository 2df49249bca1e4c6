//! The README of `testdata/demo/`, made from what is there, so that no file goes unexplained.

use std::fmt::Write as _;

use crate::authorities::Authorities;
use crate::cases::Case;
use crate::documents::Document;
use crate::leaves::{self, Leaf};
use crate::lists::List;

const HEAD: &str = "# The demo certificates, lists and cases

Made by `cargo run --release --example demo-pki`, this page too; `-- --check` says whether anything was changed by hand.
The trust anchors and issuing CAs they rest on are in `certs/`. All private keys are public, all names and numbers are
invented. Good certificates are valid from 2022-01-01 to 2049-12-31; good lists from 2026-01-01 to 2049-12-31.

IINs: seventh digit 1 or 2, born in the nineteenth century, so that no living person has one. BINs: registered in the
sixties, before the Republic or after these certificates lapse. Check digits are correct.
";

pub fn demo(
    authorities: &Authorities,
    leaves: &[Leaf],
    lists: &[List],
    documents: &[Document],
    cases: &[Case],
) -> String {
    let mut page = HEAD.to_owned();
    let numbers = [
        ("the individual", leaves::holder()),
        ("another individual", leaves::other_holder()),
        ("the head of the organisation", leaves::head()),
        ("the organisation", leaves::organisation()),
        ("another organisation", leaves::other_organisation()),
    ];
    page.push_str("\n| who | number |\n|---|---|\n");
    for (who, number) in numbers {
        let _ = writeln!(page, "| {who} | {number} |");
    }
    page.push_str("\n## Authorities\n\n| file | what it is |\n|---|---|\n");
    for document in authorities.documents() {
        let _ = writeln!(page, "| `{}` | {} |", document.path, document.what);
    }
    page.push_str("\n## Certificates\n\n| file | what it is, and what is odd |\n|---|---|\n");
    for leaf in leaves {
        let _ = writeln!(page, "| `{}.pem` | {} |", leaf.name, leaf.what);
    }
    page.push_str("| `official.key` | the private key of `official.pem`: PKCS#8, in PEM, not encrypted |\n");
    page.push_str("\n## Lists\n\n| file | what it is, and what is odd |\n|---|---|\n");
    for list in lists {
        let _ = writeln!(page, "| `{}.crl` | {} |", list.name, list.what);
    }
    page.push_str("\n## Signed documents\n\n| file | what it is |\n|---|---|\n");
    for document in documents {
        let _ = writeln!(page, "| `{}` | {} |", document.name, document.what);
    }
    page.push_str(
        "\n## Cases\n\n`cases.json` asks a question about each; this is its summary. The integration tests run it.\n\n\
         | case | certificate | expected | why |\n|---|---|---|---|\n",
    );
    for case in cases {
        page.push_str(&case.row());
        page.push('\n');
    }
    page
}
