"""Asks as programs with Python's cryptography do, then lets pyHanko's certvalidator judge the same answers.

pyca.py URL CA.pem METHOD LEAF.pem... prints what each says of each certificate.
"""
import asyncio
import base64
import sys
import urllib.parse
import urllib.request

from asn1crypto import ocsp as asn1_ocsp
from asn1crypto import pem, x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509 import ocsp
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import RevokedError


def exchange(url, method, request):
    if method == "GET":
        path = urllib.parse.quote(base64.b64encode(request), safe="")
        return urllib.request.urlopen(f"{url}/{path}").read()
    headers = {"Content-Type": "application/ocsp-request"}
    return urllib.request.urlopen(urllib.request.Request(url, request, headers)).read()


def cryptography_says(der, ca):
    answer = ocsp.load_der_ocsp_response(der)
    (signer,) = answer.certificates
    signer.verify_directly_issued_by(ca)
    algorithm = ec.ECDSA(answer.signature_hash_algorithm)
    signer.public_key().verify(answer.signature, answer.tbs_response_bytes, algorithm)
    if answer.certificate_status == ocsp.OCSPCertStatus.GOOD:
        return "good"
    return f"revoked {answer.revocation_reason.value}"


def certvalidator_says(der, ca_octets, leaf_octets):
    def certificate(octets):
        return asn1_x509.Certificate.load(pem.unarmor(octets)[2])

    context = ValidationContext(
        trust_roots=[certificate(ca_octets)],
        ocsps=[asn1_ocsp.OCSPResponse.load(der)],
        revocation_mode="require",
        allow_fetching=False,
    )
    try:
        validator = CertificateValidator(certificate(leaf_octets), validation_context=context)
        asyncio.run(validator.async_validate_usage({"digital_signature"}))
        return "good"
    except RevokedError as revoked:
        return f"revoked {revoked.reason.native}"


def main(url, ca_file, method, *leaf_files):
    ca_octets = open(ca_file, "rb").read()
    ca = x509.load_pem_x509_certificate(ca_octets)
    for leaf_file in leaf_files:
        leaf_octets = open(leaf_file, "rb").read()
        leaf = x509.load_pem_x509_certificate(leaf_octets)
        builder = ocsp.OCSPRequestBuilder().add_certificate(leaf, ca, hashes.SHA256())
        request = builder.build().public_bytes(serialization.Encoding.DER)
        der = exchange(url, method, request)
        print("cryptography:", cryptography_says(der, ca))
        print("certvalidator:", certvalidator_says(der, ca_octets, leaf_octets))


main(*sys.argv[1:])
