module vouch/test/clients

go 1.18

require golang.org/x/crypto v0.21.0
