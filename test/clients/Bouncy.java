import java.io.*;
import java.net.*;
import java.nio.file.*;
import java.util.*;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.ocsp.*;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.jcajce.*;

/** Asks as programs with Bouncy Castle do: Bouncy URL CA.pem METHOD LEAF.pem... prints what OCSP says of each. */
public class Bouncy {
    public static void main(String[] args) throws Exception {
        X509CertificateHolder ca = read(args[1]);
        for (String file : Arrays.copyOfRange(args, 3, args.length)) {
            System.out.println(status(args[0], args[2], ca, read(file)));
        }
    }

    static String status(String url, String method, X509CertificateHolder ca, X509CertificateHolder leaf)
            throws Exception {
        var digests = new JcaDigestCalculatorProviderBuilder().build();
        var id = new CertificateID(digests.get(CertificateID.HASH_SHA1), ca, leaf.getSerialNumber());
        byte[] request = new OCSPReqBuilder().addRequest(id).build().getEncoded();
        var answer = (BasicOCSPResp) new OCSPResp(exchange(url, method, request)).getResponseObject();
        var verifiers = new JcaContentVerifierProviderBuilder();
        X509CertificateHolder signer = answer.getCerts()[0];
        if (!answer.isSignatureValid(verifiers.build(signer))) return "bad signature";
        if (!signer.isSignatureValid(verifiers.build(ca))) return "another's signer";
        SingleResp single = answer.getResponses()[0];
        if (!single.getCertID().equals(id)) return "another certificate";
        if (single.getCertStatus() == CertificateStatus.GOOD) return "good";
        return "revoked " + ((RevokedStatus) single.getCertStatus()).getRevocationReason();
    }

    static byte[] exchange(String url, String method, byte[] request) throws Exception {
        boolean isGet = method.equals("GET");
        String path = "/" + URLEncoder.encode(Base64.getEncoder().encodeToString(request), "UTF-8");
        var connection = (HttpURLConnection) new URL(isGet ? url + path : url).openConnection();
        if (!isGet) {
            connection.setDoOutput(true);
            connection.setRequestProperty("Content-Type", "application/ocsp-request");
            connection.getOutputStream().write(request);
        }
        try (InputStream in = connection.getInputStream()) {
            return in.readAllBytes();
        }
    }

    static X509CertificateHolder read(String file) throws Exception {
        try (PEMParser parser = new PEMParser(Files.newBufferedReader(Path.of(file)))) {
            return (X509CertificateHolder) parser.readObject();
        }
    }
}
