package io.millrace.metadata.log;

import io.millrace.storage.object.ObjectKey;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The identity of an archive or checkpoint object, from which its object key derives.
 *
 * @param number the epoch of an archive, or the position of a checkpoint's last entry
 * @param attempt a random number, different for each write attempt
 */
public record ArchiveKey(Kind kind, long number, long attempt) {

    private static final Pattern KEY =
            Pattern.compile("[^/]+/[^/]+/meta/(archive|checkpoint)-([0-9]{16,})-([0-9a-f]{16})");

    /** The kinds of objects. */
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

    /** Returns {@code {hash}/{cluster}/meta/{kind}-{number}-{attempt}}. */
    public ObjectKey key(String cluster) {
        return new ObjectKey(
                String.format(
                        Locale.ROOT,
                        "%02x/%s/meta/%s-%016d-%016x",
                        attempt >>> 56,
                        cluster,
                        kind.label,
                        number,
                        attempt));
    }

    /** Parses a {@link #key}; empty if it is not an archive or checkpoint of the cluster. */
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
            return Optional.of(past).filter(archiveKey -> archiveKey.key(cluster).equals(key));
        } catch (NumberFormatException tooLarge) {
            return Optional.empty();
        }
    }
}
