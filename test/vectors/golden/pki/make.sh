#!/bin/sh
# Makes the throw-away CAs and OCSP signers of the golden vectors. Run once, with OpenSSL 3: what it makes
# is committed, and ../make.ts takes the keys as they are. New keys change every golden vector.
set -eu
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT

cat > "$scratch/openssl.cnf" <<END
[req]
distinguished_name = name
string_mask = utf8only
[name]
[golden]
database = $scratch/index.txt
new_certs_dir = $scratch
default_md = sha256
default_startdate = 20200101000000Z
default_enddate = 21200101000000Z
policy = any
rand_serial = yes
[any]
countryName = optional
organizationName = optional
commonName = supplied
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

sign() {
  : > "$scratch/index.txt"
  openssl ca -batch -notext -utf8 -config "$scratch/openssl.cnf" -name golden \
    -in "$scratch/request.pem" "$@"
}

make() {
  kind=$1
  shift
  for owner in ca ocsp; do openssl genpkey -quiet "$@" -out "$kind-$owner.key"; done
  request="openssl req -new -utf8 -config $scratch/openssl.cnf -out $scratch/request.pem"
  $request -key "$kind-ca.key" -subj "/C=VN/O=Đơn vị thử nghiệm/CN=Golden $kind"
  sign -selfsign -keyfile "$kind-ca.key" -extensions ca -out "$kind-ca.pem"
  $request -key "$kind-ocsp.key" -subj "/C=VN/CN=Golden $kind OCSP"
  sign -cert "$kind-ca.pem" -keyfile "$kind-ca.key" -extensions ocsp \
    -out "$kind-ocsp.pem"
}

make ec -algorithm EC -pkeyopt ec_paramgen_curve:P-256
make rsa -algorithm RSA -pkeyopt rsa_keygen_bits:2048
chmod 644 ./*.key
