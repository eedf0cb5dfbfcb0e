package io.millrace.runtime.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A parser for private keys in PEM: PKCS #8, which Java reads, and the older forms PKCS #1 (RSA)
 * and SEC 1 (EC), which certificate issuers write by default. The older forms are wrapped into PKCS
 * #8.
 */
final class PemKey {

    private static final Pattern BLOCK =
            Pattern.compile("-----BEGIN ([A-Z0-9 ]{1,40})-----([^-]+)-----END \\1-----");

    private static final List<String> ALGORITHMS = List.of("EC", "RSA", "EdDSA");

    private static final byte[] VERSION_0 = {Der.INTEGER, 1, 0};
    private static final byte[] RSA = {
        Der.OBJECT_ID,
        9,
        0x2a,
        (byte) 0x86,
        0x48,
        (byte) 0x86,
        (byte) 0xf7,
        0x0d,
        1,
        1,
        1,
        Der.NULL,
        0
    };
    private static final byte[] EC = {
        Der.OBJECT_ID, 7, 0x2a, (byte) 0x86, 0x48, (byte) 0xce, 0x3d, 2, 1
    };

    /** Tag of the curve in a key in SEC 1. */
    private static final int CURVE = 0xa0;

    private PemKey() {}

    /**
     * Returns the first private key.
     *
     * @throws GeneralSecurityException if there is none that Java can read; the message is the end
     *     of a sentence about the file
     */
    static PrivateKey parse(byte[] pem) throws GeneralSecurityException {
        Matcher blocks = BLOCK.matcher(new String(pem, ISO_8859_1));
        while (blocks.find()) {
            String type = blocks.group(1);
            if (type.equals("ENCRYPTED PRIVATE KEY") || blocks.group(2).contains("ENCRYPTED")) {
                throw new InvalidKeyException(
                        "has an encrypted key: remove the password (openssl pkcs8 -topk8 -nocrypt).");
            }
            if (type.endsWith("PRIVATE KEY")) {
                return key(type, bytes(blocks.group(2)));
            }
        }
        throw new InvalidKeyException("has no key: it must be PEM (BEGIN PRIVATE KEY).");
    }

    private static byte[] bytes(String base64) throws InvalidKeyException {
        try {
            return Base64.getMimeDecoder().decode(base64.strip());
        } catch (IllegalArgumentException malformed) {
            throw malformed();
        }
    }

    private static PrivateKey key(String type, byte[] der) throws GeneralSecurityException {
        byte[] pkcs8 =
                switch (type) {
                    case "PRIVATE KEY" -> der;
                    case "RSA PRIVATE KEY" -> wrap(RSA, der);
                    case "EC PRIVATE KEY" -> wrap(concat(EC, curve(der)), der);
                    default ->
                            throw new InvalidKeyException(
                                    "has a key of the type %s: use EC, RSA or Ed25519."
                                            .formatted(type));
                };
        for (String algorithm : ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm)
                        .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (InvalidKeySpecException other) {
                // A key of another algorithm, or malformed.
            }
        }
        throw malformed();
    }

    private static InvalidKeyException malformed() {
        return new InvalidKeyException(
                "has a malformed key, or one of an unsupported type: use an EC, RSA or Ed25519 key in PEM.");
    }

    private static byte[] wrap(byte[] algorithm, byte[] key) {
        return Der.element(
                Der.SEQUENCE,
                VERSION_0,
                Der.element(Der.SEQUENCE, algorithm),
                Der.element(Der.OCTET_STRING, key));
    }

    /** Returns the object id of the curve of a key in SEC 1. */
    private static byte[] curve(byte[] sec1) throws InvalidKeyException {
        ByteBuffer key = Der.read(ByteBuffer.wrap(sec1), Der.SEQUENCE);
        Der.read(key, Der.INTEGER);
        Der.read(key, Der.OCTET_STRING);
        if (Der.nextTag(key) != CURVE) {
            throw malformed();
        }
        ByteBuffer curve = Der.read(key, CURVE);
        byte[] id = new byte[curve.remaining()];
        curve.get(id);
        return id;
    }

    private static byte[] concat(byte[] first, byte[] second) {
        return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
    }
}
