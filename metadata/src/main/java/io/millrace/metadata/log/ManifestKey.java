package io.millrace.metadata.log;

import io.millrace.storage.object.ObjectKey;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The identity of a copy of a log manifest in the bucket, from which its object key derives. Copies
 * are ordered by age: a later generation of the cluster is newer, and within a generation both
 * numbers only grow.
 *
 * @param epoch the first epoch without an archive
 * @param position the position of the checkpoint's last entry
 * @param attempt a random number, different for each write attempt
 */
public record ManifestKey(long generation, long epoch, long position, long attempt)
        implements Comparable<ManifestKey> {

    private static final Pattern KEY =
            Pattern.compile("([0-9]{16,})-([0-9]{16,})-([0-9]{16,})-([0-9a-f]{16})");

    private static final Comparator<ManifestKey> BY_AGE =
            Comparator.comparingLong(ManifestKey::generation)
                    .thenComparingLong(ManifestKey::epoch)
                    .thenComparingLong(ManifestKey::position)
                    .thenComparing(ManifestKey::attempt, Long::compareUnsigned);

    /** Returns the key of a manifest's copy. */
    public static ManifestKey of(long generation, LogManifest manifest, long attempt) {
        return new ManifestKey(
                generation, manifest.firstLiveEpoch(), manifest.checkpointPosition(), attempt);
    }

    /**
     * Returns the prefix of the copies of a cluster. It is not hashed, so that a LIST finds them.
     */
    public static String prefix(String cluster) {
        return "manifest/" + cluster + "/";
    }

    /** Returns {@code manifest/{cluster}/{generation}-{epoch}-{position}-{attempt}}. */
    public ObjectKey key(String cluster) {
        return new ObjectKey(
                String.format(
                        Locale.ROOT,
                        "%s%016d-%016d-%016d-%016x",
                        prefix(cluster),
                        generation,
                        epoch,
                        position,
                        attempt));
    }

    /** Parses a {@link #key}; empty if it is not a copy of the cluster. */
    public static Optional<ManifestKey> parse(ObjectKey key, String cluster) {
        return parse(key.value(), cluster);
    }

    /** Parses the name of an object; empty if it is not a copy of the cluster. */
    public static Optional<ManifestKey> parse(String name, String cluster) {
        if (!name.startsWith(prefix(cluster))) {
            return Optional.empty();
        }
        Matcher parts = KEY.matcher(name.substring(prefix(cluster).length()));
        if (!parts.matches()) {
            return Optional.empty();
        }
        try {
            ManifestKey found =
                    new ManifestKey(
                            Long.parseLong(parts.group(1)),
                            Long.parseLong(parts.group(2)),
                            Long.parseLong(parts.group(3)),
                            Long.parseUnsignedLong(parts.group(4), 16));
            return Optional.of(found).filter(key -> key.key(cluster).value().equals(name));
        } catch (NumberFormatException tooLarge) {
            return Optional.empty();
        }
    }

    @Override
    public int compareTo(ManifestKey other) {
        return BY_AGE.compare(this, other);
    }
}
