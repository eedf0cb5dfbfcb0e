package io.millrace.storage.stream;

import io.millrace.storage.object.ObjectKey;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Identity of a stream object: who wrote it, and the how-manieth of its writer it is. The key in
 * the bucket follows from it.
 *
 * @param kind what wrote it
 * @param incarnation the writer's
 * @param sequence from 0, never used twice by an incarnation for a kind
 */
public record ObjectId(Kind kind, long incarnation, long sequence) {

    private static final HexFormat HEX = HexFormat.of();
    private static final int KEY_SEGMENTS = 5;

    /** By kind, writer and number. */
    public static final Comparator<ObjectId> ORDER =
            Comparator.comparing(ObjectId::kind)
                    .thenComparing(ObjectId::incarnation)
                    .thenComparing(ObjectId::sequence);

    /** The kinds of stream objects; one format. */
    public enum Kind {
        /** A WAL block, written by an ingest node. */
        WAL("wal"),
        /** A segment, written by the compaction job. */
        SEGMENT("seg"),
        /** A manifest, written by the compaction job: extents that no node keeps in memory. */
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
     * The object's key in the bucket: {@code {hash}/{cluster}/{kind}/{incarnation}/{sequence}}. The
     * hash comes first so that neighbouring objects fall into different key ranges of S3.
     *
     * @param cluster the cluster's name
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
     * Whether the object's batches say where they begin: those of a segment have absolute base
     * offsets, and some may be missing between them. When a WAL block is written nobody knows its
     * offsets, and those of a stretch follow each other without a gap.
     */
    public boolean hasOffsets() {
        return kind == Kind.SEGMENT;
    }

    /**
     * The inverse of {@link #key}.
     *
     * @param cluster the cluster's name
     * @return empty if this is not the key of one of the cluster's stream objects
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
