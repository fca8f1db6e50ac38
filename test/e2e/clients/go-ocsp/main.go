// Asks an OCSP responder with x/crypto/ocsp: CA LEAF URL HASH, and prints the status that it verified.
package main

import (
	"bytes"
	"crypto"
	_ "crypto/sha256"
	_ "crypto/sha512"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"

	"golang.org/x/crypto/ocsp"
)

var hashes = map[string]crypto.Hash{
	"sha1": crypto.SHA1, "sha256": crypto.SHA256, "sha384": crypto.SHA384, "sha512": crypto.SHA512,
}

func main() {
	ca, leaf := certificate(os.Args[1]), certificate(os.Args[2])
	request, err := ocsp.CreateRequest(leaf, ca, &ocsp.RequestOptions{Hash: hashes[os.Args[4]]})
	must(err)
	answer, err := http.Post(os.Args[3], "application/ocsp-request", bytes.NewReader(request))
	must(err)
	octets, err := io.ReadAll(answer.Body)
	must(err)
	response, err := ocsp.ParseResponseForCert(octets, leaf, ca)
	must(err)
	fmt.Println(map[int]string{ocsp.Good: "good", ocsp.Revoked: "revoked", ocsp.Unknown: "unknown"}[response.Status])
}

func certificate(file string) *x509.Certificate {
	octets, err := os.ReadFile(file)
	must(err)
	block, _ := pem.Decode(octets)
	parsed, err := x509.ParseCertificate(block.Bytes)
	must(err)
	return parsed
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
