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
 * and the object's bytes come out at the other. Batches are copied, so that a small one does not
 * keep the whole array alive in which it was read, and get absolute base offsets.
 *
 * <p>Not thread-safe: one owner at a time. Its bound is the caller's, who takes bytes away whenever
 * {@link #readyBytes} are enough for a part, and gives it back when it is not needed any more;
 * besides, it keeps 4 bytes for each page, and about 100 for each run.
 */
public final class StreamObjectWriter {

    /**
     * Bytes usually come in pieces of so many. Just under 1 MiB: with its header, an array of 1 MiB
     * would take two of the heap's regions.
     */
    public static final int PIECE_BYTES = (1 << 20) - 64;

    private final ObjectId id;
    private final int pieceBytes;
    private final Deque<Slice> ready = new ArrayDeque<>();
    private final PageChecksums pages = new PageChecksums(0);

    /** By position. The last one grows with the batches that are added. */
    private final List<Run> runs = new ArrayList<>();

    /** Pieces that were given back. */
    private final Deque<byte[]> free = new ArrayDeque<>();

    private byte[] piece = new byte[0];

    /** What of the piece is neither ready nor free. */
    private int from;

    private int used;
    private long readyBytes;

    /** Of them, those that are not in the piece that is being filled. */
    private long wholeBytes;

    private long position;
    private long endOffset;
    private boolean finished;

    /**
     * @param id of a segment
     */
    public StreamObjectWriter(ObjectId id) {
        this(id, PIECE_BYTES);
    }

    /**
     * @param id of a segment
     * @param pieceBytes in which bytes come, and which are used again where what is taken is a
     *     multiple of it
     */
    public StreamObjectWriter(ObjectId id, int pieceBytes) {
        if (!id.hasOffsets()) {
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
     * Adds a batch, behind the one before in the order of topic id, partition and offset. Offsets
     * may be left out.
     *
     * @param baseOffset of its first record
     * @param batch exactly one checked batch; its array may be written again afterwards
     * @return where it lies, in bytes from the object's start
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
                    "topic %d, partition %d, offset %d does not lie behind what is in %s"
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
            wholeBytes += full.length();
            from = used;
        }
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
        if (sizeBytes > wholeBytes) {
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
        wholeBytes -= sizeBytes;
        return new Taken(List.copyOf(taken), sizeBytes);
    }

    /**
     * Gives bytes back that were taken, so that their memory is used again: whoever has them may
     * look at them no more.
     */
    public void release(ObjectBody taken) {
        if (!(taken instanceof Taken(var slices, var sizeBytes))) {
            throw new IllegalArgumentException(id + " did not give that");
        }
        for (Slice slice : slices) {
            // A piece that two bodies share is not free when one of them is.
            if (slice.length() == pieceBytes) {
                free.add(slice.array());
            }
        }
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
    public ObjectRef finish() {
        if (finished || runs.isEmpty()) {
            throw new IllegalStateException(id + (finished ? " is finished" : " has no batches"));
        }
        makeReady();
        finished = true;
        StreamObjectTail tail = StreamObjectTail.of(id, position, pages.finish(), runs);
        ready.add(new Slice(tail.bytes(), 0, tail.bytes().length));
        readyBytes += tail.bytes().length;
        wholeBytes += tail.bytes().length;
        return tail.ref();
    }
}
