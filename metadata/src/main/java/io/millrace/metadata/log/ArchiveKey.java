package io.millrace.metadata.log;

import io.millrace.storage.object.ObjectKey;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Identity of an object that holds a part of a log's past. The key in the bucket follows from it.
 *
 * @param number of an archive its epoch, of a checkpoint the position of its last entry
 * @param attempt random: each attempt to write one has a key of its own
 */
public record ArchiveKey(Kind kind, long number, long attempt) {

    private static final Pattern KEY =
            Pattern.compile("[^/]+/[^/]+/meta/(archive|checkpoint)-([0-9]{16,})-([0-9a-f]{16})");

    /** What is in it. */
    public enum Kind {
        /** The entries of one epoch. */
        ARCHIVE("archive"),
        /** The state after some entry. */
        CHECKPOINT("checkpoint");

        private final String word;

        Kind(String word) {
            this.word = word;
        }

        private static Kind of(String word) {
            return ARCHIVE.word.equals(word) ? ARCHIVE : CHECKPOINT;
        }
    }

    /**
     * The object's key in the bucket: {@code {hash}/{cluster}/meta/{kind}-{number}-{attempt}}.
     *
     * @param cluster the cluster's name
     */
    public ObjectKey key(String cluster) {
        return new ObjectKey(
                "%02x/%s/meta/%s-%016d-%016x"
                        .formatted(attempt >>> 56, cluster, kind.word, number, attempt));
    }

    /**
     * The inverse of {@link #key}.
     *
     * @param cluster the cluster's name
     * @return empty if this is not the key of an archive or checkpoint of the cluster
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
