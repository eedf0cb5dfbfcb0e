package io.millrace.ingest.commit;

import io.millrace.ingest.block.IngestSettings;
import io.millrace.ingest.block.ProduceProblems;
import io.millrace.ingest.block.SealedBlock;
import io.millrace.protocol.error.Problem;
import io.millrace.runtime.FutureFailures;
import io.millrace.runtime.log.LogFields;
import io.millrace.runtime.loop.EventLoop;
import io.millrace.storage.object.ObjectStore;
import io.millrace.storage.object.ObjectStoreException;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.SealedObjectSink;
import java.util.ArrayDeque;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Uploads blocks in order of arrival, up to {@code maxUploads} at a time. Owned by the node's event
 * loop. The caller's memory budget bounds the queue.
 */
final class BlockUploads {

    private static final Logger LOG = Logger.getLogger(BlockUploads.class);

    /** A listener for the end of uploads, except of blocks that were answered meanwhile. */
    interface UploadListener {

        void uploaded(SealedBlock block);

        void failed(SealedBlock block, Problem problem);

        /** An upload has ended with any result. */
        void slotFreed();
    }

    private final IngestSettings settings;
    private final ObjectStore store;
    private final EventLoop loop;
    private final SealedObjectSink sink;
    private final UploadListener listener;
    private final ArrayDeque<SealedBlock> waiting = new ArrayDeque<>();
    private int running;

    BlockUploads(
            IngestSettings settings,
            ObjectStore store,
            EventLoop loop,
            SealedObjectSink sink,
            UploadListener listener) {
        this.settings = settings;
        this.store = store;
        this.loop = loop;
        this.sink = sink;
        this.listener = listener;
    }

    /** Adds a block, which is skipped if answered before its upload starts. */
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
        block.setStage(SealedBlock.Stage.UPLOADING);
        block.uploadBeganAt(loop.nanoTime());
        sink.offer(block.layout().object());
        store.put(block.id().key(settings.cluster()), block.layout().object().body())
                .whenComplete((done, failure) -> loop.execute(() -> ended(block, failure)));
    }

    private void ended(SealedBlock block, @Nullable Throwable failure) {
        // Not at the deadline: a hanging upload still holds its connection.
        running--;
        if (block.stage() != SealedBlock.Stage.UPLOADING) {
            sink.withdrawn(block.id());
        } else if (failure == null) {
            ObjectRef object = block.ref();
            listener.uploaded(block);
            // After the listener, for which producers wait.
            sink.uploaded(object);
        } else {
            sink.withdrawn(block.id());
            listener.failed(block, problemOf(block, failure));
        }
        beginNext();
        listener.slotFreed();
    }

    private static Problem problemOf(SealedBlock block, Throwable failure) {
        Throwable cause = FutureFailures.unwrap(failure);
        LogFields.object(block.id())
                .trace(BlockSpans.firstTraced(block))
                .log(() -> LOG.warnf("Upload of %s failed: %s", block.id(), cause.getMessage()));
        return cause instanceof ObjectStoreException known
                ? ProduceProblems.uploadFailed(known)
                : ProduceProblems.internal("The upload of " + block.id());
    }
}
