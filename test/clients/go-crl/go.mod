module vouch/test/clients/crl

go 1.19
