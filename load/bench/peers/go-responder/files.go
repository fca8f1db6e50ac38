package main

import (
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"log"
	"math/big"
	"os"
)

func readCertificate(file string) *x509.Certificate {
	certificate, err := x509.ParseCertificate(readBlock(file))
	if err != nil {
		log.Fatalf("%s: %v", file, err)
	}
	return certificate
}

func readKey(file string) crypto.Signer {
	key, err := x509.ParsePKCS8PrivateKey(readBlock(file))
	if err != nil {
		log.Fatalf("%s: %v", file, err)
	}
	return key.(crypto.Signer)
}

func readBlock(file string) []byte {
	octets, err := os.ReadFile(file)
	if err != nil {
		log.Fatal(err)
	}
	block, _ := pem.Decode(octets)
	if block == nil {
		log.Fatalf("%s: nothing in PEM form", file)
	}
	return block.Bytes
}

// serialKey is a serial number as big.Int.Bytes has it: what a request's is looked up by.
func serialKey(hexadecimal string) string {
	number, ok := new(big.Int).SetString(hexadecimal, 16)
	if !ok {
		log.Fatalf("index.txt: %q is no serial number", hexadecimal)
	}
	return string(number.Bytes())
}
