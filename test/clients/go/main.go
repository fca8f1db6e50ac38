// Asks an OCSP responder as Go programs do, with x/crypto/ocsp: main URL CA.pem METHOD LEAF.pem...
// Prints what it says of each certificate, a line each.
package main

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"
	"os"

	"golang.org/x/crypto/ocsp"
)

func main() {
	log.SetFlags(0)
	responder, method := os.Args[1], os.Args[3]
	ca := certificate(os.Args[2])
	for _, file := range os.Args[4:] {
		leaf := certificate(file)
		fmt.Println(status(responder, method, leaf, ca))
	}
}

func status(responder, method string, leaf, ca *x509.Certificate) string {
	request, err := ocsp.CreateRequest(leaf, ca, &ocsp.RequestOptions{Hash: crypto.SHA256})
	check(err)
	answer, err := ocsp.ParseResponseForCert(exchange(responder, method, request), leaf, ca)
	check(err)
	switch answer.Status {
	case ocsp.Good:
		return "good"
	case ocsp.Revoked:
		return fmt.Sprintf("revoked %d", answer.RevocationReason)
	}
	return "unknown"
}

func exchange(responder, method string, request []byte) []byte {
	var response *http.Response
	var err error
	if method == "GET" {
		path := url.PathEscape(base64.StdEncoding.EncodeToString(request))
		response, err = http.Get(responder + "/" + path)
	} else {
		response, err = http.Post(responder, "application/ocsp-request", bytes.NewReader(request))
	}
	check(err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	check(err)
	return body
}

func certificate(file string) *x509.Certificate {
	text, err := os.ReadFile(file)
	check(err)
	block, _ := pem.Decode(text)
	parsed, err := x509.ParseCertificate(block.Bytes)
	check(err)
	return parsed
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
