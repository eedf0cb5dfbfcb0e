package io.millrace.protocol.batch;

import com.google.protobuf.ByteOutput;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Access to the backing array of a {@link ByteString} without a copy. */
public final class BackingArray extends ByteOutput {

    private @Nullable ByteBuffer piece;
    private int pieces;

    private BackingArray() {}

    /**
     * Returns a buffer over the backing array, with position 0; empty if the bytes are not
     * contiguous or have no array. The caller must not write to the buffer.
     */
    public static Optional<ByteBuffer> of(ByteString bytes) {
        BackingArray output = new BackingArray();
        try {
            UnsafeByteOperations.unsafeWriteTo(bytes, output);
        } catch (IOException impossible) {
            throw new UncheckedIOException("Writing to memory failed", impossible);
        }
        ByteBuffer found = output.piece;
        return output.pieces == 1 && found != null && found.limit() == bytes.size()
                ? Optional.of(found)
                : Optional.empty();
    }

    @Override
    public void writeLazy(byte[] value, int offset, int length) {
        pieces++;
        piece = ByteBuffer.wrap(value, offset, length).slice();
    }

    @Override
    public void write(byte value) {
        pieces += 2;
    }

    @Override
    public void write(byte[] value, int offset, int length) {
        writeLazy(value, offset, length);
    }

    @Override
    public void write(ByteBuffer value) {
        pieces += 2;
    }

    @Override
    public void writeLazy(ByteBuffer value) {
        pieces += 2;
    }
}
