package io.fairlead.k8s.watch;

import io.fabric8.kubernetes.client.Config;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/// Private keys of client certificates, brought to the form that the client library reads.
///
/// It takes every key for RSA unless told otherwise, and EC keys only as PKCS#8; `openssl ecparam`
/// and kubeadm write SEC 1.
final class ClientKeys {

    /// DER of the OID 1.2.840.10045.2.1, id-ecPublicKey (RFC 5480).
    private static final byte[] EC_PUBLIC_KEY = HexFormat.of().parseHex("06072a8648ce3d0201");

    private static final byte[] VERSION_0 = {2, 1, 0};
    private static final int SEQUENCE = 0x30;
    private static final int OCTET_STRING = 0x04;
    private static final int PARAMETERS = 0xa0;
    private static final int LONG_FORM = 0x80;
    private static final int BYTE = 0xff;

    private ClientKeys() {}

    /// Says in `config` which algorithm its client key is of, if it has one.
    ///
    /// @throws IOException when the key cannot be read; the message names the kubeconfig
    static void adapt(Config config, Path kubeconfig) throws IOException {
        String pem = pem(config, kubeconfig);
        if (pem == null) {
            return;
        }
        if (pem.contains("-----BEGIN EC PRIVATE KEY-----")) {
            config.setClientKeyData(Base64.getEncoder().encodeToString(pkcs8(der(pem))));
            config.setClientKeyFile(null);
            config.setClientKeyAlgo("EC");
        } else if (pem.contains("-----BEGIN PRIVATE KEY-----")) {
            config.setClientKeyAlgo(indexOf(der(pem), EC_PUBLIC_KEY) < 0 ? "RSA" : "EC");
        }
    }

    private static @Nullable String pem(Config config, Path kubeconfig) throws IOException {
        String data = config.getClientKeyData();
        String file = config.getClientKeyFile();
        if (data != null && !data.isEmpty()) {
            return new String(Base64.getMimeDecoder().decode(data), StandardCharsets.US_ASCII);
        }
        if (file == null || file.isEmpty()) {
            return null;
        }
        try {
            return Files.readString(Path.of(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new IOException(
                    kubeconfig + ": its client key " + file + " cannot be read; correct the path",
                    e);
        }
    }

    /// The bytes between the last pair of markers: `EC PARAMETERS` may stand before the key.
    private static byte[] der(String pem) {
        int begin = pem.lastIndexOf("-----BEGIN ");
        int body = pem.indexOf('\n', begin);
        int end = pem.indexOf("-----END ", body);
        if (body < 0 || end < 0) {
            throw new IllegalArgumentException("the client key has no end");
        }
        return Base64.getMimeDecoder().decode(pem.substring(body, end));
    }

    /// A SEC 1 key (RFC 5915) in the wrapping of PKCS#8 (RFC 5208), as PEM.
    private static byte[] pkcs8(byte[] sec1) {
        byte[] algorithm = tlv(SEQUENCE, join(EC_PUBLIC_KEY, curve(sec1)));
        byte[] wrapped = tlv(SEQUENCE, join(join(VERSION_0, algorithm), tlv(OCTET_STRING, sec1)));
        String body = Base64.getMimeEncoder().encodeToString(wrapped);
        return ("-----BEGIN PRIVATE KEY-----\n" + body + "\n-----END PRIVATE KEY-----\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    /// The OID of the curve, which stands in `[0]` after version and key.
    private static byte[] curve(byte[] sec1) {
        int at = content(sec1, 0);
        while (at < sec1.length && (sec1[at] & BYTE) != PARAMETERS) {
            at = end(sec1, at);
        }
        if (at >= sec1.length) {
            throw new IllegalArgumentException("the client key does not name its curve");
        }
        return Arrays.copyOfRange(sec1, content(sec1, at), end(sec1, at));
    }

    private static int content(byte[] der, int at) {
        int first = der[at + 1] & BYTE;
        return at + 2 + (first < LONG_FORM ? 0 : first - LONG_FORM);
    }

    private static int end(byte[] der, int at) {
        int first = der[at + 1] & BYTE;
        int content = content(der, at);
        int length = first;
        if (first >= LONG_FORM) {
            length = 0;
            for (int i = at + 2; i < content; i++) {
                length = (length << Byte.SIZE) | (der[i] & BYTE);
            }
        }
        return content + length;
    }

    private static byte[] tlv(int tag, byte[] value) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(tag);
        if (value.length < LONG_FORM) {
            out.write(value.length);
        } else {
            // Keys are shorter than 64 KiB.
            out.write(LONG_FORM + 2);
            out.write(value.length >> Byte.SIZE);
            out.write(value.length);
        }
        out.writeBytes(value);
        return out.toByteArray();
    }

    private static byte[] join(byte[] head, byte[] tail) {
        byte[] all = Arrays.copyOf(head, head.length + tail.length);
        System.arraycopy(tail, 0, all, head.length, tail.length);
        return all;
    }

    private static int indexOf(byte[] bytes, byte[] wanted) {
        for (int at = 0; at + wanted.length <= bytes.length; at++) {
            if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        return -1;
    }
}
