import java.io.ByteArrayOutputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.Extension;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Validates a certificate by PKIX with OCSP: CA LEAF URL, and with a fourth argument an OCSP nonce. */
public class CheckRevocation {
  public static void main(String[] args) throws Exception {
    X509Certificate ca = read(args[0]);
    CertPathValidator validator = CertPathValidator.getInstance("PKIX");
    PKIXRevocationChecker checker = (PKIXRevocationChecker) validator.getRevocationChecker();
    checker.setOcspResponder(new URI(args[2]));
    checker.setOptions(EnumSet.of(PKIXRevocationChecker.Option.NO_FALLBACK));
    if (args.length > 3) checker.setOcspExtensions(List.of(new Nonce()));
    PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(ca, null)));
    parameters.addCertPathChecker(checker);
    List<Certificate> path = List.of(read(args[1]));
    try {
      validator.validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
      System.out.println("valid");
    } catch (CertPathValidatorException error) {
      System.out.println(error.getReason() + ": " + error.getMessage());
      System.exit(1);
    }
  }

  private static X509Certificate read(String file) throws Exception {
    try (FileInputStream in = new FileInputStream(file)) {
      return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
    }
  }

  /** 32 octets in an OCTET STRING, under id-pkix-ocsp-nonce. */
  private static final class Nonce implements Extension {
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
      ByteArrayOutputStream der = new ByteArrayOutputStream();
      der.write(new byte[] {0x30, (byte) (OID.length + 2 + 34)});
      der.write(OID);
      der.write(new byte[] {4, 34});
      der.write(getValue());
      der.writeTo(out);
    }
  }
}
