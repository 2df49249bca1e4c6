"""Validates PDF files with pyHanko, for tests/it/pdf/making/other_software.rs. Usage: validate_with_pyhanko.py DIRECTORY

DIRECTORY has root.cer and files NAME.pdf. Those of which the name contains «lt» must hold with nothing but what their document
security store has, revocation proved for every certificate. Prints a line a signature: file, field, verdict.
"""

import datetime
import pathlib
import sys

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import DocumentSecurityStore, validate_pdf_signature, validate_pdf_timestamp
from pyhanko_certvalidator import ValidationContext


def verdict(status, is_stamp):
    if not (status.valid and status.trusted if is_stamp else status.bottom_line):
        return "refused: " + status.summary()
    parts = ["valid", status.coverage.name.lower()]
    if status.modification_level not in (None, ModificationLevel.NONE):
        parts.append(status.modification_level.name.lower())
    stamp = getattr(status, "timestamp_validity", None)
    if stamp is not None:
        parts.append("stamped" if stamp.valid and stamp.trusted else "stamp refused")
    return " ".join(parts)


def main(directory):
    root = x509.Certificate.load((directory / "root.cer").read_bytes())
    moment = datetime.datetime(2026, 11, 23, tzinfo=datetime.timezone.utc)
    settings = {"trust_roots": [root], "allow_fetching": False, "moment": moment}
    for path in sorted(directory.glob("*.pdf")):
        with path.open("rb") as file:
            reader = PdfFileReader(file)
            for signature in reader.embedded_signatures:
                if "lt" in path.stem:
                    store = DocumentSecurityStore.read_dss(reader)
                    context = store.as_validation_context({"revocation_mode": "require", **settings})
                else:
                    context = ValidationContext(**settings)
                is_stamp = signature.sig_object.get("/Type") == "/DocTimeStamp"
                validate = validate_pdf_timestamp if is_stamp else validate_pdf_signature
                try:
                    print(path.stem, signature.field_name, verdict(validate(signature, context), is_stamp))
                except Exception as error:
                    print(path.stem, signature.field_name, f"error: {type(error).__name__}: {error}")


main(pathlib.Path(sys.argv[1]))
