package io.millrace.metadata.etcd;

import java.util.function.Consumer;

/** A watch of a client of a {@link FakeEtcd}. One thread. */
final class FakeWatch implements Etcd.Watch {

    /** The watched keys and kinds of changes. */
    record Range(String from, String end, boolean deletes) {}

    private final FakeKeys keys;
    private final Range range;
    private final Etcd.Watcher watcher;
    private final Consumer<FakeWatch> over;
    private long next;
    private boolean open = true;

    /**
     * @param next the first revision to report
     * @param over the callback for the end of the watch, unless the end was requested
     */
    FakeWatch(
            FakeKeys keys, Range range, long next, Etcd.Watcher watcher, Consumer<FakeWatch> over) {
        this.keys = keys;
        this.range = range;
        this.next = next;
        this.watcher = watcher;
        this.over = over;
    }

    /** Reports pending changes to the watcher. */
    void reportDue() {
        if (!open) {
            return;
        }
        if (next < keys.compacted()) {
            over.accept(this);
            fail(new EtcdException(EtcdException.Kind.COMPACTED, "compacted", null));
            return;
        }
        long upTo = keys.revision();
        for (FakeKeys.Change change : keys.changes(range.from(), range.end(), next)) {
            if (!open) {
                break;
            }
            if (change.now() != null) {
                watcher.put(change.now());
            } else if (range.deletes()) {
                watcher.deleted(change.key(), change.revision());
            }
        }
        next = Math.max(next, upTo + 1);
    }

    void fail(EtcdException why) {
        if (open) {
            open = false;
            watcher.failed(why);
        }
    }

    @Override
    public void close() {
        open = false;
        over.accept(this);
    }
}
