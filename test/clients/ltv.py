"""Signs a PDF with pyHanko up to PAdES-LTA, so that it carries what the responder named in the signer's
certificate says (ETSI EN 319 142-1), then judges it with nothing but what it carries.

ltv.py CA.pem LEAF.pem LEAF.key prints the outcome, and how many OCSP answers the PDF has.
"""
import asyncio
import datetime
import io
import sys

from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from pyhanko.keys import (
    load_cert_from_pemder,
    load_private_key_from_pemder,
    load_private_key_from_pemder_data,
)
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PageObject, PdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation import DocumentSecurityStore, policy_decl
from pyhanko.sign.validation.ades import ades_lta_validation
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.context import CertValidationPolicySpec
from pyhanko_certvalidator.policy_decl import REQUIRE_REVINFO, CertRevTrustPolicy
from pyhanko_certvalidator.registry import SimpleCertificateStore, SimpleTrustManager


def timestamper():
    """A time stamping authority of our own; it is trusted itself, so nobody asks whether it is revoked."""
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "TSA")])
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder(name, name, key.public_key(), 77)
    builder = builder.not_valid_before(now - datetime.timedelta(days=1))
    builder = builder.not_valid_after(now + datetime.timedelta(days=365))
    usage = x509.ExtendedKeyUsage([x509.ExtendedKeyUsageOID.TIME_STAMPING])
    certificate = builder.add_extension(usage, critical=True).sign(key, hashes.SHA256())
    der = certificate.public_bytes(serialization.Encoding.DER)
    octets = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    own = asn1_x509.Certificate.load(der)
    return own, DummyTimeStamper(own, load_private_key_from_pemder_data(octets, None))


def blank_pdf():
    writer = PdfFileWriter()
    box = generic.ArrayObject(map(generic.NumberObject, (0, 0, 200, 200)))
    contents = writer.add_object(generic.StreamObject(stream_data=b""))
    writer.insert_page(PageObject(contents=contents, media_box=box))
    out = io.BytesIO()
    writer.write(out)
    return out


async def signed(roots, tsa, leaf_file, key_file):
    leaf = load_cert_from_pemder(leaf_file)
    key = load_private_key_from_pemder(key_file, None)
    context = ValidationContext(
        trust_roots=roots, allow_fetching=True, revocation_mode="require"
    )
    metadata = signers.PdfSignatureMetadata(
        field_name="Signature",
        subfilter=fields.SigSeedSubFilter.PADES,
        validation_context=context,
        embed_validation_info=True,
        use_pades_lta=True,
    )
    signer = signers.SimpleSigner(leaf, key, SimpleCertificateStore.from_certs(roots))
    pdf = IncrementalPdfFileWriter(blank_pdf())
    return await signers.PdfSigner(metadata, signer, timestamper=tsa).async_sign_pdf(pdf)


async def judged(roots, reader):
    spec = policy_decl.SignatureValidationSpec(
        CertValidationPolicySpec(
            SimpleTrustManager.build(roots), CertRevTrustPolicy(REQUIRE_REVINFO)
        ),
        policy_decl.RevocationInfoGatheringSpec(policy_decl.RevinfoOnlineFetchingRule.LOCAL_ONLY),
    )
    result = await ades_lta_validation(
        reader.embedded_regular_signatures[0], policy_decl.PdfSignatureValidationSpec(spec)
    )
    return result.ades_subindic


async def main(ca_file, leaf_file, key_file):
    own, tsa = timestamper()
    roots = [load_cert_from_pemder(ca_file), own]
    try:
        out = await signed(roots, tsa, leaf_file, key_file)
    except Exception as error:
        print(f"not signed: {error.__cause__ or error}")
        return
    reader = PdfFileReader(out)
    answers = DocumentSecurityStore.read_dss(reader).ocsps
    print(f"{await judged(roots, reader)}, {len(answers)} OCSP answers")


asyncio.run(main(*sys.argv[1:]))
