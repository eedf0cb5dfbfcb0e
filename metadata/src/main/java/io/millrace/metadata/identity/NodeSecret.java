package io.millrace.metadata.identity;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.crypto.spec.SecretKeySpec;

/**
 * The secret by which the nodes of a cluster authenticate each other: 32 random bytes. It is kept
 * in etcd and in the memory of nodes, and is never sent to other places or logged.
 */
public final class NodeSecret {

    private static final int BYTES = 32;
    private static final Pattern LEGAL = Pattern.compile("[0-9a-f]{" + 2 * BYTES + "}");

    private final byte[] bytes;

    private NodeSecret(byte[] bytes) {
        this.bytes = bytes;
    }

    public static NodeSecret random(SecureRandom random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return new NodeSecret(bytes);
    }

    /** Parses {@link #toHex}; empty if the text is not a secret. */
    public static Optional<NodeSecret> parse(String hex) {
        return LEGAL.matcher(hex).matches()
                ? Optional.of(new NodeSecret(HexFormat.of().parseHex(hex)))
                : Optional.empty();
    }

    /** Returns the secret as text, for etcd only. */
    public String toHex() {
        return HexFormat.of().formatHex(bytes);
    }

    /** Returns the secret as the key of an algorithm. */
    public SecretKeySpec key(String algorithm) {
        return new SecretKeySpec(bytes, algorithm);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof NodeSecret secret && MessageDigest.isEqual(bytes, secret.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    /** Returns no part of the secret. */
    @Override
    public String toString() {
        return "NodeSecret";
    }
}
