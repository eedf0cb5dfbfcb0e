package io.millrace.ingest.commit;

import io.millrace.ingest.block.IngestSettings;
import io.millrace.ingest.block.ProduceProblems;
import io.millrace.ingest.block.SealedBlock;
import io.millrace.protocol.error.Problem;
import io.millrace.runtime.FutureFailures;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.SealedObjectSink;
import java.util.ArrayDeque;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Puts blocks into the bucket in the order in which they come, so many at the same time as the
 * settings allow. Owned by the node's loop. Its queue is bounded by the memory budget of whoever
 * hands blocks in.
 */
final class BlockUploads {

    private static final Logger LOG = Logger.getLogger(BlockUploads.class);

    /** Hears how uploads end; not of blocks that were answered meanwhile. */
    interface Listener {

        void uploaded(SealedBlock block);

        void failed(SealedBlock block, Problem problem);

        /** An upload ended, whatever became of its block, and the next one has begun. */
        void placeFree();
    }

    private final IngestSettings settings;
    private final ObjectStore store;
    private final EventLoop loop;
    private final SealedObjectSink sink;
    private final Listener listener;
    private final ArrayDeque<SealedBlock> waiting = new ArrayDeque<>();
    private int running;

    BlockUploads(
            IngestSettings settings,
            ObjectStore store,
            EventLoop loop,
            SealedObjectSink sink,
            Listener listener) {
        this.settings = settings;
        this.store = store;
        this.loop = loop;
        this.sink = sink;
        this.listener = listener;
    }

    /** Takes a block that is laid out. If it is answered before its turn, it is left out. */
    void add(SealedBlock block) {
        waiting.add(block);
        beginNext();
    }

    private void beginNext() {
        while (running < settings.maxUploads() && !waiting.isEmpty()) {
            SealedBlock block = waiting.remove();
            if (block.stage() == SealedBlock.Stage.WAITING) {
                begin(block);
            }
        }
    }

    private void begin(SealedBlock block) {
        running++;
        block.moveTo(SealedBlock.Stage.UPLOADING);
        sink.offer(block.laid().object());
        store.put(block.id().key(settings.cluster()), block.laid().object().body())
                .whenComplete((done, failure) -> loop.execute(() -> ended(block, failure)));
    }

    private void ended(SealedBlock block, @Nullable Throwable failure) {
        // Only now, not at the deadline: an upload that hangs still holds its connection.
        running--;
        if (block.stage() != SealedBlock.Stage.UPLOADING) {
            sink.withdrawn(block.id());
        } else if (failure == null) {
            ObjectRef object = block.ref();
            listener.uploaded(block);
            // Only now: producers wait for what the listener does, and nobody waits for this.
            sink.uploaded(object);
        } else {
            sink.withdrawn(block.id());
            listener.failed(block, problemOf(block, failure));
        }
        beginNext();
        listener.placeFree();
    }

    private static Problem problemOf(SealedBlock block, Throwable failure) {
        Throwable cause = FutureFailures.of(failure);
        LOG.warnf("Upload of %s failed: %s", block.id(), cause.getMessage());
        return cause instanceof ObjectStoreException known
                ? ProduceProblems.uploadFailed(known)
                : ProduceProblems.internal("The upload of " + block.id());
    }
}
