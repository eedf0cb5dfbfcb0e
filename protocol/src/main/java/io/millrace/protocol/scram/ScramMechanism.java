package io.millrace.protocol.scram;

import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A SCRAM mechanism with its functions. The numbers are those of Kafka's protocol. */
public enum ScramMechanism {
    SHA_256(1, 256),
    SHA_512(2, 512);

    /** The lowest number of iterations of a password, as in Kafka. */
    public static final int MIN_ITERATIONS = 4_096;

    /** The highest number of iterations of a password, as in Kafka. */
    public static final int MAX_ITERATIONS = 16_384;

    private final int code;
    private final int bits;

    ScramMechanism(int code, int bits) {
        this.code = code;
        this.bits = bits;
    }

    /** Returns the mechanism with a number; empty if there is none. */
    public static Optional<ScramMechanism> withCode(int code) {
        return Arrays.stream(values()).filter(mechanism -> mechanism.code == code).findFirst();
    }

    /** Returns the number of the mechanism in requests and in the log. */
    public int code() {
        return code;
    }

    /** Returns the name of the mechanism in SASL, such as {@code SCRAM-SHA-512}. */
    public String text() {
        return "SCRAM-SHA-" + bits;
    }

    /** Returns the length of keys, proofs and salted passwords, in bytes. */
    public int keyBytes() {
        return bits / Byte.SIZE;
    }

    /** Returns whether a password may have this number of iterations. */
    public static boolean allowsIterations(int iterations) {
        return iterations >= MIN_ITERATIONS && iterations <= MAX_ITERATIONS;
    }

    /** The function HMAC of RFC 5802. */
    public byte[] hmac(byte[] key, byte[] text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA" + bits);
            mac.init(new SecretKeySpec(key, mac.getAlgorithm()));
            return mac.doFinal(text);
        } catch (NoSuchAlgorithmException | InvalidKeyException missing) {
            throw new IllegalStateException("every Java has HMAC of SHA-2", missing);
        }
    }

    /** The function H of RFC 5802. */
    public byte[] hash(byte[] text) {
        try {
            return MessageDigest.getInstance("SHA-" + bits).digest(text);
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("every Java has SHA-2", missing);
        }
    }

    /** The function Hi of RFC 5802: the password is salted and hashed many times. */
    byte[] saltedPassword(byte[] password, byte[] salt, int iterations) {
        byte[] block = Arrays.copyOf(salt, salt.length + Integer.BYTES);
        block[block.length - 1] = 1;
        byte[] next = hmac(password, block);
        byte[] result = next.clone();
        for (int i = 1; i < iterations; i++) {
            next = hmac(password, next);
            for (int at = 0; at < result.length; at++) {
                result[at] ^= next[at];
            }
        }
        return result;
    }
}
