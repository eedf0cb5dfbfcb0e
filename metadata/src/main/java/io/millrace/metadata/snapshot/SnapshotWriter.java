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

    private static final int CHUNK_BYTES = (1 << 20) - 16;

    private final ByteBuffer chunk =
            ByteBuffer.allocate(CHUNK_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final Consumer<ByteBuffer> sink;

    /**
     * @param sink the consumer of full chunks, which must not keep the buffer
     */
    public SnapshotWriter(Consumer<ByteBuffer> sink) {
        this.sink = sink;
    }

    private ByteBuffer room(int bytes) {
        if (chunk.remaining() < bytes) {
            flushChunk();
        }
        return chunk;
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
            chunk.put(values, done, fits);
            done += fits;
        }
    }

    public void putInts(int[] values, int count) {
        putInts(values, 0, count);
    }

    public void putInts(int[] values, int from, int count) {
        for (int done = 0; done < count; ) {
            int fits = Math.min(count - done, room(Integer.BYTES).remaining() / Integer.BYTES);
            chunk.asIntBuffer().put(values, from + done, fits);
            chunk.position(chunk.position() + fits * Integer.BYTES);
            done += fits;
        }
    }

    public void putLongs(long[] values, int count) {
        putLongs(values, 0, count);
    }

    public void putLongs(long[] values, int from, int count) {
        for (int done = 0; done < count; ) {
            int fits = Math.min(count - done, room(Long.BYTES).remaining() / Long.BYTES);
            chunk.asLongBuffer().put(values, from + done, fits);
            chunk.position(chunk.position() + fits * Long.BYTES);
            done += fits;
        }
    }

    /** Passes the last, partial chunk to the sink. */
    public void finish() {
        if (chunk.position() > 0) {
            flushChunk();
        }
    }

    private void flushChunk() {
        sink.accept(chunk.flip());
        chunk.clear();
    }
}
