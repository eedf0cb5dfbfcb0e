package io.millrace.fetch;

import io.millrace.metadata.PartitionLog;
import java.util.Optional;

/** What is done for a reader's next fetch when one was answered. Only on the fetch node's loop. */
final class ReadAhead {

    private ReadAhead() {}

    /**
     * Remembers where the reader will go on and, if it reads in order from the bucket, starts to
     * load what comes next.
     */
    static void after(
            ReadPath path, long topicId, int partition, PartitionRead read, boolean sequential) {
        Stretch last = read.lastStretch();
        boolean cold = !path.reader().isHot(last.object());
        boolean within = read.stretch() != null && read.position() > last.position();
        if (!cold && !within) {
            return;
        }
        path.continuations()
                .remember(
                        topicId, partition, read.endOffset(), last.object().id(), read.position());
        int most = path.settings().readAheadChunks();
        if (!cold || !sequential || most == 0) {
            return;
        }
        Optional<PartitionLog> log = path.metadata().view().partition(topicId, partition);
        if (log.isEmpty()
                || read.endOffset() < log.get().logStartOffset()
                || read.endOffset() >= log.get().highWatermark()) {
            return;
        }
        long ahead = (long) most * path.settings().chunkBytes();
        boolean first = true;
        for (Stretch next :
                Stretch.of(path.shelves().extents(log.get(), read.endOffset(), ahead))) {
            long from = first && within ? read.position() : next.position();
            first = false;
            if (most > 0 && from < next.endPosition()) {
                long length = Math.min(next.endPosition() - from, ahead);
                most -= path.reader().prefetch(next.object(), from, length, most);
            }
        }
    }
}
