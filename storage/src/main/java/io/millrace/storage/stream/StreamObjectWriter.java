package io.millrace.storage.stream;

import static io.millrace.storage.stream.StreamObjectFormat.HEADER_BYTES;

import io.millrace.protocol.batch.BatchHeader;
import io.millrace.storage.object.ObjectBody;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A segment that is written front to back without being held as a whole: batches go in at one end,
 * and the object's bytes come out at the other. Batches are not copied, but for their base offsets,
 * which are made absolute.
 *
 * <p>Not thread-safe: one owner at a time. Its bound is the caller's, who takes bytes away whenever
 * {@link #readyBytes} are enough for a part; besides, it keeps 4 bytes for each page, and about 100
 * for each run and stretch.
 */
public final class StreamObjectWriter {

    private final ObjectId id;
    private final int mostStretchBytes;
    private final Deque<Slice> ready = new ArrayDeque<>();
    private final PageChecksums pages = new PageChecksums(0);

    /** By position. The last one grows with the batches that are added. */
    private final List<Run> runs = new ArrayList<>();

    /** Likewise. */
    private final List<SegmentStretch> stretches = new ArrayList<>();

    private long readyBytes;
    private long position;
    private boolean finished;

    /**
     * @param id of a segment
     * @param mostStretchBytes what a stretch of several batches has at most; a larger batch is one
     *     by itself
     */
    public StreamObjectWriter(ObjectId id, int mostStretchBytes) {
        if (id.kind() != ObjectId.Kind.SEGMENT) {
            throw new IllegalArgumentException(
                    id + " is not a segment: only those have absolute offsets");
        }
        this.id = id;
        this.mostStretchBytes = mostStretchBytes;
        append(new Slice(StreamObjectFormat.header(), 0, HEADER_BYTES));
    }

    /**
     * Adds a batch, behind the one before in the order of topic id, partition and offset. Offsets
     * may be left out.
     *
     * @param baseOffset of its first record
     * @param batch exactly one checked batch; its array is not written any more
     */
    public void add(long topicId, int partition, long baseOffset, Slice batch) {
        checkBatch(batch);
        SegmentStretch added =
                new SegmentStretch(
                        topicId,
                        partition,
                        baseOffset,
                        baseOffset + BatchHeader.offsetCount(batch.array(), batch.offset()),
                        position,
                        batch.length(),
                        BatchHeader.maxTimestampMs(batch.array(), batch.offset()));
        boolean inRun = follows(added);
        addToRuns(added, inRun);
        addToStretches(added, inRun);
        byte[] stamped = new byte[Long.BYTES];
        BatchHeader.setBaseOffset(stamped, 0, baseOffset);
        append(new Slice(stamped, 0, Long.BYTES));
        append(batch.part(Long.BYTES, batch.length() - Long.BYTES));
    }

    private void checkBatch(Slice batch) {
        if (finished) {
            throw new IllegalStateException(id + " is finished");
        }
        if (batch.length() < BatchHeader.BYTES
                || BatchHeader.sizeBytes(batch.array(), batch.offset()) != batch.length()
                || BatchHeader.offsetCount(batch.array(), batch.offset()) < 1) {
            throw new IllegalArgumentException(
                    "%d bytes for %s are not one batch".formatted(batch.length(), id));
        }
    }

    /** Whether a batch goes on with the last run; refuses one that lies before its end. */
    private boolean follows(SegmentStretch added) {
        boolean inRun = false;
        boolean ordered = added.baseOffset() >= 0;
        if (!stretches.isEmpty()) {
            SegmentStretch last = stretches.getLast();
            inRun = last.topicId() == added.topicId() && last.partition() == added.partition();
            ordered &=
                    inRun
                            ? added.baseOffset() >= last.endOffset()
                            : last.topicId() < added.topicId()
                                    || (last.topicId() == added.topicId()
                                            && last.partition() < added.partition());
        }
        if (!ordered) {
            throw new IllegalArgumentException(
                    "topic %d, partition %d, offset %d does not lie behind what is in %s"
                            .formatted(added.topicId(), added.partition(), added.baseOffset(), id));
        }
        return inRun;
    }

    private void addToRuns(SegmentStretch added, boolean inRun) {
        Run before =
                inRun
                        ? runs.removeLast()
                        : new Run(added.topicId(), added.partition(), position, 0, 0, 0);
        runs.add(
                new Run(
                        before.topicId(),
                        before.partition(),
                        before.position(),
                        before.length() + added.length(),
                        before.batchCount() + 1,
                        before.offsetCount() + added.endOffset() - added.baseOffset()));
    }

    private void addToStretches(SegmentStretch added, boolean inRun) {
        boolean fits =
                inRun && (long) stretches.getLast().length() + added.length() <= mostStretchBytes;
        stretches.add(fits ? stretches.removeLast().and(added) : added);
    }

    private void append(Slice piece) {
        pages.add(piece);
        position += piece.length();
        makeReady(piece);
    }

    private void makeReady(Slice piece) {
        ready.add(piece);
        readyBytes += piece.length();
    }

    /** Bytes that can be taken. */
    public long readyBytes() {
        return readyBytes;
    }

    /**
     * Takes the next bytes of the object.
     *
     * @param sizeBytes at most those that are ready
     */
    public ObjectBody take(int sizeBytes) {
        if (sizeBytes < 0 || sizeBytes > readyBytes) {
            throw new IllegalArgumentException(
                    "%d bytes of %s are not ready, but %d".formatted(sizeBytes, id, readyBytes));
        }
        List<Slice> taken = new ArrayList<>();
        for (int rest = sizeBytes; rest > 0; ) {
            Slice piece = ready.remove();
            if (piece.length() > rest) {
                ready.addFirst(piece.part(rest, piece.length() - rest));
                piece = piece.part(0, rest);
            }
            taken.add(piece);
            rest -= piece.length();
        }
        readyBytes -= sizeBytes;
        return new Taken(List.copyOf(taken), sizeBytes);
    }

    private record Taken(List<Slice> slices, long sizeBytes) implements ObjectBody {

        @Override
        public List<ByteBuffer> pieces() {
            return slices.stream().map(Slice::buffer).toList();
        }
    }

    /**
     * Ends the object: makes its last bytes ready.
     *
     * @throws IllegalStateException if there are no batches in it
     */
    public SegmentLayout finish() {
        if (finished || runs.isEmpty()) {
            throw new IllegalStateException(id + (finished ? " is finished" : " has no batches"));
        }
        finished = true;
        StreamObjectTail tail = StreamObjectTail.of(id, position, pages.finish(), runs);
        makeReady(new Slice(tail.bytes(), 0, tail.bytes().length));
        return new SegmentLayout(tail.ref(), stretches);
    }
}
