#!/bin/sh
# Makes the throw-away CAs and OCSP signers of the golden vectors. Run once, with OpenSSL 3: what it makes
# is committed, and ../make.ts takes the keys as they are. New keys change every golden vector.
set -eu
cd "$(dirname "$0")"

cat > openssl.cnf <<'END'
[req]
distinguished_name = name
string_mask = utf8only
[name]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, digitalSignature, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[ocsp]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = OCSPSigning
noCheck = ignored
authorityKeyIdentifier = keyid
subjectKeyIdentifier = hash
END

make() {
  kind=$1
  shift
  openssl genpkey -quiet "$@" -out "$kind-ca.key"
  openssl genpkey -quiet "$@" -out "$kind-ocsp.key"
  openssl req -x509 -new -config openssl.cnf -extensions ca -sha256 -days 36500 -utf8 \
    -key "$kind-ca.key" -subj "/C=VN/O=Đơn vị thử nghiệm/CN=Golden $kind" -out "$kind-ca.pem"
  openssl req -new -config openssl.cnf -key "$kind-ocsp.key" -subj "/C=VN/CN=Golden $kind OCSP" \
    -out request.pem
  openssl x509 -req -in request.pem -CA "$kind-ca.pem" -CAkey "$kind-ca.key" -sha256 -days 36499 \
    -set_serial 0x7e57 -extfile openssl.cnf -extensions ocsp -out "$kind-ocsp.pem"
}

make ec -algorithm EC -pkeyopt ec_paramgen_curve:P-256
make rsa -algorithm RSA -pkeyopt rsa_keygen_bits:2048
rm openssl.cnf request.pem
