package io.millrace.metadata.log.etcd;

import io.millrace.metadata.etcd.Etcd;
import io.millrace.metadata.etcd.EtcdException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;

/**
 * A read of a range of keys in pages. A page that does not arrive in time is requested again with
 * half as many keys, so that large entries can be read over a slow connection. Used once. Owned by
 * the event loop of the log.
 */
final class PagedRange {

    private final Etcd etcd;
    private final String end;
    private final long revision;
    private final int maxKeys;
    private final IntConsumer received;
    private final List<Etcd.KeyValue> found = new ArrayList<>();
    private int keys;

    /**
     * @param revision the revision to read at, or 0 for the newest
     * @param maxKeys the maximum number of keys of a page
     * @param received receives the number of keys of each page
     */
    PagedRange(Etcd etcd, String end, long revision, int maxKeys, IntConsumer received) {
        this.etcd = etcd;
        this.end = end;
        this.revision = revision;
        this.maxKeys = maxKeys;
        this.received = received;
        this.keys = maxKeys;
    }

    CompletableFuture<List<Etcd.KeyValue>> read(String from) {
        return etcd.range(from, end, revision, keys)
                .handle((page, failure) -> {
                    if (failure == null) {
                        return next(page);
                    }
                    RuntimeException why = LogFailures.causeOf(failure);
                    if (keys == 1 || !isUnavailable(why)) {
                        return CompletableFuture.<List<Etcd.KeyValue>>failedFuture(why);
                    }
                    keys = keys / 2;
                    return read(from);
                })
                .thenCompose(next -> next);
    }

    private CompletableFuture<List<Etcd.KeyValue>> next(Etcd.Page page) {
        received.accept(page.keys().size());
        found.addAll(page.keys());
        keys = Math.min(maxKeys, keys + 1);
        return page.more()
                ? read(page.keys().getLast().key() + '\0')
                : CompletableFuture.completedFuture(found);
    }

    private static boolean isUnavailable(RuntimeException why) {
        return why instanceof EtcdException etcd && etcd.kind() == EtcdException.Kind.UNAVAILABLE;
    }
}
