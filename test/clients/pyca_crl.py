"""Reads a CRL with Python's cryptography, and lets pyHanko's certvalidator validate certificates by it and a delta.

pyca_crl.py CA.pem CRL DELTA LEAF.pem... prints what each says: cryptography by the CRL alone.
"""
import asyncio
import sys

from asn1crypto import pem, x509 as asn1_x509
from cryptography import x509
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import RevokedError


def octets(file):
    with open(file, "rb") as opened:
        return opened.read()


def cryptography_says(crl, ca, leaf):
    if not crl.is_signature_valid(ca.public_key()):
        return "bad signature"
    entry = crl.get_revoked_certificate_by_serial_number(leaf.serial_number)
    if entry is None:
        return "good"
    reasons = [one.value.reason.value for one in entry.extensions if one.oid == x509.CRLReason.oid]
    return " ".join(["revoked", *reasons])


def certvalidator_says(crls, ca, leaf):
    certificates = [asn1_x509.Certificate.load(pem.unarmor(one)[2]) for one in (ca, leaf)]
    context = ValidationContext(
        trust_roots=certificates[:1], crls=crls, allow_fetching=False, revocation_mode="hard-fail"
    )
    validator = CertificateValidator(certificates[1], validation_context=context)
    try:
        asyncio.run(validator.async_validate_usage(set()))
        return "good"
    except RevokedError as error:
        return f"revoked {error.reason.native}"


ca_pem, *crls = map(octets, sys.argv[1:4])
for file in sys.argv[4:]:
    leaf_pem = octets(file)
    parsed = [x509.load_pem_x509_certificate(one) for one in (ca_pem, leaf_pem)]
    print("cryptography:", cryptography_says(x509.load_der_x509_crl(crls[0]), *parsed))
    print("certvalidator:", certvalidator_says(crls, ca_pem, leaf_pem))
