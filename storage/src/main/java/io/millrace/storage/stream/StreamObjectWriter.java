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
 * Writes a segment front to back without holding the whole object. Batches get absolute base
 * offsets, and are copied, so that a small batch does not retain its array.
 *
 * <p>Not thread safe. To bound memory, the caller takes {@link #readyBytes} part by part and
 * releases the bodies. The writer also holds 4 bytes per page and about 100 bytes per run.
 */
public final class StreamObjectWriter {

    /**
     * Just under 1 MiB, because an array of 1 MiB plus its header would occupy two heap regions.
     */
    public static final int PIECE_BYTES = (1 << 20) - 64;

    private final ObjectId id;
    private final int pieceBytes;
    private final Deque<Slice> ready = new ArrayDeque<>();
    private final PageChecksums pages = new PageChecksums(0);

    /** The runs by position. The last run grows. */
    private final List<Run> runs = new ArrayList<>();

    private final Deque<byte[]> free = new ArrayDeque<>();

    private byte[] piece = new byte[0];

    /** Start of the unqueued bytes of the current piece. */
    private int from;

    private int used;
    private long readyBytes;

    /** The queued part of {@link #readyBytes}. */
    private long queuedBytes;

    private long position;
    private long endOffset;
    private boolean finished;

    public StreamObjectWriter(ObjectId id) {
        this(id, PIECE_BYTES);
    }

    /**
     * Creates a writer of a segment.
     *
     * @param pieceBytes the size of a piece; pieces are reused if the sizes taken are multiples
     */
    public StreamObjectWriter(ObjectId id, int pieceBytes) {
        if (!id.hasBaseOffsets()) {
            throw new IllegalArgumentException(
                    id + " is not a segment: only those have absolute offsets");
        }
        if (pieceBytes < 1) {
            throw new IllegalArgumentException(id + " in pieces of " + pieceBytes + " bytes");
        }
        this.id = id;
        this.pieceBytes = pieceBytes;
        append(StreamObjectFormat.header(), 0, HEADER_BYTES);
    }

    /**
     * Appends a batch. Calls must be ordered by topic id, partition and offset; offsets may have
     * gaps.
     *
     * @param batch exactly one validated batch; may be modified afterwards
     * @return the position in bytes from the start of the object
     */
    public long add(long topicId, int partition, long baseOffset, Slice batch) {
        checkBatch(batch);
        int offsets = BatchHeader.offsetCount(batch.array(), batch.offset());
        addToRuns(topicId, partition, baseOffset, offsets, batch.length());
        long at = position;
        byte[] stamped = new byte[Long.BYTES];
        BatchHeader.setBaseOffset(stamped, 0, baseOffset);
        append(stamped, 0, Long.BYTES);
        append(batch.array(), batch.offset() + Long.BYTES, batch.length() - Long.BYTES);
        return at;
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

    private void addToRuns(
            long topicId, int partition, long baseOffset, int offsets, int sizeBytes) {
        Run last = runs.isEmpty() ? null : runs.getLast();
        boolean inLast = last != null && last.topicId() == topicId && last.partition() == partition;
        boolean ordered =
                inLast
                        ? baseOffset >= endOffset
                        : last == null
                                || last.topicId() < topicId
                                || (last.topicId() == topicId && last.partition() < partition);
        if (!ordered || baseOffset < 0) {
            throw new IllegalArgumentException(
                    "topic %d, partition %d, offset %d is not after the last batch in %s"
                            .formatted(topicId, partition, baseOffset, id));
        }
        Run before = new Run(topicId, partition, position, 0, 0, 0);
        if (inLast) {
            before = runs.removeLast();
        }
        runs.add(
                new Run(
                        topicId,
                        partition,
                        before.position(),
                        before.length() + sizeBytes,
                        before.batchCount() + 1,
                        before.offsetCount() + offsets));
        endOffset = baseOffset + offsets;
    }

    private void append(byte[] array, int offset, int length) {
        for (int done = 0; done < length; ) {
            if (used == piece.length) {
                makeReady();
                byte[] given = free.poll();
                piece = given == null ? new byte[pieceBytes] : given;
                from = 0;
                used = 0;
            }
            int part = Math.min(length - done, piece.length - used);
            System.arraycopy(array, offset + done, piece, used, part);
            used += part;
            done += part;
        }
        position += length;
        readyBytes += length;
    }

    private void makeReady() {
        if (used > from) {
            Slice full = new Slice(piece, from, used - from);
            pages.add(full);
            ready.add(full);
            queuedBytes += full.length();
            from = used;
        }
    }

    public long readyBytes() {
        return readyBytes;
    }

    /** Takes the next bytes, at most {@link #readyBytes}. */
    public ObjectBody take(int sizeBytes) {
        if (sizeBytes < 0 || sizeBytes > readyBytes) {
            throw new IllegalArgumentException(
                    "cannot take %d bytes of %s: %d bytes are ready"
                            .formatted(sizeBytes, id, readyBytes));
        }
        if (sizeBytes > queuedBytes) {
            makeReady();
        }
        List<Slice> taken = new ArrayList<>();
        for (int rest = sizeBytes; rest > 0; ) {
            Slice next = ready.remove();
            if (next.length() > rest) {
                ready.addFirst(next.part(rest, next.length() - rest));
                next = next.part(0, rest);
            }
            taken.add(next);
            rest -= next.length();
        }
        readyBytes -= sizeBytes;
        queuedBytes -= sizeBytes;
        return new TakenBody(List.copyOf(taken), sizeBytes);
    }

    /** Releases taken bytes for reuse. The body must not be read afterwards. */
    public void release(ObjectBody taken) {
        if (!(taken instanceof TakenBody(var slices, var sizeBytes))) {
            throw new IllegalArgumentException(id + " is not the source of these bytes");
        }
        for (Slice slice : slices) {
            // Whole pieces only, because two bodies may share a piece.
            if (slice.length() == pieceBytes) {
                free.add(slice.array());
            }
        }
    }

    private record TakenBody(List<Slice> slices, long sizeBytes) implements ObjectBody {

        @Override
        public List<ByteBuffer> pieces() {
            return slices.stream().map(Slice::buffer).toList();
        }
    }

    /**
     * Completes the object and makes its last bytes ready.
     *
     * @throws IllegalStateException if no batches were added
     */
    public ObjectRef finish() {
        if (finished || runs.isEmpty()) {
            throw new IllegalStateException(id + (finished ? " is finished" : " has no batches"));
        }
        makeReady();
        finished = true;
        StreamObjectTail tail = StreamObjectTail.of(id, position, pages.finish(), runs);
        ready.add(new Slice(tail.bytes(), 0, tail.bytes().length));
        readyBytes += tail.bytes().length;
        queuedBytes += tail.bytes().length;
        return tail.ref();
    }
}
