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
 * Collects the newest offset of every key of what was not looked at yet, until all is seen or there
 * is no room for another key: then the pass ends there, and another one goes on. The extent in
 * which it ends is read to its end, as all of it is to be written: what is damaged is met before
 * anything is. Owned by the executor.
 */
final class KeyOffsetScan {

    private final RangeReader reader;
    private final Map<Integer, Long> cleanedTo;
    private final KeyOffsetTable keys;
    private final YieldPoint precedence;
    private final Executor executor;

    /** Up to where each partition is seen. */
    private final Map<Integer, Long> upTo = new HashMap<>();

    /** Whether there was no room for another key. */
    private boolean isFull;

    private final CompletableFuture<Map<Integer, Long>> result = new CompletableFuture<>();

    /**
     * @param reader of ranges of one topic
     * @param cleanedTo for each partition, below which offset no key is collected
     * @param keys gets them
     * @param precedence is given between two extents
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
        this.precedence = precedence;
        this.executor = executor;
    }

    /**
     * Begins. Any thread.
     *
     * @return completes on the executor with the offset up to which all keys of a partition are
     *     known; without those of which nothing is
     */
    CompletableFuture<Map<Integer, Long>> start() {
        executor.execute(() -> {
            reader.begin();
            new StepLoop(executor, this::step, this::fail).run();
        });
        return result;
    }

    private Optional<CompletableFuture<Void>> step() {
        while (!reader.isAtEnd()) {
            RangeReader.Found batch = reader.next();
            if (batch == null) {
                return Optional.of(reader.more());
            }
            if (!isFull) {
                collect(batch);
            }
            if (batch.endOffset() == batch.from().endOffset()) {
                if (isFull) {
                    break;
                }
                CompletableFuture<Void> may = precedence.give();
                if (!may.isDone()) {
                    return Optional.of(may);
                }
            }
        }
        finish();
        return Optional.empty();
    }

    /** All keys of a batch, or none if it cannot be decoded: then nobody can read it. */
    private void collect(RangeReader.Found batch) {
        Optional<BatchRecords> decodable = BatchRecords.decodable(batch);
        if (decodable.isPresent() && !decodable.get().areMarkers()) {
            int partition = batch.range().partition();
            long from = cleanedTo.getOrDefault(partition, 0L);
            decodable
                    .get()
                    .forEach(record -> {
                        if (!isFull
                                && record.hasKey()
                                && record.offset() >= from
                                && !keys.put(keys.key(partition, record.key()), record.offset())) {
                            isFull = true;
                            note(batch, record.offset());
                        }
                    });
        }
        if (!isFull) {
            note(batch, batch.endOffset());
        }
    }

    private void note(RangeReader.Found batch, long offset) {
        upTo.put(batch.range().partition(), offset);
    }

    private void finish() {
        reader.close();
        result.complete(upTo);
    }

    private void fail(Throwable failure) {
        reader.close();
        result.completeExceptionally(failure);
    }
}
