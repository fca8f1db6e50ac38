import java.io.FileInputStream;
import java.net.URI;
import java.security.cert.*;
import java.util.*;

/** Validates certificates as Java does by itself (PKIX): Pkix URL CA.pem LEAF.pem... prints what OCSP says of each. */
public class Pkix {
    public static void main(String[] args) throws Exception {
        X509Certificate ca = read(args[1]);
        for (String file : Arrays.copyOfRange(args, 2, args.length)) {
            System.out.println(status(new URI(args[0]), ca, read(file)));
        }
    }

    static String status(URI responder, X509Certificate ca, X509Certificate leaf) throws Exception {
        CertPathValidator validator = CertPathValidator.getInstance("PKIX");
        PKIXRevocationChecker checker = (PKIXRevocationChecker) validator.getRevocationChecker();
        checker.setOcspResponder(responder);
        checker.setOptions(EnumSet.of(PKIXRevocationChecker.Option.ONLY_END_ENTITY,
                PKIXRevocationChecker.Option.NO_FALLBACK));
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(ca, null)));
        parameters.addCertPathChecker(checker);
        CertPath path = CertificateFactory.getInstance("X.509").generateCertPath(List.of(leaf));
        try {
            validator.validate(path, parameters);
            return "good";
        } catch (CertPathValidatorException e) {
            if (e.getCause() instanceof CertificateRevokedException revoked) {
                return "revoked " + revoked.getRevocationReason();
            }
            return e.toString();
        }
    }

    static X509Certificate read(String file) throws Exception {
        try (FileInputStream in = new FileInputStream(file)) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }
}
