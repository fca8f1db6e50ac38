import java.io.FileInputStream;
import java.security.cert.*;
import java.util.*;

/**
 * Validates certificates as Java does by itself (PKIX), by the CRLs that they name: PkixCrl CA.pem LEAF.pem... prints
 * what CRLs say of each. Java reads no deltas.
 */
public class PkixCrl {
    public static void main(String[] args) throws Exception {
        X509Certificate ca = read(args[0]);
        for (String file : Arrays.copyOfRange(args, 1, args.length)) {
            System.out.println(status(ca, read(file)));
        }
    }

    static String status(X509Certificate ca, X509Certificate leaf) throws Exception {
        CertPathValidator validator = CertPathValidator.getInstance("PKIX");
        PKIXRevocationChecker checker = (PKIXRevocationChecker) validator.getRevocationChecker();
        checker.setOptions(EnumSet.of(PKIXRevocationChecker.Option.ONLY_END_ENTITY,
                PKIXRevocationChecker.Option.PREFER_CRLS, PKIXRevocationChecker.Option.NO_FALLBACK));
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
}
