"""Signs PDF files with pyHanko, for tests/it/pdf/other_software.rs. Usage: sign_with_pyhanko.py DIRECTORY

Makes its own authority, list of revoked certificates and timestamp authority, so that nothing is fetched.
"""

import datetime
import io
import pathlib
import sys

from asn1crypto import crl as asn1_crl
from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.content import RawContent
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.layout import BoxConstraints
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.pdf_utils import generic
from pyhanko.sign import fields, signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
DAY = datetime.timedelta(days=1)


def name(text):
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def key():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def certificate(subject, own_key, issuer, issuer_key, authority=False, usage=None):
    builder = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(own_key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - DAY)
        .not_valid_after(NOW + 365 * DAY)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not authority,
                content_commitment=not authority and usage is None,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=authority,
                crl_sign=authority,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
    )
    if usage is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=True)
    return builder.sign(issuer_key, hashes.SHA256())


def der(thing):
    return thing.public_bytes(serialization.Encoding.DER)


def asn1_key(private):
    octets = private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return asn1_keys.PrivateKeyInfo.load(octets)


def page(stream_xrefs):
    writer = PdfFileWriter(stream_xrefs=stream_xrefs)
    content = RawContent(b"BT ET 10 10 100 100 re f", box=BoxConstraints(width=500, height=500))
    stream = writer.add_object(generic.StreamObject(stream_data=content.render()))
    writer.insert_page(PageObject(contents=stream, media_box=generic.ArrayObject(map(generic.NumberObject, (0, 0, 500, 500)))))
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def main(directory):
    ca_key, anna_key, boris_key, tsa_key = key(), key(), key(), key()
    ca = certificate("pyHanko tests", ca_key, "pyHanko tests", ca_key, authority=True)
    anna = certificate("Anna", anna_key, "pyHanko tests", ca_key)
    boris = certificate("Boris", boris_key, "pyHanko tests", ca_key)
    tsa = certificate("TSA", tsa_key, "pyHanko tests", ca_key, usage=ExtendedKeyUsageOID.TIME_STAMPING)
    crl = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(name("pyHanko tests"))
        .last_update(NOW - DAY)
        .next_update(NOW + 30 * DAY)
        .add_extension(x509.CRLNumber(1), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    for file, thing in (("anna.cer", anna), ("boris.cer", boris), ("tsa.cer", tsa), ("ca.cer", ca)):
        (directory / file).write_bytes(der(thing))
    (directory / "list.crl").write_bytes(der(crl))

    parsed = {file: asn1_x509.Certificate.load(der(c)) for file, c in (("ca", ca), ("anna", anna), ("boris", boris), ("tsa", tsa))}
    store = SimpleCertificateStore()
    store.register(parsed["ca"])
    signer = lambda who, private: signers.SimpleSigner(
        signing_cert=parsed[who], signing_key=asn1_key(private), cert_registry=store
    )
    stamper = DummyTimeStamper(tsa_cert=parsed["tsa"], tsa_key=asn1_key(tsa_key), certs_to_embed=store)
    context = lambda: ValidationContext(
        trust_roots=[parsed["ca"]],
        crls=[asn1_crl.CertificateList.load(der(crl))],
        allow_fetching=False,
        revocation_mode="hard-fail",
    )

    def sign(octets, who, private, field, stamp=None, **settings):
        writer = IncrementalPdfFileWriter(io.BytesIO(octets))
        metadata = signers.PdfSignatureMetadata(field_name=field, md_algorithm="sha256", **settings)
        output = signers.sign_pdf(writer, metadata, signer=signer(who, private), timestamper=stamp)
        return output.getvalue()

    save = lambda file, octets: (directory / file).write_bytes(octets)
    pades = {"subfilter": SigSeedSubFilter.PADES}
    for kind, streams in (("table", False), ("stream", True)):
        plain = page(streams)
        once = sign(plain, "anna", anna_key, "First", **pades)
        save(f"{kind}-b.pdf", once)
        save(f"{kind}-adobe.pdf", sign(plain, "anna", anna_key, "First", subfilter=SigSeedSubFilter.ADOBE_PKCS7_DETACHED))
        save(f"{kind}-t.pdf", sign(plain, "anna", anna_key, "First", stamp=stamper, **pades))
        long = {"embed_validation_info": True, "validation_context": context(), **pades}
        save(f"{kind}-lt.pdf", sign(plain, "anna", anna_key, "First", stamp=stamper, **long))
        save(f"{kind}-lta.pdf", sign(plain, "anna", anna_key, "First", stamp=stamper, use_pades_lta=True, **long))
        save(f"{kind}-two.pdf", sign(once, "boris", boris_key, "Second", **pades))

        empty = IncrementalPdfFileWriter(io.BytesIO(plain))
        fields.append_signature_field(empty, fields.SigFieldSpec("First", box=(10, 10, 200, 60)))
        output = io.BytesIO()
        empty.write(output)
        prepared = sign(output.getvalue(), "boris", boris_key, "Other", **pades)
        save(f"{kind}-visible.pdf", sign(prepared, "anna", anna_key, "First", **pades))

        changed = IncrementalPdfFileWriter(io.BytesIO(once))
        more = changed.add_object(generic.StreamObject(stream_data=b"0 0 500 500 re f"))
        changed.add_stream_to_page(0, more)
        output = io.BytesIO()
        changed.write(output)
        save(f"{kind}-changed.pdf", output.getvalue())


main(pathlib.Path(sys.argv[1]))
