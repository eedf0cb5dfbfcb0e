package io.millrace.benchmarks;

import io.millrace.protocol.batch.BatchHeader;
import io.millrace.storage.object.ByteRange;
import io.millrace.storage.stream.ObjectId;
import io.millrace.storage.stream.ObjectRef;
import io.millrace.storage.stream.StreamObjectIndex;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * The offsets of a segment of equal batches. Compares written batches with the batch, page
 * checksums with the index, and both with the trailer. Not thread-safe.
 */
final class SyntheticSegment {

    private static final int HEADER_BYTES = 16;
    private static final int PAGE_BYTES = 64 << 10;

    /** The leading bytes that distinguish a batch from an index: base offset and length. */
    private static final int IDENTIFYING_BYTES = 12;

    private static final int LENGTH_AT = 8;

    private record OffsetRange(int number, long baseOffset) {}

    private final byte[] batch;
    private final int records;
    private final List<OffsetRange> stretches = new ArrayList<>();
    private List<Integer> pages = new ArrayList<>();
    private final CRC32C page = new CRC32C();
    private final byte[] front = new byte[HEADER_BYTES];
    private ByteArrayOutputStream tail = new ByteArrayOutputStream();
    private int frontBytes;
    private int inBatch = -1;
    private boolean isTail;
    private long position;
    private int batches;

    /**
     * @param batch the batch of the segment; must not change
     */
    SyntheticSegment(byte[] batch) {
        this.batch = batch;
        this.records = BatchHeader.offsetCount(batch, 0);
    }

    long batchBytes() {
        return (long) batches * batch.length;
    }

    void write(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            if (isTail) {
                drain(bytes);
            } else if (inBatch >= 0) {
                compare(bytes);
            } else {
                checkFront(bytes);
            }
        }
    }

    private void drain(ByteBuffer bytes) {
        byte[] rest = new byte[bytes.remaining()];
        bytes.get(rest);
        tail.writeBytes(rest);
    }

    /** Handles the header, or the first bytes of a batch or of the index. */
    private void checkFront(ByteBuffer bytes) {
        int wanted = position == 0 ? HEADER_BYTES : IDENTIFYING_BYTES;
        int taken = Math.min(wanted - frontBytes, bytes.remaining());
        bytes.get(front, frontBytes, taken);
        frontBytes += taken;
        if (frontBytes < wanted) {
            return;
        }
        frontBytes = 0;
        boolean isBatch =
                position > 0
                        && ByteBuffer.wrap(front).getInt(LENGTH_AT)
                                == batch.length - IDENTIFYING_BYTES;
        if (isBatch) {
            note(ByteBuffer.wrap(front).getLong(0));
            inBatch = IDENTIFYING_BYTES;
        } else if (position > 0) {
            isTail = true;
            tail.write(front, 0, wanted);
            return;
        }
        addToChecksums(ByteBuffer.wrap(front, 0, wanted));
    }

    private void note(long baseOffset) {
        OffsetRange last = stretches.isEmpty() ? null : stretches.getLast();
        if (last == null
                || last.baseOffset + (long) (batches - last.number) * records != baseOffset) {
            stretches.add(new OffsetRange(batches, baseOffset));
        }
        batches++;
    }

    private void compare(ByteBuffer bytes) {
        int length = Math.min(batch.length - inBatch, bytes.remaining());
        ByteBuffer part = bytes.slice(bytes.position(), length);
        if (!part.equals(ByteBuffer.wrap(batch, inBatch, length))) {
            throw new IllegalStateException("batch " + batches + " is damaged");
        }
        addToChecksums(part);
        bytes.position(bytes.position() + length);
        inBatch = inBatch + length == batch.length ? -1 : inBatch + length;
    }

    private void addToChecksums(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            int left = PAGE_BYTES - (int) (position % PAGE_BYTES);
            ByteBuffer part = bytes.slice(bytes.position(), Math.min(left, bytes.remaining()));
            bytes.position(bytes.position() + part.remaining());
            position += part.remaining();
            page.update(part);
            if (position % PAGE_BYTES == 0) {
                endPage();
            }
        }
    }

    private void endPage() {
        pages.add((int) page.getValue());
        page.reset();
    }

    void end(ObjectId id) {
        if (position % PAGE_BYTES > 0) {
            endPage();
        }
        ObjectRef ref = new ObjectRef(id, position, position + tail.size());
        int[] expected =
                StreamObjectIndex.parse(ref, tail.toByteArray()).pageCrcs(0, (int) position);
        if (!pages.equals(Arrays.stream(expected).boxed().toList())) {
            throw new IllegalStateException(id + ": wrong page checksums");
        }
        pages = List.of();
        tail = new ByteArrayOutputStream(0);
    }

    byte[] read(ByteRange range) {
        byte[] bytes = batches(batch, range);
        long first = (range.start() - HEADER_BYTES) / batch.length;
        for (long number = first; ; number++) {
            int at = (int) (HEADER_BYTES + number * batch.length - range.start());
            if (at >= bytes.length) {
                return bytes;
            }
            byte[] base = ByteBuffer.allocate(Long.BYTES).putLong(baseOffset(number)).array();
            for (int i = Math.max(0, -at); i < Long.BYTES && at + i < bytes.length; i++) {
                bytes[at + i] = base[i];
            }
        }
    }

    private long baseOffset(long number) {
        int low = 0;
        for (int high = stretches.size(); high - low > 1; ) {
            int middle = (low + high) / 2;
            if (stretches.get(middle).number <= number) {
                low = middle;
            } else {
                high = middle;
            }
        }
        OffsetRange stretch = stretches.get(low);
        return stretch.baseOffset + (number - stretch.number) * records;
    }

    static byte[] batches(byte[] batch, ByteRange range) {
        byte[] bytes = new byte[range.length()];
        int at = (int) ((range.start() - HEADER_BYTES) % batch.length);
        for (int done = 0; done < bytes.length; ) {
            int length = Math.min(batch.length - at, bytes.length - done);
            System.arraycopy(batch, at, bytes, done, length);
            done += length;
            at = 0;
        }
        return bytes;
    }
}
