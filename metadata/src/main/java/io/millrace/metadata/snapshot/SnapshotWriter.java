package io.millrace.metadata.snapshot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * A writer of the state in chunks of 1 MiB. Numbers are little endian and never span two chunks.
 * Holds one chunk at a time.
 */
public final class SnapshotWriter {

    private static final int PIECE_BYTES = (1 << 20) - 16;

    private final ByteBuffer piece =
            ByteBuffer.allocate(PIECE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final Consumer<ByteBuffer> sink;

    /**
     * @param sink the consumer of a full chunk's content, which must not keep the buffer
     */
    public SnapshotWriter(Consumer<ByteBuffer> sink) {
        this.sink = sink;
    }

    private ByteBuffer room(int bytes) {
        if (piece.remaining() < bytes) {
            handOn();
        }
        return piece;
    }

    public void putInt(int value) {
        room(Integer.BYTES).putInt(value);
    }

    public void putLong(long value) {
        room(Long.BYTES).putLong(value);
    }

    public void putString(String value) {
        putBytes(value.getBytes(StandardCharsets.UTF_8));
    }

    public void putBytes(byte[] bytes) {
        putInt(bytes.length);
        putBytes(bytes, bytes.length);
    }

    public void putBytes(byte[] values, int count) {
        for (int done = 0; done < count; ) {
            int fits = Math.min(count - done, room(1).remaining());
            piece.put(values, done, fits);
            done += fits;
        }
    }

    public void putInts(int[] values, int count) {
        putInts(values, 0, count);
    }

    public void putInts(int[] values, int from, int count) {
        for (int done = 0; done < count; ) {
            int fits = Math.min(count - done, room(Integer.BYTES).remaining() / Integer.BYTES);
            piece.asIntBuffer().put(values, from + done, fits);
            piece.position(piece.position() + fits * Integer.BYTES);
            done += fits;
        }
    }

    public void putLongs(long[] values, int count) {
        putLongs(values, 0, count);
    }

    public void putLongs(long[] values, int from, int count) {
        for (int done = 0; done < count; ) {
            int fits = Math.min(count - done, room(Long.BYTES).remaining() / Long.BYTES);
            piece.asLongBuffer().put(values, from + done, fits);
            piece.position(piece.position() + fits * Long.BYTES);
            done += fits;
        }
    }

    /** Passes the last, partial chunk to the sink. */
    public void finish() {
        if (piece.position() > 0) {
            handOn();
        }
    }

    private void handOn() {
        sink.accept(piece.flip());
        piece.clear();
    }
}
