package io.millrace.metadata.log.etcd;

import io.millrace.metadata.etcd.Etcd;
import java.util.Optional;

/**
 * The content of the head key, which every append puts: the number of entries from before the first
 * put. It is above 0 only in a log that was restored into a new etcd. The version of the key counts
 * the later entries.
 */
record LogHead(long entriesBefore) {

    /** The head of a log that began in its etcd. */
    static final LogHead FIRST = new LogHead(0);

    /** Returns the head of a restored log, whose key is put once by the restore. */
    static LogHead restored(long entries) {
        return new LogHead(entries - 1);
    }

    static LogHead of(Optional<Etcd.KeyValue> stored) {
        return stored.map(Etcd.KeyValue::value)
                .filter(value -> value.length > 0)
                .map(value -> new LogHead(EtcdKeys.number(value)))
                .orElse(FIRST);
    }

    /** Returns the number of entries in the log. */
    static long entries(Etcd.KeyValue stored) {
        return of(Optional.of(stored)).entriesBefore + stored.version();
    }

    byte[] value() {
        return entriesBefore == 0 ? new byte[0] : EtcdKeys.number(entriesBefore);
    }
}
