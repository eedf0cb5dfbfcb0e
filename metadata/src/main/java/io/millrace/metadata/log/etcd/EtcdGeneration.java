package io.millrace.metadata.log.etcd;

import static io.millrace.metadata.command.Command.ProducerIdsAllocated.MAX_GENERATION;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.log.LogException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The generation of the cluster, read when this process starts. After a restore of etcd with a new
 * generation, this process's state may never have existed. Every write therefore requires the same
 * generation, and the log ends when the generation changes. Owned by the log's event loop.
 */
final class EtcdGeneration {

    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,16}");

    private final String key;
    private byte @Nullable [] own;
    private long number = 1;

    EtcdGeneration(EtcdKeys keys) {
        key = keys.generation;
    }

    Etcd.Op readOperation() {
        return new Etcd.Op.Get(key);
    }

    /** Returns the condition for writes, after the generation was read. */
    Etcd.Condition unchangedCondition() {
        byte[] known = own;
        return known == null
                ? new Etcd.Condition.Absent(key)
                : new Etcd.Condition.ValueIs(key, known);
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
