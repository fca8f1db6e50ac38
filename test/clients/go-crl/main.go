// Reads CRLs as Go programs do, with crypto/x509: main CA.pem CRL SERIAL... Prints for each serial number, in
// hexadecimal, whether the CRL lists it and with which reason, a line each.
package main

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"log"
	"math/big"
	"os"
)

func main() {
	log.SetFlags(0)
	block, _ := pem.Decode(octets(os.Args[1]))
	ca, err := x509.ParseCertificate(block.Bytes)
	check(err)
	list, err := x509.ParseRevocationList(octets(os.Args[2]))
	check(err)
	check(list.CheckSignatureFrom(ca))
	fmt.Println("number", list.Number)
	for _, text := range os.Args[3:] {
		serial, _ := new(big.Int).SetString(text, 16)
		fmt.Println(status(list, serial))
	}
}

// The older field, for the Go of Debian 12 has no other.
func status(list *x509.RevocationList, serial *big.Int) string {
	for _, entry := range list.RevokedCertificates {
		if entry.SerialNumber.Cmp(serial) == 0 {
			return fmt.Sprint("revoked ", reason(entry))
		}
	}
	return "good"
}

func reason(entry pkix.RevokedCertificate) byte {
	for _, extension := range entry.Extensions {
		if extension.Id.String() == "2.5.29.21" {
			return extension.Value[len(extension.Value)-1]
		}
	}
	return 0
}

func octets(file string) []byte {
	read, err := os.ReadFile(file)
	check(err)
	return read
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
