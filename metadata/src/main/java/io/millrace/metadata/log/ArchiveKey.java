package io.millrace.metadata.log;

import io.millrace.storage.object.ObjectKey;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Identity of an archive or checkpoint object of the metadata log. The object key derives from it.
 *
 * @param number the epoch of an archive, or the position of the last entry in a checkpoint
 * @param attempt a random number that gives each write attempt its own key
 */
public record ArchiveKey(Kind kind, long number, long attempt) {

    private static final Pattern KEY =
            Pattern.compile("[^/]+/[^/]+/meta/(archive|checkpoint)-([0-9]{16,})-([0-9a-f]{16})");

    /** The kinds of archived objects. */
    public enum Kind {
        /** The entries of one epoch. */
        ARCHIVE("archive"),
        /** The state after an entry. */
        CHECKPOINT("checkpoint");

        private final String label;

        Kind(String word) {
            this.label = word;
        }

        private static Kind of(String word) {
            return ARCHIVE.label.equals(word) ? ARCHIVE : CHECKPOINT;
        }
    }

    /**
     * Returns the object's key in the bucket: {@code
     * {hash}/{cluster}/meta/{kind}-{number}-{attempt}}.
     *
     * @param cluster the cluster's name
     */
    public ObjectKey key(String cluster) {
        return new ObjectKey(
                "%02x/%s/meta/%s-%016d-%016x"
                        .formatted(attempt >>> 56, cluster, kind.label, number, attempt));
    }

    /**
     * Parses an object key; the inverse of {@link #key}.
     *
     * @param cluster the cluster's name
     * @return empty if the key is not that of an archive or checkpoint of the cluster
     */
    public static Optional<ArchiveKey> parse(ObjectKey key, String cluster) {
        Matcher parts = KEY.matcher(key.value());
        if (!parts.matches()) {
            return Optional.empty();
        }
        try {
            ArchiveKey past =
                    new ArchiveKey(
                            Kind.of(parts.group(1)),
                            Long.parseLong(parts.group(2)),
                            Long.parseUnsignedLong(parts.group(3), 16));
            return Optional.of(past).filter(one -> one.key(cluster).equals(key));
        } catch (NumberFormatException tooLarge) {
            return Optional.empty();
        }
    }
}
