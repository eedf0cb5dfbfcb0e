package io.millrace.metadata.log.etcd;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.log.LogException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The generation of the cluster in which this process reads the log: the first one that it meets. A
 * restore of etcd from a backup puts another, and what this process knows may then never have
 * happened; so it demands its own wherever it writes, and follows the log no more once there is
 * another. Owned by the log's loop.
 */
final class EtcdGeneration {

    private final String key;
    private byte @Nullable [] own;

    EtcdGeneration(EtcdKeys keys) {
        key = keys.generation;
    }

    /** What reads it. */
    Etcd.Op get() {
        return new Etcd.Op.Get(key);
    }

    /** What writing demands. Only once it was read. */
    Etcd.Condition unchanged() {
        byte[] known = own;
        return known == null
                ? new Etcd.Condition.Absent(key)
                : new Etcd.Condition.ValueIs(key, known);
    }

    /**
     * Compares what was read; takes it over if it is the first.
     *
     * @throws LogException.Corrupt if it is another one
     */
    void met(Optional<Etcd.KeyValue> found) {
        byte[] now = found.map(Etcd.KeyValue::value).orElse(new byte[0]);
        byte[] known = own;
        if (known == null) {
            own = now;
        } else if (!Arrays.equals(known, now)) {
            throw new LogException.Corrupt(
                    "The cluster is another generation (%s, not %s): its etcd was restored from a backup. Start this node again, so that it reads what was restored."
                            .formatted(text(now), text(known)),
                    null);
        }
    }

    private static String text(byte[] value) {
        String digits = new String(value, StandardCharsets.UTF_8).replaceFirst("^0+(?=.)", "");
        return digits.isEmpty() ? "none" : digits;
    }
}
