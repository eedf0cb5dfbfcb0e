package io.millrace.compaction.key;

import io.millrace.compaction.input.RangeReader;
import io.millrace.compaction.rewrite.BatchRecords;
import io.millrace.compaction.rewrite.StepLoop;
import io.millrace.compaction.rewrite.YieldPoint;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Collects the newest offset of each uncompacted key, until the key table is full. The last extent
 * is read completely, because damage must be found before writing starts. Owned by the executor.
 */
final class KeyOffsetScan {

    private final RangeReader reader;
    private final Map<Integer, Long> cleanedTo;
    private final KeyOffsetTable keys;
    private final YieldPoint yieldPoint;
    private final Executor executor;

    private final Map<Integer, Long> scannedTo = new HashMap<>();

    private boolean isFull;

    private final CompletableFuture<Map<Integer, Long>> result = new CompletableFuture<>();

    /**
     * @param cleanedTo for each partition, the offset below which no key is collected
     */
    KeyOffsetScan(
            RangeReader reader,
            Map<Integer, Long> cleanedTo,
            KeyOffsetTable keys,
            YieldPoint precedence,
            Executor executor) {
        this.reader = reader;
        this.cleanedTo = Map.copyOf(cleanedTo);
        this.keys = keys;
        this.yieldPoint = precedence;
        this.executor = executor;
    }

    /**
     * Starts the scan. Any thread.
     *
     * @return completes on the executor with the offset of each partition below which all keys are
     *     in the table; partitions without progress are absent
     */
    CompletableFuture<Map<Integer, Long>> start() {
        executor.execute(() -> {
            try {
                reader.start();
            } catch (Throwable failure) {
                fail(failure);
                return;
            }
            new StepLoop(executor, this::step, this::fail).run();
        });
        return result;
    }

    private Optional<CompletableFuture<Void>> step() {
        while (!reader.isAtEnd()) {
            RangeReader.SourceBatch batch = reader.next();
            if (batch == null) {
                return Optional.of(reader.awaitData());
            }
            if (!isFull) {
                collect(batch);
            }
            if (batch.endOffset() == batch.from().endOffset()) {
                if (isFull) {
                    break;
                }
                CompletableFuture<Void> may = yieldPoint.yieldIfNeeded();
                if (!may.isDone()) {
                    return Optional.of(may);
                }
            }
        }
        finish();
        return Optional.empty();
    }

    /** Ignores an undecodable batch, since readers cannot decode the batch either. */
    private void collect(RangeReader.SourceBatch batch) {
        Optional<BatchRecords> decodable = BatchRecords.decodable(batch);
        if (decodable.isPresent() && !decodable.get().isControlBatch()) {
            int partition = batch.range().partition();
            long from = cleanedTo.getOrDefault(partition, 0L);
            decodable
                    .get()
                    .forEach(record -> {
                        if (!isFull
                                && record.hasKey()
                                && record.offset() >= from
                                && !keys.put(keys.hash(partition, record.key()), record.offset())) {
                            isFull = true;
                            advanceTo(batch, record.offset());
                        }
                    });
        }
        if (!isFull) {
            advanceTo(batch, batch.endOffset());
        }
    }

    private void advanceTo(RangeReader.SourceBatch batch, long offset) {
        scannedTo.put(batch.range().partition(), offset);
    }

    private void finish() {
        reader.close();
        result.complete(scannedTo);
    }

    private void fail(Throwable failure) {
        reader.close();
        result.completeExceptionally(failure);
    }
}
