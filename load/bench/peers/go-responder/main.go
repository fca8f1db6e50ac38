// An OCSP responder as one would write it in Go with net/http and golang.org/x/crypto/ocsp: it signs each
// answer when it is asked. What Vouch is measured against; no part of it.
//
//	go-responder ADDRESS CA.pem SIGNER.pem SIGNER.key index.txt
package main

import (
	"bufio"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"io"
	"log"
	"net/http"
	"os"
	"strings"
	"time"

	"golang.org/x/crypto/ocsp"
)

const (
	largestRequest = 4096
	validity       = 24 * time.Hour
	backdate       = 5 * time.Minute
)

type record struct {
	status    int
	revokedAt time.Time
}

type responder struct {
	issuer, signer *x509.Certificate
	key            crypto.Signer
	records        map[string]record
}

func main() {
	if len(os.Args) != 6 {
		log.Fatal("usage: go-responder ADDRESS CA.pem SIGNER.pem SIGNER.key index.txt")
	}
	r := &responder{
		issuer:  readCertificate(os.Args[2]),
		signer:  readCertificate(os.Args[3]),
		key:     readKey(os.Args[4]),
		records: readIndex(os.Args[5]),
	}
	// No ServeMux: it redirects paths with "//", which base64 may have.
	log.Fatal(http.ListenAndServe(os.Args[1], r))
}

func (r *responder) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	der, err := readRequest(request)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/ocsp-response")
	w.Write(r.answer(der))
}

func readRequest(request *http.Request) ([]byte, error) {
	if request.Method == http.MethodPost {
		return io.ReadAll(io.LimitReader(request.Body, largestRequest))
	}
	return base64.StdEncoding.DecodeString(strings.TrimPrefix(request.URL.Path, "/"))
}

func (r *responder) answer(der []byte) []byte {
	asked, err := ocsp.ParseRequest(der)
	if err != nil {
		return ocsp.MalformedRequestErrorResponse
	}
	found, known := r.records[string(asked.SerialNumber.Bytes())]
	if !known {
		return ocsp.UnauthorizedErrorResponse
	}
	now := time.Now().UTC()
	made, err := ocsp.CreateResponse(r.issuer, r.signer, ocsp.Response{
		Status:           found.status,
		SerialNumber:     asked.SerialNumber,
		ThisUpdate:       now.Add(-backdate),
		NextUpdate:       now.Add(validity),
		RevokedAt:        found.revokedAt,
		RevocationReason: ocsp.KeyCompromise,
		IssuerHash:       asked.HashAlgorithm,
		Certificate:      r.signer,
	}, r.key)
	if err != nil {
		return ocsp.InternalErrorErrorResponse
	}
	return made
}

func readIndex(file string) map[string]record {
	opened, err := os.Open(file)
	if err != nil {
		log.Fatal(err)
	}
	defer opened.Close()
	records := make(map[string]record)
	lines := bufio.NewScanner(opened)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		records[serialKey(fields[3])] = readRecord(fields)
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
	return records
}

func readRecord(fields []string) record {
	if fields[0] != "R" {
		return record{status: ocsp.Good}
	}
	date, _, _ := strings.Cut(fields[2], ",")
	revokedAt, err := time.Parse("060102150405Z", date)
	if err != nil {
		log.Fatal(err)
	}
	return record{status: ocsp.Revoked, revokedAt: revokedAt}
}
