package io.millrace.storage.stream;

import static io.millrace.storage.stream.StreamObjectFormat.HEADER_BYTES;

import io.millrace.protocol.batch.BatchHeader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * A builder of stream objects from batches of any partitions in any order. Copies nothing. Not
 * thread safe; no batch may be added during {@link #seal}. The caller bounds the size by {@link
 * #batchCount} and {@link #batchBytes}.
 */
public final class StreamObjectBuilder {

    private static final int FEW_BATCHES = 64;

    private final List<Slice> batches;
    private final Set<byte[]> arrays = Collections.newSetFromMap(new IdentityHashMap<>());
    private long[] topicIds;
    private int[] partitions;
    private long batchBytes;
    private long arrayBytes;
    private byte[] lastArray = new byte[0];

    public StreamObjectBuilder() {
        this(FEW_BATCHES);
    }

    public StreamObjectBuilder(int expectedBatches) {
        int room = Math.max(1, expectedBatches);
        this.batches = new ArrayList<>(room);
        this.topicIds = new long[room];
        this.partitions = new int[room];
    }

    /**
     * Appends a batch and returns its number, from 0.
     *
     * @param batch exactly one validated batch, not modified afterwards
     */
    public int add(long topicId, int partition, Slice batch) {
        int number = batches.size();
        if (number == topicIds.length) {
            topicIds = Arrays.copyOf(topicIds, 2 * number);
            partitions = Arrays.copyOf(partitions, 2 * number);
        }
        topicIds[number] = topicId;
        partitions[number] = partition;
        batches.add(batch);
        batchBytes += batch.length();
        if (batch.array() != lastArray) {
            lastArray = batch.array();
            if (arrays.add(lastArray)) {
                arrayBytes += lastArray.length;
            }
        }
        return number;
    }

    public int batchCount() {
        return batches.size();
    }

    public long batchBytes() {
        return batchBytes;
    }

    /**
     * Lays the batches out as an object.
     *
     * @throws IllegalStateException if no batches were added
     */
    public StreamObjectLayout seal(ObjectId id) {
        if (batches.isEmpty()) {
            throw new IllegalStateException("no batches for " + id);
        }
        int count = batches.size();
        int[] order = RunOrder.of(topicIds, partitions, count);
        long[] positions = new long[count];
        List<Run> runs = new ArrayList<>();
        PageChecksums pages = new PageChecksums(HEADER_BYTES + batchBytes);
        GatheredPieces.Builder pieces = new GatheredPieces.Builder();
        Slice header = new Slice(StreamObjectFormat.header(), 0, HEADER_BYTES);
        pages.add(header);
        long position = HEADER_BYTES;
        for (int from = 0; from < count; ) {
            int first = order[from];
            long runStart = position;
            long offsets = 0;
            int until = from;
            while (until < count && sameRun(first, order[until])) {
                int number = order[until++];
                Slice batch = batches.get(number);
                positions[number] = position;
                offsets += BatchHeader.offsetCount(batch.array(), batch.offset());
                pieces.add(batch, position);
                pages.add(batch);
                position += batch.length();
            }
            runs.add(
                    new Run(
                            topicIds[first],
                            partitions[first],
                            runStart,
                            position - runStart,
                            until - from,
                            offsets));
            from = until;
        }
        StreamObjectTail tail = StreamObjectTail.of(id, position, pages.finish(), runs);
        return new StreamObjectLayout(
                new GatheredObject(tail.ref(), header, pieces.build(), tail.bytes(), arrayBytes),
                positions,
                order);
    }

    private boolean sameRun(int value, int other) {
        return topicIds[value] == topicIds[other] && partitions[value] == partitions[other];
    }
}
