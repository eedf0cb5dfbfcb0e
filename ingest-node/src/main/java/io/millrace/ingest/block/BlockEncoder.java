package io.millrace.ingest.block;

import io.millrace.ingest.pack.BatchEncoder;
import io.millrace.runtime.loop.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jboss.logging.Logger;

/**
 * Runs the transformations of sealed blocks off the event loop, while earlier blocks are uploaded.
 * Blocks with batches to decompress have a queue of their own and are processed one at a time, so
 * that other blocks are not delayed. The memory limit of blocks bounds the queue. Owned by the
 * node's event loop.
 */
public final class BlockEncoder {

    private static final Logger LOG = Logger.getLogger(BlockEncoder.class);

    /** Higher levels cost several times the CPU for a few percent of bytes. */
    private static final int ZSTD_LEVEL = 1;

    private final Executor compression;
    private final EventLoop loop;
    private final BatchEncoder encoder = new BatchEncoder(ZSTD_LEVEL);
    private final Queue<Runnable> decompressions = new ArrayDeque<>();
    private boolean decompressing;

    public BlockEncoder(Executor compression, EventLoop loop) {
        this.compression = compression;
        this.loop = loop;
    }

    private record TransformJob(BlockBatch batch, BatchTransform work) {}

    /**
     * Starts the transformations of a block; {@code then} runs on the event loop when all are done.
     */
    public void start(SealedBlock block, Runnable then) {
        List<TransformJob> jobs = new ArrayList<>();
        for (PartitionRun run : block.runs()) {
            for (BlockBatch batch = run.head(); batch != null; batch = batch.next()) {
                BatchTransform work = batch.transform();
                if (work != null) {
                    jobs.add(new TransformJob(batch, work));
                }
            }
        }
        if (jobs.stream().noneMatch(job -> job.work().decompresses())) {
            execute(jobs, then);
            return;
        }
        decompressions.add(() ->
                execute(
                        jobs,
                        () -> {
                            decompressing = false;
                            startDecompression();
                            then.run();
                        }));
        startDecompression();
    }

    private void startDecompression() {
        if (!decompressing && !decompressions.isEmpty()) {
            decompressing = true;
            decompressions.remove().run();
        }
    }

    private void execute(List<TransformJob> jobs, Runnable then) {
        try {
            compression.execute(() -> runAll(jobs, then));
        } catch (RejectedExecutionException full) {
            LOG.warn(
                    "The compression executor rejected a block, which fails; its producers are asked to retry",
                    full);
            BatchTransform.Result rejected =
                    new BatchTransform.Result.Rejected(ProduceProblems.overloaded());
            jobs.forEach(job -> job.batch().transformed(rejected));
            then.run();
        }
    }

    private void runAll(List<TransformJob> jobs, Runnable then) {
        List<BatchTransform.Result> results = new ArrayList<>(jobs.size());
        for (TransformJob job : jobs) {
            results.add(run(job.work()));
        }
        loop.execute(() -> {
            for (int i = 0; i < results.size(); i++) {
                jobs.get(i).batch().transformed(results.get(i));
            }
            then.run();
        });
    }

    private BatchTransform.Result run(BatchTransform work) {
        try {
            return work.run(encoder);
        } catch (Throwable bug) {
            // An error, as of a missing native library, would leave the block unsealed forever.
            LOG.error("The transformation of a batch failed", bug);
            return new BatchTransform.Result.Rejected(
                    ProduceProblems.internal("The transformation of the batch"));
        }
    }
}
