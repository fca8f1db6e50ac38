import java.io.FileInputStream;
import java.security.Security;
import java.security.cert.*;
import java.util.*;
import org.bouncycastle.jcajce.PKIXExtendedParameters;
import org.bouncycastle.jce.provider.BouncyCastleProvider;

/** Validates certificates as Bouncy Castle's PKIX does, by a CRL and the delta to it: BouncyCrl CA.pem CRL DELTA LEAF.pem... */
public class BouncyCrl {
    public static void main(String[] args) throws Exception {
        Security.addProvider(new BouncyCastleProvider());
        CertificateFactory factory = CertificateFactory.getInstance("X.509", "BC");
        var ca = (X509Certificate) factory.generateCertificate(new FileInputStream(args[0]));
        List<CRL> crls = new ArrayList<>();
        for (String file : Arrays.copyOfRange(args, 1, 3)) {
            crls.add(factory.generateCRL(new FileInputStream(file)));
        }
        for (String file : Arrays.copyOfRange(args, 3, args.length)) {
            var leaf = factory.generateCertificate(new FileInputStream(file));
            System.out.println(status(ca, crls, factory.generateCertPath(List.of(leaf))));
        }
    }

    static String status(X509Certificate ca, List<CRL> crls, CertPath path) throws Exception {
        PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(ca, null)));
        parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(crls)));
        var withDeltas = new PKIXExtendedParameters.Builder(parameters).setUseDeltasEnabled(true).build();
        try {
            CertPathValidator.getInstance("PKIX", "BC").validate(path, withDeltas);
            return "good";
        } catch (CertPathValidatorException e) {
            return e.getMessage().replaceAll("Certificate revocation after .*, reason: ", "revoked ");
        }
    }
}
