package io.millrace.storage.stream;

import static io.millrace.storage.stream.StreamObjectFormat.HEADER_BYTES;
import static io.millrace.storage.stream.StreamObjectFormat.corrupt;

import io.millrace.protocol.batch.BatchCursor;
import io.millrace.protocol.batch.BatchHeader;
import io.millrace.storage.object.ObjectStoreException.Corrupt;
import java.util.Arrays;
import java.util.List;

/**
 * Verifies a whole stream object in pieces: every byte, and the consistency of its parts. Damage is
 * reported as {@link Corrupt}. Holds the runs and at most one batch. Single use; not thread safe.
 */
public final class StreamObjectCheck {

    private final ObjectRef ref;
    private final StreamObjectIndex index;
    private final List<Run> runs;
    private final boolean holdsBatches;
    private long position;
    private int current;
    private int batchCount;
    private long offsetCount;
    private long nextOffset;

    /** Bytes after the last whole batch of the current run. */
    private byte[] incompleteBatch = {};

    /**
     * Verifies index and trailer.
     *
     * @param tail the bytes from the index position on
     */
    public StreamObjectCheck(ObjectRef ref, byte[] tail) {
        this.ref = ref;
        this.holdsBatches = ref.id().kind() != ObjectId.Kind.MANIFEST;
        this.index = StreamObjectIndex.parse(ref, tail);
        this.runs = StreamObjectIndex.runs(ref, tail);
        StreamObjectTrailer trailer = StreamObjectTrailer.parse(ref.id(), tail);
        verifyOrder();
        if (runs.stream().mapToLong(Run::batchCount).sum() != trailer.batchCount()
                || runs.stream().mapToLong(Run::offsetCount).sum() != trailer.offsetCount()) {
            throw corrupt(ref.id(), "its runs contradict the counts in its trailer");
        }
    }

    public List<Run> runs() {
        return runs;
    }

    /**
     * Verifies the next bytes.
     *
     * @param length a multiple of {@link StreamObjectFormat#PAGE_BYTES}, or up to the index
     *     position
     */
    public void add(byte[] bytes, int from, int length) {
        index.verify(position, bytes, from, length);
        if (position == 0) {
            verifyHeader(bytes, from);
        }
        long end = position + length;
        while (current < runs.size() && runs.get(current).position() < end) {
            Run run = runs.get(current);
            long start = Math.max(position, run.position());
            long stop = Math.min(end, run.end());
            if (holdsBatches) {
                walk(run, bytes, from + (int) (start - position), (int) (stop - start), start);
            }
            if (run.end() > end) {
                break;
            }
            endRun(run);
        }
        position = end;
    }

    private void verifyHeader(byte[] bytes, int from) {
        byte[] header = StreamObjectFormat.header();
        if (!Arrays.equals(bytes, from, from + HEADER_BYTES, header, 0, HEADER_BYTES)) {
            throw corrupt(ref.id(), "its header is not of this format");
        }
    }

    private void verifyOrder() {
        for (int i = 1; i < runs.size(); i++) {
            Run before = runs.get(i - 1);
            Run run = runs.get(i);
            int byTopic = Long.compare(before.topicId(), run.topicId());
            if (byTopic > 0 || (byTopic == 0 && before.partition() >= run.partition())) {
                throw corrupt(ref.id(), "its runs are not sorted at byte " + run.position());
            }
        }
    }

    /**
     * Verifies a part of a run.
     *
     * @param start the position of the part in the object
     */
    private void walk(Run run, byte[] bytes, int from, int length, long start) {
        byte[] array = bytes;
        int first = from;
        int whole = length;
        if (incompleteBatch.length > 0) {
            array = Arrays.copyOf(incompleteBatch, incompleteBatch.length + length);
            System.arraycopy(bytes, from, array, incompleteBatch.length, length);
            first = 0;
            whole = array.length;
        }
        long shift = start + length - (first + whole);
        BatchCursor batches = new BatchCursor(array, first, whole);
        while (batches.next()) {
            batchCount++;
            verifyBatch(array, batches, shift + batches.position());
        }
        offsetCount += batches.offsetsThroughCurrent();
        incompleteBatch =
                Arrays.copyOfRange(array, first + whole - batches.remainingBytes(), first + whole);
        if (!isBatchPrefix(run.end() - (start + length - incompleteBatch.length))) {
            throw batchMismatch(run);
        }
    }

    private boolean isBatchPrefix(long maxBytes) {
        if (incompleteBatch.length < BatchHeader.BYTES) {
            return true;
        }
        long size = BatchHeader.sizeBytes(incompleteBatch, 0);
        return size > incompleteBatch.length && size <= maxBytes;
    }

    private void verifyBatch(byte[] array, BatchCursor batch, long at) {
        if (ref.id().kind() == ObjectId.Kind.SEGMENT) {
            verifyOffset(array, batch, at);
        }
        if (!batch.crcMatches()) {
            throw corrupt(ref.id(), "the batch at byte %d fails its checksum".formatted(at));
        }
    }

    private void verifyOffset(byte[] array, BatchCursor batch, long at) {
        long baseOffset = BatchHeader.baseOffset(array, batch.position());
        if (baseOffset < nextOffset) {
            throw corrupt(
                    ref.id(),
                    "the batch at byte %d has offset %d, but must not be below %d"
                            .formatted(at, baseOffset, nextOffset));
        }
        nextOffset = baseOffset + batch.offsetCount();
    }

    private void endRun(Run run) {
        boolean asTheIndexSays =
                incompleteBatch.length == 0
                        && batchCount == run.batchCount()
                        && offsetCount == run.offsetCount();
        if (holdsBatches && !asTheIndexSays) {
            throw batchMismatch(run);
        }
        current++;
        batchCount = 0;
        offsetCount = 0;
        nextOffset = 0;
    }

    private Corrupt batchMismatch(Run run) {
        return corrupt(
                ref.id(),
                "bytes %d to %d are not the batches recorded in its index"
                        .formatted(run.position(), run.end()));
    }

    /** Returns the position of the next piece. */
    public long position() {
        return position;
    }
}
