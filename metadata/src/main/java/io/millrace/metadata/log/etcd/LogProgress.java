package io.millrace.metadata.log.etcd;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.log.LogException;
import java.util.Optional;

/**
 * A point that the log in etcd has reached. Reads of etcd are linearizable, so a reply to a later
 * request is never before this point, unless etcd lost its data or was restored.
 *
 * @param entries the number of entries: see {@link LogHead}
 */
record LogProgress(long epoch, long entries) {

    static LogProgress of(Optional<Etcd.KeyValue> epoch, Optional<Etcd.KeyValue> head) {
        return new LogProgress(
                epoch.map(key -> EtcdKeys.number(key.value())).orElse(0L),
                head.map(LogHead::entries).orElse(0L));
    }

    /**
     * Verifies the reply to a request that was sent when the log had reached this point.
     *
     * @throws LogException.Corrupt if the reply is before this point
     */
    void verifyReply(LogProgress reply) {
        if (reply.epoch < epoch || reply.entries < entries) {
            throw new LogException.Corrupt(
                    ("The metadata log in etcd is at entry %d of epoch %d, but this node has"
                                    + " already read entry %d of epoch %d. etcd lost its data, or was"
                                    + " restored from a backup without a new generation. Stop all"
                                    + " nodes, restore the newest backup of etcd, raise the"
                                    + " generation (docs/configuration.md) and start the nodes; a"
                                    + " restart without a restore does not help.")
                            .formatted(reply.entries, reply.epoch, entries, epoch),
                    null);
        }
    }
}
