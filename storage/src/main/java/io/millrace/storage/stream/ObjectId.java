package io.millrace.storage.stream;

import io.millrace.storage.object.ObjectKey;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The identity of a stream object, from which its key derives.
 *
 * @param sequence a number from 0, used once per incarnation and kind
 */
public record ObjectId(Kind kind, long incarnation, long sequence) {

    private static final HexFormat HEX = HexFormat.of();
    private static final int KEY_SEGMENTS = 5;

    public static final Comparator<ObjectId> ORDER =
            Comparator.comparing(ObjectId::kind)
                    .thenComparing(ObjectId::incarnation)
                    .thenComparing(ObjectId::sequence);

    /** A kind of stream object. */
    public enum Kind {
        WAL("wal"),
        SEGMENT("seg"),
        MANIFEST("man");

        private final String path;

        Kind(String path) {
            this.path = path;
        }

        private static Optional<Kind> of(String path) {
            for (Kind kind : values()) {
                if (kind.path.equals(path)) {
                    return Optional.of(kind);
                }
            }
            return Optional.empty();
        }
    }

    public ObjectId {
        if (sequence < 0) {
            throw new IllegalArgumentException("negative sequence: " + sequence);
        }
    }

    /**
     * Returns {@code {hash}/{cluster}/{kind}/{incarnation}/{sequence}}. The hash spreads
     * consecutive objects over the key ranges of S3.
     */
    public ObjectKey key(String cluster) {
        long mixed = (incarnation + sequence * 0x9E3779B97F4A7C15L) * 0xBF58476D1CE4E5B9L;
        return new ObjectKey(
                HEX.toHexDigits((byte) (mixed >>> 56))
                        + '/'
                        + cluster
                        + '/'
                        + kind.path
                        + '/'
                        + HEX.toHexDigits(incarnation)
                        + '/'
                        + sequence);
    }

    /**
     * Returns whether batches store their base offsets. Offsets of segments are absolute, possibly
     * with gaps. Offsets of WAL blocks are unknown on write and have no gaps in a contiguous run.
     */
    public boolean hasBaseOffsets() {
        return kind == Kind.SEGMENT;
    }

    /** Parses a {@link #key}; empty if not of the cluster's stream objects. */
    public static Optional<ObjectId> parse(ObjectKey key, String cluster) {
        String[] segments = key.value().split("/", -1);
        if (segments.length != KEY_SEGMENTS || !segments[1].equals(cluster)) {
            return Optional.empty();
        }
        return Kind.of(segments[2])
                .flatMap(kind -> parse(kind, segments[3], segments[4]))
                .filter(id -> id.key(cluster).equals(key));
    }

    private static Optional<ObjectId> parse(Kind kind, String incarnation, String sequence) {
        try {
            long number = Long.parseLong(sequence);
            return number < 0
                    ? Optional.empty()
                    : Optional.of(
                            new ObjectId(kind, Long.parseUnsignedLong(incarnation, 16), number));
        } catch (NumberFormatException noNumber) {
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return "%s/%016x/%d".formatted(kind.path, incarnation, sequence);
    }
}
