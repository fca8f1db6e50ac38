import java.io.*;
import java.net.URI;
import java.security.cert.*;
import java.security.cert.Extension;
import java.security.cert.PKIXRevocationChecker.Option;
import java.util.*;

/**
 * Validates certificates as Java does by itself (PKIX): Pkix HOW CA.pem LEAF.pem... prints what is said of each. HOW is
 * crl, for the CRLs that they name (Java reads no deltas), or ocsp or nonce, and then the responder's URL as HOW=URL.
 */
public class Pkix {
    public static void main(String[] args) throws Exception {
        String[] how = args[0].split("=", 2);
        X509Certificate ca = read(args[1]);
        for (String file : Arrays.copyOfRange(args, 2, args.length)) {
            System.out.println(status(how, ca, read(file)));
        }
    }

    static String status(String[] how, X509Certificate ca, X509Certificate leaf) throws Exception {
        CertPathValidator validator = CertPathValidator.getInstance("PKIX");
        PKIXRevocationChecker checker = (PKIXRevocationChecker) validator.getRevocationChecker();
        EnumSet<Option> options = EnumSet.of(Option.ONLY_END_ENTITY, Option.NO_FALLBACK);
        if (how[0].equals("crl")) options.add(Option.PREFER_CRLS);
        else checker.setOcspResponder(new URI(how[1]));
        if (how[0].equals("nonce")) checker.setOcspExtensions(List.of(new Nonce()));
        checker.setOptions(options);
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(ca, null)));
        parameters.addCertPathChecker(checker);
        CertPath path = CertificateFactory.getInstance("X.509").generateCertPath(List.of(leaf));
        try {
            validator.validate(path, parameters);
            return "good";
        } catch (CertPathValidatorException e) {
            if (e.getCause() instanceof CertificateRevokedException revoked) {
                Date invalid = revoked.getInvalidityDate();
                String since = invalid == null ? "" : " " + invalid.toInstant();
                return "revoked " + revoked.getRevocationReason() + since;
            }
            return e.toString();
        }
    }

    static X509Certificate read(String file) throws Exception {
        try (FileInputStream in = new FileInputStream(file)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    /** 32 octets in an OCTET STRING, under id-pkix-ocsp-nonce. */
    static final class Nonce implements Extension {
        private static final byte[] OID = {6, 9, 43, 6, 1, 5, 5, 7, 48, 1, 2};

        public String getId() {
            return "1.3.6.1.5.5.7.48.1.2";
        }

        public boolean isCritical() {
            return false;
        }

        public byte[] getValue() {
            byte[] value = new byte[34];
            Arrays.fill(value, (byte) 0x5a);
            value[0] = 4;
            value[1] = 32;
            return value;
        }

        public void encode(OutputStream out) throws IOException {
            out.write(new byte[] {0x30, (byte) (OID.length + 2 + 34)});
            out.write(OID);
            out.write(new byte[] {4, 34});
            out.write(getValue());
        }
    }
}
