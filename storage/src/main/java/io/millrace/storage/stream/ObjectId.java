package io.millrace.storage.stream;

import io.millrace.storage.object.ObjectKey;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Identity of a stream object: its writer's incarnation and a sequence number of that writer. The
 * object key derives from the identity.
 *
 * @param sequence a number from 0, used once per incarnation and kind
 */
public record ObjectId(Kind kind, long incarnation, long sequence) {

    private static final HexFormat HEX = HexFormat.of();
    private static final int KEY_SEGMENTS = 5;

    /** Order by kind, incarnation and sequence number. */
    public static final Comparator<ObjectId> ORDER =
            Comparator.comparing(ObjectId::kind)
                    .thenComparing(ObjectId::incarnation)
                    .thenComparing(ObjectId::sequence);

    /** The kinds of stream objects, which share one format. */
    public enum Kind {
        /** A WAL block, written by an ingest node. */
        WAL("wal"),
        /** A segment, written by the compaction job. */
        SEGMENT("seg"),
        /** An extent manifest, written by the compaction job, which holds offloaded extents. */
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
     * Returns the object's key in the bucket: {@code
     * {hash}/{cluster}/{kind}/{incarnation}/{sequence}}. The leading hash spreads consecutive
     * objects over the key ranges of S3.
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
     * Returns whether the object's batches store their base offsets. Batches of a segment have
     * absolute base offsets, possibly with gaps. Batches of a WAL block have none, because the
     * offsets are unknown when the block is written; offsets of a contiguous run have no gaps.
     */
    public boolean hasBaseOffsets() {
        return kind == Kind.SEGMENT;
    }

    /**
     * Parses a key; the inverse of {@link #key}.
     *
     * @return empty if the key is not a key of the cluster's stream objects
     */
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
