package io.millrace.benchmarks;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.millrace.compaction.schedule.CompactionScheduler;
import io.millrace.metadata.Extent;
import io.millrace.metadata.PartitionLog;
import io.millrace.metadata.StoredObject;
import io.millrace.metadata.command.BatchItem;
import io.millrace.metadata.command.Command;
import io.millrace.metadata.command.ProducerStamp;
import io.millrace.metadata.log.local.LocalLogSettings;
import io.millrace.metadata.replica.MetadataReplica;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.runtime.SystemAccess;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.Slice;
import io.millrace.storage.stream.StreamObjectBuilder;
import io.millrace.storage.stream.StreamObjectLayout;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Merges more bytes than the disk holds: {@code LongMerge FOLDER GIB}, with {@code -Xmx256m}. Large
 * bursts of WAL blocks become large segments directly; small bursts become small segments that are
 * merged again. Prints the live heap during merges.
 */
@SystemAccess("creates the thread that runs the merges, and reads the clock")
public final class LongMerge {

    private static final int PARTITIONS = 100;
    private static final int BATCH_BYTES = 80 << 10;
    private static final int RECORDS = 80;
    private static final int LARGE_BURST_BLOCKS = 256;
    private static final int SMALL_BURST_BLOCKS = 16;
    private static final int LINES = 20;
    private static final int CHECK_EVERY_MS = 50;
    private static final long BLOCK_BYTES = (long) PARTITIONS * BATCH_BYTES;
    private static final double GIB = 1 << 30;

    private final LogProcess process;
    private final MetadataReplica replica;
    private final SyntheticBucket bucket;
    private final StreamObjectLayout layout;
    private final CompactionScheduler job;
    private final long topicId;
    private long blocks;
    private long nextLineBytes;
    private long mergingNanos;
    private long maxUsedBytes;

    private LongMerge(LogProcess process, byte[] batch, ExecutorService worker) {
        this.process = process;
        this.replica = process.replica();
        topicId = process.createTopic("long", PARTITIONS);
        bucket = new SyntheticBucket(LogProcess.CLUSTER, batch);
        StreamObjectBuilder builder = new StreamObjectBuilder();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            builder.add(topicId, partition, new Slice(batch, 0, batch.length));
        }
        layout = builder.seal(new ObjectId(ObjectId.Kind.WAL, replica.incarnation(), 0));
        job = process.mergeJob(bucket, worker, new SimpleMeterRegistry());
    }

    public static void main(String... arguments) throws IOException {
        long bytes = Long.parseLong(arguments[1]) << 30;
        byte[] batch = new byte[BATCH_BYTES];
        new SecureRandom().nextBytes(batch);
        BatchHeader.write(batch, 0, BATCH_BYTES, BatchHeader.Fields.anonymous(0, RECORDS, 1, 1));
        ExecutorService worker =
                Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon().factory());
        try (LogProcess process =
                LogProcess.inFolder(
                        Path.of(arguments[0]),
                        LocalLogSettings.DEFAULTS,
                        new SimpleMeterRegistry())) {
            new LongMerge(process, batch, worker).measure(bytes);
        }
    }

    private void measure(long bytes) {
        System.out.printf(
                "%10s %14s %14s %10s %26s%n",
                "blocks", "of blocks, GiB", "written, GiB", "MiB/s", "heap alive in merges, MiB");
        while (blocks * BLOCK_BYTES < bytes) {
            int cycle = (int) (blocks % (2 * LARGE_BURST_BLOCKS));
            commit(cycle == 0 ? LARGE_BURST_BLOCKS : SMALL_BURST_BLOCKS);
            merge(bytes / LINES);
        }
        check();
        System.out.printf(
                "all %,d bytes of blocks are in segments once, %,d were written; heap in use at most %,d MiB of %,d%n",
                blocks * BLOCK_BYTES,
                bucket.writtenBytes(),
                maxUsedBytes >> 20,
                Runtime.getRuntime().maxMemory() >> 20);
    }

    private void merge(long blockBytesEachLine) {
        long start = System.nanoTime();
        CompletableFuture<Integer> merging =
                CompletableFuture.supplyAsync(job::runAllDue, replica.loop())
                        .thenCompose(segments -> segments);
        while (!isDone(merging)) {
            maxUsedBytes = Math.max(maxUsedBytes, usedBytes());
            if (blocks * BLOCK_BYTES >= nextLineBytes) {
                nextLineBytes += blockBytesEachLine;
                System.gc();
                System.out.printf(
                        "%,10d %14.1f %14.1f %,10.0f %26.1f%n",
                        blocks,
                        blocks * BLOCK_BYTES / GIB,
                        bucket.writtenBytes() / GIB,
                        bucket.writtenBytes()
                                / (double) (1 << 20)
                                / ((mergingNanos + System.nanoTime() - start) / 1e9),
                        usedBytes() / (double) (1 << 20));
            }
        }
        mergingNanos += System.nanoTime() - start;
    }

    /** Waits briefly and returns whether the merge is done. */
    private static boolean isDone(CompletableFuture<Integer> merging) {
        try {
            merging.get(CHECK_EVERY_MS, TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException notYet) {
            return false;
        } catch (InterruptedException | ExecutionException failed) {
            throw new IllegalStateException("a merge failed", failed);
        }
    }

    private static long usedBytes() {
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private void commit(int count) {
        for (int i = 0; i < count; i++) {
            ObjectId id = new ObjectId(ObjectId.Kind.WAL, replica.incarnation(), blocks++);
            ObjectRef like = layout.object().ref();
            List<BatchItem> items = new ArrayList<>();
            for (int partition = 0; partition < PARTITIONS; partition++) {
                items.add(
                        new BatchItem(
                                topicId,
                                partition,
                                RECORDS,
                                layout.position(partition),
                                BATCH_BYTES,
                                1,
                                ProducerStamp.NONE));
            }
            process.awaitApplied(
                    new Command.BlockCommitted(
                            new ObjectRef(id, like.indexPosition(), like.sizeBytes()),
                            System.currentTimeMillis(),
                            items));
        }
    }

    /** Checks that every partition is whole and that every referenced object was written. */
    private void check() {
        long segmentBytes = 0;
        for (StoredObject object :
                CompletableFuture.supplyAsync(
                                () -> replica.objects().referencedObjects(), replica.loop())
                        .join()) {
            segmentBytes +=
                    bucket.segment(object.object().id())
                            .map(SyntheticSegment::batchBytes)
                            .orElse(object.liveBytes());
        }
        require(segmentBytes == blocks * BLOCK_BYTES, "bytes of all objects");
        for (int partition = 0; partition < PARTITIONS; partition++) {
            int number = partition;
            PartitionLog log =
                    CompletableFuture.supplyAsync(
                                    () -> replica.view().partition(topicId, number), replica.loop())
                            .join()
                            .orElseThrow();
            long next = 0;
            for (Extent extent : log.extents(0, Long.MAX_VALUE)) {
                require(extent.baseOffset() == next, "offsets of partition " + partition);
                next = extent.endOffset();
            }
            require(next == blocks * RECORDS, "the end of partition " + partition);
        }
    }

    private static void require(boolean holds, String what) {
        if (!holds) {
            throw new IllegalStateException("unexpected: " + what);
        }
    }
}
