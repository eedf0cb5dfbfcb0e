package io.millrace.metadata.log.etcd;

import static io.millrace.metadata.command.Command.ProducerIdsAllocated.MAX_GENERATION;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.identity.ClusterId;
import io.millrace.metadata.log.LogException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The generation and the identity of the cluster, read when this process starts. After a restore of
 * etcd with a new generation, or in another cluster's etcd, this process's state may never have
 * existed. Every write therefore requires the same values, and the log ends when one changes. Owned
 * by the log's event loop.
 */
final class EtcdGeneration {

    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,16}");

    private final String key;
    private final String identityKey;
    private byte @Nullable [] own;
    private long number = 1;
    private byte @Nullable [] identity;

    /**
     * @param required the identity that etcd must hold; empty to adopt any
     */
    EtcdGeneration(EtcdKeys keys, Optional<ClusterId> required) {
        key = keys.generation;
        identityKey = keys.identity;
        identity = required.map(ClusterId::toBytes).orElse(null);
    }

    /** Returns the reads of the values, in the order of {@link #adoptOrVerify(List)}. */
    List<Etcd.Op> readOperations() {
        return List.of(new Etcd.Op.Get(key), new Etcd.Op.Get(identityKey));
    }

    /** Returns the conditions for writes, after the values were read. */
    List<Etcd.Condition> unchangedConditions() {
        return List.of(unchanged(key, own), unchanged(identityKey, identity));
    }

    /** Returns the conditions for the creation of the log, before the values were read. */
    List<Etcd.Condition> creationConditions() {
        return identity == null ? List.of() : List.of(unchanged(identityKey, identity));
    }

    private static Etcd.Condition unchanged(String key, byte @Nullable [] known) {
        return known == null || known.length == 0
                ? new Etcd.Condition.Absent(key)
                : new Etcd.Condition.ValueIs(key, known);
    }

    /**
     * Adopts the first values and verifies later ones.
     *
     * @param found the replies to {@link #readOperations}
     * @throws LogException.Corrupt if a value changed
     */
    void adoptOrVerify(List<Optional<Etcd.KeyValue>> found) {
        adoptOrVerify(found.get(0));
        byte[] now = found.get(1).map(Etcd.KeyValue::value).orElse(new byte[0]);
        byte[] known = identity;
        if (known == null) {
            identity = now;
        } else if (!Arrays.equals(known, now)) {
            throw new LogException.Corrupt(
                    "The metadata log in etcd has the identity %s, not %s: it is the log of another cluster. Check the addresses of etcd (--etcd); if etcd was lost, restore it from a backup. Then restart this node."
                            .formatted(text(now), text(known)),
                    null);
        }
    }

    /**
     * Adopts the first generation and verifies later ones.
     *
     * @throws LogException.Corrupt if the generation changed or is no legal number
     */
    void adoptOrVerify(Optional<Etcd.KeyValue> found) {
        byte[] now = found.map(Etcd.KeyValue::value).orElse(new byte[0]);
        byte[] known = own;
        if (known == null) {
            number = now.length == 0 ? 1 : parse(now);
            own = now;
        } else if (now.length == 0) {
            throw new LogException.Corrupt(
                    "The keys of the metadata log are missing from etcd. Restore etcd from a backup and raise the generation (docs/configuration.md), then restart this node.",
                    null);
        } else if (!Arrays.equals(known, now)) {
            throw new LogException.Corrupt(
                    "The cluster has a new generation (%s, not %s), because its etcd was restored from a backup. Restart this node to load the restored state."
                            .formatted(text(now), text(known)),
                    null);
        }
    }

    /** Returns the adopted generation. */
    long number() {
        return number;
    }

    private long parse(byte[] value) {
        String digits = new String(value, StandardCharsets.UTF_8);
        long parsed = NUMBER.matcher(digits).matches() ? Long.parseLong(digits) : 0;
        if (parsed < 1 || parsed > MAX_GENERATION) {
            throw new LogException.Corrupt(
                    "The generation in etcd, %s, is not a number from 1 to %d. Correct the key %s."
                            .formatted(text(value), MAX_GENERATION, key),
                    null);
        }
        return parsed;
    }

    private static String text(byte[] value) {
        String digits = new String(value, StandardCharsets.UTF_8).replaceFirst("^0+(?=.)", "");
        return digits.isEmpty() ? "none" : digits;
    }
}
