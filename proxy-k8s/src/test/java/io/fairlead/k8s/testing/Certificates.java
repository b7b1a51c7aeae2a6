package io.fairlead.k8s.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/// Keys and certificates of a test, each its own authority, made by `keytool` and `openssl`.
public final class Certificates {

    private static final char[] PASSWORD = "only-a-test".toCharArray();
    private static final int PATIENCE_SECONDS = 180;

    private final Path folder;

    /// @param folder where the key stores go
    public Certificates(Path folder) {
        this.folder = folder;
    }

    /// Makes a key and a certificate for 127.0.0.1.
    ///
    /// @param algorithm `RSA` or `EC`
    public void make(String name, String algorithm) throws IOException, InterruptedException {
        run(
                name,
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                algorithm,
                "-dname",
                "CN=" + name,
                "-ext",
                "san=ip:127.0.0.1",
                "-ext",
                "bc:c",
                "-keystore",
                store(name).toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                new String(PASSWORD));
    }

    private void run(String name, String... command) throws IOException, InterruptedException {
        Path log = folder.resolve(name + ".log");
        Process process =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || process.exitValue() != 0) {
            throw new IOException(command[0] + ": " + Files.readString(log));
        }
    }

    private Path store(String name) {
        return folder.resolve(name + ".p12");
    }

    private KeyStore open(String name) throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store(name))) {
            keys.load(in, PASSWORD);
        }
        return keys;
    }

    /// The certificate as PEM.
    public String certificate(String name) throws IOException, GeneralSecurityException {
        Certificate certificate = open(name).getCertificate(name);
        return pem("CERTIFICATE", certificate.getEncoded());
    }

    /// The private key as PEM in PKCS#8.
    public String key(String name) throws IOException, GeneralSecurityException {
        PrivateKey key = (PrivateKey) open(name).getKey(name, PASSWORD);
        return pem("PRIVATE KEY", key.getEncoded());
    }

    /// An EC private key as PEM in SEC 1, the way kubeadm writes it.
    public String sec1Key(String name)
            throws IOException, GeneralSecurityException, InterruptedException {
        Path in = Files.writeString(folder.resolve(name + ".pkcs8"), key(name));
        Path out = folder.resolve(name + ".sec1");
        run(name, "openssl", "ec", "-in", in.toString(), "-out", out.toString());
        return Files.readString(out);
    }

    private static String pem(String what, byte[] der) {
        return "-----BEGIN %s-----\n%s\n-----END %s-----\n"
                .formatted(
                        what,
                        Base64.getMimeEncoder(64, "\n".getBytes(US_ASCII)).encodeToString(der),
                        what);
    }

    /// TLS for a server that shows one certificate and trusts clients with any of the others.
    public SSLContext server(String name, List<String> clients)
            throws IOException, GeneralSecurityException {
        KeyManagerFactory keys =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(open(name), PASSWORD);
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        for (String client : clients) {
            trusted.setCertificateEntry(client, open(client).getCertificate(client));
        }
        TrustManagerFactory trust =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
        return context;
    }
}
