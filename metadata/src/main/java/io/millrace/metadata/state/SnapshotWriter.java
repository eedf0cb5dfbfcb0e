package io.millrace.metadata.state;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A growing copy of the state in pieces of 1 MiB, at the speed of a memory copy: numbers little
 * endian, none cut in two by the end of a piece.
 */
final class SnapshotWriter {

    private static final int PIECE_BYTES = (1 << 20) - 16;

    private final List<ByteBuffer> full = new ArrayList<>();
    private ByteBuffer piece = newPiece();

    private static ByteBuffer newPiece() {
        return ByteBuffer.allocate(PIECE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    }

    private ByteBuffer room(int bytes) {
        if (piece.remaining() < bytes) {
            full.add(piece.flip());
            piece = newPiece();
        }
        return piece;
    }

    void putInt(int value) {
        room(Integer.BYTES).putInt(value);
    }

    void putLong(long value) {
        room(Long.BYTES).putLong(value);
    }

    void putString(String value) {
        putBytes(value.getBytes(StandardCharsets.UTF_8));
    }

    void putBytes(byte[] bytes) {
        putInt(bytes.length);
        putBytes(bytes, bytes.length);
    }

    void putBytes(byte[] values, int count) {
        for (int done = 0; done < count; ) {
            int fits = Math.min(count - done, room(1).remaining());
            piece.put(values, done, fits);
            done += fits;
        }
    }

    void putInts(int[] values, int count) {
        for (int done = 0; done < count; ) {
            int fits = Math.min(count - done, room(Integer.BYTES).remaining() / Integer.BYTES);
            piece.asIntBuffer().put(values, done, fits);
            piece.position(piece.position() + fits * Integer.BYTES);
            done += fits;
        }
    }

    void putLongs(long[] values, int count) {
        for (int done = 0; done < count; ) {
            int fits = Math.min(count - done, room(Long.BYTES).remaining() / Long.BYTES);
            piece.asLongBuffer().put(values, done, fits);
            piece.position(piece.position() + fits * Long.BYTES);
            done += fits;
        }
    }

    /** What was written. The writer must not be used afterwards. */
    List<ByteBuffer> pieces() {
        full.add(piece.flip());
        return full;
    }
}
